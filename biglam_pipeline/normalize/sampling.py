"""A first look at a source: the rows that its entry would make of what is harvested, without shelving anything."""

import codecs
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from itertools import islice
from typing import Any

from biglam_pipeline.columns import IMAGE_FEATURE
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.claims import bundles_for
from biglam_pipeline.normalize.cut import Cut
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.mapping.lookups import joining
from biglam_pipeline.normalize.mapping.verb import as_text
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import BundleRef
from biglam_pipeline.normalize.unread import Unread, report_unread
from biglam_pipeline.parsing.inflate import Unreadable, open_plain
from biglam_pipeline.records import Bundle, Item, Read, Record, Reject, Unmapped
from biglam_pipeline.store.problems import Problems
from biglam_pipeline.store.raw import Harvest, RawShelf

_LOOKED_AT = 4 * 2**20
_MORE = 1000
"""So many records that are not shown are read, to come to the end of a bundle."""
_PLAIN = {"column", "JMESPath"}
"""Path languages of records that are what they hold."""
_EXAMPLES = 20
"""Records of which a first value of each field is looked for."""
_LOOKED_AT_A_ROW = 16 * 1024
"""Bytes of a table."""


@dataclass(slots=True)
class Sample:
    """Some rows of one READ, and what went wrong while they were read."""

    section: str = ""
    """That of the rows."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    unmapped: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0
    """Records that `unmapped` is of."""
    examples: dict[str, str] = field(default_factory=dict)
    """Field of tables and JSON, whose records hide nothing from readers -> its first value."""
    unread: str = ""
    """What came and is not read, in words."""
    shortened: dict[str, int] = field(default_factory=dict)
    """Files of which only the beginning was looked at, and how many bytes that was."""
    others: list["Sample"] = field(default_factory=list)
    """What the further READs of the source give."""

    @property
    def each(self) -> list["Sample"]:
        """This one and the others."""
        return [self, *self.others]


def sample_harvest(readings: Sequence[Reading], raw: RawShelf, harvest: Harvest, rows: int) -> Sample:
    """Reads bundle by bundle until there are enough rows; of a large table the beginning, which is named.

    readings: one for each READ of the source, of each of which so many rows are looked at.
    """
    files, samples = files_of(raw, raw.objects(harvest.number)), list[Sample]()
    read: list[Sequence[BundleRef]] = []
    for reading in readings:
        with joining(reading, raw, files) as (joined, lookups):
            bundle_refs = bundles_for(reading, raw, files)
            read += [bundle_refs, *([lookups.bundle_refs] if lookups else [])]
            samples.append(_sample(joined, raw, bundle_refs, rows))
    first, *others = samples
    if unread := Unread.of(files, read).by_extension:
        first.unread = report_unread([reading.reader for reading in readings], len(files), unread)
    first.others = others
    return first


def _sample(reading: Reading, raw: RawShelf, bundle_refs: Sequence[BundleRef], rows: int) -> Sample:
    found = Sample(reading.section)
    for bundle_ref in bundle_refs:
        for bundle in open_slice(raw, [bundle_ref]):
            shown = _beginning(bundle, found, rows) if _begins(reading, bundle) else bundle
            found.examples = found.examples or _examples(reading, shown)
            coming = iter(reading.read(shown))
            for one in coming:
                _take(reading, one, found, shown)
                if len(found.rows) >= rows:
                    _judge(reading, shown, found, coming)
                    return found
    return found


def _examples(reading: Reading, bundle: Bundle) -> dict[str, str]:
    """The first value of each field in the first few records."""
    examples: dict[str, str] = {}
    if reading.reader.path_language.name not in _PLAIN:
        return examples
    try:
        cuts = (one for item in bundle.items[:1] for one in reading.reader.cut(item) if isinstance(one, Cut))
        for cut in islice(cuts, _EXAMPLES):
            cells = cut.record if isinstance(cut.record, Mapping) else {}
            for name, value in cells.items():
                if name not in examples and isinstance(value, str | int | float) and (text := as_text(value).strip()):
                    examples[name] = text
    except (Unreadable, SourceChanged):  # who reads the rows says so
        pass
    return examples


def _begins(reading: Reading, bundle: Bundle) -> bool:
    mine = (item for item in bundle.items if item.name == bundle.name)
    return reading.reader.reads_beginnings and all(map(reading.reader.may_begin, mine))


def _beginning(bundle: Bundle, found: Sample, rows: int) -> Bundle:
    """The bundle with no more of its table than a preview has time for: what is found out of a file is, of that."""
    limit = max(_LOOKED_AT, rows * _LOOKED_AT_A_ROW)
    items = []
    for item in bundle.items:
        if item.name == bundle.name:
            item = beginning(item, limit)
            if not item.whole:
                found.shortened[item.name] = item.size
        items.append(item)
    return replace(bundle, items=tuple(items))


def beginning(item: Item, limit: int) -> Item:
    """The first lines of a file, `limit` bytes at most of what it unpacks to; the file itself where it has no more."""
    with open_plain(item) as stream:
        data, more = stream.read(limit), bool(stream.read(1))
    if not more:
        return item
    data = _to_line_end(data)
    return replace(item, open=partial(BytesIO, data), size=len(data), whole=False)


def _to_line_end(data: bytes) -> bytes:
    """Cut behind a line, or between two characters of UTF-16 and UTF-32, whose line ends have zeros in them."""
    wide = b"\0" in data[:4] or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    end = 0 if wide else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    return data[: end or len(data) - len(data) % 4]


def _judge(reading: Reading, bundle: Bundle, found: Sample, coming: Iterator[Read]) -> None:
    """What is known only at the end of a bundle, though enough rows came before: what else it has, its guesses.

    Of a table, all of what is looked at; of others, for as long as that is soon. SourceChanged where a key that is
    mapped never came.
    """
    if _begins(reading, bundle):
        tables = tuple(item for item in bundle.items if item.name == bundle.name)  # without the pictures of its rows
        coming = iter(reading.read(replace(bundle, items=tables)))
    else:
        coming = islice(coming, _MORE)
    for one in coming:
        if isinstance(one, Unmapped):
            _take(reading, one, found, bundle)


def _take(reading: Reading, one: object, found: Sample, bundle: Bundle) -> None:
    if isinstance(one, Record):
        fetched = next((item.retrieved_at.date() for item in bundle.items if item.name == one.item), None)
        row, problems = reading.rows.row(one, fetched)
        found.rows.append(_without_bytes(row))
        found.problems.update([*one.problems, *problems])
    elif isinstance(one, Reject):
        found.rejects.append(one)
    elif isinstance(one, Unmapped):
        found.unmapped.update(one.filled)
        found.looked_at += one.rows
        found.problems.update(one.problems)


def _without_bytes(row: dict[str, Any]) -> dict[str, Any]:
    """A row to look at: of a picture its name and how many bytes it has."""
    picture = row.get(IMAGE_FEATURE)
    if picture is None:
        return row
    return {**row, IMAGE_FEATURE: {"path": picture["path"], "bytes": len(picture["bytes"])}}
