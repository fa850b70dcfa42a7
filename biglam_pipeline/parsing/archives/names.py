"""What is a member called? Its name's bytes as text, with `/`, or the reason why it cannot be a name inside.

ZIP: APPNOTE 6.3.10, 4.4.17 and appendix D (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT); the field
0x7075 is Info-ZIP's Unicode Path, 4.6.9. A name is data here, and never a path of this machine.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_UNICODE_PATH = 0x7075
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Name:
    """A member's name as it is used from now on."""

    text: str
    folder: bool = False
    outside: bool = False
    """True where it leads out of the archive; `text` is then what stands there."""
    guessed: bool = False
    """True where nothing says which encoding its letters are in."""


def zip_name(raw: bytes, extra: bytes, encoding: str, *, utf8: bool) -> Name:
    """raw, extra: the bytes of the directory; encoding: what the entry says of names, or ""; utf8: flag bit 11.

    In this order: the Unicode Path field, where its checksum is that of the name (else it is of an older name, and to
    be ignored: 4.6.9); the flag; the entry's word; UTF-8, which macOS and many scripts write without the flag; cp437.
    """
    said = _unicode_path(raw, extra)
    if said is not None:
        return clean(said)
    ways = (["utf-8"] if utf8 else []) + ([encoding] if encoding else []) + ["utf-8"]
    return _decoded(raw, ways, "cp437")


def tar_name(text: str, encoding: str) -> Name:
    """text: as `tarfile` has it with UTF-8 and surrogateescape. What is no UTF-8 is of the entry's encoding."""
    return _decoded(text.encode("utf-8", "surrogateescape"), [encoding, "utf-8"] if encoding else ["utf-8"], "latin-1")


def clean(text: str, *, guessed: bool = False) -> Name:
    """With `/` for every `\\` (.NET before 4.6.1 wrote `a\\b.csv`), and nothing that only repeats itself.

    4.4.17.1 of APPNOTE: no drive, no leading slash, forward slashes.
    """
    slashed = text.replace("\\", "/")
    parts = [part for part in slashed.split("/") if part not in ("", ".")]
    if slashed.startswith("/") or ".." in parts or _DRIVE.match(slashed) or "\0" in slashed:
        return Name(text, outside=True, guessed=guessed)
    return Name("/".join(parts), folder=not parts or slashed.endswith(("/", "/.")), guessed=guessed)


def _decoded(raw: bytes, encodings: list[str], fallback: str) -> Name:
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
            text.encode("utf-8")  # refuses lone surrogates, which no shelf can hold
            return clean(text)
        except UnicodeError:
            continue
    return clean(raw.decode(fallback), guessed=True)


def _unicode_path(raw: bytes, extra: bytes) -> str | None:
    for kind, data in extra_fields(extra):
        mine = kind == _UNICODE_PATH and len(data) > 5 and data[0] == 1
        if mine and struct.unpack("<L", data[1:5])[0] == zlib.crc32(raw):
            try:
                return data[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and bytes of each extra field; what is too short to be one at the end is padding (Android's zipalign)."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if at + 4 + size > len(extra):
            return
        yield kind, extra[at + 4 : at + 4 + size]
        at += 4 + size


def file_name(raw: bytes, encoding: str) -> tuple[str, bool]:
    """A file's name in a folder as text, and whether its encoding was guessed: Linux keeps bytes, not letters."""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        try:
            return raw.decode(encoding or "ascii"), False
        except UnicodeDecodeError:
            return raw.decode("latin-1"), True
