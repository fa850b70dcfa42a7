"""PAGE: a large initial is a region of its own, and begins a word of the paragraph behind it."""

from collections.abc import Sequence

import pytest

from biglam_pipeline_tests.normalize.bundles import read_one, reader, real_folder, records
from biglam_pipeline_tests.normalize.formats.test_page_xml import line, page, region

INITIAL = 'type="drop-capital"'


def text_of(*regions: str, **settings: str) -> str:
    (row,) = records(read_one(reader(type="page_xml", **settings), "p.xml", page(*regions)))
    return str(row.values["text"])


def at(left: int, upper: int, right: int, lower: int) -> str:
    return f'<Coords points="{left},{upper} {right},{upper} {right},{lower}"/>'


@pytest.mark.parametrize(
    ("initial", "lines", "due"),
    [
        ("D", ["ie Ulme", "steht."], "Die Ulme steht."),
        ("D", ["ER Wald steht."], "DER Wald steht."),
        ("D", ["och-", "mals. Dochmals."], "Dochmals. Dochmals."),
        ("H", ["und und Ulme."], "H und und Ulme."),
        ("H", ["und, Ulme."], "Hund, Ulme."),
        ("Qu", ["is est?"], "Quis est?"),
        ("A", ["uch die Ulme. Auch sie."], "Auch die Ulme. Auch sie."),
        ("A", ["man is a man."], "A man is a man."),
        ("A", ["ufgang der Ulme."], "A ufgang der Ulme."),
        ("S", ["ie sah. Nun ie."], "S ie sah. Nun ie."),
        ("В", ["начале была ива."], "В начале была ива."),
        ("Д", ["ерево стоит."], "Дерево стоит."),
        ("Ὁ", ["κῆπος."], "Ὁ κῆπος."),
    ],
    ids=(
        "the rest of its word",
        "in capitals",
        "which is broken itself",
        "the page has the conjunction",
        "no conjunction",
        "two letters",
        "the page has the word",
        "the page has the next word",
        "a letter that may be a word",
        "the page has the rest alone",
        "Russian, which may be a word",
        "Russian, which is none",
        "Greek, with a breathing",
    ),
)
def test_an_initial_begins_its_paragraph(initial: str, lines: Sequence[str], due: str) -> None:
    regions = region("i", line(initial), more=INITIAL), region("r", *map(line, lines), more='type="paragraph"')
    assert text_of(*regions, region("s", line("End."))) == f"{due}\n\nEnd."


@pytest.mark.parametrize(
    "kind", ['custom="structure {type:drop-capital;}"', 'custom="structure {type:DropCapitalZone:1;}"']
)
def test_of_transkribus_and_escriptorium_too(kind: str) -> None:
    assert text_of(region("i", line("D"), more=kind), region("r", line("ie Ulme"))) == "Die Ulme"


@pytest.mark.parametrize(
    "regions",
    [
        (region("i", line("D"), more='type="heading"'), region("r", line("ie Ulme"))),
        (region("i", line("Die"), more=INITIAL), region("r", line("ie Ulme"))),
        (region("i", line("5"), more=INITIAL), region("r", line("ie Ulme"))),
        (region("i", line("D"), more=INITIAL), region("r", line("(ie Ulme"))),
        (region("i", at(0, 0, 9, 9), line("D"), more=INITIAL), region("r", at(0, 50, 90, 90), line("ie Ulme"))),
    ],
    ids=("another region", "a word", "a number", "a mark", "elsewhere on the page"),
)
def test_what_begins_no_word_stands_alone(regions: tuple[str, str]) -> None:
    assert "\n\n" in text_of(*regions)


def test_boxes_that_stand_beside_each_other() -> None:
    regions = region("i", at(0, 0, 9, 30), line("D"), more=INITIAL), region("r", at(9, 0, 90, 90), line("ie Ulme"))
    assert text_of(*regions) == "Die Ulme"


def test_as_printed_it_stays() -> None:
    regions = region("i", line("D"), more=INITIAL), region("r", line("ie Ulme"))
    assert text_of(*regions, dehyphenate="no") == "D\nie Ulme"
    found = records(read_one(reader(type="page_xml", rows="region"), "p.xml", page(*regions)))
    assert [row.values["text"] for row in found] == ["D", "ie Ulme"]


def test_the_first_page_of_kant_begins_with_a_word() -> None:
    files = real_folder("page-xml/ocr-d-kant-1784", "**/PAGE_0017_PAGE.xml")
    (name,) = files
    with files[name].open() as stream:
        (row,) = records(read_one(reader(type="page_xml"), name, stream.read()))
    assert "\n\nAufklaͤrung iſt der Ausgang des Menſchen" in row.values["text"]
