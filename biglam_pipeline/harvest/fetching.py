"""Makes a RawObject of an answer, in one place for every protocol; and asks for one object as politely as can be.

Conditional requests: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from biglam_pipeline.errors import HostGone, ObjectFailed
from biglam_pipeline.harvest.mirrors import from_first, validators_at
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.archives import HEAD_BYTES, is_archive
from biglam_pipeline.records import Missing, RawObject, StoredObject, Survey, Unchanged
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer, Expect

log = logging.getLogger(__name__)

_BLOCK = 1 << 20
Look = Callable[[Path, str], Survey]
"""What an archive in scratch space holds, by its path and key; ObjectFailed where it is not whole."""


def object_of(key: str, answer: Answer) -> RawObject:
    """The answer as it goes to the shelf, unaltered."""
    return RawObject(
        key=key,
        url=answer.url,
        retrieved_at=answer.retrieved_at,
        sha256=answer.sha256,
        size=answer.size,
        content=answer.content,
        path=answer.path,
        final_url=answer.final_url,
        status=answer.status,
        media_type=answer.media_type,
        etag=answer.etag,
        last_modified=answer.last_modified,
    )


def file_of(key: str, answer: Answer, name: str, scratch: Path, look: Look) -> RawObject:
    """The same; an archive, known by its name or its first bytes, is a file, and its members are listed at once."""
    found = object_of(key, answer)
    if not is_archive(name, head_of(answer)):
        return found
    path = answer.path
    if path is None:
        path = scratch / f"archive-{answer.sha256[:24]}"
        disk.write_stream(path, [answer.content or b""])
    return replace(found, content=None, path=path, archive=True, survey=look(path, key))


def fetch(
    visit: Visit,
    key: str,
    url: str,
    *,
    before: StoredObject | None = None,
    expect: Expect = "any",
    max_bytes: int | None = None,
    named: Callable[[Answer], str] = lambda _: "",
    look: Look | None = None,
    check: Callable[[Answer], None] = lambda _: None,
    mirrors: Sequence[str] = (),
    linked: bool = False,
    accept: str = "",
) -> RawObject | Unchanged | Missing:
    """One object: only if it has changed, and Missing where it cannot be had, so that the next is asked for.

    before: what the shelf has of it; named: its key, where only the answer says that; look: opens archives; check:
    ObjectFailed where it is not what was due; mirrors: where else it is had; linked: a server named the address: it may
    lead to no private place, and a secret in it is not kept; accept: as of `Web.get`. Raises ServerBusy, SourceChanged.
    """

    def ask(place: str, mirror: str) -> Answer:
        etag, last_modified = validators_at(before, mirror)
        answer = visit.web.get(
            place,
            etag=etag,
            last_modified=last_modified,
            expect=expect,
            into=visit.scratch,
            max_bytes=max_bytes,
            linked=linked and not mirror,
            parts=visit.parts,
            accept=accept,
            was=before.media_type if before and before.size else "",
        )
        if answer.status != 304:
            check(answer)
        return replace(answer, url=url)

    try:
        answer = from_first(url, mirrors, ask, visit.web.shown, visit.gone, before)
        return _taken(visit, named(answer) or key, answer, before, look)
    except ObjectFailed as error:
        log.warning("%s", error)
        return Missing(key, visit.web.shown(url), error.reason, error.detail)
    except HostGone as error:
        if linked:  # one dead link of many
            return Missing(key, visit.web.shown(url), "not_found", str(error))
        raise


def _taken(
    visit: Visit, key: str, answer: Answer, before: StoredObject | None, look: Look | None
) -> RawObject | Unchanged:
    if answer.status == 304 and before is not None:
        return Unchanged(before.key, answer.etag, answer.last_modified)
    answer = replace(answer, url=visit.web.shown(answer.url))
    if before is not None and before.sha256 == answer.sha256 and before.key == key:
        discard(answer.path)
        return Unchanged(key, answer.etag, answer.last_modified)
    if look is None:
        return object_of(key, answer)
    return file_of(key, answer, key if answer.name else key.partition("?")[0], visit.scratch, look)


def head_of(answer: Answer) -> bytes:
    """Its first bytes."""
    if answer.content is not None:
        return answer.content[:HEAD_BYTES]
    assert answer.path is not None
    with disk.open_file(answer.path) as stream:
        return stream.read(HEAD_BYTES)


def blocks_of(answer: Answer) -> Iterator[bytes]:
    """All of its bytes, a megabyte at a time where they are many."""
    if answer.content is not None:
        yield answer.content
        return
    assert answer.path is not None
    with disk.open_file(answer.path) as stream:
        yield from iter(lambda: stream.read(_BLOCK), b"")


def content_of(answer: Answer | RawObject) -> bytes:
    """All of its bytes: for pages, which are held in memory."""
    if answer.content is not None:
        return answer.content
    assert answer.path is not None
    return disk.read_file(answer.path)


def discard(path: Path | None) -> None:
    """Takes a file out of scratch space that is not wanted after all."""
    if path is not None:
        disk.remove(path)
