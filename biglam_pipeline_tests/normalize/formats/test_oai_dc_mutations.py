"""Real pages, damaged on purpose: what was seen is what was read, rejected or deleted, counted without our reader."""

import codecs
import re
from collections.abc import Callable
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import read_xml
from biglam_pipeline.records import Deleted, Record, Reject
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import REAL, read_one, reader

_RECORD = re.compile(rb"<(?:[\w.-]+:)?record(?=[\s>])(?=[^<>]*>\s*<(?:[\w.-]+:)?header\b)")
PAGES = [
    *(f"oai-pmh/sickle/ListRecords{number}.xml" for number in ("", 2, 3, 4)),
    "oai-pmh/sickle/GetRecord.xml",
    "oai-pmh/vufindharvest/list_records_response.xml",
    "oai-pmh/vufindharvest/subjectsplus.xml",
    "oai-pmh/dpla-oai/oai-page.xml",
    "mods/combine-mods250/mods_250.xml",
    "oai-pmh/ocrd-oai-mets/response/oai_get_record_2200909.xml",
]
"""OAI-PMH as six institutions and projects sent it: plain and with prefixes, live and deleted, DC, MODS, MARC, METS."""


def page(name: str) -> bytes:
    """A real page; skips the test where the files are absent."""
    if not (REAL / name).is_file():
        pytest.skip(f"no real data at {REAL}; set BIGLAM_REAL_DATA")
    return (REAL / name).read_bytes()


def counted(data: bytes) -> int:
    """Records by what follows their tag."""
    return len(_RECORD.findall(data))


def by_expat(data: bytes) -> int:
    """Records by another parser."""
    count, parser = 0, expat.ParserCreate()

    def start(name: str, _: object) -> None:
        nonlocal count
        count += name.rpartition(":")[2] == "record" and path[-1:] in (["ListRecords"], ["GetRecord"])
        path.append(name.rpartition(":")[2])

    path: list[str] = []
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.Parse(data, True)
    return count


def seen(data: bytes, media_type: str = "") -> tuple[int, int]:
    """Records read, rejected or deleted; and rejects that speak of something else."""
    found = read_one(reader(type="oai_dc"), "page.xml", data)
    places = [one.position for one in found if isinstance(one, Record | Deleted | Reject)]
    records = sum(place.startswith("record ") for place in places)
    return records, len(places) - records


@pytest.mark.parametrize("name", PAGES)
def test_clean_pages_are_counted_alike_by_three(name: str) -> None:
    data = page(name)
    assert seen(data)[0] == counted(data) == by_expat(data) > 0


def _prefixed(data: bytes) -> bytes:
    """As one provider sends it: https://github.com/vphill/pyoaiharvester/issues/2"""
    root = etree.fromstring(data)
    for element in root.iter(etree.Element):
        if str(element.tag).startswith("{http://www.openarchives.org/OAI/2.0/}"):
            element.tag = "{urn:x}" + str(element.tag).rpartition("}")[2]
    out = etree.tostring(root, encoding="UTF-8")
    return out.replace(b"urn:x", b"http://www.openarchives.org/OAI/2.0/")


MUTATIONS: dict[str, Callable[[bytes], bytes]] = {
    "utf-16": lambda data: re.sub(r"(<\?xml[^>]*encoding=['\"])[^'\"]+", r"\1UTF-16", data.decode()).encode("utf-16"),
    "utf-16 that says utf-8": lambda data: data.decode().encode("utf-16"),
    "utf-8 that says latin-1": lambda data: re.sub(rb"(<\?xml[^>]*encoding=['\"])[^'\"]+", rb"\1ISO-8859-1", data),
    "latin-1 that says utf-8": lambda data: re.sub(
        rb">[^<]+", lambda found: found[0].replace(b"e", b"\xe9"), data.decode().encode("ascii", "xmlcharrefreplace")
    ),
    "bom": lambda data: codecs.BOM_UTF8 + data.removeprefix(codecs.BOM_UTF8),
    "prefixed": _prefixed,
    "control characters": lambda data: re.sub(rb">([^<\s])", lambda found: b">\x03" + found[1] + b"\x1f&#11;", data),
    "ampersands": lambda data: re.sub(rb">([^<\s])", rb">R&D &nbsp; &x;\1", data),
    "prefixes": lambda data: re.sub(rb"(</(?:\w+:)?header>)", rb"\1<odd:thing an:other='1'/>", data),
    "notices": lambda data: b"<br />\n<b>Warning</b>: x & y<br />\n" + data + b"\n<br /><b>Notice</b>: z < 3",
    "declarations": lambda data: re.sub(rb"(<(?:\w+:)?record\b)", rb"<?xml version='1.0'?>\1", data),
    "comments": lambda data: re.sub(rb"(<(?:\w+:)?record\b)", rb"<!-- <record><header> -- -->\1", data),
    "no last tag": lambda data: data[: data.rstrip().rindex(b"</")],
    "twice": lambda data: data + b"\n" + data,
}


@pytest.mark.representative(42)  # further pages; three have each mutation
@pytest.mark.parametrize("kind", MUTATIONS)
@pytest.mark.parametrize("name", PAGES)
def test_mutations_of_real_pages(name: str, kind: str) -> None:
    """`seen == read + rejected + deleted`, whatever was done to the whole page."""
    data = page(name)
    due = counted(data) * (2 if kind == "twice" else 1)
    assert seen(MUTATIONS[kind](data))[0] == due


@pytest.mark.parametrize("name", PAGES)
@examples(25)
@given(data=st.data())
def test_a_page_that_is_cut_anywhere(name: str, data: st.DataObject) -> None:
    """Every record that began is read or rejected, and that something is missing is said."""
    whole = page(name)
    cut = whole[: data.draw(st.integers(0, len(whole.rstrip()) - 1))]
    records, others = seen(cut)
    began = [found.end() for found in _RECORD.finditer(cut)]
    assert records in (len(began), len(began) + 1)  # a start tag that is cut before its header counts as well
    assert records == len(began) or b"<" in cut[-400:]
    assert others or any(isinstance(one, Reject) for one in read_one(reader(type="oai_dc"), "page.xml", cut))


HARM = [b"<b Sons", b"<", b"</b>", b"<b>", b"<!-- ", b"<![CDATA[", b"&#1;", b"]]>", b"<a b='"]


@pytest.mark.representative(3)  # further pages
@pytest.mark.parametrize("name", PAGES)
@examples(25)
@given(data=st.data())
def test_a_page_of_which_one_record_is_broken(name: str, data: st.DataObject) -> None:
    """What is wrong inside of one record costs that record at most."""
    whole = page(name)
    places = [found.start() for found in _RECORD.finditer(whole)] + [len(whole)]
    number = data.draw(st.integers(0, len(places) - 2))
    record = whole[places[number] : places[number + 1]]
    tags = [found.start() for found in re.finditer(rb"<", record)][2:]
    end = re.search(rb"</(?:\w+:)?record>", record)
    tags = [one for one in tags if end and one < end.start()]
    at = data.draw(st.sampled_from(tags)) if tags else len(record)
    harm = data.draw(
        st.sampled_from([b"<b Sons", b"<", b"</b>", b"<b>", b"<!-- ", b"<![CDATA[", b"&#1;", b"]]>", b"<a b='"])
    )
    mutated = whole[: places[number] + at] + harm + whole[places[number] + at :]
    try:
        hidden = 0 if harm not in (b"<!-- ", b"<![CDATA[") else len(places) - 1 - by_expat(mutated)
    except expat.ExpatError:
        hidden = 0
    assert seen(mutated)[0] == len(places) - 1 - hidden


ALL = sorted(
    path
    for folder in ("alto", "mets", "mods", "aggregator-records", "lido", "ead", "tei", "oai-pmh", "edm", "mets-alto")
    for path in (REAL / folder).rglob("*.xml")
)


@pytest.mark.skipif(not ALL, reason=f"no real data at {REAL}; set BIGLAM_REAL_DATA")
def test_clean_files_give_no_repair_and_the_same_tree() -> None:
    """What a strict parser reads is read as it reads it; but one file says ISO-8859-1 and is UTF-8."""
    strict = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    changed, clean = [], 0
    for path in ALL:
        data = path.read_bytes()
        try:
            tree = etree.fromstring(data, strict)
        except etree.XMLSyntaxError:
            continue
        document = read_xml(data)
        same = etree.tostring(tree) == etree.tostring(document.root)
        clean += same and not document.repairs
        if document.repairs or not same:
            changed.append((path.name, document.repairs))
    assert changed == [("ALTO-BnF-V2.xml", ("declared as iso8859-1, is utf-8",))]
    assert clean > 190


@pytest.mark.skipif(not ALL, reason=f"no real data at {REAL}; set BIGLAM_REAL_DATA")
@examples(150)
@given(data=st.data())
def test_no_damage_to_a_real_file_is_more_than_a_reject(data: st.DataObject) -> None:
    """Cut, doubled, changed bytes: a document, or why not; and a document is never less than its bytes say."""
    whole = data.draw(st.sampled_from([path for path in ALL if path.stat().st_size < 60_000])).read_bytes()
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        width = data.draw(st.sampled_from([0, 1, 8, 200]))
        damaged[at : at + width] = data.draw(st.binary(max_size=8)) or bytes(damaged[at : at + 50])
    assert outcome(bytes(damaged)) in ("read", "xml_cut", "xml_refused", "not_xml", "too_large")


def outcome(data: bytes) -> str:
    """`read`, or the reason why not."""
    try:
        read_xml(data)
    except Unreadable as trouble:
        return trouble.reason
    return "read"
