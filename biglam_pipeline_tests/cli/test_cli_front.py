"""What people meet first: the verbs in order, the version, a beginning; preview that says what it shows; rm."""

import json
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from biglam_pipeline.cli import app as shared
from biglam_pipeline.cli.entry import VERBS
from biglam_pipeline.errors import ConfigError, ServerBusy, ShelfDamaged
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.room import named
from biglam_pipeline_tests.servers.hub import HubServer

assert VERBS  # their import registers them
ENTRY = """\
sources:
  letters:
    title: Letters
    custodian: A library
    harvest: file:now
    normalize: {type: table, map: {id: id, title: name, date: date, creators: who, extra: [place]}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
    languages: [en]
"""
Say = Callable[..., Result]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: HubServer) -> Say:
    """Runs the command in this process, in a folder with a table and an entry for it."""
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "a.csv").write_text("id,name,date,who,place,note\n1,One,1801,Ann,Ash,x\n2,Two,1802,Ben,Ash,y\n")
    (tmp_path / "sources.yaml").write_text(ENTRY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIGLAM_SOURCES", "sources.yaml")
    monkeypatch.setenv("BIGLAM_STATE", str(tmp_path / ".biglam"))
    monkeypatch.setenv("BIGLAM_HUB_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("BIGLAM_HUB_OWNER", "front")
    return lambda *words, **more: CliRunner().invoke(shared.app, words, **more)


def edit(path: Path, old: str, new: str) -> None:
    """Replaces a text that is there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_verbs_stand_in_the_order_in_which_a_source_meets_them(say: Say) -> None:
    assert re.findall(r"^│ ([a-z]+) ", say("--help").output, re.MULTILINE) == list(shared.VERBS)


def test_the_version(say: Say) -> None:
    assert say("--version").output == f"biglam {version('biglam_pipeline')}\n"


def test_without_a_sources_file_the_command_says_how_to_begin(say: Say, tmp_path: Path) -> None:
    assert "There is no sources file yet" not in say().output
    (tmp_path / "sources.yaml").unlink()
    assert "There is no sources file yet: write a sources.yaml here" in say().output
    error = say("check").exception
    assert isinstance(error, ConfigError)
    written = str(error).partition("\n\n")[2].partition("\n\nOr name")[0]
    (tmp_path / "sources.yaml").write_text(written + "\n")
    faults = json.loads(say("check", "--json").output)["my_letters"]["faults"]
    assert [fault["what"].partition(";")[0] for fault in faults] == [f"there is no {tmp_path / 'letters.csv'}"]


@pytest.mark.parametrize("key", ["my key", "dc:title", "a: b"])
def test_the_place_of_a_fault_is_whole_in_json(say: Say, tmp_path: Path, key: str) -> None:
    edit(tmp_path / "sources.yaml", "    languages:", f"    '{key}': 1\n    languages:")
    [fault] = json.loads(say("check", "--json").output)["letters"]["faults"]
    assert fault["place"] in (f"letters.{key}", f"letters.{key.partition(': ')[0]}")
    assert fault["line"] == 8


def test_names_of_entries_complete(say: Say) -> None:
    assert shared.complete_name("le") == ["letters"]
    assert shared.complete_name("x") == []


def test_preview_asks_again_when_the_file_or_the_entry_changed(say: Say, tmp_path: Path) -> None:
    """Not a row of yesterday's that is not said to be one."""
    first = say("preview", "letters").output
    assert "letters: rows of visit 1, asked just now" in first
    assert "One" in first
    edit(tmp_path / "now" / "a.csv", "Two", "Zwei")
    assert "Zwei" in say("preview", "letters").output
    edit(tmp_path / "sources.yaml", "file:now", "file:nowhere")
    said = " ".join(say("preview", "letters").output.split())
    assert "letters: no rows" in said
    assert "there is no" in said
    assert "One" not in said


def test_preview_says_why_there_is_no_row(say: Say, tmp_path: Path) -> None:
    edit(tmp_path / "sources.yaml", "{type: table,", "{type: table, where: {place: Elm},")
    assert "letters: no rows; nothing that was read fits `where`" in say("preview", "letters").output
    edit(tmp_path / "sources.yaml", " where: {place: Elm},", "")
    (tmp_path / "now" / "a.csv").write_text("")
    assert "letters: no rows; what came is empty: it holds no record" in say("preview", "letters").output


@pytest.mark.parametrize("few", ["0", "-1"])
def test_preview_of_less_than_a_row_is_refused(say: Say, few: str) -> None:
    assert say("preview", "letters", "-n", few).exit_code == 2


def test_preview_closes_with_what_was_seen_though_it_stopped_early(say: Say) -> None:
    for few in ("1", "5"):
        said = say("preview", "letters", "-n", few).output
        assert "not mapped: note (" in said


def test_preview_says_of_what_is_not_read_how_often_it_is_filled_and_with_what(say: Say, tmp_path: Path) -> None:
    lines = [f"{at},T{at},1850,Ann,Ash,{'good' if at % 4 == 0 else ''}" for at in range(8)]
    (tmp_path / "now" / "a.csv").write_text("\n".join(["id,name,date,who,place,note", *lines]) + "\n")
    assert "not mapped: note (25%, “good”)" in " ".join(say("preview", "letters", "--again").output.split())


def test_preview_shows_the_sources_own_columns_before_dates_and_once_what_is_the_same(say: Say) -> None:
    said = say("preview", "letters").output
    assert "the same in all of these rows: place: Ash; custodian: A library" in said
    head = next(line for line in said.splitlines() if "title" in line and "┃" in line)
    assert [cell.strip() for cell in head.strip("┃").split("┃")][:4] == ["title", "date_raw", "date_edtf", "creators"]


def test_run_asks_for_the_names_before_anything_is_started(say: Say, tmp_path: Path) -> None:
    error = say("run", "letters", "lettres").exception
    assert isinstance(error, ConfigError)
    assert str(error) == "there is no source `lettres`; did you mean `letters`?"
    assert not (tmp_path / ".biglam" / "dagster").exists()
    for words in ((), ("--all", "letters"), ("--all", "--failed")):
        assert "say which sources" in str(say("run", *words).exception)


def test_rm_takes_the_shelves_and_says_what_stays(say: Say, tmp_path: Path) -> None:
    assert say("preview", "letters").exit_code == 0
    shelves = tmp_path / ".biglam" / "shelves"
    near = say("rm", "leters").exception
    assert isinstance(near, ConfigError)
    assert "did you mean `letters`?" in str(near)
    for name in ("../letters", "", ".", "letters/raw"):
        assert isinstance(say("rm", name, "--yes").exception, ConfigError)
    asked = say("rm", "letters", input="n\n")
    assert asked.exit_code == 1
    assert "its entry still stands in the sources file" in asked.output
    assert (shelves / "letters" / "raw").is_dir()
    with open_shelf(str(shelves), tmp_path / ".biglam").at("letters").lock("run"):
        assert isinstance(say("rm", "letters", "--yes").exception, ServerBusy)
    (tmp_path / "sources.yaml").unlink()
    done = say("rm", "letters", "--yes")
    assert done.exit_code == 0
    assert "still stands" not in done.output
    assert list(shelves.iterdir()) == []


def test_rm_takes_what_status_calls_lost_and_nothing_that_is_no_sources(say: Say, tmp_path: Path) -> None:
    """A sync tool's copy of a whole source, damaged as it may be; a folder that somebody keeps beside the shelves."""
    assert say("preview", "letters").exit_code == 0
    shelves = tmp_path / ".biglam" / "shelves"
    (shelves / "letters").rename(shelves / "letters (1)")
    (shelves / "letters (1)" / "hub").mkdir()
    (shelves / "letters (1)" / "hub" / "release.json").write_bytes(b"cut")
    (shelves / "photos").mkdir()
    (shelves / "photos" / "anna.jpg").write_bytes(b"kept")
    assert "no entry letters (1)" in say("status").output
    assert isinstance(say("rm", "photos", "--yes").exception, ConfigError)
    done = say("rm", "letters (1)", "--yes")
    assert "does not say the name" in " ".join(done.output.split())
    assert [path.name for path in shelves.iterdir()] == ["photos"]


def test_a_file_in_the_place_of_the_state_folder_is_no_empty_shelf(say: Say, tmp_path: Path) -> None:
    state = tmp_path / ".biglam"
    state.write_bytes(b"")
    error = say("status").exception
    assert isinstance(error, ShelfDamaged)
    assert f"{state} stands where" in str(error)
    with pytest.raises(ShelfDamaged, match=re.escape(f"{state} stands where")), named(state):
        (state / "dagster" / "history").mkdir(parents=True)
