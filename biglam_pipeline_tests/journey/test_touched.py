"""h11: what is the same under a new time or ETag is read once more, and then known again."""

import os

from biglam_pipeline import pipeline
from biglam_pipeline.harvest.shelving import Visited
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_secrets import TABLE, write
from biglam_pipeline_tests.opening import opened_below
from biglam_pipeline_tests.servers.web import Asked, Reply, scripted_server


def visit(bench: Bench) -> Visited:
    return pipeline.harvest_source(bench.run, bench.source("maps"), bench.folder)


def test_a_touched_file_is_read_once(bench: Bench) -> None:
    path = bench.folder / "one.csv"
    path.write_bytes(TABLE)
    write(bench, "file:one.csv")
    assert not visit(bench).unchanged
    for moment in (1_000, 2_000):
        os.utime(path, ns=(moment, moment))
        assert visit(bench).unchanged
        with opened_below(bench.folder) as opened:
            assert visit(bench).unchanged
            assert visit(bench).unchanged
        assert "one.csv" not in opened
    assert len(bench.run.raw(bench.source("maps")).shelf.list("stamps/")) == 1


def test_a_touched_file_beside_a_new_one_is_read_once(bench: Bench) -> None:
    folder = bench.folder / "data"
    folder.mkdir()
    (folder / "one.csv").write_bytes(TABLE)
    write(bench, "file:data")
    visit(bench)
    os.utime(folder / "one.csv", ns=(1_000, 1_000))
    (folder / "two.csv").write_bytes(TABLE.replace(b"Map", b"Cup"))
    assert visit(bench).harvest.number == 2
    with opened_below(folder) as opened:
        assert visit(bench).unchanged
    assert opened == []


def test_a_file_under_a_new_etag_comes_once(bench: Bench) -> None:
    etags = iter(['"1"', '"2"', '"2"', '"3"', '"3"'])

    def served(asked: Asked) -> Reply:
        etag = next(etags)
        return Reply(
            TABLE if asked.headers.get("If-None-Match") != etag else b"",
            headers={"ETag": etag},
            status=304 if asked.headers.get("If-None-Match") == etag else 200,
        )

    with scripted_server() as server:
        write(bench, server.on("/one.csv", served))
        visit(bench)
        assert [visit(bench).unchanged for _ in range(4)] == [True] * 4
        asked = [one.headers.get("If-None-Match") for one in server.asked]
        assert asked == [None, '"1"', '"2"', '"2"', '"3"']


def test_a_note_of_stamps_that_is_damaged_harms_nothing(bench: Bench) -> None:
    path = bench.folder / "one.csv"
    path.write_bytes(TABLE)
    write(bench, "file:one.csv")
    visit(bench)
    shelf = bench.run.raw(bench.source("maps")).shelf
    for bad in (b"", b"x", b"\x1f\x8b\x08\x00", b"null"):
        os.utime(path, ns=(1_000, 1_000))
        assert visit(bench).unchanged
        [name] = shelf.list("stamps/")
        shelf.local(name).write_bytes(bad)
        assert visit(bench).unchanged
