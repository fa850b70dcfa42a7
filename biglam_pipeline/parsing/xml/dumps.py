"""Where do the records of a large dump end? Found by the cutter that its reader goes by, in one pass over the bytes.

A dump is one list of records of one name, such as `<collection>` of MARCXML, `modsCollection`, `lidoWrap`, or the pages
of an OAI server in one. Between two of its records it can be parted: each part, with the start tags of the list before
it and their end tags behind it, is a document in which the same cutter finds the same records. Where it cannot be shown
that it does, there are no parts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.cutting import MAX_PIECE_BYTES, Cut, Cutter, Layout
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, Encoding, find_encoding
from biglam_pipeline.parsing.xml.tokens import Window


class Undivided(Exception):
    """It is not certain that parts of the file would be read as the whole is; says why."""


class Dump:
    """One file."""

    before = b""
    """What stands before each part but the first: a declaration, and the start tags of the list, with their namespaces
    alone, as the cutter hands them to every record."""
    behind = b""
    """What stands behind each part but the last."""

    def __init__(self, layout: Layout, is_record: Callable[[Cut], bool], media_type: str = "") -> None:
        """is_record: of a piece, whether it counts as a record; may raise; media_type: the server's Content-Type."""
        self._layout, self._is_record, self._media_type = layout, is_record, media_type

    def blocks(self, stream: BinaryIO, size: int) -> Iterator[tuple[bytes, list[int]]]:
        """The bytes in blocks of about this size, each with the offsets behind the records that end there.

        What stands behind the last record belongs to it. Undivided, also in the midst.
        """
        kept = _Kept(stream)
        encoding = self._encoding(kept.head)
        cutter = Cutter(Window(b"", kept.read, MAX_PIECE_BYTES + HEAD_BYTES), self._layout)
        first: Cut | None = None
        ends, at = list[int](), 0
        for cut in _certain(cutter):
            if not self._is_record(cut):
                continue
            if first is None:
                first = cut
                if self._encoding(kept.head[: cut.start]) != encoding:
                    raise Undivided("how it is written is said behind its first record")
                self._frame(cut, encoding)
            if cut.within != first.within or cut.name != first.name:
                raise Undivided("its records stand in several lists, or have several names")
            if ends and not _is_nothing(kept.between(ends[-1] - at, cut.start - at)):
                raise Undivided("something stands between its records")
            ends.append(cut.start + cut.size)
            if len(ends) > 1 and ends[-2] - at >= size:
                yield kept.take(ends[-2] - at), [end - at for end in ends[:-1]]
                at, ends = ends[-2], ends[-1:]
        if not ends or not cutter.whole:
            raise Undivided("its list is not closed" if ends else "there is no record in it")
        rest = kept.take()
        yield rest, [*(end - at for end in ends[:-1]), len(rest)]

    def _encoding(self, head: bytes) -> Encoding:
        try:
            found = find_encoding(head, self._media_type)
        except Unreadable as trouble:
            raise Undivided(trouble.detail) from trouble
        if found.wide or found.repairs:
            raise Undivided(
                f"it is written in {found.wide}" if found.wide else f"something in it is {found.repairs[0]}"
            )
        return replace(found, declared=found.declared or "utf-8")

    def _frame(self, first: Cut, encoding: Encoding) -> None:
        """Finds what stands around parts, and proves it: the first record is cut out of it as out of the file."""
        if not first.path:
            raise Undivided("its root is the record")
        declaration = f'<?xml version="1.0" encoding="{encoding.declared}"?>'.encode()
        data = first.data or b""
        # The order of an envelope's namespaces turns round whenever it is entered: twice, and it is as it was.
        [again, *_] = self._cuts(first.head + data + first.tail) or [first]
        self.before, self.behind = declaration + again.head, first.tail
        framed = self.before + data + self.behind
        if [(one.name, one.path, one.head, one.tail, one.data) for one in self._cuts(framed)] != [(*first[:4], data)]:
            raise Undivided("what stands around its records cannot stand around some of them")
        if self._encoding(framed) != encoding:
            raise Undivided(f"it is written in {encoding.declared}")

    def _cuts(self, data: bytes) -> Sequence[Cut]:
        cutter = Cutter(Window(data), self._layout)
        found = list(cutter)
        return found if cutter.whole and not cutter.repairs else []


def _certain(cutter: Cutter) -> Iterator[Cut]:
    """The pieces, as long as nothing beside one of them decides how another is read."""
    try:
        for cut in cutter:
            _refuse(cutter)
            yield cut
    except Unreadable as trouble:
        raise Undivided(trouble.detail) from trouble
    _refuse(cutter)


def _is_nothing(data: bytes) -> bool:
    """Blanks, comments and processing instructions: a part may begin with them."""
    if not data.strip():
        return True
    window, at = Window(data), 0
    while (token := window.token(at)) is not None:
        if token.kind not in ("comment", "pi") and data[token.start : token.end].strip():
            return False
        at = token.end
    return True


def _refuse(cutter: Cutter) -> None:
    if cutter.repairs:
        raise Undivided(f"something in it is mended: {cutter.repairs[0]}")
    if cutter.careful:
        raise Undivided("a record does not end where its end tag should stand")
    if cutter.entities:
        raise Undivided("it declares entities")


class _Kept:
    """A stream of which what was read is kept until it is taken."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.head = stream.read(HEAD_BYTES)
        """The first bytes, which stay."""
        self._ahead = [self.head]
        self._data = bytearray()

    def read(self, size: int) -> bytes:
        """Undivided where nothing was taken for longer than any part may be."""
        if len(self._data) > MAX_PIECE_BYTES:
            raise Undivided(f"something in it other than records is longer than {MAX_PIECE_BYTES:,} bytes")
        block = self._ahead.pop() if self._ahead else self._stream.read(size)
        self._data += block
        return block

    def between(self, start: int, end: int) -> bytes:
        """Some of what was read and not taken."""
        return bytes(self._data[start:end])

    def take(self, size: int | None = None) -> bytes:
        """The next bytes, or all that are left."""
        taken = bytes(self._data[:size])
        del self._data[:size]
        return taken
