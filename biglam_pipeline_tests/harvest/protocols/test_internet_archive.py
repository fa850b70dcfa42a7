"""Items and collections of archive.org as a source."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.internet_archive import InternetArchive
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.archive_org import Archive, rewrite
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf
from biglam_pipeline_tests.harvest.protocols.records import keys, missed, said
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer


def offer(server: ScriptedServer, folder: Path) -> Offer:
    archive = Archive(server)
    archive.collection("cards")
    objects = {f"drawer{name}/card.txt": b"card " + name.encode() for name in "abc"}
    for name in "abc":
        archive.item(f"drawer{name}", {"card.txt": b"card " + name.encode()}, within="cards")

    def find(key: str) -> None:
        server.on(f"/store/{key}", Reply(objects[key]))

    def lose(key: str) -> None:
        server.on(f"/store/{key}", Reply(status=404))

    return Offer({"url": ["ia:cards#*.txt"]}, objects, lose, find, rewrite(server))


@pytest.fixture
def archive(server: ScriptedServer) -> Archive:
    return Archive(server)


@pytest.fixture
def shelf(server: ScriptedServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of(rewrite(server))


def of(*addresses: str, **settings: Any) -> InternetArchive:
    return InternetArchive(url=tuple(addresses), **settings)


# --- addresses ------------------------------------------------------------------------------------------


def test_an_item_is_written_by_its_identifier() -> None:
    made = InternetArchive(url=("ia:bplcardcatalog#*_{jp2.zip,djvu.xml}", "ia:{a,b}_1"))
    assert made.url == ("ia:bplcardcatalog#*_{jp2.zip,djvu.xml}", "ia:a_1", "ia:b_1")
    assert made.hosts == ("archive.org",)
    assert read_address("ia:a")["type"] == "internet_archive"


@pytest.mark.parametrize(
    "page",
    [
        "https://archive.org/details/bplcardcatalog",
        "https://www.archive.org/details/bplcardcatalog/page/n5/mode/2up?q=x",
        "https://archive.org/download/bplcardcatalog/",
        "https://archive.org/metadata/bplcardcatalog/files",
        "https://archive.org/stream/bplcardcatalog/a_djvu.txt",
    ],
)
def test_the_page_in_a_browser_is_told_from_the_item(page: str) -> None:
    with pytest.raises(ValueError, match=r"write ia:bplcardcatalog$"):
        read_address(page)
    with pytest.raises(ValidationError, match="write ia:bplcardcatalog "):
        InternetArchive(url=(f"ia:{page}",))


def test_one_file_of_an_item_is_an_address_of_its_own() -> None:
    assert read_address("https://archive.org/download/bplcardcatalog/a.zip")["type"] == "files"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ia:cards/a.txt", "write ia:cards#a.txt"),
        ("ia:collection:cards", "write ia:cards "),
        ("ia:", "write ia:ITEM"),
        ("ia:@somebody", "write ia:ITEM"),
        ("ia:two words", "write ia:ITEM"),
        ("ia:../x", "write ia:ITEM"),
        ("ia:cards#", "is not a pattern"),
    ],
)
def test_what_is_no_item_is_refused_with_what_to_write(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        InternetArchive(url=(written,))


# --- items ----------------------------------------------------------------------------------------------


def test_two_nights_added_corrected_removed_restored(archive: Archive, shelf: Shelf) -> None:
    archive.item("cards", {"a.txt": b"1", "b.txt": b"2", "c.txt": b"3"})
    first = shelf.visit(of("ia:cards"))
    assert keys(first) == ["cards/a.txt", "cards/b.txt", "cards/c.txt", "cards/cards_files.xml"]
    assert first.evidence.proof == "4 files listed, 4 chosen, 4 came whole, 0 unchanged, 0 missing"
    archive.item("cards", {"a.txt": b"1", "b.txt": b"two", "d.txt": b"4"})
    second = shelf.visit(of("ia:cards"))
    assert (keys(second), second.kept) == (["cards/b.txt", "cards/cards_files.xml", "cards/d.txt"], ["cards/a.txt"])
    assert "cards/c.txt" not in shelf.held
    archive.item("cards", {"a.txt": b"1", "b.txt": b"two", "c.txt": b"3", "d.txt": b"4"})
    assert keys(shelf.visit(of("ia:cards"))) == ["cards/c.txt", "cards/cards_files.xml"]


def test_a_quiet_night_of_an_item_costs_one_request(archive: Archive, shelf: Shelf, server: ScriptedServer) -> None:
    """Though the archive writes `_files.xml` again with each task, and says no checksum of it that is one."""
    archive.item("cards", {f"{number:03d}.txt": b"%d" % number for number in range(100)})
    shelf.visit(of("ia:cards"))
    del server.asked[:]
    quiet = shelf.visit(of("ia:cards"))
    assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 101, True)
    assert server.paths() == ["/metadata/cards"]


def test_private_files_are_missing_by_name_and_can_be_left_out(
    archive: Archive, shelf: Shelf, server: ScriptedServer
) -> None:
    files = [archive.file("book", "book.pdf", b"1", private="true"), archive.file("book", "book_djvu.txt", b"2")]
    archive.answer("book", files)
    outcome = shelf.visit(of("ia:book"))
    assert (keys(outcome), missed(outcome)) == (["book/book_djvu.txt"], [("book/book.pdf", "restricted")])
    assert "leave it out under `ignore`" in outcome.missing[0].detail
    assert "/download/book/book.pdf" not in server.paths()
    assert shelf.visit(of("ia:book", ignore="book.pdf")).evidence.complete
    assert shelf.visit(of("ia:book#*.txt")).evidence.complete


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        ({}, "not_found", "has no such item"),
        ([], "not_found", "has no such item"),
        ({"error": "invalid identifier"}, "not_found", '"invalid identifier"'),
        ({"is_dark": True, "metadata": {}}, "gone", "out of sight"),
        ({"metadata": {"mediatype": "texts"}}, "damaged", "files is not the list"),
        ({"metadata": {}, "files": [{"name": "a.txt"}], "files_count": 2}, "truncated", "lists 1 of 2 files"),
        ({"metadata": {}, "files": []}, "not_found", "lists no file"),
        ("text", "damaged", "is not the item"),
    ],
)
def test_an_item_that_cannot_be_had_says_why_and_takes_nothing_away(
    answer: Any, reason: str, words: str, archive: Archive, shelf: Shelf, server: ScriptedServer
) -> None:
    archive.item("cards", {"a.txt": b"1"})
    shelf.visit(of("ia:cards"))
    server.on("/metadata/cards", said(answer))
    outcome = shelf.visit(of("ia:cards"))
    assert missed(outcome) == [("ia:cards", reason)]
    assert re.search(words, outcome.missing[0].detail)
    assert not outcome.evidence.complete
    assert outcome.kept == ["cards/a.txt", "cards/cards_files.xml"]


@pytest.mark.parametrize("name", ["50% off.txt", "a#b.txt", "ä ö.txt", "x?y=1.txt", "a&b+c.txt", "deep/er/a.txt"])
def test_a_file_is_asked_for_by_its_name_whatever_stands_in_it(name: str, archive: Archive, shelf: Shelf) -> None:
    archive.answer("cards", [archive.file("cards", name, b"1")])
    assert keys(shelf.visit(of("ia:cards"))) == [f"cards/{name}"]


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x.txt", "a\nb.txt", ""])
def test_a_name_that_is_none_is_missing_by_name(name: str, archive: Archive, shelf: Shelf) -> None:
    good = archive.file("cards", "good.txt", b"1")
    archive.answer("cards", [good, good | {"name": name}])
    outcome = shelf.visit(of("ia:cards"))
    assert (keys(outcome), [one.reason for one in outcome.missing]) == (["cards/good.txt"], ["name"])


def test_a_file_without_a_checksum_goes_by_its_size_and_time(archive: Archive, shelf: Shelf) -> None:
    archive.answer("cards", [archive.file("cards", "a.txt", b"1", md5="")])
    shelf.visit(of("ia:cards"))
    assert shelf.visit(of("ia:cards")).kept == ["cards/a.txt"]
    archive.answer("cards", [archive.file("cards", "a.txt", b"2", md5="", mtime="1600000000")])
    assert keys(shelf.visit(of("ia:cards"))) == ["cards/a.txt"]


def test_a_file_that_changes_behind_its_list_is_missing_until_the_next_night(
    archive: Archive, shelf: Shelf, server: ScriptedServer
) -> None:
    archive.item("cards", {"a.txt": b"1", "b.txt": b"2"})
    server.on("/store/cards/a.txt", Reply(b"later"))
    assert missed(shelf.visit(of("ia:cards"))) == [("cards/a.txt", "checksum")]
    archive.item("cards", {"a.txt": b"later", "b.txt": b"2"})
    assert shelf.visit(of("ia:cards")).evidence.complete
