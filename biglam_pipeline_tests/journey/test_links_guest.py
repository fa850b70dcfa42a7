"""As a guest of the hosts that rows point to: at their pace, with no key of the source, and killed without damage."""

import os
import signal
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.journey.test_links import TABLE, Gallery, picture, rows_of
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

PAUSE = 0.004


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.mark.slow
def test_a_thousand_links_of_one_host_keep_to_its_pace(bench: Bench, server: ScriptedServer, tmp_path: Path) -> None:
    """On the server's side: never two at a time, and a pause after each, whatever names them."""
    gallery, came = Gallery(server, 1000), list[float]()
    plain = gallery._picture

    def timed(asked: Asked) -> Reply:
        came.append(time.monotonic())
        return plain(asked)

    gallery._picture = timed  # type: ignore[method-assign]
    gallery.serve()
    web = Web(
        contact="a@example.org",
        rewrite={},
        allow_private=True,
        locks=tmp_path / "locks",
        limits=Limits(pause_least_seconds=PAUSE, pause_most_seconds=PAUSE),
        spare_loopback=False,
    )
    bench.run = replace(bench.run, web=web)
    bench.write(TABLE.format(url=server.url))
    with web:
        visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert visited.harvest.objects == 1001
    assert len(came) == 1000
    assert server.most_under_way == 1
    assert came[-1] - came[0] >= PAUSE * 999 * 0.9
    assert server.paths()[:2] == ["/robots.txt", "/.well-known/tdmrep.json"]


def test_what_robots_txt_forbids_is_not_fetched(bench: Bench, server: ScriptedServer, tmp_path: Path) -> None:
    Gallery(server, 5)
    server.on("/robots.txt", Reply(b"User-agent: *\nDisallow: /pictures/\n"))
    limits = Limits(pause_least_seconds=0.001, pause_most_seconds=0.001)
    web = Web(contact="a@example.org", rewrite={}, allow_private=True, locks=tmp_path / "locks", limits=limits,
              spare_loopback=False)  # fmt: skip
    bench.run = replace(bench.run, web=web)
    bench.write(TABLE.format(url=server.url))
    with web, pytest.raises(Exception, match=r"robots\.txt"):
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert not [path for path in server.paths() if path.startswith("/pictures/")]


def test_a_key_of_the_source_goes_to_no_host_that_a_row_names(bench: Bench, server: ScriptedServer) -> None:
    gallery = Gallery(server, 3)
    with scripted_server() as other:
        gallery.addresses = {number: f"{other.url}/{number}.png" for number in (0, 1)}
        gallery.addresses[2] = f"{server.url}/away"
        server.on("/away", Reply(status=302, headers={"Location": f"{other.url}/2.png"}))
        for number in range(3):
            other.on(f"/{number}.png", Reply(picture(number)))
        hosts = (one.url.removeprefix("http://") for one in (server, other))
        bench.run.web._allow_private = frozenset(hosts)  # a row's word alone opens no private host
        bench.run.web._secrets = {"GALLERY_KEY": "s3cret-key-of-the-gallery"}
        entry = f"{{url: {server.url}/works.csv, headers: {{X-Api-Key: env:GALLERY_KEY}}}}"
        bench.write(TABLE.format(url=server.url).replace(f"harvest: {server.url}/works.csv", f"harvest: {entry}"))
        bench.build("gallery")
        assert all(row["image_status"] == "fetched" for row in rows_of(bench, "gallery").values())
        assert any(asked.headers.get("X-Api-Key") for asked in server.asked)
        assert not any("X-Api-Key" in asked.headers for asked in other.asked)


@pytest.mark.slow  # contracts/test_protocols.py kills harvests
def test_killed_while_links_are_followed_the_next_run_ends_with_the_same_rows(
    server: ScriptedServer, tmp_path: Path, command: Command
) -> None:
    """Killed by the server itself at the 15th picture; the list, which was shelved, is not asked for again."""
    gallery, process = Gallery(server, 40), list[int]()
    plain = gallery._picture

    def deadly(asked: Asked) -> Reply:
        if process and asked.path.endswith("/15"):
            os.kill(process.pop(), signal.SIGKILL)
            time.sleep(0.2)
        return plain(asked)

    gallery._picture = deadly  # type: ignore[method-assign]
    gallery.serve()
    (tmp_path / "sources.yaml").write_text(textwrap.dedent(TABLE.format(url=server.url)))
    settings = {"BIGLAM_ALLOW_PRIVATE_HOSTS": server.url.removeprefix("http://")}
    process.append(command.start("run", "gallery", "--to", "shards", folder=tmp_path, settings=settings))
    assert command.ended().returncode == -signal.SIGKILL
    ran = command("run", "gallery", "--to", "shards", folder=tmp_path, settings=settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = [
        row for path in sorted(tmp_path.rglob("part-*[0-9a-f].parquet")) for row in pq.read_table(path).to_pylist()
    ]
    assert {row["source_record_id"]: row["image"]["bytes"] for row in found} == {str(n): picture(n) for n in range(40)}
    assert Counter(server.paths())["/works.csv"] == 1


def test_some_dead_pictures_in_a_row_are_no_dead_host(bench: Bench, server: ScriptedServer, tmp_path: Path) -> None:
    """Night after night: each is tried three times, and the host is well."""
    gallery = Gallery(server, 12)
    gallery.replies = {number: Reply(status=500) for number in (3, 4, 5, 6)}
    limits = Limits(pause_least_seconds=0.001, pause_most_seconds=0.001, backoff_seconds=0.001)
    bench.write(TABLE.format(url=server.url))
    for _ in range(3):
        with Web(contact="a@example.org", rewrite={}, allow_private=True, locks=tmp_path / "locks", limits=limits,
                 spare_loopback=False) as web:  # fmt: skip
            bench.run = replace(bench.run, web=web)
            visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
        assert len(visited.harvest.missing) == 4
        assert sum("/pictures/11" in path for path in server.paths()) == 1
