"""What is missing for one night is not forgotten: the next asks for it by what is known, and counts it if it is."""

import io
import json
import zipfile
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest.shelving import Visited
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_secrets import write
from biglam_pipeline_tests.journey.test_what_holds_on import fetched, raw, table, visit
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

GONE = Reply(status=404)
WALL = Reply(b"<!DOCTYPE html><title>Consent</title>", headers={"Content-Type": "text/html"})


def keys(visited: Visited, bench: Bench) -> list[str]:
    return sorted(raw(bench).objects(visited.harvest.number))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def begun(bench: Bench, server: ScriptedServer) -> Visited:
    """Two files, harvested."""
    write(bench, f"[{table(server, '1.csv')}, {table(server, '2.csv')}]")
    first = visit(bench)
    fetched(server)
    return first


@pytest.mark.representative(3)  # away in other ways, or for longer
@pytest.mark.parametrize("away", [GONE, WALL, Reply(status=400)])
@pytest.mark.parametrize("nights", [1, 2, 4])
def test_a_file_that_was_away_is_asked_for_by_its_validators(
    away: Reply, nights: int, bench: Bench, server: ScriptedServer
) -> None:
    first = begun(bench, server)
    for number in range(nights):
        server.on("/2.csv", away)
        missed = visit(bench)
        assert (missed.harvest.complete, missed.unchanged) == (False, False)
        assert keys(missed, bench) == ["1.csv"], "it counts as there only when its server says so"
        assert missed.harvest.number == 2 + number
        assert [name[:12] for name in raw(bench).shelf.list("absent/")] == [f"absent/{2 + number:05d}"]
    table(server, "2.csv")
    fetched(server)
    back = visit(bench)
    assert back.harvest.complete
    assert keys(back, bench) == ["1.csv", "2.csv"]
    assert back.harvest.digest == first.harvest.digest
    assert back.harvest.fetched == 0
    assert fetched(server) == [], "not a byte of it comes again"
    assert raw(bench).content(raw(bench).objects(back.harvest.number)["2.csv"]).startswith(b"id,title\n2.csv")
    assert not raw(bench).shelf.list("absent/")
    assert visit(bench).unchanged


def test_what_is_away_is_never_published_and_what_stood_stays(bench: Bench, server: ScriptedServer) -> None:
    begun(bench, server)
    assert bench.night("maps").rows == 2
    server.on("/2.csv", GONE)
    with pytest.raises(SourceChanged):
        bench.build("maps")
    assert len(bench.rows("maps")) == 2
    table(server, "2.csv")
    release = bench.night("maps")
    assert (release.rows, release.files_sent, bench.commits("maps")) == (2, 0, 1)


def test_f07_nothing_at_all_in_the_place_of_a_file_is_not_its_new_state(bench: Bench, server: ScriptedServer) -> None:
    """A script that died behind its head, a disk that was full: 200, and not a byte. One that was empty may be so."""
    server.on("/3.csv", Reply(b"", headers={"Content-Type": "text/csv"}))
    write(bench, f"[{table(server, '1.csv')}, {table(server, '2.csv')}, {server.url}/3.csv]")
    assert visit(bench).harvest.complete
    server.on("/2.csv", Reply(b"", headers={"ETag": '"empty"', "Content-Type": "text/csv"}))
    server.on("/3.csv", Reply(b"", headers={"ETag": '"still"', "Content-Type": "text/csv"}))
    away = visit(bench)
    assert [(one["key"], one["reason"]) for one in away.harvest.missing] == [("2.csv", "empty")]
    table(server, "2.csv")
    back = visit(bench)
    assert (back.harvest.complete, back.harvest.fetched, len(keys(back, bench))) == (True, 0, 3)


def test_it_came_back_as_another_file(bench: Bench, server: ScriptedServer) -> None:
    begun(bench, server)
    server.on("/2.csv", GONE)
    visit(bench)
    server.on("/2.csv", Reply(b"id,title\n9,New\n", headers={"ETag": '"new"'}))
    back = visit(bench)
    assert (back.harvest.complete, back.harvest.fetched) == (True, 1)
    assert raw(bench).content(raw(bench).objects(back.harvest.number)["2.csv"]) == b"id,title\n9,New\n"


def test_what_is_not_listed_any_more_does_not_come_back(bench: Bench, server: ScriptedServer) -> None:
    """One file is missing, one leaves the list; then the list itself cannot be had, which takes and gives nothing."""
    for name in ("1.csv", "2.csv", "3.csv"):
        table(server, name)
    index = server.on("/list.txt", Reply(b"1.csv\n2.csv\n3.csv\n"))
    write(bench, f"'{index}#*.csv'")
    visit(bench)
    server.on("/list.txt", Reply(b"1.csv\n2.csv\n"))
    server.on("/2.csv", GONE)
    assert keys(visit(bench), bench) == ["1.csv"]
    server.on("/list.txt", GONE)
    assert keys(visit(bench), bench) == ["1.csv"]
    server.on("/list.txt", Reply(b"1.csv\n2.csv\n"))
    table(server, "2.csv")
    fetched(server)
    back = visit(bench)
    assert (keys(back, bench), back.harvest.complete, fetched(server)) == (["1.csv", "2.csv"], True, ["/list.txt"])


def test_a_name_that_its_server_gave_is_found_by_its_address(bench: Bench, server: ScriptedServer) -> None:
    def served(asked: Asked) -> Reply:
        said = {"ETag": '"1"', "Content-Disposition": 'attachment; filename="maps.csv"'}
        return Reply(b"id,title\n1,A\n", 304 if asked.headers.get("If-None-Match") == '"1"' else 200, said)

    url = server.on("/get", served)
    write(bench, f"[{url}, {table(server, '1.csv')}]")
    visit(bench)
    server.on("/get", GONE)
    visit(bench)
    server.on("/get", served)
    fetched(server)
    assert (keys(visit(bench), bench), fetched(server)) == (["1.csv", "get/maps.csv"], [])


def test_another_manner_of_asking_begins_from_nothing(bench: Bench, server: ScriptedServer) -> None:
    begun(bench, server)
    server.on("/2.csv", GONE)
    visit(bench)
    table(server, "2.csv")
    write(bench, f"{{url: [{server.url}/1.csv, {server.url}/2.csv], headers: {{X-A: env:PATH}}}}")
    fetched(server)
    with pytest.raises(Exception, match="PATH"):
        visit(bench)
    write(bench, f"[{server.url}/2.csv, {server.url}/1.csv]")
    assert (visit(bench).harvest.complete, fetched(server)) == (True, []), "the same manner, in another order"


@pytest.mark.parametrize("what", ["batch", "note"])
def test_what_was_erased_meanwhile_is_asked_for_whole(what: str, bench: Bench, server: ScriptedServer) -> None:
    """2.csv came alone, into a batch of its own, which somebody deletes; or the note of what was away is damaged."""
    write(bench, table(server, "1.csv"))
    visit(bench)
    write(bench, f"[{server.url}/1.csv, {table(server, '2.csv')}]")
    visit(bench)
    server.on("/2.csv", GONE)
    visit(bench)
    [note] = raw(bench).shelf.list("absent/")
    victim = raw(bench).shelf.local(note if what == "note" else "batches/00002-000001.parquet")
    victim.unlink() if what == "batch" else victim.write_bytes(victim.read_bytes()[:50])
    table(server, "2.csv")
    fetched(server)
    back = visit(bench)
    assert (keys(back, bench), back.harvest.complete) == (["1.csv", "2.csv"], True)
    assert fetched(server) == ["/2.csv"]


def test_a_takedown_in_between_holds(bench: Bench, server: ScriptedServer) -> None:
    begun(bench, server)
    bench.night("maps")
    server.on("/2.csv", GONE)
    visit(bench)
    source, request = bench.source("maps"), Request("2.csv", "privacy")
    plan = plan_takedown(bench.run, source, bench.folder, request)
    take_down(bench.run, source, bench.folder, plan, request)
    table(server, "2.csv")
    fetched(server)
    assert bench.night("maps").rows == 1
    assert fetched(server) == []
    assert [row["source_record_id"] for row in bench.rows("maps")] == ["1.csv"]


def test_an_archive_with_a_damaged_member_that_was_away(bench: Bench, server: ScriptedServer) -> None:
    """It stands with what can be read of it; away for a night, it is remembered with what was known of it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("good.csv", "id,title\n1,A\n")
        archive.writestr("bad.csv", "id,title\n2,B\n")
    data = bytearray(packed.getvalue())
    at = data.index(b"2,B")
    data[at] ^= 1
    url = server.on("/maps.zip", lambda asked: Reply(bytes(data), headers={"ETag": '"z"'}))
    write(bench, f"[{url}, {table(server, '1.csv')}]")
    assert [one["reason"] for one in visit(bench).harvest.missing] == ["damaged"]
    server.on("/maps.zip", GONE)
    away = visit(bench)
    assert (keys(away, bench), len(away.harvest.missing)) == (["1.csv"], 1)
    server.on("/maps.zip", lambda asked: Reply(bytes(data), headers={"ETag": '"z"'}))
    back = visit(bench)
    assert (keys(back, bench), back.harvest.complete) == (["1.csv", "maps.zip"], False)
    assert [one["reason"] for one in back.harvest.missing] == ["damaged"]
    assert back.harvest.fetched == 0, "the same bytes are not shelved twice"


def test_a_local_file_that_could_not_be_read_for_a_night(bench: Bench) -> None:
    folder = bench.folder / "desk"
    folder.mkdir()
    (folder / "a.csv").write_text("id,title\n1,A\n")
    (folder / "b.csv").write_text("id,title\n2,B\n")
    write(bench, "file:desk")
    visit(bench)
    (folder / "b.csv").rename(bench.folder / "b.csv")
    (folder / "b.csv").symlink_to(bench.folder / "b.csv")  # it leads out of the folder
    assert keys(visit(bench), bench) == ["a.csv"]
    (folder / "b.csv").unlink()
    (bench.folder / "b.csv").rename(folder / "b.csv")
    back = visit(bench)
    assert (keys(back, bench), back.harvest.complete, back.harvest.fetched) == (["a.csv", "b.csv"], True, 0)


def test_pages_behind_one_that_failed_are_remembered(bench: Bench, server: ScriptedServer) -> None:
    """A list that breaks off at its second page: those behind it were not even asked for."""

    def paged(number: int) -> str:
        def served(asked: Asked) -> Reply:
            following = f'"{server.url}/page/{number + 1}"' if number < 4 else "null"
            body = f'{{"total": 8, "next": {following}, "data": [{{"id": {2 * number - 1}, "title": "A"}}, '
            body += f'{{"id": {2 * number}, "title": "B"}}]}}'
            same = asked.headers.get("If-None-Match") == f'"{number}"'
            head = {"ETag": f'"{number}"', "Content-Type": "application/json"}
            return Reply(b"" if same else body.encode(), 304 if same else 200, head)

        return server.on(f"/page/{number}", served)

    urls = [paged(number) for number in range(1, 5)]
    write(bench, f"json+{urls[0]}")
    bench.catalog.get("maps")
    first = visit(bench)
    assert (first.harvest.objects, first.harvest.complete) == (4, True)
    server.on("/page/2", GONE)
    assert visit(bench).harvest.objects == 1
    paged(2)
    fetched(server)
    back = visit(bench)
    assert (back.harvest.objects, back.harvest.complete, back.harvest.fetched) == (4, True, 0)
    assert fetched(server) == []


def test_a_night_that_breaks_off_forgets_nothing(bench: Bench, server: ScriptedServer) -> None:
    """Missing once, and busy the night after; what the attempts cost is in the account of the visit that ends."""
    begun(bench, server)
    server.on("/2.csv", GONE)
    visit(bench)
    server.on("/2.csv", Reply(status=503, headers={"Retry-After": "4000"}))
    with pytest.raises(ServerBusy):
        visit(bench)
    table(server, "2.csv")
    fetched(server)
    back = visit(bench)
    assert (back.harvest.complete, back.harvest.fetched, fetched(server)) == (True, 0, [])
    [cost] = back.costs.values()
    assert (cost.requests, cost.failed, cost.not_modified) == (4, 1, 3)
    note = json.loads(raw(bench).shelf.read(f"harvests/{back.harvest.number:05d}.json"))
    assert [one["requests"] for one in note["costs"].values()] == [4]


def test_the_note_has_what_its_page_says(bench: Bench, server: ScriptedServer) -> None:
    begun(bench, server)
    server.on("/2.csv", GONE)
    visit(bench)
    [note] = raw(bench).shelf.list("absent/")
    [row] = pq.read_table(raw(bench).shelf.local(note)).to_pylist()
    assert (row["key"], row["etag"], row["harvest"]) == ("2.csv", '"2.csv"', 1)
    assert "content" not in row


def test_a_quiet_night_costs_what_it_asks_and_closes_no_harvest(bench: Bench, server: ScriptedServer) -> None:
    first = begun(bench, server)
    quiet = visit(bench)
    assert (quiet.unchanged, quiet.harvest.number, quiet.harvest.digest) == (True, 1, first.harvest.digest)
    [(host, cost)] = quiet.costs.items()
    assert (host, cost.requests, cost.bytes, cost.not_modified) == (f"127.0.0.1:{server.port}", 2, 0, 2)
    assert raw(bench).last_costs()[host].requests == 2
    assert json.loads(raw(bench).shelf.read("checked.json"))["costs"][host] == {"requests": 2, "not_modified": 2}
    assert raw(bench).shelf.list("harvests/") == ["harvests/00001.json", "harvests/00001.parquet"]
    assert first.costs[host].requests == 2
