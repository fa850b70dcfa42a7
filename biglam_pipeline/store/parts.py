"""The shards shelf: parts as they are published, the manifest that names them, and what was removed."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biglam_pipeline.columns import IMAGE_FEATURE
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.records import Part, Tally
from biglam_pipeline.store import disk
from biglam_pipeline.store.places import PLACES, content_digest, packed_places, places_of
from biglam_pipeline.store.reading import read_batches, read_schema, read_table, sound
from biglam_pipeline.store.removed import write_removed
from biglam_pipeline.store.seal import fields_of
from biglam_pipeline.store.shelf import Shelf

PART_BYTES = 128 * 2**20
"""A part is closed at this size; between 100 and 250 MB deduplicates well and loads well."""
STEP_ROWS = 1000
STEP_BYTES = 32 * 2**20
"""A part grows by steps of so many rows or bytes, whichever comes first; a row group is made of whole steps."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """When a part is full, and how it grows: by a step at least, wherever there is room."""

    full: int = PART_BYTES
    step: int = STEP_ROWS
    step_bytes: int = STEP_BYTES


PART_SIZE = PartSize()


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
    parts: tuple[Part, ...]
    removed: str
    removed_rows: int
    content: str
    """Digest of what is published: schema, parts in order, withheld and removed counts. Chain numbers do not enter."""
    extras: dict[str, str] = field(default_factory=dict)
    """The source's own columns with their Arrow types."""
    doubles: dict[str, int] = field(default_factory=dict)
    """What was found: rows dropped by reason, rows `flagged`, and `clusters`."""
    unread: dict[str, int] = field(default_factory=dict)
    """Values that could not be read, or only with a doubt, by column: a reason may hold a value."""
    visits_before: int = 0
    """Visits that an earlier, lost raw shelf had counted: `first_seen` is a harvest's number and this."""
    beliefs: dict[str, int] = field(default_factory=dict)
    """Tier that is a belief -> rows that are withheld for nothing else."""
    takedowns: tuple[str, ...] = ()
    """sha256 of every line about the source in the ledger that the shards were laid by."""
    restless: tuple[dict[str, Any], ...] = ()
    """Of the last visits: rows, those that changed, and the fields that changed alone."""
    overtaken: dict[str, Any] = field(default_factory=dict)
    """Rows that may be published though a newer version came that could not be read: `rows`, and the `first` of them
    by source_record_id."""
    configs: dict[str, str] = field(default_factory=dict)
    """Name of a config -> the value that it is of; one that has no rows any more keeps its name."""
    sections: dict[str, str] = field(default_factory=dict)
    """Name of a config -> the section of its rows; nothing where the source has one."""

    @property
    def rows_by_section(self) -> dict[str, int]:
        """Section -> its published rows; nothing where the source has one."""
        rows = Counter[str]()
        for part in self.parts if self.sections else ():
            rows[self.section(part)] += part.rows
        return dict(rows)

    def section(self, part: Part) -> str:
        """That of a part's rows."""
        return self.sections.get(part.config, "")

    @property
    def digest(self) -> str:
        """Digest of the whole manifest: what findings are made for and what a clearance is granted for."""
        return hashlib.sha256(encode(self)).hexdigest()


def encode(manifest: Manifest) -> bytes:
    """The manifest as it is shelved and published beside the parts."""
    return json.dumps(manifest, default=fields_of, indent=1, ensure_ascii=False, sort_keys=True).encode()


def decode(data: bytes) -> Manifest:
    """A manifest read back."""
    raw = json.loads(data)
    parts = tuple(Part(**part) for part in raw["parts"])
    takedowns = tuple(raw.get("takedowns", ()))
    listed = {"parts": parts, "takedowns": takedowns, "restless": tuple(raw.get("restless", ()))}
    return Manifest(**{**raw, "tally": Tally(**raw["tally"]), **listed})


class ShardsShelf:
    """Parts, manifest and removed rows of one source."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the source's own, at `<source>/shards`."""
        self.shelf = shelf

    def fingerprints(self) -> Shelf:
        """Where the search for near-duplicates keeps what it computed of texts: it can be made again at any time."""
        return self.shelf.at("fingerprints")

    def current(self) -> Manifest | None:
        """What the pointer names, or None before the first run."""
        if not self.shelf.exists("manifest.json"):
            return None
        with sound(self.shelf, "manifest.json"):
            return decode(self.shelf.read("manifest.json"))

    def point(self, manifest: Manifest) -> None:
        """Swaps the pointer, then takes away the files that nothing names any more."""
        old = self.shelf.read("manifest.json") if self.shelf.exists("manifest.json") else None
        self.shelf.swap("manifest.json", old, encode(manifest))
        kept = {part.file for part in manifest.parts} | {places_of(part.file) for part in manifest.parts}
        for name in [*self.shelf.list("data/"), *self.shelf.list("removed/")]:
            if name not in kept and name != manifest.removed:
                self.shelf.delete(name)

    def places(self, part: Part) -> pl.DataFrame:
        """Id and first_seen of each row of a part, in the order in which the rows lie: as the file beside it says."""
        name, columns = places_of(part.file), ["id", "first_seen"]
        if self.shelf.exists(name):
            return pl.DataFrame(pl.from_arrow(read_table(self.shelf, name, columns, schema=PLACES)))
        if self.digest(part)[0] != part.sha256:
            raise self.shelf.spoiled(part.file)
        return pl.DataFrame(pl.from_arrow(self.table(part, columns)))

    def laid(self, part: Part) -> Iterator[pl.DataFrame]:
        """The same with row_key, null where the shelf was lost and read back; some thousands of rows at a time."""
        name = places_of(part.file)
        if self.shelf.exists(name):
            for table in read_batches(self.shelf, name, schema=PLACES):
                yield pl.DataFrame(pl.from_arrow(table))
            return
        if self.digest(part)[0] != part.sha256:
            raise self.shelf.spoiled(part.file)
        for table in read_batches(self.shelf, part.file, ["id", "first_seen"]):
            yield pl.DataFrame(pl.from_arrow(table)).with_columns(row_key=pl.lit(None, pl.Binary))

    def keys(self, part: Part) -> pl.DataFrame:
        """Id and row_key of each row of a part; the key is null where the shelf was lost and read back."""
        name = places_of(part.file)
        if not self.shelf.exists(name):
            return pl.DataFrame(schema={"id": pl.String, "row_key": pl.Binary})
        return pl.DataFrame(pl.from_arrow(read_table(self.shelf, name, ["id", "row_key"], schema=PLACES)))

    def recover(self, manifest: Manifest, read: Callable[[Part], BinaryIO]) -> None:
        """Puts the pointer and the places of published parts back on a shelf that lost them; the parts themselves are
        written again when they are laid, to the same bytes where nothing changed. read: opens a published part.
        """
        for part in manifest.parts:
            with read(part) as stream:
                self.recover_places(part, stream)
        old = self.shelf.read("manifest.json") if self.shelf.exists("manifest.json") else None
        self.shelf.swap("manifest.json", old, encode(manifest))

    def recover_places(self, part: Part, stream: Path | BinaryIO) -> None:
        """Puts the places of one part back; stream: the part's bytes."""
        places = pq.read_table(stream, columns=["id", "first_seen"])
        places = places.append_column("row_key", pa.nulls(places.num_rows, pa.binary(16)))
        self.shelf.put(places_of(part.file), packed_places(places))

    def has_places(self, part: Part) -> bool:
        """Whether the file beside a part is there and can be read."""
        try:
            return self.shelf.exists(places_of(part.file)) and bool(self.places(part).columns)
        except (ShelfDamaged, pa.ArrowException, OSError):
            return False

    def clear(self) -> None:
        """Takes everything away, the pointer first: it is laid again, from the slices."""
        for name in ["manifest.json", *self.shelf.list()]:
            self.shelf.delete(name)

    def stands(self, part: Part) -> bool:
        """Whether a part and the file beside it are there."""
        return self.shelf.exists(part.file) and self.shelf.exists(places_of(part.file))

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether every file that the manifest names is there."""
        return self.shelf.exists(manifest.removed) and all(self.stands(part) for part in manifest.parts)

    def table(self, part: Part, columns: list[str] | None = None) -> pa.Table:
        """A part's rows; all columns, or those named."""
        return read_table(self.shelf, part.file, columns)

    def some(self, part: Part, columns: list[str]) -> Iterator[pa.Table]:
        """Some columns of a part, some thousands of rows at a time."""
        return read_batches(self.shelf, part.file, columns)

    def groups(self, part: Part) -> Iterator[pa.Table]:
        """A part's rows, row group by row group; of pictures their names, without the bytes."""
        path = self.shelf.local(part.file)
        with sound(self.shelf, part.file), pq.ParquetFile(path) as file:
            for number in range(file.metadata.num_row_groups):
                yield file.read_row_group(number, _light(file.schema_arrow))

    def holds_pictures(self, part: Part) -> bool:
        """Whether a row of the part has a picture; their bytes are not read."""
        path = self.shelf.local(part.file)
        with sound(self.shelf, part.file), pq.ParquetFile(path) as file:
            pictures = file.read([f"{IMAGE_FEATURE}.path"])[IMAGE_FEATURE]
        return bool(pictures.null_count < len(pictures))

    def head(self, part: Part, rows: int) -> pa.Table:
        """The first rows of a part, of pictures their names."""
        path = self.shelf.local(part.file)
        with sound(self.shelf, part.file), pq.ParquetFile(path) as file:
            batches = file.iter_batches(rows, columns=_light(file.schema_arrow))
            return pa.Table.from_batches([next(batches)])

    def count_statements(self, manifest: Manifest) -> dict[str, int]:
        """Rights statement -> rows over all parts: by its address, by its name where it has none; "" where neither."""
        counts: Counter[str] = Counter()
        for part in manifest.parts:
            table = self.table(part, ["rights_uri", "rights_name"])
            counts.update(pc.coalesce(table["rights_uri"], table["rights_name"], pa.scalar("")).to_pylist())
        return dict(counts)

    def schema(self, part: Part) -> pa.Schema:
        """The schema in a part's footer."""
        return read_schema(self.shelf, part.file)

    def groups_of(self, part: Part) -> list[tuple[int, int]]:
        """Rows and uncompressed bytes of each row group, from the footer."""
        with sound(self.shelf, part.file), pq.ParquetFile(self.shelf.local(part.file)) as file:
            found = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
            return [(group.num_rows, group.total_byte_size) for group in found]

    def path(self, part: Part) -> Path:
        """A part's file on this machine."""
        return self.shelf.local(part.file)

    def digest(self, part: Part) -> tuple[str, int]:
        """sha256 and size of a part as it lies on the shelf now."""
        return disk.digest_file(self.shelf.local(part.file))

    def keep_part(self, config: str, path: str, written: Path, places: Path, rows: int, content: str) -> Part:
        """Shelves a written part and, beside it, which row lies where; content: the digest of that."""
        sha256, size = disk.digest_file(written)
        file = f"{path.removesuffix('.parquet')}-{content[:8]}.parquet"
        self.shelf.put(places_of(file), places)
        self.shelf.put(file, written)
        return Part(config, path, file, rows, size, sha256, content)

    def keep_cut(self, old: Part, written: Path, schema: pa.Schema | None) -> Part:
        """Shelves what is left of a part in its place.

        schema: of the entry, where the rows that are left are as they were: then the part counts as laid, and the next
        night leaves it alone. None, or a part that this shelf did not lay: it is laid again.
        """
        sha256, size = disk.digest_file(written)
        places = pl.DataFrame(pl.from_arrow(pq.read_table(written, columns=["id", "first_seen"])))
        keys = pl.DataFrame(schema={"id": pl.String, "row_key": pl.Binary})
        content = sha256
        if self.has_places(old):
            keys = self.keys(old)
        places = places.join(keys, on="id", how="left", maintain_order="left")
        if schema is not None and keys.height and self._laid_as(old, keys, schema):
            content = content_digest(schema, [places])
        file = f"{old.path.removesuffix('.parquet')}-{content[:8]}.parquet"
        self.shelf.put(places_of(file), packed_places(places.select(PLACES.names).to_arrow()))
        self.shelf.put(file, written)
        return replace(old, file=file, rows=places.height, size=size, sha256=sha256, content=content)

    def _laid_as(self, part: Part, keys: pl.DataFrame, schema: pa.Schema) -> bool:
        """Whether a part holds just these rows, by this schema."""
        was = self.places(part).join(keys, on="id", how="left", maintain_order="left")
        return not was["row_key"].null_count() and content_digest(schema, [was]) == part.content

    def keep_removed(self, removed: Iterable[pl.DataFrame]) -> tuple[str, int]:
        """Shelves what was removed and why, given some rows at a time: the name it got, and how many there are."""
        with self.shelf.scratch() as scratch:
            path = scratch / "removed.parquet"
            rows = write_removed(path, removed)
            name = f"removed/removed-{disk.digest_file(path)[0][:8]}.parquet"
            self.shelf.put(name, path)
        return name, rows

    def removed_rows(self, manifest: Manifest) -> Iterator[pl.DataFrame]:
        """What was removed, some rows at a time."""
        self._prove_removed(manifest)
        for table in read_batches(self.shelf, manifest.removed):
            yield pl.DataFrame(pl.from_arrow(table))

    def removed(self, manifest: Manifest) -> pl.DataFrame:
        """What was removed, with keeper, reason and similarity."""
        self._prove_removed(manifest)
        return pl.DataFrame(pl.from_arrow(read_table(self.shelf, manifest.removed)))

    def _prove_removed(self, manifest: Manifest) -> None:
        if not manifest.removed.endswith(f"-{disk.digest_file(self.shelf.local(manifest.removed))[0][:8]}.parquet"):
            raise self.shelf.spoiled(manifest.removed)

    def clusters(self, manifest: Manifest) -> pl.DataFrame:
        """id and cluster of every row that has duplicates: marked ones, dropped ones, and keepers."""
        empty = pl.DataFrame(schema={"id": pl.String, "dup_cluster_id": pl.String})
        parts = [pl.DataFrame(pl.from_arrow(self.table(part, empty.columns))) for part in manifest.parts]
        marked = pl.concat([empty, *parts]).rename({"dup_cluster_id": "cluster"})
        gone = self.removed(manifest).filter(pl.col("reason") != "identifier_repeated").select("id", "keeper")
        joined = gone.join(marked.rename({"id": "keeper"}), on="keeper", how="left")
        dropped = joined.select("id", cluster=pl.coalesce("cluster", "keeper"))
        keepers = joined.filter(pl.col("cluster").is_null()).select(id="keeper", cluster="keeper").unique()
        return pl.concat([marked.drop_nulls(), dropped, keepers])


def _light(schema: pa.Schema) -> list[str]:
    return [f"{name}.path" if name == IMAGE_FEATURE else name for name in schema.names]


def digest_of_seen(manifest: Manifest) -> str:
    """Digest of all that a reader of the repository sees; see `Manifest.content`."""
    seen = {
        "schema": manifest.schema_version,
        "parts": [(part.path, part.sha256) for part in manifest.parts],
        "removed": manifest.removed,
        "withheld": manifest.withheld,
        "beliefs": manifest.beliefs,
        "taken_down": manifest.tally.taken_down,
        "rejected": manifest.rejects,
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
