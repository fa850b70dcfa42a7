"""Tables from the server's bytes to rows: what the sender says of them, and what a preview knows."""

from collections import Counter
from collections.abc import Iterator

import pytest

from biglam_pipeline import previewing
from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.normalize import sampling
from biglam_pipeline.normalize.sampling import Sample
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

ENTRY = """
    sources:
      table:
        title: A table
        custodian: A record office
        harvest: {harvest}
        normalize: {block}
        rights: {{license: CC0-1.0, evidence: "https://example.org/rights", checked: 2026-11-20, quote: CC0}}
"""


@pytest.fixture
def web() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


def _problems(bench: Bench) -> Counter[str]:
    shelf = bench.run.normalized(bench.source("table"))
    current = shelf.current()
    assert current is not None
    found: Counter[str] = Counter()
    for one in shelf.slices(current):
        found.update(one.problems)
    return found


def _preview(bench: Bench, block: str, data: bytes, rows: int, name: str = "t.csv") -> Sample:
    (bench.folder / name).write_bytes(data)
    bench.write(ENTRY.format(harvest=f"file:{name}", block=block))
    source = bench.source("table")
    return previewing.preview_source(bench.run, source, bench.base(source), rows)


def test_the_charset_that_the_server_says_is_used_and_reported(bench: Bench, web: ScriptedServer) -> None:
    body = "id,title\n1,Köln\n2,Zürich\n".encode("latin-1")
    address = web.on("/charset.csv", Reply(body, headers={"Content-Type": "text/csv; charset=ISO-8859-1"}))
    bench.write(ENTRY.format(harvest=address, block="{type: table, map: {id: id, title: title}}"))
    source = bench.build("table")
    parts = bench.run.shards(source)
    manifest = parts.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in parts.table(part).to_pylist()]
    assert sorted(row["title"] for row in rows) == ["Köln", "Zürich"]
    assert _problems(bench) == {"encoding: not UTF-8, read as Windows-1252, since the server says ISO-8859-1": 1}


@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_t12_columns_that_are_not_mapped_are_named_however_few_rows_are_shown(bench: Bench, rows: int) -> None:
    data = b"id,name,note\n1,a,\n2,b,x\n3,c,y\n"
    found = _preview(bench, "{map: {id: id}}", data, rows)
    assert len(found.rows) == min(rows, 3)
    assert found.unmapped == {"name": 3, "note": 2}
    assert found.shortened == {}


@pytest.mark.parametrize("rows", [1, 5])
def test_t12_a_key_that_never_comes_is_refused_however_few_rows_are_shown(bench: Bench, rows: int) -> None:
    data = b'{"id": "1", "who": "x"}\n{"id": "2"}\n'
    with pytest.raises(SourceChanged, match="no column 'whoo'; it has id, who"):
        _preview(bench, "{type: table, map: {id: id, creators: whoo}}", data, rows, "t.jsonl")


@pytest.mark.parametrize("rows", [1, 20])
def test_t10_nothing_mapped_is_reported_with_the_columns(bench: Bench, rows: int) -> None:
    with pytest.raises(ConfigError, match=r"nothing of the table is mapped.*the columns id, name"):
        _preview(bench, "table", b"id,name\n1,a\n2,b\n", rows)


def test_a_preview_of_a_large_file_judges_by_its_beginning_and_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_LOOKED_AT", 400)
    monkeypatch.setattr(sampling, "_LOOKED_AT_A_ROW", 10)
    row = '{},"a cell\nof two lines, and ""more"""\n'
    data = ("id,text\n" + "".join(row.format(number) for number in range(1000))).encode() + b"1001,caf\xe9\n"
    found = _preview(bench, "{map: {id: id, title: text}}", data, 5)
    assert len(found.rows) == 5
    [(name, size)] = found.shortened.items()
    assert (name, 0 < size <= 400) == ("t.csv", True)
    assert found.rejects == []
    assert found.problems == {}
    everything = _preview(bench, "{map: {id: id, title: text}}", data, 40)
    assert len(everything.rows) < 40  # of the beginning, there are no more
    assert everything.rejects == []


def test_a_key_that_has_not_come_in_the_beginning_of_a_large_file_is_reported_and_not_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_LOOKED_AT", 400)
    monkeypatch.setattr(sampling, "_LOOKED_AT_A_ROW", 10)
    data = b'{"id": "1"}\n' * 100 + b'{"id": "2", "late": "x"}\n'
    found = _preview(bench, "{type: table, map: {title: id, creators: late}}", data, 5, "t.jsonl")
    assert len(found.rows) == 5
    assert found.problems == {"late: no such key so far": 1}


def test_a_guess_about_a_file_is_shown_once_by_the_preview_and_counted_once_by_the_run(bench: Bench) -> None:
    data = 'id\ttitle\n1\t"\n2\tKöln\n'.encode("cp1252")
    found = _preview(bench, "{map: {id: id, title: title}}", data, 1, "t.tsv")
    expected = {
        "encoding: not UTF-8, read as Windows-1252, a guess; say `encoding: cp1252`, or what it is": 1,
        "quote: cells that begin with \" keep it; say `quote: '\"'` if this file quotes its cells": 1,
    }
    assert found.problems == expected
    bench.build("table")
    assert _problems(bench) == expected
