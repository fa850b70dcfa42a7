"""In which encoding is a text? Found out from the whole of it, in one pass; what is a guess says so.

The order: what the entry says, a byte order mark, UTF-8 where the whole text is (RFC 3629 leaves other encodings next
to no chance of passing for it), UTF-8 with bad bytes, what the server said, then a guess. ISO-8859-1 and ASCII are read
as Windows-1252, which they are taken for on the web (https://encoding.spec.whatwg.org/#names-and-labels).
XML says inside of itself how it is written: `parsing.xml.encoding`.
"""

import codecs
import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

import charset_normalizer

from biglam_pipeline.parsing.charsets import as_windows_1252, codec_of, decodes, mark_of, weigh

How = Literal["declared", "mark", "utf-8", "mixed", "wide", "server", "guess", "fallback"]

BYTES = "biglam_bytes"
"""The error handler that keeps a byte which no character stands for, as U+DC00 to U+DCFF, until `mend` reads it."""

_BLOCK = 1 << 20
_EVIDENCE_BYTES = 64 * 1024
_SURE_BYTES = 20
"""So many bytes beyond ASCII a guess is made of at least."""
_KEPT = re.compile("[\udc00-\udcff]")
_LATIN = {"iso8859-1", "ascii", "cp1252"}


@dataclass(frozen=True, slots=True)
class Found:
    """An encoding, and how sure it is."""

    encoding: str
    """As Python's codecs call it; the mark of byte order is theirs to remove."""
    problem: str
    """What had to be guessed or mended, to be counted: `encoding: ...`; empty where nothing had."""
    how: How

    @property
    def is_clean(self) -> bool:
        """True where every byte was seen to be UTF-8, so that no line needs `mend`."""
        return self.how == "utf-8"

    @property
    def name(self) -> str:
        """As a person calls it."""
        if self.encoding == "cp1252":
            return "Windows-1252"
        return self.encoding.removesuffix("-sig").upper().replace("_", "-")


def find_encoding(
    source: bytes | BinaryIO,
    *,
    declared: str | None = None,
    server_charset: str = "",
    watch: Callable[[bytes], object] | None = None,
) -> Found:
    """The encoding of the whole text, or of the part of it that is given.

    declared: what a person wrote in the entry; server_charset: `charset_of` what the server said; watch: is handed
    every block of bytes, for what else has to be found out in the same pass.
    """
    count = _Utf8()
    head, marked = b"", ""
    for number, block in enumerate(_blocks(source)):
        if number == 0:
            head, marked = block[: _EVIDENCE_BYTES * 4], _marked(block)
        if watch is not None:
            watch(block)
        if not declared and not (marked and marked != "utf-8-sig"):
            count.add(block)
        elif watch is None:
            break
    if declared:
        return _declared(declared, marked)
    if marked and marked != "utf-8-sig":
        return _marked_wide(marked, head)
    return _judge(count, marked, server_charset)


def open_text(stream: BinaryIO, found: Found, newline: str = "") -> io.TextIOWrapper:
    """The text in the stream, its line ends as they are; of Found that is not clean, every line wants `mend`."""
    return io.TextIOWrapper(stream, encoding=found.encoding, errors=BYTES, newline=newline)


def mend(text: str) -> str:
    """The text with each byte that was kept read as Windows-1252: none becomes U+FFFD."""
    return _KEPT.sub(lambda found: as_windows_1252(bytes((ord(found[0]) - 0xDC00,))), text)


def keeps_ascii(encoding: str) -> bool:
    """True where ASCII is one byte a character, as in all but a few: then bytes can be searched as they are."""
    every = bytes(range(128))
    try:
        return every.decode(encoding) == every.decode("ascii") and not encoding.lower().startswith("iso2022")
    except UnicodeError:
        return False


# --- the steps -----------------------------------------------------------------------------------------------


def _blocks(source: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while block := source.read(_BLOCK):
        yield block


def _marked(head: bytes) -> str:
    """What the first bytes say: a byte order mark, or the zeros of UTF-16 and UTF-32 without one."""
    return mark_of(head) or _wide(head[:65536])


def _wide(head: bytes) -> str:
    """UTF-16 and UTF-32 without a mark, by where their zeros stand: delimiters, digits and line ends are half zeros."""
    if b"\0" not in head:
        return ""
    zeros = [head[place::4].count(0) for place in range(4)]
    quarter = max(len(head) // 4, 1)
    for name, full, empty in (
        ("utf-32-le", (1, 2, 3), (0,)),
        ("utf-32-be", (0, 1, 2), (3,)),
        ("utf-16-le", (1, 3), (0, 2)),
        ("utf-16-be", (0, 2), (1, 3)),
    ):
        wide = name.startswith("utf-32")  # whose second byte is no zero beyond the first 65,536 characters
        there = sorted(zeros[place] for place in full)[1 if wide else 0] / quarter
        most = 0.9 if wide else 0.1
        if there >= most and max(zeros[place] for place in empty) <= 0.01 * quarter and decodes(head, name, cut=True):
            return name
    return ""


def _declared(declared: str, marked: str) -> Found:
    name = codecs.lookup(declared).name
    encoding = {"utf-8": "utf-8-sig", **dict.fromkeys(_LATIN, "cp1252")}.get(name, name)
    if name in (
        "utf-16",
        "utf-32",
    ):  # without a mark Python would read nothing; RFC 2781 has big-endian, files have not
        encoding = marked if marked.startswith(name) else f"{name}-le"
    clash = marked and not marked.startswith(encoding[:6]) and not encoding.startswith(marked)
    problem = f"encoding: it begins as {marked.removesuffix('-sig').upper()} does, and the entry says {declared}"
    return Found(encoding, problem if clash else "", "declared")


def _marked_wide(marked: str, head: bytes) -> Found:
    if mark_of(head):
        return Found(marked, "", "mark")
    problem = f"encoding: no mark of byte order, read as {marked.upper()}, a guess; say `encoding: {marked}`"
    return Found(marked, problem, "wide")


def _judge(count: "_Utf8", marked: str, server_charset: str) -> Found:
    good, bad = count.good, count.bad + len(count.rest)
    if bad == 0:
        return Found("utf-8-sig", "", "utf-8")
    if marked or good > bad:
        return Found("utf-8-sig", f"encoding: {bad} bytes are not UTF-8, read as Windows-1252", "mixed")
    evidence = b"".join(count.evidence)
    said, doubt = _of_server(server_charset, evidence)
    if said:
        name = Found(said, "", "server").name
        return Found(said, f"encoding: not UTF-8, read as {name}, since the server says {server_charset}", "server")
    if guess := _sure_guess(evidence):
        return Found(guess, f"encoding: not UTF-8{doubt}, read as {guess}, a guess; say `encoding: {guess}`", "guess")
    problem = f"encoding: not UTF-8{doubt}, read as Windows-1252, a guess; say `encoding: cp1252`, or what it is"
    return Found("cp1252", problem, "fallback")


def _of_server(charset: str, evidence: bytes) -> tuple[str, str]:
    """The codec that the server named, where it fits; else why not, to be said with the guess."""
    if not charset:
        return "", ""
    name = codec_of(charset)
    if not name:
        return "", f" (nor is there an encoding {charset}, which the server says)"
    if name in _LATIN:
        return "cp1252", ""
    if name.startswith("utf-8") or not decodes(evidence, name, cut=True):
        return "", f" (nor {charset}, which the server says)"
    return name, ""


def _sure_guess(evidence: bytes) -> str:
    """The encoding of a text in another script than Latin; empty where it is not sure.

    Between the encodings of Latin letters statistics cannot choose: of German in Windows-1252, charset-normalizer 3.4
    says cp1250, of a few names cp775, of one line Big5 (its issues 358, 371, 477). In another script Windows-1252 reads
    as noise, and the guess as letters.
    """
    if sum(byte > 0x7F for byte in evidence) < _SURE_BYTES:
        return ""
    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    matches = list(charset_normalizer.from_bytes(evidence))
    if not matches or list(charset_normalizer.from_bytes(evidence, cp_isolation=["cp1252"])):
        return ""
    best, others = matches[0], matches[1:2]
    clear = all(one.chaos - best.chaos >= 0.04 or best.coherence - one.coherence >= 0.3 for one in others)
    if not clear or not decodes(evidence, best.encoding, cut=True) or not keeps_ascii(best.encoding):
        return ""
    letters = [letter for letter in evidence.decode(best.encoding, "ignore") if letter > "\x7f" and letter.isalpha()]
    foreign = sum(letter > "\u036f" for letter in letters)  # behind Latin and its marks
    return best.encoding if letters and foreign >= 0.9 * len(letters) else ""


@dataclass(slots=True)
class _Utf8:
    """Counts what is UTF-8 and what is not, and keeps some lines of what is not."""

    good: int = 0
    """Characters beyond ASCII."""
    bad: int = 0
    """Bytes."""
    rest: bytes = b""
    evidence: list[bytes] = field(default_factory=list)
    room: int = _EVIDENCE_BYTES

    def add(self, block: bytes) -> None:
        if not self.rest and block.isascii():
            return
        data, self.rest = _whole_characters(self.rest + block)
        good, bad = weigh(data)
        self.good, self.bad = self.good + good, self.bad + bad
        if bad:
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        for line in data.splitlines(keepends=True) if self.room > 0 else ():
            if self.room > 0 and not line.isascii():
                self.evidence.append(line[: self.room])
                self.room -= len(line)


def _whole_characters(data: bytes) -> tuple[bytes, bytes]:
    """The data up to the last character that is whole."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return (data[:-back], data[-back:]) if back < width else (data, b"")
        if byte < 0x80:
            break
    return data, b""


# --- bytes that no character stands for ------------------------------------------------------------------------


def _keep_bytes(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
    assert isinstance(error, UnicodeEncodeError)
    codes = [ord(letter) - 0xDC00 for letter in error.object[error.start : error.end]]
    if not all(0 <= code < 256 for code in codes):
        raise error
    return bytes(codes), error.end


codecs.register_error(BYTES, _keep_bytes)
