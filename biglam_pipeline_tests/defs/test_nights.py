"""What a tick deals into groups, and what a run of `nights` leaves behind of each source that it took through."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from biglam_pipeline.definitions import build_definitions
from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.executing import held
from biglam_pipeline.defs.history import failed_last
from biglam_pipeline.defs.nights import NIGHTS, deal
from biglam_pipeline.defs.running import run_in
from biglam_pipeline.defs.schedules import JOB
from biglam_pipeline.source import Source
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.defs.desk import settings_of

ENTRY = """
  {name}:
    title: A table
    custodian: Aldermere Free Library
    harvest: {address}
    normalize: {{map: {{id: id, title: title}}}}
    rights: {{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    schedule: "5 3 * * *"
"""
TABLE = "id,title\n1,Map\n2,Plan\n"
AT = datetime(2026, 1, 4, 3, 5, tzinfo=UTC)


class Nights:
    """Sources in a folder, what their schedule asks for, and runs of it in this process."""

    def __init__(self, bench: Bench, instance: dg.DagsterInstance) -> None:
        self.bench, self.instance = bench, instance

    def write(self, *names: str, address: str = "file:{name}.csv") -> None:
        """Each with its table."""
        for name in names:
            (self.bench.folder / f"{name}.csv").write_text(TABLE)
        entries = [ENTRY.format(name=name, address=address.format(name=name)) for name in names]
        self.bench.write("sources:\n" + "".join(entries))

    @property
    def definitions(self) -> dg.Definitions:
        """As a code server loads them."""
        return build_definitions(self.bench.catalog, schedules=True)

    def tick(self) -> list[dg.RunRequest]:
        """What the one schedule of the sources asks for."""
        definitions = self.definitions
        with dg.build_schedule_context(
            instance=self.instance, scheduled_execution_time=AT, repository_def=definitions.get_repository_def()
        ) as context:
            return list(definitions.resolve_schedule_def("harvest_5_3_x_x_x").evaluate_tick(context).run_requests or [])

    def take(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        """Does what was asked for."""
        return self.definitions.resolve_job_def(JOB).execute_in_process(
            instance=self.instance,
            raise_on_error=False,
            run_config=request.run_config,
            asset_selection=request.asset_selection,
            tags=request.tags,
        )

    def went_well(self) -> None:
        """The last run of each source did, as far as Dagster knows."""
        for source in self.bench.catalog.sources.values():
            ended(self.instance, source, 1.0)

    def of(self, key: str) -> list[dg.DagsterRun]:
        """Runs of a source, the newest first."""
        return list(self.instance.get_runs(filters=dg.RunsFilter(tags={"biglam/source": key})))


@pytest.fixture
def nights(bench: Bench, prepared: Path, tmp_path: Path) -> Iterator[Nights]:
    """With an instance as the command opens it."""
    home = Path(shutil.copytree(prepared, tmp_path / "dagster"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings_of(bench, home, bench.folder / "sources.yaml").items():
            patch.setenv(name, value)
        with instance_at(home) as instance:
            yield Nights(bench, instance)


def asked(requests: list[dg.RunRequest]) -> tuple[list[list[str]], list[str]]:
    """The groups of a tick, and who has a run alone."""
    groups = [list(one.run_config["ops"]["nights"]["config"]["sources"]) for one in requests if one.run_config]
    return groups, [one.tags["biglam/source"] for one in requests if not one.run_config]


def metadata_of(done: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [event] = done.get_asset_materialization_events()
    return {key: one.value for key, one in event.step_materialization_data.materialization.metadata.items()}


def test_what_went_well_goes_together_and_each_has_a_run_of_its_own(nights: Nights) -> None:
    nights.write("first", "se-cond", "never_run")
    assert asked(nights.tick()) == ([], ["first", "se_cond", "never_run"])
    for name in ("first", "se-cond"):
        assert run_in(nights.instance, nights.bench.source(name), nights.bench.folder).success
    [group, alone] = nights.tick()
    assert alone.tags["biglam/source"] == "never_run"
    [keys], _ = asked([group])
    assert sorted(keys) == ["first", "se_cond"]
    done = nights.take(group)
    assert done.success
    found = metadata_of(done)
    assert (found["sources"], found["came_through"], found["failed"], found["left_alone"]) == (2, 2, 0, 0)
    assert f"tag%3Abiglam/night%3D{done.run_id}" in found["runs"]
    for key in keys:
        newest = nights.of(key)[0]
        assert newest.status is dg.DagsterRunStatus.SUCCESS
        assert newest.tags["biglam/night"] == done.run_id
        assert newest.tags["biglam/source"] == key
        assert len(nights.of(key)) == 2
    assert nights.bench.commits("first") == 1, "nothing was new"


@pytest.mark.slow  # test_runs.py looks for the lines of one run
def test_the_cores_lines_stand_once_and_only_in_the_run_of_their_source(nights: Nights) -> None:
    nights.write("first", "second")
    nights.went_well()
    done = nights.take(nights.tick()[0])

    def lines(run_id: str) -> list[str]:
        return [entry.user_message for entry in nights.instance.all_logs(run_id) if not entry.is_dagster_event]

    own = lines(nights.of("first")[0].run_id)
    assert sum("first: harvest 1: " in line for line in own) == 1, own
    said = lines(done.run_id)
    assert [line.partition(":")[0] for line in said] == ["1 of 2", "2 of 2"], said


@pytest.mark.slow  # cli/test_cli.py: `test_a_fault_in_one_entry_does_not_stop_...`
def test_one_that_fails_fails_alone_and_is_alone_the_night_after(nights: Nights) -> None:
    nights.write("first", "second", "third")
    nights.went_well()
    (nights.bench.folder / "second.csv").unlink()
    [group] = nights.tick()
    done = nights.take(group)
    assert done.success, "it took everybody through"
    found = metadata_of(done)
    assert (found["came_through"], found["failed"]) == (2, 1)
    assert "see its own run" in found["what_came"]
    assert "second.csv" not in found["what_came"], "what a takedown would have to clear stands in the source's own runs"
    statuses = {key: nights.of(key)[0].status.value for key in ("first", "second", "third")}
    assert statuses == {"first": "SUCCESS", "second": "FAILURE", "third": "SUCCESS"}
    assert failed_last(Path(nights.instance.root_directory), ["first", "second", "third"]) == {"second"}
    [together], alone = asked(nights.tick())
    assert sorted(together) == ["first", "third"]
    assert alone == ["second"]


@pytest.mark.slow  # `test_what_went_well_goes_together_...` stays
def test_an_entry_that_went_and_one_that_is_going_are_left_alone(nights: Nights) -> None:
    nights.write("first", "second", "third")
    nights.went_well()
    [group] = nights.tick()
    nights.write("first", "third")
    job = nights.definitions.resolve_job_def(JOB)
    mine = nights.instance.create_run_for_job(
        job, status=dg.DagsterRunStatus.STARTED, asset_selection=frozenset({dg.AssetKey(["first", "raw"])})
    )
    with held(Path(nights.instance.root_directory), mine.run_id):
        found = metadata_of(nights.take(group))
    assert (found["came_through"], found["failed"], found["left_alone"]) == (1, 0, 2)
    assert "second | left alone | its entry is broken or gone" in found["what_came"].replace("\\", "")
    assert "first | left alone | another run of it is going" in found["what_came"].replace("\\", "")


def test_materialized_by_hand_it_takes_nobody(nights: Nights) -> None:
    nights.write("first")
    done = nights.take(dg.RunRequest(asset_selection=[NIGHTS]))
    assert done.success
    assert metadata_of(done)["sources"] == 0


@pytest.mark.representative(1)  # another status that means the same
@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED])
def test_mates_that_wait_in_a_group_are_not_started_again(nights: Nights, status: dg.DagsterRunStatus) -> None:
    """Those that it has done are due like any other; and so is everybody, where its process is dead."""
    nights.write("first", "second", "third")
    nights.went_well()
    [group] = nights.tick()
    night = nights.instance.create_run_for_job(
        nights.definitions.resolve_job_def(JOB),
        status=status,
        run_config=dict(group.run_config),
        asset_selection=frozenset({NIGHTS}),
    )
    with held(Path(nights.instance.root_directory), night.run_id):
        assert nights.tick() == []
        for name in ("first", "second"):
            ended(nights.instance, nights.bench.source(name), 1, night=night.run_id)
        assert asked(nights.tick()) == ([["first", "second"]], [])
    assert asked(nights.tick()) == ([["first", "second", "third"]], [])


# --- how a tick deals ---


def ended(instance: dg.DagsterInstance, source: Source, seconds: float, *, good: bool = True, night: str = "") -> None:
    """A run of a source that took so long."""
    status = dg.DagsterRunStatus.SUCCESS if good else dg.DagsterRunStatus.CANCELED
    tags = {"biglam/source": source.key} | ({"biglam/night": night} if night else {})
    made = frozenset({dg.AssetKey([source.key, "raw"])})
    run = instance.add_run(dg.DagsterRun("run", status=status, tags=tags, asset_selection=made))
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        times = f"UPDATE runs SET start_time = 1000, end_time = {1000 + seconds} WHERE run_id = '{run.run_id}'"
        connection.exec_driver_sql(times)


def dealt(nights: Nights, seconds: dict[str, float], address: str) -> tuple[list[list[str]], list[str]]:
    nights.write(*seconds, address=address)
    sources = list(nights.bench.catalog.sources.values())
    for source in sources:
        ended(nights.instance, source, seconds[source.key])
    groups, alone = deal(nights.instance, sources)
    return [[source.key for source in group] for group in groups], [source.key for source in alone]


def test_the_quick_ones_come_first_and_what_takes_long_has_a_process_to_itself(nights: Nights) -> None:
    took = {"slow": 4000.0, "middling": 200.0, "quick": 1.0, "next": 2.0}
    assert dealt(nights, took, "file:{name}.csv") == ([["quick", "next", "middling"]], ["slow"])


def test_much_work_is_dealt_to_several_processes_and_those_of_a_host_stay_together(nights: Nights) -> None:
    took = {f"{host}_{number}": 100.0 for host in ("a", "b", "c") for number in range(6)}
    groups, alone = dealt(nights, took, "https://{name}.example/x.csv")
    assert (len(groups), alone) == (3, [])
    assert sorted(map(len, groups)) == [6, 6, 6]
    nights.bench.catalog.sources.clear()
    groups, _ = dealt(nights, took, "https://one.example/{name}.csv")
    assert [len(group) for group in groups] == [18], "a host is asked by one at a time, so they are in one group"


def test_never_more_groups_than_the_queue_has_places(nights: Nights) -> None:
    groups, _ = dealt(nights, {f"s{number:02}": 290.0 for number in range(30)}, "file:{name}.csv")
    assert len(groups) == 4
    assert sorted(key for group in groups for key in group) == [f"s{number:02}" for number in range(30)]


def test_a_group_has_the_tag_of_its_host_where_it_has_one(nights: Nights) -> None:
    nights.write("first", "second", address="https://one.example/{name}.csv")
    nights.went_well()
    assert [one.tags["biglam/host"] for one in nights.tick()] == ["one.example"]
    nights.write("third", "fourth", address="https://{name}.example/x.csv")
    nights.went_well()
    assert ["biglam/host" in one.tags for one in nights.tick()] == [False]


def test_a_tick_that_is_repeated_asks_for_a_group_of_others_by_another_key(nights: Nights) -> None:
    """Dagster starts nothing twice by a key: after a crash in the middle of a tick, other members are another run."""
    nights.write("first", "second", "third")
    nights.went_well()
    [before] = nights.tick()
    assert [one.run_key for one in nights.tick()] == [before.run_key]
    ended(nights.instance, nights.bench.source("third"), 1, good=False)
    [after, alone] = nights.tick()
    assert after.run_key != before.run_key
    assert alone.run_key == "third@2026-01-04T03:05"
