"""The date columns of a row: which date, how it is known, and the original's date beside a reprint's."""

from typing import Any

import pytest
from lxml import etree

from biglam_pipeline.normalize.rows.dating import fill_dates
from biglam_pipeline.normalize.vocabularies.mods import read_mods
from biglam_pipeline_tests.normalize.bundles import read_one, reader, records

_DATE_COLUMNS = (
    *("date_raw", "date_edtf", "year_start", "year_end", "date_precision", "date_qualifier", "date_type"),
    *("year_evidence", "original_date_raw"),
)


def _row(raws: list[str], **given: Any) -> tuple[dict[str, Any], list[str]]:
    problems: list[str] = []
    row = dict.fromkeys(_DATE_COLUMNS) | given
    fill_dates(row, raws, problems)
    return row, problems


@pytest.mark.parametrize(
    ("raws", "said", "evidence"),
    [
        (["1850"], None, "record"),
        (["1850"], "imprint", "imprint"),
        (["1850-03-05"], "issue", "issue"),
        (["[1850?]"], "imprint", "guess"),
        (["ca. 1850"], None, "guess"),
        (["[1850]"], None, "guess"),
        (["19th century"], None, "record"),
        (["2012-05-01T10:11:12Z"], None, "none"),
        (["2012-05-01T10:11:12Z", "2012-05-02T10:11:12Z"], None, "none"),
        (["2012-05-01T10:11:12Z", "1850"], None, "record"),
        (["1850-03-05T10:11:12Z"], "imprint", "imprint"),
        (["1850"], "none", "none"),
        (["1850"], "something else", "record"),
        (["n.d."], None, None),
        (["-1937"], "imprint", None),
        ([], "imprint", None),
    ],
)
def test_how_the_year_is_known(raws: list[str], said: str | None, evidence: str | None) -> None:
    row, _ = _row(raws, year_evidence=said)
    assert row["year_evidence"] == evidence
    assert row["date_raw"] == (raws or None)


def test_where_only_stamps_stand_the_date_is_kept() -> None:
    row, _ = _row(["2012-05-01T10:11:12Z"])
    assert (row["date_edtf"], row["year_start"], row["year_evidence"]) == ("2012-05-01", 2012, "none")


def test_of_a_reprint_both_dates_are_kept() -> None:
    row, problems = _row(["1850 [reprint 1999]"])
    assert (row["date_raw"], row["year_start"], row["original_date_raw"]) == (["1850 [reprint 1999]"], 1999, ["1850"])
    row, problems = _row(["1999"], original_date_raw=["1850"])
    assert (row["year_start"], row["original_date_raw"], problems) == (1999, ["1850"], [])


def test_an_original_later_than_its_printing_is_counted() -> None:
    row, problems = _row(["1850"], original_date_raw=["2010"])
    assert row["original_date_raw"] == ["2010"]
    assert problems == ["original_date_raw: later than the date it should come before"]


def test_a_problem_carries_its_value_only_as_an_example() -> None:
    _, problems = _row(["Ashby, 1o78"])
    assert problems == ["date: not read; shape …, #…##\tAshby, 1o78"]


def _mods(inside: str) -> dict[str, list[str]]:
    return read_mods(etree.fromstring(f'<mods xmlns="http://www.loc.gov/mods/v3">{inside}</mods>'))


@pytest.mark.parametrize(
    ("inside", "raw", "evidence", "original"),
    [
        ("<originInfo><dateIssued>1873</dateIssued></originInfo>", ["1873"], "imprint", []),
        (
            "<originInfo><dateCreated>1850</dateCreated><dateIssued>1999</dateIssued></originInfo>",
            ["1999"], "imprint", ["1850"],
        ),
        ("<originInfo><dateCreated>1850</dateCreated></originInfo>", ["1850"], "record", []),
        ("<originInfo><dateIssued>1999</dateIssued><dateIssued keyDate='yes'>[1873?]</dateIssued></originInfo>",
         ["[1873?]"], "imprint", []),
        (("<originInfo><dateIssued point='start' encoding='marc'>1850</dateIssued>"
         "<dateIssued point='end' encoding='marc'>1860</dateIssued></originInfo>"), ["1850/1860"], "imprint", []),
        (("<originInfo><dateIssued point='start'>1901</dateIssued>"
         "<dateIssued point='end'>9999</dateIssued></originInfo>"),
         ["1901/.."], "imprint", []),
        ("<originInfo><dateIssued qualifier='questionable'>1873</dateIssued></originInfo>", ["1873?"], "imprint", []),
        ("<originInfo><dateIssued qualifier='inferred'>1873</dateIssued></originInfo>", ["[1873]"], "imprint", []),
        ("<originInfo><dateIssued qualifier='approximate'>1873</dateIssued></originInfo>", ["ca. 1873"], "imprint", []),
        (("<originInfo eventType='publication'><dateIssued>1784</dateIssued></originInfo>"
         "<originInfo eventType='digitization'><dateIssued keyDate='yes'>2012</dateIssued></originInfo>"),
         ["1784"], "imprint", []),
        (("<originInfo><edition>[Electronic ed.]</edition><dateIssued>2012</dateIssued></originInfo>"
         "<originInfo><dateIssued>1784</dateIssued></originInfo>"), ["1784"], "imprint", []),
        ("<originInfo><issuance>continuing</issuance><dateIssued>1824-02-17</dateIssued></originInfo>",
         ["1824-02-17"], "issue", []),
        ("<genre>newspaper</genre><originInfo><dateIssued>1824-02-17</dateIssued></originInfo>",
         ["1824-02-17"], "issue", []),
        (("<relatedItem type='host'><part><detail type='issue'/></part></relatedItem>"
         "<originInfo><dateIssued>1824-02-17</dateIssued></originInfo>"), ["1824-02-17"], "issue", []),
        ("<part><date>1824-02-17</date></part>", ["1824-02-17"], "issue", []),
        ("<originInfo><copyrightDate>1886</copyrightDate></originInfo>", ["c1886"], "imprint", []),
        (("<originInfo><dateIssued encoding='marc'>uuuu</dateIssued><dateIssued>[1850]</dateIssued></originInfo>"),
         ["[1850]"], "imprint", []),
        (("<originInfo><dateIssued point='start' encoding='w3cdtf'>1850</dateIssued>"
         "<dateIssued point='end'>1860</dateIssued></originInfo>"), ["1850/1860"], "imprint", []),
        ("<originInfo><dateIssued point='start'>May 1, 1850</dateIssued></originInfo>", ["May 1, 1850"], "imprint", []),
        ("<originInfo><dateIssued calendar='Islamic'>1340</dateIssued></originInfo>",
         ["1340 (islamic calendar)"], "imprint", []),
        ("<originInfo><dateIssued calendar='julian'>1640</dateIssued></originInfo>", ["1640"], "imprint", []),
    ],
)  # fmt: skip
def test_what_mods_says(inside: str, raw: list[str], evidence: str, original: list[str]) -> None:
    """https://www.loc.gov/standards/mods/userguide/origininfo.html"""
    found = _mods(inside)
    assert (found["date_raw"], found["year_evidence"], found["original_date_raw"]) == (raw, [evidence], original)


def test_mods_without_a_date_says_nothing_of_dates() -> None:
    assert not {"date_raw", "year_evidence", "original_date_raw"} & set(
        _mods("<titleInfo><title>T</title></titleInfo>")
    )


def test_a_table_can_say_where_its_years_come_from() -> None:
    made = reader(
        type="table",
        map={"id": "id", "date": "d >> until", "year_evidence": {"const": "imprint"}, "original_date_raw": "o"},
    )
    (record,) = records(read_one(made, "t.csv", b"id,d,o\n1,-1937,1850\n"))
    assert record.values["date_raw"] == ["until 1937"]
    assert (record.values["year_evidence"], record.values["original_date_raw"]) == ("imprint", ["1850"])


def test_only_known_words_say_where_years_come_from() -> None:
    with pytest.raises(ValueError, match="record, imprint, issue, guess, none"):
        reader(type="table", map={"id": "id", "year_evidence": {"const": "certain"}})
