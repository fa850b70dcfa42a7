"""ledger_only_grows and takedown_is_applied: what was taken down stays down, whoever edits what."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.takedown import Ledger
from biglam_pipeline_tests.bench import Bench

NAME = "demo_letters"


def look(bench: Bench, check: str, ledger: Ledger | None = None) -> Finding:
    """One finding about today's shelves, by the ledger beside the sources file or by another one."""
    source = bench.source(NAME)
    view: View = clearing.view_of(bench.run, source, bench.base(source), "today")
    [found] = clearing.run_checks(replace(view, ledger=ledger) if ledger else view, frozenset({check}))
    return found


@pytest.fixture
def taken(bench: Bench, tmp_path: Path) -> Bench:
    """A published source with one record taken down, by a ledger in a folder of its own."""
    bench.catalog.bases[NAME] = tmp_path
    line = {"source_id": NAME, "record_id": "letter-003", "action": "removed", "ground": "privacy"}
    (tmp_path / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    bench.night(NAME)
    return bench


def test_a_takedown_that_is_applied(taken: Bench) -> None:
    assert look(taken, "takedown_is_applied").summary == "1 records are taken down, none of them is in the parts"
    assert look(taken, "ledger_only_grows").numbers == {"lines": 1, "gone": 0}


@pytest.mark.parametrize("record", ["letter-004", "letter-015"])
def test_a_record_that_stands_in_the_parts_all_the_same(taken: Bench, record: str) -> None:
    found = look(taken, "takedown_is_applied", Ledger(frozenset({f"{NAME}:{record}"})))
    assert not found.passed
    assert f"{NAME}:{record} was taken down and stands in data/default/part-00000.parquet" in found.summary
    assert "materialize normalized and shards again" in found.summary


def test_a_record_that_is_reported_as_a_duplicate(taken: Bench) -> None:
    """letter-040 was dropped for letter-015: removed.parquet names both."""
    for record in ("letter-040", "letter-015"):
        found = look(taken, "takedown_is_applied", Ledger(frozenset({f"{NAME}:{record}"})))
        assert f"{NAME}:{record} was taken down and stands in removed.parquet as a duplicate" in found.summary


def test_a_line_that_is_gone(taken: Bench, tmp_path: Path) -> None:
    path = tmp_path / "takedowns.jsonl"
    more = {"source_id": NAME, "record_id": "letter-009", "action": "declined"}
    path.write_text(path.read_text() + json.dumps(more) + "\n")
    assert look(taken, "ledger_only_grows").passed
    path.unlink()
    found = look(taken, "ledger_only_grows")
    assert not found.passed
    assert found.summary.startswith(
        f"1 of 1 lines about {NAME} are gone from takedowns.jsonl, or were changed (sha256 "
    )
    assert "action `restored`" in found.summary
