"""The texts that a DBF keeps beside it: .dbt of dBASE III and IV, .fpt of FoxPro.

https://www.loc.gov/preservation/digital/formats/fdd/fdd000325.shtml ; https://learn.microsoft.com/previous-versions/visualstudio/foxpro/8599s21w(v=vs.71)
"""

import struct

_MARK = b"\xff\xff\x08\x00"
_END = 0x1A
_III_BLOCK = 512


class Memos:
    """The memos of one file, by the number of the block that they begin in."""

    def __init__(self, data: bytes, name: str) -> None:
        """name: of the file, whose ending says whose it is."""
        self._data = data
        self._fpt = not name.casefold().endswith(".dbt")
        block = (
            struct.unpack_from(">H" if self._fpt else "<H", data, 6 if self._fpt else 20)[0] if len(data) > 22 else 0
        )
        self._block = block or (1 if self._fpt else _III_BLOCK)
        if not self._fpt and not data.startswith(_MARK, self._block):
            self._block = block if block and data.find(_MARK) > 0 else _III_BLOCK

    def get(self, number: int) -> bytes | None:
        """What begins in this block; None where nothing can."""
        at = number * self._block
        if number <= 0 or at + 8 > len(self._data):
            return None
        if self._fpt:
            return self._measured(at, struct.unpack_from(">I", self._data, at + 4)[0])
        if self._data.startswith(_MARK, at):
            return self._measured(at, struct.unpack_from("<I", self._data, at + 4)[0] - 8)
        end = self._data.find(bytes([_END]), at)
        return None if end < 0 else self._data[at:end]

    def _measured(self, at: int, length: int) -> bytes | None:
        end = at + 8 + length
        return self._data[at + 8 : end] if length >= 0 and end <= len(self._data) else None
