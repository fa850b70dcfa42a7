"""Asks for room before a large write, and names what a disk says that is full, read-only or closed to us.

Numbers of errors: https://man7.org/linux/man-pages/man3/errno.3.html
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biglam_pipeline.errors import BiglamError, NoRoom, ShelfDamaged

LARGE_BYTES = 4 * 2**20
"""From this size on, a write asks first."""
SPARE_BYTES = 16 * 2**20
"""So much stays free for databases, logs and pointers, which cannot wait."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SHUT = {errno.EROFS, errno.EACCES, errno.EPERM}
_OTHER_KIND = {errno.EISDIR, errno.ENOTDIR, errno.EEXIST}


def ask(folder: Path, needed: int, what: str) -> None:
    """NoRoom where a folder's disk has not so many bytes free; what: is to be written."""
    if needed < LARGE_BYTES:
        return
    free = _free(folder)
    if free is not None and free < needed + SPARE_BYTES:
        raise NoRoom(
            f"there is no room for {what}: it needs {_mb(needed)}, and of the {_mb(free)} free in {folder} "
            f"{_mb(SPARE_BYTES)} are kept for small files; {_REMEDY}"
        )


@contextmanager
def named(*folders: Path) -> Iterator[None]:
    """What a disk says while these folders are written to becomes an error with its remedy; all else stays."""
    try:
        yield
    except OSError as cause:
        reported = _reported(cause, folders)
        if reported is None:
            raise
        raise reported from cause


def _reported(cause: OSError, folders: tuple[Path, ...]) -> BiglamError | None:
    where = Path(os.fsdecode(cause.filename)) if isinstance(cause.filename, str | bytes) else None
    ours = where is None or any(folder in [where, *where.parents] for folder in folders)
    if cause.errno in _FULL:
        free = free_in(*folders)
        why = "the disk is full" if cause.errno == errno.ENOSPC else f"a limit is reached ({cause.strerror})"
        return NoRoom(f"{why}{f', at {where}' if where else ''}: {free}; {_REMEDY}")
    if where is None or not ours:
        return None
    if cause.errno in _SHUT:
        return NoRoom(
            f"{where} cannot be written ({cause.strerror}); let this user write to it, or name another folder by "
            "BIGLAM_STATE and BIGLAM_HOME, then run again: what was shelved before is kept"
        )
    if cause.errno in _OTHER_KIND:
        found = in_the_way(where) or where
        return ShelfDamaged(
            f"{found} stands where another kind of file should ({cause.strerror}); move it away, then run again"
        )
    return None


def in_the_way(path: Path) -> Path | None:
    """The file, at this path or above it, in the place of which a folder has to be; None where there is none."""
    return next((place for place in [path, *path.parents] if place.exists() and not place.is_dir()), None)


def free_in(*folders: Path) -> str:
    """How much room the disk of each folder has, as a clause."""
    return ", ".join(f"{folder} has {_mb(size)} free" for folder in folders if (size := _free(folder)) is not None)


def _free(folder: Path) -> int | None:
    """Bytes that this user may still write to the disk of a folder, which need not be there yet."""
    for place in [folder, *folder.parents]:
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


_REMEDY = (
    "make room, then run again: what was shelved before is kept. `copies` and `scratch` in the state folder, and "
    "`shards/fingerprints` of a source, may be deleted"
)
