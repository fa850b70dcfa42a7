"""SQLite databases as tables: which is read, what its cells say, and that nothing in them is trusted."""

import gzip
import hashlib
import io
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.parsing import inflate, sqlite
from biglam_pipeline.records import Bundle, Item, Record, Unmapped
from biglam_pipeline_tests.normalize.bundles import item, laid_out, read, read_one, reader, reasons, records, rejects
from biglam_pipeline_tests.normalize.formats.grids import database

MAP = {"title": "name", "extra": {"page": "n"}}
PAGES = ("CREATE TABLE pages(n, name)", "INSERT INTO pages VALUES (1, 'One'), (2, 'Two')")


def rows_of(data: bytes, name: str = "t.sqlite", **block: Any) -> list[Record]:
    return records(read_one(reader(type="table", **{"map": MAP, **block}), name, data))


def expected(data: bytes, **block: Any) -> int | None:
    return reader(type="table", **{"map": MAP, **block}).expected(Bundle("t.sqlite", (item("t.sqlite", data),)))


def in_file(path: Path) -> Item:
    """As a large object lies on the shelf."""
    data = path.read_bytes()
    return replace(item(path.name, data), open=lambda: path.open("rb"))


# --- what a cell says ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said", "problem"),
    [
        ("'Étui'", "Étui", ""),
        ("12", "12", ""),
        ("9007199254740993", "9007199254740993", ""),
        ("1.5", "1.5", ""),
        ("1.0", "1.0", ""),
        ("NULL", None, ""),
        ("9e999", None, "name: is infinite"),
        ("x'c389'", "É", ""),
        ("x'ffd8ff'", None, "name: holds bytes and no text"),
        ("x'0041'", None, "name: holds bytes and no text"),
        ("CAST(x'41ff' AS TEXT)", "A\ufffd", "name: is not UTF-8"),
    ],
)  # fmt: skip
def test_each_cell_has_a_type_of_its_own(cell: str, said: str | None, problem: str) -> None:
    """https://www.sqlite.org/datatype3.html: that of the column is a wish."""
    [row] = rows_of(database("CREATE TABLE t(n INTEGER, name)", f"INSERT INTO t VALUES (1, {cell})"))
    assert row.values.get("title") == said
    assert row.problems == ((problem,) if problem else ())


def test_pictures_that_differ_are_different_rows() -> None:
    made = rows_of(database("CREATE TABLE t(n, name)", "INSERT INTO t VALUES (1, x'ff01'), (1, x'ff02'), (1, x'ff01')"))
    names = [one.source_record_id for one in made]
    assert names[2] == f"{names[0]}-2"
    assert names[1] not in (names[0], names[2])


def test_utf_16() -> None:
    data = database("CREATE TABLE t(n, name)", "INSERT INTO t VALUES (1, 'Éü東')", encoding="UTF-16le")
    assert [one.values["title"] for one in rows_of(data)] == ["Éü東"]


# --- the order of rows, and where they stand ----------------------------------------------------------------


def test_rows_come_in_the_order_of_their_ids() -> None:
    data = database("CREATE TABLE t(n INTEGER PRIMARY KEY, name)", "INSERT INTO t VALUES (7, 'c'), (1, 'a'), (3, 'b')")
    assert [(one.values["title"], str(one.place)) for one in rows_of(data)] == [
        ("a", "table t, row 1"),
        ("b", "table t, row 3"),
        ("c", "table t, row 7"),
    ]


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE t(n TEXT PRIMARY KEY, name) WITHOUT ROWID",
        "CREATE TABLE t(n, name, rowid, _rowid_, oid, PRIMARY KEY (n))",
        "CREATE TABLE t(n, name, rowid, PRIMARY KEY (n))",
        'CREATE TABLE "a ""quoted"" one, FROM x"(n, name, PRIMARY KEY (n))',
    ],
)
def test_tables_of_any_kind(made: str) -> None:
    name = made.split("(")[0].removeprefix("CREATE TABLE ")
    data = database(made, f"INSERT INTO {name}(n, name) VALUES ('2', 'b'), ('1', 'a')")
    assert {one.values["title"] for one in rows_of(data)} == {"a", "b"}
    assert expected(data) == 2


# --- which table --------------------------------------------------------------------------------------------


def test_of_several_tables_the_entry_names_one_and_views_only_by_name() -> None:
    data = database(*PAGES, "CREATE VIEW late AS SELECT * FROM pages WHERE n > 1")
    assert len(rows_of(data)) == 2
    assert [one.values["title"] for one in rows_of(data, table="late")] == ["Two"]
    assert expected(data, table="late") == 1
    with pytest.raises(SourceChanged, match=r"t\.sqlite has no table 'x'; it has late, pages"):
        rows_of(data, table="x")
    several = database(*PAGES, "CREATE TABLE places(n, name)")
    with pytest.raises(ConfigError, match=r"holds 2 tables: pages, places\. Say which"):
        rows_of(several)


@pytest.mark.parametrize("asked", ["SELECT * FROM pages", "pages; DROP TABLE pages", "pages WHERE n = 1", '"pages"'])
def test_nobody_writes_sql(asked: str) -> None:
    with pytest.raises(SourceChanged, match="has no table"):
        rows_of(database(*PAGES), table=asked)


def test_what_a_search_index_keeps_is_not_meant() -> None:
    data = database(*PAGES, "CREATE VIRTUAL TABLE found USING fts5(name)", "INSERT INTO found SELECT name FROM pages")
    assert len(rows_of(data)) == 2


def test_a_virtual_table_is_refused_with_what_to_name() -> None:
    """What a module would do at its opening is not allowed, and a schema that cannot be read is another thing."""
    data = database(*PAGES, "CREATE VIRTUAL TABLE found USING fts5(name)", "INSERT INTO found SELECT name FROM pages")
    [one] = rejects(read_one(reader(type="table", map=MAP, table="found"), "t.sqlite", data))
    assert (one.reason, "name one of those" in one.detail) == ("table_virtual", True)


def test_a_trigger_may_have_the_name_of_its_table() -> None:
    """https://www.sqlite.org/lang_createtrigger.html: they are named apart."""
    assert len(rows_of(database(*PAGES, "CREATE TRIGGER pages AFTER INSERT ON pages BEGIN SELECT 1; END"))) == 2


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE t(n, name TEXT UNIQUE COLLATE LOCALIZED)",
        'CREATE TABLE t(n PRIMARY KEY COLLATE "de-DE", name) WITHOUT ROWID',
        "CREATE TABLE t(n, name); CREATE UNIQUE INDEX i ON t(name COLLATE LOCALIZED)",
        "CREATE TABLE t(n, name CHECK (is_title(name)))",
        "CREATE TABLE t(n, name CHECK (name <> 'a'))",
    ],
)
def test_what_a_program_added_to_sqlite_is_no_damage(made: str) -> None:
    """Orders and functions of its own are not in the file: https://www.sqlite.org/c3ref/collation_needed.html"""
    connection = sqlite3.connect(":memory:")
    for name in ("LOCALIZED", "de-DE"):
        connection.create_collation(name, lambda one, other: (one > other) - (one < other))
    connection.create_function("is_title", 1, bool, deterministic=True)
    connection.executescript(f"PRAGMA ignore_check_constraints = ON; {made}; INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    data = connection.serialize()
    connection.close()
    assert ([one.values["title"] for one in rows_of(data)], expected(data)) == (["a", "b"], 2)


@pytest.mark.parametrize(
    "data", [database("CREATE TABLE t(x)", "DROP TABLE t"), database("CREATE VIEW v AS SELECT 1 AS n, 2 AS name")]
)
def test_a_database_without_a_table_is_a_reject(data: bytes) -> None:
    assert reasons(read_one(reader(type="table", map=MAP), "t.sqlite", data)) == ["table_empty"]


# --- it is only read ----------------------------------------------------------------------------------------


def test_a_file_is_read_where_it_lies_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    """Also one that was left in WAL mode, which to open otherwise would make two files beside it."""
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for one in PAGES:
            connection.execute(one)
    connection.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.chmod(0o444)
    for one in (in_file(path), item("t.sqlite", path.read_bytes())):
        assert len(records(read(reader(type="table", map=MAP), {"t.sqlite": one}))) == 2
    assert [one.name for one in tmp_path.iterdir()] == ["t.sqlite"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_log_that_lies_beside_it_holds_a_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    for one in PAGES:
        connection.execute(one)
    connection.commit()
    items = {name: item(name, (tmp_path / name).read_bytes()) for name in ("t.sqlite", "t.sqlite-wal")}
    connection.close()
    made = reader(type="table", map=MAP)
    assert laid_out(made, items) == {"t.sqlite": ["t.sqlite", "t.sqlite-wal"]}
    assert reasons(read(made, items)) == ["sqlite_unfinished"]
    items["t.sqlite-wal"] = item("t.sqlite-wal", b"")
    assert reasons(read(made, items)) != ["sqlite_unfinished"]


def test_one_that_is_packed_and_large_is_unpacked_beside_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a member of an archive above the size of a slice comes: a stream, and a folder that is gone afterwards."""

    class Forward(io.BytesIO):
        name = "t.sqlite"  # as a ZIP's member has one

        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    data = database(*PAGES)
    streamed = replace(item("t.sqlite", data), open=lambda: Forward(data), scratch=tmp_path)
    for one in (streamed, replace(item("t.sqlite", gzip.compress(data)), scratch=tmp_path)):
        assert len(records(read(reader(type="table", map=MAP), {"t.sqlite": one}))) == 2
    assert len([*tmp_path.iterdir()]) == 2
    monkeypatch.setattr(inflate, "MAX_DOCUMENT_BYTES", 1000)
    found = read(reader(type="table", map=MAP), {"t.sqlite": replace(streamed, scratch=None)})
    assert reasons(found) == ["too_large"]


@pytest.mark.parametrize(
    ("journal", "hot"), [(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600), True), (bytes(600), False)]
)
def test_a_journal_beside_it_says_that_it_was_copied_too_early(journal: bytes, hot: bool) -> None:
    items = {"t.sqlite": item("t.sqlite", database(*PAGES)), "t.sqlite-journal": item("t.sqlite-journal", journal)}
    assert (reasons(read(reader(type="table", map=MAP), items)) == ["sqlite_unfinished"]) == hot


# --- hostile ------------------------------------------------------------------------------------------------


def test_a_view_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, n AS name FROM c"
    data = database(*PAGES, f"CREATE VIEW v AS {endless}", f"CREATE VIEW w AS SELECT * FROM ({endless}) WHERE n < 0")
    monkeypatch.setattr(sqlite, "_LEAST_ROWS", 1000)
    with pytest.raises(SourceChanged, match="gives rows without end; name a table"):
        rows_of(data, table="v")
    monkeypatch.setattr(sqlite, "_MOST_STEPS", 2)
    with pytest.raises(SourceChanged, match="interrupted"):
        rows_of(data, table="w")


@pytest.mark.parametrize(
    "view",
    ["SELECT load_extension('/tmp/x') AS n, 1 AS name", "SELECT name, n FROM pragma_database_list, pages"],
)
def test_a_view_may_do_nothing_but_select(view: str) -> None:
    data = database(*PAGES, f"CREATE VIEW v AS {view}")
    assert reasons(read_one(reader(type="table", map=MAP, table="v"), "t.sqlite", data)) == ["sqlite_damaged"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "sqlite_missing"),
        (b"\x8f\x01" * 600, "sqlite_missing"),
        (b"SQLite format 3\0", "sqlite_cut"),
        (database(*PAGES)[:5000], "sqlite_cut"),
    ],
)
def test_what_is_no_database_is_one_reject(data: bytes, reason: str) -> None:
    found = read_one(reader(type="table", map=MAP), "t.sqlite", data)
    assert (reasons(found), records(found)) == ([reason], [])


@pytest.mark.slow  # contracts/test_formats.py damages each format
def test_damage_midway_is_no_short_success() -> None:
    """Nobody can say how many rows are lost, so the source stops, and its last publication stays."""
    rows = ",".join(f"({n}, '{'word ' * 40}{n}')" for n in range(2000))
    data = database("CREATE TABLE t(n, name)", f"INSERT INTO t VALUES {rows}")
    stopped = 0
    for page in range(2, len(data) // 4096, 7):
        at = page * 4096
        for damage in (b"\0" * 4096, b"\xff" * 64):
            spoiled = data[:at] + damage + data[at + len(damage) :]
            with pytest.raises(SourceChanged, match=r"harvest it again|cannot be read"):
                rows_of(spoiled)
            stopped += 1
    assert stopped > 20


def test_what_is_filled_and_not_read_is_reported() -> None:
    found = read_one(reader(type="table", map={"title": "name"}), "t.sqlite", database(*PAGES))
    assert [one.filled for one in found if isinstance(one, Unmapped)] == [{"n": 2}]
