"""Records that are parsed and made rows many at a time give the slices of those that come one by one, byte for byte."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.columnar import by_columns, by_records
from biglam_pipeline.normalize.formats.oai_dc import OaiDc
from biglam_pipeline.normalize.slices import SliceRead, SliceTask, read_slice
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml import streaming
from biglam_pipeline.parsing.xml.cutting import Cutter
from biglam_pipeline.parsing.xml.envelopes import records_of
from biglam_pipeline.parsing.xml.reading import read_xml
from biglam_pipeline.parsing.xml.streaming import Pieces
from biglam_pipeline.parsing.xml.tokens import Window
from biglam_pipeline.records import Record
from biglam_pipeline.store.normalized import ENDINGS
from biglam_pipeline_tests.bench import Clock
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import NOON, REAL, item
from biglam_pipeline_tests.normalize.test_columnar import CC0, entry_of, json_line, table_of, task_of

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:odd="urn:odd"><responseDate>2026-11-01</responseDate>
<request verb="ListRecords">https://example.org/oai</request><ListRecords>
{}<resumptionToken/></ListRecords></OAI-PMH>
"""
DC = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b">{}</oai_dc:dc>"""
TERMS: Mapping[str, list[str]] = {
    "title": ["A title", "Another", "&lt;b&gt; &amp;amp; more", "nbsp\u00a0here", "\u202eright to left", "  padded "],
    "creator": ["Dickens, Charles, 1812-1870", "Anon", "Lee, Ann", "日本語"],
    "contributor": ["Doe, J.", "Lee, Ann"],
    "subject": ["Ships", "Ships", "http://id.example.org/1", "Poems; odes"],
    "description": ["Short.", "Of two\nlines", "<![CDATA[<p>marked</p>]]>", "con<!-- no -->tinued"],
    "publisher": ["A press", "Another press"],
    "date": ["1823", "c. 1850", "[1790?]", "born 18xx", "info:eu-repo/date/embargoEnd/2031-01-01", "1999/2001"],
    "type": ["Text", "still image", "Novel"],
    "format": ["12 pages"],
    "identifier": ["http://example.org/1", "isbn:123", "978-3-16-148410-0", "urn:nbn:de:1", "HTTP://x.org/1"],
    "language": ["eng", "ger; fre", "klingonish"],
    "coverage": ["London", "Wien"],
    "rights": ["CC BY 4.0", "In copyright", "CC BY 4.0 Lee, Ann", "http://rightsstatements.org/vocab/InC/1.0/"],
    "relation": ["http://creativecommons.org/licenses/by-nc/4.0/", "see there"],
}
ODD = (
    *('<dc:title xml:lang="de">Ein Titel</dc:title>', "<dc:title/>", "<dc:title><b>in</b> it</dc:title>", "between"),
    *('<dc:rights xlink:href="http://creativecommons.org/licenses/by/4.0/"/>', "<odd:more>x</odd:more>", "<?p x?>"),
    *("<undeclared:thing>x</undeclared:thing>", "<!-- <dc:title>no</dc:title> -->", "&nbsp;", "&odd;", "R&D", "&#1;"),
    *('<dc:type a="x>y">z</dc:type>', "<dc:dc></dc:dc>", '<x xmlns="dc">y</x>', "<dcterms:rightsHolder>nobody may"),
    *("<rightsHolder>nobody may</rightsHolder>", "<dc:title>\x07bell</dc:title>", "<dc:title>caf\xe9</dc:title>"),
)
HARM = ("<b Sons", "<", "</b>", "<b>", "<!-- ", "<![CDATA[", "]]>", "<a b='", "</record>", "<record>", "</metadata>")
BETWEEN = (
    *("\n", "", "\n", "text", "<!-- x -->", "<?xml version='1.0'?>", "</lost>", "<record/>", "<br />Notice: x"),
    "<error code='badArgument'>no</error>",
)
ABOUT = '<about><rights xmlns="http://www.openarchives.org/OAI/2.0/rights/"><rightsReference ref="http://x.org"/></rights></about>'
MAPS: tuple[Mapping[str, Any], ...] = (
    {},
    {
        "title": "dc:title",
        "date": "dc:date",
        "extra": {"own": "dc:format", "n": "dc:date >> int", "here": "$identifier"},
    },
    {"title": "//dc:title", "description": "string(../../oai:header/oai:datestamp)", "genres": "preceding::dc:type"},
    {"id": "dc:identifier", "rights_raw": "dc:rights", "config": "dc:type", "source_url": "dc:identifier >> url"},
    {"text": "dc:description", "text_origin": {"const": "ocr"}, "extra": {"several": "dc:subject >> split(;)"}},
)
ASKED = {"from": "dc:rights", "accept": "open", "evidence": "https://example.org/rights", "checked": "2026-11-20"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunContext]:
    """Shelves for all of this."""
    state = str(tmp_path_factory.mktemp("state"))
    with open_context(read_environment({"BIGLAM_STATE": state, "BIGLAM_PROCESSES": "1"}), Clock()) as it:
        yield it


def record_of(chance: random.Random, number: int, wild: float) -> str:
    """A record as servers send it, or nearly."""
    terms = []
    for name in (name for name in TERMS for _ in range(chance.choice([0, 1, 1, 2]))):
        terms.append(f"<dc:{name}>{chance.choice(TERMS[name])}</dc:{name}>\n")
        terms += [chance.choice(ODD)] if chance.random() < wild else []
    made = DC.format("".join(terms))
    deleted = ' status="deleted"' if chance.random() < 0.1 else ""
    name = "" if chance.random() < wild else f"oai:{number}"
    stamp = f"<datestamp>2026-10-0{number % 9 + 1}</datestamp><setSpec>a</setSpec><setSpec>b</setSpec>"
    head = f"<header{deleted}><identifier>{name}</identifier>{stamp}</header>"
    inside = (
        chance.choice(['<mods xmlns="http://www.loc.gov/mods/v3"/>', "", made + made])
        if chance.random() < wild
        else made
    )
    text = f"<record>{head}<metadata>{inside}</metadata>{ABOUT if chance.random() < wild else ''}</record>"
    if chance.random() < wild:
        at = chance.choice([found.start() for found in re.finditer("<", text)])
        text = text[:at] + chance.choice(HARM) + text[at:]
    return text


def page_of(chance: random.Random) -> bytes:
    """An answer of a server, some of them much damaged."""
    wild = chance.choice([0.0, 0.0, 0.02, 0.2])
    records = [record_of(chance, at, wild) for at in range(chance.choice([3, 30, 60]))]
    spread = (chance.choice(BETWEEN) if chance.random() < wild else "\n" for _ in records)
    text = PAGE.format("".join(one + between for one, between in zip(records, spread, strict=True)))
    if chance.random() < wild:
        text = text.replace("<OAI", "<!DOCTYPE x [<!ENTITY odd 'even'>]><OAI", 1)
    encoding = chance.choice(["utf-8", "utf-8", "utf-8", "cp1252", "utf-16"])
    return text[: len(text) - chance.choice([0, 0, 0, 40])].encode(encoding, "xmlcharrefreplace")


def reported_of(task: SliceTask, least: int, together: int) -> SliceRead | str:
    """What comes of it. least: records that are made rows together; together: bytes that are parsed at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_records, "LEAST", least)
        patch.setattr(by_columns, "LEAST_BYTES", 1 << 60)
        patch.setattr(streaming, "TOGETHER_BYTES", together)
        try:
            return read_slice(task)
        except SourceChanged as error:
            return str(error)


def both_ways(run: RunContext, folder: Path, name: str, data: bytes, entry: Mapping[str, Any]) -> SliceRead | None:
    """The slice of one file, once both ways give the same files; none where it is not what the entry says."""
    task = task_of(run, folder, name, data, entry)
    first = reported_of(task, 2, 20_000)
    second = reported_of(replace(task, folder=folder / "by_rows"), 1 << 60, 0)
    if isinstance(first, str) or isinstance(second, str):
        assert first == second
        return None
    for ending in ENDINGS:
        assert (task.folder / ending).read_bytes() == (folder / "by_rows" / ending).read_bytes(), ending
    assert asdict(first) == asdict(second)
    assert list(first.slice.problems) == list(second.slice.problems)
    return first


@given(seed=st.integers(0, 2**32))
@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_page_is_the_same_slice_together_and_one_by_one(run: RunContext, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    reader: dict[str, Any] = {"type": "oai_dc", "map": chance.choice(MAPS)}
    if chance.random() < 0.2:
        reader["volatile"] = chance.choice([["dc:relation"], ["dc:date", "@*"]])
    if chance.random() < 0.2:
        reader["where"] = {"dc:type": ["Text", "Novel"]}
    entry = {"normalize": reader, "languages": ["en"], "rights": chance.choice([CC0, CC0, ASKED])}
    both_ways(run, tmp_path, "page.xml", page_of(chance), entry)


@given(seed=st.integers(0, 2**32))
@examples(12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_of_a_table_are_the_same_together_and_one_by_one(run: RunContext, tmp_path: Path, seed: int) -> None:
    """Values of every shape that a map can give: numbers, lists, objects, control characters."""
    chance = random.Random(seed)
    lines = [json_line(chance, row) for row in table_of(chance, chance.choice([5, 60, 150]))]
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    both_ways(run, tmp_path, "table.jsonl", data, entry_of(chance, of_text=False))


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records became rows in each batch."""
    found: list[int] = []
    lay = by_records.ByRecords._lay

    def counting(one: by_records.ByRecords, arrived: Any, *columns: Any) -> by_records.Rowed:
        found.append(len(arrived))
        return lay(one, arrived, *columns)

    monkeypatch.setattr(by_records.ByRecords, "_lay", counting)
    return found


def plain_page(records: int) -> bytes:
    """A page without anything odd."""
    chance = random.Random(1)
    return PAGE.format("".join(record_of(chance, at, 0) for at in range(records))).encode()


def test_all_records_of_a_plain_page_become_rows_together(run: RunContext, tmp_path: Path, laid: list[int]) -> None:
    """But for those with a letter of which something is said: they alone go one by one."""
    page = plain_page(400).replace("\u202e".encode(), b"").replace(b' status="deleted"', b"")
    found = both_ways(run, tmp_path, "page.xml", page, {"normalize": {"type": "oai_dc"}})
    assert found is not None
    assert sum(laid) == found.slice.rows == 400
    laid.clear()
    odd = page.replace(b"<dc:format>12", "<dc:format>\u202e12".encode(), 1)
    other = both_ways(run, tmp_path, "page.xml", odd, {"normalize": {"type": "oai_dc"}})
    assert other is not None
    assert sum(laid) == other.slice.rows - 1


def test_a_statement_is_judged_by_the_names_of_its_own_record(run: RunContext, tmp_path: Path, laid: list[int]) -> None:
    """The same words are one thing beside the name that they credit, and another beside a stranger."""
    names = ("Lee, Ann", "Day, Bo")
    records = "".join(
        f"<record><header><identifier>{at}</identifier></header><metadata>"
        f"{DC.format(f'<dc:creator>{names[at % 2]}</dc:creator><dc:rights>CC BY 4.0 Lee, Ann</dc:rights>')}"
        "</metadata></record>"
        for at in range(40)
    )
    entry = {"normalize": {"type": "oai_dc"}, "rights": ASKED}
    found = both_ways(run, tmp_path, "page.xml", PAGE.format(records).encode(), entry)
    assert sum(laid) == 40
    assert found is not None
    assert len(found.slice.tiers) == 2


def test_records_of_two_days_do_not_become_rows_together(run: RunContext, tmp_path: Path) -> None:
    """What is said of an embargo hangs on the day on which a record was fetched."""
    first = by_records.Arrived(Record("a", {}), item("a", b""), 1, 1)
    other = replace(item("b", b""), retrieved_at=NOON + timedelta(days=1))
    assert first.is_of_day(first._replace(seq=2))
    assert not first.is_of_day(first._replace(item=other))


# --- parsing ---


def pieces_of(data: bytes, together: bool) -> list[Any]:
    """All that can be seen of the pieces of a file, one after the other, with what is known at each."""
    found: list[Any] = []
    try:
        pieces = Pieces(BytesIO(data), records_of(OaiDc.containers), together=together)
        for one in pieces:
            shown = None if one.element is None else streaming.etree.tostring(one.element, with_tail=False)
            alone = None if one.element is None else streaming.etree.tostring(one.alone().getroottree())
            trouble = one.trouble and (one.trouble.reason, one.trouble.detail, one.trouble.position)
            found.append((one.name, one.path, one.start, one.size, shown, alone, trouble, one.repairs, pieces.repairs))
        found.append((pieces.repairs, pieces.whole, pieces.envelopes))
    except Unreadable as trouble:
        found.append((trouble.reason, trouble.detail, trouble.position))
    return found


@given(seed=st.integers(0, 2**32))
@examples(100)
def test_any_page_has_the_same_pieces_parsed_together_and_alone(seed: int) -> None:
    data = page_of(random.Random(seed))
    assert pieces_of(data, together=True) == pieces_of(data, together=False)


NESTED = (
    *("<record/>", "<record>", "</record>", "<record >", "</record >", "<records/>", "<record a='>'/>", "</ record>"),
    *("<!-- </record> -->", "<![CDATA[</record>]]>", "<?p </record>?>", '<x a="</record>"/>', "!", "?", " \u00a0 "),
    *("<header/>", "</ListRecords>", "<ListRecords>", "<br/>", "<b>", '<record a="1" b="2">', "<record\n>"),
)


def cuts_of(data: bytes, at_once: bool, step: int) -> list[Any]:
    """What a file is cut into where plain pieces are found at once, or each tag of them is looked at."""
    stream, found = BytesIO(data), list[Any]()
    with pytest.MonkeyPatch.context() as patch:
        if not at_once:
            patch.setattr(Cutter, "_alike", lambda self, name, last, at: (None, at))
        cutter = Cutter(Window(b"", lambda size: stream.read(step)), records_of(OaiDc.containers))
        try:
            found += [(one, [*cutter.repairs]) for one in cutter]
        except Unreadable as trouble:
            found.append((trouble.reason, trouble.detail))
    return [*found, cutter.repairs, cutter.whole, cutter.envelopes]


@given(seed=st.integers(0, 2**32))
@examples(300)
def test_any_page_is_cut_alike_where_plain_pieces_are_found_at_once(seed: int) -> None:
    chance = random.Random(seed)
    text = page_of(chance).decode("utf-8", "replace")
    for _ in range(chance.randrange(5)):
        place = chance.choice([found.start() for found in re.finditer("<|(?<=>)|$", text)])
        text = text[:place] + chance.choice(NESTED) + text[place:]
    data, step = text.encode(), chance.choice((1 << 18, 97))
    assert cuts_of(data, True, step) == cuts_of(data, False, step)


@pytest.mark.representative(4)  # further harm
@pytest.mark.parametrize("harm", HARM)
def test_harm_anywhere_in_a_real_page_gives_the_same_pieces(harm: str) -> None:
    """Also where what one record lacks, the next one has."""
    page = REAL / "oai-pmh" / "dpla-oai" / "oai-page.xml"
    if not page.is_file():
        pytest.skip(f"no real data at {REAL}; set BIGLAM_REAL_DATA")
    data, chance = page.read_bytes()[:40_000], random.Random(harm)
    places = [found.start() for found in re.finditer(b"<|(?<=>)", data)]
    for _ in range(15):
        first, second = sorted(chance.sample(places, 2))
        spoiled = data[:first] + harm.encode() + data[first:second] + chance.choice(HARM).encode() + data[second:]
        assert pieces_of(spoiled, together=True) == pieces_of(spoiled, together=False)


def test_what_one_record_has_hides_nothing_of_another() -> None:
    """Behind `xmlns="dc"`, of which it only warns, lxml says nothing of a prefix that nobody declared before it."""
    records = '<record><header q:a="1"/></record><record><header xmlns="dc"/></record>'
    found = pieces_of(PAGE.format(records).encode(), together=True)
    assert [one[7] for one in found if one[0] == "record"] == [("prefix q not declared",), ()]
    assert read_xml(f"<list>{records}</list>".encode()).repairs == ("prefix q not declared",)


def test_a_plain_page_is_parsed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    parse = streaming.parse_plain
    monkeypatch.setattr(streaming, "parse_plain", lambda data: parsed.append(len(data)) or parse(data))
    monkeypatch.setattr(streaming, "read_utf8", lambda *_: pytest.fail("one was parsed alone"))
    data = plain_page(200)
    pieces = Pieces(BytesIO(data), records_of(OaiDc.containers), together=True)
    assert sum(one.name == "record" for one in pieces) == 200
    assert len(parsed) == 3, "what stands before the records, some of them, and the rest"
