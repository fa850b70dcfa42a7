"""Takedown that reaches history: nothing can be had in any way that a reader has, also where it was cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.draft import Draft, Release
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.publish.hub.line import Line
from biglam_pipeline.publish.hub.places import Reach
from biglam_pipeline.publish.hub.retry import Retries
from biglam_pipeline_tests.publish.conftest import Sender
from biglam_pipeline_tests.publish.drafts import a_clearance, a_name, held, wanted
from biglam_pipeline_tests.servers.hub import HubServer

OLD = "data/default/part-00001.parquet"


class History:
    """v1 is clean, v2 and v3 hold what must vanish, v4 does not; a pull request began at v2."""

    def __init__(self, sender: Sender) -> None:
        self.server, self.repository = sender.server, a_name()
        self.hub = Hub(self.server.endpoint, sleep=lambda _: None)
        self.api = HfApi(endpoint=self.server.endpoint, token=False)
        self.first = sender.draft(self.repository, tag="v2026.01.01", parts=1, size=4_000)
        self.bad = sender.draft(self.repository, tag="v2026.01.02", parts=2, size=4_000)
        more = sender.draft(self.repository, tag="v2026.01.03", parts=3, size=4_000)
        more.files[OLD] = self.bad.files[OLD]
        self.last = sender.draft(self.repository, tag="v2026.01.04", parts=2, size=4_000)
        self.releases = []
        for draft in (self.first, self.bad, more, self.last):
            self.releases.append(self._publish(sender, draft))
            if draft is self.bad:
                self.api.create_pull_request(self.repository, "A better card", repo_type="dataset")
                note = [CommitOperationAdd("note.txt", b"x")]
                self.api.create_commit(
                    self.repository, note, commit_message="x", revision="refs/pr/1", repo_type="dataset"
                )
        self.blobs = {self.bad.files[OLD].sha256}
        self.files = {path: file.sha256 for path, file in self.last.files.items()}
        self.places = self.hub.places(self.repository, self.blobs)

    @staticmethod
    def _publish(sender: Sender, draft: Draft) -> Release:
        reported = sender.publish(draft)
        return Release(**{**reported["release"], "changed": (), "read_back": ()})

    def line(self) -> Line:
        return Line(self.server.endpoint, "", publish=False, remedy="", retries=Retries(sleep=lambda _: None))

    def reachable(self) -> list[str]:
        """What of it can be had by every way."""
        reach = Reach(self.line(), self.repository)
        head = self.hub.head(self.repository) or ""
        return [*reach.by_address(self.places), *reach.by_lfs(self.places), *reach.by_store(self.places, head)]

    def check_gone(self) -> None:
        """One commit, the release in it under its tag, the clean release before it, and nothing of the rest."""
        there = held(self.server, self.repository)
        assert there.files == wanted(self.last)
        assert len(there.titles) == 1
        assert there.tags == {self.last.tag: there.head, self.first.tag: self.releases[0].commit}
        assert there.open_pulls == 0
        refs = self.api.list_repo_refs(self.repository, repo_type="dataset", include_pull_requests=True)
        assert refs.pull_requests == []
        assert self.reachable() == []
        for revision in (self.bad.tag, self.releases[1].commit, self.releases[2].commit, "refs/pr/1"):
            with pytest.raises(HfHubHTTPError, match="404"):
                self.download(revision)

    def download(self, revision: str) -> str:
        return hf_hub_download(
            self.repository,
            OLD,
            repo_type="dataset",
            revision=revision,
            endpoint=self.server.endpoint,
            token=False,
            force_download=True,
        )


@pytest.fixture
def history(sender: Sender) -> Iterator[History]:
    yield History(sender)
    sender.server.fault = None


@pytest.mark.representative(1)  # the same without Xet
def test_what_must_vanish_can_be_had_before(history: History) -> None:
    """Otherwise the proof afterwards would prove nothing."""
    assert Path(history.download(history.bad.tag)).read_bytes() == history.bad.files[OLD].path.read_bytes()
    revisions = {one.revision for one in history.places}
    assert revisions == {history.bad.tag, "v2026.01.03", "refs/pr/1", *_commits(history)}
    found = history.reachable()
    assert len([one for one in found if "/resolve/" in one]) == len(history.places)
    assert f"LFS object {history.bad.files[OLD].sha256}" in found
    assert len([one for one in found if one.startswith("Xet file")]) == len(
        {one.xet_hash for one in history.places} - {""}
    )


def _commits(history: History) -> set[str]:
    pull = history.api.list_repo_commits(history.repository, revision="refs/pr/1", repo_type="dataset")[0].commit_id
    return {history.releases[1].commit, history.releases[2].commit, pull}


@pytest.mark.representative(1)  # the same without Xet
def test_nothing_is_left(history: History) -> None:
    purged = history.hub.purge(history.releases[-1], history.files, history.blobs)
    there = held(history.server, history.repository)
    assert (purged.commit, purged.tag) == (there.head, "v2026.01.04")
    assert purged.tags_deleted == ("v2026.01.02", "v2026.01.03")
    assert purged.blobs_deleted == 1
    assert any(f"none of {len(history.places)} addresses" in line for line in purged.proof)
    history.check_gone()


@pytest.mark.representative(1)  # the same without Xet
def test_a_second_purge_changes_nothing(history: History) -> None:
    first = history.hub.purge(history.releases[-1], history.files, history.blobs)
    begin = len(history.server.log)
    second = history.hub.purge(history.releases[-1], history.files, history.blobs, history.places)
    assert (second.commit, second.blobs_deleted, second.tags_deleted) == (first.commit, 0, ())
    changing = [row for row in history.server.log[begin:] if row[0] != "GET" and "/info/lfs/" not in row[1]]
    assert changing == []
    history.check_gone()


@pytest.mark.representative(1)  # the same without Xet
def test_the_next_release_goes_on_from_there(history: History, sender: Sender) -> None:
    history.hub.purge(history.releases[-1], history.files, history.blobs)
    again = history.hub.commit(history.last, a_clearance(history.last.digest))
    assert (again.files_sent, again.tag) == (0, "v2026.01.04")
    following = sender.draft(history.repository, tag="v2026.01.05", parts=2, kept=history.last)
    assert history.hub.commit(following, a_clearance(following.digest)).previous_tag == "v2026.01.04"


@pytest.mark.representative(1)  # the same without Xet
def test_a_release_in_batches_left_its_pull_request(sender: Sender) -> None:
    """The ref of a merged one holds everything that it brought."""
    repository, hub = a_name(), Hub(sender.server.endpoint, sleep=lambda _: None, batch=2)
    old, new = (sender.draft(repository, tag=tag, parts=2) for tag in ("v2026.01.01", "v2026.01.02"))
    for draft in (old, new):
        release = hub.commit(draft, a_clearance(draft.digest))
    blobs = {file.sha256 for file in old.files.values()}
    assert "refs/pr/1" in {one.revision for one in hub.places(repository, blobs)}
    purged = hub.purge(release, {path: file.sha256 for path, file in new.files.items()}, blobs)
    assert (purged.blobs_deleted, purged.tags_deleted) == (2, ("v2026.01.01",))
    there = held(sender.server, repository)
    assert (there.files, there.tags) == (wanted(new), {new.tag: there.head})


@pytest.mark.representative(1)  # the same without Xet
def test_the_text_of_an_old_card_goes_with_its_tags(history: History) -> None:
    """By git's id of it: a small file has no other name."""
    entries = history.api.get_paths_info(history.repository, ["README.md"], revision="v2026.01.02", repo_type="dataset")
    purged = history.hub.purge(history.releases[-1], history.files, {entries[0].blob_id})
    assert purged.blobs_deleted == 0
    assert purged.tags_deleted == ("v2026.01.02", "v2026.01.03")


@pytest.mark.representative(1)  # the same without Xet
def test_what_still_is_published_is_not_purged(history: History) -> None:
    with pytest.raises(SourceChanged, match=r"still is part of v2026.01.04; publish without it"):
        history.hub.purge(history.releases[-1], history.files, {history.last.files[OLD].sha256})
    with pytest.raises(SourceChanged, match=r"is not what was published as v2026.01.04; publish again"):
        history.hub.purge(history.releases[-1], {**history.files, OLD: "0" * 64}, history.blobs)
    assert len(held(history.server, history.repository).titles) == 4


@pytest.mark.representative(1)  # other ways to have it
@pytest.mark.parametrize("way", ["/resolve/", "/info/lfs/objects/batch", "/reconstructions/"])
def test_what_can_still_be_had_is_named(xet_sender: Sender, way: str) -> None:
    """A Hub that deletes in name only."""
    history = History(xet_sender)

    def fault(request: Request, stage: str) -> Response | None:
        if stage != "before" or way not in request.url.path:
            return None
        href = f"{history.server.endpoint}/health"
        return JSONResponse({"objects": [{"oid": next(iter(history.blobs)), "actions": {"download": {"href": href}}}]})

    history.server.fault = fault
    with pytest.raises(SourceChanged, match=r"not everything is gone; still to be had: .*keep the repository private"):
        history.hub.purge(history.releases[-1], history.files, history.blobs)
    history.server.fault = None
    history.hub.purge(history.releases[-1], history.files, history.blobs, history.places)
    history.check_gone()


def cut_off(server: HubServer, number: int, stage: str) -> None:
    """From the request of that number on nobody is there any more."""
    count = 0

    def fault(request: Request, when: str) -> Response | None:
        nonlocal count
        if when == "before":
            count += 1
        return JSONResponse({}, 418) if count > number or (count == number and when == stage) else None

    server.fault = fault


def ends(sender: Sender, number: int, stage: str) -> bool:
    """Cuts a purge off at a request, and runs it again; whether it had ended before that.

    An answer that no attempt can mend ends it there, as a kill would.
    """
    history = History(sender)
    cut_off(history.server, number, stage)
    try:
        history.hub.purge(history.releases[-1], history.files, history.blobs)
        ended = True
    except SourceChanged:
        ended = False
    history.server.fault = None
    if not ended:
        history.hub.purge(history.releases[-1], history.files, history.blobs, history.places)
    history.check_gone()
    return ended


@pytest.mark.representative(1)  # cut off elsewhere
@pytest.mark.parametrize(("number", "stage"), [(20, "after"), (24, "before"), (28, "after")])
def test_a_purge_that_is_cut_off_ends_the_same(xet_sender: Sender, number: int, stage: str) -> None:
    assert not ends(xet_sender, number, stage)


@pytest.mark.soak
@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_purge_that_is_cut_off_at_any_request_ends_the_same(xet_sender: Sender, stage: str) -> None:
    number = 1
    while not ends(xet_sender, number, stage):
        number += 1
    assert number > 30
