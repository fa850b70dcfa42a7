"""Who may do what: everyone on loopback by default, the holder of a token with --auth, no web page ever."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from biglam_pipeline_tests.servers.hub import HubServer

TOKEN = "hf_of_this_test_only"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[HubServer]:
    with HubServer(tmp_path / "state", auth=TOKEN) as server:
        yield server


def test_with_a_token_all_works_and_without_it_nothing_private(guarded: HubServer, tmp_path: Path) -> None:
    owner = HfApi(endpoint=guarded.endpoint, token=TOKEN)
    stranger = HfApi(endpoint=guarded.endpoint, token=False)
    assert owner.whoami()["name"] == "local"
    with pytest.raises(HfHubHTTPError, match="401"):
        stranger.create_repo("biglam/closed", repo_type="dataset")
    owner.create_repo("biglam/closed", repo_type="dataset", private=True)
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 1000)
    operations = [CommitOperationAdd("x.bin", tmp_path / "x.bin")]
    owner.create_commit("biglam/closed", operations, commit_message="x", repo_type="dataset")
    local = owner.hf_hub_download("biglam/closed", "x.bin", repo_type="dataset", cache_dir=tmp_path / "cache")
    assert Path(local).read_bytes() == bytes(range(256)) * 1000

    with pytest.raises(RepositoryNotFoundError):
        stranger.repo_info("biglam/closed", repo_type="dataset")
    assert list(stranger.list_datasets()) == []
    assert "biglam/closed" not in httpx.get(guarded.endpoint).text
    store = guarded.app.state.hub
    xorb = next((store.state.root / "xet" / "xorbs").glob("*/*")).name
    assert httpx.get(f"{guarded.endpoint}/cas/{store.state.id}/xorbs/{xorb}").status_code == 403
    assert httpx.post(f"{guarded.endpoint}/cas/{store.state.id}/v1/shards").status_code == 401
    assert httpx.put(f"{guarded.endpoint}/lfs/{'0' * 64}", content=b"x").status_code == 403

    owner.update_repo_settings("biglam/closed", repo_type="dataset", visibility="public")
    stranger.repo_info("biglam/closed", repo_type="dataset")
    stranger.auth_check("biglam/closed", repo_type="dataset")
    with pytest.raises(HfHubHTTPError):
        stranger.auth_check("biglam/closed", repo_type="dataset", write=True)


def test_the_community_and_large_files_ask_for_the_token_too(guarded: HubServer) -> None:
    owner = HfApi(endpoint=guarded.endpoint, token=TOKEN)
    stranger = HfApi(endpoint=guarded.endpoint, token=False)
    owner.create_repo("biglam/open", repo_type="dataset")
    owner.auth_check("biglam/open", repo_type="dataset", write=True)
    with pytest.raises(RepositoryNotFoundError):
        owner.auth_check("biglam/none", repo_type="dataset", write=True)
    owner.create_pull_request("biglam/open", "A change", repo_type="dataset")
    assert stranger.get_discussion_details("biglam/open", 1, repo_type="dataset").num == 1
    api, lfs = f"{guarded.endpoint}/api/datasets/biglam/open", f"{guarded.endpoint}/datasets/biglam/open.git/info/lfs"
    for path in (
        "discussions",
        "discussions/1/merge",
        "discussions/1/status",
        "discussions/1/comment",
        "lfs-files/batch",
    ):
        assert httpx.post(f"{api}/{path}", json={"title": "mine"}).status_code == 401
    assert httpx.delete(f"{api}/discussions/1").status_code == 401
    assert httpx.post(f"{lfs}/objects/batch", json={"operation": "upload", "objects": []}).status_code == 401
    for method, path in (("PUT", "/1"), ("POST", "")):
        assert httpx.request(method, f"{guarded.endpoint}/lfs/{'0' * 64}{path}", content=b"{}").status_code == 403
    owner.update_repo_settings("biglam/open", repo_type="dataset", visibility="private")
    for path in ("", "/picture/main/x.png", "/discussions/1"):
        assert httpx.get(f"{guarded.endpoint}/datasets/biglam/open{path}").status_code == 404
    with pytest.raises(RepositoryNotFoundError):
        list(stranger.list_lfs_files("biglam/open", repo_type="dataset"))


def test_requests_of_web_pages_are_refused(hub: HubServer) -> None:
    address = f"{hub.endpoint}/api/repos/create"
    body = {"name": "x", "type": "dataset"}
    assert httpx.post(address, json=body, headers={"Origin": "https://example.org"}).status_code == 403
    assert httpx.get(hub.endpoint, headers={"Host": "rebound.example.org"}).status_code == 421
    assert httpx.post(address, json=body, headers={"Origin": hub.endpoint}).status_code == 200


@pytest.mark.parametrize("path", ["../../etc/passwd", "/a", "a//b", ".git/config", "a/./b", "a\nb", ""])
def test_paths_outside_a_repository_are_refused(hub: HubServer, api: HfApi, path: str) -> None:
    api.create_repo("biglam/paths", repo_type="dataset")
    lines = (
        '{"key":"header","value":{"summary":"x"}}\n'
        + httpx.Request(
            "POST", "http://x", json={"key": "file", "value": {"path": path, "content": "x"}}
        ).content.decode()
    )
    answer = httpx.post(f"{hub.endpoint}/api/datasets/biglam/paths/commit/main", content=lines)
    assert answer.status_code == 400
