"""Reads one slice: a pure function of its task, in whatever process; same bytes in, same bytes out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biglam_pipeline.collecting import held_off, rarely
from biglam_pipeline.columns import schema_of
from biglam_pipeline.engine.pulse import pulse
from biglam_pipeline.normalize.accounting import Account, Accounts
from biglam_pipeline.normalize.columnar.by_columns import ByColumns, Laid
from biglam_pipeline.normalize.columnar.by_records import Arrived, ByRecords
from biglam_pipeline.normalize.cut import LEFT_OUT
from biglam_pipeline.normalize.opening import open_standing
from biglam_pipeline.normalize.rows.measuring import Measured, Reading, measure, too_large
from biglam_pipeline.normalize.slicing import BundleRef, size_of
from biglam_pipeline.records import Block, Bundle, Deleted, Item, Read, Record, Reject, Unmapped
from biglam_pipeline.store.normalized import Slice
from biglam_pipeline.store.problems import Problems
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.shelf import Shelf
from biglam_pipeline.store.slice_writer import SliceWriter

_TOGETHER = 1000
"""Records that become rows together. A record of a catalogue takes some 40 KB on the way to its row."""


@dataclass(frozen=True, slots=True)
class SliceTask:
    """All that reading one slice needs. It pickles, and may be worked anywhere that sees its shelf and its folder."""

    key: str
    reading: Reading
    shelf: Shelf
    """The raw shelf, which is only read."""
    bundle_refs: Sequence[BundleRef]
    """The bundles, as they stand; pickled, none is left to be made."""
    folder: Path
    """Where the slice's files are written, each named by its ending. Nothing else is written."""
    passed_over: frozenset[int] = frozenset()
    """`seq` of records of which nothing is written or counted."""

    @property
    def name(self) -> str:
        """The source, and the bundles that the slice begins and ends with."""
        first, last = self.bundle_refs[0].shown, self.bundle_refs[-1].shown
        return f"{self.reading.source}: {first}{f' to {last}' if last != first else ''}"

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return size_of(self.bundle_refs)


@dataclass(frozen=True, slots=True)
class SliceRead:
    """What came of a task: the slice's numbers, and what is noted of it beside."""

    slice: Slice
    ends: tuple[int, ...]
    """`seq` of the last that was read from each bundle."""
    too_large: tuple[dict[str, Any], ...]
    """Index rows of records that are rejects because nobody could open their row."""
    asked: dict[str, str]
    """What was looked up of files that rows are joined with, and what that gave."""


@dataclass(slots=True)
class _Counts:
    problems: Problems = field(default_factory=Problems)
    unmapped: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    rights: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    passed_over: int = 0
    seq: int = 0
    too_large: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[Arrived] = field(default_factory=list)
    """Records that are taken together, before anything else that is counted."""
    lacking: set[str] = field(default_factory=set)


class _Origin:
    """The files that records come from, looked up once: a bundle may hold ten thousand pictures."""

    def __init__(self, bundle: Bundle, bundle_ref: BundleRef) -> None:
        self._items = {item.name: item for item in bundle.items}
        self._first = next(iter(bundle.items), None)
        self.harvest = bundle_ref.harvest
        """The visit that last brought one of them."""

    def item(self, name: str) -> Item:
        """The file of this name."""
        found = self._items.get(name, self._first)
        assert found is not None  # a record came from somewhere
        return found


def read_slice(task: SliceTask) -> SliceRead:
    """Reads the bundles, and writes rows, index and rejects into the task's folder.

    ShelfDamaged where bytes are not those that were shelved; SourceChanged where files are not what the entry says.
    """
    reading, counts, heart, ends = task.reading, _Counts(), pulse(), []
    accounts = Accounts(reading.reader)
    bundle_refs, columns, records = tuple(task.bundle_refs), ByColumns(reading), ByRecords(reading)
    moves = any(bundle_ref.stretch is not None for bundle_ref in bundle_refs)
    with rarely(), SliceWriter(task.folder, task.key, schema_of(reading.columns), moves=moves) as writer:
        for bundle_ref, bundle in zip(bundle_refs, open_standing(RawShelf(task.shelf), bundle_refs), strict=True):
            origin, account = _Origin(bundle, bundle_ref), Account()
            for found in _found(columns, bundle, task, account):
                if isinstance(found, Block):
                    _take_waiting(records, writer, counts)
                    _take_block(columns.lay(found, origin.harvest, counts.seq), writer, counts)
                    heart.beat(bundle.name, len(found.lines))
                    continue
                counts.seq += 1
                if counts.seq in task.passed_over:
                    counts.passed_over += not (isinstance(found, Deleted) and found.reason == LEFT_OUT)
                else:
                    _wait_or_take(records, origin, found, writer, counts)
                heart.beat(bundle.name)
            ends.append(counts.seq)
            accounts.settle(bundle, account)
        _take_waiting(records, writer, counts)
        accounts.settle_slice(writer.written + counts.left_out + counts.passed_over)
        done = writer.close(
            bundles=len(bundle_refs),
            problems=counts.problems,
            unmapped=counts.unmapped,
            left_out=counts.left_out,
            statements=counts.statements,
            rights=counts.rights,
            lacking=sorted(counts.lacking),
            counted=accounts.counts,
            differing=accounts.differing,
        )
    asked = reading.finds.asked if reading.finds else {}
    return SliceRead(done, tuple(ends), tuple(counts.too_large), asked)


def _found(columns: ByColumns, bundle: Bundle, task: SliceTask, account: Account) -> Iterator[Read]:
    """What the bundle holds; record by record where some are passed over."""
    if not bundle.items:
        return iter(())
    return task.reading.read(bundle, account=account) if task.passed_over else columns.read(bundle, account)


def _take_block(laid: Laid, writer: SliceWriter, counts: _Counts) -> None:
    counts.seq += laid.found
    for reject in laid.rejects:
        _reject(reject, writer)
    counts.unmapped.update(laid.unmapped.filled)
    counts.left_out += laid.unmapped.left_out
    if laid.rows:
        counts.problems.update(laid.problems)
        counts.statements.update(laid.index["statement"])
        counts.rights.update(laid.notes)
        writer.add_many(laid.rows, laid.index)


def _reject(found: Reject, writer: SliceWriter, whose: Mapping[str, Any] | None = None) -> None:
    """whose: id, datestamp, harvest and seq, where it is known which record it is."""
    said = {"reason": found.reason, "detail": found.detail, "item": found.item, "position": found.position}
    writer.reject(said | dict(whose or {}))


def _take(reading: Reading, origin: _Origin, found: Read, writer: SliceWriter, counts: _Counts) -> None:
    if isinstance(found, Deleted | Reject):
        whose: dict[str, Any] = {"id": reading.rows.id_of(found.source_record_id), "datestamp": found.datestamp}
        whose |= {"harvest": origin.harvest, "seq": counts.seq}
        if isinstance(found, Deleted) and found.reason == LEFT_OUT:
            writer.leave_out({"row_digest": None, **whose})
        elif isinstance(found, Deleted):
            writer.delete({"row_digest": None, **whose}, found.reason)
        else:
            _reject(found, writer, whose if found.source_record_id else None)
    elif isinstance(found, Unmapped):
        counts.unmapped.update(found.filled)
        counts.problems.update(found.problems)
        counts.left_out += found.left_out
        counts.lacking.update(found.lacking)


def _wait_or_take(records: ByRecords, origin: _Origin, found: Read, writer: SliceWriter, counts: _Counts) -> None:
    """Takes what was found, a record together with those that come next to it where that can be."""
    if isinstance(found, Record):
        arrived = Arrived(found, origin.item(found.item), origin.harvest, counts.seq)
        if not records.may:
            _take_record(records.reading, arrived, writer, counts)
            return
        if counts.waiting and (len(counts.waiting) >= _TOGETHER or not arrived.is_of_day(counts.waiting[-1])):
            _take_waiting(records, writer, counts)
        counts.waiting.append(arrived)
        return
    if isinstance(found, Deleted) or (isinstance(found, Unmapped) and found.problems):  # these are kept in their order
        _take_waiting(records, writer, counts)
    _take(records.reading, origin, found, writer, counts)


def _take_waiting(records: ByRecords, writer: SliceWriter, counts: _Counts) -> None:
    with held_off():  # no cycle is made of a thousand rows, and all that they take is let go at once
        for one in records.in_turn(counts.waiting):
            if isinstance(one, Arrived):
                _take_record(records.reading, one, writer, counts)
                continue
            counts.problems.update(one.problems)
            counts.statements.update(one.index["statement"])
            counts.rights.update(one.notes)
            writer.add_many(one.rows, one.index)
    counts.waiting.clear()


def _take_record(reading: Reading, arrived: Arrived, writer: SliceWriter, counts: _Counts) -> None:
    record = arrived.record
    measured = measure(reading, record, arrived.item.retrieved_at.date())
    index = measured.index | {"harvest": arrived.harvest, "seq": arrived.seq}
    if large := too_large(measured):
        whose = {name: index[name] for name in ("id", "datestamp", "harvest", "seq")}
        _reject(Reject("row_too_large", large, record.item, record.position), writer, whose)
        counts.too_large.append(index)
        return
    counts.problems.update(measured.problems)
    counts.statements[measured.index["statement"]] += 1
    counts.rights.update(measured.notes)
    writer.add(measured.row | _trace(arrived, measured), index)


def _trace(arrived: Arrived, measured: Measured) -> dict[str, Any]:
    item = arrived.item
    return {
        "trace_harvest": arrived.harvest,
        "trace_seq": arrived.seq,
        "trace_datestamp": arrived.record.datestamp,
        "trace_row_digest": measured.index["row_digest"],
        "trace_url": item.url,
        "trace_member": item.name,
        "trace_position": arrived.record.position,
        "trace_retrieved_at": item.retrieved_at,
        "trace_raw_sha256": item.sha256,
    }
