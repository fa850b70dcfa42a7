"""What a server answered, as a record of a web archive holds it: status, header, and the body as a reader wants it.

HTTP/1.1: https://www.rfc-editor.org/rfc/rfc9112 (7.1: chunked); content codings: RFC 9110, 8.4.1. Archives are not
always true to the header: several crawlers and Common Crawl store the body decoded and leave the words as they were, so
the body itself decides.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from biglam_pipeline.parsing.gzip import MAGIC
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.warc.framing import MAX_BLOCK_BYTES, fields_of

_STEP = 1024
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?=[ \t\r\n]|\Z)[^\r\n]*")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of HTTP."""

    status: int
    fields: Mapping[str, str]
    """Name in small letters -> value."""
    body: bytes
    """As it was sent: chunked and compressed where it was."""


def read_answer(block: bytes) -> Answer:
    """Unreadable where it begins with no status line."""
    status = _STATUS.match(block)
    if status is None:
        raise Unreadable("not_http", "it is called an answer of HTTP and has no status line; crawl the page again")
    ends = _HEAD_END.search(block, status.end())
    head, body = (block[: ends.end()], block[ends.end() :]) if ends else (block, b"")
    return Answer(int(status[1]), fields_of(head[status.end() :]), body)


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it is read."""

    data: bytes
    problems: tuple[str, ...] = ()
    is_whole: bool = True
    sent: bytes = b""
    """Without chunks, still compressed: what a digest of the payload is taken of by the standard."""


def body_of(answer: Answer) -> Body:
    """Unreadable for a coding that nothing here undoes, a body that is none of what it says, and a bomb."""
    data, problems, whole = answer.body, list[str](), True
    if "chunked" in answer.fields.get("transfer-encoding", "").casefold():
        joined = _without_chunks(data)
        if joined is None:
            problems.append("http: says chunked, and is stored joined")
        else:
            data, whole = joined
    sent = data
    codings = [one.strip().casefold() for one in answer.fields.get("content-encoding", "").split(",")]
    for coding in reversed([one for one in codings if one not in ("", "identity", "none", "utf-8", "binary")]):
        unpack = _CODINGS.get(coding)
        if unpack is None and data:
            raise Unreadable("coding_unknown", f"its Content-Encoding is {coding[:40]!r}, which nothing here undoes")
        unpacked = unpack(data) if unpack and data else (data, True)
        if unpacked is None:
            problems.append(f"http: says {coding}, and is stored unpacked")
            continue
        data, whole = unpacked[0], whole and unpacked[1]
    return Body(data, tuple(problems), whole, sent)


def _without_chunks(data: bytes) -> tuple[bytes, bool] | None:
    """The chunks joined, and whether the last one is there; None where it does not begin with one.

    A text that is stored joined may begin with a number, but its line does not end where that says.
    """
    pieces, at, framed = list[bytes](), 0, False
    while (head := _CHUNK.match(data, at)) is not None:
        size = int(head[1], 16)
        if size == 0:
            return b"".join(pieces), True
        pieces.append(data[head.end() : head.end() + size])
        at = head.end() + size
        if at > len(data):
            return b"".join(pieces), False
        ends = 2 if data[at : at + 2] == b"\r\n" else int(data[at : at + 1] == b"\n")
        at, framed = at + ends, framed or ends > 0
    return (b"".join(pieces), False) if pieces and (framed or at >= len(data)) else None


def _gunzip(data: bytes) -> tuple[bytes, bool] | None:
    return _inflate(data, 31) if data.startswith(MAGIC) else None


def _deflate(data: bytes) -> tuple[bytes, bool] | None:
    """RFC 9110 means zlib; some servers sent bare deflate, and what is a text is neither."""
    is_zlib = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _inflate(data, 15 if is_zlib else -15)


def _inflate(data: bytes, wbits: int) -> tuple[bytes, bool] | None:
    """None where it is none from its first bytes on. What is packed as gzip may be several members (RFC 1952, 2.2)."""
    machine = zlib.decompressobj(wbits)
    found = b""
    try:
        found = machine.decompress(data, MAX_BLOCK_BYTES)
    except zlib.error:
        return _as_far_as_it_goes(data, wbits)
    if machine.unconsumed_tail:
        raise _bomb(data)
    return _as_far_as_it_goes(data, wbits) if machine.unused_data.startswith(MAGIC) else (found, machine.eof)


def _as_far_as_it_goes(data: bytes, wbits: int) -> tuple[bytes, bool] | None:
    machine, pieces, room, at = zlib.decompressobj(wbits), list[bytes](), MAX_BLOCK_BYTES, 0
    while at < len(data):
        step = data[at : at + _STEP]
        try:
            pieces.append(machine.decompress(step, room))
        except zlib.error:
            break
        room -= len(pieces[-1])
        if room <= 0:
            raise _bomb(data)
        at += len(step) - len(machine.unused_data)
        if machine.eof and not data.startswith(MAGIC, at):
            break
        machine = zlib.decompressobj(wbits) if machine.eof else machine
    found = b"".join(pieces)
    return (found, machine.eof) if found or machine.eof else None


def _bomb(data: bytes) -> Unreadable:
    return Unreadable("http_bomb", f"its body of {len(data)} bytes inflates to more than {MAX_BLOCK_BYTES}")


_CODINGS: dict[str, Callable[[bytes], tuple[bytes, bool] | None]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
}
