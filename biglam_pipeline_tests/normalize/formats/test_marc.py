"""MARC: what its fields say in columns, in ISO 2709, MARCXML and JSON; what is not public is nowhere."""

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
from biglam_pipeline_tests.normalize.formats.marc_records import (
    FIXED,
    LEADER,
    SLIM,
    WHALE,
    Made,
    iso2709,
    marc_json,
    marcxml,
    page,
)

SMALL: Made = [("001", "b-2"), ("245", "00$aA list :$bof ships.")]
GONE = LEADER[:5] + "d" + LEADER[6:]
SPECIMEN = Specimen(
    {
        "books.mrc": iso2709(WHALE) + iso2709(SMALL) + b"\n" + iso2709([("245", "00$aNo number")]),
        "page.xml": page(marcxml(WHALE), marcxml(SMALL, prefix="m")),
        "list.json": b"[" + marc_json([("001", "c-1"), *SMALL[1:]]) + b",\n" + marc_json([("001", "c-2")]) + b"]",
    },
    records=7,
    version=5,
    digest="f702ee0d9ba2232c",
)
UNIMARC: Made = [
    ("001", "u-1"),
    ("010", "  $a88-04-40682-8"),
    ("100", "  $a19961119d1996    ||||0itac50      ba"),
    ("101", "1 $aita$ceng"),
    ("200", "1 $a\x88L'\x89altra faccia$edella spirale$fIsaac Asimov"),
    ("210", "  $aMilano$cMondadori$d1996"),
    ("215", "  $aV, 201 p.$d20 cm"),
    ("410", " 0$tBestsellers$v641"),
    ("541", "0 $aThe other side of the spiral"),
    ("606", "  $aRomanzi$xStoria"),
    ("607", "  $aItalia"),
    ("700", " 1$aAsimov$b, Isaac$f1920-1992$4070"),
    ("702", " 1$aScaglia$bCesare$4730"),
    ("830", "  $achecked by G. R."),
]
COLUMNS: dict[str, Any] = {
    "type": "Text",
    "title": "The whale",
    "title_alt": ["Moby Dick", "白鯨"],
    "creators": [
        {"name": "Melville, Herman, 1819-1891", "role": "author", "uri": "https://d-nb.info/gnd/118580604"},
        {"name": "Kent, Rockwell", "role": "ill"},
        {"name": "Kent, Rockwell", "role": "edt"},
    ],
    "publisher": "Harper",
    "publication_place": ["New York"],
    "date_raw": ["1851"],
    "year_evidence": "imprint",
    "languages": ["eng"],
    "subjects": [
        {
            "label": "Whaling -- Nantucket -- Fiction",
            "uri": "http://id.loc.gov/authorities/subjects/sh1",
            "scheme": "lcsh",
        }
    ],
    "genres": ["Novels"],
    "spatial": ["Nantucket (Mass.)"],
    "description": "A captain hunts a whale.",
    "extent": "xxiii, 635 p. ; 20 cm",
    "collection": "Sea stories",
    "identifiers": [
        {"scheme": "lccn", "value": "51012345"},
        {"scheme": "isbn", "value": "0198526636 (pbk.)"},
        "(OCoLC)ocm00012345",
    ],
    "source_url": "http://a.org/1",
}
FORMS = {"iso2709": iso2709(WHALE), "xml": marcxml(WHALE).encode(), "json": marc_json(WHALE)}


def cut(data: bytes, name: str = "a/file", **block: Any) -> list[Any]:
    return read_one(reader(type="marc", **block), name, data)


def one(fields: Made, **block: Any) -> Any:
    (record,) = records(cut(iso2709(fields), **block))
    return record


@pytest.mark.parametrize("form", FORMS)
def test_a_record_says_the_same_in_every_form(form: str) -> None:
    found = cut(FORMS[form])
    (record,) = records(found)
    values = dict(record.values)
    raw = values.pop("raw_record")
    assert values == COLUMNS
    assert record.source_record_id == "a-1"
    assert raw.startswith(f'<record xmlns="{SLIM}"><leader>')
    assert raw.count("<datafield") == len(WHALE) - 3, "two control fields, and what is not public"
    names = {name for each in unmapped(found) for name in each.filled}
    assert names == {"583", "952"}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_public_is_nowhere_and_counted(form: str) -> None:
    """541 with first indicator 0, and $x of 583 and 856."""
    (record,) = records(cut(FORMS[form], map={"extra": {"donor": "541$a", "note": "583$x", "all": "583"}}))
    assert "donor" not in record.extra or not record.extra["donor"]
    assert not record.extra.get("note")
    assert record.extra["all"] == ["repaired"] or record.extra["all"] == "repaired"
    everything = repr(record)
    assert not [word for word in ("A donor", "USD 5", "J. Doe", "scanned by us") if word in everything]
    assert [said for said in record.problems if said.startswith("nonpublic")] == [
        "nonpublic: 541 is left out",
        "nonpublic: the note in 583 is left out",
        "nonpublic: the note in 856 is left out",
    ]


@pytest.mark.parametrize(
    ("tag", "text", "public"),
    [
        ("541", "0 $asecret", False),
        ("541", "1 $asecret", True),
        ("541", "  $asecret", True),
        ("542", "0 $lsecret", False),
        ("561", "0 $asecret", False),
        ("583", "0 $asecret", False),
        ("583", "1 $xsecret", False),
        ("852", "  $jA 1$xsecret", False),
        ("856", "40$uhttp://a.org$xsecret", False),
        ("866", "  $av. 1$xsecret", False),
        ("876", "  $p1$xsecret", False),
        ("952", "  $xsecret", False),
        ("667", "  $asecret", False),
        ("880", "0 $6541-01$asecret", False),
        ("880", "  $6583-01$xsecret", False),
        ("773", "0 $tHost$x1234-5679 secret", True),
        ("650", " 0$aShips$xsecret", True),
        ("490", "1 $aSeries$x1234-5679 secret", True),
        ("500", "0 $asecret", True),
    ],
)
def test_a_note_is_hidden_where_the_format_says_so(tag: str, text: str, public: bool) -> None:
    record = one([("001", "1"), ("245", "00$aT"), (tag, text)], map={"extra": {"read": tag}})
    assert ("secret" in repr(record)) is public


def test_slips_in_attributes_open_nothing() -> None:
    """Blanks around a tag, an indicator, a code; a code in capitals; none at all."""
    inner = (
        '<leader>00000nam a22000007a 4500</leader><controlfield tag=" 001">1</controlfield>'
        '<datafield tag="541 " ind1=" 0" ind2=""><subfield code="a">secret</subfield></datafield>'
        '<datafield tag="583"><subfield code="x ">secret</subfield><subfield code="X">secret</subfield></datafield>'
        '<datafield tag="245"><subfield>T</subfield><subfield code="a">A</subfield></datafield>'
    )
    (record,) = records(cut(f"<record>{inner}</record>".encode()))
    assert "secret" not in repr(record)
    assert (record.source_record_id, record.values["title"]) == ("1", "A")


def test_a_deleted_record_is_a_tombstone_in_every_form() -> None:
    """Leader/05 `d`; inside OAI by the identifier of its header."""
    for data in (iso2709(SMALL, GONE), marcxml(SMALL, GONE).encode(), marc_json(SMALL, GONE)):
        found = cut(data)
        assert not records(found)
        assert [each.source_record_id for each in deleted(found)] == ["b-2"]
    (gone,) = deleted(cut(page(marcxml(SMALL, GONE))))
    assert gone.source_record_id == "oai:a:1"
    for data in (iso2709(SMALL[1:], GONE), marcxml(SMALL[1:], GONE).encode(), marc_json(SMALL[1:], GONE)):
        found = cut(data)
        assert (records(found), reasons(found)) == ([], ["identifier_missing"])


def test_rights_are_heard_by_what_they_are_about() -> None:
    record = one(
        [
            ("245", "00$aT"),
            ("506", "1 $aStaff only$fNo online access$2star"),
            ("540", "  $aPublic domain$uhttps://creativecommons.org/publicdomain/mark/1.0/"),
            ("542", "  $lUnder copyright$dA Press"),
            ("542", "0 $lprivate"),
            ("856", "40$uhttp://a.org/1$rhttp://rightsstatements.org/vocab/InC/1.0/"),
        ]
    )
    assert record.values["access_raw"] == ["Staff only", "No online access"]
    assert record.values["rights_raw"] == [
        "Public domain",
        "https://creativecommons.org/publicdomain/mark/1.0/",
        "Under copyright",
        "http://rightsstatements.org/vocab/InC/1.0/",
    ]


def test_an_authority_is_called_by_its_heading() -> None:
    """Leader/06 z; in UNIMARC the heading stands where titles do, and a name is nobody's work."""
    leader = LEADER[:6] + "z" + LEADER[7:]
    fields: Made = [("001", "1"), ("100", "1 $aMelville, Herman,$d1819-1891"), ("400", "1 $aMelvill, Herman")]
    (record,) = records(cut(iso2709(fields, leader)))
    assert record.values["title"] == "Melville, Herman, 1819-1891"
    assert record.values["title_alt"] == ["Melvill, Herman"]
    assert "creators" not in record.values
    unimarc: Made = [("001", "1"), ("100", "  $a20010101afrey50      ba0"), ("200", " 1$aAsimov$bIsaac")]
    (record,) = records(cut(iso2709(unimarc, leader)))
    assert record.values["title"] == "Asimov Isaac"


def test_restrictions_that_only_an_indicator_says_are_heard() -> None:
    record = one([("245", "00$aT"), ("506", "1 $aAsk at the desk")])
    assert record.values["access_raw"] == ["Ask at the desk", "Restrictions apply"]


def test_unimarc_is_known_by_itself() -> None:
    """Its 541 is a title, whose first indicator 0 hides nothing; 830 is the cataloguer's own."""
    record = one(UNIMARC)
    values = {name: value for name, value in record.values.items() if name != "raw_record"}
    assert values == {
        "type": "Text",
        "title": "L'altra faccia : della spirale",
        "title_alt": ["The other side of the spiral"],
        "creators": [
            {"name": "Asimov, Isaac, 1920-1992", "role": "aut"},
            {"name": "Scaglia, Cesare", "role": "trl"},
        ],
        "publisher": "Mondadori",
        "publication_place": ["Milano"],
        "date_raw": ["1996"],
        "year_evidence": "imprint",
        "languages": ["ita"],
        "subjects": [{"label": "Romanzi -- Storia", "uri": None, "scheme": None}],
        "spatial": ["Italia"],
        "extent": "V, 201 p. ; 20 cm",
        "collection": "Bestsellers",
        "identifiers": [{"scheme": "isbn", "value": "88-04-40682-8"}],
    }
    assert "G. R." not in repr(record)
    assert record.problems == ("nonpublic: 830 is left out",)


def test_a_dialect_that_does_not_show_is_a_reject() -> None:
    unsure: Made = [("001", "1"), ("200", "1 $aTitolo")]
    assert reasons(cut(iso2709(unsure))) == ["marc_dialect"]
    assert one(unsure, dialect="unimarc").values["title"] == "Titolo"
    said = marcxml(unsure, more=' format="UNIMARC" type="Bibliographic"').encode()
    assert records(cut(said))[0].values["title"] == "Titolo"
    foreign = marcxml(SMALL, more=' format="INTERMARC"').encode()
    assert reasons(cut(foreign)) == ["marc_dialect"]


def test_volatile_fields_are_in_no_raw_record() -> None:
    timed: Made = [*SMALL[:1], ("005", "20200101"), *SMALL[1:], ("856", "  $uhttp://a.org$zseen 3 times")]
    record = one(timed, volatile=["005", "856$z"], map={"extra": {"at": "005"}})
    assert "20200101" not in record.values["raw_record"]
    assert "3 times" not in record.values["raw_record"]
    assert "http://a.org" in record.values["raw_record"]
    assert record.extra["at"] == "20200101"


def test_languages_are_marc_s_codes() -> None:
    fields: Made = [("008", f"{FIXED[:35]}scr d"), ("041", "1 $aengfre$hrus"), ("245", "00$aT")]
    assert one(fields).values["languages"] == ["scr", "engfre"]


@pytest.mark.parametrize(
    ("fields", "column", "value"),
    [
        ([("245", "00$aWorks.$nPart 2,$pLetters :$bin two.")], "title", "Works. Part 2, Letters : in two"),
        ([("245", "00$aStVO$bdie Ordnung")], "title", "StVO : die Ordnung"),
        ([("245", "00$a\x98Der\x9c Wald /")], "title", "Der Wald"),
        ([("264", " 1$aReading, Mass. :$b[s.n.],$c1900.")], "publication_place", ["Reading, Mass."]),
        ([("264", " 1$aReading, Mass. :$b[s.n.],$c1900.")], "publisher", "[s.n.]"),
        ([("264", " 3$aLeeds :$bA printer")], "publisher", None),
        ([("773", "0 $tA journal.$gvol. 3")], "collection", "A journal"),
        ([("830", " 0$aSea stories ;$v3.")], "collection", "Sea stories"),
        ([("653", "  $aships$asails")], "subjects", ["ships", "sails"]),
        ([("651", " 0$aNorway$xMaps.")], "subjects", ["Norway -- Maps"]),
        ([("651", " 0$aNorway$xMaps.")], "spatial", ["Norway"]),
        ([("024", "7 $a10.1000/182$2doi")], "identifiers", [{"scheme": "doi", "value": "10.1000/182"}]),
        ([("852", "  $bMAIN$hPS2384$i.M6")], "identifiers", [{"scheme": "shelfmark", "value": "PS2384 .M6"}]),
        ([("700", "1 $aBy, A.$tA work")], "creators", None),
        ([("700", "12$aBy, A.$tA work")], "creators", [{"name": "By, A.", "role": "contributor"}]),
        ([("710", "2 $aA.$4http://id.loc.gov/vocabulary/relators/pbl")], "creators", [{"name": "A.", "role": "pbl"}]),
    ],
)  # fmt: skip
def test_a_column(fields: Made, column: str, value: Any) -> None:
    found = one([("001", "1"), *fields]).values.get(column)
    if column == "subjects":
        found = [subject["label"] for subject in found]
    assert found == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"000000001 LDR   L 00000nam^^2200000\n000000001 001   L a\n", "not_marc"),
        (b"001@ $01-2$a5\n002@ $0Af\n", "not_marc"),
        (b"\x1e001@ \x1f01-2\x1fa5\x1e", "not_marc"),
        (b"=LDR  00000nam\n=001  a\n", "not_marc"),
        (b'{"title": "A"}', "not_marc"),
        (b'[{"leader": "x", "fields": [{"245": 5}]}]', "not_marc"),
        (b'[{"leader": "x", "fields": [', "json_document"),
        (b"<dc><title>A</title></dc>", "not_marc"),
        (b"<html><body>Sign in</body></html>", "not_xml"),
        (b"id,title\n1,A\n", "marc_leader"),
        (b"", "not_marc"),
    ],
)
def test_what_is_something_else_says_so(data: bytes, reason: str) -> None:
    found = cut(data)
    assert not records(found)
    assert reasons(found) == [reason]
    assert all(each.detail for each in rejects(found))


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("$eauthor,$eeditor.", ["author", "editor"]),
        ("$eauthor,$eeditor.$4aut", ["aut", "edt"]),
        ("$eVerfasser$eHelfer$4aut$4ctb", ["aut", "ctb"]),
        ("$4aut$4edt", ["aut", "edt"]),
    ],
)
def test_each_role_of_a_heading_is_a_creator(roles: str, said: list[str]) -> None:
    """Whether a catalogue codes all of them, none, or the first."""
    creators = one([("001", "1"), ("700", f"1 $aBy, A.{roles}")]).values["creators"]
    assert creators == [{"name": "By, A.", "role": role} for role in said]
