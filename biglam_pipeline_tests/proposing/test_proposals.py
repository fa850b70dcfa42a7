"""What is proposed by names and values, what files are by their bytes, and which of many are the data."""

from collections.abc import Mapping, Sequence

import pytest

from biglam_pipeline.proposing.choosing import choose_files
from biglam_pipeline.proposing.contents import kind_of
from biglam_pipeline.proposing.mapping import propose
from biglam_pipeline.proposing.surveying import Seen, Survey
from biglam_pipeline.proposing.writing import text_of


def survey(columns: Mapping[str, Sequence[str]]) -> Survey:
    found = Survey(records=max(map(len, columns.values())))
    for name, values in columns.items():
        found.fields[name] = Seen(name)
        for value in filter(None, values):
            found.fields[name].add([value])
    return found


IDS, TITLES, DATES = ["1", "2", "3"], ["One", "Two", "Three"], ["1850", "ca. 1860", "1870-1880"]


@pytest.mark.parametrize(
    ("id", "title", "date"),
    [
        ("identifier", "title", "date"),
        ("Inventarnummer", "Titel", "Datierung"),
        ("Numéro d'inventaire", "Titre", "Année"),
        ("inventarisnummer", "titel", "datering"),
        ("Número inventario".replace("ú", "u"), "Título", "Fecha"),
        ("inventario", "titolo", "datazione"),
        ("Object Number", "Title", "Object Date"),
        ("object_id", "objectTitle", "date_display"),
        ("dc:identifier", "dc:title", "dcterms:created"),
        ("recordID", "primaryTitle", "production_date"),
    ],
)
def test_names_of_many_institutions(id: str, title: str, date: str) -> None:  # noqa: A002
    found = propose(survey({id: IDS, title: TITLES, date: DATES, "x": ["a", "", "b"]}))
    assert (found.map["id"], found.map["title"], found.map["date"]) == (id, title, date)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"date": ["x", "y", "z"]}, {}),
        ({"id": ["1", "1", "2"]}, {}),
        ({"id": ["1", "2", ""], "title": TITLES}, {"title": "title"}),
        ({"title": TITLES, "date_modified": DATES}, {"title": "title"}),
        ({"title": TITLES, "artist_birth_date": DATES}, {"title": "title"}),
        ({"title": TITLES, "height": ["1850", "1860", "1875"]}, {"title": "title"}),
        ({"title": TITLES, "wann": ["1850-01-02", "1851-03-04", "um 1860"]}, {"title": "title", "date": "wann"}),
        ({"titel": TITLES, "foto": ["https://a.org/1.jpg"] * 3}, {"title": "titel", "image_url": "foto >> url"}),
        ({"title": TITLES, "x": ["nl", "de", "nl"]}, {"title": "title", "languages": "x"}),
        ({"title": TITLES, "x": ["Lorem ipsum dolor sit amet. " * 20] * 3}, {"title": "title", "text": "x"}),
        ({"title": TITLES, "x": ['{"a": 1}' * 60] * 3}, {"title": "title"}),
        ({"title": TITLES, "artist": ["A|B", "C", "D|E"]}, {"title": "title", "creators": "artist >> split(|)"}),
        ({"titles[].value": TITLES}, {"title": "titles[0].value"}),
        ({"creator[].name": ["A", "B", "C"]}, {"creators": "creator[].name"}),
    ],
)  # fmt: skip
def test_values_decide(columns: Mapping[str, Sequence[str]], expected: Mapping[str, str]) -> None:
    assert propose(survey(columns)).map == expected


def test_rights_are_a_field_with_words_and_what_is_not_understood_is_kept_as_it_is() -> None:
    assert propose(survey({"Lizenz": ["CC0", "CC BY 4.0"]})).rights == "Lizenz"
    assert propose(survey({"license": ["1", "2"]})).rights == ""
    assert propose(survey({"a": ["1", "2"], "b": ["x", "x"]})).extra == ["a", "b"]


@pytest.mark.parametrize(
    ("head", "name", "word"),
    [
        (b"a,b\n1,2\n", "x", "table"),
        (b"a;b\n1;2\n", "x.txt", "table"),
        ("a\tb\n1\t2\n".encode("utf-16"), "x", "table"),
        (b'{"a": 1}\n{"a": 2}\n', "x", "jsonl"),
        (b'\xef\xbb\xbf[{"a": 1}]', "x.csv", "json"),
        (b'{"@context": "http://iiif.io/api/presentation/3/context.json"}', "x.json", "iiif"),
        (b'<?xml version="1.0"?>\n<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"/>', "x", "mets_alto"),
        (b'<mets:mets xmlns:mets="http://www.loc.gov/METS/"/>', "x", "mets_alto"),
        (
            b"<OAI-PMH><ListRecords><record><header/><metadata><mets/></metadata></record></ListRecords></OAI-PMH>",
            "x",
            "mets",
        ),
        (b'<didl:DIDL xmlns:didl="urn:mpeg:mpeg21:2002:02-DIDL-NS"/>', "x", "didl"),
        (b'<page width="9"><block blockType="Text" l="1"/></page>', "x", "abbyy"),
        (b'<document xmlns="http://www.abbyy.com/FineReader_xml/FineReader6-schema-v1.xml"/>', "x", "abbyy"),
        (b"<document/>", "x", "xml"),
        (b'<OAI-PMH><ListRecords><record><metadata><mods:mods xmlns:mods="m"/>', "x.xml", "mods"),
        (b"<!doctype html><html></html>", "data.csv", "page"),
        (b"PK\x03\x04rest", "x", "archive"),
        (b"PK\x03\x04rest", "x.xlsx", "table"),
        (b"SQLite format 3\0rest", "x.db", "table"),
        (b"\x1f\x8b\x08rest", "x.csv", "archive"),
        (b"\x1f\x8b\x08rest", "x.warc.gz", "warc"),
        (b"%PDF-1.7\n", "x", "pdf"),
        (b"PAR1rest", "x.csv", "parquet"),
        (b"00714cam a2200205 a 4500001001200000", "x", "marc"),
        (b"001A \x1f02000:06-11-86\x1e003@ \x1f01\x1e\n", "x.dat", "pica"),
        (b"003@ $01\n021A $aT\n", "x.txt", "pica"),
        (b'[["003@", null, "0", "1"]]\n[["003@", null, "0", "2"]]\n', "x.json", "pica"),
        (b'<record xmlns="info:srw/schema/5/picaXML-v1.0"/>', "x", "pica"),
        (
            b'<OAI-PMH><ListRecords><record><metadata><p:record xmlns:p="http://www.oclcpica.org/xmlns/ppxml-1.0"/>',
            "x",
            "pica",
        ),
        (b"", "x.csv", "empty"),
        (bytes(range(200)), "x.csv", ""),
    ],
)
def test_what_a_file_is_goes_by_its_bytes_before_its_name(head: bytes, name: str, word: str) -> None:
    assert kind_of(head, name).word == word


@pytest.mark.parametrize(
    ("names", "taken", "pattern"),
    [
        (["README.md", "LICENSE", "data.csv"], ["data.csv"], "data.csv"),
        (["only.csv"], ["only.csv"], ""),
        (["old/data.csv", "data.csv", "b/other.csv"], ["b/other.csv"], "b/other.csv"),
        (["a.jpg", "b.jpg", "index.html"], ["a.jpg", "b.jpg"], "*.jpg"),
        (["1.zip", "2.zip", "md5sums.txt"], ["1.zip", "2.zip"], "*.zip"),
        (["p1.xml", "p1.jpg", "schema.xsd"], ["p1.xml"], "p1.xml"),
        (["a[1].csv", "x.md"], ["a[1].csv"], "*.csv"),
        (["docs/a.csv", "src/x.py", "README"], [], ""),
        (["a.warc.gz", "b.warc.gz", "a.cdx"], ["a.warc.gz", "b.warc.gz"], "*.gz"),
        (["p1.jpg", "book.pdf"], ["p1.jpg"], "p1.jpg"),
        (["a.pdf", "b.pdf", "README"], ["a.pdf", "b.pdf"], "*.pdf"),
    ],
)
def test_which_files_are_the_data(names: list[str], taken: list[str], pattern: str) -> None:
    chosen = choose_files(names)
    assert (list(chosen.names), chosen.pattern) == (taken, pattern)


@pytest.mark.parametrize(
    "text", ["yes", "null", "1.5", "2020-01-01", "a: b", "#a", "é", "", "-", "?", "a'b\"c\\", "[x"]
)
def test_what_yaml_might_take_for_something_else_is_quoted(text: str) -> None:
    assert text_of(text).startswith('"')


def test_controls_and_marks_of_direction_are_no_part_of_a_text() -> None:
    assert text_of("a\x1b[2Jb\u202ec\nd") == '"a [2Jb c d"'
