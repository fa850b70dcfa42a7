"""List, object, picture, as a museum's API has them: what a row points to points on, to an image service at last."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.journey.test_links import picture, with_tag
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

VAM = """
    sources:
      vam_objects:
        title: V&A collections
        custodian: Victoria and Albert Museum
        harvest: json+{url}/v2/objects/search?images_exist=1&page_size=100
        normalize:
          rows: records[]
          with:
            object:
              url: systemNumber >> template({url}/v2/museumobject/{{}})
              map: {{extra: {{picture: "record.images[0]", summary: record.summaryDescription >> html_text, licence: record.imagesLicence}}}}
            image: {{url: "$object.picture >> template({url}/collections/{{}})", max_side: 1024}}
          map: {{id: systemNumber, title: _primaryTitle, date: _primaryDate, description: $object.summary}}
        rights: {{from: $object.licence, evidence: "https://www.vam.ac.uk/info/va-websites-terms-conditions", checked: 2026-11-20}}
        languages: [en]
"""  # noqa: E501
"""The entry of the language's own page, with its hosts on loopback."""


LIST = "/v2/objects/search?images_exist=1&page_size=100"


class Museum:
    """In the shape of https://developers.vam.ac.uk and of https://iiif.io/api/image/2.1, with made-up objects."""

    def __init__(self, server: ScriptedServer, objects: int) -> None:
        self.server = server
        self.objects = list(range(objects))
        self.info: dict[str, Any] = {
            "@context": "http://iiif.io/api/image/2/context.json",
            "protocol": "http://iiif.io/api/image",
            "width": 2500,
            "height": 1250,
            "profile": ["http://iiif.io/api/image/2/level2.json", {"maxWidth": 600}],
        }
        server.on("/v2/objects/search", self._search)
        for number in self.objects:
            self.put(number)

    def put(self, number: int) -> None:
        self.server.on(f"/v2/museumobject/O{number}", self._object)
        self.server.on(f"/collections/P{number}/info.json", self._info)
        self.server.on(f"/collections/P{number}/full/600,/0/default.jpg", self._picture)

    def _search(self, asked: Asked) -> Reply:
        records = [
            {"systemNumber": f"O{at}", "_primaryTitle": f"Teapot {at}", "_primaryDate": "1760"} for at in self.objects
        ]
        said = {"record_count": len(records), "page": 1, "pages": 1, "page_size": 100}
        return with_tag(asked, json.dumps({"info": said, "records": records}).encode(), "application/json")

    def _object(self, asked: Asked) -> Reply:
        number = asked.path.rpartition("O")[2]
        record = {
            "systemNumber": f"O{number}",
            "summaryDescription": f"<i>Teapot</i> no. {number}",
            "images": [f"P{number}"],
            "imagesLicence": "https://creativecommons.org/publicdomain/zero/1.0/",
        }
        return with_tag(asked, json.dumps({"meta": {}, "record": record}).encode(), "application/json")

    def _info(self, asked: Asked) -> Reply:
        return with_tag(asked, json.dumps(self.info).encode(), "application/json")

    def _picture(self, asked: Asked) -> Reply:
        return with_tag(asked, picture(int(asked.path.split("/")[2][1:]), 600), "image/png")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def museum(server: ScriptedServer) -> Museum:
    return Museum(server, 20)


def rows_of(bench: Bench) -> dict[str, dict[str, Any]]:
    shelf = bench.run.shards(bench.source("vam_objects"))
    manifest = shelf.current()
    assert manifest is not None
    return {row["source_record_id"]: row for part in manifest.parts for row in shelf.table(part).to_pylist()}


def test_list_object_and_picture_by_the_real_command(museum: Museum, tmp_path: Path, command: Command) -> None:
    """The entry as it stands in the language: no address is asked twice, and a picture no larger than is allowed."""
    (tmp_path / "sources.yaml").write_text(VAM.format(url=museum.server.url).replace("\n    ", "\n"))
    settings = {"BIGLAM_ALLOW_PRIVATE_HOSTS": museum.server.url.removeprefix("http://")}
    checked = command("check", "vam_objects", folder=tmp_path, settings=settings)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ran = command("run", "vam_objects", "--to", "shards", folder=tmp_path, settings=settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = [
        row for path in sorted(tmp_path.rglob("part-*[0-9a-f].parquet")) for row in pq.read_table(path).to_pylist()
    ]
    rows = {row["source_record_id"]: row for row in found}
    assert len(rows) == 20
    assert rows["O3"]["description"] == "Teapot no. 3"
    assert rows["O3"]["rights_name"] == "cc0-1.0"
    assert (rows["O3"]["width"], rows["O3"]["height"], rows["O3"]["image_status"]) == (600, 300, "fetched")
    assert rows["O3"]["image"]["bytes"] == picture(3, 600)
    asked = Counter(museum.server.paths())
    assert max(asked.values()) == 1
    assert len(asked) == 1 + 20 + 20 + 20


def test_nights_of_a_museum(bench: Bench, museum: Museum) -> None:
    """A quiet night asks for the list alone; an object that is added, for itself and its picture."""
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    before = len(museum.server.asked)
    visited = pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    assert visited.unchanged
    assert set(museum.server.paths()[before:]) == {LIST}
    museum.objects = [*museum.objects[1:], 50]
    museum.put(50)
    bench.build("vam_objects")
    assert [path for path in museum.server.paths()[before:] if path != LIST] == [
        "/v2/museumobject/O50",
        "/collections/P50/info.json",
        "/collections/P50/full/600,/0/default.jpg",
    ]
    rows = rows_of(bench)
    assert ("O0" in rows, rows["O50"]["image_status"], len(rows)) == (False, "fetched", 20)


@pytest.mark.slow  # `test_nights_of_a_museum` stays
def test_an_object_that_is_corrected_is_read_again(bench: Bench, museum: Museum) -> None:
    """Only slices that looked it up are: found out by what each slice asked and was given."""
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    before = museum._object

    def corrected(asked: Asked) -> Reply:
        body = before(replace(asked, headers={})).body
        return with_tag(asked, body.replace(b"Teapot", b"Coffee pot"), "application/json")

    museum._object = corrected  # type: ignore[method-assign]
    museum.put(4)
    for _ in range(30):
        bench.run.now.advance()  # type: ignore[attr-defined]
        pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    bench.build("vam_objects")
    rows = rows_of(bench)
    assert (rows["O4"]["description"], rows["O5"]["description"]) == ("Coffee pot no. 4", "Teapot no. 5")


@pytest.mark.slow  # test_takedown.py holds taking back
def test_a_takedown_that_is_taken_back_brings_what_its_row_points_to(bench: Bench, museum: Museum) -> None:
    """It is asked for again, though nothing changed at its server."""
    bench.write(VAM.format(url=museum.server.url))
    bench.night("vam_objects")
    take(bench, "O4")
    bench.build("vam_objects")
    assert "O4" not in rows_of(bench)
    with (bench.base(bench.source("vam_objects")) / "takedowns.jsonl").open("a") as ledger:
        ledger.write(json.dumps({"source_id": "vam_objects", "record_id": "O4", "action": "restored"}) + "\n")
    for _ in range(2):
        bench.run.now.advance()  # type: ignore[attr-defined]
        bench.build("vam_objects")
    row = rows_of(bench)["O4"]
    assert (row["description"], row["image"]["bytes"]) == ("Teapot no. 4", picture(4, 600))


def test_an_object_that_is_gone_leaves_its_row_without_a_statement(bench: Bench, museum: Museum) -> None:
    """It is withheld then: nobody says what its rights are."""
    museum.server.on("/v2/museumobject/O7", Reply(b'{"message": "gone"}', 404))
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    rows = rows_of(bench)
    assert len(rows) == 19
    assert "O7" not in rows


def test_a_server_that_gives_up_midway_is_taken_up_where_it_was(bench: Bench, museum: Museum) -> None:
    """What was shelved before is not asked for again."""
    bench.run.web._limits = replace(bench.run.web._limits, backoff_seconds=0.01)
    museum.server.on("/collections/P9/info.json", Reply(b"busy", 503, {"Retry-After": "3600"}), museum._info)
    bench.write(VAM.format(url=museum.server.url))
    with pytest.raises(ServerBusy):
        pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    bench.build("vam_objects")
    asked = Counter(museum.server.paths())
    twice = {path for path, times in asked.items() if times > 1}
    assert twice == {LIST, "/collections/P9/info.json"}
    assert len(rows_of(bench)) == 20


def held_bytes(bench: Bench) -> bytes:
    """All that lies on the raw shelf, of every visit."""
    raw = bench.run.raw(bench.source("vam_objects"))
    return b"".join(data for objects in raw.every_object() for data in raw.contents(objects.values()).values())


def take(bench: Bench, record: str) -> None:
    source = bench.source("vam_objects")
    base, request = bench.base(source), Request(record, "privacy", "on request")
    take_down(bench.run, source, base, plan_takedown(bench.run, source, base, request), request)


@pytest.mark.slow  # test_takedown_pictures.py: `test_a_row_goes_with_its_picture_...`
def test_a_takedown_takes_what_a_row_points_to(bench: Bench, museum: Museum) -> None:
    """Its picture and its object's record, of every visit; what another row shows too stays, and nobody asks again."""
    shared = museum._object

    def same_picture(asked: Asked) -> Reply:
        reply = shared(asked)
        return with_tag(asked, reply.body.replace(b"P6", b"P5"), "application/json")

    museum.server.on("/v2/museumobject/O6", same_picture)
    bench.write(VAM.format(url=museum.server.url))
    bench.night("vam_objects")
    assert picture(4, 600) in held_bytes(bench)
    take(bench, "O4")
    take(bench, "O5")
    before = len(museum.server.asked)
    bench.build("vam_objects")
    held = held_bytes(bench)
    assert picture(4, 600) not in held
    assert b"Teapot</i> no. 4" not in held
    assert b"Teapot</i> no. 5" not in held
    assert picture(5, 600) in held  # O6 shows it too
    rows = rows_of(bench)
    assert (len(rows), "O4" in rows, rows["O6"]["image"]["bytes"]) == (18, False, picture(5, 600))
    for _ in range(31):
        bench.run.now.advance()  # type: ignore[attr-defined]
        pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    assert not [path for path in museum.server.paths()[before:] if "O4" in path or "P4" in path]
    bench.build("vam_objects")
    assert picture(4, 600) not in held_bytes(bench)


def problems_of(bench: Bench) -> Counter[str]:
    """What was counted of the rows of today."""
    shelf = bench.run.normalized(bench.source("vam_objects"))
    current = shelf.current()
    assert current is not None
    return sum((Counter(shelf.numbers(key).problems) for key in current.slices), Counter())


@pytest.mark.representative(2)  # other limits; harvest/ holds what they mean
@pytest.mark.parametrize(
    ("info", "path", "side", "told"),
    [
        ({"profile": ["http://iiif.io/api/image/2/level0.json"], "sizes": [{"width": 300, "height": 150}]}, "300,", 300,
         ""),
        ({"profile": ["http://iiif.io/api/image/2/level2.json"]}, "1024,", 1024, ""),
        ({"profile": ["http://iiif.io/api/image/2/level2.json"]}, "1024,", 200, "image: smaller than was asked for"),
        ({"profile": ["http://iiif.io/api/image/2/level0.json"]}, "full", 2500,
         "image: larger than `max_side`, as its server gave it"),
        ({"@context": "http://iiif.io/api/image/3/context.json", "type": "ImageService3", "profile": "level1"},
         "1024,512", 1024, ""),
    ],
)  # fmt: skip
def test_an_image_service_is_asked_for_what_it_allows(
    info: dict[str, Any], path: str, side: int, told: str, bench: Bench, museum: Museum
) -> None:
    """By the level and the limits that it states; what came otherwise than was asked for is counted."""
    museum.objects, museum.info = [0], {**museum.info, **info}
    museum.server.on(f"/collections/P0/full/{path}/0/default.jpg", Reply(picture(0, side)))
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    row = rows_of(bench)["O0"]
    assert (row["width"], row["image_status"]) == (side, "fetched")
    assert {name for name in problems_of(bench) if name.startswith("image")} == ({told} if told else set())


def test_an_address_without_a_service_is_the_picture_s_own(bench: Bench, museum: Museum) -> None:
    """`max_side` chooses among what a service offers: any other picture comes as it is, and is counted if larger."""
    museum.objects = [0]
    museum.server.on("/collections/P0/info.json", Reply(b"no such page", 404))
    museum.server.on("/collections/P0", Reply(picture(0, 1500)))
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    assert rows_of(bench)["O0"]["width"] == 1500
    assert problems_of(bench)["image: larger than `max_side`, as its server gave it"] == 1


@pytest.mark.slow  # `test_an_image_service_is_asked_for_...` stays
def test_a_service_that_allows_less_by_now_is_asked_once_more_what_it_allows(bench: Bench, museum: Museum) -> None:
    museum.objects = [0]
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    museum.info = {**museum.info, "profile": ["http://iiif.io/api/image/2/level2.json", {"maxWidth": 400}]}
    museum.server.on("/collections/P0/full/600,/0/default.jpg", Reply(b"too large for you", 400))
    museum.server.on("/collections/P0/full/400,/0/default.jpg", Reply(picture(0, 400)))
    for _ in range(30):
        bench.run.now.advance()  # type: ignore[attr-defined]
        pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    bench.build("vam_objects")
    assert rows_of(bench)["O0"]["width"] == 400


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_store_that_shows_nobody_what_is_not_there_shows_its_pictures(
    status: int, bench: Bench, museum: Museum
) -> None:
    """S3 answers 403 where there is nothing and nobody may list: that is no word on the picture."""
    museum.objects = [0]
    museum.server.on("/collections/P0/info.json", Reply(b"<Error><Code>AccessDenied</Code></Error>", status))
    museum.server.on("/collections/P0", Reply(picture(0, 600)))
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    assert rows_of(bench)["O0"]["image_status"] == "fetched"


def test_an_information_that_comes_cut_is_no_picture(bench: Bench, museum: Museum) -> None:
    """The address of a service leads to its information (Image API 3.0, 2.1): that would be shelved for a month."""
    museum.objects = [0]
    there = f"{museum.server.url}/collections/P0/info.json"
    museum.server.on("/collections/P0/info.json", Reply(b'{"width": 25'))
    museum.server.on("/collections/P0", Reply(status=303, headers={"Location": there}))
    bench.write(VAM.format(url=museum.server.url))
    visited = pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    assert [one["reason"] for one in visited.harvest.missing] == ["damaged"]
    museum.put(0)
    bench.build("vam_objects")
    assert rows_of(bench)["O0"]["image_status"] == "fetched"


@pytest.mark.slow  # `test_an_image_service_is_asked_for_...` stays
def test_another_picture_of_a_service_is_asked_for_in_its_own_proportions(bench: Bench, museum: Museum) -> None:
    """Version 3 asks by width and height: the size of before would bend what is there now."""
    museum.objects = [0]
    third = {"@context": "http://iiif.io/api/image/3/context.json", "type": "ImageService3", "profile": "level2"}
    museum.info = {"protocol": "http://iiif.io/api/image", **third, "width": 2000, "height": 1000}
    museum.server.on("/collections/P0/full/1024,512/0/default.jpg", Reply(picture(0, 1024)))
    bench.write(VAM.format(url=museum.server.url))
    bench.build("vam_objects")
    museum.info |= {"width": 1000, "height": 2000}
    museum.server.on("/collections/P0/full/1024,512/0/default.jpg", Reply(picture(7, 1024)))
    museum.server.on("/collections/P0/full/512,1024/0/default.jpg", Reply(picture(8, 512)))
    for _ in range(30):
        bench.run.now.advance()  # type: ignore[attr-defined]
        pipeline.harvest_source(bench.run, bench.source("vam_objects"), bench.folder)
    bench.build("vam_objects")
    assert rows_of(bench)["O0"]["image"]["bytes"] == picture(8, 512)


@pytest.mark.slow  # test_takedown_pictures.py takes pictures down with their rows
@pytest.mark.parametrize("address", ["P4", "P99"])
def test_a_picture_that_was_taken_down_with_its_row_comes_for_another(
    address: str, bench: Bench, museum: Museum
) -> None:
    """A row that points there later, or whose picture has the very bytes: nobody asked to take that one down."""
    bench.write(VAM.format(url=museum.server.url))
    bench.night("vam_objects")
    take(bench, "O4")
    shown = museum._object

    def other_address(asked: Asked) -> Reply:
        return with_tag(asked, shown(asked).body.replace(b"P50", address.encode()), "application/json")

    museum.objects.append(50)
    museum.put(50)
    museum.server.on("/v2/museumobject/O50", other_address)
    museum.server.on(f"/collections/{address}/info.json", museum._info)
    museum.server.on(f"/collections/{address}/full/600,/0/default.jpg", Reply(picture(4, 600)))
    for _ in range(2):
        bench.run.now.advance()  # type: ignore[attr-defined]
        bench.build("vam_objects")
        rows = rows_of(bench)
        assert "O4" not in rows
        assert rows["O50"]["image"]["bytes"] == picture(4, 600)
