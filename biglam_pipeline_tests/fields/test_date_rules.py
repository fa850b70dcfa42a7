"""Dates that are not invented: signs, zeros, open ends, doubt at its own end, EDTF as written, choice, shapes."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.fields.date_shapes import shape_of
from biglam_pipeline.fields.date_signs import say_bc, say_edtf, say_until
from biglam_pipeline.fields.dates import DateReading, is_only_stamps, read_date, read_dates
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.fields.test_dates import APPROXIMATE, BOTH, INFERRED, UNCERTAIN, assert_valid


def _read(raw: str) -> tuple[str | None, int | None, int | None]:
    reading = read_date(raw)
    return reading.edtf, reading.year_start, reading.year_end


# --- signs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    ["-1937", "-1850", "[-1937]", "-1850/1860", "-1850-1860", "\u22121937", "\u20101937", "-570/-490", "-1937?",
     "ca. -500",
     "-1937/..", "-1500-05", "--1937", "-19XX/-1850"],
)  # fmt: skip
def test_a_sign_before_a_year_is_not_read_without_a_step(raw: str) -> None:
    """`-1937` is "until 1937" to a cataloguer, 1937 BC in a museum's integers, 1938 BC in EDTF: unread and counted."""
    reading = read_date(raw)
    assert (reading.edtf, reading.year_start, reading.year_end) == (None, None, None)
    assert reading.problem.startswith("not read")
    assert reading.example == raw


def test_the_remedy_for_a_sign_is_named() -> None:
    assert (
        read_date("-1937").problem
        == "not read for its sign, which `>> until`, `>> bc` or `>> edtf` explains; shape -####"
    )
    assert read_date("[-1937]").problem.endswith("explains; shape [-####]")


@pytest.mark.parametrize(("raw", "edtf", "year"), [("-0044", "-0044", -44), ("-0752", "-0752", -752)])
def test_only_a_leading_zero_is_edtf_by_itself(raw: str, edtf: str, year: int) -> None:
    assert _read(raw) == (edtf, year, year)


@pytest.mark.parametrize(("raw", "edtf"), [("- 1937", "/1937"), ("–1937", "/1937"), ("– 1937", "/1937")])
def test_a_dash_that_cannot_be_a_minus_is_an_open_start(raw: str, edtf: str) -> None:
    assert _read(raw) == (edtf, None, 1937)


@pytest.mark.parametrize(
    ("say", "raw", "edtf", "start", "end"),
    [
        (say_bc, "-1937", "-1936", -1936, -1936),  # there is no year 0
        (say_bc, "-570/-490", "-0569/-0489", -569, -489),
        (say_bc, "-99/99", "-0098/0099", -98, 99),
        (say_bc, "69/140", "0069/0140", 69, 140),
        (say_bc, "140", "0140", 140, 140),
        (say_bc, "-570.0", "-0569", -569, -569),
        (say_bc, "-1", "0000", 0, 0),
        (say_bc, "0/1950", "/1950", None, 1950),
        (say_bc, "1930/0", "1930/..", 1930, None),
        (say_bc, "ca. 1850", "1850~", 1850, 1850),
        (say_bc, "1985-04-12", "1985-04-12", 1985, 1985),
        (say_edtf, "-1937", "-1937", -1937, -1937),
        (say_edtf, "-1937/-1900", "-1937/-1900", -1937, -1900),
        (say_edtf, "../-1937", "../-1937", None, -1937),
        (say_edtf, "-1937?", "-1937?", -1937, -1937),
        (say_edtf, "1921-23", "1921-23", 1921, 1921),
        (say_edtf, "ca. 1850", "1850~", 1850, 1850),
        (say_until, "-1937", "/1937", None, 1937),
        (say_until, "[-1937]", "/1937", None, 1937),
        (say_until, "-[1937?]", "/1937?", None, 1937),
        (say_until, "1937", "1937", 1937, 1937),
    ],
)
def test_a_step_says_what_the_sign_means(say, raw: str, edtf: str, start: int | None, end: int | None) -> None:  # type: ignore[no-untyped-def]
    assert _read(say(raw)) == (edtf, start, end)
    assert_valid(edtf)


# --- zeros and open ends ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "edtf", "start", "end"),
    [
        ("1965/0", "1965/..", 1965, None),
        ("1930/0", "1930/..", 1930, None),
        ("1965-0", "1965/..", 1965, None),
        ("1965 - 0", "1965/..", 1965, None),
        ("1965/0000", "1965/..", 1965, None),
        ("0/1950", "/1950", None, 1950),
        ("0000/1950", "/1950", None, 1950),
        ("0-1950", "/1950", None, 1950),
        ("1999/00", "1999/2000", 1999, 2000),
        ("1893/1983", "1893/1983", 1893, 1983),
        ("1936/nan", "1936/", 1936, None),
        ("None/1950", "/1950", None, 1950),
    ],
)
def test_0_is_no_year(raw: str, edtf: str, start: int | None, end: int | None) -> None:
    """Databases write 0 for "none": MoMA's BeginDate and EndDate."""
    assert _read(raw) == (edtf, start, end)


@pytest.mark.parametrize("raw", ["0/0", "0", "0000", "0-0", "00/00", "0000-00-00", "0000/0000"])
def test_nothing_but_zeros_is_no_date(raw: str) -> None:
    assert read_date(raw) == DateReading(problem="no date")


@pytest.mark.parametrize("raw", ["1930/00", "1950-00", "1965/000"])
def test_a_turn_of_the_century_is_no_abbreviation_of_thirty_years(raw: str) -> None:
    assert read_date(raw).edtf is None


@pytest.mark.parametrize(
    ("raw", "edtf"),
    [
        ("until 1937", "/1937"), ("before 1937", "/1937"), ("died 1937", "/1937"), ("?-1937", "/1937"),
        ("../1937", "../1937"),  # as written: all time before
        ("1937-", "1937/.."), ("1937–present", "1937/.."), ("since 1937", "1937/.."), ("born 1937", "1937/.."),
        ("1937-?", "1937/"), ("1937–unknown", "1937/"), ("1742–after 1937", "1742/"),
    ],
)  # fmt: skip
def test_an_unknown_end_is_no_open_end(raw: str, edtf: str) -> None:
    """A start that nobody knows is /1937, an end still running 1937/.., an end that nobody knows 1937/."""
    assert read_date(raw).edtf == edtf
    assert_valid(edtf)


# --- doubt ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "edtf", "qualifier"),
    [
        ("c.1630–1665", "1630~/1665", APPROXIMATE),
        ("1630–c.1665", "1630/1665~", APPROXIMATE),
        ("?1626–1704", "1626?/1704", UNCERTAIN),
        ("1626–1704?", "1626/1704?", UNCERTAIN),
        ("1626?–c. 1704", "1626?/1704~", BOTH),
        ("British, c. 1755/1761 - 1802", "1755~/1802", APPROXIMATE),
        ("1767 or 8–1847", "1767?/1847", UNCERTAIN),
        ("1544 - 1573/1574", "1544/1574?", UNCERTAIN),
        ("1839-[1847]", "1839/1847", INFERRED),
        ("[1850?]-1860", "1850?/1860", UNCERTAIN),
        ("ca. 1550–70", "1550~/1570~", APPROXIMATE),  # the second is no date without the first
        ("circa (1550-1570)", "1550~/1570~", APPROXIMATE),
        ("[between 1846 and 1853?]", "1846?/1853?", UNCERTAIN),  # RDA: the words hold the two together
    ],
)
def test_doubt_about_one_end_stays_at_that_end(raw: str, edtf: str, qualifier: str) -> None:
    reading = read_date(raw)
    assert (reading.edtf, reading.qualifier) == (edtf, qualifier)
    assert_valid(edtf)


# --- EDTF as written ---------------------------------------------------------------------------------------------

# Every example of levels 0 and 1 of the specification that does not begin with a sign and lies in our bounds.
SPECIFIED = [
    "1985-04-12", "1985-04", "1985", "1964/2008", "2004-06/2006-08", "2004-02-01/2005-02-08", "2004-02-01/2005-02",
    "2004-02-01/2005", "2005/2006-02", "2001-21", "1984?", "2004-06~", "2004-06-11%", "201X", "20XX", "2004-XX",
    "1985-04-XX", "1985-XX-XX", "1985-04-12/..", "1985-04/..", "1985/..", "../1985-04-12", "../1985-04", "../1985",
    "1985-04-12/", "1985-04/", "1985/", "/1985-04-12", "/1985-04", "/1985", "1984~/2004-06", "1984/2004-06~",
    "1984~/2004~", "1984-06?/2004-08?", "1984-06-02?/2004-08-08~", "1984?/2004%", "-0044/0014", "-0044/..",
    "-0044-03-15",     "18XX?", "186X~", "19XX", "-00XX",
]  # fmt: skip


@pytest.mark.parametrize("edtf", SPECIFIED)
def test_what_is_valid_edtf_is_read_as_written(edtf: str) -> None:
    """https://www.loc.gov/standards/datetime/: levels 0 and 1."""
    assert_valid(edtf)
    reading = read_date(edtf)
    assert reading.edtf == edtf
    assert reading.problem == ("a season, or two years" if edtf == "2001-21" else "")
    assert reading.year_start is not None or reading.year_end is not None


def test_a_year_that_no_column_holds_is_edtf_without_years() -> None:
    for edtf in ("Y-17000002", "Y170000002"):
        assert_valid(edtf)
        reading = read_date(edtf)
        assert (reading.edtf, reading.year_start, reading.year_end) == (edtf, None, None)
        assert "beyond" in reading.problem


@pytest.mark.parametrize(
    "raw", ["1985-04-12T23:20:30", "1985-04-12T23:20:30Z", "1985-04-12T23:20:30-04", "1985-04-12T23:20:30+04:30"]
)
def test_of_a_time_the_day_is_kept(raw: str) -> None:
    assert _read(raw) == ("1985-04-12", 1985, 1985)


@pytest.mark.parametrize(
    "raw", ["1985-02-30", "1985-13", "1985-25", "156X-12-25", "2004/2003", "..", "../..", "/", "XXXX", "-0000"]
)
def test_what_is_not_of_these_levels_is_not_passed_through(raw: str) -> None:
    assert read_date(raw).edtf is None


def test_two_years_that_may_be_a_season_or_a_month_are_counted() -> None:
    """1921-23 is autumn in EDTF, and three years in most catalogues; 1905-06 is June in ISO 8601."""
    years, season, month = read_date("1921-23"), read_date("2001-21"), read_date("1905-06")
    assert (years.edtf, season.edtf, month.edtf) == ("1921/1923", "2001-21", "1905-06")
    assert years.problem
    assert month.problem
    assert read_date("1905-08").problem == ""


_YEARS = st.integers(1000, 2100).map(str)
_PRECISE = st.one_of(
    _YEARS,
    st.dates().filter(lambda day: 1000 <= day.year <= 2100).map(str),
    st.dates().filter(lambda day: 1000 <= day.year <= 2100).map(lambda day: str(day)[:7]),
)
_QUALIFIED = st.tuples(_PRECISE, st.sampled_from(("", "?", "~", "%"))).map("".join)
_ENDS = st.one_of(_QUALIFIED, st.sampled_from(("", "..")))


@examples(400)
@given(st.one_of(_QUALIFIED, st.tuples(_ENDS, _ENDS).map("/".join)))
def test_any_edtf_of_years_months_and_days_is_read_as_written(edtf: str) -> None:
    """Where it names a year, and does not end before it begins."""
    years = [int(one) for one in re.findall(r"[0-9]{4}", edtf)]
    reading = read_date(edtf)
    if not years:
        assert reading.edtf is None
        return
    if reading.edtf is None:
        assert years[0] >= years[-1]
        assert edtf.count("/") == 1
        return
    assert reading.edtf == edtf
    assert reading.year_start in (years[0], None)
    assert reading.year_end in (years[-1], None)


# --- choosing among several --------------------------------------------------------------------------------------


def test_a_stamp_with_a_time_of_day_is_never_chosen_while_another_date_stands() -> None:
    """DSpace sends accessioned and available beside issued: the first two have a time of day."""
    stamps = ["2012-05-01T10:11:12Z", "2012-05-02T08:00:00Z"]
    assert read_dates([*stamps, "2015"]).edtf == "2015"
    assert read_dates([*stamps, "1850"]).problem == ""
    assert read_dates(["2012-05-01 10:11:12", "c. 1850"]).edtf == "1850~"
    assert read_dates([*stamps, "n.d."]).edtf == "2012-05-01"


def test_of_the_rest_the_earliest_is_chosen_and_a_difference_counted() -> None:
    reading = read_dates(["1999", "1850", "1900"])
    assert (reading.edtf, reading.problem) == ("1850", "several dates that differ, the earliest is taken")
    assert reading.example == "1999 | 1850 | 1900"
    assert read_dates(["1850", "1850"]).problem == ""


def test_a_finer_date_of_the_same_year_agrees_with_a_coarser_one() -> None:
    reading = read_dates(["1889", "1889-03-05", "1889-03"])
    assert (reading.edtf, reading.problem) == ("1889-03-05", "")


def test_the_end_of_an_embargo_is_no_date_of_the_thing() -> None:
    """OpenAIRE guidelines: dc:date holds `info:eu-repo/date/embargoEnd/YYYY-MM-DD`."""
    assert read_dates(["info:eu-repo/date/embargoEnd/2009-05-12", "2010"]).edtf == "2010"


def test_only_stamps() -> None:
    assert is_only_stamps(["2012-05-01T10:11:12Z"])
    assert is_only_stamps(["2012-05-01T10:11:12Z", "n.d."])
    assert not is_only_stamps(["2012-05-01T10:11:12Z", "1850"])
    assert not is_only_stamps(["n.d."])


def test_an_unread_date_is_not_passed_over_for_a_later_one() -> None:
    """ "1861-72 v. 3, c1873": c1873 is not the first date."""
    assert _read("1861-72 v. 3, c1873") == ("1861/1872", 1861, 1872)
    assert _read("1o61, c1873") == (None, None, None)
    assert _read("1984 printing, c1982") == ("1984", 1984, 1984)
    assert _read("destroyed, 1944") == (None, None, None)
    assert _read("circa;1812;;") == ("1812~", 1812, 1812)


# --- reprints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "year", "original"),
    [
        ("1850 [reprint 1999]", 1999, "1850"),
        ("[1850] (reprinted 1999)", 1999, "1850"),
        ("1850, Nachdr. 1999", 1999, "1850"),
        ("1999 (reprint of 1850)", 1999, "1850"),
        ("1999 [Nachdr. d. Ausg. 1850]", 1999, "1850"),
        ("1999 [originally published 1850]", 1999, "1850"),
        ("[reprint 1999]", 1999, ""),
        ("Reprint 1999", 1999, ""),
    ],
)
def test_of_a_reprint_the_printing_counts_and_the_other_is_kept(raw: str, year: int, original: str) -> None:
    reading = read_date(raw)
    assert (reading.year_start, reading.year_end, reading.original) == (year, year, original)


# --- people ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "edtf", "kind"),
    [
        ("born 1930", "1930/..", "born"), ("b. 1930", "1930/..", "born"), ("Spanish, born 1936", "1936/..", "born"),
        ("American, born Uruguay, 1930", "1930/..", "born"), ("American, born Germany 1918", "1918/..", "born"),
        ("American, born Germany. 1899–1994", "1899/1994", None), ("born ca. 1958", "1958~/..", "born"),
        ("British, born Germany, 1919–2000", "1919/2000", None), ("born March 22, 1937", "1937-03-22/..", "born"),
        ("born 1967/1968", "1967?/..", "born"), ("geb. 1930, gest. 1999", "1930/1999", None),
        ("born 1900, died after 1950", "1900/", None), ("died c. 1483", "/1483~", "died"),
        ("active 1787–1808", "1787/1808", "active"), ("active c. 1781 - active 1823", "1781~/1823", "active"),
        ("Japanese, active late 18th century", "17XX", "active"), ("fl. 1780", "1780", "active"),
        ("established 1999", "1999/..", "established"), ("USA, est. 1843", "1843/..", "established"),
        ("American, est. 1957 - closed 1996", "1957/1996", "established"), ("founded 1370s", "1370/..", "established"),
        ("he: 1928 - 2005", "1928/2005", None), ("American, 1923 - 2013", "1923/2013", None),
        ("New Zealander, 1923 - 2013", "1923/2013", None), ("before 1730–1788", "/1788", None),
    ],
)  # fmt: skip
def test_a_line_about_a_person(raw: str, edtf: str, kind: str | None) -> None:
    reading = read_date(raw)
    assert (reading.edtf, reading.type, reading.problem) == (edtf, kind, "")
    assert_valid(edtf)


# --- shapes ------------------------------------------------------------------------------------------------------


def test_a_problem_is_reported_by_shape_and_never_by_value() -> None:
    found = {read_date(f"{name} in {year}").problem for name in ("Ashby", "Rowe", "Nuñez") for year in (1850, 1951)}
    assert found == {"not read; shape … in ####"}
    assert shape_of("born Anna Maria Rowe 1930") == "born … ####"
    assert shape_of("12 Mai 1850, verloren") == "## MONTH ####, …"


@given(st.text(max_size=300))
def test_a_shape_holds_no_word_that_is_not_of_dates(raw: str) -> None:
    shape = shape_of(raw)
    assert len(shape) <= 48
    assert not re.search(r"[0-9]", shape)


# --- any input ---------------------------------------------------------------------------------------------------

_PIECES = (
    *(
        "1850",
        "1789",
        "1937",
        "44",
        "0",
        "18",
        "186",
        "19th century",
        "XIX",
        "MDCCC",
        "-",
        "–",
        "/",
        "?",
        "~",
        "[",
        "]",
    ),
    *("ca. ", "c", "before ", "after ", " or ", "..", "X", "born ", "died ", "active ", "American, ", " BC", "An VII"),
    *(" May ", ", ", "; ", "reprint ", "s", "1800-tallet", "until ", "née ", "до ", "zwischen ", " und ", "2. Hälfte "),
    *(
        "-talets ",
        "slut",
        "-luvun ",
        "loppu",
        "secc. ",
        "lata 20. ",
        "XX w.",
        "18..",
        "185.",
        "CIƆ",
        "le ",
        " ff.",
        "D.L. ",
    ),
)


def given_years(raw: str) -> set[int]:
    """Every year that the text gives, found without the reader: figures, short ends, numerals, centuries."""
    figures = [int(one) for one in re.findall(r"[0-9]+", raw) if len(one) <= 4]
    years = set(figures) | {1 - one for one in figures} | {-one for one in figures}
    runs = re.findall(r"[0-9]{4}", raw) + re.findall(r"[0-9]{4}", re.sub(r"[\[\]]", "", raw))
    years |= {int(one) for one in runs}
    for first in {int(one) for one in runs}:
        for digits in re.findall(r"[0-9]{1,3}", raw):
            step = 10 ** len(digits)
            years |= {first // step * step + int(digits), first // step * step + int(digits) + step}
        years |= set(range(first // 10 * 10, first // 10 * 10 + 10)) if "s" in raw.casefold() else set()
    for one in re.findall(r"[0-9]{3}", raw):
        years |= set(range(int(one) * 10, int(one) * 10 + 10))
    for one in [*re.findall(r"[0-9]{2}", raw), *re.findall(r"[0-9]", raw)]:
        years |= {*range(int(one) * 100 - 100, int(one) * 100 + 101), *range(1 - int(one) * 100, 101 - int(one) * 100)}
    if re.search(r"(?i)[ivxmdcl]{2}|[ivx]", raw):
        years |= set(range(1700, 1900)) | set(range(1000))  # MDCCC, XIX and their parts; An VII
    years |= set(range(1900, 2000)) if "XX" in raw.upper() else set()
    if "Ɔ" in raw:
        years |= set(range(1000, 1000 * raw.count("Ɔ") + 1000))  # CIƆ is M; DCCC may stand behind it
    return years


@examples(600)
@given(st.lists(st.sampled_from(_PIECES), max_size=7).map("".join))
def test_no_year_is_invented(raw: str) -> None:
    reading = read_date(raw)
    if reading.edtf is None:
        return
    assert_valid(reading.edtf)
    years = {year for year in (reading.year_start, reading.year_end) if year is not None}
    assert years <= given_years(raw), (raw, reading)


@examples(300)
@given(st.text(max_size=200))
def test_any_text_is_read_or_counted(raw: str) -> None:
    reading = read_date(raw)
    assert reading.problem or reading.edtf
    assert reading == read_date(raw)


def _long() -> Iterator[str]:
    for piece in (*_PIECES, "1850-", "1850;", "a, ", "(", " ", "\t", "x", "born born ", "1850 or "):
        yield piece * (100_000 // len(piece))
    yield " " * 99_996 + "1850"


def test_a_hundred_thousand_characters_take_no_time_and_no_memory() -> None:
    began = time.process_time()
    for raw in _long():
        assert read_date(raw).edtf is None
        assert len(json.dumps(read_date(raw).problem)) < 100
    assert time.process_time() - began < 5
