"""From collections of IIIF to shards: entries as people write them, by the real command, and the nights that follow."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.harvest.protocols.institution import Institution
from biglam_pipeline_tests.normalize.bundles import alto, block, real_folder, word
from biglam_pipeline_tests.normalize.drawn import draw
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

CC0 = "http://creativecommons.org/publicdomain/zero/1.0/"
ENTRY = """
    sources:
      maps:
        title: Maps of Egypt
        custodian: A library
        harvest: iiif+{url}
        normalize: {{rows: {rows}, map: {{creators: pairs.Artist, date: pairs.Date, extra: {{part: $section}}}}}}
        rights: {{from: $rights, evidence: https://example.org/terms, checked: 2026-11-20}}
"""


class House:
    """A collection of works in both versions, with a collection of more in it."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server, self.iiif = server, Institution(server)
        self.names = [f"/m/{number}" for number in range(1, 6)]
        for number, name in enumerate(self.names, 1):
            self.work(name, f"Work {number}")
        self.offer(self.names)

    def work(self, name: str, label: str) -> None:
        pairs = [{"label": {"en": ["Artist"]}, "value": {"en": ["Homer, Winslow"]}}, {"label": "Date", "value": "1899"}]
        if int(name[3:]) % 2:
            self.iiif.manifest3(name, label, 3, metadata=pairs, rights=CC0)
        else:
            self.iiif.manifest2(name, label, 3, metadata=pairs, license=CC0)

    def offer(self, names: list[str]) -> None:
        self.iiif.collection2("/more", *names[:2], total=len(names[:2]))
        self.iiif.collection3("/top", *names[2:], self.iiif.inside3("/more"))

    @property
    def url(self) -> str:
        return self.iiif.url("/top")

    @property
    def sent(self) -> int:
        """Bytes of all that was answered whole."""
        held = "If-None-Match"
        return sum(len(self.iiif.documents[one.path]) for one in self.server.asked if held not in one.headers)


@pytest.fixture
def house() -> Iterator[House]:
    with scripted_server() as server:
        yield House(server)


def rows_in(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.rglob("part-*[0-9a-f].parquet")) for row in pq.read_table(path).to_pylist()]


def titles(bench: Bench) -> dict[str, str]:
    parts = bench.run.shards(bench.source("maps"))
    manifest = parts.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in parts.table(part).to_pylist()]
    return {urlsplit(row["source_record_id"]).path: row["title"] for row in rows}


@pytest.mark.representative(1)  # the other unit of rows
@pytest.mark.parametrize(("rows", "count"), [("canvas", 15), ("manifest", 5)])
def test_an_entry_runs_to_shards_by_the_real_command(
    rows: str, count: int, house: House, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "sources.yaml").write_text(ENTRY.format(url=house.url, rows=rows).replace("\n    ", "\n"))
    settings = {"BIGLAM_ALLOW_PRIVATE_HOSTS": house.server.url.removeprefix("http://")}
    checked = command("check", "maps", folder=tmp_path, settings=settings)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ran = command("run", "maps", "--to", "shards", folder=tmp_path, settings=settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = rows_in(tmp_path)
    assert (len(found), len(house.server.asked)) == (count, 2 + 5)
    row = next(one for one in found if one["title"] == "Work 2" and one.get("seq") in (None, 2))
    assert (row["date_edtf"], row["creators"][0]["name"], row["rights_tier"]) == ("1899", "Homer, Winslow", "pd")
    if rows == "canvas":
        assert (row["iiif_service"], row["width"], row["type"]) == ("https://images.example.org/2", 2400, "StillImage")
        assert row["parent_id"] == house.iiif.url("/m/2")
        assert row["source_record_id"] == house.iiif.url("/m/2/canvas/2")


def test_canvases_come_with_the_text_that_they_point_to(bench: Bench, house: House) -> None:
    """ALTO beside each page, as newspapers of IIIF have it; a page that is not there keeps its row."""
    made = json.loads(house.iiif.documents["/m/1"])
    for number, canvas in enumerate(made["items"], 1):
        path = f"/alto/{number}.xml"
        canvas["seeAlso"] = {"id": house.iiif.url(path), "profile": "http://www.loc.gov/standards/alto/v3/alto.xsd"}
        if number < 3:
            text = alto(block("B", word(f"Page {number}")))
            house.server.on(path, lambda asked, text=text: Reply(text, headers={"Content-Type": "text/xml"}))
    house.iiif.documents["/m/1"] = json.dumps(made).encode()
    house.offer(["/m/1"])
    normalize = "{with: {ocr: {type: mets_alto, url: $alto}}, map: {text: $ocr.text, text_origin: {const: ocr}}}"
    entry = ENTRY.format(url=house.iiif.url("/m/1"), rows="canvas")
    bench.write(re.sub(r"normalize: .*", f"normalize: {normalize}", entry))
    source = bench.source("maps")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    pipeline.normalize_source(bench.run, source, bench.base(source))
    pipeline.dedup_source(bench.run, source, bench.base(source))
    parts = bench.run.shards(source)
    manifest = parts.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in parts.table(part).to_pylist()]
    assert sorted((row["seq"], row["text"]) for row in rows) == [(1, "Page 1"), (2, "Page 2"), (3, "")]


def test_canvases_come_with_their_pictures(bench: Bench, house: House) -> None:
    """Entry 8 of the language: as large as its service allows, each picture once; a night later none is asked for."""
    info = {"@context": "http://iiif.io/api/image/3/context.json", "type": "ImageService3", "profile": "level1"}
    for path, body in house.iiif.documents.items():
        house.iiif.documents[path] = body.replace(b"https://images.example.org", house.server.url.encode())
    for number in (1, 2, 3):
        said = json.dumps(
            {**info, "id": f"{house.server.url}/{number}", "width": 2400, "height": 3600, "maxWidth": 500}
        )
        house.server.on(f"/{number}/info.json", Reply(said.encode(), headers={"Content-Type": "application/json"}))
        drawn = draw("PNG", size=(333 + number, 500))
        house.server.on(f"/{number}/full/333,500/0/default.jpg", Reply(drawn, headers={"Content-Type": "image/png"}))
    wishes = "with: {image: {url: $iiif_service, max_side: 500}}, map: {"
    bench.write(ENTRY.format(url=house.url, rows="canvas").replace("map: {", wishes))
    source = bench.build("maps")
    parts = bench.run.shards(source)
    rows = [row for part in parts.current().parts for row in parts.table(part).to_pylist()]  # type: ignore[union-attr]
    assert {(row["image_status"], row["seq"], row["width"]) for row in rows} == {
        ("fetched", number, 333 + number) for number in (1, 2, 3)
    }
    assert len(rows) == 15
    assert all(row["image"]["bytes"].startswith(b"\x89PNG") for row in rows)
    asked = Counter(house.server.paths())
    assert {path: many for path, many in asked.items() if "/full/" in path or "info" in path} == {
        path: 1 for number in (1, 2, 3) for path in (f"/{number}/info.json", f"/{number}/full/333,500/0/default.jpg")
    }
    pipeline.harvest_source(bench.run, source, bench.folder)
    assert not [path for path in house.server.paths()[sum(asked.values()) :] if "/full/" in path or "info" in path]


def test_two_nights(bench: Bench, house: House) -> None:
    """Added, corrected, removed, restored."""
    bench.write(ENTRY.format(url=house.url, rows="manifest"))
    bench.build("maps")
    before = titles(bench)
    assert before == {name: f"Work {name[3:]}" for name in house.names}
    house.work("/m/2", "Corrected")
    house.work("/m/9", "Added")
    house.offer([*house.names[1:], "/m/9"])
    bench.build("maps")
    after = titles(bench)
    assert after == {**{name: before[name] for name in house.names[2:]}, "/m/2": "Corrected", "/m/9": "Added"}
    house.offer([*house.names, "/m/9"])
    bench.build("maps")
    assert titles(bench) == {**after, "/m/1": "Work 1"}


def test_a_night_on_which_nothing_changed(bench: Bench, house: House) -> None:
    """The two collections come, each manifest answers 304, and no harvest is closed."""
    bench.write(ENTRY.format(url=house.url, rows="canvas"))
    source = bench.build("maps")
    first = bench.run.raw(source).latest()
    del house.server.asked[:]
    bench.build("maps")
    assert len(house.server.asked) == 2 + 5
    assert house.sent == len(house.iiif.documents["/top"]) + len(house.iiif.documents["/more"])
    assert bench.run.raw(source).latest() == first


def test_with_a_list_of_changes_a_quiet_night_costs_a_few_requests(bench: Bench, house: House) -> None:
    """The list, its last page, and what was changed last or has its day."""
    names = [f"/m/{number}" for number in range(1, 61)]
    for name in names:
        house.work(name, name)
    url = house.iiif.changes(
        "/activity", [("Create", one, f"2026-01-01T00:00:{at:02}Z") for at, one in enumerate(names)]
    )
    bench.write(ENTRY.format(url=url, rows="manifest"))
    bench.build("maps")
    assert len(titles(bench)) == 60
    del house.server.asked[:]
    bench.build("maps")
    assert 3 <= len(house.server.asked) < 2 + 15
    assert len(titles(bench)) == 60


def test_a_night_that_was_cut_off_goes_on_where_it_was(bench: Bench, house: House) -> None:
    bench.write(ENTRY.format(url=house.url, rows="canvas"))
    source = bench.source("maps")
    house.server.on("/m/2", Reply(b"", 503, {"Retry-After": "9999"}))
    with pytest.raises(ServerBusy):
        pipeline.harvest_source(bench.run, source, bench.base(source))
    house.work("/m/2", "Work 2")
    del house.server.asked[:]
    bench.build("maps")
    assert house.server.paths() == ["/top", "/more", "/m/2"]
    assert len(titles(bench)) == 15


def test_a_dead_member_leaves_the_last_publication_as_it_was(bench: Bench, house: House) -> None:
    bench.write(ENTRY.format(url=house.url, rows="canvas"))
    source = bench.build("maps")
    house.server.on("/m/2", Reply(status=404))
    pipeline.harvest_source(bench.run, source, bench.base(source))
    latest = bench.run.raw(source).latest()
    assert latest is not None
    assert not latest.complete
    assert [miss["reason"] for miss in latest.missing] == ["not_found"]


def test_a_canvas_that_was_taken_down_stays_out(bench: Bench, house: House) -> None:
    bench.write(ENTRY.format(url=house.url, rows="canvas"))
    source = bench.build("maps")
    gone = house.iiif.url("/m/3/canvas/2")
    request = Request(gone, "privacy", "on request")
    base = bench.base(source)
    take_down(bench.run, source, base, plan_takedown(bench.run, source, base, request), request)
    bench.build("maps")
    found = titles(bench)
    assert len(found) == 14
    assert "/m/3/canvas/2" not in found
    raw = bench.run.raw(source)
    latest = raw.latest()
    assert latest is not None
    [left] = [data for key, data in raw.contents(raw.objects(latest.number).values()).items() if key.endswith("/m/3")]
    assert b"p. 2" not in left
    assert b"p. 3" in left


@pytest.mark.slow  # made-up ones go the same way, above
def test_real_manifests_run_to_shards_by_the_real_command(tmp_path: Path, command: Command) -> None:
    """Named by their own addresses in one collection, and served by this machine in their place."""
    wanted = ("bl-manifest", "ghent", "nlw-manifest", "villanova", "stanford", "ldmax", "wellcome-p3")
    items = real_folder("iiif", "parser-presentation-*/**/*.json")
    chosen = {name: one for name, one in items.items() if any(word in name for word in wanted)}
    assert len(chosen) == len(wanted)
    with scripted_server() as server:
        house, hosts, members = Institution(server), set[str](), list[dict[str, str]]()
        for one in chosen.values():
            with one.open() as stream:
                data = stream.read()
            said = json.loads(data)
            address = urlsplit(said.get("@id") or said["id"])
            hosts.add(f"{address.scheme}://{address.netloc}")
            house.put(address.path, data)
            members.append({"@id": address.geturl(), "@type": "sc:Manifest"})
        url = house.put("/top", {"@id": house.url("/top"), "@type": "sc:Collection", "members": members})
        entry = ENTRY.format(url=url, rows="canvas").replace("\n    ", "\n").replace("pairs.Artist", "pairs.Author")
        (tmp_path / "sources.yaml").write_text(entry)
        settings = {
            "BIGLAM_ALLOW_PRIVATE_HOSTS": server.url.removeprefix("http://"),
            "BIGLAM_REWRITE": " ".join(f"{host}={server.url}" for host in sorted(hosts)),
        }
        ran = command("run", "maps", "--to", "shards", folder=tmp_path, settings=settings)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    found = rows_in(tmp_path)
    tiers = Counter((urlsplit(row["parent_id"]).netloc, row["rights_tier"]) for row in found)
    assert tiers == {
        ("api.bl.uk", "pd"): 20,
        ("damsssl.llgc.org.uk", "pd"): 12,
        ("iiif-test.wellcomecollection.org", "by"): 10,
        ("n2t.net", "by"): 6,
        ("digital.library.villanova.edu", "sa"): 2,
        ("adore.ugent.be", "sa"): 1,
    }, "Stanford states nothing, so its two are withheld"
    assert all(row["iiif_service"] and row["title"] and row["attribution"] for row in found)


@pytest.mark.slow  # harvest/protocols/test_iiif.py holds when each is asked for
@pytest.mark.parametrize("days", [1, 7, 30])
def test_each_manifest_is_asked_for_once_a_month_however_seldom_visits_are(
    days: int, bench: Bench, house: House
) -> None:
    names = [f"/m/{number}" for number in range(1, 21)]
    for name in names:
        house.work(name, name)
    acts = [("Create", one, f"2025-01-01T00:00:{at:02}Z") for at, one in enumerate(names)]
    bench.write(ENTRY.format(url=house.iiif.changes("/activity", acts), rows="manifest"))
    bench.build("maps")
    del house.server.asked[:]
    for _ in range(-(-30 // days)):
        bench.run.now.advance(days)  # type: ignore[attr-defined]
        pipeline.harvest_source(bench.run, bench.source("maps"), bench.folder)
    asked = Counter(one.path for one in house.server.asked if one.path in names[:-1])
    assert asked.keys() == {*names[:-1]}
    assert max(asked.values()) <= (2 if days == 7 else 1)
