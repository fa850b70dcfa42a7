"""Collections of archive.org as a source."""

from datetime import timedelta
from typing import Any

import pytest

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.protocols.internet_archive import InternetArchive, collection
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.archive_org import Archive, rewrite
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf
from biglam_pipeline_tests.harvest.protocols.records import keys, missed, said
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer


@pytest.fixture
def archive(server: ScriptedServer) -> Archive:
    return Archive(server)


@pytest.fixture
def shelf(server: ScriptedServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of(rewrite(server))


def of(*addresses: str, **settings: Any) -> InternetArchive:
    return InternetArchive(url=tuple(addresses), **settings)


def filled(archive: Archive, items: int) -> None:
    archive.collection("cards")
    for number in range(items):
        name = f"drawer{number:04d}"
        archive.item(name, {"card.txt": b"%d" % number, "card.jpg": b"j"}, within="cards")


def test_a_collection_stands_for_all_its_items(archive: Archive, shelf: Shelf, server: ScriptedServer) -> None:
    archive.page_size = 2
    filled(archive, 5)
    outcome = shelf.visit(of("ia:cards#*.txt"))
    assert keys(outcome) == [f"drawer000{number}/card.txt" for number in range(5)]
    assert outcome.evidence.proof == "15 files listed, 5 chosen, 5 came whole, 0 unchanged, 0 missing"
    assert len([path for path in server.paths() if "scrape" in path]) == 3


def test_a_quiet_night_of_a_collection_costs_its_index(archive: Archive, shelf: Shelf, server: ScriptedServer) -> None:
    """And the thirtieth part of its items, which are looked at whatever the index says."""
    filled(archive, 90)
    shelf.visit(of("ia:cards#*.txt"))
    looked_at = []
    for _ in range(30):
        shelf.now += timedelta(days=1)
        del server.asked[:]
        quiet = shelf.visit(of("ia:cards#*.txt"))
        assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 90, True)
        assert server.paths()[:1] == ["/metadata/cards"]
        looked_at += server.paths()[2:]
        assert len(server.asked) < 2 + 15
    assert sorted(looked_at) == [f"/metadata/drawer{number:04d}" for number in range(90)]


def test_of_a_collection_only_what_changed_in_its_index_is_asked_for(
    archive: Archive, shelf: Shelf, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added, corrected at the same size, removed, and restored."""
    monkeypatch.setattr("biglam_pipeline.harvest.protocols.internet_archive._FULL_VIEW_DAYS", 10**9)
    filled(archive, 5)
    shelf.visit(of("ia:cards#*.txt"))
    archive.item("drawer0001", {"card.txt": b"!", "card.jpg": b"j"}, day=2)
    archive.of["cards"].remove("drawer0002")
    archive.item("drawer0009", {"card.txt": b"9"}, within="cards")
    del server.asked[:]
    second = shelf.visit(of("ia:cards#*.txt"))
    assert keys(second) == ["drawer0001/card.txt", "drawer0009/card.txt"]
    assert [path for path in server.paths() if path.startswith("/metadata/")] == [
        "/metadata/cards", "/metadata/drawer0001", "/metadata/drawer0009",
    ]  # fmt: skip
    assert "drawer0002/card.txt" not in shelf.held
    archive.of["cards"].append("drawer0002")
    assert keys(shelf.visit(of("ia:cards#*.txt"))) == ["drawer0002/card.txt"]


@pytest.mark.parametrize("changed", [{"address": "ia:cards#*.jpg"}, {"address": "ia:cards#*", "ignore": "*.xml"}])
def test_another_choice_looks_into_every_item(changed: dict[str, str], archive: Archive, shelf: Shelf) -> None:
    """What was not wanted at the last visit is not there, though no item has changed."""
    filled(archive, 3)
    shelf.visit(of("ia:cards#*.txt"))
    settings = {"ignore": changed["ignore"]} if "ignore" in changed else {}
    outcome = shelf.visit(of(changed["address"], **settings))
    assert [one for one in keys(outcome) if one.endswith(".jpg")] == [f"drawer000{n}/card.jpg" for n in range(3)]


def test_an_item_that_could_not_be_had_is_asked_for_again(
    archive: Archive, shelf: Shelf, server: ScriptedServer
) -> None:
    """And what it had is kept; so is what an item had of which a file did not come."""
    filled(archive, 3)
    shelf.visit(of("ia:cards#*.txt"))
    archive.item("drawer0001", {"card.txt": b"new"}, day=2)
    server.on("/metadata/drawer0001", said({}))
    archive.item("drawer0002", {"card.txt": b"newer"}, day=2)
    server.on("/store/drawer0002/card.txt", Reply(status=404))
    second = shelf.visit(of("ia:cards#*.txt"))
    assert missed(second) == [("ia:drawer0001", "not_found"), ("drawer0002/card.txt", "not_found")]
    assert "drawer0001/card.txt" in second.kept
    archive.item("drawer0001", {"card.txt": b"new"}, day=2)
    server.on("/store/drawer0002/card.txt", Reply(b"newer"))
    third = shelf.visit(of("ia:cards#*.txt"))
    assert (keys(third), third.evidence.complete) == (["drawer0001/card.txt", "drawer0002/card.txt"], True)


def test_an_index_that_lies_about_its_total_is_not_whole(archive: Archive, shelf: Shelf) -> None:
    filled(archive, 3)
    shelf.visit(of("ia:cards#*.txt"))
    archive.of["cards"].remove("drawer0001")
    archive.total = 3
    short = shelf.visit(of("ia:cards#*.txt"))
    assert missed(short) == [("ia:cards", "truncated")]
    assert "lists 2 of 3 items" in short.missing[0].detail
    assert sorted(short.kept) == [f"drawer000{number}/card.txt" for number in range(3)]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({"items": [{"identifier": "drawer0000"}], "cursor": "again", "total": 9}, "loop"),
        ({"items": [], "cursor": "on", "total": 9}, "loop"),
        ({"items": [{"identifier": "../../etc"}], "total": 1}, "damaged"),
        ({"items": [{"identifier": ".."}], "total": 1}, "damaged"),
        ({"items": "none"}, "damaged"),
        ({"error": "query not understood"}, "damaged"),
    ],
)
def test_an_index_that_leads_back_or_is_none_keeps_what_there_is(
    page: dict[str, Any], reason: str, archive: Archive, shelf: Shelf, server: ScriptedServer
) -> None:
    filled(archive, 3)
    shelf.visit(of("ia:cards#*.txt"))
    server.on("/services/search/v1/scrape", said(page))
    outcome = shelf.visit(of("ia:cards#*.txt"))
    assert ("ia:cards", reason) in missed(outcome)
    assert sorted([*outcome.kept, *keys(outcome)]) == [f"drawer000{number}/card.txt" for number in range(3)]


def test_an_index_without_end_is_cut(archive: Archive, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_MOST_ITEMS", 3)
    archive.page_size = 2
    filled(archive, 9)
    assert ("ia:cards", "too_large") in missed(shelf.visit(of("ia:cards#*.txt")))


def test_a_pattern_that_fits_no_file_of_any_item_says_what_there_is(archive: Archive, shelf: Shelf) -> None:
    filled(archive, 3)
    outcome = shelf.visit(of("ia:cards#*.pdf"))
    assert missed(outcome) == [("ia:cards", "not_found")]
    assert (
        "it has card.jpg, card.txt, drawer0000_files.xml and 6 more; correct the pattern" in outcome.missing[0].detail
    )
    archive.item("drawer0001", {"card.txt": b"1", "scan.pdf": b"2"}, day=2)
    assert keys(shelf.visit(of("ia:cards#*.pdf"))) == ["drawer0001/scan.pdf"]


def test_an_item_that_several_addresses_name_is_asked_for_once(
    archive: Archive, shelf: Shelf, server: ScriptedServer
) -> None:
    filled(archive, 2)
    outcome = shelf.visit(of("ia:cards#*.txt", "ia:drawer0001#card.*"))
    assert keys(outcome) == ["drawer0000/card.txt", "drawer0001/card.jpg", "drawer0001/card.txt"]
    assert server.paths().count("/metadata/drawer0001") == 1
    assert outcome.evidence.proof.startswith("6 files listed, 3 chosen")


def test_a_collection_comes_item_by_item(archive: Archive, shelf: Shelf, server: ScriptedServer) -> None:
    """Not listed to its end before the first file: a visit that is cut off has brought what came by then."""
    filled(archive, 3)
    server.on("/metadata/drawer0002", Reply(b"", 503))
    with pytest.raises(ServerBusy):
        shelf.visit(of("ia:cards#*.txt"))
    assert "/store/drawer0001/card.txt" in server.paths()
