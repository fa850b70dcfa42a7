"""Who fills a row's columns from the cells of a table, a few at a time? Those who fill them for a whole record.

Columns that a table maps do not know of each other, but for a few that are filled together: all of a date, all that is
said of rights. So what makes a row can be shown a record of which nothing else is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import pyarrow as pa

from biglam_pipeline.normalize.columnar.distinct import ODD, Beside, Distinct, Made, itself, listed
from biglam_pipeline.normalize.mapping.columns import COLUMNS, WORDS, Columns, Map, fit
from biglam_pipeline.normalize.mapping.paths import RecordContext
from biglam_pipeline.normalize.mapping.values import FromPath, Value
from biglam_pipeline.normalize.rows.building import STRUCTS, clean, fill_dated, fill_structs
from biglam_pipeline.normalize.rows.measuring import Measured, Reading, measure
from biglam_pipeline.normalize.rows.rights_of import KEPT
from biglam_pipeline.quality.canonical import text_key
from biglam_pipeline.quality.text import n_chars, n_words
from biglam_pipeline.records import Item, Record

DATES = (
    *("date_raw", "date_edtf", "year_start", "year_end", "date_precision", "date_qualifier", "date_type"),
    *("year_evidence", "original_date_raw"),
)
RIGHTS = (
    *("rights_raw", "rights_uri", "rights_name", "rights_until", "rights_tier", "rights_basis", "object_rights_raw"),
    *("object_rights_uri", "attribution", "labels"),
)
KEY, TIER, TIERS, STATEMENT, NOTES, BY_NAMES, HOLDS = map(
    Beside, ("key", "tier", "tiers", "statement", "notes", "by names", "holds")
)
"""What else is known of a text, and of rights that were judged; whether that was by the names beside them."""
_JUDGED = (TIER, TIERS, STATEMENT, NOTES, BY_NAMES)
_TEXT = ("text", "n_chars", "n_words", KEY)
_NAMES = ("title", "publisher", "creators")
"""Columns that say whom a record names."""
_IN_A_ROW = frozenset({"languages", "text_unit", "text_origin", "transforms", "ocr_confidence"})
"""Columns that are filled in the making of a row, by nothing that could be asked for them alone."""
_GROUPS = {name: group for group in (DATES, RIGHTS, _TEXT, ("languages", "languages_raw")) for name in group}


def values_of(reading: Reading) -> list[Value]:
    """Everything that is read of a record."""
    also = (reading.reader.compiled(value) for value in reading.also.values())
    return [*reading.reader.mapped_values, *also]


class Filling:
    """What fills which columns of the rows of one file, whose records come in blocks."""

    def __init__(self, reading: Reading, item: Item) -> None:
        """No value of the reading may name another column, or anything that differs from record to record."""
        reader = reading.reader
        values = {("date_raw" if name == "date" else name): value for name, value in reader.map.values.items()}
        self._id, self._config, self._extra = values.pop("id", None), values.pop("config", None), reader.map.extra
        self._values = {**values, **{name: reader.compiled(value) for name, value in reading.also.items()}}
        self._alone = {name: _alone(name, value, name in reading.also) for name, value in self._values.items()}
        self._groups = {**_GROUPS, **dict.fromkeys((*KEPT, *reading.also), RIGHTS)}
        self._reading, self._facts, self._retrieved = reading, reader.facts(item), item.retrieved_at.date()
        self._begun = {"type": reader.dcmi_type, **reader.fixed}
        self._places = self._laid_out()
        self.bare = self._measured({})
        """A record of which nothing is read."""

    def _laid_out(self) -> dict[tuple[str, str], int]:
        """(hop, column) -> its place in the order in which things are said of a record."""
        first, last = ("id", DATES[0], "languages", *STRUCTS), RIGHTS[0]
        others = [one.name for one in self._reading.columns if one.name not in (*first, last)]
        cleaned = dict.fromkeys((*self._reading.reader.fixed, "type", *self._values))
        hops = (
            ("map", self._values),
            ("own", self._extra),
            ("clean", cleaned),
            ("fill", (*first, *others, last)),
            ("tidy", self._extra),
        )
        order = [(hop, name) for hop, names in hops for name in names]
        return {one: place for place, one in enumerate(order)}

    # --- what there is to fill ---

    def columns(self) -> Iterator[Distinct]:
        """One for each column that the entry maps, or for those that are filled together."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in self._values:
            groups.setdefault(self._groups.get(name, (name,)), []).append(name)
        for gives, names in groups.items():
            yield self._distinct(names, gives)
        for name, value in self._extra.items():
            filled, quick = Columns(Map(extra={name: value}), {}), itself if _is_bare(value) else None
            yield Distinct(_cells([value]), (name,), partial(self._own, name, filled), quick)

    def rights_by_names(self) -> Distinct:
        """What fills all that is said of rights where it is judged by whom the record names, too."""
        names = [name for name in self._values if name in _NAMES or self._groups.get(name) == RIGHTS]
        return Distinct(self._cells_of(names), (*RIGHTS, *_JUDGED), partial(self._rights, names))

    def identifier(self) -> Distinct | None:
        """What fills `id`, None where a record is without; nothing where the entry maps none."""
        if self._id is None:
            return None
        begins, columns = self._reading.rows.before_id, Columns(Map.model_validate({"id": self._id}), {})

        def quick(cell: str) -> Any:
            name = cell.strip()
            return ODD if not name or not name.isprintable() else f"{begins}{name}"

        def make(cells: Mapping[str, Any]) -> Made:
            name = columns.identifier(self._scene(cells))
            return self.named(name) if name else Made({"id": None})

        return Distinct(_cells([self._id]), ("id",), make, quick if _is_bare(self._id) else None)

    def named(self, name: str) -> Made:
        """The `id` of a record that is called so."""
        problems: list[str] = []
        return Made({"id": self._reading.rows.id_of(name, problems)}, self._said("fill", "id", problems))

    def config(self) -> Distinct | None:
        """What says which part of the dataset a row goes to."""
        if self._config is None:
            return None
        columns = Columns(Map.model_validate({"config": self._config}), {})
        return Distinct(
            _cells([self._config]), ("config",), lambda cells: Made({"config": columns.config(self._scene(cells))})
        )

    def chosen(self) -> Distinct | None:
        """What says whether a record becomes a row."""
        where = self._reading.reader.where
        if where is None:
            return None
        return Distinct(_cells(where.values), (HOLDS,), lambda cells: Made({HOLDS: where.holds(self._scene(cells))}))

    # --- how it is filled ---

    def _distinct(self, names: Sequence[str], gives: tuple[str, ...]) -> Distinct:
        made: Callable[[Sequence[str], Mapping[str, Any]], Made] = partial(self._by, gives, None)
        if gives == RIGHTS:
            made, gives = self._rights, (*RIGHTS, *_JUDGED)
        elif gives == DATES:
            made = partial(self._by, gives, fill_dated)
        elif gives == _TEXT:
            made = self._text
        elif gives[0] in STRUCTS:
            made = partial(self._by, gives, fill_structs)
        elif gives[0] in _IN_A_ROW:
            made = partial(self._in_a_row, gives)
        quick = self._quick(gives[0]) if len(gives) == 1 and gives[0] not in _IN_A_ROW else None
        return Distinct(self._cells_of(names), gives, partial(made, names), quick)

    def _quick(self, name: str) -> Callable[[str], Any] | None:
        """What a column that is as it was mapped has for the text in its one cell."""
        value, column, cells = self._values[name], COLUMNS[name], self._cells_of([name])
        make, holds_list = STRUCTS.get(name), pa.types.is_list(column.type)
        if make is None and _is_bare(value) and name not in WORDS and (holds_list or pa.types.is_string(column.type)):
            return listed if holds_list else itself
        if len(cells) != 1:
            return None
        read = _reading(value, cells[0], self._scene({}))

        def quick(cell: str) -> Any:
            reasons: list[str] = []
            found: Any = read(cell, reasons)
            if not holds_list or not _are_plain(found):
                found = fit(column, found, reasons)
                if not _is_printable(found):
                    return ODD
            if not found:
                return ODD
            found = (make(found, reasons) or None) if make else found
            return ODD if reasons else found

        return quick

    def _scene(self, cells: Mapping[str, Any]) -> RecordContext:
        return RecordContext(cells, self._facts, {"type": self._begun["type"]}, self._reading.rows.languages)

    def _said(self, hop: str, column: str, words: Iterable[str]) -> list[tuple[int, str]]:
        place = self._places[hop, column]
        return [(place, one) for one in words]

    def _mapped(self, names: Iterable[str], cells: Mapping[str, Any]) -> tuple[dict[str, Any], Made]:
        """These columns as they are mapped, and as they are clean."""
        context, made = self._scene(cells), Made({})
        for name in names:
            problems: list[str] = []
            self._alone[name].fill(context, problems)
            made.said += self._said("map", name, problems)
        found = {name: context.columns[name] for name in names if name in context.columns}
        for name, value in found.items():
            problems = []
            made.values[name] = clean(value, name, problems)
            made.said += self._said("clean", name, problems)
        return found, made

    def _by(
        self,
        gives: Sequence[str],
        fill: Callable[[dict[str, Any], Mapping[str, Any], list[str]], None] | None,
        names: Sequence[str],
        cells: Mapping[str, Any],
    ) -> Made:
        """Columns that are as they were mapped, but for what `fill` does with them."""
        _, made = self._mapped(names, cells)
        row, problems = {**dict.fromkeys(gives), **made.values}, list[str]()
        if fill is not None:
            fill(row, made.values, problems)
        return Made(row, made.said + self._said("fill", gives[0], problems))

    def _text(self, names: Sequence[str], cells: Mapping[str, Any]) -> Made:
        _, made = self._mapped(names, cells)
        text = made.values.get("text") or ""
        return Made(dict(zip(_TEXT, (text, n_chars(text), n_words(text), text_key(text)), strict=True)), made.said)

    def _in_a_row(self, gives: Sequence[str], names: Sequence[str], cells: Mapping[str, Any]) -> Made:
        found, made = self._mapped(names, cells)
        measured = self._measured(found, without=gives)
        problems = measured.problems[len(made.said) - self._unclean(made) :]
        problems = problems[: len(problems) - len(self.bare.problems)]  # of rights, which are no concern of this column
        return Made(measured.row, made.said + self._said("fill", gives[0], problems))

    def _rights(self, names: Sequence[str], cells: Mapping[str, Any]) -> Made:
        found, made = self._mapped(names, cells)
        measured = self._measured(found)
        said = self._said("fill", RIGHTS[0], measured.problems[len(made.said) - self._unclean(made) :])
        of_names = {self._places[hop, name] for hop in ("map", "clean") for name in _NAMES if name in names}
        said += [one for one in made.said if one[0] not in of_names]  # who fills them says so
        by_names = self._reading.rows.rights.heeds_names(measured.row, made.values, self._retrieved)
        return Made({**judged(measured), BY_NAMES: by_names}, said)

    def _unclean(self, made: Made) -> int:
        """How many things were said before columns were cleaned."""
        return sum(place < len(self._values) + len(self._extra) for place, _ in made.said)

    def _measured(self, found: Mapping[str, Any], without: Iterable[str] = ()) -> Measured:
        """The row of a record that has these columns only. without: columns of which the format's own word is out."""
        begun = {name: value for name, value in self._begun.items() if name not in without}
        return measure(self._reading, Record("-", {**begun, **found}), self._retrieved)

    def _own(self, name: str, columns: Columns, cells: Mapping[str, Any]) -> Made:
        """A column of the source's own."""
        problems: list[str] = []
        value, tidy = columns.own(self._scene(cells), problems)[name], list[str]()
        value = clean(value, name, tidy)
        return Made({name: value}, self._said("own", name, problems) + self._said("tidy", name, tidy))

    def _cells_of(self, names: Iterable[str]) -> tuple[str, ...]:
        return _cells([self._values[name] for name in names])


def judged(measured: Measured) -> dict[str, Any]:
    """The row's columns, and what its rights were judged to be."""
    index = measured.index
    return {
        **measured.row,
        TIER: index["tier"],
        TIERS: index["tiers"],
        STATEMENT: index["statement"],
        NOTES: measured.notes,
        BY_NAMES: False,
        KEY: None,
    }


def _alone(name: str, value: Value, is_asked: bool) -> Columns:
    """What fills this column, and no other."""
    if is_asked:
        return Columns(Map(), {name: value})
    return Columns(Map.model_validate({"date" if name == "date_raw" else name: value}), {})


def _cells(values: Iterable[Value]) -> tuple[str, ...]:
    """The table's columns that are read."""
    paths = chain.from_iterable(value.paths() for value in values)
    return tuple(dict.fromkeys(path.path for path in paths if path.reference is None))


def _is_bare(value: Value) -> bool:
    """Whether it is the cell itself."""
    return isinstance(value, FromPath) and not value.steps and value.reference is None


def _reading(value: Value, cell_name: str, context: RecordContext) -> Callable[[str, list[str]], list[Any]]:
    """`value.read` of a record that has this cell alone, with a text in it."""
    if isinstance(value, FromPath) and value.reference is None:
        works = [step.run for step in value.steps]

        def walk(cell: str, reasons: list[str]) -> list[Any]:
            values: list[Any] = [cell]
            for work in works:
                values = work(values, reasons)
            return [one for one in values if one is not None and one != ""]

        return walk

    def read(cell: str, reasons: list[str]) -> list[Any]:
        context.record = {cell_name: cell}
        return value.read(context, reasons)

    return read


def _is_printable(found: Any) -> bool:
    """Whether it has no character that would be removed or spoken of."""
    if isinstance(found, dict):
        found = [*found.values()]
    if isinstance(found, list):
        return all(map(_is_printable, found))
    return not isinstance(found, str) or found.isprintable()


def _are_plain(found: list[Any]) -> bool:
    """Whether it is texts, or objects of texts, without such a character."""
    texts = [text for one in found for text in (one.values() if type(one) is dict else (one,))]
    try:
        return "".join(texts).isprintable()
    except TypeError:
        return False
