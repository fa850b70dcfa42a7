"""Records of Zenodo as a source, and what holds of every list of files."""

import re
from pathlib import Path
from typing import Any

import pytest
from protego import Protego

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest import listing
from biglam_pipeline.harvest.protocols.doi import Doi
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf
from biglam_pipeline_tests.harvest.protocols.records import Zenodo, keys, missed, rewrite, said
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

CONCEPT, RECORD, NEWER = 5838409, 5838410, 6000001


def offer(server: ScriptedServer, folder: Path) -> Offer:
    objects = {f"{name}.csv": f"x,y\n{name},1\n".encode() for name in "abc"}
    Zenodo(server).publish(CONCEPT, RECORD, objects)

    def find(key: str) -> None:
        server.on(f"/api/records/{RECORD}/files/{key}/content", Reply(objects[key]))

    def lose(key: str) -> None:
        server.on(f"/api/records/{RECORD}/files/{key}/content", Reply(status=404))

    return Offer({"url": [f"zenodo:{RECORD}"]}, objects, lose, find, rewrite(server))


@pytest.fixture
def zenodo(server: ScriptedServer) -> Zenodo:
    return Zenodo(server)


@pytest.fixture
def shelf(server: ScriptedServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of(rewrite(server))


def of(*addresses: str, **settings: Any) -> Doi:
    return Doi(url=tuple(addresses), **settings)


def test_two_nights_added_corrected_removed_restored(zenodo: Zenodo, shelf: Shelf, server: ScriptedServer) -> None:
    """A number for all versions follows the newest; what has the digest of before is not fetched again."""
    source = of(f"zenodo:{CONCEPT}")
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1", "b.csv": b"2", "c.csv": b"3"})
    first = shelf.visit(source)
    assert (keys(first), first.evidence.complete) == (["a.csv", "b.csv", "c.csv"], True)
    assert first.evidence.proof == "3 files listed, 3 chosen, 3 came whole, 0 unchanged, 0 missing"
    assert [(one.offered, one.harvested) for one in first.evidence.coverage] == [(3, 3)]
    zenodo.publish(CONCEPT, NEWER, {"a.csv": b"1", "b.csv": b"two", "d.csv": b"4"})
    del server.asked[:]
    second = shelf.visit(source)
    assert (keys(second), second.kept, sorted(shelf.held)) == (
        ["b.csv", "d.csv"],
        ["a.csv"],
        ["a.csv", "b.csv", "d.csv"],
    )
    assert [path for path in server.paths() if path.endswith("/content")] == [
        f"/api/records/{NEWER}/files/b.csv/content",
        f"/api/records/{NEWER}/files/d.csv/content",
    ]
    zenodo.publish(CONCEPT, NEWER + 1, {"a.csv": b"1", "b.csv": b"two", "c.csv": b"3", "d.csv": b"4"})
    assert keys(shelf.visit(source)) == ["c.csv"]


@pytest.mark.parametrize(("record", "requests"), [(RECORD, 3), (CONCEPT, 4)])
def test_a_quiet_night_costs_the_list_and_the_page_of_the_newest(
    record: int, requests: int, zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    """Of all versions: that the number has no files, where the newest is (a redirect), and its list."""
    zenodo.publish(CONCEPT, RECORD, {f"{number:03d}.csv": b"x" * number for number in range(1, 101)})
    shelf.visit(of(f"zenodo:{record}"))
    del server.asked[:]
    quiet = shelf.visit(of(f"zenodo:{record}"))
    assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 100, True)
    assert len(server.asked) == requests
    assert not [path for path in server.paths() if path.endswith("/content")]


def test_only_what_robots_txt_of_zenodo_allows_is_asked_for(
    zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    """As it is in 2026: https://zenodo.org/robots.txt"""
    rules = Protego.parse(
        "User-agent: *\nDisallow: /search\nDisallow: /api\nDisallow: /uploads\nDisallow: /records/*/preview\n"
        "Disallow: /api/records/*/files-archive\nAllow: /api/records/*/files\nCrawl-delay: 10\n"
    )
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    shelf.visit(of(f"zenodo:{CONCEPT}"))
    shelf.visit(of(f"zenodo:{RECORD}"))
    assert len(server.paths()) > 6
    assert all(rules.can_fetch(f"https://zenodo.org{path}", "biglam-pipeline") for path in server.paths())


def test_a_version_stays_and_a_newer_one_is_reported(
    zenodo: Zenodo, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    assert "newer" not in shelf.visit(of(f"zenodo:{RECORD}")).evidence.proof
    zenodo.publish(CONCEPT, NEWER, {"a.csv": b"2"})
    second = shelf.visit(of(f"zenodo:{RECORD}"))
    words = f"zenodo:{RECORD} is a version of which a newer one has come, zenodo:{NEWER}"
    assert (second.kept, second.evidence.complete) == (["a.csv"], True)
    assert words in second.evidence.proof
    assert words in caplog.text


def test_whether_there_is_a_newer_version_makes_no_file_wrong(
    zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    server.on(f"/records/{RECORD}/latest", Reply(status=404))
    assert shelf.visit(of(f"zenodo:{RECORD}")).evidence.complete


@pytest.mark.parametrize("leads", ["page", "list"])
def test_a_number_for_all_versions_is_known_by_any_of_its_redirects(
    leads: str, zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    server.on(f"/records/{CONCEPT}/latest", Reply(status=404))
    path = "/records/{}" if leads == "page" else "/api/records/{}/files"
    there = Reply(status=302, headers={"Location": f"https://zenodo.org{path.format(RECORD)}"})
    server.on(path.format(CONCEPT), there)
    outcome = shelf.visit(of(f"zenodo:{CONCEPT}"))
    assert (keys(outcome), outcome.evidence.complete) == (["a.csv"], True)
    assert "newer" not in outcome.evidence.proof


def test_a_pattern_chooses_and_one_that_fits_nothing_says_what_there_is(zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(CONCEPT, RECORD, dict.fromkeys(("a.csv", "a.txt", "b.csv", "c.jpg"), b"1"))
    chosen = shelf.visit(of(f"zenodo:{RECORD}#*.csv", ignore="b.csv"))
    assert (keys(chosen), chosen.evidence.left_out) == (["a.csv"], {"ignored": 1})
    nothing = shelf.visit(of(f"zenodo:{RECORD}#*.zip"))
    assert missed(nothing) == [(f"zenodo:{RECORD}", "not_found")]
    assert "it has a.csv, a.txt, b.csv and 1 more; correct the pattern" in nothing.missing[0].detail


def test_patterns_that_overlap_bring_a_file_once(zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1", "ab.csv": b"2"})
    assert keys(shelf.visit(of(f"zenodo:{RECORD}#a*.csv", f"zenodo:{RECORD}#*b.csv"))) == ["a.csv", "ab.csv"]


def test_names_of_two_records_do_not_meet(zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(1, 2, {"a.csv": b"1", "b.csv": b"2"})
    zenodo.publish(3, 4, {"a.csv": b"3"})
    assert keys(shelf.visit(of("zenodo:2", "zenodo:4"))) == ["2/a.csv", "b.csv", "4/a.csv"]


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (
            said({"status": 403, "message": "Permission denied."}, 403),
            "restricted",
            'says "Permission denied."; wait where it is under embargo',
        ),
        (
            said({"status": 410, "message": "Record deleted", "tombstone": {"note": "Not ours"}}, 410),
            "gone",
            'was withdrawn .* says "Record deleted: Not ours"',
        ),
        (Reply(b'{"entries": [{"key":'), "damaged", "came cut"),
        (said({"entries": {"a.csv": {}}}), "damaged", "entries is not the list"),
        (said(["a.csv"]), "damaged", "entries is not the list"),
        (Reply(b"<!doctype html><title>Just a moment</title>"), "wall", "Just a moment"),
        (said({"entries": []}), "not_found", "lists no file"),
    ],
)
def test_a_list_that_cannot_be_had_takes_nothing_away(
    reply: Reply, reason: str, words: str, zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1", "b.csv": b"2"})
    shelf.visit(of(f"zenodo:{RECORD}"))
    server.on(f"/api/records/{RECORD}/files", reply)
    lost = shelf.visit(of(f"zenodo:{RECORD}"))
    assert (missed(lost), lost.kept) == ([(f"zenodo:{RECORD}", reason)], ["a.csv", "b.csv"])
    assert re.search(words, lost.missing[0].detail)
    assert not lost.evidence.complete
    assert lost.evidence.proof.endswith("1 missing, 2 kept from before")
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1", "b.csv": b"2"})
    del server.asked[:]
    assert shelf.visit(of(f"zenodo:{RECORD}")).evidence.complete
    assert not [path for path in server.paths() if path.endswith("/content")], "what was kept is not fetched again"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b"<html>Forbidden", 403), SourceChanged),
        (Reply(b"", 403), SourceChanged),
        (Reply(b"{}", 429, {"Retry-After": "3600"}), ServerBusy),
        (Reply(b"{}", 503), ServerBusy),
    ],
)
def test_a_wall_or_a_limit_ends_the_visit(
    reply: Reply, error: type[Exception], zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    server.on(f"/api/records/{RECORD}/files", reply)
    with pytest.raises(error):
        shelf.visit(of(f"zenodo:{RECORD}"))


def test_a_list_in_pages_is_read_to_its_end(zenodo: Zenodo, shelf: Shelf, server: ScriptedServer) -> None:
    zenodo.publish(CONCEPT, RECORD, {f"{name}.csv": name.encode() for name in "abcd"})
    entries = [zenodo.entry(RECORD, f"{name}.csv") for name in "abcd"]
    url = f"https://zenodo.org/api/records/{RECORD}/files?page=2"
    zenodo.list(RECORD, entries[:2], url)
    server.on(f"/api/records/{RECORD}/files?page=2", said({"entries": entries[2:], "links": {}}))
    assert len(shelf.visit(of(f"zenodo:{RECORD}")).objects) == 4


@pytest.mark.parametrize("where", ["https://zenodo.org/api/records/5838410/files?page=2", "https://evil.example/files"])
def test_a_list_that_leads_back_or_away_is_not_followed(
    where: str, zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    zenodo.list(RECORD, [zenodo.entry(RECORD, "a.csv")], where)
    server.on(f"/api/records/{RECORD}/files?page=2", said({"entries": [], "links": {"next": where}}))
    assert missed(shelf.visit(of(f"zenodo:{RECORD}"))) == [(f"zenodo:{RECORD}", "loop")]


def test_a_wrong_checksum_once_comes_again_and_always_is_missing(
    zenodo: Zenodo, shelf: Shelf, server: ScriptedServer
) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1", "b.csv": b"2"})
    server.on(f"/api/records/{RECORD}/files/a.csv/content", Reply(b"!"), Reply(b"1"))
    server.on(f"/api/records/{RECORD}/files/b.csv/content", Reply(b"?"))
    outcome = shelf.visit(of(f"zenodo:{RECORD}"))
    assert (keys(outcome), missed(outcome)) == (["a.csv"], [("b.csv", "checksum")])
    server.on(f"/api/records/{RECORD}/files/b.csv/content", Reply(b"2"))
    assert shelf.visit(of(f"zenodo:{RECORD}")).evidence.complete


@pytest.mark.parametrize(
    "name", ["../x.csv", "/etc/x.csv", "a/../../x.csv", "C:\\x.csv", "a\nb.csv", "a\x00.csv", "a/", ""]
)
def test_a_name_that_is_none_is_missing_by_name(name: str, zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(CONCEPT, RECORD, {"good.csv": b"1"})
    zenodo.list(RECORD, [zenodo.entry(RECORD, "good.csv"), zenodo.entry(RECORD, "good.csv") | {"key": name}])
    outcome = shelf.visit(of(f"zenodo:{RECORD}"))
    assert keys(outcome) == ["good.csv"]
    assert [(one.reason, "no name of a file" in one.detail) for one in outcome.missing] == [("name", True)]


@pytest.mark.parametrize(
    "name", ["50% off.csv", "a#b.csv", "ä ö.csv", "x?y=1.csv", "a&b+c.csv", "dir/a.csv", "[1].csv"]
)
def test_any_other_name_is_asked_for_as_it_is(name: str, zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(CONCEPT, RECORD, {name: b"1"})
    assert keys(shelf.visit(of(f"zenodo:{RECORD}"))) == [name]


def test_a_file_that_is_not_uploaded_yet_is_missing(zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1", "b.csv": b"2"}, b={"status": "pending"})
    outcome = shelf.visit(of(f"zenodo:{RECORD}"))
    assert (keys(outcome), missed(outcome)) == (["a.csv"], [("b.csv", "restricted")])


def test_a_path_twice_is_two_files_and_a_line_twice_is_one(zenodo: Zenodo, shelf: Shelf) -> None:
    zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
    zenodo.list(RECORD, [zenodo.entry(RECORD, "a.csv")] * 2)
    assert keys(shelf.visit(of(f"zenodo:{RECORD}"))) == ["a.csv"]


def test_more_files_than_memory_holds_are_refused(
    zenodo: Zenodo, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_MOST", 3)
    zenodo.publish(CONCEPT, RECORD, {f"{name}.csv": b"1" for name in "abcd"})
    outcome = shelf.visit(of(f"zenodo:{RECORD}"))
    assert missed(outcome) == [(f"zenodo:{RECORD}", "too_large")]
    assert "choose fewer by #PATTERN" in outcome.missing[0].detail
    assert keys(shelf.visit(of(f"zenodo:{RECORD}#{{a,b}}.csv"))) == ["a.csv", "b.csv"]


def test_a_file_on_another_host_comes_and_the_signature_of_its_address_is_not_kept(
    zenodo: Zenodo, server: ScriptedServer, shelf_of: MakeShelf
) -> None:
    with scripted_server() as other:
        shelf = shelf_of(rewrite(server) | {"https://storage.example": other.url})
        zenodo.publish(CONCEPT, RECORD, {"a.csv": b"1"})
        moved = Reply(status=302, headers={"Location": "https://storage.example/a?X-Amz-Signature=S3CRET"})
        server.on(f"/api/records/{RECORD}/files/a.csv/content", moved)
        other.on("/a", Reply(b"1"))
        outcome = shelf.visit(of(f"zenodo:{RECORD}"))
    assert keys(outcome) == ["a.csv"]
    assert "S3CRET" not in outcome.objects[0].final_url
