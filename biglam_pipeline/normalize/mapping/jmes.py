"""Where does a value stand in JSON? JMESPath, in a record, and by `$root` in the document that it was cut from.

https://jmespath.org/specification.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from jmespath.visitor import TreeInterpreter

from biglam_pipeline.parsing.json.strict import cell_of

_INSIDE = (
    "subexpression",
    "index_expression",
    "projection",
    "flatten",
    "filter_projection",
    "value_projection",
    "pipe",
)
"""What begins at its first child, and goes on inside of what that gives."""
_INTERPRETER = TreeInterpreter()
"""It remembers nothing of a value. `ParsedResult.search` makes one for each, which holds itself until Python looks."""


@dataclass(frozen=True)
class JmesPath:
    """JMESPath 1.0: what is not there is no value, and a list is as many values as it has."""

    name = "JMESPath"

    def compile(self, path: str) -> Callable[[Any], list[Any]]:
        """The values, numbers as they are written; an expression that fits a record not at all gives none."""
        parsed = _compiled(path).parsed

        def get(record: Any) -> list[Any]:
            try:
                found = cell_of(_INTERPRETER.visit(parsed, record))
            except (JMESPathError, ArithmeticError, ValueError, TypeError):  # join(', ', @) of what is no list
                return []
            values = found if isinstance(found, list) else [found]
            return [one for one in values if one is not None and one != ""]

        return get

    def fields(self, path: str) -> list[str]:
        """The first keys that it reads."""
        return list(dict.fromkeys(_first_fields(_compiled(path).parsed)))


@dataclass(frozen=True, slots=True)
class OfRoot:
    """`$root.PATH`: what stands in the document that the record was cut from, beside the list of its records."""

    path: str
    """Empty for the document."""
    name: str = "root"
    column: str = ""
    """Nothing of it is joined."""

    def __call__(self, context: Any) -> list[Any]:
        """context: a RecordContext, whose `root` gives the document."""
        return JmesPath().compile(self.path or "@")(context.root()) if context.root is not None else []

    def stands(self, context: Any) -> list[Any]:
        """Nothing beside it."""
        return []


def of_root(rest: str) -> OfRoot:
    """What `$root` and this behind it mean. ValueError for what is no JMESPath."""
    path = rest[1:].strip() if rest.startswith(".") else rest
    if rest:
        _compiled(path)
    return OfRoot(path)


@lru_cache(maxsize=1024)
def _compiled(path: str) -> ParsedResult:
    try:
        return jmespath.compile(path)
    except (JMESPathError, ValueError) as error:
        hint = f"""; a key of other letters than A-Z, a-z, 0-9 and _ is put in double quotes: '"{path}"'"""
        said = str(error).partition("\n")[0]
        raise ValueError(f"{path!r} is not JMESPath: {said}{hint if _is_a_key(path) else ''}") from None


def _is_a_key(path: str) -> bool:
    return not set(path) & set("[](){}|&\"'`")


def _first_fields(node: Mapping[str, Any]) -> list[str]:
    if node["type"] == "field":
        return [str(node["value"])]
    children = [one for one in node["children"] if isinstance(one, dict)]
    inside = children[:1] if node["type"] in _INSIDE else children
    return [name for child in inside for name in _first_fields(child)]
