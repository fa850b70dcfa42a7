"""One visit to a source: opens a harvest or resumes the open one, shelves what comes, closes it last."""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
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
from biglam_pipeline.store.surveys import note_of
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

    taken: Taken
    missing: list[Missing] = field(default_factory=list)
    renewed: Packer = field(default_factory=lambda: Packer(PACKED))
    """What is the same under other validators than before."""
    evidence: Evidence | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    members_missing: int = 0
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
    previous, cursor = _known(raw, before) if before and alike else (Listing.of([]), {})
    progress = _Progress(Taken(previous))
    web.carry(len(taken), int(taken.numbers("size").sum()))
    with raw.shelf.scratch() as scratch:
        visit = Visit(number, previous, cursor, taken, raw.content, scratch, opened, web, base, raw.shelf.under_way)
        evidence = _walk(harvester, raw, visit, taken, previous, progress)
    if before and same and not taken and _nothing_new(before, evidence, progress):
        raw.shelf.delete("open.json")
        raw.checked(before.number, now(), harvester.manner)
        if len(progress.renewed):
            raw.stamps.keep(before.number, Listing(progress.renewed.packed()), previous)
        return Visited(before, True)
    complete = evidence.complete and not progress.missing
    objects = progress.taken.listing(carried(previous, evidence, complete=complete))
    left_out = progress.counts(evidence)
    harvest = Harvest(
        number=number,
        mode=evidence.mode,
        request=request,
        opened_at=opened,
        closed_at=now(),
        complete=complete,
        proof=_proof(evidence, left_out, progress.members_missing),
        cursor=evidence.cursor if complete else cursor,
        objects=len(objects),
        fetched=progress.fetched + len(taken),
        size=int(objects.numbers("size").sum()),
        missing=missing_rows(progress.missing),
        digest=_digest(objects),
        batches=tuple(sorted(objects.said("batch"))),
        left_out=left_out,
        manner=harvester.manner,
    )
    raw.close(harvest, objects)
    return Visited(harvest, False)


def carried(previous: Listing, evidence: Evidence, *, complete: bool) -> Listing:
    """Objects of the visit before that this one is laid over; a visit that is not whole leaves none behind."""
    if evidence.mode == "replace":
        return Listing.of([])
    return previous.select(~previous.where("key", evidence.outdated)) if complete else previous


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
            _take(found, writer, surveyor, progress, previous)
    finally:
        writer.flush()  # what came before a server fell ill is not asked for again
    if progress.evidence is None:
        raise ShelfDamaged(f"{harvester.type} ended without evidence; this is a fault of the program, report it")
    if progress.evidence.complete and not progress.missing:
        disk.clear_folder(raw.shelf.under_way)  # all is here
    return progress.evidence


def _known(raw: RawShelf, before: Harvest) -> tuple[Listing, dict[str, str]]:
    """What the last visit brought and is still there, and its cursor: where something is gone, all is asked for."""
    try:
        objects = raw.stamps.laid_over(before.number, raw.objects(before.number))
    except ShelfDamaged as damage:
        log.warning("%s; everything is asked for again", damage)
        return Listing.of([]), {}
    standing = raw.standing(objects)
    if len(standing) == len(objects):
        return objects, before.cursor
    log.warning("%d objects are not on the shelf any more; they are asked for again", len(objects) - len(standing))
    return standing, {}


def _take(found: Harvested, writer: BatchWriter, surveyor: Surveyor, progress: _Progress, previous: Listing) -> None:
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
        _shelve(found, writer, surveyor, progress)


def _keep(found: Unchanged, surveyor: Surveyor, progress: _Progress, previous: Listing) -> None:
    place = previous.find(found.key)
    assert place >= 0  # a protocol can say that only of what it was handed
    if progress.taken.has(place):
        return
    before = previous.at(place)
    looked = _look_again(before, surveyor, progress)
    held = _renewed(looked, found)
    if held != looked:
        progress.renewed.add(packed_row(held))
    if held == before:
        progress.taken.keep(place)
    else:
        progress.taken.add(held)


def _renewed(held: StoredObject, kept: Unchanged) -> StoredObject:
    """With the validators of today: a file that was touched, or served under a new ETag, is read again only once."""
    # An archive of which something is damaged: see `without_validators`. Not where the entry ignores that by now.
    wanted_again = not (held.etag or held.last_modified) and note_of(held).counts.get("missing")
    if wanted_again or not (kept.etag or kept.last_modified):
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


def _shelve(found: RawObject, writer: BatchWriter, surveyor: Surveyor, progress: _Progress) -> None:
    note = ""
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


def _proof(evidence: Evidence, left_out: dict[str, int], members: int) -> str:
    """The protocol's own, and what became of files and members that are not among what can be read."""
    words = ", ".join(f"{count} {word}" for word, count in left_out.items() if word not in ("missing", "names_guessed"))
    reported = f"; left out: {words}" if words else ""
    if guessed := left_out.get("names_guessed"):  # what is called so was read
        reported += f"; {guessed} names guessed"
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
