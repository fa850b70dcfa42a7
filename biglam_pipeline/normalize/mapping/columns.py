"""Which value goes into which column: the `map` of a reader, and how it is carried out record by record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from pydantic import ConfigDict, Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from biglam_pipeline import language
from biglam_pipeline.columns import BLOCKS, CORE, DUPLICATES, FIRST_SEEN, OWN, Column
from biglam_pipeline.normalize.mapping.divided import SPLIT, with_split
from biglam_pipeline.normalize.mapping.each import FIELDS, is_each, read_each
from biglam_pipeline.normalize.mapping.paths import RecordContext
from biglam_pipeline.normalize.mapping.schemes import is_schemes, read_schemes
from biglam_pipeline.normalize.mapping.steps import read_bool, read_float, read_int
from biglam_pipeline.normalize.mapping.subsets import config_value
from biglam_pipeline.normalize.mapping.values import ARROW, Const, FromPath, Value, read_value
from biglam_pipeline.normalize.mapping.verb import Kind, Reasons, as_text
from biglam_pipeline.normalize.rows.dating import EVIDENCE
from biglam_pipeline.normalize.rows.rights_of import KEPT, add_statements, with_labels, with_unsaid
from biglam_pipeline.settings import Misplaced, Settings, nearest
from biglam_pipeline.store.normalized import TRACE

_ALL: dict[str, Column] = {column.name: column for column in (*CORE, *(c for b in BLOCKS.values() for c in b))}
_PUBLISHED = {*_ALL, FIRST_SEEN.name, *(column.name for column in DUPLICATES)}
_COMPUTED = {
    **dict.fromkeys(("source_id", "custodian"), "the entry says it for all rows"),
    **dict.fromkeys(("date_edtf", "year_start", "year_end", "date_precision", "date_qualifier"), "map `date`"),
    **dict.fromkeys(
        ("rights_uri", "rights_name", "rights_tier", "rights_basis", "object_rights_raw", "object_rights_uri"),
        "say where the rights stand in `rights: {from: ..}`",
    ),
    **dict.fromkeys(("n_chars", "n_words", "transforms", "record_format", "raw_record", "image_sha256"), "computed"),
    "source_record_id": "map `id`",
    "date_raw": "map `date`",
    "languages_raw": "map `languages`",
    "objects": "a reader of boxes fills it (`type: coco`); a column of your own goes under `extra`",
    "image": "pictures come by the reader `images`, or beside a table by `with: {image: ...}`",
}
_KEPT_BESIDE = {one.name for one in TRACE}
_TAKEN = "a canonical column has this name; give yours another, or map it as that column, outside `extra`"
COLUMNS: dict[str, Column] = {
    "id": _ALL["source_record_id"],
    "date": _ALL["date_raw"],
    "config": Column(
        "config", pa.string(), "the part of the dataset a row goes to: its first value, of which its name is made"
    ),
    SPLIT: Column(SPLIT, pa.string(), OWN[SPLIT]),
    **{name: column for name, column in _ALL.items() if name not in _COMPUTED and name != "id"},
}
"""What `map` can name -> the column it feeds."""

WORDS = {
    "text_origin": ("ocr", "htr", "keyed", "born_digital", "corrected"),
    "text_unit": (
        *("page", "chapter", "division", "paragraph", "stanza", "article", "region", "line", "sentence"),
        *("issue", "book", "document", "row"),
    ),
    "year_evidence": EVIDENCE,
}
"""Columns that hold one of a few words."""


class Map(Settings):
    """Column -> VALUE. What is not named keeps what the reader gives by itself."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Value] = Field(init=False)

    extra: dict[str, Value] = Field(default_factory=dict)
    """The source's own columns: `{own_column: VALUE}`, or a list of columns that are kept as they are."""

    @property
    def values(self) -> dict[str, Value]:
        """The canonical columns that are mapped, in the order of the entry."""
        return self.__pydantic_extra__ or {}

    @model_validator(mode="before")
    @classmethod
    def _name_columns(cls, raw: Any) -> Any:
        if isinstance(raw, dict):
            wrong = [((name,), text) for name in raw if (text := _wrong_column(str(name)))]
            if wrong:
                raise Misplaced(*wrong)
        return raw

    @model_validator(mode="before")
    @classmethod
    def _read_schemes(cls, raw: Any) -> Any:
        """`identifiers: {wikidata: VALUE}` says the scheme of each; other columns have no such form."""
        if isinstance(raw, dict) and is_schemes(raw.get("identifiers")):
            return {**raw, "identifiers": read_schemes(raw["identifiers"])}
        return raw

    @model_validator(mode="before")
    @classmethod
    def _read_each(cls, raw: Any) -> Any:
        """`creators: {each: $NAME, name: VALUE}` makes one of each record that is joined."""
        if not isinstance(raw, dict):
            return raw
        return raw | {str(name): read_each(str(name), value) for name, value in raw.items() if is_each(value)}

    @model_validator(mode="before")
    @classmethod
    def _place_split(cls, raw: Any) -> Any:
        """A column that only those rows have whose entry maps it."""
        try:
            return with_split(raw) if isinstance(raw, dict) and SPLIT in raw else raw
        except ValueError as error:
            raise Misplaced(((SPLIT,), str(error))) from None

    @field_validator("extra", mode="before")
    @classmethod
    def _keep(cls, raw: Any) -> Any:
        """A list means: under the same name."""
        if isinstance(raw, list):
            raw = {str(name): name for name in raw}
        if isinstance(raw, dict) and (taken := [((name,), why) for name in raw if (why := taken_name(name))]):
            raise Misplaced(*taken)
        return raw

    @model_validator(mode="after")
    def _check_words(self) -> "Map":
        for name, words in WORDS.items():
            value = self.values.get(name)
            if isinstance(value, Const) and value.text not in words:
                raise Misplaced(((name,), f"`{name}` is one of {', '.join(words)}, not {value.text!r}"))
            if isinstance(value, FromPath) and value.text in words:
                said = f"`{value.text}` is read as the name of a field; for the same in all rows write {name}: "
                said += f"{{const: {value.text}}}, for a field of that name {name}: [{value.text}]"
                raise Misplaced(((name,), said))
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Names every column with its meaning, so that an editor shows them."""
        found = handler.resolve_ref_schema(super().__get_pydantic_json_schema__(schema, handler))
        value = found.pop("additionalProperties", {})
        for name, column in COLUMNS.items():
            found["properties"][name] = {**value, "description": column.meaning}
        schemes = {"type": "object", "additionalProperties": value}
        found["properties"]["identifiers"] |= {"anyOf": [value, schemes]}
        for name, fields in FIELDS.items():
            block: JsonSchemaValue = {"type": "object", "required": ["each", fields[0]], "additionalProperties": False}
            block["properties"] = {"each": {"type": "string"}, **dict.fromkeys(fields, value)}
            found["properties"][name] |= {"anyOf": [value, block]}
        found["additionalProperties"] = False
        return found


def taken_name(name: str) -> str:
    """Why one of the source's own columns cannot have this name; empty where it can."""
    if name in _PUBLISHED:
        return f"`{name}`: {_TAKEN}"
    return f"`{name}`: the shelf keeps something of this name; give yours another" if name in _KEPT_BESIDE else ""


def _wrong_column(name: str) -> str:
    if name in COLUMNS or name == "extra":
        return ""
    if name in language.COLUMNS:
        return language.not_built(f"`{name}`", language.COLUMNS[name])
    if name in _COMPUTED:
        return f"`{name}` cannot be mapped: {_COMPUTED[name]}"
    near = nearest(name, [*COLUMNS.keys() - language.COLUMNS.keys(), "extra"])
    hint = f"did you mean `{near}`?" if near else f"a column of your own goes under `extra`: extra: {{{name}: VALUE}}"
    return f"`{name}` is not a column; {hint}"


def extra_types(map_: Map) -> dict[str, pa.DataType]:
    """The Arrow types of the source's own columns."""
    return {name: ARROW[value.kind] for name, value in map_.extra.items()}


def extra_classes(map_: Map) -> dict[str, tuple[str, ...]]:
    """The names of those of the source's own columns that hold one of a few."""
    return {name: value.classes for name, value in map_.extra.items() if value.kind == "class"}


def said_through(map_: Map, value: Value, context: RecordContext, through: tuple[str, ...] = ()) -> Iterator[Any]:
    """What stands in the record at a value's paths before any step, also at those of mapped columns that it names.

    Else `title: terms >> replace(All rights reserved, CC0-1.0)` and `rights: {from: $title}` would open what is closed.
    """
    yield from value.said(context)
    for path in value.paths():
        name = path.reference.name if path.reference is not None and not path.reference.column else ""
        if name in through:
            continue
        if mapped := map_.values.get({"date_raw": "date", "languages_raw": "languages"}.get(name, name)):
            yield from said_through(map_, mapped, context, (*through, name))


SAID_VERSION = "2: what stands behind columns"
"""Enters the digest of an entry whose rights are read by way of a mapped column, so that its slices are read again."""


def names_mapped(map_: Map, asked: Iterable[Value]) -> bool:
    """Whether rights are read by way of a column that is mapped. asked: what `rights: {from: ..}` names."""
    of_rights = [*asked, *(value for name, value in map_.values.items() if name in {*KEPT, "labels"})]
    named = {path.reference.name for value in of_rights for path in value.paths() if path.reference is not None}
    return bool(named & {*map_.values, "date_raw", "languages_raw"})


def _asked(name: str) -> Column:
    """A column that another block of the entry asks for, and that is not published."""
    return Column(name, pa.list_(pa.string()), "what `rights: {from: ..}` reads")


class Columns:
    """Carries out a `map`, once per record."""

    def __init__(self, map_: Map, also: Mapping[str, Value]) -> None:
        """also: more columns to read, such as what `rights: {from: ..}` names."""
        named = {("date_raw" if name == "date" else name): value for name, value in map_.values.items()}
        self._map = map_
        self._of_rights = {*KEPT, *also}
        self._identifier = named.pop("id", None)
        self._config = named.pop("config", None)
        self._values = [(_ALL.get(name) or _asked(name), value) for name, value in (*named.items(), *also.items())]
        self._extra = [(name, value, value.kind, value.classes) for name, value in map_.extra.items()]

    @property
    def names_identifier(self) -> bool:
        """True where the entry says which value identifies a record."""
        return self._identifier is not None

    def identifier(self, context: RecordContext) -> str:
        """What `map.id` gives; empty where it gives nothing."""
        found = self._identifier.read(context, []) if self._identifier else []
        return as_text(found[0]).strip() if found else ""

    def config(self, context: RecordContext) -> str:
        """What `map.config` gives, marked, after all other columns; empty where the entry maps none."""
        if self._config is None:
            return ""
        found = self._config.read(context, [])
        return config_value(as_text(found[0]) if found else "")

    def fill(self, context: RecordContext, problems: list[str]) -> None:
        """Adds the mapped columns to `scene.columns`, over what the reader put there."""
        for column, value in self._values:
            reasons: Reasons = []
            found = fit(column, value.read(context, reasons), reasons)
            problems.extend(f"{column.name}: {reason}" for reason in reasons)
            if column.name in self._of_rights:
                found = with_unsaid(found, said_through(self._map, value, context))
            if column.name == "labels":
                found = with_labels(found, said_through(self._map, value, context))
            if column.name in KEPT:
                found = add_statements(context.columns.get(column.name), found)
            if found is not None:
                context.columns[column.name] = found
            else:
                context.columns.pop(column.name, None)

    def own(self, context: RecordContext, problems: list[str]) -> dict[str, Any]:
        """The source's own columns of this record."""
        filled = {}
        for name, value, kind, classes in self._extra:
            reasons: Reasons = []
            filled[name] = _fit_extra(kind, classes, value.read(context, reasons), reasons)
            problems.extend(f"{name}: {reason}" for reason in reasons)
        return filled


def _one(values: list[Any], reasons: Reasons) -> Any:
    if len(values) > 1 and any(value != values[0] for value in values[1:]):
        reasons.append("several values")
    return values[0]


def fit(column: Column, values: list[Any], reasons: Reasons) -> Any:
    """The values as the column holds them: a list of texts, one text or one number; None where there is none."""
    if not values:
        return None
    if pa.types.is_list(column.type):
        return [value if isinstance(value, dict) else as_text(value) for value in values]
    value = _one(values, reasons)
    if pa.types.is_integer(column.type):
        number = read_int(as_text(value))
        if number is None or not -(1 << 31) <= number < 1 << 31:
            reasons.append("not a whole number")
            return None
        return number
    if pa.types.is_floating(column.type):
        fraction = read_float(as_text(value))
        if fraction is None:
            reasons.append("not a number")
        return fraction
    text = as_text(value)
    if column.name in WORDS and text not in WORDS[column.name]:
        reasons.append(f"not one of {', '.join(WORDS[column.name])}")
        return None
    return text


def _fit_extra(kind: Kind, classes: tuple[str, ...], values: list[Any], reasons: Reasons) -> Any:
    if not values:
        return None
    if kind == "texts":
        return [as_text(value) for value in values]
    value = _one(values, reasons)
    if kind == "class":
        if value not in classes:  # the constant of a list of alternatives
            reasons.append("not among the classes")
            return None
        return classes.index(value)
    read = _READ.get(kind)
    if read is None or not isinstance(value, str):
        return as_text(value) if read is None else value
    found = read(value)  # the constant of a list of alternatives
    if found is None:
        reasons.append(f"not of type {kind}")
    return found


_READ: dict[str, Callable[[str], Any]] = {"int": read_int, "float": read_float, "bool": read_bool}


__all__ = [
    "COLUMNS",
    "SAID_VERSION",
    "WORDS",
    "Columns",
    "Map",
    "Value",
    "extra_classes",
    "extra_types",
    "fit",
    "names_mapped",
    "read_value",
    "said_through",
    "taken_name",
]
