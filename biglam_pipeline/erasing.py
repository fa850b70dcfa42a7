"""Searches the raw shelf for what is kept out, and takes it out: of this visit, and of all before it."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from biglam_pipeline.along import Along, Neighbours, Searched, look_along
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.claims import bundles_for, noted_as
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.large_files import cut_large, numbers_rows, read_together, uncut
from biglam_pipeline.normalize.opening import open_standing
from biglam_pipeline.normalize.rows.keys import COPY_VERSION
from biglam_pipeline.normalize.rows.measuring import Reading, measure
from biglam_pipeline.normalize.searching import Looked, holding, identity, leaves_out, of_all, whole_and_cut
from biglam_pipeline.normalize.slicing import BundleRef, FileRef, as_they_stand, slices_of
from biglam_pipeline.records import Bundle, Deleted, Record, Reject
from biglam_pipeline.store import disk
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import copy_name
from biglam_pipeline.takedown.narrow import encode_note, without_content
from biglam_pipeline.takedown.replacing import Change, Erased, finish_replacing, replace_copies
from biglam_pipeline.takedown.suppression import Suppression
from biglam_pipeline.unlinking import Pointed, erase_pointed, met_by

log = logging.getLogger(__name__)


def erase_due(reads: Sequence[Searched], raw: RawShelf, out: Suppression) -> Erased:
    """Erases what the shelf still holds of what is kept out: nothing on a night that brought none of it.

    After a change of the ledger the whole shelf is searched, earlier visits and superseded batches with it; else
    only slices that met a record again, or may hold one that `where` leaves out, and objects that came again as they
    were. reads: of each READ of the source.
    """
    notes, done = raw.redactions, Erased()
    done.left = dict.fromkeys(notes.unreached)
    finish_replacing(raw)
    if out.is_empty:
        return done
    due = out.digest
    hit = {key for read in reads for key, (taken_down, _) in read.slices.items() if taken_down}
    unchosen = {key for read in reads if leaves_out(read.reading) for key in read.slices}
    if notes.searched != due:
        done.left.clear()
        visits = [visit for read in reads for visit in _search_all(read, raw, out, hit)]
        _erase_linked(reads, raw, visits, done)
        _erase_visits(reads, raw, out, visits, done)
        for name in raw.nameless_files():
            raw.shelf.delete(name)
        disk.clear_folder(raw.shelf.under_way)  # what came of a file that is fetched cannot be searched
    else:
        met = [_met_again(read, raw, hit) for read in reads]
        if not any(met) and hit == notes.slices:
            return done
        again = zip(reads, met, strict=True)
        visits = [_look_through(one.reading, raw, out, _as_searched(raw, one.reading, refs)) for one, refs in again]
        _erase_linked(reads, raw, visits, done)
        _erase_visits(reads, raw, out, visits, done)
    if notes.unsure:
        for read in reads:  # slices that were read meanwhile may call a page broken that was taken down
            notes.again.update(noted_as(read.reading, one) for one in _of_copies(read, notes.unsure))
        notes.unsure.clear()
    notes.searched, notes.slices, notes.unreached = due, hit, list(done.left)
    notes.unchosen = unchosen
    _note_keys(raw, out)
    notes.save()
    return done


def _erase_linked(reads: Sequence[Searched], raw: RawShelf, visits: Sequence["_Visit"], done: Erased) -> None:
    pointed = Pointed()
    for visit in visits:
        for hit in visit.hits:
            pointed.take(hit.found.pointed)
    erase_pointed([read.reading for read in reads], raw, pointed, done)


def _of_copies(read: Searched, copies: set[str]) -> Iterator[BundleRef]:
    bundle_refs = (bundle_ref for _, refs in read.slices.values() for bundle_ref in refs)
    return (one for one in bundle_refs if any(copy_name(ref.held) in copies for ref in one.refs))


def foresee(reads: Sequence[Searched], raw: RawShelf, out: Suppression) -> Along:
    """What would go along with the records that are met in these slices. Nothing is written, also no note; raw: a shelf
    object that is used for nothing else.
    """
    along, visits = Along(), []
    for read in reads:
        met = [bundle_ref for taken_down, refs in read.slices.values() if taken_down for bundle_ref in refs]
        visits.append(_look_through(read.reading, raw, out, _as_searched(raw, read.reading, met)))
    for visit in visits:
        for _ in _changes(reads, raw, out, visit, along):
            pass
    return along


def _erase_visits(
    reads: Sequence[Searched], raw: RawShelf, out: Suppression, visits: Sequence["_Visit"], done: Erased
) -> None:
    """One after the other: what goes of a file may be several records, of several READs. All were found before."""
    for visit in visits:
        along = Along()
        for changes, scratch in _changes(reads, raw, out, visit, along):
            _note_keys(raw, out)  # with what is erased now: nothing could learn it again from what is left
            replace_copies(raw, changes, scratch, done)
        left = [sentence for hit in visit.hits for sentence in hit.found.left]
        done.left |= dict.fromkeys([*visit.left, *left, *along.left])


def _search_all(read: Searched, raw: RawShelf, out: Suppression, hit: set[str]) -> Iterator["_Visit"]:
    """Every visit, with what it alone holds."""
    looked = Looked()
    for key, (_, bundle_refs) in read.slices.items():
        if key not in hit and not leaves_out(read.reading):
            looked.add(bundle_refs)
    for objects in raw.every_object():
        bundle_refs = _as_searched(raw, read.reading, bundles_for(read.reading, raw, files_of(raw, objects)))
        yield _look_through(read.reading, raw, out, looked.fresh(bundle_refs))


def _met_again(read: Searched, raw: RawShelf, hit: set[str]) -> list[BundleRef]:
    """Bundles of slices that met a record again or may hold one that `where` leaves out, and those of which an object
    came again as it was.
    """
    notes, slices = raw.redactions, read.slices
    met = (hit & slices.keys()) - notes.slices
    if leaves_out(read.reading):
        met |= slices.keys() - notes.unchosen
    found = {identity(bundle_ref): bundle_ref for key in met for bundle_ref in slices[key][1]}
    if notes.copies:
        known = frozenset(copy.sha256 for copy in notes.copies.values())
        again = (
            bundle_ref
            for _, bundle_refs in slices.values()
            for bundle_ref in holding(bundle_refs, known)
            if _came_again(raw, bundle_ref)
        )
        found |= {identity(bundle_ref): bundle_ref for bundle_ref in again}
    return list(found.values())


def _note_keys(raw: RawShelf, out: Suppression) -> None:
    raw.redactions.keys = {key.hex(): name for key, name in out.keys.items()}
    raw.redactions.key_version = COPY_VERSION


def _as_searched(raw: RawShelf, reading: Reading, bundle_refs: Sequence[BundleRef]) -> Sequence[BundleRef]:
    """Large files cut as they are read, so that only what may hold something is; but whole where rows are numbered
    through them, or a tombstone in a stretch would be taken for one that the source made.
    """
    as_a_whole = numbers_rows(reading.reader) or reading.reader.whole_behind_takedown
    return uncut(bundle_refs) if as_a_whole else cut_large(raw, reading, bundle_refs)


def _came_again(raw: RawShelf, bundle_ref: BundleRef) -> bool:
    return any(raw.redactions.came_again(ref.held) for ref in bundle_ref.refs)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A bundle that holds something that is kept out."""

    bundle_ref: BundleRef
    found: "_Found"


@dataclass(frozen=True, slots=True)
class _Visit:
    """What of one visit one READ has to erase."""

    reading: Reading
    hits: list[_Hit] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """What could not be searched, in sentences."""


def _look_through(reading: Reading, raw: RawShelf, out: Suppression, bundle_refs: Sequence[BundleRef]) -> _Visit:
    """Finds what is kept out, and notes it, so that it goes on counting."""
    visit, of_every = _Visit(reading), of_all(reading)
    for chunk in _chunks(bundle_refs):
        standing = tuple(as_they_stand(raw, chunk))
        for bundle_ref, shown, bundle in zip(chunk, standing, open_standing(raw, standing), strict=True):
            found = _Found()
            _look(of_every, raw, out, shown, bundle, found)
            visit.left.extend(found.left)
            found.left.clear()
            if found.records:
                visit.hits.append(_Hit(bundle_ref, found))
    return visit


def _changes(
    reads: Sequence[Searched], raw: RawShelf, out: Suppression, visit: _Visit, along: Along
) -> Iterator[tuple[dict[str, Change], Path]]:
    """What is to be left of objects, written beside first; chunk by chunk. What goes along with it is noted."""
    found = {id(hit.bundle_ref): hit.found for hit in visit.hits}
    bundle_refs = [hit.bundle_ref for hit in visit.hits]
    copies = {copy_name(ref.held) for bundle_ref in bundle_refs for ref in bundle_ref.refs}
    several = len(reads) > 1 or visit.reading.reader.overlaps
    neighbours = Neighbours(reads, copies if several else set())
    for chunk in _chunks(bundle_refs):
        with raw.shelf.scratch() as scratch:
            changes: dict[str, Change] = {}
            standing = tuple(as_they_stand(raw, chunk))
            for came, bundle_ref, bundle in zip(chunk, standing, open_standing(raw, standing), strict=True):
                _plan(visit.reading, raw, bundle, bundle_ref, found[id(came)], changes, scratch)
            look_along(raw, neighbours, changes, visit.reading, out, along)
            yield changes, scratch


def _chunks(bundle_refs: Sequence[BundleRef]) -> Iterator[Sequence[BundleRef]]:
    whole, stretches = whole_and_cut(bundle_refs)
    yield from slices_of(whole, "replace")
    yield from read_together(stretches)


@dataclass(slots=True)
class _Found:
    """What of a bundle is kept out."""

    records: list[tuple[Record, str]] = field(default_factory=list)
    """Each with the id under which it is kept."""
    because: set[str] = field(default_factory=set)
    """The ids in the ledger that they go for."""
    shared: set[str] = field(default_factory=set)
    """sha256 of pictures that other records show too: those stay."""
    others: set[str] = field(default_factory=set)
    """Files that something else was read from, a reject among it: they never go as a whole."""
    left: list[str] = field(default_factory=list)
    """What was not searched, or not erased, in sentences."""
    pointed: Pointed = field(default_factory=Pointed)
    """What these records point to."""


def _look(
    reading: Reading, raw: RawShelf, out: Suppression, bundle_ref: BundleRef, bundle: Bundle, hits: _Found
) -> None:
    """Looks for records that are kept out, and notes them, so that they go on counting."""
    noted, met = raw.redactions.bundles.get(noted_as(reading, bundle_ref), []), met_by(reading)
    try:
        for found in reading.read(bundle) if bundle.items else ():
            links = [*met]
            met.clear()
            if not isinstance(found, Record):
                hits.others.update([found.item] if isinstance(found, Deleted | Reject) else [])
                continue
            name = reading.rows.id_of(found.source_record_id)
            index = _index(reading, found, bundle) if out.keys or out.ledger.keeps_out(name) else None
            if index is None or not out.holds(name, index["copy_key"]):
                hits.shared.add(str(found.values.get("image_sha256")))
                hits.others.add(found.item)
                continue
            shown = out.ledger.shown(name)
            hits.records.append((_without_values(found), shown))
            because = out.because(name, index["copy_key"])
            hits.because.add(because)
            hits.pointed.add(name, because, links)
            if all(note["id"] != shown for note in noted):
                line = found.place.number if bundle_ref.stretch else None
                noted = [*noted, encode_note(without_content(index, shown), line)]
                out.learn(name, index["copy_key"])
    except SourceChanged as why:  # of an earlier visit: today's entry cannot read it
        hits.left.append(f"{bundle.name} of an earlier visit could not be searched, and may hold it: {why}")
        log.warning("%s", hits.left[-1])
    if hits.records:
        raw.redactions.bundles[noted_as(reading, bundle_ref)] = noted


def _without_values(record: Record) -> Record:
    """What takes it out: all that are found are in memory at once, and a picture may have many megabytes."""
    return replace(record, values={"image_sha256": record.values.get("image_sha256")}, extra={})


def _index(reading: Reading, record: Record, bundle: Bundle) -> dict[str, Any]:
    """As it was when the slice was read: on another day its statement might read otherwise."""
    item = next((item for item in bundle.items if item.name == record.item), bundle.items[0])
    return measure(reading, record, item.retrieved_at.date()).index


def _plan(
    reading: Reading,
    raw: RawShelf,
    bundle: Bundle,
    bundle_ref: BundleRef,
    found: _Found,
    changes: dict[str, Change],
    scratch: Path,
) -> None:
    """Writes what the reader leaves of the bundle's files, where that is not what lies there already."""
    refs = {ref.name: ref for ref in bundle_ref.refs}
    items = {item.name: item for item in bundle.items}
    known = reading.reader.remember(bundle, found.records)
    left = reading.reader.redact(bundle, found.records)
    others = found.others | (reading.reader.shared(bundle, found.records) if None in left.values() else set())
    for name, blocks in left.items():
        ref, path = refs[name], None
        if blocks is None and ref.sha256 in found.shared:
            continue
        if blocks is None and name in others:
            why = f"the format {reading.reader.type} cannot take one record out of a file that holds others"
            lies = f"{reading.source}/raw/{ref.held.file or ref.held.batch}"
            found.left.append(
                f"the raw file {name} still holds it: {why}; it stays out of what is published under this id. Ask the "
                f"custodian for a file without it, then delete {lies} from the shelves and run `biglam run "
                f"{reading.source}`"
            )
            log.warning("%s: %s", reading.source, found.left[-1])
            continue
        if blocks is not None:
            path = scratch / hashlib.sha256("\x00".join([*identity(bundle_ref), name]).encode()).hexdigest()
            sha256, _ = disk.write_stream(path, blocks)
            if disk.digest_stream(items[name].open) == sha256 and known.get(name) in (None, items[name].known):
                continue
        change = changes.setdefault(copy_name(ref.held), Change(ref.held))
        change.ids |= found.because
        if path and bundle_ref.stretch is not None:
            _plan_stretch(raw, ref, known[name], change, path)
            continue
        change.left[ref.member] = path
        if path and name in known:
            change.known[ref.member] = known[name]


def _plan_stretch(raw: RawShelf, ref: FileRef, known: dict[str, Any], change: Change, path: Path) -> None:
    """What is left of one stretch; what is known of the file as it came is one note for all of them."""
    stretch, noted, before = ref.stretch, ref.known or {}, change.known.get("") or raw.redactions.known(ref.held)
    assert stretch is not None
    change.stretches[stretch.offset] = (stretch.size, path)
    of_file = {name: noted[name] for name in known.keys() & noted.keys() - {"gone"}}
    change.known[""] = {**known, **of_file, "gone": {**(before or {}).get("gone", {}), **known["gone"]}}
