"""The bytes of a JSON file as UTF-8, whatever it is written in; and the same without some of its records.

RFC 8259 (8.1) wants UTF-8 without a mark; PowerShell and .NET write UTF-16, and old exports Windows-1252.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import Found, find_encoding, mend, open_text

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Text:
    """One file, to be read as often as is wanted."""

    opened: Callable[[], BinaryIO]
    found: Found

    @classmethod
    def of(cls, opened: Callable[[], BinaryIO], media_type: str, declared: str | None = None) -> "Text":
        """opened: its bytes, unpacked; media_type: as the server said; declared: the encoding that the entry says."""
        with opened() as stream:
            return cls(opened, find_encoding(stream, declared=declared, server_charset=charset_of(media_type)))

    def blocks(self) -> Iterator[bytes]:
        """UTF-8 without a mark; bytes that are not in the encoding are read as Windows-1252."""
        with self.opened() as stream:
            if self.found.encoding in ("utf-8", "utf-8-sig") and not self.found.problem:
                yield stream.read(_BLOCK).removeprefix(codecs.BOM_UTF8)
                yield from iter(lambda: stream.read(_BLOCK), b"")
                return
            with open_text(stream, self.found) as text:
                while block := text.read(_BLOCK):
                    yield mend(block).encode("utf-8", "surrogatepass")


def without(blocks: Iterable[bytes], spans: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """The bytes with `null` in the place of these spans. spans: begin and length, in order, none within another."""
    place, coming = 0, iter(spans)
    begins, size = next(coming, (-1, 0))
    for block in blocks:
        at = 0
        while begins >= 0 and begins < place + len(block):
            if begins >= place:
                yield block[at : begins - place]
                yield b"null"
            at = begins + size - place
            if at > len(block):
                break
            begins, size = next(coming, (-1, 0))
        yield block[at:]
        place += len(block)
