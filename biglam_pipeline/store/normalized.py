"""The normalized shelf: one Parquet file a slice of bundles, a narrow index and the rejects beside it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.store import disk
from biglam_pipeline.store.reading import read_json, read_schema, read_table, sound
from biglam_pipeline.store.shelf import Shelf
from biglam_pipeline.store.slice_rows import SliceRows

if TYPE_CHECKING:
    import polars as pl

TRACE = (
    pa.field("trace_harvest", pa.int32(), nullable=False),
    pa.field("trace_seq", pa.int32(), nullable=False),
    pa.field("trace_datestamp", pa.string()),
    pa.field("trace_row_digest", pa.binary(16), nullable=False),
    pa.field("trace_url", pa.string()),
    pa.field("trace_member", pa.string()),
    pa.field("trace_position", pa.string()),
    pa.field("trace_retrieved_at", pa.timestamp("us", tz="UTC")),
    pa.field("trace_raw_sha256", pa.string()),
)
"""What leads a row back to bytes, address, time and digest. Never published: it changes while content does not."""

INDEX = pa.schema(
    [
        ("id", pa.string()),
        ("deleted", pa.bool_()),
        ("harvest", pa.int32()),
        ("seq", pa.int32()),
        ("datestamp", pa.string()),
        ("row_digest", pa.binary(16)),
        ("double_key", pa.binary(16)),
        ("part_key", pa.binary(16)),
        ("copy_key", pa.binary(16)),
        ("content_key", pa.binary(16)),
        ("image_hash", pa.binary(32)),
        ("pixels", pa.int64()),
        ("tier", pa.string()),
        ("tiers", pa.string()),
        ("statement", pa.string()),
        ("year", pa.int16()),
        ("ocr_confidence", pa.float32()),
        ("config", pa.string()),
        ("size", pa.int64()),
        ("row", pa.int32()),
        ("unit", pa.string()),
        ("parent", pa.string()),
        ("parent_seq", pa.int32()),
        ("whole", pa.string()),
    ]
)
"""All that deciding and laying need of a row, so that no text is read for it.

`row` is -1 for a tombstone, LEFT_OUT for a version of a record that `where` does not choose, and TAKEN_DOWN for a
record that the ledger keeps out, of which nothing but this narrow row is kept; `content_key` is equal for texts of
equal letters, and for pictures of equal bytes; `image_hash` is what a picture looks like, and `pixels` how many it
has; `tier` is the strictest, and `tiers` what each layer of the entry's rights makes of the row; `double_key` is
equal for rows that are equal in everything but identifiers; of a part of a whole `part_key` is the same under any
`parent`, in which it is at `parent_seq`; `copy_key` is what a takedown knows copies by; `size` is about the bytes of
its text and picture; `config` is the part of the dataset it goes to, null for the one and only; `whole` is the id by
which the source deletes and changes a row, where that is not its own.
"""

TAKEN_DOWN = -2
"""The place of a row that was never written."""
LEFT_OUT = -3
"""That of a row of which there is none; it is marked as deleted, and counts as nothing."""

WHOSE = pa.schema([INDEX.field(name) for name in ("id", "datestamp", "harvest", "seq")])
REJECTS = pa.schema([*((name, pa.string()) for name in ("reason", "detail", "item", "position")), *WHOSE])
"""`id` and what follows are null where nobody can say which record it was, and are lacking in slices of before."""
ENDINGS = ("parquet", "index.parquet", "rejects.parquet")


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice holds, in numbers; its file is written last, so a slice that has one is whole."""

    key: str
    bundles: int
    rows: int
    deleted: int
    rejects: dict[str, int]
    problems: dict[str, int]
    unmapped: dict[str, int]
    left_out: int
    tiers: dict[str, int]
    statements: dict[str, int]
    """Rights statement as recognised, or what was not recognised, with its rows."""
    filled: dict[str, int]
    """Column -> rows in which it is not null: what `expect.fill` measures."""
    digest: str
    """Of ids, row digests and tombstones, in order."""
    files: dict[str, str] = field(default_factory=dict)
    """Ending of each of the slice's files -> its sha256."""
    taken_down: int = 0
    """Records that the takedown ledger keeps out; they are not among `rows`."""
    rights: dict[str, int] = field(default_factory=dict)
    """What is noted of rights (not_understood, contradicted, overruled, uncovered, `line: VALUE`) -> its rows."""
    layers: dict[str, int] = field(default_factory=dict)
    """What each layer of the entry's rights makes of a row, as the index has it -> rows."""
    examples: dict[str, str] = field(default_factory=dict)
    """Reason in `problems` -> one value that it was said of."""
    lacking: list[str] = field(default_factory=list)
    """Fields that the entry reads and no record of this stretch of a large file has."""
    counted: dict[str, int] = field(default_factory=dict)
    """Of bundles whose records were counted by a second way: `bundles`, `found`, `expected`, `differing`; of those that
    ended as a reject, `ended`, and the records `behind` it. Empty in a slice of before."""
    differing: list[dict[str, Any]] = field(default_factory=list)
    """The first few that differ: bundle (empty for the slice as a whole), found, expected, at_least."""

    withdrawn: dict[str, int] = field(default_factory=dict)
    """Reason -> tombstones that the source did not mark as such: `Deleted.reason`. They are among `deleted`."""

    @property
    def rejected(self) -> int:
        """Everything that could not be read."""
        return sum(self.rejects.values())


@dataclass(frozen=True, slots=True)
class Normalized:
    """What the source is, as of one harvest: slices in their order."""

    harvest: int
    mode: str
    complete: bool
    settings: str
    """Digest of reader version, normalize settings and rights statement."""
    schema: str
    slices: tuple[str, ...] = field(default=())
    digest: str = ""
    ledger: str = ""
    """Digest of the takedown ledger that the slices were read with."""
    files: int = 0
    """Files that came, members of archives included."""
    unread: dict[str, int] = field(default_factory=dict)
    """Those of them that the reader does not take, by extension."""
    slice_bytes: int = 0
    """About so large is the input of a slice; 0 in older ones, which were cut at 64 MB."""
    sections: tuple[str, ...] = ()
    """The section that each slice is of; none where the source has one section."""

    def section(self, number: int) -> str:
        """That of one slice, by its place among all."""
        return self.sections[number] if self.sections else ""


class NormalizedShelf:
    """The slices of one source, and the pointer to those that make it up today."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the source's own, at `<source>/normalized`."""
        self.shelf = shelf

    def current(self) -> Normalized | None:
        """What the pointer names, or None before the first run."""
        if not self.shelf.exists("manifest.json"):
            return None
        data = read_json(self.shelf, "manifest.json")
        with sound(self.shelf, "manifest.json"):
            listed = {name: tuple(data.get(name, ())) for name in ("slices", "sections")}
            return Normalized(**{**data, **listed})

    def point(self, new: Normalized) -> None:
        """Swaps the pointer, then takes away the slices that nothing names any more."""
        old = self.shelf.read("manifest.json") if self.shelf.exists("manifest.json") else None
        self.shelf.swap("manifest.json", old, json.dumps(asdict(new), indent=1).encode())
        kept = set(new.slices)
        for name in self.shelf.list("slices/"):
            if name.removeprefix("slices/").partition(".")[0] not in kept:
                self.shelf.delete(name)

    def find(self, key: str) -> Slice | None:
        """A slice that is already there, whole; None where one of its files is not."""
        names = [f"slices/{key}.{ending}" for ending in ("json", *ENDINGS)]
        return self.numbers(key) if all(self.shelf.exists(name) for name in names) else None

    def shelve(self, folder: Path, one: Slice) -> None:
        """Moves a finished slice in: its files, each named by its ending, then its numbers, last."""
        for ending in ENDINGS:
            self.shelf.put(f"slices/{one.key}.{ending}", folder / ending)
        numbers = json.dumps(asdict(one), indent=1, ensure_ascii=False).encode()
        self.shelf.put(f"slices/{one.key}.json", numbers)

    def drop(self, key: str) -> None:
        """Takes a slice away, its numbers first: killed in between it is not whole, and is read again."""
        for ending in ("json", *ENDINGS):
            self.shelf.delete(f"slices/{key}.{ending}")

    def slices(self, normalized: Normalized) -> list[Slice]:
        """The numbers of every slice, in order."""
        return [self.numbers(key) for key in normalized.slices]

    def index(self, key: str) -> "pl.DataFrame":
        """The narrow index of one slice; in one of an older version what that did not hold is null."""
        table = read_table(self.shelf, self._whole(key, "index.parquet"))
        for one in INDEX:
            if one.name not in table.column_names:
                older = table["double_key"] if one.name == "copy_key" else pa.nulls(table.num_rows, one.type)
                table = table.append_column(one, older)
        return _frame(table.select(INDEX.names))

    def rows(self, key: str, columns: list[str]) -> SliceRows:
        """One slice opened for taking rows; ShelfDamaged where its bytes are not those that were shelved."""
        name = self._whole(key, "parquet")
        with sound(self.shelf, name):
            return SliceRows(self.shelf.local(name), columns)

    def columns(self, key: str, columns: list[str]) -> pa.Table:
        """Some columns of all rows of a slice."""
        return read_table(self.shelf, self._whole(key, "parquet"), columns)

    def head(self, key: str, rows: int) -> pa.Table:
        """The first rows of a slice, for a preview."""
        name = self._whole(key, "parquet")
        with sound(self.shelf, name), pq.ParquetFile(self.shelf.local(name)) as file:
            return pa.Table.from_batches([next(file.iter_batches(rows))])

    def rejects(self, key: str, limit: int = 1000) -> list[dict[str, str]]:
        """What could not be read in one slice, with reasons."""
        rows: list[dict[str, str]] = read_table(self.shelf, self._whole(key, "rejects.parquet")).to_pylist()
        return rows[:limit]

    def named_rejects(self, key: str) -> "pl.DataFrame":
        """Columns of WHOSE: rejects of one slice of which it is known which record they are."""
        table = WHOSE.empty_table()
        if self.numbers(key).rejects:
            rejects = read_table(self.shelf, self._whole(key, "rejects.parquet"))
            table = rejects if "id" in rejects.column_names else table
        return _frame(table.select(WHOSE.names)).drop_nulls("id")

    def numbers(self, key: str) -> Slice:
        """Those of a slice that is there."""
        name = f"slices/{key}.json"
        data = read_json(self.shelf, name)
        with sound(self.shelf, name):
            return Slice(**data)

    def _whole(self, key: str, ending: str) -> str:
        """The name of one of a slice's files, which has the bytes that were shelved."""
        name = f"slices/{key}.{ending}"
        if disk.digest_file(self.shelf.local(name))[0] != self.numbers(key).files.get(ending):
            raise self.shelf.spoiled(name)
        return name

    def schema(self, key: str) -> pa.Schema:
        """The Arrow schema of one slice's file."""
        return read_schema(self.shelf, self._whole(key, "parquet"))


def _frame(table: pa.Table) -> "pl.DataFrame":
    import polars as pl  # a tenth of what a process needs to begin, and those that write slices look into none

    return pl.DataFrame(pl.from_arrow(table))
