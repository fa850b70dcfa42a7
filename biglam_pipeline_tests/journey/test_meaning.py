"""Changes of meaning stop for a person: other identifiers for the same records, columns that emptied."""

import pytest

from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline_tests.bench import Bench

ENTRY = """
sources:
  parish:
    title: Registers of a parish
    custodian: A record office
    harvest: file:now
    normalize: {type: table, modality: metadata, map: {id: id, title: title, extra: [note]}}
    dedup: {exact: none, near: none}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}
"""


@pytest.fixture(autouse=True)
def _folder(bench: Bench) -> None:
    (bench.folder / "now").mkdir()
    bench.write(ENTRY)


def put(bench: Bench, rows: list[tuple[str, str, str]]) -> None:
    """The table as it is tonight."""
    lines = ["id,title,note", *(",".join(row) for row in rows)]
    (bench.folder / "now" / "rows.csv").write_text("\n".join(lines) + "\n")


def rows(start: int = 0, end: int = 40, title: str = "Map {}", note: str = "") -> list[tuple[str, str, str]]:
    """Rows with these numbers as identifiers."""
    return [(f"r{number}", title.format(number), note) for number in range(start, end)]


def refusal(bench: Bench, entry: str = ENTRY) -> str:
    """Why tonight is not published; empty where it is."""
    bench.write(entry)
    try:
        bench.night("parish")
    except RightsWithheld as refused:
        return str(refused)
    return ""


def test_f21_new_identifiers_for_old_records_stop(bench: Bench) -> None:
    put(bench, rows())
    assert refusal(bench) == ""
    put(bench, [(f"new-{name}", title, note) for name, title, note in rows()])
    said = refusal(bench)
    assert "meaning_is_kept: 100% of the identifiers of v" in said
    assert "expect: {accept_change: {from: v" in said
    assert bench.commits("parish") == 1


@pytest.mark.representative(1)  # the other side of the bound
@pytest.mark.parametrize(("moved", "stops"), [(12, False), (13, True)])
def test_three_in_ten_may_be_replaced(bench: Bench, moved: int, stops: bool) -> None:
    put(bench, rows())
    refusal(bench)
    put(bench, rows(moved, 40 + moved))
    assert bool(refusal(bench)) is stops


@pytest.mark.slow  # `test_three_in_ten_may_be_replaced` stays
def test_a_collection_may_grow(bench: Bench) -> None:
    put(bench, rows())
    refusal(bench)
    put(bench, rows(0, 400))
    assert refusal(bench) == ""


@pytest.mark.representative(2)  # both sides of the bound stay
@pytest.mark.parametrize(("left", "stops"), [(20, False), (19, True), (0, True)])
def test_f37_a_column_may_lose_half_of_what_was_filled(bench: Bench, left: int, stops: bool) -> None:
    put(bench, rows())
    refusal(bench)
    put(bench, [*rows(0, left), *rows(left, 40, title="")])
    said = refusal(bench)
    assert bool(said) is stops
    if stops:
        assert f"title was filled in 100.0% of rows and is filled in {left / 40:.1%}" in said


@pytest.mark.representative(1)  # the other side of the bound
@pytest.mark.parametrize(("noted", "stops"), [(1, False), (2, True)])
def test_a_column_that_was_hardly_filled_is_no_measure(bench: Bench, noted: int, stops: bool) -> None:
    """At least 5 % of the last release: 2 of 40, not 1."""
    put(bench, [*rows(0, noted, note="torn"), *rows(noted, 40)])
    refusal(bench)
    put(bench, rows())
    assert bool(refusal(bench)) is stops


def test_a_person_accepts_one_change_and_not_the_next(bench: Bench) -> None:
    put(bench, rows())
    first = bench.night("parish")
    put(bench, rows(100, 140))
    stale = ENTRY + "    expect: {accept_change: {from: v1999.01.01, because: the catalogue was moved}}\n"
    assert "meaning_is_kept" in refusal(bench, stale)
    right = stale.replace("v1999.01.01", first.tag)
    assert refusal(bench, right) == ""
    put(bench, rows(200, 240))
    assert "meaning_is_kept" in refusal(bench, right), "the line was about the release before"


def test_a_line_that_names_no_release_or_no_reason_is_a_fault(bench: Bench) -> None:
    for line in ("{from: v2026.01.01}", "{because: moved}", "true"):
        bench.write(ENTRY + f"    expect: {{accept_change: {line}}}\n")
        assert "parish" not in bench.catalog.sources
