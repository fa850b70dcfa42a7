"""The streams of a Compound File, in which XLS lies.

https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/
"""

import struct
from collections.abc import Iterator

from biglam_pipeline.parsing.inflate import Unreadable

_LAST = 0xFFFFFFFA
"""Numbers of sectors from here on are none: end of chain, free, or the table itself (MS-CFB 2.1)."""


class Compound:
    """A file of sectors, in chains."""

    def __init__(self, data: bytes) -> None:
        """Unreadable where the header contradicts itself."""
        self._data = data
        try:
            shift, small_shift = struct.unpack_from("<HH", data, 30)
            if shift not in (9, 12) or small_shift != 6:
                raise broken("its header names no size of sectors")
            self._size = 1 << shift
            first, self._cutoff, small = struct.unpack_from("<I4xII", data, 48)
            self._fat = self._table()
            self._entries = self._chain(first)
            self._small = struct.unpack_from(f"<{len(one) // 4}I", one) if (one := self._chain(small)) else ()
        except struct.error as why:
            raise broken("it is cut") from why

    def stream(self, *names: str) -> bytes | None:
        """The first stream of one of these names; None where there is none."""
        found = {name: (start, size) for name, start, size in self._listed()}
        for name in names:
            if name.casefold() in found:
                start, size = found[name.casefold()]
                if size >= self._cutoff:
                    return self._chain(start)[:size]
                return self._small_chain(start, found.get("root entry", (0, 0))[0])[:size]
        return None

    def _listed(self) -> Iterator[tuple[str, int, int]]:
        for at in range(0, len(self._entries) - 127, 128):
            width = struct.unpack_from("<H", self._entries, at + 64)[0]
            name = self._entries[at : at + max(min(width, 64) - 2, 0)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", self._entries, at + 116)
            yield name.casefold(), start, size

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _table(self) -> tuple[int, ...]:
        """Which sector follows upon which."""
        wanted = [one for one in struct.unpack_from("<109I", self._data, 76) if one < _LAST]
        more, seen = struct.unpack_from("<I", self._data, 68)[0], 0
        while more < _LAST and seen * self._size < len(self._data):
            numbers = struct.unpack(f"<{self._size // 4}I", self._sector(more))
            wanted += [one for one in numbers[:-1] if one < _LAST]
            more, seen = numbers[-1], seen + 1
        table = b"".join(self._sector(one) for one in wanted[: len(self._data) // self._size + 1])
        return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])

    def _chain(self, number: int) -> bytes:
        parts, most = list[bytes](), len(self._data) // self._size + 1
        while number < _LAST:
            if number >= len(self._fat) or len(parts) > most:
                raise broken("its chains of sectors lead nowhere")
            parts.append(self._sector(number))
            number = self._fat[number]
        return b"".join(parts)

    def _small_chain(self, number: int, root: int) -> bytes:
        room, parts = self._chain(root), list[bytes]()
        while number < _LAST:
            if number >= len(self._small) or len(parts) > len(self._small):
                raise broken("its chains of small sectors lead nowhere")
            parts.append(room[number * 64 : number * 64 + 64])
            number = self._small[number]
        return b"".join(parts)


def broken(why: str) -> Unreadable:
    """A compound file that cannot be followed."""
    return Unreadable("workbook_damaged", f"{why}; harvest it again, or open it and save it as XLSX")
