"""Which records become rows: the `where` of a reader."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from biglam_pipeline.normalize.mapping.paths import RecordContext
from biglam_pipeline.normalize.mapping.steps import read_float
from biglam_pipeline.normalize.mapping.values import Value, read_value
from biglam_pipeline.normalize.mapping.verb import as_text
from biglam_pipeline.settings import Bounds, read_range

_RANGE_LIKE = re.compile(r"-?[0-9.]*\s*\.\.\s*-?[0-9.]*")


@dataclass(frozen=True, slots=True)
class Condition:
    """One path and what it must give: one of these texts, or a number in one of these ranges."""

    value: Value
    texts: frozenset[str]
    ranges: tuple[Bounds, ...]

    def holds(self, context: RecordContext) -> bool:
        """True where any of the values fits."""
        return any(self._fits(as_text(found).strip()) for found in self.value.read(context, []))

    def _fits(self, text: str) -> bool:
        if text in self.texts:
            return True
        number = read_float(text) if self.ranges else None
        return number is not None and any(number in bounds for bounds in self.ranges)


@dataclass(frozen=True, slots=True)
class Where:
    """Sets of conditions: within a set all must hold, of the sets one."""

    sets: tuple[tuple[Condition, ...], ...]
    raw: Any

    def holds(self, context: RecordContext) -> bool:
        """True where the record becomes a row."""
        return any(all(condition.holds(context) for condition in conditions) for conditions in self.sets)

    @property
    def values(self) -> list[Value]:
        """Everything that is read to decide."""
        return [condition.value for conditions in self.sets for condition in conditions]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read from a mapping or a list of them; written back the same way."""
        written = core_schema.plain_serializer_function_ser_schema(lambda where: where.raw)
        return core_schema.no_info_plain_validator_function(read_where, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor may suggest."""
        scalar: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
        one = {"type": "object", "additionalProperties": {"anyOf": [scalar, {"type": "array", "items": scalar}]}}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def read_where(raw: Any) -> Where:
    """`{PATH: TEXT}`, `{PATH: [TEXT, TEXT]}`, `{PATH: 1800..}`, or a list of such. ValueError says what is wrong."""
    if isinstance(raw, Where):
        return raw
    sets = raw if isinstance(raw, list) else [raw]
    if not sets or not all(isinstance(one, dict) and one for one in sets):
        raise ValueError("`where` is {PATH: what it must give}, or a list of such of which one must hold")
    return Where(tuple(tuple(_condition(path, wanted) for path, wanted in one.items()) for one in sets), raw)


def _condition(path: Any, wanted: Any) -> Condition:
    wants = wanted if isinstance(wanted, list) else [wanted]
    if not wants or not all(isinstance(one, str | int | float) for one in wants):
        raise ValueError(f"`where`: {path} must give a text, a list of texts or a range, not {wanted!r}")
    texts = [as_text(one).strip() for one in wants]
    ranges = []
    for text in texts:
        try:
            ranges.append(read_range(text))  # `20` is a text and a number: 20.0 in the data fits it too
        except ValueError:
            if _RANGE_LIKE.fullmatch(text):
                raise
    return Condition(read_value(path), frozenset(texts), tuple(ranges))
