"""What people read a published dataset with: datasets, polars, pandas, DuckDB and pyarrow find the same rows."""

import json
from collections.abc import Callable

import pytest

from biglam_pipeline_tests.bench import Bench

READ = """
import hashlib, json, os, sys
import duckdb, pandas, polars, pyarrow.dataset, pyarrow.parquet as pq
from datasets import Features, Image, load_dataset
from huggingface_hub import DatasetCard, HfFileSystem

repository = sys.argv[1]
files = HfFileSystem()
paths = sorted(files.glob(f"datasets/{repository}/data/**/*.parquet"))
assert len(paths) > 1, paths
schema = pq.read_schema(files.open(paths[0], "rb"))
image = "image" in schema.names
wanted = ["id", "rights_tier", *(["image"] if image else [])]

def rows(found):
    reported = []
    for row in found:
        picture = row.get("image")
        digest = hashlib.sha256(picture["bytes"]).hexdigest() if picture else None
        reported.append([row["id"], row["rights_tier"], digest])
    return sorted(reported)

def plain(data):
    return data.cast_column("image", Image(decode=False)) if image else data

whole = load_dataset(repository, split="train")
stream = load_dataset(repository, split="train", streaming=True)
one = whole[len(whole) // 2]["id"]
frames = polars.concat([polars.read_parquet(files.open(path, "rb"), columns=wanted) for path in paths])
panda = pandas.concat(pandas.read_parquet(f"hf://{path}", columns=wanted) for path in paths)
arrow = pyarrow.dataset.dataset(paths, filesystem=files)
lake = duckdb.connect()
lake.register_filesystem(files)
listed = ", ".join(f"'hf://{path}'" for path in paths)
ducks = lake.execute(f"select {', '.join(wanted)} from read_parquet([{listed}])").to_arrow_table()
found = {
    "datasets": rows(plain(whole).select_columns(wanted)),
    "streaming": rows(plain(stream).select_columns(wanted)),
    "polars": rows(frames.to_dicts()),
    "pandas": rows(panda.to_dict("records")),
    "pyarrow": rows(arrow.to_table(wanted).to_pylist()),
    "duckdb": rows(ducks.to_pylist()),
}
chosen = {
    "streaming": [row["id"] for row in load_dataset(
        repository, split="train", streaming=True, columns=["id"], filters=[("id", "==", one)])],
    "polars": polars.scan_pyarrow_dataset(arrow).filter(polars.col("id") == one).select("id").collect()["id"].to_list(),
    "pandas": [name for path in paths for name in pandas.read_parquet(
        f"hf://{path}", columns=["id"], filters=[("id", "==", one)])["id"]],
    "pyarrow": arrow.to_table(["id"], filter=pyarrow.dataset.field("id") == one)["id"].to_pylist(),
    "duckdb": [row[0] for row in lake.execute(
        f"select id from read_parquet([{listed}]) where id = ?", [one]).fetchall()],
}
assert all(ids == [one] for ids in chosen.values()), chosen
assert set(next(iter(load_dataset(repository, split="train", streaming=True, columns=["id"])))) == {"id"}
footer = Features.from_arrow_schema(schema)
infos = DatasetCard.load(repository, repo_type="dataset").data.to_dict()["dataset_info"]
(card,) = [one for one in (infos if isinstance(infos, list) else [infos]) if one["config_name"] == "default"]
assert whole.features == footer, (whole.features, footer)
assert Features._from_yaml_list(card["features"]) == footer, card["features"]
assert stream.features == footer
assert card["splits"][0]["num_examples"] == whole.num_rows
row = whole[0]
assert isinstance(row["creators"], list | None), row
if image and row["image"] is not None:
    assert row["image"].size == (row["width"], row["height"]), row
    assert isinstance(footer["image"], Image), footer
    kept = rows(plain(whole).select_columns(wanted))
    assert {sha for _, _, sha in kept if sha} == {sha for sha in whole["image_sha256"] if sha}
for number in range(len(paths)):
    meta = pq.ParquetFile(files.open(paths[number], "rb")).metadata
    kinds = {str(field.type) for field in meta.schema.to_arrow_schema()}
    assert not any("map<" in kind or kind == "null" or "[ns" in kind or "large_" in kind for kind in kinds), kinds
    assert all(meta.row_group(at).total_byte_size < 300_000_000 for at in range(meta.num_row_groups))
print(json.dumps(found), flush=True)
# Arrow's reading threads now and then abort the interpreter while it shuts down, after all has been read.
os._exit(0)
"""


@pytest.mark.representative(1)
@pytest.mark.parametrize("name", ["demo_letters", "demo_gallery", "demo_mercury", "demo_plates", "demo_catalogue"])
def test_every_reader_finds_the_rows_that_were_published(small: Bench, client: Callable[..., str], name: str) -> None:
    """Text, pictures and their addresses, metadata: whole, streamed, and a column and a row of it."""
    release = small.night(name)
    found = json.loads(client(small.hub.endpoint, READ, release.repository))
    due = sorted([row["id"], row["rights_tier"], row.get("image_sha256")] for row in small.rows(name))
    if name != "demo_gallery":
        due = [[own, tier, None] for own, tier, _ in due]
    assert len(due) == release.rows
    for reader, rows in found.items():
        assert rows == due, reader
