"""TEI: no word is lost, doubled or run into the next in silence, whatever encodes it."""

from typing import Any

import pytest

from biglam_pipeline_tests.normalize.bundles import read_one, reader, reasons, records, unmapped
from biglam_pipeline_tests.normalize.formats.test_tei import columns_of, corpus, rows_of, tei, text_of, texts_of


def unread(data: bytes | str, **block: Any) -> set[str]:
    raw = data.encode() if isinstance(data, str) else data
    (one,) = unmapped(read_one(reader(type="tei", **block), "a.xml", raw))
    return set(one.filled)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<s><w>a</w><phr><w>b</w></phr><phr><w>c</w></phr></s>", "a b c"),
        ("<p><w>a</w><hi><w>b</w></hi><pc>.</pc></p>", "a b."),
        ("<s><w>a</w><note>of it</note><w>New York</w></s>", "a New York\n\nof it"),
        ("<p><w part='I'>wo</w><w part='F'>rd</w><w>x</w></p>", "word x"),
        ("<p><w>a</w> <w>b</w><seg><w>c</w></seg></p>", "a bc"),
        ("<p><s>One.</s><s>Two.</s></p>", "One. Two."),
        (
            "<entry><form><orth>cat</orth><pron>kat</pron></form><sense><cit><quote>Katze</quote></cit></sense></entry>",
            "cat kat Katze",
        ),
        ("<entry><form><orth>dog</orth>, </form></entry><entry><def>Hund</def></entry>", "dog,\n\nHund"),
        (
            "<listPerson><person><persName>Ann</persName><birth>1700</birth></person><person>B</person></listPerson>",
            "Ann 1700\nB",
        ),
        ("<listBibl><bibl>One</bibl><bibl>Two</bibl></listBibl>", "One\n\nTwo"),
        ("<p><cit><quote>To be</quote><bibl>Hamlet</bibl></cit></p>", "To be Hamlet"),
        ("<p><address><street>High St</street><settlement>Oxford</settlement></address></p>", "High St Oxford"),
        ("<list><headLabel>W</headLabel><headItem>M</headItem><label>a</label><item>b</item></list>", "W\nM\na\nb"),
        ("<castList><castItem><role>Ham</role><roleDesc>prince</roleDesc></castItem></castList>", "Ham prince"),
        ("<opener><dateline><hi>L</hi><hi>ondon</hi> (<date>1 May</date>)</dateline></opener>", "London (1 May)"),
        ("<div><camera>Pan</camera><caption>Later</caption></div>", "Pan\n\nLater"),
        ("<p>a <restore><hi><del>kept</del></hi></restore> <del>gone</del>b</p>", "a kept b"),
    ],
)
def test_words_stand_apart_where_their_elements_do(body: str, text: str) -> None:
    assert text_of(body) == text


def test_loose_words_beside_alternatives_are_reported() -> None:
    assert unread(tei("<p><choice>loose<orig>a</orig> <reg>b</reg></choice></p>", "")) == {"choice", "reg"}
    assert unread(tei("<p><choice> <orig>a</orig> </choice></p>", "")) == set()


@pytest.mark.parametrize(
    ("body", "rows", "texts"),
    [
        ("<app><lem><p>A</p></lem><rdg><p>B</p></rdg></app><p>C</p>", "p", ["A", "C"]),
        ("<del><lg><l>x</l></lg></del><lg><l>y</l></lg>", "lg", ["y"]),
        ("<p>a</p><note><p>n</p></note>", "p", ["a"]),
        ("<p>a</p><egXML><text><body><p>b</p></body></text></egXML>", "text", ["a\n\nb"]),
    ],
)
def test_what_is_not_read_is_no_row(body: str, rows: str, texts: list[str]) -> None:
    assert texts_of(tei(body, ""), rows=rows, notes="drop") == texts


def test_a_text_without_such_a_row_is_a_reject() -> None:
    data = corpus(tei("<p>lost</p>", ""), tei("<div><p>k</p></div>", ""))
    found = read_one(reader(type="tei", rows="div"), "a.xml", data)
    assert ([row.values["text"] for row in records(found)], reasons(found)) == (["k"], ["rows_missing"])
    assert texts_of(tei("<p/>"), rows="page") == [""]


def test_words_outside_are_reported_beside_rows_of_what_is_not_read() -> None:
    body = "<p>outside</p><app><lem>A</lem><rdg>a reading that is longer</rdg></app>"
    assert rows_of(tei(body), rows="//rdg")[-1].problems == ("text: words stand outside of what `rows` says",)


def test_a_transcription_beside_a_text_is_read_or_reported() -> None:
    source = "<sourceDoc><surface><line>a b</line></surface></sourceDoc>"
    assert texts_of(f"<TEI>{source}<text><body><p/></body></text></TEI>") == ["a b"]
    beside = f"<TEI>{source}<standOff><p>c</p></standOff><facsimile/><text><body><p>d</p></body></text></TEI>"
    assert (texts_of(beside), unread(beside)) == (["d"], {"sourceDoc", "standOff"})


def test_a_part_has_the_language_that_is_nearest() -> None:
    group = "<text xml:lang='la'><body><p>a</p></body></text><text xml:lang='fr'><body><p>b</p></body></text>"
    rows = rows_of(f"<TEI xml:lang='en'><text xml:lang='de'><group>{group}</group></text></TEI>", rows="text")
    assert [row.values["languages"] for row in rows] == [["la"], ["fr"]]
    body = "<div xml:lang='en'><p>a</p></div><div><p>b</p></div>"
    rows = rows_of(f"<TEI><text xml:lang='la'><body>{body}</body></text></TEI>", rows="p")
    assert [row.values["languages"] for row in rows] == [["en"], ["la"]]


@pytest.mark.parametrize(
    ("source", "date"),
    [
        ("<title>History of <date>1649</date></title><date>1712</date>", ["1712"]),
        ("<author>Milton <date>1608-1674</date></author><date>1667</date>", ["1667"]),
        ("<publisher>X, <date>1750</date></publisher>", ["1750"]),
        ("<publisher>X, <date>1700-1800</date></publisher><date>1750</date>", ["1750"]),
        ("<date notBefore='1650'/>", ["1650/.."]),
        ("<date notAfter='1700'/>", ["../1700"]),
        ("<dateRange from='1600' to='1650'/>", ["1600/1650"]),
    ],
)
def test_the_date_is_that_of_the_printing(source: str, date: list[str]) -> None:
    found = columns_of(f"<fileDesc><sourceDesc><bibl>{source}</bibl></sourceDesc></fileDesc>")
    assert found["date_raw"] == date


def test_a_letter_is_of_the_day_on_which_it_was_sent() -> None:
    actions = "<correspAction type='received'><date when='1811'/></correspAction>"
    actions += "<correspAction type='sent'><date when='1810-02-03'/></correspAction>"
    found = columns_of(f"<profileDesc><correspDesc>{actions}</correspDesc></profileDesc>")
    assert (found["date_raw"], found["year_evidence"]) == (["1810-02-03"], "record")


@pytest.mark.parametrize(("readings", "text"), [("source", "a"), ("edited", "c")])
def test_a_choice_of_choices_is_gone_into(readings: str, text: str) -> None:
    body = "<p><choice><choice><sic>a</sic><corr>b</corr></choice><reg>c</reg></choice></p>"
    assert text_of(body, readings=readings) == text


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        ("<p>a<choice><orig>x<pb/>y</orig><reg>xy</reg></choice>b</p>", ["a", "xyb"]),
        ("<p>a<choice><orig>x<pb/>y</orig><reg>x<pb/>y</reg></choice>b</p>", ["ax", "yb"]),
        ("<p>a<fw><pb/>head</fw>b</p>", ["a", "b"]),
        ("<p>a<app><lem>x</lem><rdg>y<pb/></rdg></app>b</p>", ["axb"]),
    ],
)
def test_a_page_begins_also_where_nothing_is_read(body: str, pages: list[str]) -> None:
    assert texts_of(tei(body), rows="page", readings="edited") == pages
