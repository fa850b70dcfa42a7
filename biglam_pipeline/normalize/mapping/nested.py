"""Where does a value stand in a row of nested columns? The column's name, and behind a dot the field in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.parsing.json.strict import cell_of


@dataclass(frozen=True)
class NestedColumn:
    """`title`, `metadata.title`, `authors.name`: a name as it is, dots in it or not, goes before a field of that name.

    A list on the way gives the field of each of its members. Bytes are no value.
    """

    name = "column"

    def compile(self, path: str) -> Callable[[Any], list[Any]]:
        """The values; null, empty texts and bytes are none."""

        def get(record: Any) -> list[Any]:
            found = list[Any]()
            _follow(record, path, found)
            return [cell_of(one) for one in found if one is not None and one != "" and not isinstance(one, bytes)]

        return get

    def fields(self, path: str) -> list[str]:
        """The path: a file has it, or it has not."""
        return [path]


def _follow(value: Any, path: str, found: list[Any]) -> None:
    """Adds what stands there to `found`."""
    if isinstance(value, list):
        for one in value:
            _follow(one, path, found)
    elif not path:
        found.append(value)
    elif isinstance(value, Mapping):
        if path in value:
            _follow(value[path], "", found)
            return
        dots = [at for at, letter in enumerate(path) if letter == "."]
        front = next((at for at in reversed(dots) if path[:at] in value), None)
        if front is not None:
            _follow(value[path[:front]], path[front + 1 :], found)
