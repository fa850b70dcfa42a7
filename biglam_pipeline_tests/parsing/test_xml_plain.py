"""What is read of an OAI-PMH answer as one tree is what the reader of pieces finds in it."""

import random
import re
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.parsing.xml.envelopes import OAI
from biglam_pipeline.parsing.xml.plain import plain_pieces
from biglam_pipeline.parsing.xml.reading import to_bytes
from biglam_pipeline.parsing.xml.streaming import Pieces
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.test_by_records import HARM, page_of

PAGE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" '
    b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><responseDate>2026-11-20T10:00:00Z</responseDate>'
    b"<request>x</request><ListRecords>\n"
    b"<record><header><identifier>a</identifier></header><metadata><dc><t>\xc3\xa9 &amp; <![CDATA[<b>]]></t></dc>"
    b"</metadata></record>\n<record><header status='deleted'><identifier>b</identifier></header></record>\n"
    b"<resumptionToken>next</resumptionToken></ListRecords></OAI-PMH>"
)


def both(data: bytes, media_type: str = "") -> bool:
    """Whether it is read as one tree; and then it must be the same: names, places, content, what is around."""
    plain = plain_pieces(data, media_type)
    if plain is None:
        return False
    careful = Pieces(BytesIO(data), OAI, media_type)
    found = [(one.name, one.path, to_bytes(one.element)) for one in plain if one.element is not None]
    wanted = [(one.name, one.path, one.element, one.trouble, one.repairs) for one in careful]
    assert [one[:2] for one in found] == [one[:2] for one in wanted]
    for (*_, content), (*_, element, trouble, repairs) in zip(found, wanted, strict=True):
        assert trouble is None
        assert repairs == ()
        assert element is not None
        assert _same(content, to_bytes(element))
    assert (careful.repairs, careful.whole, careful.envelopes) == (plain.repairs, plain.whole, plain.envelopes)
    return True


def _same(one: bytes, other: bytes) -> bool:
    """Up to what stands behind the element, and to where a namespace is declared."""
    declared = re.compile(rb'\s+xmlns(:\w+)?="[^"]*"')
    return declared.sub(b"", one).rpartition(b">")[0] == declared.sub(b"", other).rpartition(b">")[0]


def test_a_page_without_a_fault_is_one_tree() -> None:
    assert both(PAGE)
    assert both(PAGE, "text/xml; charset=utf-8")
    assert both(PAGE.replace(b"ListRecords", b"ListIdentifiers"))
    assert both(PAGE.replace(b"<request>", b'<error code="x">no</error><?php ?><!-- c --><request>'))
    assert both(b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords/></OAI-PMH>')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<?xml", b"Notice: x\n<?xml"),
        (b"</OAI-PMH>", b"</OAI-PMH>\nNotice: x"),
        (b"</OAI-PMH>", b""),
        (b"<record><header><id", b"and <record><header><id"),
        (b"<record><header><id", b"<br/><record><header><id"),
        (b"<request>", b"<hr></hr><request>"),
        (b"<request>", b"x<request>"),
        (b"\xc3\xa9", b"\xe9"),
        (b"\xc3\xa9", b"&eacute;"),
        (b"\xc3\xa9", b"\x00"),
        (b"\xc3\xa9", b"<q:b/>"),
        (b"UTF-8", b"ISO-8859-1"),
        (b"UTF-8", b"utf-16"),
        (b"UTF-8", b"nobody"),
        (b"<OAI", b"<!DOCTYPE OAI-PMH><OAI"),
        (b"OAI-PMH", b"Repository"),
        (b"OAI-PMH", b"rss"),
        (b'xmlns:xsi="http', b'xmlns:xsi="a b http'),
        (b"<ListRecords>", b'<ListRecords xmlns:x="relative">'),
    ],
)
def test_where_something_is_to_be_mended_the_reader_of_pieces_has_it(old: bytes, new: bytes) -> None:
    assert old in PAGE
    assert not both(PAGE.replace(old, new))


def test_bytes_that_would_fill_the_memory_are_left_to_it() -> None:
    assert not both(PAGE.replace(b"\xc3\xa9", b"x" * 4 * 1024 * 1024))
    assert not both(b"\xef\xbb\xbf" + b"<a/>")


ODD = b' xmlns:odd="urn:odd"'


@examples(200)
@given(seed=st.integers(0, 2**32))
def test_of_any_page_it_is_the_same(seed: int) -> None:
    both(page_of(random.Random(seed)).replace(ODD, b""))


def test_many_pages_are_read_so() -> None:
    """Or the test before this one would hold nothing."""
    assert sum(both(page_of(random.Random(seed)).replace(ODD, b"")) for seed in range(60)) > 15
    assert not both(page_of(random.Random(0)))


@pytest.mark.parametrize("harm", HARM)
def test_harm_anywhere_is_seen_or_harmless(harm: str) -> None:
    chance = random.Random(harm)
    places = [found.start() for found in re.finditer(b"<|(?<=>)", PAGE)]
    for _ in range(60):
        at = chance.choice(places)
        both(PAGE[:at] + harm.encode() + PAGE[at:])


def test_real_answers(real_data: Path) -> None:
    """Most of those that institutions send are read as one tree."""
    plain = [both(path.read_bytes()) for path in sorted((real_data / "oai-pmh").rglob("*.xml"))]
    assert sum(plain) > len(plain) / 3, f"{sum(plain)} of {len(plain)}"
