"""Locks between the processes of a machine, which tell a waiting one who has them, and are free when their holder dies.

https://man7.org/linux/man-pages/man2/flock.2.html
"""

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from biglam_pipeline.errors import RunBusy

log = logging.getLogger(__name__)

REPORT_SECONDS = 5.0
"""A wait is reported after this long."""
_LOOK_SECONDS = 0.05
_NOTE_BYTES = 400


@contextlib.contextmanager
def file_lock(path: Path, *, wait_seconds: float, busy: str, doing: str = "") -> Iterator[int]:
    """Holds a lock that all processes of this machine respect; RunBusy where it does not come in time.

    busy: what is taken and by what kind of work, for a person; doing: what the holder is about, for those who wait.
    The kernel frees it when its holder dies, however it dies; nothing that lies in the file locks anything. Yields the
    descriptor: given to a child with `pass_fds`, the lock outlives a parent that is killed.
    """
    with _opened(path) as handle:
        _acquire(handle.fileno(), path, wait_seconds, busy)
        _note(handle.fileno(), f"{os.getpid()} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {doing}")
        try:
            yield handle.fileno()
        finally:
            os.ftruncate(handle.fileno(), 0)


def _opened(path: Path) -> FileIO:
    """Its folder is mostly there: to look each time took half as long as the lock."""
    try:
        return path.open("a+b", buffering=0)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+b", buffering=0)


def is_held(path: Path) -> bool:
    """Whether a process that lives holds the lock of this file; it need not be there."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def holder(path: Path) -> str:
    """Who holds a lock, as a clause: process, since when, and what it is about."""
    try:
        pid, since, doing = [*path.read_text("utf-8", "replace").split(" ", 2), "", "", ""][:3]
    except OSError:
        return "a process that left no note has it"
    about = f" ({doing.strip()})" if doing.strip() else ""
    return f"process {pid} has it since {since}{about}" if since else "a process that left no note has it"


def _acquire(handle: int, path: Path, wait_seconds: float, busy: str) -> None:
    began = time.monotonic()
    reported = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited >= wait_seconds:
                after = f" Waited {waited:.0f} s." if wait_seconds > REPORT_SECONDS else ""
                said = f"{busy}: {holder(path)}.{after} Run again when it has ended"
                raise RunBusy(said, retry_after_seconds=60) from None
            if not reported and waited >= REPORT_SECONDS:
                reported = True
                log.warning("%s: %s; waiting, %.0f s at most", busy, holder(path), wait_seconds)
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _note(handle: int, text: str) -> None:
    # Beside the lock, for people: a full disk, which says no here, is none of its business.
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.write(handle, text.encode()[:_NOTE_BYTES])
