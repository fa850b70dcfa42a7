"""Articles of figshare and datasets of a Dataverse as a source."""

from typing import Any

import pytest

from biglam_pipeline.harvest.protocols.doi import Doi
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf
from biglam_pipeline_tests.harvest.protocols.records import Dataverse, Figshare, keys, md5, missed, rewrite, said
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

ARTICLE = "figshare:13359104"
DATASET = "dataverse:data.example.org/doi:10.5072/FK2/ABC"


@pytest.fixture
def shelf(server: ScriptedServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of(rewrite(server))


def of(address: str, **settings: Any) -> Doi:
    return Doi(url=(address,), **settings)


# --- figshare -------------------------------------------------------------------------------------------


@pytest.fixture
def figshare(server: ScriptedServer) -> Figshare:
    return Figshare(server)


@pytest.mark.parametrize("most", [1000, 7])
def test_all_pages_of_files_come_though_the_article_lists_ten(server: ScriptedServer, shelf: Shelf, most: int) -> None:
    """Also where a server sends fewer on a page than it is asked for."""
    figshare = Figshare(server, most=most)
    figshare.publish([figshare.file(number, f"{number:02d}.csv", b"%d" % number) for number in range(25)])
    outcome = shelf.visit(of(ARTICLE))
    assert (len(outcome.objects), outcome.evidence.complete) == (25, True)


def test_a_night_without_change_costs_three_requests(figshare: Figshare, shelf: Shelf, server: ScriptedServer) -> None:
    """The article, its files, and a page without one, for nothing says how many there are."""
    figshare.publish([figshare.file(1, "a.csv", b"1"), figshare.file(2, "b.csv", b"2")])
    shelf.visit(of(ARTICLE))
    del server.asked[:]
    assert shelf.visit(of(ARTICLE)).kept == ["a.csv", "b.csv"]
    assert server.paths() == [
        "/v2/articles/13359104",
        "/v2/articles/13359104/files?page=1&page_size=1000",
        "/v2/articles/13359104/files?page=2&page_size=1000",
    ]


def test_an_article_follows_its_newest_version_and_a_version_stays(
    figshare: Figshare, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    figshare.publish([figshare.file(1, "a.csv", b"1"), figshare.file(2, "b.csv", b"2")])
    shelf.visit(of(ARTICLE))
    figshare.publish([figshare.file(3, "a.csv", b"1"), figshare.file(4, "c.csv", b"3")])
    newest = shelf.visit(of(ARTICLE))
    assert (keys(newest), newest.kept, sorted(shelf.held)) == (["c.csv"], ["a.csv"], ["a.csv", "c.csv"])
    first = shelf.visit(of(f"{ARTICLE}.v1"))
    assert sorted([*keys(first), *first.kept]) == ["a.csv", "b.csv"]
    assert f"{ARTICLE}.v1 is a version of which a newer one has come, {ARTICLE}.v2" in first.evidence.proof
    assert "newer" not in shelf.visit(of(f"{ARTICLE}.v2")).evidence.proof


def test_a_link_is_missing_by_name_and_can_be_left_out(figshare: Figshare, shelf: Shelf) -> None:
    link = {"is_link_only": True, "download_url": "https://elsewhere.example/data", "computed_md5": "", "size": 0}
    figshare.publish([figshare.file(1, "a.csv", b"1"), figshare.file(2, "", b"", **link)])
    outcome = shelf.visit(of(ARTICLE))
    assert (keys(outcome), missed(outcome)) == (["a.csv"], [("https://elsewhere.example/data", "restricted")])
    assert "write that address in an entry of its own" in outcome.missing[0].detail
    assert shelf.visit(of(ARTICLE, ignore="elsewhere.example/data")).evidence.complete


@pytest.mark.parametrize(
    ("article", "words"),
    [
        (
            {"is_embargoed": True, "embargo_date": "2030-01-01T00:00:00Z", "embargo_reason": "Patent"},
            "until 2030-01-01",
        ),
        ({"is_embargoed": True, "embargo_date": None}, "for good"),
        ({"is_confidential": True, "confidential_reason": "Names of patients"}, "Names of patients"),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_what_is_shut_is_missing_with_the_reason(
    article: dict[str, Any], words: str, listed: bool, figshare: Figshare, shelf: Shelf
) -> None:
    figshare.publish([figshare.file(1, "a.csv", b"1")] if listed else [], **article)
    outcome = shelf.visit(of(ARTICLE))
    assert missed(outcome) == [("a.csv" if listed else ARTICLE, "restricted")]
    assert words in outcome.missing[0].detail
    assert not outcome.objects


def test_a_list_does_not_choose_which_host_is_asked(figshare: Figshare, shelf: Shelf, server: ScriptedServer) -> None:
    """Where private hosts are allowed, whoever writes the list would reach them."""
    url = server.on("/latest/meta-data", Reply(b"1"))
    figshare.publish([figshare.file(1, "a.csv", b"1", download_url=url)])
    assert shelf.visit(of(ARTICLE)).evidence.complete
    assert "/latest/meta-data" not in server.paths()


def test_folders_are_part_of_the_name_and_equal_names_are_two_files(figshare: Figshare, shelf: Shelf) -> None:
    files = [figshare.file(1, "a.csv", b"1"), figshare.file(2, "a.csv", b"2"), figshare.file(3, "a.csv", b"3")]
    figshare.publish(files, folder_structure={"1": "north/", "2": "south"})
    assert keys(shelf.visit(of(ARTICLE))) == ["a.csv", "north/a.csv", "south/a.csv"]
    figshare.publish(files)
    shelf.visit(of(ARTICLE))
    assert sorted(shelf.bytes_of[held.sha256] for held in shelf.held.values()) == [b"1", b"2", b"3"]


def test_pages_that_never_end_are_no_list(figshare: Figshare, shelf: Shelf, server: ScriptedServer) -> None:
    figshare.publish([figshare.file(1, "a.csv", b"1")])
    server.on("/v2/articles/13359104/files", said([figshare.file(1, "a.csv", b"1")]))
    assert missed(shelf.visit(of(ARTICLE))) == [(ARTICLE, "loop")]


# --- Dataverse ------------------------------------------------------------------------------------------


@pytest.fixture
def dataverse(server: ScriptedServer) -> Dataverse:
    return Dataverse(server)


def test_files_come_by_folder_and_name(dataverse: Dataverse, shelf: Shelf, server: ScriptedServer) -> None:
    dataverse.publish("1.0", [dataverse.file(7, "a.txt", b"1", "letters/1824"), dataverse.file(8, "b.txt", b"2")])
    assert keys(shelf.visit(of(DATASET))) == ["b.txt", "letters/1824/a.txt"]
    del server.asked[:]
    assert len(shelf.visit(of(DATASET)).kept) == 2
    assert server.paths() == [
        "/api/datasets/:persistentId/versions/:latest-published?persistentId=doi%3A10.5072%2FFK2%2FABC"
    ]


def test_a_table_comes_as_it_was_uploaded(dataverse: Dataverse, shelf: Shelf, server: ScriptedServer) -> None:
    """The checksum that is listed may be of something that nobody can have; the size is that of the upload."""
    table = {"tabularData": True, "originalFileFormat": "text/csv", "originalFileSize": 5, "md5": md5(b"other")}
    table["checksum"] = {"type": "MD5", "value": md5(b"other")}
    named = dataverse.file(7, "a.tab", b"x,y\n1", dataFile={**table, "originalFileName": "A (final).csv"})
    unnamed = dataverse.file(8, "b.tab", b"x,y\n2", dataFile=table)
    dataverse.publish("1.0", [named, unnamed])
    assert keys(shelf.visit(of(DATASET))) == ["A (final).csv", "b.csv"]
    assert [path for path in server.paths() if "datafile" in path] == [
        "/api/access/datafile/7?format=original",
        "/api/access/datafile/8?format=original",
    ]
    assert len(shelf.visit(of(DATASET)).kept) == 2
    server.on("/api/access/datafile/7", Reply(b"x,"))
    table["checksum"] = {"type": "MD5", "value": md5(b"new")}
    dataverse.publish("1.1", [dataverse.file(8, "b.tab", b"x,", dataFile=table)])
    assert missed(shelf.visit(of(DATASET))) == [("b.csv", "checksum")]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"restricted": True}, "is restricted; ask the custodian to open it or for a key"),
        ({"dataFile": {"restricted": True}}, "is restricted"),
        ({"dataFile": {"embargo": {"dateAvailable": "2030-01-01"}}}, "is under embargo until 2030-01-01"),
        ({"dataFile": {"retention": {"dateUnavailable": "2020-01-01"}}}, "not given out since 2020-01-01"),
    ],
)
def test_what_is_closed_is_missing_by_name_and_not_asked_for(
    changed: dict[str, Any], words: str, dataverse: Dataverse, shelf: Shelf, server: ScriptedServer
) -> None:
    dataverse.publish("1.0", [dataverse.file(7, "a.txt", b"1"), dataverse.file(8, "b.txt", b"2", **changed)])
    outcome = shelf.visit(of(DATASET))
    assert (keys(outcome), missed(outcome)) == (["a.txt"], [("b.txt", "restricted")])
    assert words in outcome.missing[0].detail
    assert "/api/access/datafile/8" not in server.paths()
    assert shelf.visit(of(DATASET, ignore="b.txt")).evidence.complete
    assert shelf.visit(of(f"{DATASET}#a.txt")).evidence.complete


@pytest.mark.parametrize(
    "changed",
    [
        {"dataFile": {"embargo": {"dateAvailable": "2026-11-22"}}},
        {"dataFile": {"retention": {"dateUnavailable": "2026-11-23"}}},
    ],
)
def test_an_embargo_that_ended_closes_nothing(changed: dict[str, Any], dataverse: Dataverse, shelf: Shelf) -> None:
    dataverse.publish("1.0", [dataverse.file(8, "b.txt", b"2", **changed)])
    assert shelf.visit(of(DATASET)).evidence.complete


def test_whoever_has_a_key_asks_for_what_is_restricted(
    dataverse: Dataverse, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf.web, "_secrets", {"DV_KEY": "a-key-of-ours"})
    dataverse.publish("1.0", [dataverse.file(8, "b.txt", b"2", restricted=True)])
    assert shelf.visit(of(DATASET, headers={"X-Dataverse-key": "env:DV_KEY"})).evidence.complete


def test_a_version_stays_and_a_newer_dataset_is_reported(dataverse: Dataverse, shelf: Shelf) -> None:
    dataverse.publish("1.0", [dataverse.file(7, "a.txt", b"1")])
    dataverse.publish("2.0", [dataverse.file(9, "a.txt", b"2")])
    old = shelf.visit(of(f"{DATASET}?version=1.0"))
    assert [one.content for one in old.objects] == [b"1"]
    assert f"{DATASET}?version=1.0 is a version of which a newer one has come, 2.0" in old.evidence.proof
    assert "newer" not in shelf.visit(of(f"{DATASET}?version=2.0")).evidence.proof


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (said({"status": "ERROR", "message": "Dataset not found"}, 404), "not_found", '"Dataset not found"'),
        (said({"status": "ERROR", "message": "User :guest is not permitted"}, 401), "restricted", ":guest"),
        (said({"status": "OK", "data": {"versionState": "DEACCESSIONED", "files": []}}), "gone", "deaccessioned"),
        (said({"status": "OK", "data": {"files": [7]}}), "damaged", "files is not the list"),
        (said({"status": "OK"}), "damaged", "is not the version"),
    ],
)
def test_a_dataset_that_cannot_be_had_says_why(
    reply: Reply, reason: str, words: str, dataverse: Dataverse, shelf: Shelf
) -> None:
    dataverse.replies[":latest-published"] = reply
    outcome = shelf.visit(of(DATASET))
    assert missed(outcome) == [(DATASET, reason)]
    assert words in outcome.missing[0].detail


@pytest.mark.parametrize(("kind", "digits"), [("SHA-1", 40), ("SHA-256", 64), ("SHA-512", 128)])
def test_checksums_of_every_algorithm_of_dataverse_are_held_against(
    kind: str, digits: int, dataverse: Dataverse, shelf: Shelf
) -> None:
    wrong = {"checksum": {"type": kind, "value": "0" * digits}}
    dataverse.publish("1.0", [dataverse.file(7, "a.txt", b"1", dataFile=wrong)])
    assert missed(shelf.visit(of(DATASET))) == [("a.txt", "checksum")]
