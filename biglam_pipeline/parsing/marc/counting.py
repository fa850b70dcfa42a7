"""How many records has a file of ISO 2709? By the lengths in their leaders alone, from one to the next.

ISO 2709 (4.2): the first five characters of a record are its length, and its last is the record terminator.
"""

from typing import BinaryIO

from biglam_pipeline.parsing.counted import AtLeast

_DIGITS, _TERMINATOR = 5, b"\x1d"
_FILL = b"\r\n \x00\x1a"
"""What stands between records: line ends, and what filled a block of a tape or ended a file of CP/M."""
_BLOCK = 1 << 20


def count_leaders(stream: BinaryIO) -> int:
    """At least one, for a file without any is a reject; AtLeast from where a length lies."""
    data, count = stream.read(_BLOCK), 0
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while True:
        if len(data) - at < 100_000 and (more := stream.read(_BLOCK)):
            data, at = data[at:] + more, 0
        while at < len(data) and data[at] in _FILL:
            at += 1
        if at == len(data):
            if data := stream.read(_BLOCK):
                at = 0
                continue
            return max(count, 1)
        digits = data[at : at + _DIGITS]
        length = int(digits) if len(digits) == _DIGITS and digits.isdigit() else 0
        if length <= _DIGITS or data.find(_TERMINATOR, at, at + length) != at + length - 1:
            return AtLeast(count + 1)
        at, count = at + length, count + 1
