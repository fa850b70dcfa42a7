"""Files of PICA+: what is cut, broken or something else, counts by another way, takedown, and any bytes at all."""

import gzip
import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.pica import framing
from biglam_pipeline.parsing.pica.framing import Chunks
from biglam_pipeline.records import Bundle, Item
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import (
    NOON,
    deleted,
    item,
    read,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.pica_records import (
    BOOK,
    FORMS,
    SMALL,
    Made,
    binary,
    imported,
    json_lines,
    normalized,
    pica_json,
    plain,
)


def small(number: int, more: str = "") -> Made:
    return [("003@", f"$0n-{number}"), ("021A", f"$aTitle {number}{more}"), ("209A/01", "$am$x00")]


def cut(data: bytes, **block: Any) -> list[Any]:
    return read_one(reader(type="pica", **block), "a.dat", data)


def names(found: list[Any]) -> list[str]:
    return [row.source_record_id for row in records(found)]


def count(data: bytes) -> int | None:
    return reader(type="pica").expected(Bundle("a.dat", (item("a.dat", data),)))


# --- one bad record, and the next is read ---

MARKED = {"normalized": normalized, "binary": binary, "import": imported, "plain": plain}
SPOILED: dict[str, tuple[bytes, bytes, str]] = {
    "no tag": (b"021A", b"21A", "pica_field"),
    "a letter that no tag has": (b"021A", b"021!", "pica_field"),
    "a fourth level": (b"021A", b"921A", "pica_field"),
    "no blank": (b"021A ", b"021A", "pica_field"),
    "an occurrence of letters": (b"021A ", b"021A/x ", "pica_field"),
    "a code that is none": (b"aTitle 2", b"\xc3\xa4Title 2", "pica_field"),
    "Latin-1": (b"Title 2", b"B\xe4che", "pica_characters"),
    "no title": (b"003@", b"203@", ""),
}


@pytest.mark.parametrize("form", MARKED)
@pytest.mark.parametrize("spoil", SPOILED)
def test_a_bad_record_is_a_reject_and_its_neighbours_are_read(form: str, spoil: str) -> None:
    old, new, reason = SPOILED[spoil]
    data = MARKED[form](small(1), small(2), small(3))
    at = data.index(old, data.index(b"n-2") - 10)
    found = cut(data[:at] + data[at:].replace(old, new, 1))
    if spoil == "no title":  # in binary it is of the title before
        assert "n-3" in names(found)
        return
    assert names(found) == ["n-1", "n-3"]
    assert [(one.reason, one.position) for one in rejects(found)] == [(reason, "record 2")]


def test_copies_without_a_title_are_a_reject() -> None:
    copies: Made = [("203@/01", "$01"), ("209A/01", "$am")]
    found = cut(normalized(small(1), copies, small(3)))
    assert (names(found), reasons(found)) == (["n-1", "n-3"], ["pica_level"])
    assert reasons(cut(binary(copies, small(3)))) == ["pica_level"]


@pytest.mark.parametrize("form", ["normalized", "binary", "import"])
def test_a_file_that_breaks_off_says_so(form: str) -> None:
    """Anywhere in its last record; a line that ends with a field may be all, for lines are only divided."""
    whole, end = MARKED[form](small(1), small(2)), len(MARKED[form](small(1)))
    for size in range(end + 9, len(whole) - 1):
        found = cut(whole[:size])
        if form == "normalized" and whole[:size].endswith(b"\x1e"):
            assert (names(found), reasons(found)) == (["n-1", "n-2"], [])
            assert [said for one in unmapped(found) for said in one.problems if "no line end" in said]
        elif form != "import" or not whole[:size].endswith(b"\n"):
            assert (names(found), reasons(found)) == (["n-1"], ["pica_cut"]), size


def test_a_line_whose_last_field_has_no_end_is_a_reject() -> None:
    found = cut(normalized(small(1)).replace(b"\x1e\n", b"\n") + normalized(small(2)))
    assert (names(found), reasons(found)) == (["n-2"], ["pica_field_end"])


@pytest.mark.parametrize("form", MARKED)
def test_of_the_beginning_of_a_file_the_last_record_is_not_judged(form: str) -> None:
    data = MARKED[form](small(1), small(2), small(3))
    for size in range(len(data) // 2, len(data)):
        part = Item("a.dat", "", NOON, "", size, 1, "", lambda size=size: io.BytesIO(data[:size]), whole=False)  # type: ignore[misc]
        found = read(reader(type="pica"), {"a.dat": part})
        assert not rejects(found)
        assert names(found)[:1] == ["n-1"]


def test_a_record_without_an_end_is_passed_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "LONGEST", 1 << 20)

    class Endless(io.RawIOBase):
        def __init__(self, times: int) -> None:
            self._left = times

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self._left -= 1
            return b"x" * 2**18 if self._left > 0 else b"\n" + normalized(small(1)) if self._left == 0 else b""

    tracemalloc.start()
    found = [*Chunks(Endless(100), "normalized")]  # type: ignore[arg-type]
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()
    assert [one.trouble.reason if one.trouble else "" for one in found] == ["pica_too_long", ""]


# --- what a file is ---


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b'{"a": 1}', "write `type: json`"),
        (b"00714cam a2200205 a 4500001001200000", "write `type: marc`"),
        (b"0100 123\n4000 Title\n", "Pica3"),
        (b"id,title\n1,x\n", "no field of PICA+"),
    ],
)
def test_what_is_something_else_is_told_so(data: bytes, said: str) -> None:
    (reject,) = rejects(cut(data))
    assert reject.reason == "not_pica"
    assert said in reject.detail


def test_marc_points_to_this_reader() -> None:
    for make in (normalized, binary, imported, plain):
        (reject,) = rejects(read_one(reader(type="marc"), "a.dat", make(BOOK)))
        assert (reject.reason, reject.detail) == ("not_marc", "a.dat: it is PICA+; write `type: pica`")


def test_a_change_is_no_record_and_other_marks_are_counted() -> None:
    """PICA Patch, and what validation marks."""
    found = cut(b"  003@ $01\n- 021A $aOld\n+ 021A $aNew\n\n? 003@ $02\n! 021A $aT\n\n  003@ $03\n")
    assert reasons(found) == ["pica_patch"]
    assert [row.problems for row in records(found)] == [
        ("pica: the mark `?` of a field is passed over", "pica: the mark `!` of a field is passed over"),
        (),
    ]
    found = cut(b'[["003@", null, "0", "1", " "], ["021A", null, "a", "Old", "-"]]\n[["003@", "", "0", "2"]]')
    assert (names(found), reasons(found)) == (["2"], ["pica_patch"])


def test_another_encoding_is_a_reject_until_the_entry_says_it() -> None:
    data = plain([("003@", "$01"), ("021A", "$aBäche")]).decode().encode("latin-1")
    (reject,) = rejects(cut(data))
    assert (reject.reason, "write `encoding: NAME`" in reject.detail) == ("pica_characters", True)
    (row,) = records(cut(data, encoding="latin-1"))
    assert row.values["title"] == "Bäche"


@pytest.mark.parametrize("form", FORMS)
def test_gzip_and_a_byte_order_mark_change_nothing(form: str) -> None:
    data = FORMS[form](BOOK, SMALL)
    due = [dict(row.values) for row in records(cut(data))]
    assert [dict(row.values) for row in records(cut(gzip.compress(data)))] == due
    assert [dict(row.values) for row in records(cut(b"\xef\xbb\xbf" + data))] == due


def test_occurrences_are_one_however_they_are_written() -> None:
    """pica-rs writes the slash in JSON; 00 is none."""
    for data in (
        b'[["003@", null, "0", "1"], ["045Q", "/01", "a", "x"]]',
        b'[["003@", "00", "0", "1"], ["045Q", "1", "a", "x"]]',
    ):
        (row,) = records(cut(data))
        assert '<datafield tag="003@"><' in row.values["raw_record"]
        assert '<datafield tag="045Q" occurrence="01">' in row.values["raw_record"]


def test_lines_end_with_a_line_feed_and_with_nothing_else() -> None:
    """U+0085 stands in records of K10plus."""
    (row,) = records(cut(normalized([("003@", "$01"), ("021A", "$aA\x85B\x0b\u2028C")])))
    assert row.values["raw_record"].count("<datafield") == 2


# --- counted by another way ---


@pytest.mark.parametrize("form", FORMS)
def test_another_way_counts_the_same(form: str) -> None:
    for several in ([small(1)], [small(1), BOOK, SMALL], [small(number) for number in range(30)]):
        data = FORMS[form](*several)
        assert count(data) == len(several) == len(records(cut(data)))


MORE = st.lists(
    st.sampled_from([b"\n", b"\r\n", b"\x1d", b"\x1e", b"\x1f0", b"003@ ", b"$a", b" ", b"x", b"#"]), max_size=6
)


@pytest.mark.parametrize("form", FORMS)
@examples(60)
@given(data=st.data())
def test_whatever_stands_there_is_answered_and_counted(form: str, data: st.DataObject) -> None:
    """Damaged anywhere: never an exception, and in forms of marks as many as another way counts."""
    spoiled = bytearray(FORMS[form](small(1), small(2), small(3)))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(spoiled)))
        spoiled[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    found = cut(bytes(spoiled))
    assert found or not spoiled
    if form in ("normalized", "import", "plain"):
        due = count_or_one(bytes(spoiled))
        assert len(records(found)) + len(rejects(found)) + len(deleted(found)) == due


def count_or_one(data: bytes) -> int | None:
    """A file that is something else is one reject."""
    try:
        return count(data)
    except Unreadable:
        return 1


@examples(100)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert cut(data)


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=8)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["004A", "021A", "045Q/01", "209A/01", "209A/112"]),
        st.lists(st.tuples(st.sampled_from("aAx09"), TEXT), min_size=1, max_size=3),
    ),
    max_size=5,
)


def _level(field: tuple[str, object]) -> str:
    return field[0][0]


@examples(60)
@given(FIELDS)
def test_what_was_written_is_read_in_every_form(fields: list[tuple[str, list[tuple[str, str]]]]) -> None:
    """The same rows, whatever the texts are; WinIBW's letter is a mark in its own form."""
    made: Made = [
        ("003@", "$01"),
        *(
            (tag, "".join(f"${code}{text.replace('$', '$$')}" for code, text in parts))
            for tag, parts in sorted(fields, key=_level)
        ),
    ]
    found = {
        form: [(row.source_record_id, dict(row.values)) for row in records(cut(make(made, SMALL)))]
        for form, make in FORMS.items()
        if form != "WinIBW" or "ƒ" not in str(fields)
    }
    assert len(found["normalized"]) == 2
    for form, rows in found.items():
        assert rows == found["normalized"], form


# --- takedown ---


@pytest.mark.parametrize("form", FORMS)
def test_a_record_that_was_taken_down_keeps_its_place_and_no_word(form: str) -> None:
    made = reader(type="pica")
    data = FORMS[form](small(1), small(2, " secret"), [("021A", "$aNo number")], small(3))
    file = item("a.dat", data)
    before = {row.source_record_id: row for row in records(read(made, {"a.dat": file}))}
    (left,) = made.redact(Bundle("a.dat", (file,)), [(before["n-2"], "s:x-9$")]).values()
    assert left is not None
    kept = b"".join(left)
    assert b"secret" not in kept
    assert b"n-2" not in kept
    (noted,) = made.remember(Bundle("a.dat", (file,)), [(before["n-2"], "s:x-9$")]).values()
    again = Item("a.dat", file.url, NOON, "", len(kept), 1, "", lambda: io.BytesIO(kept), known=noted)
    found = read(made, {"a.dat": again})
    left_over = {row.source_record_id: row.values for row in records(found)}
    assert left_over == {name: row.values for name, row in before.items() if name != "n-2"}
    places = [row.place.number for row in records(found)]
    assert places == ([1, 2, 3] if "<" in kept.decode() else [1, 3, 4])
    assert not deleted(found)
    if form in MARKED:
        assert [one.source_record_id for one in deleted(cut(kept))] == ["x-9$"]


def test_in_json_null_stands_for_it() -> None:
    made = reader(type="pica")
    for data, left in (
        (pica_json(small(1), SMALL), b"[null, " + json.dumps(json.loads(pica_json(SMALL))[0]).encode() + b"]"),
        (json_lines(small(1), SMALL), b"null\n" + json_lines(SMALL)),
        (json_lines(small(1)), None),
        (pica_json(small(1)), b"[null]"),
    ):
        file = item("a.dat", data)
        row = records(read(made, {"a.dat": file}))[0]
        found = made.redact(Bundle("a.dat", (file,)), [(row, "s:x")])["a.dat"]
        assert (None if found is None else b"".join(found)) == left
