"""Manifests of IIIF become rows: made-up ones of each shape, those of real institutions, and what is none."""

import json
from collections import Counter
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest

from biglam_pipeline.normalize.formats.iiif.kind import canvas_spans
from biglam_pipeline.parsing.json.stream import Broken
from biglam_pipeline.parsing.json.texts import Text
from biglam_pipeline.records import Item, Read, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.harvest.protocols.institution import manifest2, manifest3
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, take_out

HERE = "https://a.org/7/manifest"
PAIRS = [
    {"label": {"en": ["Artist"], "de": ["Künstler"]}, "value": {"en": ["Homer"], "de": ["Homer, W."]}},
    {"label": {"en": ["Date of publication"]}, "value": {"none": ["1899"]}},
]
CC0 = "http://creativecommons.org/publicdomain/zero/1.0/"
SPECIMEN = Specimen(
    {
        "third.json": json.dumps(manifest3(HERE, "Drei", 2, rights=CC0, metadata=PAIRS)).encode(),
        "second": json.dumps(manifest2("http://b.org/8", "Zwei", 3, license="", attribution="B")).encode(),
    },
    records=5,
    version=3,
    digest="7d9d88d3886c2739",
    block={"map": {"creators": "pairs.Artist", "extra": {"api": '$root."@context"', "in": "$section"}}},
)


def rows_of(manifest: Any, rows: str = "canvas", **block: Any) -> list[Read]:
    data = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return read_one(reader(type="iiif", rows=rows, **block), "m.json", data)


def first(manifest: Any, rows: str = "canvas", **block: Any) -> Record:
    found = rows_of(manifest, rows, **block)
    assert not rejects(found)
    return records(found)[0]


def values(manifest: Any, rows: str = "canvas", **block: Any) -> dict[str, Any]:
    return first(manifest, rows, **block).values


def third(**more: Any) -> dict[str, Any]:
    return manifest3(HERE, "A work", 2, **more)


def second(**more: Any) -> dict[str, Any]:
    return manifest2(HERE, "A work", 2, **more)


def painted(manifest: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body of the first canvas, changed."""
    if "sequences" in manifest:
        manifest["sequences"][0]["canvases"][0]["images"][0]["resource"].update(more)
    else:
        manifest["items"][0]["items"][0]["items"][0]["body"].update(more)
    return manifest


# --- a canvas is a row ---


@pytest.mark.parametrize("make", [third, second])
def test_both_versions_give_the_same_row(make: Any) -> None:
    found = rows_of(make())
    assert [one.source_record_id for one in records(found)] == [f"{HERE}/canvas/1", f"{HERE}/canvas/2"]
    row = records(found)[1].values
    wanted = {
        "title": "A work",
        "parent_id": HERE,
        "seq": 2,
        "caption_raw": "p. 2",
        "iiif_service": "https://images.example.org/2",
        "width": 2400,
        "height": 3600,
        "media_type": "image/jpeg",
        "type": "StillImage",
    }
    assert {name: row[name] for name in wanted} == wanted
    assert row["image_url"].startswith("https://images.example.org/2/full/")
    assert not records(found)[1].problems


def test_a_manifest_may_be_the_row() -> None:
    row = values(third(summary={"none": ["S"]}, homepage=[{"id": "https://a.org/7"}]), "manifest")
    assert (row["title"], row["description"], row["source_url"]) == ("A work", "S", "https://a.org/7")
    assert row["identifiers"] == [{"scheme": "iiif", "value": HERE}]
    assert first(third(), "manifest", map={"extra": {"n": "$canvases", "s": "$iiif_service"}}).extra == {
        "n": "2",
        "s": "https://images.example.org/1",
    }


def test_a_path_is_of_the_canvas_and_root_is_the_manifest() -> None:
    manifest = third(viewingDirection="right-to-left", metadata=PAIRS)
    manifest["items"][0]["metadata"] = [{"label": "Artist", "value": "A pupil"}]
    extra = {
        "high": "height",
        "way": "$root.viewingDirection",
        "artist": "pairs.Artist >> list",
        "its": '$root.pairs."Künstler"',
        "when": 'pairs."Date of publication"',
    }
    one, two = records(rows_of(manifest, map={"extra": extra}))
    assert one.extra == {
        "high": "1800",
        "way": "right-to-left",
        "artist": ["A pupil"],
        "its": "Homer, W.",
        "when": "1899",
    }
    assert two.extra["artist"] == ["Homer"]


def test_a_label_that_nobody_reads_is_reported() -> None:
    found = rows_of(third(metadata=PAIRS), map={"creators": "pairs.Artist"})
    filled = Counter[str]()
    for one in unmapped(found):
        filled.update(one.filled)
    assert filled == {"pairs.Künstler": 2, "pairs.Date of publication": 2}


@pytest.mark.parametrize("more", [{"sequences": []}, {"sequences": [{"type": "Sequence"}]}, {"sequences": None}])
def test_a_manifest_that_was_carried_over_from_version_2_has_its_items(more: dict[str, Any]) -> None:
    found = rows_of(third(**more))
    assert len(records(found)) == 2
    assert len(list(canvas_spans(Text.of(item("m", json.dumps(third(**more)).encode()).open, "")))) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_manifest_in_another_encoding_is_read(encoding: str) -> None:
    assert values(json.dumps(third(), ensure_ascii=False).encode(encoding))["title"] == "A work"


# --- texts ---


@pytest.mark.parametrize(
    ("label", "title", "others"),
    [
        ("A", "A", None),
        ({"none": ["A"], "en": ["B"]}, "A", ["B"]),
        ({"fr": ["A"], "en": ["B", "C"]}, "A", ["B", "C"]),
        ([{"@value": "A", "@language": "de"}, {"@value": "B", "@language": "en"}], "A", ["B"]),
        ([{"@value": "A", "@language": "de"}, "B"], "B", ["A"]),
        ({"@value": "A", "@language": "de"}, "A", None),
        ({"en": "A"}, "A", None),
        (["A", "B"], "A", ["B"]),
        (1.0, "1.0", None),
        (7, "7", None),
        (True, "true", None),
        ("<p>A &amp; <b>B</b></p>", "A & B", None),
        ("The <Anonymous> & 1 < 2 > 0", "The <Anonymous> & 1 < 2 > 0", None),
        ("", None, None),
        (None, None, None),
        ({}, None, None),
        ({"id": "x", "label": "y"}, None, None),
        ({"@language": "en"}, None, None),
        ([[[["A"]]]], "A", None),
    ],
)
def test_a_label_in_any_form(label: Any, title: str | None, others: list[str] | None) -> None:
    row = values({**third(), "label": label})
    assert (row.get("title"), row.get("title_alt")) == (title, others)


def test_a_label_that_is_absent_leaves_no_title() -> None:
    manifest = third()
    del manifest["label"]
    assert "title" not in values(manifest)


# --- rights ---


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({"rights": "http://creativecommons.org/licenses/by/4.0/"}, ["http://creativecommons.org/licenses/by/4.0/"]),
        ({"license": ["https://a.org/1", "CC BY 4.0"]}, ["https://a.org/1", "CC BY 4.0"]),
        ({"license": {"@id": "https://a.org/1"}}, ["https://a.org/1"]),
        ({"license": ""}, None),
        ({"license": '<a href="https://a.org/1">free</a>'}, ["free", "https://a.org/1"]),
        ({"metadata": [{"label": {"en": ["Copyright status"]}, "value": "In copyright"}]}, ["In copyright"]),
        ({"requiredStatement": {"label": "Terms of Use", "value": {"none": ["Ask us"]}}}, ["Ask us"]),
        ({"requiredStatement": {"label": {"en": ["Attribution"]}, "value": "The Library"}}, None),
        (
            {"attribution": '<a href="http://creativecommons.org/licenses/by-nc/4.0/">free</a>'},
            ["http://creativecommons.org/licenses/by-nc/4.0/"],
        ),
        ({"attribution": "All rights reserved"}, ["All rights reserved"]),
        ({"attribution": ["The Library", "CC BY-NC 4.0"]}, ["CC BY-NC 4.0"]),
    ],
)
def test_every_statement_of_the_object_is_heard(said: dict[str, Any], heard: list[str] | None) -> None:
    for rows in ("canvas", "manifest"):
        assert values(third(**said), rows).get("rights_raw") == heard


def test_who_may_see_it_is_access() -> None:
    assert values(third(metadata=[{"label": "Access rights", "value": "Staff"}]))["access_raw"] == ["Staff"]


def test_a_canvas_and_its_picture_say_their_own_beside_the_manifest() -> None:
    manifest = painted(third(rights="https://a.org/m"), rights="https://a.org/p")
    manifest["items"][0]["rights"] = "https://a.org/c"
    one, two = records(rows_of(manifest))
    assert one.values["rights_raw"] == ["https://a.org/m", "https://a.org/c", "https://a.org/p"]
    assert two.values["rights_raw"] == ["https://a.org/m"]


def test_a_statement_cannot_be_mapped_away() -> None:
    row = values(third(rights="https://a.org/m"), map={"rights_raw": {"const": "CC0"}})
    assert row["rights_raw"] == ["https://a.org/m", "CC0"]


@pytest.mark.parametrize(
    "said",
    [
        {"requiredStatement": {"label": {"en": ["Credit"]}, "value": {"en": ["<span>The Library</span>"]}}},
        {"attribution": "The Library"},
        {
            "attribution": [
                {"@value": "The Library", "@language": "en"},
                {"@value": "Die Bibliothek", "@language": "de"},
            ]
        },
    ],
)
def test_what_must_be_shown_is_the_attribution(said: dict[str, Any]) -> None:
    assert values(third(**said))["attribution"] == "The Library"


def test_a_licence_that_only_the_credit_line_links_to_can_be_asked_for() -> None:
    """As the National Library of Scotland writes it."""
    credit = 'NLS<br/>License: <a target="_top" href="http://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'
    extra = {"extra": {"licence": "$credit_links"}}
    assert first(second(attribution=credit), map=extra).extra == {
        "licence": "http://creativecommons.org/licenses/by/4.0/"
    }


# --- pictures ---


@pytest.mark.parametrize(
    "service",
    [
        {"id": "https://i.org/1/", "type": "ImageService3", "profile": "level2"},
        {"@id": "https://i.org/1", "@type": "ImageService2", "profile": "http://iiif.io/api/image/2/level1.json"},
        {
            "@id": "https://i.org/1/info.json",
            "profile": ["http://iiif.io/api/image/2/level2.json", {"formats": ["png"]}],
        },
        {"@id": "https://i.org/1", "@context": "http://iiif.io/api/image/2/context.json"},
        {"@id": "https://i.org/1", "profile": "http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level1"},
        {"@id": "https://i.org/1", "protocol": "http://iiif.io/api/image"},
        [
            {"@id": "https://s.org/search", "profile": "http://iiif.io/api/search/1/search"},
            {"id": "https://i.org/1", "type": "ImageService3"},
        ],
    ],
)
def test_an_image_service_of_any_version(service: Any) -> None:
    assert values(painted(third(), service=service))["iiif_service"] == "https://i.org/1"
    assert values(painted(second(), service=service))["iiif_service"] == "https://i.org/1"


def test_without_a_service_the_picture_has_its_address_alone() -> None:
    row = values(painted(third(), service=None, id="https://a.org/1.jpg", format="image/jpg"))
    assert (row["image_url"], row.get("iiif_service"), row["media_type"]) == ("https://a.org/1.jpg", None, "image/jpeg")


def test_addresses_that_are_relative_are_of_the_manifest() -> None:
    service = {"@id": "/iiif/1", "profile": "http://iiif.io/api/image/2/level2.json"}
    row = values(painted(third(), id="../1.jpg", service=service))
    assert (row["image_url"], row["iiif_service"]) == ("https://a.org/1.jpg", "https://a.org/iiif/1")


@pytest.mark.parametrize(
    ("size", "width"),
    [
        ({"width": 1000.0}, 1000),
        ({"width": "1000"}, 1000),
        ({"width": 0}, 900),
        ({"width": None}, 900),
        ({"width": -1}, 900),
    ],
)
def test_a_size_in_pixels_is_of_the_picture_or_its_service(size: dict[str, Any], width: int) -> None:
    """Never of the canvas, which has none."""
    service = {"id": "https://i.org/1", "type": "ImageService3", "width": 900}
    row = values(painted(third(), service=service, height=None, **size))
    assert (row["width"], row.get("height")) == (width, None)


JPEG = {"id": "https://a.org/1.jpg", "type": "Image"}


@pytest.mark.parametrize(
    "body",
    [
        {"type": "Choice", "items": [JPEG, {"id": "https://a.org/2.jpg", "type": "Image"}]},
        {"@type": "oa:Choice", "default": {"@id": "https://a.org/1.jpg", "@type": "dctypes:Image"}, "item": []},
        {"@type": "oa:SpecificResource", "full": {"@id": "https://a.org/1.jpg", "@type": "dctypes:Image"}},
        {"type": "SpecificResource", "source": {"type": "Choice", "items": [JPEG]}},
        "https://a.org/1.jpg",
    ],
)  # fmt: skip
def test_a_choice_is_its_default_and_a_detail_is_of_its_whole(body: Any) -> None:
    manifest = third()
    manifest["items"][0]["items"][0]["items"][0]["body"] = body
    assert values(manifest)["image_url"] == "https://a.org/1.jpg"


def test_several_pictures_or_none_are_counted() -> None:
    manifest = third()
    [page] = manifest["items"][0]["items"]
    page["items"] *= 2
    manifest["items"][1]["items"][0]["items"][0]["body"] = {"id": "https://a.org/1.mp4", "type": "Video"}
    one, two = records(rows_of(manifest))
    assert one.problems == ("image_url: 2 pictures on the canvas, the first is taken",)
    assert two.problems == ("image_url: none; Video is painted on the canvas",)
    assert "image_url" not in two.values


def test_what_is_written_about_a_canvas_is_not_painted_on_it() -> None:
    manifest = third()
    manifest["items"][0]["items"][0]["items"][0]["motivation"] = "commenting"
    assert first(manifest).problems == ("image_url: none is painted on the canvas",)


@pytest.mark.parametrize(
    "login",
    [
        {"@context": "http://iiif.io/api/auth/1/context.json", "@id": "https://a.org/login", "profile": "http://iiif.io/api/auth/1/login"},
        {"id": "https://a.org/probe", "type": "AuthProbeService2"},
        {"@id": "https://a.org/l", "profile": "http://iiif.io/api/auth/0/login"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["service", "body"])
def test_a_picture_behind_a_login_is_counted_and_can_be_chosen(login: dict[str, Any], where: str) -> None:
    service = {"id": "https://i.org/1", "type": "ImageService3", "service": [login]}
    services = [service] if where == "service" else [{"id": "https://i.org/1", "type": "ImageService3"}, login]
    manifest = painted(third(), service=services)
    found = first(manifest, map={"extra": {"status": "$image_status"}})
    assert found.extra == {"status": "restricted"}
    assert found.problems == ("image_url: restricted, its service asks for a log-in",)
    assert found.values["iiif_service"] == "https://i.org/1"


# --- sections, dates, links ---


def test_sections_are_the_innermost_ranges_of_version_3() -> None:
    one, two = ({"id": f"{HERE}/canvas/{number}", "type": "Canvas"} for number in (1, 2))
    part = {"source": f"{HERE}/canvas/2", "type": "SpecificResource"}
    chapter = {"id": "r/2", "type": "Range", "label": {"none": ["Chapter"]}, "items": [one, part]}
    whole = {"id": "r/1", "type": "Range", "label": {"none": ["Book"]}, "items": [one, two, chapter]}
    found = records(rows_of(third(structures=[whole]), map={"extra": {"in": "$section >> list"}}))
    assert [one.extra["in"] for one in found] == [["Chapter"], ["Chapter"]]


def test_sections_are_the_innermost_ranges_of_version_2() -> None:
    one, two = (f"{HERE}/canvas/{number}" for number in (1, 2))
    ranges = [
        {"@id": "r/0", "@type": "sc:Range", "label": "Contents", "viewingHint": "top", "ranges": ["r/1"]},
        {"@id": "r/1", "@type": "sc:Range", "label": "Book", "canvases": [one, two], "ranges": ["r/2"]},
        {"@id": "r/2", "@type": "sc:Range", "label": "Chapter", "canvases": [f"{two}#xywh=0,0,9,9"]},
        {"@id": "r/3", "@type": "sc:Range", "label": "Plates", "canvases": [two]},
    ]
    found = records(rows_of(second(structures=ranges), map={"extra": {"in": "$section >> list"}}))
    assert [one.extra["in"] for one in found] == [["Book"], ["Chapter", "Plates"]]


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("1986-01-01T00:00:00+00:00", ["1986"]),
        ("1902-01-01T00:00:00+01:00", ["1902"]),
        ("1864-07-01T00:00:00Z", ["1864-07-01"]),
        ("1864-07-01", ["1864-07-01"]),
        ("1864", ["1864"]),
        (1864, None),
        ("", None),
    ],
)
def test_the_first_of_january_is_a_year(said: Any, date: list[str] | None) -> None:
    row = values(third(navDate=said))
    assert (row.get("date_raw"), row.get("date_type")) == (date, "navigation" if date else None)


def test_a_date_that_is_mapped_takes_the_place_of_that_for_navigation() -> None:
    """Also where a record has none."""
    manifest = third(navDate="1986-01-01T00:00:00Z", metadata=PAIRS)
    row = values(manifest, map={"date": 'pairs."Date of publication"'})
    assert (row["date_raw"], "date_type" in row) == (["1899"], False)
    assert "date_raw" not in values(manifest, map={"date": "pairs.Nothing"})


def test_links_are_facts() -> None:
    more = {
        "seeAlso": {"@id": "https://a.org/marc"},
        "rendering": [{"id": "https://a.org/7.pdf", "type": "Text"}],
        "provider": [{"id": "https://a.org", "type": "Agent", "label": {"en": ["The Library"]}}],
        "partOf": [{"id": "https://a.org/c", "type": "Collection", "label": {"en": ["Maps"]}}],
        "related": "https://a.org/7",
    }
    extra = {"also": "$see_also", "pdf": "$rendering", "who": "$provider", "canvas": "$canvas", "manifest": "$manifest"}
    found = first(third(**more), map={"extra": extra})
    assert found.extra == {
        "also": "https://a.org/marc",
        "pdf": "https://a.org/7.pdf",
        "who": "The Library",
        "canvas": f"{HERE}/canvas/1",
        "manifest": HERE,
    }
    assert (found.values["collection"], found.values["source_url"]) == ("Maps", "https://a.org/7")


# --- how a row is called ---


@pytest.mark.parametrize(
    ("manifest", "canvas", "name"),
    [
        ("https://a.org/7/manifest.json", "https://a.org/7/canvas/1", "https://a.org/7/canvas/1"),
        ("https://a.org/7/manifest.json", "http://a.org/7/canvas/1", "http://a.org/7/canvas/1"),
        ("https://a.org/7", "https://a.org/7#1", "https://a.org/7#1"),
        ("https://a.org/7/manifest", "https://a.org/77/canvas/1", "https://a.org/7/manifest#https://a.org/77/canvas/1"),
        ("https://a.org/7/m_v1.json", "https://a.org/7/canvas/1", "https://a.org/7/m_v1.json#https://a.org/7/canvas/1"),
        ("https://a.org/7", "urn:uuid:1", "https://a.org/7#urn:uuid:1"),
        ("https://a.org/7", "canvas/1", "https://a.org/7#canvas/1"),
        ("https://a.org/7", None, "https://a.org/7#canvas-1"),
        ("manifest.json", "c/1", "https://example.org/manifest.json#c/1"),
        ("{{ id.url }}", "c/1", "https://example.org/m.json#c/1"),
        (None, "c/1", "https://example.org/m.json#c/1"),
    ],
)
def test_no_other_manifest_can_call_a_row_the_same(manifest: str | None, canvas: str | None, name: str) -> None:
    """The cookbook's two volumes of recipe 0030 have the same canvases by name, and show other pages."""
    made = third(id=manifest)
    made["items"][0]["id"] = canvas
    assert first(made).source_record_id == name


def test_canvases_that_share_an_id_are_called_by_their_place() -> None:
    made = third()
    for canvas in made["items"]:
        canvas["id"] = "https://a.org/7/c"
    found = records(rows_of(made))
    assert [one.source_record_id for one in found] == [f"{HERE}#canvas-1", f"{HERE}#canvas-2"]
    assert found[0].problems == ("id: canvases share it, called by its place",)


def test_a_further_sequence_shows_the_same_canvases_in_another_order() -> None:
    made = second()
    [sequence] = made["sequences"]
    more = manifest2(f"{HERE}/more", "x", 1)["sequences"][0]["canvases"]
    made["sequences"].append({"canvases": [*reversed(sequence["canvases"]), *more]})
    found = rows_of(made)
    assert [one.values["seq"] for one in records(found)] == [1, 2, 5]
    assert {"canvases of a further sequence": 2} in [one.filled for one in unmapped(found)]


# --- what is none ---


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "json_document"),
        (b"asdf", "json_document"),
        (b'{"type": "Manifest", "type": "Manifest"}', "json_document"),
        (b"{}", "no_manifest"),
        (b"[]", "no_manifest"),
        (b'{"type": "Collection", "items": []}', "no_manifest"),
        (b'{"@type": "sc:AnnotationList"}', "no_manifest"),
        (b'{"type": "Manifest"}', "canvases_missing"),
        (b'{"type": "Manifest", "items": []}', "canvases_missing"),
        (b'{"sequences": {"canvases": []}}', "canvases_missing"),
        (b'{"type": "Manifest", "items": "asdf"}', "no_canvas"),
        (b'{"type": "Manifest", "items": [[]]}', "no_canvas"),
        (b"[" * 100_000, "json_document"),
        (b'{"items":' * 5000 + b"1" + b"}" * 5000, "json_document"),
    ],
)
def test_what_is_no_manifest_is_a_reject(data: bytes, reason: str) -> None:
    found = rows_of(data)
    assert (reasons(found), records(found)) == ([reason], [])


def test_the_official_errors_are_rejects_or_counted() -> None:
    """https://github.com/IIIF/api: what a validator must refuse."""
    items = real_folder("iiif/iiif-api-errors", "**/*.json")
    made = reader(type="iiif")
    outcome = {name.split("/")[1]: reasons(read(made, {name: one})) for name, one in items.items()}
    expected = {"0": "json_document", "1": "no_manifest", "2": "no_manifest", "19": "no_canvas", "20": "no_canvas"}
    expected |= dict.fromkeys([str(number) for number in range(11, 19)], "canvases_missing")
    assert outcome == {name: [expected[name]] if name in expected else [] for name in outcome}


ANYTHING: list[Any] = [
    None,
    0,
    1.5,
    True,
    "",
    "x",
    [],
    {},
    [[]],
    [None],
    {"id": 7},
    {"@id": []},
    {"type": 7},
    {"@value": {}},
]
FULL = {
    "metadata": PAIRS,
    "structures": [{"id": "r", "type": "Range", "label": "R", "items": [{"id": f"{HERE}/canvas/1", "type": "Canvas"}]}],
    "requiredStatement": {"label": {"en": ["Credit"]}, "value": {"en": ["The Library"]}},
    "seeAlso": [{"id": "https://a.org/marc"}],
    "provider": [{"label": {"en": ["The Library"]}}],
    "partOf": [{"id": "https://a.org/c", "type": "Collection", "label": "Maps"}],
    "rights": CC0,
    "navDate": "1986-01-01T00:00:00Z",
}


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every key and every member: what holds it, and its name there."""
    for name in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, name
        yield from places_in(value[name])


@pytest.mark.slow  # contracts/test_formats.py damages each format
@pytest.mark.parametrize("make", [third, second])
def test_whatever_stands_at_any_place_is_a_row_or_a_reject(make: Any) -> None:
    whole = make(**FULL)
    extra = {"extra": {"in": "$section", "pdf": "$rendering", "status": "$image_status"}}
    made = [reader(type="iiif", rows=rows, map=extra) for rows in ("canvas", "manifest")]
    for holder, name in list(places_in(whole)):
        before = holder[name]
        for instead in ANYTHING:
            holder[name] = instead
            for one in made:
                found = read_one(one, "m.json", json.dumps(whole).encode())
                assert records(found) or rejects(found)
                assert all(each.source_record_id for each in records(found))
        holder[name] = before


# --- real ones ---

CANVASES = {
    "parser-presentation-2/presentation-2/bl-manifest.json": 20,
    "parser-presentation-2/presentation-2/biblissima-manifest.json": 22,
    "parser-presentation-2/presentation-2/bodleian-manifest.json": 149,
    "parser-presentation-2/presentation-2/nls-manifest.json": 40,
    "parser-presentation-2/presentation-2/loc.json": 55,
    "parser-presentation-2/presentation-2/uni-goettingen.json": 69,
    "parser-presentation-3/presentation-3/wellcome-p3.json": 10,
    "parser-presentation-3/presentation-3/ldmax.json": 6,
}


def of_reals() -> dict[str, Item]:
    return real_folder("iiif", "[cp]*/**/*.json")


def test_every_canvas_of_real_manifests_is_a_row_or_counted() -> None:
    """As a streaming reader cuts them out of the bytes, which knows no JSON-LD."""
    made = reader(type="iiif")
    for name, one in of_reals().items():
        found = read(made, {name: one})
        if reasons(found) == ["no_manifest"]:
            continue
        cut = sum(span.data != b"null" for span in canvas_spans(Text.of(one.open, "")))
        further = sum(each.filled.get("canvases of a further sequence", 0) for each in unmapped(found))
        assert cut == len(records(found)) + len(rejects(found)) + further, name
        assert CANVASES.get(name, cut) == cut


LAST = {
    "2/bl-manifest": (
        "Anzac bulletin Number 24(1917:Jun.)",
        None,  # "-"
        20,
        "api.bl.uk/image/iiif/ark:/81055/vdc_100022545676.0x000014",
        2451,
        3363,
    ),
    "2/bodleian-manifest": (
        "CBL MS. 1407, Wolfen. Cod. Guelf. 12.11 Aug. 2°, Bodleian MS. Marsh 178, BnF MS. Arabe 350",
        "MS. Arabe 350 fol. 141v 92:19-93:1",
        149,
        "gallica.bnf.fr/iiif/ark:/12148/btv1b8419223t/f54",
        4968,
        3808,
    ),
    "2/ghent": (
        "Zoo stemt men voor de liberalen",
        "1",
        1,
        "adore.ugent.be/IIIF/images/archive.ugent.be%3ADEED7A64-2798-11E3-B8DE-18E597481370%3ADS.2",
        4025,
        5566,
    ),
    "2/loc": (
        "Holland 1:25,000",
        "Page 55",
        55,
        "tile.loc.gov/image-services/iiif/service:gmd:gmd6m:g6000m:g6000m:gct00040:cs000060",
        2228,
        1633,
    ),
    "2/nls-manifest": (
        "Forth Bridge illustrations 1886-1887",
        "40",
        40,
        "view.nls.uk/iiif/7443/74439052.5",
        2500,
        1836,
    ),
    "2/nlw-manifest": ("Yr ardd", "8", 12, "damsssl.llgc.org.uk/iiif/2.0/image/2373826", 1677, 2717),
    "2/sbb-test": (
        (
            "Kurtze Nachricht von dem freyen Unterricht, welchen arme Kinder in den "
            "Friedrichsstädtischen teutschen Schulen geniessen"
        ),
        "-  [17]",
        17,
        "content.staatsbibliothek-berlin.de/dc/840973497-0017",
        1226,
        1998,
    ),
    "2/uni-goettingen": (
        "Algebra :\xa0Vorlesungsmanuskript",
        None,  # "-"
        69,
        "images.sub.uni-goettingen.de/iiif/image/gdz:DE-611-HS-3216958:00000069",
        300,
        400,
    ),
    "2/villanova-manifest": (
        "Letter, To: Ellie From: A. M. Thackara, April 12, 1882.",
        "Back",
        2,
        "iiif.library.villanova.edu/image/vudl%3A30474",
        6554,
        8526,
    ),
    "3/wellcome-p3": (
        "[Report 1960] / Medical Officer of Health, Llanwrtyd Wells U.D.C.",
        None,  # "-"
        10,
        "dlcs.io/iiif-img/wellcome/6/b28857021_0010.jp2",
        618,
        1024,
    ),
    "3/ldmax": (
        "De familie van Grenthe, het kippenvrouwtje",
        "p. 6",
        6,
        "ndeiiif.adlibhosting.com/iiif/3/Q4350196.183",
        None,
        None,
    ),
}
"""The last canvas of each, as its file has it: title, caption, number, service, width, height."""


def test_the_last_canvas_of_eleven_institutions_is_as_its_file_has_it() -> None:
    """Compared by eye."""
    made = reader(type="iiif")
    for name, expected in LAST.items():
        version, _, file = name.partition("/")
        items = real_folder("iiif", f"parser-presentation-{version}/presentation-{version}/{file}.json")
        row = records(read(made, items))[-1].values
        found = [row.get(column) for column in ("title", "caption_raw", "seq", "iiif_service", "width", "height")]
        found[3] = found[3].partition("://")[2]
        assert tuple(found) == expected, name


def test_rows_of_real_manifests_are_called_apart_and_show_pictures() -> None:
    made = reader(type="iiif")
    rows = records(read(made, of_reals()))
    names = Counter(one.source_record_id for one in rows)
    # Three recipes are in two folders, or served under the id of another.
    assert sorted(name.partition("#")[0] for name, count in names.items() if count > 1) == [
        "https://iiif.io/api/cookbook/recipe/0005-image-service/canvas/p1"
    ]
    without = Counter(one.item for one in rows if not one.values.get("image_url"))
    assert set(without) == {
        "cookbook-a/0017-transcription-av.json",
        "parser-presentation-3/presentation-3/accompanying-canvas.json",
        "parser-presentation-3/presentation-3/ldmax.json",
    }
    assert sum(not one.values.get("iiif_service") for one in rows if one.values.get("image_url")) < 5


# --- takedown ---


@pytest.mark.parametrize("make", [third, second])
def test_a_canvas_is_taken_out_and_the_rest_stays(make: Any) -> None:
    made = reader(type="iiif")
    items = {"m.json": item("m.json", json.dumps(make()).encode()), "n.json": item("n.json", b'{"type": "Manifest"}')}
    before = by_id(made, items)
    left = take_out(made, items, f"{HERE}/canvas/1")
    after = by_id(made, left)
    assert after == {name: one for name, one in before.items() if name != f"{HERE}/canvas/1"}
    with left["m.json"].open() as stream:
        kept = stream.read()
    assert b"null" in kept
    assert b"p. 1" not in kept


def test_of_a_manifest_that_is_the_row_nothing_is_left() -> None:
    made = reader(type="iiif", rows="manifest")
    items = {"m.json": item("m.json", json.dumps(third()).encode())}
    assert take_out(made, items, HERE).get("m.json") is None or by_id(made, take_out(made, items, HERE)) == {}


def test_a_cut_document_is_broken_for_both_ways() -> None:
    data = json.dumps(third()).encode()[:-40]
    with pytest.raises(Broken):
        list(canvas_spans(Text.of(item("m", data).open, "")))
    assert reasons(rows_of(data)) == ["json_document"]


@pytest.mark.parametrize("wrong", ["http://[::1/full/max/0/default.jpg", "//[x"])
@pytest.mark.parametrize("place", ["picture", "service", "manifest", "canvas"])
def test_what_is_no_address_stands_as_it_is_written(place: str, wrong: str) -> None:
    """Half of one in brackets, which no program takes apart: its row stays, and so do all others."""
    manifest = third(**({"id": wrong} if place == "manifest" else {}))
    if place == "picture":
        painted(manifest, id=wrong)
    elif place == "service":
        painted(manifest, service={"id": wrong, "type": "ImageService3"})
    elif place == "canvas":
        manifest["items"][0]["id"] = wrong
    found = rows_of(manifest)
    assert not rejects(found)
    assert len({one.source_record_id for one in records(found)}) == 2
    if place == "picture":
        assert records(found)[0].values["image_url"] == wrong


@pytest.mark.parametrize(
    "ids", [(f"{HERE}#canvas-2", ""), (f"{HERE}#x", "x"), (f"{HERE}#canvas-2", f"{HERE}#canvas-3", "")]
)
def test_no_canvas_is_called_as_another_of_its_manifest(ids: tuple[str, ...]) -> None:
    """What a canvas without an id is called by its place, another may say of itself; or with its manifest before it."""
    manifest = manifest3(HERE, "A work", len(ids))
    for canvas, name in zip(manifest["items"], ids, strict=True):
        canvas["id"] = name
    names = [one.source_record_id for one in records(rows_of(manifest))]
    assert names == [f"{HERE}#canvas-{number}" for number in range(1, len(ids) + 1)]


def test_an_id_like_a_place_holds_where_nothing_else_is_called_so() -> None:
    manifest = third()
    manifest["items"][0]["id"], manifest["items"][1]["id"] = f"{HERE}#canvas-0", f"{HERE}#canvas-1"
    assert [one.source_record_id for one in records(rows_of(manifest))] == [f"{HERE}#canvas-0", f"{HERE}#canvas-1"]


@pytest.mark.representative(1)  # a measurement of time, of other signs
@pytest.mark.parametrize(
    "more",
    [
        {"summary": {"en": ["<a " * 60_000]}},
        {"requiredStatement": {"label": {}, "value": {"en": ["<a href" * 40_000]}}},
        {"id": f"https://a.org{'/' * 60_000}x"},
    ],
    ids=["tags", "links", "slashes"],
)
def test_what_nothing_closes_is_read_in_linear_time(more: dict[str, Any]) -> None:
    """Two hundred kilobytes of it took minutes."""
    begun = process_time()
    assert len(records(rows_of(third(**more)))) == 2
    assert process_time() - begun < 10


def test_painting_may_be_said_as_a_whole_address() -> None:
    manifest = third()
    manifest["items"][0]["items"][0]["items"][0]["motivation"] = "http://iiif.io/api/presentation/3#painting"
    assert values(manifest)["image_url"] == "https://images.example.org/1/full/max/0/default.jpg"


def test_a_takedown_takes_what_a_further_sequence_says_of_the_canvas_too() -> None:
    manifest = second()
    canvases = manifest["sequences"][0]["canvases"]
    manifest["sequences"].append({"@type": "sc:Sequence", "canvases": canvases[::-1]})
    items = {"m.json": item("m.json", json.dumps(manifest).encode())}
    with take_out(reader(type="iiif"), items, canvases[1]["@id"])["m.json"].open() as stream:
        left = stream.read()
    assert b"p. 2" not in left
    assert left.count(b"p. 1") == 2
