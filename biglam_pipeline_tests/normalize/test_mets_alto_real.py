"""Issues and pages that libraries delivered: their words are those that a plain count of the bytes finds."""

import hashlib
import html
import re
from collections import Counter

import pytest

from biglam_pipeline_tests.normalize.bundles import Item, read, reader, real_folder, records, rejects, unmapped

_STRING = re.compile(r"<(?:\w+:)?String\b([^>]*)>")
_CONTENT = re.compile(r"\bCONTENT\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _bytes(one: Item) -> bytes:
    with one.open() as stream:
        return stream.read()


def _count(one: Item) -> int:
    """Words of a page without a parser: all that Strings hold, less the second halves of broken words."""
    data = _bytes(one)
    declared = re.search(rb"encoding=[\"']([\w-]+)", data[:200])
    try:
        read = data.decode()  # one says that it is ISO-8859-1, and is UTF-8
    except UnicodeDecodeError:
        assert declared
        read = data.decode(declared[1].decode())
    text = re.sub(r"<!--.*?-->", "", read, flags=re.DOTALL)
    count = 0
    for found in _STRING.finditer(text):
        content = _CONTENT.search(found[1])
        words = html.unescape(content[1] or content[2] or "").split() if content else []
        count += len(words) - ("HypPart2" in found[1] and bool(words))
    return count


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\x1e".join(texts).encode()).hexdigest()[:16]


ISSUES = [
    ("bl-newspapers-0002647-18240217", 4, 21799, 27, 1144, "1824-02-17", "The Statesman."),
    ("bnl-luxzeit1858-18581207", 4, 7927, 17, 147, "1858-12-07", "Luxemburger Zeitung – Journal de Luxembourg"),
    ("rero-BLB-18451228", 5, 6303, 2, 0, None, None),
]


@pytest.mark.parametrize(("folder", "pages", "words", "articles", "outside", "date", "title"), ISSUES)
def test_an_issue_by_page_article_and_whole(
    folder: str, pages: int, words: int, articles: int, outside: int, date: str | None, title: str | None
) -> None:
    items = real_folder(f"mets-alto/{folder}", "**/*.xml")
    plain = [one for name, one in items.items() if "mets" not in name.lower().rsplit("/", 1)[-1]]
    by_page = read(reader(type="mets_alto"), items)
    by_article = read(reader(type="mets_alto", rows="article"), items)
    whole = read(reader(type="mets_alto", rows="issue"), items)
    counts = [sum(len(one.values["text"].split()) for one in records(found)) for found in (by_page, by_article, whole)]
    assert len(records(by_page)) == pages == len(plain)
    assert counts[0] == counts[2] == words == sum(map(_count, plain))
    # Words outside articles are counted before halves are joined.
    broken = sum(len(re.findall(rb"HypPart2", _bytes(one))) for one in plain)
    told = sum(one.filled.get("words in no article", 0) for one in unmapped(by_article))
    assert told == outside
    assert words <= counts[1] + outside <= words + broken
    assert len(records(by_article)) == articles
    assert not rejects(by_page + by_article + whole)
    first = records(by_article)[0]
    assert first.values.get("date_raw") == ([date] if date else None)
    assert first.values.get("collection") == title
    assert len({one.source_record_id for one in records(by_article)}) == articles


def test_each_page_holds_the_words_that_are_in_its_bytes() -> None:
    """44 single pages of six deliverers in seven namespaces, one of which writes its attributes into one."""
    items = real_folder("alto", "**/*.xml")
    found = records(read(reader(type="mets_alto"), items))
    counts = {one.item: len(one.values["text"].split()) for one in found}
    wanted = {name: _count(one) for name, one in items.items()}
    assert len(found) == 44
    # One HYP stands without flagged halves: its two words are one.
    odd = "alto-tools/PPN750717092-00000780.ocr.xml"
    assert counts.pop(odd) == wanted.pop(odd) - 1
    assert counts == wanted


@pytest.mark.parametrize(
    ("folder", "pages", "words", "others"), [("onb-anno-esj1772", 9, 669, 0), ("kb-delpher-18131116", 2, 1987, 5)]
)
def test_pages_without_mets(folder: str, pages: int, words: int, others: int) -> None:
    items = real_folder(f"mets-alto/{folder}", "**/*.xml")
    found = read(reader(type="mets_alto"), items)
    assert len(records(found)) == pages
    assert not rejects(found)
    assert sum(len(one.values["text"].split()) for one in records(found)) == words
    assert words == sum(_count(items[one.item]) for one in records(found))
    assert sum(sum(one.filled.values()) for one in unmapped(found)) == others
    assert len({one.source_record_id for one in records(found)}) == pages


@pytest.mark.parametrize(
    ("folder", "rows", "digest"),
    [
        ("bl-newspapers-0002647-18240217", "article", "fa4a55b6565ca413"),
        ("bnl-luxzeit1858-18581207", "article", "70b2393a81f9a010"),
        ("rero-BLB-18451228", "article", "61dd64e7ae809363"),
        ("onb-anno-esj1772", "page", "58c02a585fd3d733"),
        ("kb-delpher-18131116", "page", "42a69b1841e23b92"),
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
