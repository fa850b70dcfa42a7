"""What a ZIP may do to its members, by the specification and in spite of it: nothing is lost without a word.

APPNOTE 6.3.10: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import bz2
import io
import lzma
import random
import struct
import zlib
from pathlib import Path

import pyarrow as pa
import pytest
from inflate64 import Deflater

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives import open_member, read_members, survey
from biglam_pipeline.parsing.archives.directory import read_directory
from biglam_pipeline.records import Survey
from biglam_pipeline_tests.parsing.raw_zip import ENCRYPTED, STREAMED, UTF8, Part, raw_zip, unicode_path

DATA = b"id,title\n1,Map\n" * 20_000


def look(tmp_path: Path, content: bytes, names: str = "") -> Survey:
    """The survey of an archive, whose members are read as it says."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    found = survey(path, names=names)
    read = dict(read_members(path, [one.name for one in found.members], names=names))
    assert {one.name: one.size for one in found.members} == {name: len(data) for name, data in read.items()}
    return found


def left_out(found: Survey) -> dict[str, str]:
    return {one.name: one.reason for one in found.left_out}


# --- how members are packed (4.4.5) ---


def by_deflate64(data: bytes) -> bytes:
    packer = Deflater()
    return bytes(packer.deflate(data) + packer.flush())


def by_lzma(data: bytes) -> bytes:
    alone = lzma.compress(data, lzma.FORMAT_ALONE)  # ends with a mark, which bit 1 says
    return b"\x09\x04\x05\x00" + alone[:5] + alone[13:]


PACKED = {
    "stored": Part(b"a", DATA, method=0),
    "deflate": Part(b"a", DATA),
    "deflate64, as Windows packs above 2 GB": Part(b"a", DATA, method=9, packed=by_deflate64(DATA)),
    "bzip2": Part(b"a", DATA, method=12, packed=bz2.compress(DATA)),
    "lzma": Part(b"a", DATA, method=14, flags=0x2, packed=by_lzma(DATA)),
    "zstandard": Part(b"a", DATA, method=93, packed=bytes(pa.Codec("zstd").compress(DATA, asbytes=True))),
    "xz": Part(b"a", DATA, method=95, packed=lzma.compress(DATA)),
}


@pytest.mark.parametrize("how", PACKED)
def test_h26_every_method_in_use_is_unpacked(how: str, tmp_path: Path) -> None:
    found = look(tmp_path, raw_zip(PACKED[how], Part(b"b")))
    assert [(one.name, one.size) for one in found.members] == [("a", len(DATA)), ("b", 1)]
    with open_member(tmp_path / "a.zip", "a") as stream:
        assert stream.read() == DATA


@pytest.mark.parametrize("how", PACKED)
def test_of_a_member_that_is_cut_nothing_is_taken(how: str, tmp_path: Path) -> None:
    part = PACKED[how]
    part = Part(**{**part.__dict__, "packed": part.bytes_packed()[:-30]})
    found = look(tmp_path, raw_zip(part, Part(b"b")))
    assert left_out(found).keys() == {"a"}
    assert left_out(found)["a"] in ("truncated", "damaged")


@pytest.mark.parametrize("how", PACKED)
def test_of_a_member_that_is_altered_nothing_is_taken(how: str, tmp_path: Path) -> None:
    part = PACKED[how]
    packed = bytearray(part.bytes_packed())
    packed[len(packed) // 2] ^= 0xFF
    found = look(tmp_path, raw_zip(Part(**{**part.__dict__, "packed": bytes(packed)}), Part(b"b")))
    assert left_out(found).keys() == {"a"}


@pytest.mark.parametrize("method", [1, 2, 6, 7, 10, 16, 18, 19, 94, 96, 97, 98, 11, 200])
def test_a_method_that_nobody_unpacks_is_missing(method: int, tmp_path: Path) -> None:
    found = look(tmp_path, raw_zip(Part(b"a", method=method), Part(b"b")))
    assert left_out(found) == {"a": "unsupported"}
    assert "ask for plain ZIP" in found.left_out[0].detail


@pytest.mark.parametrize(
    ("flags", "method"),
    [(ENCRYPTED, 8), (ENCRYPTED | STREAMED, 8), (ENCRYPTED | 0x40, 8), (ENCRYPTED, 99)],
    ids=["ZipCrypto", "ZipCrypto, streamed", "strong", "AES"],
)
def test_an_encrypted_member_is_missing(flags: int, method: int, tmp_path: Path) -> None:
    assert left_out(look(tmp_path, raw_zip(Part(b"a", flags=flags, method=method), Part(b"b")))) == {"a": "encrypted"}


# --- two headers for one member ---


@pytest.mark.parametrize(
    "part",
    [
        Part(b"a", local_name=b"b"),
        Part(b"a", local_method=0),
        Part(b"a", local_size=7),
        Part(b"a", size=7),
        Part(b"a", size=0),
        Part(b"a", crc=1),
    ],
    ids=["name", "method", "size", "both sizes", "no size", "checksum"],
)
def test_headers_that_disagree_are_no_answer(part: Part, tmp_path: Path) -> None:
    """Who reads from the beginning, as streaming programs do, would see other data."""
    found = left_out(look(tmp_path, raw_zip(part, Part(b"z"))))
    assert found.keys() == {"a"}
    assert found["a"] in ("damaged", "truncated")


def test_a_directory_that_lists_fewer_than_it_says_is_cut(tmp_path: Path) -> None:
    with pytest.raises(ObjectFailed, match="lists 2 members, and its end record says 3"):
        look(tmp_path, raw_zip(Part(b"a"), Part(b"b"), count=3))


def test_a_directory_that_is_damaged_in_the_middle_is_not_a_smaller_one(tmp_path: Path) -> None:
    content = raw_zip(Part(b"a"), Part(b"b"))
    second = content.rindex(b"PK\x01\x02")
    with pytest.raises(ObjectFailed, match="damaged in the middle"):
        look(tmp_path, content[:second] + b"XX" + content[second + 2 :])


def test_bytes_that_are_gone_from_the_middle_are_missed(tmp_path: Path) -> None:
    content = raw_zip(Part(b"a", random.Random(1).randbytes(5000), method=0), Part(b"b"))
    with pytest.raises(ObjectFailed, match="gone"):
        look(tmp_path, content[:2000] + content[3000:])


def test_what_the_directory_does_not_list_was_deleted(tmp_path: Path) -> None:
    """The directory decides what a ZIP holds (4.3.12); programs that delete leave the bytes where they lay."""
    assert [one.name for one in look(tmp_path, raw_zip(Part(b"a", listed=False), Part(b"b"))).members] == ["b"]


def test_one_part_of_several_is_not_the_whole(tmp_path: Path) -> None:
    content = bytearray(raw_zip(Part(b"a")))
    at = content.rindex(b"PK\x05\x06")
    content[at + 4 : at + 8] = struct.pack("<2H", 1, 1)
    with pytest.raises(ObjectFailed, match="join the parts"):
        look(tmp_path, bytes(content))


@pytest.mark.parametrize(("front", "behind"), [(b"MZ" + b"\0" * 900, b""), (b"", b"\n" * 700), (b"#!", b"PK\x05\x06")])
def test_what_stands_before_and_behind_is_no_matter(front: bytes, behind: bytes, tmp_path: Path) -> None:
    content = raw_zip(Part(b"a"), Part(b"b", flags=STREAMED), front=front, behind=behind)
    assert [one.name for one in look(tmp_path, content).members] == ["a", "b"]


INNER = raw_zip(Part(b"inner"))
CUT = raw_zip(Part(b"a"), Part(b"in.docx", INNER, method=0), Part(b"b", b"x" * 5000, method=0))
ANOTHER_ZIP = {
    "cat a.zip b.zip": raw_zip(Part(b"a")) + raw_zip(Part(b"b")),
    "cat a.zip b.zip, cut": raw_zip(Part(b"a")) + raw_zip(Part(b"b", b"x" * 500, method=0))[:300],
    "cut behind a ZIP in it": CUT[: CUT.index(INNER) + len(INNER)],
    "cut in the member after a ZIP in it": CUT[: CUT.index(INNER) + len(INNER) + 900],
    "a comment that is an empty ZIP": raw_zip(Part(b"a"))[:-2] + struct.pack("<H", 22) + raw_zip(),
}


@pytest.mark.parametrize("how", ANOTHER_ZIP)
def test_of_several_zips_in_one_file_none_is_the_whole(how: str, tmp_path: Path) -> None:
    """Only the last end record can be read (4.3.1), and it may be that of a member of an archive that is cut."""
    with pytest.raises(ObjectFailed, match="another ZIP begins") as caught:
        look(tmp_path, ANOTHER_ZIP[how])
    assert caught.value.reason == "truncated"


def test_members_without_zip64_are_counted_on_from_zero() -> None:
    """macOS's Archive Utility writes 65,537 members as 1."""
    one = raw_zip(Part(b"a", b"", method=0))
    local, entry = one[:31], one[31:78]
    entries = b"".join(entry[:42] + struct.pack("<L", number * 31) + b"a" for number in range(65_537))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entries), 31 * 65_537, 0)
    assert len(read_directory(io.BytesIO(local * 65_537 + entries + end))) == 65_537


# --- names (4.4.17, appendix D, 4.6.9) ---

JAPANESE, RUSSIAN = "地図/東京.csv", "Карта/Москва.csv"


def test_the_unicode_path_is_the_name(tmp_path: Path) -> None:
    raw = JAPANESE.encode("cp932")
    found = look(tmp_path, raw_zip(Part(raw, extra=unicode_path(raw, JAPANESE))), names="cp866")
    assert [one.name for one in found.members] == [JAPANESE]


def test_a_unicode_path_of_another_name_is_to_be_ignored(tmp_path: Path) -> None:
    """4.6.9: who renames the member without knowing the field leaves the old one behind, and the checksum tells."""
    found = look(tmp_path, raw_zip(Part(b"new.csv", extra=unicode_path(b"old.csv", "old.csv"))))
    assert [one.name for one in found.members] == ["new.csv"]


@pytest.mark.parametrize(("name", "encoding"), [(JAPANESE, "cp932"), (RUSSIAN, "cp866"), ("Übersicht.csv", "cp850")])
def test_the_entry_says_the_encoding_of_names(name: str, encoding: str, tmp_path: Path) -> None:
    content = raw_zip(Part(name.encode(encoding)), Part("schön.csv".encode(), flags=UTF8))
    found = look(tmp_path, content, names=encoding)
    assert [one.name for one in found.members] == [name, "schön.csv"]
    assert "names_guessed" not in found.counts


def test_h26_a_name_whose_encoding_nothing_says_is_cp437_and_counted(tmp_path: Path) -> None:
    found = look(tmp_path, raw_zip(Part("Übersicht.csv".encode("cp437")), Part(b"plain.csv")))
    assert [one.name for one in found.members] == ["Übersicht.csv", "plain.csv"]
    assert found.counts == {"names_guessed": 1}


def test_a_flag_that_lies_costs_no_member(tmp_path: Path) -> None:
    """zipfile falls over such a name, and with it the whole archive."""
    found = look(tmp_path, raw_zip(Part(JAPANESE.encode("cp932"), flags=UTF8), Part(b"b")), names="cp932")
    assert [one.name for one in found.members] == [JAPANESE, "b"]


def test_h28_a_name_with_nul_or_of_64_kb_is_data_or_missing(tmp_path: Path) -> None:
    long = b"x" * 65_000
    found = look(tmp_path, raw_zip(Part(b"a\0.csv"), Part(long), Part(b"line\nbreak")))
    assert [one.name for one in found.members] == [long.decode(), "line\nbreak"]
    assert left_out(found) == {"a\0.csv": "name"}


def test_a_name_with_other_slashes_is_the_same_name(tmp_path: Path) -> None:
    found = look(tmp_path, raw_zip(Part(b"a\\b", b"one"), Part(b"a/b", b"two"), Part(b"./a//b", b"one")))
    assert [one.name for one in found.members] == ["a/b"]
    assert (left_out(found), found.counts) == ({"a/b~2": "named_twice"}, {"repeated": 1})


def test_folders_are_no_members_unless_they_have_bytes(tmp_path: Path) -> None:
    folder = Part(b"f/", b"", method=0, mode=0o040755)
    found = look(tmp_path, raw_zip(folder, Part(b"g", b"", method=0, mode=0o040755), Part(b"h/", b"bytes")))
    assert (found.members, left_out(found)) == ((), {"h": "name"})


# --- links, and what is no file ---


def test_links_are_followed_inside_and_missing_outside(tmp_path: Path) -> None:
    def link(name: bytes, target: bytes) -> Part:
        return Part(name, target, method=0, mode=0o120777)

    found = look(
        tmp_path,
        raw_zip(
            link(b"in/same", b"data.csv"), link(b"up", b"in/data.csv"), link(b"folder", b"in"), link(b"deep", b"up"),
            link(b"through", b"folder/../in/same"), Part(b"in/data.csv"), link(b"in/self", b"."),
            link(b"out", b"../data.csv"), link(b"abs", b"/etc/passwd"), link(b"gone", b"in/none"),
            link(b"a", b"b"), link(b"b", b"a"), Part(b"pipe", b"", mode=0o010644),
        ),
    )  # fmt: skip
    assert [one.name for one in found.members] == ["in/data.csv"]
    assert found.counts == {"linked": 6}
    assert left_out(found) == {
        "out": "link", "abs": "link", "gone": "link", "a": "link", "b": "link", "pipe": "device",
    }  # fmt: skip


# --- archives in archives ---


def nested(depth: int, content: bytes = b"id\n1\n") -> bytes:
    for level in range(depth, 0, -1):
        name = "data.csv" if level == depth else f"{level + 1}.zip"
        content = raw_zip(Part(name.encode(), content))
    return content


def test_three_archives_in_one_another_are_read(tmp_path: Path) -> None:
    assert [one.name for one in look(tmp_path, nested(3)).members] == ["2.zip/3.zip/data.csv"]


def test_h22_the_fourth_is_missing(tmp_path: Path) -> None:
    assert left_out(look(tmp_path, nested(4))) == {"2.zip/3.zip/4.zip": "too_deep"}


def test_an_archive_inside_that_is_damaged_costs_itself_alone(tmp_path: Path) -> None:
    whole = raw_zip(Part(b"a"), Part(b"b"))
    found = look(tmp_path, raw_zip(Part(b"cut.zip", whole[:-30]), Part(b"no.gz", b"plain"), Part(b"good.zip", whole)))
    assert [one.name for one in found.members] == ["good.zip/a", "good.zip/b"]
    assert left_out(found) == {"cut.zip": "truncated", "no.gz": "damaged"}


def test_what_is_packed_by_others_is_a_file(tmp_path: Path) -> None:
    """7z, RAR and documents that are ZIPs are files, for a reader to take or to be counted as unread."""
    seven, rar = b"7z\xbc\xaf\x27\x1c" + bytes(40), b"Rar!\x1a\x07\x01\x00" + bytes(40)
    found = look(tmp_path, raw_zip(Part(b"a.7z", seven), Part(b"a.rar", rar), Part(b"a.docx", raw_zip(Part(b"w.xml")))))
    assert [one.name for one in found.members] == ["a.7z", "a.rar", "a.docx"]


def test_h22_42_zip_is_stopped(tmp_path: Path) -> None:
    """Archives in archives, each within its bounds, and all together not: https://www.unforgettable.dk/"""
    inner = raw_zip(*(Part(b"%d" % number, bytes(3_000_000)) for number in range(8)))
    middle = raw_zip(*(Part(b"%d.zip" % number, inner) for number in range(8)))
    with pytest.raises(ObjectFailed, match="bomb"):
        look(tmp_path, raw_zip(*(Part(b"%d.zip" % number, middle) for number in range(8))))


def test_a_checksum_is_proved_at_the_end_of_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(raw_zip(Part(b"a", DATA, crc=zlib.crc32(b"other"))))
    with open_member(path, "a") as stream, pytest.raises(ObjectFailed, match="checksum"):
        stream.read()
