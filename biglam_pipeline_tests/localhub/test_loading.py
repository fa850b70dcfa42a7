"""What a person does with a published dataset: load it, stream it, read columns of it; and upload without Xet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline_tests.localhub.conftest import CARD
from biglam_pipeline_tests.servers.hub import HubServer

REPO = "biglam/letters"

LOAD = """
import sys
from datasets import load_dataset
whole = load_dataset(sys.argv[1], split="train")
assert whole.num_rows == 15000, whole
assert whole[14999]["id"] == 14999
assert sorted(whole["id"]) == list(range(15000))
"""

STREAM = """
import sys
from datasets import load_dataset
rows = list(load_dataset(sys.argv[1], split="train", streaming=True, revision="v1"))
assert len(rows) == 15000, len(rows)
assert rows[7]["text"] == "letter 7 of the year 1707", rows[7]
import pyarrow.parquet as pq
from huggingface_hub import HfFileSystem
column = pq.read_table(f"datasets/{sys.argv[1]}/data/part-00002.parquet", columns=["id"], filesystem=HfFileSystem())
assert column["id"].to_pylist() == list(range(10000, 15000))
# Arrow's reading threads now and then abort the interpreter while it shuts down ("terminate called without an
# active exception"), after all has been read.
import os
os._exit(0)
"""

LARGE = """
import sys
from pathlib import Path
from huggingface_hub import CommitOperationAdd, HfApi, snapshot_download
from huggingface_hub.utils._runtime import is_xet_available
assert not is_xet_available()
repo, folder = sys.argv[1], Path(sys.argv[2])
api = HfApi()
api.create_repo(repo, repo_type="dataset")
def operations():
    return [CommitOperationAdd(f"data/{path.name}", path) for path in sorted(folder.glob("part-*.parquet"))]
first = api.create_commit(repo, operations(), commit_message="large", repo_type="dataset").oid
assert api.create_commit(repo, operations(), commit_message="again", repo_type="dataset").oid == first
local = Path(snapshot_download(repo, repo_type="dataset"))
for path in folder.glob("part-*.parquet"):
    assert (local / "data" / path.name).read_bytes() == path.read_bytes()
"""


@pytest.fixture
def published(api: HfApi, shards: list[Path]) -> None:
    api.create_repo(REPO, repo_type="dataset", private=True)
    operations = [CommitOperationAdd(f"data/{path.name}", path) for path in shards]
    operations.append(CommitOperationAdd("README.md", CARD))
    oid = api.create_commit(REPO, operations, commit_message="publish", repo_type="dataset").oid
    api.create_tag(REPO, tag="v1", revision=oid, repo_type="dataset")


@pytest.mark.slow  # publish/test_readers.py loads and streams
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("script", [LOAD, STREAM], ids=["load", "stream"])
def test_load_dataset(hub: HubServer, client: Callable[..., str], script: str) -> None:
    client(hub.endpoint, script, REPO)


def test_upload_and_download_without_xet(
    hub: HubServer, api: HfApi, client: Callable[..., str], shards: list[Path], tmp_path: Path
) -> None:
    client(hub.endpoint, LARGE, "biglam/large", str(tmp_path), HF_HUB_DISABLE_XET="1")
    assert hub.count("PUT", "/lfs/") == 3
    assert hub.count("POST", "/objects/verify") == 3
    assert hub.count("POST", "/commit/") == 1
    # A client with Xet reads what one without it sent.
    local = api.hf_hub_download(
        "biglam/large", "data/part-00001.parquet", repo_type="dataset", cache_dir=tmp_path / "c"
    )
    assert Path(local).read_bytes() == shards[1].read_bytes()


def test_a_large_file_must_be_what_its_address_says(hub: HubServer) -> None:
    import httpx

    address = f"{hub.endpoint}/lfs/{'0' * 64}"
    assert httpx.put(address, content=b"something else").status_code == 400
    state = hub.app.state.hub.state.root
    assert not [
        path for path in (state / "blobs").rglob("*") if path.is_file() and path.read_bytes() == b"something else"
    ]
    assert not list((state / "tmp").iterdir())
