"""Parts of wholes are counted by another way too: lines of pages, articles of issues, parts of texts."""

import copy
import random
from contextlib import suppress

import pytest
from lxml import etree

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.accounting import Account, Accounts
from biglam_pipeline.parsing import counted
from biglam_pipeline.parsing.counted import AtLeast, PartsOf, added, is_sample
from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.contracts.test_formats import specimen
from biglam_pipeline_tests.normalize.bundles import item, reader, real_folder
from biglam_pipeline_tests.normalize.test_accounting import bundles, cuts_in, losing, settled, spoiled

PARTS: list[tuple[str, str]] = [
    *(("page_xml", rows) for rows in ("region", "line")),
    ("hocr", "line"),
    *(("tei", rows) for rows in ("text", "div", "p", "lg", "page", "//p", "/TEI/text/body/div")),
    *(("mets_alto", rows) for rows in ("issue", "article", "block", "line")),
    *(("didl", rows) for rows in ("issue", "article", "block", "line")),
    *(("abbyy", rows) for rows in ("block", "line")),
]
REAL: list[tuple[str, str, str, int]] = [
    ("page_xml", "line", "page-xml", 67),
    ("page_xml", "region", "page-xml", 19),
    ("hocr", "line", "hocr", 1441),
    ("tei", "page", "tei", 1483),
    ("tei", "p", "tei", 4509),
    ("tei", "lg", "tei", 716),
    ("tei", "/TEI/text/body/div", "tei", 69),
    ("mets_alto", "article", "mets-alto", 46),
    ("mets_alto", "issue", "mets-alto", 14),
    ("mets_alto", "line", "mets-alto", 4650),
    ("mets_alto", "block", "alto", 419),
    ("didl", "article", "mets-alto/kb-delpher-18131116", 4),
    ("didl", "line", "mets-alto/kb-delpher-18131116", 264),
    ("abbyy", "line", "mets-alto/bcul-FAL-17621207", 34),
]
"""Reader, rows, folder of the real files, and how many parts expat counts in them: of a text or an issue without any
there is a reject beside."""


@pytest.fixture(autouse=True)
def every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sample is taken."""
    monkeypatch.setattr(counted, "EVERY", 1)


def one(kind: str, rows: str, data: str | bytes, name: str = "a.xml") -> tuple[int | None, int]:
    """How many parts are expected of a file, and how many rows it gives."""
    made = reader(type=kind, rows=rows)
    bundle = Bundle(name, (item(name, data.encode() if isinstance(data, str) else data),))
    assert not settled(made, bundle).differing
    return made.expected(bundle), cuts_in(made, bundle)


@pytest.mark.parametrize(("kind", "rows"), PARTS)
def test_parts_of_a_specimen_add_up_and_miss_what_is_lost(kind: str, rows: str) -> None:
    found = specimen(kind)
    made = reader(type=kind, **{**found.block, "rows": rows})
    for bundle in bundles(made, {name: item(name, data) for name, data in found.files.items()}):
        accounts = settled(made, bundle)
        assert not accounts.differing
        if accounts.counts["bundles"] and accounts.counts["found"] == accounts.counts["expected"]:
            for number in range(cuts_in(made, bundle)):
                lossy = settled(losing(made, number), bundle)
                assert lossy.differing or lossy.counts["ended"], f"record {number} of {bundle.name}"


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "rows", "folder", "parts"), REAL)
def test_parts_of_real_files_are_those_that_expat_counts(kind: str, rows: str, folder: str, parts: int) -> None:
    items = {name: one for name, one in real_folder(folder).items() if not name.endswith("README.md")}
    made = reader(type=kind, rows=rows)
    expected = lost = 0
    for bundle in bundles(made, items):
        accounts = settled(made, bundle)
        assert not accounts.differing
        expected += accounts.counts["expected"]
        cuts = cuts_in(made, bundle)
        if cuts and accounts.counts["found"] == accounts.counts["expected"] == cuts:
            assert settled(losing(made, cuts // 2), bundle).differing
            lost += 1
    assert expected == parts
    assert lost


def reshaped(data: bytes, chance: random.Random) -> bytes:
    """Well-formed, and as no schema has it: elements moved, doubled, renamed, taken out or put around others."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
    for _ in range(chance.choice([1, 2, 4, 8])):
        elements = [*root.iter(etree.Element)]
        first, second = chance.choice(elements), chance.choice(elements)
        parent = first.getparent()
        if parent is None or first is second or first in second.iterancestors():
            first.text = chance.choice(["", " ", "word", None])
            continue
        at = parent.index(first)
        match chance.randrange(6):
            case 0:
                parent.remove(first)
            case 1:
                second.append(first)
            case 2:
                second.append(copy.deepcopy(first))
            case 3:
                first.tag = second.tag
            case 4:
                around = etree.Element(second.tag, dict(second.attrib))
                parent[at] = around
                around.append(first)
            case 5:
                for number, inner in enumerate([*first]):
                    parent.insert(at + number, inner)
                parent.remove(first)
    return etree.tostring(root)


@pytest.mark.representative(7)  # further ways
@pytest.mark.parametrize(("kind", "rows"), PARTS)
def test_parts_of_a_spoiled_or_reshaped_file_are_no_difference(kind: str, rows: str) -> None:
    """A check that blocks must never block what is right."""
    found, chance = specimen(kind), random.Random(f"{kind} {rows}")
    made = reader(type=kind, **{**found.block, "rows": rows})
    for _ in range(40):
        files = dict(found.files)
        name = chance.choice(sorted(files))
        try:
            files[name] = reshaped(files[name], chance)
        except etree.XMLSyntaxError:
            files[name] = spoiled(files[name], chance)
        with suppress(SourceChanged):
            for bundle in bundles(made, {name: item(name, data) for name, data in files.items()}):
                assert not settled(made, bundle).differing, files[name]


# --- what a part is ---


@pytest.mark.parametrize(
    ("inside", "lines", "regions"),
    [
        ("<TextLine><TextEquiv><Unicode>a</Unicode></TextEquiv></TextLine><TextLine/>", 1, 1),
        ("<TextLine><Word><TextEquiv><Unicode>a</Unicode></TextEquiv></Word></TextLine>", 1, 1),
        ("<TextLine><Word><Glyph><TextEquiv><Unicode>a</Unicode></TextEquiv></Glyph></Word></TextLine>", 1, 1),
        ("<TextLine><TextEquiv index='1'><Unicode>a</Unicode></TextEquiv><TextEquiv index='0'/></TextLine>", 0, 0),
        ("<TextLine><TextEquiv><PlainText>a</PlainText></TextEquiv></TextLine>", 1, 1),
        ("<TextLine/><TextEquiv><Unicode>a</Unicode></TextEquiv>", 1, 1),
        ("<TextRegion><TextLine><TextEquiv><Unicode>a</Unicode></TextEquiv></TextLine></TextRegion>", 1, 1),
        ("<TextEquiv><Unicode> \n</Unicode></TextEquiv>", 0, 0),
    ],
)
def test_a_line_of_page_has_its_own_text_or_that_of_its_words(inside: str, lines: int, regions: int) -> None:
    data = f"<PcGts><Page><TextRegion>{inside}</TextRegion></Page></PcGts>"
    assert one("page_xml", "line", data) == (lines, lines)
    assert one("page_xml", "region", data) == (regions, regions)


@pytest.mark.parametrize(
    ("inside", "count"),
    [
        ("<span class='ocr_line'><span class='ocrx_word'>a</span></span><span class='ocr_line'> </span>", 1),
        ("<span class='ocr_line'>a <span class='ocr_line'>b</span></span>", 2),
        ("<span class='ocr_header ocr_line'><del>a</del></span><span class='ocr_caption'>b</span>", 1),
        ("<p>in no line</p>", 0),
    ],
)
@pytest.mark.parametrize("broken", ["", "<br>"])
def test_lines_of_hocr_are_counted_however_it_is_broken(inside: str, count: int, broken: str) -> None:
    data = f"<html><body><div class='ocr_page'>{broken}{inside}</div></body></html>"
    assert one("hocr", "line", data, "a.html") == (count, max(count, int("no line" in inside)))


HEADER = "<teiHeader><fileDesc><titleStmt><title>T</title></titleStmt></fileDesc></teiHeader>"


@pytest.mark.parametrize(
    ("rows", "text", "count"),
    [
        ("p", "<body><p>a</p><p/><div><p>b <note><p>c</p></note></p></div></body>", 2),
        ("p", "<body><p><fw>a</fw></p><ab>b</ab></body>", 1),
        ("div", "<body><div1><div2>a</div2></div1><div/></body>", 1),
        ("lg", "<body><lg><lg><l>a</l></lg></lg></body>", 1),
        ("page", "<body><pb/><p>a<pb/></p><fw><pb/></fw></body>", 2),
        ("page", "<body><pb/><pb/></body>", 0),
        (
            "text",
            "<group><text><body>a</body></text><text><group><text><body>b</body></text></group></text></group>",
            2,
        ),
        ("text", "<body>a</body>", 1),
        ("//p", "<body><p>a<p>b</p></p><p/></body>", 2),
        ("/TEI/text/body/p", "<body><p/><div><p/></div></body>", 1),
    ],
)
def test_parts_of_a_text_are_the_least_that_is_due(rows: str, text: str, count: int) -> None:
    expected, cuts = one("tei", rows, f"<TEI>{HEADER}<text>{text}</text></TEI>")
    assert expected == count
    assert cuts >= count


def test_a_text_that_includes_another_file_has_no_count() -> None:
    include = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='b.xml'/>"
    assert one("tei", "p", f"<TEI>{HEADER}<text><body><p>a</p>{include}</body></text></TEI>")[0] is None


@pytest.mark.parametrize(
    ("inside", "blocks", "lines"),
    [
        ("<TextBlock><TextLine><String CONTENT='a'/></TextLine><TextLine/></TextBlock><TextBlock/>", 1, 1),
        ("<TextBlock/><TextLine><String CONTENT='a'/></TextLine>", 0, 1),
        ("<TextBlock><TextBlock/><TextLine><String CONTENT='a'/><String CONTENT=' '/></TextLine></TextBlock>", 0, 1),
    ],
)
def test_blocks_and_lines_of_alto_hold_a_word(inside: str, blocks: int, lines: int) -> None:
    data = f"<alto><Layout><Page><PrintSpace>{inside}</PrintSpace></Page></Layout></alto>"
    assert one("mets_alto", "block", data)[0] == blocks
    assert one("mets_alto", "line", data) == (lines, lines)


# --- what a reject stands for ---


def test_a_reject_of_a_whole_stands_for_all_parts_that_it_has() -> None:
    """How many parts it has nobody knows: fewer than are due are no difference beside it, and are one without it."""
    large = f"<TEI>{HEADER}<text><body>{'<p>a</p>' * 5}</body></text></TEI>"
    made, bundle = reader(type="tei", rows="p"), Bundle("a.xml", (item("a.xml", large.encode()),))
    assert settled(losing(made, 0), bundle).differing
    for rejects in (0, 1):
        accounts = Accounts(made)
        accounts.settle(bundle, Account(found=2, rejects=rejects))
        assert (len(accounts.differing), accounts.counts["ended"]) == (1 - rejects, rejects)
    assert isinstance(added([2, AtLeast(1), PartsOf(3)]), PartsOf)
    assert isinstance(added([2, PartsOf(3)]), AtLeast)


def test_of_two_mets_neither_says_how_many_articles_are_due() -> None:
    """Both may name the same places, and each article counts once."""
    mets = b"<mets><structMap TYPE='LOGICAL'><div TYPE='ARTICLE' ID='a'/></structMap></mets>"
    made = reader(type="mets_alto", rows="article")
    alone = Bundle("m", (item("m.xml", mets),))
    both = Bundle("m", (item("m.xml", mets), item("n.xml", mets)))
    assert made.expected(alone) == 1
    assert made.expected(both) is None


def test_an_article_that_only_holds_articles_is_none_that_is_due() -> None:
    mets = (
        b"<mets><structMap TYPE='LOGICAL'><div TYPE='Article'><div TYPE='ARTICLE'><fptr><area FILEID='A'/></fptr></div>"
        b"<div TYPE='section'/></div></structMap><structMap TYPE='PHYSICAL'><div TYPE='ARTICLE'/></structMap></mets>"
    )
    assert reader(type="mets_alto", rows="article").expected(Bundle("m", (item("m.xml", mets),))) == 1


def test_what_is_dear_to_count_is_counted_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "EVERY", 10)
    names = [f"{number}.xml" for number in range(1000)]
    assert 60 < sum(map(is_sample, names)) < 140
    assert 420 < sum(is_sample(name, 2) for name in names) < 580
    assert [*map(is_sample, names)] == [*map(is_sample, names)]
    data = b"<PcGts><Page><TextRegion><TextLine/></TextRegion></Page></PcGts>"
    made = reader(type="page_xml", rows="line")
    counts = [made.expected(Bundle(name, (item(name, data),))) for name in names]
    assert [count is not None for count in counts] == [*map(is_sample, names)]
