"""`creators: {each: $makers, name: PATH, role: PATH}`: one member of a column of lists for each record that is joined.

What stands beside `each` is read in the joined record, as its own `map` would be, and so by its own reader: the table
of the join keeps it under a name that no column can have.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from biglam_pipeline.normalize.mapping.paths import PathLanguage, RecordContext, Reference
from biglam_pipeline.normalize.mapping.tables import own_tables, tables_of_joined
from biglam_pipeline.normalize.mapping.values import FromPath, Value, parse_value
from biglam_pipeline.normalize.mapping.verb import Kind, Reasons, as_text
from biglam_pipeline.settings import Misplaced

EACH = "each"
FIELDS = {
    "creators": ("name", "role", "uri", "birth_year", "death_year"),
    "subjects": ("label", "uri", "scheme"),
    "spatial": ("name", "uri"),
}
"""Column -> the fields of a member of it; without the first there is none."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?[^\s/]\S*")
"""Also a URN, or one of another scheme; `Q15792` is none."""
_INSIDE = " each "
"""No column that an entry names begins with a blank."""
_WHY = " why"
"""After such a name: what the steps of the value could not read in the joined record."""


@dataclass(frozen=True)
class Each(Value):
    """What the fields of each joined record give, as a mapping, in the order of its file."""

    name: str
    """Of what is joined."""
    fields: tuple[tuple[str, Value], ...]
    """As parsed, without a path language: the joined reader's is not known here."""

    @property
    def kind(self) -> Kind:
        return "texts"

    @cached_property
    def columns(self) -> dict[str, str]:
        """Field -> the name under which the table of the join has it."""
        return {field: f"{_INSIDE}{orjson.dumps(value.written()).decode()}" for field, value in self.fields}

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        found, due = [], self.fields[0][0]
        for row in context.joined.get(self.name, ()):
            member = dict[str, str]()
            for field, column in self.columns.items():
                reasons.extend(f"`{field}`: {why}" for why in row.get(f"{column}{_WHY}", ()))
                values = [text for one in row.get(column, ()) if (text := as_text(one).strip())]
                if len({*values}) > 1:
                    reasons.append(f"several values in `{field}`")
                if field == "uri" and values and not _ADDRESS.fullmatch(values[0]):
                    reasons.append("`uri`: no address, which `>> template` makes of a number")
                    continue
                member |= {field: values[0]} if values else {}
            if due in member:
                found.append(member)
            else:
                reasons.append(f"one without `{due}` is left out")
        return found

    def speaking(self, language: PathLanguage) -> Value:
        return self

    def paths(self) -> Iterator[FromPath]:
        for column in self.columns.values():
            yield FromPath(f"${self.name}", f"${self.name}", reference=Reference(self.name, column))

    def written(self) -> Any:
        return {EACH: f"${self.name}", **{field: value.written() for field, value in self.fields}}


def inside_each(column: str, raw: dict[str, Any]) -> Value | None:
    """The value that such a name stands for, not spoken yet; None for the name of a column. raw: the joined READ."""
    if not column.startswith(_INSIDE):
        return None
    with own_tables(raw):
        return parse_value(orjson.loads(column.removeprefix(_INSIDE)))


def why_nothing(column: str, reasons: Reasons) -> dict[str, list[Any]]:
    """What goes beside the value of such a name in the joined row, for whoever makes a row of it to count."""
    return {f"{column}{_WHY}": [*reasons]} if reasons and column.startswith(_INSIDE) else {}


def is_each(raw: Any) -> bool:
    """Whether a block asks for a member for each."""
    return isinstance(raw, dict) and EACH in raw


def read_each(column: str, raw: dict[str, Any]) -> Each:
    """The block as YAML gives it. column: of `map`. Misplaced says what is wrong with it."""
    fields, name = FIELDS.get(column), raw[EACH]
    if fields is None:
        said = f"`each` makes members of {', '.join(FIELDS)}; for texts write $NAME.COLUMN of what `with` joins"
        raise Misplaced(((column,), said))
    if not isinstance(name, str) or not name.startswith("$") or not name[1:].isidentifier():
        raise Misplaced(((column, EACH), f"{name!r} is not $NAME, where NAME is what `with` joins with `many: true`"))
    wrong: list[tuple[tuple[str, ...], str]] = [
        ((column, one), f"`{one}` is no field of {column}; write one of {', '.join(fields)}")
        for one in raw
        if one not in (EACH, *fields)
    ]
    if fields[0] not in raw:
        wrong.append(((column,), f"`{fields[0]}` is missing; write {{each: {name}, {fields[0]}: PATH}}"))
    found = dict[str, Value]()
    for field in fields:
        try:
            with tables_of_joined(name[1:]):
                found |= {field: parse_value(raw[field])} if field in raw else {}
        except ValueError as error:
            wrong.append(((column, field), str(error)))
    if wrong:
        raise Misplaced(*wrong)
    return Each(name[1:], tuple(found.items()))
