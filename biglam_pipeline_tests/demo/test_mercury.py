"""Can an issue of the Mercury be read back from its METS and ALTO, word for word?"""

import hashlib
import io
import zipfile

import pytest
from lxml import etree

from biglam_pipeline.demo import newspaper
from biglam_pipeline.demo.alto import NAMESPACE
from biglam_pipeline.demo.institution import Institution

NAMES = {
    "a": NAMESPACE,
    "m": "http://www.loc.gov/METS/",
    "mods": "http://www.loc.gov/mods/v3",
    "x": "http://www.w3.org/1999/xlink",
}
WORDS = {
    "mercury-1851-06-07": [274, 366, 317, 214],
    "mercury-1851-06-14": [254, 361, 311, 208],
    "mercury-1851-06-21": [268, 375, 316, 0],
    "mercury-1851-06-28": [267, 357, 322, 201],
}
"""Words on each page, broken ones counted once."""


def issue(library: Institution, name: str) -> dict[str, bytes]:
    """The members of the issue's ZIP, by name within its folder."""
    file = library.file(f"mercury/{name}.zip")
    assert file is not None
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        assert {member.date_time for member in archive.infolist()} == {(2019, 3, 4, 9, 0, 0)}
        return {member.removeprefix(f"{name}/"): archive.read(member) for member in archive.namelist()}


def block_words(block: etree._Element) -> list[str]:
    """The words of a block, a broken one joined: the first half stands for the whole, the second for nothing."""
    strings = block.findall(".//a:String", NAMES)
    return [
        str(string.get("SUBS_CONTENT", string.get("CONTENT")))
        for string in strings
        if string.get("SUBS_TYPE") != "HypPart2"
    ]


def articles(members: dict[str, bytes], name: str) -> dict[str, str]:
    """Each article's text without its headline, found by way of the logical structure."""
    mets = etree.fromstring(members[f"{name}_mets.xml"])
    files = {
        str(file.get("ID")): etree.fromstring(members[str(file[0].get(f"{{{NAMES['x']}}}href"))])
        for file in mets.iterfind(".//m:file", NAMES)
    }
    found = {}
    for division in mets.iterfind(".//m:structMap[@TYPE='LOGICAL']//m:div[@TYPE='ARTICLE']", NAMES):
        words: list[str] = []
        for area in division.iterfind("m:div[@TYPE='BODY']/m:fptr/m:area", NAMES):
            page = files[str(area.get("FILEID"))]
            block = page.find(f".//a:TextBlock[@ID='{area.get('BEGIN')}']", NAMES)
            assert block is not None
            words.extend(block_words(block))
        found[str(division.get("ID"))] = " ".join(words)
    return found


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_what_is_read_back_is_what_was_set(number: int) -> None:
    name = newspaper.issue_name(number)
    read = articles(issue(Institution(), name), name)
    count = len(newspaper.first_pages(number))
    assert read == {f"art{which:04d}": newspaper.article(number, which).text for which in range(1, count + 1)}
    assert count == (9 if number == 3 else 11)
    assert min(len(text.split()) for text in read.values()) >= 60


@pytest.mark.parametrize("name", WORDS)
def test_words_on_each_page(name: str) -> None:
    members = issue(Institution(), name)
    pages = [etree.fromstring(members[f"{name}_{page:04d}.xml"]) for page in range(1, 5)]
    assert [len(block_words(page)) for page in pages] == WORDS[name]
    for page, words in zip(pages, WORDS[name], strict=True):
        assert page.tag == f"{{{NAMESPACE}}}alto"
        strings = page.findall(".//a:String", NAMES)
        assert all(0.5 < float(string.get("WC", "0")) < 1 for string in strings)
        halves = [string.get("SUBS_TYPE") for string in strings if string.get("SUBS_TYPE")]
        assert halves == ["HypPart1", "HypPart2"] * len(page.findall(".//a:HYP", NAMES))
        assert bool(halves) is bool(words)
        names = page.xpath("//@ID")
        assert isinstance(names, list)
        assert len(names) == len(set(names))


def test_a_broken_word_joins_to_itself() -> None:
    name = "mercury-1851-06-07"
    page = etree.fromstring(issue(Institution(), name)[f"{name}_0002.xml"])
    strings = page.findall(".//a:String[@SUBS_TYPE]", NAMES)
    for first, second in zip(strings[::2], strings[1::2], strict=True):
        assert f"{first.get('CONTENT')}{second.get('CONTENT')}" == first.get("SUBS_CONTENT")
        assert first.get("SUBS_CONTENT") == second.get("SUBS_CONTENT")


def test_the_issue_is_described_and_its_pages_have_digests() -> None:
    name = "mercury-1851-06-14"
    members = issue(Institution(), name)
    mets = etree.fromstring(members[f"{name}_mets.xml"])
    assert mets.findtext(".//m:dmdSec[@ID='MODS_ISSUE']//mods:title", namespaces=NAMES) == "The Aldermere Mercury"
    assert mets.findtext(".//mods:dateIssued", namespaces=NAMES) == "1851-06-14"
    for file in mets.iterfind(".//m:file", NAMES):
        content = members[str(file[0].get(f"{{{NAMES['x']}}}href"))]
        assert file.get("CHECKSUM") == hashlib.sha256(content).hexdigest()
        assert file.get("SIZE") == str(len(content))


def test_a_correction_leaves_the_other_articles_alone() -> None:
    name, library = "mercury-1851-06-07", Institution()
    before = articles(issue(library, name), name)
    assert library.correct("mercury", [f"{name}/art0003"]) == [f"{name}/art0003"]
    after = articles(issue(library, name), name)
    assert after.pop("art0003") == f"{before.pop('art0003')} Compared with the original, reading 2."
    assert after == before
    library.remove("mercury", [f"{name}/art0003"])
    assert articles(issue(library, name), name) == before


def test_an_issue_comes_and_goes() -> None:
    library = Institution()
    first = library.file("mercury/mercury-1851-06-28.zip")
    assert len(library.remove("mercury", ["mercury-1851-06-28"])) == 11
    assert library.file("mercury/mercury-1851-06-28.zip") is None
    library.restore("mercury", ["mercury-1851-06-28"])
    again = library.file("mercury/mercury-1851-06-28.zip")
    assert first is not None
    assert again is not None
    assert (again.content, again.etag) == (first.content, first.etag)
    assert again.modified == library.now
    assert len(library.add("mercury", 2)) == 22
    assert library.paths()[-2:] == ["mercury/mercury-1851-07-05.zip", "mercury/mercury-1851-07-12.zip"]
