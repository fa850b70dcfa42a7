"""Dirty XML of the kinds that harvesters reported: each is read as it was meant, and each repair is named.

The inputs are made up; the links are where others met the kind.
"""

import codecs

import pytest

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import read_xml, root_name, text_of

FORBIDDEN = "character that XML forbids"
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>'


def _as(label: str, text: str, codec: str) -> bytes:
    """A document that declares one encoding and is written in a larger one."""
    return f'<?xml version="1.0" encoding="{label}"?><a>{text}</a>'.encode(codec)


@pytest.mark.parametrize(
    ("data", "text", "repairs"),
    [
        # U+001A in oai_dc: https://github.com/TreeBASE/treebase/issues/193
        (b"<a>before\x1aafter</a>", "beforeafter", (FORBIDDEN,)),
        # U+0003 at the end of a title: https://github.com/IQSS/dataverse/issues/8306
        (b"<a b='c\x03'>d\x03</a>", "d", (FORBIDDEN,)),
        (b"<\x00a>d\x00</a>", "d", (FORBIDDEN,)),
        (b"<a>one\x0btwo\x0cthree</a>", "one two three", (FORBIDDEN,)),
        # U+FFFE and U+FFFF, as letters and as references: https://github.com/DSpace/DSpace/issues/10721
        (b"<a>\xef\xbf\xbe\xef\xbf\xbf&#xfffe;&#65535;</a>", "\ufffd" * 4, (FORBIDDEN,)),
        # halves of UTF-16 letters: https://github.com/hbz/lobid-gnd/issues/336
        (b"<a>\xed\xa0\xb5\xed\xb0\x80 \xed\xa0\xb5</a>", "\U0001d400 \ufffd", (FORBIDDEN,)),
        (b"<a>&#xD835;&#xDC00; &#55349;&#56320; &#xD835;</a>", "\U0001d400 \U0001d400 \ufffd", (FORBIDDEN,)),
        (
            b"<a>&#0;&#x0;&#1114112;&#99999999999;</a>",
            "\ufffd\ufffd\ufffd&#99999999999;",
            (FORBIDDEN, "bare ampersand"),
        ),
        # &nbsp; and its like: https://github.com/CenterForOpenScience/scrapi/pull/467
        (b"<a>x&nbsp;y&mdash;z&Eacute;&lt;</a>", "x\u00a0y\u2014z\u00c9<", ("HTML entity",)),
        (b"<a b='&eacute;'>d</a>", "d", ("HTML entity",)),
        (b"<a>R&D &; & x&#; &#x; &#zz; &eacute x</a>", "R&D &; & x&#; &#x; &#zz; &eacute x", ("bare ampersand",)),
        (b"<a href='x?a=1&b=2&amp;c'>d</a>", "d", ("bare ampersand",)),
        (b"<a><![CDATA[R&D <b>]]> & co</a>", "R&D <b> & co", ("bare ampersand",)),
        (b"<a>1 < 2 <= 3 <<4</a>", "1 < 2 <= 3 <<4", ("bare less-than sign",)),
        (b"<a>x ]]> y</a>", "x ]]> y", ("end of CDATA in text",)),
        (b"<a><!-- one -- two --->b</a>", "b", ("comment with -- inside",)),
        # a document pasted into a document; DPLA strips them too
        (b"<a>\n<?xml version='1.0'?>\n<!DOCTYPE b>\n<b>c</b></a>", "c", ("second XML declaration", "second DOCTYPE")),
        (b"<?xml version='1.0' encoding=utf-8?><a>b</a>", "b", ("XML declaration that is none",)),
        (b"<?xml?><a>b</a>", "b", ("XML declaration that is none",)),
        # an empty line, a notice, an error page: https://github.com/findsorguk/findsorguk/issues/843
        (b"\n<?xml version='1.0'?><r>b</r>", "b", ("text before the document",)),
        (b"Deprecated: x in y\n<r>b</r>", "b", ("text before the document",)),
        (
            b"<br />\n<b>Warning</b>: <a href='x'>m</a> in <b>/a.php</b><br />\n<r>b</r>",
            "b",
            ("text before the document",),
        ),
        (b"<r>b</r>\n<br />\n<b>Notice</b>: Undefined <i>x</i> & y<br />", "b", ("text after the document",)),
        (b"<r>b</r><html><body><p>504</p></body></html>", "b", ("text after the document",)),
        (b"<r>b</r>\0\0\0", "b", (FORBIDDEN,)),
        # an attribute twice: https://github.com/delving/culture-hub/issues/596
        (b"<a xmlns='u' xmlns='u' b='1' b=\"1\">c</a>", "c", ("attribute written twice",)),
        # prefixes that only the first page declares: https://github.com/OPUS4/application/issues/427
        (b"<a xsi:schemaLocation='u'>c</a>", "c", ("prefix xsi not declared",)),
        (b"<a xmlns:p=''>c<p:b/></a>", "c", ("prefix declared as nothing", "prefix p not declared")),
        # a blank inside a namespace, in records that reached DPLA
        (b"<a xmlns:p='http://x/ y'>c<p:b/></a>", "c", ("namespace that is no URI",)),
    ],
)
def test_what_others_met_is_read(data: bytes, text: str, repairs: tuple[str, ...]) -> None:
    document = read_xml(data)
    assert text_of(document.root) == text
    assert document.repairs == repairs


@pytest.mark.parametrize(
    ("data", "media_type", "text", "repairs"),
    [
        ("<a>é ü</a>".encode("cp1252"), "", "é ü", ("bytes that are not UTF-8",)),
        (b"<a>caf\xe9 caf\xc3\xa9</a>", "", "café café", ("bytes that are not UTF-8",)),
        (b"<a>\x93x\x94 \x80 \x81</a>", "", "\u201cx\u201d \u20ac \x81", ("bytes that are not UTF-8",)),
        # declared ISO-8859-1, sent as UTF-8: https://github.com/mloesch/sickle/pull/9 is the way round of it
        ((LATIN + "<a>é</a>").encode(), "", "é", ("declared as iso8859-1, is utf-8",)),
        ((LATIN + "<a>é</a>").encode("latin-1"), "", "é", ()),
        (_as("GB2312", "镕地", "gbk"), "", "镕地", ("declared as gb2312, is gb18030",)),
        (_as("Shift_JIS", "①図", "cp932"), "", "①図", ("declared as shift_jis, is cp932",)),
        (_as("EUC-KR", "똠방", "cp949"), "", "똠방", ("declared as euc_kr, is cp949",)),
        (_as("Big5", "裏圖", "cp950"), "", "裏圖", ("declared as big5, is cp950",)),
        ((LATIN + "<a>“é”</a>").encode("cp1252"), "", "“é”", ("declared as iso8859-1, is windows-1252",)),
        ((LATIN + "<a>\x98The\x9c é</a>").encode("latin-1"), "", "\x98The\x9c é", ()),  # non-sorting marks
        # .NET writes utf-16 over UTF-8
        (b'<?xml version="1.0" encoding="utf-16"?><a>\xc3\xa9</a>', "", "é", ("declared as utf-16, is utf-8",)),
        # UTF-16 that says it is UTF-8: https://github.com/ietf-tools/datatracker/issues/6726
        (
            '<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode("utf-16"),
            "",
            "é",
            ("declared as utf-8, is utf-16",),
        ),
        ("<a>é</a>".encode("utf-16"), "", "é", ()),
        ("<a>é</a>".encode("utf-16-le"), "", "é", ()),
        ("<a>é</a>".encode("utf-16-be"), "", "é", ()),
        ("<a>é</a>".encode("utf-32"), "", "é", ()),
        (codecs.BOM_UTF8 + "<a>é</a>".encode(), "", "é", ()),
        ("<a>é\ud835</a>".encode("utf-16", "surrogatepass"), "", "é\ufffd", (FORBIDDEN,)),
        ("<a>é</a>\n".encode("utf-16")[:-1], "", "é", (FORBIDDEN, "text after the document")),
        # no declaration at all: https://github.com/IQSS/dataverse/issues/10329
        ("<a>Müll</a>".encode("latin-1"), "a/b; charset=latin1", "Müll", ("read as iso8859-1, as the server says",)),
        ("<a>Łódź</a>".encode("latin2"), 'a/b; charset="latin2"', "Łódź", ("read as iso8859-2, as the server says",)),
        ("<a>é</a>".encode(), "text/xml; charset=ISO-8859-1", "é", ()),  # Apache adds one to all
        (b'<?xml version="1.0" encoding="klingon"?><a>\xc3\xa9</a>', "", "é", ("encoding declared that nobody knows",)),
        (
            b'<?xml version="1.0" encoding="unicode_escape"?><a>\\x3cb/></a>',
            "",
            "\\x3cb/>",
            ("encoding declared that nobody knows",),
        ),
        (b'<?xml version="1.0" encoding="rot13"?><a>b</a>', "", "b", ("encoding declared that nobody knows",)),
        (
            b'<?xml version="1.0" encoding="us-ascii"?><a>\xe9</a>',
            "",
            "é",
            ("bytes that are not ascii", "bytes that are not UTF-8"),
        ),
        ('<?xml version="1.0" encoding="Shift_JIS"?><a>表紙</a>'.encode("shift_jis"), "", "表紙", ()),
        ('<?xml version="1.0" encoding="ISO-2022-JP"?><a>表紙</a>'.encode("iso2022_jp"), "", "表紙", ()),
        ('<?xml version="1.0" encoding="GB18030"?><a>联通</a>'.encode("gb18030"), "", "联通", ()),
        ('<?xml version="1.0" encoding="cp037"?><a>b</a>'.encode("cp037"), "", "b", ()),
    ],
)  # fmt: skip
def test_encodings(data: bytes, media_type: str, text: str, repairs: tuple[str, ...]) -> None:
    document = read_xml(data, media_type)
    assert text_of(document.root) == text
    assert set(document.repairs) == set(repairs)


@pytest.mark.parametrize(
    ("data", "tag", "attribute"),
    [
        (b"<dc:a><dc:b/></dc:a>", "{http://purl.org/dc/elements/1.1/}b", None),
        (b"<a><shelf:b/></a>", "{urn:unbound:shelf}b", None),
        (b"<a><b zz:c='5'/></a>", "b", "{urn:unbound:zz}c"),
        (b"<a><p-1.x:b/></a>", "{urn:unbound:p-1.x}b", None),
        ("<a><é:b/></a>".encode(), "{urn:unbound:%C3%A9}b", None),
        (b"<a><b xmlns:p='u'/><p:b/></a>", "b", None),
        (b"<a xmlns:dc='own'><dc:b/><q:c/></a>", "{own}b", None),  # what is declared stays as it is declared
    ],
)
def test_an_undeclared_prefix_is_bound_by_itself(data: bytes, tag: str, attribute: str | None) -> None:
    """To the namespace that the field means by it, else to urn:unbound:PREFIX; elements and attributes alike."""
    document = read_xml(data)
    first = document.root[0]
    assert first.tag == tag
    assert [*first.attrib] == ([attribute] if attribute else [])
    assert len(document.repairs) == 1


def test_a_prefix_that_is_declared_elsewhere_only_is_bound_where_it_is_not() -> None:
    root = read_xml(b"<a><b><p:c xmlns:p='own'/></b><p:c/></a>").root
    assert [one.tag for one in root.iter("{*}c")] == ["{own}c", "{urn:unbound:p}c"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<a><b Sons</b></a>", "xml_cut"),
        (b"<a>x</b></a>", "xml_cut"),
        (b"<a b='1' b='2'/>", "xml_cut"),  # which of the two?
        (b"<a b=1/>", "xml_cut"),
        (b"<a b='x<y'/>", "xml_cut"),
        (b"<a><!-- x</a>", "xml_cut"),
        (b"<a><![CDATA[ x</a>", "xml_cut"),
        (b"<a/><a/>", "xml_cut"),
        (b"<r/><br/><r/>", "xml_cut"),  # a second document is no notice
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "xml_refused"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a b='&x;'/>", "xml_refused"),
        (b"<!DOCTYPE a [<!ENTITY % x 'y'> %x; <!ENTITY z 'z'>]><a>&z;</a>", "xml_refused"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x; & y</a>", "xml_refused"),
        (b"<?php echo 1 ?>", "xml_cut"),
        (b"<!-- nothing -->", "xml_cut"),
    ],
)
def test_what_would_be_a_guess_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_xml(data)
    assert caught.value.reason == reason


def test_an_entity_of_a_dtd_that_is_not_loaded_is_not_lost() -> None:
    """EAD and TEI of the nineties name one; a parser that does not load it drops `&eacute;` from attributes."""
    data = b"<!DOCTYPE ead PUBLIC '+//x' 'ead.dtd'><ead id='caf&eacute;'>caf&eacute; &odd;</ead>"
    document = read_xml(data)
    assert (document.root.get("id"), document.root.text) == ("café", "café &odd;")
    assert document.repairs == ("HTML entity", "entity that nobody declares")


def test_a_dtd_that_declares_what_nobody_uses_hurts_nobody() -> None:
    data = b"<!DOCTYPE ead [<!ENTITY logo SYSTEM 'x.gif' NDATA gif>\n<!-- don't ] > --><!ELEMENT ead ANY>]><ead>b</ead>"
    assert read_xml(data).repairs == ()


def test_a_root_that_is_called_like_an_element_of_html_is_no_notice() -> None:
    assert read_xml(b"<div><head>A & B</head></div>").root.tag == "div"
    assert read_xml(b"<table><row>A & B</row></table>").root.tag == "table"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<?xml version='1.0'?><!-- <a> --><!DOCTYPE b [<!ENTITY c '<d>'>]><p:alto x='1'>", "alto"),
        (b"<br />\n<b>Notice</b>: x\n<mets:mets>", "mets"),
        (b"<mets a=\"b c='d", "mets"),
        ("<mets>".encode("utf-16"), "mets"),
        ("<mets>".encode("utf-16-be"), "mets"),
        (b"<div><head>", "div"),
        (b"nothing", ""),
        (b"", ""),
        (b"<!--" * 16_000, ""),
    ],
)
def test_the_root_is_reported_by_the_first_bytes(head: bytes, name: str) -> None:
    assert root_name(head) == name


def test_a_declaration_deep_inside_is_not_taken_for_the_beginning() -> None:
    assert len(read_xml(b"<all><r>1</r><?xml version='1.0'?><r>2</r></all>").root) == 2
