"""Issues and pages that libraries delivered: their words are those that a plain count of the bytes finds."""

import hashlib
from collections import Counter

import pytest

from biglam_pipeline_tests.normalize.bundles import Item, read, reader, real_folder, records, rejects, unmapped
from biglam_pipeline_tests.normalize.formats.mets_alto.counting import words_of


def _bytes(one: Item) -> bytes:
    with one.open() as stream:
        return stream.read()


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\x1e".join(texts).encode()).hexdigest()[:16]


ROWS = ("page", "article", "issue")
ISSUES = [
    # folder, pages, words of all Strings, words once broken ones are whole, articles, words in none, date, title
    ("bl-newspapers-0002647-18240217", 4, 22092, 21798, 27, 1144, "1824-02-17", "The Statesman."),
    ("bnl-luxzeit1858-18581207", 4, 8036, 7927, 17, 147, "1858-12-07", "Luxemburger Zeitung – Journal de Luxembourg"),
    ("rero-BLB-18451228", 5, 6403, 6303, 2, 0, None, None),
]


@pytest.mark.slow  # test_real_formats.py holds their rows, of each unit
@pytest.mark.parametrize(("folder", "pages", "words", "joined", "articles", "outside", "date", "title"), ISSUES)
def test_an_issue_by_page_article_and_whole(
    folder: str, pages: int, words: int, joined: int, articles: int, outside: int, date: str | None, title: str | None
) -> None:
    items = real_folder(f"mets-alto/{folder}", "**/*.xml")
    plain = [one for name, one in items.items() if "mets" not in name.lower().rsplit("/", 1)[-1]]
    by_page = read(reader(type="mets_alto"), items)
    by_article = read(reader(type="mets_alto", rows="article"), items)
    whole = read(reader(type="mets_alto", rows="issue"), items)
    printed = [records(read(reader(type="mets_alto", rows=rows, dehyphenate="no"), items)) for rows in ROWS]
    counts = [sum(len(one.values["text"].split()) for one in found) for found in printed]
    assert counts[0] == counts[2] == words == sum(len(words_of(_bytes(one))) for one in plain)
    assert counts[1] + outside == words, "no word stands in two articles"
    assert len(records(by_page)) == pages == len(plain)
    assert sum(len(one.values["text"].split()) for one in records(by_page)) == joined
    assert sum(len(one.values["text"].split()) for one in records(whole)) == joined
    assert sum(one.filled.get("words in no article", 0) for one in unmapped(by_article)) == outside
    assert len(records(by_article)) == articles
    assert not rejects(by_page + by_article + whole)
    first = records(by_article)[0]
    assert first.values.get("date_raw") == ([date] if date else None)
    assert first.values.get("collection") == title
    assert len({one.source_record_id for one in records(by_article)}) == articles


def test_each_page_holds_the_words_that_are_in_its_bytes() -> None:
    """44 files of six deliverers in seven namespaces; one writes its attributes into one, one holds two pages."""
    items = real_folder("alto", "**/*.xml")
    found = records(read(reader(type="mets_alto", dehyphenate="no"), items))
    assert len(found) == 45
    texts: dict[str, list[str]] = {}
    for one in found:
        texts.setdefault(one.item, []).extend(one.values["text"].split())
    times = Counter(one.item for one in found)
    assert [name for name, count in times.items() if count > 1] == ["ocrhighlighting-a/alto.xml"]
    for name, text in texts.items():
        words = words_of(_bytes(items[name]))
        if "Chinese" in name:  # four Strings, and no SP between them
            words = ["".join(words)]
        assert sorted(text) == sorted(words), name


@pytest.mark.parametrize(
    ("folder", "pages", "words", "others"), [("onb-anno-esj1772", 9, 669, 0), ("kb-delpher-18131116", 2, 2041, 5)]
)
def test_pages_without_mets(folder: str, pages: int, words: int, others: int) -> None:
    items = real_folder(f"mets-alto/{folder}", "**/*.xml")
    found = read(reader(type="mets_alto", dehyphenate="no"), items)
    assert len(records(found)) == pages
    assert not rejects(found)
    assert sum(len(one.values["text"].split()) for one in records(found)) == words
    assert words == sum(len(words_of(_bytes(items[one.item]))) for one in records(found))
    assert sum(sum(one.filled.values()) for one in unmapped(found)) == others
    assert len({one.source_record_id for one in records(found)}) == pages


def test_a_newspaper_of_which_only_the_mets_is_here() -> None:
    """SBB ZEFYS, 1924: fourteen pages are named, and each that is not here is reported."""
    items = real_folder("mets/sbb-mods4pandas/zefys-examples", "*.xml")
    for rows, more in (("page", 0), ("issue", 1)):
        found = read(reader(type="mets_alto", rows=rows), items)
        assert [one.reason for one in rejects(found)] == ["page_missing"] * (14 + more)


def test_mets_of_pictures_and_sound() -> None:
    """Kitodo and SBB: nine METS that name no text, or only PDF; none is a page, none is taken for one."""
    items = {
        name: one
        for name, one in real_folder("mets", "**/*.xml").items()
        if "zefys" not in name and "toolbox" not in name
    }
    found = read(reader(type="mets_alto"), items)
    assert not records(found)
    assert sum(one.filled.get("METS that name no page in ALTO", 0) for one in unmapped(found)) == len(items)


@pytest.mark.parametrize(
    ("folder", "rows", "digest"),
    [
        ("bl-newspapers-0002647-18240217", "article", "98bd91acfe45c1a4"),
        ("bnl-luxzeit1858-18581207", "article", "70b2393a81f9a010"),
        ("rero-BLB-18451228", "article", "6cc69819ef1dbb3a"),
        ("onb-anno-esj1772", "page", "58c02a585fd3d733"),
        ("kb-delpher-18131116", "page", "b1cabb4d3c8d2a53"),
    ],
)
def test_golden_texts(folder: str, rows: str, digest: str) -> None:
    """A change of these means other rows for the same files: then `version` has to be raised too."""
    found = records(read(reader(type="mets_alto", rows=rows), real_folder(f"mets-alto/{folder}", "**/*.xml")))
    assert _digest([one.values["text"] for one in found]) == digest


def test_types_of_divisions() -> None:
    items = real_folder("mets-alto/bnl-luxzeit1858-18581207", "**/*.xml")
    found = records(read(reader(type="mets_alto", rows="article"), items))
    assert Counter(one.values["genres"][0] for one in found) == {"ARTICLE": 12, "ADVERTISEMENT": 5}
    assert Counter(tag for one in found for tag in one.values["languages"]) == {"fr": 14, "de": 8}
