"""What is where: no release over another's, nothing made again in silence, and what others changed is reported."""

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline import pipeline
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.releasing import committing, remembered
from biglam_pipeline.source import Source
from biglam_pipeline.source.blocks import Publish
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_visibility import DOCUMENTED, entry
from biglam_pipeline_tests.servers.hub import HubServer

NAME, OTHER = "demo_letters", "demo_plates"


@pytest.fixture(autouse=True)
def mended(bench: Bench) -> Any:
    """The Hub is one for all tests: no fault outlives its own."""
    yield
    bench.hub.fault = None


def api(bench: Bench) -> HfApi:
    """A stranger's client."""
    return HfApi(endpoint=bench.hub.endpoint, token=False)


def lead_to(bench: Bench, name: str, repository: str) -> Source:
    """The entry says `publish: {repository: ...}` from now on."""
    moved = bench.source(name).model_copy(update={"publish": Publish(repository=repository)})
    bench.catalog.sources[name] = moved
    return moved


def publish(bench: Bench, name: str) -> Release:
    """Stage 4 alone."""
    source = bench.source(name)
    return pipeline.publish_source(bench.run, source, bench.base(source))


def requests_of(bench: Bench, name: str) -> int:
    """Requests of a publication."""
    begin = len(bench.hub.log)
    publish(bench, name)
    return len(bench.hub.log) - begin


def tags(bench: Bench, repository: str) -> dict[str, str]:
    """Tag -> commit."""
    return {one.name: one.target_commit for one in api(bench).list_repo_refs(repository, repo_type="dataset").tags}


def test_a_repository_of_another_source_is_not_written_over(bench: Bench) -> None:
    """Both shelves know releases of their own: that says nothing of whose this repository is."""
    first, other = bench.night(NAME), bench.night(OTHER)
    lead_to(bench, NAME, other.repository)
    with pytest.raises(
        SourceChanged, match=f"holds the source `{OTHER}`, not `{NAME}`, and nothing is written over it"
    ):
        bench.night(NAME)
    assert api(bench).dataset_info(other.repository).sha == other.commit
    lead_to(bench, NAME, first.repository)
    assert bench.night(NAME).commit == first.commit, "the remedy: its own name back"


def test_another_pipeline_that_took_our_repository_is_seen(bench: Bench) -> None:
    """Its commit stands where our release stood."""
    ours, other = bench.night(NAME), bench.night(OTHER)
    with bench.run.hub.open(other.repository, other.commit, ".biglam/manifest.json") as stream:
        theirs = CommitOperationAdd(".biglam/manifest.json", stream.read())
    api(bench).create_commit(ours.repository, [theirs], commit_message="v2026: theirs", repo_type="dataset")
    with pytest.raises(SourceChanged, match=f"holds the source `{OTHER}`"):
        publish(bench, NAME)


@pytest.mark.slow  # of new names `test_the_same_repository_by_its_new_name_...` stays
def test_a_new_name_makes_a_new_repository_and_says_what_stays(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    old = bench.night(NAME)
    lead_to(bench, NAME, f"{bench.run.owner}/renamed")
    new = bench.night(NAME)
    assert (new.repository, new.rows) == (f"{bench.run.owner}/renamed", old.rows)
    assert f"{old.tag} at {bench.run.hub.url(old.repository)} until now, which stays as it is" in caplog.text
    assert api(bench).dataset_info(old.repository).sha == old.commit
    assert requests_of(bench, NAME) == 3


def test_a_repository_that_was_deleted_is_not_made_again_in_silence(bench: Bench) -> None:
    release = bench.night(NAME)
    api(bench).delete_repo(release.repository, repo_type="dataset")
    for _ in range(2):
        with pytest.raises(SourceChanged, match=r"is gone, where v2026\.01\.02 was published") as refused:
            publish(bench, NAME)
    assert f"hf repos create {release.repository} --type dataset --private" in str(refused.value)
    api(bench).create_repo(release.repository, repo_type="dataset", private=True)
    again = publish(bench, NAME)
    assert (again.rows, again.read_back, again.tag) == (release.rows, (), release.tag), "the remedy, done literally"
    assert len(bench.rows(NAME)) == 39


def test_a_repository_with_a_new_name_on_the_hub_is_not_followed(bench: Bench) -> None:
    """The real Hub leads on from the old name, with reads and with commits."""
    release = bench.night(NAME)
    moved = f"{bench.run.owner}/elsewhere"

    def fault(request: Request, stage: str) -> Response | None:
        if stage == "before" and request.url.path.startswith(f"/api/datasets/{release.repository}/revision/"):
            return JSONResponse({"id": moved, "sha": release.commit, "private": True})
        return None

    bench.hub.fault = fault
    with pytest.raises(SourceChanged, match=f"is called {moved} now: write `publish: {{repository: {moved}}}`"):
        publish(bench, NAME)


def test_the_same_repository_by_its_new_name_goes_on(bench: Bench) -> None:
    """What the message above says to write: rows keep their parts, and nothing is sent."""
    release = bench.night(NAME)
    moved = f"{bench.run.owner}/elsewhere"
    api(bench).create_repo(moved, repo_type="dataset", private=True)
    operations = []
    for path in bench.run.hub.listing(release.repository, release.commit):
        with bench.run.hub.open(release.repository, release.commit, path) as stream:
            operations.append(CommitOperationAdd(path, stream.read()))
    api(bench).create_commit(moved, operations, commit_message=release.tag, repo_type="dataset")
    lead_to(bench, NAME, moved)
    again = publish(bench, NAME)
    assert (again.repository, again.read_back) == (moved, ())
    assert again.files_sent <= 1, "the card alone, which names its repository"


@pytest.mark.representative(1)  # the other way round
@pytest.mark.parametrize("wanted", ["private", "public"])
def test_what_was_made_public_or_private_by_hand_is_put_right_on_a_quiet_night(
    bench: Bench, wanted: str, caplog: pytest.LogCaptureFixture
) -> None:
    entry(bench, wanted, **DOCUMENTED)
    release = bench.night(NAME)
    other = "public" if wanted == "private" else "private"
    assert requests_of(bench, NAME) == 3
    api(bench).update_repo_settings(release.repository, visibility=other, repo_type="dataset")
    assert publish(bench, NAME).commit == release.commit, "no release is made for it"
    assert bench.run.hub.visibility(release.repository) == wanted
    assert f"{release.repository} was made {other} by hand and is {wanted} again" in caplog.text
    assert requests_of(bench, NAME) == 3


def test_what_was_made_public_beside_another_change_is_hidden_first(bench: Bench) -> None:
    """Whatever becomes of the release: here the Hub refuses its commit."""
    release = bench.night(NAME)
    api(bench).update_repo_settings(release.repository, visibility="public", repo_type="dataset")
    stray = [CommitOperationAdd("data/default/stray.txt", b"x")]
    api(bench).create_commit(release.repository, stray, commit_message="meddling", repo_type="dataset")

    def fault(request: Request, stage: str) -> Response | None:
        return JSONResponse({}, 403) if "/commit/" in request.url.path and stage == "before" else None

    bench.hub.fault = fault
    with pytest.raises(SourceChanged):
        publish(bench, NAME)
    assert bench.run.hub.visibility(release.repository) == "private"


def test_a_tag_that_was_moved_is_not_taken_for_the_release(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    release = bench.night(NAME)
    client = api(bench)
    first = client.list_repo_commits(release.repository, repo_type="dataset")[-1].commit_id
    client.delete_tag(release.repository, tag=release.tag, repo_type="dataset")
    client.create_tag(release.repository, tag=release.tag, revision=first, repo_type="dataset")
    assert publish(bench, NAME).commit == release.commit
    assert tags(bench, release.repository) == {release.tag: release.commit}
    assert f"the tag {release.tag} was moved by somebody to {first[:12]}" in caplog.text
    client.delete_tag(release.repository, tag=release.tag, repo_type="dataset")
    publish(bench, NAME)
    assert tags(bench, release.repository) == {release.tag: release.commit}
    assert requests_of(bench, NAME) == 3


def test_what_others_changed_is_reported_before_it_is_undone(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    release = bench.night(NAME)
    theirs = [
        CommitOperationAdd("notes.txt", b"mine"),
        CommitOperationAdd(".biglam/more.txt", b"stray"),
        CommitOperationAdd(".biglam/removed.parquet", b"other"),
    ]
    done = api(bench).create_commit(release.repository, theirs, commit_message="meddling", repo_type="dataset")
    caplog.set_level(logging.WARNING)
    reported = []

    def fault(request: Request, stage: str) -> Response | None:
        if "/commit/" in request.url.path and stage == "before":
            reported.append(caplog.text)
        return None

    bench.hub.fault = fault
    publish(bench, NAME)
    start = f"somebody else's commit {done.oid[:12]}: "
    assert f"{start}notes.txt is new there, and stays" in reported[0]
    assert f"{start}.biglam/more.txt is new there, and is deleted: the release owns that folder" in reported[0]
    assert f"{start}.biglam/removed.parquet is changed there, and is written again" in reported[0]


def test_commit_tag_and_release_have_one_name(bench: Bench) -> None:
    """A day's second release, and one whose tag somebody took, are `.1` and `.2` in the title and the card too."""
    first = bench.night(NAME)
    client = api(bench)
    for number, (taken, name) in enumerate([("", ".1"), ("v2026.01.02.2", ".3")]):
        if taken:
            client.create_tag(first.repository, tag=taken, revision=first.commit, repo_type="dataset")
        stray = [CommitOperationAdd(f".biglam/stray{number}.txt", b"x")]
        client.create_commit(first.repository, stray, commit_message="meddling", repo_type="dataset")
        release = publish(bench, NAME)
        title = client.list_repo_commits(first.repository, repo_type="dataset")[0].title
        assert release.tag == f"v2026.01.02{name}"
        assert title.startswith(f"{release.tag}: 39 rows")
        assert f'revision="{release.tag}"' in bench.card(NAME)
        assert tags(bench, first.repository)[release.tag] == release.commit
    assert release.previous_tag == "v2026.01.02.2"


def test_a_release_that_was_cut_off_before_it_was_read_back_is_read_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The commit landed, the process did not live to look at it; a part that lost its rows on the way is found."""
    bench.build(NAME)

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(committing, "read_back", die)
    with pytest.raises(Killed):
        publish(bench, NAME)
    monkeypatch.undo()
    source = bench.source(NAME)
    assert remembered.last_release(bench.run, source) is None
    begin = len(bench.hub.log)
    release = publish(bench, NAME)
    parts = [path for method, path, _, _ in bench.hub.log[begin:] if "/resolve/" in path and "part-" in path]
    assert parts, "the footer of each part is looked at, though nothing was sent"
    assert (release.files_sent, release.tag, release.read_back) == (0, "v2026.01.02", ())
    assert "the publication of v2026.01.02 was cut off; it is read back now" in caplog.text
    assert bench.commits(NAME) == 1
    begin = len(bench.hub.log)
    publish(bench, NAME)
    assert len(bench.hub.log) - begin == 3


@pytest.mark.slow  # the address of another place, as a new name is
def test_another_hub_is_another_place(bench: Bench, tmp_path: Path) -> None:
    """From the embedded Hub to the real one: what is not there yet is made there, and not taken for deleted."""
    first = bench.night(NAME)
    with HubServer(tmp_path / "second") as second:
        bench.run = replace(bench.run, open_hub=partial(Hub, second.endpoint))
        moved = publish(bench, NAME)
        assert (moved.repository, moved.tag, moved.rows) == (first.repository, first.tag, first.rows)
        assert moved.url.startswith(second.endpoint)
