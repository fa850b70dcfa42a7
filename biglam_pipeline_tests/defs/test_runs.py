"""What a run of a source leaves behind: versions, logs, metadata; and how the core's errors look."""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest
from starlette.requests import Request
from starlette.responses import Response

from biglam_pipeline import pipeline
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.defs.assets import STAGES, build_assets
from biglam_pipeline.errors import Exit, RunBusy
from biglam_pipeline_tests.defs.desk import Desk, failure_text


def versions(done: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Asset -> the data version that it was materialized with."""
    found = {}
    for event in done.get_asset_materialization_events():
        tags = event.step_materialization_data.materialization.tags or {}
        found[event.asset_key.path[-1] if event.asset_key else ""] = tags["dagster/data_version"]
    return found


def stale(desk: Desk, name: str) -> list[str]:
    """What the page would mark as unsynced."""
    from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
    from dagster._core.loader import LoadingContextForTest

    graph = desk.definitions.get_repository_def().asset_graph
    resolver = CachingStaleStatusResolver(desk.instance, graph, LoadingContextForTest(desk.instance))
    keys = [dg.AssetKey([name, stage]) for stage in STAGES]
    return [key.path[-1] for key in keys if resolver.get_status(key) != StaleStatus.FRESH]


@pytest.mark.representative(1)
@pytest.mark.parametrize("name", ["demo_letters", "demo_catalogue", "demo_mercury"])
def test_an_unchanged_second_night_changes_no_version(desk: Desk, name: str) -> None:
    first = desk.run(f'key:"{name}/*"')
    assert first.success, failure_text(first.all_events)
    second = desk.run(f'key:"{name}/*"')
    assert second.success, failure_text(second.all_events)
    assert versions(first) == versions(second)
    assert set(versions(first)) == set(STAGES)
    assert stale(desk, name) == []
    lines = [entry for entry in desk.instance.all_logs(first.run_id) if not entry.is_dagster_event]
    told = {"demo_letters": ("harvest 1: 1 of 1 objects new", "published 39 rows")}
    for said in told.get(name, ("harvest 1: ", "published ")):
        assert any(f"{name}: {said}" in line.user_message for line in lines), (
            "the core's log lines are in the run's log"
        )
    assert {line.step_key for line in lines} >= {f"{name}__{stage}" for stage in STAGES}
    again = desk.run(f'key:"{name}/raw"')
    assert again.success
    assert stale(desk, name) == []
    assert desk.bench.commits(name) == 1


@pytest.mark.slow  # `test_an_unchanged_second_night_...` holds the versions that are compared
def test_a_changed_source_marks_what_follows_as_unsynced(desk: Desk) -> None:
    assert desk.run('key:"demo_letters/*"').success
    desk.bench.institution.institution.advance()
    desk.bench.institution.institution.add("letters", 1)
    assert desk.run('key:"demo_letters/raw"').success
    assert "normalized" in stale(desk, "demo_letters")
    assert desk.run('key:"demo_letters/*"').success
    assert stale(desk, "demo_letters") == []


def test_the_numbers_of_each_stage_are_metadata(desk: Desk) -> None:
    done = desk.run('key:"demo_plates/*"')
    assert done.success, failure_text(done.all_events)
    found = {
        event.asset_key.path[-1]: event.step_materialization_data.materialization.metadata
        for event in done.get_asset_materialization_events()
        if event.asset_key
    }
    assert found["raw"]["objects"].value == 1
    assert found["raw"]["requests"].value >= 1
    assert found["raw"]["bytes_received"].value > 0
    assert "| 127.0.0.1" in found["raw"]["hosts"].value
    assert found["normalized"]["rejects"].value == 1
    assert found["normalized"]["dagster/row_count"].value == 59
    assert found["shards"]["duplicate"].value == 0
    assert found["shards"]["dagster/row_count"].value == found["hub"]["dagster/row_count"].value == 59
    shown_before = desk.definitions.resolve_all_asset_specs()
    for spec in shown_before:  # a number of the run must not hide what the entry says under the same key
        if spec.key.path[0] == "demo_plates":
            assert not spec.metadata.keys() & found[spec.key.path[-1]].keys()
    columns = {column.name for column in found["shards"]["dagster/column_schema"].value.columns}
    assert {"id", "image_url", "size_mm", "negative"} <= columns
    assert str(found["hub"]["commit"].value).startswith(desk.bench.hub.endpoint)
    passed = {one.check_name: one.passed for one in done.get_asset_check_evaluations()}
    assert passed.keys() == {name for checks in CHECKS.values() for name in checks}
    assert {name for name, good in passed.items() if not good} == {"documentation_is_complete"}, "which only warns"


@pytest.mark.slow  # `test_the_numbers_of_each_stage_are_metadata` stays
def test_the_columns_of_each_section_are_metadata(desk: Desk) -> None:
    folder = desk.bench.folder / "data"
    folder.mkdir()
    (folder / "people.csv").write_text("id,name,town\n1,Ann,Ashby\n")
    (folder / "things.csv").write_text("id,name\n1,A plough\n2,A hat\n")
    desk.bench.write("""
        sources:
          museum:
            title: A museum
            custodian: A museum
            harvest: file:data
            normalize:
              - {files: things.csv, map: {id: id, title: name}}
              - {files: people.csv, map: {config: {const: people}, id: id, title: name, extra: [town]}}
            rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-02, quote: CC0}
    """)
    done = desk.run('key:"museum/*"')
    assert done.success, failure_text(done.all_events)
    for stage in ("normalized", "shards"):
        found = _metadata(done, stage)
        first, people = (
            {one.name for one in found[key].value.columns} for key in ("dagster/column_schema", "columns_of_people")
        )
        assert people - first == {"town"}
        assert "**default**" in found["preview"].value
        assert "**people**" in found["preview"].value
    assert found["rows_of_people"].value == 1
    assert found["rows_of_default"].value == 2


def _metadata(done: dg.ExecuteInProcessResult, stage: str) -> Mapping[str, Any]:
    found = (one for one in done.get_asset_materialization_events() if one.asset_key)
    [event] = [one for one in found if one.asset_key and one.asset_key.path[-1] == stage]
    return event.step_materialization_data.materialization.metadata


def test_a_wait_that_nobody_waits_ends_its_run_and_says_when_to_come_back(desk: Desk) -> None:
    """The core sits out what is short; a run that slept would hold its place, and the next schedule comes anyway."""
    desk.bench.institution.fault = lambda request: Response("", 503, {"Retry-After": "86400"})
    began = time.monotonic()
    done = desk.run('key:"demo_letters/raw"')
    assert not done.success
    assert time.monotonic() - began < 60
    [failure] = done.get_step_failure_events()
    reported = failure.step_failure_data.user_failure_data
    assert reported is not None
    assert "left alone for 86400 s" in str(reported.description)
    assert re.search(r"not before 20\d\d-\d\d-\d\d \d\d:\d\d UTC", str(reported.description))
    assert reported.metadata["exit_status"].value == Exit.UNAVAILABLE
    assert not [event for event in done.all_events if event.is_step_up_for_retry]


def test_a_failure_waits_for_a_person(desk: Desk) -> None:
    done = desk.run('key:"demo_letters/normalized"')
    assert not done.success
    [failure] = done.get_step_failure_events()
    reported = failure.step_failure_data.user_failure_data
    assert reported is not None
    assert reported.description == "demo_letters: nothing was harvested yet; materialize raw first"
    assert reported.metadata["error"].value == "ShelfDamaged"
    assert not [event for event in done.all_events if event.is_step_up_for_retry]
    source = desk.bench.source("demo_letters")
    normalized = build_assets(source, desk.bench.base(source))[1]
    with dg.build_asset_context(instance=desk.instance) as context, pytest.raises(dg.Failure) as raised:
        list(normalized.op.compute_fn(context, {}))
    assert raised.value.allow_retries is False


def test_a_missing_object_stops_before_the_shards(desk: Desk) -> None:
    """The harvest is shelved, its check fails and blocks, and the last publication stays."""
    assert desk.run('key:"demo_mercury/*"').success

    def gone(request: Request) -> Response | None:
        return Response("", 404) if "06-14" in request.url.path else None

    desk.bench.institution.fault = gone
    done = desk.run('key:"demo_mercury/*"')
    assert not done.success
    failed = [one for one in done.get_asset_check_evaluations() if not one.passed]
    assert [one.check_name for one in failed] == ["harvest_is_complete"]
    assert "06-14" in str(failed[0].description)
    alone = desk.run(dg.AssetSelection.assets(dg.AssetKey(["demo_mercury", "hub"])).without_checks())
    assert not alone.success
    assert "harvest_is_complete" in failure_text(alone.all_events)
    assert desk.bench.commits("demo_mercury") == 1


def test_no_run_takes_a_place_that_outlives_it(desk: Desk) -> None:
    """A pool's place is a row in a database: a killed run never gives it back. The queue goes by host, by a tag."""
    source = desk.bench.source("demo_letters")
    for asset in build_assets(source, desk.bench.base(source)):
        assert asset.op.pool is None
        assert asset.tags_by_key[asset.key]["biglam/host"] == "institution.example"
        assert asset.tags_by_key[asset.key]["biglam/source"] == "demo_letters"


def test_f34_two_runs_of_one_source_never_meet_and_the_second_says_whom_it_waits_for(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    source = desk.bench.source("demo_letters")
    waiting = replace(desk.bench.run, wait_seconds=6)
    with (
        desk.bench.run.alone(source),
        caplog.at_level("WARNING", "biglam_pipeline"),
        pytest.raises(
            RunBusy, match=rf"demo_letters/run: process {os.getpid()} has it since .* \(a run of demo_letters\)"
        ),
    ):
        pipeline.harvest_source(waiting, source, desk.bench.base(source))
    [said] = [one.message for one in caplog.records if "waiting" in one.message]
    assert f"process {os.getpid()} has it since" in said
    assert "6 s at most" in said
