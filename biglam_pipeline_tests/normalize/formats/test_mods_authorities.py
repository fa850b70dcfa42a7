"""MODS: the address under which an authority file has a name, a subject or a place; and where a shelf mark stands."""

from typing import Any

import pytest

from biglam_pipeline_tests.normalize.bundles import read_one, reader, records

LOC, FAST, TGN = (
    "http://id.loc.gov/authorities/names/n1",
    "http://id.worldcat.org/fast/1",
    "http://vocab.getty.edu/tgn/1",
)


def values_of(inner: str) -> dict[str, Any]:
    data = f'<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>A</title></titleInfo>{inner}</mods>'
    (record,) = records(read_one(reader(type="mods"), "a.mods", data.encode()))
    return record.values


def test_a_name_keeps_its_address_in_each_role() -> None:
    roles = "<role><roleTerm type='code'>aut</roleTerm></role><role><roleTerm type='code'>ill</roleTerm></role>"
    found = values_of(f'<name authority="naf" valueURI="{LOC}"><namePart>Elm, Ann</namePart>{roles}</name>')["creators"]
    assert found == [{"name": "Elm, Ann", "uri": LOC, "role": role} for role in ("aut", "ill")]


@pytest.mark.parametrize("said", ["", "300027894", " n1 "])
def test_what_is_no_address_is_none(said: str) -> None:
    assert values_of(f'<name valueURI="{said}"><namePart>Elm, Ann</namePart></name>')["creators"] == [
        {"name": "Elm, Ann"}
    ]


@pytest.mark.parametrize(
    ("inner", "due"),
    [
        (
            f'<subject authority="fast" valueURI="{FAST}"><topic>Fish</topic></subject>',
            {"label": "Fish", "uri": FAST, "scheme": "fast"},
        ),
        (
            f'<subject><topic authority="fast" valueURI="{FAST}">Fish</topic></subject>',
            {"label": "Fish", "uri": FAST, "scheme": "fast"},
        ),
        (
            f'<subject authority="lcsh"><topic valueURI="{FAST}">Fish</topic><temporal>1900</temporal></subject>',
            {"label": "Fish -- 1900", "uri": None, "scheme": "lcsh"},
        ),
        ("<subject><topic>Fish</topic></subject>", "Fish"),
    ],
    ids=("of the heading", "of its only part", "not of one part of several", "nobody says more"),
)
def test_a_subject_has_what_is_said_of_all_of_it(inner: str, due: Any) -> None:
    assert values_of(inner)["subjects"] == [due]


def test_of_two_equal_headings_what_either_says() -> None:
    inner = f'<subject><topic>Fish</topic></subject><subject valueURI="{FAST}"><topic>Fish</topic></subject>'
    assert values_of(inner)["subjects"] == [{"label": "Fish", "uri": FAST, "scheme": None}]


def test_a_place_has_its_address() -> None:
    inner = f'<subject valueURI="{TGN}"><geographic>Elmton</geographic></subject>'
    inner += f'<subject valueURI="{FAST}"><topic>Fish</topic><geographic>Oakton</geographic></subject>'
    said = values_of(inner)
    assert said["spatial"] == [{"name": "Elmton", "uri": TGN}, {"name": "Oakton", "uri": None}]
    assert said["subjects"] == [{"label": "Fish -- Oakton", "uri": FAST, "scheme": None}]


def test_the_shelf_mark_of_a_copy_is_one() -> None:
    copy = "<holdingSimple><copyInformation><shelfLocator>AB 1 (2)</shelfLocator></copyInformation></holdingSimple>"
    found = values_of(f"<location><shelfLocator>AB 1</shelfLocator>{copy}</location>")["identifiers"]
    assert found == [{"scheme": "shelfmark", "value": one} for one in ("AB 1", "AB 1 (2)")]


def test_a_role_and_a_publisher_stand_in_one_line() -> None:
    role = "<role><roleTerm>Printer of\n      plates</roleTerm></role>"
    inner = (
        f"<name><namePart>Elm</namePart>{role}</name><originInfo><publisher>Elm\n\t and Oak</publisher></originInfo>"
    )
    assert values_of(inner)["creators"] == [{"name": "Elm", "role": "Printer of plates"}]
    assert values_of(inner)["publisher"] == "Elm and Oak"
