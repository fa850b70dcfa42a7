"""Bytes that came in chunks are whole again on every way out, and false ones are refused."""

import random
from pathlib import Path

import hf_xet
import httpx
import numpy as np
import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.hf_api import RepoFile

from biglam_pipeline_tests.servers.hub import HubServer

REPO = "biglam/bytes"


@pytest.fixture(params=["random", "numbers"])
def sent(api: HfApi, tmp_path: Path, request: pytest.FixtureRequest) -> bytes:
    """A file with repeated, numeric and random stretches, so that its terms jump about in the xorb.

    hf_xet looks at the first chunk of a xorb to decide how to pack all that can be packed.
    """
    chance = random.Random(7)
    block = chance.randbytes(400_000)
    numbers = np.random.default_rng(5).integers(0, 1000, 200_000).astype("<i4").tobytes()
    first = numbers if request.param == "numbers" else block
    content = first + b"all the same " * 30_000 + numbers + block + chance.randbytes(123_457) + block
    (tmp_path / "mixed.bin").write_bytes(content)
    api.create_repo(REPO, repo_type="dataset")
    operations = [CommitOperationAdd("mixed.bin", tmp_path / "mixed.bin")]
    api.create_commit(REPO, operations, commit_message="one", repo_type="dataset")
    return content


def address(hub: HubServer) -> str:
    return f"{hub.endpoint}/datasets/{REPO}/resolve/main/mixed.bin"


def test_plain_download_whole_and_in_ranges(hub: HubServer, sent: bytes, request: pytest.FixtureRequest) -> None:
    schemes = set()
    hub_object = hub.app.state.hub
    for path in (hub_object.state.root / "xet" / "xorbs").glob("*/*"):
        schemes |= set(hub_object.xorbs.chunks(path.name).schemes)
    packed = 2 if request.node.callspec.params["sent"] == "numbers" else 1
    assert schemes == {0, packed}, "the two files must exercise every packing"

    with httpx.Client() as web:
        whole = web.get(address(hub))
        assert whole.content == sent
        chance = random.Random(1)
        for _ in range(60):
            first = chance.randrange(len(sent))
            last = min(len(sent) - 1, first + chance.choice([0, 10, 70_000, 10**7]))
            answer = web.get(address(hub), headers={"Range": f"bytes={first}-{last}"})
            assert answer.status_code == 206
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(sent)}"
            assert answer.content == sent[first : last + 1]
        assert web.get(address(hub), headers={"Range": "bytes=-9"}).content == sent[-9:]
        assert web.get(address(hub), headers={"Range": f"bytes={len(sent)}-"}).status_code == 416
        asked = web.head(address(hub))
        assert asked.headers["content-length"] == asked.headers["x-linked-size"] == str(len(sent))


def test_download_through_xet(hub: HubServer, api: HfApi, sent: bytes, tmp_path: Path) -> None:
    del hub.log[:]
    local = api.hf_hub_download(REPO, "mixed.bin", repo_type="dataset", cache_dir=tmp_path / "cache")
    assert Path(local).read_bytes() == sent
    assert hub.count("GET", "/v2/reconstructions/") >= 1
    row = api.get_paths_info(REPO, "mixed.bin", repo_type="dataset")[0]
    assert isinstance(row, RepoFile)
    assert row.xet_hash == hf_xet.hash_files([str(tmp_path / "mixed.bin")])[0].hash


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_reconstruction_of_a_range_adds_up(hub: HubServer, api: HfApi, sent: bytes, version: str) -> None:
    row = api.get_paths_info(REPO, "mixed.bin", repo_type="dataset")[0]
    assert isinstance(row, RepoFile)
    store = hub.app.state.hub
    url = f"{hub.endpoint}/cas/{store.state.id}/{version}/reconstructions/{row.xet_hash}"
    start, end = 500_000, 1_700_000
    answer = httpx.get(url, headers={"Range": f"bytes={start}-{end - 1}"}).json()
    parts = [
        b"".join(store.xorbs.read(term["hash"], term["range"]["start"], term["range"]["end"]))
        for term in answer["terms"]
    ]
    skip = answer["offset_into_first_range"]
    assert b"".join(parts)[skip : skip + end - start] == sent[start:end]
    assert httpx.get(url, headers={"Range": f"bytes={len(sent)}-"}).status_code == 416


def test_false_sha256_is_refused(api: HfApi, sent: bytes, tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"\0" + sent[:5000])
    operation = CommitOperationAdd("other.bin", tmp_path / "other.bin")
    operation.upload_info.sha256 = bytes(32)
    with pytest.raises(RuntimeError, match="has sha256"):
        api.create_commit(REPO, [operation], commit_message="two", repo_type="dataset")
    assert not api.file_exists(REPO, "other.bin", repo_type="dataset")


def test_damaged_uploads_are_refused(hub: HubServer) -> None:
    store = f"{hub.endpoint}/cas/{hub.app.state.hub.state.id}"
    assert httpx.post(f"{store}/v1/xorbs/default/{'a' * 64}", content=b"\0\5\0\0\0").status_code == 400
    assert httpx.post(f"{store}/v1/xorbs/default/..", content=b"x").status_code in (400, 404)
    assert httpx.post(f"{store}/v1/shards", content=b"x" * 200).status_code == 400
    assert '"error"' in httpx.post(f"{store}/v2/shards", content=b"").text
    assert httpx.get(f"{store}/xorbs/{'b' * 64}").status_code == 404
    assert httpx.get(f"{hub.endpoint}/cas/another/v2/reconstructions/{'b' * 64}").status_code == 404


def test_a_hub_begun_again_is_sent_everything(tmp_path: Path) -> None:
    # The client remembers which chunks an address has; the new Hub on the old port must not be told of them only.
    (tmp_path / "again.bin").write_bytes(random.Random(3).randbytes(300_000))
    port = 0
    for state in ("old", "new"):
        with HubServer(tmp_path / state, port=port) as server:
            port = server.port
            api = HfApi(endpoint=server.endpoint, token=False)
            api.create_repo(REPO, repo_type="dataset")
            operations = [CommitOperationAdd("again.bin", tmp_path / "again.bin")]
            api.create_commit(REPO, operations, commit_message="again", repo_type="dataset")
            assert server.count("POST", "/v1/xorbs/") == 1
