"""Rows of a slice come out the same, and in the order asked for, whether it is read whole or by row groups."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biglam_pipeline.store.slice_rows import SliceRows

ROWS = 230


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slice of several row groups."""
    path = tmp_path_factory.mktemp("slice") / "slice.parquet"
    table = pa.table({"id": [f"r{n}" for n in range(ROWS)], "text": [f"text {n}" * (n % 7) for n in range(ROWS)]})
    pq.write_table(table, path, row_group_size=50)
    return path


@pytest.mark.parametrize("whole_bytes", [1 << 30, 0])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
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
