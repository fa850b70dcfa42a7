"""Categories, searches and files of Wikimedia Commons as a source: each file with what is said of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.wikimedia import Wikimedia
from biglam_pipeline.harvest.protocols.wikimedia.members import Titled
from biglam_pipeline.harvest.protocols.wikimedia.records import batches
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.protocols.commons import Commons, rewrite
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf, says_what_to_write
from biglam_pipeline_tests.harvest.protocols.records import keys, missed, said
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

RECORDS = "records/000000000010.json"
A, B, C = "files/A.png", "files/B.png", "files/C.png"


def offer(server: ScriptedServer, folder: Path) -> Offer:
    commons = Commons(server)
    for number, name in enumerate("ABC", 10):
        commons.file(number, f"{name}.png", name.encode())
    commons.category("Prints", "A.png", "B.png", "C.png")
    about = commons._infos([10, 11, 12]).body
    objects = {RECORDS: about, A: b"A", B: b"B", C: b"C"}
    infos = commons._infos

    def lose(key: str) -> None:
        if key == RECORDS:
            commons._infos = lambda _: Reply(status=404)  # type: ignore[method-assign]
        else:
            commons.on(key.removeprefix("files/"), Reply(status=404))

    def find(key: str) -> None:
        commons._infos = infos  # type: ignore[method-assign]
        if key != RECORDS:
            commons.on(key.removeprefix("files/"), Reply(objects[key]))

    return Offer({"url": ["wikimedia:Category:Prints"]}, objects, lose, find, rewrite(server))


@pytest.fixture
def commons(server: ScriptedServer) -> Commons:
    made = Commons(server)
    for number, name in enumerate("ABC", 10):
        made.file(number, f"{name}.png", name.encode())
    made.category("Prints", "A.png", "B.png", "C.png")
    return made


@pytest.fixture
def shelf(server: ScriptedServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of(rewrite(server))


def of(*addresses: str, **settings: Any) -> Wikimedia:
    return Wikimedia(url=addresses or ("wikimedia:Category:Prints",), **settings)


def titles(outcome: Outcome) -> list[str]:
    """Of the files that came."""
    return [key.removeprefix("files/") for key in keys(outcome) if key.startswith("files/")]


# --- addresses ------------------------------------------------------------------------------------------


def test_addresses() -> None:
    made = of("wikimedia:category:maps_of_K%C3%B6ln#*.jpg", "wikimedia:search:haswbstatement:P195=Q190804 maps")
    assert made.url == ("wikimedia:Category:Maps of Köln#*.jpg", "wikimedia:search:haswbstatement:P195=Q190804 maps")
    assert made.hosts == ("commons.wikimedia.org",)
    assert read_address("wikimedia:File:A.png")["type"] == "wikimedia"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://commons.wikimedia.org/wiki/Category:Maps_of_K%C3%B6ln", "wikimedia:Category:Maps of Köln"),
        ("https://commons.m.wikimedia.org/wiki/Category:Prints#mw-subcategories", "wikimedia:Category:Prints"),
        ("https://commons.wikimedia.org/wiki/File:A_b.png?uselang=de", "wikimedia:File:A b.png"),
        ("https://commons.wikimedia.org/w/index.php?title=Category:Prints&action=history", "wikimedia:Category:Prints"),
        (
            "https://commons.wikimedia.org/w/index.php?title=Special:MediaSearch&search=maps+Brill&type=image",
            "wikimedia:search:maps Brill",
        ),
        ("wikimedia:https://commons.wikimedia.org/wiki/Category:Prints", "wikimedia:Category:Prints"),
        ("wikimedia:Prints", "wikimedia:Category:Prints"),
        ("wikimedia:Category:Category:Prints", "wikimedia:Category:Prints"),
        ("https://commons.wikimedia.org/wiki/category:prints", "wikimedia:Category:Prints"),
        ("https://commons.wikimedia.org/wiki/Image:A_b.png", "wikimedia:File:A b.png"),
        ("https://commons.wikimedia.org/w/index.php?search=maps", "wikimedia:search:maps"),
        ("https://commons.wikimedia.org/wiki/Special:Search/maps", "wikimedia:search:maps"),
        ("wikimedia:File:*.jpg", "wikimedia:Category:NAME#*.jpg"),
    ],
)
def test_an_address_that_is_nearly_right_gets_the_one_that_is(written: str, meant: str) -> None:
    says_what_to_write(Wikimedia, written, meant)


@pytest.mark.parametrize("written", ["wikimedia:", "wikimedia:Category:", "wikimedia:User:X", "wikimedia:File:a|b.png"])
def test_what_is_no_address_says_the_forms(written: str) -> None:
    with pytest.raises(
        ValidationError, match=r"wikimedia:Category:NAME, wikimedia:File:NAME or wikimedia:search:QUERY"
    ):
        of(written)


def test_a_file_on_the_host_of_files_is_an_address_of_its_own() -> None:
    assert read_address("https://upload.wikimedia.org/wikipedia/commons/a/a2/A.png")["type"] == "files"


# --- nights ---------------------------------------------------------------------------------------------


def test_two_nights_added_corrected_removed_restored(commons: Commons, shelf: Shelf) -> None:
    first = shelf.visit(of())
    assert keys(first) == [RECORDS, A, B, C]
    assert (first.objects[0].content or b"").count(b"LicenseUrl") == 3
    assert first.evidence.proof == "4 files listed, 4 chosen, 4 came whole, 0 unchanged, 0 missing"
    commons.file(11, "B.png", b"two", day=2)
    commons.file(13, "D.png", b"D")
    commons.category("Prints", "A.png", "B.png", "D.png")
    second = shelf.visit(of())
    assert (titles(second), [key for key in second.kept if "files" in key]) == (["B.png", "D.png"], [A])
    assert C not in shelf.held
    commons.category("Prints", "A.png", "B.png", "C.png", "D.png")
    assert titles(shelf.visit(of())) == ["C.png"]


def test_a_quiet_night_is_one_list(shelf: Shelf, server: ScriptedServer) -> None:
    commons = Commons(server)
    names = [f"{number:04}.png" for number in range(200)]
    for number, name in enumerate(names, 1000):
        commons.file(number, name, name.encode())
    commons.category("Prints", *names)
    first = shelf.visit(of())
    assert (len(titles(first)), commons.asked("pageids")) == (200, len(first.objects) - 200)
    assert commons.asked("pageids") < 20
    del server.asked[:]
    quiet = shelf.visit(of())
    assert (quiet.objects, quiet.evidence.complete, len(server.asked)) == ([], True, 1)
    assert quiet.evidence.proof.startswith("200 files listed, no page touched")
    assert sorted(quiet.kept) == sorted(keys(first))


def test_a_night_without_all_is_no_measure_of_the_next(commons: Commons, shelf: Shelf) -> None:
    """The pages are as they were, and the shelf is not."""
    shelf.visit(of())
    commons.file(11, "B.png", b"two", day=2)
    commons.on("B.png", Reply(status=404))
    assert not shelf.visit(of()).evidence.complete
    commons.on("B.png", Reply(b"two"))
    assert titles(shelf.visit(of())) == ["B.png"]
    commons.file(11, "B.png", b"B", day=1)
    assert titles(shelf.visit(of())) == ["B.png"]


def test_a_file_that_comes_asks_about_its_own_batch_only(shelf: Shelf, server: ScriptedServer) -> None:
    commons = Commons(server)
    names = [f"{number:04}.png" for number in range(400)]
    for number, name in enumerate(names):
        commons.file(1000 + 2 * number, name, name.encode())
    commons.category("Prints", *names)
    shelf.visit(of())
    del server.asked[:]
    commons.file(1401, "new.png", b"new")
    commons.category("Prints", *names, "new.png")
    outcome = shelf.visit(of())
    assert titles(outcome) == ["new.png"]
    assert commons.asked("pageids") <= 3


def test_batches_hold_fifty_at_most_and_every_file_once() -> None:
    titled = {number: Titled(f"{number}", "", number=number) for number in range(7, 5000, 3)}
    found = list(batches(titled))
    assert [one.number for batch in found for one in batch] == sorted(titled)
    assert max(map(len, found)) <= 50 < len(titled) / len(found) * 4


def test_a_description_that_changed_comes_without_its_file(commons: Commons, shelf: Shelf) -> None:
    shelf.visit(of())
    commons.file(11, "B.png", b"B", day=3, licence="https://creativecommons.org/licenses/by-sa/4.0")
    outcome = shelf.visit(of())
    assert (keys(outcome), outcome.kept) == ([RECORDS], [A, B, C])


def test_a_killed_night_asks_for_nothing_twice(commons: Commons, shelf: Shelf, server: ScriptedServer) -> None:
    first = shelf.visit(of()).objects
    shelf.held.clear()
    del server.asked[:]
    again = shelf.resume(of(), tuple(first[:2]))
    assert (keys(again), again.evidence.complete) == ([B, C], True)
    assert len(server.asked) == 3, "the list, and two files"


def test_a_file_is_renamed(commons: Commons, shelf: Shelf) -> None:
    shelf.visit(of())
    commons.file(11, "B, or not.png", b"B", day=2)
    commons.category("Prints", "A.png", "B, or not.png", "C.png")
    outcome = shelf.visit(of())
    assert titles(outcome) == ["B, or not.png"]
    assert B not in shelf.held


# --- which files ----------------------------------------------------------------------------------------


def test_a_pattern_chooses_before_anything_is_asked_about_a_file(
    commons: Commons, shelf: Shelf, server: ScriptedServer
) -> None:
    assert titles(shelf.visit(of("wikimedia:Category:Prints#{A,C}.png"))) == ["A.png", "C.png"]
    assert not any("%7C11" in path for path in server.paths())


def test_subcategories_by_depth_and_in_circles(commons: Commons, shelf: Shelf, server: ScriptedServer) -> None:
    for number, name in enumerate("XYZ", 20):
        commons.file(number, f"{name}.png", name.encode())
    commons.category("Prints", "A.png", "Category:Woodcuts", "Category:Prints")
    commons.category("Woodcuts", "X.png", "Category:Old", "Category:Prints")
    commons.category("Old", "Y.png", "A.png", "Category:Woodcuts", "Category:Older")
    commons.category("Older", "Z.png")
    found = {0: "A", 1: "AX", 2: "AXY", 3: "AXYZ", 10: "AXYZ"}
    for depth, names in found.items():
        del server.asked[:]
        shelf.held.clear()
        assert titles(shelf.visit(of(depth=depth))) == [f"{name}.png" for name in names]
        assert commons.asked("generator") == min(depth + 1, 4)


def test_pages_of_a_list_and_a_file_in_two_categories(commons: Commons, shelf: Shelf, server: ScriptedServer) -> None:
    commons.page_size = 2
    commons.category("More", "C.png", "A.png")
    assert titles(shelf.visit(of("wikimedia:Category:{Prints,More}"))) == ["A.png", "B.png", "C.png"]
    assert commons.asked("generator") == 3


def test_a_search_is_held_against_its_total(commons: Commons, shelf: Shelf) -> None:
    commons.hits["prints"] = ["File:A.png", "File:C.png"]
    source = of("wikimedia:search:prints")
    assert titles(shelf.visit(source)) == ["A.png", "C.png"]
    for total, reason in ((3, "truncated"), (10_001, "too_large")):
        commons.total = total
        outcome = shelf.visit(source)
        assert (missed(outcome), len(outcome.kept)) == ([("wikimedia:search:prints", reason)], 3)


@pytest.mark.parametrize("which", ["list", "generator"])
def test_a_search_that_gave_up_is_no_whole_one(which: str, commons: Commons, shelf: Shelf) -> None:
    """It counts what it found until then, so that its total agrees."""
    commons.hits["prints"] = ["File:A.png", "File:C.png"]
    shelf.visit(of("wikimedia:search:prints"))
    commons.hits["prints"] = ["File:A.png"]

    def gave_up(asked: Asked) -> Reply:
        said_of = json.loads(commons._answer(asked).body)
        if asked.query.get(which) == "search":
            said_of["warnings"] = {"search": {"warnings": "The search timed out, only partial results are available."}}
        return said(said_of)

    commons.server.on("/w/api.php", gave_up)
    outcome = shelf.visit(of("wikimedia:search:prints"))
    assert (missed(outcome), len(outcome.kept)) == ([("wikimedia:search:prints", "truncated")], 3)


def test_one_file(commons: Commons, shelf: Shelf) -> None:
    assert titles(shelf.visit(of("wikimedia:File:B.png"))) == ["B.png"]
    assert missed(shelf.visit(of("wikimedia:File:Nothing.png"))) == [("wikimedia:File:Nothing.png", "not_found")]


# --- what is wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"filehidden": True, "url": None, "sha1": None}, "is hidden by Commons"),
        ({"filemissing": True, "url": None}, "and no bytes"),
        ({"url": None}, "has no file to its page"),
    ],
)
def test_a_file_that_cannot_be_had_is_missing_by_name(
    words: dict[str, Any], reason: str, commons: Commons, shelf: Shelf
) -> None:
    commons.file(11, "B.png", b"B", **words)
    outcome = shelf.visit(of())
    assert (titles(outcome), missed(outcome)) == (["A.png", "C.png"], [(B, "restricted")])
    assert reason in outcome.missing[0].detail
    assert shelf.visit(of(ignore="B.png")).evidence.complete


def test_a_file_that_is_deleted_between_the_list_and_the_answer(commons: Commons, shelf: Shelf) -> None:
    page = commons.pages[11]

    def listing(asked: Asked) -> Reply:
        commons.pages[11] = page
        reply = commons._answer(asked)
        if "generator" in asked.path:
            del commons.pages[11]
        return reply if "generator" in asked.path else said_without(asked)

    def said_without(asked: Asked) -> Reply:
        commons.pages.pop(11, None)
        return commons._answer(asked)

    commons.server.on("/w/api.php", listing)
    outcome = shelf.visit(of())
    assert (titles(outcome), missed(outcome)) == (["A.png", "C.png"], [(B, "restricted")])
    assert "was deleted" in outcome.missing[0].detail


def test_a_file_without_a_checksum_goes_by_size_and_time(
    commons: Commons, shelf: Shelf, server: ScriptedServer
) -> None:
    commons.file(11, "B.png", b"B", sha1=None)
    shelf.visit(of())
    del server.asked[:]
    commons.file(10, "A.png", b"A", day=2)
    assert B in shelf.visit(of()).kept
    assert commons.asked("/upload/") == 0


def test_a_wrong_checksum_comes_again_and_lasts_as_missing(commons: Commons, shelf: Shelf) -> None:
    commons.on("B.png", Reply(b"evil"), Reply(b"B"))
    assert shelf.visit(of()).evidence.complete
    commons.file(11, "B.png", b"better", day=2)
    commons.on("B.png", Reply(b"evil"))
    assert missed(shelf.visit(of())) == [(B, "checksum")]


@pytest.mark.parametrize("split", [1, 2])
def test_an_answer_that_does_not_say_all_is_asked_for_in_halves(split: int, commons: Commons, shelf: Shelf) -> None:
    """API:Continue: with large descriptions an answer stops, and no record of it is taken for a whole one."""
    commons.split = split
    outcome = shelf.visit(of())
    assert (titles(outcome), outcome.evidence.complete) == (["A.png", "B.png", "C.png"], True)
    records = [json.loads(one.content or b"") for one in outcome.objects if one.key.startswith("records/")]
    assert sum(len(page["query"]["pages"]) for page in records) == 3
    assert all("imageinfo" in page for one in records for page in one["query"]["pages"])


@pytest.mark.parametrize(
    "error",
    [
        {"code": "maxlag", "info": "Waiting for 10.64.48.24: 7.4 seconds lagged.", "lag": 7.4},
        {"code": "ratelimited", "info": "You've exceeded your rate limit."},
        {"code": "readonly", "info": "The wiki is currently in read-only mode."},
        {"code": "cirrussearch-backend-error", "info": "We could not complete your search due to a temporary problem."},
    ],
)
def test_a_server_that_is_behind_is_left_alone(error: dict[str, Any], commons: Commons, shelf: Shelf) -> None:
    commons.error = error
    with pytest.raises(ServerBusy, match="asks programs to wait") as caught:
        shelf.visit(of())
    assert caught.value.retry_after_seconds == (error.get("lag") or 5.0)


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        ({"error": {"code": "invalidcategory", "info": "The category name is not valid."}}, "refused", "is not valid"),
        ({"error": "words"}, "refused", "Commons says"),
        ({"batchcomplete": True}, "not_found", "lists no file"),
        ({"query": {"pages": {"1": {}}}}, "damaged", "is not the list"),
        ({"query": {"pages": [{"ns": 6}]}}, "damaged", "without its number"),
        ({"continue": "more"}, "damaged", "how its list goes on"),
        ({"batchcomplete": True, "continue": None}, "damaged", "how its list goes on"),
        ({"query": {"pages": []}}, "damaged", "how its list goes on"),
        ({"continue": {"gcmcontinue": "same"}, "query": {"pages": []}}, "loop", "leads back"),
        ([], "damaged", "is not the answer"),
    ],
)
def test_a_list_that_cannot_be_had_says_why_and_takes_nothing_away(
    answer: Any, reason: str, words: str, commons: Commons, shelf: Shelf, server: ScriptedServer
) -> None:
    shelf.visit(of())
    server.on("/w/api.php", said(answer))
    outcome = shelf.visit(of())
    assert missed(outcome) == [("wikimedia:Category:Prints", reason)]
    assert re.search(words, outcome.missing[0].detail)
    assert (sorted(outcome.kept), outcome.evidence.complete) == ([A, B, C, RECORDS], False)


@pytest.mark.parametrize("body", [b"{", b"<html>", b'{"query": {"pages": []}}', b"{}"])
def test_an_answer_about_files_that_is_none_takes_nothing_away(
    body: bytes, commons: Commons, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.visit(of())
    commons.file(10, "A.png", b"A", day=2)
    monkeypatch.setattr(commons, "_infos", lambda _: Reply(body))
    outcome = shelf.visit(of())
    assert [key for key, _ in missed(outcome)] == [RECORDS]
    assert (sorted(outcome.kept), outcome.evidence.complete) == ([A, B, C], False)


@pytest.mark.parametrize("name", ["../x.png", "a\x07.png"])
def test_a_title_that_is_no_name_of_a_file_is_missing_by_name(name: str, commons: Commons, shelf: Shelf) -> None:
    commons.file(11, name, b"B")
    commons.category("Prints", "A.png", name)
    outcome = shelf.visit(of())
    assert (titles(outcome), [one.reason for one in outcome.missing]) == (["A.png"], ["name"])


def test_two_files_of_one_name_are_not_told_apart_by_luck(
    commons: Commons, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    infos = commons._infos
    monkeypatch.setattr(
        commons, "_infos", lambda numbers: Reply(infos(numbers).body.replace(b"File:B.png", b"File:A.png"))
    )
    outcome = shelf.visit(of())
    assert (titles(outcome), missed(outcome)) == (["A.png", "C.png"], [(A, "named_twice")])


def test_an_address_of_a_file_that_leads_inside_is_not_asked(
    commons: Commons, shelf: Shelf, server: ScriptedServer
) -> None:
    """What a server names is not what a person names."""
    commons.file(11, "B.png", b"B", url="http://169.254.169.254/latest/meta-data")
    assert missed(shelf.visit(of())) == [(B, "refused")]


def test_empty_answers_without_an_end_are_given_up(shelf: Shelf, server: ScriptedServer) -> None:
    def endless(asked: Asked) -> Reply:
        return said({"continue": {"gcmcontinue": str(len(server.asked)), "continue": "-||"}})

    server.on("/w/api.php", endless)
    assert missed(shelf.visit(of())) == [("wikimedia:Category:Prints", "loop")]
    assert len(server.asked) == 10
