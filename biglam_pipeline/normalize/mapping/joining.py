"""What else belongs to a row: the `with` of a reader, its picture and whatever other files say of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import (
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.mapping.columns import COLUMNS, unknown_references
from biglam_pipeline.normalize.mapping.paths import (
    FACTS,
    AsGiven,
    FactsOnly,
    PathLanguage,
    RecordContext,
    Reference,
    facts_of,
)
from biglam_pipeline.normalize.mapping.values import FromPath, Value, read_value
from biglam_pipeline.normalize.mapping.verb import as_text
from biglam_pipeline.normalize.rows.pictures import MAX_PICTURE_BYTES, MaxBytes, picture_columns
from biglam_pipeline.patterns import Pattern, Patterns
from biglam_pipeline.quality.image import NoPicture
from biglam_pipeline.records import Item
from biglam_pipeline.settings import Misplaced, Settings

if TYPE_CHECKING:
    from biglam_pipeline.normalize.reader import Reader

Key = tuple[str, ...]

_NOT_BUILT = ("type", "rows", "header", "with", "url", "many", "max_side", "map", "where")
_TOLD = {"image_broken": "broken", "image_too_large": "too large", "not_a_picture": "not a picture"}


@dataclass(frozen=True, slots=True)
class By:
    """What a row and a picture have in common: pairs of a value of the row and a fact of the picture."""

    mine: tuple[Value, ...]
    theirs: tuple[Value, ...]
    raw: Any

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read from a column, a list of columns, or {mine: theirs}; written back the same way."""
        written = core_schema.plain_serializer_function_ser_schema(lambda by: by.raw)
        return core_schema.no_info_plain_validator_function(_read_by, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor may suggest."""
        text: JsonSchemaValue = {"type": "string"}
        several = {"type": "array", "items": text, "minItems": 1}
        return {"anyOf": [text, several, {"type": "object", "additionalProperties": text}]}


def _read_pairs(raw: Any, language: PathLanguage) -> By:
    """The `by` of a READ: a column that both have, a list of such, or {mine: theirs}."""
    return _pairs(raw, language, "", "a column that both have, a list of columns, or {mine: theirs}")


def _read_by(raw: Any) -> By:
    """The same of a picture, of which only facts are known: $name, or what `files` captures."""
    if isinstance(raw, By):
        return raw
    return _pairs(raw, FactsOnly(), "$", "a column, a list of columns, or {column of the row: $fact of the picture}")


def _pairs(raw: Any, language: PathLanguage, before: str, due: str) -> By:
    """before: what stands before their name, where only mine is said; due: what may be written."""
    names = raw if isinstance(raw, list | tuple) else [raw]
    pairs = raw if isinstance(raw, dict) else {name: f"{before}{name}" for name in names if isinstance(name, str)}
    if not pairs or not all(isinstance(one, str) and one for pair in pairs.items() for one in pair):
        raise ValueError(f"`by` is {due}")
    theirs = tuple(read_value(value, language) for value in pairs.values())
    return By(tuple(read_value(value) for value in pairs), theirs, raw)


class PictureOf(Settings):
    """The picture of a row, found among the harvested files; a row without one keeps its other columns."""

    files: Patterns
    """Which of the harvested files are the pictures: a pattern for the end of the path, or a list; `!` leaves out."""
    by: By
    """What a row and its picture have in common: {column: $name}, or a column whose name `files` captures."""
    max_bytes: MaxBytes = MAX_PICTURE_BYTES
    """A larger picture is left out of its row, and counted."""

    @model_validator(mode="before")
    @classmethod
    def _built(cls, raw: Any) -> Any:
        said = "is in the language but not built yet; leave it out: a picture has `files` and `by`"
        wrong = [((name,), f"`{name}` {said}") for name in raw if name in _NOT_BUILT] if isinstance(raw, dict) else []
        if wrong:
            raise Misplaced(*wrong)
        return raw

    @model_validator(mode="after")
    def _known(self) -> "PictureOf":
        captured = [name for text in self.files for name in Pattern(text.removeprefix("!")).captures]
        unknown = sorted({*unknown_references(self.by.theirs, captured)} | set(self._columns(captured)))
        if unknown:
            hint = "write {COLUMN: $name}, or capture it, as in files: '{column}.jpg'"
            said = f"{', '.join(unknown)}: no fact of a picture, and nothing that `files` captures; {hint}"
            raise Misplaced((("by",), said))
        return self

    def _columns(self, captured: Sequence[str]) -> list[str]:
        """Names that are columns of a row: a picture has none of them."""
        names = [path.reference.name for value in self.by.theirs for path in value.paths() if path.reference]
        return [f"${name}" for name in names if name not in {*FACTS, *captured}]


@dataclass(frozen=True, slots=True)
class Join:
    """One READ that rows are joined with, found among the harvested files: a left join."""

    read: "Reader"
    by: By
    many: bool
    """Whether a row may have several; else a repeated key is a fault."""
    raw: dict[str, Any]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The reader makes it of its block before, since only the list of readers knows how; written as it was."""
        written = core_schema.plain_serializer_function_ser_schema(lambda join: join.raw)
        return core_schema.is_instance_schema(cls, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor may suggest; the keys of its reader come with it."""
        return {
            "type": "object",
            "required": ["files", "by"],
            "properties": {"by": By.__get_pydantic_json_schema__(schema, handler), "many": {"type": "boolean"}},
        }

    def column(self, name: str) -> Value | None:
        """Where `$join.name` stands in a joined record; None where it can stand nowhere.

        A column of its own, of `map`, or captured by `files`; else a field of the record where names are paths, as in
        tables; else a canonical column, which the format may fill by itself.
        """
        language = self.read.path_language
        if name in self.read.map.extra or name in self.read.captures:
            return FromPath(name, name, reference=Reference(name))
        if name not in self.read.map.values and name in language.fields(name):
            return FromPath(name, name, language=language)
        if name in self.read.map.values or name in COLUMNS:
            return FromPath(name, name, reference=AsGiven(name))
        return None


def read_join(raw: Any) -> Join:
    """`{files: PATTERN, by: .., many: true, ...}`, whose other keys are those of a reader.

    ValueError, or Misplaced, for what is wrong in it.
    """
    if isinstance(raw, Join):
        return raw
    if not isinstance(raw, dict):
        raise ValueError(f"{raw!r} is no block; write {{files: PATTERN, by: COLUMN}}")
    said = "is in the language but not built yet (a second request while harvesting); leave it out"
    if wrong := [((name,), f"`{name}` {said}") for name in ("url", "max_side") if name in raw]:
        raise Misplaced(*wrong)
    if lacking := [name for name in ("files", "by") if name not in raw]:
        raise Misplaced(*(((name,), f"`{name}` is missing; write {{files: PATTERN, by: COLUMN}}") for name in lacking))
    many = {"true": True, "false": False}.get(str(raw.get("many", "false")).lower())
    if many is None:
        raise Misplaced((("many",), f"`{raw['many']}` is neither true nor false; write one of the two"))
    # These know all readers, and every reader knows this module.
    from biglam_pipeline.normalize.shorthand import read_normalize
    from biglam_pipeline.normalize.ways_out import BUILT

    block = read_normalize({key: value for key, value in raw.items() if key not in ("by", "many")}, [])
    try:
        read = BUILT[block["type"]].model_validate(block).as_joined()
    except ValidationError as error:
        raise Misplaced(*_faults(error)) from None
    try:
        by = _read_pairs(raw["by"], read.path_language)
    except ValueError as error:
        raise Misplaced((("by",), str(error))) from None
    known = [*read.captures, *read.own_facts, *read.map.extra]
    if unknown := list(unknown_references(by.theirs, known)):
        raise Misplaced((("by",), f"{', '.join(unknown)}: no fact and no column of what is joined"))
    return Join(read, by, many, raw)


def _faults(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for one in error.errors(include_url=False):
        inner = one.get("ctx", {}).get("error")
        if isinstance(inner, Misplaced):
            yield from (((*one["loc"], *steps), what) for steps, what in inner.faults)
        elif one["type"] == "extra_forbidden":
            yield one["loc"], f"`{one['loc'][-1]}` is no key of this reader; leave it out"
        else:
            yield one["loc"], one["msg"].removeprefix("Value error, ")


class With(Settings):
    """What else belongs to a row, by the name it gets there, in order."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Join] = Field(init=False)

    image: PictureOf | None = None
    """The picture of the row: its bytes, size and media type."""

    @property
    def joins(self) -> dict[str, Join]:
        """All but the picture."""
        return self.__pydantic_extra__ or {}

    @model_validator(mode="before")
    @classmethod
    def _named(cls, raw: Any) -> Any:
        if isinstance(raw, dict):
            said = "is no name; write small letters, digits and _, a letter first"
            wrong = [((name,), f"`{name}` {said}") for name in raw if not re.fullmatch("[a-z][a-z0-9_]*", str(name))]
            if not raw:
                raise ValueError("nothing is joined; leave `with` out")
            if wrong:
                raise Misplaced(*wrong)
        return raw

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Any name may stand there."""
        return handler.resolve_ref_schema(handler(schema))


class Album:
    """The pictures of one bundle, found by what they have in common with a row; each is opened when it is asked for."""

    def __init__(self, settings: PictureOf, items: Sequence[Item]) -> None:
        """SourceChanged where two pictures have the same key."""
        self._settings = settings
        self._items: dict[Key, Item] = {}
        self._asked: set[Key] = set()
        for item in items:
            key = key_of(settings.by.theirs, RecordContext(None, facts_of(item, settings.files)))
            other = self._items.setdefault(key, item) if key else item
            if other is not item:
                message = f"{other.name} and {item.name} are both the picture of {' '.join(key)!r}; narrow `files`"
                raise SourceChanged(f"`with: image`: {message}, or name more in `by`")

    def columns(self, context: RecordContext, problems: list[str]) -> dict[str, Any]:
        """The columns of the row's picture; none, and a problem, where it has none that can be read."""
        key = key_of(self._settings.by.mine, context)
        item = self._items.get(key) if key else None
        if item is None:
            problems.append("image: not found")
            return {}
        self._asked.add(key)
        try:
            return picture_columns(item, self._settings.max_bytes)
        except NoPicture as trouble:
            problems.append(f"image: {_TOLD[trouble.reason]}")
            return {}

    @property
    def left_over(self) -> int:
        """Pictures that no row asked for."""
        return len(self._items) - len(self._asked)


def key_of(values: Sequence[Value], context: RecordContext, several: list[str] | None = None) -> Key:
    """What the values give; empty where one of them gives nothing, or blanks: two unknowns have nothing in common.

    several: gets a reason where a value gives more than one, of which the first is the key.
    """
    found = [value.read(context, []) for value in values]
    if several is not None and any(one != each[0] for each in found for one in each):
        several.append("several values in `by`, the first is taken")
    key = tuple(as_text(one[0]).strip() for one in found) if all(found) else ()
    return key if all(key) else ()
