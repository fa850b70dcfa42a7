"""How do the records of a file become rows? Chosen, mapped, named and counted, alike for every format."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.links import STATUS_COLUMN, Link
from biglam_pipeline.normalize.cut import LEFT_OUT, Cut, Facts, Fields, Found
from biglam_pipeline.normalize.mapping.albums import Followed, Pictures
from biglam_pipeline.normalize.mapping.columns import Columns, Map
from biglam_pipeline.normalize.mapping.divided import SPLIT
from biglam_pipeline.normalize.mapping.joining import Join, Key, key_of
from biglam_pipeline.normalize.mapping.linking import link_of
from biglam_pipeline.normalize.mapping.paths import JoinedRow, PathLanguage, RecordContext
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.mapping.where import Where
from biglam_pipeline.place import Place
from biglam_pipeline.records import Deleted, Item, Read, Record, Reject, Unmapped
from biglam_pipeline.rights.derivatives import forbids_derivatives

T = TypeVar("T")

OF_RIGHTS = (
    "`rights: {from: ...}` reads it of every READ; where another column says it in some, write `from: $rights`, and "
    "`map: {rights_raw: COLUMN}` in each READ."
)
_SHOWN = 60
"""So many names of columns at most stand in a message."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the entry and its reader say of every row."""

    map: Map
    where: Where | None
    also: Mapping[str, Value]
    """More columns to read, compiled, such as {"rights_raw": VALUE}."""
    values: tuple[Value, ...]
    """Everything that is read of a record, with these."""
    language: PathLanguage
    dcmi_type: str
    """What the column `type` says where a record does not."""
    languages: tuple[str, ...] = ()
    """BCP 47, of records that name none."""
    as_printed: bool = False
    """Whether no text may be changed."""
    joins: Mapping[str, Join] = field(default_factory=dict)
    """What else is said of a row, by name."""
    row_for_each: str = ""
    """The name of a join each record of which makes a row."""
    marks: bool = False
    """Whether a record that makes no row is named, since what was published of it goes."""


class Finds(Followed, Protocol):
    """Looks up what is joined, and what rows point to."""

    asked: dict[str, str]
    """What was looked up, and what it gave."""
    around: str
    """The names of `with` around these, with a dot behind each."""

    def note(self, link: Link) -> None:
        """A record points to it."""

    def find(self, name: str, key: Key) -> list[JoinedRow]:
        """The rows that have this key under this name in `with`, in their order."""


@dataclass(frozen=True, slots=True)
class Met:
    """A record that `where` chooses, with its columns filled: what others may be joined with."""

    context: RecordContext
    item: Item
    place: Place


class Walk:
    """Goes over the files of one bundle."""

    def __init__(
        self, wishes: Wishes, facts: Callable[[Item], Facts], album: Pictures | None = None, finds: Finds | None = None
    ) -> None:
        """facts: what is known of a file and of all its records; album: the pictures of rows; finds: what is joined."""
        self._wishes, self._facts_of, self._album, self._finds = wishes, facts, album, finds
        self._columns = Columns(wishes.map, wishes.also)
        chooses = wishes.where.values if wishes.where else []
        self._late = any(path.reference for value in chooses for path in value.paths())
        """Whether `where` asks for something that is known once the columns are filled."""
        self._own_first = self._late and SPLIT in wishes.map.extra
        """Whether it may ask for `$split`."""
        paths = [path for value in wishes.values for path in value.paths()]
        self._asks_facts = any(path.reference for path in paths)
        inside = [path.path for path in paths if path.reference is None]
        self._looks_inside = bool(inside)
        self._maps_unit = "text_unit" in wishes.map.values
        chosen = wishes.where or wishes.joins or self._columns.names_identifier
        self._takes_all = not (wishes.values or chosen or album)
        """Whether every record is a row as the format gives it."""
        self._read = {name for path in inside for name in wishes.language.fields(path)}
        self._known: tuple[Item | None, Facts] = (None, {})
        self._left_out = 0

    def read(self, item: Item, found: Iterable[Found]) -> Iterator[Read]:
        """The rows of a file, or of files that are cut together, and at last what was counted of them."""
        return self._go(item, found, self._rows)

    def meet(self, item: Item, found: Iterable[Found]) -> Iterator[Met | Read]:
        """The same records before they are rows: nobody names them."""
        return self._go(item, found, self._met)

    def _go(
        self, item: Item, found: Iterable[Found], make: Callable[[Cut, Item], Iterable[T | Read]]
    ) -> Iterator[T | Read]:
        filled: Counter[str] = Counter()
        rows, problems, before = 0, list[str](), self._left_out
        for one in found:
            if isinstance(one, Cut):
                rows += 1
                for name in one.filled:
                    if name not in self._read:
                        filled[name] += 1
                yield from make(one, one.item or item)
            elif isinstance(one, Unmapped):
                rows += one.rows
                filled.update(one.filled)
                problems += one.problems
            elif isinstance(one, Fields) and one.of_stretch:
                yield Unmapped(0, {}, lacking=tuple(self._missing(one)))
            elif isinstance(one, Fields):
                problems += self._lacking(one, item)
            else:
                yield one
        yield Unmapped(rows, dict(filled), self._left_out - before, tuple(problems))

    def _lacking(self, fields: Fields, item: Item) -> Iterator[str]:
        """SourceChanged where the entry reads what no record of the file has."""
        missing = self._missing(fields)
        if missing and fields.final:
            message = f"{item.name} has no column {', '.join(map(repr, missing))}; it has {listed(fields.names)}"
            hint = "Change `map`, or `files` if this is another table."
            if set(missing) <= {name for value in self._wishes.also.values() for name in value.missing(fields.names)}:
                hint = OF_RIGHTS
            raise SourceChanged(f"{message}. {hint}")
        yield from (f"{name}: no such key so far" for name in missing)

    def _missing(self, fields: Fields) -> list[str]:
        return sorted({name for value in self._wishes.values for name in value.missing(fields.names)})

    def _rows(self, cut: Cut, item: Item) -> Iterable[Read]:
        """The row, as printed where nothing else is allowed; a record's own statement is known once it is made."""
        if cut.as_printed is None:
            return (self._as_it_is(cut, item),) if self._takes_all else self._row(cut, item, cut.columns)
        made = [] if self._wishes.as_printed else [*self._row(cut, item, dict(cut.columns))]
        forbidden = cut.altered and any(isinstance(one, Record) and _may_not_be_changed(one) for one in made)
        if self._wishes.as_printed or forbidden:
            made = [*self._row(cut, item, {**cut.columns, **cut.as_printed()})]
        return made

    def _met(self, cut: Cut, item: Item) -> Iterator[Met | Unmapped]:
        problems = list[str]()
        for context in self._contexts(cut, item, {**cut.fixed, **cut.columns}, problems):
            yield Met(context, item, cut.place)
        if problems:
            yield Unmapped(0, {}, 0, tuple(problems))

    def _contexts(self, cut: Cut, item: Item, columns: dict[str, Any], problems: list[str]) -> Iterator[RecordContext]:
        """The record with all its columns, once for each row that it makes; not at all where `where` leaves it out."""
        bare = self._bare(cut, item, columns)
        if not self._late and not self._chooses(bare):
            return
        self._join(bare, problems)
        for context in self._each(bare) if self._wishes.row_for_each else [bare]:
            context.columns.setdefault("type", self._wishes.dcmi_type)
            self._columns.fill(context, problems)
            if self._own_first:
                context.own = {**cut.own, **self._columns.own(context, problems)}
            if self._late and not self._chooses(context):
                continue
            if not self._own_first:
                context.own = {**cut.own, **self._columns.own(context, problems)}
            yield context

    def _bare(self, cut: Cut, item: Item, columns: dict[str, Any]) -> RecordContext:
        facts, record = self._facts(item), cut.record
        if callable(record):
            record = record() if self._looks_inside else None
        own = {**cut.facts, **cut.dear_facts()} if cut.dear_facts and self._asks_facts else cut.facts
        known = {**facts, **own} if own else facts
        return RecordContext(record, known, columns, self._wishes.languages, root=cut.root)

    def _join(self, context: RecordContext, problems: list[str]) -> None:
        """A left join: a row that nothing is found for keeps its other columns, and is counted."""
        for name, join in self._wishes.joins.items():
            assert self._finds is not None, "whoever reads rows that are joined brings what they are joined with"
            several: list[str] = []
            key = key_of(join.by.mine, context, several)
            problems.extend(f"{name}: {reason}" for reason in several)
            key = self._followed(name, join, key, problems) if key and join.is_linked else key
            context.joined[name] = self._finds.find(name, key) if key else []
            if not context.joined[name]:
                problems.append(f"{name}: not found")

    def _followed(self, name: str, join: Join, address: Key, problems: list[str]) -> Key:
        """The name by which the shelf has what came from an address; nothing where nobody can be asked there."""
        assert self._finds is not None
        link = link_of(f"{self._finds.around}{name}", address[0], read=join)
        if isinstance(link, str):
            problems.append(f"{name}: {link}")
            return ()
        self._finds.note(link)
        return (link.key,)

    def _each(self, bare: RecordContext) -> Iterator[RecordContext]:
        name = self._wishes.row_for_each
        for row in bare.joined[name]:
            yield replace(bare, columns=dict(bare.columns), joined={**bare.joined, name: [row]})

    def _row(self, cut: Cut, item: Item, columns: dict[str, Any]) -> Iterator[Record | Reject | Unmapped | Deleted]:
        """The record, a Reject where it has no identifier, nothing where `where` leaves it out. Of a record that its
        source changes alone something else may be published, from when `where` chose it: it goes.
        """
        problems, rows = list(cut.problems), 0
        for context in self._contexts(cut, item, columns, problems):
            yield self._record(cut, item, context, problems)
            problems, rows = [], rows + 1
        if not rows and (name := self._marked(cut, item, columns)):
            yield Deleted(name, cut.datestamp, item.name, str(cut.place), LEFT_OUT)
        if not rows and self._wishes.row_for_each:
            yield Unmapped(0, {f"records without ${self._wishes.row_for_each}": 1})

    def _marked(self, cut: Cut, item: Item, columns: dict[str, Any]) -> str:
        """By which name what may have been published of a record goes; empty where a visit offers everything."""
        if cut.whole or not self._wishes.marks:
            return cut.whole
        return self._name(self._bare(cut, item, columns), cut.identifier)

    def _as_it_is(self, cut: Cut, item: Item) -> Record | Reject:
        """The row of a record of which nothing is mapped: what `_row` comes to, without a context."""
        name = cut.identifier if isinstance(cut.identifier, str) else cut.identifier()
        if not name:
            return nameless(item.name, cut.place)
        values, problems = {**cut.fixed, "type": self._wishes.dcmi_type, **cut.columns}, list(cut.problems)
        own = {**cut.own, **(cut.made_late(values, problems) if cut.made_late else {})}
        whole = cut.whole if cut.whole != name else ""
        return Record(name, values, own, cut.datestamp, item.name, cut.place, tuple(problems), "", whole)

    def _record(self, cut: Cut, item: Item, context: RecordContext, problems: list[str]) -> Record | Reject:
        name = self._name(context, cut.identifier)
        if not name:
            return nameless(item.name, cut.place)
        values, own = {**cut.fixed, **context.columns}, context.own
        if self._maps_unit and "text_unit" not in context.columns:
            values.pop("text_unit", None)  # where the entry's own value says nothing, nobody knows what the row is
        if self._album is not None:  # dear to have: of a record that becomes a row
            values |= self._album.columns(context, problems)
            own = {**own, STATUS_COLUMN: values.pop(STATUS_COLUMN)} if STATUS_COLUMN in values else own
        own = {**cut.made_late(values, problems), **own} if cut.made_late else own
        config = self._columns.config(context)
        whole = cut.whole if cut.whole != name else ""
        return Record(name, values, own, cut.datestamp, item.name, cut.place, tuple(problems), config, whole)

    def _facts(self, item: Item) -> Facts:
        if self._known[0] is not item:
            self._known = (item, self._facts_of(item))
        return self._known[1]

    def _name(self, context: RecordContext, identifier: str | Callable[[], str]) -> str:
        if self._columns.names_identifier:
            return self._columns.identifier(context)
        return identifier if isinstance(identifier, str) else identifier()

    def _chooses(self, context: RecordContext) -> bool:
        if self._wishes.where is None or self._wishes.where.holds(context):
            return True
        self._left_out += 1
        return False


def nameless(item: str, place: Place) -> Reject:
    """What becomes of a record for which `id` gives nothing."""
    return Reject(
        "identifier_missing", "it has no identifier; map `id` to a value that every record has", item, str(place)
    )


def listed(names: Collection[str]) -> str:
    """Names of columns, for a message: what is no table may have a hundred thousand, or one of a megabyte."""
    there: Sequence[str] = sorted(names)
    shown = ", ".join(name if len(name) <= 60 else f"{name[:60]}…" for name in there[:_SHOWN])
    return shown if len(there) <= _SHOWN else f"{shown} and {len(there) - _SHOWN:,} more"


def _may_not_be_changed(record: Record) -> bool:
    """Whether something that is said of its rights allows no derivatives."""
    said = [value for name, value in record.values.items() if "rights" in name]
    texts = [
        text for value in said for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)
    ]
    return forbids_derivatives(texts)
