"""One file of a list: how it is fetched, and held against what its list says of it."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import Look, blocks_of, discard, fetch
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.web import Answer

_LISTED = "listed "
"""How a version that a list gave begins among validators: no server's ETag does (RFC 9110, 8.8.3: it is in quotes)."""
GIT = "git"
"""The digest by which git knows a file: the SHA-1 of its bytes behind a head with their number
(https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
"""
_TRIES = 2
"""Where a checksum differs: a transfer may have gone wrong once. Twice, and it is the file, or the list."""
_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
"""Algorithm -> hexadecimal digits (RFC 1321, FIPS 180-4). CRCs and their like are no proof that nothing was altered."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file, as a list has it."""

    path: str
    """In its repository: the file's key."""
    url: str
    """Where it is had."""
    version: str = ""
    """What is another once the bytes are: a digest, or size and time. Empty where the list says nothing of the kind:
    then its server is asked, by the validators that it gave."""
    size: int | None = None
    digest: str = ""
    """`md5:…`, `sha1:…`, `sha256:…`, `git:…` in hexadecimal, held against what comes; empty where the list has none."""
    closed: str = ""
    """Why it cannot be had, where its list says that it cannot: cause and remedy. It is Missing, and not asked for."""
    packed: bool = False
    """Whether size and digest are of the bytes as they are kept, which may be packed (Content-Encoding): then what came
    unpacked is held to its length on the way alone."""


def bring(
    visit: Visit,
    key: str,
    listed: ListedFile,
    *,
    before: StoredObject | None,
    look: Look,
    named: Callable[[Answer], str] = lambda _: "",
    mirrors: Sequence[str] = (),
    linked: bool = True,
) -> RawObject | Unchanged | Missing:
    """One file, held against what its list says of it; not asked for where that is what it was.

    before: what the shelf has of it. The rest: as of `fetch`.
    """
    version = f"{_LISTED}{listed.version}" if listed.version else ""
    if before is not None and version and before.etag == version and _is_the_same(before, listed, visit):
        return Unchanged(before.key)
    if before is not None and (version or before.etag.startswith(_LISTED)):
        before = replace(before, etag="", last_modified="")  # no server knows it
    outcome = fetch_listed(visit, key, listed, look, before, named=named, mirrors=mirrors, linked=linked)
    if version and not isinstance(outcome, Missing):
        return replace(outcome, etag=version, last_modified="")
    return outcome


def fetch_listed(
    visit: Visit,
    key: str,
    listed: ListedFile,
    look: Look,
    before: StoredObject | None = None,
    *,
    named: Callable[[Answer], str] = lambda _: "",
    mirrors: Sequence[str] = (),
    linked: bool = False,
) -> RawObject | Unchanged | Missing:
    """One file as its list says it is; once more where it came with another checksum. Otherwise as `fetching.fetch`."""
    outcome: RawObject | Unchanged | Missing = Missing(key, listed.url, "damaged", "was not asked for")
    if before is not None and listed.size == 0:
        before = replace(before, media_type="")  # whatever it was, nothing is due
    for _ in range(_TRIES):
        outcome = fetch(
            visit,
            key,
            listed.url,
            before=before,
            look=look,
            check=partial(hold_against, listed),
            named=named,
            mirrors=mirrors,
            linked=linked,
        )
        if not (isinstance(outcome, Missing) and outcome.reason == "checksum"):
            break
    return outcome


def hold_against(listed: ListedFile, answer: Answer) -> None:
    """ObjectFailed where what came is not what was listed, by its length or its digest. A digest is believed first: of
    files that are kept compressed some lists give the other length.
    """
    name, _, due = listed.digest.partition(":")
    if listed.packed and answer.unpacked:
        return
    if due:
        digest = hashlib.new("sha1" if name == GIT else name, usedforsecurity=False)
        if name == GIT:
            digest.update(f"blob {answer.size}\0".encode())
        for block in blocks_of(answer):
            digest.update(block)
        found = digest.hexdigest()
        if found == due.lower():
            return
        said = f"its {name} is {found}, and its list says {due}"
    elif listed.size is None or listed.size == answer.size:
        return
    else:
        said = f"{answer.size} bytes came, and its list says {listed.size}"
    discard(answer.path)
    raise ObjectFailed("checksum", f"{answer.url}: {said}; it is asked for again at the next visit. Tell the custodian")


def checksum(text: str, kind: str = "") -> str:
    """A digest as `ListedFile` has it, of `md5:…`, or of a bare value and its algorithm (`SHA-1`); or nothing."""
    name, _, value = text.rpartition(":")
    name = (kind or name).casefold().replace("-", "")
    whole = re.fullmatch(r"[0-9a-f]+", value.strip().casefold())
    return f"{name}:{whole[0]}" if whole and _DIGITS.get(name) == len(whole[0]) else ""


def _is_the_same(before: StoredObject, listed: ListedFile, visit: Visit) -> bool:
    """A digest is the same wherever it lies; a size and a time are of one place."""
    return bool(listed.digest) or before.url == visit.web.shown(listed.url)
