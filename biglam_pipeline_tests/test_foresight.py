"""`biglam check` says what local files will not bear, at its line, and asks nobody."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from biglam_pipeline.cli.app import app
from biglam_pipeline.cli.entry import VERBS

assert VERBS  # their import registers them
HEAD = """\
sources:
  parish:
    title: Parish registers
    custodian: Ashby Record Office
    rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31}
"""
Check = Callable[..., dict[str, dict[str, object]]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Runs the command on one entry with these further lines, beside a folder of files: entry -> what is said."""
    monkeypatch.setenv("BIGLAM_SOURCES", "")
    folder = tmp_path / "parish"
    folder.mkdir()
    (folder / "b.csv").write_text("entry,name,date,note\nb1,Ann,1801-03-04,page\n")

    def run(*lines: str, rights: str = "license: CC0-1.0", **files: str) -> dict[str, dict[str, object]]:
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_text(content)
        (tmp_path / "s.yaml").write_text(
            HEAD.replace("license: CC0-1.0", rights) + "".join(f"    {line}\n" for line in lines)
        )
        said = CliRunner().invoke(app, ["check", "--json", "--sources", str(tmp_path / "s.yaml")])
        found: dict[str, dict[str, object]] = json.loads(said.output)
        assert said.exit_code == (0 if all(one["ok"] for one in found.values()) else 1)
        return found

    return run


def reported(found: dict[str, dict[str, object]]) -> list[str]:
    """line place: what."""
    faults = found["parish"]["faults"]
    assert isinstance(faults, list)
    return [f"{one['line']} {one['place']}: {one['what']}" for one in faults]


REST = "{type: table, map: {id: entry, title: name}}"
MAP = "normalize: {type: table, map: {id: entry, title: name}}"


def test_what_is_there_is_no_fault(check: Check) -> None:
    found = check("harvest: file:parish", MAP)
    assert reported(found) == []
    assert found["parish"]["title"] == "Parish registers"


@pytest.mark.parametrize(
    ("harvest", "said"),
    [
        ("file:parsih", "did you mean file:parish?"),
        ("file:parish/c.csv", "did you mean file:parish/b.csv?"),
        ("file:nowhere/at/all", "correct the path, or mount the drive"),
        ("file:parish#*.tsv", "ends like *.tsv; correct the pattern"),
    ],
)
def test_an_address_that_leads_to_nothing(check: Check, harvest: str, said: str) -> None:
    (fault,) = reported(check(f"harvest: {harvest}", MAP))
    assert fault.startswith("6 parish.harvest: ")
    assert said in fault


def test_one_address_of_several(check: Check) -> None:
    (fault,) = reported(check("harvest: [file:parish, file:parrish]", MAP))
    assert "did you mean file:parish?" in fault


@pytest.mark.parametrize(
    ("normalize", "place", "said"),
    [
        ('{type: table, files: "*.tsv", map: {title: name}}', "normalize.files", 'write files: "*.csv"'),
        ("{type: oai_dc}", "normalize", "no file of this source is read by oai_dc"),
        ("{type: images}", "normalize", "no file of this source is read by images (jpg, jpeg, png"),
        ("{type: table}", "normalize", "nothing of b.csv is mapped"),
        ("{type: table, map: {title: nmae}}", "normalize.map.title", "did you mean `name`?"),
        ("{type: table, map: {title: name, text: Ashby}}", "normalize.map.text", "write {const: Ashby}"),
        ("{type: table, map: {title: name, extra: [nota]}}", "normalize.map.extra", "did you mean `note`?"),
        ("{type: table, map: {title: [nom, titre]}}", "normalize.map.title", "has no column `nom`"),
        ("{type: table, map: {title: name}, where: {dat: 1801..}}", "normalize.where", "did you mean `date`?"),
        (
            '{map: {title: name}, type: table, with: {image: {files: "*.jpg", by: {note: $name}}}}',
            "normalize.with.image.files",
            "ends like *.jpg (there: 1 csv)",
        ),
    ],
)
def test_what_the_entry_names_and_the_files_have_not(check: Check, normalize: str, place: str, said: str) -> None:
    first = reported(check("harvest: file:parish", f"normalize: {normalize}"))[0]
    assert first.startswith(f"7 parish.{place}: "), first
    assert said in first


def test_each_of_several_reads_is_looked_at(check: Check) -> None:
    """A fault stands at its own READ; one that names no files is not told of those that another names."""
    people = "- {files: people.csv, map: {config: {const: people}, id: person, title: nmae}}"
    said = reported(
        check("harvest: file:parish", "normalize:", f"  {people}", f"  - {REST}", people__csv="person,name\n1,A\n")
    )
    assert [one.partition(":")[0] for one in said] == ["8 parish.normalize.0.map.title"]
    assert "did you mean `name`?" in said[0]
    rest = REST.replace("type: table", "files: c.csv")
    said = reported(check("harvest: file:parish", "normalize:", f"  {people.replace('nmae', 'name')}", f"  - {rest}"))
    assert [one.partition(":")[0] for one in said] == ["9 parish.normalize.1.files"]
    both = "  " + people.replace("people.csv", '"*.csv"').replace("nmae", "name")
    said = reported(check("harvest: file:parish", "normalize:", both, f"  - {REST}"))
    assert any("other READs name every file of this source" in one for one in said)


def test_a_column_of_rights(check: Check) -> None:
    (fault,) = reported(check("harvest: file:parish", MAP, rights="from: licence"))
    assert fault.startswith("5 parish.rights.from: b.csv has no column `licence`")
    assert reported(check("harvest: file:parish", MAP, rights="from: note")) == []


def test_a_key_may_come_late_in_json_lines(check: Check) -> None:
    """Only the beginning of a large file is looked at, and the last line may have it."""
    lines = '{"entry": 1, "name": "Ann"}\n' * 60_000
    normalize = 'normalize: {type: table, files: "*.jsonl", map: {id: entry, title: whoo}}'
    assert reported(check("harvest: file:parish", normalize, c__jsonl=lines)) == []
    assert (
        "did you mean"
        in reported(check("harvest: file:parish", normalize.replace("whoo", "nam"), c__jsonl=lines[:100]))[0]
    )


def test_what_lies_in_an_archive_is_not_guessed(check: Check, tmp_path: Path) -> None:
    """A pattern may fit a member; that is known when the archive is opened."""
    (tmp_path / "parish" / "more.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    normalize = 'normalize: {type: table, files: "*.tsv", map: {title: name}}'
    assert reported(check("harvest: file:parish", normalize)) == []


def test_faults_come_first_and_notes_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGLAM_SOURCES", "")
    good = HEAD.replace("parish:", "good:") + "    harvest: https://a.org/b.csv\n    normalize: {map: {title: a}}\n"
    bad = HEAD.replace("sources:\n", "").replace("parish:", "bad:") + "    harvest: file:none\n    normalize: table\n"
    path = tmp_path / "s.yaml"
    path.write_text(good + bad)

    def say(*words: str) -> list[str]:
        return CliRunner().invoke(app, ["check", *words, "--sources", str(path)]).output.splitlines()

    lines = say()
    assert lines[0].startswith("fault s.yaml:12: bad.harvest: there is no ")
    assert any(line.startswith("ok good: Parish registers (") and "notes)" in line for line in lines)
    assert not any(line.lstrip().startswith("note") for line in lines)
    assert "notes, which --notes shows" in lines[-1]
    assert any("no expect.rows" in line for line in say("--notes"))
    assert not any("bad" in line for line in say("good"))
    assert "did you mean `good`?" in str(CliRunner().invoke(app, ["check", "godo", "--sources", str(path)]).exception)
