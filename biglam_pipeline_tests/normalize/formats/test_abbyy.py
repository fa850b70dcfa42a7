"""FineReader's XML: the words that it chose, how sure it is of them, and pages, blocks and lines that have them."""

import bz2
from xml.parsers import expat

import pytest
from pydantic import ValidationError

from biglam_pipeline.parsing import counted
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.records import Bundle, Item, Record
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
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

SPACE = "http://www.abbyy.com/FineReader_xml/FineReader{}-schema-v1.xml"


def letters(text: str, *, confidence: int = 80, suspicious: str = "") -> str:
    """Characters, each with its place."""
    return "".join(
        f'<charParams l="1" t="2" r="3" b="4" charConfidence="{confidence}"'
        f' suspicious="{str(one in suspicious).lower()}">{one}</charParams>'
        for one in text
    )


def line(*inner: str, lang: str = "EnglishUnitedStates") -> str:
    body = "".join(f'<formatting lang="{lang}">{one}</formatting>' for one in inner)
    return f'<line baseline="9" l="10" t="20" r="110" b="40">{body}</line>'


def par(*lines: str) -> str:
    return f"<par>{''.join(lines)}</par>"


def block(*paragraphs: str, kind: str = "Text") -> str:
    text = f"<text>{''.join(paragraphs)}</text>" if paragraphs else ""
    box = 'l="10" t="20" r="200" b="400"'
    return f'<block blockType="{kind}" {box}><region><rect {box}/></region>{text}</block>'


def table(*cells: str) -> str:
    row = "".join(f"<cell><text>{one}</text></cell>" for one in cells)
    return f'<block blockType="Table" l="0" t="0" r="1" b="1"><row>{row}</row></block>'


def page(*blocks: str) -> str:
    return f'<page width="1000" height="2000" resolution="300" originalCoords="true">{"".join(blocks)}</page>'


def document(*pages: str, version: int = 10, more: str = 'producer="FineReader 8.0"') -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<document xmlns="{SPACE.format(version)}" version="1.0" {more}>'
    return f"{head}{''.join(pages)}</document>".encode()


FIRST = page(
    block(par(line(letters("A ") + letters("wor", suspicious="w"), letters("d¬")), line(letters("ing.")))),
    block(kind="Picture"),
    table(par(line(letters("1"))), par(line(letters("2")))),
)
SPECIMEN = Specimen(
    {
        "book_abbyy.xml": document(FIRST, page(block(par(line(letters("Two")))))),
        "leaf.xml": page(block(par(line(letters("Alone"))))).encode(),
        "ticket.xml": b"<ticket/>",
        "cut.xml": document(page())[:-9],
    },
    records=4,
    version=1,
    digest="28ee053dbe9994f4",
)


def rows_of(data: bytes, rows: str = "page", **more: object) -> list[Record]:
    return records(read_one(reader(type="abbyy", rows=rows, **more), "a/b.xml", data))


@pytest.mark.parametrize("version", [6, 8, 9, 10])
def test_a_page_with_its_words_whole(version: int) -> None:
    (first,) = rows_of(document(FIRST, version=version))
    assert first.values["text"] == "A wording.\n\n1\n\n2"
    assert first.source_record_id == "a/b#page-1"
    assert (first.values["seq"], first.values["parent_id"]) == (1, "a/b")
    assert first.values["ocr_engine"] == "FineReader 8.0"
    assert first.values["languages"] == ["English"]
    assert first.values["ocr_confidence"] == pytest.approx(0.8)
    assert first.extra == {"suspicious_chars": 1}


def test_a_page_alone_is_called_after_its_file() -> None:
    (alone,) = rows_of(f"\n  {FIRST}".encode())
    assert (alone.source_record_id, alone.values["parent_id"], alone.values.get("seq")) == ("a/b", "a", None)
    assert alone.values["ocr_engine"] == "ABBYY FineReader"


def test_a_prefix_changes_nothing() -> None:
    prefixed = document(FIRST).decode().replace("</", "</f:").replace("<", "<f:").replace("<f:/f:", "</f:")
    prefixed = prefixed.replace("<f:?", "<?").replace("xmlns=", "xmlns:f=")
    assert rows_of(prefixed.encode())[0].values["text"] == rows_of(document(FIRST))[0].values["text"]


def test_as_printed() -> None:
    (first,) = rows_of(document(FIRST), dehyphenate="no")
    assert first.values["text"] == "A word¬\ning.\n\n1\n\n2"


def test_blocks_and_lines() -> None:
    found = read_one(reader(type="abbyy", rows="block"), "a/b.xml", document(FIRST))
    blocks = [(one.source_record_id, one.values["text"], one.extra["block_type"]) for one in records(found)]
    assert blocks == [("a/b#page-1#block-1", "A wording.", "text"), ("a/b#page-1#block-3", "1\n\n2", "table")]
    assert unmapped(found)[0].filled == {"blocks without a text: illustration": 1}
    lines = rows_of(
        document(FIRST), "line", map={"description": "$block_type", "extent": "$block", "title": "@baseline"}
    )
    assert [one.values["text"] for one in lines] == ["A word¬", "ing.", "1", "2"]
    assert [one.values["extent"] for one in lines] == ["1", "1", "3", "3"]
    assert (lines[0].values["title"], lines[0].values["text_unit"]) == ("9", "line")
    mapped = {"extra": {"box": "$box", "share": "$box_share"}}
    placed = [rows_of(document(FIRST), rows, map=mapped)[0].extra for rows in ("block", "line")]
    assert [(one["box"], one["share"]) for one in placed] == [
        ("10,20,190,380", "1,1,19,19"),
        ("10,20,100,20", "1,1,10,1"),
    ]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("plain words", "plain words"),
        ("\n  " + letters("ab") + "\n  " + letters("c") + "\n", "abc"),
        (letters("a") + "<charParams l='1'/>" + letters("b"), "a b"),
        (letters("a") + "<charParams isTab='true'>^</charParams>" + letters("b"), "a b"),
        (letters("a") + "<charParams>\n &amp;\n </charParams>" + letters("b"), "a&b"),
        (
            "<charParams><charRecVariants><charRecVariant>l</charRecVariant></charRecVariants>I</charParams>",
            "I",
        ),
        (
            "<wordRecVariants><wordRecVariant><variantText><charParams>x</charParams></variantText></wordRecVariant>"
            "</wordRecVariants>" + letters("y"),
            "y",
        ),
        (letters("a") + "<tab/>" + letters("b"), "a b"),
    ],
)
def test_what_is_a_letter_and_what_is_a_blank(inner: str, text: str) -> None:
    assert rows_of(document(page(block(par(line(inner))))))[0].values["text"] == text


def test_a_word_goes_on_where_its_formatting_changes() -> None:
    (row,) = rows_of(document(page(block(par(line(letters("Bo"), letters("ld it"), letters("alic")))))))
    assert row.values["text"] == "Bold italic"


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("FrenchStandard", ["French"]),
        ("OldGerman", ["German"]),
        ("GermanNewSpelling", ["German"]),
        ("Latin", ["Latin"]),
        ("Digits", None),
        ("", None),
    ],
)
def test_languages_as_finereader_calls_them(name: str, due: list[str] | None) -> None:
    (row,) = rows_of(document(page(block(par(line(letters("a"), lang=name))))))
    assert row.values.get("languages") == due


def test_confidence_that_is_not_known_counts_for_nothing() -> None:
    """-1 and 255 stand for none."""
    words = letters("ab", confidence=40) + letters(" ") + letters("c", confidence=-1) + letters(" ")
    made = document(page(block(par(line(words + letters("d", confidence=60) + letters("e", confidence=255))))))
    (row,) = rows_of(made, word_confidence=True)
    assert row.values["ocr_confidence"] == pytest.approx(0.5)
    assert row.extra["ocr_confidence_sd"] == pytest.approx(0.1)
    assert row.extra["ocr_confidence_low"] == pytest.approx(0.5)


def test_layout() -> None:
    (row,) = rows_of(document(FIRST), layout=True)
    layout = row.extra["layout"]
    assert (layout["unit"], layout["width"], layout["height"]) == ("pixel", 1000, 2000)
    assert layout["category"] == ["text", "line", "line", "illustration", "table", "line", "line"]
    assert layout["block"] == [None, 0, 0, None, None, 4, 4]
    assert layout["bbox"][:2] == [[10, 20, 190, 380], [10, 20, 100, 20]]
    first, *_ = rows_of(document(FIRST), "line", layout=True)
    assert first.extra["layout"]["category"] == ["line"]


def test_blocks_in_sections_are_read_once() -> None:
    """Schema 10 may have a page's text in streams of elements instead of blocks; where both are, blocks are read."""
    section = f"<pageSection><pageStream><pageElement><text>{par(line(letters('S')))}</text></pageElement></pageStream>"
    section += "</pageSection>"
    assert rows_of(document(page(section)))[0].values["text"] == "S"
    (both,) = rows_of(document(page(block(par(line(letters("B")))), section)))
    assert (both.values["text"], both.problems) == ("B", ("text: a line outside of all blocks is not read",))
    (same,) = rows_of(document(page(block(par(line(letters("S")))), section)))
    assert (same.values["text"], same.problems) == ("S", ())


def test_what_no_schema_has_is_read_or_counted() -> None:
    """Lines outside of paragraphs, characters outside of a formatting, and a text that stands in no line."""
    lines = f"<line>{letters('bare')}</line><par>loose{line(letters('in it'))}</par>"
    found = read_one(reader(type="abbyy"), "a/b.xml", document(f"<section/>{page(block(lines))}"))
    (row,) = records(found)
    assert row.values["text"] == "bare\n\nin it"
    assert row.problems == ("text: a text outside of all lines is not read",)
    assert unmapped(found)[0].filled == {"elements beside the pages: section": 1}


@pytest.mark.parametrize(
    ("data", "due", "rows"),
    [
        (b"", ["not_xml"], 0),
        (b"\x00\x01PDF", ["not_xml"], 0),
        (b"<document/>", ["page_missing"], 0),
        (b"<html/>", [], 0),
        (b"<TEI/>", ["not_abbyy"], 0),
        (b"<page><title>A leaf</title></page>", ["not_abbyy"], 0),
        (document(FIRST)[:-11], ["xml_cut"], 1),
        (document(FIRST, page())[:-30], ["xml_cut"], 1),
        (document(FIRST, "<page width='1'><block><a></block></page>", page()), ["xml_cut"], 2),
        (b"<!DOCTYPE document [<!ENTITY a 'b'>]>" + document(page("&a;"))[39:], ["xml_refused"], 0),
        (FIRST.encode() * 2, [], 2),
    ],
)
def test_what_is_spoiled_is_a_reject_and_the_rest_is_read(data: bytes, due: list[str], rows: int) -> None:
    found = read_one(reader(type="abbyy"), "a/b.xml", data)
    assert reasons(found) == due
    assert len(records(found)) == rows
    assert len({one.source_record_id for one in records(found)}) == rows


def test_how_many_there_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "EVERY", 1)
    made = reader(type="abbyy")
    files = {name: item(name, data) for name, data in SPECIMEN.files.items() if name != "cut.xml"}
    files["tei.xml"] = item("tei.xml", b"<TEI/>")
    found = read(made, files)
    count = made.expected(Bundle("b", tuple(files.values())))
    assert len(records(found)) + len(rejects(found)) == count == 4
    lines = reader(type="abbyy", rows="line")
    assert lines.expected(Bundle("b", tuple(files.values()))) == len(records(read(lines, files)))


@pytest.mark.parametrize(
    ("rows", "gone", "secret"),
    [("page", "a#page-1", b">w<"), ("block", "a#page-1#block-1", b">w<"), ("line", "a#page-1#line-2", b">g<")],
)
def test_taking_one_down_takes_its_words_alone(rows: str, gone: str, secret: bytes) -> None:
    data = document(FIRST, page(block(par(line(letters("Xyz"))))))
    made, files = reader(type="abbyy", rows=rows), {"a.xml": item("a.xml", data)}
    before = by_id(made, files)
    assert gone in before
    assert secret in data
    left = take_out(made, files, gone)
    assert secret not in bytes_of(left["a.xml"])
    after = by_id(made, left)
    assert after == {name: one for name, one in before.items() if name != gone}


def test_a_file_that_is_the_page_goes_with_it() -> None:
    made, files = reader(type="abbyy"), {"a.xml": item("a.xml", FIRST.encode())}
    assert take_out(made, files, "a") == {}
    two = {"a.xml": item("a.xml", FIRST.encode() * 2)}
    assert list(by_id(made, take_out(made, two, "a"))) == ["a#page-2"]


def test_the_entry_is_told_what_cannot_be() -> None:
    with pytest.raises(ValidationError, match="leave `modality` out"):
        reader(type="abbyy", modality="metadata")
    with pytest.raises(ValidationError, match="the reader fills `suspicious_chars` itself"):
        reader(type="abbyy", map={"extra": {"suspicious_chars": "@l"}})


def characters_in(data: bytes) -> tuple[str, int]:
    """All letters of the characters of a file, and how many of them are suspicious, by expat."""
    found: list[str] = []
    inside = suspicious = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, suspicious
        inside += name == "charParams"
        suspicious += name == "charParams" and attributes.get("suspicious") == "true"

    def end(name: str) -> None:
        nonlocal inside
        inside -= name == "charParams"

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: found.append(text) if inside else None
    parser.Parse(data, True)
    return "".join("".join(found).split()), suspicious


def test_real_pages_hold_every_character() -> None:
    """Lausanne, 1762: four bare pages of FineReader, beside the ticket of the job."""
    files: dict[str, Item] = {}
    for name, one in real_folder("mets-alto/bcul-FAL-17621207", "*.xml*").items():
        packed = name.endswith(".bz2")
        plain = name.removesuffix(".bz2")
        files[plain] = item(plain, bz2.decompress(bytes_of(one)) if packed else bytes_of(one))
    for rows, count in (("page", 4), ("block", 24), ("line", 191)):
        found = read(reader(type="abbyy", rows=rows, dehyphenate="no"), files)
        assert (len(records(found)), rejects(found)) == (count, [])
        there: dict[str, str] = {}
        doubted = 0
        for one in records(found):
            there[one.item] = there.get(one.item, "") + "".join(one.values["text"].split())
            doubted += one.extra["suspicious_chars"]
        counted = {name: characters_in(bytes_of(files[name])) for name in there}
        assert there == {name: text for name, (text, _) in counted.items()}
        assert doubted == sum(number for _, number in counted.values()) == 460
        assert unmapped(found)[0].filled == {"XML files that are no pages of FineReader: ticket": 1}


def test_a_page_that_holds_nothing_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted and no row; whether it holds something is not known where it begins."""
    monkeypatch.setattr(counted, "EVERY", 1)
    full = page(block(par(line(letters("a")))))
    for data, rows in ((document(full, "<page/>", full), 2), (b"<page/>", 0)):
        found, made = read_one(reader(type="abbyy"), "a.xml", data), reader(type="abbyy")
        assert (len(records(found)), rejects(found)) == (rows, [])
        due = made.expected(Bundle("a.xml", (item("a.xml", data),)))
        assert (due, type(due)) == (rows, AtLeast)
