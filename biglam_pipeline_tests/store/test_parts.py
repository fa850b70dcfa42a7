"""How a part is written: the same bytes for the same rows, in groups that the Hub's viewer can show."""

import hashlib
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline.store import part_writer
from biglam_pipeline.store.part_writer import write_part

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


def table(rows: int, letters: int) -> pa.Table:
    """Rows of so many letters that do not compress away."""
    chance = Random(7)
    texts = [chance.randbytes(letters // 2).hex() for _ in range(rows)]
    return pa.table({"id": [f"r{at:05d}" for at in range(rows)], "text": texts}, SCHEMA)


def written(path: Path, whole: pa.Table, step: int) -> str:
    """Digest of the part when its rows come in steps of so many."""
    steps = [whole.slice(start, step) for start in range(0, whole.num_rows, step)]
    assert write_part(path, SCHEMA, steps) == whole.num_rows
    assert pq.read_table(path).equals(whole)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_bytes_follow_from_the_rows_alone(tmp_path: Path) -> None:
    """However the rows lie in memory: here as slices of one table, there as copies of their own."""
    whole = table(3_500, 100)
    once = written(tmp_path / "a", whole, 1_000)
    copied = pa.concat_tables(whole.slice(start, 250).combine_chunks() for start in range(0, 3_500, 250))
    assert once == written(tmp_path / "b", copied, 1_000)


def test_no_row_group_is_larger_than_it_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of whole books: a thousand of them would be a group of gigabytes."""
    monkeypatch.setattr(part_writer, "GROUP_BYTES", 200_000)
    written(tmp_path / "a", table(300, 10_000), 6)
    footer = pq.ParquetFile(tmp_path / "a").metadata
    sizes = [footer.row_group(at).total_byte_size for at in range(footer.num_row_groups)]
    assert len(sizes) > 5
    assert max(sizes) < 200_000 + 6 * 10_000 + 10_000


def test_what_readers_are_promised(tmp_path: Path) -> None:
    written(tmp_path / "a", table(1_000, 100), 1_000)
    footer = pq.ParquetFile(tmp_path / "a").metadata
    columns = [footer.row_group(0).column(at) for at in range(2)]
    assert {one.compression for one in columns} == {"ZSTD"}
    assert all(one.has_column_index and one.has_offset_index for one in columns)
    assert not any(one.has_dictionary_page for one in columns), "a dictionary of texts would only be larger"
