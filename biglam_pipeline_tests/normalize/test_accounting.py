"""What a reader gives is what stands in its files by another count; a record less is a difference."""

import random
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.accounting import Account, Accounts
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing import counted
from biglam_pipeline.parsing.counted import AtLeast, added
from biglam_pipeline.parsing.html_counting import count_of_class
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.counting import count_laid, count_outermost, first_element
from biglam_pipeline.parsing.xml.envelopes import records_of
from biglam_pipeline.records import Bundle, Item
from biglam_pipeline_tests.contracts.test_formats import KINDS, specimen
from biglam_pipeline_tests.normalize.bundles import item, laid_out, reader, real_folder

REAL: list[tuple[str, str, dict[str, Any]]] = [
    ("oai_dc", "oai-pmh", {}),
    ("oai_dc", "aggregator-records", {}),
    ("mods", "mods", {}),
    ("edm", "edm", {}),
    ("xml", "lido", {}),
    ("text", "gutenberg", {}),
    ("text", "gutenberg", {"rows": "chapter", "heading": "^CHAPTER"}),
    ("images", "images", {}),
    ("page_xml", "page-xml", {}),
    ("hocr", "hocr", {}),
    ("coco", "coco", {}),
    ("annotations", "ner", {"rows": "sentence"}),
    ("annotations", "brat", {"dialect": "brat"}),
    ("didl", "mets-alto/kb-delpher-18131116", {}),
    ("abbyy", "mets-alto/bcul-FAL-17621207", {}),
    ("mets", "mets", {}),
    ("lido", "lido", {}),
    ("warc", "warc", {}),
    ("table", "csv/bl-books-genre", {"map": {"title": "title"}}),
]
"""Reader, folder of the real files, and its keys."""
LARGE: list[tuple[str, str, dict[str, Any]]] = [
    ("json", "museum", {"map": {"title": "title"}, "modality": "metadata"}),
    ("xml", "tei", {"rows": "//p"}),
    ("ead", "ead", {}),
    ("iiif", "iiif", {}),
    ("mets_alto", "alto", {}),
    ("tei", "tei", {}),
    ("mets_alto", "mets-alto", {}),
    ("xml", "ead", {"rows": "//c"}),
    ("marc", "marc", {}),
]
"""The same of seconds each. Their readers lose each record of a specimen in the fast test above this one."""


@pytest.fixture(autouse=True)
def every_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sample is taken."""
    monkeypatch.setattr(counted, "EVERY", 1)


def losing(made: Reader, number: int) -> Reader:
    """The same reader, a throw-away kind that loses one record of each bundle: the one of this number, from 0."""
    kind = type(made)

    def streams(self: Reader, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        cuts = 0

        def but_one(found: Iterable[Found]) -> Iterator[Found]:
            nonlocal cuts
            for one in found:
                cuts += isinstance(one, Cut)
                if not isinstance(one, Cut) or cuts != number + 1:
                    yield one

        for one, found in kind.streams(self, bundle):
            yield one, but_one(found)

    lossy = type(f"Lossy{kind.__name__}", (kind,), {"streams": streams, "in_blocks": streams})
    assert issubclass(lossy, Reader)
    copied = made.model_copy()
    object.__setattr__(copied, "__class__", lossy)
    return copied


def bundles(made: Reader, items: dict[str, Item]) -> Iterator[Bundle]:
    for name, names in laid_out(made, items).items():
        yield Bundle(name, tuple(items[one] for one in names))


def settled(made: Reader, bundle: Bundle) -> Accounts:
    accounts, account = Accounts(made), Account()
    for _ in made.read(bundle, {}, account=account):
        pass
    accounts.settle(bundle, account)
    return accounts


def cuts_in(made: Reader, bundle: Bundle) -> int:
    cuts = 0
    with suppress(Unreadable):
        for _, found in made.streams(bundle):
            for one in found:
                cuts += isinstance(one, Cut)
    return cuts


@pytest.mark.parametrize("kind", KINDS)
def test_a_specimen_adds_up_and_misses_each_record_that_is_lost(kind: str) -> None:
    one = specimen(kind)
    made, tried = reader(type=kind, **one.block), 0
    for bundle in bundles(made, {name: item(name, data) for name, data in one.files.items()}):
        accounts = settled(made, bundle)
        assert not accounts.differing
        damaged = isinstance(made.due(bundle), AtLeast) and kind == "abbyy"  # a page that is cut, and the reject of it
        if accounts.counts["bundles"] and not damaged:
            for number in range(cuts_in(made, bundle)):
                tried += 1
                lossy = settled(losing(made, number), bundle)
                assert lossy.differing or lossy.counts["ended"], f"record {number} of {bundle.name}"
    assert tried, "nothing of the specimen is counted"


@pytest.mark.representative(2)  # the specimen of every format stays, above
@pytest.mark.parametrize(("kind", "folder", "block"), [*REAL, *LARGE])
def test_real_files_add_up_and_miss_each_record_that_is_lost(kind: str, folder: str, block: dict[str, Any]) -> None:
    """Of each bundle the first, one in the middle and the last. Only where the second way ended at damage, or a file is
    a reject as a whole, a loss may hide behind a reject that is one more.
    """
    items = {name: one for name, one in real_folder(folder).items() if not name.endswith("README.md")}
    made = reader(type=kind, **block)
    held = lost = 0
    for bundle in bundles(made, items):
        accounts = settled(made, bundle)
        assert not accounts.differing
        exact = accounts.counts["bundles"] and accounts.counts["found"] == accounts.counts["expected"]
        held += accounts.counts["found"] if exact else 0
        several = cuts_in(made, bundle) if exact else 0
        for number in sorted({0, several // 2, several - 1}) if several else ():
            lossy = settled(losing(made, number), bundle)
            assert lossy.differing or lossy.counts["ended"], f"record {number} of {bundle.name}"
            lost += 1
    assert held
    assert lost


def test_a_sum_is_no_surer_than_what_it_is_of() -> None:
    assert added([1, 2]) == 3
    assert not isinstance(added([1, 2]), AtLeast)
    assert isinstance(added([1, AtLeast(2)]), AtLeast)
    assert added([1, None, AtLeast(2)]) is None
    assert added([]) == 0


def test_what_a_takedown_left_is_not_counted() -> None:
    made = reader(type="json", map={"title": "a"}, modality="metadata")
    whole = item("a.json", b'[{"a": 1}, null, {"a": 2}]')
    assert settled(made, Bundle("a.json", (whole,))).counts["found"] == 2
    left = replace(whole, known={"gone": {"2": ""}})
    assert settled(made, Bundle("a.json", (left,))).counts["bundles"] == 0


# --- expat ---

LAYOUT = records_of(frozenset({"dc"}))


def laid(data: bytes) -> int:
    return count_laid(item("a.xml", data).open, LAYOUT.descends, lambda path, name, _: int(name == "record"))


def test_neither_comment_nor_cdata_nor_entity_is_a_record() -> None:
    data = (
        b"<!DOCTYPE r [<!ENTITY e '&lt;record/>'>]><OAI-PMH><ListRecords><!-- <record/> --><record>"
        b"<![CDATA[<record/>]]></record>&e;<record/></ListRecords></OAI-PMH>"
    )
    assert laid(data) == 2


def test_a_record_that_holds_another_of_its_name_is_one() -> None:
    """MARCXML in OAI-PMH: both are called record, in different namespaces and perhaps with no prefix."""
    inner = b"<record><header/><metadata><record><leader/></record></metadata></record>"
    data = b"<OAI-PMH><ListRecords>%s<resumptionToken/></ListRecords></OAI-PMH>" % (inner * 3)
    assert laid(data) == 3
    nested = b"<a><p>1<p>2</p></p><q><p/></q><p><b><p/></b></p></a>"
    assert count_outermost(item("a.xml", nested).open, lambda path, _: path[-1] == "p") == 3
    # What is inside is named as what is around it, so that the end of the one looks like that of the other.
    around = b"<records><record><records><record/></records><record/></record><list/><record><a/></record></records>"
    assert laid(around) == 2


def test_what_scripts_print_around_records_is_no_element() -> None:
    assert (
        count_laid(
            item("a.xml", b"<list><br/><b><record/></b><record/></list>").open,
            LAYOUT.descends,
            lambda path, name, _: int(name == "record"),
            frozenset({"b", "br"}),
        )
        == 2
    )
    notice = item("a.xml", b"<b>Warning</b><list><record/></list>")
    assert reader(type="mods").expected(Bundle("a.xml", (notice,))) is None


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"<OAI-PMH><ListRecords><record/><record>", 2),
        (b"<OAI-PMH><ListRecords><record/><record></x>", 2),
        (b"<OAI-PMH><ListRecords><record>&nope;</record>", 1),
        (b"", 0),
    ],
)
def test_a_count_that_ends_at_damage_says_so(data: bytes, count: int) -> None:
    found = laid(data)
    assert isinstance(found, AtLeast)
    assert found == count


def test_a_record_that_holds_others_of_its_name_is_one_before_damage_too() -> None:
    """EAD: the end tag that would show it stands behind the damage, where expat does not come."""
    data = b"<dsc><c><c/><c/><c/><did><unittitle></did></c><c/></dsc>"
    found = count_outermost(item("a.xml", data).open, lambda path, _: path[-1] == "c")
    assert isinstance(found, AtLeast)
    assert found == 1
    made = reader(type="xml", rows="//c")
    assert not settled(made, Bundle("a.xml", (item("a.xml", data),))).differing


def test_records_whose_key_comes_twice_are_no_difference() -> None:
    """`orjson` keeps the last of them; both are read."""
    data = b'{"items": {"a": {"t": "1"}, "b": {"t": "2"}, "a": {"t": "3"}}}'
    made, bundle = reader(type="json", rows="items.*", map={"title": "t"}), Bundle("a.json", (item("a.json", data),))
    assert cuts_in(made, bundle) == 3
    assert not settled(made, bundle).differing
    assert settled(losing(losing(made, 0), 0), bundle).differing


def test_many_names_take_no_memory() -> None:
    data = b"<list>%s</list>" % b"".join(b"<record><n%d/></record>" % one for one in range(5000))
    assert count_outermost(item("a.xml", data).open, lambda path, _: path[-1] == "record") == 5000


def test_the_first_element_is_what_a_file_begins_with() -> None:
    assert first_element(item("a.xml", b"<?xml version='1.0'?><!-- <a/> --><x:alto xmlns:x='u'>").open()) == "alto"
    assert first_element(item("a.xml", b"no markup").open()) == ""


@pytest.mark.parametrize(
    ("data", "count", "sure"),
    [
        (b"<html><!-- <p class='ocr_page'/> --><div class='a ocr_page'/><div class='ocr_pages'/></html>", 1, True),
        (b"<html><div class='ocr_page'><br></div><div class=ocr_page></html>", 2, False),
        (b"<div class='ocr_page'><br><![foo[x]]><div class='ocr_page'>", 1, False),
    ],
)
def test_pages_of_html_are_counted_however_it_is_broken(data: bytes, count: int, sure: bool) -> None:
    found = count_of_class(item("a.html", data).open, "ocr_page")
    assert (int(found), not isinstance(found, AtLeast)) == (count, sure)


# --- tables ---


@pytest.mark.parametrize(
    ("text", "block", "count", "sure"),
    [
        ("a,b\n1,2\n3,4\n", {}, 2, True),
        ("a,b\r\n1,2\r\n\r\n  \r\n3,4", {}, 2, True),
        ("a,b\r1,2\r3,4\r", {}, 2, True),
        ('a,b\n1,"two\nlines"\n"3",4\n', {}, 2, False),
        ('a\tb\n1\t"two\nlines"\t\n', {}, 2, True),
        ("sep=;\na;b\n1;2\n", {}, 1, True),
        ("# x\na,b\n# y\n1,2\n", {"comment": "#"}, 1, True),
        ("x\ny\na,b\n1,2\n", {"skip": 2}, 1, True),
        ("1,2\n3,4\n", {"header": ["a", "b"]}, 2, True),
        ('a,b\n1,x "y" z\n', {"quote": "none"}, 1, True),
        ('a,b\n1,"x\\"y"\n2,z\\,\\\\\n', {"escape": "\\"}, 2, True),
        ('a,b\n1,"x\\\ny"\n2,z\n', {"escape": "\\", "delimiter": ","}, 2, False),
    ],
)
def test_records_of_a_table_are_counted_by_quotes_and_line_ends(
    text: str, block: dict[str, Any], count: int, sure: bool
) -> None:
    made = reader(type="table", map={"title": "a"}, **block)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        found = made.expected(Bundle("t.csv", (item("t.csv", text.encode(encoding)),)))
        assert found is not None
        assert (int(found), not isinstance(found, AtLeast)) == (count, sure)


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a,b\n1,\u201cx\n", {"quote": "\u201c"}),
        ("a,b\n\u00b61,2\n", {"comment": "\u00b6"}),
        ('a,b\n1,x "y\n" z\n', {}),
        ("a,b\n1,x\\\n2,y\n", {"escape": "\\"}),
        ('a,b\r\n1,"x\\\r\n"\r\n', {"escape": "\\"}),
        ('a,b\n1,"x\n', {}),
    ],
)
def test_where_rules_say_what_a_record_is_there_is_no_count(text: str, block: dict[str, Any]) -> None:
    made = reader(type="table", map={"title": "a"}, **block)
    assert made.expected(Bundle("t.csv", (item("t.csv", text.encode()),))) is None


# --- what is spoiled ---


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """Cut off, a byte changed, some left out, some twice, or markup where none was."""
    at = chance.randrange(len(data))
    more = min(len(data), at + chance.randrange(1, 80))
    odd = chance.choice(
        [*(b'\n"<>&\r,\x1d\0'[one : one + 1] for one in range(9)), b"<!--", b"-->", b"<![CDATA[", b"null"]
    )
    return chance.choice(
        [
            data[:at],
            data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :],
            data[:at] + data[more:],
            data[:more] + data[at:],
            data[:at] + odd + data[at:],
        ]
    )


@pytest.mark.representative(len(KINDS), rest="soak")
@pytest.mark.parametrize(("times", "kind"), [(times, kind) for times in (20, 60) for kind in KINDS])
def test_a_spoiled_file_is_no_difference(kind: str, times: int) -> None:
    """What a reader mends, or rejects, is no loss: else a check that blocks would block what is right."""
    one, chance = specimen(kind), random.Random(kind)
    made = reader(type=kind, **one.block)
    for _ in range(times):
        files = dict(one.files)
        name = chance.choice(sorted(files))
        files[name] = spoiled(files[name], chance)
        with suppress(SourceChanged):
            for bundle in bundles(made, {name: item(name, data) for name, data in files.items()}):
                assert not settled(made, bundle).differing, files[name]


def test_a_bundle_of_which_nothing_is_left_is_not_counted() -> None:
    accounts = Accounts(reader(type="annotations", dialect="brat"))
    accounts.settle(Bundle("a.ann", ()), Account())
    assert not accounts.differing
