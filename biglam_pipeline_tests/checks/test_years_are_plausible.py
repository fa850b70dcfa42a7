"""Years that stand in for none are suspected, texts that print a later year are counted, and nothing is changed."""

import time
from collections import Counter
from pathlib import Path

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.checks import years_are_plausible
from biglam_pipeline.checks.years_are_plausible import suspected
from biglam_pipeline.clearance import Finding
from biglam_pipeline.normalize.rows.dating import PRINTED_LATER, PRINTED_SINCE, contradiction
from biglam_pipeline_tests.bench import Bench

_ENTRY = """
sources:
  dated:
    title: Dated papers
    custodian: A made-up archive
    harvest: file:{folder}#papers.csv
    normalize: {{type: table, map: {{id: id, text: text, date: date{more}}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/terms, checked: 2026-11-20, quote: CC0}}
    languages: [en]
"""
_WORDS = "a paper of the made-up archive, long enough to be more than a heading, numbered"


def found(bench: Bench, folder: Path, dates: list[str], texts: list[str], more: str = "") -> Finding:
    """What is found of a table with these dates and texts."""
    lines = [f'{at},"{text}",{date}' for at, (date, text) in enumerate(zip(dates, texts, strict=True))]
    folder.mkdir(exist_ok=True)
    (folder / "papers.csv").write_text("\n".join(["id,text,date", *lines]) + "\n")
    bench.write(_ENTRY.format(folder=folder, more=more))
    source = bench.build("dated")
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    return years_are_plausible.run(clearing.view_of(bench.run, source, bench.base(source), manifest.digest))


def test_a_round_year_without_neighbours_is_suspected_and_a_person_says_what_it_is(
    bench: Bench, tmp_path: Path
) -> None:
    """1,446 manuscripts of 1700, in small: 40 of 1700 and three others. The remedy that is named cures, literally."""
    dates = ["1700"] * 40 + ["1688", "1712", "1731"]
    texts = [f"{_WORDS} {at}" for at in range(len(dates))]
    finding = found(bench, tmp_path / "a", dates, texts)
    assert (finding.passed, finding.advice) == (False, True)
    assert finding.numbers == {"dated": 43, "suspected": 40, "contradicted": 0}
    assert "40 of 43 dated rows are all of 1700" in finding.summary
    assert "`map: {year_evidence: PATH >> lookup(1700=none)}`" in finding.summary
    cured = found(bench, tmp_path / "a", dates, texts, ", year_evidence: date >> lookup(1700=none)")
    assert (cured.passed, cured.numbers["suspected"]) == (True, 0)


@pytest.mark.parametrize("rows", [5, 1500])
def test_a_text_that_prints_a_later_copyright_is_counted(bench: Bench, tmp_path: Path, rows: int) -> None:
    """A small table is read row by row, a large one by columns."""
    texts = [f"{_WORDS} {at}" for at in range(rows - 1)] + ["Printed in Boston. Copyright, 1926, by the Acme Company"]
    finding = found(bench, tmp_path / "b", ["1870"] * rows, texts)
    assert finding.numbers == {"dated": rows, "suspected": 0, "contradicted": 1}
    assert "1 rows print a copyright of a later year" in finding.summary
    assert "1870: Copyright, 1926" in finding.summary


@pytest.mark.parametrize(
    ("counts", "stamps"),
    [
        ({"1700": 1446}, {"1700": 1446}),
        ({"1700-01-01": 30, "1699-05-03": 1}, {"1700-01-01": 30}),
        ({"1970-01-01": 25, "1980": 2}, {"1970-01-01": 25}),
        ({"1969-12-31": 25, "0001-01-01": 20, "2020-01-02": 90}, {"1969-12-31": 25, "0001-01-01": 20}),
        ({"1700": 19}, {}),  # too few to ask
        ({"1800": 60, "1799": 5, "1805": 7}, {}),  # whoever rounds does so with neighbours
        ({"1870": 500}, {}),  # a year is no stamp for being frequent
        ({"1850-01-01": 500}, {}),
        ({"1900-05-01": 500}, {}),
    ],
)
def test_only_what_stands_alone_is_a_stamp(counts: dict[str, int], stamps: dict[str, int]) -> None:
    assert suspected(Counter(counts)) == stamps


@pytest.mark.parametrize(
    ("text", "last", "reason"),
    [
        ("© 1926 Acme", 1870, PRINTED_LATER),
        ("©Acme, 1926", 1870, PRINTED_LATER),
        ("Copyright by Scribner 1926", 1870, PRINTED_LATER),
        ("COPYRIGHT 1926 BY", 1870, PRINTED_LATER),
        ("(c)1926", 1870, PRINTED_LATER),
        ("Copyright, 1890, 1926", 1889, None),  # the next year's volume comes out in December
        ("Copyright, 1890 and © 1926", 1888, PRINTED_LATER),
        ("© 2010 Google", 1870, PRINTED_SINCE),
        ("Copyright 1869 by", 1870, None),
        ("Copyright, 1926", None, None),
        ("in 1926", 1870, None),
        ("(c) the second part. 1926", 1870, None),
        ("copyright" + "x" * 200 + "1926", 1870, None),
        ("Copyright, 19266", 1870, None),
        ("", 1870, None),
    ],
)
def test_which_texts_contradict_a_year(text: str, last: int | None, reason: str | None) -> None:
    found = contradiction(text, last)
    assert (found or "").partition("\t")[0] == (reason or "")


def test_a_long_text_full_of_notices_takes_no_time() -> None:
    for piece in ("copyright ", "© ", "(c) 1", "©" + " " * 59):
        began = time.process_time()
        assert contradiction(piece * 50_000, 1870) is None
        assert time.process_time() - began < 2
