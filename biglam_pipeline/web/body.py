"""The bytes of an answer: received to the end, unpacked, measured, and within bounds."""

import hashlib
import itertools
import logging
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.store import disk
from biglam_pipeline.web.answer import HEAD_BYTES, Body
from biglam_pipeline.web.limits import MB, Limits
from biglam_pipeline.web.patience import Again

log = logging.getLogger(__name__)

_GZIP = b"\x1f\x8b"
_STEP = 1 << 20


def watched(
    blocks: Iterable[bytes], url: str, limits: Limits, due: int | None, monotonic: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """The same blocks; logs progress, and gives up on a body that only drips. due: bytes announced."""
    received = mark_bytes = 0
    mark = told = monotonic()
    for block in blocks:
        received += len(block)
        now = monotonic()
        if now - mark >= limits.drip_window_seconds:
            if received - mark_bytes < limits.drip_bytes_per_second * (now - mark):
                raise Again(url, f"sent {received - mark_bytes} bytes in {now - mark:.0f} s, too slow to ever end")
            mark, mark_bytes = now, received
        if now - told >= limits.progress_seconds:
            log.info("%s: %d MB%s", url, received // MB, f" of {due // MB} MB" if due else "")
            told = now
        yield block


def inflated(blocks: Iterable[bytes], url: str, limits: Limits) -> Iterator[bytes]:
    """Undoes gzip where the first bytes say so, whatever was declared; a cut stream is an error, not an end."""
    stream = iter(blocks)
    first = next(stream, b"")
    while len(first) < len(_GZIP) and (more := next(stream, b"")):
        first += more
    everything = itertools.chain([first], stream)
    return _gunzip(everything, url, limits) if first.startswith(_GZIP) else (block for block in everything if block)


def _gunzip(blocks: Iterable[bytes], url: str, limits: Limits) -> Iterator[bytes]:
    # httpx takes a truncated gzip body for a whole one, and inflates without bound: so by hand.
    unpacker, read, written = zlib.decompressobj(31), 0, 0
    for block in blocks:
        read += len(block)
        rest = block
        while rest:
            if unpacker.eof:
                unpacker = zlib.decompressobj(31)
            try:
                out = unpacker.decompress(rest, _STEP)
            except zlib.error as error:
                raise Again(url, f"its compressed transfer is damaged ({error})", lasting="truncated") from error
            written += len(out)
            if written > limits.inflation_from_bytes and written > read * limits.inflation_ratio:
                raise ObjectFailed(
                    "too_large", f"{url}: {read} bytes inflated to more than {written}; that is a bomb, not data"
                )
            rest = unpacker.unused_data or unpacker.unconsumed_tail
            if out:
                yield out
    if not unpacker.eof:
        raise Again(url, "its compressed transfer ended in the middle", lasting="truncated")


def bounded(blocks: Iterable[bytes], url: str, max_bytes: int) -> Iterator[bytes]:
    """The same blocks, at most `max_bytes` of them."""
    size = 0
    for block in blocks:
        size += len(block)
        if size > max_bytes:
            raise too_large(url, max_bytes)
        yield block


def too_large(url: str, max_bytes: int) -> ObjectFailed:
    """The error for a body above the limit."""
    return ObjectFailed("too_large", f"{url}: is larger than {max_bytes} bytes, more than is taken from one address")


def keep(blocks: Iterable[bytes], limits: Limits, file: Path | None) -> Body:
    """Reads to the end: into memory up to `limits.kept_bytes`, beyond that into `file` where there is one."""
    stream, begun, size = iter(blocks), list[bytes](), 0
    for block in stream:
        begun.append(block)
        size += len(block)
        if file is not None and size > limits.kept_bytes:
            head = b"".join(begun)[:HEAD_BYTES]
            try:
                digest, size = disk.write_stream(file, itertools.chain(begun, stream))
            except BaseException:
                disk.remove(file)
                raise
            return Body(head, digest, size, None, file)
    content = b"".join(begun)
    return Body(content[:HEAD_BYTES], hashlib.sha256(content).hexdigest(), size, content, None)
