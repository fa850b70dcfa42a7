"""What museums wrote, some sixty thousand values: read as their figures say; what is not read is of few shapes."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from biglam_pipeline.fields.dates import read_date
from biglam_pipeline.store.problems import Problems
from biglam_pipeline_tests.fields.test_date_rules import given_years
from biglam_pipeline_tests.fields.test_dates import assert_valid
from biglam_pipeline_tests.normalize.bundles import real_folder


def _rows(folder: str, name: str) -> Iterator[dict[str, str]]:
    with real_folder(folder, name)[name].open() as file:
        yield from csv.DictReader(io.StringIO(file.read().decode("utf-8-sig")))


def _years(text: str) -> list[int]:
    return [int(one) for one in re.findall(r"[0-9]{4}", text)]


@pytest.mark.slow  # fields/test_date_conventions.py has what museums write
@pytest.mark.parametrize(
    ("folder", "name", "column", "least"),
    [
        ("museum/moma", "Artists.csv", "ArtistBio", 0.985),
        ("museum/nga-opendata", "constituents.csv", "displaydate", 0.99),
        ("museum/tate", "artist_data.csv", "dates", 0.995),
        ("csv/bl-books-genre", "annotations.csv", "date_pub", 0.99),
    ],
)
def test_what_holds_figures_is_read(folder: str, name: str, column: str, least: float) -> None:
    values = [row[column] for row in _rows(folder, name) if re.search(r"[0-9]", row[column] or "")]
    readings = {value: read_date(value) for value in values}
    assert sum(readings[value].edtf is not None for value in values) >= least * len(values)
    shapes = {re.sub("[0-9]", "0", reading.edtf): reading.edtf for reading in readings.values() if reading.edtf}
    for edtf in shapes.values():
        assert_valid(edtf)
    problems = Problems()
    problems.update(f"date: {reading.problem}" for reading in readings.values() if reading.problem)
    assert len(problems) < 110


@pytest.mark.slow
def test_no_year_of_a_persons_line_is_one_that_the_line_does_not_hold() -> None:
    """Lines with years of four figures only, no centuries, decades or short ends: each end is one of them."""
    seen = 0
    for row in _rows("museum/nga-opendata", "constituents.csv"):
        line = row["displaydate"]
        if not re.fullmatch(r"(?:[^0-9]*[0-9]{4})+[^0-9]*", line) or re.search(r"(?i)[0-9]'?s|century|;", line):
            continue
        reading = read_date(line)
        seen += reading.edtf is not None
        for year in (reading.year_start, reading.year_end):
            assert year is None or year in _years(line), (line, reading)
    assert seen > 18_000


@pytest.mark.slow  # `test_no_year_is_invented` of fields/test_date_rules.py stays
def test_what_is_spoiled_is_read_from_its_own_figures_or_not_at_all() -> None:
    """Real lines cut, put together, turned round and re-lettered: no year without its characters, all EDTF valid."""
    chance = Random(8)
    lines = sorted({row["displaydate"] for row in _rows("museum/nga-opendata", "constituents.csv")})
    lines += sorted({row["date_pub"] or "" for row in _rows("csv/bl-books-genre", "annotations.csv")})
    shapes: dict[str, str] = {}
    for _ in range(4_000):
        line = _spoiled(chance, lines)
        reading = read_date(line)
        assert reading.edtf or reading.problem
        if reading.edtf is None:
            continue
        shapes[re.sub("[0-9]", "0", reading.edtf)] = reading.edtf
        years = {year for year in (reading.year_start, reading.year_end) if year is not None}
        assert years <= given_years(line), (line, reading)
    for edtf in shapes.values():
        assert_valid(edtf)


def _spoiled(chance: Random, lines: list[str]) -> str:
    line, other = chance.choice(lines), chance.choice(lines)
    place = chance.randrange(len(line) + 1)
    return chance.choice(
        (
            line[:place],
            line[place:],
            line[:place] + other[:place],
            line + chance.choice(("", " ", "; ", "/", "-", " - ", " or ", ", ")) + other,
            line[:place] + chance.choice("0-/?[](~X.,;–1") + line[place + 1 :],
            line.upper(),
            line.replace(" ", ""),
            line.replace("-", chance.choice("–/−—~")),
        )
    )


def test_a_zero_is_no_year() -> None:
    """MoMA's BeginDate and EndDate: EndDate is 0 for most of the artists, BeginDate for a quarter."""
    found: Counter[str] = Counter()
    for row in _rows("museum/moma", "Artists.csv"):
        begin, end = int(row["BeginDate"]), int(row["EndDate"])
        reading = read_date(f"{begin}/{end}")
        assert (reading.year_start or 0, reading.year_end or 0) == (begin, end), row
        found[reading.problem] += 1
    assert set(found) == {"", "no date"}


@pytest.mark.representative(1)  # larger museums
@pytest.mark.parametrize(
    ("folder", "name", "columns", "shape", "least"),
    [
        (
            "museum/tate",
            "artist_data.csv",
            ("dates", "yearOfBirth", "yearOfDeath"),
            r"(?:born |[0-9]{4}–)[0-9]{4}",
            0.99,
        ),
        (
            "museum/nga-opendata",
            "constituents.csv",
            ("displaydate", "beginyear", "endyear"),
            r".*[0-9]{4} - [0-9]{4}",
            0.99,
        ),
        ("museum/moma", "Artists.csv", ("ArtistBio", "BeginDate", "EndDate"), r".*(?:born|[0-9]{4}–).*[0-9]{4}", 0.99),
    ],
)
def test_the_years_of_a_museum_agree_with_its_own_words(
    folder: str, name: str, columns: tuple[str, str, str], shape: str, least: float
) -> None:
    """Three museums give the years as numbers beside the words; the rest are slips of the pen between the two."""
    same: Counter[bool] = Counter()
    for row in _rows(folder, name):
        words, begin, end = (row[column] for column in columns)
        years = tuple(int(one) or None if one else None for one in (begin, end))
        if not re.fullmatch(shape, words) or re.search(r"c\.|active|\?|/|probably", words) or None in years[:1]:
            continue
        reading = read_date(words)
        if reading.type == "born" and years[1] is not None:
            continue  # a gallery closes an open life a hundred years on
        same[(reading.year_start, reading.year_end) == years] += 1
    assert same[True] >= least * same.total() > 2_000
