"""Local files: a folder beside sources.yaml, or anywhere on this machine or a mounted drive.

Addresses: https://www.rfc-editor.org/rfc/rfc8089 (`file:PATH`, relative to the folder of sources.yaml).
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

from biglam_pipeline.errors import ConfigError, ObjectFailed
from biglam_pipeline.harvest.fetching import discard, file_of
from biglam_pipeline.harvest.harvester import Offered, OfFiles, is_list, local_path, split_pattern
from biglam_pipeline.harvest.named_files import NamedFile, Seen
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.harvest.ways_out import instead
from biglam_pipeline.parsing.archives.names import file_name
from biglam_pipeline.parsing.litter import is_litter
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, Unchanged
from biglam_pipeline.settings import Accounts, nearest
from biglam_pipeline.store import disk
from biglam_pipeline.store.walking import Blocked, Walk, alone, where_it_leads
from biglam_pipeline.web import Answer

log = logging.getLogger(__name__)

_BLOCK = 1 << 20
_KEPT_BYTES = 32_000_000
"""Larger files go to the shelf by way of scratch space."""


class Folder(OfFiles):
    """The files of a folder, by name; unchanged ones, by size and time, are not read again.

    A file counts once, under its own path. A link to something inside is another name of it; one that leads out of the
    folder, or nowhere, is Missing, as is what this user may not read, unless `ignore` names it.
    """

    prefix: ClassVar[str] = "file:"
    addresses: ClassVar[Mapping[str, str]] = {
        "file:FOLDER`, `file:FOLDER#PATTERN": "the files of a folder, relative to the sources file, or those that fit "
        "the pattern",
        "file:PATH": "one local file",
    }
    accounts: ClassVar[Accounts] = Accounts(
        "files read, ignored, litter, linked and missing; members of archives likewise",
        "every name that the file system lists; the central directory of a ZIP, the headers of a TAR, their checksums",
        "a name that cannot be read, or a link that leaves the folder, is missing: the harvest is not whole",
    )

    type: Literal["folder"] = "folder"
    """Local files."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """file:///a/b and file:a/b alike; the pattern must be one."""
        written, mark, pattern = address.partition("#")
        path = local_path(written)
        if mark:
            choose([pattern], "")  # refuses what is not a pattern
        if is_list(address):
            raise ValueError(
                f"file:{address}: chooses in a list of web addresses; leave `type: folder` out, or, where {path} is a "
                f"folder, write file:{path}/#{pattern}"
            )
        return f"{path}{mark}{pattern}"

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """Lists, then reads; complete where everything that is listed was read as it was listed."""
        seen = self._survey(visit.base)
        counts = Counter({"read": 0, "unchanged": 0, "missing": 0})
        yield Listed(len(seen))
        for missing in seen.missing:
            counts["missing"] += 1
            yield missing
        for key, one in zip(seen.keys(), seen, strict=True):
            if self.ignores(key):
                seen.left_out["ignored"] += 1
            elif key in visit.shelved:
                counts["read"] += 1
            else:
                result = self._take(key, one, visit)
                counts[_WORDS[type(result)]] += 1
                yield result
        proof = ", ".join(f"{count} {word}" for word, count in counts.items())
        yield Evidence(
            "replace",
            complete=not counts["missing"],
            proof=f"{len(seen)} files listed, {proof}",
            left_out=dict(+seen.left_out),
        )

    def offers(self, base: Path) -> Offered:
        """A path that leads nowhere is reported with the nearest that would."""
        if nowhere := [fault for address in self.url for fault in _no_such_place(base, address)]:
            return Offered(faults=nowhere)
        seen = self._survey(base)
        files, faults = dict[str, Path](), [one.detail for one in seen.missing]
        for key, one in zip(seen.keys(), seen, strict=True):
            if self.ignores(key):
                continue
            if isinstance(one.file, Blocked):
                faults.append(_why(one.file)[1])
            else:
                files[key] = one.file.path
        return Offered(files, faults)

    def _survey(self, base: Path) -> Seen:
        seen = Seen()
        for address in self.url:
            self._list(base, address, seen)
        return seen

    def _list(self, base: Path, address: str, seen: Seen) -> None:
        """What the address names; nothing at all is Missing too."""
        written, pattern = split_pattern(address)
        path = base / written
        named = alone(path)
        if isinstance(named, Blocked):
            seen.add(f"file:{written}", named, path)
        elif disk.is_folder(path):
            walked = Walk(
                litter=is_litter,
                chosen=lambda name: not pattern or choose([pattern], name) is not None,
                decode=lambda raw: file_name(raw, self.name_encoding),
            ).through(path)
            seen.left_out.update(walked.counts)
            if walked:
                seen.add(f"file:{written.rstrip('/')}/", walked, path)
            else:
                seen.missing.append(_nothing(base, address))
        elif named is not None:
            if pattern:
                raise ConfigError(
                    f"file:{address}: {written} is one file; leave #{pattern} out. A list of web addresses has a name "
                    "that ends in .txt"
                )
            seen.add(f"file:{written}", named, path)
        else:
            seen.missing.append(_nothing(base, address))

    def _take(self, key: str, found: NamedFile, visit: Visit) -> RawObject | Unchanged | Missing:
        url, listed = found.url, found.file
        if isinstance(listed, Blocked):
            return Missing(key, url, *_why(listed))
        stamp = _stamp(listed)
        before = visit.known.get(key)
        if before is not None and before.url != url:
            before = None  # a file of that name in another folder
        if before is not None and before.etag == stamp:
            return Unchanged(key)
        try:
            answer = _read(url, listed, visit)
            taken = file_of(key, answer, listed.name, visit.scratch, self.survey_of)
            after = disk.look(listed.path)
        except ObjectFailed as error:
            return Missing(key, url, error.reason, error.detail)
        except FileNotFoundError:
            return Missing(
                key, url, "changed", f"{listed.path} went away while it was read; run again when it is quiet"
            )
        except PermissionError:
            return Missing(key, url, *_why(Blocked(listed.name, listed.path, "refused")))
        # When its inode changed says nothing here: a backup that links the file while it is read changes no byte.
        if after is None or (after.size, after.modified_ns) != (listed.size, listed.modified_ns):
            discard(taken.path)
            return Missing(key, url, "changed", f"{listed.path} changed while it was read; run again when it is quiet")
        if before is not None and before.sha256 == taken.sha256:
            discard(taken.path)
            return Unchanged(key, stamp)
        return taken


_WORDS = {RawObject: "read", Unchanged: "unchanged", Missing: "missing"}


def _why(blocked: Blocked) -> tuple[str, str]:
    """Reason, and cause with remedy."""
    path, what = blocked.path, "folder" if blocked.folder else "file"
    if blocked.trouble == "refused":
        return "refused", f"the {what} {path} may not be read by this user; change its permissions"
    if blocked.trouble == "device":
        return "device", f"{path} is a device or a pipe, and no file; take it away, or ignore it"
    if blocked.trouble == "circle":
        return "link", f"{path} is a link that leads in a circle; take it away, or ignore it"
    end, _ = where_it_leads(path)
    if blocked.trouble == "dangles":
        return "link", f"{path} is a link to {end}, where nothing is; get the {what} itself, or ignore it"
    return (
        "link",
        f"{path} is a link that leads out of its folder, to {end}; put the {what} there, or name that address",
    )


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


def _no_such_place(base: Path, address: str) -> Iterator[str]:
    written, _ = split_pattern(address)
    path = base / written
    if disk.is_folder(path) or disk.look(path) is not None:
        return
    parent, rest = Path(written.rstrip("/")), []
    while not disk.is_folder(base / parent) and parent != parent.parent:
        rest.append(parent.name)
        parent = parent.parent
    near = nearest(rest[-1], disk.names_in(base / parent)) if rest else ""
    meant = str(parent / near) if near and len(rest) == 1 else ""
    hint = f"did you mean file:{meant}?" if meant else _other_path(base, written)
    yield f"there is no {path}; {hint}"


def _other_path(base: Path, written: str) -> str:
    """What to write instead of a path that a shell or Windows would have understood."""
    if written.startswith("~") or re.match(r"[A-Za-z]:[\\/]", written):
        return instead(written, ())
    if disk.look(base / written.replace("\\", "/")) or disk.is_folder(base / written.replace("\\", "/")):
        return f"write file:{written.replace(chr(92), '/')}"
    if mark := re.search(r"[*?\[]", written):
        folder, pattern = written[: written.rfind("/", 0, mark.start()) + 1].rstrip("/"), written
        return f"a pattern stands behind #: write file:{folder or '.'}#{pattern[len(folder) :].lstrip('/')}"
    return "correct the path, or mount the drive"


def _read(url: str, listed: disk.Found, visit: Visit) -> Answer:
    """The file as a server would have answered: its validator is its stamp, and large ones come by way of scratch."""
    content, copy = None, None
    with disk.open_file(listed.path) as stream:
        if listed.size > _KEPT_BYTES:
            copy = visit.scratch / sha256(url.encode()).hexdigest()[:24]
            digest, size = disk.write_stream(copy, iter(lambda: stream.read(_BLOCK), b""))
        else:
            content = stream.read()
            digest, size = sha256(content).hexdigest(), len(content)
    return Answer(url, url, 200, "", _stamp(listed), "", visit.web.now(), digest, size, content, copy)


def _stamp(found: disk.Found) -> str:
    # A program may give a file the size and time of the one before it (rsync --times, cp -p, an editor of metadata);
    # only the system sets when its inode changed.
    return f"{found.size}-{found.modified_ns}-{found.changed_ns}"
