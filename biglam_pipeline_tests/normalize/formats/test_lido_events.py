"""LIDO: when, where and by whom it was made; whose rights; which picture."""

from typing import Any

import pytest

from biglam_pipeline_tests.normalize.formats.lido_records import (
    actor,
    dated,
    event,
    lido,
    object_rights,
    unread_in,
    values_of,
    wrap,
)

MADE = [
    "production",
    "Herstellung",
    "Vervaardiging",
    "fabrication",
    "<conceptID>http://terminology.lido-schema.org/lido00007</conceptID>",
    "<conceptID>http://terminology.lido-schema.org/eventType/production</conceptID><term>x</term>",
    '<conceptID source="AAT">300054713</conceptID>',
    '<skos:Concept rdf:about="http://terminology.lido-schema.org/lido00012"/><term xml:lang="fi">valmistus</term>',
    '<skos:Concept rdf:about="http://www.cidoc-crm.org/cidoc-crm/E12_Production"/>',
]
NOT_MADE = ["acquisition", "Erwerb", "exhibition", "restoration", "provenance", "Fund", "modification", "", "unknown"]


@pytest.mark.parametrize("kind", MADE)
def test_the_making_counts_in_the_words_of_many(kind: str) -> None:
    assert values_of(wrap(lido(event(kind, dated("1900") + actor("A")))))["date_raw"] == ["1900"]
    assert values_of(wrap(lido(event(kind, dated("1900") + actor("A")))))["creators"] == [{"name": "A"}]


@pytest.mark.parametrize("kind", NOT_MADE)
def test_what_happened_to_it_later_is_no_date_of_it(kind: str) -> None:
    data = wrap(
        lido(event(kind, dated("1900") + actor("A") + "<eventPlace><displayPlace>B</displayPlace></eventPlace>"))
    )
    assert not {"date_raw", "creators", "publication_place"} & values_of(data).keys()
    assert {"event/eventDate", "event/eventActor", "event/eventPlace"} <= unread_in(data).keys()


def test_production_stands_before_creation_and_both_before_publication_and_design() -> None:
    kinds = {"design": "1850", "publication": "1860", "creation": "1870", "production": "1880"}
    for last in range(1, 5):
        data = wrap(lido("".join(event(kind, dated(year)) for kind, year in [*kinds.items()][:last])))
        found = values_of(data)
        years = {1: ("1850", "designed"), 2: ("1860", "published"), 3: ("1870", None), 4: ("1880", None)}
        assert (found["date_raw"], found.get("date_type")) == ([years[last][0]], years[last][1])


def test_a_publication_with_a_name_is_a_book_about_it() -> None:
    named = "<eventName><appellationValue>A catalogue</appellationValue></eventName>"
    assert (
        not {"creators", "publisher", "date_raw"}
        & values_of(wrap(lido(event("publication", named + actor("B") + dated("1900"))))).keys()
    )
    assert values_of(wrap(lido(event("publication", actor("B") + dated("1900")))))["publisher"] == "B"


@pytest.mark.parametrize(
    ("shown", "first", "last", "raw"),
    [
        ("um 1900", "1895", "1905", ["um 1900"]),
        ("", "1900", "1900", ["1900"]),
        ("", "1900-01-01", "1901-12-31", ["1900-01-01/1901-12-31"]),
        ("", "1900", "9999", ["1900/"]),
        ("", "", "1900", ["/1900"]),
        ("undatiert", "1850", "1860", ["1850/1860"]),
        ("1910–1912, 1915", "1910", "1915", ["1910/1915"]),
        ("circa;1812;;", "", "", ["circa;1812;;"]),
        (";", "", "", None),
        ("1850", "1900", "1910", ["1900/1910", "1850"]),  # they contradict: both are there, and the row says so
    ],
)
def test_a_date_is_what_is_shown_where_it_agrees_with_what_is_meant_for_programs(
    shown: str, first: str, last: str, raw: list[str] | None
) -> None:
    assert values_of(wrap(lido(event("production", dated(shown, first, last))))).get("date_raw") == raw


def test_displayed_dates_in_two_languages_are_one_date_and_an_estimate_stays_one() -> None:
    shown = '<displayDate xml:lang="de">um 1509</displayDate><displayDate xml:lang="en">c. 1509</displayDate>'
    assert values_of(wrap(lido(event("production", f"<eventDate>{shown}</eventDate>"))))["date_raw"] == ["c. 1509"]
    bounds = '<earliestDate type="circa">1812</earliestDate><latestDate type="circa">1813</latestDate>'
    guess = f"<eventDate><date>{bounds}</date></eventDate>"
    assert values_of(wrap(lido(event("production", guess))))["date_raw"] == ["ca. 1812/ca. 1813"]


def test_a_period_is_the_date_where_nothing_else_is_and_it_is_one() -> None:
    for period, raw in (("18th century", ["18th century"]), ("Renaissance", None)):
        data = wrap(lido(event("production", f"<periodName><term>{period}</term></periodName>")))
        assert values_of(data).get("date_raw") == raw


def test_makers_have_roles_lives_and_addresses() -> None:
    lives = "<vitalDatesActor><earliestDate>1707-05-01</earliestDate><latestDate>1776</latestDate></vitalDatesActor>"
    known = '<actorID source="ULAN">500005555</actorID>'
    around = "<roleActor><term>painter</term></roleActor><attributionQualifierActor>{}</attributionQualifierActor>"
    values = values_of(wrap(lido(event("production", actor("Hayman", lives + known, around.format(""))))))
    assert values["creators"] == [
        {"name": "Hayman, 1707-1776", "role": "painter", "uri": "http://vocab.getty.edu/ulan/500005555"}
    ]
    follower = values_of(wrap(lido(event("production", actor("Hayman", "", around.format("follower of"))))))
    assert follower["creators"] == [{"name": "Hayman", "role": "painter (follower of)"}]


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        (
            '<vitalDatesActor><earliestDate type="beginning of activity">1707</earliestDate></vitalDatesActor>',
            "A, active 1707-",
        ),
        ("<vitalDatesActor><earliestDate>ca. 1700</earliestDate></vitalDatesActor>", "A"),
        ('<actorID source="ULAN">7</actorID>', "A"),
    ],
)
def test_what_is_no_year_of_a_life_and_no_number_of_an_authority_is_not_made_one(inner: str, name: str) -> None:
    (maker,) = values_of(wrap(lido(event("production", actor("A", inner)))))["creators"]
    assert maker == {"name": name}


def test_a_company_has_no_life_and_who_is_only_shown_is_read_as_shown() -> None:
    company = actor("Sèvres", "<vitalDatesActor><earliestDate>1756</earliestDate></vitalDatesActor>").replace(
        "<actor>", '<actor type="corporate body">'
    )
    assert values_of(wrap(lido(event("production", company))))["creators"] == [{"name": "Sèvres"}]
    shown = "<eventActor><displayActorInRole>Francis Hayman, 1707/8-1776</displayActorInRole></eventActor>"
    assert values_of(wrap(lido(event("production", shown))))["creators"] == [{"name": "Francis Hayman, 1707/8-1776"}]


@pytest.mark.parametrize(
    ("kind", "read"),
    [("", True), ("Produktionsland", True), ("Death place", False), ("Geburtsort", False), ("moveTo", False)],
)
def test_a_place_of_a_kind_that_is_not_the_making_is_none_of_it(kind: str, read: bool) -> None:
    place = (
        f'<eventPlace type="{kind}"><place><namePlaceSet><appellationValue>Kai 3</appellationValue></namePlaceSet>'
        "<partOfPlace><namePlaceSet><appellationValue>Turku</appellationValue></namePlaceSet></partOfPlace></place></eventPlace>"
    )
    found = values_of(wrap(lido(event("production", place)))).get("publication_place")
    assert found == (["Kai 3, Turku"] if read else None)


# --- rights ---

BY, NC = "http://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by-nc/4.0/"


def of_picture(inner: str) -> str:
    return f"<resourceWrap><resourceSet><rightsResource>{inner}</rightsResource></resourceSet></resourceWrap>"


@pytest.mark.parametrize(
    ("inner", "columns"),
    [
        (
            object_rights(f"<rightsType><conceptID>{BY}</conceptID><term>CC BY 4.0</term></rightsType>"),
            {"rights_raw": [BY, "CC BY 4.0"]},
        ),
        (object_rights(f'<rightsType><skos:Concept rdf:about="{BY}"/></rightsType>'), {"rights_raw": [BY]}),
        (object_rights("<rightsType>In Copyright</rightsType>"), {"rights_raw": ["In Copyright"]}),
        (
            object_rights("<rightsType><conceptID>300055598</conceptID><term>CC0</term></rightsType>"),
            {"rights_raw": ["CC0"]},
        ),
        (
            object_rights("<rightsType><conceptID>12</conceptID></rightsType>"),
            {"rights_raw": ["12"]},
        ),  # nobody knows what it is
        (object_rights("<rightsNote>Only for research</rightsNote>"), {"rights_raw": ["Only for research"]}),
        (object_rights("<creditLine>A Fund</creditLine>"), {"attribution": "A Fund"}),
        (object_rights("<creditLine>gemeinfrei</creditLine>"), {}),
        (
            object_rights("<creditLine>A Fund. All rights reserved</creditLine>"),
            {"rights_raw": ["A Fund. All rights reserved"]},
        ),
        (object_rights('<creditLine label="usage">Ask us</creditLine>'), {"rights_raw": ["Ask us"]}),
        (
            object_rights(
                "<rightsHolder><legalBodyName><appellationValue>Public Domain</appellationValue></legalBodyName>"
                "</rightsHolder>"
            ),
            {},
        ),
        (of_picture(f"<rightsType><term>{NC}</term></rightsType>"), {"rights_raw": [NC]}),
        (
            "<recordWrap><recordRights><rightsType><term>CC0</term></rightsType></recordRights></recordWrap>",
            {"record_rights_raw": ["CC0"]},
        ),
        ("<rightsWorkWrap>In copyright</rightsWorkWrap>", {"rights_raw": ["In copyright"]}),
        ('<x:rights xmlns:x="urn:x"><b>Closed</b></x:rights>', {"rights_raw": ["Closed"]}),
        (
            f"<recordWrap><recordInfoSet><recordInfoLink>{NC}</recordInfoLink></recordInfoSet></recordWrap>",
            {"record_rights_raw": [NC]},
        ),
    ],
)
def test_whose_rights_are_stated(inner: str, columns: dict[str, Any]) -> None:
    names = ("rights_raw", "record_rights_raw", "attribution", "source_url")
    found = values_of(wrap(lido("", inner)))
    assert {name: found[name] for name in names if name in found} == columns


def test_rights_in_any_language_of_the_block_are_heard() -> None:
    blocks = "".join(
        f'<administrativeMetadata xml:lang="{lang}">{object_rights(f"<rightsType>{term}</rightsType>")}'
        "</administrativeMetadata>"
        for lang, term in (("de", "Gemeinfrei"), ("en", "In copyright"))
    )
    assert values_of(wrap(f"<lido><lidoRecID>1</lidoRecID>{blocks}</lido>"))["rights_raw"] == [
        "Gemeinfrei",
        "In copyright",
    ]


# --- pictures ---


def pictured(*ways: tuple[str, str, str]) -> str:
    inner = "".join(
        f'<resourceRepresentation type="{kind}"><linkResource formatResource="{form}">{address}</linkResource>'
        "</resourceRepresentation>"
        for kind, form, address in ways
    )
    return wrap(lido("", f"<resourceWrap><resourceSet>{inner}</resourceSet></resourceWrap>"))


TERMS = "http://terminology.lido-schema.org/"
PROVIDED = f"{TERMS}resourceRepresentation_type/provided_image"
MANIFEST = "http://iiif.io/api/presentation/2/context.json"
SIZES = [("thumb", "jpg", "t"), ("large", "jpg", "l"), ("list", "json", "j"), ("original", "tif", "o")]


@pytest.mark.parametrize(
    ("ways", "columns"),
    [
        (
            [("image_thumb", "", "http://a.org/t"), ("image_master", "", "http://a.org/m")],
            {"image_url": "http://a.org/m"},
        ),
        ([(kind, form, f"http://a.org/{name}") for kind, form, name in SIZES], {"image_url": "http://a.org/l"}),
        (
            [(f"{TERMS}lido00451", "", "http://a.org/s"), (f"{TERMS}lido00464", "", "http://a.org/o")],
            {"image_url": "http://a.org/o"},
        ),
        ([("zoomify", "", "http://a.org/z"), (PROVIDED, "", "\n http://a.org/b ")], {"image_url": "http://a.org/b"}),
        ([("image_original", "image/tiff", "http://a.org/o.tif")], {"image_url": "http://a.org/o.tif"}),
        ([("", "", "https://i.org/2/x/info.json")], {"iiif_service": "https://i.org/2/x"}),
        (
            [("provided_image", "", "https://i.org/2/x/full/max/0/default.jpg")],
            {"image_url": "https://i.org/2/x/full/max/0/default.jpg", "iiif_service": "https://i.org/2/x"},
        ),
        ([(MANIFEST, "application/ld+json", "https://i.org/m")], {}),
        ([("", "audio/mpeg", "http://a.org/x.mp3"), ("", "", "ftp://a.org/x.jpg")], {}),
    ],
)
def test_which_picture_is_taken(ways: list[tuple[str, str, str]], columns: dict[str, str]) -> None:
    found = values_of(pictured(*ways), modality="image")
    assert {name: found[name] for name in ("image_url", "iiif_service") if name in found} == columns


def test_a_source_of_records_takes_no_picture_and_says_so() -> None:
    assert unread_in(pictured(("", "", "http://a.org/x.jpg"))) == {"resourceSet/resourceRepresentation": 1}
