"""A Hub for each test, and clients that keep nothing outside the test's folder."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi

from biglam_pipeline_tests.servers.hub import HubServer

CARD = b"""---
license: cc0-1.0
language:
- no
task_categories:
- text-generation
size_categories:
- n<1K
configs:
- config_name: default
  data_files:
  - split: train
    path: data/part-*.parquet
---
# Letters <b>home</b>
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    with HubServer(tmp_path / "state") as server:
        yield server


@pytest.fixture
def api(hub: HubServer) -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=False)


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Three Parquet files; the last is uncompressed, so that its chunks are packed in every way there is."""
    paths = []
    for number in range(3):
        path = tmp_path / f"part-{number:05}.parquet"
        ids = range(number * 5000, (number + 1) * 5000)
        table = pa.table({"id": list(ids), "text": [f"letter {at % 97} of the year {1700 + at % 200}" for at in ids]})
        pq.write_table(table, path, compression="none" if number == 2 else "zstd")
        paths.append(path)
    return paths
