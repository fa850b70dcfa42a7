"""How does a block of a table become rows? Column by column; what is not known here goes row by row, as ever.

Rows made one by one (`walking`, `rows`, `measuring`) say what is right: a block gives the same rows, digests, counts
and places, byte for byte. What it takes for that is known before a file is read: no joins, no pictures, no value that
reads another column or the number of the line.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import itemgetter
from typing import Any

import pyarrow as pa

from biglam_pipeline.collecting import held_off
from biglam_pipeline.columns import PARTS, schema_of
from biglam_pipeline.normalize.columnar.distinct import as_json, frozen
from biglam_pipeline.normalize.columnar.filling import (
    BY_NAMES,
    KEY,
    NOTES,
    STATEMENT,
    TIER,
    TIERS,
    Filling,
    judged,
    values_of,
)
from biglam_pipeline.normalize.columnar.texts import TextColumn
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.reader import Counts
from biglam_pipeline.normalize.rows.dating import contradiction
from biglam_pipeline.normalize.rows.measuring import Reading, short_copy
from biglam_pipeline.normalize.walking import nameless
from biglam_pipeline.place import Place, printed
from biglam_pipeline.records import Block, Bundle, Item, Read, Reject, Unmapped
from biglam_pipeline.store.normalized import TRACE

LEAST_BYTES = 1 << 16
"""Of a file that is worth it."""
_LINE = "line"
_TEXTS = {str, type(None)}
_LAST = 1 << 20
"""The place of what is said when all columns are filled."""
_SHRINK = frozenset({"first", "list", "strip", "lower", "html_text"})
"""Steps after which a text is no longer than before, or not by much: no cell makes a row too large to be one."""


@dataclass(slots=True)
class Laid:
    """The rows of a block, and what is counted of them."""

    found: int
    """Rows and rejects: so far `seq` goes."""
    unmapped: Unmapped
    rejects: list[Reject] = field(default_factory=list)
    rows: dict[str, pa.Array] = field(default_factory=dict)
    index: dict[str, Sequence[Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class ByColumns:
    """Reads the bundles of one source."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._plans: dict[str, _Plan] = {}

    def read(self, bundle: Bundle, account: Counts | None = None) -> Iterator[Read]:
        """As `Reading.read`, with a Block where `lay` knows what becomes of it."""
        self._plans = {item.name: _Plan(self._reading, item) for item in bundle.items} if self._may(bundle) else {}
        if not all(plan.is_known for plan in self._plans.values()):
            self._plans = {}
        with held_off() if self._plans else nullcontext():  # no cycle is made, and all that is remembered was looked at
            yield from self._reading.read(bundle, blocks=bool(self._plans), account=account)
            self._plans = {}  # with all that they remember

    def lay(self, block: Block, harvest: int, seq: int) -> Laid:
        """The rows. harvest: the visit that brought them; seq: of the last that was found before them."""
        return self._plans[block.item.name].lay(block, harvest, seq)

    def _may(self, bundle: Bundle) -> bool:
        reader = self._reading.reader
        simple = (
            reader.has_blocks
            and not self._reading.marks
            and not reader.joins
            and not reader.picture
            and not reader.row_for_each
        )
        if not simple or reader.chosen_modality == "image" or _grows(reader.map.values.get("text")):
            return False
        return all(self._is_plain(item) for item in bundle.items)

    def _is_plain(self, item: Item) -> bool:
        if item.size < LEAST_BYTES or not item.whole or not _is_as_it_came(item):
            return False
        facts = self._reading.reader.facts(item)
        references = [path.reference for value in values_of(self._reading) for path in value.paths() if path.reference]
        return all(not one.column and one.name in facts for one in references)


def _is_as_it_came(item: Item) -> bool:
    """Also a stretch of a large file, as long as nothing was taken down from the file."""
    return item.known is None or ("begins" in item.known and not item.known.get("gone"))


def _grows(value: Value | None) -> bool:
    paths = [*value.paths()] if value else []
    return len(paths) > 3 or any(step.name not in _SHRINK for path in paths for step in path.steps)


class _Plan:
    """What becomes of the blocks of one file."""

    def __init__(self, reading: Reading, item: Item) -> None:
        filling = Filling(reading, item)
        self._reading, self._item, self._filling = reading, item, filling
        self._bare = judged(filling.bare)
        self._columns, self._by_names = [*filling.columns()], filling.rights_by_names()
        self.is_known = not filling.bare.problems or any(BY_NAMES in one.gives for one in self._columns)
        """False where each record is without rights, and that would have to be said of each."""
        self._id, self._config, self._chosen = filling.identifier(), filling.config(), filling.chosen()
        inside = (path for value in values_of(reading) for path in value.paths() if path.reference is None)
        self._read = {path.path for path in inside}
        self._schema = schema_of(reading.columns)
        given = {"id", "source_record_id", *(name for one in self._columns for name in one.gives)}
        self._constants = {name: as_json(self._bare[name]) for name in self._schema.names if name not in given}

    def lay(self, block: Block, harvest: int, seq: int) -> Laid:
        """See `ByColumns.lay`."""
        rows = len(block.lines)
        cells = {name: self._as_read(block, name) for name in self._read}
        counts = {name: _count(one) for name, one in block.columns.items() if name not in self._read}
        chosen: Sequence[int] = range(rows)
        if self._chosen is not None:
            holds = [one[0] for one in self._chosen.of(cells, rows)]
            chosen, cells = [*compress(chosen, holds)], _compressed(cells, holds)
        names = self._named(block, cells, chosen)
        laid = Laid(
            len(chosen), Unmapped(rows, {name: some for name, some in counts.items() if some}, rows - len(chosen))
        )
        seqs: Sequence[int] = range(seq + 1, seq + 1 + len(chosen))
        there = [one[0] is not None for one in names]
        if not all(there):
            laid.rejects = [nameless(self._item.name, _place(block.lines[at])) for at in _without(chosen, there)]
            cells, names = _compressed(cells, there), [*compress(names, there)]
            chosen, seqs = [*compress(chosen, there)], [*compress(seqs, there)]
        if names:
            self._fill(laid, block, cells, names, chosen)
            self._trace(laid, harvest, seqs, [block.lines[at] for at in chosen])
        return laid

    def _as_read(self, block: Block, name: str) -> Sequence[Any]:
        """A column's cells as paths read them, as something that can be looked up."""
        cells: Sequence[Any] = block.columns.get(name) or [None] * len(block.lines)
        if isinstance(cells, TextColumn):
            cells = cells.texts
        if block.cleaned is not None:
            cells = [*map(block.cleaned, cells)]
        return cells if _TEXTS.issuperset(map(type, cells)) else [*map(frozen, cells)]

    def _named(self, block: Block, cells: Mapping[str, Sequence[Any]], chosen: Sequence[int]) -> list[tuple[Any, ...]]:
        """Of each record that is chosen its id, with its JSON and what is said of it."""
        if self._id is not None:
            return self._id.of(cells, len(chosen))
        made = (self._filling.named(block.named(at)) for at in chosen)
        return [(one.values["id"], as_json(one.values["id"]), tuple(one.said)) for one in made]

    def _fill(
        self,
        laid: Laid,
        block: Block,
        cells: Mapping[str, Sequence[Any]],
        names: Sequence[tuple[Any, ...]],
        chosen: Sequence[int],
    ) -> None:
        """Rows and index, without what says where they are from."""
        rows = len(names)
        ids, written_ids, said_of_ids = zip(*names, strict=True)
        own_ids = [name[len(self._reading.source) + 1 :] for name in ids]
        values: dict[str, Sequence[Any]] = {"id": ids, "source_record_id": own_ids}
        written: dict[str, Sequence[bytes]] = {"id": written_ids, "source_record_id": [*map(as_json, own_ids)]}
        said: list[Sequence[Any]] = [said_of_ids]
        for column in self._columns:
            parts, several = column.parts(cells, rows), len(column.gives)
            if BY_NAMES in column.gives and any(parts[column.gives.index(BY_NAMES)]):
                parts = self._judged_by_names(column.of(cells, rows), column.gives.index(BY_NAMES), cells)
            values.update(zip(column.gives, parts, strict=False))
            written.update(zip(column.gives, parts[several:-1], strict=True))
            said.append(parts[-1])
        said.append(self._contradictions(values, rows))
        laid.problems = _in_order(said, [block.problems[at] for at in chosen] if block.problems else ())
        laid.rows = {
            one.name: pa.array(values[one.name], one.type)
            if one.name in values
            else pa.repeat(pa.scalar(self._bare[one.name], one.type), rows)
            for one in self._schema
        }
        configs = (
            [one[0] or None for one in self._config.of(cells, rows)] if self._config is not None else [None] * rows
        )
        keys = self._reading.rows.keys.of_many(written, self._constants, rows)
        laid.index = self._indexed(values, keys, rows) | {"config": configs}
        laid.notes = [*chain.from_iterable(values.get(NOTES) or [self._bare[NOTES]] * rows)]

    def _contradictions(self, values: Mapping[str, Sequence[Any]], rows: int) -> Sequence[Any]:
        """What is said of a row last: its text beside its year."""
        if "text" not in values or "year_end" not in values:
            return [()] * rows
        found = map(contradiction, values["text"], values["year_end"])
        return [((_LAST, one),) if one else () for one in found]

    def _judged_by_names(
        self, found: list[tuple[Any, ...]], at: int, cells: Mapping[str, Sequence[Any]]
    ) -> list[Sequence[Any]]:
        """Those whose rights depend on whom the record names are judged once more, with the names."""
        named = self._by_names.of(cells, len(found))
        return [*zip(*(other if one[at] else one for one, other in zip(found, named, strict=True)), strict=True)]

    def _indexed(
        self, values: Mapping[str, Sequence[Any]], keys: tuple[list[bytes], ...], rows: int
    ) -> dict[str, Sequence[Any]]:
        """What the index says of each row: see `measuring.measure`."""

        def of(name: str) -> Sequence[Any]:
            return values.get(name) or [self._bare.get(name)] * rows

        digests, duplicates, parts, copies = keys
        index: dict[str, Sequence[Any]] = {
            "id": of("id"),
            "datestamp": [""] * rows,
            "row_digest": digests,
            "content_key": of(KEY),
            "double_key": duplicates,
            "copy_key": copies,
            "size": [0] * rows,
            "tier": of(TIER),
            "tiers": of(TIERS),
            "statement": of(STATEMENT),
            "year": of("year_start"),
            "unit": of("text_unit"),
            "parent": of("parent_id"),
            "parent_seq": of("seq"),
            "ocr_confidence": of("ocr_confidence"),
        }
        if "text" in self._schema.names:
            little = [key is None for key in index["content_key"]]
            index["double_key"] = [None if one else key for one, key in zip(little, duplicates, strict=True)]
            shorts = self._short_copies(of("source_record_id")) if any(little) else copies
            index["copy_key"] = [short if one else key for one, short, key in zip(little, shorts, copies, strict=True)]
            index["size"] = [*map(len, of("text"))]
            places = zip(index["unit"], index["parent"], parts, strict=True)
            index["part_key"] = [key if unit in PARTS and parent is not None else None for unit, parent, key in places]
        return index

    def _short_copies(self, names: Sequence[str]) -> Sequence[bytes | None]:
        """See `measuring.short_copy`."""
        return [short_copy(self._reading, name) for name in names]

    def _trace(self, laid: Laid, harvest: int, seqs: Sequence[int], lines: Sequence[int]) -> None:
        item, rows = self._item, len(lines)
        laid.index |= {"harvest": [harvest] * rows, "seq": seqs}
        same = {
            "trace_harvest": harvest,
            "trace_datestamp": "",
            "trace_url": item.url,
            "trace_member": item.name,
            "trace_retrieved_at": item.retrieved_at,
            "trace_raw_sha256": item.sha256,
        }
        differing: dict[str, Sequence[Any]] = {
            "trace_seq": seqs,
            "trace_row_digest": laid.index["row_digest"],
            "trace_position": printed(_LINE, lines),
        }
        for one in TRACE:
            known = one.name in differing
            laid.rows[one.name] = (
                pa.array(differing[one.name], one.type)
                if known
                else pa.repeat(pa.scalar(same[one.name], one.type), rows)
            )


def _place(line: int) -> Place:
    return Place(_LINE, line)


def _count(cells: Sequence[Any]) -> int:
    """How many are not empty."""
    if isinstance(cells, TextColumn):
        return cells.filled
    if {*map(type, cells)} == {str}:
        return len(cells) - cells.count("")
    return len(cells) - cells.count("") - cells.count(None) - cells.count([])


def _compressed(cells: Mapping[str, Sequence[Any]], holds: Sequence[bool]) -> dict[str, Sequence[Any]]:
    return {name: [*compress(column, holds)] for name, column in cells.items()}


def _without(chosen: Sequence[int], there: Sequence[bool]) -> Iterator[int]:
    return (at for at, one in zip(chosen, there, strict=True) if not one)


def _in_order(said: Sequence[Sequence[Any]], before: Sequence[tuple[str, ...]]) -> list[str]:
    """All that is said of the records, one after the other, as they would be read one by one.

    said: column by column the words of each record with their places; before: of each what was said when it was cut.
    """
    of_record: dict[int, list[tuple[int, str]]] = {}
    for column in (one for one in said if any(one)):
        for at, words in enumerate(column):
            if words:
                of_record.setdefault(at, []).extend(words)
    for at, first in enumerate(before):
        of_record.setdefault(at, []).extend((-1, one) for one in first)
    return [word for at in sorted(of_record) for _, word in sorted(of_record[at], key=itemgetter(0))]
