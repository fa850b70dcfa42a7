"""Dates as cataloguers write them, each with its EDTF and the years it covers."""

import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.fields.calendars import republican_year, roman
from biglam_pipeline.fields.dates import DateReading, read_date, read_dates


@cache
def edtf_parser() -> tuple[Callable[[str], Any], type[Exception]]:
    with warnings.catch_warnings():  # edtf 5.0.2 names the results of a pyparsing Or while it is imported
        warnings.filterwarnings("ignore", message="warn_multiple_tokens_in_named_alternation")
        edtf = import_module("edtf")
    return edtf.parse_edtf, edtf.parser.edtf_exceptions.EDTFParseException


@cache
def _refusal(edtf: str | None) -> str:
    """What the parser says of it: to parse one takes it a hundredth of a second, and most dates come again."""
    parse, refused = edtf_parser()
    try:
        parse(edtf)
    except refused as error:
        return str(error) or "refused"
    return ""


def assert_valid(edtf: str | None) -> None:
    if said := _refusal(edtf):
        pytest.fail(f"{edtf}: {said}")


APPROXIMATE, UNCERTAIN, BOTH, INFERRED = "approximate", "uncertain", "approximate_uncertain", "inferred"

GOLDEN: list[tuple[str, str, int | None, int | None, str, str | None]] = [
    ("1870", "1870", 1870, 1870, "year", None),
    ("[1870]", "1870", 1870, 1870, "year", INFERRED),
    ("[ca. 1870?]", "1870%", 1870, 1870, "year", BOTH),
    ("um 1870", "1870~", 1870, 1870, "year", APPROXIMATE),
    ("vers 1870", "1870~", 1870, 1870, "year", APPROXIMATE),
    ("circa 1870", "1870~", 1870, 1870, "year", APPROXIMATE),
    ("c 1870", "1870~", 1870, 1870, "year", APPROXIMATE),
    ("1870?", "1870?", 1870, 1870, "year", UNCERTAIN),
    ("c1905", "1905", 1905, 1905, "year", None),
    ("©1905", "1905", 1905, 1905, "year", None),
    ("p1905", "1905", 1905, 1905, "year", None),
    ("18--", "18XX", 1800, 1899, "century", None),
    ("18uu", "18XX", 1800, 1899, "century", None),
    ("18XX", "18XX", 1800, 1899, "century", None),
    ("19th century", "18XX", 1800, 1899, "century", None),
    ("19. Jh.", "18XX", 1800, 1899, "century", None),
    ("XIXe s.", "18XX", 1800, 1899, "century", None),
    ("siglo XIX", "18XX", 1800, 1899, "century", None),
    ("nineteenth century", "18XX", 1800, 1899, "century", None),
    ("18--?", "18XX?", 1800, 1899, "century", UNCERTAIN),
    ("186-", "186X", 1860, 1869, "decade", None),
    ("186?", "186X", 1860, 1869, "decade", None),
    ("1860s", "186X", 1860, 1869, "decade", None),
    ("186u", "186X", 1860, 1869, "decade", None),
    ("[186-?]", "186X?", 1860, 1869, "decade", UNCERTAIN),
    ("c. 1920s", "192X~", 1920, 1929, "decade", APPROXIMATE),
    ("1850-1860", "1850/1860", 1850, 1860, "range", None),
    ("1850/1860", "1850/1860", 1850, 1860, "range", None),
    ("1844-45", "1844/1845", 1844, 1845, "range", None),
    ("1918/19", "1918/1919", 1918, 1919, "range", None),
    ("1999/00", "1999/2000", 1999, 2000, "range", None),
    ("between 1835 and 1840", "1835/1840", 1835, 1840, "range", None),
    ("[between 1835 and 1840]", "1835/1840", 1835, 1840, "range", INFERRED),
    ("entre 1835 et 1840", "1835/1840", 1835, 1840, "range", None),
    ("zwischen 1835 und 1840", "1835/1840", 1835, 1840, "range", None),
    ("1893, c1892", "1893", 1893, 1893, "year", None),
    ("1866 [i.e. 1867]", "1867", 1867, 1867, "year", None),
    ("1999 or 2000", "1999/2000", 1999, 2000, "range", None),
    ("MDCCCXLV", "1845", 1845, 1845, "year", None),
    ("MDCCXCIII [1793]", "1793", 1793, 1793, "year", None),
    ("before 1880", "/1880", None, 1880, "range", None),
    ("after 1880", "1880/..", 1880, None, "range", None),
    ("1901-", "1901/..", 1901, None, "range", None),
    ("mid 19th c.", "18XX", 1834, 1866, "century", None),
    ("mid-19th century", "18XX", 1834, 1866, "century", None),
    ("2nd half 19th c.", "18XX", 1850, 1899, "century", None),
    ("2. Hälfte 19. Jh.", "18XX", 1850, 1899, "century", None),
    ("late 19th c.", "18XX", 1867, 1899, "century", None),
    ("fin XIXe s.", "18XX", 1867, 1899, "century", None),
    ("18th-19th century", "1700/1899", 1700, 1899, "range", None),
    ("late 18th - early 19th century", "1767/1833", 1767, 1833, "range", None),
    ("5. Januar 1889", "1889-01-05", 1889, 1889, "day", None),
    ("5 janv. 1889", "1889-01-05", 1889, 1889, "day", None),
    ("5 de enero de 1889", "1889-01-05", 1889, 1889, "day", None),
    ("5 gennaio 1889", "1889-01-05", 1889, 1889, "day", None),
    ("5 januari 1889", "1889-01-05", 1889, 1889, "day", None),
    ("January 5, 1889", "1889-01-05", 1889, 1889, "day", None),
    ("Monday, 5 January 1889", "1889-01-05", 1889, 1889, "day", None),
    ("01/05/1889", "1889", 1889, 1889, "year", None),
    ("25/12/1889", "1889-12-25", 1889, 1889, "day", None),
    # Year VII was a leap year of 366 days: year VIII began on 23 September 1799.
    ("An VII", "1798-09-22/1799-09-22", 1798, 1799, "range", None),
    ("44 BC", "-0043", -43, -43, "year", None),
    ("-0044", "-0044", -44, -44, "year", None),
    # the British Library's books, Tate, MoMA, METS, EDM, LIDO, DPLA
    ("MDCCCXL", "1840", 1840, 1840, "year", None),
    ("M.DCCC.XXVII.", "1827", 1827, 1827, "year", None),
    ("July 1855", "1855-07", 1855, 1855, "month", None),
    ("c.1952–4", "1952~/1954~", 1952, 1954, "range", APPROXIMATE),
    ("?c.1805–10", "1805%/1810%", 1805, 1810, "range", BOTH),
    ("1825, reprinted 1874", "1825", 1825, 1825, "year", None),
    ("exhibited 1843", "1843", 1843, 1843, "year", None),
    ("before 1800", "/1800", None, 1800, "range", None),
    ("02.05.1924", "1924-05-02", 1924, 1924, "day", None),
    ("15. Dezember 1847", "1847-12-15", 1847, 1847, "day", None),
    ("17621207", "1762-12-07", 1762, 1762, "day", None),
    ("16XX", "16XX", 1600, 1699, "century", None),
    ("190X", "190X", 1900, 1909, "decade", None),
    ("1844-1848 [v. 2, 1845; v. 9, 1847]", "1844/1848", 1844, 1848, "range", None),
    (";1895 (circa) - 1934", "1895~/1934", 1895, 1934, "range", APPROXIMATE),
    ("2007-11 2007-11", "2007-11", 2007, 2007, "month", None),
    ("1881; 1882", "1881", 1881, 1881, "year", None),
    ("1903 1906", "1903", 1903, 1903, "year", None),
    ("1940-12-01T08:00:00Z", "1940-12-01", 1940, 1940, "day", None),
    ("2000s (2000-2009); Twenty-first century, C. E.;", "200X", 2000, 2009, "decade", None),
    # ISO 8601 and EDTF itself
    ("1889-01", "1889-01", 1889, 1889, "month", None),
    ("1889-01-05", "1889-01-05", 1889, 1889, "day", None),
    ("1889-01-05 10:00:00", "1889-01-05", 1889, 1889, "day", None),
    ("1889-01-05/1889-02-03", "1889-01-05/1889-02-03", 1889, 1889, "range", None),
    ("1890~/1895?", "1890~/1895?", 1890, 1895, "range", BOTH),
    ("../1890", "../1890", None, 1890, "range", None),
    ("1890/..", "1890/..", 1890, None, "range", None),
    ("2017-05-02 16:09:19 +0000", "2017-05-02", 2017, 2017, "day", None),
    # other habits of cataloguers
    ("01-Jan-1930", "1930-01-01", 1930, 1930, "day", None),
    ("circa late 1800s", "18XX~", 1867, 1899, "century", APPROXIMATE),
    ("built c. 1685", "1685~", 1685, 1685, "year", APPROXIMATE),
    ("18[93]", "1893", 1893, 1893, "year", INFERRED),
    ("1905-06", "1905-06", 1905, 1905, "month", None),
    ("1860s-1870s", "1860/1879", 1860, 1879, "range", None),
    ("1800s", "18XX", 1800, 1899, "century", None),
    ("London, 1855", "1855", 1855, 1855, "year", None),
    ("200 BC-100 BC", "-0199/-0099", -199, -99, "range", None),
]


@pytest.mark.parametrize("raw, edtf, start, end, precision, qualifier", GOLDEN)
def test_golden(raw: str, edtf: str, start: int | None, end: int | None, precision: str, qualifier: str | None) -> None:
    reading = read_date(raw)
    assert (reading.edtf, reading.year_start, reading.year_end) == (edtf, start, end)
    assert (reading.precision, reading.qualifier) == (precision, qualifier)
    assert_valid(edtf)


@pytest.mark.parametrize(
    "raw", ["n.d.", "s.a.", "s.d.", "o.J.", "undated", "NONE", "date not known", "[n.d.]", "0", ""]
)
def test_no_date(raw: str) -> None:
    assert read_date(raw) == DateReading(problem="no date")


@pytest.mark.parametrize(
    "raw",
    [
        "1uuu", "1o78", "l845", "est. 1953", "820221", "843",
        "????? ????????? XV ?. ? 1525.", "1889-02-30", "1889-13-01", "1850-1840", "3500", "-5000", "MILD", "9" * 400,
    ],
)  # fmt: skip
def test_no_guess(raw: str) -> None:
    reading = read_date(raw)
    assert (reading.edtf, reading.year_start, reading.year_end, reading.precision) == (None, None, None, None)
    assert reading.problem


@pytest.mark.parametrize(
    "raw, kind",
    [
        ("c1905", "copyright"),
        ("© 1905", "copyright"),
        ("p1905", "copyright"),
        ("exhibited 1843", "exhibited"),
        ("1905", None),
    ],
)
def test_type(raw: str, kind: str) -> None:
    assert read_date(raw).type == kind
    assert read_date("1905").type is None


def test_doubts_are_reported() -> None:
    assert read_date("01/05/1889").problem == "day and month may be exchanged"
    assert read_date("05/05/1889") == read_date("1889-05-05")
    assert "first date is taken" in read_date("1881; 1882").problem
    assert read_date("1881").problem == ""


def test_several_values() -> None:
    assert read_dates(["n.d.", "c. 1850", "1851"]).edtf == "1850~"
    assert "earliest" in read_dates(["1851", "1850"]).problem
    assert read_dates(["n.d.", "gibberish"]).problem == "no date"
    assert read_dates([]).problem == "no date"


def test_numerals_and_the_republic() -> None:
    assert [roman(text) for text in ("IV", "MCMXCIX", "mdcccxxxx", "IC", "", "abc")] == [
        4,
        1999,
        1840,
        None,
        None,
        None,
    ]
    for year in range(1, 14):
        days, following = republican_year(year), republican_year(year + 1)
        assert days is not None
        assert following is not None
        assert (following[0] - days[1]).days == 1
        assert (following[0] - days[0]).days == (366 if year in (3, 7, 11) else 365)
    assert republican_year(0) is None
    assert republican_year(15) is None


PIECES = st.sampled_from(
    (
        *("18", "1850", "186", "-", "–", "/", "?", "~", "%", "[", "]", "ca. ", "c", "before ", "after ", " or ", ".."),
        *("X", "u", "19th", " century", "late ", "XIX", " BC", "An ", "VII", "5 ", "May ", ".", ", ", "; ", "(", ")"),
        *("0", "9999", "s"),
    )
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=7).map("".join)))
def test_is_total_and_what_it_says_is_edtf(raw: str) -> None:
    reading = read_date(raw)
    if reading.edtf is None:
        assert reading.problem
        assert (reading.year_start, reading.year_end) == (None, None)
        return
    assert_valid(reading.edtf)
    assert reading.precision in ("day", "month", "season", "year", "decade", "century", "range")
    years = [year for year in (reading.year_start, reading.year_end) if year is not None]
    assert years == sorted(years)
    assert years
    assert all(-3000 <= year <= 2100 for year in years)


@given(st.integers(-3000, 2100))
def test_a_year_stays_itself(year: int) -> None:
    text = f"{year:05d}" if year < 0 else f"{year:04d}"
    reading = read_date(text)
    # year 0 is what databases write for "none"; a sign means three things, unless a leading zero says EDTF
    known = year > 0 or -1000 < year < 0
    assert (reading.edtf, reading.year_start) == ((text, year) if known else (None, None))


@given(st.dates())
def test_a_day_stays_itself(day: Any) -> None:
    assert read_date(day.isoformat()).edtf in (day.isoformat(), None)
    if day.year <= 2100:
        assert read_date(day.isoformat()).edtf == day.isoformat()
