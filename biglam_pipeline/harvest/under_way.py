"""The state of one visit under way, and what becomes of each thing that it brings."""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.echoing import without_keys
from biglam_pipeline.harvest.surveying import Looked, Surveyor, without_validators
from biglam_pipeline.harvest.taking import Taken
from biglam_pipeline.links import is_link
from biglam_pipeline.progress import report, size_in_words
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.store.batch_writer import BatchWriter
from biglam_pipeline.store.packed import Packer
from biglam_pipeline.store.raw_listing import PACKED, Listing, packed_row
from biglam_pipeline.web import Web

log = logging.getLogger(__name__)

SHELVE_EVERY_SECONDS = 30.0
TELL_EVERY_SECONDS = 5.0


@dataclass(slots=True)
class Progress:
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


def take(found: Harvested, writer: BatchWriter, surveyor: Surveyor, progress: Progress, web: Web) -> None:
    """Shelves it, keeps what is on the shelf, or notes that it did not come."""
    if isinstance(found, Listed):
        progress.listed = found.objects
        return
    progress.seen += 1
    if isinstance(found, Evidence):
        progress.evidence = found
    elif isinstance(found, Missing):
        progress.miss(found)
    elif isinstance(found, Unchanged):
        _keep(found, surveyor, progress)
    else:
        _shelve(found, writer, surveyor, progress, web)


def _keep(found: Unchanged, surveyor: Surveyor, progress: Progress) -> None:
    place = progress.previous.find(found.key)
    if place >= 0 and progress.taken.has(place):
        return
    # A protocol can say that only of what it was handed.
    before = progress.previous.at(place) if place >= 0 else progress.absent[found.key]
    looked = look_again(before, surveyor, progress)
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


def look_again(held: StoredObject, surveyor: Surveyor, progress: Progress) -> StoredObject:
    """The same, an archive of which is told what it holds by the entry of today."""
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


def _shelve(found: RawObject, writer: BatchWriter, surveyor: Surveyor, progress: Progress, web: Web) -> None:
    note, came = "", found
    try:
        found = without_keys(found, web)
    except ObjectFailed as failed:
        progress.miss(Missing(found.key, found.url, failed.reason, failed.detail))
        return
    if found is not came:
        progress.keys_taken_out += 1
        before = progress.previous.get(found.key)
        if before is not None and before.sha256 == found.sha256:
            _keep(Unchanged(found.key, found.etag, found.last_modified), surveyor, progress)
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
    progress.taken.add(writer.add(found, note, at_once=not is_link(found.key)))
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
