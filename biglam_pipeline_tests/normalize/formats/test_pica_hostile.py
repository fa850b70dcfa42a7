"""PICA+ as it goes wrong: records that run together, what would show what is not public, and words that forbid."""

import json
from typing import Any

import pytest
from lxml import etree

from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import deleted, item, read_one, reader, reasons, records, rejects
from biglam_pipeline_tests.normalize.formats.marc_records import page
from biglam_pipeline_tests.normalize.formats.pica_records import (
    FORMS,
    SPACE,
    Made,
    binary,
    imported,
    in_sru,
    levels_apart,
    normalized,
    picaxml,
    plain,
    ppxml,
)

ONE: Made = [("003@", "$0n-1"), ("021A", "$aOne")]
TWO: Made = [("003@", "$0n-2"), ("021A", "$aTwo")]


def cut(data: bytes | str, **block: Any) -> list[Any]:
    return read_one(reader(type="pica", **block), "a.dat", data if isinstance(data, bytes) else data.encode())


def names(found: list[Any]) -> list[str]:
    return [row.source_record_id for row in records(found)]


def counted(data: bytes) -> tuple[int, int | None]:
    """Records that became something, and how many there are by the other way."""
    found = cut(data)
    made = len(records(found)) + len(rejects(found)) + len(deleted(found))
    return made, reader(type="pica").expected(Bundle("a.dat", (item("a.dat", data),)))


# --- records that run together, ends that are none ---


@pytest.mark.parametrize("form", FORMS)
def test_two_numbers_are_two_records_of_which_the_end_is_missing(form: str) -> None:
    """A blank line, a line end or 0x1D was lost: they would be one row with the words of both."""
    found = cut(FORMS[form]([*ONE, *TWO], [("003@", "$0n-3")]))
    assert (names(found), reasons(found)) == (["n-3"], ["pica_two_numbers"])


def test_lines_that_begin_with_0x1e_and_are_divided_by_blank_lines() -> None:
    """https://github.com/metafacture/metafacture-core/issues/156 : no 0x1D says where a record begins."""
    data = b"\x1e003@ \x1f0n-1\n\x1e021A \x1faOne\n\n\x1e003@ \x1f0n-2\n\x1e021A \x1faTwo\n"
    assert reasons(cut(data)) == ["pica_two_numbers"]


def test_the_same_number_twice_is_one_record() -> None:
    assert names(cut(normalized([*ONE, ONE[0]]))) == ["n-1"]


@pytest.mark.parametrize("form", ["normalized", "binary", "import", "plain", "WinIBW"])
def test_the_end_of_a_file_of_dos_is_no_field(form: str) -> None:
    data = FORMS[form](ONE, TWO) + b"\x1a"
    assert names(cut(data)) == ["n-1", "n-2"]
    assert counted(data) == (2, 2)


def test_0x1a_before_a_mark_is_counted_as_it_is_read() -> None:
    whole = imported(ONE, TWO)
    for data in (whole.replace(b"\n\x1d\n", b"\n\x1a\x1d\n"), whole.replace(b"\x1d\n", b"\x1d\n\x1a\n")):
        assert counted(data) == (2, 2)


@pytest.mark.parametrize("form", ["normalized", "binary", "levels apart", "import", "plain", "WinIBW"])
def test_files_that_were_put_together_are_read_through(form: str) -> None:
    """Each with the byte order mark that it had."""
    mark = b"\xef\xbb\xbf"
    apart = b"\n" if form in ("plain", "WinIBW") else b""
    data = apart.join(mark + FORMS[form](one).removeprefix(b"a comment\n") for one in (ONE, TWO))
    assert names(cut(data)) == ["n-1", "n-2"]
    assert counted(data) == (2, 2)
    assert counted(data + mark) == (2, 2)


def test_messages_of_winibw_stand_in_the_middle_of_a_line() -> None:
    data = plain(ONE).replace(b"003@", b"\tSET: S1 [1] TTL: 1\n\tEingabe: 0206:06-09-18\n003@")
    assert names(cut(data * 2)) == ["n-1", "n-1"]
    assert counted(data * 2) == (2, 2)


def test_a_level_that_breaks_off_is_counted_as_it_is_read() -> None:
    whole = levels_apart([*ONE, ("101@", "$a20"), ("203@/01", "$0e-1")], TWO)
    for end in range(20, len(whole)):
        made, due = counted(whole[:end])
        assert made == due, whole[end - 20 : end]


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_has_one_number_however_many_digits_are_written(form: str) -> None:
    """WinIBW writes 001, for there may be hundreds; other forms of the same record 01."""
    copies: list[list[Any]] = [[*ONE, ("101@", "$a20"), (f"203@/{number}", "$0e")] for number in ("01", "001")]
    two, three = (records(cut(FORMS[form](each)))[0] for each in copies)
    assert two.values == three.values
    [many] = records(cut(FORMS[form]([*ONE, ("101@", "$a20"), ("203@/100", "$0e")])))
    assert 'occurrence="100"' in many.values["raw_record"]


# --- what is not public ---

SECRET = "of interest to nobody"
NOT_PUBLIC = [
    *(("109R", "$u", "$x"), ("209R/01", "$u", "$x"), ("209W/01", "$u", "$x"), ("051A", "$a", "$b")),
    *(("220J/01", "$a", "$c"), ("220K/01", "$a", "$c"), ("220L/01", "$b", "$a"), ("127E", "$a", "$b")),
]


@pytest.mark.parametrize(("tag", "kept", "code"), NOT_PUBLIC)
@pytest.mark.parametrize("form", ["normalized", "PPXML", "JSON"])
def test_remarks_of_libraries_and_copies_are_left_out(form: str, tag: str, kept: str, code: str) -> None:
    """K10plus: "Interne Bemerkungen" are at every level, and who works on a copy is nobody's business."""
    level = [("101@", "$a20")] if tag[0] in "12" else []
    [row] = records(cut(FORMS[form]([*ONE, *level, (tag, f"{kept}shown{code}{SECRET}")])))
    assert SECRET not in repr(row)
    assert "shown" in row.values["raw_record"]
    assert f"nonpublic: the note in {tag[:4]} is left out" in row.problems


@pytest.mark.parametrize("number", ["14", "80", "81", "82", "83", "84"])
def test_orders_of_copies_are_left_out(number: str) -> None:
    copy = [("101@", "$a20"), ("209B/01", f"$a{SECRET}$x{number}"), ("209B/01", "$ashown$x12")]
    [row] = records(cut(normalized([*ONE, *copy])))
    assert SECRET not in repr(row)
    assert "shown" in row.values["raw_record"]


@pytest.mark.parametrize(
    "data",
    [
        f"003@ \x1f0n\x1e047A \x1f?{SECRET}\x1e\n",
        f"003@ \x1f0n\x1e220B {SECRET}\x1fax\x1e\n",
        f"003@ $0n\n220B/01 $afirst line\n{SECRET}\n",
        f"003@ $0n\n220B/01 $afirst $$ line${SECRET[2:]}\n",
        json.dumps([["003@", None, "0", "n"], ["047A", None, "a", {"x": SECRET}]]),
        json.dumps([["003@", None, "0", "n"], ["047A", None, SECRET]]),
        json.dumps([["003@", None, "0", "n"], ["047A", None, "a", "x", SECRET]]),
        json.dumps([["003@", None, "0", "n"], ["047A", SECRET, "a", "x"]]),
        json.dumps([["003@", None, "0", "n"], ["047A", None, SECRET, "x"]]),
        json.dumps([["003@", None, "0", "n"], [f"047A {SECRET}", None, "a", "x"]]),
        json.dumps([["003@", None, "0", "n"], f"047A {SECRET}"]),
        f'<record xmlns="{SPACE}"><datafield tag="047A" occurrence="{SECRET}"/></record>',
        f'<record xmlns="{SPACE}"><datafield tag="047A"><subfield code="{SECRET}"/></datafield></record>',
    ],
)  # fmt: skip
def test_why_a_record_is_refused_shows_nothing_of_what_it_says(data: str) -> None:
    """The text may be of a field that is not public; reasons are told, shelved and seen in the console."""
    found = cut(data)
    assert len(rejects(found)) == 1
    assert "interest" not in repr(found)


def test_a_tag_that_is_none_is_shown() -> None:
    """https://github.com/deutsche-nationalbibliothek/pica-rs has this one in its tests."""
    [reject] = rejects(cut("003! \x1f00123456789X\x1e002@ \x1f0Tp1\x1e012A/00 \x1fa1\x1fa2\x1fb1\x1e\n"))
    assert (reject.reason, "003!" in reject.detail) == (
        "not_pica" if "003!" not in reject.detail else "pica_field",
        True,
    )


@pytest.mark.parametrize("statuses", [("Aau", "Aai"), ("Aai", "Aau"), ("Tp1", "Aai")])
def test_any_status_that_hides_hides(statuses: tuple[str, ...]) -> None:
    found = cut(normalized([*ONE, *(("002@", f"$0{one}") for one in statuses)]))
    assert reasons(found) == ["pica_internal"]


def test_a_deletion_without_a_date_is_one() -> None:
    found = cut(b"003@ \x1f0n-1\x1e001E \x1e021A \x1faOne\x1e\n")
    assert [one.source_record_id for one in deleted(found)] == ["n-1"]


def test_a_record_of_two_rules_shows_what_neither_hides() -> None:
    [row] = records(cut(normalized([*ONE, ("003S", "$01"), ("007G", "$aDNB$0n-1"), ("006V", f"$0{SECRET}")])))
    assert SECRET not in repr(row)


FLAGGED = ppxml([*ONE, ("101@", "$a20"), ("203@", "$0e-1")])


def test_a_flag_of_ppxml_that_nobody_explains_closes() -> None:
    for flag in ("opacflag", "status"):
        assert reasons(cut(FLAGGED.replace(f'{flag}=""', f'{flag}="n"', 1))) == ["pica_internal"]
    hidden = FLAGGED.replace('<p:copy occ="1"', '<p:copy opacflag="n" occ="1"')
    [row] = records(cut(hidden))
    assert "e-1" not in repr(row)
    assert row.problems == ("nonpublic: <copy> with opacflag='n' is left out",)


# --- envelopes ---

FOLIO = (
    "<record><header status='{status}'><identifier>n-1</identifier></header><metadata>"
    "<datafield tag='003@' fulltag='003@'><subfield code='0'>n-1</subfield></datafield>"
    "<datafield tag='021A' fulltag='021A'><subfield code='a'>One</subfield></datafield><item epn='e-1'>"
    "<datafield tag='203@' fulltag='203@/01' occurrence='01'><subfield code='0'>e-1</subfield></datafield></item>"
    "</metadata></record>"
)


def test_pica_as_folio_imports_it() -> None:
    """https://metacpan.org/pod/PICA::Writer::PIXML : copies stand in elements of their own."""
    inside = FOLIO.format(status="upsert").replace("n-1", "n-2")
    header = inside[inside.index("<header") : inside.index("<metadata")]
    inside = inside.replace(header, "").replace("<metadata>", f"<metadata>{header}")
    gone = "<record><header status='deleted'><identifier>n-3</identifier></header></record>"
    odd = FOLIO.format(status="hidden").replace("n-1", "n-4")
    data = f"<collection>{FOLIO.format(status='upsert')}{inside}{gone}{odd}</collection>".encode()
    found = cut(data)
    assert names(found) == ["n-1", "n-2"]
    assert [row.problems for row in records(found)] == [(), ()]
    first = etree.fromstring(records(found)[0].values["raw_record"])
    assert [one.get("tag") for one in first] == ["003@", "021A", "203@"]
    assert [one.source_record_id for one in deleted(found)] == ["n-3"]
    assert reasons(found) == ["pica_header"]
    assert counted(data) == (4, 4)


def test_of_two_records_in_one_place_the_second_is_told() -> None:
    """SRU has one in `recordData`."""
    [row] = records(cut(in_sru(picaxml(ONE) + picaxml(TWO))))
    assert row.problems == ("metadata_repeated: only the first of several is read",)
    [row] = records(cut(in_sru(picaxml(ONE))))
    assert row.problems == ()


def test_fields_that_stand_in_the_metadata_themselves() -> None:
    fields = picaxml(ONE).removeprefix(f'<record xmlns="{SPACE}">').removesuffix("</record>")
    [row] = records(cut(page(fields)))
    assert (row.values["title"], row.problems) == ("One", ())


# --- rights ---

FORBIDS = [
    *(("017C", "z"), ("017C", "y"), ("017C", "3"), ("017D", "z"), ("009P", "z"), ("109R", "z"), ("209R/01", "z")),
    *(("209W/01", "y"), ("209A/01", "c"), ("231D/01", "a"), ("237A/01", "a"), ("209K/01", "c"), ("017R", "a")),
]
SHUT = ["gesperrt", "Gesperrt bis 2050", "Zugriff nur im Lesesaal", "Nur für Mitarbeiter", "Not for the public"]


@pytest.mark.parametrize(("tag", "code"), FORBIDS)
@pytest.mark.parametrize("words", SHUT)
def test_a_note_that_forbids_is_heard(tag: str, code: str, words: str) -> None:
    level = [("101@", "$a20")] if tag[0] in "12" else []
    [row] = records(cut(normalized([*ONE, ("017M", "$acc0"), *level, (tag, f"${code}{words}")])))
    assert row.values["access_raw"] == [words]
    assert row.values["rights_raw"] == ["cc0"]


@pytest.mark.parametrize("words", ["Leinen", "CC BY 4.0", "Open Access", "Volltext"])
@pytest.mark.parametrize(("tag", "code"), FORBIDS[:-2])
def test_another_note_says_nothing_of_rights(tag: str, code: str, words: str) -> None:
    """A licence of one address or copy opens nothing."""
    level = [("101@", "$a20")] if tag[0] in "12" else []
    [row] = records(cut(normalized([*ONE, *level, (tag, f"${code}{words}")])))
    assert not {"access_raw", "rights_raw"} & set(row.values)


@pytest.mark.parametrize(
    ("field", "column", "due"),
    [
        (("037I", "$aVervielfältigung nicht gestattet"), "rights_raw", ["Vervielfältigung nicht gestattet"]),
        (("017M", "$aPublic Domain$tUS"), "rights_raw", ["Public Domain", "Only in US"]),
        (("209K/01", "$ax$b3"), "access_raw", ["x"]),
        (("209R/01", "$uhttps://a.org$4PU"), "access_raw", ["Pay per use"]),
        (("209R/01", "$uhttps://a.org$4ZZ"), "access_raw", ["Licence code ZZ"]),
        (("109R", "$uhttps://a.org$4KW"), "access_raw", ["Free access before or after a certain date (moving wall)"]),
    ],
)
def test_fields_of_rights_at_every_level(field: tuple[str, str], column: str, due: list[str]) -> None:
    level = [("101@", "$a20")] if field[0][0] in "12" else []
    [row] = records(cut(binary([*ONE, *level, field])))
    assert row.values[column] == due


def test_plain_and_import_agree_on_what_is_refused() -> None:
    wrong: Made = [*ONE, ("021a", "$ax")]
    for form in (plain, imported, normalized, binary):
        assert reasons(cut(form(wrong, TWO))) == ["pica_field"]
