"""Workbooks, databases and DBF from harvest to rows: in folders, in archives, joined, and several in a file."""

import io
import zipfile

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ConfigError
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.normalize.formats.grids import database, dbf, texts, xlsx

ENTRY = """
sources:
  one:
    title: A collection
    custodian: Aldermere Free Library
    harvest: {harvest}
    normalize: {normalize}
    rights: {{license: PDM-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    languages: [en]
"""
BOOK = xlsx({"S": texts(("id", "title"), ("1", "One"), ("2", "Two"))})
PAGES = database("CREATE TABLE p(id, title)", "INSERT INTO p VALUES ('3', 'Three')")
CARDS = dbf([("ID", "C", 2), ("TITLE", "C", 9), ("NOTE", "M", 10)], [(b"4", b"Four", b"         1")], version=0x83)
MEMO = bytes(512) + b"A note\x1a\x1a".ljust(512, b"\0")


def rows_of(bench: Bench, files: dict[str, bytes], harvest: str, normalize: str) -> list[dict[str, object]]:
    for name, data in files.items():
        (bench.folder / name).parent.mkdir(exist_ok=True)
        (bench.folder / name).write_bytes(data)
    bench.write(ENTRY.format(harvest=harvest, normalize=normalize))
    source = bench.source("one")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    assert sum(one.rejected for one in done.slices) == 0
    shelf = bench.run.normalized(source)
    return [
        row for key in done.normalized.slices for row in shelf.columns(key, ["id", "title", "description"]).to_pylist()
    ]


def zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    return sink.getvalue()


MAP = "map: {id: id, title: title}"
ALL = {"in/a.xlsx": BOOK, "in/b.sqlite": PAGES}


@pytest.mark.parametrize("in_archive", [False, True])
def test_each_is_read_where_it_lies(bench: Bench, in_archive: bool) -> None:
    """A workbook is a ZIP, and none that is taken apart; a DBF finds its memos in the archive too."""
    cards = {"in/c.dbf": CARDS, "in/C.DBT": MEMO}
    files = {**ALL, **cards}
    harvest = "file:in"
    if in_archive:
        files, harvest = {"all.zip": zipped(files)}, "file:all.zip"
    reads = f"[{{type: table, files: ['*.xlsx', '*.sqlite'], {MAP}}}, "
    reads += "{type: table, files: '*.dbf', map: {id: ID, title: TITLE, description: NOTE}}]"
    rows = rows_of(bench, files, harvest, reads)
    assert sorted((str(one["id"]), one["title"]) for one in rows) == [
        ("one:1", "One"), ("one:2", "Two"), ("one:3", "Three"), ("one:4", "Four"),
    ]  # fmt: skip
    assert [one["description"] for one in rows if one["id"] == "one:4"] == ["A note"]


def test_a_table_of_lines_is_joined_with_a_sheet_and_a_sheet_with_a_database(bench: Bench) -> None:
    files = {"in/a.csv": b"id,key\n7,1\n8,3\n", "in/a.xlsx": BOOK, "in/b.sqlite": PAGES}
    sheet = "{type: table, files: '*.xlsx', by: {key: id}, map: {title: title}}"
    pages = "{type: table, files: '*.sqlite', by: {key: id}, map: {title: title}}"
    block = f"{{type: table, files: '*.csv', with: {{sheet: {sheet}, pages: {pages}}}, "
    block += "map: {id: id, title: $sheet.title, description: $pages.title}}"
    rows = rows_of(bench, files, "file:in", block)
    assert [(one["id"], one["title"], one["description"]) for one in rows] == [
        ("one:7", "One", None), ("one:8", None, "Three"),
    ]  # fmt: skip


def test_of_several_sheets_none_is_taken_by_chance(bench: Bench) -> None:
    data = xlsx({"A": texts(("id", "title"), ("1", "One")), "B": texts(("id", "title"), ("2", "Two"))})
    with pytest.raises(ConfigError, match=r"a\.xlsx holds 2 sheets: A, B"):
        rows_of(bench, {"a.xlsx": data}, "file:a.xlsx", f"{{type: table, {MAP}}}")
    assert [one["id"] for one in rows_of(bench, {}, "file:a.xlsx", f"{{type: table, table: B, {MAP}}}")] == ["one:2"]
