"""How do records that came one by one become rows many at a time? Column by column, each distinct value once.

Rows made one by one (`rows`, `measuring`) say what is right: many together give the same rows, digests, counts and
places, byte for byte. A record with a value of which something would have to be said goes that way still.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa

from biglam_pipeline.columns import schema_of
from biglam_pipeline.normalize.columnar.distinct import Distinct, Made, all_as_json, as_json, frozen
from biglam_pipeline.normalize.columnar.filling import BY_NAMES, DATES, NOTES, RIGHTS, STATEMENT, TIERS
from biglam_pipeline.normalize.rows.building import STRUCTS, fill_dated, is_clean
from biglam_pipeline.normalize.rows.measuring import Reading, statement_of
from biglam_pipeline.normalize.rows.rights_of import KEPT
from biglam_pipeline.records import Item, Record
from biglam_pipeline.store.normalized import TRACE

LEAST = 8
"""Records that are worth it."""
LANGUAGES = ("languages", "languages_raw")
_NAMES = ("title", "publisher", "creators")
"""Columns that say whom a record names."""
_JUDGED = (*RIGHTS, TIERS, STATEMENT, NOTES, BY_NAMES)
_MEASURED = frozenset({"text", "image", "seq", "width", "height"})
"""Columns of which more is measured than what stands in them: a row of them costs what they cost."""
_SAME = ("source_id", "custodian", "record_format")
"""Columns that are alike in all rows, whatever a record has there."""
_REPEATED = frozenset({"spatial", "publisher", "publication_place"})
"""Such columns that many records share. Of the others, those who make them remember what is repeated."""
_ByColumns = Mapping[str, Sequence[Any]]


class Arrived(NamedTuple):
    """A record, where it comes from, and which one it is."""

    record: Record
    item: Item
    harvest: int
    seq: int

    def is_of_day(self, other: "Arrived") -> bool:
        """Whether both were fetched on one day."""
        return self.item is other.item or self.item.retrieved_at.date() == other.item.retrieved_at.date()


@dataclass(frozen=True, slots=True)
class Rowed:
    """Rows and index by columns, and what is counted of them."""

    rows: dict[str, pa.Array]
    index: dict[str, Sequence[Any]]
    problems: list[str]
    notes: list[str]


class ByRecords:
    """Makes the rows of one source."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._schema = schema_of(reading.columns)
        self.may = not _MEASURED & {*self._schema.names}
        """Whether rows of such columns can be made together."""
        self._of_rights = tuple(dict.fromkeys((*RIGHTS, *sorted(KEPT), *reading.also)))
        self._extra = tuple(reading.reader.extras)
        others = {"id", "source_record_id", *_SAME, *DATES, *LANGUAGES, *STRUCTS, *RIGHTS, *self._extra}
        self._as_they_are = [name for name in self._schema.names if name not in others]
        self._empty = dict.fromkeys(self._schema.names)
        self._bare = reading.rows.row(Record("-", {}))[0]
        self._constants = {name: as_json(value) for name, value in self._bare.items()}
        self._distinct: dict[tuple[str, ...], Distinct] = {}
        self._retrieved: date | None = None

    def in_turn(self, arrived: Sequence[Arrived]) -> Iterator[Rowed | Arrived]:
        """Rows of those that can be made together, and the others, all in their order."""
        if len(arrived) < LEAST:
            yield from arrived
            return
        columns = _by_columns([one.record.values for one in arrived])
        own = _by_columns([one.record.extra for one in arrived])
        start = 0
        for at in (*self._odd(arrived, columns, own), len(arrived)):
            if at - start >= LEAST:
                chosen = slice(start, at)
                yield self._lay(arrived[chosen], _sliced(columns, chosen), _sliced(own, chosen))
            else:
                yield from arrived[start:at]
            yield from arrived[at : at + 1]
            start = at + 1

    def _odd(self, arrived: Sequence[Arrived], columns: _ByColumns, own: _ByColumns) -> list[int]:
        """Which are the records of which something would have to be said of a value as it is."""
        odd: set[int] = set()
        for column in (*columns.values(), [one.record.source_record_id for one in arrived]):
            if not is_clean(column):
                odd.update(at for at, value in enumerate(column) if not is_clean([value]))
        for column in own.values():
            if not is_clean(column, numbers=True):
                odd.update(at for at, value in enumerate(column) if not is_clean([value], numbers=True))
        return sorted(odd)

    def _lay(self, arrived: Sequence[Arrived], columns: _ByColumns, own: _ByColumns) -> Rowed:
        """The rows. All of them were fetched on one day."""
        self._know(arrived[0].item.retrieved_at.date())
        filled = _Filled({}, {}, [one.record.problems for one in arrived])
        self._name(arrived, filled)
        for name in self._as_they_are:
            if name in columns:
                filled.put(name, columns[name])
        self._fill(DATES, DATES, self._dates, columns, filled)
        self._fill(LANGUAGES[:1], LANGUAGES, self._languages, columns, filled)
        for name in STRUCTS:
            self._fill_structs(name, columns, filled)
        self._judge(columns, filled)
        for name in self._extra:
            filled.put(name, own[name])
        return self._laid(arrived, filled)

    def _know(self, retrieved: date) -> None:
        """The day decides what is said of rights."""
        if retrieved != self._retrieved:
            self._retrieved = retrieved
            self._distinct.clear()

    # --- what is filled ---

    def _name(self, arrived: Sequence[Arrived], filled: "_Filled") -> None:
        before, source = self.reading.rows.before_id, len(self.reading.source) + 1
        names = [f"{before}{one.record.source_record_id}" for one in arrived]
        filled.put("id", names)
        filled.put("source_record_id", [name[source:] for name in names])

    def _fill(
        self,
        reads: Iterable[str],
        gives: Sequence[str],
        make: Callable[[Mapping[str, Any]], Made],
        columns: Mapping[str, Sequence[Any]],
        filled: "_Filled",
    ) -> None:
        """Columns that are filled together, by those of the record that are there; without any, as of a bare record."""
        if there := tuple(name for name in reads if name in columns):
            filled.take(gives, self._found(there, gives, make, columns, len(filled.said)))

    def _found(
        self,
        there: tuple[str, ...],
        gives: Sequence[str],
        make: Callable[[Mapping[str, Any]], Made],
        columns: Mapping[str, Sequence[Any]],
        rows: int,
    ) -> list[tuple[Any, ...]]:
        """What each record comes to, as `Distinct` has it."""
        if (gives[0], *there) not in self._distinct:
            self._distinct[gives[0], *there] = Distinct(there, gives, make)
        return self._distinct[gives[0], *there].of({name: _frozen(columns[name]) for name in there}, rows)

    def _dates(self, values: Mapping[str, Any]) -> Made:
        row, problems = {**dict.fromkeys(DATES), **values}, list[str]()
        fill_dated(row, values, problems)
        return _made(row, problems)

    def _languages(self, values: Mapping[str, Any]) -> Made:
        row, problems = dict[str, Any](), list[str]()
        self.reading.rows.fill_languages(row, values, problems)
        return _made(row, problems)

    def _fill_structs(self, name: str, columns: Mapping[str, Sequence[Any]], filled: "_Filled") -> None:
        if name in _REPEATED:
            self._fill((name,), (name,), partial(_structs, name), columns, filled)
        elif name in columns:
            make, several, values = STRUCTS[name], list[str](), list[Any]()
            for at, value in enumerate(columns[name]):
                values.append((make(value, several) or None) if value else None)
                if several:
                    filled.said[at] = [*filled.said[at], *several]
                    several.clear()
            filled.put(name, values)

    def _judge(self, columns: Mapping[str, Sequence[Any]], filled: "_Filled") -> None:
        """What is said of rights; by whom a record names, too, where that may help it."""
        there = tuple(name for name in self._of_rights if name in columns)
        found = self._found(there, _JUDGED, self._rights, columns, len(filled.said))
        place = _JUDGED.index(BY_NAMES)
        for at in [at for at, one in enumerate(found) if one[place]]:
            named = {name: filled.values[name][at] for name in _NAMES if name in filled.values}
            made = self._rights({name: columns[name][at] for name in there}, named)
            found[at] = Distinct((), _JUDGED, lambda _, made=made: made)[()]  # type: ignore[misc]
        filled.take(_JUDGED, found)

    def _rights(self, values: Mapping[str, Any], named: Mapping[str, Any] | None = None) -> Made:
        rights, problems = self.reading.rows.rights, list[str]()
        row = {**self._empty, **(named or {}), **{name: values[name] for name in RIGHTS if name in values}}
        judgement = rights.fill(row, values, problems, self._retrieved)
        made = _made(row, problems)
        by_names = rights.heeds_names(row, values, self._retrieved)
        beside = (judgement.tiers, statement_of(row, judgement), judgement.notes, by_names)
        made.values.update(zip((TIERS, STATEMENT, NOTES, BY_NAMES), beside, strict=True))
        return made

    # --- what becomes of it ---

    def _laid(self, arrived: Sequence[Arrived], filled: "_Filled") -> Rowed:
        rows = len(arrived)
        constants = {**self._constants, **filled.constants}
        digests, duplicates, _, copies = self.reading.rows.keys.of_many(filled.written, constants, rows)
        values = {one.name: self._array(one, filled, rows) for one in self._schema}
        values |= _traced(arrived, digests)
        index: dict[str, Sequence[Any]] = {
            "id": filled.values["id"],
            "harvest": [one.harvest for one in arrived],
            "seq": [one.seq for one in arrived],
            "datestamp": [one.record.datestamp for one in arrived],
            "whole": [self.reading.rows.id_of(one.record.whole) if one.record.whole else None for one in arrived],
            "row_digest": digests,
            "double_key": duplicates,
            "copy_key": copies,
            "tier": filled.values["rights_tier"],
            "tiers": filled.values[TIERS],
            "statement": filled.values[STATEMENT],
            "year": filled.values.get("year_start", [None] * rows),
            "config": [one.record.config or None for one in arrived],
            "size": [0] * rows,
            "parent": filled.values.get("parent_id", [None] * rows),
        }
        notes = chain.from_iterable(filled.values[NOTES])
        return Rowed(values, index, [*chain.from_iterable(filled.said)], [*notes])

    def _array(self, field: pa.Field, filled: "_Filled", rows: int) -> pa.Array:
        if field.name in filled.written:
            return pa.array(filled.values[field.name], field.type)
        same = filled.values[field.name][0] if field.name in filled.constants else self._bare[field.name]
        return pa.repeat(pa.scalar(same, field.type), rows)


class _Filled:
    """Columns on their way: values, their JSON, and of each record what is said of it, in that order."""

    def __init__(
        self, values: dict[str, Sequence[Any]], written: dict[str, Sequence[bytes]], said: Sequence[Sequence[str]]
    ) -> None:
        self.values, self.written = values, written
        self.constants: dict[str, bytes] = {}
        """The JSON of columns that are alike in all records, and not among `written`."""
        self.said: list[Sequence[str]] = [*said]

    def put(self, name: str, values: Sequence[Any]) -> None:
        """One column of which nothing is said."""
        self.values[name], self.written[name] = values, all_as_json(values)

    def take(self, names: Sequence[str], found: Sequence[tuple[Any, ...]]) -> None:
        """Several columns, and what is said of each record because of them. found: as `Distinct` has it."""
        if len({*map(id, found)}) == 1:  # as statements of rights are in most sources
            *one, word = found[0]
            self.values.update((name, [value] * len(found)) for name, value in zip(names, one, strict=False))
            self.constants.update(zip(names, one[len(names) :], strict=True))
            said: Sequence[Any] = [word] * len(found)
        else:
            *parts, said = zip(*found, strict=True)
            self.values.update(zip(names, parts, strict=False))
            self.written.update(zip(names, parts[len(names) :], strict=True))
        if any(said):
            self.said = [[*was, *(word for _, word in words)] for was, words in zip(self.said, said, strict=True)]


def _made(row: dict[str, Any], problems: Iterable[str]) -> Made:
    return Made(row, [(0, one) for one in problems])


def _by_columns(maps: Sequence[Mapping[str, Any]]) -> _ByColumns:
    """The values of each name, None where a record has none."""
    names = dict.fromkeys(chain.from_iterable(maps))
    return {name: [one.get(name) for one in maps] for name in names}


def _sliced(columns: _ByColumns, chosen: slice) -> _ByColumns:
    return {name: column[chosen] for name, column in columns.items()}


def _frozen(column: Sequence[Any]) -> list[Any]:
    """The same as what can be looked up."""
    try:
        made = [tuple(value) if type(value) is list else value for value in column]
        hash(tuple(made))
    except TypeError:  # there is an object among them
        return [*map(frozen, column)]
    return made


def _structs(name: str, values: Mapping[str, Any]) -> Made:
    problems: list[str] = []
    return _made({name: STRUCTS[name](values[name], problems) or None}, problems)


def _traced(arrived: Sequence[Arrived], digests: Sequence[bytes]) -> dict[str, pa.Array]:
    """What leads each row back."""
    items = [one.item for one in arrived]
    values: dict[str, Sequence[Any]] = {
        "trace_harvest": [one.harvest for one in arrived],
        "trace_seq": [one.seq for one in arrived],
        "trace_datestamp": [one.record.datestamp for one in arrived],
        "trace_row_digest": digests,
        "trace_url": [one.url for one in items],
        "trace_member": [one.name for one in items],
        "trace_position": [one.record.position for one in arrived],
        "trace_retrieved_at": [one.retrieved_at for one in items],
        "trace_raw_sha256": [one.sha256 for one in items],
    }
    return {one.name: pa.array(values[one.name], one.type) for one in TRACE}
