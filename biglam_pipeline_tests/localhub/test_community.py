"""Discussions and pull requests, with the real client."""

from pathlib import Path

import httpx
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, DiscussionComment, HfApi
from huggingface_hub.community import DiscussionCommit, DiscussionStatusChange
from huggingface_hub.errors import HfHubHTTPError, RevisionNotFoundError

from biglam_pipeline_tests.servers.hub import HubServer

REPO = "biglam/talk"
KIND = "dataset"


@pytest.fixture
def first(api: HfApi) -> str:
    api.create_repo(REPO, repo_type=KIND)
    return commit(api, {"a.txt": b"one\n", "b.txt": b"two\n"})


def commit(api: HfApi, files: dict[str, bytes | None], revision: str = "main") -> str:
    operations = [
        CommitOperationDelete(path) if content is None else CommitOperationAdd(path, content)
        for path, content in files.items()
    ]
    title = f"change {', '.join(files)}"
    return api.create_commit(REPO, operations, commit_message=title, repo_type=KIND, revision=revision).oid


def texts(api: HfApi, revision: str, folder: Path) -> dict[str, bytes]:
    local = Path(api.snapshot_download(REPO, repo_type=KIND, revision=revision, cache_dir=folder))
    return {path.name: path.read_bytes() for path in local.glob("*.txt")}


@pytest.mark.usefixtures("first")
def test_a_discussion(api: HfApi, hub: HubServer) -> None:
    made = api.create_discussion(REPO, "  Is it whole?  ", description="I *wonder*.", repo_type=KIND)
    assert (made.num, made.title, made.status, made.is_pull_request) == (1, "Is it whole?", "open", False)
    assert isinstance(made.events[0], DiscussionComment)
    assert made.events[0].content == "I *wonder*."
    assert made.events[0].rendered == "<p>I <em>wonder</em>.</p>\n"

    said = api.comment_discussion(REPO, 1, "<script>alert(1)</script> yes", repo_type=KIND)
    assert "<script" not in said.rendered
    edited = api.edit_discussion_comment(REPO, 1, said.id, "Yes.", repo_type=KIND)
    assert (edited.content, edited.edited, edited.number_of_edits) == ("Yes.", True, 1)
    with pytest.warns(UserWarning, match="irreversible"):
        assert api.hide_discussion_comment(REPO, 1, said.id, repo_type=KIND).hidden
    assert api.rename_discussion(REPO, 1, "Is it all?", repo_type=KIND).old_title == "Is it whole?"
    closed = api.change_discussion_status(REPO, 1, "closed", comment="Done.", repo_type=KIND)
    assert closed.new_status == "closed"
    with pytest.raises(HfHubHTTPError, match="closed already"):
        api.change_discussion_status(REPO, 1, "closed", repo_type=KIND)
    with pytest.raises(HfHubHTTPError, match="3 to 200"):
        api.create_discussion(REPO, "x", repo_type=KIND)
    with pytest.raises(HfHubHTTPError, match="404"):
        api.get_discussion_details(REPO, 7, repo_type=KIND)

    page = httpx.get(f"{hub.endpoint}/datasets/{REPO}/discussions/1").text
    assert "Is it all?" in page
    assert "alert(1)" not in page, "hidden comments are gone"


@pytest.mark.usefixtures("first")
def test_the_list_has_filters_and_pages(api: HfApi) -> None:
    for number in range(52):
        api.create_discussion(REPO, f"Question {number}", repo_type=KIND)
    api.create_pull_request(REPO, "A change", repo_type=KIND)
    api.change_discussion_status(REPO, 3, "closed", repo_type=KIND)

    def listed(**filters: str) -> list[int]:
        return [row.num for row in api.get_repo_discussions(REPO, repo_type=KIND, **filters)]  # type: ignore[arg-type]

    assert listed() == list(range(53, 0, -1))
    assert listed(discussion_type="pull_request") == [53]
    assert listed(discussion_status="closed") == [3]
    assert len(listed(discussion_type="discussion", discussion_status="open")) == 51
    assert listed(author="somebody") == []


def test_many_commits_to_a_pull_request_move_main_once(api: HfApi, first: str, tmp_path: Path) -> None:
    pull = api.create_pull_request(REPO, "Three more", repo_type=KIND)
    assert (pull.status, pull.git_reference, pull.target_branch) == ("draft", "refs/pr/1", "refs/heads/main")
    commits = [commit(api, {f"{name}.txt": b"new\n"}, "refs/pr/1") for name in "cde"]
    commit(api, {"b.txt": None}, "refs/pr/1")
    head = commit(api, {"big.bin": b"\0" * 70_000}, "refs/pr/1")
    assert api.repo_info(REPO, repo_type=KIND).sha == first
    found_head = api.resolve_revision(REPO, repo_type=KIND, revision="refs/pr/1", cache_dir=tmp_path)
    assert found_head.resolved == head
    assert texts(api, "refs/pr/1", tmp_path).keys() == {"a.txt", "c.txt", "d.txt", "e.txt"}
    assert api.list_repo_refs(REPO, repo_type=KIND).pull_requests is None
    refs = api.list_repo_refs(REPO, repo_type=KIND, include_pull_requests=True).pull_requests
    assert refs is not None
    assert [(row.ref, row.target_commit) for row in refs] == [("refs/pr/1", head)]

    other = commit(api, {"a.txt": b"changed on main\n"})
    with pytest.raises(HfHubHTTPError, match="draft"):
        api.merge_pull_request(REPO, 1, repo_type=KIND)
    api.change_discussion_status(REPO, 1, "open", repo_type=KIND)
    api.merge_pull_request(REPO, 1, comment="In it goes.", repo_type=KIND)
    history = [row.commit_id for row in api.list_repo_commits(REPO, repo_type=KIND)]
    found = api.get_discussion_details(REPO, 1, repo_type=KIND)
    assert history[:2] == [found.merge_commit_oid, other], "one commit, on top of what came in between"
    assert texts(api, "main", tmp_path) == {
        "a.txt": b"changed on main\n",
        "c.txt": b"new\n",
        "d.txt": b"new\n",
        "e.txt": b"new\n",
    }
    assert found.status == "merged"
    assert found.diff is not None
    assert "+++ b/c.txt" in found.diff
    assert "Binary files a/big.bin" in found.diff
    told = [event.oid for event in found.events if isinstance(event, DiscussionCommit)]
    assert told[:3] == commits
    assert [event.new_status for event in found.events if isinstance(event, DiscussionStatusChange)] == [
        "open",
        "merged",
    ]
    with pytest.raises(HfHubHTTPError, match="merged"):
        api.merge_pull_request(REPO, 1, repo_type=KIND)
    with pytest.raises(HfHubHTTPError, match="merged"):
        commit(api, {"f.txt": b"f"}, "refs/pr/1")


def test_a_conflict_is_named_and_nothing_moves(api: HfApi, first: str) -> None:
    made = api.create_commit(
        REPO,
        [CommitOperationAdd("a.txt", b"theirs\n"), CommitOperationAdd("same.txt", b"alike\n")],
        commit_message="From a reader",
        commit_description="Please.",
        repo_type=KIND,
        create_pr=True,
        parent_commit=first,
    )
    assert (made.pr_num, made.pr_revision) == (1, "refs/pr/1")
    assert api.get_discussion_details(REPO, 1, repo_type=KIND).status == "open"
    commit(api, {"same.txt": b"alike\n"})
    assert api.get_discussion_details(REPO, 1, repo_type=KIND).conflicting_files == []
    ours = commit(api, {"a.txt": b"ours\n"})
    assert api.get_discussion_details(REPO, 1, repo_type=KIND).conflicting_files == ["a.txt"]
    with pytest.raises(HfHubHTTPError, match=r"conflicts with main in a\.txt") as caught:
        api.merge_pull_request(REPO, 1, repo_type=KIND)
    assert caught.value.response.status_code == 409
    assert api.repo_info(REPO, repo_type=KIND).sha == ours
    # A file against a folder of its name is a conflict too.
    pull = api.create_pull_request(REPO, "A folder", repo_type=KIND)
    commit(api, {"x/y.txt": b"y"}, f"refs/pr/{pull.num}")
    commit(api, {"x": b"x"})
    assert api.get_discussion_details(REPO, pull.num, repo_type=KIND).conflicting_files == ["x/y.txt"]


@pytest.mark.usefixtures("first")
def test_closed_reopened_and_removed(api: HfApi, hub: HubServer, tmp_path: Path) -> None:
    def close_and_open(num: int) -> None:
        api.change_discussion_status(REPO, num, "closed", repo_type=KIND)
        with pytest.raises(HfHubHTTPError, match="is closed"):
            commit(api, {"c.txt": b"c"}, f"refs/pr/{num}")
        api.change_discussion_status(REPO, num, "open", repo_type=KIND)

    for num in (1, 2):
        api.create_pull_request(REPO, "A change", repo_type=KIND)
        close_and_open(num)
        (tmp_path / f"{num}.bin").write_bytes(bytes([num]) * 200_000)
        api.upload_file(
            path_or_fileobj=tmp_path / f"{num}.bin",
            path_in_repo="x.bin",
            repo_id=REPO,
            repo_type=KIND,
            revision=f"refs/pr/{num}",
        )
    xorbs = hub.app.state.hub.state.root / "xet" / "xorbs"
    assert len(list(xorbs.glob("*/*"))) == 2
    api.delete_branch(REPO, branch="refs/pr/1", repo_type=KIND)
    assert api.get_discussion_details(REPO, 1, repo_type=KIND).status == "closed"
    with pytest.raises(HfHubHTTPError, match="have been deleted"):
        api.change_discussion_status(REPO, 1, "open", repo_type=KIND)
    assert httpx.delete(f"{hub.endpoint}/api/datasets/{REPO}/discussions/2").status_code == 200
    assert list(xorbs.glob("*/*")) == [], "what only a pull request led to goes with it"
    for num in (1, 2):
        with pytest.raises(RevisionNotFoundError):
            api.repo_info(REPO, repo_type=KIND, revision=f"refs/pr/{num}")
    assert api.create_discussion(REPO, "Next one", repo_type=KIND).num == 3, "numbers are never given twice"


@pytest.mark.usefixtures("first")
def test_all_of_it_is_there_after_a_restart(tmp_path: Path) -> None:
    with HubServer(tmp_path / "again") as server:
        api = HfApi(endpoint=server.endpoint, token=False)
        api.create_repo(REPO, repo_type=KIND)
        api.create_pull_request(REPO, "A change", repo_type=KIND)
        head = commit(api, {"c.txt": b"c"}, "refs/pr/1")
    with HubServer(tmp_path / "again") as server:
        api = HfApi(endpoint=server.endpoint, token=False)
        assert api.repo_info(REPO, repo_type=KIND, revision="refs/pr/1").sha == head
        assert len(api.get_discussion_details(REPO, 1, repo_type=KIND).events) == 2


def test_revisions_of_every_kind(api: HfApi, first: str, tmp_path: Path) -> None:
    commit(api, {"c.txt": b"c"})
    api.create_tag(REPO, tag="release/1.0", revision=first, repo_type=KIND)
    assert [row.title for row in api.list_repo_commits(REPO, repo_type=KIND, revision="release/1.0")] == [
        "change a.txt, b.txt",
        "initial commit",
    ]
    local = api.snapshot_download(REPO, repo_type=KIND, cache_dir=tmp_path)
    checked = api.verify_repo_checksums(REPO, repo_type=KIND, cache_dir=tmp_path)
    assert (checked.checked_count, checked.mismatches, checked.missing_paths) == (4, [], [])
    (Path(local) / "c.txt").unlink()
    (Path(local) / "c.txt").write_bytes(b"spoilt")
    assert [row["path"] for row in api.verify_repo_checksums(REPO, repo_type=KIND, cache_dir=tmp_path).mismatches] == [
        "c.txt"
    ]
    api.delete_tag(REPO, tag="release/1.0", repo_type=KIND)
    with pytest.raises(RevisionNotFoundError):
        api.delete_tag(REPO, tag="release/1.0", repo_type=KIND)
    with pytest.raises(HfHubHTTPError, match="Invalid reference"):
        api.create_branch(REPO, branch="refs/pr/9", repo_type=KIND)
