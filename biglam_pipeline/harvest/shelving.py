"""One visit to a source: opens a harvest or resumes the open one, shelves what comes, closes it last."""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.parsing import archives
from biglam_pipeline.records import Evidence, Held, Kept, Missing, RawObject, Visit
from biglam_pipeline.store.raw import BatchWriter, Harvest, RawShelf, missing_rows
from biglam_pipeline.web import Web

log = logging.getLogger(__name__)

SHELVE_EVERY_SECONDS = 30.0
TELL_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit came to."""

    harvest: Harvest
    unchanged: bool
    """True where nothing new was offered: the harvest is the one from before, and nothing was shelved."""


@dataclass(slots=True)
class _Progress:
    """The state of one visit under way."""

    objects: dict[str, Held]
    missing: list[Missing] = field(default_factory=list)
    evidence: Evidence | None = None
    fetched: int = 0
    size: int = 0
    shelved_at: float = field(default_factory=time.monotonic)
    told_at: float = field(default_factory=time.monotonic)


def shelve_visit(
    harvester: Harvester, web: Web, raw: RawShelf, *, base: Path, request: str, now: Callable[[], datetime]
) -> Visited:
    """Asks the source, and shelves what it answers.

    base: folder that `file:` addresses are relative to; request: digest of the harvest settings. Objects that could
    not be had leave the harvest incomplete, and the rest is shelved all the same.
    """
    before = raw.latest()
    number = before.number + 1 if before else 1
    opened, taken = raw.open(number, request, now())
    same = before is not None and before.request == request
    previous, cursor = _known(raw, before) if before and same else ({}, {})
    progress = _Progress(dict(taken))
    writer = BatchWriter(raw, number, taken.values())
    with raw.shelf.scratch() as scratch:
        visit = Visit(number, previous, cursor, taken, raw.content, scratch, opened)
        try:
            for found in harvester.visit(web, visit, base):
                _take(found, raw, writer, progress, previous)
        finally:
            writer.flush()  # what came before a server fell ill is not asked for again
    if progress.evidence is None:
        raise ShelfDamaged(f"{harvester.type} ended without evidence; this is a fault of the program, report it")
    evidence = progress.evidence
    if before and same and not taken and _nothing_new(before, evidence, progress, previous):
        raw.shelf.delete("open.json")
        raw.checked(before.number, now())
        return Visited(before, True)
    complete = evidence.complete and not progress.missing
    objects = {**_carried(previous, evidence, complete=complete), **progress.objects}
    harvest = Harvest(
        number=number,
        mode=evidence.mode,
        request=request,
        opened_at=opened,
        closed_at=now(),
        complete=complete,
        proof=evidence.proof,
        cursor=evidence.cursor if complete else cursor,
        objects=len(objects),
        fetched=progress.fetched + len(taken),
        size=sum(held.size for held in objects.values()),
        missing=missing_rows(progress.missing),
        digest=_digest(objects),
        batches=tuple(sorted({held.batch for held in objects.values()})),
    )
    raw.close(harvest, objects.values())
    return Visited(harvest, False)


def _carried(previous: dict[str, Held], evidence: Evidence, *, complete: bool) -> dict[str, Held]:
    """Objects of the visit before that this one is laid over; a visit that is not whole leaves none behind."""
    if evidence.mode == "replace":
        return {}
    return {key: held for key, held in previous.items() if not (complete and key in evidence.outdated)}


def _known(raw: RawShelf, before: Harvest) -> tuple[dict[str, Held], dict[str, str]]:
    """What the last visit brought and is still there, and its cursor: where something is gone, all is asked for."""
    try:
        objects = raw.objects(before.number)
    except ShelfDamaged as damage:
        log.warning("%s; everything is asked for again", damage)
        return {}, {}
    standing = raw.standing(objects)
    if len(standing) == len(objects):
        return objects, before.cursor
    log.warning("%d objects are not on the shelf any more; they are asked for again", len(objects) - len(standing))
    return standing, {}


def _take(
    found: RawObject | Kept | Missing | Evidence,
    raw: RawShelf,
    writer: BatchWriter,
    progress: _Progress,
    previous: dict[str, Held],
) -> None:
    if isinstance(found, Evidence):
        progress.evidence = found
    elif isinstance(found, Missing):
        log.warning("%s did not come: %s (%s)", found.url, found.detail, found.reason)
        progress.missing.append(found)
    elif isinstance(found, Kept):
        if found.key not in progress.objects:
            progress.objects[found.key] = previous[found.key]
    else:
        _shelve(found, raw, writer, progress)


def _shelve(found: RawObject, raw: RawShelf, writer: BatchWriter, progress: _Progress) -> None:
    if found.archive and found.path is not None and raw.members(found.sha256) is None:
        members = found.members
        if members is None:
            try:
                surveyed, refused = archives.survey(found.path, found.key)
            except ObjectFailed as damage:
                log.warning("%s: %s", found.url, damage.detail)
                progress.missing.append(Missing(found.key, found.url, damage.reason, damage.detail))
                return
            members = tuple((one.name, one.size, one.sha256) for one in surveyed)
            for name in refused:
                log.warning("%s: a member is left out: %s", found.url, name)
        raw.keep_members(found.sha256, members)
    progress.objects[found.key] = writer.add(found)
    progress.fetched += 1
    progress.size += found.size
    clock = time.monotonic()
    if writer.pending and clock - progress.shelved_at > SHELVE_EVERY_SECONDS:
        writer.flush()
        progress.shelved_at = clock
    if clock - progress.told_at > TELL_EVERY_SECONDS:
        log.info("harvested %d objects, %.1f MB so far", progress.fetched, progress.size / 1e6)
        progress.told_at = clock


def _nothing_new(before: Harvest, evidence: Evidence, progress: _Progress, previous: dict[str, Held]) -> bool:
    if not before.complete or progress.missing or not evidence.complete:
        return False
    return evidence.unchanged or (not progress.fetched and progress.objects.keys() == previous.keys())


def _digest(objects: dict[str, Held]) -> str:
    digest = hashlib.sha256()
    for key in sorted(objects):
        digest.update(f"{key}\x00{objects[key].sha256}\n".encode())
    return digest.hexdigest()
