"""A year beside which stands a word of something else: numbers, arrivals, other calendars, abbreviations, lives.

The values are the habits of the Met (credit lines), the British Museum (object numbers), K-samsöket and DigitaltMuseum,
Portuguese and Polish museums, MODS 3.7; each with the reading that was set down before it ran.
"""

import re

import pytest

from biglam_pipeline.fields import dates, lives
from biglam_pipeline.fields.date_asides import MAY_CHANGE_IT, NOT_THE_MAKING, NOTE_OF_ANOTHER_YEAR, OTHER_CALENDAR
from biglam_pipeline.fields.date_signs import say_edtf
from biglam_pipeline.fields.dates import is_stamp, read_date, read_dates


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "Number: 1850",
            "Order: 1850",
            "Folder: 1850",
            "Scan, 2010",
            "Loan: 1999",
            "INV: 1912",
            "MS, 1850",
            "ID: 1850",
        ),
        *("Rogers Fund, 1912", "Gift of J. Pierpont Morgan, 1917", "Purchase, 1999", "Ankauf, 1999", "Gåva, 1999"),
        *("Digitized, 2010", "Demolished, 1944", "Inv. Nr.; 1999", "1912,0403.1", "1912,0403", "1850,12"),
        *("SD-1850", "Bd-1850", "BR-1850", "1912-BR", "1912-B.R.", "NIL-1850"),
    ],
)
def test_the_number_or_the_arrival_of_a_thing_is_not_the_year_of_its_making(raw: str) -> None:
    """Spectrum and CDWA keep numbers, acquisition and loss apart from creation: unread and counted."""
    reading = read_date(raw)
    assert (reading.edtf, reading.year_start, reading.year_end) == (None, None, None)
    assert reading.problem.startswith("not read")


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "1340 (AH)",
            "1340 [AH]",
            "1340 (Hijri)",
            "1256 (H)",
            "1256 (هـ)",
            "1299 (Sh.)",
            "1500 (BP)",
            "5708 (Hebrew)",
        ),
        *("1340 (islamic calendar)", "1944 (destroyed)", "1999 (acquired)", "2010 (digitized)", "1850 (not)"),
        *("1850 (birth)", "1850 (death)", "300 eKr.", "b.c. 1850"),
    ],
)
def test_a_note_in_brackets_may_name_another_count_of_years_or_another_event(raw: str) -> None:
    """`eKr.` is before Christ in Finnish, and after in Swedish without its dot."""
    reading = read_date(raw)
    assert reading.edtf is None
    assert reading.problem


@pytest.mark.parametrize(
    ("raw", "start", "end"),
    [
        ("1850 (or later)", 1850, None),
        ("1850 (or earlier)", None, 1850),
        ("1850 (before)", None, 1850),
        ("1850 (after)", 1850, None),
        ("1890 (nach)", 1890, None),
        ("1500 (BC)", -1499, -1499),
        ("19. Jh. (Anfang)", 1800, 1833),
        ("1850 (made)", 1850, 1850),
        ("1850 (Berlin)", 1850, 1850),
        ("1850 (No. 3)", 1850, 1850),
    ],
)
def test_a_note_in_brackets_that_bounds_the_date_is_part_of_it(raw: str, start: int | None, end: int | None) -> None:
    """The words count as if they stood beside the date; other words in brackets say nothing of it."""
    reading = read_date(raw)
    assert (reading.year_start, reading.year_end) == (start, end)


def test_a_note_that_may_change_the_date_is_counted() -> None:
    """Not understood, and not overlooked."""
    assert read_date("1850 (terminus post quem)").problem == "words in brackets behind it that may change it"


@pytest.mark.parametrize(
    "raw",
    ["s. v.", "s.v.", "v.s.", "i.s.", "v. c.", "15 s.", "10 st.", "12 w.", "M.D.", "M. D.", "m.m.", "M.M.", "5 x 1850"],
)
def test_abbreviations_and_counts_of_pages_are_no_numerals(raw: str) -> None:
    """sub voce, vide supra, doctor of medicine, Swedish "med mera", "15 s." for pages."""
    assert read_date(raw).edtf is None


@pytest.mark.parametrize(
    ("raw", "edtf"),
    [
        ("s. XV", "14XX"),
        ("S. V", "04XX"),
        ("s. V a.C.", "-0499/-0400"),
        ("V w.", "04XX"),
        ("19 в.", "18XX"),
        ("19e s.", "18XX"),
        ("19. st.", "18XX"),
        ("20 X 1944", "1944-10-20"),
        ("M.DCCC.L.", "1850"),
        ("MM.DC", None),
    ],
)
def test_short_words_for_a_century_stand_beside_a_numeral(raw: str, edtf: str | None) -> None:
    """In capitals, or with the mark of an ordinal."""
    assert read_date(raw).edtf == edtf


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "do século XIX",
            "do séc. XVIII",
            "do final do século XIX",
            "na década de 1850",
            "na primeira metade do século XIX",
            "do ano 1850",
        ),
        *("fra 1800-tallet", "från 1800-talet", "från slutet av 1800-talet", "na początku XX w."),
        "from the 19th century",
    ],
)
def test_of_a_century_is_not_since_or_until_it(raw: str) -> None:
    """Portuguese "do", "na" are "of the", "in the"; Danish "fra 1800-tallet" is a thing of the 19th century."""
    assert read_date(raw).edtf is None


@pytest.mark.parametrize("raw", ["d. 5. maj 1850", "d. 5 maj 1850", "d. 12. december 1850"])
def test_the_fifth_of_may_is_no_day_of_death(raw: str) -> None:
    """Danish, Norwegian and Swedish "d." is "den"."""
    assert read_date(raw).edtf is None
    assert read_date("d. May 5, 1850").type == "died"


@pytest.mark.parametrize(
    "raw", ["1850-01-01 - 1860-12-31", "1888-05-01 1890-06-01", "1850-01-01 -1860", "1850-01-01 +2", "1850-12-31 23"]
)
def test_a_second_date_is_no_time_of_day(raw: str) -> None:
    """What stands behind a day is a time only with its colon or its T: else the second date was lost in silence."""
    reading = read_date(raw)
    assert (reading.edtf, is_stamp(raw)) in (
        ("1850-01-01/1860-12-31", False),
        ("1850-01-01/1860", False),
        (None, False),
    )
    assert reading.problem or reading.edtf


@pytest.mark.parametrize("raw", ["2017-05-02T16:09Z", "2017-05-02T16Z", "20170502T160919Z", "2017-05-02 16:09:19"])
def test_a_time_of_day_makes_a_stamp(raw: str) -> None:
    """ISO 8601 in its extended, basic and shortened forms."""
    assert is_stamp(raw)
    assert read_dates([raw, "2018"]).edtf == "2018"


@pytest.mark.parametrize("maker", ["born 1850", "d. 1870", "active 1850-1870", "American, 1850-1900", "founded 1850"])
def test_a_date_of_the_maker_is_not_chosen_beside_one_of_the_thing(maker: str) -> None:
    """Whoever was born in 1850 made nothing in that year."""
    for raws in ([maker, "1880"], ["1880", maker]):
        reading = read_dates(raws)
        assert (reading.edtf, reading.type) == ("1880", None)
        assert reading.problem == "several dates that differ, the earliest is taken"
    assert read_dates([maker]).edtf == read_date(maker).edtf


@pytest.mark.parametrize("other", ["Regency style", "l845", "-1937", "1850/9999"])
def test_f43_a_value_that_cannot_be_read_is_counted_beside_one_that_can(other: str) -> None:
    """Nothing unread goes uncounted; a way to have no date is no value."""
    reading = read_dates(["1850", other])
    assert (reading.edtf, reading.example) == ("1850", other)
    assert reading.problem.startswith("beside another: ")
    assert read_dates(["1850", "n.d."]).problem == ""


@pytest.mark.parametrize(
    ("raw", "edtf"),
    [
        ("3rd-2nd century B.C.", "-0299/-0100"),
        ("4.-3. Jh. v. Chr.", "-0399/-0200"),
        ("<1850", None),
        ("<1850>", "1850"),
        ("<1850->", "1850/.."),
        ("1887-[90]", None),
        ("1887- [v. 1, 1888]", "1887/.."),
        ("1850/", "1850/"),
        ("May 1, 1850/", "1850-05-01/"),
    ],
)
def test_one_era_holds_for_both_centuries_and_a_lone_angle_bracket_is_no_doubt(raw: str, edtf: str | None) -> None:
    """The Met's "3rd-2nd century B.C."; "<1850" is "before 1850" to some, and a torn bracket to others."""
    assert read_date(raw).edtf == edtf


@pytest.mark.parametrize(
    ("raw", "edtf"),
    [("-0001/0000", "-0001/0000"), ("0000/0100", "0000/0100"), ("0000", "0000"), ("1850/1900", "1850/1900")],
)
def test_year_0_is_1_bc_where_the_entry_says_edtf(raw: str, edtf: str) -> None:
    """EDTF level 0 counts 0000; without the step, databases write 0 for "none"."""
    assert read_date(say_edtf(raw)).edtf == edtf


@pytest.mark.parametrize(
    "raw", ["Dar es Salaam, 1950", "Sala, Sverige, 1850", "Box Hill, 1890", "Lot-et-Garonne, 1850", "Paris, 1850"]
)
def test_a_place_before_a_year_is_passed_over_and_counted(raw: str) -> None:
    """Some words for numbers and gifts are places too: they count alone ("Don, 1999")."""
    reading = read_date(raw)
    assert reading.precision == "year"
    assert reading.problem == "several dates or words in one field, the first date is taken"
    assert read_date("Don, 1999").edtf is None


WORDS = sorted(
    {
        word
        for pattern in (NOT_THE_MAKING, OTHER_CALENDAR, NOTE_OF_ANOTHER_YEAR, MAY_CHANGE_IT)
        for word in re.findall(r"[^\W\d_]{2,}", pattern.pattern)
    }
)
PLACES = (
    *("{}, 1850", "{}: 1850", "{} 1850", "1850 {}", "1850, {}", "1850 ({})", "1850-1860 [{}]", "{} (1850)"),
    *("Paris, {}, 1850", "American, {} 1850", "born 1850, {}", "{}, born 1850", "1850; {}; 1900"),
)


@pytest.mark.slow  # each word in each place; the words themselves stay, above
def test_no_word_beside_a_year_makes_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the words stand in no dictionary that was asked: whatever they are, they may only take a reading away."""
    texts = [place.format(word) for word in WORDS for place in PLACES]
    dates._read.cache_clear()
    with_words = [read_date(text) for text in texts]
    for module, name in (
        *((dates, name) for name in ("NOT_THE_MAKING", "OTHER_CALENDAR", "NOTE_OF_ANOTHER_YEAR", "MAY_CHANGE_IT")),
        (lives, "NOT_THE_MAKING"),
    ):
        monkeypatch.setattr(module, name, re.compile(r"(?!)"))
    dates._read.cache_clear()
    without = [read_date(text) for text in texts]
    dates._read.cache_clear()
    assert not [
        (text, one.edtf, other.edtf)
        for text, one, other in zip(texts, with_words, without, strict=True)
        if one.edtf is not None and one.edtf != other.edtf
    ]
    taken = sum(one.edtf is None and other.edtf is not None for one, other in zip(with_words, without, strict=True))
    assert taken > len(WORDS), "they do take readings away, or nothing was tried"
