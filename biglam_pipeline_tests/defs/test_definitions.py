"""What Dagster shows of the sources: assets, their words and versions, schedules, and a broken entry."""

import itertools
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.definitions import build_definitions
from biglam_pipeline.defs.assets import STAGES
from biglam_pipeline.defs.executing import held
from biglam_pipeline.defs.schedules import CATALOG_CRON, JOB
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.source import Catalog, Source, load_sources
from biglam_pipeline.source.schedule import check_schedule
from biglam_pipeline_tests.bench import DEMO_SOURCES
from biglam_pipeline_tests.defs.desk import ROOT

DEMO = ("demo_catalogue", "demo_mercury", "demo_plates", "demo_letters", "demo_gallery", "demo_closed")
GOOD = """\
sources:
  letters:
    title: Letters
    custodian: Bibliothèque de l'Étang
    harvest: https://institution.example/files/letters.jsonl
    normalize: {modality: text, map: {id: id, text: text}}
    rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
    owner: team:reading-room
"""
BROKEN = """\
  misspelt:
    title: Plates
    custodian: Aldermere Free Library
    harvest: https://institution.example/files/plates.csv
    licence: CC0-1.0
  unclosed:
    title: [Plates
    custodian: Aldermere Free Library
"""


def load(folder: Path, text: str) -> Catalog:
    path = folder / "sources.yaml"
    path.write_text(text)
    return load_sources([path])


def specs(catalog: Catalog, *, schedules: bool = False) -> dict[str, dg.AssetSpec]:
    """Every asset by its key, `source/stage`."""
    definitions = build_definitions(catalog, schedules=schedules)
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_the_demo_loads_with_four_assets_a_source() -> None:
    definitions = build_definitions(load_sources([DEMO_SOURCES]), schedules=True)
    dg.Definitions.validate_loadable(definitions)
    keys = {spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs()}
    assert keys == {"catalog", "nights", *(f"{name}/{stage}" for name in DEMO for stage in STAGES)}


def test_an_asset_says_what_it_is_and_where_it_is_written(tmp_path: Path) -> None:
    found = specs(load(tmp_path, GOOD))
    raw = found["letters/raw"]
    assert raw.group_name == "bibliotheque_de_l_etang/letters"
    assert list(raw.owners) == ["team:reading-room"]
    assert raw.kinds == {"source"}
    assert found["letters/hub"].kinds == {"huggingface"}
    assert raw.description is not None
    first_line = raw.description.splitlines()[0]  # all that the catalog's list shows, Markdown as it is written
    assert first_line == "What Bibliothèque de l'Étang serves, verbatim, visit by visit."
    assert "Letters" in raw.description
    assert "letters.jsonl" in raw.metadata["harvested_from"].value
    [reference] = raw.metadata["dagster/code_references"].code_references
    assert (reference.file_path, reference.line_number) == (str(tmp_path / "sources.yaml"), 2)
    assert [dep.asset_key.to_user_string() for dep in found["letters/hub"].deps] == ["letters/shards"]


EDITS: list[tuple[str, str, set[str]]] = [
    ("files/letters.jsonl", "files/letters-2.jsonl", {"raw"}),
    ("text: text}", "text: body}", {"normalized"}),
    ("license: CC0-1.0", "license: PDM-1.0", {"normalized", "hub"}),
    ("license: CC0-1.0", "accept: pd, license: CC0-1.0", {"shards", "hub"}),
    ("title: Letters", "title: Letters to the librarian", {"hub"}),
    ("owner: team:reading-room", "owner: team:stacks", set()),
    ("owner: team:reading-room", "schedule: weekly", set()),
    ("sources:\n", "# a comment\nsources:\n", set()),
]


@pytest.mark.parametrize(("before", "after", "touched"), EDITS)
def test_an_edit_makes_only_the_stages_it_touches_unsynced(
    tmp_path: Path, before: str, after: str, touched: set[str]
) -> None:
    assert before in GOOD
    was, now = specs(load(tmp_path, GOOD)), specs(load(tmp_path, GOOD.replace(before, after)))
    changed = {
        stage for stage in STAGES if was[f"letters/{stage}"].code_version != now[f"letters/{stage}"].code_version
    }
    assert changed == touched


def test_a_broken_entry_is_a_red_check_and_the_others_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = load(tmp_path, GOOD + BROKEN)
    definitions = build_definitions(catalog, schedules=True)
    dg.Definitions.validate_loadable(definitions)
    keys = ("letters", "misspelt", "unclosed")
    assert set(specs(catalog)) == {"catalog", *(f"{key}/{stage}" for key in keys for stage in STAGES)}
    monkeypatch.setenv("BIGLAM_STATE", str(tmp_path / "state"))
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_implicit_global_asset_job_def()
        done = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("catalog")], raise_on_error=False)
    said = {one.check_name: one for one in done.get_asset_check_evaluations()}
    assert {name: one.passed for name, one in said.items()} == {
        "every_entry_is_readable": False,
        "every_shelf_has_an_entry": True,
        "misspelt_is_readable": False,
        "unclosed_is_readable": False,
    }
    assert "sources.yaml:13: misspelt" in str(said["misspelt_is_readable"].description)
    assert "`licence` is not a key" in str(said["misspelt_is_readable"].description)
    assert "sources.yaml:1" in str(said["unclosed_is_readable"].description)
    assert "misspelt" in str(said["every_entry_is_readable"].description)
    assert "unclosed" in str(said["every_entry_is_readable"].description)


ENTRY = GOOD.partition("\n")[2]
REFUSED = {
    "an owner without a domain": ENTRY.replace("letters:", "odd:", 1).replace("team:reading-room", "a@b"),
    "a day that never comes": ENTRY.replace("letters:", "odd:", 1).replace(
        "owner:", 'schedule: "0 0 31 2 *"\n    owner:'
    ),
    "twins": ENTRY.replace("letters:", "o-dd:", 1) + ENTRY.replace("letters:", "o_dd:", 1),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_entry_that_dagster_would_refuse_takes_no_other_with_it(tmp_path: Path, what: str) -> None:
    catalog = load(tmp_path, GOOD + REFUSED[what])
    definitions = build_definitions(catalog, schedules=True)
    dg.Definitions.validate_loadable(definitions)
    keys = {spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs()}
    assert {"letters/raw", "letters/hub"} <= keys
    with pytest.raises(ConfigError, match=r"sources\.yaml:\d+: o"):
        build_definitions(catalog, schedules=True, strict=True)


OWNER = next(rule.pattern for rule in Source.model_fields["owner"].metadata if hasattr(rule, "pattern"))


@given(st.from_regex(OWNER, fullmatch=True))
def test_an_owner_that_the_language_takes_is_one_to_dagster(owner: str) -> None:
    """So `biglam check` need not ask Dagster, which would take longer to import than the rest of it."""
    assert list(dg.AssetSpec("letters", owners=[owner.rstrip()]).owners or ()) == [owner.rstrip()]


@pytest.mark.parametrize("owner", ["a@b", "-a@example.org", "ü@example.org", "a@example", "team:"])
def test_an_owner_that_dagster_refuses_is_a_fault_of_the_entry(tmp_path: Path, owner: str) -> None:
    [fault] = load(tmp_path, GOOD.replace("team:reading-room", f'"{owner}"')).faults["letters"]
    assert f"letters.owner: `{owner}` is not an owner; write team:name or an e-mail address" in fault


def test_names_at_their_limits_are_loaded(tmp_path: Path) -> None:
    """The longest name, hyphens, custodians in other scripts, and cron lines that differ in a sign."""
    text = "sources:\n" + ENTRY.replace("letters:", f"{'a' * 96}:", 1) + ENTRY.replace("letters:", "a-b-c:", 1)
    for number, line in enumerate(("0 2 1,15 * *", "0 2 1-15 * *", "*/5 2 * * *", "5 2 * * *")):
        entry = ENTRY.replace("letters:", f"s{number}:", 1).replace("Bibliothèque de l'Étang", "国立国会図書館")
        text += entry.replace("owner:", f'schedule: "{line}"\n    owner:')
    catalog = load(tmp_path, text)
    assert not catalog.faults
    dg.Definitions.validate_loadable(build_definitions(catalog, schedules=True, strict=True))
    assert {spec.group_name for key, spec in specs(catalog).items() if key.startswith("s0")} == {"x97f44218/s0"}


def test_two_broken_entries_of_similar_names_have_a_check_each(tmp_path: Path) -> None:
    catalog = load(tmp_path, GOOD + "  A-b:\n    title: x\n  a_b:\n    title: x\n")
    definitions = build_definitions(catalog, schedules=True)
    [check] = [one for one in definitions.asset_checks or [] if "catalog" in str(one.check_specs_by_output_name)][:1]
    assert {spec.name for spec in check.check_specs} == {
        "every_entry_is_readable",
        "every_shelf_has_an_entry",
        "a_b_is_readable",
        "a_b_is_readable_2",
    }


def validate(sources: Path) -> subprocess.CompletedProcess[str]:
    """What `make check` runs."""
    command = [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"]
    settings = {**os.environ, "BIGLAM_SOURCES": str(sources)}
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_the_validator_passes_the_demo_and_is_strict_about_a_fault(tmp_path: Path) -> None:
    good = validate(DEMO_SOURCES)
    assert good.returncode == 0, good.stderr
    load(tmp_path, GOOD + BROKEN)
    broken = validate(tmp_path / "sources.yaml")
    assert broken.returncode == 1
    assert "sources.yaml:13: misspelt" in broken.stdout + broken.stderr


# --- schedules ---


def schedules_of(catalog: Catalog, *, wanted: bool = True) -> list[Any]:
    return list(build_definitions(catalog, schedules=wanted).schedules or [])


def test_schedules_are_left_out_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from biglam_pipeline.definitions import defs

    monkeypatch.setenv("BIGLAM_SOURCES", str(DEMO_SOURCES))
    assert not list(defs().schedules or [])
    monkeypatch.setenv("BIGLAM_SCHEDULES", "1")
    assert list(defs().schedules or [])


def test_one_schedule_a_cron_line_and_one_run_a_source(tmp_path: Path, prepared: Path) -> None:
    weekly = ENTRY.replace("owner: team:reading-room", 'schedule: "5 3 * * 0"')
    text = "sources:\n" + "".join(weekly.replace("letters:", f"{name}:", 1) for name in ("first", "second"))
    text += ENTRY.replace("letters:", "third:", 1).replace("owner: team:reading-room", 'schedule: "15 3 * * 0"')
    text += ENTRY.replace("letters:", "fourth:", 1).replace("owner: team:reading-room", "schedule: never")
    text += weekly.replace("letters:", "fifth:", 1) + "    status: upstream-dead\n"
    definitions = build_definitions(load(tmp_path, text), schedules=True)
    found = {one.cron_schedule: one for one in schedules_of(load(tmp_path, text))}
    assert set(found) == {"5 3 * * 0", "15 3 * * 0", CATALOG_CRON}
    assert {one.default_status for one in found.values()} == {dg.DefaultScheduleStatus.RUNNING}
    assert str(found["5 3 * * 0"].description).endswith(": first, second")
    assert "every shelf has one" in str(found[CATALOG_CRON].description)
    with (
        dg.DagsterInstance.from_config(str(prepared)) as instance,
        dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 1, 4, 3, 5, tzinfo=UTC),
            repository_def=definitions.get_repository_def(),
        ) as context,
    ):
        name = found["5 3 * * 0"].name
        requests = definitions.resolve_schedule_def(name).evaluate_tick(context).run_requests or []
    assert [one.run_key for one in requests] == ["first@2026-01-04T03:05", "second@2026-01-04T03:05"]
    assert [one.tags["biglam/source"] for one in requests] == ["first", "second"]
    assert [len(one.asset_selection or []) for one in requests] == [4, 4]


def tick(catalog: Catalog, now: Catalog, instance: dg.DagsterInstance, at: datetime) -> Any:
    """A tick of the one schedule of sources, when the sources files say `now`."""
    definitions = build_definitions(catalog, schedules=True, reread=lambda: now)
    [name] = [one.name for one in definitions.schedules or [] if one.cron_schedule != CATALOG_CRON]  # type: ignore[union-attr]
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=at, repository_def=definitions.get_repository_def()
    ) as context:
        return definitions.resolve_schedule_def(name).evaluate_tick(context)


def test_a_tick_leaves_a_source_alone_whose_last_run_is_going(tmp_path: Path, prepared: Path) -> None:
    """However that one was started. One whose process is dead is not going."""
    home = Path(shutil.copytree(prepared, tmp_path / "home"))
    catalog = load(tmp_path, GOOD)
    at = datetime(2026, 1, 4, 3, 5, tzinfo=UTC)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        job = build_definitions(catalog, schedules=True).resolve_job_def(JOB)
        letters = frozenset({dg.AssetKey(["letters", "raw"])})
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, asset_selection=letters)
        with held(home, run.run_id):
            skipped = tick(catalog, catalog, instance, at)
            assert not skipped.run_requests
            assert skipped.skip_message == "letters: its last run is going, or waits"
        [request] = tick(catalog, catalog, instance, at).run_requests
        assert request.tags["biglam/source"] == "letters"
        assert request.tags["biglam/host"] == "institution.example"


def test_a_tick_asks_of_the_catalog_where_an_entry_broke_or_went(tmp_path: Path, prepared: Path) -> None:
    catalog = load(tmp_path, GOOD)
    at = datetime(2026, 1, 4, 3, 5, tzinfo=UTC)
    broken = load(tmp_path, GOOD.replace("license: CC0-1.0", "licence: CC0-1.0"))
    assert not broken.sources
    with dg.DagsterInstance.from_config(str(prepared)) as instance:
        for now in (broken, load(tmp_path, "sources: {}\n")):
            [request] = tick(catalog, now, instance, at).run_requests
            assert request.asset_selection == [dg.AssetKey("catalog")]


@pytest.mark.parametrize("weekday", ["*", "1", "*/3", "7"])
def test_what_check_lets_through_of_a_schedule_dagster_takes(weekday: str) -> None:
    months, days = ("*", "2", "4", "2,4", "1-2", "*/2", "2-11/9"), ("*", "*/31", "29", "30", "31", "30-31", "1,31")
    for month, day in itertools.product(months, days):
        line = f"0 2 {day} {month} {weekday}"
        try:
            check_schedule(line)
        except ValueError as refusal:
            assert "has no day" in str(refusal), line  # noqa: PT017
            continue
        dg.ScheduleDefinition(name="any", cron_schedule=line, job_name="any")


@pytest.mark.slow  # a matter of size
def test_a_hundred_sources_add_no_job_of_their_own(tmp_path: Path) -> None:
    """Jobs times assets is what makes a code location slow; minutes are spread over four slots."""
    text = "sources:\n" + "".join(ENTRY.replace("letters:", f"source_{n}:", 1) for n in range(100))
    catalog = load(tmp_path, text)
    assert len(catalog.sources) == 100
    definitions = build_definitions(catalog, schedules=True)
    assert definitions.get_repository_def().job_names == [JOB]
    assert len(schedules_of(catalog)) == 5, "the catalog's is one"
