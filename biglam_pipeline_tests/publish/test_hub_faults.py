"""Publishing over a bad wire: one commit, whatever happens, or an error that says what to do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline import clearing, pipeline
from biglam_pipeline.clearance import Clearance
from biglam_pipeline.errors import ConfigError, RightsWithheld, ServerBusy, SourceChanged
from biglam_pipeline.inputs import drafting_of
from biglam_pipeline.publish.card_laying import lay_card
from biglam_pipeline.publish.draft import CARD, Draft
from biglam_pipeline.publish.drafting import make_draft
from biglam_pipeline.publish.hub import TOTAL_SECONDS, Hub
from biglam_pipeline.publish.read_back import read_back
from biglam_pipeline.releasing import remembered
from biglam_pipeline.source import Source
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.publish.drafts import a_clearance, a_draft, a_name
from biglam_pipeline_tests.servers.hub import HubServer, LostAnswer
from biglam_pipeline_tests.servers.ports import free_port

NAME = "demo_letters"


@pytest.fixture
def built(bench: Bench) -> Source:
    """A source that has its shards and waits to be published."""
    return bench.build(NAME)


@pytest.fixture(autouse=True)
def mended(bench: Bench) -> Any:
    """The Hub is one for all tests: no fault outlives its own."""
    yield
    bench.hub.fault = None


def publish(bench: Bench, source: Source) -> Any:
    """Stage 4."""
    return pipeline.publish_source(bench.run, source, bench.base(source))


def at_commit(bench: Bench, respond: Callable[[], Response], times: int = 1, stage: str = "before") -> None:
    """The next commits are answered thus."""
    left = times

    def fault(request: Request, when: str) -> Response | None:
        nonlocal left
        if "/commit/" not in request.url.path or request.method != "POST" or when != stage or not left:
            return None
        left -= 1
        return respond()

    bench.hub.fault = fault


def history(bench: Bench, source: Source) -> list[str]:
    """Titles of the commits, the newest first, without the one that the repository is born with."""
    api = HfApi(endpoint=bench.hub.endpoint, token=False)
    commits = api.list_repo_commits(bench.run.repository(source), repo_type="dataset")
    return [commit.title for commit in commits if commit.title != "initial commit"]


@pytest.mark.representative(2)  # other statuses; test_bad_wire.py has each
@pytest.mark.parametrize("status", [408, 409, 412, 500, 502, 503, 504])
def test_f39_a_commit_that_failed_is_tried_again(bench: Bench, pauses: list[float], built: Source, status: int) -> None:
    at_commit(bench, lambda: JSONResponse({"error": "try later"}, status), times=2)
    release = publish(bench, built)
    assert len(history(bench, built)) == 1
    assert (release.rows, release.read_back) == (39, ())
    assert len(pauses) == 2
    assert pauses[1] <= 6


@pytest.mark.representative(1)  # another status
@pytest.mark.parametrize("status", [429, 503])
def test_the_hub_says_when_to_come_again(bench: Bench, pauses: list[float], built: Source, status: int) -> None:
    at_commit(bench, lambda: Response(status_code=status, headers={"Retry-After": "7"}))
    publish(bench, built)
    assert pauses == [7.0]
    assert len(history(bench, built)) == 1


def test_f39_a_lost_answer_is_no_second_commit(bench: Bench, pauses: list[float], built: Source) -> None:
    at_commit(bench, LostAnswer, stage="after")
    release = publish(bench, built)
    assert len(history(bench, built)) == 1
    assert bench.commits(NAME) == 1
    assert release.files_sent == 0, "it was found there, and not sent once more"
    assert remembered.last_release(bench.run, built) == release
    assert len(bench.rows(NAME)) == 39


@pytest.mark.slow  # test_bad_wire.py: `test_a_hub_that_stays_ill_is_left_...`
def test_a_hub_that_stays_ill_is_reported_and_tried_another_day(
    bench: Bench, pauses: list[float], built: Source
) -> None:
    at_commit(bench, lambda: Response(status_code=500), times=100)
    with pytest.raises(ServerBusy, match=r"did not take the commit in \d+ attempts and 15 min: .*500") as busy:
        publish(bench, built)
    assert busy.value.retry_after_seconds > 0
    assert TOTAL_SECONDS - 30 <= sum(pauses) <= TOTAL_SECONDS, "all of it, and no more"
    assert history(bench, built) == []
    bench.hub.fault = None
    assert publish(bench, built).rows == 39


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_says_which_setting(bench: Bench, pauses: list[float], built: Source, status: int) -> None:
    at_commit(bench, lambda: JSONResponse({"error": "no"}, status), times=100)
    with pytest.raises(SourceChanged, match="BIGLAM_HUB_TOKEN needs write access"):
        publish(bench, built)
    assert (pauses, history(bench, built)) == ([], [])
    assert remembered.last_release(bench.run, built) is None


def test_somebody_else_commits_in_between(bench: Bench, pauses: list[float], built: Source) -> None:
    """Their file stays where it is none of ours, and ours wins where it is."""
    api, repository = HfApi(endpoint=bench.hub.endpoint, token=False), bench.run.repository(built)
    meddled = False

    def fault(request: Request, stage: str) -> Response | None:
        nonlocal meddled
        if meddled or stage != "before" or "/commit/" not in request.url.path:
            return None
        meddled = True
        operations = [CommitOperationAdd("notes.txt", b"mine"), CommitOperationAdd("data/default/x.txt", b"stray")]
        api.create_commit(repository, operations, commit_message="meddling", repo_type="dataset")
        return None

    bench.hub.fault = fault
    release = publish(bench, built)
    assert release.read_back == ()
    listing = bench.run.hub.listing(repository, release.commit)
    assert "notes.txt" in listing
    assert "data/default/x.txt" not in listing
    assert len(history(bench, built)) == 2


def test_a_repository_whose_data_was_altered_is_reported_and_left(
    bench: Bench, pauses: list[float], built: Source
) -> None:
    first = publish(bench, built)
    api = HfApi(endpoint=bench.hub.endpoint, token=False)
    part = next(iter(bench.parts(NAME)))
    api.create_commit(first.repository, [CommitOperationDelete(part)], commit_message="oops", repo_type="dataset")
    with pytest.raises(SourceChanged, match=f"{part} was removed"):
        publish(bench, built)
    assert len(history(bench, built)) == 2


def test_f39_what_is_read_back_wrong_is_reported(
    bench: Bench, pauses: list[float], built: Source, caplog: pytest.LogCaptureFixture
) -> None:
    committed = False

    def fault(request: Request, stage: str) -> Response | None:
        nonlocal committed
        committed |= "/commit/" in request.url.path and stage == "after"
        if committed and stage == "before" and "/tree/" in request.url.path:
            return JSONResponse([{"type": "file", "path": "README.md", "size": 1, "oid": "0" * 40}])
        return None

    bench.hub.fault = fault
    release = publish(bench, built)
    assert any("part-00000.parquet is not in the repository" in problem for problem in release.read_back)
    assert any("README.md has 1 bytes" in problem for problem in release.read_back)
    assert "read back from the Hub" in caplog.text
    manifest = bench.run.shards(built).current()
    assert manifest is not None
    view = clearing.view_of(bench.run, built, bench.base(built), manifest.digest)
    (finding,) = clearing.run_checks(view, frozenset({"round_trip"}))
    assert not finding.passed
    assert "there is no release before v2026.01.02" in finding.summary


def test_f39_a_part_that_lost_rows_on_its_way_is_reported(bench: Bench, pauses: list[float], built: Source) -> None:
    """The manifest says another number of rows than the Hub's file holds."""
    release = publish(bench, built)
    shards = bench.run.shards(built)
    manifest = shards.current()
    assert manifest is not None
    drafted = make_draft(drafting_of(bench.run, built, manifest, release.tag), manifest, shards)
    assert drafted.card is not None
    draft = replace(drafted, texts={**drafted.texts, CARD: lay_card(drafted.card, "").text.encode()})
    paths = {part.path for part in manifest.parts}
    assert read_back(bench.run.hub, draft, manifest, release.commit, paths) == []
    more = replace(manifest, parts=tuple(replace(part, rows=part.rows + 1) for part in manifest.parts))
    assert read_back(bench.run.hub, draft, more, release.commit, paths) == [
        *(f"{part.path} holds {part.rows} rows, not {part.rows + 1}" for part in manifest.parts),
        f"README.md: dataset_info says 39 rows of default, the parts hold {39 + len(manifest.parts)}",
    ]


def test_no_hub_at_all(bench: Bench, built: Source) -> None:
    bench.run = replace(
        bench.run, open_hub=partial(Hub, f"http://127.0.0.1:{free_port()}", remedy="start it with `biglam hub serve`")
    )
    with pytest.raises(ConfigError, match="start it with `biglam hub serve`"):
        publish(bench, built)


def test_a_hub_that_is_started_again_is_waited_for(tmp_path: Path) -> None:
    """Nobody listens for a moment, where somebody did before."""
    first = HubServer(tmp_path)
    opened = [first]
    hub = Hub(first.endpoint, sleep=lambda _: opened.append(HubServer(tmp_path, port=first.port)))
    draft = a_draft(tmp_path / "parts", a_name())
    commit = hub.commit(draft, a_clearance(draft.digest)).commit
    first.close()
    assert hub.head(draft.repository) == commit
    assert len(opened) == 2
    opened[-1].close()


@pytest.mark.parametrize("settings", [{}, {"token": "t"}, {"publish": True}])
def test_nothing_leaves_this_machine_by_accident(settings: Any) -> None:
    hub = Hub("https://huggingface.co", **settings)  # harvesting needs no Hub, so opening it is no fault yet
    clearance = a_clearance("digest")
    with pytest.raises(ConfigError, match="BIGLAM_PUBLISH=1 and BIGLAM_HUB_TOKEN"):
        hub.commit(Draft("biglam/x", "digest", "", {}, {}, "", "v1", 0), clearance)


def test_c07_the_token_does_not_leave_over_plain_http() -> None:
    """However the Hub was opened: by the settings, which refuse the address, or in a notebook."""
    hub = Hub("http://hub.example", token="t", publish=True)
    with pytest.raises(ConfigError, match="needs https://"):
        hub.head("biglam/x")


def test_a_clearance_for_other_data_opens_nothing(bench: Bench, pauses: list[float], built: Source) -> None:
    with pytest.raises(RightsWithheld, match="never made by hand"):
        Clearance(object(), "x", ())
    clearance = a_clearance("digest")
    draft = Draft("biglam/x", "another digest", "", {}, {}, "", "v1", 0)
    with pytest.raises(RightsWithheld, match="granted for other data"):
        bench.run.hub.commit(draft, clearance)
    with pytest.raises(RightsWithheld):
        bench.run.hub.commit(draft, None)  # type: ignore[arg-type]
