"""How many records has a file of PICA+? By its marks alone: lines, ends of records, blank lines, members of lists.

https://format.gbv.de/pica/normalized , binary , plain , import and json say what divides records.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from biglam_pipeline.parsing.pica.forms import Form

_BLOCK = 1 << 20
_LOWER = re.compile(rb"[12][0-9]{2}[A-Z@](?:/[0-9]{2,3})?(?: |\Z)")
_MESSAGES = (b"SET:", b"Eingabe:", b"Warnung:")


def count_records(stream: BinaryIO, form: Form) -> int:
    """At least one, for a file without any is a reject."""
    if form == "normalized":
        count = sum(map(bool, _stripped(stream, b"\n")))
    elif form == "binary":
        count = _count_titles(stream)
    else:
        count = _count_groups(stream, is_import=form == "import")
    return max(count, 1)


def count_json(documents: list[Any], *, listed: bool) -> int:
    """Of documents that were read. listed: whether each is a list of records."""
    records = (one for value in documents for one in (value if listed and isinstance(value, list) else [value]))
    return sum(one is not None for one in records)


def _count_titles(stream: BinaryIO) -> int:
    """What 0x1D ends, but for what begins with a field of a library or a copy: that is of the title before."""
    count = 0
    for piece in _stripped(stream, b"\x1d"):
        before, _, behind = piece.partition(b"\x1e")
        first = before if before.strip(b"0123456789X ") else behind
        count += bool(piece) and not (count and _LOWER.match(first))
    return count


def _count_groups(stream: BinaryIO, *, is_import: bool) -> int:
    count, inside, begun = 0, False, not is_import
    for line in _stripped(stream, b"\n"):
        divides = line == b"\x1d" if is_import else not line or line.startswith(_MESSAGES)
        if divides:
            inside, begun = False, True
        elif not inside and (not is_import or (line and not line.startswith(b"#") and (begun or line[:1] == b"\x1e"))):
            count, inside = count + 1, True
    return count


def _stripped(stream: BinaryIO, end: bytes) -> Iterator[bytes]:
    """What stands between these marks, without blanks around it."""
    rest = b""
    while block := stream.read(max(_BLOCK, len(rest))):
        *whole, rest = (rest + block).split(end)
        yield from (one.strip(b" \t\r\n\x00\x1a\xef\xbb\xbf") for one in whole)
    yield rest.strip(b" \t\r\n\x00\x1a\xef\xbb\xbf")
