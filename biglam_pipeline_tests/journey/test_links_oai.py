"""Links of records that OAI-PMH lists: a visit lies over the visits before, and so do the links of what it brings."""

from collections.abc import Iterator

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.harvest.repository import envelope, identify
from biglam_pipeline_tests.journey.test_links import picture, rows_of, with_tag
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

ENTRY = """
    sources:
      gallery:
        title: Pictures of a gallery
        custodian: A Gallery
        harvest: oai+{url}/oai
        normalize: {{type: oai_dc, with: {{image: {{url: dc:relation}}}}}}
        rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-11-20, quote: CC0}}
        languages: [en]
"""
_TODAY = "2026-01-02T04:00:00Z"
DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


class Repository:
    """Records with pictures, listed in full, then what has changed since."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server, self.new = server, {number: f"Work {number}" for number in range(8)}
        self.gone: list[int] = []
        self.all = dict(self.new)
        server.on("/oai", self._answer)
        for number in range(20):
            server.on(f"/p/{number}.png", self._picture)

    def _picture(self, asked: Asked) -> Reply:
        return with_tag(asked, picture(int(asked.path[3:-4])), "image/png")

    def _answer(self, asked: Asked) -> Reply:
        if asked.query["verb"] == "Identify":
            return identify()
        self.all = {number: title for number, title in (self.all | self.new).items() if number not in self.gone}
        offered = self.new if "from" in asked.query else self.all
        if not offered and not self.gone:
            return Reply(envelope('<error code="noRecordsMatch"/>', _TODAY))
        records = "".join(self._record(number, title) for number, title in offered.items())
        header = '<header status="deleted"><identifier>o:{}</identifier><datestamp>2026-01-02</datestamp></header>'
        records += "".join(f"<record>{header.format(number)}</record>" for number in self.gone)
        return Reply(envelope(f"<ListRecords>{records}</ListRecords>", _TODAY), headers={"Content-Type": "text/xml"})

    def _record(self, number: int, title: str) -> str:
        header = f"<header><identifier>o:{number}</identifier><datestamp>2026-01-02</datestamp></header>"
        fields = f"<dc:title>{title}</dc:title><dc:relation>{self.server.url}/p/{number}.png</dc:relation>"
        return f"<record>{header}<metadata><oai_dc:dc {DC}>{fields}</oai_dc:dc></metadata></record>"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def night(bench: Bench, server: ScriptedServer) -> list[str]:
    """What a night asks for, but the list."""
    before = len(server.asked)
    bench.run.now.advance()  # type: ignore[attr-defined]
    bench.build("gallery")
    return [path for path in server.paths()[before:] if path.startswith("/p/")]


def test_nights_of_a_repository(bench: Bench, server: ScriptedServer) -> None:
    repository = Repository(server)
    bench.write(ENTRY.format(url=server.url))
    assert len(night(bench, server)) == 8
    repository.new = {}
    for _ in range(3):
        assert len(night(bench, server)) <= 3  # those whose day it is
    raw = bench.run.raw(bench.source("gallery"))
    latest = raw.latest()
    assert latest is not None
    assert latest.number == 1
    repository.new = {3: "Corrected", 12: "Added"}
    assert "/p/12.png" in night(bench, server)
    assert raw.latest().mode == "extend"  # type: ignore[union-attr]
    repository.new, repository.gone = {}, [5]
    night(bench, server)
    rows = rows_of(bench, "gallery")
    assert {id_.removeprefix("o:") for id_ in rows} == {"0", "1", "2", "3", "4", "6", "7", "12"}
    assert (rows["o:3"]["title"], rows["o:3"]["image"]["bytes"]) == ("Corrected", picture(3))
    assert rows["o:12"]["image"]["bytes"] == picture(12)
    assert {row["image_status"] for row in rows.values()} == {"fetched"}


def test_a_quiet_night_asks_whether_there_is_news_and_nothing_else(bench: Bench, server: ScriptedServer) -> None:
    repository = Repository(server)
    bench.write(ENTRY.format(url=server.url))
    bench.build("gallery")
    repository.new = {}
    before = len(server.asked)
    assert pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder).unchanged
    assert not [path for path in server.paths()[before:] if path.startswith("/p/")]
