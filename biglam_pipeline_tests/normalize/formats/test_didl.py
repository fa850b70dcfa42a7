"""DIDL of Delpher: articles by the blocks that it names, pages with what is said of their issue."""

import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    alto,
    block,
    deleted,
    read,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
    word,
)
from biglam_pipeline_tests.normalize.formats.mets_alto.counting import words_of
from biglam_pipeline_tests.normalize.formats.mets_alto.made import items
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

OPEN = (
    '<didl:DIDL xmlns:didl="urn:mpeg:mpeg21:2002:02-DIDL-NS" xmlns:ddd="http://www.kb.nl/namespaces/ddd" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:dcx="http://krait.kb.nl/coop/tel/handbook/telterms.html" {}xmlns:srw_dc="info:srw/schema/1/dc-v1.1">'
)


def component(name: str, role: str, resource: str) -> str:
    said = f'<didl:Descriptor><didl:Statement dc:type="role">{role}</didl:Statement></didl:Descriptor>'
    return f'<didl:Component dc:identifier="{name}">{said}{resource}</didl:Component>'


def metadata(name: str, terms: str) -> str:
    return component(f"{name}:metadata", "metadata", f"<didl:Resource><srw_dc:dcx>{terms}</srw_dc:dcx></didl:Resource>")


def file(name: str, role: str, path: str) -> str:
    url = f"http://resolver.kb.nl/resolve?urn={name}:{role}"
    return component(f"{name}:{role}", role, f'<didl:Resource mimeType="text/xml" ref="{url}" dcx:filename="{path}"/>')


def page_item(number: int) -> str:
    name = f"ddd:1:mpeg21:p00{number}"
    return f'<didl:Item dc:identifier="{name}">{file(name, "alto", f"p{number}.xml")}</didl:Item>'


def article(number: int, word: str, title: str, *parts: str) -> str:
    name = f"ddd:1:mpeg21:a000{number}"
    said = f'<didl:Descriptor><didl:Statement dc:type="role">article {number}</didl:Statement></didl:Descriptor>'
    zoning = f"<didl:Resource><dcx:zoning>{''.join(parts)}</dcx:zoning></didl:Resource>"
    inner = file(name, "ocr", f"a{number}.xml") + metadata(
        name,
        f"<dc:subject>{word}</dc:subject><dc:title>{title}</dc:title><dcterms:accessRights>accessible</dcterms:accessRights>",
    )
    return f'<didl:Item dc:identifier="{name}">{said}{inner}{component(name, "metadata/zoning", zoning)}</didl:Item>'


def part(order: int, page: int, *blocks: str) -> str:
    inner = "".join(f'<dcx:TextBlock ID="{one}"/>' for one in blocks)
    inner = f'<dcx:blocks alto="p{page}.xml">{inner}</dcx:blocks>' if blocks else ""
    area = '<dcx:coordinates image="x.jp2"><dcx:area hpos="1" vpos="1" width="9" height="9"/></dcx:coordinates>'
    return f'<dcx:article-part order="{order}" pageid="ddd:1:mpeg21:p00{page}">{area}{inner}</dcx:article-part>'


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
ABOUT = (
    "<dc:title>The Courant</dc:title><dc:date>1813-11-16</dc:date><dcterms:issued>1813-1814</dcterms:issued>"
    "<dcx:recordRights>KB</dcx:recordRights><dcterms:spatial>Landelijk</dcterms:spatial>"
    '<dcterms:spatial xsi:type="dcx:creation">Groningen</dcterms:spatial><dc:language>nl</dc:language>'
)
ARTICLES = (
    article(1, "artikel", "Of ships", part(2, 2, "C1"), part(1, 1, "A1", "A2")),
    article(2, "advertentie", "For sale", part(1, 2, "C2")),
)


def didl(*articles: str, pages: int = 2, more: str = XSI) -> bytes:
    inner = metadata("ddd:1:mpeg21", ABOUT) + "".join(map(page_item, range(1, pages + 1))) + "".join(articles)
    return f'{OPEN.format(more)}<didl:Item dc:identifier="ddd:1:mpeg21">{inner}</didl:Item></didl:DIDL>'.encode()


def delivery(*articles: str) -> dict[str, bytes]:
    return {
        "1813/didl.xml": didl(*(articles or ARTICLES)),
        "1813/p1.xml": alto(block("A1", word("Ships")) + block("A2", word("sailed")) + block("A3", word("Masthead"))),
        "1813/p2.xml": alto(block("C1", word("far")) + block("C2", word("Coffee"))),
        "1813/a1.xml": b"<text><title>Of ships</title><p>Ships sailed far</p></text>",
        "1813/a2.xml": b"<text><title/><p>Coffee</p></text>",
    }


SPECIMEN = Specimen(delivery(), records=2, version=4, digest="cc4e9f0df1072d7d", block={"rows": "article"})


def test_articles_by_the_blocks_that_they_are_of_in_the_order_of_their_parts() -> None:
    found = read(reader(type="didl", rows="article"), items(delivery()))
    rows = [
        (one.source_record_id, one.values["title"], one.values["genres"], one.values["text"]) for one in records(found)
    ]
    assert rows == [
        ("1813/a0001", "Of ships", ["artikel"], "Ships\n\nsailed\n\nfar"),
        ("1813/a0002", "For sale", ["advertentie"], "Coffee"),
    ]
    first = records(found)[0].values
    assert (first["collection"], first["date_raw"], first["languages"]) == ("The Courant", ["1813-11-16"], ["nl"])
    assert (first["publication_place"], first["parent_id"], first["seq"]) == (["Groningen"], "1813", 1)
    assert (first["access_raw"], first.get("rights_raw")) == (["accessible"], None)
    assert "record_rights_raw" not in first, "the name of who holds the record says nothing"
    counted = unmapped(found)[-1].filled
    assert counted == {"words in no article": 1, "files that DIDL names and that are no ALTO: text": 2}


def test_the_prefix_that_the_wrapper_declared_is_mended_and_counted() -> None:
    cut_out = delivery() | {"1813/didl.xml": didl(*ARTICLES, more="")}
    found = records(read(reader(type="didl", rows="issue"), items(cut_out)))
    assert [one.problems for one in found] == [("xml: prefix xsi not declared",)]


def test_pages_and_the_whole() -> None:
    pages = records(read(reader(type="didl"), items(delivery())))
    assert [(one.source_record_id, one.values["seq"], one.values["title"]) for one in pages] == [
        ("1813/p1", 1, "The Courant"),
        ("1813/p2", 2, "The Courant"),
    ]
    (whole,) = records(read(reader(type="didl", rows="issue"), items(delivery())))
    assert whole.values["text"].split() == ["Ships", "sailed", "Masthead", "far", "Coffee"]
    blocks = records(read(reader(type="didl", rows="block"), items(delivery())))
    assert [one.source_record_id for one in blocks] == [
        "1813/p1#A1",
        "1813/p1#A2",
        "1813/p1#A3",
        "1813/p2#C1",
        "1813/p2#C2",
    ]


def test_files_that_were_fetched_by_their_address_are_found() -> None:
    """Resolver addresses are what `ref` has; a harvest of links names files otherwise."""
    files = items(delivery())
    for number in "12":
        one = files.pop(f"1813/p{number}.xml")
        url = f"http://resolver.kb.nl/resolve?urn=ddd:1:mpeg21:p00{number}:alto"
        files[f"x/{number}"] = replace(one, name=f"x/{number}", url=url)
    found = records(read(reader(type="didl", rows="article"), files))
    assert [one.values["text"] for one in found] == ["Ships\n\nsailed\n\nfar", "Coffee"]


def test_a_part_is_found_by_its_page_where_it_names_the_file_otherwise() -> None:
    files = delivery()
    files["1813/didl.xml"] = files["1813/didl.xml"].replace(b'alto="p', b'alto="P_OLD_')
    assert [one.values["text"] for one in records(read(reader(type="didl", rows="article"), items(files)))] == [
        *("Ships\n\nsailed\n\nfar", "Coffee")
    ]


@pytest.mark.parametrize(
    ("files", "rows", "due"),
    [
        ({"1813/p2.xml": None}, "article", ["page_missing", "page_missing", "page_missing"]),
        ({"1813/p2.xml": b"<html/>"}, "page", ["not_xml"]),
        ({"1813/p2.xml": b"<alto><Layout>"}, "page", ["xml_cut"]),
        ({"1813/didl.xml": None}, "article", ["didl_missing", "didl_missing"]),
        ({"1813/didl.xml": didl(article(1, "artikel", "Lost", part(1, 1, "Z9")))}, "article", ["block_missing"]),
        ({"1813/didl.xml": didl(article(1, "artikel", "Nowhere", part(1, 1)))}, "article", ["block_missing"]),
        ({"1813/didl.xml": didl(article(1, "artikel", "Nowhere"))}, "article", ["place_missing"]),
        ({"1813/didl.xml": didl()}, "article", ["articles_missing"]),
        ({"1813/didl.xml": b"<OAI-PMH/>"}, "page", ["answer_of_oai"]),
        ({"1813/didl.xml": didl(*ARTICLES)[:-40]}, "article", ["xml_cut", "didl_missing", "didl_missing"]),
    ],
)
def test_what_cannot_be_had_is_a_reject(files: dict[str, bytes | None], rows: str, due: list[str]) -> None:
    there = {name: data for name, data in {**delivery(), **files}.items() if data is not None}
    assert sorted(reasons(read(reader(type="didl", rows=rows), items(there)))) == sorted(due)


@pytest.mark.parametrize(
    ("rows", "gone", "secret", "left"),
    [
        ("article", "1813/a0001", [b"Ships", b"sailed", b"far", b"Of ships"], [b"Coffee", b"Masthead", b"For sale"]),
        ("page", "1813/p1", [b"Ships", b"sailed", b"Masthead", b"Of ships"], [b"Coffee", b"far<"]),
        ("block", "1813/p1#A1", [b"Ships"], [b"Coffee", b"Masthead", b'"sailed"']),
        ("issue", "1813", [b"Ships", b"sailed", b"Coffee", b"Courant", b"For sale"], []),
    ],
)
def test_what_is_taken_down_stands_nowhere_any_more(
    rows: str, gone: str, secret: list[bytes], left: list[bytes]
) -> None:
    """Nor in the KB's own text of the article, nor in its title; its neighbours stay."""
    made, files = reader(type="didl", rows=rows), items(delivery())
    before = by_id(made, files)
    after_files = take_out(made, files, gone)
    data = b"".join(bytes_of(one) for one in after_files.values())
    assert not [one for one in secret if one in data]
    assert not [one for one in left if one not in data and one != b"far<"]
    assert by_id(made, after_files).keys() == before.keys() - {gone}


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def test_real_articles_are_letter_by_letter_what_the_kb_makes_of_them() -> None:
    """Groningen, 1813: four articles of two pages, beside the text that the KB itself wrote for each."""
    files = real_folder("mets-alto/kb-delpher-18131116", "**/*.xml")
    found = read(reader(type="didl", rows="article"), files)
    assert not rejects(found)
    texts = {one.source_record_id[-4:]: one.values["text"] for one in records(found)}
    own: dict[str, Any] = {}
    for name, one in files.items():
        if number := re.search(r"_(\d{4})_articletext", name):
            own[number[1]] = " ".join(etree.fromstring(bytes_of(one)).itertext())
    assert {name: _letters(text) for name, text in texts.items()} == {
        name: _letters(text) for name, text in own.items()
    }
    assert [one.values["genres"] for one in records(found)] == [["artikel"]] * 3 + [["advertentie"]]
    printed = read(reader(type="didl", rows="article", dehyphenate="no"), files)
    words = sum(len(one.values["text"].split()) for one in records(printed))
    counted = sum(len(words_of(bytes_of(one))) for name, one in files.items() if name.endswith("alto.xml"))
    assert words + unmapped(printed)[-1].filled["words in no article"] == counted == 2041


@pytest.mark.parametrize("rows", ["page", "article", "block"])
@pytest.mark.parametrize("of_article", [True, False])
def test_rights_that_a_page_says_of_itself_or_of_an_article_are_heard(rows: str, of_article: bool) -> None:
    """The KB names an article again in its pages, with accessRights; whoever reads only one of the two opens it."""
    said = "<dcterms:accessRights>Restricted access</dcterms:accessRights>"
    inner = metadata("ddd:1:mpeg21:p001:a0001", said)
    if of_article:
        inner = f'<didl:Item ddd:article_id="ddd:1:mpeg21:a0001" dc:identifier="x">{inner}</didl:Item>'
    files = delivery()
    files["1813/didl.xml"] = files["1813/didl.xml"].replace(
        b'<didl:Item dc:identifier="ddd:1:mpeg21:p001">',
        f'<didl:Item dc:identifier="ddd:1:mpeg21:p001">{inner}'.encode(),
    )
    found = records(read(reader(type="didl", rows=rows), items(files)))
    closed = {one.values["text"] for one in found if "Restricted access" in one.values.get("access_raw", ())}
    of_page = {"page": {"Ships\n\nsailed\n\nMasthead"}, "block": {"Ships", "sailed", "Masthead"}}
    on_both = {"page": {"far\n\nCoffee"}, "block": {"far", "Coffee"}}
    article = {"Ships\n\nsailed\n\nfar"}
    wanted = {
        ("article", True): article,
        ("article", False): article,
        **{(unit, False): texts for unit, texts in of_page.items()},
        **{(unit, True): of_page[unit] | on_both[unit] for unit in of_page},
    }
    assert closed == wanted[rows, of_article]


def answer(*records: str) -> bytes:
    """As the KB's server gives it: the prefix `xsi` is declared on its root alone."""
    return (
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" {XSI}><ListRecords>{"".join(records)}'
        "<resumptionToken/></ListRecords></OAI-PMH>"
    ).encode()


def served(name: str, *articles: str, status: str = "", more: str = "") -> str:
    header = (
        f"<header{status}><identifier>{name}</identifier><datestamp>2020-01-02T03:04:05Z</datestamp>"
        "<setSpec>DDD</setSpec></header>"
    )
    inside = "" if status else f"<metadata>{more or didl(*articles, more='').decode()}</metadata>"
    return f"<record>{header}{inside}</record>"


LINKS = {"extra": {"pages": "$alto >> list", "texts": "$article_texts >> list"}}


def test_records_of_oai_are_issues_and_say_where_their_texts_lie() -> None:
    made = reader(type="didl", rows="issue", map=LINKS)
    gone = " status='deleted'"
    one = items(
        {"page-1": answer(served("DDD:1", *ARTICLES), served("DDD:2", status=gone), served("DDD:3", more="<x/>"))}
    )
    found = read(made, one)
    [row] = records(found)
    assert (row.source_record_id, row.datestamp) == ("DDD:1", "2020-01-02T03:04:05Z")
    assert (row.values["title"], row.values["date_raw"]) == ("The Courant", ["1813-11-16"])
    assert (row.values["text_unit"], row.values["text_origin"], row.values.get("text")) == ("issue", "ocr", None)
    assert row.values["access_raw"] == ["accessible"]
    url = "http://resolver.kb.nl/resolve?urn=ddd:1:mpeg21:"
    assert row.extra["pages"] == [f"{url}p001:alto", f"{url}p002:alto"]
    assert row.extra["texts"] == [f"{url}a0001:ocr", f"{url}a0002:ocr"]
    assert "text: an answer of OAI names where it lies, and has none" in row.problems
    assert [one.source_record_id for one in deleted(found)] == ["DDD:2"]
    assert reasons(found) == ["not_didl"]
    assert made.expected(Bundle("b", tuple(one.values()))) == 3


def test_one_of_several_records_of_oai_is_taken_down() -> None:
    made = reader(type="didl", rows="issue")
    left = take_out(made, items({"page-1": answer(served("DDD:1", *ARTICLES), served("DDD:2"))}), "DDD:1")
    assert b"Of ships" not in bytes_of(left["page-1"])
    found = read(made, left)
    assert [one.source_record_id for one in records(found)] == ["DDD:2"]
    assert not deleted(found), "its own tombstone is not the server's"


@pytest.mark.parametrize("rows", ["page", "article", "block"])
def test_pages_and_articles_of_oai_are_a_reject_that_says_what_to_write(rows: str) -> None:
    [reject] = rejects(read(reader(type="didl", rows=rows), items({"page-1": answer(served("DDD:1"))})))
    assert (reject.reason, "write rows: issue" in reject.detail) == ("answer_of_oai", True)
