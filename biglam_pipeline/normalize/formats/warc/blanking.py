"""What is left of a web archive when some of its records are taken down? All other bytes, and the number of each."""

import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator

from biglam_pipeline.parsing.inflate import packed_as
from biglam_pipeline.parsing.warc.framing import WarcRecord, read_records
from biglam_pipeline.parsing.warc.inflating import readable
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
        return _spliced(_blocks(item), packed, _packed(_STUB))
    return packed_as(item, _spliced(_readable(item), [(where.begin, where.end) for where in lies], _STUB))


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def _blocks(item: Item) -> Iterator[bytes]:
    with item.open() as stream:
        while block := stream.read(_STEP):
            yield block


def _readable(item: Item) -> Iterator[bytes]:
    """What cannot be read is not kept: nobody knows whether some of it is the record that goes."""
    with item.open() as stream:
        yield from readable(stream)


def _spliced(blocks: Iterable[bytes], spans: list[tuple[int, int]], stub: bytes) -> Iterator[bytes]:
    """These bytes, with the stub for each of these spans, which are in order."""
    left, at = deque(spans), 0
    for block in blocks:
        end = at + len(block)
        while left and left[0][0] < end:
            begin, behind = left[0]
            if begin >= at:
                yield block[: begin - at]
                yield stub
            if behind > end:
                at, block = end, b""
                break
            block, at = block[max(0, behind - at) :], behind
            left.popleft()
        yield block
        at = end
