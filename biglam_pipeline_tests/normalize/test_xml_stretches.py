"""A large dump of records in XML is cut where one ends, and read in stretches it gives what it gives as a whole."""

import io
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.stretching import NotCut, Sizes, cut_stream
from biglam_pipeline.parsing.xml import dumps
from biglam_pipeline.records import Bundle, Item, Record, Reject
from biglam_pipeline_tests.normalize.bundles import item, reader, real_folder
from biglam_pipeline_tests.normalize.formats.lido_records import SPACES, lido, titled
from biglam_pipeline_tests.normalize.formats.marc_records import SLIM, marcxml
from biglam_pipeline_tests.normalize.stretches import compare, said, stretches

SMALL = Sizes(above=2000, least=1200, spread=1200, most=6000, block=2000)
DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "SIZES", SMALL)


def of(data: bytes, media_type: str = "") -> Item:
    return replace(item("a.xml", data), media_type=media_type)


# --- dumps -------------------------------------------------------------------------------------------------------

WORDS = [
    "Whale",
    "Moby",
    "Dick",
    "&",
    "the",
    "Péquod's",
    "crew,",
    "Nantucket",
    "1851;",
    "or",
    "Ahab's",
    "\u201cHunt\u201d",
]


def words(number: int) -> str:
    drawn = random.Random(number)
    return " ".join(drawn.choices(WORDS, k=drawn.randrange(5, 60))).replace("&", "&amp;")


def bare(fields: list[tuple[str, str]]) -> str:
    """A record whose namespace the list declares."""
    return marcxml(fields).replace(f' xmlns="{SLIM}"', "")


def marc(number: int) -> str:
    return bare([("001", f"n{number:05d}"), ("245", f"10$aTitle {number} {words(number)}"), ("500", "  $aA note.")])


def unnamed_marc(number: int) -> str:
    return bare([("245", f"10$aTitle {number % 7}"), ("500", "  $aA note." + "x" * 300)])


def mods(number: int) -> str:
    named = f"<identifier type='local'>m{number}</identifier>" if number % 3 else ""
    return f"<mods><titleInfo><title>{words(number % 40)}</title></titleInfo>{named}</mods>"


def prefixed(number: int) -> str:
    return f"<m:mods><m:titleInfo><m:title xml:lang='de'>{words(number)}</m:title></m:titleInfo></m:mods>"


def dublin_core(number: int) -> str:
    return (
        f"<oai_dc:dc><dc:title>{words(number % 30)}</dc:title><dc:identifier>urn:x:{number % 50}</dc:identifier>"
        "</oai_dc:dc>"
    )


def oai(number: int) -> str:
    gone = " status='deleted'" if number % 9 == 0 else ""
    header = f"<header{gone}><identifier>oai:x:{number}</identifier><datestamp>2026-01-01</datestamp></header>"
    title = f"<dc:title>{words(number)}</dc:title>"
    held = f"<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' {DC}>{title}</oai_dc:dc>"
    return f"<record>{header}{'' if gone else f'<metadata>{held}</metadata>'}</record>"


def edm(number: int) -> str:
    return (
        f"<record><rdf:RDF><edm:ProvidedCHO rdf:about='http://x.org/{number}'><dc:title>{words(number)}</dc:title>"
        "<edm:type>IMAGE</edm:type></edm:ProvidedCHO></rdf:RDF></record>"
    )


def plain(number: int) -> str:
    return f"<item n='{number % 60}'><title>{words(number % 25)}</title><note/></item>"


DC = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:edm='http://www.europeana.eu/schemas/edm/'"
MODS = "http://www.loc.gov/mods/v3"
PAGE = "<responseDate>2026-01-01T00:00:00Z</responseDate><request verb='ListRecords'>http://x.org</request>"
DUMPS: dict[str, tuple[dict[str, Any], str, Callable[[int], str], str]] = {
    "MARCXML": ({"type": "marc"}, f"<collection xmlns='{SLIM}'>", marc, "</collection>"),
    "MARCXML without names": ({"type": "marc"}, f"<collection xmlns='{SLIM}'>", unnamed_marc, "</collection>"),
    "MARCXML with prefixes": (
        {"type": "marc"},
        f"<marc:collection xmlns:marc='{SLIM}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' made='today'>",
        lambda number: re.sub(r"<(/?)(\w)", r"<\1marc:\2", marc(number)),
        "</marc:collection>",
    ),
    "MARCXML of SRU": (
        {"type": "marc"},
        "<searchRetrieveResponse><version>1.1</version><numberOfRecords>90</numberOfRecords><records>",
        lambda number: f"<record><recordData>{marc(number)}</recordData></record>",
        "</records><extraResponseData><x/></extraResponseData></searchRetrieveResponse>",
    ),
    "MODS": ({"type": "mods"}, f"<modsCollection xmlns='{MODS}'>", mods, "</modsCollection>"),
    "MODS with prefixes": (
        {"type": "mods"},
        f"<m:modsCollection xml:lang='fr' xmlns:m='{MODS}' xmlns:a='urn:a' xmlns:b='urn:b'>",
        prefixed,
        "</m:modsCollection>",
    ),
    "LIDO": (
        {"type": "lido"},
        f"<lidoWrap {SPACES}>",
        lambda number: lido(titled(words(number)), name=f"r{number}"),
        "</lidoWrap>",
    ),
    "Dublin Core": (
        {"type": "oai_dc"},
        f"<records xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' {DC}>",
        dublin_core,
        "</records>",
    ),
    "OAI-PMH": (
        {"type": "oai_dc"},
        f"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>{PAGE}<ListRecords>",
        oai,
        "<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>",
    ),
    "EDM": ({"type": "edm"}, f"<edm-collection {RDF} {DC}>", edm, "</edm-collection>"),
    "any XML": ({"type": "xml", "rows": "/list/item"}, "<list><about/>", plain, "</list>"),
    "any XML, two deep": ({"type": "xml", "rows": "dump/items/*"}, "<dump><items>", plain, "</items><end/></dump>"),
    "any XML, anywhere": ({"type": "xml", "rows": "//item"}, "<list><a><x/></a><c>", plain, "</c>.</list>"),
    "PICA": (
        {"type": "pica"},
        "<collection xmlns='info:srw/schema/5/picaXML-v1.0'>",
        lambda number: (
            f"<record><datafield tag='002@'><subfield code='0'>Aau</subfield></datafield><datafield tag='003@'>"
            f"<subfield code='0'>{number:09d}</subfield></datafield><datafield tag='021A'><subfield code='a'>"
            f"{words(number)}</subfield></datafield></record>"
        ),
        "</collection>",
    ),
}  # fmt: skip


def dump(kind: str, count: int = 90, between: str = "\n", declared: bytes = DECLARED) -> bytes:
    _, before, record, behind = DUMPS[kind]
    return declared + f"{before}{between}{between.join(map(record, range(count)))}{between}{behind}\n".encode()


def made_for(kind: str) -> Reader:
    return reader(**DUMPS[kind][0])


@pytest.mark.representative(5)  # further shapes
@pytest.mark.parametrize("kind", DUMPS)
def test_cut_and_whole_give_the_same(kind: str) -> None:
    """Also without anything between records, in one line, and with what nobody counts between them."""
    for between in ("\n", "", "\n  <!-- </record> <mods> -->\n", "<?php echo '<record>' ?>"):
        assert compare(made_for(kind), of(dump(kind, between=between))) > 4


@pytest.mark.parametrize("kind", DUMPS)
def test_where_names_are_certain_none_is_numbered(kind: str) -> None:
    made = made_for(kind)
    data = dump(kind)
    borders = made.borders(item("a.xml", data))
    cut_stream(io.BytesIO(data), borders)
    may_lack = kind in ("MARCXML without names", "MARCXML of SRU", "Dublin Core", "EDM", "PICA") or "MODS" in kind
    assert borders.head["unnamed"] == may_lack


def test_records_are_read_for_their_names_where_some_may_have_none() -> None:
    """What is not to be shared may be a name, and goes."""
    made, shared, kept = made_for("MODS"), "<identifier>1</identifier>", "<identifier shareable='no'>2</identifier>"
    for records, all_named in (
        (f"<mods>{shared}</mods><mods>{shared}</mods>", True),
        (f"<mods>{shared}</mods><mods><note>x</note></mods>", False),
        (f"<mods>{shared}</mods><mods>{kept}</mods>", False),
        (f"<mods>{shared}</mods><record><header/></record><other/><mods>&nobody;</q>", True),
        (f"<record><metadata><mods>{shared}</mods></metadata></record>", True),
        ("<record><metadata><mods/></metadata></record>", False),
    ):
        one = of(f"<modsCollection>{records}</modsCollection>".encode())
        assert made.names_all(Bundle(one.name, (one,))) == all_named, records


def test_places_are_numbers_and_bytes_of_the_file() -> None:
    """Of a record that cannot be read a person is told where it stands."""
    data = dump("MARCXML").replace(b"Title 70 ", b"Title 70 </subfeld><x>")
    rejects = [
        one
        for one in said(made_for("MARCXML"), *stretches(made_for("MARCXML"), of(data)))[0]
        if isinstance(one, Reject)
    ]
    [reject] = rejects
    assert reject.position == "record 71"
    place = re.search(r"byte (\d+)", reject.detail)
    assert place
    assert data[int(place[1]) :].startswith(b"<record>")
    assert b"<x>" in data[int(place[1]) : data.index(b"</record>", int(place[1]))]


@pytest.mark.parametrize(
    ("kind", "folder", "pattern", "least"),
    [
        ("mods", "mods/combine-mods250", "*.xml", 200),
        ("marc", "marc/alma-oai-vufindharvest", "marc.xml", 40),
        ("marc", "marc/metafacture-dnb", "**/Test_DNB_Mono.xml", 8),
        ("oai_dc", "oai-pmh/dpla-oai", "oai-page.xml", 8),
    ],
)
def test_real_lists(monkeypatch: pytest.MonkeyPatch, kind: str, folder: str, pattern: str, least: int) -> None:
    monkeypatch.setattr(stretching, "SIZES", Sizes(above=2000, least=4000, spread=4000, most=200_000, block=8000))
    [one] = real_folder(folder, pattern).values()
    assert compare(reader(type=kind), one) > least


# --- hostile dumps -----------------------------------------------------------------------------------------------

LATIN = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n'
PLAIN = dump("MARCXML")
AT = PLAIN.index(b"<record>", 9000)
RECORD = marc(5000).encode()


def put(what: bytes, at: int = AT) -> bytes:
    return PLAIN[:at] + what + PLAIN[at:]


def inside(what: bytes) -> bytes:
    """In the midst of a title."""
    return PLAIN.replace(b"Title 33 ", b"Title 33 " + what)


CUT: dict[str, bytes] = {
    "a mark of byte order": b"\xef\xbb\xbf" + PLAIN,
    "no declaration": PLAIN.removeprefix(DECLARED),
    "Latin-1": PLAIN.decode().replace("\u201c", "").replace("\u201d", "").encode("latin-1").replace(DECLARED, LATIN),
    "Latin-1, is UTF-8": PLAIN.replace(DECLARED, LATIN),
    "a wrong byte": inside(b"\xe9"),
    "NUL in a record": inside(b"\x00"),
    "CDATA with tags": inside(b"<![CDATA[</record></collection><record>]]>"),
    "a comment with tags": inside(b"<!-- </record> <collection> -->"),
    "a comment with two hyphens": inside(b"<!-- a -- b -->"),
    "an instruction with tags": inside(b"<?x </record> ?>"),
    "a comment that goes on in the next record": inside(b"<!-- ").replace(b"Title 34 ", b"Title 34 --> "),
    "CDATA that goes on in the next record": inside(b"<![CDATA[").replace(b"Title 34 ", b"Title 34 ]]> "),
    "a bare ampersand": inside(b" & "),
    "an entity of HTML": inside(b"&nbsp;&eacute;"),
    "an entity of nobody": inside(b"&nobody;"),
    "a less-than sign": inside(b" < 5"),
    "a prefix of nobody": inside(b"<q:x/>"),
    "a spoiled end tag": inside(b"</subfield >").replace(b"A note.</subfield>", b"A note.</subfeld>", 1),
    "records in a record": inside(b"<record><record/></record>"),
    "a document type in a record": inside(b"<!DOCTYPE x>"),
    "a document type without entities": PLAIN.replace(b"<coll", b'<!DOCTYPE collection SYSTEM "marc.dtd">\n<coll'),
    "default attributes": PLAIN.replace(
        b"<coll", b"<!DOCTYPE collection [<!ATTLIST datafield ind1 CDATA '7'>]>\n<coll"
    ),
    "foreign records": put(b"<record><x>none</x></record>" * 3),
    "an empty record": put(b"<record/>"),
    "deleted records": PLAIN.replace(b"<leader>00000n", b"<leader>00000d", 20),
    "a comment behind": PLAIN + b"<!-- <record> -->\n",
    "an instruction before": PLAIN.replace(b"<coll", b"<?xml-stylesheet href='a.xsl'?><coll"),
    "namespaces of records": PLAIN.replace(b"<record>", f"<record xmlns='{SLIM}' xmlns:x='urn:x'>".encode()),
    "xml:id that stands twice": PLAIN.replace(b"<record>", b"<record xml:id='r'>"),
    # As programs wrote them: yaz #100, marc4j #19 and #39, metafacture-core #336, pod4lib/aggregator #557.
    "a subfield's code that does not end": PLAIN.replace(b'code="a">A note.', 'code="树上又有'.encode(), 3),
    "a namespace written twice": PLAIN.replace(b"<collection", f'<collection xmlns="{SLIM}"'.encode()),
    "references to control characters": inside(b"&#20;&#x1F;"),
    "an end tag with another prefix": PLAIN.replace(b"A note.</subfield>", b"A note.</mx:subfield>", 5),
    "no namespace": PLAIN.replace(f" xmlns='{SLIM}'".encode(), b""),
    "a name that is none": PLAIN.replace(b'<controlfield tag="001">', b"<controlfield a=' tag=\"001\"' tag='002'>"),
    "an odd root": PLAIN.replace(b"collection", b"odd"),
}
OTHER = b"<![CDATA[<?xml version='1.0' encoding='ISO-8859-1'?>]]>"
BARE = PLAIN.removeprefix(DECLARED)
WHOLE: dict[str, tuple[bytes, str]] = {
    "another encoding in CDATA": (BARE.replace(b"Title 60 ", OTHER), "behind its first record"),
    "UTF-16": (PLAIN.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "written in utf-16"),
    "declared as UTF-16": (PLAIN.replace(b"UTF-8", b"UTF-16"), "declared as utf-16, is utf-8"),
    "an encoding of nobody": (PLAIN.replace(b"UTF-8", b"X-9"), "that nobody knows"),
    "entities": (PLAIN.replace(b"<coll", b'<!DOCTYPE collection [<!ENTITY a "b">]>\n<coll'), "entities"),
    "text between": (put(b"Warning: x"), "between the records"),
    "NUL between": (put(b"\x00"), "between the records"),
    "tags of HTML between": (put(b"<br/>"), "between the records"),
    "an end tag between": (put(b"</record>"), "end tag without a beginning"),
    "a second declaration": (put(DECLARED), "second XML declaration"),
    "a declaration before every record": (PLAIN.replace(b"<record>", DECLARED + b"<record>"), "second XML declaration"),
    "no root": (BARE.replace(b"</collection>", b"")[len(f"<collection xmlns='{SLIM}'>") :], "root is the record"),
    "another element between": (put(b"<other/>"), "several names"),
    "a list in the list": (put(b"<list></list>"), "something stands between"),
    "a document type between": (put(b"<!DOCTYPE x>"), "something stands between"),
    "no end tag of a record": (PLAIN[:AT].rstrip().removesuffix(b"</record>") + PLAIN[AT:], "does not end"),
    "no end of the list": (PLAIN.replace(b"</collection>\n", b""), "not closed"),
    "half a record at the end": (PLAIN[:AT] + RECORD[:90], "does not end"),
    "two roots": (PLAIN + PLAIN.removeprefix(DECLARED), "several lists"),
    "a record behind": (PLAIN + RECORD, "several lists"),
    "text behind": (PLAIN + b"Done.\x1a", "after the document"),
    "words before": (b"Notice: x\n" + PLAIN, "text before the document"),
    "two lists": (DECLARED + b"<list>" + 2 * BARE + b"</list>", "several lists"),
    "a prefix of nobody around": (PLAIN.replace(b"collection", b"q:collection"), "not declared"),
    "a namespace that is none": (PLAIN.replace(SLIM.encode(), b"a b"), "no URI"),
    "one record": (DECLARED + bare([("001", "1"), ("245", "10$a" + "x" * 9000)]).encode(), "root is the record"),
    "a long record": (put(bare([("001", "1"), ("245", "10$a" + "x" * 9000)]).encode()), "no record ends"),
    "no record": (b"<collection>" + b"<!-- x -->" * 900 + b"</collection>", "no record"),
    "a web page": (b"<!DOCTYPE html><html><body>" + b"x" * 9000 + b"</body></html>", "HTML page"),
    "nothing": (b"x" * 9000, "before the document"),
}  # fmt: skip


@pytest.mark.representative(9)  # further hostile ones
@pytest.mark.parametrize("kind", CUT)
def test_hostile_dumps_are_cut_as_they_are_read(kind: str) -> None:
    assert compare(made_for("MARCXML"), of(CUT[kind])) > 4


@pytest.mark.parametrize("kind", WHOLE)
def test_what_is_not_certain_is_not_cut(kind: str) -> None:
    data, why = WHOLE[kind]
    with pytest.raises(NotCut, match=why):
        stretches(made_for("Dublin Core"), of(data))  # which takes everything for XML


def test_a_server_may_name_the_encoding() -> None:
    data = PLAIN.decode().replace("\u201c", "").replace("\u201d", "").encode("latin-1").removeprefix(DECLARED)
    assert compare(made_for("MARCXML"), of(data, "text/xml; charset=ISO-8859-1")) > 4


@pytest.mark.representative(1)  # further seeds
@pytest.mark.parametrize("kind", ["MARCXML", "MODS", "OAI-PMH", "any XML, anywhere"])
def test_spoiled_dumps_are_read_alike_or_whole(kind: str) -> None:
    drawn, cut = random.Random(kind), 0
    data = dump(kind, 30)
    odd = [b"", b"<", b">", b"&", b"\x00", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>", b'"', b"</record>"]
    odd += [b"<record>", b"</mods>", b"<item>", b"\xff", b"<!DOCTYPE x>", b"/", b"<br>", b"<collection>", b"</list>"]
    for _ in range(60):
        spoiled = data
        for _ in range(drawn.randrange(1, 3)):
            at = drawn.randrange(len(spoiled))
            spoiled = spoiled[:at] + drawn.choice(odd) + spoiled[at + drawn.randrange(2) :]
        cut += compare(made_for(kind), of(spoiled)) > 0
    assert cut > 10


@pytest.mark.representative(2)  # other places
@pytest.mark.parametrize("odd", ["<item='x'>", '<item"x">', "<item=1>", "<item&>", "<item!>"])
def test_a_tag_that_is_nearly_one_of_the_record_counts_alike_wherever_it_stands(odd: str) -> None:
    """The first record of a file, or of a stretch, is looked through tag by tag, those behind it by a pattern."""
    made, cut = reader(type="xml", rows="/list/item"), 0
    for spoiled in range(1, 40):
        inside = {spoiled: odd, spoiled + 1: "<item>deeper</item>"}
        records = (f"<item><t>{at} {'x' * 200}</t>{inside.get(at, '')}</item>" for at in range(40))
        cut += compare(made, of(f"<list>{''.join(records)}</list>".encode())) > 0
    assert cut == 39


@pytest.mark.parametrize("long", [b"<other/>", b"<!-- x -->", b"\n         "])
def test_what_is_no_record_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch, long: bytes) -> None:
    """However much of it stands before the records, or behind them."""
    monkeypatch.setattr(dumps, "MAX_PIECE_BYTES", 50_000)
    stream = io.BytesIO(b"<dump><items><item/><item/></items>" + long * 1_000_000 + b"</dump>")
    with pytest.raises(NotCut, match="other than records"):
        cut_stream(stream, reader(type="xml", rows="/dump/items/item").borders(of(b"")))
    assert stream.tell() < 5_000_000


# --- borders -----------------------------------------------------------------------------------------------------


def test_a_record_that_is_put_in_moves_no_other_border() -> None:
    """Nor does what changes from day to day in the root."""
    before = {
        (part.open().read(), str(part.known and part.known["frame"]))
        for part in stretches(made_for("MARCXML"), of(PLAIN))
    }
    for changed in (put(RECORD + b"\n"), PLAIN.replace(b"<collection ", b"<collection made='2026-11-27' count='90' ")):
        after = [
            (part.open().read(), str(part.known and part.known["frame"]))
            for part in stretches(made_for("MARCXML"), of(changed))
        ]
        assert sum(part not in before for part in after) <= 2
        assert len(after) > 8


def test_every_stretch_holds_a_record() -> None:
    """What stands behind the last one goes with it, however much it is."""
    made = made_for("any XML")
    for count in range(20, 60):
        data = dump("any XML", count) + b"<!-- x -->\n" * (count * 5)
        for one in stretches(made, of(data)):
            assert any(isinstance(each, Record) for each in made.read(Bundle(one.name, (one,)), {}))


@pytest.mark.parametrize(
    ("block", "data"),
    [
        ({"type": "xml"}, dump("any XML")),
        ({"type": "tei"}, b"<TEI/>"),
        ({"type": "ead"}, b"<ead/>"),
        ({"type": "marc"}, b"[{}]"),
        ({"type": "pica"}, b"003@ \x1f0123\x1e\n"),
    ],
    ids=lambda one: one["type"] if isinstance(one, dict) else "",
)
def test_where_records_do_not_stand_by_themselves_nothing_is_cut(block: dict[str, Any], data: bytes) -> None:
    assert reader(**block).how_cut(item("a.xml", data)) == ""


def test_records_that_may_stand_deeper_are_not_cut() -> None:
    deep = b"".join(b"<l%d>" % at for at in range(7)) + b"<x><item/></x>" * 300
    data = b"<a>" + deep + b"".join(b"</l%d>" % at for at in reversed(range(7))) + b"</a>"
    with pytest.raises(NotCut, match="deeper"):
        stretches(reader(type="xml", rows="//item"), of(data))
