"""PAGE XML: the text of the lines, in reading order, and what is said where levels or orders contradict each other."""

import random
import re
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
from pydantic import ValidationError

from biglam_pipeline.normalize.printed.rows import picture_name
from biglam_pipeline.records import Bundle, Record, Unmapped
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)

SOURCES = Path(__file__).parents[3] / "sources"
SPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def equiv(*texts: str, conf: str = "") -> str:
    """Readings of one text, the first with @index 0."""
    index, sure = ' index="{}"' if len(texts) > 1 else "", f' conf="{conf}"' if conf else ""
    return "".join(
        f"<TextEquiv{index.format(number)}{sure}><Unicode>{text}</Unicode></TextEquiv>"
        for number, text in enumerate(texts)
    )


def line(text: str, *words: str, more: str = "") -> str:
    """A line with a text of its own, and words."""
    inside = "".join(f"<Word>{equiv(word)}</Word>" for word in words)
    return f"<TextLine {more}>{inside}{equiv(text) if text else ''}</TextLine>"


def region(name: str, *inside: str, kind: str = "TextRegion", more: str = "") -> str:
    return f'<{kind} id="{name}" {more}>' + "".join(inside) + f"</{kind}>"


def page(*inside: str, order: str = "", metadata: str = "", more: str = "") -> bytes:
    order = f"<ReadingOrder>{order}</ReadingOrder>" if order else ""
    head = f'<PcGts xmlns="{SPACE}" pcGtsId="p1"><Metadata><Creator>A</Creator>{metadata}</Metadata>'
    picture = "scans\\a 1.jpg"
    return f'{head}<Page imageFilename="{picture}" {more}>{order}{chr(10).join(inside)}</Page></PcGts>'.encode()


def refs(*names: str, indexed: bool = False) -> str:
    if indexed:
        return "".join(f'<RegionRefIndexed index="{number}" regionRef="{name}"/>' for number, name in enumerate(names))
    return "".join(f'<RegionRef regionRef="{name}"/>' for name in names)


def group(kind: str, index: int, inside: str) -> str:
    return f'<{kind}GroupIndexed index="{index}">{inside}</{kind}GroupIndexed>'


SPECIMEN = Specimen(
    {
        "letter/page/0001.xml": page(
            region("r2", line("second re-"), line("gion, region"), more='type="paragraph"'),
            region("r1", line("First", more='id="l1" primaryLanguage="German"')),
            region("i", kind="ImageRegion"),
            order=f'<OrderedGroup id="o">{refs("r1", "r2", indexed=True)}</OrderedGroup>',
        ),
        "letter/page/0002.xml": page().replace(b"2019-07-15", b"2010-03-19"),
        "letter/mets.xml": b"<mets/>",
        "letter/page/0003.xml": b"<PcGts><Page>",
    },
    records=2,
    version=3,
    digest="c3d889fcf60b1bb6",
)


def rows(*inside: str, order: str = "", metadata: str = "", **block: Any) -> list[Record]:
    data = page(*inside, order=order, metadata=metadata)
    return records(read_one(reader(type="page_xml", **block), "a/0001.xml", data))


def text_of(*inside: str, order: str = "", **block: Any) -> str:
    (row,) = rows(*inside, order=order, **block)
    text = row.values["text"]
    assert isinstance(text, str)
    return text


def words_by_expat(data: bytes) -> list[str]:
    """The words of every TextLine: of its own first TextEquiv, else of its Words', by another parser."""
    path: list[str] = []
    own: list[str] = []
    of_words: list[str] = []
    found: list[str] = []
    seen = {"line": 0, "word": 0}

    def begin(tag: str, _: dict[str, str]) -> None:
        path.append(tag.rpartition(":")[2])
        if path[-1] == "TextLine":
            own.clear()
            of_words.clear()
            seen["line"] = 0
        elif path[-1] == "Word":
            seen["word"] = 0
            of_words.append(" ")
        elif path[-1] == "TextEquiv" and path[-2] in ("TextLine", "Word"):
            seen[{"TextLine": "line", "Word": "word"}[path[-2]]] += 1

    def data_of(text: str) -> None:
        if path[-2:] == ["TextEquiv", "Unicode"]:
            if path[-3] == "TextLine" and seen["line"] == 1:
                own.append(text)
            elif path[-3] == "Word" and seen["word"] == 1:
                of_words.append(text)

    def end(tag: str) -> None:
        if path.pop() == "TextLine":
            found.extend("".join(own).split() or "".join(of_words).split())

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, data_of
    parser.Parse(data, True)
    return found


# --- levels ---


def test_lines_stand_below_one_another_and_regions_apart() -> None:
    assert text_of(region("a", line("One two"), line("three")), region("b", line("four"))) == "One two three\n\nfour"


def test_a_line_counts_more_than_its_words_and_than_its_region() -> None:
    """Ground truth of the NZZ is corrected on lines, and its words keep the old OCR."""
    (row,) = rows(region("a", line("Zürich, den 3.", "Ziirich,", "dcn", "3."), equiv("something else")))
    assert row.values["text"] == "Zürich, den 3."
    assert set(row.problems) == {
        "text: a line says otherwise than its words",
        "text: a region says otherwise than its lines",
    }


def test_equal_levels_are_nothing_to_report() -> None:
    (row,) = rows(region("a", line("( 484 )", "(", "484", ")"), line("x"), equiv("( 484 )\nx")))
    assert not row.problems


@pytest.mark.parametrize(
    ("inside", "text", "reported"),
    [
        (line("", "Zwey", "Worte"), "Zwey Worte", "read of words, since their line has none"),
        (
            f"<TextLine><Word><Glyph>{equiv('a')}</Glyph><Glyph>{equiv('b')}</Glyph></Word></TextLine>",
            "ab",
            "read of glyphs, since their word has none",
        ),
        ("<TextLine/>" + equiv("One\ntwo"), "One two", "read of the region, since its lines have none"),
        (f"<TextLine>{equiv('')}</TextLine>", "", "lines without a text"),
        (f"<Word>{equiv('lost')}</Word>", "", "words that stand in no line"),
    ],
)
def test_the_level_that_is_read_is_counted(inside: str, text: str, reported: str) -> None:
    (row,) = rows(region("a", inside))
    assert row.values["text"] == text
    assert f"text: {reported}" in row.problems


def test_of_several_readings_the_lowest_index_is_taken_wherever_it_stands() -> None:
    several = "".join(
        f"<TextEquiv {index}><Unicode>{text}</Unicode></TextEquiv>"
        for index, text in [("", "none"), ('index="10"', "ten"), ('index="2"', "two")]
    )
    (row,) = rows(region("a", f"<TextLine>{several}</TextLine>"))
    assert (row.values["text"], row.problems) == ("two", ("text: further readings of a text",))


INNER = (region("i1", line("one two")), region("i2", line("three")))


@pytest.mark.parametrize(
    ("inside", "text", "reported"),
    [
        ([*INNER, equiv("one two\nthree")], "one two\n\nthree", []),
        ([*INNER, equiv("three\none two")], "one two\n\nthree", []),
        ([line("zero"), *INNER, equiv("zero\none two\nthree")], "zero\n\none two\n\nthree", []),
        ([line("zero"), *INNER, equiv("zero")], "zero\n\none two\n\nthree", []),
        (
            [*INNER, equiv("one 2\nthree")],
            "one two\n\nthree",
            ["a region says otherwise than its lines"],
        ),
        (
            [*INNER, equiv("A title")],
            "A title\n\none two\n\nthree",
            ["read of the region, since its lines have none"],
        ),
        (
            [region("i1", region("j", equiv("one")), equiv("one")), region("i2", equiv("two")), equiv("one\ntwo")],
            "one\n\ntwo",
            ["read of the region, since its lines have none"],
        ),
    ],
)
@pytest.mark.parametrize("kind", ["TextRegion", "TableRegion"])
def test_a_region_that_says_what_regions_inside_of_it_say_is_not_read_again(
    inside: list[str], text: str, reported: list[str], kind: str
) -> None:
    """As OCR-D writes it of all regions that have others inside."""
    (row,) = rows(region("o", *inside, kind=kind))
    assert (row.values["text"], row.problems) == (text, tuple(f"text: {one}" for one in reported))
    by_region = rows(region("o", *inside, kind=kind), rows="region")
    assert "\n\n".join(one.values["text"] for one in by_region) == text


def test_lines_that_stand_otherwise_than_their_region_says_are_reported() -> None:
    (row,) = rows(region("a", line("b"), line("a"), equiv("a\nb")))
    assert row.problems == ("text: a region says otherwise than its lines",)


def test_unicode_counts_more_than_plain_text() -> None:
    """PlainText is for simple characters, PAGE 2010: "no use of special characters for ligatures"."""
    both = "<TextEquiv><PlainText>fiſch</PlainText><Unicode>ﬁſch</Unicode></TextEquiv>"
    plain = "<TextEquiv><PlainText>only</PlainText><Unicode/></TextEquiv>"
    assert text_of(region("a", f"<TextLine>{both}</TextLine><TextLine>{plain}</TextLine>")) == "ﬁſch only"


@pytest.mark.parametrize(
    ("inside", "confidence"),
    [
        (f"<TextLine>{equiv('a b', conf='0.5')}</TextLine><TextLine>{equiv('c d', conf='0.9')}</TextLine>", 0.7),
        (
            f"<TextLine><Word>{equiv('a', conf='1')}</Word><Word>{equiv('b', conf='0')}</Word>{equiv('ab')}</TextLine>",
            0.5,
        ),
        (f"<TextLine><Word>{equiv('x', conf='1.0')}</Word>{equiv('corrected')}</TextLine>", None),
        (f"<TextLine>{equiv('a', conf='nan')}</TextLine><TextLine>{equiv('b', conf='7')}</TextLine>", None),
        (line("a"), None),
    ],
)
def test_confidence_is_of_the_text_that_is_read(inside: str, confidence: float | None) -> None:
    (row,) = rows(region("a", inside))
    assert row.values.get("ocr_confidence") == (None if confidence is None else pytest.approx(confidence))


# --- order ---


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ("", "a b c d"),
        (f"<OrderedGroup>{refs('d', 'b', 'a', 'c')}</OrderedGroup>", "d b a c"),
        (
            "<OrderedGroup>"
            + "".join(
                f'<RegionRefIndexed index="{n}" regionRef="{r}"/>' for r, n in zip("abcd", (10, 9, 2, 1), strict=True)
            )
            + "</OrderedGroup>",
            "d c b a",
        ),
        (
            f"<OrderedGroup>{group('Unordered', 1, refs('a', 'c'))}{group('Ordered', 0, refs(*'db'))}</OrderedGroup>",
            "d b a c",
        ),
        (f"<UnorderedGroup>{refs('c', 'd', 'a', 'b')}</UnorderedGroup>", "c d a b"),
    ],
)
def test_regions_stand_as_the_reading_order_has_them(order: str, text: str) -> None:
    inside = [region(name, line(name)) for name in "abcd"]
    (row,) = rows(*inside, order=order)
    assert (row.values["text"].replace("\n\n", " "), row.problems) == (text, ())


@pytest.mark.parametrize("more", ["UserDefined", "Labels"])
def test_a_group_is_read_by_index_whatever_else_it_holds(more: str) -> None:
    """OrderedGroupType of PAGE 2013 to 2019 begins with UserDefined and Labels."""
    members = "".join(f'<RegionRefIndexed index="{n}" regionRef="{name}"/>' for n, name in ((1, "a"), (0, "b")))
    order = f"<OrderedGroup><{more}><Label value='x'/></{more}>{members}</OrderedGroup>"
    (row,) = rows(region("a", line("a")), region("b", line("b")), order=order)
    assert (row.values["text"], row.problems) == ("b\n\na", ())


def numbered(*numbers: int | str) -> list[str]:
    return [f'custom="structure {{type:x;}} readingOrder {{index:{one};}}"' if one != "" else "" for one in numbers]


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((10, 9, 1), "c b a"), ((0, 1, 2), "a b c"), ((2, 1, 1), "a b c"), ((2, 1, ""), "a b c"), ((2, 1, "x"), "a b c")],
)
def test_transkribus_numbers_lines_and_regions(numbers: tuple[int | str, ...], text: str) -> None:
    """Its TrpShapeTypeUtils sorts by `custom`; where a number is missing or stands twice, nothing is moved."""
    more = numbered(*numbers)
    lines = [line(name, more=one) for name, one in zip("abc", more, strict=True)]
    assert text_of(region("r", *lines)) == text
    inner = region("i", line("i"), more=numbered(0)[0])
    regions = [region(name, line(name), inner * (name == "b"), more=one) for name, one in zip("abc", more, strict=True)]
    assert text_of(*regions).replace("\n\n", " ") == text.replace("b", "b i")
    order = f"<OrderedGroup>{refs('b', 'a', 'c')}</OrderedGroup>"
    assert text_of(*regions, order=order).replace("\n\n", " ") == "b i a c", "ReadingOrder counts more"


def test_what_the_order_does_not_name_stands_behind_and_is_counted() -> None:
    inside = [*(region(name, line(name)) for name in "abc"), region("picture", kind="ImageRegion")]
    (row,) = rows(*inside, order=f"<OrderedGroup>{refs('c', 'c', 'nobody', 'a')}</OrderedGroup>")
    assert row.values["text"] == "c\n\na\n\nb"
    assert set(row.problems) == {
        "text: regions that the reading order does not name",
        "text: reading order names regions that are not there",
        "text: reading order names a region twice",
    }


def test_a_group_stands_for_a_region_and_regions_lie_in_regions() -> None:
    table = region("t", region("t1", line("1")), region("t2", line("2")), kind="TableRegion")
    order = f'<OrderedGroup>{refs("b")}<OrderedGroup regionRef="t">{refs("t2")}</OrderedGroup></OrderedGroup>'
    assert text_of(table, region("b", line("b")), order=order) == "b\n\n1\n\n2"
    assert text_of(region("o", line("outer"), region("i", line("inner"))), region("z", line("z"))) == (
        "outer\n\ninner\n\nz"
    )


def test_cells_of_transkribus_are_regions() -> None:
    cells = "".join(f'<TableCell row="0" col="{n}" id="c{n}">{line(text)}</TableCell>' for n, text in enumerate("xy"))
    assert text_of(region("t", cells, kind="TableRegion")) == "x\n\ny"


def test_no_line_is_lost_whatever_it_stands_in() -> None:
    """Regions of every kind, nested, with and without a name, named by the order or not, repeated names."""
    chance = random.Random(14)
    kinds = ["TextRegion", "TableRegion", "ImageRegion", "CustomRegion", "TableCell", "Wrapper"]

    def made(depth: int) -> str:
        inside = "".join(line(f"w{chance.randrange(10**9)}") for _ in range(chance.randrange(3)))
        inside += "".join(made(depth - 1) for _ in range(chance.randrange(3))) if depth else ""
        return region(f"r{chance.randrange(12)}", inside, kind=chance.choice(kinds))

    seen = 0
    for _ in range(300):
        order = (
            f"<OrderedGroup>{refs(*(f'r{chance.randrange(14)}' for _ in range(chance.randrange(6))))}</OrderedGroup>"
        )
        data = page(*(made(3) for _ in range(4)), line("astray"), order=order)
        (row,) = records(read_one(reader(type="page_xml"), "a.xml", data))
        due = words_by_expat(data)
        seen += len(due)
        assert sorted(row.values["text"].split()) == sorted(due)
        assert "text: lines that stand in no region" in row.problems
    assert seen > 1000


# --- words that are broken ---


@pytest.mark.parametrize("hyphen", ["¬", "-", "\u00ad", "=", "⸗"])
def test_a_broken_word_is_joined_once(hyphen: str) -> None:
    """Printed hyphens go where the word stands unbroken in the file; U+00AC is no letter of any word."""
    inside = region("a", line(f"die Auf{hyphen}"), line("klärung, Aufklärung"))
    (row,) = rows(inside)
    assert row.values["text"] == "die Aufklärung, Aufklärung"
    assert row.values["transforms"] == ["page-text/1", "dehyphenated/3"]
    (row,) = rows(inside, dehyphenate=False)
    assert row.values["text"] == f"die Auf{hyphen}\nklärung, Aufklärung"
    assert row.values["transforms"] == ["page-text/1"]


def test_a_not_sign_is_a_mark_also_where_the_word_stands_nowhere_else() -> None:
    assert text_of(region("a", line("Ge¬"), line("schichte"))) == "Geschichte"
    assert text_of(region("a", line("to-"), line("day"))) == "to- day"
    assert text_of(region("a", line("Kirchen¬"), line("und Schulsachen"))) == "Kirchen¬ und Schulsachen"


def test_a_licence_without_derivatives_leaves_the_text_as_printed() -> None:
    made = reader(type="page_xml")
    data = page(region("a", line("Ge¬"), line("schichte")))
    found = records([*made.read(Bundle("a.xml", (item("a.xml", data),)), {}, as_printed=True)])
    assert [row.values["text"] for row in found] == ["Ge¬\nschichte"]


def test_scripts_without_blanks_get_none_at_line_ends() -> None:
    assert text_of(region("a", line("天地玄黃"), line("宇宙洪荒"))) == "天地玄黃宇宙洪荒"
    assert text_of(region("a", line("天地 玄黃"))) == "天地 玄黃"


# --- rows, names and facts ---


def test_rows_of_regions_and_lines_are_called_by_their_ids() -> None:
    inside = [
        region("r1", line("One", more='id="l1"'), line("two"), line("")),
        region("r1", line("three", more='id="l1"')),
        region("e"),
    ]
    found = rows(*inside, rows="line")
    assert [(row.source_record_id, row.values["text"], row.values["seq"]) for row in found] == [
        ("a/0001#line-1", "One", 1),
        ("a/0001#line-2", "two", 2),
        ("a/0001#line-3", "three", 3),
    ]
    assert {row.values["parent_id"] for row in found} == {"a/0001"}
    assert len({str(row.place) for row in found}) == 3
    first = rows(region("r1", line("One", more='id="l1"')), region("r2", line("two")), rows="region")
    assert [(row.source_record_id, row.values["text_unit"]) for row in first] == [
        ("a/0001#r1", "region"),
        ("a/0001#r2", "region"),
    ]


def test_no_two_rows_have_one_name() -> None:
    inside = [line("one"), line("two", more='id="line-1"'), line("three", more='id="a"'), line("four", more='id="a"')]
    found = [*rows(region("r", *inside), rows="line"), *rows(region("q", equiv("x\ny")), rows="line")]
    assert [row.source_record_id for row in found] == [
        *("a/0001#line-1-", "a/0001#line-1", "a/0001#line-3", "a/0001#line-4"),
        *("a/0001#line-1", "a/0001#line-2"),
    ]


def test_a_row_of_one_line_is_as_printed() -> None:
    found = rows(region("a", line("Ge¬"), line("schichte")), rows="line")
    assert [row.values["text"] for row in found] == ["Ge¬", "schichte"]


def test_a_page_says_its_picture_and_its_regions() -> None:
    extra = {"picture": "$image", "name": "$page_id", "kinds": '$region_type >> list >> join("; ")'}
    inside = [
        region("a", line("x"), more='type="heading" custom="readingOrder {index:0;} structure {type:marriage;}"'),
        region("b", line("y"), more='type="paragraph"'),
    ]
    (row,) = rows(*inside, map={"extra": extra})
    assert row.extra["picture"] == "a 1.jpg"
    assert (row.extra["name"], row.extra["kinds"]) == ("p1", "marriage; paragraph")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("OCR-D-IMG/INPUT_0020.tif", "INPUT_0020.tif"),
        ("C:\\scans\\a b.tif", "a b.tif"),
        ("https://example.org/scans/a%20b.jpg?download=1", "a b.jpg"),
        ("a%20b.jpg", "a%20b.jpg"),
        ("http://[broken/a.jpg", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_picture(written: str, name: str) -> None:
    assert picture_name(written) == name


@pytest.mark.parametrize(
    ("metadata", "attributes", "origin"),
    [
        ("", "", "ocr"),
        ('<TranskribusMetadata docId="1" status="GT"/>', "", "corrected"),
        ('<!--_TranskribusMetadata docId="1" pageNr="2" status="GT" userId="3"-->', "", "corrected"),
        ('<TranskribusMetadata docId="1" status="IN_PROGRESS"/>', "", "ocr"),
        ("", 'production="handwritten-cursive"', "htr"),
        ("", 'production="printed"', "ocr"),
    ],
)
def test_how_the_text_was_made(metadata: str, attributes: str, origin: str) -> None:
    (row,) = rows(region("a", line("x"), more=attributes), metadata=metadata)
    assert row.values["text_origin"] == origin


def test_the_software_that_read_a_handwriting() -> None:
    said = "prov=READ-COOP:name=PyLaia@TranskribusPlatform:version=2.12.1:model_id=20686:lm=none"
    (row,) = rows(region("a", line("x")), metadata=f"<Creator>{said}</Creator>")
    assert (row.values["ocr_engine"], row.values["text_origin"]) == ("PyLaia@TranskribusPlatform 2.12.1", "htr")
    layout = "prov=University of Rostock:name=de.uros.citlab.segmentation.CITlab_LA_ML:v=2.5.1"
    (row,) = rows(region("a", line("x")), metadata=f"<Creator>{layout}</Creator>")
    assert (row.values.get("ocr_engine"), row.values["text_origin"]) == (None, "ocr")


def test_what_the_metadata_says_of_software_and_terms() -> None:
    metadata = (
        '<MetadataItem type="processingStep" name="recognition/text-recognition" value="ocrd-tesserocr-recognize"/>'
        '<MetadataItem type="other" name="license" value="CC-BY-NC-4.0"/>'
    )
    (row,) = rows(region("a", line("x")), metadata=metadata)
    assert row.values["ocr_engine"] == "ocrd-tesserocr-recognize"
    assert row.values["rights_raw"] == ["CC-BY-NC-4.0"]


def test_languages_are_those_of_the_lines() -> None:
    inside = [
        region("a", line("x", more='primaryLanguage="German"'), line("y"), more='primaryLanguage="Latin"'),
        region("b", line("z"), more='primaryLanguage="other"'),
    ]
    (row,) = rows(*inside)
    assert row.values["languages"] == ["German", "Latin"]


def test_the_picture_of_a_page_stands_in_its_row() -> None:
    data = page(region("a", line("x")))
    files = {"a/0001.xml": item("a/0001.xml", data), "a/a 1.jpg": item("a/a 1.jpg", b"no picture")}
    made = reader(type="page_xml", **{"with": {"image": {"files": "*.jpg", "by": {"$image": "$name"}}}})
    (row,) = records(read(made, files))
    assert row.values["text"] == "x"
    assert "image: not a picture" in row.problems  # it was found


def test_two_exports_of_transkribus_as_the_university_of_antwerp_publishes_them() -> None:
    """The pictures of both have one name each; METS and metadata lie beside. zenodo.org/records/10005566"""
    (entry,) = load_sources([SOURCES / "university-of-antwerp.yaml"]).strict().sources.values()
    (made,) = entry.normalize
    corrected = page(region("a", line("Rue de la Gare")), metadata='<TranskribusMetadata docId="1" status="GT"/>')
    said = "<Creator>prov=READ-COOP:name=PyLaia@TranskribusPlatform:version=2.1.0</Creator>"
    files = {
        "GT/page/a 1.xml": corrected,
        "GT/a 1.jpg": b"one",
        "GT/mets.xml": b"<mets/>",
        "HTR/page/a 1.xml": page(region("a", line("Rne de la Gare")), metadata=said),
        "HTR/a 1.jpg": b"two",
        "HTR/metadata.xml": b"<trpDocMetadata/>",
    }
    found = read(made, {name: item(name, data) for name, data in files.items()})
    assert [(row.values["collection"], row.values["text"], row.values["text_origin"]) for row in records(found)] == [
        ("GT", "Rue de la Gare", "corrected"),
        ("HTR", "Rne de la Gare", "htr"),
    ]
    assert all("image: not a picture" in row.problems for row in records(found))  # each was found


# --- files that are none ---


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<PcGts><Metadata/></PcGts>", "page_missing"),
        (b"<pcGts><page/></pcGts>", "not_page"),
        (b"<Error><Code>AccessDenied</Code></Error>", "not_page"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "not_xml"),
        (b"", "not_xml"),
        (page(region("a", line("x")))[:-20], "xml_cut"),
        (page(region("a", "<Word>")), "xml_cut"),
        (b"<PcGts><Page>" + b"<TextRegion>" * 300 + b"</TextRegion>" * 300 + b"</Page></PcGts>", "xml_refused"),
    ],
)
def test_what_is_no_page_is_a_reject_that_says_why(data: bytes, reason: str) -> None:
    found = read_one(reader(type="page_xml"), "a.xml", data)
    assert (reasons(found), records(found)) == ([reason], [])


def test_what_lies_beside_pages_is_counted() -> None:
    found = read_one(reader(type="page_xml"), "mets.xml", b'<mets:mets xmlns:mets="http://www.loc.gov/METS/"/>')
    assert not rejects(found)
    assert any("XML files that are no PAGE: mets" in one.filled for one in unmapped(found))


def test_a_page_without_regions_is_a_row_without_text() -> None:
    """OCR-D writes such after binarisation."""
    (row,) = rows()
    assert row.values["text"] == ""
    assert not rows(rows="line")


@pytest.mark.parametrize("year", ["2010-01-12", "2010-03-19", "2013-07-15", "2016-07-15", "2017-07-15", "2018-07-15"])
@pytest.mark.parametrize("prefix", ["", "pc:"])
def test_all_versions_and_prefixes(year: str, prefix: str) -> None:
    data = page(region("a", line("x y"))).replace(b"2019-07-15", year.encode()).decode()
    if prefix:
        data = re.sub(r"<(/?)([A-Z])", r"<\1pc:\2", data).replace("xmlns=", "xmlns:pc=")
    (row,) = records(
        read_one(reader(type="page_xml"), "a.xml", data.encode("utf-16") if year < "2012" else data.encode())
    )
    assert row.values["text"] == "x y"


def test_modality_metadata_is_refused() -> None:
    with pytest.raises(ValidationError, match="reads text"):
        reader(type="page_xml", modality="metadata")


# --- the files of institutions ---


def test_every_word_of_the_lines_is_read() -> None:
    """Of all real pages, against expat: of page, region and line rows alike."""
    files = {name: one for name, one in real_folder("page-xml", "**/*.xml").items() if "ALTO" not in name}
    pages = {name: one for name, one in files.items() if b"PcGts" in one.open().read(2000)}
    assert len(pages) == 11
    due = {name: words_by_expat(one.open().read()) for name, one in pages.items()}
    assert sum(map(len, due.values())) == 368
    for rows_ in ("page", "region", "line"):
        for name, one in pages.items():
            found = records(read(reader(type="page_xml", rows=rows_, dehyphenate=False), {name: one}))
            assert sorted(" ".join(row.values["text"] for row in found).split()) == sorted(due[name]), (rows_, name)


def test_real_pages_and_what_lies_beside_them() -> None:
    found = read(reader(type="page_xml"), real_folder("page-xml", "**/*.xml"))
    assert (len(records(found)), reasons(found)) == (11, [])
    beside = [name for one in unmapped(found) if isinstance(one, Unmapped) for name in one.filled if "no PAGE" in name]
    assert len(beside) == 6
