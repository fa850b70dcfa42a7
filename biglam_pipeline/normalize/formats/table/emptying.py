"""What is left of a file of lines when some are emptied? All other bytes, and the number of every line."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import BinaryIO

from biglam_pipeline.parsing.encodings import BYTES, Found, keeps_ascii, open_text

_PIECE = 1 << 20


def empty_lines(
    open_item: Callable[[], BinaryIO], found: Found, lines: Collection[int], newline: str = ""
) -> Iterator[bytes]:
    """The file's bytes, of these lines (counted from 1) only their ends, and a mark of UTF-16 or UTF-32.

    newline: "" where carriage returns end lines too, as in CSV; "\\n" where they do not, as in JSON Lines.
    """
    number, begins, before = 0, True, b""
    written: Callable[[bytes], bytes] = bytes
    blocks = _blocks(open_item)
    if not keeps_ascii(found.encoding):
        encoding, mark = _without_mark(found.encoding, open_item)
        blocks, written = _text_blocks(open_item, found), partial(_written, encoding)
        yield mark
    for data, end in _pieces(blocks, newline):
        number += begins
        if number not in lines:
            yield written(data + end)
        elif end == b"\n" and before == b"\r":
            yield written(b"\r\n")  # or the two were one line end, and every line behind it had another number
        else:
            yield written(end)
        begins, before = bool(end), end or before


def _blocks(open_item: Callable[[], BinaryIO]) -> Iterator[bytes]:
    with open_item() as stream:
        while block := stream.read(_PIECE):
            yield block


def _pieces(blocks: Iterable[bytes], newline: str) -> Iterator[tuple[bytes, bytes]]:
    """Lines, or pieces of them where a block ends, and their ends, which are never cut in two."""
    ends, rest = re.compile(rb"\r\n|\r|\n" if newline == "" else rb"\r?\n"), b""
    for block in blocks:
        data, place = rest + block, 0
        cut = len(data) - data.endswith(b"\r")  # a line feed may follow
        for end in ends.finditer(data, 0, cut):
            yield data[place : end.start()], end[0]
            place = end.end()
        if place < cut:
            yield data[place:cut], b""
        rest = data[cut:]
    if rest:
        yield (b"", rest) if newline == "" else (rest, b"")


def _text_blocks(open_item: Callable[[], BinaryIO], found: Found) -> Iterator[bytes]:
    """The same where a line's end is not ASCII, as in UTF-16: as UTF-8, which `_written` turns back."""
    with open_text(open_item(), found, "\n") as text:
        while block := text.read(_PIECE):
            yield block.encode("utf-8", "surrogatepass")


def _written(encoding: str, data: bytes) -> bytes:
    return data.decode("utf-8", "surrogatepass").encode(encoding, BYTES)


def _without_mark(encoding: str, open_item: Callable[[], BinaryIO]) -> tuple[str, bytes]:
    """The encoding with its order of bytes named, and the mark that the file begins with."""
    with open_item() as stream:
        head = stream.read(4)
    for name in ("utf-32", "utf-16"):
        if encoding == name:
            for order in ("le", "be"):
                mark = "\ufeff".encode(f"{name}-{order}")
                if head.startswith(mark):
                    return f"{name}-{order}", mark
            return f"{name}-le", b""
    return encoding, b""
