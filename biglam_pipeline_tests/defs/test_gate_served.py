"""The gate in a running Dagster: what the pages ask for over GraphQL, backfills, and the daemon's own schedule."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.bench import DEMO_SOURCES, open_bench
from biglam_pipeline_tests.defs.desk import NOTHING, Desk, open_desk
from biglam_pipeline_tests.defs.server import DagsterServer, served, wait_until
from biglam_pipeline_tests.servers.hub import HubServer

pytestmark = pytest.mark.slow

PARTITIONED = """
load_from:
  - python_module: {module_name: biglam_pipeline_tests.defs.partitioned, working_directory: .}
"""
HUB = [{"path": ["demo_closed", "hub"]}]
LAUNCH = """mutation Launch($asked: ExecutionParams!) {
  launched: %s(executionParams: $asked) {__typename ... on LaunchRunSuccess {run {id}}}}"""
AGAIN = """mutation Again($asked: ReexecutionParams!) {
  launched: launchRunReexecution(reexecutionParams: $asked) {__typename ... on LaunchRunSuccess {run {id}}}}"""
BACKFILL = """mutation Backfill($asked: LaunchBackfillParams!) {
  launched: launchPartitionBackfill(backfillParams: $asked) {__typename ... on LaunchBackfillSuccess {backfillId}}}"""
PROGRESS = """query Progress($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill {status error {message} runs(limit: 20) {id status}}}}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Desk]:
    """demo_closed with its three shelves built and its licence check failed."""
    folder = tmp_path_factory.mktemp("served")
    with (
        Running() as institution,
        open_bench(folder, hub, institution, "served") as bench,
        open_desk(bench, folder / "dagster") as opened,
    ):
        assert not opened.run('key:"demo_closed/*"').success
        opened.run('key:"demo_closed/shards"')
        yield opened


@pytest.fixture(scope="module")
def server(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterServer]:
    """The Dagster UI over the desk's home."""
    with served(desk.settings, tmp_path_factory.mktemp("dev") / "log.txt") as running:
        yield running


def selector(**more: Any) -> dict[str, Any]:
    """What the pages send to name a run of assets."""
    place = {"repositoryName": "__repository__", "repositoryLocationName": "biglam"}
    return {**place, "pipelineName": "__ASSET_JOB", **more}


def upload_button(server: DagsterServer) -> str:
    asked = {"selector": selector(assetSelection=HUB), "mode": "default"}
    return launched(server, LAUNCH % "launchRun", asked)


def upload_with_checks_deselected(server: DagsterServer) -> str:
    asked = {"selector": selector(assetSelection=HUB, assetCheckSelection=[]), "mode": "default"}
    return launched(server, LAUNCH % "launchPipelineExecution", asked)


def chain_with_checks_deselected(server: DagsterServer) -> str:
    keys = [{"path": ["demo_closed", stage]} for stage in ("raw", "normalized", "shards", "hub")]
    asked = {"selector": selector(assetSelection=keys, assetCheckSelection=[]), "mode": "default"}
    return launched(server, LAUNCH % "launchRun", asked)


def failed_run_once_more(server: DagsterServer) -> str:
    parent = upload_button(server)
    server.ended(parent)
    return launched(server, AGAIN, {"parentRunId": parent, "strategy": "FROM_FAILURE"})


def launched(server: DagsterServer, mutation: str, asked: dict[str, Any]) -> str:
    """The id of the run that was launched."""
    answer = server.ask(mutation, asked=asked)["launched"]
    assert answer["__typename"] == "LaunchRunSuccess"
    return str(answer["run"]["id"])


@pytest.mark.parametrize(
    "way", [upload_button, upload_with_checks_deselected, chain_with_checks_deselected, failed_run_once_more]
)
def test_a_launch_of_the_upload_is_refused(
    desk: Desk, server: DagsterServer, way: Callable[[DagsterServer], str]
) -> None:
    run = way(server)
    assert server.ended(run) == "FAILURE"
    assert "no row may be published" in desk.reported(run)
    assert "Ask the custodian" in desk.reported(run)
    assert desk.published("demo_closed") == NOTHING


def selects(keys: list[dict[str, Any]]) -> dict[str, Any]:
    """Every partition of these assets."""
    return {"assetSelection": keys, "allPartitions": True}


def test_a_backfill_of_the_upload_is_refused(desk: Desk, server: DagsterServer) -> None:
    runs = backfilled(server, selects(HUB))
    assert [one["status"] for one in runs] == ["FAILURE"]
    assert "no row may be published" in desk.reported(runs[0]["id"])
    assert desk.published("demo_closed") == NOTHING


def test_a_backfill_that_runs_past_a_failed_check_is_refused(desk: Desk, tmp_path: Path) -> None:
    """In a home of its own: two daemons must not work on one backfill."""
    (tmp_path / "workspace.yaml").write_text(PARTITIONED)
    keys = [{"path": ["demo_closed", stage]} for stage in ("shards", "hub")]
    home = tmp_path / "dagster"
    with (
        open_desk(desk.bench, home) as own,
        served(own.settings, tmp_path / "log.txt", tmp_path / "workspace.yaml") as server,
    ):
        runs = backfilled(server, selects(keys))
        reported = [own.reported(one["id"]) for one in runs]
    assert {one["status"] for one in runs} == {"FAILURE"}
    assert len([text for text in reported if "blocking asset check failed" in text]) == 2
    # Dagster did start the upload, in a run of its own, after both checks had failed.
    assert len([text for text in reported if "demo_closed is not published" in text]) == 1
    assert desk.published("demo_closed") == NOTHING


def backfilled(server: DagsterServer, asked: dict[str, Any]) -> list[dict[str, str]]:
    """The runs of a backfill that has ended, and failed."""
    answer = server.ask(BACKFILL, asked=asked)["launched"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    found: dict[str, Any] = {}

    def done() -> bool:
        found.update(server.ask(PROGRESS, id=answer["backfillId"])["partitionBackfillOrError"])
        return found["status"] not in {"REQUESTED", "FAILING", "CANCELING"}

    wait_until(done, 180)
    assert found["status"] == "COMPLETED_FAILED", found["error"]
    runs: list[dict[str, str]] = found["runs"]
    return runs


def test_the_daemons_schedule_publishes_what_is_open_and_nothing_else(tmp_path: Path, hub: HubServer) -> None:
    text = DEMO_SOURCES.read_text()
    for name in ("demo_closed", "demo_letters"):
        head, entry, rest = text.partition(f"  {name}:")
        text = head + entry + rest.replace("    custodian:", '    schedule: "* * * * *"\n    custodian:', 1)
    sources = tmp_path / "sources.yaml"
    sources.write_text(text)
    with (
        Running() as institution,
        open_bench(tmp_path, hub, institution, "daemon") as bench,
        open_desk(bench, tmp_path / "dagster", sources) as desk,
        served({**desk.settings, "BIGLAM_SCHEDULES": "1"}, tmp_path / "log.txt") as server,
    ):
        query = "{runsOrError(limit: 20) {... on Runs {results {id status tags {key value}}}}}"

        def results() -> dict[str, str]:
            rows = server.ask(query)["runsOrError"]["results"]
            found = {}
            for row in reversed(rows):
                tags = {tag["key"]: tag["value"] for tag in row["tags"]}
                found[tags["biglam/source"]] = row["status"]
                assert tags["dagster/schedule_name"].startswith("harvest_")
            return found

        wait_until(lambda: set(results().values()) >= {"SUCCESS", "FAILURE"}, 150)
        assert results()["demo_closed"] == "FAILURE"
        assert results()["demo_letters"] == "SUCCESS"
        assert desk.published("demo_closed") == NOTHING
        assert desk.published("demo_letters")["repositories"] == 1
