"""A large file of ISO 2709 is cut where a record ends, and read in stretches it gives what it gives as a whole."""

import random

import pytest

from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.stretching import NotCut, Sizes
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline_tests.normalize.bundles import item, reader
from biglam_pipeline_tests.normalize.formats.marc_records import WHALE, iso2709
from biglam_pipeline_tests.normalize.stretches import Said
from biglam_pipeline_tests.normalize.stretches import said as said_by
from biglam_pipeline_tests.normalize.stretches import stretches as cut_by

SMALL = Sizes(above=2000, least=1500, spread=1500, most=6000, block=2500)
MARC = reader(type="marc")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "SIZES", SMALL)


def record(number: int, more: str = "", *, leader: str = "     cam a22     7a 4500", encoding: str = "utf-8") -> bytes:
    fields = [("001", f"n{number:05d}"), *WHALE[1:6], ("245", f"10$aTitle {number} {more}"), *WHALE[8:10]]
    return iso2709(fields, leader, encoding)


def catalogue(count: int, between: bytes = b"") -> bytes:
    drawn = random.Random(count)
    return between.join(record(number, "x" * drawn.randrange(400)) for number in range(count))


def said(*items: Item) -> Said:
    return said_by(MARC, *items)


def stretches(data: bytes) -> list[Item]:
    return cut_by(MARC, item("a.mrc", data))


ODD = {
    "plain": catalogue(60),
    "a mark of byte order": b"\xef\xbb\xbf" + catalogue(60),
    "line ends between": catalogue(60, b"\r\n"),
    "filled blocks": catalogue(40, b" \x00\x00"),
    "a line end behind the last": catalogue(60) + b"\n",
    "much behind the last": catalogue(60) + b"\x1a" + b"\x00" * 3000,
    "MARC-8": catalogue(30) + b"".join(record(n, "\udce1ecole", encoding="ascii") for n in range(30, 60)),
    "deleted": catalogue(30) + b"".join(record(n, leader="     dam a22     7a 4500") for n in range(30, 60)),
    "a directory that lies": catalogue(30) + record(30).replace(b"245", b"2x5\x1e"[:3]) + catalogue(30),
}


@pytest.mark.parametrize("kind", ODD)
def test_cut_and_whole_give_the_same(kind: str) -> None:
    data = ODD[kind]
    cut = stretches(data)
    assert len(cut) > 4
    assert said(*cut) == said(item("a.mrc", data))
    for one in cut:
        expected = MARC.expected(Bundle("a.mrc", (one,)))
        assert expected == len(said(one)[0])


NOT_CUT = {
    "a length that lies": catalogue(30) + b"00099" + record(1)[5:] + catalogue(30),
    "a length that is no number": catalogue(30) + b"0a199" + record(1)[5:] + catalogue(30),
    "a terminator too many": catalogue(30) + b"\x1d" + catalogue(30),
    "a record that is cut": catalogue(60)[:-10],
    "something between": catalogue(30) + b"<x>" + catalogue(30),
    "no control number": catalogue(30) + iso2709(WHALE[1:8]) + catalogue(30),
    "a blank control number": catalogue(30) + iso2709([("001", "   "), *WHALE[1:8]]) + catalogue(30),
    "no record": b"x" * 9000,
    "a long one": catalogue(3) + b"09999" + record(1)[5:-1] + b"x" * 9000,
}


@pytest.mark.parametrize("kind", NOT_CUT)
def test_where_a_reader_might_see_other_records_nothing_is_cut(kind: str) -> None:
    with pytest.raises(NotCut):
        stretches(NOT_CUT[kind])


def test_a_record_that_is_put_in_moves_no_other_border() -> None:
    data = catalogue(120)
    at = data.index(record(60)[24:60]) - 24
    before = {part.open().read() for part in stretches(data)}
    after = [part.open().read() for part in stretches(data[:at] + record(7000, "new") + data[at:])]
    assert sum(part not in before for part in after) <= 3
    assert len(after) > 8


@pytest.mark.slow  # `test_cut_and_whole_give_the_same` stays
def test_spoiled_files_are_read_alike_or_whole() -> None:
    drawn, cut = random.Random(5), 0
    data = catalogue(40)
    for _ in range(150):
        at = drawn.randrange(len(data))
        spoiled = (
            data[:at] + drawn.choice([b"", b"\x1d", b"\n", b"\x1e", bytes([drawn.randrange(256)])]) + data[at + 1 :]
        )
        try:
            parts = stretches(spoiled)
        except NotCut:
            continue
        cut += 1
        assert said(*parts) == said(item("a.mrc", spoiled))
    assert cut > 20


def test_no_stretch_holds_fill_alone() -> None:
    """What stands behind the last record goes with it, wherever borders fall."""
    for count in range(10, 60):
        for one in stretches(catalogue(count) + b"\x1a" + b"\x00" * 900):
            assert all(isinstance(found, Record) for found in said(one)[0])


def test_json_and_other_forms_are_not_cut() -> None:
    assert MARC.how_cut(item("a.mrc", catalogue(2))) == "iso2709"
    assert MARC.how_cut(item("a.xml", b"<collection/>")) == "xml"
    assert MARC.how_cut(item("a.json", b"[{}]")) == ""
    assert MARC.how_cut(item("a.txt", b"=LDR  00000nam")) == ""
