"""Nothing is lost: whatever is done to a delivery, each page that METS lists is a row, a reject or a count.

The deliveries are those of real libraries, with their words cut down to a few a page so that a hundred of them are
read in seconds; pages and words are counted by expat, not by the reader.
"""

import random
import re
from collections.abc import Callable, Iterable
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from biglam_pipeline.normalize.deliveries.counting import pages_begun
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import real_folder
from biglam_pipeline_tests.normalize.formats.mets_alto.counting import pages_in, root_of, words_of
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome

Files = dict[str, bytes]
FOLDERS = ("bl-newspapers-0002647-18240217", "bnl-luxzeit1858-18581207", "rero-BLB-18451228")
FORMS = "ALTO files that are another form of a page"


def _delivery(folder: str) -> tuple[str, Files]:
    """The name of its METS, and its files; of each page the first of every forty lines."""
    files: Files = {}
    for name, one in real_folder(f"mets-alto/{folder}", "**/*.xml").items():
        with one.open() as stream:
            data = stream.read()
        files[name] = data if b"structMap" in data else _thinned(data)
    return next(name for name, data in files.items() if b"structMap" in data), files


def _thinned(data: bytes) -> bytes:
    lines = iter(range(1_000_000))
    return re.sub(
        rb"<TextLine\b.*?</TextLine>", lambda line: b"" if next(lines) % 40 else line[0], data, flags=re.DOTALL
    )


Change = Callable[[str, Files, random.Random], str]
"""Does something to a delivery, and gives the name of its METS afterwards."""


def _in_mets(pattern: str, put: Callable[[re.Match[str], random.Random], str]) -> Change:
    def change(mets: str, files: Files, chance: random.Random) -> str:
        files[mets] = re.sub(pattern, lambda found: put(found, chance), files[mets].decode(), flags=re.DOTALL).encode()
        return mets

    return change


def _types(found: re.Match[str], chance: random.Random) -> str:
    return f'{found[1]}TYPE="{chance.choice(["cover", "np:page", "TITLE_PAGE", "Seite", "", "leaf", "x y"])}"'


def _physical(change: Callable[[str, random.Random], str]) -> Change:
    """Changes the physical structure map only."""
    return _in_mets(
        r'<(?:\w+:)?structMap\b[^>]*TYPE="PHYSICAL".*?</(?:\w+:)?structMap>', lambda one, chance: change(one[0], chance)
    )


def _rename_divisions(text: str, chance: random.Random) -> str:
    return re.sub(r'(<(?:\w+:)?div\b[^>]*?)TYPE="[^"]*"', lambda one: _types(one, chance), text)


def _write_hrefs(found: re.Match[str], chance: random.Random) -> str:
    """Another way to write the same place."""
    path = found[1].removeprefix("file://").removeprefix("./")
    ways = [
        path.upper(),
        path.replace("/", "\\"),
        "".join(f"%{ord(one):02x}" if one in "-_0" else one for one in path),
        f"file://./{path}",
        f"file:///X:/job/{path}",
        f"D:\\scan\\{path}",
        f"./{path}",
        f"../{{folder}}/{path}",
    ]
    return f'href="{chance.choice(ways)}"'


def _move_hrefs(mets: str, files: Files, chance: random.Random) -> str:
    folder = mets.rpartition("/")[0].rpartition("/")[2]
    _in_mets(r'href="([^"#]*)"', _write_hrefs)(mets, files, chance)
    files[mets] = files[mets].replace(b"../{folder}/", f"../{folder}/".encode() if folder else b"")
    return mets


def _rename_mets(mets: str, files: Files, chance: random.Random) -> str:
    folder = mets.rpartition("/")[0]
    name = f"{folder}/" if folder else ""
    name += chance.choice(["PPN4711.xml", "0001.XML", "metadata", "b1.METS", "mets.xml", "alto.0001"])
    files[name] = files.pop(mets)
    return name


def _prefix(mets: str, files: Files, chance: random.Random) -> str:
    """Every METS element under a prefix of its own."""
    text = files[mets].decode()
    own = re.search(r'xmlns:(\w+)="http://www.loc.gov/METS/"', text)
    if own:
        text = re.sub(rf"(</?|xmlns:){own[1]}([:=])", r"\1q\2", text)
    files[mets] = text.encode()
    return mets


def _remove(mets: str, files: Files, chance: random.Random) -> str:
    pages = sorted(name for name in files if name != mets)
    for name in chance.sample(pages, min(len(pages), chance.randint(1, 3))):
        del files[name]
    return mets


def _cut(mets: str, files: Files, chance: random.Random) -> str:
    name = chance.choice(sorted(files.keys() - {mets}) or [mets])
    files[name] = files[name][: len(files[name]) // 2]
    return mets


def _reorder_groups(mets: str, files: Files, chance: random.Random) -> str:
    root = etree.fromstring(files[mets])
    for one in root.iter("{*}fileSec", "{*}fileGrp"):
        children = list(one)
        chance.shuffle(children)
        one[:] = children
    files[mets] = etree.tostring(root)
    return mets


def _media(mets: str, files: Files, chance: random.Random) -> str:
    kinds = ["", "image/tiff", "text/plain", "application/octet-stream", "application/alto+xml"]
    return _in_mets(r'MIMETYPE="text/xml"', lambda _, chance: f'MIMETYPE="{chance.choice(kinds)}"')(mets, files, chance)


def _forget_division(mets: str, files: Files, chance: random.Random) -> str:
    """One page of the physical structure points to nothing any more."""
    text = files[mets].decode()
    names = sorted({one for one in re.findall(r'FILEID="([^"]*)"', text) if "alto" in one.lower()})
    lost = chance.choice(names)
    change = _physical(lambda one, _: re.sub(rf'<(?:\w+:)?(?:fptr|area)\b[^>]*FILEID="{lost}"[^>]*/>', "", one))
    return change(mets, files, chance)


def _double(mets: str, files: Files, chance: random.Random) -> str:
    """A second group of the same pages, in another version, pointed to by the same divisions."""
    root = etree.fromstring(files[mets])
    groups = {one.getparent() for one in root.iter("{*}file") if "alto" in one.get("ID", "").lower()}
    for group in groups:
        second = deepcopy(group)
        for one in second.iter("{*}file"):
            one.set("ID", f"{one.get('ID')}-v3")
            for place in one.iter("{*}FLocat"):
                key = next(name for name in place.attrib if str(name).endswith("href"))
                place.set(key, re.sub(r"([^/\\]+)$", r"v3-\1", place.attrib[key]))
        group.addnext(second)
    for pointer in list(root.iter("{*}fptr", "{*}area")):
        if "alto" in pointer.get("FILEID", "").lower():
            other = deepcopy(pointer)
            other.set("FILEID", f"{pointer.get('FILEID')}-v3")
            pointer.addnext(other)
    for name in [name for name in files if name != mets]:
        head, slash, base = name.rpartition("/")
        files[f"{head}{slash}v3-{base}"] = files[name].replace(b'CONTENT="', b'CONTENT="v3-')
    files[mets] = etree.tostring(root)
    return mets


CHANGES: dict[str, Change] = {
    "nothing": lambda mets, files, chance: mets,
    "divisions renamed": _physical(_rename_divisions),
    "TYPE in small letters": _in_mets(r'TYPE="PHYSICAL"', lambda one, chance: 'TYPE="physical"'),
    "hrefs written otherwise": _move_hrefs,
    "METS renamed": _rename_mets,
    "prefix changed": _prefix,
    "files removed": _remove,
    "a page cut off": _cut,
    "groups in another order": _reorder_groups,
    "media types changed": _media,
    "a division forgotten": _forget_division,
    "a second version of each page": _double,
}


LOSSES = {"files removed", "a page cut off", "a division forgotten"}


def _check(mets: str, files: Files, changes: Iterable[str]) -> None:
    """Pages and words are those that a plain count finds, by page, by issue and by article."""
    here, gone = pages_in(files[mets], files)
    by_page = Outcome(files, dehyphenate="no")
    mine = [one for one in by_page.records if one.values.get("seq")]
    forms = by_page.counts.get(FORMS, 0) + by_page.counts.get("XML files that METS names and that are not here", 0)
    broken = sum(root_of(files[name]) == "" for name in files)
    assert len(mine) + len(by_page.rejects) + forms == len(here) + gone + broken
    if LOSSES.isdisjoint(changes):
        assert not by_page.rejects
        assert len(mine) == len(by_page.records)
    for one in by_page.records:
        assert sorted(one.values["text"].split()) == sorted(words_of(files[one.item])), one.item
    whole = Outcome(files, "issue", dehyphenate="no")
    if whole.records:
        assert whole.records[0].values["text"].split() == [word for one in mine for word in one.values["text"].split()]
    articles = Outcome(files, "article", dehyphenate="no")
    if not articles.rejects:
        read = sum(len(one.values["text"].split()) for one in articles.records)
        assert read + articles.counts.get("words in no article", 0) >= sum(
            len(one.values["text"].split()) for one in mine
        )


@pytest.mark.representative(len(CHANGES))
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_one_change(folder: str, change: str) -> None:
    mets, files = _delivery(folder)
    mets = CHANGES[change](mets, files, random.Random(f"{folder} {change}"))
    _check(mets, files, [change])


@examples(25)
@given(names=st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=5, unique=True), seed=st.integers(0, 999))
def test_several_changes(names: list[str], seed: int) -> None:
    mets, files = _delivery(FOLDERS[seed % len(FOLDERS)])
    for name in names:
        mets = CHANGES[name](mets, files, random.Random(seed))
    _check(mets, files, names)


@examples(300)
@given(st.lists(st.sampled_from(["<", "<a:", "a:b", "Page", "Pag", " ", "/", ">", "<Page>", "<b:Page/>", "ä"])))
def test_pages_are_found_as_the_pattern_finds_them(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    assert pages_begun(data) == len(re.findall(rb"<(?:[^\s<>/:]+:)?Page[\s/>]", data))
