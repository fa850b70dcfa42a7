"""MARC: slips that hide what is private, what rights are about, which record is gone, and where a text stands."""

import json
from typing import Any

import pytest

from biglam_pipeline_tests.normalize.bundles import deleted, read_one, reader, reasons, records, unmapped
from biglam_pipeline_tests.normalize.formats.marc_records import FIXED, LEADER, Made, iso2709, marc_json, marcxml

TITLED: Made = [("001", "1"), ("245", "00$aT")]
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"
BLANK = LEADER[:9] + " " + LEADER[10:]


def cut(data: bytes, **block: Any) -> list[Any]:
    return read_one(reader(type="marc", **block), "a/file", data)


def one(*fields: tuple[str, str], leader: str = LEADER) -> Any:
    (record,) = records(cut(iso2709([*TITLED, *fields], leader)))
    return record


def unread(found: list[Any]) -> set[str]:
    return {name for each in unmapped(found) for name in each.filled}


# --- what is not public ---


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("363", "  $a1$xsecret"),
        ("526", "0 $aProgram$xsecret"),
        ("541", "0 secret"),
        ("541", "[0$asecret"),
        ("583", "1 secret"),
        ("583", "1 $arepaired$ xsecret"),
        ("856", "4secret$uhttp://a.org"),
        ("880", "0 $asecret"),
        ("880", "0 $6 $asecret"),
        ("880", "0 541-01secret"),
        ("880", "  $6526-01$xsecret"),
    ],
)
def test_what_a_slip_hides_is_left_out_and_counted(tag: str, text: str) -> None:
    record = one((tag, text))
    assert "secret" not in repr(record)
    assert [said for said in record.problems if said.startswith("nonpublic")]


def test_an_indicator_that_is_a_number_in_json_is_one() -> None:
    data = json.loads(marc_json([*TITLED, ("541", "0 $asecret")]))
    data["fields"][2]["541"]["ind1"] = 0
    (record,) = records(cut(json.dumps(data).encode()))
    assert "secret" not in repr(record)
    assert record.problems == ("nonpublic: 541 is left out",)


def test_a_code_in_another_s_words_is_none() -> None:
    data = marcxml([*TITLED, ("583", "1 $arepaired$xsecret")]).replace('code="x"', 'code="$x"')
    (record,) = records(cut(data.encode()))
    assert "secret" not in repr(record)
    assert "repaired" in repr(record)


@pytest.mark.parametrize("name", ["i1", "IND1", "indicator1"])
def test_where_no_indicator_is_given_what_may_be_private_is(name: str) -> None:
    """The schema of MARCXML requires it: what is called otherwise is not known."""
    fields: Made = [*TITLED, ("541", "0 $asecret")]
    for data in (
        marcxml(fields).replace("ind1=", f"{name}=").encode(),
        marc_json(fields).replace(b'"ind1"', f'"{name}"'.encode()),
        iso2709([*TITLED, ("541", "$asecret")]),
    ):
        (record,) = records(cut(data))
        assert "secret" not in repr(record)
        assert "nonpublic: 541 is left out" in record.problems


def test_unimarc_with_a_library_s_own_245_is_unimarc() -> None:
    day = ("100", "  $a19961119d1996    ||||0itac50      ba")
    fields: Made = [("001", "1"), day, ("200", "1 $aTitolo"), ("245", "  $alocal"), ("830", "  $asecret")]
    (record,) = records(cut(iso2709(fields)))
    assert (record.values["title"], record.values.get("creators")) == ("Titolo", None)
    assert "secret" not in repr(record)


# --- rights ---


@pytest.mark.parametrize(
    ("field", "column", "value"),
    [
        (("856", f"42$uhttp://a.org/cover$r{CC0}"), "rights_raw", None),
        (("856", f"42$uhttp://a.org/cover$r{BY_NC}"), "rights_raw", [BY_NC]),
        (("856", f"40$uhttp://a.org/1$r{CC0}"), "rights_raw", [CC0]),
        (("787", f"08$tOther$u{CC0}"), "rights_raw", None),
        (("540", f"  $aFree$u{CC0}"), "rights_raw", ["Free", CC0]),
        (("540", f"  $3Covers$u{CC0}"), "rights_raw", [f"Of a part (Covers): {CC0}"]),
        (("540", f"  $3Covers$aAll rights reserved$u{BY_NC}"), "rights_raw", ["All rights reserved", BY_NC]),
        (("845", "  $aMay not be copied"), "rights_raw", ["May not be copied"]),
        (("856", "40$uhttp://a.org/1$71"), "access_raw", ["Restricted access"]),
        (("856", "40$uhttp://a.org/1$70"), "access_raw", None),
        (("856", "42$uhttp://a.org/1$71"), "access_raw", None),
        (("856", "40$uhttp://a.org/1$zRestricted access"), "access_raw", ["Restricted access"]),
        (("856", "40$uhttp://a.org/1$zFree of charge"), "access_raw", None),
    ],
)
def test_rights_of_a_part_or_of_another_thing_open_nothing(field: tuple[str, str], column: str, value: Any) -> None:
    assert one(field).values.get(column) == value


def test_a_slip_takes_no_word_from_what_limits() -> None:
    for slip in ("  $AClosed", "  $ Closed", "  $?Closed", "  Closed"):
        assert one(("540", slip)).values["rights_raw"] == ["Closed"]
        assert one(("506", slip)).values["access_raw"] == ["Closed"]
    data = marcxml([*TITLED, ("540", "  $aClosed")]).replace('code="a">Closed', ">Closed")
    assert records(cut(data.encode()))[0].values["rights_raw"] == ["Closed"]


def test_rights_of_an_authority_are_heard() -> None:
    fields: Made = [("001", "1"), ("100", "1 $aA"), ("856", f"  $u{BY_NC}")]
    (record,) = records(cut(iso2709(fields, LEADER[:6] + "z" + LEADER[7:])))
    assert record.values["rights_raw"] == [BY_NC]


# --- records ---


@pytest.mark.parametrize(("status", "gone"), [("d", 1), ("s", 1), ("x", 1), ("o", 0), ("n", 0)])
def test_an_authority_is_deleted_too_where_its_heading_was_split_or_replaced(status: str, gone: int) -> None:
    fields: Made = [("001", "1"), ("100", "1 $aA")]
    assert len(deleted(cut(iso2709(fields, f"     {status}z{LEADER[7:]}")))) == gone
    assert not deleted(cut(iso2709(TITLED, f"     {'n' if status == 'd' else status}{LEADER[6:]}")))


@pytest.mark.parametrize("spoilt", ["\n    {}\n  ", "{}\n", "\n{}"])
def test_a_leader_that_was_laid_out_says_the_same(spoilt: str) -> None:
    """With a length, and with blanks for it."""
    for leader in ("     dam a22     7a 4500", "00097dam a22000377a 4500"):
        (gone,) = deleted(cut(marcxml(TITLED, spoilt.format(leader)).encode()))
        assert gone.source_record_id == "1"


def test_a_leader_whose_blanks_were_cut_off_is_read_and_counted() -> None:
    (record,) = records(cut(marcxml(TITLED, LEADER.strip()).encode()))
    assert record.values["type"] == "Text"
    assert record.problems == ("marc: the leader has 19 characters, and 24 are due",)
    (record,) = records(cut(marc_json(TITLED, " cam a22 7a 4500")))
    assert record.problems == ("marc: the leader has 16 characters, and 24 are due",)


def test_a_008_in_which_several_blanks_became_one_names_no_language_and_is_counted() -> None:
    collapsed = " ".join(FIXED.split())
    (record,) = records(cut(marcxml([*TITLED, ("008", collapsed)]).encode()))
    assert "languages" not in record.values
    assert record.problems == (f"marc: 008 has {len(collapsed)} characters, and 40 are due",)
    (record,) = records(cut(marcxml([*TITLED, ("008", FIXED[:37])]).encode()))
    assert "languages" not in record.values
    (record,) = records(cut(marcxml([*TITLED, ("008", FIXED[:38])]).encode()))
    assert (record.values["languages"], record.problems) == ([FIXED[35:38]], ())


def test_positions_of_a_control_field_that_was_laid_out() -> None:
    data = marcxml([*TITLED, ("008", FIXED)]).replace(FIXED, f"\n      {FIXED}\n    ")
    (record,) = records(cut(data.encode()))
    assert (record.values["date_raw"], record.values["languages"]) == (["1851"], ["eng"])


def test_the_first_control_number_that_says_something_in_every_form() -> None:
    fields: Made = [("001", ""), ("001", "A"), ("001", "B"), *TITLED[1:]]
    for data in (iso2709(fields), marcxml(fields).encode(), marc_json(fields)):
        assert [row.source_record_id for row in records(cut(data))] == ["A"]


def test_a_directory_that_names_a_field_twice_lost_another() -> None:
    """Two fields of one length, and the second entry was given the place of the first."""
    data = iso2709([*TITLED, ("500", "  $aone"), ("500", "  $atwo")])
    at = 24 + 12 * 3
    spoilt = data[: at + 7] + data[at - 5 : at] + data[at + 12 :]
    assert len(spoilt) == len(data)
    assert reasons(cut(spoilt)) == ["marc_directory"]


# --- texts ---


def test_text_outside_subfields_is_kept_and_counted() -> None:
    """Before the first delimiter of ISO 2709; in MARCXML before, between and behind subfields, beside comments."""
    record = one(("500", "  Before$aIn"))
    assert '<subfield code="">Before</subfield><subfield code="a">In' in record.values["raw_record"]
    assert record.problems == ("marc: a field has other than two indicators",)
    for place in ("BEFORE{}", "{}BEHIND", "<!-- c -->BEFORE{}", "{}<!-- c -->BEHIND"):
        data = marcxml(TITLED).replace("<subfield", "{}<subfield").replace("</subfield>", "</subfield>{}")
        first, last = place.split("{}")
        (record,) = records(cut(data.format(first, last).encode()))
        assert "BEFORE" in record.values["raw_record"] or "BEHIND" in record.values["raw_record"]
        assert record.problems == ("marc: text stands outside subfields",)
    (record,) = records(cut(marcxml(TITLED).replace("</leader>", "</leader>text").encode()))
    assert record.problems == ("marc: text stands outside fields",)


def test_a_subfield_without_code_is_not_volatile() -> None:
    data = marcxml([*TITLED, ("500", "  $akept")]).replace('code="a">kept', ">kept").encode()
    (record,) = records(cut(data, volatile=["005"]))
    assert "kept" in record.values["raw_record"]


def test_what_no_column_takes_of_an_authority_or_in_another_script_is_reported() -> None:
    fields: Made = [("001", "1"), ("010", "  $a9"), ("100", "1 $aA"), ("400", "1 $aB"), ("510", "2 $aC")]
    assert unread(cut(iso2709(fields, LEADER[:6] + "z" + LEADER[7:]))) == {"010", "510"}
    unimarc: Made = [("001", "1"), ("010", "  $a9"), ("100", "  $a20010101afrey50      ba0"), ("200", " 1$aA")]
    assert unread(cut(iso2709([*unimarc, ("400", " 1$aB")], LEADER[:6] + "x" + LEADER[7:]))) == {"010"}
    assert unread(cut(iso2709([*TITLED, ("880", "  $6505-01$aC")]))) == {"880"}
    assert not unread(cut(iso2709([*TITLED, ("880", "  $6245-01$aC"), ("880", "  $6540-02$aC")])))


@pytest.mark.parametrize("text", ["$4$aB", "0$$aB", "$$$aB", "$", "$$", "0", ""])
def test_delimiters_where_indicators_are_due(text: str) -> None:
    """A row, in which what can be read is."""
    record = one(("500", text))
    assert ("B</subfield>" in record.values["raw_record"]) is ("B" in text)


def test_a_set_of_marc_8_that_stays_open_is_counted() -> None:
    """Each subfield begins with ASCII: what was meant of the next cannot be known."""
    (record,) = records(cut(iso2709([("001", "1"), ("245", "00$a\x1b(NtEST$btEST\x1b(B")], BLANK)))
    assert record.problems == ("encoding: a subfield ends in another set than ASCII, in which the next begins",)


def test_what_json_has_beside_marc_is_counted() -> None:
    data = json.loads(marc_json(TITLED)) | {"note": "x"}
    data["fields"][1]["245"]["text"] = "y"
    (record,) = records(cut(json.dumps(data).encode()))
    assert record.problems == tuple(f"marc: {name!r} is no part of MARC in JSON" for name in ("note", "text"))


def test_a_reference_to_what_is_no_character_stays_as_it_came() -> None:
    """Half a pair of UTF-16 cannot be written anywhere."""
    (record,) = records(cut(iso2709([("001", "1"), ("245", "00$a&#xD83D; &#x0000; &#x4E00;\udce2e")], BLANK)))
    assert record.values["title"] == "&#xD83D; &#x0000; 一é"


def test_marks_of_sorting_in_seven_bits() -> None:
    """ESC H and ESC I, in ISO 5426 and in UTF-8."""
    for code, accent in (("0103", "\udcc2e"), ("50  ", "é")):
        day = ("100", f"  $a20010101d1999    m  y0frey{code}    ba")
        fields: Made = [("001", "1"), day, ("200", f"1 $a\x1bHLes \x1bI{accent}toiles")]
        (record,) = records(cut(iso2709(fields)))
        assert record.values["title"] == "Les étoiles"
