"""The members of a TAR, in one pass: https://www.gnu.org/software/tar/manual/html_node/Standard.html and POSIX pax."""

import tarfile
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Self, cast

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.entries import STEP, Bytes, Entry, Opened, Tap
from biglam_pipeline.parsing.archives.names import Name, tar_name

_DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_GNU = {b"M": "is the rest of a file that begins in another volume", b"N": "is a long name of old, which nobody reads"}
_PATIENCE = 16
"""Reads at the end of a stream, of which tarfile needs three."""
_NO_FILES = (b"V", b"D")
"""The archive's own label, and GNU's list of what a folder held when it was saved."""


class _Zeros(Tap):
    """A stream that knows where its last byte other than zero stood: behind the end of a TAR all is zero.

    And that is asked for nothing behind its end: tarfile goes to the end of a member block by block, whether or not any
    come, and a member can say that it has 2**80 bytes.
    """

    def __init__(self, source: Bytes) -> None:
        super().__init__(source)
        self.last = self._empty = 0

    def read(self, size: int = -1) -> bytes:
        before = self.tell()
        block = super().read(size)
        self._empty += not block
        if self._empty > _PATIENCE:
            raise EOFError("a member says that it is longer than the archive")
        if bare := len(block.rstrip(b"\0")):
            self.last = before + bare
        return block


def open_tar(source: Tap, names: str) -> Opened:
    """names: the encoding of names that are no UTF-8, or "". The end is proved after the last entry."""
    return Opened(_entries(_Zeros(source), names), later_holds=True, broken=lambda: source.broken)


def _entries(source: _Zeros, names: str) -> Iterator[Entry]:
    last, extended = b"", False

    class Header(tarfile.TarInfo):
        """Remembers the last header block: tarfile takes a broken one, and a cut file, for the archive's end."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal last, extended
            last, extended = bytes(buf), extended or buf[156:157] == tarfile.XHDTYPE
            return super().frombuf(buf, encoding, errors)

    with tarfile.open(
        fileobj=cast(BinaryIO, source),  # of which only `read` is asked
        mode="r|",
        bufsize=STEP,
        tarinfo=Header,
        encoding="utf-8",
        errors="surrogateescape",
    ) as archive:
        while (info := _next(archive)) is not None:
            if extended and not info.pax_headers:  # tarfile goes on without what it could not read: names, sizes
                raise tarfile.ReadError("an extended header is damaged")
            extended = False
            if not info.isdir() and info.type not in _NO_FILES:
                yield _entry(archive, info, names)
            archive.members = []  # type: ignore[attr-defined]  # else all of them stay in memory
        end = archive.offset
    if len(last) < tarfile.BLOCKSIZE:
        raise EOFError("it has no closing block")
    if last.strip(b"\0"):
        raise tarfile.ReadError("a header in the middle is damaged")
    while source.read(STEP):  # a compressed file has its checksum behind the last member
        pass
    if source.last > end:
        yield Entry(
            "(behind the end)",
            "left_out",
            reason="damaged",
            detail=f"{source.last - end} bytes stand behind the archive's end, as where two were joined; split them",
        )


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except (ValueError, OverflowError, IndexError) as error:  # of an extended header without sense
        raise tarfile.ReadError(f"a header is damaged: {error}") from error


def _entry(archive: tarfile.TarFile, info: tarfile.TarInfo, names: str) -> Entry:
    name = tar_name(info.name, names)
    trouble = _trouble(info, name)
    if trouble is not None:
        return Entry(name.text, "left_out", reason=trouble[0], detail=trouble[1], guessed=name.guessed)
    if info.issym() or info.islnk():
        target = tar_name(info.linkname, names).text if not info.linkname.startswith("/") else info.linkname
        if info.issym():  # a target keeps its dots
            target = info.linkname
        return Entry(name.text, "link", target=f"={target}" if info.islnk() else target, guessed=name.guessed)
    return Entry(name.text, "file", partial(_open, archive, info), _stored_bytes(info), guessed=name.guessed)


def _trouble(info: tarfile.TarInfo, name: Name) -> tuple[str, str] | None:
    if name.outside:
        return "name", "has a name that leads out of the archive; ask the custodian what it is"
    if info.type in _DEVICES:
        return "device", "is a device or a pipe, which holds no data"
    if info.type not in tarfile.SUPPORTED_TYPES:
        why = _GNU.get(info.type, f"is of type {info.type.decode('latin-1')!r}, which no reader here knows")
        return "unsupported", f"{why}; ask for a plain TAR"
    if name.folder:
        return "name", "has no name of its own; ask the custodian what it is"
    return None


def _stored_bytes(info: tarfile.TarInfo) -> int:
    """Holes take no bytes: https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html"""
    holes: list[tuple[int, int]] | None = getattr(info, "sparse", None)
    return info.size if holes is None else max(1, sum(size for _, size in holes))


def _open(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Bytes:
    stream = archive.extractfile(info)
    if stream is None:
        raise ObjectFailed("damaged", "has no bytes")
    return stream
