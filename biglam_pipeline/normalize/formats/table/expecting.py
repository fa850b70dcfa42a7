"""How many records should a file of a table give? By its bytes and by what the entry says of how it is written."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from biglam_pipeline.normalize.formats.table.counting import Unsure, Written, blocks_of, count_lines, count_records
from biglam_pipeline.normalize.formats.table.dialect import SEP, Wanted, find_dialect
from biglam_pipeline.normalize.formats.table.leftover import Known
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.json.texts import Text
from biglam_pipeline.records import Item

_HEAD = 1 << 16


def expected_lines(item: Item, encoding: str | None) -> int | None:
    """The same of JSON Lines."""
    try:
        return count_lines(_blocks(item, encoding))
    except Unsure:
        return None


def expected_rows(item: Item, wanted: Wanted) -> int | None:
    """Rows and rejects. None where quotes stand in the midst of cells, and where cells or comments are marked by more
    than ASCII.
    """
    marks = (wanted.quote or "", wanted.delimiter or "", wanted.escape or "", *wanted.comment)
    if not "".join(marks).isascii():
        return None
    way = _written(item, wanted)
    count = _count(item, wanted, way)
    return _asked(item, wanted, way) if count is None and not Known.of(item).begins else count


def _asked(item: Item, wanted: Wanted, way: Written) -> int | None:
    """Only a file as a whole says what divides its cells, and whether quotes are letters: that is dear to ask."""
    dialect = find_dialect(partial(open_plain, item), wanted, item.name, charset_of(item.media_type))
    quote = (dialect.quote or "").encode()
    return _count(item, wanted, replace(way, quote=quote, delimiter=dialect.delimiter.encode()))


def _count(item: Item, wanted: Wanted, way: Written) -> int | None:
    try:
        return count_records(_blocks(item, wanted.encoding), way)
    except Unsure:
        return None


def _written(item: Item, wanted: Wanted) -> Written:
    known = Known.of(item)
    head = next(iter(_blocks(item, wanted.encoding)), b"")[:_HEAD].removeprefix(codecs.BOM_UTF8)
    names = known.names if known.is_later else wanted.header
    quote = "" if wanted.quote == "none" else (wanted.quote or '"')
    return Written(
        quote=((known.quote or "") if known.begins else quote).encode(),
        delimiter=known.delimiter.encode() if known.begins else b"",
        escape=(wanted.escape or "").encode(),
        comment=tuple(one.encode() for one in wanted.comment),
        skip=0 if known.is_later else known.skip or wanted.skip or int(SEP.match(head.decode("latin-1")) is not None),
        header=not names,
        blanks=wanted.delimiter == " " or (len(names) > 1 if names else _is_divided(head, wanted)),
    )


def _is_divided(head: bytes, wanted: Wanted) -> bool:
    """Whether there are several columns, by the first line behind those that are skipped."""
    lines = head.splitlines()[wanted.skip :] or [b""]
    return any(
        one in lines[0] for one in ((wanted.delimiter.encode(),) if wanted.delimiter else (b",", b";", b"\t", b"|"))
    )


def _blocks(item: Item, encoding: str | None) -> Iterable[bytes]:
    """As they are where a byte of ASCII is that character, else as UTF-8."""
    with open_plain(item) as stream:
        wide = b"\0" in stream.read(_HEAD)
    return Text.of(partial(open_plain, item), item.media_type, encoding).blocks() if wide or encoding else _plain(item)


def _plain(item: Item) -> Iterator[bytes]:
    with open_plain(item) as stream:
        yield from blocks_of(stream)
