"""Members of ZIP, TAR and compressed files, seen as a folder: streamed, proved whole, never unpacked to disk."""

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, Self

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.store import disk

HEAD_BYTES = 512
"""`is_archive` needs so much of a file's beginning."""

MAX_BYTES = 10**12
MAX_MEMBERS = 1_000_000
MAX_RATIO = 1000
"""Bytes out for a byte in, of a member above RATIO_FROM_BYTES. Scans as bitonal TIFF reach 200."""
RATIO_FROM_BYTES = 10_000_000
_STEP = 1 << 20

# These are ZIP files too, but one document each.
_DOCUMENTS = re.compile(r"\.(docx|xlsx|pptx|od[tspg]|epub|jar|kmz|cbz|npz|whl|apk|idml|usdz|svgz)$", re.IGNORECASE)
_ARCHIVES = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz)$", re.IGNORECASE)
_SQUEEZED = re.compile(r"\.(gz|bz2|xz)$", re.IGNORECASE)
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OPENERS: dict[bytes, Callable[..., "_Bytes"]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


class _Bytes(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an archive. Its name is data, never a path on this machine."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member as its archive lists it; `fault` says why it is left out, "" that it is silently not data."""

    name: str
    packed_bytes: int
    read: Callable[[], _Bytes]
    fault: str | None = None
    alone: bool = False
    """The one member of a compressed file: what it is called is up to whoever asks."""


def is_archive(name: str, head: bytes) -> bool:
    """Is this file seen as a folder? By its first HEAD_BYTES, or by its name (a broken ZIP is still one)."""
    if _DOCUMENTS.search(name):
        return False
    magic = head.startswith((*_ZIP_MAGIC, *_OPENERS)) or _is_tar(head)
    return magic or bool(_ARCHIVES.search(name))


def survey(path: Path, name: str = "") -> tuple[list[Member], list[str]]:
    """Reads an archive once to its end; its members with digests, and what was left out and why.

    name: the archive's own name where the file on disk is called otherwise. ObjectFailed `truncated` or `damaged`
    where it is not whole (directory, checksums, end of stream), `too_large` where it unpacks beyond all bounds.
    """
    members, left_out, seen, total = list[Member](), list[str](), set[str](), 0
    with _faults(name or path.name), contextlib.ExitStack() as stack:
        for entry in stack.enter_context(contextlib.closing(_entries(path, name, stack))):
            fault = f"{entry.name!r}: named twice" if entry.name in seen else entry.fault
            if fault is not None:
                left_out.extend([fault] if fault else [])
                continue
            seen.add(entry.name)
            with contextlib.closing(entry.read()) as stream:
                digest, size = _digest(stream, entry)
            total += size
            if total > MAX_BYTES or len(members) + len(left_out) >= MAX_MEMBERS:
                raise ObjectFailed("too_large", f"holds more than {MAX_BYTES} bytes or {MAX_MEMBERS} members; split it")
            members.append(Member(entry.name, size, digest))
    return members, left_out


def read_members(path: Path, names: Collection[str], name: str = "") -> Iterator[tuple[str, bytes]]:
    """The chosen members with their bytes, in the archive's order: by seeking in a ZIP, in one pass over a TAR.

    ShelfDamaged where one of them is not there.
    """
    wanted = set(names)
    with _faults(name or path.name), contextlib.ExitStack() as stack:
        for entry in stack.enter_context(contextlib.closing(_entries(path, name, stack))):
            found = next(iter(wanted), "") if entry.alone and len(wanted) == 1 else entry.name
            if found in wanted and entry.fault is None:
                wanted.discard(found)
                with contextlib.closing(entry.read()) as stream:
                    content = stream.read()
                yield found, content
            if not wanted:
                break
    if wanted:
        raise ShelfDamaged(f"{name or path.name}: has no member {min(wanted)!r}; harvest the source again")


def open_member(path: Path, member: str, name: str = "") -> BinaryIO:
    """A stream of one member, for those too big to hold. Closing it closes the archive."""
    with contextlib.ExitStack() as stack:
        with _faults(name or path.name):
            for entry in stack.enter_context(contextlib.closing(_entries(path, name, stack))):
                if entry.alone or (entry.name == member and entry.fault is None):
                    source = stack.enter_context(contextlib.closing(entry.read()))
                    return io.BufferedReader(_Stream(source, stack.pop_all()), _STEP)
        raise ShelfDamaged(f"{name or path.name}: has no member {member!r}; harvest the source again")


def is_zip(path: Path) -> bool:
    """Can its members be read in any order?"""
    with disk.open_file(path) as file:
        head = file.read(HEAD_BYTES)
        return head.startswith(_ZIP_MAGIC) or not (head.startswith((*_OPENERS,)) or _is_tar(head))


class ZipMembers(contextlib.ExitStack):
    """Chosen members of one ZIP, in any order, while it is open."""

    def __init__(self, path: Path, names: Collection[str]) -> None:
        """ObjectFailed where the archive is not whole."""
        super().__init__()
        self._name = path.name
        with _faults(self._name), contextlib.ExitStack() as stack:
            entries = stack.enter_context(contextlib.closing(_entries(path, "", stack)))
            kept = [entry for entry in entries if entry.fault is None and entry.name in names]
            self._read = {entry.name: entry.read for entry in reversed(kept)}  # of two of a name, the first
            self.enter_context(stack.pop_all())

    def read(self, name: str) -> bytes:
        """The bytes of a member; ShelfDamaged where it is not there, ObjectFailed where it is not whole."""
        if name not in self._read:
            raise ShelfDamaged(f"{self._name}: has no member {name!r}; harvest the source again")
        with _faults(self._name), contextlib.closing(self._read[name]()) as stream:
            return stream.read()


def _entries(path: Path, name: str, stack: contextlib.ExitStack) -> Generator[_Entry, None, None]:
    file = stack.enter_context(disk.open_file(path))
    head = file.read(HEAD_BYTES)
    opener = next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)
    squeezed_or_tar = opener is not None or _is_tar(head)
    # By its end only where the beginning says nothing else: the last member of a TAR may well be a ZIP.
    if head.startswith(_ZIP_MAGIC) or (not squeezed_or_tar and zipfile.is_zipfile(file)):
        return _zip_entries(stack.enter_context(zipfile.ZipFile(file)), file)
    if not squeezed_or_tar:
        raise ObjectFailed("damaged", "is not an archive of a known kind (ZIP, TAR, gzip, bzip2, xz)")
    file.seek(0)
    unpacked = _Counted(stack.enter_context(contextlib.closing(opener(file))) if opener else file, file)
    unpacked.peek(HEAD_BYTES)
    if _is_tar(unpacked.peeked):
        return _tar_entries(unpacked)
    own = PurePosixPath(name or path.name).name
    return (entry for entry in [_Entry(_SQUEEZED.sub("", own) or own, 0, lambda: unpacked, alone=True)])


def _size_of(file: BinaryIO) -> int:
    here = file.tell()
    end = file.seek(0, io.SEEK_END)
    file.seek(here)
    return end


def _zip_entries(archive: zipfile.ZipFile, file: BinaryIO) -> Generator[_Entry, None, None]:
    infos = archive.infolist()
    # Members that share their bytes are how 10 MB become 281 TB: https://www.bamsoftware.com/hacks/zipbomb/
    if sum(info.compress_size for info in infos) > _size_of(file):
        raise ObjectFailed("too_large", "its members overlap; that is a bomb, not data")
    for info in infos:
        name = zip_name(info)
        fault = _unwanted(name, directory=info.is_dir())
        if fault is None and (info.external_attr >> 16) & 0o170000 == 0o120000:
            fault = f"{name!r}: is a link"
        if fault is None and info.flag_bits & 0x1:
            fault = f"{name!r}: is encrypted; ask the custodian for a copy without a password"
        yield _Entry(name, info.compress_size, partial(archive.open, info), fault)


def zip_name(info: zipfile.ZipInfo) -> str:
    """What a member is called. Python reads cp437 where the archive says nothing."""
    # Without the UTF-8 flag the standard says cp437, but macOS and many scripts write UTF-8 all the same.
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _tar_entries(unpacked: "_Counted") -> Generator[_Entry, None, None]:
    last = b""

    class Header(tarfile.TarInfo):
        """Remembers the last header block: tarfile takes a broken one, and a cut file, for the archive's end."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal last
            last = bytes(buf)
            return super().frombuf(buf, encoding, errors)

    def opened(info: tarfile.TarInfo) -> _Bytes:
        stream = archive.extractfile(info)
        assert stream is not None
        return stream

    with tarfile.open(fileobj=unpacked, mode="r|", bufsize=_STEP, tarinfo=Header) as archive:
        while (info := archive.next()) is not None:
            fault = _unwanted(info.name, directory=info.isdir())
            if fault is None and not info.isreg():
                fault = f"{info.name!r}: is a link or a device"
            yield _Entry(info.name, 0, partial(opened, info), fault)
            archive.members = []  # type: ignore[attr-defined]  # else all of them stay in memory
    if len(last) < tarfile.BLOCKSIZE:
        raise EOFError("it has no closing block")
    if last.strip(b"\0"):
        raise tarfile.ReadError("a header in the middle is damaged")
    unpacked.drain()  # a compressed file has its checksum behind the last member


def _unwanted(name: str, *, directory: bool) -> str | None:
    """None for a member to keep, "" for one that is no data, else why it is refused."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return f"{name!r}: its name leads out of the archive"
    if not name or directory or name.endswith("/") or parts[0] == "__MACOSX":
        return ""
    return "" if any(part.startswith(".") and part != "." for part in parts) else None


def _digest(stream: _Bytes, entry: _Entry) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_STEP):
        digest.update(block)
        size += len(block)
        if entry.packed_bytes and size > max(RATIO_FROM_BYTES, entry.packed_bytes * MAX_RATIO):
            raise ObjectFailed("too_large", f"{entry.name!r} unpacks to more than {size} bytes; that is a bomb")
    return digest.hexdigest(), size


def _is_tar(head: bytes) -> bool:
    if len(head) < HEAD_BYTES or not head.strip(b"\0"):
        return False
    try:
        tarfile.TarInfo.frombuf(head[:HEAD_BYTES], "utf-8", "surrogateescape")  # proves the header's checksum
    except tarfile.HeaderError:
        return False
    return True


class _Counted(io.RawIOBase):
    """A stream that can show its beginning, and notices when it gives far more than its file holds."""

    def __init__(self, source: _Bytes, file: BinaryIO) -> None:
        super().__init__()
        self._source, self._file, self.peeked, self._count = source, file, b"", 0

    def readable(self) -> bool:
        return True

    def peek(self, size: int) -> None:
        while len(self.peeked) < size and (block := self._source.read(size - len(self.peeked))):
            self.peeked += block

    def read(self, size: int = -1) -> bytes:
        if self.peeked:
            block, self.peeked = (self.peeked, b"") if size < 0 else (self.peeked[:size], self.peeked[size:])
            block += self._source.read() if size < 0 else b""
        else:
            block = self._source.read(size)
        self._count += len(block)
        if self._count > min(MAX_BYTES, max(RATIO_FROM_BYTES, self._file.tell() * MAX_RATIO)):
            raise ObjectFailed("too_large", f"unpacks to more than {self._count} bytes; that is a bomb, not data")
        return block

    def drain(self) -> None:
        while self.read(_STEP):
            pass


class _Stream(io.RawIOBase):
    """A member, and all that has to be closed after it."""

    def __init__(self, source: _Bytes, stack: contextlib.ExitStack) -> None:
        super().__init__()
        self._source, self._stack = source, stack

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._source.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._stack.close()
        super().close()


@contextlib.contextmanager
def _faults(name: str) -> Iterator[None]:
    """Every way in which the libraries say `broken`, as one error that says what to do."""
    try:
        yield
    except ObjectFailed as error:
        raise ObjectFailed(error.reason, f"{name}: {error.detail}") from error
    except NotImplementedError as error:
        raise ObjectFailed(
            "damaged",
            f"{name}: a member cannot be unpacked ({error}); Windows packs large files so: ask for plain ZIP or TAR.GZ",
        ) from error
    except (EOFError, tarfile.ReadError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # this machine's trouble, not the archive's
        cut = isinstance(error, EOFError) or "unexpected end" in str(error) or "not a zip file" in str(error)
        raise ObjectFailed(
            "truncated" if cut else "damaged",
            f"{name}: {'ends too early' if cut else 'is damaged'} ({error}); get it again, and if it comes the same, "
            "tell the custodian",
        ) from error
