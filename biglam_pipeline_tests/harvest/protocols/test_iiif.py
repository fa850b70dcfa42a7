"""Manifests of IIIF as a source: collections in both versions, two nights, and servers that lie."""

import contextlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.iiif import Iiif
from biglam_pipeline.harvest.protocols.iiif.answers import VERSION_2
from biglam_pipeline.harvest.protocols.iiif.documents import changes_of, members_of, next_of, read_document, total_of
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf, says_what_to_write
from biglam_pipeline_tests.harvest.protocols.institution import Institution, manifest2, manifest3, of, paths, works
from biglam_pipeline_tests.harvest.protocols.records import missed
from biglam_pipeline_tests.normalize.formats.test_iiif import ANYTHING, places_in
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server


def offer(server: ScriptedServer, folder: Path) -> Offer:
    """A collection in which another stands; one manifest of each version, and one that is embedded nowhere."""
    house = Institution(server)
    paths = ["/iiif/a/manifest.json", "/iiif/b/manifest", "/iiif/c"]
    house.manifest3(paths[0])
    house.manifest2(paths[1])
    house.manifest3(paths[2])
    house.collection3("/iiif/inside", paths[2])
    where = house.collection3("/iiif/top", *paths[:2], house.inside3("/iiif/inside"))
    whole = dict(house.documents)

    def lose(key: str) -> None:
        server.on(urlsplit(key).path, Reply(status=404))

    def find(key: str) -> None:
        house.put(urlsplit(key).path, whole[urlsplit(key).path])

    return Offer({"url": [where]}, {house.url(path): whole[path] for path in paths}, lose, find)


@pytest.fixture
def house(server: ScriptedServer) -> Institution:
    return Institution(server)


# --- what a collection names ---


def test_one_manifest_is_one_object_by_its_address(house: Institution, shelf: Shelf) -> None:
    """Whatever its `id` says."""
    where = house.put("/m/1/manifest.json", manifest2("http://elsewhere.example.org/1", "A work", 3))
    outcome = shelf.visit(of(where))
    assert [(one.key, one.content) for one in outcome.objects] == [(where, house.documents["/m/1/manifest.json"])]
    said = "0 collections, 1 manifests named, 1 came whole, 0 unchanged, 0 missing"
    assert (outcome.evidence.proof, outcome.evidence.complete) == (said, True)


@pytest.mark.parametrize("key", ["members", "manifests", "items"])
def test_f31_a_version_is_told_by_what_comes(key: str, house: Institution, shelf: Shelf) -> None:
    """Forms of versions 1 to 3 mixed: types with and without prefix, as a namespace, as a list, bare addresses."""
    for name in ("/1", "/2", "/3", "/4", "/5", "/6"):
        (house.manifest2 if name < "/4" else house.manifest3)(name)
    named = [
        {"@id": house.url("/1"), "@type": "sc:Manifest", "label": "1"},
        {"@id": house.url("/2"), "@type": "http://www.shared-canvas.org/ns/Manifest"},
        {"id": house.url("/3"), "type": "Manifest"},
        {"@id": "/4", "@type": ["sc:Manifest", "dctypes:Image"]},
        house.url("/5"),
        {"@id": house.url("/6")},
    ]
    where = house.put("/top", {"@id": "top", "@type": "sc:Collection", key: named})
    outcome = shelf.visit(of(where))
    assert paths(outcome, house) == ["/1", "/2", "/3", "/4", "/5", "/6"]
    assert outcome.evidence.complete


def test_collections_in_collections_are_walked(house: Institution, shelf: Shelf) -> None:
    """`collections` without types (2.0), what is called a manifest and is a collection, and the other way round."""
    names = works(house, 4)
    house.collection2("/c/1", names[0])
    house.collection3("/c/2", names[1])
    members = [
        {"@id": house.url("/c/2"), "@type": "sc:Manifest"},
        {"@id": house.url(names[2]), "@type": "sc:Collection"},
    ]
    where = house.collection2("/top", names[3], collections=[{"@id": house.url("/c/1")}], members=members)
    outcome = shelf.visit(of(where))
    assert sorted(paths(outcome, house)) == names
    assert outcome.evidence.proof.startswith("3 collections, 4 manifests named, 4 came whole")


def test_what_two_lists_of_one_collection_name_is_asked_for_once(house: Institution, shelf: Shelf) -> None:
    """https://iiif.harvardartmuseums.org/collections/ has the same under `collections` and `members`."""
    names = works(house, 2)
    house.collection2("/c", *names)
    again = [{"@id": house.url("/c"), "@type": "sc:Collection"}]
    where = house.collection2("/top", collections=again, members=again, total=1)
    outcome = shelf.visit(of(where))
    assert paths(outcome, house) == names
    assert house.server.paths().count("/c") == 1
    assert outcome.evidence.complete


def test_twins_of_http_and_https_are_one(house: Institution, shelf: Shelf) -> None:
    [name] = works(house, 1)
    twin = {"id": house.url(name).replace("http://", "https://"), "type": "Manifest"}
    outcome = shelf.visit(of(house.collection3("/top", name, twin)))
    assert paths(outcome, house) == [name]
    assert outcome.evidence.proof.endswith("0 missing, 1 named once more")


def test_what_stands_in_its_collection_whole_counts_as_it_stands(house: Institution, shelf: Shelf) -> None:
    """Byte for byte, of both versions, also in a collection that stands in another."""
    one, two = manifest3(house.url("/e/1"), "Eins", 1), manifest2(house.url("/e/2"), "Zwei", 1)
    inside = {"id": house.url("/c"), "type": "Collection", "items": [two]}
    [name] = works(house, 1)
    text = json.dumps({"id": house.url("/top"), "type": "Collection", "items": [one, inside, house.url(name)]})
    text = text.replace('"height": 1800', '"height": 1800.50')
    where = house.put("/top", text.encode())
    first = shelf.visit(of(where))
    assert paths(first, house) == ["/e/1", "/e/2", name]
    assert [one.content in text.encode() and b"1800.50" in one.content for one in first.objects[:2]] == [True, True]
    assert sorted(house.server.paths()) == [name, "/top"]
    assert shelf.visit(of(where)).kept == [one.key for one in first.objects]


def test_pages_of_a_collection_are_followed(house: Institution, shelf: Shelf) -> None:
    """As https://api.digitale-sammlungen.de pages: `first`, `next`, and `total` on each."""
    names = works(house, 5)
    for number in range(3):
        follow = {"next": house.url(f"/top?cursor={number + 1}")} if number < 2 else {}
        house.collection2(f"/top?cursor={number}", *names[2 * number : 2 * number + 2], total=5, **follow)
    where = house.collection2("/top", first=house.url("/top?cursor=0"), total=5)
    outcome = shelf.visit(of(where))
    assert (paths(outcome, house), outcome.evidence.complete) == (names, True)
    assert len(house.server.asked) == 4 + 5


@pytest.mark.parametrize("pattern", ["#*/2", "#m/{2,9}", "#!m/{1,3}"])
def test_a_pattern_chooses_among_manifests_by_their_addresses(pattern: str, house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    house.collection3("/c", *names[1:])
    outcome = shelf.visit(of(house.collection3("/top", names[0], house.inside3("/c")) + pattern))
    assert paths(outcome, house) == ["/m/2"]
    assert (outcome.evidence.complete, "2 not chosen" in outcome.evidence.proof) == (True, True)


def test_a_pattern_that_chooses_nothing_is_not_whole(house: Institution, shelf: Shelf) -> None:
    where = house.collection3("/top", *works(house, 2))
    shelf.visit(of(where))
    outcome = shelf.visit(of(f"{where}#*.xml"))
    assert missed(outcome) == [(where, "not_found")]
    assert "none of the 2 manifests named there ends like *.xml; correct the pattern" in outcome.missing[0].detail
    assert len(outcome.kept) == 2


# --- nights ---


def test_a_quiet_night_asks_for_each_and_takes_nothing(house: Institution, shelf: Shelf) -> None:
    """The collection, and each manifest by its ETag."""
    where = house.collection3("/top", *works(house, 20))
    shelf.visit(of(where))
    del house.server.asked[:]
    quiet = shelf.visit(of(where))
    assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 20, True)
    assert len(house.server.asked) == 21
    assert sum("If-None-Match" in asked.headers for asked in house.server.asked) == 20


def test_added_corrected_removed_and_restored(house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    where = house.collection3("/top", *names)
    shelf.visit(of(where))
    house.manifest3("/m/4")
    house.manifest3("/m/1", "Corrected")
    house.collection3("/top", *names[:2], "/m/4")
    second = shelf.visit(of(where))
    assert paths(second, house) == ["/m/1", "/m/4"]
    assert house.url("/m/3") not in shelf.held
    house.collection3("/top", *names, "/m/4")
    assert paths(shelf.visit(of(where)), house) == ["/m/3"]


def test_a_member_that_is_dead_is_missing_unless_it_is_ignored(house: Institution, shelf: Shelf) -> None:
    names = works(house, 2)
    for gone, status in (("/m/8", 404), ("/m/9", 410)):
        house.server.on(gone, Reply(status=status))
    where = house.collection3("/top", *names, "/m/8", "/m/9")
    outcome = shelf.visit(of(where))
    assert missed(outcome) == [(house.url("/m/8"), "not_found"), (house.url("/m/9"), "not_found")]
    assert not outcome.evidence.complete
    without = shelf.visit(of(where, ignore=["m/8", "m/9"]))
    assert (without.missing, without.evidence.complete) == ([], True)
    assert without.evidence.left_out == {"ignored": 2}


def test_a_collection_that_does_not_come_leaves_what_it_had(house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    house.collection3("/c", *names[1:])
    where = house.collection3("/top", names[0], house.inside3("/c"))
    shelf.visit(of(where))
    house.server.on("/c", Reply(b'{"id": "cut', headers={"Content-Type": "application/json"}))
    second = shelf.visit(of(where))
    assert missed(second) == [(house.url("/c"), "damaged")]
    assert sorted(second.kept) == [house.url(name) for name in names]
    ignored = shelf.visit(of(where, ignore="c"))
    assert (ignored.evidence.complete, ignored.kept) == (True, [house.url(names[0])])


# --- both versions are offered ---


@pytest.mark.parametrize("third", [Reply(status=404), Reply(b"{}"), Reply(b'{"error": "no"}'), Reply(status=406)])
def test_f32_version_2_is_asked_for_where_version_3_is_missing_or_invalid(
    third: Reply, house: Institution, shelf: Shelf
) -> None:
    names = works(house, 2)
    second = json.dumps(manifest2(house.url("/m/2"), "A work", 2)).encode()
    sick = Reply(third.body, third.status, {"Content-Type": "application/json"})

    def negotiated(asked: Asked) -> Reply:
        if asked.headers["Accept"] != VERSION_2:
            return sick
        found = asked.headers.get("If-None-Match") == '"two"'
        return Reply(status=304) if found else Reply(second, headers={"ETag": '"two"'})

    house.server.on("/m/2", negotiated)
    where = house.collection3("/top", *names)
    first = shelf.visit(of(where))
    assert [one.content for one in first.objects] == [house.documents["/m/1"], second]
    assert first.evidence.complete
    assert len(shelf.visit(of(where)).kept) == 2


def test_a_manifest_of_nothing_is_shelved_where_there_is_no_better(house: Institution, shelf: Shelf) -> None:
    """That it has no canvas is for the reader to say."""
    where = house.manifest3("/m/1", pages=0)
    outcome = shelf.visit(of(house.collection3("/top", "/m/1")))
    assert ([one.key for one in outcome.objects], outcome.evidence.complete) == ([where], True)


def test_servers_without_a_second_version_are_not_asked_for_it_for_ever(house: Institution, shelf: Shelf) -> None:
    names = [f"/gone/{number}" for number in range(50)]
    outcome = shelf.visit(of(house.collection3("/top", *names)))
    assert len(outcome.missing) == 50
    assert len(house.server.asked) == 1 + 50 + 20


# --- servers that lie ---


def test_h49_a_collection_that_contains_itself_is_opened_once(house: Institution, shelf: Shelf) -> None:
    [name] = works(house, 1)
    house.collection3("/c", name, house.inside3("/top"))
    where = house.collection3("/top", house.inside3("/top"), house.inside3("/c"))
    outcome = shelf.visit(of(where))
    assert (paths(outcome, house), outcome.evidence.complete) == ([name], True)
    assert sorted(house.server.paths()) == ["/c", name, "/top"]
    assert outcome.evidence.proof.endswith("2 named once more")


@pytest.mark.parametrize("kind", ["Collection", "Manifest", None])
def test_h49_collections_without_end_are_left_at_the_tenth(kind: str | None, house: Institution, shelf: Shelf) -> None:
    """Whatever they are called."""
    for number in range(15):
        inside = {"id": house.url(f"/c/{number + 1}"), **({"type": kind} if kind else {})}
        house.collection3(f"/c/{number}", inside)
    outcome = shelf.visit(of(house.url("/c/0")))
    assert missed(outcome)[0] == (house.url("/c/11"), "too_deep")
    assert "deeper than 10 collections" in outcome.missing[0].detail
    assert len(house.server.asked) in (11, 12)


def test_h49_more_manifests_than_anybody_asks_for_are_told(
    house: Institution, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biglam_pipeline.harvest.protocols.iiif.walk._MOST_MANIFESTS", 10)
    house.collection3("/c", *works(house, 12))
    outcome = shelf.visit(of(house.collection3("/top", house.inside3("/c"))))
    assert missed(outcome) == [(house.url("/top"), "too_large")]
    assert len(outcome.objects) == 10


@pytest.mark.parametrize(
    ("total", "reason"), [(2, ""), (3, "truncated"), (1, "total"), ("2", ""), (None, ""), ("many", "")]
)
def test_a_total_must_agree(total: Any, reason: str, house: Institution, shelf: Shelf) -> None:
    where = house.collection2("/top", *works(house, 2), total=total)
    outcome = shelf.visit(of(where))
    assert missed(outcome) == ([(where, reason)] if reason else [])
    assert outcome.evidence.complete == (not reason)


def test_a_total_may_count_members_or_the_manifests_below(house: Institution, shelf: Shelf) -> None:
    """2.1 says "leaf resources", and servers do both."""
    house.collection3("/c", *works(house, 3))
    for total in (1, 3):
        where = house.collection2("/top", collections=[{"@id": house.url("/c")}], total=total)
        assert shelf.visit(of(where)).evidence.complete


@pytest.mark.parametrize("follow", ["/top", "/top?page=1"])
def test_pages_that_lead_back_are_not_whole(follow: str, house: Institution, shelf: Shelf) -> None:
    names = works(house, 2)
    house.collection2("/top?page=1", names[1], next=house.url(follow))
    where = house.collection2("/top", names[0], next=house.url("/top?page=1"))
    outcome = shelf.visit(of(where))
    assert [reason for _, reason in missed(outcome)] == ["loop"]
    assert paths(outcome, house) == names


def test_a_page_that_is_none_is_missing_and_what_was_there_is_kept(house: Institution, shelf: Shelf) -> None:
    names = works(house, 3)
    house.collection2("/top?page=1", *names[1:])
    where = house.collection2("/top", names[0], next=house.url("/top?page=1"))
    shelf.visit(of(where))
    for page, reason in ((house.documents[names[2]], "damaged"), (b"{}", "damaged")):
        house.put("/top?page=1", page)
        outcome = shelf.visit(of(where))
        assert [found for _, found in missed(outcome)] == [reason]
        assert outcome.missing[0].detail.startswith(house.url("/top?page=1"))
        assert sorted(outcome.kept) == [house.url(name) for name in names]


def test_a_manifest_that_two_addresses_lead_to_is_asked_for_once(house: Institution, shelf: Shelf) -> None:
    names = works(house, 2)
    top = house.collection3("/top", *names)
    for addresses in ((top, house.url(names[0])), (house.url(names[0]), top), (top + "#*/1", top + "#*/2")):
        shelf.held = {}
        del house.server.asked[:]
        outcome = shelf.visit(of(*addresses))
        assert sorted(paths(outcome, house)) == names
        assert sorted(path for path in house.server.paths() if path != "/top") == names
        assert outcome.evidence.complete


def test_pages_that_are_made_up_without_end_are_left(house: Institution, shelf: Shelf) -> None:
    names = works(house, 1)

    def page(asked: Asked) -> Reply:
        number = int(asked.query["page"])
        said = {"type": "Collection", "items": [house.url(names[0])], "next": house.url(f"/p?page={number + 1}")}
        return Reply(json.dumps(said).encode())

    house.server.on("/p", page)
    outcome = shelf.visit(of(house.url("/p?page=1")))
    assert [reason for _, reason in missed(outcome)] == ["loop"]
    assert len(house.server.asked) < 15


@pytest.mark.parametrize(
    "bad",
    ["file:///etc/passwd", "ftp://example.org/m", "", "javascript:1", "/m/../../x", "/m/\u0085x", "//[bad/x", 7, None],
)
def test_what_is_no_address_of_a_document_is_missing(bad: Any, house: Institution, shelf: Shelf) -> None:
    """And nothing is asked for it."""
    [name] = works(house, 1)
    member = {"id": house.server.url + bad if str(bad).startswith("/m") else bad, "type": "Manifest"}
    outcome = shelf.visit(of(house.collection3("/top", name, member)))
    assert (paths(outcome, house), [reason for _, reason in missed(outcome)]) == ([name], ["name"])
    assert sorted(house.server.paths()) == [name, "/top"]
    assert all(one.key.isprintable() for one in outcome.missing)


def test_another_host_is_asked_without_our_key(house: Institution, shelf_of: MakeShelf) -> None:
    names = works(house, 1)
    with scripted_server() as other:
        shelf = shelf_of({"https://other.example.org": other.url})
        shelf.web._secrets = {"KEY": "s3cret"}
        Institution(other).manifest3("/m")
        where = house.collection3("/top", *names, {"id": "https://other.example.org/m", "type": "Manifest"})
        outcome = shelf.visit(of(where, headers={"X-Api-Key": "env:KEY"}))
        assert [one.key for one in outcome.objects] == [house.url(names[0]), "https://other.example.org/m"]
        assert {asked.headers.get("X-Api-Key") for asked in house.server.asked} == {"s3cret"}
        assert [asked.headers.get("X-Api-Key") for asked in other.asked] == [None]


def test_a_collection_leads_to_no_private_place(house: Institution, shelf: Shelf) -> None:
    names = works(house, 1)
    with scripted_server() as other:
        where = house.collection3("/top", *names, {"id": Institution(other).manifest3("/m"), "type": "Manifest"})
        shelf.web._allow_private = frozenset({where.split("/")[2]})
        outcome = shelf.visit(of(where))
        assert missed(outcome) == [(other.url + "/m", "refused")]
        assert other.asked == []


def test_a_host_that_is_gone_is_one_dead_link(house: Institution, shelf: Shelf) -> None:
    names = works(house, 1)
    member = {"id": "https://no-such-host.invalid/m", "type": "Manifest"}
    outcome = shelf.visit(of(house.collection3("/top", *names, member)))
    assert missed(outcome) == [("https://no-such-host.invalid/m", "not_found")]
    assert paths(outcome, house) == names


@pytest.mark.parametrize(("status", "error"), [(403, SourceChanged), (429, ServerBusy), (503, ServerBusy)])
def test_a_refusal_ends_the_visit(status: int, error: type[Exception], house: Institution, shelf: Shelf) -> None:
    names = works(house, 2)
    house.server.on("/m/2", Reply(status=status))
    with pytest.raises(error):
        shelf.visit(of(house.collection3("/top", *names)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<!doctype html><title>Log in</title>", "wall"), (b'{"id": "x", "type": "Ca', "damaged"), (b"[1]", "damaged")],
)
def test_what_is_no_manifest_is_missing(body: bytes, reason: str, house: Institution, shelf: Shelf) -> None:
    names = works(house, 2)
    house.server.on("/m/2", Reply(body, headers={"Content-Type": "application/json"}))
    outcome = shelf.visit(of(house.collection3("/top", *names)))
    assert missed(outcome) == [(house.url("/m/2"), reason)]


def test_whatever_stands_at_any_place_of_a_list_ends_in_our_own_words() -> None:
    """A collection in pages that names, embeds and lists changes; read as far as it can be."""
    base = "https://a.org/top"
    whole: dict[str, Any] = {
        "id": base,
        "type": "Collection",
        "items": [{"id": f"{base}/1", "type": "Manifest"}, manifest3(f"{base}/2", "Two", 1)],
        "collections": [{"@id": f"{base}/3", "manifests": [manifest2(f"{base}/4", "Four", 1)]}],
        "first": {"id": f"{base}?page=1"},
        "next": f"{base}?page=2",
        "total": 3,
        "service": [{"id": f"{base}/changes", "type": "OrderedCollection"}],
        "seeAlso": [{"@id": f"{base}/changes", "profile": "http://iiif.io/api/discovery/1/context.json"}],
    }
    for holder, name in list(places_in(whole)):
        before = holder[name]
        for instead in ANYTHING:
            holder[name] = instead
            with contextlib.suppress(ObjectFailed):
                said = read_document(json.dumps(whole).encode(), base)
                for member in members_of(said, base):
                    assert member.inside is None or member.inside().data
                assert isinstance(next_of(said, base) + changes_of(said, base), str)
                assert total_of(said) in (3, 0, None)
        holder[name] = before


# --- addresses ---


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://view.example.org/uv.html#?manifest=https://a.org/m.json&c=0", "iiif+https://a.org/m.json"),
        ("https://view.example.org/mirador?manifest=https%3A%2F%2Fa.org%2Fm.json", "iiif+https://a.org/m.json"),
        ("https://a.org/item/7?iiif-content=https://a.org/m/7", "iiif+https://a.org/m/7"),
        ("iiif+https://a.org/item?manifest=https://a.org/m/7&canvas=2", "iiif+https://a.org/m/7"),
    ],
)
def test_the_page_of_a_viewer_says_what_to_write(written: str, meant: str) -> None:
    says_what_to_write(Iiif, written, meant)


@pytest.mark.parametrize(
    "written",
    ["https://a.org/iiif/7/info.json", "https://a.org/iiif/7/full/max/0/default.jpg", "https://a.org/7/0,0,9,9/,90/!90/color.png"],
)  # fmt: skip
def test_a_picture_is_no_manifest(written: str) -> None:
    with pytest.raises(ValidationError, match="is one picture; write the address of the manifest"):
        Iiif(**read_address(f"iiif+{written}"))


def test_pages_that_each_name_the_first_are_a_list_with_an_end(house: Institution, shelf: Shelf) -> None:
    """As servers do that write all links of paging on every page."""
    names = works(house, 4)
    paging = {"first": house.url("/p1"), "last": house.url("/p2"), "total": 4}
    house.collection2("/p1", *names[:2], next=house.url("/p2"), **paging)
    house.collection2("/p2", *names[2:], prev=house.url("/p1"), **paging)
    outcome = shelf.visit(of(house.collection2("/top", **paging)))
    assert (paths(outcome, house), outcome.evidence.complete) == (names, True)


def test_a_collection_may_be_its_own_first_page(house: Institution, shelf: Shelf) -> None:
    names = works(house, 2)
    outcome = shelf.visit(of(house.collection2("/top", *names, first=house.url("/top"), last=house.url("/top"))))
    assert (paths(outcome, house), outcome.evidence.complete) == (names, True)


def test_manifests_that_a_key_alone_tells_apart_are_not_one(server: ScriptedServer, shelf: Shelf) -> None:
    """Their addresses are shelved without what looks like a secret; `public` says that it is none."""
    house, names = Institution(server), [f"/m?key={number}" for number in (1, 2, 3)]
    for name in names:
        house.manifest3(name)
    where = house.collection3("/top", *names)
    outcome = shelf.visit(of(where))
    assert not outcome.evidence.complete
    assert (len(outcome.objects), len(outcome.missing)) == (1, 2)
    assert "write `public: [key]`" in outcome.missing[0].detail
    outcome = shelf.visit(of(where, public=("key",)))
    assert (paths(outcome, house), outcome.evidence.complete) == (names, True)


def test_what_is_shelved_in_version_2_is_not_lost_where_others_have_none(server: ScriptedServer, shelf: Shelf) -> None:
    """Twenty manifests of nothing before it: no version 2 is looked for any more, but of what may be of that."""
    house = Institution(server)
    good, hollow = manifest2(house.url("/z"), "A work", 2), manifest3(house.url("/z"), "A work", 0)

    def answer(asked: Asked) -> Reply:
        chosen = good if "presentation/2" in asked.headers.get("Accept", "") else hollow
        return Reply(json.dumps(chosen).encode(), headers={"Content-Type": "application/json"})

    server.on("/z", answer)
    where = house.collection3("/top", "/z")
    shelf.visit(of(where))
    empty = [house.manifest3(f"/e/{number}", pages=0) for number in range(25)]
    house.collection3("/top", *[urlsplit(one).path for one in empty], "/z")
    outcome = shelf.visit(of(where))
    assert outcome.kept == [house.url("/z")]
