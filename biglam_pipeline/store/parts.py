"""The shards shelf: parts as they are published, the manifest that names them, and what was removed."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.records import Shard, Tally
from biglam_pipeline.store import disk
from biglam_pipeline.store.shelf import Shelf

PART_BYTES = 128 * 2**20
"""A part is closed at this size; between 100 and 250 MB deduplicates well and loads well."""
GROUP_BYTES = 100 * 2**20
"""A row group's uncompressed size; the Hub's viewer refuses groups above 286 MiB."""
GROUP_STEP = 1000
"""Rows are looked at by the thousand when a group is filled, so that its border depends on the rows alone."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """When a part is full, and by how many rows it grows; it grows by a step at least, wherever there is room."""

    full: int = PART_BYTES
    step: int = GROUP_STEP


PART_SIZE = PartSize()

PROFILE = "parquet/1: zstd 3, content-defined chunking, page index, bloom filter on id"
"""Names the writer's settings; a new one rewrites every part, so it is part of each part's content digest."""

_FEW_VALUES = {
    "source_id",
    "custodian",
    "collection",
    "type",
    "publisher",
    "date_precision",
    "date_qualifier",
    "date_type",
    "rights_uri",
    "rights_tier",
    "rights_basis",
    "attribution",
    "text_unit",
    "text_origin",
    "ocr_engine",
    "record_format",
    "media_type",
}

REMOVED = pa.schema(
    [
        ("id", pa.string()),
        ("source_record_id", pa.string()),
        ("keeper", pa.string()),
        ("reason", pa.string()),
        ("similarity", pa.float32()),
    ]
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is to be published, and the chain that leads there. Swapped last."""

    source: str
    harvest: int
    harvest_digest: str
    complete: bool
    normalized_digest: str
    policy_digest: str
    ledger_digest: str
    schema_version: int
    tally: Tally
    withheld: dict[str, int]
    rejects: dict[str, int]
    statements: dict[str, int]
    parts: tuple[Shard, ...]
    removed: str
    removed_rows: int
    content: str
    """Digest of what is published: schema, parts in order, withheld and removed counts. Chain numbers do not enter."""
    extras: dict[str, str] = field(default_factory=dict)
    """The source's own columns with their Arrow types."""

    @property
    def digest(self) -> str:
        """Digest of the whole manifest: what findings are made for and what a clearance is granted for."""
        return hashlib.sha256(encode(self)).hexdigest()


def encode(manifest: Manifest) -> bytes:
    """The manifest as it is shelved and published beside the parts."""
    return json.dumps(asdict(manifest), indent=1, ensure_ascii=False, sort_keys=True).encode()


def decode(data: bytes) -> Manifest:
    """A manifest read back."""
    raw = json.loads(data)
    parts = tuple(Shard(**part) for part in raw["parts"])
    return Manifest(**{**raw, "tally": Tally(**raw["tally"]), "parts": parts})


class ShardsShelf:
    """Parts, manifest and removed rows of one source."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the source's own, at `<source>/shards`."""
        self.shelf = shelf

    def current(self) -> Manifest | None:
        """What the pointer names, or None before the first run."""
        return decode(self.shelf.read("manifest.json")) if self.shelf.exists("manifest.json") else None

    def point(self, manifest: Manifest) -> None:
        """Swaps the pointer, then takes away the files that nothing names any more."""
        old = self.shelf.read("manifest.json") if self.shelf.exists("manifest.json") else None
        self.shelf.swap("manifest.json", old, encode(manifest))
        kept = {part.file for part in manifest.parts} | {places_of(part.file) for part in manifest.parts}
        for name in [*self.shelf.list("data/"), *self.shelf.list("removed/")]:
            if name not in kept and name != manifest.removed:
                self.shelf.delete(name)

    def places(self, part: Shard) -> pl.DataFrame:
        """Id and first_seen of each row of a part, in the order in which the rows lie: as the file beside it says."""
        name = places_of(part.file) if self.shelf.exists(places_of(part.file)) else part.file
        return pl.DataFrame(pl.from_arrow(pq.read_table(self.shelf.local(name), columns=["id", "first_seen"])))

    def stands(self, part: Shard) -> bool:
        """Whether a part and the file beside it are there."""
        return self.shelf.exists(part.file) and self.shelf.exists(places_of(part.file))

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether every file that the manifest names is there."""
        return self.shelf.exists(manifest.removed) and all(self.stands(part) for part in manifest.parts)

    def table(self, part: Shard, columns: list[str] | None = None) -> pa.Table:
        """A part's rows; all columns, or those named."""
        return pq.read_table(self.shelf.local(part.file), columns=columns)

    def count_values(self, manifest: Manifest, column: str) -> dict[str, int]:
        """Value -> rows of a column over all parts; null is left out."""
        counts: Counter[str] = Counter()
        for part in manifest.parts:
            counts.update(value for value in self.table(part, [column])[column].to_pylist() if value is not None)
        return dict(counts)

    def schema(self, part: Shard) -> pa.Schema:
        """The schema in a part's footer."""
        return pq.read_schema(self.shelf.local(part.file))

    def path(self, part: Shard) -> Path:
        """A part's file on this machine."""
        return self.shelf.local(part.file)

    def digest(self, part: Shard) -> tuple[str, int]:
        """sha256 and size of a part as it lies on the shelf now."""
        return disk.digest_file(self.shelf.local(part.file))

    def keep_part(self, config: str, path: str, written: Path, schema: pa.Schema, rows: pl.DataFrame) -> Shard:
        """Shelves a written part and, beside it, which row lies where."""
        sha256, size = disk.digest_file(written)
        content = content_digest(schema, rows)
        file = f"{path.removesuffix('.parquet')}-{content[:8]}.parquet"
        sink = pa.BufferOutputStream()
        pq.write_table(rows.select(PLACES.names).to_arrow().cast(PLACES), sink, compression="zstd")
        self.shelf.put(places_of(file), bytes(sink.getvalue()))
        self.shelf.put(file, written)
        return Shard(config, path, file, rows.height, size, sha256, content)

    def keep_removed(self, rows: list[dict[str, Any]]) -> str:
        """Shelves what was removed and why; the name it got."""
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(rows, REMOVED), sink, compression="zstd")
        data = bytes(sink.getvalue())
        name = f"removed/removed-{hashlib.sha256(data).hexdigest()[:8]}.parquet"
        self.shelf.put(name, data)
        return name

    def removed(self, manifest: Manifest) -> list[dict[str, Any]]:
        """What was removed, with keeper, reason and similarity."""
        rows: list[dict[str, Any]] = pq.read_table(self.shelf.local(manifest.removed)).to_pylist()
        return rows


PLACES = pa.schema([("id", pa.string()), ("first_seen", pa.int32()), ("row_key", pa.binary(16))])


def places_of(file: str) -> str:
    """The name of the file beside a part that says which row lies where."""
    return file.removesuffix(".parquet") + ".places.parquet"


def content_digest(schema: pa.Schema, places: pl.DataFrame) -> str:
    """Logical digest of a part: schema, writer profile and the ordered rows. Not of file bytes: those change with
    every release of the Parquet writer.
    """
    digest = hashlib.sha256(f"{PROFILE}\x00{schema.to_string(show_schema_metadata=True)}".encode())
    for name, first_seen, key in places.select("id", "first_seen", "row_key").iter_rows():
        digest.update(f"{name}\x00{first_seen}\x00".encode())
        digest.update(key)
    return digest.hexdigest()


def write_part(path: Path, schema: pa.Schema, batches: Iterable[pa.Table]) -> int:
    """Writes one part to a scratch path, in full row groups; the rows written."""
    few = [name for name in schema.names if name in _FEW_VALUES]
    rows = 0
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        use_content_defined_chunking=True,
        write_page_index=True,
        use_dictionary=few or False,
        bloom_filter_options={"id": {"ndv": 100_000, "fpp": 0.01}},
    ) as writer:
        for group in _groups(batches):
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
            rows += group.num_rows
    return rows


def _groups(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    size = 0
    for step in (part for whole in _steps(batches) for part in _halved(whole)):
        waiting.append(step)
        size += step.nbytes
        if size >= GROUP_BYTES:
            yield pa.concat_tables(waiting).combine_chunks()
            waiting, size = [], 0
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def _halved(step: pa.Table) -> Iterator[pa.Table]:
    """A step of rows so large that it would be more than a group, in halves of halves; others as they are."""
    if step.nbytes <= GROUP_BYTES or step.num_rows < 2:
        yield step
        return
    middle = step.num_rows // 2
    yield from _halved(step.slice(0, middle))
    yield from _halved(step.slice(middle))


def _steps(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables of exactly GROUP_STEP rows (the last may be shorter), whatever the sizes that come in."""
    rest: pa.Table | None = None
    for batch in batches:
        table = batch if rest is None else pa.concat_tables([rest, batch])
        whole = table.num_rows - table.num_rows % GROUP_STEP
        for start in range(0, whole, GROUP_STEP):
            yield table.slice(start, GROUP_STEP).combine_chunks()
        rest = table.slice(whole)
    if rest is not None and rest.num_rows:
        yield rest.combine_chunks()


def count_rows(stream: BinaryIO) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pq.ParquetFile(stream).metadata.num_rows)
