"""TEI of real projects against counts of its own: expat for letters, words and elements, no code of the reader."""

import re
from collections import Counter
from typing import Any
from xml.parsers import expat

import pytest

from biglam_pipeline.quality.text import n_words
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline_tests.normalize.bundles import reader, real_folder, records

INLINE = {
    *("hi", "seg", "g", "gap", "desc", "unclear", "ref", "sic", "choice"),
    *("docAuthor", "docDate", "pubPlace", "publisher"),
}
OUT = {"teiHeader", "fw", "corr", "facsimile"}
"""What the files have that is no text as printed: nothing of it is known but from their own documentation."""


class Counted:
    """Letters, words and elements of one file."""

    def __init__(self, data: bytes) -> None:
        self.elements = Counter[str]()
        """Those that are not inside another one of the same name."""
        self._open = Counter[str]()
        self._pieces: list[str] = []
        self._out = 0
        self._mark: list[str] | None = None
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler = self._letters
        parser.Parse(data, True)
        text = "".join(self._pieces)
        self.letters = Counter("".join(text.split()))
        self.words = n_words(text)

    def _begin(self, tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if not self._out:
            self.elements[name] += not self._open[name]
            self._pieces += [] if name in INLINE else [" "]
        self._open[name] += 1
        self._out += name in OUT
        if name == "desc":
            self._mark = []

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        self._open[name] -= 1
        self._out -= name in OUT
        if name == "desc" and self._mark is not None:
            mark, self._mark = "".join(self._mark), None
            self._pieces += [] if self._out or re.search(r"\w", mark) else [mark]
        if not self._out and name not in INLINE:
            self._pieces.append(" ")

    def _letters(self, text: str) -> None:
        if self._mark is not None:
            self._mark.append(text)
        elif not self._out:
            self._pieces.append(text)


@pytest.fixture(scope="module")
def files() -> dict[str, tuple[Item, Counted]]:
    return {name: (one, Counted(one.open().read())) for name, one in real_folder("tei", "**/*.xml").items()}


def rows_of(one: Item, **block: Any) -> list[Record]:
    made = reader(type="tei", **block)
    return records(list(made.read(Bundle(one.name, (one,)), {}, as_printed=True)))


@pytest.mark.slow  # test_real_formats.py holds the rows of these books
def test_every_letter_and_every_word_of_the_texts_is_there_once(files: dict[str, tuple[Item, Counted]]) -> None:
    for name, (one, counted) in files.items():
        (row,) = rows_of(one)
        text = row.values["text"]
        assert Counter("".join(text.split())) == counted.letters, name
        assert n_words(text) == counted.words, name


@pytest.mark.slow  # test_real_formats.py holds the rows of these books
def test_pages_are_page_breaks_and_hold_all_letters(files: dict[str, tuple[Item, Counted]]) -> None:
    for name, (one, counted) in files.items():
        rows = rows_of(one, rows="page")
        numbered = [row for row in rows if row.values["seq"]]
        assert len(numbered) == counted.elements["pb"], name
        assert Counter("".join("".join(row.values["text"].split()) for row in rows)) == counted.letters, name


@pytest.mark.slow  # test_real_formats.py holds the rows of these books
@pytest.mark.parametrize(("rows", "element"), [("p", "p"), ("//l", "l"), ("div", "div"), ("lg", "lg")])
def test_as_many_rows_as_elements(files: dict[str, tuple[Item, Counted]], rows: str, element: str) -> None:
    """Of those that stand inside one another the outermost."""
    for name, (one, counted) in files.items():
        assert len(rows_of(one, rows=rows)) == counted.elements[element], name


@pytest.mark.slow  # test_real_formats.py holds the rows of these books
def test_dates_are_those_of_the_books(files: dict[str, tuple[Item, Counted]]) -> None:
    """None is of 2002 to 2025, when these files were made."""
    dates = {name.partition("/")[2][:7]: rows_of(one)[0].values.get("date_raw") for name, (one, _) in files.items()}
    assert dates == {
        "rose_ur": ["1837"],
        "A50919.": ["1667."],
        "A50924.": ["1674."],
        "POR0044": ["1877"],
        "POR0048": ["1864"],
        "POR0066": ["1916"],
        "POR0083": ["1908"],
        "POR0089": ["1868"],
        "POR0090": ["1892"],
        "Batak_3": None,
        "Indic_A": None,
        "Javanes": None,
        "WMS_Ara": None,
    }
