"""Large files: sent in parts, listed, deleted for good, and never one byte that another file needs."""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile

from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline_tests.servers.hub import HubServer

REPO = "biglam/large"
KIND = "dataset"
SEND = """
import sys
from pathlib import Path
from huggingface_hub import CommitOperationAdd, HfApi
api = HfApi()
api.create_repo(sys.argv[1], repo_type="dataset")
operations = [CommitOperationAdd(Path(name).name, name) for name in sys.argv[2:]]
api.create_commit(sys.argv[1], operations, commit_message="large", repo_type="dataset")
"""


def put(api: HfApi, folder: Path, files: dict[str, bytes], repo: str = REPO, revision: str = "main") -> str:
    api.create_repo(repo, repo_type=KIND, exist_ok=True)
    operations = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        operations.append(CommitOperationAdd(name, folder / name))
    title = f"send {', '.join(files)}"
    return api.create_commit(repo, operations, commit_message=title, repo_type=KIND, revision=revision).oid


def get(api: HfApi, folder: Path, name: str, repo: str = REPO, revision: str | None = None) -> bytes:
    """Through the client, that is through Xet, and plain: they must agree."""
    cache = folder / f"cache-{random.random()}"
    local = api.hf_hub_download(repo, name, repo_type=KIND, revision=revision, cache_dir=cache)
    content = Path(local).read_bytes()
    plain = httpx.get(f"{api.endpoint}/datasets/{repo}/resolve/{revision or 'main'}/{name}")
    assert plain.content == content
    return content


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def delete(api: HfApi, *contents: bytes, repo: str = REPO, rewrite: bool = True) -> None:
    doomed = {sha(content) for content in contents}
    files = [row for row in api.list_lfs_files(repo, repo_type=KIND) if row.file_oid in doomed]
    assert len(files) == len(doomed)
    api.permanently_delete_lfs_files(repo, files, rewrite_history=rewrite, repo_type=KIND)


def store_of(hub: HubServer) -> Hub:
    store = hub.app.state.hub
    assert isinstance(store, Hub)
    return store


def stored(hub: HubServer) -> int:
    """Bytes on the disk of all content, holes not counted."""
    root = store_of(hub).state.root
    files = [path for folder in ("blobs", "xet") for path in (root / folder).rglob("*") if path.is_file()]
    return sum(path.stat().st_blocks * 512 for path in files)


def test_parts(hub: HubServer, api: HfApi, client: Callable[..., str], tmp_path: Path) -> None:
    store_of(hub).part_bytes = 100_000
    contents = {"big.bin": random.Random(1).randbytes(345_678), "small.bin": random.Random(2).randbytes(100_000)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    lost: list[str] = []

    def lose(request, stage):  # type: ignore[no-untyped-def]
        from starlette.responses import Response

        # The client asks again after a 503; what it then repeats must do no harm.
        once = request.url.path.endswith("/2") or (request.method == "POST" and "/lfs/" in request.url.path)
        if stage == "after" and once and request.url.path not in lost:
            lost.append(request.url.path)
            return Response(status_code=503)
        return None

    hub.fault = lose
    client(hub.endpoint, SEND, REPO, *(str(tmp_path / name) for name in contents), HF_HUB_DISABLE_XET="1")
    hub.fault = None
    big = sha(contents["big.bin"])
    assert [hub.count("PUT", f"/lfs/{big}/{part}") for part in (1, 2, 3, 4, 5)] == [1, 2, 1, 1, 0]
    assert hub.count("POST", f"/lfs/{big}") == 2
    assert hub.count("PUT", f"/lfs/{sha(contents['small.bin'])}") == 1, "whole"
    for name, content in contents.items():
        assert get(api, tmp_path, name) == content
    assert not list(store_of(hub).state.tmp.iterdir())


def test_false_parts_are_refused(hub: HubServer) -> None:
    store_of(hub).part_bytes = 10
    oid, address = sha(b"0123456789abc"), f"{hub.endpoint}/lfs/{sha(b'0123456789abc')}"
    etags = [httpx.put(f"{address}/{at}", content=part).headers["etag"] for at, part in ((1, b"0123456789"), (2, b"x"))]
    parts = [{"partNumber": at, "etag": etag} for at, etag in enumerate(etags, 1)]
    for wrong in (parts, parts[:1], parts[::-1], [], None, [{"partNumber": 1, "etag": "../../hub.json"}]):
        assert httpx.post(address, json={"oid": oid, "parts": wrong}).status_code == 400
    for number in ("0", "x", "10001", ".."):
        assert httpx.put(f"{address}/{number}", content=b"x").status_code in (400, 404, 405)
    httpx.put(f"{address}/2", content=b"abc")
    parts[1]["etag"] = f'"{sha(b"abc")}"'
    assert httpx.post(address, json={"oid": oid, "parts": parts}).status_code == 200
    assert store_of(hub).blobs.read(oid) == b"0123456789abc"


@pytest.mark.representative(1)  # without Xet
@pytest.mark.parametrize("rewrite", [True, False])
def test_deleted_for_good(hub: HubServer, api: HfApi, tmp_path: Path, rewrite: bool) -> None:
    chance = random.Random(4)
    doomed, other = chance.randbytes(300_000), chance.randbytes(200_000)
    first = put(api, tmp_path, {"other.bin": other})
    second = put(api, tmp_path, {"doomed.bin": doomed, "note.txt": b"kept"})
    api.create_tag(REPO, tag="v1", repo_type=KIND)
    third = api.create_commit(
        REPO, [CommitOperationDelete("doomed.bin")], commit_message="drop", repo_type=KIND, parent_commit=second
    ).oid
    row = api.get_paths_info(REPO, "doomed.bin", repo_type=KIND, revision="v1")[0]
    assert isinstance(row, RepoFile)
    listed = list(api.list_lfs_files(REPO, repo_type=KIND))
    assert {(file.filename, file.size) for file in listed} == {("doomed.bin", 300_000), ("other.bin", 200_000)}
    assert {file.ref for file in listed} == {"refs/heads/main"}

    delete(api, doomed, rewrite=rewrite)
    assert [file.filename for file in api.list_lfs_files(REPO, repo_type=KIND)] == ["other.bin"]
    with pytest.raises(EntryNotFoundError):
        api.hf_hub_download(REPO, "doomed.bin", repo_type=KIND, revision="v1", cache_dir=tmp_path / "c")
    for revision in ("v1", second, third):
        address = f"{hub.endpoint}/datasets/{REPO}/resolve/{revision}/doomed.bin"
        assert httpx.get(address).status_code == httpx.head(address).status_code == 404
    store = store_of(hub)
    for version in ("v1", "v2"):
        url = f"{hub.endpoint}/cas/{store.state.id}/{version}/reconstructions/{row.xet_hash}"
        assert httpx.get(url).status_code == 404
    ask = {"objects": [{"oid": sha(doomed), "size": len(doomed)}]}
    lfs = f"{hub.endpoint}/datasets/{REPO}.git/info/lfs/objects/batch"
    assert httpx.post(lfs, json=ask | {"operation": "download"}).json()["objects"][0]["error"]["code"] == 404
    assert "upload" in httpx.post(lfs, json=ask | {"operation": "upload"}).json()["objects"][0]["actions"]
    assert stored(hub) < 260_000
    assert not (store.state.root / "pruning.json").exists()

    # The rest is as it was; history is whole, under new names where it was rewritten.
    assert get(api, tmp_path, "other.bin", revision="v1") == other
    assert get(api, tmp_path, "note.txt", revision="v1") == b"kept"
    titles = [row.title for row in api.list_repo_commits(REPO, repo_type=KIND)]
    assert titles == ["drop", "send doomed.bin, note.txt", "send other.bin", "initial commit"]
    names = set(api.list_repo_files(REPO, repo_type=KIND, revision="v1"))
    assert ("doomed.bin" in names) is not rewrite
    assert api.repo_info(REPO, repo_type=KIND, revision=first).sha == first
    if rewrite:
        with pytest.raises(RevisionNotFoundError):
            api.repo_info(REPO, repo_type=KIND, revision=second)
    else:
        assert api.repo_info(REPO, repo_type=KIND).sha == third
        assert "deleted for good" in httpx.get(f"{hub.endpoint}/datasets/{REPO}/tree/v1").text
    # The client, which remembers having sent it, sends it again.
    put(api, tmp_path, {"doomed.bin": doomed})
    assert get(api, tmp_path, "doomed.bin") == doomed


def test_chunks_that_others_need_stay(hub: HubServer, api: HfApi, tmp_path: Path) -> None:
    chance = random.Random(9)
    first, second, third = (chance.randbytes(400_000) for _ in range(3))
    files = {"a.bin": first + second, "b.bin": second + third, "c.bin": first[:150_000]}
    for name, content in files.items():
        put(api, tmp_path, {name: content})
    put(api, tmp_path, {"same.bin": files["c.bin"]}, repo="biglam/else")
    before = stored(hub)
    store = store_of(hub)
    with httpx.Client() as web:  # a signed address that was handed out before must not lead to the bytes either
        row = api.get_paths_info(REPO, "a.bin", repo_type=KIND)[0]
        assert isinstance(row, RepoFile)
        url = f"{hub.endpoint}/cas/{store.state.id}/v1/reconstructions/{row.xet_hash}"
        fetches = [fetch for rows in web.get(url).json()["fetch_info"].values() for fetch in rows]

    delete(api, files["a.bin"])
    assert get(api, tmp_path, "b.bin") == files["b.bin"]
    assert get(api, tmp_path, "c.bin") == files["c.bin"]
    assert before - stored(hub) > 100_000, "only the chunks of the first block that c does not share are gone"
    packed = b"".join(
        httpx.get(
            fetch["url"], headers={"Range": f"bytes={fetch['url_range']['start']}-{fetch['url_range']['end']}"}
        ).content
        for fetch in fetches
    )
    assert first[330_000:370_000] not in packed
    assert second[100_000:110_000] in packed

    delete(api, files["c.bin"])
    assert get(api, tmp_path, "same.bin", repo="biglam/else") == files["c.bin"], "another repository holds it"
    api.delete_repo("biglam/else", repo_type=KIND)
    assert get(api, tmp_path, "b.bin") == files["b.bin"]
    # What was wiped can come back, in another file, although the client once knew its chunks to be here.
    put(api, tmp_path, {"d.bin": third + first})
    assert get(api, tmp_path, "d.bin") == third + first
    delete(api, files["b.bin"], third + first)
    assert stored(hub) < 60_000
    assert not list((store.state.root / "xet" / "xorbs").glob("*/*"))


@pytest.mark.slow  # `test_deleted_for_good` stays
def test_squashing_drops_what_nothing_leads_to(hub: HubServer, api: HfApi, tmp_path: Path) -> None:
    chance = random.Random(5)
    old, tagged, new = (chance.randbytes(250_000) for _ in range(3))
    put(api, tmp_path, {"x.bin": tagged, "plain.txt": b"tagged " * 20_000})
    api.create_tag(REPO, tag="v1", repo_type=KIND)
    put(api, tmp_path, {"x.bin": old, "plain.txt": b"old " * 40_000})
    put(api, tmp_path, {"x.bin": new, "plain.txt": b"new"})
    api.super_squash_history(REPO, repo_type=KIND)
    store = store_of(hub)
    assert store.large_entry(sha(old)) is None
    assert store.blobs.size(sha(b"old " * 40_000)) is None, "regular files too"
    assert get(api, tmp_path, "x.bin", revision="v1") == tagged
    assert get(api, tmp_path, "plain.txt", revision="v1") == b"tagged " * 20_000
    assert get(api, tmp_path, "x.bin") == new
    api.delete_tag(REPO, tag="v1", repo_type=KIND)
    api.super_squash_history(REPO, repo_type=KIND)
    assert store.large_entry(sha(tagged)) is None
    assert get(api, tmp_path, "x.bin") == new
    assert len(list((store.state.root / "repositories" / REPO / "trees").iterdir())) == 1


def test_a_kill_between_the_two_steps_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, kept = random.Random(6).randbytes(200_000), random.Random(7).randbytes(100_000)
    with HubServer(tmp_path / "state") as server:
        api = HfApi(endpoint=server.endpoint, token=False)
        put(api, tmp_path, {"x.bin": content, "kept.bin": kept})
        # The same order of events as in a kill: noted, references gone, nothing removed yet.
        monkeypatch.setattr(store_of(server).pruner, "sweep", lambda: None)
        delete(api, content)
        assert store_of(server).large_entry(sha(content)) is not None
    with HubServer(tmp_path / "state") as server:
        api = HfApi(endpoint=server.endpoint, token=False)
        assert store_of(server).large_entry(sha(content)) is None
        assert get(api, tmp_path, "kept.bin") == kept
        assert not (tmp_path / "state" / "pruning.json").exists()


def test_only_files_of_the_repository_can_be_deleted(api: HfApi, hub: HubServer, tmp_path: Path) -> None:
    content = random.Random(8).randbytes(100_000)
    put(api, tmp_path, {"x.bin": content})
    api.create_repo("biglam/else", repo_type=KIND)
    files = list(api.list_lfs_files(REPO, repo_type=KIND))
    with pytest.raises(EntryNotFoundError):
        api.permanently_delete_lfs_files("biglam/else", files, repo_type=KIND)
    with pytest.raises(HfHubHTTPError):
        api.super_squash_history(REPO, branch="refs/pr/1", repo_type=KIND)
    lfs = f"{hub.endpoint}/datasets/{REPO}.git/info/lfs/objects/batch"
    ask = {"operation": "download", "objects": [{"oid": sha(content), "size": len(content)}]}
    href = httpx.post(lfs, json=ask).json()["objects"][0]["actions"]["download"]["href"]
    assert httpx.get(href).content == content


def test_a_copy_from_another_repository_moves_no_byte(api: HfApi, hub: HubServer, tmp_path: Path) -> None:
    content = random.Random(10).randbytes(100_000)
    put(api, tmp_path, {"x.bin": content})
    api.create_repo("biglam/copy", repo_type=KIND)
    del hub.log[:]
    copy = CommitOperationCopy("x.bin", "y.bin", src_repo_id=REPO, src_repo_type=KIND)
    api.create_commit("biglam/copy", [copy], commit_message="copy", repo_type=KIND)
    assert hub.count("POST", "/xorbs/") == 0
    assert hub.count("POST", "/lfs-files/duplicate") == 1
    delete(api, content)
    assert get(api, tmp_path, "y.bin", repo="biglam/copy") == content
