"""The members of a ZIP: which are data, which cannot be had, and how each is read."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.directory import Listed, read_directory
from biglam_pipeline.parsing.archives.entries import BROKEN, Bytes, Entry, Opened
from biglam_pipeline.parsing.archives.names import Name, zip_name
from biglam_pipeline.parsing.archives.unpacking import cannot_unpack, open_packed

_LONGEST_TARGET = 4096
"""PATH_MAX of Linux: no link leads further."""
_LINK, _FOLDER, _FILE = 0o120000, 0o040000, 0o100000


def open_zip(file: BinaryIO, names: str) -> Opened:
    """names: the encoding of names that do not say theirs, or ""."""
    return Opened(_entries(file, read_directory(file), names))


def name_of(listed: Listed, names: str) -> Name:
    """What a member is called."""
    return zip_name(listed.raw_name, listed.extra, names, utf8=bool(listed.flags & 0x800))


def _entries(file: BinaryIO, directory: list[Listed], names: str) -> Iterator[Entry]:
    for listed in directory:
        name = name_of(listed, names)
        if (name.folder or listed.mode == _FOLDER) and not name.outside and not listed.size:
            continue
        yield _entry(file, listed, name)


def _entry(file: BinaryIO, listed: Listed, name: Name) -> Entry:
    trouble = _trouble(listed, name)
    if trouble is not None:
        return Entry(name.text, "left_out", reason=trouble[0], detail=trouble[1], guessed=name.guessed)
    read: Callable[[], Bytes] = partial(open_packed, file, listed)
    if listed.mode == _LINK:
        try:
            target = read().read(_LONGEST_TARGET).decode("utf-8", "surrogateescape")
        except (*BROKEN, ObjectFailed):
            return Entry(name.text, "left_out", reason="link", detail="is a link that cannot be read")
        return Entry(name.text, "link", target=target, guessed=name.guessed)
    return Entry(name.text, "file", read, listed.packed_bytes, guessed=name.guessed)


def _trouble(listed: Listed, name: Name) -> tuple[str, str] | None:
    if name.outside:
        return "name", "has a name that leads out of the archive; ask the custodian what it is"
    if name.folder or listed.mode == _FOLDER:
        return "name", "is called a folder, and has bytes; ask the custodian what it is"
    if listed.is_encrypted:
        return "encrypted", "is encrypted; ask the custodian for a copy without a password"
    if listed.mode not in (0, _LINK, _FILE):
        return "device", "is a device or a pipe, which holds no data"
    why = cannot_unpack(listed)
    return ("unsupported", why) if why else None
