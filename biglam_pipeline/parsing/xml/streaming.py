"""Reads a file of many records one at a time, however large it is: each strictly, with its own counted repairs.

A file of one record is a file of many with one in it; a record that cannot be mended comes as its trouble, and those
around it are read.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.cutting import MAX_PIECE_BYTES, Cut, Cutter, Layout
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, Encoding, find_encoding, to_utf8, wide_decoder
from biglam_pipeline.parsing.xml.reading import read_utf8
from biglam_pipeline.parsing.xml.tokens import Window


@dataclass(frozen=True, slots=True)
class Piece:
    """One element directly inside an envelope, or the root itself where it is none."""

    name: str
    """Local name."""
    path: tuple[str, ...]
    """Local names of the envelopes around it, from the root."""
    start: int
    """Where it begins, in bytes (of UTF-8 where the file is UTF-16 or UTF-32)."""
    size: int
    element: etree._Element | None
    """Alone in its envelopes, which carry their namespaces and nothing else; None where it cannot be read."""
    trouble: Unreadable | None
    repairs: tuple[str, ...]
    """Kinds of repairs that this piece needed."""


class Pieces:
    """The pieces of one file, and what was seen around them; can be walked once."""

    def __init__(self, stream: BinaryIO, layout: Layout, media_type: str = "") -> None:
        """stream: plain bytes; media_type: the server's Content-Type. Unreadable: UTF-7, or no XML at all."""
        head = stream.read(HEAD_BYTES)
        self.encoding = find_encoding(head, media_type)
        window = Window(b"", _reader(stream, head, self.encoding), MAX_PIECE_BYTES + HEAD_BYTES)
        self._cutter = Cutter(window, layout)
        self._count = 0

    def __iter__(self) -> Iterator[Piece]:
        """Unreadable `not_xml` at the end where no tag was found."""
        for cut in self._cutter:
            self._count += 1
            yield self._read(cut)
        if not self._count and not self._cutter.envelopes:
            raise Unreadable("not_xml", "there is no XML in it; look at what the server sent")

    @property
    def repairs(self) -> tuple[str, ...]:
        """What was passed over or mended around the pieces, as far as they were walked."""
        return (*self.encoding.repairs, *self._cutter.repairs)

    @property
    def whole(self) -> bool:
        """After the walk: was the root closed?"""
        return self._cutter.whole

    @property
    def envelopes(self) -> set[tuple[str, ...]]:
        """After the walk: the envelopes that were there, also empty ones."""
        return self._cutter.envelopes

    def _read(self, cut: Cut) -> Piece:
        try:
            if cut.data is None:
                raise Unreadable("too_large", f"it is larger than {MAX_PIECE_BYTES} bytes, or does not end")
            data, repairs = (cut.data, ()) if self.encoding.wide else to_utf8(cut.data, self.encoding)
            document = read_utf8(cut.head + data + cut.tail, repairs, self._cutter.entities)
            element = _inside(document.root, len(cut.path))
        except Unreadable as trouble:
            return Piece(cut.name, cut.path, cut.start, cut.size, None, _placed(trouble, cut), ())
        return Piece(cut.name, cut.path, cut.start, cut.size, element, None, document.repairs)


def replace_pieces(
    stream: BinaryIO, changes: Iterable[tuple[int, int, bytes]], media_type: str = ""
) -> Iterator[bytes]:
    """The same file with other bytes in these places: start and size as a `Piece` has them, ASCII instead.

    Everything else stays as it is; a file in UTF-16 or UTF-32 becomes UTF-8.
    """
    head = stream.read(HEAD_BYTES)
    encoding = find_encoding(head, media_type)
    copy = _Copy(_reader(stream, head, encoding))
    if encoding.wide and (found := _DECLARED.search(copy.ahead())):
        changes = [(found.start(1), len(found[1]), b"UTF-8"), *changes]
    for start, size, instead in sorted(changes):
        yield from copy.upto(start)
        for _ in copy.upto(start + size):
            pass
        yield instead
    yield from copy.upto(None)


_DECLARED = re.compile(rb"<\?xml\s[^<>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']([\w.:-]+)")


class _Copy:
    """A stream that is passed on in stretches."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._left = b""
        self._at = 0

    def ahead(self) -> bytes:
        """The next bytes, which are still to come."""
        self._left = self._left or self._read(HEAD_BYTES)
        return self._left

    def upto(self, place: int | None) -> Iterator[bytes]:
        """The bytes up to this place of the whole, or to the end."""
        while (place is None or self._at < place) and self.ahead():
            block = self._left if place is None else self._left[: place - self._at]
            self._left = self._left[len(block) :]
            self._at += len(block)
            yield block


def _inside(root: etree._Element, depth: int) -> etree._Element:
    element: etree._Element | None = root
    for _ in range(depth):
        element = next(element.iterchildren(etree.Element), None) if element is not None else None
    if element is None:
        raise Unreadable("xml_cut", "it ends before it begins; tell the institution")
    return element


def _placed(trouble: Unreadable, cut: Cut) -> Unreadable:
    inside = f" ({trouble.position} of the element)" if trouble.position else ""
    return Unreadable(trouble.reason, f"{trouble.detail}{inside}", f"byte {cut.start}")


def _reader(stream: BinaryIO, head: bytes, encoding: Encoding) -> Callable[[int], bytes]:
    """What reads the stream, whose head was taken already, block by block."""
    ahead = [head]

    def raw(size: int) -> bytes:
        return ahead.pop() if ahead else stream.read(size)

    if not encoding.wide:
        return raw
    decoder = wide_decoder(encoding)

    def read(size: int) -> bytes:
        while data := raw(size):
            if text := decoder.decode(data):
                return text.encode()
        return decoder.decode(b"", True).encode()

    return read
