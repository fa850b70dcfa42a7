"""Local files: a folder beside sources.yaml, or anywhere on this machine or a mounted drive.

Addresses: https://www.rfc-editor.org/rfc/rfc8089 (`file:PATH`, relative to the folder of sources.yaml).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import unquote

from biglam_pipeline.errors import ConfigError, ObjectFailed
from biglam_pipeline.harvest.harvester import Harvester, split_pattern, unique_keys
from biglam_pipeline.parsing.archives import HEAD_BYTES, is_archive, survey
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Evidence, Harvested, Kept, Missing, RawObject, Visit
from biglam_pipeline.store import disk
from biglam_pipeline.web import Web

log = logging.getLogger(__name__)

_BLOCK = 1 << 20
_KEPT_BYTES = 32_000_000
"""Larger files go to the shelf by way of scratch space."""


class Folder(Harvester):
    """The files of a folder, by name; unchanged ones, by size and time, are not read again."""

    prefix: ClassVar[str] = "file:"

    type: Literal["folder"] = "folder"
    """Local files."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """file:///a/b and file:a/b alike; the pattern must be one."""
        path, mark, pattern = address.partition("#")
        if path.startswith("//"):
            host, slash, rest = path[2:].partition("/")
            if host not in ("", "localhost") or not slash:
                raise ValueError(f"file:{address}: names a host; mount it, and write file:/the/folder")
            path = "/" + unquote(rest)
        if mark:
            choose([pattern], "")  # refuses what is not a pattern
        return f"{path}{mark}{pattern}"

    def visit(self, web: Web, visit: Visit, base: Path) -> Iterator[Harvested]:
        """Lists, then reads; complete where every listed file was read as it was listed."""
        missing = 0
        found: list[_Listed] = []
        for address in self.url:
            listed = _list(base, address)
            if not listed:
                missing += 1
                yield _nothing(base, address)
            found.extend(listed)
        keys = unique_keys((one.file.name, one.url.removeprefix("file:").lstrip("/")) for one in found)
        read = kept = 0
        for key, one in zip(keys, found, strict=True):
            if key in visit.shelved:
                read += 1
                continue
            result = _take(key, one, visit, web.now())
            missing += isinstance(result, Missing)
            kept += isinstance(result, Kept)
            read += isinstance(result, RawObject)
            yield result
        proof = f"{len(found)} files listed, {read} read, {kept} unchanged, {missing} missing"
        yield Evidence("replace", complete=not missing, proof=proof)


@dataclass(frozen=True, slots=True)
class _Listed:
    url: str
    """As sources.yaml would write it: no path of this machine unless a person wrote one."""
    file: disk.Found


def _list(base: Path, address: str) -> list[_Listed]:
    written, pattern = split_pattern(address)
    path = base / written
    if disk.is_folder(path):
        chosen = (one for one in disk.walk(path) if not pattern or choose([pattern], one.name) is not None)
        return [_Listed(f"file:{written.rstrip('/')}/{one.name}", one) for one in chosen]
    alone = disk.look(path)
    if alone and pattern:
        raise ConfigError(
            f"file:{address}: {written} is a file; choosing from a list of addresses by #PATTERN is in the language "
            "but not built yet: write the addresses in sources.yaml, or name a folder"
        )
    return [_Listed(f"file:{written}", alone)] if alone else []


def _nothing(base: Path, address: str) -> Missing:
    # An unmounted drive leaves an empty folder behind; that must not count as "all files were removed".
    path, pattern = split_pattern(address)
    if not disk.is_folder(base / path):
        detail = f"there is no {base / path}; correct the path, or mount the drive"
    elif pattern:
        detail = f"no file in {base / path} ends like {pattern}; correct the pattern"
    else:
        detail = f"{base / path} is empty; is its drive mounted?"
    return Missing(path, f"file:{address}", "not_found", detail)


def _take(key: str, found: _Listed, visit: Visit, now: datetime) -> RawObject | Kept | Missing:
    url, listed = found.url, found.file
    stamp = _stamp(listed)
    before = visit.previous.get(key)
    if before is not None and before.etag == stamp:
        return Kept(key)
    try:
        taken = replace(_read(key, listed, visit.scratch, now), url=url, final_url=url)
        after = disk.look(listed.path)
    except ObjectFailed as error:
        return Missing(key, url, error.reason, error.detail)
    except FileNotFoundError:
        return Missing(key, url, "changed", f"{listed.path} went away while it was read; run again when it is quiet")
    except PermissionError:
        return Missing(key, url, "refused", f"{listed.path} may not be read by this user; change its permissions")
    if after is None or _stamp(after) != stamp:
        _discard(taken)
        return Missing(key, url, "changed", f"{listed.path} changed while it was read; run again when it is quiet")
    if before is not None and before.sha256 == taken.sha256:
        _discard(taken)
        return Kept(key)
    return taken


def _read(key: str, listed: disk.Found, scratch: Path, now: datetime) -> RawObject:
    with disk.open_file(listed.path) as stream:
        archive = is_archive(listed.name, stream.read(HEAD_BYTES))
        stream.seek(0)
        content, copy = None, None
        if archive or listed.size > _KEPT_BYTES:
            copy = scratch / sha256(key.encode()).hexdigest()[:24]
            digest, size = disk.write_stream(copy, iter(lambda: stream.read(_BLOCK), b""))
        else:
            content = stream.read()
            digest, size = sha256(content).hexdigest(), len(content)
    members = None
    if copy is not None and archive:
        try:
            listing, left_out = survey(copy, key)
        except ObjectFailed:
            disk.remove(copy)
            raise
        for fault in left_out:
            log.warning("%s: left out: %s", key, fault)
        members = tuple((one.name, one.size, one.sha256) for one in listing)
    return RawObject(
        key=key,
        url="",
        retrieved_at=now,
        sha256=digest,
        size=size,
        content=content,
        path=copy,
        etag=_stamp(listed),
        archive=archive,
        members=members,
    )


def _stamp(found: disk.Found) -> str:
    return f"{found.size}-{found.modified_ns}"


def _discard(taken: RawObject) -> None:
    if taken.path is not None:
        disk.remove(taken.path)
