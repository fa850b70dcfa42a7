"""An API that says what has changed: a night asks for that alone, and once a month for everything."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.protocols.json_api import JsonApi
from biglam_pipeline.harvest.protocols.json_api.since import with_since
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

ENTRY = """
    sources:
      objects:
        title: Objects
        custodian: A museum
        harvest: {{url: "json+{url}/objects?size=10", since: updated_after, lag_seconds: 60}}
        normalize: {{rows: "items[]", map: {{id: id, title: title}}}}
        rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-11-20, quote: CC0}}
        languages: [en]
"""


class House:
    """An API whose objects carry the moment of their last change, by the clock of the bench."""

    def __init__(self, server: ScriptedServer, bench: Bench) -> None:
        self.server, self.bench, self.looks = server, bench, True
        self.objects: dict[str, tuple[str, datetime]] = {}
        for number in range(25):
            self.put(f"o{number:02d}", f"Object {number}")
        server.on("/objects", self._list)

    def put(self, name: str, title: str) -> None:
        self.objects[name] = (title, self.bench.run.now())

    def _list(self, asked: Asked) -> Reply:
        since = asked.query.get("updated_after", "") if self.looks else ""
        after = datetime.fromisoformat(since.replace("Z", "+00:00")) if since else None
        chosen = [
            {"id": name, "title": title, "of": title.split()[0]}
            for name, (title, at) in self.objects.items()
            if not after or at >= after
        ]
        page, size = int(asked.query.get("page", "1")), 10
        shown = chosen[size * (page - 1) : size * page]
        body: dict[str, Any] = {"total": len(chosen), "items": shown}
        if size * page < len(chosen):
            moment = f"&updated_after={since}" if since else ""
            body["next"] = f"{self.server.url}/objects?size=10{moment}&page={page + 1}"
        return Reply(json.dumps(body).encode(), headers={"Content-Type": "application/json"})

    def asked(self) -> list[str]:
        """The moments that were asked for since the last look; empty for a page of the whole list."""
        found = [one.query.get("updated_after", "") for one in self.server.asked]
        self.server.asked.clear()
        return found


@pytest.fixture
def house(bench: Bench) -> Iterator[House]:
    with scripted_server() as server:
        bench.write(ENTRY.format(url=server.url))
        yield House(server, bench)


def night(bench: Bench, days: int = 1) -> None:
    for _ in range(days):
        bench.run.now.advance()  # type: ignore[attr-defined]
    bench.build("objects")


def titles(bench: Bench) -> dict[str, str]:
    parts = bench.run.shards(bench.source("objects"))
    manifest = parts.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in parts.table(part).to_pylist()]
    return {row["source_record_id"]: row["title"] for row in rows}


def test_a_night_asks_for_what_has_changed(bench: Bench, house: House) -> None:
    night(bench)
    assert house.asked() == ["", "", ""]
    assert len(titles(bench)) == 25
    night(bench)
    assert len(house.asked()) == 1
    assert bench.run.raw(bench.source("objects")).latest().number == 1, "nothing has changed"  # type: ignore[union-attr]
    night(bench)
    house.put("o03", "Corrected")
    house.put("new", "Added")
    del house.objects["o07"]
    house.asked()
    night(bench)
    (moment,) = house.asked()
    assert moment
    found = titles(bench)
    assert (found["o03"], found["new"], len(found)) == ("Corrected", "Added", 26), (
        "no list of changes says what is gone"
    )
    harvest = bench.run.raw(bench.source("objects")).latest()
    assert harvest is not None
    assert (harvest.mode, harvest.complete, harvest.fetched) == ("extend", True, 1)


@pytest.mark.representative(1)  # another API
@pytest.mark.parametrize("late", [False, True])
def test_what_where_does_not_choose_any_more_goes_that_night(bench: Bench, house: House, *, late: bool) -> None:
    """A museum takes back that an object is in the public domain. late: `where` asks for a column that is filled."""
    where = "{$genres: Object}" if late else "{of: Object}"
    bench.write(
        ENTRY.format(url=house.server.url).replace("title: title}", f"title: title, genres: of}}, where: {where}")
    )
    house.put("o24", "Closed since always")
    night(bench)
    assert len(titles(bench)) == 24
    house.put("o03", "Closed")
    house.put("o04", "Object corrected")
    night(bench)
    found = titles(bench)
    assert ("o03" in found, found["o04"], len(found)) == (False, "Object corrected", 23)
    house.put("o03", "Object again")
    night(bench)
    assert titles(bench)["o03"] == "Object again"


def test_once_a_month_all_is_listed_and_what_is_gone_goes(bench: Bench, house: House) -> None:
    night(bench)
    house.put("o03", "Corrected")
    night(bench)
    del house.objects["o07"]
    house.asked()
    night(bench, 30)
    assert house.asked() == ["", "", ""]
    found = titles(bench)
    assert ("o07" in found, found["o03"], len(found)) == (False, "Corrected", 24)
    night(bench)
    assert len(house.asked()) == 1, "the night behind it asks for changes again"


def test_a_full_list_that_finds_nothing_is_asked_for_once_a_month(bench: Bench, house: House) -> None:
    night(bench)
    house.asked()
    night(bench, 29)
    assert house.asked() == ["", "", ""]
    assert bench.run.raw(bench.source("objects")).latest().number == 1  # type: ignore[union-attr]
    night(bench)
    assert len(house.asked()) == 1
    night(bench, 28)
    assert house.asked() == ["", "", ""]


def test_a_server_that_gives_everything_is_seen_and_asked_so_no_more(bench: Bench, house: House) -> None:
    house.looks = False
    night(bench)
    house.asked()
    del house.objects["o07"]
    house.put("new", "Added")
    night(bench)
    assert house.asked()[0]
    assert set(titles(bench)) == set(house.objects), "what it gave is all that there is"
    night(bench)
    assert house.asked() == ["", "", ""]


def test_a_night_that_was_cut_off_goes_on_where_it_was(bench: Bench, house: House) -> None:
    night(bench)
    for number in range(12):
        house.put(f"o{number:02d}", f"Changed {number}")
    house.put("o24", "Changed last")
    real = house._list

    def failing(asked: Asked) -> Reply:
        return Reply(status=503) if asked.query.get("page") == "2" else real(asked)

    house.server.on("/objects", failing)
    house.asked()
    with pytest.raises(ServerBusy):
        night(bench)
    house.server.on("/objects", real)
    house.asked()
    night(bench)
    assert len(house.asked()) == 1, "the first page of changes is on the shelf"
    found = titles(bench)
    assert (found["o00"], found["o11"], found["o24"], len(found)) == ("Changed 0", "Changed 11", "Changed last", 25)


def test_who_says_since_only_now_loses_nothing(bench: Bench, house: House) -> None:
    plain = ENTRY.replace(", since: updated_after, lag_seconds: 60", "")
    bench.write(plain.format(url=house.server.url))
    night(bench)
    bench.write(ENTRY.format(url=house.server.url))
    night(bench)
    house.asked()
    night(bench)
    assert len(house.asked()) == 1
    assert len(titles(bench)) == 25


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("modified", "?a=1&modified=2026-11-25T01%3A00%3A00Z"),
        ({"day": "{day}"}, "?a=1&day=2026-11-25"),
        ({"at": "{seconds}"}, "?a=1&at=1795568400"),
        ({"qf": "updated:[{time} TO *]"}, "?a=1&qf=updated%3A%5B2026-11-25T01%3A00%3A00Z%20TO%20%2A%5D"),
    ],
)
def test_how_a_moment_is_written(said: Any, asked: str) -> None:
    moment = datetime.fromisoformat("2026-11-25T02:00:00+01:00")
    assert with_since("https://a.org/x?a=1", said, moment) == f"https://a.org/x{asked}"


@pytest.mark.parametrize("said", ["a=b", "", {"a": "b"}, {"a": "{day}", "b": "{day}"}, {}, {"a": "{month}"}])
def test_what_holds_no_moment_is_refused(said: Any) -> None:
    with pytest.raises(ValidationError, match="since"):
        JsonApi.model_validate({"url": "json+https://a.org/x", "since": said})


def test_the_clock_of_the_bench_goes_by_days(bench: Bench) -> None:
    """Of which the nights above make use."""
    before = bench.run.now()
    bench.run.now.advance()  # type: ignore[attr-defined]
    assert bench.run.now() - before >= timedelta(days=1)
