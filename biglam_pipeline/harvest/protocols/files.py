"""Files at web addresses: dumps, tables and archives, each asked for only if it has changed.

Conditional requests: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import ClassVar, Literal
from urllib.parse import unquote, urlsplit

from biglam_pipeline.harvest.fetching import fetch
from biglam_pipeline.harvest.harvester import (
    OfFiles,
    OnTheWeb,
    require_web_address,
    split_pattern,
    unique_keys,
)
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.language import LISTINGS, not_built
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.settings import Accounts
from biglam_pipeline.web import Answer


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

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """One conditional request a file; a file that cannot be had is Missing, and the next one is asked for."""
        counts = {RawObject: 0, Unchanged: 0, Missing: 0}
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
            before = before if before and before.url == url else None
            named = partial(_named, key, before)
            result = fetch(visit, key, url, before=before, named=named, look=self.survey_of)
            counts[type(result)] += 1
            yield result
        proof = (
            f"{len(self.url)} files asked for, {counts[RawObject]} came whole, "
            f"{counts[Unchanged]} unchanged, {counts[Missing]} missing"
        )
        left_out = {"ignored": ignored} if ignored else {}
        yield Evidence("replace", complete=not counts[Missing], proof=proof, left_out=left_out)


def _keys(urls: tuple[str, ...]) -> list[str]:
    # The path alone: a server that moves to another host keeps its keys, and a mirror has the same.
    names = []
    for url in urls:
        parts = urlsplit(url)
        path = unquote(parts.path).strip("/") or "index"
        hosted = f"{parts.netloc}/{path}"
        names.append((path, hosted, f"{hosted}?{parts.query}"))
    return unique_keys(names)


def _by_address(objects: Mapping[str, StoredObject]) -> dict[str, StoredObject]:
    return {held.url: held for held in objects.values()}


def _is_named(held: StoredObject | None, key: str) -> bool:
    """Is this the object of this key, under the name that its server gave it?"""
    return held is not None and held.key.rpartition("/")[0] == key


def _named(key: str, before: StoredObject | None, answer: Answer) -> str:
    """The key with the file's own name behind it, where the address does not end in one: readers go by names.

    A name that only counts on, as `export-2026-11-25.csv` does, stays what it was: ids may be made of it.
    """
    if not answer.name:
        return key
    if before is not None and PurePosixPath(before.key).suffix == PurePosixPath(answer.name).suffix:
        return before.key
    return f"{key}/{answer.name}"
