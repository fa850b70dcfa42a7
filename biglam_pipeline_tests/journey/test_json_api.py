"""From a museum's API to shards: entries as people write them, by the real command, and the nights that follow."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

CHICAGO = """
    sources:
      aic_artworks:
        title: Art Institute of Chicago, public-domain works
        custodian: Art Institute of Chicago
        harvest: json+{url}/api/v1/artworks?limit=100
        normalize:
          rows: data[]
          where: {{is_public_domain: true}}
          map: {{id: id, title: title, creators: artist_title, date: date_display}}
        rights: {{from: is_public_domain >> lookup(true=CC0-1.0), evidence: https://www.artic.edu/open-access,
          checked: 2026-11-20}}
"""
VAM = """
    sources:
      vam_objects:
        title: V&A collections
        custodian: Victoria and Albert Museum
        harvest: json+{url}/v2/objects/search?images_exist=1&page_size=100
        normalize:
          rows: records[]
          map:
            id: systemNumber
            title: [_primaryTitle, objectType]
            date: _primaryDate
            creators: _primaryMaker.name
            languages: {{const: en}}
            extra: {{place: _primaryPlace, iiif: _images._iiif_image_base_url, api_version: $root.info.version}}
        rights: {{license: CC0-1.0, covers: metadata, evidence: "https://example.org/terms",
          checked: 2026-11-20, quote: CC0}}
"""


class Museum:
    """An API in the shape of https://api.artic.edu/docs/ and https://developers.vam.ac.uk, with made-up works."""

    def __init__(self, server: ScriptedServer, works: int) -> None:
        self.server, self.etags, self.took = server, False, 0
        self.works: dict[str, dict[str, Any]] = {str(number): self.work(number) for number in range(works)}
        self.sent = 0
        server.on("/api/v1/artworks", self.chicago)
        server.on("/v2/objects/search", self.vam)

    @staticmethod
    def work(number: int) -> dict[str, Any]:
        date = ["1875", "c. 1880", "18th century", None][number % 4]
        return {"id": number, "title": f"Work {number}", "date_display": date, "artist_title": "A Painter",
                "is_public_domain": number % 5 != 4, "thumbnail": {"width": 843, "alt_text": "x"}}  # fmt: skip

    def _page(self, asked: Asked, size: int) -> tuple[int, list[dict[str, Any]]]:
        page = int(asked.query.get("page", "1"))
        return page, list(self.works.values())[size * (page - 1) : size * page]

    def chicago(self, asked: Asked) -> Reply:
        page, mine = self._page(asked, 100)
        pages = -(-len(self.works) // 100)
        said: dict[str, Any] = {"total": len(self.works), "limit": 100, "total_pages": pages, "current_page": page}
        if page < pages:
            said["next_url"] = f"{self.server.url}/api/v1/artworks?page={page + 1}&limit=100"
        more = {"took": self.took} if self.took else {}
        return self._reply(asked, {"preference": None, "pagination": said, "data": mine, "info": {}, **more})

    def vam(self, asked: Asked) -> Reply:
        page, mine = self._page(asked, 100)
        said = {"version": "2.0", "record_count": len(self.works), "page": page, "page_size": 100}
        said["pages"] = -(-len(self.works) // 100)
        found = [
            {"systemNumber": f"O{work['id']}", "objectType": "Teapot", "_primaryTitle": work["title"] if at % 3 else "",
             "_primaryDate": work["date_display"] or "", "_primaryMaker": {"name": "Böttger", "association": "maker"},
             "_primaryPlace": "Meißen", "_images": {"_iiif_image_base_url": f"https://framemark.vam.ac.uk/{at}/"}}
            for at, work in enumerate(mine)
        ]  # fmt: skip
        return self._reply(asked, {"info": said, "records": found, "clusters": {"category": {"terms": [{"id": "T"}]}}})

    def _reply(self, asked: Asked, body: dict[str, Any]) -> Reply:
        data = json.dumps(body, ensure_ascii=False).encode()
        tag = f'"{hash(data)}"'
        if self.etags and asked.headers.get("If-None-Match") == tag:
            return Reply(status=304)
        self.sent += len(data)
        return Reply(data, headers={"Content-Type": "application/json", **({"ETag": tag} if self.etags else {})})


@pytest.fixture
def museum() -> Iterator[Museum]:
    with scripted_server() as server:
        yield Museum(server, 250)


def titles(bench: Bench, name: str = "aic_artworks") -> dict[str, str]:
    parts = bench.run.shards(bench.source(name))
    manifest = parts.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in parts.table(part).to_pylist()]
    return {row["source_record_id"]: row["title"] for row in rows}


@pytest.mark.slow  # test_iiif.py and test_sources_of_sources.py run the command
@pytest.mark.parametrize(("entry", "name", "rows"), [(CHICAGO, "aic_artworks", 200), (VAM, "vam_objects", 250)])
def test_an_entry_runs_to_shards_by_the_real_command(
    entry: str, name: str, rows: int, museum: Museum, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "sources.yaml").write_text(entry.format(url=museum.server.url).replace("\n    ", "\n"))
    settings = {"BIGLAM_ALLOW_PRIVATE_HOSTS": museum.server.url.removeprefix("http://")}
    checked = command("check", name, folder=tmp_path, settings=settings)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ran = command("run", name, "--to", "shards", folder=tmp_path, settings=settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = [
        row for path in sorted(tmp_path.rglob("part-*[0-9a-f].parquet")) for row in pq.read_table(path).to_pylist()
    ]
    assert len(found) == rows
    assert len(museum.server.asked) == 3
    first = next(row for row in found if row["source_record_id"] in ("1", "O1"))
    assert first["title"] == "Work 1"
    assert (first["date_edtf"], first["year_start"]) == ("1880~", 1880)
    if name == "vam_objects":
        assert {row["title"] for row in found} >= {"Teapot", "Work 1"}
        assert (first["place"], first["api_version"], first["creators"][0]["name"]) == ("Meißen", "2.0", "Böttger")


def test_two_nights(bench: Bench, museum: Museum) -> None:
    """Added, corrected, removed, restored; only what changed is published, and each page that is the same is kept."""
    bench.write(CHICAGO.format(url=museum.server.url))
    bench.build("aic_artworks")
    before = titles(bench)
    assert len(before) == 200
    removed = museum.works.pop("3")
    museum.works["10"] = {**museum.works["10"], "title": "Corrected"}
    museum.works["900"] = Museum.work(900)
    bench.build("aic_artworks")
    after = titles(bench)
    assert after == {
        **{id_: title for id_, title in before.items() if id_ != "3"},
        "10": "Corrected",
        "900": "Work 900",
    }
    museum.works["3"] = removed
    bench.build("aic_artworks")
    assert titles(bench) == {**after, "3": "Work 3"}


@pytest.mark.parametrize("etags", [False, True])
def test_a_night_on_which_nothing_changed(bench: Bench, museum: Museum, etags: bool) -> None:
    """One request a page; with validators no byte of them comes, and without them none is shelved."""
    museum.etags = etags
    bench.write(CHICAGO.format(url=museum.server.url))
    bench.build("aic_artworks")
    raw = bench.run.raw(bench.source("aic_artworks"))
    first = raw.latest()
    asked, sent = len(museum.server.asked), museum.sent
    bench.build("aic_artworks")
    assert len(museum.server.asked) - asked == 3
    assert museum.sent - sent == (0 if etags else sent)
    assert raw.latest() == first


def test_a_page_that_differs_only_in_a_duration_publishes_nothing(bench: Bench, museum: Museum) -> None:
    """It is shelved and read again, which is its cost; the rows are the same, and so are the parts."""
    museum.took = 7
    bench.write(CHICAGO.format(url=museum.server.url))
    source = bench.build("aic_artworks")
    manifest = bench.run.shards(source).current()
    normalized = bench.run.normalized(source).current()
    museum.took = 9
    bench.build("aic_artworks")
    latest, again = bench.run.raw(source).latest(), bench.run.shards(source).current()
    assert latest is not None
    assert (latest.number, latest.fetched) == (2, 3)
    assert bench.run.normalized(source).current() != normalized
    assert manifest is not None
    assert again is not None
    assert again.parts == manifest.parts


def test_a_night_that_was_cut_off_goes_on_where_it_was(bench: Bench, museum: Museum) -> None:
    bench.write(CHICAGO.format(url=museum.server.url))
    source = bench.source("aic_artworks")
    last = "/api/v1/artworks?page=3&limit=100"
    museum.server.on(last, Reply(b"", 503, {"Retry-After": "9999"}))
    with pytest.raises(ServerBusy):
        pipeline.harvest_source(bench.run, source, bench.base(source))
    museum.server.on(last, museum.chicago)
    asked = len(museum.server.asked)
    bench.build("aic_artworks")
    assert museum.server.paths()[asked:] == [last]
    assert len(titles(bench)) == 200


@pytest.mark.slow  # test_iiif.py: a canvas stays out
def test_a_record_that_was_taken_down_stays_out_of_raw_and_the_list_is_still_whole(
    bench: Bench, museum: Museum
) -> None:
    """In its place on the shelf is null; the page is kept, counted as its server announced it, and never comes back."""
    bench.write(CHICAGO.format(url=museum.server.url))
    museum.etags = True
    museum.works["10"] = {**museum.works["10"], "title": "A private letter"}
    source = bench.build("aic_artworks")
    request = Request("10", "privacy", "on request")
    take_down(
        bench.run, source, bench.base(source), plan_takedown(bench.run, source, bench.base(source), request), request
    )
    bench.build("aic_artworks")
    raw = bench.run.raw(source)
    latest = raw.latest()
    assert latest is not None
    assert latest.complete, latest.proof
    held = b"".join(raw.contents(raw.objects(latest.number).values()).values())
    assert b"A private letter" not in held
    assert (len(titles(bench)), "10" in titles(bench)) == (199, False)
    museum.works["11"] = {**museum.works["11"], "title": "Corrected"}
    bench.build("aic_artworks")
    assert titles(bench)["11"] == "Corrected"
    assert "10" not in titles(bench)


JOINED = """
    sources:
      joined:
        title: Objects and their places
        custodian: A museum
        harvest: file:data
        normalize:
          files: objects.json
          rows: objects[]
          where: {{$root.version: 2.., kind: map}}
          with:
            place: {{files: places.json, rows: places.*, by: {{place.id: id}}, map: {{title: '"@name"'}}}}
          map: {{id: id, title: title, description: $place.title, extra: {{version: $root.version}}}}
        rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-11-20, quote: CC0}}
"""


def test_json_is_joined_with_json(bench: Bench) -> None:
    """By a path into the record on the one side, and the values of an object on the other."""
    (bench.folder / "data").mkdir()
    objects = [{"id": 1, "title": "One", "kind": "map", "place": {"id": 7}}, {"id": 2, "title": "Two", "kind": "print"}]
    places = {"a": {"id": 7, "@name": "Paris"}, "b": {"id": 8, "@name": "Rome"}}
    (bench.folder / "data/objects.json").write_text(json.dumps({"objects": objects, "version": 2}))
    (bench.folder / "data/places.json").write_text(json.dumps({"places": places}))
    bench.write(JOINED.format())
    bench.build("joined")
    manifest = bench.run.shards(bench.source("joined")).current()
    assert manifest is not None
    [row] = [row for part in manifest.parts for row in bench.run.shards(bench.source("joined")).table(part).to_pylist()]
    assert (row["title"], row["description"], row["version"]) == ("One", "Paris", "2")
