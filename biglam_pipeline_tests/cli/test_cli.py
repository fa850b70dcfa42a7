"""The command: what a person types, what it says, and the exit status that a script reads."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.servers.hub import HubServer

GOOD = """
  good_table:
    title: A table
    custodian: A library
    harvest: file:table.csv
    normalize: {map: {id: id, title: name}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
    expect: {rows: 2..}
"""
BROKEN = """
  broken_entry:
    title: Something
    custodian: A library
    harvest: file:table.csv
    licence: CC0-1.0
"""

Biglam = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def biglam(tmp_path: Path, command: Command, prepared: Path, hub: HubServer, institution: Running) -> Biglam:
    """Runs the command in a folder with a table and two entries, one of them broken."""
    shutil.copytree(prepared, tmp_path / ".biglam" / "dagster")
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD}{BROKEN}")
    settings = {
        "BIGLAM_HUB_ENDPOINT": hub.endpoint,
        "BIGLAM_HUB_OWNER": f"cli{tmp_path.name}"[:40].replace("_", "-").strip("-"),
        "BIGLAM_REWRITE": institution.rewrite,
        "BIGLAM_ALLOW_PRIVATE_HOSTS": institution.address.removeprefix("http://"),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return command(*words, folder=tmp_path, settings=settings)

    return run


def test_check_tells_every_fault_with_its_line_and_the_nearest_key(biglam: Biglam) -> None:
    said = biglam("check")
    assert said.returncode == 1
    assert "ok good_table" in said.stdout
    assert "broken_entry.licence: `licence` is not a key of the language" in " ".join(said.stdout.split())
    assert "`rights` is required" in said.stdout


def test_what_is_reported_is_no_emoji(biglam: Biglam, tmp_path: Path) -> None:
    """A line number between colons, or a word of a title: rich would make pictures of them."""
    begin = GOOD.replace("A table", '"Notes :cat:"') + BROKEN.rsplit("    licence", 1)[0]
    text = f"sources:\n{begin}"
    text += "\n" * (99 - text.count("\n")) + "    licence: CC0-1.0\n"
    (tmp_path / "sources.yaml").write_text(text)
    said = biglam("check")
    assert "sources.yaml:100: broken_entry.licence" in "".join(said.stdout.split("\n"))
    assert said.stdout.isascii() or "\N{HUNDRED POINTS SYMBOL}" not in said.stdout


def test_a_fault_in_one_entry_does_not_stop_the_run_of_another(biglam: Biglam) -> None:
    said = biglam("run", "broken_entry", "good_table")
    assert said.returncode == 1
    assert "broken_entry.licence" in said.stderr
    assert "good_table: raw, normalized, shards, hub; 2 rows at" in said.stdout


@pytest.mark.slow
def test_a_run_ends_with_where_its_dataset_is_and_the_failed_are_run_again(biglam: Biglam, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD}")
    ended = biglam("run", "--all")
    said = ended.stdout
    assert ended.returncode == 0, ended.stderr
    repository = re.search(r"2 rows at\s+(\S+)\s+v", said)
    assert repository
    assert f"/datasets/{repository[1]}\n" in said
    assert f'load_dataset("{repository[1]}", split="train")   (with HF_ENDPOINT=http://127.0.0.1:' in said
    assert "nothing to run" in biglam("run", "--failed").stdout
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2\n3\n")
    failed = biglam("run", "good_table")
    assert failed.returncode == 1
    assert "such as table.csv line 3: " in failed.stderr
    assert "widen" not in failed.stderr  # two thirds were refused: a limit that lets that pass holds nothing
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n3,Three\n")
    assert "3 rows at" in biglam("run", "--failed").stdout


def test_a_run_goes_as_far_as_it_is_reported(biglam: Biglam) -> None:
    assert biglam("run", "good_table", "--to", "normalized").returncode == 0
    state = json.loads(biglam("status", "--json").stdout)
    [good] = state["sources"]
    assert good["harvest"] == 1
    assert good["complete"] is True
    assert good["rows"] is None
    assert good["release"] is None
    assert good["up_to_date"] is None
    assert list(state["faults"]) == ["broken_entry"]


@pytest.mark.slow
def test_status_says_what_was_left_out_and_what_is_not_published_yet(biglam: Biglam, tmp_path: Path) -> None:
    assert biglam("run", "good_table").returncode == 0

    def state() -> dict[str, object]:
        [good] = json.loads(biglam("status", "--json").stdout)["sources"]
        return {key: good[key] for key in ("rows", "left_out", "flagged", "published", "up_to_date")}

    assert state() == {"rows": 2, "left_out": {}, "flagged": 0, "published": 2, "up_to_date": True}
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n3,Three\n3,Another\n")
    assert biglam("run", "good_table", "--to", "shards").returncode == 0
    assert state() == {"rows": 3, "left_out": {"rejected": 1}, "flagged": 0, "published": 2, "up_to_date": False}
    reported = biglam("status").stdout
    assert "1 rejected" in reported
    assert "behind 2" in reported
    assert "behind: the shelves hold something else than what is published" in reported
    assert "identifier_repeated (1)" in biglam("run", "good_table").stderr
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n3,Three\n")
    assert biglam("run", "good_table").returncode == 0
    assert state() == {"rows": 3, "left_out": {}, "flagged": 0, "published": 3, "up_to_date": True}
    assert "behind" not in biglam("status").stdout


def test_preview_shows_rows_and_gives_them_whole_to_a_program(biglam: Biglam) -> None:
    said = biglam("preview", "good_table", "-n", "1", "--json")
    assert said.returncode == 0
    [row] = [json.loads(line) for line in said.stdout.splitlines()]
    assert row["id"] == "good_table:1"
    assert "One" in biglam("preview", "good_table").stdout


HALF = """
  half:
    title: A folder of which one file is not there
    custodian: A library
    harvest: file:half
    normalize: {type: table, map: {id: id, title: name}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
"""


@pytest.mark.slow
def test_several_reads_are_shown_and_loaded_by_name(biglam: Biglam, tmp_path: Path) -> None:
    people = "{files: people.csv, map: {config: {const: people}, id: id, title: name, extra: [town]}}"
    things = "{files: table.csv, map: {config: {const: things}, id: id, title: name}}"
    text = GOOD.replace("file:table.csv", "file:here").replace("{map: {id: id, title: name}}", f"[{people}, {things}]")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "people.csv").write_text("id,name,town\n1,Ann,Ashby\n")
    (tmp_path / "here" / "table.csv").write_text("id,name\n1,One\n2,Two\n")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{text}")
    shown = biglam("preview", "good_table").stdout
    assert "good_table, people: 1 row" in shown
    assert "good_table, things: 2 rows" in shown
    rows = [json.loads(line) for line in biglam("preview", "good_table", "--json").stdout.splitlines()]
    assert [row["id"] for row in rows] == ["good_table:people:1", "good_table:things:1", "good_table:things:2"]
    ran = biglam("run", "good_table")
    assert ran.returncode == 0, ran.stderr
    assert '/good_table", "people", split="train")' in ran.stdout
    [state] = json.loads(biglam("status", "--json").stdout)["sources"]
    assert (state["rows"], state["sections"]) == (3, {"people": 1, "things": 2})
    assert "things: 2" in biglam("status").stdout


def test_preview_says_at_every_call_that_the_harvest_is_not_whole(biglam: Biglam, tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "a.csv").write_text("id,name\n1,One\n2\n")
    (tmp_path / "half" / "b.csv").symlink_to("gone.csv")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{HALF}")
    for visit in (1, 2):  # local files are looked at every time
        said = biglam("preview", "half").stdout
        assert "half: 1 row, " in said
        assert f"harvest {visit} is not whole" in said
        assert "half/b.csv is a link to" in said
        assert "reject a.csv" in said
    assert biglam("run", "half", "--to", "normalized").returncode == 1
    assert "b.csv" in biglam("run", "half").stderr


DENIED = """
  denied:
    title: A table of which one record denies the entry
    custodian: A library
    harvest: file:denied.csv
    normalize: {map: {id: id, title: name, rights_raw: rights}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
"""


def test_what_denies_the_entry_is_met_with_the_ways_out(biglam: Biglam, tmp_path: Path) -> None:
    """Nobody can accept what is closed, so `accept` is not offered; `overrule` can, with its reason."""
    (tmp_path / "denied.csv").write_text("id,name,rights\n1,One,All rights reserved\n")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{DENIED}")
    reported = biglam("run", "denied").stderr
    assert "What the entry says is denied by 1 record" in reported
    assert "`biglam rights denied`" in reported
    assert "widen `accept`" not in reported
    said = " ".join(biglam("rights", "denied").stdout.split())
    assert "denied: 1 different statement" in said
    assert "1 row: the record denies what the entry says" in said
    assert "`overrule: {because: TEXT, rows: RANGE}`" in said


@pytest.mark.slow  # `test_what_denies_the_entry_is_met_...` stays
def test_what_was_refused_stands_in_the_status_of_a_source_that_came_no_further(biglam: Biglam, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2\n")
    assert biglam("run", "good_table").returncode == 1
    [good] = json.loads(biglam("status", "--json").stdout)["sources"]
    assert (good["rows"], good["left_out"]) == (None, {"rejected": 1})


def test_a_name_that_is_not_there_is_met_with_the_nearest(biglam: Biglam) -> None:
    said = biglam("preview", "good_tabel")
    assert said.returncode == 2
    assert "did you mean `good_table`?" in said.stderr
    assert "Traceback" not in said.stderr


def test_several_sources_files_are_read_as_one(biglam: Biglam, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("sources:\n" + GOOD.replace("good_table", "second_table"))
    said = biglam("check", "--sources", "more.yaml", "--sources", "sources.yaml")
    assert "ok second_table" in said.stdout
    assert "ok good_table" in said.stdout


def test_where_no_hub_answers_the_command_that_starts_one_is_named(
    biglam: Biglam, command: Command, tmp_path: Path
) -> None:
    said = command("run", "good_table", folder=tmp_path, settings={"BIGLAM_HUB_ENDPOINT": "http://127.0.0.1:9"})
    assert said.returncode == 1
    assert "no Hub answers at http://127.0.0.1:9" in said.stderr


@pytest.mark.slow  # journey/test_compact.py runs the command as well
def test_compacting_tells_its_cost_and_does_nothing_unasked(biglam: Biglam, tmp_path: Path) -> None:
    early = biglam("compact", "good_table", "--yes")
    assert early.returncode == 2
    assert "run `biglam run good_table` first" in early.stderr
    assert biglam("run", "good_table").returncode == 0
    manifest = tmp_path / ".biglam" / "shelves" / "good_table" / "shards" / "manifest.json"
    before = manifest.read_bytes()
    idle = biglam("compact", "good_table")
    assert idle.returncode == 0
    assert "2 rows in 1 parts would lie in about 1" in idle.stdout
    assert "MB have to be sent, and every reader downloads them again" in " ".join(idle.stdout.split())
    assert "Nothing is gained by it; nothing was done." in idle.stdout
    assert manifest.read_bytes() == before


def test_run_says_what_checks_only_warn_of(biglam: Biglam, tmp_path: Path) -> None:
    """Advice that stands in the UI alone is not told to whoever types the command."""
    (tmp_path / "table.csv").write_text("id,name,terms\n1,One,Frobnicate freely\n2,Two,CC0 1.0\n")
    entry = GOOD.replace("title: name}", "title: name, rights_raw: terms}")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{entry}")
    said = biglam("run", "good_table", "--to", "normalized")
    assert said.returncode == 0
    assert "note normalized.rights_are_recognised: 1 " in " ".join(said.stdout.split())
    assert "documentation_is_complete" not in said.stdout
