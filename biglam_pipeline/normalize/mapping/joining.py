"""What else belongs to a row: the `with` of a reader, its picture and whatever other files say of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

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

from biglam_pipeline.normalize.mapping.columns import COLUMNS
from biglam_pipeline.normalize.mapping.each import inside_each
from biglam_pipeline.normalize.mapping.paths import (
    FACTS,
    SHORT,
    AsGiven,
    FactsOnly,
    OwnColumn,
    PathLanguage,
    RecordContext,
    Reference,
    is_field,
)
from biglam_pipeline.normalize.mapping.references import unknown_references
from biglam_pipeline.normalize.mapping.values import FromPath, Value, read_value
from biglam_pipeline.normalize.mapping.verb import as_text
from biglam_pipeline.normalize.rows.pictures import MAX_PICTURE_BYTES, MaxBytes
from biglam_pipeline.patterns import Pattern, Patterns
from biglam_pipeline.settings import Misplaced, Settings

if TYPE_CHECKING:
    from biglam_pipeline.normalize.reader import Reader

Key = tuple[str, ...]

_TEMPLATE = re.compile(r"template\(\s*\"?([^()]*?)\"?\s*\)")
_NOT_OF_A_PICTURE = ("type", "rows", "header", "with", "many", "map", "where")


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
    """The picture of a row, found among the harvested files, or where its record points to; a row without one keeps
    its other columns.
    """

    files: Patterns = ()
    """Which of the harvested files are the pictures: a pattern for the end of the path, or a list; `!` leaves out."""
    by: By | None = None
    """What a row and its picture have in common: {column: $name}, or a column whose name `files` captures."""
    url: Value | None = None
    """Instead of `files` and `by`, the VALUE that says where the picture is: its address, or that of an IIIF image
    service, such as $iiif_service. It is fetched while harvesting; the column image_status says what became of it."""
    max_side: Annotated[int | None, Field(ge=1, le=100_000)] = None
    """With `url`: so many pixels of the longer side are enough. An IIIF image service is asked for a picture of that
    size, within what it allows; a picture that has an address of its own comes as it is."""
    max_bytes: MaxBytes = MAX_PICTURE_BYTES
    """A larger picture is left out of its row, and counted."""

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        said = "is no key of a picture, which has {url: VALUE, max_side: PIXELS}, or `files` and `by`; leave it out"
        wrong = [((name,), f"`{name}` {said}") for name in raw if name in _NOT_OF_A_PICTURE]
        if "url" in raw:
            beside = "a picture is found among the files of the harvest, or by `url`; leave out one of the two"
            wrong += [((name,), f"`{name}` beside `url`: {beside}") for name in ("files", "by") if name in raw]
        elif raw.keys() <= cls.model_fields.keys():  # else a slip is reported, with the key that was meant
            due = "is missing; write {files: PATTERN, by: {COLUMN: $name}}, or {url: VALUE}"
            wrong += [((name,), f"`{name}` {due}") for name in ("files", "by") if name not in raw]
            if "max_side" in raw:
                wrong.append((("max_side",), "`max_side` is asked of a server, by `url`; leave it out"))
        if wrong:
            raise Misplaced(*wrong)
        return raw

    @model_validator(mode="after")
    def _known(self) -> "PictureOf":
        captured = [name for text in self.files for name in Pattern(text.removeprefix("!")).captures]
        unknown = sorted({*unknown_references(self.theirs, captured)} | set(self._columns(captured)))
        if unknown:
            hint = "write {COLUMN: $name}, or capture it, as in files: '{column}.jpg'"
            said = f"{', '.join(unknown)}: no fact of a picture, and nothing that `files` captures; {hint}"
            raise Misplaced((("by",), said))
        return self

    @property
    def mine(self) -> tuple[Value, ...]:
        """What is read of a row, to find its picture by."""
        return (self.url,) if self.url else self.by.mine if self.by else ()

    @property
    def theirs(self) -> tuple[Value, ...]:
        """What is known of a picture."""
        return self.by.theirs if self.by else ()

    def _columns(self, captured: Sequence[str]) -> list[str]:
        """Names that are columns of a row: a picture has none of them."""
        names = [path.reference.name for value in self.theirs for path in value.paths() if path.reference]
        return [f"${name}" for name in names if name not in {*FACTS, *captured}]


@dataclass(frozen=True, slots=True)
class Join:
    """One READ that rows are joined with, found among the harvested files, or where a row points to: a left join."""

    read: "Reader"
    by: By
    many: bool
    """Whether a row may have several; else a repeated key is a fault."""
    raw: dict[str, Any]
    is_linked: bool = False
    """Whether `by` is the one address that a row points to, and the name by which the shelf has what came from it."""

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
            "anyOf": [{"required": ["files", "by"]}, {"required": ["url"]}],
            "properties": {
                "by": By.__get_pydantic_json_schema__(schema, handler),
                "many": {"type": "boolean"},
                "url": Value.__get_pydantic_json_schema__(schema, handler),
            },
        }

    @property
    def place(self) -> str:
        """The key under which the entry says what a row and this have in common."""
        return "url" if self.is_linked else "by"

    def column(self, name: str) -> Value | None:
        """Where `$join.name` stands in a joined record; None where it can stand nowhere.

        A column of its own, of `map`, or captured by `files`; else, of a format that `fills` columns by itself, such
        as MARC or TEI, that column; else the field of this name, as in tables.
        """
        language = self.read.path_language
        if inside := inside_each(name, self.raw):
            return inside.speaking(language)
        if name in self.read.map.extra or name in self.read.captures:
            known = OwnColumn(name) if name in self.read.map.extra else Reference(name)
            return FromPath(name, name, reference=known)
        mapped = name in self.read.map.values
        column = name if mapped or name in COLUMNS else SHORT.get(name, "")
        if not mapped and not (self.read.fills and column) and is_field(name, language):
            return FromPath(name, name, language=language)
        return FromPath(name, name, reference=AsGiven(column)) if column else None


def with_joins(raw: Any) -> Any:
    """A block as written, with every READ under `with` read by its own reader: only here all of them are known."""
    inside = raw.get("with") if isinstance(raw, dict) else None
    if not isinstance(inside, dict):
        return raw
    found, wrong = dict(inside), list[tuple[tuple[str | int, ...], str]]()
    for name in inside.keys() - {"image"}:
        try:
            found[name] = read_join(inside[name])
        except Misplaced as error:
            wrong += [(("with", name, *steps), what) for steps, what in error.faults]
        except ValueError as error:
            wrong.append((("with", name), str(error)))
    if wrong:
        raise Misplaced(*sorted(wrong, key=str))
    return {**raw, "with": found}


def read_join(raw: Any) -> Join:
    """`{files: PATTERN, by: .., many: true, ...}` or `{url: VALUE, ...}`, whose other keys are those of a reader.

    ValueError, or Misplaced, for what is wrong in it.
    """
    if isinstance(raw, Join):
        return raw
    due = "write {files: PATTERN, by: COLUMN}, or {url: VALUE}"
    if not isinstance(raw, dict):
        raise ValueError(f"{raw!r} is no block; {due}")
    linked, wrong = "url" in raw, list[tuple[tuple[str | int, ...], str]]()
    for name in ("files", "by"):
        if linked and name in raw:
            beside = f"`{name}` beside `url`: what a row points to is found by its address; leave it out"
            wrong.append(((name,), beside))
        elif not linked and name not in raw:
            wrong.append(((name,), f"`{name}` is missing; {due}"))
    if "max_side" in raw:
        wrong.append((("max_side",), "`max_side` is for `image`, the picture of a row; leave it out"))
    if wrong:
        raise Misplaced(*wrong)
    many = {"true": True, "false": False}.get(str(raw.get("many", "false")).lower())
    if many is None:
        raise Misplaced((("many",), f"`{raw['many']}` is neither true nor false; write one of the two"))
    return _read_linked(raw, many) if linked else _read_among_files(raw, many)


def _read_among_files(raw: dict[str, Any], many: bool) -> Join:
    read = _reader_of({key: value for key, value in raw.items() if key not in ("by", "many")}, [])
    try:
        by = _read_pairs(raw["by"], read.path_language)
    except ValueError as error:
        raise Misplaced((("by",), str(error))) from None
    known = [*read.captures, *read.own_facts, *read.map.extra]
    if unknown := list(unknown_references(by.theirs, known)):
        raise Misplaced((("by",), f"{', '.join(unknown)}: no fact and no column of what is joined"))
    return Join(read, by, many, raw)


def _read_linked(raw: dict[str, Any], many: bool) -> Join:
    """What comes from a link is all read by the one reader, whatever it is called there: that of the extension with
    which a template of addresses ends, where none is named; else JSON.
    """
    try:
        url = read_value(raw["url"])
    except ValueError as error:
        raise Misplaced((("url",), str(error))) from None
    from biglam_pipeline.normalize.shorthand import extension_kind

    kinds = [extension_kind(found) for found in _TEMPLATE.findall(str(url.written()))]
    block = {
        "type": next(filter(None, kinds), "json"),
        **{key: value for key, value in raw.items() if key not in ("url", "many")},
        "files": "*",
    }
    return Join(_reader_of(block, []), By((url,), (read_value("$path"),), raw["url"]), many, raw, is_linked=True)


def _reader_of(raw: dict[str, Any], names: Sequence[str]) -> "Reader":
    # These know all readers, and every reader knows this module.
    from biglam_pipeline.normalize.shorthand import read_normalize
    from biglam_pipeline.normalize.ways_out import BUILT

    block = read_normalize(raw, names)
    try:
        return BUILT[block["type"]].model_validate(block).as_joined()
    except ValidationError as error:
        raise Misplaced(*_faults(error)) from None


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
        return handler.resolve_ref_schema(super().__get_pydantic_json_schema__(schema, handler))


def key_of(values: Sequence[Value], context: RecordContext, several: list[str] | None = None) -> Key:
    """What the values give; empty where one of them gives nothing, or blanks: two unknowns have nothing in common.

    several: gets a reason where a value gives more than one, of which the first is the key.
    """
    found = [value.read(context, []) for value in values]
    if several is not None and any(one != each[0] for each in found for one in each):
        several.append("several values in `by`, the first is taken")
    key = tuple(as_text(one[0]).strip() for one in found) if all(found) else ()
    return key if all(key) else ()
