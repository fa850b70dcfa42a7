"""Files of MARC: lengths that lie, characters that are not what the leader says, and counts by other ways."""

import gzip
import io
import json
import random
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

import pymarc
import pytest

from biglam_pipeline.parsing.marc.iso2709 import Chunks
from biglam_pipeline.parsing.marc.marc8 import read_marc8
from biglam_pipeline.records import Bundle, Item
from biglam_pipeline_tests.normalize.bundles import (
    NOON,
    deleted,
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
from biglam_pipeline_tests.normalize.formats.marc_records import LEADER, iso2709, marc_json

BLANK = LEADER[:9] + " " + LEADER[10:]


def small(number: int, more: str = "") -> bytes:
    return iso2709([("001", f"n-{number}"), ("245", f"00$aTitle {number}{more}")])


def cut(data: bytes, **block: Any) -> list[Any]:
    return read_one(reader(type="marc", **block), "a.mrc", data)


def titled(title: str, leader: str = LEADER, encoding: str = "utf-8", **block: Any) -> Any:
    return cut(iso2709([("001", "1"), ("245", f"00$a{title}")], leader, encoding), **block)


# --- lengths (H51) ---


def _length(data: bytes) -> bytes:
    return b"%05d" % (len(data) - 7) + data[5:]


LIES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "too short": (_length, "marc_length"),
    "too long": (lambda data: b"%05d" % (len(data) + 7) + data[5:], "marc_length"),
    "zeros": (lambda data: b"00000" + data[5:], "marc_length"),
    "nines": (lambda data: b"99999" + data[5:], "marc_length"),
    "letters": (lambda data: b"abcde" + data[5:], "marc_leader"),
    "no terminator": (lambda data: data[:-1] + b" ", "marc_terminator"),
    "terminator lost": (lambda data: data[:-1], "marc_terminator"),
    "base of the data": (lambda data: data[:12] + b"00030" + data[17:], "marc_directory"),
    "directory": (lambda data: data[:27] + b"00x4" + data[31:], "marc_directory"),
    "field length": (lambda data: data[:27] + b"0002" + data[31:], "marc_directory"),
    "a base that is no number": (lambda data: data[:12] + b"f0037" + data[17:], "marc_leader"),
    "indicators": (lambda data: data[:10] + b"0" + data[11:], "marc_leader"),
    "not a record": (lambda data: b"nothing of the kind" + data[-1:], "marc_leader"),
}


@pytest.mark.parametrize("lie", LIES)
def test_h51_a_record_whose_lengths_lie_is_a_reject_and_its_neighbours_are_read(lie: str) -> None:
    spoil, reason = LIES[lie]
    found = cut(small(1) + spoil(small(2)) + small(3) + b"\r\n" + small(4))
    assert [row.source_record_id for row in records(found)] == ["n-1", "n-3", "n-4"]
    assert [(one.reason, one.position) for one in rejects(found)] == [(reason, "record 2")]


def _by_characters(data: bytes, *, leader: bool, directory: bool) -> bytes:
    """The record as programs write it that count characters: each length of what has letters beyond ASCII is short."""
    base, text = int(data[12:17]), data.decode()
    fields = text[base:-1].split("\x1e")[:-1]
    entries, at = [], 0
    for place, field in enumerate(fields):
        size = len(field) + 1
        entries.append(f"{text[24 + 12 * place : 27 + 12 * place]}{size:04}{at:05}")
        at += size
    made = data[:24] + ("".join(entries) if directory else text[24 : base - 1]).encode() + data[base - 1 :]
    return (b"%05d" % len(text) if leader else data[:5]) + made[5:]


@pytest.mark.parametrize(("leader", "directory"), [(True, True), (True, False), (False, True)])
def test_lengths_that_count_characters_are_read_by_them(leader: bool, directory: bool) -> None:
    """So 16 of 100 records of a library are written, each with a letter beyond ASCII, and none without one."""
    data = _by_characters(small(2, "Ärger über Öl"), leader=leader, directory=directory)
    rows = records(cut(small(1) + data + small(3)))
    plain = records(cut(small(1) + small(2, "Ärger über Öl") + small(3)))
    assert [row.values["raw_record"] for row in rows][::2] == [row.values["raw_record"] for row in plain][::2]
    assert rows[1].values["title"] == plain[1].values["title"]
    assert "iso2709: its lengths count characters, not bytes" in rows[1].problems


def test_what_a_leader_says_is_said_as_a_person_reads_it() -> None:
    told = [
        one.detail.partition(";")[0]
        for lie in ("nines", "a base that is no number", "directory")
        for one in rejects(cut(LIES[lie][0](small(1)) + small(2)))
    ]
    assert told == [
        "its leader says 99,999 bytes, and its terminator ends 66",
        "its leader says that its fields begin at `f0037`, which is no number",
        "`00100x400000` is no entry of a directory",
    ]


def test_h51_a_record_of_more_bytes_than_its_leader_can_say() -> None:
    long = iso2709([("001", "long"), *[("500", f"  $a{'x' * 9000}")] * 20])[1:]
    found = cut(small(1) + b"99999" + long[5:] + small(3))
    assert [row.source_record_id for row in records(found)] == ["n-1", "n-3"]
    assert reasons(found) == ["marc_too_long"]


def test_h51_a_file_that_breaks_off_says_so() -> None:
    whole = small(1) + small(2)
    for size in range(len(small(1)) + 6, len(whole) - 1):
        found = cut(whole[:size])
        assert [row.source_record_id for row in records(found)] == ["n-1"]
        assert reasons(found) == ["marc_cut"], size


@pytest.mark.parametrize("between", [b"\n", b"\r\n", b" ", b"\0" * 40, b"\n\n"])
def test_what_stands_between_records_is_passed_and_counted(between: bytes) -> None:
    found = cut(b"\xef\xbb\xbf" + between.join([small(1), small(2), small(3)]) + between + b"\x1a")
    assert len(records(found)) == 3
    assert not rejects(found)
    assert "iso2709: something stands between records" in [said for one in unmapped(found) for said in one.problems]


def test_every_terminator_is_a_row_a_tombstone_or_a_reject() -> None:
    """Of files that were damaged anywhere, where no terminator was made or lost."""
    chance = random.Random(51)
    for _ in range(300):
        data = bytearray(b"".join(small(number) for number in range(6)))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            if data[at] != 0x1D:
                data[at] = chance.choice([*b"0123456789 a$", 0x1E, 0x1F, 0xC3, 0xFF])
        found = cut(bytes(data))
        assert len(records(found)) + len(rejects(found)) + len(deleted(found)) == data.count(b"\x1d")
        assert len(records(found)) >= 3


@pytest.mark.slow  # a measurement of memory
def test_a_large_file_is_read_one_record_at_a_time() -> None:
    """5 MB, and 10 MB without any terminator: what is held is as much as one record may have, and a block."""

    class Endless(io.RawIOBase):
        def __init__(self, block: bytes, times: int) -> None:
            self._left = times
            self._block = block

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self._left -= 1
            return self._block if self._left >= 0 else b""

    thousand = b"".join(small(number) for number in range(1000))
    tracemalloc.start()
    assert sum(1 for _ in Chunks(Endless(thousand, 60))) == 60_000  # type: ignore[arg-type]
    assert [one.trouble.reason for one in Chunks(Endless(b"x" * 2**18, 40)) if one.trouble] == ["marc_leader"]  # type: ignore[arg-type]
    assert tracemalloc.get_traced_memory()[1] < 3 * 2**20
    tracemalloc.stop()


def test_gzip_is_read_as_it_is() -> None:
    assert len(records(cut(gzip.compress(small(1) + small(2))))) == 2


# --- characters ---


@pytest.mark.parametrize("leader", [LEADER, BLANK])
def test_utf_8_is_seen_whatever_the_leader_says(leader: str) -> None:
    found = titled("Solitude à", leader)
    (row,) = records(found)
    assert row.values["title"] == "Solitude à"
    assert row.problems == (() if leader == LEADER else ("encoding: it is UTF-8, which leader/09 does not say",))


def test_a_flag_of_utf_8_on_bytes_that_are_none() -> None:
    """Some of it UTF-8, one byte Windows-1252; and all of it MARC-8."""
    (row,) = records(titled("à la communaut\udce9"[:-1] + "\udce9", LEADER, "utf-8"))
    assert row.values["title"] == "à la communauté"
    assert [said for said in row.problems if "Windows-1252" in said]
    (row,) = records(titled("communaut\udce2e la", LEADER))
    assert row.values["title"] == "communauté la"
    assert row.problems == ("encoding: leader/09 says UTF-8, and it is none; it is read as MARC-8",)
    (row,) = records(titled("\x1b,NtEST\x1b(B", LEADER))
    assert row.values["title"] == "Тест"


def test_another_encoding_is_a_reject_until_the_entry_says_it() -> None:
    """Windows-1251 under a leader of MARC-8: a third of it is in no set, and marks stand over no letter."""
    data = iso2709([("001", "1"), ("245", "00$aПреступление и наказание")], BLANK, "cp1251")
    assert reasons(cut(data)) == ["marc_characters"]
    (row,) = records(cut(data, encoding="cp1251"))
    assert row.values["title"] == "Преступление и наказание"


@pytest.mark.parametrize(
    ("data", "text", "wrong"),
    [
        (b"M\xe8uller", "Müller", 0),
        (b"pu\xf6bblica\xc3", "pub\u0332blica©", 0),
        (b"\x1b(NtEST\x1b(B", "Тест", 0),
        (b"\x1b$1!Ci\x1b(B.", "本.", 0),
        (b"\x1bg\x61\x1bs-ray", "α-ray", 0),
        (b"H\x1bb2\x1bsO", "H₂O", 0),
        (b"\x1b)N\xf4", "Т", 0),
        (b"Soci\xe2et\x1bx,", "Sociétx,", 1),
        (b"\x1b$1!O", "\ufffd", 1),
        (b"\xff", "\ufffd", 1),
        (b"a &#x4E00; b", "a 一 b", 0),
        (b"\x88L'\x89altra", "L'altra", 0),
        (b"x\xe1", "x\u0300", 0),
    ],
)
def test_marc_8(data: bytes, text: str, wrong: int) -> None:
    found, problems, _ = read_marc8(data)
    assert (found, len(problems)) == (text, wrong)


def test_unimarc_says_its_characters_itself() -> None:
    """UTF-8 is read though leader/09 is blank; a set that is not read is a reject, and never taken for MARC-8."""
    day = "19961119d1996    ||||0itac{}      ba"
    for code, encoding, due in (
        ("50  ", "utf-8", []),
        ("50  ", "latin-1", ["marc_characters"]),
        ("0102", "latin-1", ["marc_characters"]),
        ("    ", "latin-1", ["marc_characters"]),
    ):
        fields = [("001", "1"), ("100", f"  $a{day.format(code)}"), ("200", "1 $aCittà")]
        found = cut(iso2709(fields, BLANK, encoding))
        assert reasons(found) == due
        assert [row.problems for row in records(found)] == ([] if due else [()])


def test_iso_5426_in_unimarc() -> None:
    """`0103`: ASCII beside ISO 5426, in which marks stand before their letters; what is none of it is a reject."""
    day = "20010101d1999    m  y0frey0103    ba"
    for data, title in (
        (
            b"\xc2Etude sur l'\x88\xeauvre\x89 d'Andr\xc2e, na\xc8ive \xab\xc3ile\xbb",
            "Étude sur l'Œuvre d'André, naïve «île»",
        ),
        (b"\xd0ca, \xfb, \xcfs", "ça, ß, š"),
    ):
        fields = [("001", "1"), ("100", f"  $a{day}"), ("200", f"1 $a{data.decode('utf-8', 'surrogateescape')}")]
        (row,) = records(cut(iso2709(fields, BLANK)))
        assert (row.values["title"], row.problems) == (title, ())
    fields = [("001", "1"), ("100", f"  $a{day}"), ("200", "1 $aÉtude générale, à côté")]
    assert reasons(cut(iso2709(fields, BLANK, "cp1252"))) == ["marc_characters"]


def test_json_with_raw_control_characters() -> None:
    """pymarc's test.json: a strict reader refuses them."""
    data = marc_json([("001", "1"), ("245", "00$aA\x02B")]).replace(b"\\u0002", b"\x02\n")
    with pytest.raises(ValueError, match="control character"):
        json.loads(data)
    (row,) = records(cut(data))
    assert row.problems == ("json: control characters inside texts, which JSON forbids",)
    assert "A" in row.values["title"]


# --- takedown ---


def test_a_record_that_was_taken_down_keeps_its_place_and_no_word() -> None:
    made = reader(type="marc")
    files = {"a.mrc": item("a.mrc", small(1) + b"\n" + small(2, " secret") + small(3)[:-1] + small(4))}
    (gone,) = [row for row in records(read(made, files)) if row.source_record_id == "n-2"]
    (left,) = made.redact(Bundle("a.mrc", tuple(files.values())), [(gone, "s:x-9")]).values()
    assert left is not None
    data = b"".join(left)
    assert b"secret" not in data
    assert b"n-2" not in data
    found = cut(data)
    assert [row.source_record_id for row in records(found)] == ["n-1", "n-4"]
    assert [one.source_record_id for one in deleted(found)] == ["x-9"]
    assert reasons(found) == ["marc_terminator"]
    noted = Item("a.mrc", "", NOON, "", len(data), 1, "", lambda: io.BytesIO(data), known={"taken": [2]})
    assert not deleted(read(made, {"a.mrc": noted}))


def test_in_json_null_stands_for_it() -> None:
    """In a list, in lines, and where the file is the record."""
    made = reader(type="marc")
    one, two = marc_json([("001", "1")]), marc_json([("001", "2")])
    for data, left in (
        (b"[%b, %b]" % (one, two), b"[null, %b]" % two),
        (one + b"\n" + two, b"null\n" + two),
        (one, None),
    ):
        file = item("a.json", data)
        row = records(read(made, {"a.json": file}))[0]
        found = made.redact(Bundle("a.json", (file,)), [(row, "s:x")])["a.json"]
        assert (None if found is None else b"".join(found)) == left


# --- real files ---


def _by_another_way(name: str, data: bytes) -> int:
    if data.lstrip()[:1] == b"<":
        found = Counter[str]()
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda tag, _: found.update([tag.rpartition(":")[2]])
        parser.Parse(data, True)
        return found["leader"] or found["record"]
    if data.lstrip()[:1] in (b"[", b"{"):
        value = json.loads(data, strict=False)
        return len(value) if isinstance(value, list) else 1
    return data.count(b"\x1d")


def test_every_record_of_real_files_is_a_row_or_a_reject() -> None:
    for name, one in real_folder("marc").items():
        with one.open() as stream:
            data = stream.read()
        found = read(reader(type="marc"), {name: one})
        if name.endswith((".md", ".pica")):
            assert reasons(found) in (["not_marc"], ["marc_leader"], [])
            continue
        held = sum("only the first" in said for row in records(found) for said in row.problems)
        rows = len(records(found)) + len(rejects(found)) + len(deleted(found))
        due = _by_another_way(name, data)
        assert rows == due or (held and rows < due), name


def test_the_fields_of_real_files_are_those_that_pymarc_reads() -> None:
    """Where both read a record; where they differ, pymarc took UTF-8 for MARC-8, or left out what it does not know."""
    differ, same = Counter[str](), 0
    for name, one in real_folder("marc", "**/*.*").items():
        with one.open() as stream:
            data = stream.read()
        if not name.endswith((".dat", ".mrc", ".marc21")) or data.count(b"\x1d") == 0:
            continue
        mine = records(read(reader(type="marc"), {name: one}))
        theirs = [row for row in pymarc.MARCReader(data, hide_utf8_warnings=True) if row is not None]
        if len(mine) != len(theirs):
            differ[name.rpartition("/")[2]] += 1
            continue
        for row, record in zip(mine, theirs, strict=True):
            (again,) = pymarc.parse_xml_to_array(io.StringIO(row.values["raw_record"]))
            pairs = list(zip(again.fields, record.fields, strict=True))
            if all(str(left) == str(right) for left, right in pairs):
                same += 1
            else:
                differ[name.rpartition("/")[2]] += 1
    assert same > 40
    assert set(differ) <= {
        "10.marc21",  # pymarc stops at the second record
        "1251.dat",  # Windows-1251, of which pymarc makes nonsense
        "bad_eacc_encoding.dat",
        "bad_indicator.dat",
        "bad_marc8_escape.dat",
        "bad_records.mrc",
        "bad_subfield_code.dat",  # its lengths count characters
        "testunimarc.dat",  # UTF-8 that pymarc takes for MARC-8
        "utf8_invalid.mrc",
        "utf8_without_leader_flag.dat",
    }
