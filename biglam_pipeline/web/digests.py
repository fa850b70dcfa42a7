"""The checksums that a server says of what it sends, held against the bytes that came.

Repr-Digest and Content-Digest: RFC 9530. Digest: RFC 3230. Content-MD5: RFC 1864. x-goog-hash:
https://cloud.google.com/storage/docs/xml-api/reference-headers. x-amz-checksum-*:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html

All are of the bytes on the wire, with their Content-Encoding. Repr-Digest, Digest, x-goog-hash and x-amz-checksum are
of the whole file, also where a part of it is sent; Content-Digest is of what this very answer holds, and so is
Content-MD5, which was given up because servers disagreed about parts (RFC 7231, appendix B): it counts for whole
answers only. Of a transfer that is packed (Content-Encoding), the older ones are often those of the file before that,
by servers and by what stands in front of them: only RFC 9530 counts there, and x-goog-hash, which says of what it is.
"""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import httpx

from biglam_pipeline.web.retry import Retry

_LENGTHS = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64, "crc32": 4}
"""Algorithm -> bytes of what it gives. Others, and what is not a checksum of its length, say nothing here."""
_NAMES = {"sha": "sha1"}
"""As RFC 3230 calls it."""
_AMAZON = ("sha256", "sha1", "crc32")
_SAY = frozenset({b"repr-digest", b"content-digest", b"digest", b"content-md5", b"x-goog-hash"})
_SAY |= {b"x-amz-checksum-%b" % name.encode() for name in _AMAZON}
"""Headers with a checksum, in small letters: most answers have none."""
_MEMBER = re.compile(r"\s*([A-Za-z0-9-]+)\s*=\s*([^,;]+)")


class _Sum(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class Promised:
    """One checksum that a server said."""

    header: str
    name: str
    digest: bytes
    whole: bool
    """Of the whole file; else of what this answer holds."""


def promised_by(response: httpx.Response) -> list[Promised]:
    """All that an answer says and that can be held against it, one for each header."""
    headers, found = response.headers, dict[str, Promised]()
    if _SAY.isdisjoint(name.lower() for name, _ in headers.raw):
        return []
    part = response.status_code == 206
    said = [(name, headers.get(name, ""), name != "Content-Digest") for name in ("Repr-Digest", "Content-Digest")]
    packed = headers.get("Content-Encoding", "identity").strip().casefold() not in ("identity", "")
    if not packed:
        said.append(("Digest", headers.get("Digest", ""), True))
    if not part and not packed:
        said.append(("Content-MD5", f"md5={headers['Content-MD5']}" if "Content-MD5" in headers else "", False))
    if headers.get("x-goog-stored-content-encoding", "identity") == headers.get("Content-Encoding", "identity"):
        said.append(("x-goog-hash", headers.get("x-goog-hash", ""), True))  # else it was unpacked on its way
    if headers.get("x-amz-checksum-type", "FULL_OBJECT").upper() == "FULL_OBJECT" and not part and not packed:
        each = ((name, headers.get(f"x-amz-checksum-{name}", "")) for name in _AMAZON)
        said.append(("x-amz-checksum", ",".join(f"{name}={value}" for name, value in each if value), True))
    for header, text, whole in said:
        for member in _MEMBER.finditer(text):
            one = _promised(header, member[1], member[2].strip(), whole=whole)
            if one is not None and (header not in found or _LENGTHS[found[header].name] < _LENGTHS[one.name]):
                found[header] = one
    return list(found.values())


def _promised(header: str, label: str, value: str, *, whole: bool) -> Promised | None:
    name = label.casefold().replace("-", "")
    name = _NAMES.get(name, name)
    if name not in _LENGTHS:
        return None
    bare = value.strip('"').strip(":")
    try:
        digest = base64.b64decode(bare, validate=True)
        if len(digest) != _LENGTHS[name]:
            digest = bytes.fromhex(bare)  # as some write it
    except (binascii.Error, ValueError):
        return None
    return Promised(header, name, digest, whole) if len(digest) == _LENGTHS[name] else None


def held(blocks: Iterable[bytes], promised: list[Promised], url: str, before: Iterable[bytes] = ()) -> Iterator[bytes]:
    """The same blocks; Retry where they are not what was promised: once more, then it is damaged.

    before: what is here of the same file already.
    """
    if not promised:
        yield from blocks
        return
    sums = [(one, _sum(one.name)) for one in promised]
    for block in before:
        for one, count in sums:
            if one.whole:
                count.update(block)
    for block in blocks:
        for _, count in sums:
            count.update(block)
        yield block
    for one, count in sums:
        if count.digest() != one.digest:
            found = count.digest().hex()
            raise Retry(
                url,
                f"what came is not what its server promised: its {one.name} is {found}, and {one.header} says "
                f"{one.digest.hex()}",
                lasting="checksum",
                at_most=2,
            )


def _sum(name: str) -> _Sum:
    return _Crc32() if name == "crc32" else hashlib.new(name, usedforsecurity=False)
