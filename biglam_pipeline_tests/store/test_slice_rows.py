"""Rows of a slice come out the same, and in the order asked for, whether it is read whole or by row groups."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from biglam_pipeline.store.slice_rows import SliceRows
from biglam_pipeline_tests.examples import examples

ROWS = 230


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slice of several row groups."""
    path = tmp_path_factory.mktemp("slice") / "slice.parquet"
    table = pa.table({"id": [f"r{n}" for n in range(ROWS)], "text": [f"text {n}" * (n % 7) for n in range(ROWS)]})
    pq.write_table(table, path, row_group_size=50)
    return path


@pytest.mark.parametrize("whole_bytes", [1 << 30, 0])
@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(positions=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=120))
def test_rows_come_in_the_order_asked_for(written: Path, whole_bytes: int, positions: list[int]) -> None:
    rows = SliceRows(written, ["id"], whole_bytes)
    assert rows.take(np.array(positions, np.int64))["id"].to_pylist() == [f"r{n}" for n in positions]


@pytest.mark.parametrize("whole_bytes", [1 << 30, 0])
@pytest.mark.parametrize(("first", "count"), [(0, ROWS), (49, 2), (100, 1), (ROWS - 1, 1)])
def test_rows_that_lie_together_are_cut_out(written: Path, whole_bytes: int, first: int, count: int) -> None:
    found = SliceRows(written, ["id", "text"], whole_bytes).take(np.arange(first, first + count))
    assert found["id"].to_pylist() == [f"r{n}" for n in range(first, first + count)]
    assert found["text"].to_pylist()[0] == f"text {first}" * (first % 7)


def test_of_a_large_slice_a_bounded_share_stays_in_memory(tmp_path: Path) -> None:
    """Forty groups of a megabyte, three megabytes of room: every row can be had, and most groups were let go."""
    path = tmp_path / "slice.parquet"
    pictures = [bytes([n]) * 2**18 for n in range(160)]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"image": pa.array([{"bytes": one, "path": f"{n}.jpg"} for n, one in enumerate(pictures)], kind)})
    pq.write_table(table, path, row_group_size=4, use_dictionary=False)
    rows = SliceRows(path, ["image"], whole_bytes=2**20, open_bytes=3 * 2**20)
    for first in (0, 40, 80, 120):
        found = rows.take(np.arange(first, first + 40)[::-1])
        assert [one["path"] for one in found["image"].to_pylist()] == [
            f"{n}.jpg" for n in range(first + 39, first - 1, -1)
        ]
        assert 2**20 <= rows.held_bytes <= 4 * 2**20
    scattered = rows.take(np.array([3, 157, 40, 3]))
    assert [
        one["bytes"] == pictures[n] for one, n in zip(scattered["image"].to_pylist(), (3, 157, 40, 3), strict=True)
    ] == [True] * 4


def test_a_row_that_was_taken_does_not_keep_its_group(tmp_path: Path) -> None:
    path = tmp_path / "slice.parquet"
    pq.write_table(pa.table({"a": [b"x" * 2**18] * 16}), path, row_group_size=8, use_dictionary=False)
    found = SliceRows(path, ["a"], whole_bytes=0, open_bytes=0).take(np.array([0, 15]))
    assert found.get_total_buffer_size() < 2**20
