"""Reads a harvest into normalized slices; a slice that is there already is not read again."""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.columns import Column, schema_of
from biglam_pipeline.normalize.mapping import Value
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows import Rows, double_key, row_digest
from biglam_pipeline.normalize.slicing import Pile, pieces_of, piles_of, slice_key, slices_of
from biglam_pipeline.quality.canonical import text_key
from biglam_pipeline.records import Bundle, Deleted, Read, Record, Reject, Unmapped
from biglam_pipeline.store.normalized import Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.slice_writer import SliceWriter

log = logging.getLogger(__name__)

VERSION = 2
"""Raised when rows come out otherwise for the same input: every slice is then read again."""
TELL_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that reading one source needs, handed in by the pipeline."""

    source: str
    reader: Reader
    rows: Rows
    columns: list[Column]
    also: Mapping[str, Value]
    """Columns that other blocks of the entry map: rights_raw from `rights: {from: ...}`."""
    settings: str
    """Digest of all of this."""

    @property
    def digest(self) -> str:
        """What a slice's key says of how it was read."""
        return f"{VERSION}-{self.settings}"


@dataclass(slots=True)
class _Counts:
    problems: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Normalizing:
    """What came of it: the pointer's new content, and how many slices had to be read."""

    normalized: Normalized
    slices: tuple[Slice, ...]
    read: int


def normalize_harvest(reading: Reading, raw: RawShelf, harvest: Harvest, shelf: NormalizedShelf) -> Normalizing:
    """Reads what is new in a harvest, slice by slice, and swaps the pointer last."""
    piles = piles_of(reading.reader, pieces_of(raw, raw.objects(harvest.number)))
    schema = schema_of(reading.columns)
    done: list[Slice] = []
    read, heartbeat = 0, _Heartbeat()
    for chosen in slices_of(piles, harvest.mode):
        key = slice_key(chosen, reading.digest)
        found = shelf.find(key)
        if found is None:
            with SliceWriter(shelf, key, schema) as writer:
                found = _read_slice(reading, raw, chosen, writer, heartbeat)
            read += 1
        done.append(found)
    digest = hashlib.sha256("".join(one.digest for one in done).encode()).hexdigest()
    normalized = Normalized(
        harvest=harvest.number,
        mode=harvest.mode,
        complete=harvest.complete,
        settings=reading.digest,
        schema=hashlib.sha256(schema.to_string().encode()).hexdigest()[:16],
        slices=tuple(one.key for one in done),
        digest=digest,
    )
    shelf.point(normalized)
    return Normalizing(normalized, tuple(done), read)


@dataclass(slots=True)
class _Heartbeat:
    """Says every few seconds how far the reading is, also inside one very large file."""

    records: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def beat(self, where: str) -> None:
        """One more record was read."""
        self.records += 1
        if self.records % 256 == 0 and time.monotonic() - self.told > TELL_EVERY_SECONDS:
            self.told = time.monotonic()
            pace = self.records / (self.told - self.began)
            log.info("read %d records, %.0f a second, now in %s", self.records, pace, where)


def _read_slice(
    reading: Reading, raw: RawShelf, piles: Sequence[Pile], writer: SliceWriter, heartbeat: _Heartbeat
) -> Slice:
    counts = _Counts()
    for bundle in open_slice(raw, piles):
        for found in reading.reader.read(bundle, reading.also):
            _take(reading, bundle, found, writer, counts)
            heartbeat.beat(bundle.name)
    return writer.close(
        bundles=len(piles),
        problems=counts.problems,
        unmapped=counts.unmapped,
        left_out=counts.left_out,
        statements=counts.statements,
    )


def _take(reading: Reading, bundle: Bundle, found: Read, writer: SliceWriter, counts: _Counts) -> None:
    counts.seq += 1
    if isinstance(found, Record):
        _take_record(reading, bundle, found, writer, counts)
    elif isinstance(found, Deleted):
        writer.delete(_index(reading, bundle, found, counts.seq))
    elif isinstance(found, Reject):
        writer.reject({"reason": found.reason, "detail": found.detail, "item": found.item, "position": found.position})
    elif isinstance(found, Unmapped):
        counts.unmapped.update(found.filled)
        counts.left_out += found.left_out


def _take_record(reading: Reading, bundle: Bundle, record: Record, writer: SliceWriter, counts: _Counts) -> None:
    row, problems = reading.rows.row(record)
    counts.problems.update([*record.problems, *problems])
    statement = row["rights_uri"] or "; ".join(row["rights_raw"] or [])[:200] or "none"
    counts.statements[statement] += 1
    digest = row_digest(row, reading.columns)
    text = row.get("text")
    key = text_key(text) if "text" in row else None
    index = _index(reading, bundle, record, counts.seq) | {
        "row_digest": digest,
        "double_key": None if "text" in row and key is None else double_key(row, reading.columns),
        "text_key": key,
        "tier": row["rights_tier"],
        "statement": statement,
        "year": row["year_start"],
        "ocr_confidence": row.get("ocr_confidence"),
        "size": len(text or ""),
    }
    item = next((one for one in bundle.items if one.name == record.item), bundle.items[0])
    trace = {
        "trace_harvest": index["harvest"],
        "trace_seq": counts.seq,
        "trace_datestamp": record.datestamp,
        "trace_row_digest": digest,
        "trace_url": item.url,
        "trace_member": item.name,
        "trace_position": record.position,
        "trace_retrieved_at": item.retrieved_at,
        "trace_raw_sha256": item.sha256,
    }
    writer.add(row | trace, index)


def _index(reading: Reading, bundle: Bundle, found: Record | Deleted, seq: int) -> dict[str, Any]:
    return {
        "id": f"{reading.source}:{found.source_record_id}",
        "harvest": max(item.harvest for item in bundle.items),
        "seq": seq,
        "datestamp": found.datestamp,
        "row_digest": None,
    }
