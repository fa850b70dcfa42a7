"""A takedown is a reason for fewer rows: what the entry expects holds as it did before, tonight and on later nights."""

import pytest

from biglam_pipeline import clearing, pipeline
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.retraction import Outcome, Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench

ENTRY = """
sources:
  desk:
    title: Letters
    custodian: A record office
    harvest: file:now
    normalize: {{type: table, modality: metadata, map: {{id: id, title: title, extra: [note]}}}}
    dedup: {{exact: none, near: none}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    expect: {expect}
"""


def put(bench: Bench, rows: list[str], expect: str = "{}") -> None:
    """Tonight's table, and the entry."""
    (bench.folder / "now").mkdir(exist_ok=True)
    (bench.folder / "now" / "rows.csv").write_text("\n".join(["id,title,note", *rows]) + "\n")
    bench.write(ENTRY.format(expect=expect))


def retract(bench: Bench, record: str) -> Outcome:
    source, request = bench.source("desk"), Request(record, "privacy")
    plan = plan_takedown(bench.run, source, bench.folder, request)
    return take_down(bench.run, source, bench.folder, plan, request)


THREE = ["1,One,a note", "2,Two,", "3,Three,"]
EXPECT = ["{}", "{rows: 3}", "{fill: {note: 0.3..0.4}}", "{rows: 3..}", "{rows: 2..3}", "{fill: {note: 0.3..}}"]


@pytest.mark.representative(1)  # the same under other ranges
@pytest.mark.parametrize("expect", EXPECT)
@pytest.mark.parametrize("record", ["1", "2"])
def test_one_of_three_letters(bench: Bench, expect: str, record: str) -> None:
    put(bench, THREE, expect)
    bench.night("desk")
    outcome = retract(bench, record)
    assert outcome.because == "", "the way of every night is open"
    assert outcome.release is not None
    assert outcome.release.rows == 2
    put(bench, [*THREE[:2], "3,Three corrected,"], expect)
    assert bench.night("desk").rows == 2, "a later night that brings something"
    gone = [row for row in [*THREE[:2], "3,Three corrected again,"] if not row.startswith(record)]
    put(bench, gone, expect)
    assert bench.night("desk").rows == 2, "the custodian took it out too"


@pytest.mark.slow  # `test_one_of_three_letters` stays
def test_two_of_three(bench: Bench) -> None:
    put(bench, THREE, "{rows: 3..}")
    bench.night("desk")
    retract(bench, "1")
    outcome = retract(bench, "2")
    assert (outcome.because, outcome.rows) == ("", 1)


@pytest.mark.slow  # `test_one_of_three_letters` stays
def test_rejects_are_a_share_of_all_that_came(bench: Bench) -> None:
    put(bench, [*THREE, "4,Four,five,six"], "{rejects: ..0.25}")
    bench.night("desk")
    assert retract(bench, "1").because == ""


@pytest.mark.slow  # `test_one_of_three_letters` stays; test_bad_input.py: a third less
def test_an_accident_is_not_hidden_by_earlier_takedowns(bench: Bench) -> None:
    """Of sixteen rows four were taken down; when eight of the others are missing, a person looks."""
    rows = [f"r{one},Title {one}," for one in range(16)]
    put(bench, rows)
    bench.night("desk")
    for one in range(4):
        retract(bench, f"r{one}")
    put(bench, rows[:8])
    with pytest.raises(
        RightsWithheld, match=r"expectations_hold: 4 rows to publish, where the last release had 12"
    ) as why:
        bench.night("desk")
    remedy = str(why.value).partition("say so with `expect: ")[2].partition("`")[0]
    put(bench, rows[:8], remedy)
    assert bench.night("desk").rows == 4, "the remedy, word for word"


def test_before_anything_is_laid_the_remedy_holds_too(bench: Bench) -> None:
    """Of what was read some may still be dropped as duplicates: as many as the last time."""
    double = [f"d{one},Same,same" for one in range(4)]
    rows = [f"r{one},Title {one}," for one in range(40)]
    entry = ENTRY.replace("exact: none", "exact: drop, largest_share: ..0.9, largest_cluster: ..0.9")
    put(bench, [*rows, *double])
    bench.write(entry.format(expect="{}"))
    assert bench.night("desk").rows == 41
    put(bench, [*rows[:8], *double])
    bench.write(entry.format(expect="{}"))
    source = bench.source("desk")
    pipeline.harvest_source(bench.run, source, bench.folder)
    pipeline.normalize_source(bench.run, source, bench.folder)
    view = clearing.view_of(bench.run, source, bench.folder, "now")
    [finding] = clearing.run_checks(view, frozenset({"expectations_hold"}))
    assert not finding.passed
    bench.write(entry.format(expect=finding.summary.partition("say so with `expect: ")[2].partition("`")[0]))
    assert bench.night("desk").rows == 9
