"""hOCR: every word of every page, however the HTML around it is broken; what is cut is a reject."""

import gzip
import html
import random
import re
import tracemalloc
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import ValidationError

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
    unmapped,
)

XHTML = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">'


def word(text: str, sure: int | None = None) -> str:
    more = f"; x_wconf {sure}" if sure is not None else ""
    return f"<span class='ocrx_word' title='bbox 1 2 3 4{more}'>{text}</span>"


def line(*words: str, more: str = "") -> str:
    return f"<span class='ocr_line' {more}>" + " ".join(words) + "</span>"


def paragraph(*lines: str, more: str = "") -> str:
    return f"<p class='ocr_par' {more}>" + "\n".join(lines) + "</p>"


def page(*inside: str, name: str = "", title: str = "bbox 0 0 10 10") -> str:
    own = f"id='{name}' " if name else ""
    return f"<div class='ocr_page' {own}title='{title}'>" + "\n".join(inside) + "</div>"


def file(*pages: str, head: str = "") -> bytes:
    return f"{XHTML}<html><head><title>A book</title>{head}</head><body>{''.join(pages)}</body></html>".encode()


SPECIMEN = Specimen(
    {
        "book.hocr": file(
            page(paragraph(line(word("The", 90), word("re-", 80)), line(word("gion", 70), word("region"))), name="p1"),
            page(name="p2"),
            head="<meta name='ocr-system' content='tesseract 5'/>",
        ),
        "broken.html": file(page("<p>" + line(word("a")) + line(word("<b")), title='image "C:\\scans\\x.tif"')),
        "cut.html": file(page(line(word("a"))))[:-30],
        "index.html": b"<html><body>Sign in</body></html>",
    },
    records=3,
    version=3,
    digest="ff95af24bfefab70",
)


def cut(data: bytes | str, **block: Any) -> list[Record]:
    raw = data.encode() if isinstance(data, str) else data
    return records(read_one(reader(type="hocr", **block), "a/book.hocr", raw))


def text_of(*inside: str, **block: Any) -> str:
    (row,) = cut(file(page(*inside)), **block)
    text = row.values["text"]
    assert isinstance(text, str)
    return text


class Counting(HTMLParser):
    """The words that stand in pages, and the pages, by Python's own parser."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.pages = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("class") or ""
        self.pages += kind == "ocr_page"
        self.text += " " if kind in ("ocrx_word", "ocr_line") or tag in ("p", "div", "br") else ""

    def handle_data(self, data: str) -> None:
        self.text += data if self.pages else ""


def counted(data: bytes) -> Counting:
    found = Counting()
    found.feed(data.decode())
    found.close()
    return found


# --- text ---


def test_words_lines_and_paragraphs() -> None:
    inside = paragraph(line(word("One"), word("two")), line(word("three"))), paragraph(line(word("four")))
    assert text_of(*inside) == "One two three\n\nfour"
    assert text_of(*inside, dehyphenate=False) == "One two\nthree\n\nfour"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<span class='ocr_line'>plain <b>bo</b>ld &amp; more</span>", "plain bold & more"),
        (f"<span class='ocr_line'>{word('no')}{word('blank')}</span>", "no blank"),
        (f"<span class='ocr_line'>{word('end')}, {word('more')}</span>", "end, more"),
        ("<span class='ocr_line'><span class='ocrx_word'>two words</span></span>", "two words"),
        (line(word("x<sup>2</sup>")), "x2"),
        (line(word("<span class='ocrx_cinfo'>a</span><span class='ocrx_cinfo'>b</span>"), word("c")), "ab c"),
        ("<span class='ocrx_line'>a b</span><span class='ocrx_line'>c</span>", "a b c"),
        (f"<div class='ocr_header'>{word('head')}</div>" + line(word("body")), "head\n\nbody"),
        (
            line("<i class='alternatives'><ins class='alt'>a</ins><del class='alt'>b</del><b class='alt'>c</b></i> x"),
            "a x",
        ),
        (line(word(""), "<span class='ocrx_word'/>", word(" "), word("x")), "x"),
        ("<script>var a = 'b'</script><style>p {}</style><!-- note -->" + line(word("x")), "x"),
        (f"<p>{word('a')}<p>{word('b')}", "a\n\nb"),
        ("<table><tr><th>a</th><th>b</th></tr></table><dl><dt>c</dt><dd>d</dd></dl>", "a\n\nb\n\nc\n\nd"),
        ("<span class='ocr_par'>a</span><span class='ocr_par'>b</span>", "a\n\nb"),
        ("<span class='ocr_carea'>a</span><span class='ocrx_block'>b</span>c<hr>d", "a\n\nb\n\nc d"),
        (line(word("天"), word("地")), "天 地"),
        (f"<span class='ocr_line'>{word('天')}{word('地')}</span>", "天地"),
    ],
)
def test_what_a_page_says(inside: str, text: str) -> None:
    assert text_of(inside) == text


def test_a_broken_word_is_joined_once_and_stays_as_printed_where_it_must() -> None:
    inside = paragraph(line(word("Poly"), word("pho&shy;")), line(word("nie"), word("x")))
    (row,) = cut(file(page(inside)))
    assert row.values["text"] == "Poly phonie x"
    assert row.values["transforms"] == ["hocr-text/1", "dehyphenated/3"]
    assert text_of(inside, dehyphenate=False) == "Poly pho\u00ad\nnie x"


def test_confidence_software_language_and_terms() -> None:
    head = "<meta name='ocr-system' content='tesseract  5.3'/><meta name='DC.rights' content='CC-BY-4.0'/>"
    inside = paragraph(
        line(word("a", 90), word("b", 70)),
        line("<span class='ocrx_word' title='x_conf 40.0'>c</span> d", more="title='bbox 1 1 1 1;x_wconf 50'"),
        more="lang='fra'",
    )
    (row,) = cut(file(page(inside), head=head))
    assert row.values["ocr_confidence"] == pytest.approx((0.9 + 0.7 + 0.4 + 0.5) / 4)
    assert (row.values["ocr_engine"], row.values["languages"]) == ("tesseract 5.3", ["fra"])
    assert row.values["rights_raw"] == ["CC-BY-4.0"]
    assert row.values["text_origin"] == "ocr"


def test_a_word_may_be_of_another_language_than_its_line() -> None:
    """Tesseract writes `lang` of a word that is not of its paragraph's."""
    other = "<span class='ocrx_word' lang='fra'>mot</span>"
    (row,) = cut(file(page(paragraph(line(other, word("a"), word("b")), line(word("c"), other), more="lang='eng'"))))
    assert row.values["languages"] == ["eng", "fra"]


def test_how_sure_a_character_is_says_nothing_of_its_word() -> None:
    """As the Internet Archive has it: an element for each character of a word."""
    letters = "".join(f"<span class='ocrx_cinfo' title='x_bboxes 1 2 3 4; x_conf {n}'>{n}</span>" for n in (10, 99))
    (row,) = cut(file(page(line(word(letters, 80)))))
    assert (row.values["text"], row.values["ocr_confidence"]) == ("1099", pytest.approx(0.8))


def test_blanks_of_the_markup_between_the_characters_of_a_word_divide_nothing() -> None:
    """Where each character has an element, as in a file that was laid out anew; a blank that is one still divides."""

    def letters(text: str) -> str:
        return "".join(f"\n  <span class='ocrx_cinfo'>{one}</span>" for one in text) + "\n"

    assert text_of(line(word(letters("ab")), word(f"<em>{letters('cd')}</em>"), "e f", word("g h"))) == "ab cd e f g h"
    assert text_of(line(word(letters("a b")))) == "a b"
    assert text_of(line(letters("ab"))) == "a b", "no word is said"


@pytest.mark.parametrize("kind", ["ocr_glyph", "ocrx_cinfo"])
@pytest.mark.parametrize(
    "outer",
    [
        "<span class='ocrx_cinfo' id='lstm_choices_1_4_4'>",
        "<span class='ocrx_cinfo' id='timestep1_1_1'>",
        "<span class='ocr_symbol' id='symbol_1_1_1'>",
    ],
)
@pytest.mark.parametrize(
    "text", ["am", "<span class='ocrx_cinfo' title='x_conf 9'>a</span><span class='ocrx_cinfo'>m</span>"]
)
def test_choices_of_tesseract_are_no_text(kind: str, outer: str, text: str) -> None:
    """With lstm_choice_mode, of 4.0 and of 5."""
    each = "".join(f"\n<span class='{kind}' id='choice_1_4_{n}' title='x_confs 83'>{n}</span>" for n in "78")
    (row,) = cut(file(page(line(word(text + f"\n{outer}{each}</span>" * 2, 80), word("b", 80)))))
    assert (row.values["text"], row.problems) == ("am b", ("text: further readings of a text",))
    assert row.values["ocr_confidence"] == pytest.approx(0.8)


# --- pages and lines ---


def test_pages_are_called_by_their_ids_or_counted() -> None:
    found = cut(file(page(name="p_1"), page(line(word("x"))), page(name="p_1")))
    assert [row.source_record_id for row in found] == ["a/book#p_1", "a/book#page-2", "a/book#page-3"]
    assert [(row.values["parent_id"], row.values["seq"]) for row in found] == [("a/book", n) for n in (1, 2, 3)]
    assert [str(row.place) for row in found] == ["page 1", "page 2", "page 3"]


def test_no_two_pages_have_one_name() -> None:
    found = cut(file(page(name="page-2"), page(), page(name="page-2"), page(name="page-3")))
    assert len({row.source_record_id for row in found}) == 4


def test_rows_of_lines() -> None:
    inside = paragraph(line(word("re-"), more="id='l1'"), line(word("gion")), line())
    found = cut(file(page(inside, name="p1"), page(name="p2")), rows="line", map={"extra": {"line": "$line"}})
    assert [(row.source_record_id, row.values["text"], row.values["parent_id"]) for row in found] == [
        ("a/book#p1/line-1", "re-", "a/book#p1"),
        ("a/book#p1/line-2", "gion", "a/book#p1"),
    ]
    assert [row.extra.get("line") for row in found] == ["l1", None]


@pytest.mark.parametrize(
    ("title", "image", "number"),
    [
        ('image "C:\\scans\\a b.tif"; bbox 0 0 1 1; ppageno 7', "a b.tif", "7"),
        ("image /data/x;y.png; ppageno 0", "x", "0"),
        ("image 0766.tif; bbox 0 0 1 1", "0766.tif", None),
        ("bbox 0 0 1 1;x_source bsb10049004_00007;ocrp_lang de", "bsb10049004_00007", None),
        ("image &quot;/a/it&#39;s; ppageno 3.png&quot;; ppageno 7", "it's; ppageno 3.png", "7"),
        ("x_source &quot;/the image a.tif&quot;;ppageno 4", "the image a.tif", "4"),
        ("image /a/it&#39;s.tif; x_source it&#39;s.tif; ppageno 2", "it's.tif", "2"),
        ("file 0001.bin.png", "0001.bin.png", None),
        ("", None, None),
    ],
)
def test_a_page_says_its_picture_and_its_number(title: str, image: str | None, number: str | None) -> None:
    extra = {"picture": "$image", "number": "$page_number", "book": "$document_title"}
    (row,) = cut(file(page(line(word("x")), title=title)), map={"extra": extra})
    assert (row.extra.get("picture"), row.extra.get("number"), row.extra["book"]) == (image, number, "A book")


# --- what is broken ---


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("<?«»«?>i", "<?«»«?>i"),
        ("!'<!--,,,>", "!'<!--,,,>"),
        ("<5<a</<e", "<5<a</<e"),
        ("<KcKa>", "<KcKa>"),
        ("a < b", "a < b"),
        ("<!x>y", "<!x>y"),
        ("&foo; &eacute;&#8212;&", "&foo; é—&"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_a_sign_that_nobody_escaped_is_a_letter(text: str, due: str) -> None:
    """Engines print what they read: hocr_broken_pis.html and hocr_broken_comment.html of dbmdz/solr-ocrhighlighting."""
    (row,) = cut(file(page(line(word("before"), word(text), word("after")))))
    assert row.values["text"] == f"before {due} after"
    assert bool(row.problems) == bool(re.search(r"<[^ ]|< ", text)), row.problems


def test_sections_of_characters_of_xhtml() -> None:
    assert text_of(line(word("<![CDATA[a < b & <c>]]>"), word("]]>"))) == "a < b & <c> ]]>"


@pytest.mark.parametrize("more", ["<!-- " + "x" * 100_000 + " -->", "\n" * 100_000])
def test_what_stands_around_the_document(more: str) -> None:
    data = file(page(line(word("x")))).decode()
    assert [row.values["text"] for row in cut(more + data)] == ["x"]
    assert [row.values["text"] for row in cut(data + more)] == ["x"]
    assert [row.values["text"] for row in cut(data + data)] == ["x", "x"]
    assert reasons(read_one(reader(type="hocr"), "a.html", (data + data[:-9]).encode())) == ["html_cut"]


@pytest.mark.slow  # a measurement of time
def test_hostile_nests_take_no_time() -> None:
    """Tags that nothing closes, ends that nothing opened, one word of many elements."""
    assert text_of("<i>" * 10_000 + word("x") + "</b>" * 10_000) == "x"
    assert text_of("<i>" * 20_000 + "<b>x</b> " * 20_000) == " ".join(["x"] * 20_000)
    assert text_of("<b>x</b>" * 50_000) == "x" * 50_000


def test_a_comment_that_ends_is_one() -> None:
    assert text_of("<!-- <span class='ocrx_word'>old</span> -->" + line(word("<!--a"), word("b"))) == "<!--a b"


@pytest.mark.parametrize(
    "inside",
    [
        "<div class='ocr_page'><p>" + word("a") + "<div class='ocr_page'>" + word("b") + "</div>",
        "<div class='ocr_page'>"
        + word("a")
        + "</p></i></span></div></div><div class='ocr_page'>"
        + word("b")
        + "</div>",
        "<div class='ocr_page'><b>" + word("a</b>") + "</div><div class='ocr_page'>" + word("b"),
    ],
)
def test_pages_keep_apart_whatever_is_not_closed(inside: str) -> None:
    assert [row.values["text"] for row in cut(file(inside))] == ["a", "b"]


def test_text_of_ocr_outside_of_its_page_is_kept_and_counted() -> None:
    (row,) = cut(file(page(line(word("in"))) + line(word("out")) + "<p>Made by a program</p>"))
    assert row.values["text"] == "in\n\nout"
    assert row.problems == ("text: stands outside of its page",)
    (row,) = cut(file(line(word("alone"))))
    assert (row.values["text"], row.problems) == ("alone", ("text: stands outside of its page",))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_html"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)), "not_html"),
        (b"no tag at all", "not_html"),
        (b"<html><body><p>Sign in</p></body></html>", "not_hocr"),
        (file(page(line(word("x"))))[:-8], "html_cut"),
        (file(page(line(word("x"))))[:-40] + b"<span class='", "html_cut"),
        (b"<html><body><script>" + file(page(line(word("x")))), "html_cut"),
        (b"<div class='ocr_page'>x", "html_cut"),
    ],
)
def test_what_is_none_or_cut_is_a_reject(data: bytes, reason: str) -> None:
    assert reasons(read_one(reader(type="hocr"), "a.html", data)) == [reason]


def test_pages_before_a_cut_are_read_and_the_last_is_not() -> None:
    whole = file(*(page(line(word(f"w{number}")), name=f"p{number}") for number in range(9)))
    for end in range(whole.index(b"p3'"), len(whole) - 8, 7):
        found = read_one(reader(type="hocr"), "a.html", whole[:end])
        assert reasons(found) == ["html_cut"], end
        closed = whole[:end].count(b"</div>")
        begun = len(re.findall(rb"<div [^>]*>", whole[:end]))
        assert [row.values["text"] for row in records(found)] in (
            [f"w{number}" for number in range(count)] for count in range(begun - 1, closed + 1)
        ), end


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_encodings(encoding: str) -> None:
    meta = "" if "utf" in encoding else f"<meta http-equiv='Content-Type' content='text/html; charset={encoding}'/>"
    data = file(page(line(word("Zürich"))), head=meta).decode().encode(encoding)
    assert [row.values["text"] for row in cut(data)] == ["Zürich"]
    assert [row.values["text"] for row in cut(gzip.compress(data))] == ["Zürich"]


def test_deep_nests_and_many_open_tags() -> None:
    deep = "<div>" * 5000 + line(word("deep")) + "</div>" * 5000
    assert text_of(deep + line(word("behind"))).split() == ["deep", "behind"]
    assert text_of("<b>" * 20_000 + word("x")) == "x"


@pytest.mark.slow  # a measurement of memory
def test_memory_does_not_grow_with_the_file() -> None:
    one = page(paragraph(*(line(*(word(f"w{n}") for n in range(10))) for _ in range(20))))

    def peak(pages: int) -> int:
        data = file(*[one] * pages)
        made = reader(type="hocr")
        tracemalloc.start()
        try:
            seen = sum(1 for _ in made.read(Bundle("a.html", (item("a.html", data),)), {}))
            assert seen == pages + 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(120) < 1.5 * peak(40)


def test_words_survive_every_break() -> None:
    """Tags left out, closed twice or in the wrong order: no word is lost and none is read twice."""
    chance = random.Random(7)
    for _ in range(300):
        whole = file(
            *(page(*(paragraph(line(word(f"w{n}a"), word(f"w{n}b"))) for n in range(4))) for _ in range(3))
        ).decode()
        start = whole.index("<body>") + 6
        tags = [one for one in re.finditer(r"</(?:p|span|div)>|<p [^>]*>|<br>", whole) if one.start() > start]
        broken = whole
        for one in sorted(chance.sample(tags, 4), key=lambda tag: -tag.start()):
            broken = broken[: one.start()] + chance.choice(["", one[0] * 2, "</i>", "<b>"]) + broken[one.end() :]
        found = cut(broken)
        assert len(found) == 3
        read_ = " ".join(row.values["text"] for row in found)
        assert re.findall(r"w\d[ab]", read_) == re.findall(r"w\d[ab]", whole)


def test_modality_metadata_is_refused() -> None:
    with pytest.raises(ValidationError, match="reads text"):
        reader(type="hocr", modality="metadata")


def test_what_is_no_ocr_and_stands_in_no_page_is_counted() -> None:
    """Such as the text of a page that is closed too early."""
    data = file("<div class='ocr_page'><p>in</p></div></div><p>two words</p></div>")
    found = read_one(reader(type="hocr"), "a.html", data)
    assert [row.values["text"] for row in records(found)] == ["in"]
    assert [one.filled for one in unmapped(found)] == [{"words outside of any page and any element of hOCR": 2}]


@pytest.mark.parametrize(
    "before",
    [
        "<!--[if IE]><html class='ie'><![endif]-->",
        "<!--[if !IE]><!--><!--<![endif]-->",
        "<!-- <KcKa> <!-- -->",
        "<script><!-- '<html>' //--></script>",
        "<!--><!--->",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_stands_in_a_comment_is_no_markup(before: str, encoding: str) -> None:
    data = (before + file(page(line(word("<!--a"), word("b")))).decode()).encode(encoding)
    found = read_one(reader(type="hocr"), "a.html", data)
    assert [row.values["text"] for row in records(found)] == ["<!--a b"]
    assert not reasons(found)


@pytest.mark.parametrize(("encoding", "text"), [("koi8-r", "Москва"), ("windows-1252", "“œ”"), ("utf-8", "東京")])
def test_xhtml_says_its_encoding_as_xml_does(encoding: str, text: str) -> None:
    data = f"<?xml version='1.0' encoding='{encoding}'?>{file(page(line(word(text)))).decode()}".encode(encoding)
    assert [row.values["text"] for row in cut(data)] == [text]


def test_what_a_quoted_value_says_is_no_confidence() -> None:
    (row,) = cut(file(page(line("<span class='ocrx_word' title='x_font \"x_conf 2;\"; x_wconf 90.5'>a</span>"))))
    assert row.values["ocr_confidence"] == pytest.approx(0.905)


# --- the files of institutions ---


@pytest.mark.slow  # test_real_formats.py holds the rows of these files
def test_every_word_of_real_files_is_read() -> None:
    """Against Python's own parser; of the two files whose text is no HTML, against their words as they are written."""
    due = pages = 0
    for name, one in real_folder("hocr", "**/*.h*").items():
        data = one.open().read()
        found = read(reader(type="hocr", dehyphenate=False), {name: one})
        texts = " ".join(row.values["text"] for row in records(found)).split()
        if "broken_pis" in name or "broken_comment" in name:
            words = re.findall(r"<span class='ocrx_word'[^>]*>(.*?)</span>(&shy;)?", data.decode())
            said = " ".join(html.unescape("".join(one)) for one in words).split()
            assert any("escaped" in problem for row in records(found) for problem in row.problems)
        else:
            said = counted(data).text.split()
            assert len(records(found)) == counted(data).pages
        assert texts == said, name
        due, pages = due + len(said), pages + len(records(found))
        assert not reasons(found)
        by_line = read(reader(type="hocr", rows="line"), {name: one})
        assert " ".join(row.values["text"] for row in records(by_line)).split() == said, name
    assert (pages, due) == (13, 8566)
    assert unmapped(read(reader(type="hocr"), real_folder("hocr", "**/*.hocr")))


_PAGE = '<div class="ocr_page" id="p{0}"><span class="ocr_line"><span class="ocrx_word">w{0}</span></span></div>'


@pytest.mark.parametrize(
    ("between", "texts", "problem"),
    [
        ("<div//", ["w1", "w2"], ""),
        ("<body//\n", ["w1", "w2"], "html: a tag that ends where the next one begins"),
        ("<head ", ["w1", "w2"], "html: a tag that ends where the next one begins"),
        ('<dv class="ocr_page">', ["w1", "w2"], "html: a sign < that nobody escaped"),
        ("<div class=iv ", ["w1\n\nw2"], ""),
        ("<div class= ", ["w1\n\nw2"], ""),
    ],
)
def test_a_tag_that_is_broken_takes_no_page_along_and_the_count_agrees(
    between: str, texts: list[str], problem: str
) -> None:
    """As HTML has it: a further `class` is none, what has no name of HTML is no tag, a second body is none."""
    page = _PAGE.format(2)
    inside = between + (page.removeprefix("<div ") if between.startswith("<div class") else page)
    one = item("a.hocr", f"<html><body>{_PAGE.format(1)}{inside}</body></html>".encode())
    made = reader(type="hocr")
    found = read(made, {one.name: one})
    assert [row.values["text"] for row in records(found)] == texts
    assert not rejects(found)
    assert len(texts) == made.expected(Bundle("b", (one,)))
    assert {said for row in records(found) for said in row.problems if said.startswith("html")} == {problem} - {""}
