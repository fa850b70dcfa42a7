"""PICA+: what its fields say in columns, the same in every form; what is not public is nowhere."""

from typing import Any

import pytest

from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    deleted,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.marc_records import page
from biglam_pipeline_tests.normalize.formats.pica_records import (
    BOOK,
    FORMS,
    SMALL,
    SPACE,
    Made,
    normalized,
    picaxml,
    plain,
    ppxml,
)

SPECIMEN = Specimen(
    {
        "books.dat": normalized(BOOK, SMALL, [("021A", "$aNo number")]),
        "page.xml": page(picaxml([("003@", "$0c-1"), *SMALL[1:]]), ppxml([("003@", "$0c-2"), *BOOK[12:20]])),
        "list.pp": plain([("003@", "$0d-1"), *BOOK[8:]], [("003@", "$0d-2")]),
    },
    records=7,
    version=2,
    digest="6f13dfe681576033",
)
COLUMNS: dict[str, Any] = {
    "type": "Text",
    "title": "Die Mühle am Bach : eine Geschichte",
    "title_alt": ["The mill by the brook"],
    "creators": [
        {"name": "Beispiel, Anna", "role": "aut", "uri": "https://d-nb.info/gnd/118522582"},
        {"name": "Muster, Bernd von", "role": "edt"},
        {
            "name": "Gesellschaft für Mühlen. Sektion Nord",
            "role": "contributor",
            "uri": "https://d-nb.info/gnd/2013822-2",
        },
    ],
    "publisher": "Verlag der Mühle",
    "publication_place": ["Leipzig"],
    "date_raw": ["[ca. 1985]"],
    "year_evidence": "imprint",
    "languages": ["ger"],
    "subjects": [
        {"label": "Mühle", "uri": "https://d-nb.info/gnd/4040570-9", "scheme": "gnd"},
        {"label": "58.55 Luft", "uri": None, "scheme": "bkl"},
    ],
    "genres": ["Wörterbuch"],
    "spatial": ["Leipzig"],
    "description": "Eine Mühle steht still.",
    "extent": "108 S. : Ill. ; 21 cm",
    "collection": "Schriften über Bäche",
    "identifiers": [
        {"scheme": "ppn", "value": "010000011"},
        {"scheme": "isbn", "value": "9783161484100"},
        {"scheme": "vd16", "value": "VD16 B 1"},
        {"scheme": "shelfmark", "value": "Ma 12"},
        {"scheme": "shelfmark", "value": "ZA 5253"},
    ],
    "source_url": "https://example.org/1",
    "rights_raw": ["CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"],
    "access_raw": ["Free access"],
}


def cut(data: bytes, name: str = "a/file", **block: Any) -> list[Any]:
    return read_one(reader(type="pica", **block), name, data)


def one(fields: Made, **block: Any) -> Any:
    (record,) = records(cut(normalized([("003@", "$0x-1"), *fields]), **block))
    return record


def values(*fields: tuple[str, str], **block: Any) -> dict[str, Any]:
    return dict(one(fields, **block).values)


@pytest.mark.parametrize("form", FORMS)
def test_a_record_says_the_same_in_every_form(form: str) -> None:
    found = cut(FORMS[form](BOOK, SMALL))
    first, second = records(found)
    columns = dict(first.values)
    raw = columns.pop("raw_record")
    assert columns == COLUMNS
    assert (first.source_record_id, second.source_record_id) == ("010000011", "b-2")
    assert second.values["title"] == "A list : of ships"
    assert raw == dict(records(cut(normalized(BOOK)))[0].values)["raw_record"]
    assert raw.startswith(f'<record xmlns="{SPACE}"><datafield tag="001A">')
    assert "$ 12" in raw
    assert raw.count("<datafield") == len(BOOK) - 2, "a comment, and how the copy is"
    names = {name for each in unmapped(found) for name in each.filled}
    assert names == {"001A", "003S", "101@", "203@"}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_public_is_nowhere_and_counted(form: str) -> None:
    paths = {"comment": "046W", "note": "017C$x", "state": "220B$a", "any": ".../*$x".replace("...", "....")}
    (record,) = records(cut(FORMS[form](BOOK), map={"extra": paths}))
    assert not {"comment", "note", "state"} & {name for name, value in record.extra.items() if value}
    for words in ("scanned by us", "mouldy", "a comment"):
        assert words not in str(record)
    assert sorted(said for said in record.problems if said.startswith("nonpublic")) == [
        "nonpublic: 046W is left out",
        "nonpublic: 220B is left out",
        "nonpublic: the note in 017C is left out",
    ]


def test_what_is_internal_for_one_library_is_a_number_for_another() -> None:
    """VD16 in K10plus, an identifier of the book trade in the German National Library."""
    fields = [("006V", "$0V 1"), ("021A", "$aT")]
    for shows, dialect, due in (
        ([("007G", "$iGBV$01")], None, True),
        ([("007G", "$cGBV$01")], None, True),
        ([("007G", "$aDNB$01")], None, False),
        ([], None, False),
        ([], "k10plus", True),
        ([("003S", "$01")], "dnb", False),
    ):
        row = one([*shows, *fields], dialect=dialect)
        assert ({"scheme": "vd16", "value": "V 1"} in row.values["identifiers"]) is due
        assert ("V 1" in row.values["raw_record"]) is due


@pytest.mark.parametrize("status", ["Aai", "AaN", "amu", "AauZ"])
def test_a_record_that_is_not_shown_is_a_reject(status: str) -> None:
    found = cut(normalized([("002@", f"$0{status}"), ("003@", "$01"), ("021A", "$aSecret")], SMALL))
    assert reasons(found) == ["pica_internal"]
    assert len(records(found)) == 1
    assert "Secret" not in str(found)


def test_deleted() -> None:
    """A title with the day of its deletion; an authority that leads to another. What is only to be deleted is there."""
    gone: list[Made] = [
        [("001E", "$0GBV:01-01-20"), ("003@", "$01"), ("021A", "$aT")],
        [("002@", "$0Tp1"), ("003@", "$02"), ("008@", "$au"), ("028A", "$aN")],
        [("002@", "$0Ts1"), ("003@", "$03"), ("008@", "$azd")],
    ]
    left: list[Made] = [
        [("002@", "$0Aak"), ("003@", "$04"), ("021A", "$aT")],
        [("002@", "$0Aau"), ("003@", "$05"), ("008@", "$ad"), ("021A", "$aT")],
    ]
    found = cut(normalized(*gone, *left))
    assert [each.source_record_id for each in deleted(found)] == ["1", "2", "3"]
    assert [each.source_record_id for each in records(found)] == ["4", "5"]
    assert reasons(cut(normalized([("001E", "$0x"), ("021A", "$aT")]))) == ["identifier_missing"]


def test_an_authority() -> None:
    """As the German National Library hands it out."""
    row = one(
        [
            ("001X", "$00"),
            ("002@", "$0Tp1"),
            ("003U", "$ahttps://d-nb.info/gnd/118522582$zhttps://d-nb.info/gnd/1"),
            ("028@", "$dAnni$aBeispiel"),
            ("028A", "$dAnna$cvon$aBeispiel"),
            ("050C", "$afor editors"),
            ("065R", "$9040743357$7Tgz$Vgik$Agnd$04074335-4$aLondon$4ortg"),
        ]
    )
    assert row.values["title"] == "Beispiel, Anna von"
    assert row.values["title_alt"] == ["Beispiel, Anni"]
    assert row.values["identifiers"] == [{"scheme": "ppn", "value": "x-1"}, "https://d-nb.info/gnd/118522582"]
    assert "for editors" not in row.values["raw_record"]
    place = values(("002@", "$0Tg1"), ("065A", "$aHalle$gSaale"), ("065@", "$aHall$gSaxony$xHistory"))
    assert (place["title"], place["title_alt"]) == ("Halle (Saale)", ["Hall (Saxony) / History"])


def test_links_of_the_german_national_library() -> None:
    """$A is whose number $0 is, and $E and $G are years of a life."""
    link = "$9118518208$7Tp1$Vpiz$Agnd$0118518208$E1788$G1824$dAnna$aBeispiel$4aut"
    found = values(("021A", "$aT"), ("028A", link), ("041A", "$9040$7Tg1$Vgik$Agnd$04035206-7$aLeipzig"))
    assert found["creators"] == [
        {"name": "Beispiel, Anna", "role": "aut", "uri": "https://d-nb.info/gnd/118518208"},
    ]
    assert found["spatial"] == ["Leipzig"]


@pytest.mark.parametrize(
    ("fields", "column", "due"),
    [
        ([("021A", "$a@Neues vom Mühlenbach")], "title", "Neues vom Mühlenbach"),
        ([("021A", "$aL'@eau")], "title", "L'eau"),
        ([("021A", "$aWrite to info@example.org")], "title", "Write to info@example.org"),
        ([("021A", "$aDas @Zeichen @")], "title", "Das Zeichen @"),
        ([("021A", "$aBlatt"), ("021C", "$lReihe B$aMühlen")], "title", "Blatt. Reihe B Mühlen"),
        ([("036C", "$a@Werke$l2")], "title", "Werke. 2"),
        ([("021A", "$T01$ULatn$aMelnitsa"), ("021A", "$T01$UCyrl$aМельница")], "title_alt", ["Мельница"]),
        ([("021A", "$T01$UCyrl$aМельница")], "title", "Мельница"),
        ([("028A", "$PVergilius$nII.$lder Große")], "creators", [{"name": "Vergilius II. der Große"}]),
        ([("028A", "$9101$8Beispiel, Anna*1900-1990*")], "creators", [{"name": "Beispiel, Anna"}]),
        ([("029A", "$aBund$bRat$gNord$n2")], "creators", [{"name": "Bund. Rat (Nord : 2)"}]),
        ([("011@", "$a1985$b1990")], "date_raw", ["1985/1990"]),
        ([("002@", "$0Abv"), ("011@", "$a1985")], "date_raw", ["1985/.."]),
        ([("011@", "$a19XX")], "date_raw", ["19uu"]),
        ([("011@", "$a1985$r1850")], "original_date_raw", ["1850"]),
        ([("044A", "$aMills$zSaxony$vFiction")], "subjects", "Mills -- Saxony -- Fiction"),
        ([("044N", "$amill$ix")], "subjects", "mill"),
        ([("045Q/01", "$9105")], "subjects", None),
        ([("041A/01", "$zGeschichte 1900")], "subjects", "Geschichte 1900"),
        ([("041A/01", "$9101$7Ts1$aMutter$gMotiv")], "subjects", "Mutter (Motiv)"),
        ([("041A/01", "$9101$7Ts1$aMutter$gMotiv")], "spatial", None),
        ([("041A/01", "$gSaxony")], "spatial", ["Saxony"]),
        ([("041A/09", "$eDE-101$g14.1a")], "spatial", None),
        ([("041A/19", "$eDE-101$g14.1a")], "subjects", None),
        ([("041A/01", "$ag Hamburg <1999>")], "spatial", ["Hamburg <1999>"]),
        ([("041A/01", "$az Geschichte 1918-1948")], "subjects", "Geschichte 1918-1948"),
        ([("041A/01", "$af Kommentar")], "genres", ["Kommentar"]),
        ([("041A/01", "$9101$af Kommentar")], "genres", None),
        ([("021A", "$xaa$9101$YAtlas$hAnn"), ("021B", "$l[Hauptbd.]")], "title", "Atlas. [Hauptbd.]"),
        ([("036D", "$9101$gAc$dAnn$aOther$YWerke$l7")], "collection", "Werke"),
        ([("039B", "$iIn$tMühlenblatt")], "collection", "Mühlenblatt"),
        ([("002C", "$bsti")], "type", "StillImage"),
        ([("009P/05", "$ahttp://example.org/x")], "source_url", "http://example.org/x"),
    ],
)
def test_a_column(fields: Made, column: str, due: Any) -> None:
    found = values(*fields).get(column)
    assert (found[0]["label"] if column == "subjects" and found else found) == due


@pytest.mark.parametrize(
    ("field", "column", "due"),
    [
        (("017R", "$aOpen Access$uhttp://purl.org/coar/access_right/c_abf2"), "access_raw", "Open Access"),
        (("017C", "$uhttp://a.org$4ZZ"), "access_raw", "Licence code ZZ"),
        (("017C", "$uhttp://a.org$4KF"), "access_raw", "Free access after registration"),
        (("009Q", "$uhttp://a.org$zPU"), "access_raw", "Pay per use"),
        (("009Q", "$uhttp://a.org$zfor members"), "access_raw", None),
        (("009P", "$ahttp://a.org$S1"), "access_raw", None),
        (("017M", "$aIn Copyright$vthe pictures"), "rights_raw", "In Copyright"),
        (("037A", "$ahttps://creativecommons.org/licenses/by/4.0/"), "rights_raw", "https://creativecommons.org/licenses/by/4.0/"),
        (("039D", "$ahttps://creativecommons.org/licenses/by/4.0/"), "rights_raw", None),
        (("209R/01", "$uhttps://creativecommons.org/licenses/by/4.0/"), "rights_raw", None),
    ],
)  # fmt: skip
def test_what_a_record_says_of_rights(field: tuple[str, str], column: str, due: str | None) -> None:
    found = values(field, ("021A", "$aT")).get(column)
    assert (found[0] if found else None) == due


def test_a_licence_indicator_of_the_german_national_library() -> None:
    """In older records of the GBV the same subfield says whether the address is exchanged."""
    found = values(("007G", "$aDNB"), ("009P", "$ahttp://a.org$S1"))
    assert found["access_raw"] == ["Licence indicator 1"]


def test_volatile_fields_are_left_out_of_what_is_published() -> None:
    fields = [("001B", "$0x:01-01-20$t12:00"), ("021A", "$aT"), ("209A/01", "$am$du$x00")]
    raw = values(*fields, volatile=["001B", "209A$d"])["raw_record"]
    assert "001B" not in raw
    assert '<subfield code="d">' not in raw
    assert '<subfield code="a">m</subfield>' in raw


def test_marc_in_xml_is_no_pica() -> None:
    found = cut(b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>x</leader><datafield tag="245"/></record>')
    assert [(each.reason, "picaxml" in each.detail) for each in rejects(found)] == [("not_pica", True)]


def test_what_the_trade_says_of_a_book_says_of_which_list_it_is() -> None:
    """Product forms of the German list of books in print stand beside its keywords (044N $b)."""
    found = values(("044N", "$bVLB-PF$aBB: Gebunden"), ("044N", "$bVLB-FS$aHiob"))
    assert [(one["label"], one["scheme"]) for one in found["subjects"]] == [
        ("BB: Gebunden", "VLB-PF"),
        ("Hiob", "VLB-FS"),
    ]
