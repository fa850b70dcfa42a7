"""Entries of real collections: what loads is included, what waits lacks only what is not built; the page adds up."""

import re
from pathlib import Path

import pytest

from biglam_pipeline.cli import coverage
from biglam_pipeline.harvest import address
from biglam_pipeline.language import Owed
from biglam_pipeline.normalize import ways_out
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.conftest import ROOT

PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
ENTRY = """
  {name}:
    title: T
    custodian: C
    harvest: {harvest}
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: https://example.org/about}}
    verified: false
"""


def test_what_is_included_loads_and_is_neither_scheduled_nor_published() -> None:
    """Nobody has asked these addresses yet."""
    for source in load_sources([ROOT / "sources.yaml"]).strict().sources.values():
        if Path(source.file).parent.name == "sources":
            assert source.status == "candidate", source.name
        assert not source.verified, source.name


def test_what_waits_lacks_only_what_is_not_built() -> None:
    """A candidate that lacks nothing any more is moved into sources/."""
    for name, entry in coverage.waiting().items():
        assert entry.wrong == (), name
        assert entry.lacks, name


def test_every_entry_is_in_the_inventory_and_in_one_place() -> None:
    included = load_sources([ROOT / "sources.yaml"]).sources.keys()
    assert included & coverage.waiting().keys() == set()
    said = [one.entry_name for one in coverage.known() if one.entry is not None]
    assert sorted(said) == sorted(coverage.entries())


def test_each_dataset_of_biglam_stands_on_the_page_once() -> None:
    names = [one.name for one in coverage.known() if one.list == "biglam"]
    assert len(set(names)) == len(names) == 47
    assert {name: len(re.findall(rf"^\| `{name}` \|", PAGE, re.MULTILINE)) for name in names} == dict.fromkeys(names, 1)


def test_what_has_no_entry_says_why_and_what_has_one_does_not() -> None:
    for one in coverage.known():
        assert (one.entry is None) == bool(one.why), one.name
        assert one.custodian, one.name


@pytest.mark.parametrize(("list_", "called"), [("biglam", "datasets of BigLAM"), ("further", "further collections")])
def test_the_sentence_says_what_the_table_shows(list_: coverage.List, called: str) -> None:
    """Counted once more, from the cells."""
    rows = [line.strip("| ").split(" | ") for line in coverage.coverage(list_).splitlines()[2:]]
    said = [row for row in rows if row[2].startswith("yes: ")]
    harvested = [row for row in said if row[3] == "yes"]
    read = [row for row in said if row[4] == "yes"]
    both = [row for row in harvested if row in read]
    licences = [row for row in said if row[5] != "not read"]
    assert (
        f"Of {len(rows)} {called}, {len(said)} can be said, {len(harvested)} of these be harvested, {len(read)} be "
        f"read, {len(both)} both; of {len(licences)} the licence is known."
    ) in PAGE


def test_a_slip_in_an_entry_is_said_in_its_line_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text(
        "sources:\n  hmd_newspapers:\n    titel: [x\n  blbooksgenre: 1\n", encoding="utf-8"
    )
    monkeypatch.setattr(coverage, "FRONT", tmp_path / "a.yaml")
    monkeypatch.setattr(coverage, "ROOT", tmp_path)
    monkeypatch.setattr(coverage, "CANDIDATES", tmp_path)
    found = {one.name: one.why for one in coverage.known.__wrapped__()}
    assert found["hmd_newspapers"] == "its entry is faulty, see `biglam check hmd_newspapers`"
    assert found["bnl-monographs"].startswith("the addresses of the packs")


def test_a_fault_that_time_does_not_mend_is_told_from_one_that_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "ROOT", tmp_path)
    monkeypatch.setattr(coverage, "CANDIDATES", tmp_path)
    monkeypatch.setitem(address.OWED, "gopher+", "write https://...")
    for name in ("scrolls", "tapes"):
        monkeypatch.setitem(ways_out.OWED, name, Owed("make a table of it"))
    entries = [
        ("waits", "gopher+https://example.org/c", "{type: scrolls, rows: page}"),
        (
            "joins",
            "https://example.org/a.zip",
            "{type: images, with: {x: {type: tapes, files: '*.tape', by: {$stem: key}}}}",
        ),
        ("misspelt", "gopher+ftp://example.org/a\n    titel: x", "{type: scrolls, rows: page}"),
        ("whole", "https://example.org/a.csv", "table"),
    ]
    text = "".join(ENTRY.format(name=name, harvest=harvest, normalize=read) for name, harvest, read in entries)
    (tmp_path / "a.yaml").write_text(f"sources:\n{text}", encoding="utf-8")
    found = coverage.waiting()
    assert found["waits"].missing("harvest") == ["gopher+"]
    assert found["waits"].missing("normalize") == ["scrolls"]
    assert found["joins"].missing("harvest", "normalize") == ["tapes"]
    assert [name for name, one in found.items() if one.sayable] == ["waits", "joins"]
    assert "`titel` is not a key" in found["misspelt"].wrong[0]
    assert "move it into sources/" in found["whole"].wrong[0]
