"""What a VALUE of sources.yaml is: a path with steps, alternatives, several together, or a constant."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from biglam_pipeline.normalize.mapping.jmes import OfRoot
from biglam_pipeline.normalize.mapping.paths import (
    AsGiven,
    Getter,
    PathLanguage,
    RecordContext,
    Reference,
    read_reference,
)
from biglam_pipeline.normalize.mapping.steps import Step, read_steps, refuse_one_arrow, result_of
from biglam_pipeline.normalize.mapping.verb import Kind, Reasons, as_text

LANGUAGE: ContextVar[PathLanguage | None] = ContextVar("path language", default=None)
"""The path language of the block that is being validated; a VALUE outside a reader is compiled later."""


@contextmanager
def speaking(language: PathLanguage) -> Iterator[None]:
    """For the length of a block, paths are of this language."""
    token = LANGUAGE.set(language)
    try:
        yield
    finally:
        LANGUAGE.reset(token)


ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "class": pa.int64(),  # the place in the list of names, as `datasets` has it
}


class Value(ABC):
    """One VALUE, parsed. Reads lists of values, so that nothing is lost before the column says what fits it."""

    @property
    @abstractmethod
    def kind(self) -> Kind:
        """What it gives, for the type of one of the source's own columns."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names among which its values are, where the last step is `class`."""
        return ()

    @abstractmethod
    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        """The values, none of them empty; why others were dropped goes to `reasons`."""

    @abstractmethod
    def speaking(self, language: PathLanguage) -> "Value":
        """The same value with its paths compiled. ValueError for a path that is not in the language."""

    @abstractmethod
    def paths(self) -> Iterator["FromPath"]:
        """Every path in it."""

    def said(self, context: RecordContext) -> Iterator[Any]:
        """What stands at each of its paths before any step, and whatever the alternatives before it gave."""
        for path in self.paths():
            yield from path.said(context)

    def missing(self, names: Collection[str]) -> list[str]:
        """The columns it cannot do without that are not among these names."""
        return [path.path for path in self.paths() if path.reference is None and path.path not in names]

    @abstractmethod
    def written(self) -> Any:
        """The value as YAML would hold it."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read from text, list or mapping; written back the same way."""
        written = core_schema.plain_serializer_function_ser_schema(lambda value: value.written())
        return core_schema.no_info_plain_validator_function(read_value, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor may suggest."""
        const = {"type": "object", "required": ["const"], "properties": {"const": {"type": ["string", "number"]}}}
        several = {
            "type": "object",
            "required": ["all"],
            "properties": {"all": {"type": "array"}, "join": {"type": "string"}},
        }
        return {"anyOf": [{"type": ["string", "number"]}, {"type": "array", "minItems": 1}, several, const]}


@dataclass(frozen=True)
class FromPath(Value):
    """`PATH >> STEP >> STEP`. It holds what is written; the path is compiled in each process that reads by it."""

    text: str
    path: str
    steps: tuple[Step, ...] = ()
    reference: Reference | AsGiven | OfRoot | None = None
    language: PathLanguage | None = None

    @cached_property
    def get(self) -> Getter:
        """What finds the values in a record. ValueError for a path that is not in the language."""
        assert self.language is not None, "the reader says the language of its values when it is loaded"
        return self.language.compile(self.path)

    def __reduce__(self) -> tuple[object, ...]:
        """Without what was compiled, so that a slice can be read in another process."""
        return FromPath, (self.text, self.path, self.steps, self.reference, self.language)

    @property
    def kind(self) -> Kind:
        return result_of(self.steps)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.steps[-1].arguments if self.kind == "class" else ()

    def unstepped(self, context: RecordContext) -> list[Any]:
        """What stands there, of whatever shape."""
        if self.reference is not None:
            return self.reference(context)
        return self.get(context.record)

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        values = self.unstepped(context)
        if len(values) != 1 or type(values[0]) is not str:
            values = _without_shapes(values, reasons)
        for step in self.steps:
            values = step.run(values, reasons)
        return [value for value in values if value is not None and value != ""]

    def speaking(self, language: PathLanguage) -> Value:
        if self.reference is not None or self.language is not None:
            return self
        spoken = replace(self, language=language)
        spoken.get  # noqa: B018  # a path that is not in the language is told where the entry is loaded
        return spoken

    def said(self, context: RecordContext) -> Iterator[Any]:
        yield from self.unstepped(context)
        if self.reference is not None:
            yield from self.reference.stands(context)

    def paths(self) -> Iterator["FromPath"]:
        yield self

    def written(self) -> Any:
        return self.text


def _without_shapes(values: list[Any], reasons: Reasons) -> list[Any]:
    """What is a text or a number. An object is none: written as JSON, or as Python, it would be letters in a title."""
    if not any(isinstance(value, dict | list) for value in values):
        return values
    for value in values:
        if isinstance(value, dict | list):
            reasons.append("an object where a text is due" if isinstance(value, dict) else "a list in a list")
    return [value for value in values if not isinstance(value, dict | list)]


@dataclass(frozen=True, slots=True)
class FirstOf(Value):
    """`[VALUE, VALUE]`: the first that is not empty."""

    members: tuple[Value, ...]

    @property
    def kind(self) -> Kind:
        return _common(self.members)

    @property
    def classes(self) -> tuple[str, ...]:
        return next((member.classes for member in self.members if member.classes), ()) if self.kind == "class" else ()

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        mine: Reasons = []
        for member in self.members:
            found = member.read(context, mine)
            if found:
                return found  # what the alternatives before it could not read is no loss then
        reasons.extend(mine)
        return []

    def speaking(self, language: PathLanguage) -> Value:
        return FirstOf(tuple(member.speaking(language) for member in self.members))

    def paths(self) -> Iterator[FromPath]:
        for member in self.members:
            yield from member.paths()

    def missing(self, names: Collection[str]) -> list[str]:
        lacking = [member.missing(names) for member in self.members]
        return [] if not all(lacking) else [name for names_ in lacking for name in names_]

    def written(self) -> Any:
        return [member.written() for member in self.members]


@dataclass(frozen=True, slots=True)
class AllOf(Value):
    """`{all: [VALUE, VALUE], join: TEXT}`: what all of them give, one after the other."""

    members: tuple[Value, ...]
    join: str | None = None

    @property
    def kind(self) -> Kind:
        return "texts" if self.join is None else "text"

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        found = [value for member in self.members for value in member.read(context, reasons)]
        if self.join is None or not found:
            return found
        return [self.join.join(as_text(value) for value in found)]

    def speaking(self, language: PathLanguage) -> Value:
        return AllOf(tuple(member.speaking(language) for member in self.members), self.join)

    def paths(self) -> Iterator[FromPath]:
        for member in self.members:
            yield from member.paths()

    def written(self) -> Any:
        members = [member.written() for member in self.members]
        return {"all": members} if self.join is None else {"all": members, "join": self.join}


@dataclass(frozen=True, slots=True)
class Const(Value):
    """`{const: TEXT}`: the same for every row."""

    text: str

    @property
    def kind(self) -> Kind:
        return "text"

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        return [self.text]

    def speaking(self, language: PathLanguage) -> Value:
        return self

    def paths(self) -> Iterator[FromPath]:
        yield from ()

    def written(self) -> Any:
        return {"const": self.text}


def _common(members: tuple[Value, ...]) -> Kind:
    paths = [member for member in members if not isinstance(member, Const)]
    kinds: set[Kind] = {member.kind for member in paths} or {"text"}
    if kinds == {"class"} and len({member.classes for member in paths}) > 1:
        return "text"  # several lists of names are none
    if len(kinds) == 1:
        return kinds.pop()
    return "texts" if "texts" in kinds else "text"


def read_value(raw: Any, language: PathLanguage | None = None) -> Value:
    """A VALUE as YAML gives it. ValueError says what is wrong with it.

    language: of its paths, by default that of the block that is being validated.
    """
    if isinstance(raw, Value):
        return raw
    value = parse_value(raw)
    language = language or LANGUAGE.get()
    return value if language is None else value.speaking(language)


def parse_value(raw: Any) -> Value:
    """The same without a path language, in which its paths are compiled later: `speaking`."""
    if isinstance(raw, Value):
        return raw
    if isinstance(raw, str | int | float):
        return _parse_path(as_text(raw))
    if isinstance(raw, list | tuple):
        if not raw:
            raise ValueError("an empty list gives no value; name at least one path")
        return FirstOf(tuple(parse_value(one) for one in raw))
    if isinstance(raw, dict):
        return _parse_block(raw)
    raise ValueError(f"{raw!r} is not a value; write a path, a list of paths, {{all: [..]}} or {{const: TEXT}}")


def _parse_block(raw: dict[str, Any]) -> Value:
    keys = set(raw)
    if "each" in keys:
        raise ValueError("`each` stands alone, not in another value; write COLUMN: {each: $NAME, FIELD: VALUE}")
    if keys == {"const"} and isinstance(raw["const"], str | int | float):
        return Const(as_text(raw["const"]))
    if "all" in keys and keys <= {"all", "join"} and isinstance(raw["all"], list) and raw["all"]:
        join = raw.get("join")
        return AllOf(tuple(parse_value(one) for one in raw["all"]), None if join is None else as_text(join))
    raise ValueError(f"{raw!r} is not a value; in braces there is {{all: [..], join: TEXT}} or {{const: TEXT}}")


def _parse_path(text: str) -> Value:
    path, mark, rest = text.partition(">>")
    path = path.strip()
    if not path:
        raise ValueError(f"{text!r} names no path; for a text of your own write {{const: TEXT}}")
    if not mark:
        refuse_one_arrow(path)
    return FromPath(text, path, read_steps(rest) if mark else (), read_reference(path))
