"""The bytes of an answer: received to the end, unpacked, measured, and within bounds."""

import hashlib
import itertools
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.gzip import MAGIC, Gunzip, GzipTrouble, gunzip
from biglam_pipeline.progress import report
from biglam_pipeline.store import disk
from biglam_pipeline.web.answer import HEAD_BYTES, Body
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.retry import Retry
from biglam_pipeline.web.visiting import Budget

log = logging.getLogger(__name__)


def watched(
    blocks: Iterable[bytes],
    url: str,
    limits: Limits,
    due: int | None,
    monotonic: Callable[[], float] = time.monotonic,
    budget: Budget | None = None,
    begin: int = 0,
) -> Iterator[bytes]:
    """The same blocks; logs progress, and gives up on a body that only drips, or where a visit has had enough.

    due: bytes announced. begin: bytes that an earlier run brought.
    """
    received = mark_bytes = begin
    mark = reported = monotonic()
    for block in blocks:
        received += len(block)
        if due is not None and received > due:
            break
        if budget is not None:
            budget.take(len(block), url)
        now = monotonic()
        if now - mark >= limits.drip_window_seconds:
            if received - mark_bytes < limits.drip_bytes_per_second * (now - mark):
                raise Retry(url, f"sent {received - mark_bytes} bytes in {now - mark:.0f} s, too slow to ever end")
            mark, mark_bytes = now, received
        if now - reported >= limits.progress_seconds:
            report(log, url, received, due)
            reported = now
        yield block
    if due is not None and received != due:  # chunks that end in order, and are not what Content-Range announced
        raise Retry(url, f"announced {due} bytes, and sent {received} or more", lasting="checksum", at_most=2)


def inflated(blocks: Iterable[bytes], url: str, limits: Limits) -> Iterator[bytes]:
    """Undoes gzip where the first bytes say so, whatever was declared; a cut stream is an error, not an end."""
    stream = iter(blocks)
    first = next(stream, b"")
    while len(first) < len(MAGIC) and (more := next(stream, b"")):
        first += more
    everything = itertools.chain([first], stream)
    return _gunzip(everything, url, limits) if first.startswith(MAGIC) else (block for block in everything if block)


def _gunzip(blocks: Iterable[bytes], url: str, limits: Limits) -> Iterator[bytes]:
    try:
        yield from gunzip(blocks, Gunzip(limits.inflation_ratio, limits.inflation_from_bytes))
    except GzipTrouble as trouble:
        if trouble.kind == "bomb":
            raise ObjectFailed("too_large", f"{url}: {trouble.detail}; that is a bomb, not data") from trouble
        raise Retry(url, f"its compressed transfer: {trouble.detail}", lasting="truncated") from trouble


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
