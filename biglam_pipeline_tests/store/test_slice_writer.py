"""Rows that are added many at a time lie in the files as if they had come one by one."""

import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.store import slice_writer
from biglam_pipeline.store.normalized import ENDINGS, TRACE, Slice
from biglam_pipeline.store.problems import Problems
from biglam_pipeline.store.slice_writer import SliceWriter

CONTENT = pa.schema([("id", pa.string()), ("text", pa.string())])
ROWS, BYTES = 7, 40
_AT = datetime(2026, 1, 2, tzinfo=UTC)


def _rows(sizes: list[int]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    made = []
    for number, size in enumerate(sizes):
        digest = hashlib.sha256(b"%d" % number).digest()[:16]
        row = {"id": f"s:{number}", "text": "x" * size, **dict.fromkeys(one.name for one in TRACE)}
        row |= {"trace_harvest": 1, "trace_seq": number, "trace_row_digest": digest, "trace_retrieved_at": _AT}
        index = {"id": row["id"], "harvest": 1, "seq": number, "datestamp": "", "row_digest": digest, "size": size}
        made.append((row, {**index, "tier": "pd", "tiers": "pd", "config": None}))
    return made


def _write(folder: Path, sizes: list[int], together: list[int]) -> Slice:
    """together: so many rows at a time, in turns; 0 for one by one."""
    rows, schema, turn = _rows(sizes), pa.schema([*CONTENT, *TRACE]), 0
    with SliceWriter(folder, "a-slice", CONTENT) as writer:
        while rows:
            several = together[turn % len(together)]
            some, rows, turn = rows[: several or 1], rows[several or 1 :], turn + 1
            if several:
                columns = {one.name: pa.array([row[one.name] for row, _ in some], one.type) for one in schema}
                writer.add_many(columns, {name: [index[name] for _, index in some] for name in some[0][1]})
            else:
                writer.add(*some[0])
        return writer.close(bundles=1, problems=Problems(), unmapped=Counter(), left_out=0, statements=Counter())


def _groups(path: Path) -> list[int]:
    file = pq.ParquetFile(path)
    return [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]


@pytest.fixture(autouse=True, scope="module")
def _small_batches() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slice_writer, "BATCH_ROWS", ROWS)
        patch.setattr(slice_writer, "BATCH_BYTES", BYTES)
        yield


SIZES = st.lists(st.sampled_from([0, 0, 0, 1, 13, BYTES - 1, BYTES, 3 * BYTES]), min_size=1, max_size=40)


@given(sizes=SIZES, together=st.lists(st.sampled_from([0, 1, 2, 6, 7, 8, 15, 40]), min_size=1, max_size=4))
def test_many_lie_as_one_by_one(sizes: list[int], together: list[int]) -> None:
    with TemporaryDirectory() as scratch:
        one, many = Path(scratch, "one"), Path(scratch, "many")
        due, made = _write(one, sizes, [0]), _write(many, sizes, together)
        assert made == due
        for ending in ENDINGS:
            assert _groups(many / ending) == _groups(one / ending)
            assert (many / ending).read_bytes() == (one / ending).read_bytes()


def test_a_batch_is_closed_behind_the_row_that_fills_it(tmp_path: Path) -> None:
    sizes = [BYTES - 1, 1, 0, BYTES, *[0] * (ROWS + 1), Random(1).randrange(BYTES)]
    _write(tmp_path, sizes, [len(sizes)])
    rows, index, _ = (tmp_path / ending for ending in ENDINGS)
    assert _groups(rows) == [2, 2, ROWS, 2]
    assert _groups(index) == [ROWS, len(sizes) - ROWS]
