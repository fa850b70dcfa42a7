"""A page is the same by one pass as by its tree, or the one pass says that it does not know it."""

import random
import re
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.normalize.deliveries.alto import Page, read_page
from biglam_pipeline.normalize.deliveries.outline import ALTO
from biglam_pipeline.normalize.deliveries.scan import scan_page
from biglam_pipeline.normalize.printed.running_text import as_printed, running_text
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import as_utf8, local, read_utf8

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"><Description><OCRProcessing ID="O"><ocrProcessingStep>'
    "<processingSoftware><softwareName>Reader &amp; Sons</softwareName><softwareVersion>11</softwareVersion>"
    '</processingSoftware></ocrProcessingStep></OCRProcessing></Description><Layout><Page ID="P1"><PrintSpace>\n'
)
TAIL = "</PrintSpace></Page></Layout></alto>\n"
BODY = """<TextBlock ID="B1" LANG="de" STYLEREFS="T1"><TextLine ID="L1" HPOS="1">
<String ID="S1" HPOS="1" CONTENT="Wohl&#45;" WC="0.5" CC="1 2"/><SP ID="SP1" WIDTH="3"/><String ID="S2" HPOS="1" \
CONTENT='"Zuk' WC="0.25" SUBS_TYPE="HypPart1" SUBS_CONTENT="Zucker"/><HYP CONTENT="-"/></TextLine>
<TextLine ID="L2" LANG="la"><String ID="S3" CONTENT="ker&lt;" SUBS_TYPE="HypPart2" SUBS_CONTENT="Zucker"/><SP/>
<String ID="S4" CONTENT="  " WC="1"/><String CONTENT="a>b" WC="x"/></TextLine></TextBlock>
<ComposedBlock ID="C"><TextBlock ID="B2"><TextLine ID="L3"><String ID="S5" CONTENT="l'an"><Glyph CONTENT="l"><Variant \
CONTENT="I"/></Glyph></String></TextLine></TextBlock><Illustration ID="I1"/></ComposedBlock>
<TextBlock ID="B1"><TextLine><String CONTENT="漢"/><String CONTENT="字"/></TextLine></TextBlock>
"""
PAGE = HEAD + BODY + TAIL
BROKEN = """<ComposedBlock LANG="nl" ID="C1"><TextBlock ID="B1" IDNEXT="B3"><TextLine ID="L1">
<String ID="a" CONTENT="drie" WC="0.9"/><SP/><String ID="b" CONTENT="auto-"/></TextLine>
<TextLine ID="L2" LANG="fr"><String ID="c" CONTENT="tje" WC="0.1"/><SP ID="sp"/><String CONTENT="autotje,"/></TextLine>
</TextBlock><TextBlock ID="B2"><TextLine>
<String ID="d" CONTENT="ge-" SUBS_TYPE="HypPart1" SUBS_CONTENT="geïnd"/></TextLine>
</TextBlock><TextBlock ID="B3" language="en"><TextLine ID="L4">
<String ID="e" CONTENT="ind" SUBS_TYPE="HypPart2" SUBS_CONTENT="geïnd"/>
<String ID="f" CONTENT="na\u00ad"/></TextLine><TextLine><String ID="g" CONTENT="tion"/>
<String CONTENT="'s"/><HYP/></TextLine>
<TextLine><String CONTENT='Say "no' ID='h'/><String ID="i" CONTENT="Kirchen-"/></TextLine><TextLine/></TextBlock>
</ComposedBlock><TextBlock ID="B4"><TextLine><String
	ID="j"
	CONTENT="und  so	weiter"/></TextLine><TextLine><String CONTENT="&#10;a&#9;b&#x20;"/></TextLine></TextBlock>
"""
BROKEN_PAGE = HEAD + BROKEN + TAIL
"""Words that are broken within and between blocks, languages that are inherited, IDNEXT, blanks of all kinds."""
EVEN_PAGE = PAGE.replace("a>b", "a&gt;b").replace('WC="x"', 'WC="0.123456789"')
"""No tag goes over a line end, as most software writes them."""


def by_tree(data: bytes) -> Page | None:
    """As the careful way reads it; None where it cannot."""
    try:
        utf8, repairs = as_utf8(data)
        document = read_utf8(utf8, repairs)
    except Unreadable:
        return None
    return read_page(document.root) if local(document.root).lower() in ALTO else None


def by_scan(data: bytes) -> Page | None:
    """In one pass; None where it does not know the page."""
    try:
        return scan_page(as_utf8(data)[0])
    except Unreadable:
        return None


def reported(page: Page) -> dict[str, Any]:
    """All that a page says; lines and blocks by number, for they are known by what they are."""
    places: dict[int, int] = {}

    def place(one: Any) -> tuple[int, str]:
        return places.setdefault(id(one), len(places)), one.language

    words = [
        (one.text, place(one.line), place(one.block), one.part, one.whole, one.confidence, one.hyphen, one.spaced)
        for one in page.words
    ]
    ordered = page.in_reading_order()
    return {
        "words": words,
        "places": page.places,
        "repeated": page.repeated,
        "blocks": page.blocks,
        "following": page.following,
        "engine": page.engine,
        "texts": [running_text(ordered), as_printed(ordered)],
    }


def check(data: bytes) -> bool:
    """Whether one pass knows the page; what it says must be what the tree says."""
    found = by_scan(data)
    if found is not None:
        other = by_tree(data)
        assert other is not None, "read in one pass, though it cannot be read"
        assert reported(found) == reported(other)
    return found is not None


COMMENTED = (
    PAGE.replace("<Description>", "<!-- a <Layout > --><Description>")
    .replace("\n<alto", "<!-- b --><alto")
    .replace("<TextLine>", "<!-- \"> <String CONTENT='no'/> -->\n<TextLine><!-- b' <x -->")
)


EVEN = {
    "as it is": EVEN_PAGE,
    "CRLF": EVEN_PAGE.replace("\n", "\r\n"),
    "tags over two lines": EVEN_PAGE.replace(" CONTENT=", "\nCONTENT="),
    "line ends in values": EVEN_PAGE.replace('CONTENT="l', 'CONTENT="\nl').replace("&gt;b", "\nb"),
    "line ends behind > in values": EVEN_PAGE.replace("&gt;b", ">\nb"),
    "CR alone in values": EVEN_PAGE.replace("&gt;b", ">\rb"),
    "one confidence by references": EVEN_PAGE.replace('WC="1"', 'WC="&#49;"').replace('"0.25"', '"&#x30;.25"'),
    "confidences of no letters": EVEN_PAGE.replace('WC="0.5"', 'WC=""').replace('WC="0.123456789"', 'WC="0.1"'),
}


@pytest.mark.parametrize("page", EVEN.values(), ids=EVEN)
def test_line_ends_are_blanks_wherever_they_stand_in_tags(page: str) -> None:
    assert check(page.encode())


@pytest.mark.parametrize("page", [PAGE, BROKEN_PAGE, BROKEN_PAGE.replace("IDNEXT", "I"), HEAD + TAIL, COMMENTED])
def test_one_pass_reads_what_software_writes(page: str) -> None:
    assert check(page.encode())


@pytest.mark.parametrize("page", [PAGE, BROKEN_PAGE])
def test_one_pass_reads_a_prefix_before_every_name(page: str) -> None:
    page = re.sub(r"<(/?)(?=[A-Za-z])", r"<\1a:", page).replace("xmlns=", "xmlns:a=")
    assert check(page.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('CONTENT="a>b"', 'a:CONTENT="a" xmlns:a="b"'),
        ("<TextLine>", "<TextLine><![CDATA[<String CONTENT='no'/>]]>"),
        ("<Description>", "<Description><x><![CDATA[<Layout >]]></x>"),
        ("<TextLine>", "<TextLine><?stop <String CONTENT='no'/>?>"),
        ("<alto ", "<!DOCTYPE alto [<!ENTITY e 'x'>]><alto "),
        ('CONTENT="a>b"', 'CONTENT = "a"'),
        ('CONTENT="a>b"', "CONTENT= 'a'"),
        ("<TextLine>", "<TextLine>\"no\" ID='no' CONTENT="),
        ("</TextBlock>", '<TextBlock><TextLine><String CONTENT="x"/></TextLine></TextBlock></TextBlock>'),
        ('<TextLine ID="L1"', '<TextLine ID="L1"><TextLine'),
        ('ID="S5"', 'IDNEXT="S1" ID="S5"'),
        ('CONTENT="漢"', 'WC="1"'),
        ("<Layout>", '<ReadingOrder><ElementRef REF="B2"/></ReadingOrder><Layout>'),
        ("</Layout>", "</Layout><Processing/>"),
        ("<String ID=", '<q:String xmlns:q="other" CONTENT="x"/><String ID='),
        ('CONTENT="a>b"', 'CONTENT="&nbsp;"'),
        ("<TextBlock ", "<d>" * 300 + "</d>" * 300 + "<TextBlock "),
    ],
)
def test_what_one_pass_does_not_know_goes_the_careful_way(old: str, new: str) -> None:
    assert old in PAGE
    assert not check(PAGE.replace(old, new, 1).encode())


PIECES = [
    *(
        "<",
        ">",
        "/>",
        '"',
        "'",
        "&",
        "&amp;",
        "&#x27;",
        "&#0;",
        "\n",
        "\t",
        "\u00a0",
        "\u00ad",
        "-",
        " ",
        "=",
        "/",
        ":",
    ),
    *(
        "\r\n",
        "='",
        "='x'",
        '"x"',
        "<Glyph CONTENT='x'/>",
        ' SUBS_TYPE="HypPart1"',
        ' SUBS_TYPE="HypPart2"',
        "漢",
        '-"',
    ),
    *("<!-- <String CONTENT='no'/> -->", "<SP/>", "<HYP/>", '<String CONTENT="neu-"/>', "<TextLine/>", "</TextLine>"),
    *(' ID="B1"', ' IDNEXT="B2"', ' LANG="fr"', ' language="en"', ' CONTENT="x"', " SUBS_CONTENT='x'", ' X=" ID="'),
    *(
        "String",
        "TextBlock",
        "<TextBlock>",
        "</TextBlock>",
        "Layout",
        "\x0b",
        "\ufffe",
        "漢",
        "<![CDATA[x]]>",
        "<?p x?>",
    ),
]
"""What is put into a page somewhere."""


def mutations(page: str, times: int, seed: int) -> list[str]:
    """Pages of which pieces were taken out, doubled, moved, or put in."""
    random_ = random.Random(seed)
    made = []
    tags = [found.span() for found in re.finditer(r"<[^<>]*>|[\w:]+=\"[^\"]*\"", page)]
    for _ in range(times):
        text = page
        for _ in range(random_.randint(1, 3)):
            start, end = random_.choice(tags)
            at = random_.randrange(len(text))
            match random_.randrange(4):
                case 0:
                    text = text[:start] + text[end:]
                case 1:
                    text = text[:end] + page[start:end] + text[end:]
                case 2:
                    other = random_.choice(tags)[0]
                    text = text[:other] + page[start:end] + text[other:]
                case _:
                    at = random_.choice([at, end, start, max(start, end - 2)])
                    text = text[:at] + random_.choice(PIECES) + text[at:]
        made.append(text)
    return made


def test_mutated_pages_are_read_alike_or_not_known() -> None:
    pages = [*mutations(PAGE, 2000, 1), *mutations(BROKEN_PAGE, 2000, 2), *mutations(EVEN_PAGE, 2000, 3)]
    known = sum(check(page.encode("utf-8", "surrogatepass")) for page in pages)
    assert known > 300  # else it would say nothing


@pytest.mark.slow  # `test_mutated_pages_...` stays, and test_real_formats.py of these pages
def test_real_pages_are_read_alike(real_data: Path) -> None:
    pages = [data for path in sorted(real_data.rglob("*.xml")) if b"String" in (data := path.read_bytes())]
    pages = [data for data in pages if by_tree(data) is not None]
    assert sum(map(check, pages)) > 0.9 * len(pages)
    small = sorted(pages, key=len)[: len(pages) // 2]
    for seed, data in enumerate(small):
        for page in mutations(as_utf8(data)[0].decode(), 8, seed):
            check(page.encode("utf-8", "surrogatepass"))
