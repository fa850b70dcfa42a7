"""Local files: read, walked, digested, put whole. Everything else asks here for the disk."""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from biglam_pipeline.store import room

_BLOCK = 1 << 20
_UNFINISHED = ".put-"
_SPOOLED_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a walked folder: its name relative to the folder, with `/`, and what tells a changed one."""

    name: str
    path: Path
    size: int
    modified_ns: int
    changed_ns: int
    """Of the content or of what the system knows of it, as the system saw it; no program can set it."""


def walk(folder: Path) -> list[Found]:
    """All files below a folder of our own, by name; unfinished ones are hidden. Others' folders: `store.walking`."""
    root = folder.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")) or not path.is_file():
            continue
        if root in path.resolve().parents:
            state = path.stat()
            found.append(Found(name, path, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return found


def names_below(folder: Path) -> list[Path]:
    """All files and folders below a folder of our own, unfinished files excepted; none where it is not there."""
    return [path for path in folder.rglob("*") if not path.name.startswith(_UNFINISHED)] if folder.is_dir() else []


def files_below(folder: Path, pattern: str) -> list[Path]:
    """Files below a folder that fit a glob pattern; unfinished ones are none."""
    return [path for path in folder.glob(pattern) if path.is_file() and not path.name.startswith(_UNFINISHED)]


def modified_ns(path: Path) -> int:
    """When a file was changed last, in nanoseconds since 1970; now where it is gone."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return time.time_ns()


def look(path: Path) -> Found | None:
    """One file as it is at this moment; None where there is no file."""
    if not path.is_file():
        return None
    state = path.stat()
    return Found(path.name, path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def is_folder(path: Path) -> bool:
    """Is there a folder of this name?"""
    return path.is_dir()


def file_type(path: str) -> int:
    """What lies there, as `stat.S_IFMT` names it, behind links; 0 where nothing does. A shelf asks this all the time.

    OSError where the disk does not say, as of `Path.is_file`.
    """
    try:
        return stat.S_IFMT(os.stat(path).st_mode)  # noqa: PTH116 - to make a Path of it costs three times as much
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP):
            raise
        return 0


def folders(folder: Path) -> list[str]:
    """Names of the folders in a folder, without hidden ones; none where it is not there."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def names_in(folder: Path) -> list[str]:
    """What lies in a folder, by name; nothing where it cannot be looked into."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def open_file(path: Path) -> BinaryIO:
    """Opens a local file for reading."""
    return path.open("rb")


def read_file(path: Path) -> bytes:
    """All bytes of a local file."""
    return path.read_bytes()


def size_of(path: Path) -> int:
    """Bytes of a local file."""
    return path.stat().st_size


def scratch_file(folder: Path) -> BinaryIO:
    """A file for reading and writing that is gone when it is closed: in memory while small, then in `folder`, where it
    never has a name.
    """
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, mode="w+b", dir=str(folder)))


def digest_file(path: Path) -> tuple[str, int]:
    """sha256 (hex) and size in bytes of a file, read in blocks."""
    return digest_stream(lambda: path.open("rb")), path.stat().st_size


def digest_stream(opened: Callable[[], BinaryIO]) -> str:
    """sha256 (hex) of a stream, read in blocks."""
    digest = hashlib.sha256()
    with opened() as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def digest_bytes(data: bytes) -> str:
    """sha256 (hex) of bytes."""
    return hashlib.sha256(data).hexdigest()


def write_stream(path: Path, blocks: Iterable[bytes]) -> tuple[str, int]:
    """Writes blocks to a scratch file as they come; sha256 (hex) and size of what was written."""
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for block in blocks:
            stream.write(block)
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def link_or_copy(path: Path, target: Path) -> None:
    """A scratch file with the bytes of a shelved one, which nobody changes: a second name of it, where the disk has
    such; else a copy.
    """
    try:
        os.link(path, target)
    except OSError:  # another disk, or one without links (FAT, some of the network)
        with path.open("rb") as stream:
            write_stream(target, iter(lambda: stream.read(_BLOCK), b""))


def put_whole(path: Path, data: bytes | memoryview | Path | Iterable[bytes]) -> None:
    """A file appears whole or not at all: temporary file beside it, fsync, rename. A Path is moved in.

    An Iterable is of blocks, which are written as they come.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, Path) and _moved(data, path):
        return
    if isinstance(data, bytes | memoryview | Path):
        room.ask(path.parent, size_of(data) if isinstance(data, Path) else len(data), path.name)
    temporary = path.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less the umask: colleagues may read
    try:
        with os.fdopen(handle, "wb") as stream:
            if isinstance(data, Path):
                with data.open("rb") as source:
                    shutil.copyfileobj(source, stream, _BLOCK)
            elif isinstance(data, bytes | memoryview):
                stream.write(data)
            else:
                stream.writelines(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(path.parent)
    if isinstance(data, Path):
        data.unlink()


def _moved(data: Path, path: Path) -> bool:
    """Moves a second name of a shelved file to its place, whose bytes are on the disk already."""
    if data.stat().st_nlink < 2:
        return False
    try:
        os.replace(data, path)
    except OSError:  # another disk
        return False
    remove(data)  # of two names of one file, `rename` leaves both (POSIX)
    _sync_folder(path.parent)
    return True


def append_line(path: Path, line: bytes) -> None:
    """One more line at the end of a file, in one write that is on the disk when this returns; the file may be new.

    A last line that somebody left without its end is ended first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        open_end = bool(size) and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if open_end else b"") + line)
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync_folder(path.parent)


def edit_file(path: Path) -> BinaryIO:
    """Opens a scratch file for reading and writing; it may be new."""
    path.touch()
    return path.open("r+b")


def remove(path: Path) -> None:
    """Deletes a file that may already be gone."""
    path.unlink(missing_ok=True)


def clear_folder(folder: Path) -> None:
    """Deletes a folder with all that is in it; it may be gone already."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_unfinished(folder: Path) -> None:
    """Deletes the temporary files that `put_whole` leaves behind when its process is killed."""
    for path in folder.rglob(f"{_UNFINISHED}*"):
        remove(path)


@contextlib.contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder for work under way; gone afterwards."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
