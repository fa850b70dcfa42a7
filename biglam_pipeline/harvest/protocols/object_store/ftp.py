"""What the folders of an FTP server have, folder by folder.

MLSD: https://www.rfc-editor.org/rfc/rfc3659#section-7 ; what LIST gives is written nowhere: as `ls -l` writes it
(vsftpd, ProFTPD, Pure-FTPd, wu-ftpd), or `dir` of Windows (IIS).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import number_of
from biglam_pipeline.harvest.fetching import content_of, discard
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.paging import PAGE_BYTES
from biglam_pipeline.harvest.visit import Visit

_DEEPEST = 32
"""Folders in one another; a server that makes them up has no end."""
_MOST_FOLDERS = 100_000
"""Each is a request."""
_UNIX = re.compile(
    rb"(?P<kind>[-dlbcpsD])[-rwxsStTlL]{9}[.+@]?\s+(?:\d+\s+)?(?:\S+\s+){1,6}?(?P<size>\d+)(?:,\s*\d+)?\s+"
    rb"(?:(?!\d+\s+\d{4}-)\S+\s+\S+|\d{4}-\d\d-\d\d)\s+(?:\d{1,2}:\d\d(?::\d\d(?:\.\d+\s[+-]\d{4})?)?|\d{4})\s(?P<name>.+)"
)
"""Months are in the server's own language; groups of Windows have blanks (`domain users`); a device has two numbers in
the place of its size; `ls --full-time` has a zone.
"""
_SUM = re.compile(r"[^\W\d_]+:?\s+\d+(?:[.,]\d+)?[kKMGT]?")
"""How `ls -l` begins, in the server's language: `total 8`, `insgesamt 8`, `итого 8`."""
_WINDOWS = re.compile(
    rb"\d\d-\d\d-(?:\d\d|\d{4})\s+\d\d:\d\d(?:[AP]M)?\s+(?:<(?P<mark>\w+)>|(?P<size>[\d,]+))\s+(?P<name>.+)"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    kind: str
    """`file`, `dir`, `link`; else what the server calls it."""
    size: int | None
    version: str


def listing(visit: Visit, host: str, folder: bytes) -> Iterator[ListedFile]:
    """Every file below a folder, which ends in `/` or is empty. ObjectFailed where one cannot be listed whole.

    A link is a file that cannot be had: it may lead out of the folder, or in a circle.
    """
    waiting, met = [folder], 0
    while waiting:
        here, met = waiting.pop(), met + 1
        if here.count(b"/") - folder.count(b"/") > _DEEPEST or met > _MOST_FOLDERS:
            raise ObjectFailed("loop", f"ftp://{host}/{quote(here)}: its folders have no end; name a folder in it")
        below = list[bytes]()
        for entry in _entries(visit, f"ftp://{host}/{quote(here)}"):
            if entry.kind == "dir":
                below.append(_sound(here, entry.name, host) + b"/")
            else:
                yield _file(entry, here + entry.name, host)
        waiting += sorted(below, reverse=True)


def name_of(path: bytes) -> str:
    """A path as text: UTF-8 (RFC 2640), or the encoding that old servers have instead."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        return path.decode("latin-1")


def _sound(here: bytes, name: bytes, host: str) -> bytes:
    if b"/" in name or any(byte < 32 or byte == 127 for byte in name):
        raise ObjectFailed(
            "damaged", f"ftp://{host}/{quote(here)}: lists {name!r}, which is no folder in it; report it"
        )
    return here + name


def _entries(visit: Visit, url: str) -> Iterator[_Entry]:
    answer = visit.web.get(url, into=visit.scratch, max_bytes=PAGE_BYTES)
    content = content_of(answer)
    discard(answer.path)
    read = _of_mlsd if answer.media_type == "text/x-ftp-mlsd" else _of_list
    lines = content.split(b"\n")
    if lines.pop():  # each line has an end, also the last (RFC 3659, 7.2): it is no name, but the beginning of one
        raise ObjectFailed("truncated", f"{url}: its list breaks off in the middle of a line; run again")
    if lines and read is _of_list and _SUM.fullmatch(name_of(lines[0]).strip()):
        del lines[0]
    met = set[bytes]()
    for line in lines:
        line = line.rstrip(b"\r")
        if not line.strip():
            continue
        entry = read(line)
        if entry is None:
            said = line[:200].decode("utf-8", "replace")
            raise ObjectFailed(
                "damaged", f"{url}: lists {said!r}, which is not understood; report it, or name the files"
            )
        if entry.name in (b".", b"..") or entry.kind in ("cdir", "pdir"):
            continue
        if entry.name in met:
            raise ObjectFailed(
                "damaged", f"{url}: lists {name_of(entry.name)!r} twice; run again, or tell the custodian"
            )
        met.add(entry.name)
        yield entry


def _of_mlsd(line: bytes) -> _Entry | None:
    said, blank, name = line.partition(b" ")
    if not blank or not name or not said.endswith(b";"):
        return None
    pairs = (fact.partition("=") for fact in said.decode("latin-1").split(";") if fact)
    facts = {key.casefold(): value for key, _, value in pairs}
    kind, size, modified = facts.get("type", "").casefold(), number_of(facts.get("size")), facts.get("modify", "")
    if "link" in kind:  # OS.unix=symlink, OS.unix=slink:/there (RFC 3659, 7.5.1.5)
        kind = "link"
    return _Entry(name, kind, size, f"{size} {modified}" if size is not None and modified else "") if kind else None


def _of_list(line: bytes) -> _Entry | None:
    """Its times are of a minute or a day, in a zone that nobody says: each file is asked for its own (MDTM)."""
    if found := _UNIX.fullmatch(line):
        kind = {b"-": "file", b"d": "dir", b"l": "link"}.get(found["kind"], found["kind"].decode())
        name = found["name"].partition(b" -> ")[0] if kind == "link" else found["name"]
        return _Entry(name, kind, int(found["size"][:18]), "")
    if found := _WINDOWS.fullmatch(line):
        if found["mark"]:  # also <SYMLINKD> and <JUNCTION>
            return _Entry(found["name"], "dir" if found["mark"] == b"DIR" else "link", None, "")
        return _Entry(found["name"], "file", int(found["size"].replace(b",", b"")[:18]), "")
    return None


def _file(entry: _Entry, path: bytes, host: str) -> ListedFile:
    name, url = name_of(path), f"ftp://{host}/{quote(path)}"
    closed = ""
    if entry.kind != "file":
        what = "a link" if entry.kind == "link" else f"no file but {entry.kind!r}"
        closed = (
            f"{name}: is {what}; write the address where it leads, choose others with #PATTERN, or leave it out under "
            "`ignore`"
        )
        return ListedFile(name, url, closed=closed)
    return ListedFile(name, url, entry.version, entry.size)
