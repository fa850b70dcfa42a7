"""Files at web addresses: dumps, tables and archives, each asked for only if it has changed.

Conditional requests: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import ClassVar, Literal
from urllib.parse import unquote, urlsplit

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import (
    OfFiles,
    OnTheWeb,
    object_of,
    require_web_address,
    split_pattern,
    unique_keys,
)
from biglam_pipeline.language import LISTINGS, not_built
from biglam_pipeline.parsing.archives import HEAD_BYTES, is_archive
from biglam_pipeline.records import Evidence, Harvested, Held, Kept, Listed, Missing, RawObject, Visit
from biglam_pipeline.settings import Accounts
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer, Web

log = logging.getLogger(__name__)


class Files(OnTheWeb, OfFiles):
    """One or more files, each at an address of its own."""

    addresses: ClassVar[Mapping[str, str]] = {
        "https://…`, `http://…": "one file: a table, a document, an archive. A ZIP or TAR is read as a folder"
    }
    accounts: ClassVar[Accounts] = Accounts(
        "addresses that came whole, are unchanged, ignored or missing; members of archives likewise",
        "the addresses of the entry; Content-Length; central directory of a ZIP, headers of a TAR, their checksums",
        "a file that does not come whole, or a member that cannot be read, is missing: the harvest is not whole",
    )
    type: Literal["files"] = "files"
    """Files at web addresses."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s) only, and no listing to choose from."""
        front, pattern = split_pattern(require_web_address(address))
        if pattern:
            instead = "write the addresses of the files, with {a,b} or {01..43} for several"
            raise ValueError(f"{address}: {not_built(LISTINGS, instead)}")
        return front

    def visit(self, web: Web, visit: Visit, base: Path) -> Iterator[Harvested]:
        """One conditional request a file; a file that cannot be had is Missing, and the next one is asked for."""
        counts = {RawObject: 0, Kept: 0, Missing: 0}
        previous, shelved = _by_address(visit.previous), _by_address(visit.shelved)
        ignored = 0
        keys = _keys(self.url)
        yield Listed(len(keys))
        for key, url in zip(keys, self.url, strict=True):
            before = previous.get(url)
            if self.ignores(key):
                ignored += 1
                continue
            if key in visit.shelved or _is_named(shelved.get(url), key):
                counts[RawObject] += 1
                continue
            before = visit.previous.get(key) or (before if _is_named(before, key) else None)
            result = self._fetch(web, visit, key, url, before if before and before.url == url else None)
            counts[type(result)] += 1
            yield result
        proof = (
            f"{len(self.url)} files asked for, {counts[RawObject]} came whole, "
            f"{counts[Kept]} unchanged, {counts[Missing]} missing"
        )
        left_out = {"ignored": ignored} if ignored else {}
        yield Evidence("replace", complete=not counts[Missing], proof=proof, left_out=left_out)

    def _fetch(self, web: Web, visit: Visit, key: str, url: str, before: Held | None) -> RawObject | Kept | Missing:
        etag, last_modified = (before.etag, before.last_modified) if before else ("", "")
        try:
            answer = web.get(url, etag=etag, last_modified=last_modified, into=visit.scratch)
            if answer.status == 304 and before is not None:
                return Kept(before.key, answer.etag, answer.last_modified)
            return self._accept(visit, _named(key, answer, before), answer, before)
        except ObjectFailed as error:
            log.warning("%s", error)
            return Missing(key, url, error.reason, error.detail)

    def _accept(self, visit: Visit, key: str, answer: Answer, before: Held | None) -> RawObject | Kept:
        if before is not None and before.sha256 == answer.sha256 and before.key == key:
            if answer.path is not None:
                disk.remove(answer.path)
            return Kept(key, answer.etag, answer.last_modified)
        found = object_of(key, answer)
        if not is_archive(key if answer.name else key.partition("?")[0], _head(answer)):
            return found
        path = answer.path
        if path is None:
            path = visit.scratch / f"archive-{answer.sha256[:24]}"
            disk.write_stream(path, [answer.content or b""])
        return replace(found, content=None, path=path, archive=True, survey=self.survey_of(path, key))


def _keys(urls: tuple[str, ...]) -> list[str]:
    # The path alone: a server that moves to another host keeps its keys, and a mirror has the same.
    names = []
    for url in urls:
        parts = urlsplit(url)
        path = unquote(parts.path).strip("/") or "index"
        hosted = f"{parts.netloc}/{path}"
        names.append((path, hosted, f"{hosted}?{parts.query}"))
    return unique_keys(names)


def _by_address(objects: Mapping[str, Held]) -> dict[str, Held]:
    return {held.url: held for held in objects.values()}


def _is_named(held: Held | None, key: str) -> bool:
    """Is this the object of this key, under the name that its server gave it?"""
    return held is not None and held.key.rpartition("/")[0] == key


def _named(key: str, answer: Answer, before: Held | None) -> str:
    """The key with the file's own name behind it, where the address does not end in one: readers go by names.

    A name that only counts on, as `export-2026-11-25.csv` does, stays what it was: ids may be made of it.
    """
    if not answer.name:
        return key
    if before is not None and PurePosixPath(before.key).suffix == PurePosixPath(answer.name).suffix:
        return before.key
    return f"{key}/{answer.name}"


def _head(answer: Answer) -> bytes:
    if answer.content is not None:
        return answer.content[:HEAD_BYTES]
    assert answer.path is not None
    with disk.open_file(answer.path) as stream:
        return stream.read(HEAD_BYTES)
