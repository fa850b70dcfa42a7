"""One visit to a source: opens a harvest or resumes the open one, shelves what comes, closes it last."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from biglam_pipeline.costs import Costs, merged, noted
from biglam_pipeline.errors import ServerBusy, ShelfDamaged, SourceChanged
from biglam_pipeline.harvest.closing import carried, not_there, numbers_of, said_of
from biglam_pipeline.harvest.following import Following
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.harvest.linking import Pointing
from biglam_pipeline.harvest.surveying import Surveyor
from biglam_pipeline.harvest.taking import Taken
from biglam_pipeline.harvest.under_way import Progress, look_again, take
from biglam_pipeline.harvest.visit import Others, Visit
from biglam_pipeline.links import SHELF
from biglam_pipeline.records import Evidence, Missing
from biglam_pipeline.store import disk
from biglam_pipeline.store.batch_writer import BatchWriter
from biglam_pipeline.store.raw import Harvest, RawShelf, missing_rows
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.web import Web

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit came to."""

    harvest: Harvest
    unchanged: bool
    """True where nothing new was offered: the harvest is the one from before, and nothing was shelved."""
    costs: Costs = field(default_factory=dict)
    """What the visit cost the hosts that it asked, all attempts at it together."""


def shelve_visit(
    harvester: Harvester,
    web: Web,
    raw: RawShelf,
    *,
    base: Path,
    request: str,
    now: Callable[[], datetime],
    pointing: Pointing | None = None,
    origin: Others = None,
) -> Visited:
    """Asks the source, and shelves what it answers, and then what its rows point to, where `pointing` finds links.

    base: folder that `file:` addresses are relative to; request: digest of the harvest settings. Where those changed,
    a new harvest is closed; but what came from an address, and its validators, hold on as long as it is asked in the
    same manner. Objects that could not be had leave the harvest incomplete, and the rest is shelved all the same.
    """
    before = raw.latest()
    number = before.number + 1 if before else 1
    opened, taken = raw.open(number, request, now(), _digest_of_asking(harvester))
    same = before is not None and before.request == request
    alike = same or (before is not None and raw.manner_of(before) == harvester.manner)
    previous, absent, cursor = _known(raw, before) if before and alike else (Listing.of([]), Listing.of([]), {})
    progress = Progress(previous, absent, Taken(previous))
    web.carry(len(taken), int(taken.numbers("size").sum()))
    with raw.shelf.scratch() as scratch:
        known, shelved, away = (one.select(~one.starting("key", SHELF)) for one in (previous, taken, absent))
        on_shelf, doors = (known, cursor, shelved, raw.content), (web, base, raw.shelf.under_way)
        visit = Visit(number, *on_shelf, scratch, opened, *doors, away, asked_at=_asked_at(raw, before), origin=origin)
        following = Following(raw, pointing, same and before is not None and before.complete and not taken)
        evidence = _walk(harvester, raw, visit, taken, progress, following)
    costs = merged(raw.costs_so_far, web.costs())
    if before and same and not taken and _nothing_new(before, evidence, progress):
        raw.shelf.delete("open.json")
        raw.checked(before.number, now(), harvester.manner, costs)
        if len(progress.renewed):
            raw.stamps.keep(before.number, Listing(progress.renewed.packed()), previous)
        return Visited(before, True, costs)
    asked = {"request": request, "manner": harvester.manner, "costs": noted(costs), "closed_at": now()}
    harvest = _close(raw, visit, evidence, progress, len(taken), asked)
    return Visited(harvest, False, costs)


def _close(
    raw: RawShelf, visit: Visit, evidence: Evidence, progress: Progress, came_before: int, asked: dict[str, Any]
) -> Harvest:
    """Writes down what came of the visit, the closing last.

    came_before: objects of earlier attempts at it; asked: how, when, and what it cost.
    """
    complete = evidence.complete and not progress.missing
    objects = progress.taken.listing(carried(progress.previous, evidence, complete=complete))
    counts = progress.counts(evidence)
    harvest = Harvest(
        number=visit.number,
        opened_at=visit.opened_at,
        complete=complete,
        cursor=evidence.cursor if complete else visit.cursor,
        fetched=progress.fetched + came_before,
        missing=missing_rows(progress.missing),
        **said_of(evidence, counts, progress.members_missing, progress.keys_taken_out),
        **numbers_of(objects),
        **asked,
    )
    if not complete:
        raw.absent.keep(visit.number, not_there(progress.absent.under(progress.previous), objects))
    raw.close(harvest, objects)
    raw.absent.forget(visit.number)
    return harvest


def _digest_of_asking(harvester: Harvester) -> str:
    return disk.digest_bytes(f"{harvester.manner} {' '.join(harvester.url)}".encode())


def _walk(
    harvester: Harvester, raw: RawShelf, visit: Visit, shelved: Listing, progress: Progress, following: Following
) -> Evidence:
    """Takes in all that the visit brings, and then what that points to."""
    writer = BatchWriter(raw, visit.number, shelved)
    surveyor = Surveyor(raw, harvester.ignored, harvester.name_encoding)
    for held in shelved.values():
        progress.taken.add(look_again(held, surveyor, progress))
    try:
        for found in harvester.visit(visit):
            if isinstance(found, Missing):
                found = replace(found, detail=visit.web.shown(found.detail))  # it may quote the server
            take(found, writer, surveyor, progress, visit.web)
        if following.pointing is not None and progress.evidence is not None:
            writer.flush()
            for found in following.found(visit, shelved, progress, harvester.ignored, writer):
                take(found, writer, surveyor, progress, visit.web)
    except (ServerBusy, SourceChanged):
        raw.broke_off(merged(raw.costs_so_far, visit.web.costs()))
        raise
    finally:
        writer.flush()  # what came before a server fell ill is not asked for again
    if progress.evidence is None:
        raise ShelfDamaged(f"{harvester.type} ended without evidence; this is a fault of the program, report it")
    if progress.evidence.complete and not progress.missing:
        disk.clear_folder(raw.shelf.under_way)  # all is here
    return progress.evidence


def _asked_at(raw: RawShelf, before: Harvest | None) -> datetime | None:
    """When the source was asked last: that closed a harvest, or found the same."""
    checked = raw.checked_at()
    if before is None or checked is None:
        return before.opened_at if before else None
    return max(before.opened_at, checked)


def _known(raw: RawShelf, before: Harvest) -> tuple[Listing, Listing, dict[str, str]]:
    """What the last visit brought and is still there; what stood before and did not come then; and its cursor: where
    something is gone, all is asked for.
    """
    absent = raw.absent.of(before.number)
    absent = raw.standing(absent) if len(absent) else absent
    try:
        objects = raw.stamps.laid_over(before.number, raw.objects(before.number))
    except ShelfDamaged as damage:
        log.warning("%s; everything is asked for again", damage)
        return Listing.of([]), absent, {}
    standing = raw.standing(objects)
    if len(standing) == len(objects):
        return objects, absent, before.cursor
    log.warning("%d objects are not on the shelf any more; they are asked for again", len(objects) - len(standing))
    return standing, absent, {}


def _nothing_new(before: Harvest, evidence: Evidence, progress: Progress) -> bool:
    if not before.complete or progress.missing or progress.looked_again or not evidence.complete:
        return False
    return not progress.fetched and (evidence.unchanged or progress.taken.has_all)
