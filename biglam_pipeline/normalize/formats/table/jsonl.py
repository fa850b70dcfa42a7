"""How are JSON Lines read? Line by line; what would be read differently by another program is refused."""

import codecs
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import orjson

from biglam_pipeline.normalize.formats.table.cells import Row, RowBlock
from biglam_pipeline.normalize.formats.table.dialect import Open
from biglam_pipeline.normalize.formats.table.emptying import empty_lines
from biglam_pipeline.normalize.formats.table.leftover import Known
from biglam_pipeline.normalize.formats.table.lines import MAX_CELL_BYTES, LineCount
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import Found, find_encoding, mend, open_text
from biglam_pipeline.parsing.json.strict import AS_WRITTEN, KEY, cell_of, count_keys, read_strictly
from biglam_pipeline.records import Item, Reject

BLOCK_BYTES = 1 << 20
"""Of lines that are taken at once."""

Line = tuple[bytes | None, tuple[str, ...]]
"""What a line holds, None where it is too long; and what was mended of it."""


class JsonLines:
    """The objects of one file, streamed. After them, `count` says where every line has gone."""

    def __init__(self, item: Item, open_item: Open, encoding: str | None) -> None:
        """encoding: what the entry says; RFC 8259 wants UTF-8, and what is not is read as a table's text is."""
        self._item, self._open = item, open_item
        self.found = _find(item, open_item, encoding)
        self.names: set[str] = set()
        """Every key that was seen, so that one which never comes can be reported."""
        self.count = LineCount()
        known = Known.of(item)
        self._begins = known.begins or 1
        self.noted: tuple[str, ...] = (self.found.problem,) if self.found.problem and not known.is_later else ()

    def known(self, gone: Mapping[int, str]) -> Known:
        """What is noted of the file as it came when these rows go: what the entry says itself is not."""
        return Known(None if self.found.how == "declared" else self.found, gone=gone)

    def rows(self, *, many: bool = False) -> Iterator[Row | Reject | RowBlock]:
        """What would be read differently by another program is a Reject. many: whether rows are given together."""
        lines = _lines(self._open) if self.found.is_clean else _mended(self._open, self.found)
        number = self._begins
        for taken in _together(lines, BLOCK_BYTES if many and self._item.whole else 0):
            block = self._block(number, taken) if len(taken) > 1 else None
            if block is not None:
                yield block
            else:
                yield from self._one_by_one(number, taken)
            number += len(taken)

    def _one_by_one(self, first: int, taken: Sequence[Line]) -> Iterator[Row | Reject]:
        for number, (line, problems) in enumerate(taken, first):
            if not self._item.whole and line is not None and not line.endswith(b"\n"):
                return  # what is cut off is no fault of the file
            row = self._row(number, line, problems)
            if row is None:
                self.count.blank += 1
                continue
            if isinstance(row, Row):
                self.count.rows += 1
                self.names.update(row.cells)
            else:
                self.count.rejected += 1
            yield row

    def _block(self, first: int, taken: Sequence[Line]) -> RowBlock | None:
        """The rows of all these lines; None where one of them may be none, or has to be looked at more closely."""
        if any(problems or not line for line, problems in taken):
            return None
        records = _read_lines([line or b"" for line, _ in taken])
        if records is None:
            return None
        names = dict.fromkeys(chain.from_iterable(records))
        self.count.rows += len(records)
        self.names.update(names)
        return RowBlock(
            {name: _cells([record.get(name) for record in records]) for name in names},
            range(first, first + len(taken)),
            lambda at: {name: cell_of(value) for name, value in records[at].items()},
        )

    def _row(self, number: int, line: bytes | None, problems: tuple[str, ...]) -> Row | Reject | None:
        position = f"line {number}"
        if line is None:
            return Reject("json_line", f"it is longer than {MAX_CELL_BYTES} bytes", self._item.name, position)
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not line.strip():
            return None
        try:
            record = _read_line(line)
        except (ValueError, RecursionError) as error:
            return Reject("json_line", f"it is not a JSON object: {error}", self._item.name, position)
        return Row({name: cell_of(value) for name, value in record.items()}, number, 1, problems)


def _find(item: Item, open_item: Open, encoding: str | None) -> Found:
    known = Known.of(item)
    if known.found and (encoding is None or known.begins):
        return known.found
    with open_item() as stream:
        return find_encoding(stream, declared=encoding, server_charset=charset_of(item.media_type))


def _together(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """Lines of so many bytes at a time, and the rest."""
    taken: list[Line] = []
    held = 0
    for one in lines:
        taken.append(one)
        held += len(one[0] or b"")
        if held >= size:
            yield taken
            taken, held = [], 0
    if taken:
        yield taken


def _lines(open_item: Open) -> Iterator[Line]:
    """The lines of UTF-8 as they are; None for one that is too long, which is refused while it is read."""
    with open_item() as stream:
        while line := stream.readline(MAX_CELL_BYTES + 1):
            if len(line) > MAX_CELL_BYTES:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(1 << 20)
                yield None, ()
                continue
            yield line, ()


def _mended(open_item: Open, found: Found) -> Iterator[Line]:
    """The same of another encoding, turned into UTF-8; bytes that are not in it are read as Windows-1252, and noted."""
    with open_text(open_item(), found, newline="\n") as text:
        while line := text.readline(MAX_CELL_BYTES + 1):
            if len(line) > MAX_CELL_BYTES:
                while line and not line.endswith("\n"):
                    line = text.readline(1 << 20)
                yield None, ()
                continue
            mended = mend(line)
            noted = () if mended == line else ("encoding: bytes that are not in it, read as Windows-1252",)
            yield mended.encode("utf-8", "surrogatepass"), noted


def blank_lines(item: Item, open_item: Open, encoding: str | None, lines: Collection[int]) -> Iterator[bytes]:
    """The file's bytes with these lines empty, as `Row.line` says; the others keep their number."""
    before = (Known.of(item).begins or 1) - 1
    found = _find(item, open_item, encoding)
    return empty_lines(open_item, found, {line - before for line in lines}, newline="\n")


def _read_line(line: bytes) -> dict[str, Any]:
    """The object. ValueError for anything else, for a key named twice, and for NaN."""
    record = read_strictly(line, str)
    if not isinstance(record, dict):
        raise ValueError("the line holds no object")
    return record


def _read_lines(lines: Sequence[bytes]) -> list[dict[str, Any]] | None:
    """The same of many lines; None where `_read_line` has to say of one of them what it is, or what is wrong with it.

    Each key is followed by a colon, so that no line has fewer of those than keys, and the sums agree where all do.
    """
    together = b"".join(lines)
    if AS_WRITTEN.search(together) or together.startswith(codecs.BOM_UTF8):
        return None
    try:
        records = [orjson.loads(line) for line in lines]
        good = all(type(one) is dict for one in records) and len(KEY.findall(together)) == sum(map(count_keys, records))
    except (ValueError, RecursionError):
        return None
    return records if good else None


def _cells(values: list[Any]) -> list[Any]:
    return values if {str, type(None)}.issuperset(map(type, values)) else [*map(cell_of, values)]


def as_written(cell: dict[str, Any] | list[Any]) -> str:
    """A list or an object as one text, by which rows are told apart."""
    if isinstance(cell, list) and not any(isinstance(one, dict | list) for one in cell):
        return str(cell)
    return orjson.dumps(cell).decode()
