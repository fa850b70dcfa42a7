"""Nights under a running daemon: entries that break or go, a worker that is killed, tags of runs started by hand."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from biglam_pipeline.defs.executing import lock_of
from biglam_pipeline.defs.instance import prepare_home
from biglam_pipeline.defs.nights import busy, deal
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.defs.server import DagsterServer, served, wait_until
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ENTRY = """
  {name}:
    title: A table
    custodian: Aldermere Free Library
    harvest: {address}
    normalize: {{map: {{id: id, title: title}}}}
    rights: {{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    schedule: "{cron}"
"""
EVERY_MINUTE = "* * * * *"
NEVER_NOW = "0 0 1 1 *"
KILLED = ("third", "fourth", "fifth")
CANCELED = ("sixth", "seventh", "eighth")
"""Of the tests whose night is killed, and canceled."""
LAUNCH = """mutation Launch($asked: ExecutionParams!) {
  launched: launchRun(executionParams: $asked) {__typename ... on LaunchRunSuccess {run {id}}}}"""


@dataclass
class Night:
    """A running Dagster over a sources file that may be edited."""

    folder: Path
    home: Path
    web: ScriptedServer
    server: DagsterServer

    def write(self, *entries: str) -> None:
        """The sources file as it is from now on."""
        (self.folder / "sources.yaml").write_text("sources:\n" + "".join(entries))

    def entry(self, name: str, cron: str = EVERY_MINUTE) -> str:
        """An entry whose table the web server has."""
        return ENTRY.format(name=name, address=f"{self.web.url}/{name}.csv", cron=cron)

    def runs(self) -> list[dg.DagsterRun]:
        """The newest first."""
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            return list(instance.get_runs())

    def of(self, source: str) -> list[dg.DagsterRun]:
        """Runs of a source, the newest first."""
        return [run for run in self.runs() if run.tags.get("biglam/source") == source]

    def launch(self, *assets: tuple[str, str]) -> str:
        """As the page's button does; the run's id."""
        place = {"repositoryName": "__repository__", "repositoryLocationName": "biglam", "pipelineName": "__ASSET_JOB"}
        selector: dict[str, Any] = {**place, "assetSelection": [{"path": list(path)} for path in assets]}
        answer = self.server.ask(LAUNCH, asked={"selector": selector, "mode": "default"})["launched"]
        return str(answer["run"]["id"])


@contextmanager
def opened_night(folder: Path, hub: HubServer, often: Sequence[str], seldom: Sequence[str]) -> Iterator[Night]:
    """Entries are written before the first tick. often: due every minute; seldom: never now."""
    home = folder / "dagster"
    prepare_home(home)
    with scripted_server() as web:
        for name in (*often, *seldom):
            web.on(f"/{name}.csv", Reply(b"id,title\n1,Map\n2,Plan\n"))
        settings = {
            "BIGLAM_SOURCES": str(folder / "sources.yaml"),
            "BIGLAM_STATE": str(folder / "state"),
            "BIGLAM_HUB_ENDPOINT": hub.endpoint,
            "BIGLAM_HUB_OWNER": f"night{hub.port}",
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
            "BIGLAM_SCHEDULES": "1",
            "DAGSTER_HOME": str(home),
        }
        opened = Night(folder, home, web, DagsterServer("http://127.0.0.1:9"))
        opened.write(*map(opened.entry, often), *(opened.entry(name, NEVER_NOW) for name in seldom))
        with served(settings, folder / "log.txt") as server:
            opened.server = server
            yield opened


@pytest.fixture
def night(tmp_path: Path, hub: HubServer) -> Iterator[Night]:
    """Two sources that every tick asks for, and one beside them."""
    with opened_night(tmp_path, hub, ("first", "second"), ("third",)) as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Night]:
    """No tick asks for anybody: runs are started by hand. Each test has sources of its own, and writes them alone."""
    with opened_night(tmp_path_factory.mktemp("quiet"), hub, (), ("alone", *KILLED, *CANCELED)) as opened:
        yield opened


def test_an_entry_that_broke_or_went_since_it_was_loaded_is_a_red_check_that_was_asked(night: Night) -> None:
    """Dagster has the old definitions until somebody reloads them; the tick reads the file again."""
    wait_until(lambda: any(run.status == dg.DagsterRunStatus.SUCCESS for run in night.of("second")), 180)
    before = len(night.of("second"))
    night.write(night.entry("first"), night.entry("third", NEVER_NOW), "  second:\n    titel: A table\n")
    wait_until(lambda: _latest(night, "every_entry_is_readable") is False, 150)
    with dg.DagsterInstance.from_config(str(night.home)) as instance:
        checks = {
            key.name: instance.get_latest_asset_check_evaluation_record(key)
            for name in ("every_entry_is_readable", "every_shelf_has_an_entry")
            for key in [dg.AssetCheckKey(dg.AssetKey("catalog"), name)]
        }
    [broken, lost] = [record.evaluation if record else None for record in checks.values()]
    assert broken is not None
    assert not broken.passed
    assert "second.titel" in str(broken.description)
    assert lost is not None
    assert lost.passed, "a broken entry has its shelves still"
    assert len(night.of("second")) <= before + 1, "a tick was under way at most"
    night.write(night.entry("first"), night.entry("third", NEVER_NOW))
    wait_until(lambda: _latest(night, "every_shelf_has_an_entry") is False, 150)
    assert "FAILURE" not in {run.status.value for run in night.runs() if "second" not in run.tags.values()}
    assert "DagsterInvalidSubsetError" not in (night.folder / "log.txt").read_text()


def _latest(night: Night, check: str) -> bool | None:
    with dg.DagsterInstance.from_config(str(night.home)) as instance:
        record = instance.get_latest_asset_check_evaluation_record(dg.AssetCheckKey(dg.AssetKey("catalog"), check))
    evaluation = record.evaluation if record else None
    return evaluation.passed if isinstance(evaluation, dg.AssetCheckEvaluation) else None  # else it was only planned


def test_a_killed_worker_gives_its_place_back_and_a_run_by_hand_has_its_tags(quiet: Night) -> None:
    """One run at a time asks a host; the next of the host waits in the queue until the dead one is known for dead."""
    quiet.write(quiet.entry("alone", NEVER_NOW))
    quiet.web.on("/alone.csv", Reply(b"id,title\n1,Map\n", delay_seconds=300))
    slow = quiet.launch(("alone", "raw"))
    wait_until(lambda: "/alone.csv" in quiet.web.paths() and lock_of(quiet.home, slow).exists(), 120)
    [run] = [one for one in quiet.runs() if one.run_id == slow]
    assert run.tags["biglam/source"] == "alone"
    assert run.tags["biglam/host"] == f"127.0.0.1_{quiet.web.port}"
    pid = int(lock_of(quiet.home, slow).read_text().split()[0])
    quiet.web.on("/alone.csv", Reply(b"id,title\n1,Map\n"))
    os.kill(pid, signal.SIGKILL)
    again = quiet.launch(("alone", "raw"), ("alone", "normalized"))
    assert quiet.server.ended(again, 150) == "SUCCESS"
    assert quiet.server.ended(slow, 10) == "FAILURE"


TERMINATE = "mutation Stop($id: String!) {stopped: terminateRun(runId: $id) {__typename}}"


def night_of(night: Night, *sources: str) -> str:
    """Starts a run of `nights` as a schedule does, through the queue and the launcher; its id."""
    place = {"repositoryName": "__repository__", "repositoryLocationName": "biglam", "pipelineName": "__ASSET_JOB"}
    asked = {
        "selector": {**place, "assetSelection": [{"path": ["nights"]}]},
        "mode": "default",
        "runConfigData": {"ops": {"nights": {"config": {"sources": list(sources)}}}},
    }
    return str(night.server.ask(LAUNCH, asked=asked)["launched"]["run"]["id"])


def within(night: Night, run_id: str) -> dict[str, str]:
    """Source -> status of the runs that a run of `nights` has begun."""
    runs = [run for run in night.runs() if run.tags.get("biglam/night") == run_id]
    return {run.tags["biglam/source"]: run.status.value for run in runs}


def due(night: Night) -> tuple[list[list[str]], list[str]]:
    """How the next tick would deal these sources."""
    catalog = load_sources([night.folder / "sources.yaml"])
    with dg.DagsterInstance.from_config(str(night.home)) as instance:
        taken = busy(instance)
        groups, alone = deal(instance, [one for one in catalog.sources.values() if one.key not in taken])
    return [sorted(one.key for one in group) for group in groups], [one.key for one in alone]


def test_ticks_take_what_is_quiet_through_one_process(night: Night) -> None:
    """The first brings each alone, because nothing is known of it; a later one makes one run of `nights`."""
    wait_until(lambda: any("biglam/night" in run.tags for run in night.of("second")), 300)
    [of_night] = {run.tags["biglam/night"] for run in night.of("second") if "biglam/night" in run.tags}
    assert night.server.ended(of_night) == "SUCCESS"
    assert within(night, of_night) == {"first": "SUCCESS", "second": "SUCCESS"}
    [outer] = [run for run in night.runs() if run.run_id == of_night]
    assert outer.tags["biglam/host"] == f"127.0.0.1_{night.web.port}", "both of one host"
    assert outer.tags["biglam/place"]
    assert outer.tags["dagster/schedule_name"]
    assert not any("biglam/place" in run.tags for run in night.runs() if "biglam/night" in run.tags)
    assert {"biglam/night" in run.tags for run in night.of("first")} == {False, True}, "the first was alone"


def test_a_night_that_is_killed_keeps_what_was_done_and_the_rest_is_due(quiet: Night) -> None:
    """Who was being taken is alone from then on; who was not begun is in a group again."""
    quiet.write(*(quiet.entry(name, NEVER_NOW) for name in KILLED))
    assert quiet.server.ended(night_of(quiet, *KILLED), 180) == "SUCCESS"
    assert due(quiet) == ([["fifth", "fourth", "third"]], [])
    quiet.web.on("/fourth.csv", Reply(b"id,title\n1,Map\n", delay_seconds=300))
    before = len(quiet.web.paths())
    killed = night_of(quiet, *KILLED)
    wait_until(lambda: "/fourth.csv" in quiet.web.paths()[before:], 120)
    assert due(quiet) == ([], ["third"]), "one is done, the others are being taken, or wait"
    os.kill(int(lock_of(quiet.home, killed).read_text().split()[0]), signal.SIGKILL)
    assert quiet.server.ended(killed, 90) == "FAILURE"
    wait_until(lambda: within(quiet, killed) == {"third": "SUCCESS", "fourth": "FAILURE"}, 60)
    assert due(quiet) == ([["fifth", "third"]], ["fourth"])


def test_a_night_that_is_canceled_stops_what_it_is_at_and_goes_no_further(quiet: Night) -> None:
    quiet.write(*(quiet.entry(name, NEVER_NOW) for name in CANCELED))
    quiet.web.on("/seventh.csv", Reply(b"id,title\n1,Map\n", delay_seconds=300))
    stopped = night_of(quiet, *CANCELED)
    wait_until(lambda: "/seventh.csv" in quiet.web.paths(), 120)
    quiet.server.ask(TERMINATE, id=stopped)
    assert quiet.server.ended(stopped, 60) == "CANCELED"
    assert within(quiet, stopped) == {"sixth": "SUCCESS", "seventh": "CANCELED"}
