"""Reads a file of many records one at a time, however large it is: each strictly, with its own counted repairs.

A file of one record is a file of many with one in it; a record that cannot be mended comes as its trouble, and those
around it are read. Records in which nothing is to be mended may be parsed many at once.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import BinaryIO, NamedTuple

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.cutting import MAX_PIECE_BYTES, Cut, Cutter, Layout
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, Encoding, find_encoding, to_utf8, wide_decoder
from biglam_pipeline.parsing.xml.reading import local, parse_plain, read_utf8
from biglam_pipeline.parsing.xml.tokens import Window

TOGETHER_BYTES = 1 << 17
"""Pieces of about so many bytes are parsed at once: some tens of records, a tree that stays in the cache."""


class Piece(NamedTuple):
    """One element directly inside an envelope, or the root itself where it is none."""

    name: str
    """Local name."""
    path: tuple[str, ...]
    """Local names of the envelopes around it, from the root."""
    start: int
    """Where it begins, in bytes (of UTF-8 where the file is UTF-16 or UTF-32)."""
    size: int
    element: etree._Element | None
    """In its envelopes, which carry their namespaces and nothing else; None where it cannot be read."""
    trouble: Unreadable | None
    repairs: tuple[str, ...]
    """Kinds of repairs that this piece needed."""
    alone: Callable[[], etree._Element]
    """The same element with no other beside it in its envelopes, for who looks around in them."""
    within: tuple[int, ...] = ()
    """Where those envelopes begin."""


class Pieces:
    """The pieces of one file, and what was seen around them; can be walked once."""

    def __init__(
        self, stream: BinaryIO, layout: Layout, media_type: str = "", *, together: bool = False, passed: int = 0
    ) -> None:
        """stream: plain bytes; media_type: the server's Content-Type; together: whether an element may have others
        beside it, which is faster; passed: bytes of the file before the stream, for what is said of places in it.
        Unreadable: UTF-7, or no XML at all.
        """
        head = stream.read(HEAD_BYTES)
        self.encoding = find_encoding(head, media_type)
        window = Window(b"", _reader(stream, head, self.encoding), MAX_PIECE_BYTES + HEAD_BYTES)
        self._cutter = Cutter(window, layout)
        self._together_bytes = TOGETHER_BYTES if together and not self.encoding.wide else 0
        self._deep = layout.deep
        self._passed = passed
        self._noted = 0
        self._count = 0

    def __iter__(self) -> Iterator[Piece]:
        """Unreadable `not_xml` at the end where no tag was found."""
        for cuts, noted in self._bunches():
            elements = self._read_together(cuts) if len(cuts) > 1 else []
            self._noted = noted
            self._count += len(cuts)
            for cut, element in zip_longest(cuts, elements):
                yield self._read(cut) if element is None else _piece(cut, element, partial(self._read_alone, cut))
        self._noted = len(self._cutter.repairs)
        if not self._count and not self._cutter.envelopes:
            raise Unreadable("not_xml", "there is no XML in it; look at what the server sent")

    @property
    def repairs(self) -> tuple[str, ...]:
        """What was passed over or mended around the pieces, as far as they were walked."""
        return (*self.encoding.repairs, *self._cutter.repairs[: self._noted])

    @property
    def whole(self) -> bool:
        """After the walk: was the root closed?"""
        return self._cutter.whole

    @property
    def envelopes(self) -> set[tuple[str, ...]]:
        """After the walk: the envelopes that were there, also empty ones."""
        return self._cutter.envelopes

    def _bunches(self) -> Iterator[tuple[list[Cut], int]]:
        """Pieces of one envelope between which nothing had to be mended, and how much had been before."""
        cuts: list[Cut] = []
        size = noted = 0
        try:
            for cut in self._cutter:
                repairs = len(self._cutter.repairs)
                if cuts and (repairs != noted or cut.head != cuts[0].head):
                    yield cuts, noted
                    cuts, size = [], 0
                cuts.append(cut)
                size, noted = size + cut.size, repairs
                if size >= self._together_bytes:
                    yield cuts, noted
                    cuts, size = [], 0
        except Unreadable:  # what stands before it was read
            if cuts:
                yield cuts, noted
            raise
        if cuts:
            yield cuts, noted

    def _read_together(self, cuts: Sequence[Cut]) -> list[etree._Element]:
        """Their elements, parsed at once, where each of them would be read without a repair; else none.

        A piece ends with its own end tag, and none goes on in the next: where all are well-formed one behind the other,
        each is by itself.
        """
        first = cuts[0]
        if self._cutter.entities or any(cut.data is None for cut in cuts):
            return []
        data, repairs = to_utf8(b"".join(cut.data or b"" for cut in cuts), self.encoding)
        root = None if repairs or b"<!DOCTYPE" in data else parse_plain(first.head + data + first.tail)
        if root is None:
            return []
        elements = [*_inside(root, len(first.path) - 1)] if first.path else []
        same = [local(element) for element in elements] == [cut.name for cut in cuts]
        return elements if same and not any(element.tail for element in elements) else []

    def _read(self, cut: Cut) -> Piece:
        try:
            element, repairs = self._read_one(cut)
        except Unreadable as trouble:
            trouble = _placed(trouble, cut.start + self._passed)
            return Piece(cut.name, cut.path, cut.start, cut.size, None, trouble, (), _nothing, cut.within)
        return _piece(cut, element, lambda: element, repairs)

    def _read_one(self, cut: Cut) -> tuple[etree._Element, tuple[str, ...]]:
        if cut.data is None:
            raise Unreadable("too_large", f"it is larger than {MAX_PIECE_BYTES} bytes, or does not end")
        data, repairs = (cut.data, ()) if self.encoding.wide else to_utf8(cut.data, self.encoding)
        document = read_utf8(cut.head + data + cut.tail, repairs, self._cutter.entities, deep=self._deep)
        return _inside(document.root, len(cut.path)), document.repairs

    def _read_alone(self, cut: Cut) -> etree._Element:
        return self._read_one(cut)[0]


def _piece(
    cut: Cut, element: etree._Element, alone: Callable[[], etree._Element], repairs: tuple[str, ...] = ()
) -> Piece:
    return Piece(cut.name, cut.path, cut.start, cut.size, element, None, repairs, alone, cut.within)


def _nothing() -> etree._Element:
    raise AssertionError("what cannot be read is not looked around in")


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


def _placed(trouble: Unreadable, start: int) -> Unreadable:
    inside = f" ({trouble.position} of the element)" if trouble.position else ""
    return Unreadable(trouble.reason, f"{trouble.detail}{inside}", f"byte {start}")


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
