"""Where do the records of a file of ISO 2709 end? Behind each terminator, where every length says the same.

A reader that finds its way by lengths and one that looks for terminators see the same records then. Where one length
lies, the file is read whole: behind it the reader finds its way by rules of its own.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from biglam_pipeline.normalize.stretching import RECORDS, Block, NotCut, Places, by_marks

_FILL = (0x0A, 0x0D, 0x20, 0x00, 0x1A)
"""What stands between records: line ends, and what filled a block of a tape or ended a file of CP/M."""
_MARK = b"\xef\xbb\xbf"
_END, _FIELD_END, _BLANK = 0x1D, 0x1E, 0x20
_LEAST = 24 + 12 + 1 + 2 + 1
"""Bytes of a leader, a directory of one field, a field of one letter, and the terminators."""

Bytes = npt.NDArray[np.uint8]


class RecordEnds:
    """See `stretching.Borders`."""

    counts = RECORDS
    first = 0

    def __init__(self) -> None:
        self.head: dict[str, Any] = {"between": False}

    def blocks(self, stream: BinaryIO) -> Iterator[Block]:
        """See `Borders.blocks`. NotCut also where a record has no control number: equal ones are numbered then."""
        return by_marks(stream, bytes([_END]), self._ends)

    def _ends(self, block: bytes, *, first: bool, last: bool) -> Places:
        data = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(data == _END) + 1
        begin = 3 if first and block.startswith(_MARK) else 0
        if not len(ends) or (not last and ends[-1] != len(data)):
            raise NotCut("no record ends where one should")
        if not np.isin(data[ends[-1] :], _FILL).all():
            raise NotCut("its last record is cut")
        self.head["between"] = self.head["between"] or bool(ends[-1] < len(data))
        self._prove(data, self._behind_fill(data, np.append(begin, ends[:-1]), begin), ends)
        ends[-1] = len(data) if last else ends[-1]  # no stretch holds fill alone
        return ends

    def _behind_fill(self, data: Bytes, starts: Places, begin: int) -> Places:
        fill = np.isin(data[starts], _FILL)
        while fill.any():
            self.head["between"] = True
            starts = starts + fill
            fill = np.isin(data[starts], _FILL)
        return starts

    def _prove(self, data: Bytes, starts: Places, ends: Places) -> None:
        lengths = ends - starts
        if (lengths < _LEAST).any() or (_number(data, starts, 5) != lengths).any():
            raise NotCut("the length of a record lies")
        named = (data[starts + 24] == 0x30) & (data[starts + 25] == 0x30) & (data[starts + 26] == 0x31)
        fields = _number(data, starts + 12, 5) + _number(data, starts + 24 + 7, 5)
        inside = (fields >= 0) & (fields < lengths)
        letters = data[starts + np.where(inside, fields, 0)]
        if not (named & inside & (letters > _BLANK)).all():
            raise NotCut("a record has no control number in front")


def _number(data: Bytes, places: Places, digits: int) -> Places:
    """What is written in so many digits; -1 where one is none."""
    found = data[places[:, None] + np.arange(digits)].astype(np.int64) - 0x30
    number: Places = found @ (10 ** np.arange(digits)[::-1])
    return np.where(((found >= 0) & (found <= 9)).all(axis=1), number, -1)
