"""The normalized shelf: one Parquet file a slice of bundles, a narrow index and the rejects beside it."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.store import disk
from biglam_pipeline.store.shelf import Shelf, spoiled

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
        ("text_key", pa.binary(16)),
        ("tier", pa.string()),
        ("statement", pa.string()),
        ("year", pa.int16()),
        ("ocr_confidence", pa.float32()),
        ("row", pa.int32()),
    ]
)
"""All that deciding needs of a row, so that no text is read for it. `row` is -1 for a tombstone."""

REJECTS = pa.schema(
    [("reason", pa.string()), ("detail", pa.string()), ("item", pa.string()), ("position", pa.string())]
)
ROWS_A_BATCH = 1000
_ENDINGS = ("parquet", "index.parquet", "rejects.parquet")


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


class NormalizedShelf:
    """The slices of one source, and the pointer to those that make it up today."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the source's own, at `<source>/normalized`."""
        self.shelf = shelf

    def current(self) -> Normalized | None:
        """What the pointer names, or None before the first run."""
        if not self.shelf.exists("manifest.json"):
            return None
        data = json.loads(self.shelf.read("manifest.json"))
        return Normalized(**{**data, "slices": tuple(data["slices"])})

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
        names = [f"slices/{key}.{ending}" for ending in ("json", *_ENDINGS)]
        return self._numbers(key) if all(self.shelf.exists(name) for name in names) else None

    def slices(self, normalized: Normalized) -> list[Slice]:
        """The numbers of every slice, in order."""
        return [self._numbers(key) for key in normalized.slices]

    def index(self, key: str) -> pl.DataFrame:
        """The narrow index of one slice."""
        return pl.DataFrame(pl.from_arrow(pq.read_table(self._whole(key, "index.parquet"))))

    def table(self, key: str, columns: list[str]) -> pa.Table:
        """These columns of one slice, all rows; ShelfDamaged where its bytes are not those that were shelved."""
        return pq.read_table(self._whole(key, "parquet"), columns=columns)

    def head(self, key: str, rows: int) -> pa.Table:
        """The first rows of a slice, for a preview."""
        return pq.read_table(self.shelf.local(f"slices/{key}.parquet")).slice(0, rows)

    def rejects(self, key: str, limit: int = 1000) -> list[dict[str, str]]:
        """What could not be read in one slice, with reasons."""
        rows: list[dict[str, str]] = pq.read_table(self._whole(key, "rejects.parquet")).to_pylist()
        return rows[:limit]

    def _numbers(self, key: str) -> Slice:
        return Slice(**json.loads(self.shelf.read(f"slices/{key}.json")))

    def _whole(self, key: str, ending: str) -> Path:
        """The local path of one of a slice's files, with the bytes that were shelved."""
        name = f"slices/{key}.{ending}"
        path = self.shelf.local(name)
        if disk.digest_file(path)[0] != self._numbers(key).files.get(ending):
            raise spoiled(self.shelf.full(name))
        return path

    def schema(self, key: str) -> pa.Schema:
        """The Arrow schema of one slice's file."""
        return pq.read_schema(self.shelf.local(f"slices/{key}.parquet"))


class SliceWriter:
    """Writes one slice: rows in batches, then index and rejects, then the numbers, last."""

    def __init__(self, shelf: NormalizedShelf, key: str, schema: pa.Schema) -> None:
        """schema: the content columns; the trace is added here."""
        self._shelf, self._key = shelf, key
        self._schema = pa.schema([*schema, *TRACE])
        self._sink = pa.BufferOutputStream()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._index: list[dict[str, Any]] = []
        self._rejects: list[dict[str, str]] = []
        self._written = 0
        self._filled: Counter[str] = Counter()
        self._names = schema.names

    def add(self, row: dict[str, Any], index: dict[str, Any]) -> None:
        """One row with its trace, and what the index shall say of it."""
        self._index.append({**index, "deleted": False, "row": self._written + len(self._rows)})
        self._rows.append(row)
        self._filled.update(name for name in self._names if row.get(name) not in (None, "", []))
        if len(self._rows) >= ROWS_A_BATCH:
            self._flush()

    def delete(self, index: dict[str, Any]) -> None:
        """One tombstone."""
        self._index.append({**index, "deleted": True, "row": -1})

    def reject(self, row: dict[str, str]) -> None:
        """One thing that could not be read."""
        self._rejects.append(row)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._written += len(self._rows)
            self._rows = []

    def close(
        self, *, bundles: int, problems: Counter[str], unmapped: Counter[str], left_out: int, statements: Counter[str]
    ) -> Slice:
        """Shelves the slice and answers its numbers."""
        self._flush()
        self._writer.close()
        name = f"slices/{self._key}"
        contents = (bytes(self._sink.getvalue()), _parquet(self._index, INDEX), _parquet(self._rejects, REJECTS))
        files = {}
        for ending, data in zip(_ENDINGS, contents, strict=True):
            self._shelf.shelf.put(f"{name}.{ending}", data)
            files[ending] = hashlib.sha256(data).hexdigest()
        live = [row for row in self._index if not row["deleted"]]
        done = Slice(
            key=self._key,
            bundles=bundles,
            rows=len(live),
            deleted=len(self._index) - len(live),
            rejects=dict(Counter(row["reason"] for row in self._rejects)),
            problems=dict(problems),
            unmapped=dict(unmapped),
            left_out=left_out,
            tiers=dict(Counter(row["tier"] for row in live)),
            statements=dict(statements),
            filled=dict(self._filled),
            digest=self._digest(),
            files=files,
        )
        self._shelf.shelf.put(f"{name}.json", json.dumps(asdict(done), indent=1, ensure_ascii=False).encode())
        return done

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for row in self._index:
            digest.update(f"{row['id']}\x00{row['datestamp']}\x00".encode())
            digest.update(row["row_digest"] or b"gone")
        for reject in self._rejects:
            digest.update(f"{reject['reason']}\x00{reject['item']}\x00{reject['position']}\x00".encode())
        return digest.hexdigest()


def _parquet(rows: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink, compression="zstd")
    return bytes(sink.getvalue())
