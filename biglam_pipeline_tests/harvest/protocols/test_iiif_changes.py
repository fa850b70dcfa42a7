"""Lists of changes (IIIF Change Discovery): what did not change is not asked for."""

from datetime import timedelta
from typing import Any

import pytest

from biglam_pipeline.harvest.protocols.iiif import walk
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.institution import Institution, of, paths, works
from biglam_pipeline_tests.harvest.protocols.records import missed
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

DAYS = [f"2026-11-{day:02}T08:00:00Z" for day in range(1, 30)]


@pytest.fixture
def house(server: ScriptedServer) -> Institution:
    return Institution(server)


@pytest.fixture(autouse=True)
def no_full_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_FULL_VIEW_DAYS", 10**9)


def created(names: list[str]) -> list[tuple[str, str, str]]:
    return [("Create", name, DAYS[at]) for at, name in enumerate(names)]


def test_a_list_of_changes_stands_for_all_that_is_there(house: Institution, shelf: Shelf) -> None:
    """By the newest activity of each; what is about something else is counted."""
    names = works(house, 4)
    more = [("Update", names[0], DAYS[9]), ("Delete", names[1], DAYS[10]), ("Create", "", DAYS[11])]
    outcome = shelf.visit(of(house.changes("/activity", created(names), more)))
    assert paths(outcome, house) == [names[0], *names[2:]]
    assert outcome.evidence.complete
    assert outcome.evidence.proof.endswith("3 manifests named, 3 came whole, 0 unchanged, 0 missing, 1 activities about other things")  # fmt: skip  # noqa: E501


def test_a_quiet_night_of_a_list_of_changes_costs_two_requests(house: Institution, shelf: Shelf) -> None:
    """And the manifest that was changed last, since another may have been in the same second."""
    names = works(house, 20)
    where = house.changes("/activity", created(names[:10]), created(names)[10:])
    shelf.visit(of(where))
    del house.server.asked[:]
    quiet = shelf.visit(of(where))
    assert house.server.paths() == ["/activity", "/activity/page-1", names[-1]]
    assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 20, True)
    assert "19 of them not asked for, by a list of changes" in quiet.evidence.proof


def test_only_what_changed_is_asked_for(house: Institution, shelf: Shelf) -> None:
    """Added, corrected, removed, restored, moved."""
    names = works(house, 6)
    before = created(names)
    where = house.changes("/activity", before)
    shelf.visit(of(where))
    house.manifest3(names[1], "Corrected")
    house.manifest3("/m/9")
    house.manifest3("/moved/6")
    second = [
        ("Update", names[1], DAYS[10]),
        ("Delete", names[2], DAYS[11]),
        ("Create", "/m/9", DAYS[12]),
        ("Move", names[5], DAYS[13]),
    ]
    house.changes("/activity", before, second)
    page = house.documents["/activity/page-1"].replace(
        b'"type": "Move"',
        b'"type": "Move", "target": {"id": "%s", "type": "Manifest"}' % house.url("/moved/6").encode(),
    )
    house.put("/activity/page-1", page)
    del house.server.asked[:]
    outcome = shelf.visit(of(where))
    assert sorted(paths(outcome, house)) == ["/m/2", "/m/9", "/moved/6"]
    pages = ["/activity", "/activity/page-0", "/activity/page-1"]
    assert sorted(house.server.paths()) == [*pages, "/m/2", "/m/9", "/moved/6"]
    held = sorted(key.removeprefix(house.server.url) for key in shelf.held)
    assert held == ["/m/1", "/m/2", "/m/4", "/m/5", "/m/9", "/moved/6"]
    house.changes("/activity", before, second, [("Create", names[2], DAYS[20])])
    assert paths(shelf.visit(of(where)), house) == [names[2]]


def test_a_manifest_that_could_not_be_had_is_asked_for_again(house: Institution, shelf: Shelf) -> None:
    """The time that is noted is that of the last whole visit; the shelf of this test notes it all the same."""
    names = works(house, 3)
    where = house.changes("/activity", created(names))
    shelf.visit(of(where))
    noted = dict(shelf.cursor)
    house.server.on(names[0], Reply(status=404))
    house.changes("/activity", created(names), [("Update", names[0], DAYS[9])])
    assert missed(shelf.visit(of(where))) == [(house.url(names[0]), "not_found")]
    shelf.cursor = noted
    house.manifest3(names[0], "New")
    assert paths(shelf.visit(of(where)), house) == [names[0]]


def test_all_is_read_behind_a_refresh_and_only_what_is_gone_before(house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    old = [("Create", "/old", DAYS[0]), ("Delete", names[2], DAYS[1]), ("Refresh", "", DAYS[2])]
    again = [("Update", name, DAYS[3 + at]) for at, name in enumerate(names[:2])]
    where = house.changes("/activity", old, again)
    first = shelf.visit(of(where))
    assert (paths(first, house), first.evidence.complete) == (names[:2], True)
    house.changes("/activity", old, [*again, ("Delete", names[0], DAYS[10]), ("Refresh", "", DAYS[11])], [("Update", names[1], DAYS[12])])  # fmt: skip  # noqa: E501
    shelf.visit(of(where))
    assert list(shelf.held) == [house.url(names[1])]


def test_without_times_every_manifest_is_asked_for(house: Institution, shelf: Shelf) -> None:
    """Level 0."""
    names = works(house, 3)
    where = house.changes("/activity", [("Update", name, "") for name in names])
    shelf.visit(of(where))
    del house.server.asked[:]
    assert len(shelf.visit(of(where)).kept) == 3
    assert len(house.server.asked) == 2 + 3


@pytest.mark.parametrize("where", ["service", "seeAlso"])
def test_a_collection_may_name_its_list_of_changes(where: str, house: Institution, shelf: Shelf) -> None:
    """Then it says what there is, and the list what changed."""
    names = works(house, 8)
    changes = house.changes("/activity", created(names))
    named = {where: [{"id": changes, "type": "OrderedCollection"}]}
    top = house.collection3("/top", *names, **named)
    assert len(shelf.visit(of(top)).objects) == 8
    house.manifest3(names[3], "Corrected")
    house.changes("/activity", created(names), [("Update", names[3], DAYS[12])])
    house.collection3("/top", *names[1:], **named)
    del house.server.asked[:]
    second = shelf.visit(of(top))
    assert (paths(second, house), len(second.kept), len(shelf.held)) == ([names[3]], 6, 7)
    assert house.server.paths() == ["/top", "/activity", "/activity/page-1", "/activity/page-0", names[3], names[7]]
    del house.server.asked[:]
    assert len(shelf.visit(of(top)).kept) == 7
    assert house.server.paths() == ["/top", "/activity", "/activity/page-1", "/activity/page-0", names[3]]


def test_a_list_of_changes_that_cannot_be_had_saves_nothing_and_loses_nothing(house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    changes = house.changes("/activity", created(names))
    top = house.collection3("/top", *names, seeAlso=[{"id": changes, "profile": "http://iiif.io/api/discovery/1/context.json"}])  # fmt: skip  # noqa: E501
    shelf.visit(of(top))
    house.server.on("/activity", Reply(status=404))
    house.manifest3(names[0], "Corrected")
    second = shelf.visit(of(top))
    assert (paths(second, house), second.evidence.complete) == ([names[0]], True)


def test_each_manifest_is_asked_for_again_in_thirty_days(
    house: Institution, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "_FULL_VIEW_DAYS", 30)
    names = works(house, 10)
    where = house.changes("/activity", created(names))
    shelf.visit(of(where))
    asked = []
    for _ in range(30):
        shelf.now += timedelta(days=1)
        del house.server.asked[:]
        shelf.visit(of(where))
        asked += [path for path in house.server.paths() if path.startswith("/m/") and path != names[-1]]
    assert sorted(asked) == sorted(names[:-1])


@pytest.mark.parametrize("pattern", ["", "#*/1"])
def test_another_choice_looks_at_all_of_it(pattern: str, house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    where = house.changes("/activity", created(names))
    shelf.visit(of(f"{where}#*/2"))
    second = shelf.visit(of(where + pattern))
    assert {f"/m/{number}" for number in (1, 3)[: 1 if pattern else 2]} <= set(paths(second, house))
    assert second.evidence.complete


def test_beside_another_address_what_is_named_is_known_too(house: Institution, shelf: Shelf) -> None:
    names = works(house, 5)
    top = house.collection3("/top", *names[3:])
    where = house.changes("/activity", created(names[:3]))
    shelf.visit(of(where, top))
    house.changes("/activity", created(names[:3]), [("Delete", names[0], DAYS[9])])
    house.collection3("/top", names[4])
    shelf.visit(of(where, top))
    assert sorted(shelf.held) == [house.url(names[number]) for number in (1, 2, 4)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"totalItems": 9}, "truncated"),
        ({"last": None}, "damaged"),
        ({"last": {"id": "/activity"}}, "damaged"),
        ({"last": {"id": "/m/1"}}, "damaged"),
        ({"last": {"id": "/gone"}}, "not_found"),
    ],
)
def test_a_list_of_changes_that_lies_takes_nothing_away(
    changed: dict[str, Any], reason: str, house: Institution, shelf: Shelf
) -> None:
    names = works(house, 3)
    where = house.changes("/activity", created(names))
    shelf.visit(of(where))
    shelf.cursor = {}
    house.changes("/activity", created(names[:1]), **changed)
    second = shelf.visit(of(where))
    assert [found for _, found in missed(second)] == [reason]
    assert len(second.kept) == 3


def test_pages_of_changes_that_lead_back_take_nothing_away(house: Institution, shelf: Shelf) -> None:
    where = house.changes("/activity", created(works(house, 2)))
    shelf.visit(of(where))
    shelf.cursor = {}
    page = {"type": "OrderedCollectionPage", "prev": house.url("/activity/page-0"), "orderedItems": []}
    house.put("/activity/page-0", page)
    second = shelf.visit(of(where))
    assert ([reason for _, reason in missed(second)], len(second.kept)) == (["loop"], 2)


def test_a_time_that_is_to_come_hides_nothing(house: Institution, shelf: Shelf) -> None:
    """A year with a slip in it: what follows would be older than it for ever."""
    names = works(house, 3)
    acts = [("Create", names[0], DAYS[0]), ("Create", names[1], "2206-11-02T08:00:00Z")]
    where = house.changes("/activity", acts)
    shelf.visit(of(where))
    house.changes("/activity", [*acts, ("Create", names[2], DAYS[2])])
    assert names[2] in paths(shelf.visit(of(where)), house)


def test_what_stands_behind_something_older_is_seen(house: Institution, shelf: Shelf) -> None:
    """Some lists are in the order in which works were made known, and dated otherwise."""
    names = works(house, 4)
    acts = created(names[:2])
    where = house.changes("/activity", acts)
    shelf.visit(of(where))
    house.changes("/activity", [*acts, ("Create", names[2], DAYS[9]), ("Create", names[3], "2020-01-01T00:00:00Z")])
    assert paths(shelf.visit(of(where)), house) == names[2:]


def test_a_list_is_read_from_its_beginning_in_thirty_days(
    house: Institution, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes to stand on an older page, with its older time, is found then."""
    monkeypatch.setattr(walk, "_FULL_VIEW_DAYS", 30)
    names = works(house, 3)
    last = [("Create", names[1], DAYS[9])]
    where = house.changes("/activity", [("Create", names[0], DAYS[0])], last)
    shelf.visit(of(where))
    house.changes("/activity", [("Create", names[0], DAYS[0]), ("Create", names[2], DAYS[1])], last)
    found = []
    for _ in range(30):
        shelf.now += timedelta(days=1)
        found += [one for one in paths(shelf.visit(of(where)), house) if one == names[2]]
    assert found == [names[2]]
