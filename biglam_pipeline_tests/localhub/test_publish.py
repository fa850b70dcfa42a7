"""The whole life of a dataset repository, with the real client, through Xet."""

from pathlib import Path

import httpx
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.errors import (
    BadRequestError,
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile, RepoFolder

from biglam_pipeline_tests.localhub.conftest import CARD
from biglam_pipeline_tests.servers.hub import HubServer, LostAnswer

REPO = "biglam/letters"


def head(api: HfApi) -> str:
    sha = api.repo_info(REPO, repo_type="dataset").sha
    assert sha is not None
    return sha


def additions(shards: list[Path]) -> list[CommitOperationAdd]:
    adds = [CommitOperationAdd(f"data/{path.name}", path) for path in shards]
    return [*adds, CommitOperationAdd("README.md", CARD)]


def publish(api: HfApi, shards: list[Path], parent: str | None = None) -> str:
    return api.create_commit(
        REPO, additions(shards), commit_message="publish", repo_type="dataset", parent_commit=parent
    ).oid


@pytest.fixture
def published(api: HfApi, shards: list[Path]) -> str:
    api.create_repo(REPO, repo_type="dataset", private=True)
    return publish(api, shards, head(api))


def test_life_of_a_repository(hub: HubServer, api: HfApi, shards: list[Path], tmp_path: Path) -> None:
    assert api.create_repo(REPO, repo_type="dataset", visibility="private").url == f"{hub.endpoint}/datasets/{REPO}"
    assert api.create_repo(REPO, repo_type="dataset", exist_ok=True).repo_id == REPO
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_repo(REPO, repo_type="dataset")

    first = publish(api, shards, head(api))
    assert head(api) == first
    assert hub.count("POST", "/xorbs/") == 1

    del hub.log[:]
    assert publish(api, shards) == first, "nothing changed, so no commit"
    assert hub.count("POST", "/commit/") == 0
    assert hub.count("POST", "/xorbs/") == 0

    api.create_tag(REPO, tag="v2026.11.0", revision=first, repo_type="dataset")
    api.create_tag(REPO, tag="v2026.11.0", revision=first, repo_type="dataset", exist_ok=True)
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag(REPO, tag="v2026.11.0", repo_type="dataset")

    second = api.create_commit(
        REPO,
        [CommitOperationDelete("data/part-00001.parquet"), CommitOperationAdd("data/part-00002.parquet", b"new")],
        commit_message="drop one, change one",
        repo_type="dataset",
        parent_commit=first,
    ).oid
    tree = {row.path for row in api.list_repo_tree(REPO, recursive=True, repo_type="dataset")}
    assert tree == {".gitattributes", "README.md", "data", "data/part-00000.parquet", "data/part-00002.parquet"}

    for shard in shards:
        local = api.hf_hub_download(
            REPO, f"data/{shard.name}", repo_type="dataset", revision="v2026.11.0", cache_dir=tmp_path / "cache"
        )
        assert Path(local).read_bytes() == shard.read_bytes()
    commits = api.list_repo_commits(REPO, repo_type="dataset")
    assert [row.commit_id for row in commits][:2] == [second, first]
    assert [row.title for row in commits] == ["drop one, change one", "publish", "initial commit"]
    refs = api.list_repo_refs(REPO, repo_type="dataset")
    assert [(row.name, row.target_commit) for row in refs.tags] == [("v2026.11.0", first)]


def test_stale_parent_is_412_and_changes_nothing(api: HfApi, published: str) -> None:
    api.create_commit(REPO, [CommitOperationAdd("a.txt", b"a")], commit_message="a", repo_type="dataset")
    moved = head(api)
    with pytest.raises(HfHubHTTPError) as caught:
        api.create_commit(
            REPO,
            [CommitOperationAdd("b.txt", b"b")],
            commit_message="b",
            repo_type="dataset",
            parent_commit=published,
        )
    assert caught.value.response.status_code == 412
    assert head(api) == moved


def test_a_commit_is_all_or_nothing(api: HfApi, published: str) -> None:
    operations = [CommitOperationAdd("c.txt", b"c"), CommitOperationDelete("missing.txt")]
    with pytest.raises(EntryNotFoundError, match="doesn't exist"):
        api.create_commit(REPO, operations, commit_message="half", repo_type="dataset")
    with pytest.raises(BadRequestError, match="also a file"):
        api.create_commit(REPO, [CommitOperationAdd("README.md/x", b"x")], commit_message="x", repo_type="dataset")
    assert head(api) == published


def test_lost_answer_leaves_one_commit(hub: HubServer, api: HfApi, published: str) -> None:
    def lose(request, stage):  # type: ignore[no-untyped-def]
        return LostAnswer() if stage == "after" and "/commit/" in request.url.path else None

    hub.fault = lose
    with pytest.raises(Exception, match=r"(?i)disconnect|closed|incomplete"):
        api.create_commit(REPO, [CommitOperationAdd("d.txt", b"d")], commit_message="d", repo_type="dataset")
    hub.fault = None
    commits = api.list_repo_commits(REPO, repo_type="dataset")
    assert [row.title for row in commits] == ["d", "publish", "initial commit"]


def test_rename_moves_no_byte(hub: HubServer, api: HfApi, published: str, shards: list[Path]) -> None:
    del hub.log[:]
    operations = [
        CommitOperationCopy("data/part-00000.parquet", "data/part-00009.parquet"),
        CommitOperationDelete("data/part-00000.parquet"),
    ]
    api.create_commit(REPO, operations, commit_message="rename", repo_type="dataset")
    assert hub.count("POST", "/xorbs/") == 0
    row = api.get_paths_info(REPO, "data/part-00009.parquet", repo_type="dataset")[0]
    assert isinstance(row, RepoFile)
    assert row.size == shards[0].stat().st_size


def test_errors_have_the_classes_of_the_client(api: HfApi, published: str) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info("biglam/nothing", repo_type="dataset")
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info(REPO, repo_type="model")
    with pytest.raises(RevisionNotFoundError):
        api.repo_info(REPO, repo_type="dataset", revision="v0")
    with pytest.raises(EntryNotFoundError):
        api.hf_hub_download(REPO, "nothing.txt", repo_type="dataset")
    with pytest.raises(EntryNotFoundError):
        list(api.list_repo_tree(REPO, "nothing", repo_type="dataset"))
    answer = httpx.post(f"{api.endpoint}/api/repos/create", json={"name": "../x", "type": "dataset"})
    assert answer.status_code == 400
    assert "Invalid repository name" in answer.headers["x-error-message"]


def test_tree_pages_and_expansion(hub: HubServer, api: HfApi, published: str) -> None:
    many = [CommitOperationAdd(f"notes/{at % 7}/no {at}é.txt", b"%d" % at) for at in range(1100)]
    oid = api.create_commit(REPO, many, commit_message="notes", repo_type="dataset").oid
    del hub.log[:]
    rows = list(api.list_repo_tree(REPO, "notes", recursive=True, repo_type="dataset"))
    assert sum(isinstance(row, RepoFile) for row in rows) == 1100
    assert sum(isinstance(row, RepoFolder) for row in rows) == 7
    assert hub.count("GET", "/tree/") == 2
    expanded = {row.path: row for row in api.list_repo_tree(REPO, expand=True, repo_type="dataset")}
    assert expanded["notes"].last_commit
    assert expanded["notes"].last_commit.oid == oid
    assert expanded["data"].last_commit
    assert expanded["data"].last_commit.oid == published


def test_branches_settings_and_squash(api: HfApi, published: str) -> None:
    api.create_branch(REPO, branch="try/one", repo_type="dataset")
    api.create_commit(
        REPO, [CommitOperationAdd("x.txt", b"x")], commit_message="x", repo_type="dataset", revision="try/one"
    )
    assert api.file_exists(REPO, "x.txt", repo_type="dataset", revision="try/one")
    assert not api.file_exists(REPO, "x.txt", repo_type="dataset")
    api.delete_branch(REPO, branch="try/one", repo_type="dataset")
    assert not api.revision_exists(REPO, "try/one", repo_type="dataset")

    api.update_repo_settings(REPO, repo_type="dataset", visibility="public", gated="manual")
    info = api.dataset_info(REPO, files_metadata=True)
    assert (info.private, info.gated) == (False, "manual")
    assert info.card_data is not None
    assert info.card_data.language == ["no"]
    assert info.siblings is not None
    assert all(sibling.size for sibling in info.siblings)
    assert [row.id for row in api.list_datasets(author="biglam")] == [REPO]

    api.create_tag(REPO, tag="old", repo_type="dataset")
    api.super_squash_history(REPO, repo_type="dataset")
    assert len(api.list_repo_commits(REPO, repo_type="dataset")) == 1
    assert api.file_exists(REPO, "data/part-00000.parquet", repo_type="dataset", revision="old")
    api.delete_tag(REPO, tag="old", repo_type="dataset")

    api.auth_check(REPO, repo_type="dataset", write=True)
    api.delete_repo(REPO, repo_type="dataset")
    assert not api.repo_exists(REPO, repo_type="dataset")
    api.create_repo(REPO, repo_type="dataset")
