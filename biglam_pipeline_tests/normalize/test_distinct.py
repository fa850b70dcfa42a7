"""What is kept of a cell is no larger than it is."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from biglam_pipeline.normalize.columnar.distinct import Distinct, Made, all_as_json, as_json, frozen, itself

CELLS = 2000


def _distinct(cells: list[Any]) -> object:
    made = Distinct(("a",), ("a",), lambda values: Made(dict(values)))
    made.of({"a": cells}, len(cells))
    return made


def _as_they_are(cells: list[Any]) -> object:
    return Distinct(("a",), ("a",), lambda values: Made(dict(values)), itself).parts({"a": cells}, len(cells))


KEEPERS: dict[str, Callable[[list[Any]], object]] = {
    "all_as_json": all_as_json,
    "as_json": lambda cells: [*map(as_json, cells)],
    "frozen": lambda cells: [*map(frozen, ([one] for one in cells))],
    "Distinct": _distinct,
    "Distinct.parts": _as_they_are,
}


@pytest.mark.parametrize("name", KEEPERS)
def test_json_that_is_kept_has_no_buffer_around_it(name: str) -> None:
    cells = [f"cell {number}" for number in range(CELLS)]
    tracemalloc.start()
    try:
        kept = KEEPERS[name](cells)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept
    assert held / CELLS < 1000  # orjson's own bytes are 4,096 and more


@pytest.mark.parametrize(
    "value", ["", "ä\n\x00", 1, 1.5, True, None, [], ["b", None], {"z": 1, "a": {"y": [], "b": 2}}]
)
def test_it_is_what_orjson_writes_with_sorted_names(value: Any) -> None:
    due = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    assert as_json(value) == due
    assert all_as_json([value, value]) == [due, due]
