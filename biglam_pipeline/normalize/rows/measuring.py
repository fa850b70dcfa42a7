"""What is measured of a record beside its row: digests, keys and rights, narrow enough to decide everything by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from biglam_pipeline.columns import IMAGE_FEATURE, PARTS, Column
from biglam_pipeline.normalize.mapping.columns import Value
from biglam_pipeline.normalize.reader import Counts, Reader
from biglam_pipeline.normalize.rows.building import Rows
from biglam_pipeline.normalize.rows.keys import unnamed_key
from biglam_pipeline.normalize.walking import Finds
from biglam_pipeline.quality.canonical import text_key
from biglam_pipeline.quality.likeness import picture_hash
from biglam_pipeline.records import Bundle, Read, Record
from biglam_pipeline.rights.layers import LABELLED, UNCOVERED, Judgement

VERSION = 13
"""Raised when rows come out otherwise for the same input: every slice is then read again."""

MAX_ROW_BYTES = 200 * 2**20
"""Of a row's text and picture together: a row group holds one row at least, and nobody can show one above 300 MB."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that reading one source needs, handed in by the pipeline."""

    source: str
    reader: Reader
    rows: Rows
    columns: list[Column]
    also: Mapping[str, Value]
    """Columns that other blocks of the entry map: what `rights: {from: ...}` of a layer reads."""
    settings: str
    """Digest of all of this."""
    as_printed: bool = False
    """Whether the entry's statement allows no derivatives: then no text is changed."""

    finds: Finds | None = None
    """What rows are joined with."""
    section: str = ""
    """What stands before the identifiers of its rows; see `Section.name`."""
    beside: tuple[tuple[str, ...], ...] = ()
    """The patterns of files that other READs of the source name."""
    at_large: tuple[Reader, ...] = ()
    """The other READs that name no files, and take all that are theirs and that nobody names."""
    marks: bool = False
    """Whether a record that `where` leaves out is named: an older version of it may have been published."""

    def read(self, bundle: Bundle, *, blocks: bool = False, account: Counts | None = None) -> Iterator[Read]:
        """What the reader makes of a bundle. blocks: whether records may come many at once; account: counts them."""
        also, languages, printed = self.also, self.rows.languages, self.as_printed
        return self.reader.read(
            bundle,
            also,
            languages,
            as_printed=printed,
            marks=self.marks,
            finds=self.finds,
            blocks=blocks,
            account=account,
        )

    @property
    def digest(self) -> str:
        """What a slice's key says of how it was read."""
        return f"{VERSION}-{self.settings}"


@dataclass(frozen=True, slots=True)
class Measured:
    """A row, what its index says of it (all but its place), and what could not be read."""

    row: dict[str, Any]
    index: dict[str, Any]
    problems: list[str]
    notes: tuple[str, ...] = ()
    """What is counted of its rights."""


def measure(reading: Reading, record: Record, retrieved: date | None = None) -> Measured:
    """Makes the row and everything that is decided by. retrieved: the day on which the record was fetched."""
    row, problems, judgement = reading.rows.judged(record, retrieved)
    text, picture = row.get("text") or "", row.get(IMAGE_FEATURE)
    by_text = "text" in row and IMAGE_FEATURE not in row  # two pictures are no duplicate for the words on them
    key = text_key(text) if by_text else bytes.fromhex(row["image_sha256"])[:16] if picture else None
    says_little = by_text and key is None
    keys = reading.rows.keys.of(row)
    index = {
        "id": row["id"],
        "datestamp": record.datestamp,
        "whole": reading.rows.id_of(record.whole) if record.whole else None,
        "row_digest": keys.row_digest,
        "double_key": None if says_little else keys.double_key,
        "copy_key": short_copy(reading, row["source_record_id"]) if says_little else keys.copy_key,
        "content_key": key,
        "image_hash": picture_hash(picture["bytes"]) if picture else None,
        "pixels": (row["width"] or 0) * (row["height"] or 0) if picture else None,
        "tier": row["rights_tier"],
        "tiers": judgement.tiers,
        "statement": statement_of(row, judgement),
        "year": row["year_start"],
        "ocr_confidence": row.get("ocr_confidence"),
        "config": record.config or None,
        "size": len(text) + (len(picture["bytes"]) if picture else 0),
        **_place_in_whole(row, keys.part_key),
    }
    return Measured(row, index, [*record.problems, *problems], judgement.notes)


def statement_of(row: Mapping[str, Any], judgement: Judgement) -> str:
    """The statement that was recognised; else the record's own words, or why there is none."""
    if known := row["rights_uri"] or row["rights_name"]:
        return str(known)
    said = "" if judgement.tiers.endswith((UNCOVERED, LABELLED)) else "; ".join(row["rights_raw"] or [])[:200]
    return said or judgement.statement.problem or "none"


def short_copy(reading: Reading, name: str) -> bytes | None:
    """ "PLATE" in two books is not one page twice; but equal lines of a table, which have no name, go together."""
    return None if "id" in reading.reader.map.values else unnamed_key(name)


def _place_in_whole(row: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """What one row is, under which parent, and where; of a part of a whole also what it holds under any parent."""
    unit = row.get("text_unit")
    is_part = unit in PARTS and row["parent_id"] is not None
    place = {"unit": unit, "parent": row["parent_id"], "parent_seq": row.get("seq")}
    return place | {"part_key": key if is_part else None}


def too_large(measured: Measured) -> str:
    """What is wrong with a row that no reader could open, and what to do; empty where it is not too large."""
    size, text = measured.index["size"], measured.row.get("text") or ""
    if size > MAX_ROW_BYTES // 4:  # only then are letters worth counting in bytes
        size += len(text.encode()) - len(text)
    if size <= MAX_ROW_BYTES:
        return ""
    return (
        f"the row holds {size / 1e6:,.0f} MB of text and picture, more than the {MAX_ROW_BYTES / 1e6:,.0f} MB that "
        "readers can open; read it in smaller units with `rows`, or leave it out with `where`"
    )
