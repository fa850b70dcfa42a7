"""What a row points to: pictures, objects and image services are fetched while harvesting, shelved, and found again."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from biglam_pipeline import pipeline
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

TABLE = """
    sources:
      gallery:
        title: Pictures of a gallery
        custodian: A Gallery
        harvest: {url}/works.csv
        normalize:
          with: {{image: {{url: picture}}}}
          map: {{id: id, title: title}}
        rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-11-20, quote: CC0}}
        languages: [en]
"""


def picture(number: int, side: int = 40) -> bytes:
    """A small PNG, another for each number."""
    out = BytesIO()
    Image.new("RGB", (side, side // 2), (number % 256, number // 256 % 256, 90)).save(out, "PNG")
    return out.getvalue()


class Gallery:
    """A table of works, and their pictures with validators."""

    def __init__(self, server: ScriptedServer, works: int) -> None:
        self.server = server
        self.titles = {number: f"Work {number}" for number in range(works)}
        self.pictures = {number: picture(number) for number in range(works)}
        self.addresses: dict[int, str] = {}
        self.replies: dict[int, Reply] = {}
        server.on("/works.csv", self._table)
        self.serve()

    def serve(self) -> None:
        """Answers for every picture that there is by now."""
        for number in self.pictures:
            self.server.on(f"/pictures/{number}", self._picture)

    def address(self, number: int) -> str:
        return self.addresses.get(number, f"{self.server.url}/pictures/{number}")

    def _table(self, asked: Asked) -> Reply:
        lines = [f"{number},{title},{self.address(number)}" for number, title in self.titles.items()]
        return with_tag(asked, ("id,title,picture\n" + "\n".join(lines) + "\n").encode(), "text/csv")

    def _picture(self, asked: Asked) -> Reply:
        number = int(asked.path.rpartition("/")[2])
        if number in self.replies:
            return self.replies[number]
        return with_tag(asked, self.pictures[number], "image/png")


def with_tag(asked: Asked, body: bytes, kind: str) -> Reply:
    """An answer with an ETag, or 304."""
    tag = f'"{hash(body)}"'
    if asked.headers.get("If-None-Match") == tag:
        return Reply(status=304, headers={"ETag": tag})
    return Reply(body, headers={"Content-Type": kind, "ETag": tag})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def rows_of(bench: Bench, name: str) -> dict[str, dict[str, Any]]:
    """The rows of today, by identifier."""
    shelf = bench.run.shards(bench.source(name))
    manifest = shelf.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in shelf.table(part).to_pylist()]
    return {row["source_record_id"]: row for row in rows}


def test_the_pictures_of_a_table_are_in_its_rows(bench: Bench, server: ScriptedServer) -> None:
    gallery = Gallery(server, 12)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    rows = rows_of(bench, "gallery")
    assert {id_: row["image"]["bytes"] for id_, row in rows.items()} == {
        str(number): data for number, data in gallery.pictures.items()
    }
    assert {row["image_status"] for row in rows.values()} == {"fetched"}
    assert {(row["width"], row["height"], row["media_type"]) for row in rows.values()} == {(40, 20, "image/png")}
    assert len(server.asked) == 13
    normalized = bench.run.normalized(bench.source("gallery")).current()
    assert normalized is not None
    assert normalized.unread == {}


def advance(bench: Bench, days: int = 1) -> None:
    """The next night."""
    bench.run.now.advance(days)  # type: ignore[attr-defined]


def asked_since(server: ScriptedServer, before: int) -> list[str]:
    return server.paths()[before:]


def test_two_nights(bench: Bench, server: ScriptedServer) -> None:
    """Changed, removed and added rows: a new address is asked at once, one that is not named any more goes."""
    gallery = Gallery(server, 12)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    advance(bench)
    before, removed = len(server.asked), gallery.titles.pop(3)
    gallery.titles |= {5: "Corrected", 40: "Added"}
    gallery.pictures[40] = picture(40)
    gallery.serve()
    bench.build("gallery")
    rows = rows_of(bench, "gallery")
    assert (rows["5"]["title"], rows["40"]["image"]["bytes"]) == ("Corrected", picture(40))
    assert "3" not in rows
    assert rows["5"]["image"]["bytes"] == picture(5)
    fresh = asked_since(server, before)
    assert fresh[:1] == ["/works.csv"]
    assert "/pictures/40" in fresh
    assert len(fresh) <= 5  # and those whose day it is
    raw = bench.run.raw(bench.source("gallery"))
    latest = raw.latest()
    assert latest is not None
    assert latest.objects == 13
    advance(bench)
    gallery.titles[3] = removed
    bench.build("gallery")
    assert rows_of(bench, "gallery")["3"]["image"]["bytes"] == picture(3)


def test_a_picture_that_changed_is_found_within_a_month(bench: Bench, server: ScriptedServer) -> None:
    """Each link has a day of its own: all are asked once in thirty nights, and none twice."""
    gallery = Gallery(server, 40)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    begin = len(server.asked)
    gallery.pictures[7] = picture(700)
    nights = []
    for _ in range(30):
        advance(bench)
        before = len(server.asked)
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
        nights.append(len(asked_since(server, before)))
    fresh = [path for path in asked_since(server, begin) if path != "/works.csv"]
    assert sorted(fresh) == sorted(f"/pictures/{number}" for number in range(40))
    assert max(nights) < 20, "they are spread"
    assert all("If-None-Match" in asked.headers for asked in server.asked[begin:])
    bench.build("gallery")
    assert rows_of(bench, "gallery")["7"]["image"]["bytes"] == picture(700)
    raw = bench.run.raw(bench.source("gallery")).latest()
    assert raw is not None
    assert raw.number == 2


def test_a_quiet_night_of_which_no_link_is_due_asks_for_the_list_alone(bench: Bench, server: ScriptedServer) -> None:
    Gallery(server, 40)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    before = len(server.asked)
    visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert visited.unchanged
    assert asked_since(server, before) == ["/works.csv"]


def status_of(bench: Bench, id_: str) -> tuple[bool, str | None]:
    row = rows_of(bench, "gallery")[id_]
    return row["image"] is not None, row["image_status"]


def test_f41_a_link_is_dead_only_after_three_visits_in_seven_days(bench: Bench, server: ScriptedServer) -> None:
    """Until then its row keeps the picture; it is asked each night, and once it is there again nothing was lost."""
    gallery = Gallery(server, 6)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    gallery.replies[2] = Reply(b"gone", 404)
    seen = []
    for _ in range(42):
        advance(bench)
        bench.build("gallery")
        seen.append(status_of(bench, "2"))
    first = seen.index((False, "missing"))
    asked_at = [night for night, one in enumerate(seen) if one == (True, "fetched")]
    assert asked_at == list(range(first))
    assert first >= 7
    assert set(seen[first:]) == {(False, "missing")}
    del gallery.replies[2]
    for _ in range(31):
        advance(bench)
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    bench.build("gallery")
    assert status_of(bench, "2") == (True, "fetched")


@pytest.mark.representative(3)  # further answers
@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(b"not there", 404), "missing"),
        (Reply(b"gone", 410), "missing"),
        (Reply(b"not for you", 403), "restricted"),
        (Reply(b"who are you", 401), "restricted"),
        (Reply(b"no such request", 400), "refused"),
        (Reply(status=302, headers={"Location": "http://192.168.1.7/secret.jpg"}), "refused"),
        (Reply(b"not a picture at all", headers={"Content-Type": "image/jpeg"}), "unreadable"),
    ],
)
def test_a_row_without_its_picture_stays_and_says_why(
    reply: Reply, status: str, bench: Bench, server: ScriptedServer
) -> None:
    gallery = Gallery(server, 4)
    gallery.replies[1] = reply
    allowed = replace(bench.run, web=bench.run.web)
    allowed.web._allow_private = frozenset({server.url.removeprefix("http://")})
    bench.run = allowed
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    assert status_of(bench, "1") == (False, status)
    assert status_of(bench, "0") == (True, "fetched")
    harvest = bench.run.raw(bench.source("gallery")).latest()
    assert harvest is not None
    assert harvest.complete


NO_ADDRESSES = (
    *("ftp://example.org/a.jpg", "javascript:alert(1)", "//example.org/a.jpg", "pictures/1.jpg", "file:///etc/passwd"),
    *("http://user:secret@example.org/a.jpg", "http://[::1/a.jpg", "https:///a.jpg", "http://exa mple.org/a"),
    *("data:image/png;base64", "http://example.org:port/a.jpg", "mailto:a@example.org"),
)


@pytest.mark.representative(4)  # further addresses; web/ holds which may be asked
@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_nobody_may_ask_is_refused_for_its_row_alone(
    address: str, bench: Bench, server: ScriptedServer
) -> None:
    gallery = Gallery(server, 3)
    gallery.addresses[1] = address
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    assert status_of(bench, "1") == (False, "refused")
    assert len(server.asked) == 3


def test_a_row_that_names_no_picture_has_no_status(bench: Bench, server: ScriptedServer) -> None:
    gallery = Gallery(server, 3)
    gallery.addresses[1] = ""
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    assert status_of(bench, "1") == (False, None)


@pytest.mark.parametrize("reply", [
    Reply(b"<!DOCTYPE html><html><title>Are you human?</title></html>", headers={"Content-Type": "image/jpeg"}),
    Reply(b"half", headers={"Content-Length": "900"}, cut=4),
    Reply(b"broken", 500),
    Reply(b"", headers={"Content-Type": "image/jpeg"}),
])  # fmt: skip
def test_what_may_come_another_night_leaves_the_harvest_incomplete(
    reply: Reply, bench: Bench, server: ScriptedServer
) -> None:
    """A wall, a cut answer and a server that fails say nothing of the picture; `ignore` lets the rest go on."""
    bench.run.web._limits = replace(bench.run.web._limits, backoff_seconds=0.01, retry_seconds=0.01)
    gallery = Gallery(server, 4)
    gallery.replies[1] = reply
    bench.write(TABLE.format(url=server.url))
    visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert not visited.harvest.complete
    assert [one["url"] for one in visited.harvest.missing] == [gallery.address(1)]
    address = f"{server.url}/works.csv"
    bench.write(
        TABLE.format(url=server.url).replace(f"harvest: {address}", f"harvest: {{url: {address}, ignore: pictures/1}}")
    )
    bench.build("gallery")
    assert status_of(bench, "1") == (False, None)
    assert status_of(bench, "2") == (True, "fetched")


def test_a_host_that_refuses_link_after_link_is_left_alone(bench: Bench, server: ScriptedServer) -> None:
    gallery = Gallery(server, 60)
    gallery.replies = dict.fromkeys(range(10, 60), Reply(b"Forbidden", 403))
    bench.write(TABLE.format(url=server.url))
    with pytest.raises(SourceChanged, match="refused with HTTP 403"):
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert len(server.asked) == 1 + 10 + 5
    gallery.replies.clear()
    pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    asked = Counter(path for path in server.paths() if path.startswith("/pictures"))
    assert all(asked[f"/pictures/{number}"] == 1 for number in range(10))  # what was shelved does not come again


def test_more_links_than_a_visit_may_ask_are_reported(bench: Bench, server: ScriptedServer) -> None:
    Gallery(server, 500)
    bench.write(TABLE.format(url=server.url))
    bench.run.web._limits = replace(bench.run.web._limits, visit_answers=50)
    with pytest.raises(SourceChanged, match="BIGLAM_VISIT_ANSWERS"):
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert len(server.asked) == 50


def test_a_body_that_does_not_end_is_cut_off_and_its_row_stays(bench: Bench, server: ScriptedServer) -> None:
    gallery = Gallery(server, 3)
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close\r\n\r\n"
    gallery.replies[1] = Reply(raw=endless, endless=b"\xff" * 65536)
    bench.write(TABLE.format(url=server.url).replace("url: picture", "url: picture, max_bytes: 100000"))
    bench.build("gallery")
    assert status_of(bench, "1") == (False, "too large")


def test_a_placeholder_is_reported(bench: Bench, server: ScriptedServer) -> None:
    """The same bytes for many rows are told, and kept once."""
    gallery = Gallery(server, 30)
    gallery.pictures |= dict.fromkeys(range(20), picture(999))
    bench.write(TABLE.format(url=server.url))
    visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert "20 show the same picture" in visited.harvest.proof
    assert len(bench.run.raw(bench.source("gallery")).shelf.list("files/")) == 11


def test_one_address_of_many_rows_is_asked_once(bench: Bench, server: ScriptedServer) -> None:
    gallery = Gallery(server, 10)
    gallery.addresses = dict.fromkeys(range(10), f"{server.url}/pictures/0")
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    assert server.paths().count("/pictures/0") == 1
    assert {row["image"]["bytes"] for row in rows_of(bench, "gallery").values()} == {picture(0)}


def test_a_night_without_the_list_costs_no_picture(bench: Bench, server: ScriptedServer) -> None:
    """The harvest is not whole then; what the list named is kept, and does not come again the next night."""
    bench.run.web._limits = replace(bench.run.web._limits, backoff_seconds=0.01)
    gallery = Gallery(server, 12)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    server.on("/works.csv", Reply(b"no such list", 404))
    assert not pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder).harvest.complete
    before = len(server.asked)
    server.on("/works.csv", gallery._table)
    bench.build("gallery")
    assert asked_since(server, before) == ["/works.csv"]
    assert len(rows_of(bench, "gallery")) == 12


def test_a_list_that_is_not_what_the_entry_says_leaves_the_harvest_incomplete(
    bench: Bench, server: ScriptedServer
) -> None:
    """What rows point to is not known then; the visit is closed, so that the next one asks for the list again."""
    gallery = Gallery(server, 3)
    bench.write(TABLE.format(url=server.url))
    server.on("/works.csv", Reply(b"number,caption\n1,A\n", headers={"Content-Type": "text/csv"}))
    visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    assert not visited.harvest.complete
    assert "has no column" in visited.harvest.missing[0]["detail"]
    server.on("/works.csv", gallery._table)
    bench.build("gallery")
    assert len(rows_of(bench, "gallery")) == 3


def test_a_host_that_is_gone_is_dead_after_a_week(bench: Bench, server: ScriptedServer) -> None:
    """Until then the harvest is not whole: names come back. It is asked once a visit, whatever points there."""
    gallery = Gallery(server, 6)
    gallery.addresses = {number: f"https://gone.invalid/{number}.jpg" for number in (1, 2, 3)}
    bench.write(TABLE.format(url=server.url))
    whole = []
    for _ in range(9):
        visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
        whole.append(visited.harvest.complete)
        advance(bench)
    assert whole == [False] * 7 + [True, True]
    bench.build("gallery")
    assert status_of(bench, "1") == (False, "missing")
    assert status_of(bench, "4") == (True, "fetched")


@pytest.mark.representative(2, rest="soak")
@pytest.mark.parametrize(
    ("ill", "status"),
    # the first two are slow: `test_f41_a_link_is_dead_only_after_three_visits_in_seven_days` stays
    [
        *(pytest.param(*one, marks=pytest.mark.slow) for one in ((10, 500), (1, 503))),
        (5, 500),
        (5, 503),
        (10, 503),
        (1, 500),
    ],
    ids=lambda one: f"{one}",
)
def test_f41_pictures_that_only_bring_errors_cost_their_rows_the_picture_after_a_week(
    ill: int, status: int, bench: Bench, server: ScriptedServer
) -> None:
    """Each night ends, and says how many did not come; a host that only fails is asked for five. Then `image_status`
    says it, the other rows go out, and a picture that came before stays for as long as there are errors."""
    bench.run.web._limits = replace(bench.run.web._limits, backoff_seconds=0.001)
    gallery = Gallery(server, 12)
    bad = [*range(2, 2 + ill)]
    gallery.replies = dict.fromkeys(bad, Reply(status=status))
    bench.write(TABLE.format(url=server.url))
    whole, missing = list[bool](), list[int]()
    for _ in range(9):
        before = len(server.asked)
        visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
        whole.append(visited.harvest.complete)
        missing.append(len(visited.harvest.missing))
        assert len(server.asked) - before <= 1 + 12 + 3 * 5
        advance(bench)
    assert whole == [False] * 7 + [True, True]
    assert missing[0] == (10 if ill > 4 else ill), "behind five in a row nobody is asked, this once"
    assert missing[3:] == [ill] * 4 + [0, 0]
    bench.build("gallery")
    assert [status_of(bench, str(number)) for number in bad] == [(False, "unavailable")] * ill
    assert {status_of(bench, str(number)) for number in {*range(12)} - {*bad}} == {(True, "fetched")}
    gallery.replies.clear()
    for _ in range(31):
        advance(bench)
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    bench.build("gallery")
    assert {status_of(bench, str(number)) for number in range(12)} == {(True, "fetched")}
    gallery.replies = dict.fromkeys(bad, Reply(status=status))
    for _ in range(45):
        advance(bench)
        visited = pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    bench.build("gallery")
    assert status_of(bench, "2") == (True, "fetched")


PLACES = """
    sources:
      gallery:
        title: Pictures of a gallery
        custodian: A Gallery
        harvest: {url}/works.csv
        normalize:
          with: {{makers: {{url: "id >> template({url}/makers/{{}}.csv)", many: true}}}}
          map: {{id: id, title: title, creators: $makers.name}}
        rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-11-20, quote: CC0}}
        languages: [en]
"""


def test_a_table_that_a_row_points_to(bench: Bench, server: ScriptedServer) -> None:
    """Read by the reader of its extension, several records a row; a row whose table is not there keeps the rest."""
    Gallery(server, 3)
    for number in (0, 1):
        body = f"name,born\nMaker {number},1800\nOther {number},1801\n".encode()
        server.on(f"/makers/{number}.csv", Reply(body, headers={"Content-Type": "text/csv"}))
    bench.write(PLACES.format(url=server.url))
    bench.build("gallery")
    rows = rows_of(bench, "gallery")
    assert [one["name"] for one in rows["1"]["creators"]] == ["Maker 1", "Other 1"]
    assert (rows["2"]["creators"], rows["2"]["title"]) == (None, "Work 2")
    assert "image_status" not in rows["1"]


def test_two_records_at_an_address_are_a_fault_unless_the_entry_says_many(bench: Bench, server: ScriptedServer) -> None:
    Gallery(server, 1)
    server.on("/makers/0.csv", Reply(b"name\nA\nB\n", headers={"Content-Type": "text/csv"}))
    bench.write(PLACES.format(url=server.url).replace(", many: true", ""))
    pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    with pytest.raises(SourceChanged, match="write `many: true`"):
        pipeline.normalize_source(bench.run, bench.source("gallery"), bench.folder)


def test_an_entry_that_follows_links_only_now_asks_for_them_and_not_for_the_list(
    bench: Bench, server: ScriptedServer
) -> None:
    """What is fetched stands in `normalize` then; and one that follows none any more lets them go."""
    Gallery(server, 5)
    entry = TABLE.format(url=server.url)
    without = entry.replace("with: {image: {url: picture}}", "files: works.csv")
    bench.write(without)
    bench.build("gallery")
    bench.write(entry)
    before = len(server.asked)
    bench.build("gallery")
    assert sorted(asked_since(server, before)) == [*(f"/pictures/{number}" for number in range(5)), "/works.csv"]
    assert "If-None-Match" in server.asked[before].headers
    assert status_of(bench, "3") == (True, "fetched")
    bench.write(without)
    bench.build("gallery")
    raw = bench.run.raw(bench.source("gallery")).latest()
    assert raw is not None
    assert raw.objects == 1


def test_files_named_like_the_shelf_of_links_are_files(bench: Bench, tmp_path: Path) -> None:
    """No file of a harvest meets what came from links, whatever it is called."""
    folder = tmp_path / "held" / "links" / "image"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("id,title\n1,One\n")
    entry = TABLE.format(url="file:held").replace("file:held/works.csv", f"file:{tmp_path / 'held'}")
    bench.write(entry.replace("with: {image: {url: picture}}", "type: table"))
    bench.build("gallery")
    assert rows_of(bench, "gallery")["1"]["title"] == "One"


def test_what_an_address_holds_that_looks_like_a_secret_is_asked_and_not_kept(
    bench: Bench, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Signed addresses stand in many tables: they are asked in full, and neither shelved nor logged so."""
    gallery = Gallery(server, 3)
    gallery.addresses = {
        0: f"{server.url}/pictures/0?token=s3cr3t-of-a-row",
        1: f"{server.url}/nowhere?token=s3cr3t-of-a-row",
        2: f"{server.url}/wall.jpg?token=s3cr3t-of-a-row",
    }
    server.on("/pictures/0?token=s3cr3t-of-a-row", Reply(picture(0)))
    server.on("/wall.jpg?token=s3cr3t-of-a-row", Reply(b"<!doctype html><html>s3cr3t-of-a-row</html>"))
    bench.write(TABLE.format(url=server.url))
    pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    raw = bench.run.raw(bench.source("gallery"))
    latest = raw.latest()
    assert latest is not None
    held = [one for one in raw.objects(latest.number).values() if one.key.startswith("/links/")]
    assert len(held) == 2
    assert "s3cr3t" not in repr(held) + repr(latest) + caplog.text
    assert "/pictures/0?token=s3cr3t-of-a-row" in server.paths()


NESTED = """
    sources:
      gallery:
        title: Pictures of a gallery
        custodian: A Gallery
        harvest: {url}/works.csv
        normalize:
          rows: $parts
          with:
            object:
              url: "id >> template({url}/object/{{}})"
              with: {{maker: {{url: maker, map: {{extra: {{name: name}}}}}}}}
              map: {{extra: {{maker_name: $maker.name, parts: parts}}}}
            parts: {{url: $object.parts, many: true, rows: "parts[]", map: {{extra: {{n: n, size: size}}}}}}
          map: {{id: $parts.n, creators: $object.maker_name, extra: {{size: $parts.size}}}}
        rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-11-20, quote: CC0}}
        languages: [en]
"""


def test_links_stand_in_joins_of_joins_and_make_rows(bench: Bench, server: ScriptedServer) -> None:
    """A maker that an object points to is asked once, whoever has him; `rows: $parts` makes a row of each part."""
    Gallery(server, 3)
    for number in range(3):
        parts = [{"n": f"{number}-{part}", "size": part} for part in range(2)]
        object_ = {"maker": f"{server.url}/maker", "parts": f"{server.url}/parts/{number}"}
        server.on(f"/object/{number}", Reply(json.dumps(object_).encode()))
        server.on(f"/parts/{number}", Reply(json.dumps({"parts": parts}).encode()))
    server.on("/maker", Reply(b'{"name": "A Maker"}'))
    bench.write(NESTED.format(url=server.url))
    bench.build("gallery")
    rows = rows_of(bench, "gallery")
    assert sorted(rows) == ["0-0", "0-1", "1-0", "1-1", "2-0", "2-1"]
    assert {row["creators"][0]["name"] for row in rows.values()} == {"A Maker"}
    assert max(Counter(server.paths()).values()) == 1
    assert len(server.asked) == 1 + 3 + 1 + 3


@pytest.mark.slow  # a month; `test_f41_a_link_is_dead_...` stays
def test_a_night_without_the_list_forgets_no_link_that_fails_or_is_due(bench: Bench, server: ScriptedServer) -> None:
    """Every other night the list is not there: each link is asked for in the month all the same, and dies as others."""
    bench.run.web._limits = replace(bench.run.web._limits, backoff_seconds=0.01)
    gallery = Gallery(server, 12)
    bench.write(TABLE.format(url=server.url))
    bench.build("gallery")
    gallery.replies[2] = Reply(b"gone", 404)
    before = len(server.asked)
    for night in range(41):
        server.on("/works.csv", gallery._table if night % 2 else Reply(b"no such list", 404))
        advance(bench)
        pipeline.harvest_source(bench.run, bench.source("gallery"), bench.folder)
    server.on("/works.csv", gallery._table)
    bench.build("gallery")
    asked = Counter(path for path in asked_since(server, before) if path != "/works.csv")
    assert asked.keys() == {f"/pictures/{number}" for number in range(12)}
    assert status_of(bench, "2") == (False, "missing")


def test_a_picture_of_two_reads_comes_as_the_more_generous_has_it(bench: Bench, server: ScriptedServer) -> None:
    """The other leaves it out of its own row."""
    gallery = Gallery(server, 2)
    gallery.pictures[1] += bytes(5000)
    more = f"id,title,picture\nx,X,{gallery.address(1)}\n".encode()
    server.on("/more.csv", Reply(more, headers={"Content-Type": "text/csv"}))
    entry = TABLE.format(url=server.url).replace(
        f"harvest: {server.url}/works.csv", f"harvest: [{server.url}/works.csv, {server.url}/more.csv]"
    )
    begin, end = entry.index("normalize:"), entry.index("rights:")
    reads = [f"{{files: {name}, with: {{image: {{url: picture{most}}}}}, map: {{id: id, title: title}}}}"
             for name, most in (("works.csv", ", max_bytes: 2000"), ("more.csv", ""))]  # fmt: skip
    bench.write(f"{entry[:begin]}normalize: [{', '.join(reads)}]\n        {entry[end:]}")
    bench.build("gallery")
    assert status_of(bench, "x") == (True, "fetched")
    assert status_of(bench, "1") == (False, "too large")
    assert server.paths().count("/pictures/1") == 1
