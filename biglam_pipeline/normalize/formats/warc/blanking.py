"""What is left of a web archive when some of its records are taken down? All other bytes, and the number of each."""

import zlib
from collections.abc import Collection, Iterator
from typing import BinaryIO

from biglam_pipeline.parsing.inflate import open_plain, packed_as
from biglam_pipeline.parsing.warc.framing import WarcRecord, read_records
from biglam_pipeline.records import Item

_STEP = 1 << 18
_STUB = b"WARC/1.0\r\nWARC-Type: taken-down\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
"""Types that a program does not know it passes over (5.5), so other tools read the file as well."""


def left_of(item: Item, going: Collection[int]) -> Iterator[bytes]:
    """The file's bytes, with a record without a block for each of these. going: their numbers."""
    with item.open() as stream:
        found = [(one.number, one.lies) for one in read_records(stream) if isinstance(one, WarcRecord)]
    lies = [where for number, where in found if number in going]
    packed = [where.packed for where in lies if where.packed is not None]
    if len(packed) == len(lies):
        return _spliced(item.open(), packed, _packed(_STUB))
    return packed_as(item, _spliced(open_plain(item), [(where.begin, where.end) for where in lies], _STUB))


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def _spliced(opened: BinaryIO, spans: list[tuple[int, int]], stub: bytes) -> Iterator[bytes]:
    """The bytes of the stream, with the stub for each of these spans, which are in order."""
    with opened as stream:
        at = 0
        for begin, end in spans:
            yield from _passed(stream, begin - at)
            yield stub
            for _ in _passed(stream, end - begin):
                pass
            at = end
        while block := stream.read(_STEP):
            yield block


def _passed(stream: BinaryIO, count: int) -> Iterator[bytes]:
    while count and (block := stream.read(min(count, _STEP))):
        count -= len(block)
        yield block
