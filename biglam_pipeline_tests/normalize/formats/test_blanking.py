"""One record is taken out of a file: nothing of it is left, and all others are read as before."""

import gzip
from collections.abc import Mapping
from dataclasses import replace

import pytest

from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline_tests.normalize.bundles import (
    alto,
    block,
    deleted,
    item,
    laid_out,
    read,
    reader,
    real_folder,
    records,
    word,
)
from biglam_pipeline_tests.normalize.formats.mets_alto.made import area, div, fptr, group, mets


def take_out(made: Reader, items: Mapping[str, Item], *names: str) -> dict[str, Item]:
    """The files without these records."""
    left = dict(items)
    for bundle, files in laid_out(made, items).items():
        found = Bundle(bundle, tuple(items[one] for one in files))
        hits = [(one, f"source:{one.source_record_id}") for one in records(list(made.read(found, {})))]
        chosen = [hit for hit in hits if hit[0].source_record_id in names]
        known = made.remember(found, chosen) if chosen else {}
        for name, blocks in made.redact(found, chosen).items() if chosen else ():
            if blocks is None:
                del left[name]
            else:
                left[name] = replace(item(name, b"".join(blocks)), known=known.get(name))
    return left


def by_id(made: Reader, items: Mapping[str, Item]) -> dict[str, Record]:
    return {one.source_record_id: one for one in records(read(made, items))}


def bytes_of(one: Item) -> bytes:
    with one.open() as stream:
        return stream.read()


# --- tables ---

ROWS = 'id,name\r\n1,One\r\n2,"The secret\r\nof two lines, ""quoted"""\r\n3,Three é\r\n'
TABLES = {
    "crlf": ROWS.encode(),
    "lf": ROWS.replace("\r\n", "\n").encode(),
    "cr": ROWS.replace("\r\n", "\r").encode(),
    "no end": ROWS.rstrip().encode(),
    "bom": ROWS.encode("utf-8-sig"),
    "cp1252": ROWS.encode("cp1252"),
    "utf-16": ROWS.encode("utf-16"),
    "semicolon": ROWS.replace("1,", "1;").replace("2,", "2;").replace("3,", "3;").replace("id,", "id;").encode(),
    "gzip": gzip.compress(ROWS.encode(), mtime=0),
    "blank lines": ROWS.replace("2,", "\r\n\r\n2,").encode(),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("name", ["1", "2", "3"])
def test_a_row_of_a_table(kind: str, name: str) -> None:
    more = {"encoding": "cp1252"} if kind == "cp1252" else {}  # so few letters are not enough to guess by
    made = reader(type="table", map={"id": "id", "title": "name"}, **more)
    items = {"a.csv": item("a.csv", TABLES[kind])}
    before = by_id(made, items)
    assert before.keys() == {"1", "2", "3"}
    left = take_out(made, items, name)
    after = by_id(made, left)
    assert after == {key: one for key, one in before.items() if key != name}, "also its line's number is the same"
    data = bytes_of(left["a.csv"])
    if kind == "gzip":
        assert data[:2] == b"\x1f\x8b"
        data = gzip.decompress(data)
    plain = data.decode("utf-16" if kind == "utf-16" else "cp1252" if kind == "cp1252" else "utf-8")
    assert ("secret" in plain) is (name != "2")
    if kind in {"crlf", "lf", "cr", "no end", "cp1252"}:
        mine = {"1": b"1,One", "3": "3,Three é".encode("cp1252" if kind == "cp1252" else "utf-8")}.get(name)
        assert mine is None or data == TABLES[kind].replace(mine, b""), "not one other byte is touched"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["1", "3"])
def test_a_line_of_json(packed: bool, name: str) -> None:
    text = b'\xef\xbb\xbf{"id": "1", "name": "One"}\n\n{"id": "2", "name": "Two"}\n{"id": "3", "name": "Three"}'
    made = reader(type="table", map={"id": "id", "title": "name"})
    items = {"a.jsonl": item("a.jsonl", gzip.compress(text, mtime=0) if packed else text)}
    before = by_id(made, items)
    left = take_out(made, items, name)
    assert by_id(made, left) == {key: one for key, one in before.items() if key != name}
    data = bytes_of(left["a.jsonl"])
    lines = (gzip.decompress(data) if packed else data).split(b"\n")
    assert len(lines) == 4
    assert lines[0 if name == "1" else 3] == b""


@pytest.mark.slow  # made-up ones stay; contracts/test_formats.py blanks in each format
def test_the_rows_of_real_tables() -> None:
    made = reader(type="table", map={"id": "ConstituentID", "title": "DisplayName"})
    items = real_folder("museum/moma", "Artists.csv")
    before = by_id(made, items)
    names = list(before)[:: max(1, len(before) // 7)]
    assert by_id(made, take_out(made, items, *names)) == {k: one for k, one in before.items() if k not in names}


# --- OAI and Dublin Core ---

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate><ListRecords>
{records}<resumptionToken>next</resumptionToken></ListRecords></OAI-PMH>"""
RECORD = """<record><header><identifier>oai:x:{n}</identifier><datestamp>2026-01-0{n}</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Title {n}</dc:title></oai_dc:dc></metadata><about><p>About {n}</p></about></record>"""


def test_a_record_of_an_oai_page() -> None:
    made = reader(type="oai_dc")
    items = {"p.xml": item("p.xml", PAGE.format(records="".join(RECORD.format(n=n) for n in (1, 2, 3))).encode())}
    before = by_id(made, items)
    left = take_out(made, items, "oai:x:2")
    assert by_id(made, left) == {key: one for key, one in before.items() if key != "oai:x:2"}
    assert not deleted(read(made, left)), "it is no tombstone of the server's, and another READ deletes nothing by it"
    [gone] = deleted(read(made, {"p.xml": replace(left["p.xml"], known=None)}))  # what stands there for anybody else
    assert (gone.source_record_id, gone.datestamp, gone.position) == ("oai:x:2", "2026-01-02", "record 2")
    data = bytes_of(left["p.xml"])
    assert b"Title 2" not in data
    assert b"About 2" not in data
    assert b"<resumptionToken>next</resumptionToken>" in data


def test_a_file_that_is_one_record_goes_as_a_whole_and_one_of_many_alone() -> None:
    made = reader(type="oai_dc")
    dc = '<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>{n}</dc:identifier></dc>'
    items = {
        "one.xml": item("one.xml", dc.format(n="a").encode()),
        "many.xml": item("many.xml", f"<all>{dc.format(n='b')}{dc.format(n='c')}</all>".encode()),
    }
    assert by_id(made, items).keys() == {"a", "b", "c"}
    left = take_out(made, items, "a", "b")
    assert left.keys() == {"many.xml"}
    assert by_id(made, left).keys() == {"c"}


def test_the_records_of_real_pages() -> None:
    made = reader(type="oai_dc")
    pages = {
        name: one
        for name, one in real_folder("").items()
        if name.endswith(".xml") and b"<ListRecords" in bytes_of(one) and b"/oai_dc/" in bytes_of(one)
    }
    assert pages, "there are OAI pages among the real files"
    for name, one in pages.items():
        before = by_id(made, {name: one})
        chosen = list(before)[:: max(1, len(before) // 5)]
        left = take_out(made, {name: one}, *chosen)
        after = by_id(made, left)
        assert after.keys() == before.keys() - set(chosen), name
        assert {key: after[key].values for key in after} == {key: before[key].values for key in after}, name


# --- METS and ALTO ---


def issue_files() -> dict[str, Item]:
    """The British Library's issue of 1824, or a skipped test."""
    return real_folder("bl-newspapers", "**/*.xml")


def real_issues() -> list[tuple[str, dict[str, Item]]]:
    """Every real METS with its pages, by the name of its bundle."""
    made = reader(type="mets_alto", rows="article")
    items = {name: one for name, one in real_folder("").items() if name.endswith(".xml")}
    found = []
    for bundle, names in laid_out(made, items).items():
        chosen = {name: items[name] for name in names}
        if len(chosen) > 1 and records(read(made, chosen)):
            found.append((bundle, chosen))
    return found


@pytest.mark.slow  # `test_a_page_and_an_issue` stays, and of real files the tables
def test_articles_of_real_issues() -> None:
    made = reader(type="mets_alto", rows="article")
    issues = real_issues()
    assert len(issues) >= 3, "issues of several libraries are among the real files"
    for bundle, items in issues:
        before = by_id(made, items)
        chosen = [key for key, one in before.items() if one.values.get("text")][:: max(1, len(before) // 3)][:3]
        assert chosen, bundle
        after = by_id(made, take_out(made, items, *chosen))
        for key in chosen:
            assert not after[key].values.get("text") if key in after else True, (bundle, key)
            assert not after[key].values.get("title") if key in after else True, (bundle, key)
        others = before.keys() - set(chosen)
        same = sum(after[key].values.get("text") == before[key].values.get("text") for key in others)
        assert same >= 0.9 * len(others), "an article that shares a block with one that is gone loses that block"
        assert after.keys() >= others


def test_a_page_and_an_issue() -> None:
    for bundle, items in real_issues()[:3]:
        pages = reader(type="mets_alto", rows="page")
        before = by_id(pages, items)
        key = next(key for key, one in before.items() if one.values.get("text"))
        left = take_out(pages, items, key)
        after = by_id(pages, left)
        assert key not in after, bundle
        assert {k: one.values for k, one in after.items()} == {k: one.values for k, one in before.items() if k != key}
        whole = reader(type="mets_alto", rows="issue")
        for name, one in by_id(whole, items).items():
            assert one.values["text"]
            assert name not in by_id(whole, take_out(whole, items, name))


def test_the_other_forms_of_a_page_go_with_it() -> None:
    """A METS may list a second version of each page: nobody reads it, and it holds the same words."""
    files = group(("A1", "1.xml"), ("A2", "2.xml"), use="v2") + group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use="v3")
    files += group(("C1", "copy.xml"), use="copy")
    physical = div(*(div(fptr(f"A{n}"), fptr(f"Z{n}")) for n in (1, 2)))
    logical = div(div(area("A1", "B1"), type_="ARTICLE", ID="a"), div(area("A2", "B1"), type_="ARTICLE", ID="b"))
    secret = alto(block("B1", word("Secret")) + block("B2", word("Coals")))
    items = {
        "i.xml": item("i.xml", mets(files, ("PHYSICAL", physical), ("LOGICAL", logical))),
        **{name: item(name, secret) for name in ("1.xml", "v3/1.xml", "copy.xml")},
        **{name: item(name, alto(block("B1", word("Iron")))) for name in ("2.xml", "v3/2.xml")},
    }
    for rows, name in (("page", "i/1"), ("article", "i/a"), ("issue", "i")):
        made = reader(type="mets_alto", rows=rows)
        left = take_out(made, items, name)
        data = b"".join(map(bytes_of, left.values()))
        assert b"Secret" not in data
        assert (b"Iron" in data) is (rows != "issue")
        assert not [one for one in by_id(made, left).values() if "Secret" in one.values["text"]]


def test_words_go_with_their_other_spellings() -> None:
    inner = '<String CONTENT="Secret"><ALTERNATIVE>Sacred</ALTERNATIVE></String><HYP CONTENT="-"/>'
    tags = '<Tags><NamedEntityTag ID="N1" LABEL="Mrs Harrow"/><NamedEntityTag ID="N2" LABEL="Aldermere"/></Tags>'
    body = block("B1", inner + word("Harrow", TAGREFS="N1")) + block("B2", word("Coals", TAGREFS="N2"))
    mets = b"""<mets xmlns:x="http://www.w3.org/1999/xlink"><dmdSec ID="D1"><mods><titleInfo><title>Secret</title>
    </titleInfo></mods></dmdSec><fileSec><file ID="F1" MIMETYPE="text/xml"><FLocat x:href="i_p1.xml"/></file></fileSec>
    <structMap TYPE="LOGICAL"><div TYPE="Newspaper"><div ID="A1" TYPE="ARTICLE" LABEL="Secret" DMDID="D1"><fptr>
    <area FILEID="F1" BEGIN="B1"/></fptr></div><div ID="A2" TYPE="ARTICLE" LABEL="Coals"><fptr>
    <area FILEID="F1" BEGIN="B2"/></fptr></div></div></structMap></mets>"""
    items = {"i_mets.xml": item("i_mets.xml", mets), "i_p1.xml": item("i_p1.xml", alto(body, more=tags))}
    made = reader(type="mets_alto", rows="article")
    before = by_id(made, items)
    assert [one.values["text"] for one in before.values()] == ["Secret- Harrow", "Coals"]
    left = take_out(made, items, "i/A1")
    data = b"".join(map(bytes_of, left.values()))
    assert not [one for one in (b"Secret", b"Sacred", b"Harrow") if one in data]
    assert b"Aldermere" in data
    assert by_id(made, left)["i/A2"].values == before["i/A2"].values


def test_an_article_of_mets_2_goes_with_its_description() -> None:
    """METS 2 calls DMDID `MDID` and dmdSec `md`; a section that describes another division too stays."""
    described = "".join(
        f'<md ID="{name}"><mdWrap><xmlData><m:mods><m:titleInfo><m:title>{title}</m:title></m:titleInfo></m:mods>'
        "</xmlData></mdWrap></md>"
        for name, title in (("D1", "Secret"), ("D2", "Shared"))
    )
    articles = [
        div(area("F1", "B1"), type_="ARTICLE", ID="A1", MDID="D1 D2"),
        div(area("F1", "B2"), type_="ARTICLE", ID="A2", MDID="D2"),
    ]
    made = (
        f'<mets xmlns="http://www.loc.gov/METS/v2" xmlns:m="http://www.loc.gov/mods/v3"><mdSec>{described}</mdSec>'
        '<fileSec><file ID="F1"><FLocat LOCREF="1.xml"/></file></fileSec><structSec>'
        f'<structMap TYPE="physical">{div(div(fptr("F1")))}</structMap>'
        f'<structMap TYPE="logical">{div(*articles, type_="ISSUE")}</structMap></structSec></mets>'
    )
    page = alto(block("B1", word("Secret")) + block("B2", word("Coals")))
    items = {"i/m.xml": item("i/m.xml", made.encode()), "i/1.xml": item("i/1.xml", page)}
    reads = reader(type="mets_alto", rows="article")
    before = by_id(reads, items)
    name = next(key for key in before if key.endswith("/A1"))
    assert (len(before), before[name].values["title"]) == (2, "Secret")
    left = take_out(reads, items, name)
    data = b"".join(map(bytes_of, left.values()))
    assert b"Secret" not in data
    assert b"Shared" in data
