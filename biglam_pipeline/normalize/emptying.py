"""What is left of a file of lines when some are emptied? All other bytes, and the number of every line."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO

from biglam_pipeline.parsing.encodings import BYTES, Found, keeps_ascii, open_text

_PIECE = 1 << 20


def empty_lines(
    open_item: Callable[[], BinaryIO], found: Found, lines: Collection[int], newline: str = ""
) -> Iterator[bytes]:
    """The file's bytes, of these lines (counted from 1) only their ends.

    newline: "" where carriage returns end lines too, as in CSV; "\\n" where they do not, as in JSON Lines.
    """
    number, begins = 0, True
    pieces = _pieces(open_item, newline) if keeps_ascii(found.encoding) else _wide_pieces(open_item, found, newline)
    for data, end in pieces:
        number += begins
        begins = bool(end)
        yield end if number in lines else data + end


def _pieces(open_item: Callable[[], BinaryIO], newline: str) -> Iterator[tuple[bytes, bytes]]:
    """Lines, or pieces of very long ones, and their ends."""
    with open_item() as stream:
        while data := stream.readline(_PIECE):
            if data.endswith(b"\r"):
                data += stream.read(1)  # between a carriage return and its line feed nothing is cut
            for line in re.split(rb"(?<=\r)(?!\n)", data) if newline == "" and b"\r" in data[:-1] else (data,):
                if line:
                    yield _without_end(line, newline)


def _without_end(line: bytes, newline: str) -> tuple[bytes, bytes]:
    if line.endswith(b"\r\n"):
        return line[:-2], b"\r\n"
    if line.endswith(b"\n") or (newline == "" and line.endswith(b"\r")):
        return line[:-1], line[-1:]
    return line, b""


def _wide_pieces(open_item: Callable[[], BinaryIO], found: Found, newline: str) -> Iterator[tuple[bytes, bytes]]:
    """The same where a line's end is not ASCII, as in UTF-16: text is read, and written as it was."""
    with open_item() as stream:
        head = stream.read(4)
    encoding, mark = _without_mark(found.encoding, head)
    with open_text(open_item(), found, newline) as text:
        first = mark
        while line := text.readline(_PIECE):
            if newline == "" and line.endswith("\r"):
                line += text.read(1) if len(line) == _PIECE else ""
            body = line.rstrip("\r\n") if line.endswith(("\r\n", "\n", "\r")) else line
            end = line[len(body) :]
            yield first + body.encode(encoding, BYTES), end.encode(encoding)
            first = b""


def _without_mark(encoding: str, head: bytes) -> tuple[str, bytes]:
    """The encoding with its order of bytes named, and the mark that the file begins with."""
    for name in ("utf-32", "utf-16"):
        if encoding == name:
            for order in ("le", "be"):
                mark = "\ufeff".encode(f"{name}-{order}")
                if head.startswith(mark):
                    return f"{name}-{order}", mark
            return f"{name}-le", b""
    return encoding, b""
