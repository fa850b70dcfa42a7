"""Plain text: whole files, pages and chapters; what is not the book's is cut where its borders are known."""

import io
import re
import tarfile
import time
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    REAL,
    item,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
)

BOOK = "THE ANGLER\n\nCHAPTER I\n\nOf rivers.\n\nCHAPTER II\n\nOf caf\u00e9s and trout."
START = "*** START OF THE PROJECT GUTENBERG EBOOK THE ANGLER ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK THE ANGLER ***"
HEADER = (
    "The Project Gutenberg eBook of The Angler\n\nTitle: The Angler\n  or, Rivers\n\nAuthor: Isaak Walton\n\n"
    "Language: English\n\n"
)
GOOGLE = (
    "This is a digital copy of a book that was preserved for generations on library\nshelves before it was carefully "
    "scanned by Google.\n\n+ Make non- commercial use of the files\n\nYou can search through the full text at |http : "
    "//books . google . com/|\n\n"
)
SPECIMEN = Specimen(
    {
        "one.txt": f"{HEADER}{START}\n\n{BOOK}\n\n{END}\n\nlicence".encode(),
        "two.txt": "Erste Seite \u00fc\r\n\fZweite Seite\r\n\f".encode("cp1252"),
        "empty.txt": b" \n",
    },
    records=2,
    version=2,
    digest="71944e9644203dac",
)


def text_of(data: str | bytes, **block: Any) -> list[dict[str, Any]]:
    raw = data.encode() if isinstance(data, str) else data
    return [record.values for record in records(read_one(reader(type="text", **block), "a/book.txt", raw))]


def only(data: str | bytes, **block: Any) -> tuple[str, tuple[str, ...]]:
    """The text of the one row, and what is said of it."""
    raw = data.encode() if isinstance(data, str) else data
    (record,) = records(read_one(reader(type="text", **block), "a/book.txt", raw))
    return record.values["text"], record.problems


def test_a_file_is_a_row() -> None:
    (record,) = records(read_one(reader(type="text", map={"title": "$stem"}), "shelf/book.txt", BOOK.encode()))
    assert record.source_record_id == "shelf/book.txt"
    assert record.values == {"text": BOOK, "text_unit": "document", "title": "book", "type": "Text"}
    assert record.problems == ()


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n", "\r\r\n"])
def test_line_ends_of_every_system_are_one(ends: str) -> None:
    assert only(BOOK.replace("\n", ends))[0] == BOOK


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BOOK.encode("utf-8-sig"), ""),
        (BOOK.encode("utf-16"), ""),
        (BOOK.encode("cp1252"), "read as Windows-1252, a guess"),
        (BOOK.encode() * 2 + b" \xe9", "1 bytes are not UTF-8"),
    ],
)
def test_encodings(data: bytes, said: str) -> None:
    text, problems = only(data)
    assert text.startswith(BOOK)
    assert said in "".join(problems)
    assert bool(said) == bool(problems)


def test_pages_are_what_stands_between_form_feeds() -> None:
    rows = records(read_one(reader(type="text", rows="page"), "a/book.txt", b"one\n\f\ftwo\n\fthree\n\f\n"))
    assert [(row.source_record_id, row.values["text"], row.values["seq"]) for row in rows] == [
        ("a/book.txt#page-1", "one", 1),
        ("a/book.txt#page-2", "", 2),  # an empty page is a page
        ("a/book.txt#page-3", "two", 3),
        ("a/book.txt#page-4", "three", 4),
    ]
    assert {row.values["parent_id"] for row in rows} == {"a/book.txt"}
    assert {row.values["text_unit"] for row in rows} == {"page"}
    assert len({row.place for row in rows}) == 4


def test_pages_keep_their_numbers_where_google_s_is_cut() -> None:
    rows = records(read_one(reader(type="text", rows="page"), "a/book.txt", f"{GOOGLE}\fone\ftwo".encode()))
    assert [(row.values["seq"], row.values["text"]) for row in rows] == [(1, ""), (2, "one"), (3, "two")]


def test_chapters_begin_at_lines_that_fit() -> None:
    made = reader(type="text", rows="chapter", heading="^CHAPTER [IVX]+", map={"title": "$heading"})
    rows = records(read_one(made, "a/book.txt", BOOK.encode()))
    assert [(row.values["seq"], row.values.get("title"), row.values["text"]) for row in rows] == [
        (0, None, "THE ANGLER"),
        (1, "CHAPTER I", "CHAPTER I\n\nOf rivers."),
        (2, "CHAPTER II", "CHAPTER II\n\nOf caf\u00e9s and trout."),
    ]
    assert "".join(row.values["text"] for row in rows).replace("\n", "") == BOOK.replace("\n", "")


def test_a_file_without_chapters_is_one_row_and_that_is_said() -> None:
    (record,) = records(read_one(reader(type="text", rows="chapter", heading="^PART"), "a/book.txt", BOOK.encode()))
    assert record.values["text"] == BOOK
    assert record.problems == ("chapters: no line fits `heading`",)


@pytest.mark.parametrize("block", [{"rows": "chapter"}, {"heading": "^C"}, {"rows": "chapter", "heading": "(?=x)"}])
def test_a_block_that_says_half_is_refused(block: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="heading"):
        reader(type="text", **block)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START, END),
        (START, f"{END}\n***START**THE SMALL PRINT!**\nWhy?\n*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*END*"),
        ("***START OF THIS PROJECT GUTENBERG ETEXT THE\nANGLER***", "End of Project Gutenberg's The Angler"),
        (START, f"End of the Project Gutenberg EBook of The\nAngler, by Walton\n\n{END}"),
        (
            "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
            "End of The Project Gutenberg Etext of it",
        ),
        ("*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*", "Ende dieses Projekt Gutenberg Etextes"),
    ],
)
def test_the_words_of_project_gutenberg_are_cut(start: str, end: str) -> None:
    text, problems = only(f"{HEADER}{start}\n\n\n{BOOK}\n\n\n{end}\n\nThe licence, at length.\n")
    assert text == BOOK
    assert problems == ("text: words of Project Gutenberg cut",)


def test_its_header_says_what_the_book_is() -> None:
    (row,) = text_of(f"{HEADER}{START}\n{BOOK}\n{END}")
    assert (row["title"], row["creators"], row["languages"]) == ("The Angler or, Rivers", ["Isaak Walton"], ["English"])


def test_a_book_in_copyright_says_so_of_itself() -> None:
    copyrighted = START.replace("THE PROJECT", "THE COPYRIGHTED PROJECT")
    (row,) = text_of(f"{HEADER}{copyrighted}\n{BOOK}\n{END}")
    assert row["text"] == BOOK
    assert row["rights_raw"] == [copyrighted]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{HEADER}{BOOK}", "and no border of its words is known; kept"),
        (f"{HEADER}{START}\n{BOOK}\n{END}\n{HEADER}{START}\n{BOOK}\n{END}", "several books"),
        (f"{HEADER}{START}\n{BOOK}\n{END}\n{'more of the book ' * 5000}", "than its licence; kept"),
        (GOOGLE.replace("google", "gogle") + BOOK, "Google's first page has no known end; kept"),
    ],
)
def test_where_borders_are_not_known_nothing_is_cut(data: str, said: str) -> None:
    text, problems = only(data)
    assert text == data.strip("\n")
    assert said in problems[0]


def test_half_a_border_cuts_half() -> None:
    text, problems = only(f"{HEADER}{START}\n{BOOK}\nand more")
    assert text == f"{BOOK}\nand more"
    assert problems == (
        "text: the words of Project Gutenberg at its end have no known border; kept",
        "text: words of Project Gutenberg cut",
    )


def test_google_s_first_page_is_cut_as_often_as_it_stands() -> None:
    german = GOOGLE.replace(
        "This is a digital copy of a book that was preserved for generations",
        "Dies ist ein digitales Exemplar eines Buches, das seit\nGenerationen",
    )
    text, problems = only(f"HARVARD COLLEGE\nLIBRARY\n\n{german}{GOOGLE}{BOOK}")
    assert text == f"HARVARD COLLEGE\nLIBRARY\n\n{BOOK}"
    assert problems == ("text: Google's first page cut, which asks for use that is not commercial",)


def test_what_is_only_about_them_stays() -> None:
    text = "We used Google and books.google.com for this.\n" + BOOK
    assert only(text) == (text, ())
    assert only(HEADER + START + BOOK, boilerplate="keep") == (HEADER + START + BOOK, ())


def test_as_printed_nothing_is_cut() -> None:
    data = f"{HEADER}{START}\n{BOOK}\n{END}\nlicence"
    (cut,) = reader(type="text").cut(item("a/book.txt", data.encode()))
    assert cut.altered  # type: ignore[union-attr]
    assert cut.as_printed() == {"text": data}  # type: ignore[union-attr, misc]


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"%PDF-1.4\n\0\1\2binary", "not_text"), (b"", "text_empty"), (b"\xef\xbb\xbf \n\f", "text_empty")],
)
def test_what_is_no_text_is_a_reject(data: bytes, reason: str) -> None:
    assert reasons(read_one(reader(type="text"), "a/book.txt", data)) == [reason]


def test_a_real_book_of_gutenberg() -> None:
    """Isaak Walton, in three encodings of one release and an older one: the words inside its borders."""
    files = real_folder("gutenberg/angler-9198", "**/*.txt")
    assert len(files) == 4
    for name, one in files.items():
        raw = one.open().read().decode("cp1252").replace("\r\n", "\n")
        inner = re.split(r"(?m)^\*\*\* ?START OF.*$", raw)[1]
        inner = re.split(r"(?mi)^(?:End of (?:The )?Project Gutenberg|\*\*\* ?END OF)", inner)[0]
        text, problems = only(one.open().read())
        assert text.split() == inner.split(), name
        assert len(text.split()) > 30_000
        assert "text: words of Project Gutenberg cut" in problems


@pytest.mark.slow  # test_real_formats.py holds real texts
def test_real_codes_of_law_are_read_word_for_word() -> None:
    """87 codes of civil procedure, plain text of OCR without boilerplate (civil-procedure-codes-A)."""
    path = REAL / "dedup/us-civil-procedure-codes-A/civil-procedure-codes-A.tar.xz"
    if not path.is_file():
        pytest.skip(f"no real data at {path}; set BIGLAM_REAL_DATA")
    with tarfile.open(fileobj=io.BytesIO(path.read_bytes())) as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}  # type: ignore[union-attr]
    texts = {name: data for name, data in files.items() if name.endswith(".txt")}
    assert len(texts) > 80
    for data in [*texts.values()][:12]:
        text, problems = only(data)
        assert len(text.split()) == len(data.decode("utf-8", "replace").split())
        assert problems == ()


COPYRIGHTED = "** This is a COPYRIGHTED Project Gutenberg eBook, Details Below **"
OLD = (
    "**The Project Gutenberg Etext of A**\n\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*END*\n\n"
    f"{BOOK}\n\nEnd of Project Gutenberg's A\n\n"
)


@pytest.mark.parametrize(
    ("data", "block"),
    [
        (f"{COPYRIGHTED}\n{HEADER}{START}\n{BOOK}\n{END}", {"boilerplate": "keep"}),
        (f"{COPYRIGHTED}\n{HEADER}{BOOK}", {}),
        (f"{COPYRIGHTED}\n{HEADER}{START}\n{BOOK}\n{END}\n{HEADER}{START}\n{BOOK}\n{END}", {}),
        (f"{COPYRIGHTED.replace('Project ', 'Project' + chr(10))}\n{HEADER}{START}\n{BOOK}\n{END}", {}),
    ],
)
def test_reserved_rights_are_heard_though_nothing_is_cut(data: str, block: dict[str, str]) -> None:
    (row,) = text_of(data, **block)
    assert row["rights_raw"] == [COPYRIGHTED]


@pytest.mark.parametrize(
    "body",
    [
        f"{BOOK}\n\nHe came to the\nend of Project Gutenberg, and wrote on.\n\nThe last word.",
        f"{BOOK}\n\n{START}\n\nis how they begin.\n\n{BOOK}",
        f"{BOOK}\n\n{END}\n\nis how they end.\n\n{BOOK}",
        f"{BOOK}\n\nEnd of Project Gutenberg\n\n{'is a chapter. ' * 200}",
        f"{BOOK}\n\nEnd of Project Gutenberg's The Angler\n\nTranscriber's note: a leaf is missing.",
    ],
)
def test_a_book_that_quotes_gutenberg_s_sentences_is_whole(body: str) -> None:
    assert only(f"{HEADER}{START}\n\n{body}\n\n{END}\n\nThe licence.")[0] == body.rstrip()


def test_two_old_books_in_one_file_are_kept() -> None:
    text, problems = only(OLD + OLD)
    assert text.count(BOOK) == 2
    assert problems == ("text: several books of Project Gutenberg in one file; kept",)


@pytest.mark.parametrize(
    "end",
    [
        "The end of Project Gutenberg etext of it",
        "Einde van Project Gutenberg's De Visser",
        "Ende des Projekt Gutenberg",
    ],
)
def test_ends_in_other_words(end: str) -> None:
    assert only(f"{HEADER}{START}\n{BOOK}\n\n{end}\n\nlicence")[0] == BOOK


def test_an_end_alone_is_cut_where_the_header_is_gone() -> None:
    assert only(f"{'word ' * 10_000}\n\nEnd of Project Gutenberg's A\n\nlicence")[0].endswith("word")


def test_people_of_the_header_stand_one_on_a_line() -> None:
    people = HEADER.replace("Isaak Walton", "Isaak Walton\n        Charles Cotton\n\nIllustrator: Ames")
    (row,) = text_of(f"{people}{START}\n{BOOK}\n{END}")
    assert row["creators"] == ["Isaak Walton", "Charles Cotton", {"name": "Ames", "role": "illustrator"}]


def test_google_s_page_ends_with_its_address_not_with_the_line() -> None:
    assert only(f"{GOOGLE}{BOOK}".replace("\n", " "))[0] == BOOK.replace("\n", " ")


def test_google_s_page_in_russian_as_ocr_has_it() -> None:
    words = "\u042d\u0442\u043e \u0446\u0438\u0444\u0440\u043e\u0432\u0430\u044f"
    page = f"{words} \u043a\u043e\u0438\u0438\u044f \u043a\u043d\u0438\u0433\u0438, http://books.google.com/"
    assert only(f"{page}\n\n{BOOK}")[0] == BOOK


def test_a_file_of_nothing_but_carriage_returns_takes_no_time() -> None:
    begun = time.process_time()
    assert only("a" + "\r" * 300_000 + "b")[0] == "a" + "\n" * 300_000 + "b"
    assert time.process_time() - begun < 5  # it took 25 s
