"""A source that is an index page, or a list beside sources.yaml: by the command, from the address to the rows."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.harvest.protocols.test_files_lists import page
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

ENTRY = """
sources:
  maps:
    title: Maps of a parish
    custodian: Ashby Record Office
    harvest: {harvest}
    normalize: {{type: table, map: {{id: id, title: title}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}}
"""


def table(name: str, *, etag: str = '"1"') -> Callable[[Asked], Reply]:
    def reply(asked: Asked) -> Reply:
        if asked.headers.get("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(f"id,title\n{name}1,Map {name}\n{name}2,Plan {name}\n".encode(), headers={"ETag": etag})

    return reply


def offer(server: ScriptedServer, *names: str) -> str:
    for name in names:
        server.on(f"/data/{name}.csv", table(name))
    return server.on("/data/", page("../", "old/", "readme.html", *(f"{name}.csv" for name in names)))


@pytest.mark.slow
def test_an_index_page_becomes_rows_by_the_command(tmp_path: Path, command: Command) -> None:
    with scripted_server() as server:
        url = offer(server, "a", "b")
        (tmp_path / "sources.yaml").write_text(ENTRY.format(harvest=f"'{url}#*.csv'"))
        settings = {
            "BIGLAM_STATE": str(tmp_path / "state"),
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
            "BIGLAM_HUB_ENDPOINT": "http://127.0.0.1:1",
        }
        ended = command("run", "maps", "--to", "shards", folder=tmp_path, settings=settings)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert f"asked 127.0.0.1:{server.port}: 3 requests, " in ended.stdout, "the list, and two files"
        parts = [path for path in (tmp_path / "state").rglob("*.parquet") if "shards" in path.parts]
        titles = {row["title"] for path in parts for row in pq.read_table(path).to_pylist() if "title" in row}
        assert titles == {"Map a", "Plan a", "Map b", "Plan b"}


def test_nights_of_an_index_page(bench: Bench) -> None:
    """Added, corrected, removed, restored; a wall in its place takes nothing away; a quiet night asks once for each."""
    with scripted_server() as server:
        bench.write(ENTRY.format(harvest=f"'{offer(server, *'abcde')}#*.csv'"))
        assert bench.night("maps").rows == 10
        server.asked.clear()
        harvested = pipeline.harvest_source(bench.run, bench.source("maps"), bench.folder)
        assert harvested.unchanged
        assert len(server.asked) == 6
        server.on("/data/b.csv", table("B", etag='"2"'))
        offered = server.on("/data/", page(*(f"{name}.csv" for name in "abcdef")))
        server.on("/data/f.csv", table("f"))
        assert bench.night("maps").rows == 12
        assert {row["title"] for row in bench.rows("maps")} >= {"Map B", "Map f"}
        server.on("/data/", page("login.html", title="Log in"))
        visited = pipeline.harvest_source(bench.run, bench.source("maps"), bench.folder)
        assert not visited.harvest.complete
        assert visited.harvest.objects == 6
        server.on("/data/", page(*(f"{name}.csv" for name in "abcde")))
        assert offered.endswith("/data/")
        assert bench.night("maps").rows == 10
        assert bench.night("maps").rows == 10


def test_a_list_beside_the_sources_file_becomes_rows(bench: Bench) -> None:
    with scripted_server() as server:
        offer(server, "a", "b")
        (bench.folder / "lists").mkdir()
        (bench.folder / "lists" / "maps.txt").write_text(f"# maps\n{server.url}/data/a.csv\n{server.url}/data/b.csv\n")
        bench.write(ENTRY.format(harvest="'file:lists/maps.txt#*'"))
        assert bench.night("maps").rows == 4
