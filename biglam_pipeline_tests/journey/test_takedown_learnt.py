"""What a run learnt of a taken-down record, and was killed before it used it, is not lost: its copies go too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import erasing, pipeline
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.normalize import reading
from biglam_pipeline.source import load_sources

LETTER = "The same letter of somebody who asked us and long enough to be a text"
SOURCES = """
sources:
  letters:
    title: Letters
    custodian: Aldermere Free Library
    harvest: 'file:data#*.csv'
    normalize: {type: table, map: {id: id, text: text}}
    rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
    languages: [en]
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with open_context(read_environment({"BIGLAM_STATE": str(tmp_path / "state"), "BIGLAM_PROCESSES": "1"})) as it:
        yield it


def night(run: RunContext, folder: Path) -> set[str]:
    """Runs raw and normalized; ids of the rows that stand in the slices."""
    catalog = load_sources([folder / "sources.yaml"])
    source, base = catalog.sources["letters"], catalog.bases["letters"]
    pipeline.harvest_source(run, source, base)
    done = pipeline.normalize_source(run, source, base)
    indexes = [run.normalized(source).index(key) for key in done.normalized.slices]
    return {one.split(":")[1] for index in indexes for one in index.filter(index["row"] >= 0)["id"]}


def test_a_copy_in_an_earlier_slice_goes_where_the_erasing_was_killed(
    run: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "slices_of", lambda bundle_refs, *rest: ((bundle_ref,) for bundle_ref in bundle_refs))
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_text(f"id,text\ncopy,{LETTER}\nother,Something else that is quite long enough\n")
    (tmp_path / "data/b.csv").write_text("id,text\nnamed,Other words of theirs\nnear,A neighbour of theirs\n")
    (tmp_path / "sources.yaml").write_text(SOURCES)
    line = '{"source_id":"letters","record_id":"named","action":"removed","ground":"privacy"}\n'
    (tmp_path / "takedowns.jsonl").write_text(line)
    assert night(run, tmp_path) == {"copy", "other", "near"}

    (tmp_path / "data/b.csv").write_text(f"id,text\nnamed,{LETTER}\nnear,A neighbour of theirs\n")
    replace = erasing.replace_copies

    def killed(raw: Any, changes: Any, *rest: Any) -> None:
        replace(raw, changes, *rest)
        if changes:
            raise KeyboardInterrupt

    monkeypatch.setattr(erasing, "replace_copies", killed)
    with pytest.raises(KeyboardInterrupt):
        night(run, tmp_path)
    monkeypatch.setattr(erasing, "replace_copies", replace)
    assert night(run, tmp_path) == {"other", "near"}
