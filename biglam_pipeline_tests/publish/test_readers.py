"""What people read a published dataset with: datasets, polars, pandas, DuckDB and pyarrow find the same rows."""

import json
from collections.abc import Callable

from biglam_pipeline_tests.bench import Bench

READ = """
import hashlib, json, os, sys
import duckdb, pandas, polars, pyarrow.dataset, pyarrow.parquet as pq
from datasets import DatasetDict, Features, load_dataset
from huggingface_hub import DatasetCard, HfFileSystem

def digest(ids):
    return [len(ids), hashlib.sha256(json.dumps(sorted(ids)).encode()).hexdigest()]

files = HfFileSystem()
found = {}
for repository in sys.argv[1:]:
    paths = sorted(files.glob(f"datasets/{repository}/data/**/*.parquet"))
    assert len(paths) > 1, paths
    whole = load_dataset(repository, split="train")
    stream = load_dataset(repository, split="train", streaming=True)
    frames = [polars.read_parquet(files.open(path, "rb")) for path in paths]
    panda = pandas.concat(pandas.read_parquet(files.open(path, "rb")) for path in paths)
    arrow = pyarrow.dataset.dataset(paths, filesystem=files).to_table()
    lake = duckdb.connect()
    lake.register_filesystem(files)
    listed = ", ".join(f"'hf://{path}'" for path in paths)
    ducks = lake.execute(f"select id from read_parquet([{listed}])").fetchall()
    found[repository] = {
        "datasets": digest(whole["id"]),
        "streaming": digest([row["id"] for row in stream]),
        "polars": digest(polars.concat(frames)["id"].to_list()),
        "pandas": digest(panda["id"].tolist()),
        "pyarrow": digest(arrow["id"].to_pylist()),
        "duckdb": digest([row[0] for row in ducks]),
    }
    footer = Features.from_arrow_schema(pq.read_schema(files.open(paths[0], "rb")))
    card = DatasetCard.load(repository, repo_type="dataset").data.to_dict()["dataset_info"]
    assert whole.features == footer, (whole.features, footer)
    assert Features._from_yaml_list(card["features"]) == footer, card["features"]
    assert stream.features == footer
    assert card["splits"][0]["num_examples"] == whole.num_rows
    row = whole[0]
    assert isinstance(row["creators"], list | None), row
    assert isinstance(row["languages"], list), row
    if "image" in footer:
        assert row["image"] is None and row["image_url"].startswith("https://"), row
print(json.dumps(found), flush=True)
# Arrow's reading threads now and then abort the interpreter while it shuts down, after all has been read.
os._exit(0)
"""


def test_every_reader_finds_the_rows_that_were_published(small: Bench, client: Callable[..., str]) -> None:
    """Text, addresses of pictures, and metadata; footer, card and the library's own features say the same."""
    names = ("demo_letters", "demo_plates", "demo_catalogue")
    releases = {small.house.repository(small.source(name)): small.night(name).rows for name in names}
    found = json.loads(client(small.hub.endpoint, READ, *releases))
    assert found.keys() == releases.keys()
    for repository, by_reader in found.items():
        assert {rows for rows, _ in by_reader.values()} == {releases[repository]}, by_reader
        assert len({digest for _, digest in by_reader.values()}) == 1, by_reader
