"""Hostile and broken XML: every case has one right outcome."""

import gzip
import time
from pathlib import Path

import pytest

from biglam_pipeline.parsing.inflate import Unreadable, open_plain, read_whole
from biglam_pipeline.parsing.xml.reading import read_xml, text_of
from biglam_pipeline_tests.normalize.bundles import item


def _refused(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_xml(data)
    return caught.value


def test_h01_an_external_entity_is_not_resolved_and_the_document_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    data = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    assert _refused(data).reason == "xml_refused"
    data = data.replace(b"<a>&x;</a>", b'<a b="c"/>')
    assert read_xml(data).root.get("b") == "c"


def test_h02_an_internal_entity_is_refused_too_since_its_text_would_be_lost() -> None:
    assert _refused(b'<!DOCTYPE a [<!ENTITY x "text">]><a>&x;</a>').reason == "xml_refused"


def test_h03_an_external_dtd_is_not_fetched() -> None:
    assert text_of(read_xml(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>b</a>').root) == "b"


@pytest.mark.parametrize("times", [pytest.param(10, id="H04"), pytest.param(20_000, id="H05")])
def test_entity_bombs_end_at_once(times: int) -> None:
    if times == 10:
        entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
        data = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + entities + b"]><a>&l9;</a>"
    else:
        data = b'<!DOCTYPE a [<!ENTITY x "' + b"a" * 100_000 + b'">]><a>' + b"&x;" * times + b"</a>"
    start = time.process_time()
    assert _refused(data).reason == "xml_refused"
    assert time.process_time() - start < 2


def test_h04_an_entity_bomb_in_an_attribute() -> None:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    data = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + entities + b']><a b="&l9;"/>'
    assert _refused(data).reason in ("xml_refused", "xml_cut")


@pytest.mark.parametrize(("depth", "good"), [(200, True), (2_049, False), (100_000, False)])
def test_h06_nesting(depth: int, good: bool) -> None:
    data = b"<a>" * depth + b"</a>" * depth
    if good:
        assert read_xml(data).repairs == ()
    else:
        assert _refused(data).reason == "xml_refused"


def test_h07_a_text_of_11_megabytes_is_refused() -> None:
    assert _refused(b"<a>" + b"x" * 11_000_000 + b"</a>").reason == "xml_refused"


def test_h08_many_attributes() -> None:
    attributes = b" ".join(b'a%d="1"' % number for number in range(100_000))
    start = time.process_time()
    assert len(read_xml(b"<a " + attributes + b"/>").root.attrib) == 100_000
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("code", "data", "text", "repair"),
    [
        ("H09", b"<a>b\x00c\x01\td\r\n</a>", "bc\td", "character that XML forbids"),
        ("H10", b"<a>b&#26;c&#55349;</a>", "b\ufffdc\ufffd", "character that XML forbids"),
        ("H10", b"<a>&#55349;&#56320;</a>", "\U0001d400", "character that XML forbids"),
        ("H11", b"<a>caf\xe9 \xc3\xa9</a>", "caf\u00e9 \u00e9", "bytes that are not UTF-8"),
        ("H13", b"<a>caf&eacute; &amp; co</a>", "caf\u00e9 & co", "HTML entity"),
        ("H13", b"<a>&amp; &unknown;</a>", "& &unknown;", "entity that nobody declares"),
        ("H14", b"<a>Smith & Sons &amp; Co</a>", "Smith & Sons & Co", "bare ampersand"),
        ("H14", b"<a>x?a=1&b=2</a>", "x?a=1&b=2", "bare ampersand"),
        ("H16", b"<?xml version='1.0'?><a><?xml version='1.0'?><b>c</b></a>", "c", "second XML declaration"),
        ("H17", b"<a><dc:b>c</dc:b></a>", "c", "prefix dc not declared"),
        ("F08", b"<br />Notice: x\n<?xml version='1.0'?><a>b</a>", "b", "text before the document"),
        ("F08", b"\n\n<?xml version='1.0'?><a>b</a>", "b", "text before the document"),
        ("F08", b"<a>b</a>\nNotice: undefined index", "b", "text after the document"),
    ],
)
def test_what_can_be_repaired_without_guessing_is(code: str, data: bytes, text: str, repair: str) -> None:
    document = read_xml(data)
    assert text_of(document.root) == text
    assert document.repairs == (repair,)


def test_several_repairs_in_one_document() -> None:
    document = read_xml(
        b"\n<?xml version='1.0'?><a x:b='1' xsi:c='2'><dc:b>A & B &uuml;</dc:b></a>".replace(b"x:b", b"b")
    )
    assert text_of(document.root) == "A & B \u00fc"
    assert len(document.repairs) == 5


@pytest.mark.parametrize(
    "data",
    [
        b"<a><b>c",
        b"<a><b>c</a>",
        b"<a b=>",
        b"<a><b>c</b>",
        b"<a>1</a><b1>2</b1>",
        b"<a>1</a><a>2</a>",
    ],
)
def test_h15_cut_off_xml_is_an_error_with_its_place(data: bytes) -> None:
    trouble = _refused(data)
    assert trouble.reason == "xml_cut"
    assert trouble.position.startswith("line 1, column ")


def test_h12_utf16_is_read_and_utf7_refused() -> None:
    assert text_of(read_xml('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16")).root) == "é"
    assert _refused(b'<?xml version="1.0" encoding="UTF-7"?><a>+AOk-</a>').reason == "xml_refused"
    assert text_of(read_xml('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")).root) == "é"


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE html><html><body>Request blocked</body></html>", b"  <HTML>", b"", b"Forbidden", b'{"a": 1}']
)
def test_h18_what_is_not_xml_is_reported(data: bytes) -> None:
    assert _refused(data).reason == "not_xml"


def test_h19_a_gzip_bomb_stops_at_the_cap() -> None:
    with pytest.raises(Unreadable) as caught:
        read_whole(item("a.xml", gzip.compress(b"<a>" + bytes(60_000_000))))
    assert caught.value.reason == "gzip_bomb"


def test_h20_the_first_bytes_decide_whether_it_is_gzip() -> None:
    assert read_whole(item("a.xml", gzip.compress(b"<a/>"))) == b"<a/>"
    assert read_whole(item("a.xml.gz", b"<a/>")) == b"<a/>"
    with open_plain(item("a.xml", gzip.compress(b"<a/>")[:-6])) as stream, pytest.raises(Unreadable) as caught:
        stream.read()
    assert caught.value.reason == "gzip_damaged"
