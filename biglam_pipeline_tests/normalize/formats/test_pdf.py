"""The text layer of PDF: a page is a row, also one without a text; nothing that a file does ends the run."""

import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pydantic import ValidationError

from biglam_pipeline.normalize.formats.pdf.about import UNHEARD
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.parsing.pdf import asking
from biglam_pipeline.records import Bundle, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
)
from biglam_pipeline_tests.normalize.formats.pdf_made import (
    GLYPHLESS,
    SCAN,
    lines,
    packed,
    packet,
    pdf,
    stream,
    written,
)

LABELS = b"/PageLabels<</Nums[0<</S/r>>]>>"
SPECIMEN = Specimen(
    {
        "books/a.pdf": pdf(
            lines("A docu-", "ment, and document"), SCAN + lines("Read words", mode=3), SCAN, root=LABELS
        ),
        "books/b.pdf": pdf(lines("Another one"), info=b"/Title(A book)/Author(Microsoft Word - a.doc)"),
        "books/no.pdf": b"<html>",
    },
    records=4,
    version=1,
    digest="2c13a2cd62cff2b2",
)


def rows(data: bytes, **block: Any) -> list[Record]:
    return records(read_one(reader(type="pdf", **block), "books/a.pdf", data))


def only(data: bytes, **block: Any) -> Record:
    (one,) = rows(data, **block)
    return one


def expected(data: bytes, **block: Any) -> int | None:
    made: Any = reader(type="pdf", **block)
    found: int | None = made.expected(Bundle("b", (item("books/a.pdf", data),)))
    return found


def test_a_page_is_a_row() -> None:
    data = pdf(lines("First", "page"), lines("Second"), root=LABELS)
    found = rows(data, map={"extra": {"label": "$page_label", "number": "$page"}})
    assert [(one.source_record_id, one.values["text"], str(one.place)) for one in found] == [
        ("books/a.pdf#page-1", "First page", "page 1"),
        ("books/a.pdf#page-2", "Second", "page 2"),
    ]
    assert [one.extra for one in found] == [{"label": "i", "number": "1"}, {"label": "ii", "number": "2"}]
    assert found[1].values == {
        "text": "Second",
        "text_unit": "page",
        "seq": 2,
        "parent_id": "books/a.pdf",
        "type": "Text",
        "text_origin": "born_digital",
        "transforms": ["pdf-text/1"],
    }
    assert expected(data) == 2


def test_a_document_is_a_row() -> None:
    data = pdf(lines("First", "page"), SCAN, lines("Second"))
    one = only(data, rows="document")
    assert (one.source_record_id, one.values["text"]) == ("books/a.pdf", "First page\n\nSecond")
    assert one.values["text_unit"] == "document"
    assert expected(data, rows="document") == 1


def test_a_page_without_a_text_layer_keeps_its_row() -> None:
    found = rows(pdf(lines("First"), SCAN, b""))
    assert [one.values["text"] for one in found] == ["First", "", ""]
    assert [one.problems for one in found] == [
        *((), ("text: there is none, but a picture of the page",), ("text: there is none",))
    ]


@pytest.mark.parametrize(
    ("content", "font", "origin"),
    [
        (lines("seen"), b"", "born_digital"),
        (SCAN + lines("over a picture"), b"", "born_digital"),
        (SCAN + lines("painted with nothing", mode=3), b"", "ocr"),
        (lines("painted with nothing, before the picture", mode=3) + SCAN, b"", "ocr"),
        (lines("clips", mode=7), b"", "ocr"),
        (lines("under the picture") + SCAN, b"", "ocr"),
        (lines("no glyphs"), GLYPHLESS, "ocr"),
        (lines("under a stamp") + b"q 20 0 0 20 9 9 cm /I Do Q ", b"", "born_digital"),
        (lines("a", "b", "c", mode=3) + lines("stamp", top=20), b"", "ocr"),
    ],
)
def test_how_the_text_was_made_is_seen_on_the_page(content: bytes, font: bytes, origin: str) -> None:
    one = only(pdf(content, **({"font": font} if font else {})))
    assert one.values["text_origin"] == origin
    mixed = ("text: some of it is seen, and some lies under the picture",)
    assert one.problems == (mixed if b"stamp)" in content and origin == "ocr" else ())


def test_the_engine_is_named_where_the_text_is_of_ocr() -> None:
    info = b"/Producer(ABBYY FineReader 15)/Creator(Scan)"
    assert only(pdf(SCAN + lines("a", mode=3), info=info)).values["ocr_engine"] == "ABBYY FineReader 15"
    assert "ocr_engine" not in only(pdf(lines("a"), info=info)).values
    assert only(pdf(SCAN + lines("a"), info=info)).values["text_origin"] == "ocr"


@pytest.mark.parametrize(
    ("texts", "text", "printed"),
    [
        (("A docu-", "ment, and document"), "A document, and document", "A docu-\nment, and document"),
        (("A porte-", "plume"), "A porte- plume", "A porte-\nplume"),  # nothing shows that it is one word
        (("First-", "", "Below", "more"), "First-\n\nBelow more", "First-\n\nBelow\nmore"),
    ],
)
def test_broken_words_are_made_whole_where_the_page_shows_the_word(
    texts: tuple[str, ...], text: str, printed: str
) -> None:
    assert only(pdf(lines(*texts))).values["text"] == text
    assert only(pdf(lines(*texts)), dehyphenate=False).values["text"] == printed


def test_lines_that_stand_apart_and_columns_are_paragraphs() -> None:
    body = lines("one", "two", "three") + lines("apart", "more", top=600) + lines("column", "two", top=700, left=350)
    assert only(pdf(body)).values["text"] == "one two three\n\napart more\n\ncolumn two"


@pytest.mark.parametrize(
    ("field", "column", "said", "problem"),
    [
        (b"/Title(On trout)", "title", "On trout", ""),
        (
            b"/Title(Microsoft Word - trout.doc)",
            "title",
            None,
            "title: it is the name of a file or a program; left out",
        ),
        (b"/Title(trout_final.indd)", "title", None, "title: it is the name of a file or a program; left out"),
        (b"/Title(Untitled-1)", "title", None, "title: it is the name of a file or a program; left out"),
        (b"/Title( )", "title", None, ""),
        (b"/Author(Izaak Walton)", "creators", ["Izaak Walton"], ""),
        (b"/Author(Administrator)", "creators", None, "creators: it is the name of a file or a program; left out"),
        (b"/CreationDate(D:20200102)", "date_raw", None, ""),
    ],
)
def test_what_a_program_wrote_is_no_title(field: bytes, column: str, said: object, problem: str) -> None:
    one = only(pdf(lines("a"), info=field))
    assert (one.values.get(column), one.problems) == (said, (problem,) if problem else ())


def test_a_form_that_has_no_pages_of_its_own_is_counted() -> None:
    """Its one page says "Please wait..." in every language."""
    [problem] = only(pdf(lines("Please wait..."), root=b"/NeedsRendering true")).problems
    assert problem.startswith("text: a form")


def test_xmp_says_it_better_and_stamps_are_no_dates() -> None:
    said = (
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>On trout</rdf:li></rdf:Alt></dc:title>"
        "<dc:creator><rdf:Seq><rdf:li>Walton</rdf:li><rdf:li>Cotton</rdf:li></rdf:Seq></dc:creator>"
        "<dc:date><rdf:Seq><rdf:li>1653</rdf:li></rdf:Seq></dc:date><dc:language>en</dc:language>"
    )
    one = only(pdf(lines("a"), xmp=packet(said), info=b"/Title(trout.doc)/Author(x)"))
    assert {name: one.values[name] for name in ("title", "creators", "date_raw", "languages")} == {
        "title": "On trout",
        "creators": ["Walton", "Cotton"],
        "date_raw": ["1653"],
        "languages": ["en"],
    }
    stamped = packet("<dc:date>2020-01-02T03:04:05Z</dc:date>", 'xmp:CreateDate="2020-01-02T03:04:05Z"')
    one = only(pdf(lines("a"), xmp=stamped))
    assert "date_raw" not in one.values
    assert one.problems == ("date: it is that of the file; left out",)


@pytest.mark.parametrize(
    ("xmp", "info", "said"),
    [
        (packet("<dc:rights><rdf:Alt><rdf:li>CC BY 4.0</rdf:li></rdf:Alt></dc:rights>"), b"", ["CC BY 4.0"]),
        (
            packet("", 'xmpRights:Marked="True" xmpRights:WebStatement="https://a.org/r"').replace(
                "></rdf:D", "><cc:license rdf:resource='https://creativecommons.org/licenses/by/4.0/'/></rdf:D"
            ),
            b"",
            ["https://a.org/r", "https://creativecommons.org/licenses/by/4.0/"],
        ),
        (packet("<xmpRights:UsageTerms>None</xmpRights:UsageTerms>"), b"", ["None"]),
        (packet("", 'xmpRights:Marked="True"'), b"", ["In copyright (xmpRights:Marked)"]),
        (packet("", 'xmpRights:Marked="False"'), b"", None),
        (packet("<xmpRights:Owner>A. Press</xmpRights:Owner>"), b"", None),
        ("", b"/Copyright(All rights reserved)", ["All rights reserved"]),
    ],
)
def test_rights_that_the_document_states_are_heard_on_every_page(xmp: str, info: bytes, said: list[str] | None) -> None:
    found = rows(pdf(lines("a"), lines("b"), xmp=xmp, info=info))
    assert [one.values.get("rights_raw") for one in found] == [said, said]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (pdf(lines("a"), xmp="<x><y></x>"), "xmp: no XML; what it says is not heard"),
        (
            pdf(lines("a"), xmp=packet(f"<dc:rights>{'no ' * 9_000}</dc:rights>")),
            "rights: more words than any statement; what they say is not heard",
        ),
        (pdf(lines("a"), xmp=packet("x" * 5_000_000)), "about: what the document says of itself cannot be read"),
        (
            pdf(lines("a"), root=b"/X " + b"[" * 100_000 + b"]" * 100_000),
            "about: what the document says of itself cannot be read",
        ),
    ],
    ids=["no XML", "too many words", "too large", "a catalogue that pypdf cannot read"],
)
def test_what_a_document_says_where_nobody_can_hear_it_is_a_statement_that_nobody_understands(
    data: bytes, problem: str
) -> None:
    one = only(data)
    assert problem in one.problems
    assert one.values["rights_raw"] == [UNHEARD]


def locked(permissions: int, user: str = "", algorithm: str = "RC4-128", **more: Any) -> bytes:
    """Written by pypdf, with a password for its owner."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(lines("a text"), **more)))
    flags = pypdf.constants.UserAccessPermissions(permissions)
    writer.encrypt(user, "secret", permissions_flag=flags, algorithm=algorithm)
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


EVERYTHING, NO_TEXT = 0xFFFFFFFC, 0xFFFFFFFC & ~16


@pytest.mark.representative(1)  # other ciphers of the library's
@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_an_owner_may_lock_a_document_and_let_its_text_be_taken_out(algorithm: str) -> None:
    xmp = packet("<dc:rights>CC BY 4.0</dc:rights>")
    data = locked(EVERYTHING, algorithm=algorithm, xmp=xmp)
    assert only(data).values["text"] == "a text"
    assert only(data).values["rights_raw"] == ["CC BY 4.0"]
    assert expected(data) == 1
    for refused, reason in (
        (locked(NO_TEXT, algorithm=algorithm), "pdf_locked"),
        (locked(EVERYTHING, "u"), "pdf_encrypted"),
    ):
        found = read_one(reader(type="pdf"), "a.pdf", refused)
        assert (reasons(found), records(found)) == ([reason], [])


RC4 = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%b>/U<%b>/P %d>>/ID[<00><00>]"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_pdf"),
        (b"<html>", "not_pdf"),
        (b"%PDF-1.7\n%%EOF", "pdf_damaged"),
        (pdf(lines("a"))[:300], "pdf_damaged"),
        (pdf(), "pdf_damaged"),
        (pdf(lines("a")).replace(b"/Root 1 0 R", b"/Root 1 0 R" + RC4 % (b"00" * 32, b"00" * 32, -4)), "pdf_encrypted"),
    ],
)
def test_a_document_that_cannot_be_read_is_a_reject(data: bytes, reason: str) -> None:
    found = read_one(reader(type="pdf"), "books/a.pdf", data)
    assert (reasons(found), records(found)) == ([reason], [])
    assert expected(data) in (None, 0)


def test_a_damaged_table_of_objects_is_repaired_and_that_is_counted() -> None:
    whole = pdf(lines("a text"), lines("more"))
    for data in (
        whole.replace(b"\nxref", b"\nxxxx"),
        b"noise\n" * 9 + whole,
        whole.replace(b"startxref\n", b"startxref\n9"),
    ):
        found = rows(data)
        assert [one.values["text"] for one in found] == ["a text", "more"]
        assert "pdf: damaged, and repaired to be read" in found[0].problems
        assert found[1].problems == ()


BOMBS: dict[str, tuple[Callable[[], bytes], int]] = {
    "a page tree that holds itself": (
        lambda: written([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Kids[2 0 R 2 0 R]/Count 2>>"]),
        0,
    ),
    "a thousand million pages": (lambda: pdf(lines("one")).replace(b"/Count 1>>", b"/Count 1000000000>>"), 1),
    "a stream of 300 MB": (lambda: pdf(packed(b" " * 300_000_000), lines("two")), 2),
    "a state saved a million times": (lambda: pdf(b"q " * 1_000_000 + lines("one")), 1),
    "arrays in arrays": (lambda: pdf(lines("one"), root=b"/X " + b"[" * 100_000 + b"]" * 100_000), 1),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_document_is_rows_or_rejects(name: str) -> None:
    make, count = BOMBS[name]
    found = read_one(reader(type="pdf"), "a.pdf", make())
    assert len(records(found)) == count
    assert count or rejects(found)


@pytest.mark.slow
def test_a_drawing_that_holds_itself_twice_fills_the_memory_of_that_process_alone() -> None:
    """600 bytes for which PDFium 159 takes all that it is given: what crashes is real, and another document is read."""
    inside = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream(b"/X Do")]
    data = written([*objects, stream(b"/X Do /X Do", inside)])
    found = read(reader(type="pdf"), {"a.pdf": item("a.pdf", data), "b.pdf": item("b.pdf", THREE)})
    assert reasons(found) == ["pdf_crash"]
    assert [one.values["text"] for one in records(found)] == ["one", "two", "three"]


def dying(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Every process that is started reads with this before the second page."""
    asking.end_idle()
    monkeypatch.setattr(
        asking,
        "_BEGIN",
        textwrap.dedent(
            f"""
            import json, os, sys, time; sys.path[:] = json.loads(sys.argv[1])
            from biglam_pipeline.parsing.pdf import child
            read = child.read_page
            def read_page(document, number):
                if number == 1:
                    {what}
                return read(document, number)
            child.read_page = read_page
            child.main()
            """
        ),
    )


THREE = pdf(lines("one"), lines("two"), lines("three"))


@pytest.mark.representative(1)  # other signals
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_a_page_that_ends_the_process_is_a_reject_and_the_others_are_read(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As a fault in C++ does, and the kernel where memory ends."""
    dying(monkeypatch, f"os.kill(os.getpid(), {getattr(signal, name).value})")
    found = read_one(reader(type="pdf"), "a.pdf", THREE)
    assert [one.values["text"] for one in records(found)] == ["one", "three"]
    [reject] = rejects(found)
    assert (reject.reason, reject.position, name in reject.detail) == ("pdf_crash", "page 2", True)
    whole = read_one(reader(type="pdf", rows="document"), "a.pdf", THREE)
    assert (reasons(whole), records(whole)) == (["pdf_crash"], [])
    asking.end_idle()


def test_a_page_that_never_ends_is_a_reject_and_the_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    dying(monkeypatch, "time.sleep(600)")
    monkeypatch.setattr(asking, "_WAIT_SECONDS", 8.0)  # the process for the third is begun in it
    found = read_one(reader(type="pdf"), "a.pdf", THREE)
    assert [one.values["text"] for one in records(found)] == ["one", "three"]
    assert [(one.reason, one.position) for one in rejects(found)] == [("pdf_slow", "page 2")]
    asking.end_idle()


def test_a_document_that_ends_every_process_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    dying(monkeypatch, "pass")
    monkeypatch.setattr(asking, "_BEGIN", asking._BEGIN.replace("number == 1", "number >= 1 and os.abort()"))
    found = read_one(reader(type="pdf"), "a.pdf", pdf(*(lines(str(n)) for n in range(8))))
    assert [one.values["text"] for one in records(found)] == ["0"]
    assert reasons(found) == ["pdf_crash"] * 5 + ["pdf_given_up"] * 2
    asking.end_idle()


def test_the_process_is_used_again_and_goes_with_the_one_that_asks(tmp_path: Path) -> None:
    rows(THREE)
    [process] = asking._idle
    rows(THREE)
    assert asking._idle == [process]
    asks = (
        "from biglam_pipeline.parsing.pdf import asking\nimport os, pathlib, sys\n"
        "list(asking.pages_of(pathlib.Path(sys.argv[1]).read_bytes()))\n"
        "print(asking._idle[0]._process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "a.pdf").write_bytes(THREE)
    done = subprocess.run([sys.executable, "-c", asks, str(tmp_path / "a.pdf")], stdout=subprocess.PIPE, check=False)
    pid = int(done.stdout)
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        if Path(f"/proc/{pid}/stat").is_file() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            break
        signal.sigtimedwait([], 0.01)
    else:
        pytest.fail("it outlives the process that asked")


def test_what_it_cannot_say_is_refused() -> None:
    with pytest.raises(ValidationError, match="modality"):
        reader(type="pdf", modality="metadata")


def test_real_documents() -> None:
    """Two pages that are pictures alone, and a file that is cut."""
    made: Any = reader(type="pdf")
    found = {}
    for name, one in real_folder("images", "*/*.pdf").items():
        got = read(made, {name: one})
        counted = made.expected(Bundle(name, (one,)))
        found[name.rpartition("/")[2]] = (len(records(got)), reasons(got), counted)
    assert found == {"broken-truncated.pdf": (0, ["pdf_damaged"], None), "minimal-2-page.pdf": (2, [], 2)}


TOLD = pdf(lines("One page"), lines("Two page"), lines("Three page"))


@pytest.mark.parametrize("unit", ["page", "document"])
def test_pages_behind_the_number_that_the_tree_says_are_a_reject(unit: str) -> None:
    """PDFium opens as many as `/Count` says; a document without the others would be one that lost words in silence."""
    made = reader(type="pdf", rows=unit)
    found = read_one(made, "a.pdf", TOLD.replace(b"/Count 3", b"/Count 1"))
    assert reasons(found) == ["pdf_pages_unseen"]
    assert rejects(found)[0].position == ""
    assert [one.values["text"] for one in records(found)] == ["One page"][: unit == "page"]


@pytest.mark.parametrize(
    "change", [(b"/Count 3", b"/Count 5"), (b"/Kids[7 0 R 9 0 R 11 0 R]", b"/Kids[7 0 R 99 0 R 11 0 R]")]
)
def test_a_page_that_is_announced_and_is_not_there_is_no_difference(change: tuple[bytes, bytes]) -> None:
    """It is a reject, and nobody else counts it: that is no page too many, for which nothing could be published."""
    made, data = reader(type="pdf"), TOLD.replace(*change)
    expected = made.expected(Bundle("a.pdf", (item("a.pdf", data),)))
    assert isinstance(expected, AtLeast)
    assert len(records(read_one(made, "a.pdf", data))) == expected


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf, which a person would repair it with, is not installed")
def test_the_remedy_for_a_wrong_number_of_pages_cures_it(tmp_path: Path) -> None:
    data = TOLD.replace(b"/Count 3", b"/Count 1")
    (tmp_path / "a.pdf").write_bytes(data)
    detail = rejects(read_one(reader(type="pdf"), "a.pdf", data))[0].detail
    subprocess.run(shlex.split(detail.split("`")[1]), cwd=tmp_path, check=True)
    found = read_one(reader(type="pdf"), "b.pdf", (tmp_path / "b.pdf").read_bytes())
    assert [one.values["text"] for one in records(found)] == ["One page", "Two page", "Three page"]
    assert not rejects(found)
