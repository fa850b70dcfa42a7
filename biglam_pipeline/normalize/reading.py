"""Reads a harvest into normalized slices; a slice that is there already is not read again."""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from biglam_pipeline.columns import schema_of
from biglam_pipeline.normalize.erasing import erase_due
from biglam_pipeline.normalize.gathering import piles_among
from biglam_pipeline.normalize.lookups import Lookups, forget_lookups, joining, key_with_lookups, note_lookups
from biglam_pipeline.normalize.measuring import Measured, Reading, decode_note, measure, too_large, without_content
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.slicing import Piece, Pile, pieces_of, pile_digest, slice_key, slices_of
from biglam_pipeline.normalize.suppression import Suppression
from biglam_pipeline.normalize.unread import first_unread, tell_unread, unread_by_extension
from biglam_pipeline.progress import tell
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped
from biglam_pipeline.store.normalized import Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.problems import Problems
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.redaction import Redactions
from biglam_pipeline.store.slice_writer import SliceWriter

log = logging.getLogger(__name__)

TELL_EVERY_SECONDS = 5.0


@dataclass(slots=True)
class _Counts:
    out: Suppression
    problems: Problems = field(default_factory=Problems)
    unmapped: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    rights: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    seq: int = 0


class _Origin:
    """The files that records come from, looked up once: a bundle may hold ten thousand pictures."""

    def __init__(self, bundle: Bundle, pile: Pile, notes: Redactions) -> None:
        """notes: what was taken out of raw objects before."""
        self._items = {item.name: item for item in bundle.items}
        self._first = next(iter(bundle.items), None)
        self.harvest = pile.harvest
        """The visit that last brought one of them."""
        self.noted = {note["id"]: decode_note(note) for note in notes.bundles.get(pile_digest(pile), [])}
        """Index rows of what was taken out of the bundle before, by id."""
        self.waits = any(notes.is_wanted(piece.held) for piece in pile.pieces)
        """Whether some of it was restored, and did not come again yet."""

    def item(self, name: str) -> Item:
        """The file of this name."""
        found = self._items.get(name, self._first)
        assert found is not None  # a record came from somewhere
        return found


@dataclass(frozen=True, slots=True)
class Normalizing:
    """What came of it: the pointer's new content, how many slices had to be read, and what was erased from raw."""

    normalized: Normalized
    slices: tuple[Slice, ...]
    read: int
    erased: int = 0
    """Raw objects that a takedown took a record out of."""
    lost: tuple[str, ...] = ()
    """Files of which nothing is left: they held nothing else."""
    left: tuple[str, ...] = ()
    """Raw objects that hold a taken-down record still, or may, each with why and what to do."""
    unread: tuple[str, ...] = ()
    """The first few files that came and that the reader does not take."""


def normalize_harvest(reading: Reading, raw: RawShelf, harvest: Harvest, shelf: NormalizedShelf) -> Normalizing:
    """Reads what is new in a harvest, slice by slice, takes what is kept out from raw too, and swaps the pointer last.

    Killed in between, the pointer names another ledger: everything is looked at again, and what is done stays done.
    """
    pieces = pieces_of(raw, raw.objects(harvest.number))
    with joining(reading, raw, pieces) as (joined, lookups):
        return _normalize(joined, lookups, raw, harvest, shelf, pieces)


def _normalize(
    reading: Reading,
    lookups: Lookups | None,
    raw: RawShelf,
    harvest: Harvest,
    shelf: NormalizedShelf,
    pieces: dict[str, Piece],
) -> Normalizing:
    piles = piles_among(raw, reading.reader, pieces)
    schema, out = schema_of(reading.columns), Suppression.of(reading.ledger, raw.redactions)
    before = shelf.current()
    out.grown = before is None or before.ledger != reading.ledger.digest
    if out.grown:
        raw.redactions.want_again(reading.ledger.keeps_out)
    cut = {_key(one, reading, raw): one for one in slices_of(piles, harvest.mode)}
    own = {key_with_lookups(shelf.shelf, key, lookups): key for key in cut}
    chosen = {key: cut[bare] for key, bare in own.items()}
    done: list[Slice] = []
    read, erased, lost, left, heartbeat = 0, 0, set[str](), dict[str, object](), _Heartbeat()
    while True:
        _drop_stale(shelf, out, chosen)
        done = []
        for key, one in chosen.items():
            heartbeat.slices, heartbeat.of = len(done), len(chosen)
            found = shelf.find(key)
            if found is None:
                finds = lookups.for_a_slice() if lookups else None
                with SliceWriter(shelf, key, schema) as writer:
                    found = _read_slice(replace(reading, finds=finds), raw, one, writer, _Counts(out), heartbeat)
                if lookups and finds:
                    note_lookups(shelf.shelf, own[key], lookups, finds.asked)
                read += 1
            done.append(found)
        due = erase_due(reading, raw, out, {one.key: (one.taken_down, chosen[one.key]) for one in done})
        erased, lost, left = erased + due.copies, lost | due.lost, left | due.left
        if not out.grown:  # else something was taken down whose doubles may stand in slices read before it
            break
    claimed = [*piles, *(lookups.piles if lookups else ())]
    normalized = replace(
        _normalized(reading, harvest, schema, done), files=len(pieces), unread=unread_by_extension(pieces, claimed)
    )
    if normalized.unread:
        log.info("%s: %s", reading.source, tell_unread(reading.reader, normalized.files, normalized.unread))
    shelf.point(normalized)
    forget_lookups(shelf.shelf, cut, lookups)
    return Normalizing(
        normalized, tuple(done), read, erased, tuple(sorted(lost)), tuple(left), first_unread(pieces, claimed)
    )


def _key(piles: Sequence[Pile], reading: Reading, raw: RawShelf) -> str:
    """The slice's key; another one while a restored record has not come again, so that it is read when it has."""
    waits = any(raw.redactions.is_wanted(piece.held) for pile in piles for piece in pile.pieces)
    return slice_key(piles, f"{reading.digest}-waiting" if waits else reading.digest)


def _drop_stale(shelf: NormalizedShelf, out: Suppression, keys: Iterable[str]) -> None:
    """Takes slices away that hold what must go, or miss what may come in again: they are read anew."""
    if not out.grown:
        return
    there = [one for key in keys if (one := shelf.find(key)) is not None and (one.taken_down or not out.is_empty)]
    indexes = {one.key: shelf.index(one.key) for one in there}
    for index in indexes.values():
        out.learn_from(index)
    out.grown = False
    for key, index in indexes.items():
        if out.misses(index):
            shelf.drop(key)


def _normalized(reading: Reading, harvest: Harvest, schema: pa.Schema, done: Sequence[Slice]) -> Normalized:
    return Normalized(
        harvest=harvest.number,
        mode=harvest.mode,
        complete=harvest.complete,
        settings=reading.digest,
        schema=hashlib.sha256(schema.to_string().encode()).hexdigest()[:16],
        slices=tuple(one.key for one in done),
        digest=hashlib.sha256("".join(one.digest for one in done).encode()).hexdigest(),
        ledger=reading.ledger.digest,
    )


@dataclass(slots=True)
class _Heartbeat:
    """Says every few seconds how far the reading is, also inside one very large file."""

    records: int = 0
    slices: int = 0
    of: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def beat(self, where: str) -> None:
        """One more record was read."""
        self.records += 1
        if self.records % 256 == 0 and time.monotonic() - self.told > TELL_EVERY_SECONDS:
            self.told = time.monotonic()
            pace = self.records / (self.told - self.began)
            more = f"{self.records:,} records, {pace:,.0f} a second, now in {where}"
            tell(log, "read", self.slices, self.of, unit="slices", more=more)


def _read_slice(
    reading: Reading,
    raw: RawShelf,
    piles: Sequence[Pile],
    writer: SliceWriter,
    counts: _Counts,
    heartbeat: _Heartbeat,
) -> Slice:
    for pile, bundle in zip(piles, open_slice(raw, piles), strict=True):
        origin = _Origin(bundle, pile, raw.redactions)
        for found in reading.read(bundle) if bundle.items else ():
            _take(reading, origin, found, writer, counts)
            heartbeat.beat(bundle.name)
        _take_noted(origin, writer, counts)
    return writer.close(
        bundles=len(piles),
        problems=counts.problems,
        unmapped=counts.unmapped,
        left_out=counts.left_out,
        statements=counts.statements,
        rights=counts.rights,
    )


def _take(reading: Reading, origin: _Origin, found: Read, writer: SliceWriter, counts: _Counts) -> None:
    counts.seq += 1
    if isinstance(found, Record):
        _take_record(reading, origin, found, writer, counts)
    elif isinstance(found, Deleted):
        _take_deleted(reading, origin, found, writer, counts)
    elif isinstance(found, Reject):
        writer.reject({"reason": found.reason, "detail": found.detail, "item": found.item, "position": found.position})
    elif isinstance(found, Unmapped):
        counts.unmapped.update(found.filled)
        counts.problems.update(found.problems)
        counts.left_out += found.left_out


def _take_record(reading: Reading, origin: _Origin, record: Record, writer: SliceWriter, counts: _Counts) -> None:
    measured = measure(reading, record, origin.item(record.item).retrieved_at.date())
    place = {"harvest": origin.harvest, "seq": counts.seq}
    name, key = measured.index["id"], measured.index["copy_key"]
    if counts.out.holds(name, key):
        shown = counts.out.ledger.shown(name)
        noted = origin.noted.pop(shown, None)  # what is read may be what a takedown left of it
        if noted is None:
            counts.out.learn(name, key)
        writer.take_down((noted or without_content(measured.index, shown)) | place)
        return
    if origin.noted.pop(name, None) and origin.waits:
        return  # restored, but this is what the takedown left of it
    if large := too_large(measured):
        writer.reject({"reason": "row_too_large", "detail": large, "item": record.item, "position": record.position})
        return
    counts.problems.update(measured.problems)
    counts.statements[measured.index["statement"]] += 1
    counts.rights.update(measured.notes)
    writer.add(measured.row | _trace(origin, record, measured, counts.seq), measured.index | place)


def _trace(origin: _Origin, record: Record, measured: Measured, seq: int) -> dict[str, Any]:
    item = origin.item(record.item)
    return {
        "trace_harvest": origin.harvest,
        "trace_seq": seq,
        "trace_datestamp": record.datestamp,
        "trace_row_digest": measured.index["row_digest"],
        "trace_url": item.url,
        "trace_member": item.name,
        "trace_position": record.position,
        "trace_retrieved_at": item.retrieved_at,
        "trace_raw_sha256": item.sha256,
    }


def _take_deleted(reading: Reading, origin: _Origin, found: Deleted, writer: SliceWriter, counts: _Counts) -> None:
    """A tombstone, unless a takedown put it there in the record's place."""
    name = counts.out.ledger.shown(reading.rows.id_of(found.source_record_id))
    noted = origin.noted.get(name)
    if noted is None or noted["datestamp"] != found.datestamp:
        index = {"id": name, "datestamp": found.datestamp, "row_digest": None}
        writer.delete(index | {"harvest": origin.harvest, "seq": counts.seq})


def _take_noted(origin: _Origin, writer: SliceWriter, counts: _Counts) -> None:
    """What was taken out of the bundle before counts as taken down, though it cannot be read any more."""
    for noted in origin.noted.values():
        if counts.out.holds(noted["id"], noted["copy_key"]):
            counts.seq += 1
            writer.take_down(noted | {"harvest": origin.harvest, "seq": counts.seq})
