"""What a draft must not take for something else: names that lie, words like tables, licences beside words."""

import json
from pathlib import Path

import pytest

from biglam_pipeline.parsing.xml.searching import repeated_way
from biglam_pipeline.proposing.contents import kind_of
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.proposing.conftest import Biglam
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

TABLE = b"id,title,date\n1,Map of X,1850\n2,Map of Y,1851\n"
LINES = b'{"id": 1, "title": "A", "date": "1850"}\n{"id": 2, "title": "B", "date": "1851"}\n'
VERSE = b"""Tyger Tyger, burning bright in the forests
In the forests of the night, what immortal hand
What immortal hand or eye, could frame it
Could frame thy fearful symmetry, in what distant
"""
TRIPLE = b'<http://x.example/1> <http://purl.org/dc/elements/1.1/title> "A" .\n'
PAGE = b"""<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"><Page imageFilename="a.jpg"
    imageWidth="10" imageHeight="10"><TextRegion id="r"><Coords points="0,0 1,0 1,1"/><TextLine id="l"><Coords
    points="0,0 1,0 1,1"/><TextEquiv><Unicode>two words</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"""


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (VERSE, "tyger.txt", "text"),
        (TABLE.replace(b",", b", "), "table.txt", "table"),
        (TABLE, "export.xls", "table"),
        (b"PK\3\4" + b"x" * 99, "book.xlsx", "table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "book.xls", "table"),
        (TRIPLE * 3, "a.nt", ""),
        (b"@prefix dc: <http://purl.org/dc/elements/1.1/> .\n<x> dc:title 'A' .\n", "a.ttl", ""),
        (b"<a href='x'><b>c</b></a>", "a.xml", "xml"),
        (TABLE.replace(b"Map of X", b"Map\0of X"), "a.csv", "table"),
        (bytes(range(256)) * 9, "a.csv", ""),
        (TABLE.decode().encode("utf-16"), "a.csv", "table"),
    ],
)
def test_bytes_say_more_than_a_name(head: bytes, name: str, kind: str) -> None:
    assert kind_of(head, name).word == kind


def draft(biglam: Biglam, address: str, folder: Path) -> dict[str, object]:
    """The entry as it is written; its block of `normalize` and what stands beside."""
    ended = biglam("new", address, "--write")
    assert ended.returncode == 0, ended.stderr
    [source] = load_sources([folder / "sources.yaml"]).strict().sources.values()
    [reader] = source.normalize
    return {"type": reader.type, "harvest": source.harvest.url[0], **reader.model_dump(), "said": ended.stderr}


@pytest.mark.representative(2)  # other names by the same look at the bytes
@pytest.mark.parametrize("path", ["/a", "/a.txt", "/a.dat", "/a.json", "/a.jsonl"])
def test_json_lines_are_records_whatever_they_are_called(
    path: str, server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    made = draft(biglam, server.on(path, Reply(LINES)), tmp_path)
    assert "a: 2 rows" in str(made["said"])
    assert made["type"] == ("table" if path == "/a.jsonl" else "json")


@pytest.mark.representative(2)  # other vocabularies
@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"<all><object id='1'><titel>A</titel></object><object id='2'><titel>B</titel></object></all>", "/all/object"),
        (b"<x:all xmlns:x='urn:y'><x:o><x:t>A</x:t></x:o><x:o><x:t>B</x:t></x:o></x:all>", "/all/o"),
        (b"<rss><channel><title>N</title><item><title>A</title></item><item><title>B</title></item></channel></rss>",
         "/rss/channel/item"),
        (b"<letter><head>To you</head><p>One</p><p>Two</p></letter>", ""),
        (b"<letter><head><b>To you</b></head><body><p>One</p></body></letter>", ""),
    ],
)  # fmt: skip
def test_what_repeats_in_xml_is_a_record(
    body: bytes, rows: str, server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    made = draft(biglam, server.on("/a.xml", Reply(body)), tmp_path)
    assert (made["type"], made["rows"]) == ("xml", rows)
    assert f"a: {2 if rows else 1} record" in str(made["said"])


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_half_a_file_or_none_repeats_nothing_that_is_not_there(cut: int) -> None:
    assert repeated_way(b"<all><a><b>1</b></a><a><b>2</b></a><a><b>3</b></a></all>"[:cut]) in ("", "/all/a")
    assert repeated_way(b"</a></b>" + b"<" * cut + b"<!-- <a> -->") == ""


def test_a_page_of_text_keeps_what_its_reader_makes_of_it(
    server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    draft(biglam, server.on("/a.xml", Reply(PAGE)), tmp_path)
    assert "map:" not in (tmp_path / "sources.yaml").read_text()


def test_a_table_without_names_of_columns_is_said_to_be_one(
    server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    said = draft(biglam, server.on("/a.csv", Reply(b"1850,2,3\n1851,5,6\n")), tmp_path)["said"]
    assert "header: [NAME, NAME, ...]" in " ".join(str(said).split())


def test_braces_in_a_link_choose_nothing(server: ScriptedServer, biglam: Biglam, tmp_path: Path) -> None:
    """Esri's identifiers have them: https://host/{4F1A-22}.csv"""
    page = b"<html><head><title>Maps</title></head><a href='/d/{4F1A-22}.csv'>t</a></html>"
    server.on("/d/%7B4F1A-22%7D.csv", Reply(TABLE))
    made = draft(biglam, server.on("/p", Reply(page, headers={"Content-Type": "text/html"})), tmp_path)
    assert made["harvest"] == f"{server.url}/d/%7B4F1A-22%7D.csv"


@pytest.mark.representative(3)  # further ones by the same way
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://\u2100.example/", "correct its host"),
        ("http://[::1/", "correct its host"),
        ("x" * 100_000, "is neither an address nor a file here"),
        ("//library.example/x", "write https://library.example/x"),
        ("https:///x", "names no host"),
        ("http://", "names no host"),
    ],
)
def test_an_address_that_is_none_is_said_to_be_none(address: str, said: str, biglam: Biglam) -> None:
    ended = biglam("new", address)
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr) < 2000


CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.representative(3)  # further forms; rights/ holds what is understood
@pytest.mark.parametrize(
    ("answers", "license_"),
    [
        ({"Dataset licence": "CC0"}, "zero"),
        ({"Dataset licence": CC0}, "zero"),
        ({"Dataset licence": f"[CC0]({CC0})"}, "zero"),
        ({"Dataset licence": "CC0", "Rights": "CC0 1.0"}, "zero"),
        ({"Dataset licence": f"see {CC0} but only for the old part"}, "CNE"),
        ({"Dataset licence": f"[not of the pictures]({CC0})"}, "CNE"),
        ({"Dataset licence": "CC0", "Rights": "CC BY-NC"}, "CNE"),
        ({"Rights": "all rights reserved, ask us", "Dataset licence": "CC0"}, "CNE"),
    ],
)
def test_a_licence_of_a_form_is_understood_wholly_or_not_at_all(
    answers: dict[str, str], license_: str, server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    form = "".join(f"### {question}\n\n{answer}\n\n" for question, answer in answers.items())
    body = f"### A URL for this dataset\n\n{server.on('/a.csv', Reply(TABLE))}\n\n{form}"
    (tmp_path / "issue.json").write_text(json.dumps({"title": "Add dataset: Maps", "body": body}))
    ended = biglam("new", "--from-issue", "issue.json", "--write")
    assert ended.returncode == 0, ended.stderr
    [source] = load_sources([tmp_path / "sources.yaml"]).strict().sources.values()
    assert license_ in str(source.rights[0].license)
