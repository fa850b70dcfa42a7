"""What came from an address stays good: for a later language, other addresses beside it, and keys that ask nothing."""

import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.shelving import Visited
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline_tests.bench import Bench, open_bench
from biglam_pipeline_tests.harvest.repository import envelope, identify, page
from biglam_pipeline_tests.journey.test_secrets import write
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server


def table(server: ScriptedServer, name: str, body: bytes = b"") -> str:
    """A file with an ETag that a conditional request is answered by."""
    content, etag = body or f"id,title\n{name},Map {name} of the parish\n".encode(), f'"{name}"'

    def served(asked: Asked) -> Reply:
        same = asked.headers.get("If-None-Match") == etag
        return Reply(b"" if same else content, 304 if same else 200, {"ETag": etag})

    return server.on(f"/{name}", served)


def visit(bench: Bench) -> Visited:
    return pipeline.harvest_source(bench.run, bench.source("maps"), bench.folder)


def fetched(server: ScriptedServer) -> list[str]:
    """What was asked without a condition since the last look."""
    whole = [one.path for one in server.asked if "If-None-Match" not in one.headers and one.path != "/robots.txt"]
    server.asked.clear()
    return whole


def raw(bench: Bench) -> RawShelf:
    return bench.run.raw(bench.source("maps"))


def as_yesterday(bench: Bench) -> None:
    """The shelf as a release left it that noted neither in which manner it asked, nor which list a cursor is of."""
    shelf = raw(bench).shelf
    for name in shelf.list("harvests/"):
        if name.endswith(".json"):
            closing = json.loads(shelf.read(name))
            del closing["manner"]
            closing["cursor"] = {key: text for key, text in closing["cursor"].items() if not key.endswith("address")}
            shelf.delete(name)
            shelf.swap(name, None, json.dumps(closing).encode())


def in_a_later_release(bench: Bench, name: str) -> dict[str, Any]:
    """A night in a process whose language has grown."""
    settings = {
        "BIGLAM_STATE": str(bench.folder / "state"),
        "BIGLAM_HUB_ENDPOINT": bench.hub.endpoint,
        "BIGLAM_HUB_OWNER": bench.run.repository(bench.source(name)).partition("/")[0],
        "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
    }
    file = str(bench.folder / "sources.yaml")
    words = ["-m", "biglam_pipeline_tests.growing", "night", file, name, bench.run.now().isoformat()]
    done = subprocess.run(
        [sys.executable, *words], env=os.environ | settings, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("yesterday", [False, True])
def test_a_language_that_has_grown_asks_reads_and_publishes_nothing_again(bench: Bench, *, yesterday: bool) -> None:
    with scripted_server() as server:
        write(bench, f"[{table(server, '1.csv')}, {table(server, '2.csv')}]")
        release = bench.night("maps")
        assert fetched(server) == ["/1.csv", "/2.csv"]
        if yesterday:
            as_yesterday(bench)
        after = in_a_later_release(bench, "maps")
        assert after == {"unchanged": True, "read": 0, "written": 0, "commit": release.commit}
        assert fetched(server) == []
        assert bench.commits("maps") == 1


def test_one_more_address_fetches_one_file(bench: Bench) -> None:
    with scripted_server() as server:
        one, two, three = (table(server, f"{number}.csv") for number in (1, 2, 3))
        write(bench, f"[{one}, {two}]")
        bench.build("maps")
        assert fetched(server) == ["/1.csv", "/2.csv"]
        write(bench, f"[{three}, {two}, {one}]")
        assert (visit(bench).harvest.fetched, fetched(server)) == (1, ["/3.csv"])
        assert visit(bench).unchanged
        write(bench, f"[{three}, {one}]")
        gone = visit(bench).harvest
        assert (gone.objects, gone.fetched, fetched(server)) == (2, 0, [])
        bench.build("maps")
        source = bench.source("maps")
        assert pipeline.normalize_source(bench.run, source, bench.folder).read == 0


def test_on_the_shelf_of_yesterday_after_one_quiet_night(bench: Bench) -> None:
    with scripted_server() as server:
        one, two = table(server, "1.csv"), table(server, "2.csv")
        write(bench, one)
        visit(bench)
        as_yesterday(bench)
        assert visit(bench).unchanged
        fetched(server)
        write(bench, f"[{one}, {two}]")
        visit(bench)
        assert fetched(server) == ["/2.csv"]


@pytest.mark.parametrize(
    ("more", "again"),
    [
        ("ignore: '*.pdf'", False),
        ("names: cp866", False),
        ("public: [token]", False),
        ("headers: {X-Api-Key: env:KEY_OF_MAPS}", True),
    ],
)
def test_what_an_address_is_asked_with_counts_and_nothing_else(bench: Bench, more: str, *, again: bool) -> None:
    """A key may open more than what everybody is shown, under the same ETag."""
    opened = open_bench(bench.folder, bench.hub, bench.institution, "manners", KEY_OF_MAPS="open")
    with scripted_server() as server, opened as bench:
        url = table(server, "1.csv")
        write(bench, url)
        visit(bench)
        fetched(server)
        write(bench, f"{{url: {url}, {more}}}")
        assert visit(bench).harvest.complete
        assert fetched(server) == (["/1.csv"] if again else [])
        assert visit(bench).unchanged


def test_a_file_of_the_same_name_in_another_folder_is_another(bench: Bench) -> None:
    for folder in ("a", "b"):
        (bench.folder / folder).mkdir()
        (bench.folder / folder / "1.csv").write_text("id,title\n1,Map\n")
    write(bench, "file:a")
    visit(bench)
    write(bench, "file:b")
    visit(bench)
    assert [held.url for held in raw(bench).objects(2).values()] == ["file:b/1.csv"]


def test_a_damaged_archive_that_is_ignored_by_now_comes_once_more_and_never_again(bench: Bench) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("good.csv", "id,title\n1,Map\n")
        archive.writestr("bad.csv", "id,title\n2,Damaged plan\n")
    broken = packed.getvalue().replace(b"Damaged plan", b"Dxmaged plan")
    with scripted_server() as server:
        url = table(server, "maps.zip", broken)
        write(bench, url)
        assert not visit(bench).harvest.complete
        write(bench, f"{{url: {url}, ignore: bad.csv}}")
        assert visit(bench).harvest.complete
        fetched(server)
        assert visit(bench).unchanged
        assert fetched(server) == []


_TODAY = "2026-01-02T04:00:00Z"


class Sets:
    """An OAI server of several sets that do not change after their first listing."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.url = "oai+" + server.on("/oai", self._answer)
        self.busy = False

    def _answer(self, asked: Asked) -> Reply:
        if asked.query["verb"] == "Identify":
            return identify()
        if self.busy and "resumptionToken" in asked.query:
            return Reply(status=503, headers={"Retry-After": "9999"})
        if "resumptionToken" in asked.query:
            return page([asked.query["resumptionToken"] + "2"], date=_TODAY)
        if "from" in asked.query:
            return Reply(envelope('<error code="noRecordsMatch"/>'))
        return page([asked.query["set"] + "1"], asked.query["set"], date=_TODAY)

    def listed(self) -> list[str]:
        """What was listed since the last look: `a` in full, `a+` what changed, `..a` by a token."""
        lists = [one.query for one in self.server.asked if one.query.get("verb") == "ListRecords"]
        self.server.asked.clear()
        return [
            ".." + one["resumptionToken"] if "resumptionToken" in one else one["set"] + "+" * ("from" in one)
            for one in lists
        ]


@pytest.mark.parametrize("yesterday", [False, True])
@pytest.mark.parametrize("more", ["lag_seconds: 600000", "max_pages: 5", "relist: never", "max_hours: 2"])
def test_a_cursor_outlives_keys_that_ask_nothing_else(bench: Bench, more: str, *, yesterday: bool) -> None:
    with scripted_server() as server:
        sets = Sets(server)
        write(bench, f"{sets.url}?set=a")
        visit(bench)
        assert sets.listed() == ["a", "..a"]
        if yesterday:
            as_yesterday(bench)
            assert visit(bench).unchanged
            assert sets.listed() == ["a+"]
        write(bench, f"{{url: '{sets.url}?set=a', {more}}}")
        found = visit(bench).harvest
        assert (found.complete, found.objects, found.fetched) == (True, 2, 0)
        since = [one.query["from"] for one in server.asked if "from" in one.query]
        assert (since[0] < "2026-01-01") == more.startswith("lag")  # at once, and not from the visit after
        assert sets.listed() == ["a+"]
        assert visit(bench).unchanged


def test_lists_of_records_come_and_go_each_with_its_cursor(bench: Bench) -> None:
    with scripted_server() as server:
        sets = Sets(server)

        def now_with(*names: str) -> tuple[list[str], list[str]]:
            write(bench, str([f"{sets.url}?set={name}" for name in names]))
            number = visit(bench).harvest.number
            assert raw(bench).harvest(number).complete
            return sets.listed(), sorted(raw(bench).objects(number))

        assert now_with("a") == (["a", "..a"], ["00001/000000.xml", "00001/000001.xml"])
        both = ["00001/000000.xml", "00001/000001.xml", "00002/000/000000.xml", "00002/000/000001.xml"]
        assert now_with("a", "b") == (["a+", "b", "..b"], both)
        assert now_with("b", "a") == (["b+", "a+"], both)
        assert now_with("b", "a") == (["b+", "a+"], both)
        assert now_with("b") == (["b+"], both[2:])
        assert now_with("c", "b") == (["c", "..c", "b+"], [*both[2:], "00005/001/000000.xml", "00005/001/000001.xml"])
        assert now_with("a") == (["a", "..a"], ["00006/002/000000.xml", "00006/002/000001.xml"])


def test_a_visit_that_was_cut_off_goes_on_under_another_limit(bench: Bench) -> None:
    with scripted_server() as server:
        sets = Sets(server)
        write(bench, f"{sets.url}?set=a")
        sets.busy = True
        with pytest.raises(ServerBusy):
            visit(bench)
        sets.busy = False
        sets.listed()
        write(bench, f"{{url: '{sets.url}?set=a', max_pages: 50}}")
        assert visit(bench).harvest.objects == 2
        assert sets.listed() == ["..a"]
        write(bench, f"{{url: '{sets.url}?set=b', max_pages: 50}}")
        assert visit(bench).harvest.objects == 2
        assert sets.listed() == ["b", "..b"]
