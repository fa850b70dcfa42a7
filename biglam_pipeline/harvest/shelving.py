"""One visit to a source: opens a harvest or resumes the open one, shelves what comes, closes it last."""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from biglam_pipeline.costs import Costs, merged, noted
from biglam_pipeline.errors import ObjectFailed, ServerBusy, ShelfDamaged, SourceChanged
from biglam_pipeline.harvest.echoing import without_keys
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.harvest.surveying import Looked, Surveyor, without_validators
from biglam_pipeline.harvest.taking import Taken
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.progress import report, size_in_words
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.store import disk
from biglam_pipeline.store.batch_writer import BatchWriter
from biglam_pipeline.store.packed import Packer
from biglam_pipeline.store.raw import Harvest, RawShelf, missing_rows
from biglam_pipeline.store.raw_listing import PACKED, Listing, packed_row
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
    costs: Costs = field(default_factory=dict)
    """What the visit cost the hosts that it asked, all attempts at it together."""


@dataclass(slots=True)
class _Progress:
    """The state of one visit under way."""

    previous: Listing
    """The objects of the visit before."""
    absent: Listing
    """What stood before that, and did not come then."""
    taken: Taken
    missing: list[Missing] = field(default_factory=list)
    renewed: Packer = field(default_factory=lambda: Packer(PACKED))
    """What is the same under other validators than before."""
    evidence: Evidence | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    members_missing: int = 0
    keys_taken_out: int = 0
    """Answers that said a key again, which was taken out."""
    looked_again: bool = False
    """Whether an archive of before was looked into in another way."""
    listed: int | None = None
    seen: int = 0
    fetched: int = 0
    size: int = 0
    shelved_at: float = field(default_factory=time.monotonic)
    reported_at: float = field(default_factory=time.monotonic)

    def note(self, looked: Looked) -> None:
        """What an archive holds beside what can be read."""
        self.missing += looked.missing
        self.members_missing += looked.note.counts.get("missing", 0)
        self.left_out.update(looked.note.counts)

    def miss(self, found: Missing) -> None:
        """Something that did not come."""
        log.warning("%s did not come: %s (%s)", found.url, found.detail, found.reason)
        self.missing.append(found)
        self.left_out["missing"] += 1

    def counts(self, evidence: Evidence) -> dict[str, int]:
        """All that is left out, by what became of it."""
        return dict(sorted((self.left_out + Counter(evidence.left_out)).items()))


def shelve_visit(
    harvester: Harvester, web: Web, raw: RawShelf, *, base: Path, request: str, now: Callable[[], datetime]
) -> Visited:
    """Asks the source, and shelves what it answers.

    base: folder that `file:` addresses are relative to; request: digest of the harvest settings. Where those changed,
    a new harvest is closed; but what came from an address, and its validators, hold on as long as it is asked in the
    same manner. Objects that could not be had leave the harvest incomplete, and the rest is shelved all the same.
    """
    before = raw.latest()
    number = before.number + 1 if before else 1
    asks = f"{harvester.manner} {' '.join(harvester.url)}"
    opened, taken = raw.open(number, request, now(), disk.digest_bytes(asks.encode()))
    same = before is not None and before.request == request
    alike = same or (before is not None and raw.manner_of(before) == harvester.manner)
    previous, absent, cursor = _known(raw, before) if before and alike else (Listing.of([]), Listing.of([]), {})
    progress = _Progress(previous, absent, Taken(previous))
    web.carry(len(taken), int(taken.numbers("size").sum()))
    with raw.shelf.scratch() as scratch:
        under_way = raw.shelf.under_way
        visit = Visit(
            number, previous, cursor, taken, raw.content, scratch, opened, web, base, under_way, progress.absent
        )
        evidence = _walk(harvester, raw, visit, taken, previous, progress)
    costs = merged(raw.costs_so_far, web.costs())
    if before and same and not taken and _nothing_new(before, evidence, progress):
        raw.shelf.delete("open.json")
        raw.checked(before.number, now(), harvester.manner, costs)
        if len(progress.renewed):
            raw.stamps.keep(before.number, Listing(progress.renewed.packed()), previous)
        return Visited(before, True, costs)
    harvest = _close(
        raw, visit, evidence, progress, closed_at=now(), request=request, manner=harvester.manner, costs=costs
    )
    return Visited(harvest, False, costs)


def _close(
    raw: RawShelf,
    visit: Visit,
    evidence: Evidence,
    progress: _Progress,
    *,
    closed_at: datetime,
    request: str,
    manner: str,
    costs: Costs,
) -> Harvest:
    """Writes down what came of the visit, the closing last."""
    complete = evidence.complete and not progress.missing
    objects = progress.taken.listing(carried(progress.previous, evidence, complete=complete))
    left_out = progress.counts(evidence)
    harvest = Harvest(
        number=visit.number,
        mode=evidence.mode,
        request=request,
        opened_at=visit.opened_at,
        closed_at=closed_at,
        complete=complete,
        proof=_proof(evidence, left_out, progress),
        cursor=evidence.cursor if complete else visit.cursor,
        objects=len(objects),
        fetched=progress.fetched + len(visit.shelved),
        size=int(objects.numbers("size").sum()),
        missing=missing_rows(progress.missing),
        digest=_digest(objects),
        batches=tuple(sorted(objects.said("batch"))),
        left_out=left_out,
        costs=noted(costs),
        manner=manner,
    )
    if not complete:
        raw.absent.keep(visit.number, _not_there(progress.absent.under(progress.previous), objects))
    raw.close(harvest, objects)
    raw.absent.forget(visit.number)
    return harvest


def carried(previous: Listing, evidence: Evidence, *, complete: bool) -> Listing:
    """Objects of the visit before that this one is laid over; a visit that is not whole leaves none behind."""
    if evidence.mode == "replace":
        return Listing.of([])
    return previous.select(~previous.where("key", evidence.outdated)) if complete else previous


def _not_there(stood: Listing, objects: Listing) -> Listing:
    """Of what stood, all that is not among the objects of today: missing, behind what is, or not listed any more."""
    return stood.select(np.fromiter((objects.find(key) < 0 for key in stood), np.bool_, len(stood)))


def _walk(
    harvester: Harvester, raw: RawShelf, visit: Visit, shelved: Listing, previous: Listing, progress: _Progress
) -> Evidence:
    """Takes in all that the visit brings."""
    writer = BatchWriter(raw, visit.number, shelved)
    surveyor = Surveyor(raw, harvester.ignored, harvester.name_encoding)
    for held in shelved.values():
        progress.taken.add(_look_again(held, surveyor, progress))
    try:
        for found in harvester.visit(visit):
            if isinstance(found, Missing):
                found = replace(found, detail=visit.web.shown(found.detail))  # it may quote the server
            _take(found, writer, surveyor, progress, previous, visit.web)
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


def _take(
    found: Harvested, writer: BatchWriter, surveyor: Surveyor, progress: _Progress, previous: Listing, web: Web
) -> None:
    if isinstance(found, Listed):
        progress.listed = found.objects
        return
    progress.seen += 1
    if isinstance(found, Evidence):
        progress.evidence = found
    elif isinstance(found, Missing):
        progress.miss(found)
    elif isinstance(found, Unchanged):
        _keep(found, surveyor, progress, previous)
    else:
        _shelve(found, writer, surveyor, progress, previous, web)


def _keep(found: Unchanged, surveyor: Surveyor, progress: _Progress, previous: Listing) -> None:
    place = previous.find(found.key)
    if place >= 0 and progress.taken.has(place):
        return
    # A protocol can say that only of what it was handed.
    before = previous.at(place) if place >= 0 else progress.absent[found.key]
    looked = _look_again(before, surveyor, progress)
    held = _renewed(looked, found)
    if held != looked:
        progress.renewed.add(packed_row(held))
    if place >= 0 and held == before:
        progress.taken.keep(place)
    else:
        progress.taken.add(held)


def _renewed(held: StoredObject, kept: Unchanged) -> StoredObject:
    """With the validators of today: a file that was touched, or served under a new ETag, is read again only once.

    An archive of which something is damaged has none, so that it came whole: what is damaged alike a second time was
    not altered on its way, and is asked for again when its server has another.
    """
    if not (kept.etag or kept.last_modified):
        return held
    return replace(held, etag=kept.etag, last_modified=kept.last_modified)


def _look_again(held: StoredObject, surveyor: Surveyor, progress: _Progress) -> StoredObject:
    if not held.archive:
        return held
    try:
        looked = surveyor.kept(held)
    except ObjectFailed as damage:
        progress.miss(Missing(held.key, held.url, damage.reason, damage.detail))
        return held
    progress.note(looked)
    progress.looked_again |= looked.new
    return replace(held, survey=looked.note.written())


def _shelve(
    found: RawObject, writer: BatchWriter, surveyor: Surveyor, progress: _Progress, previous: Listing, web: Web
) -> None:
    note, came = "", found
    try:
        found = without_keys(found, web)
    except ObjectFailed as failed:
        progress.miss(Missing(found.key, found.url, failed.reason, failed.detail))
        return
    if found is not came:
        progress.keys_taken_out += 1
        before = previous.get(found.key)
        if before is not None and before.sha256 == found.sha256:
            _keep(Unchanged(found.key, found.etag, found.last_modified), surveyor, progress, previous)
            return
    if found.archive and found.path is not None:
        try:
            looked = surveyor.arrived(found)
        except ObjectFailed as damage:
            progress.miss(Missing(found.key, found.url, damage.reason, damage.detail))
            return
        progress.note(looked)
        note = looked.note.written()
        found = without_validators(found) if looked.come_again else found
    progress.taken.add(writer.add(found, note))
    progress.fetched += 1
    progress.size += found.size
    clock = time.monotonic()
    if writer.pending and clock - progress.shelved_at > SHELVE_EVERY_SECONDS:
        writer.flush()
        progress.shelved_at = clock
    if clock - progress.reported_at > TELL_EVERY_SECONDS:
        taken = f"{progress.fetched:,} new, {size_in_words(progress.size)}"
        report(log, "harvest", progress.seen, progress.listed, unit="objects", more=taken)
        progress.reported_at = clock


def _proof(evidence: Evidence, left_out: dict[str, int], progress: _Progress) -> str:
    """The protocol's own, and what became of files and members that are not among what can be read."""
    words = ", ".join(f"{count} {word}" for word, count in left_out.items() if word not in ("missing", "names_guessed"))
    reported = f"; left out: {words}" if words else ""
    if guessed := left_out.get("names_guessed"):  # what is called so was read
        reported += f"; {guessed} names guessed"
    if progress.keys_taken_out:
        reported += f"; {progress.keys_taken_out} answers said the key that they were asked with, and are kept without"
    members = progress.members_missing
    return f"{evidence.proof}{reported}" + (f"; {members} members of archives missing" if members else "")


def _nothing_new(before: Harvest, evidence: Evidence, progress: _Progress) -> bool:
    if not before.complete or progress.missing or progress.looked_again or not evidence.complete:
        return False
    return evidence.unchanged or (not progress.fetched and progress.taken.has_all)


def _digest(objects: Listing) -> str:
    digest = hashlib.sha256()
    for key, sha256 in objects.by_key("sha256"):
        digest.update(f"{key}\x00{sha256}\n".encode())
    return digest.hexdigest()
