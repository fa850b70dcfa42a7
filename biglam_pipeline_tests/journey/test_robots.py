"""An entry that overrules a robots.txt: from its words to what was asked, and to what is noted of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_secrets import write
from biglam_pipeline_tests.journey.test_what_holds_on import raw, table, visit
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

WORDS = "robots: {overrule: Its keeper agreed., evidence: https://a.org/api, checked: 2026-01-01, by: A. Reader}"


@pytest.fixture
def stranger(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    """A bench for which this machine is a host as any other."""
    web = Web(
        contact="keeper@example.org",
        rewrite={},
        allow_private=True,
        locks=tmp_path / "locks",
        limits=Limits(pause_least_seconds=0.01),
        spare_loopback=False,
    )
    with web:
        yield replace(bench, run=replace(bench.run, web=web))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        running.on("/robots.txt", Reply(b"User-agent: *\nDisallow: /\nContent-Signal: ai-train=no\n"))
        yield running


def test_it_is_asked_counted_and_harvested_as_any_other(stranger: Bench, server: ScriptedServer) -> None:
    url = table(server, "1.csv")
    write(stranger, url)
    digest = stranger.source("maps").digest("raw")
    with pytest.raises(SourceChanged, match=r"write `robots: \{overrule: WHY"):
        visit(stranger)
    write(stranger, f"{{url: {url}, {WORDS}}}")
    assert stranger.source("maps").digest("raw") == digest
    [cost] = visit(stranger).costs.values()
    assert (cost.requests, cost.overruled) == (3, 1), "robots.txt, which the refusal had; tdmrep.json; the file"
    [note] = raw(stranger).harvest(1).costs.values()
    assert note["overruled"] == 1
    assert pipeline.normalize_source(stranger.run, stranger.source("maps"), stranger.folder).read == 1
    signals = raw(stranger).shelf.read("signals/00001.json")
    assert b"ai-train=no" in signals, "what it says of AI is heard all the same"


def test_words_that_change_or_go_fetch_nothing_again(stranger: Bench, server: ScriptedServer) -> None:
    url = table(server, "1.csv")
    write(stranger, f"{{url: {url}, {WORDS}}}")
    visit(stranger)
    write(stranger, f"{{url: {url}, {WORDS.replace('A. Reader', 'B. Writer')}}}")
    assert visit(stranger).unchanged
    write(stranger, url)
    asked = server.paths().count("/1.csv")
    with pytest.raises(SourceChanged, match="stay away"):
        visit(stranger)
    assert server.paths().count("/1.csv") == asked
