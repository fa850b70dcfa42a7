"""Files at web addresses: dumps, tables and archives, each asked for only if it has changed.

Conditional requests: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import Harvester, require_web_address, split_pattern, unique_keys
from biglam_pipeline.parsing.archives import HEAD_BYTES, is_archive, survey
from biglam_pipeline.records import Evidence, Harvested, Kept, Missing, RawObject, Visit
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer, Web

log = logging.getLogger(__name__)


class Files(Harvester):
    """One or more files, each at an address of its own."""

    type: Literal["files"] = "files"
    """Files at web addresses."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s) only, and no listing to choose from."""
        front, pattern = split_pattern(require_web_address(address))
        if pattern:
            raise ValueError(
                f"{address}: choosing from a listing by #PATTERN is in the language but not built yet; "
                "write the addresses of the files, with {a,b} or {01..43} for several"
            )
        return front

    def visit(self, web: Web, visit: Visit, base: Path) -> Iterator[Harvested]:
        """One conditional request a file; a file that cannot be had is Missing, and the next one is asked for."""
        counts = {RawObject: 0, Kept: 0, Missing: 0}
        for key, url in zip(_keys(self.url), self.url, strict=True):
            if key in visit.shelved:
                counts[RawObject] += 1
                continue
            result = _fetch(web, visit, key, url)
            counts[type(result)] += 1
            yield result
        proof = (
            f"{len(self.url)} files asked for, {counts[RawObject]} came whole, "
            f"{counts[Kept]} unchanged, {counts[Missing]} missing"
        )
        yield Evidence("replace", complete=not counts[Missing], proof=proof)


def _keys(urls: tuple[str, ...]) -> list[str]:
    # The path alone: a server that moves to another host keeps its keys, and a mirror has the same.
    names = []
    for url in urls:
        parts = urlsplit(url)
        path = unquote(parts.path).strip("/") or "index"
        hosted = f"{parts.netloc}/{path}"
        names.append((path, hosted, f"{hosted}?{parts.query}"))
    return unique_keys(names)


def _fetch(web: Web, visit: Visit, key: str, url: str) -> RawObject | Kept | Missing:
    before = visit.previous.get(key)
    if before is not None and before.url != url:
        before = None
    etag, last_modified = (before.etag, before.last_modified) if before else ("", "")
    try:
        answer = web.get(url, etag=etag, last_modified=last_modified, into=visit.scratch)
        if answer.status == 304 and before is not None:
            return Kept(key)
        return _accept(visit, key, answer, before.sha256 if before else "")
    except ObjectFailed as error:
        log.warning("%s", error)
        return Missing(key, url, error.reason, error.detail)


def _accept(visit: Visit, key: str, answer: Answer, known: str) -> RawObject | Kept:
    if answer.sha256 == known:
        if answer.path is not None:
            disk.remove(answer.path)
        return Kept(key)
    content, path = answer.content, answer.path
    archive = is_archive(key.partition("?")[0], _head(answer))
    members = None
    if archive:
        if content is not None:
            path, content = visit.scratch / f"archive-{answer.sha256[:24]}", None
            disk.write_stream(path, [answer.content or b""])
        assert path is not None
        try:
            listed, left_out = survey(path, key)
        except ObjectFailed:
            disk.remove(path)
            raise
        for fault in left_out:
            log.warning("%s: left out: %s", key, fault)
        members = tuple((one.name, one.size, one.sha256) for one in listed)
    return RawObject(
        key=key,
        url=answer.url,
        retrieved_at=answer.retrieved_at,
        sha256=answer.sha256,
        size=answer.size,
        content=content,
        path=path,
        final_url=answer.final_url,
        status=answer.status,
        media_type=answer.media_type,
        etag=answer.etag,
        last_modified=answer.last_modified,
        archive=archive,
        members=members,
    )


def _head(answer: Answer) -> bytes:
    if answer.content is not None:
        return answer.content[:HEAD_BYTES]
    assert answer.path is not None
    with disk.open_file(answer.path) as stream:
        return stream.read(HEAD_BYTES)
