"""Does laying stay flat and linear? `python -m benchmarks.scale [--rows N ...] [--ids scattered|ordered] [--again]`

Makes a normalized shelf of catalogue records for each size, and decides and lays it in a process of its own. Prints
Markdown, and ends with status 1 where a goal is missed: peak memory within 30 % of the smallest, time per row too.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biglam_pipeline.columns import content_columns, published_columns, schema_of
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.dealing import ROWS
from biglam_pipeline.dedup.laying import Laying, lay_shards
from biglam_pipeline.store.disk import digest_file
from biglam_pipeline.store.normalized import INDEX, REJECTS, TRACE, Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.parts import PART_SIZE, PartSize, ShardsShelf
from biglam_pipeline.store.shelf import DiskShelf
from biglam_pipeline.takedown import Ledger

SIZES = (250_000, 1_000_000, 4_000_000)
SLICE_ROWS = 16_384
FLAT, LINEAR = 1.3, 1.3
_MIXED = 2_654_435_761
"""Knuth's multiplier (The Art of Computer Programming 6.4): numbers in order become numbers in no order, each once."""
_WORDS = 4096


@dataclass(frozen=True, slots=True)
class Laid:
    """What one size came to."""

    rows: int
    """That were decided on."""
    published: int
    parts: int
    wall: float
    cpu: float
    """Seconds of laying, of user and system."""
    peak: float
    """MB, the largest resident memory of the process."""

    @property
    def per_row(self) -> float:
        """Microseconds of processor time."""
        return self.cpu / self.rows * 1e6


def make(folder: Path, rows: int, *, scattered: bool) -> None:
    """The shelf: in a hundred records one later version, in five hundred one that repeats another, in a thousand a
    tombstone. scattered: the order of identifiers is none of the files, as in a table with numbers of its own.
    """
    shelf = NormalizedShelf(shelf_in(folder).at("normalized"))
    bits = max(1, (rows - 1).bit_length())
    keys = []
    for start in range(0, rows, SLICE_ROWS):
        at = np.arange(start, min(rows, start + SLICE_ROWS), dtype=np.uint64)
        number = at * np.uint64(_MIXED) % np.uint64(1 << bits) if scattered else at
        key = f"{start // SLICE_ROWS:032x}"
        _write(shelf, key, at.astype(np.int64), number.astype(np.int64))
        keys.append(key)
    shelf.point(Normalized(1, "replace", True, "made up", "", tuple(keys), f"made up {rows}"))


def _write(shelf: NormalizedShelf, key: str, at: npt.NDArray[np.int64], number: npt.NDArray[np.int64]) -> None:
    later = at % 100 == 99
    number = np.where(later, np.roll(number, 50), number)
    gone = at % 1000 == 500
    ids = pa.array([f"scale:oai:catalogue.example:{one:09d}" for one in number.tolist()])
    row = np.where(gone, -1, np.cumsum(~gone) - 1)
    alike = np.where(at % 500 == 250, at - 100, at)
    index = {
        "id": ids,
        "deleted": pa.array(gone),
        "harvest": pa.array(np.ones(len(at), np.int32)),
        "seq": pa.array(np.arange(1, len(at) + 1, dtype=np.int32)),
        "datestamp": pa.array(np.where(later, "2026-01-02", "2026-01-01")),
        "row_digest": pa.array(_digests(at, 1), pa.binary(16)),
        "double_key": pa.array(_digests(alike, 2), pa.binary(16)),
        "copy_key": pa.array(_digests(alike, 3), pa.binary(16)),
        "tier": pa.array(np.full(len(at), "pd")),
        "tiers": pa.array(np.full(len(at), "pd")),
        "statement": pa.array(np.full(len(at), "CC0-1.0")),
        "year": pa.array((1600 + at % 400).astype(np.int16)),
        "size": pa.array(np.full(len(at), 900, np.int64)),
        "row": pa.array(row.astype(np.int32)),
    }
    tables = {
        "parquet": _content(at[~gone], ids.filter(pa.array(~gone))),
        "index.parquet": _filled(index, INDEX, len(at)),
        "rejects.parquet": REJECTS.empty_table(),
    }
    files = {}
    with shelf.shelf.scratch() as scratch:
        for ending, table in tables.items():
            pq.write_table(table, scratch / ending, compression="zstd", row_group_size=1000, use_dictionary=False)
            files[ending] = digest_file(scratch / ending)[0]
            shelf.shelf.put(f"slices/{key}.{ending}", scratch / ending)
    nothing: dict[str, int] = {}
    kept, lost = int((~gone).sum()), int(gone.sum())
    done = Slice(key, 1, kept, lost, nothing, nothing, nothing, 0, {"pd": kept}, {"CC0-1.0": kept}, nothing, key, files)
    shelf.shelf.put(f"slices/{key}.json", json.dumps(asdict(done)).encode())


def _content(at: npt.NDArray[np.int64], ids: pa.Array) -> pa.Table:
    """Records of about 900 bytes, most of them the record as the source has it."""
    rng = np.random.default_rng(int(at[0]))
    words = pa.array([hashlib.sha256(f"{one}".encode()).hexdigest()[: 3 + one % 9] for one in range(_WORDS)])
    joined = pa.array([" ".join(words.take(pa.array(rng.integers(0, _WORDS, 90))).to_pylist()) for _ in range(64)])
    mixed = [joined.take(pa.array(rng.integers(0, 64, len(at)))) for _ in range(2)]
    numbers = pa.array([f"{one:x}" for one in rng.integers(0, 1 << 60, len(at)).tolist()])
    columns = {
        "id": ids,
        "source_record_id": ids,
        "source_id": pa.array(np.full(len(at), "scale")),
        "title": numbers,
        "raw_record": pc.binary_join_element_wise(*mixed, numbers, " "),
    }
    return _filled(columns, pa.schema([*schema_of(content_columns("metadata", {})), *TRACE]), len(at))


def _filled(columns: dict[str, pa.Array], schema: pa.Schema, rows: int) -> pa.Table:
    """All columns of a schema: those that are given, the others empty."""
    made = [columns.get(one.name, pa.nulls(rows, one.type) if one.nullable else _empty(one, rows)) for one in schema]
    return pa.table([array.cast(one.type) for array, one in zip(made, schema, strict=True)], schema=schema)


def _empty(field: pa.Field, rows: int) -> pa.Array:
    if pa.types.is_list(field.type):
        return pa.ListArray.from_arrays(pa.array(np.zeros(rows + 1, np.int32)), pa.array([], field.type.value_type))
    value = "" if pa.types.is_string(field.type) else bytes(16) if pa.types.is_fixed_size_binary(field.type) else 0
    return pa.array([value] * rows, field.type)


def _digests(numbers: npt.NDArray[np.int64], salt: int) -> list[bytes]:
    """(n, 16) bytes that look like digests, equal for equal numbers."""
    mixed = np.stack([numbers.astype(np.uint64) * np.uint64(_MIXED * _MIXED + salt), numbers.astype(np.uint64)], axis=1)
    data = np.ascontiguousarray(mixed).tobytes()
    return [data[start : start + 16] for start in range(0, len(data), 16)]


def shelf_in(folder: Path) -> DiskShelf:
    """Where the made-up source lies."""
    return DiskShelf(folder / "home", folder / "local").at("scale")


def laying_of(size: PartSize, share: int) -> Laying:
    """How the made-up source is laid."""
    return Laying(
        source="scale",
        schemas={"": schema_of(published_columns("metadata", {}))},
        extras={},
        accepted=(frozenset({"pd"}),),
        choice=Dedup(),
        policy_digest="",
        ledger=Ledger(),
        harvest_digest="",
        size=size,
        share=share,
    )


def lay(folder: Path) -> Laid:
    """Decides and lays the shelf in a folder; what it cost this process."""
    shelf = shelf_in(folder)
    normalized = NormalizedShelf(shelf.at("normalized"))
    current = normalized.current()
    if current is None:
        raise SystemExit(f"there is no shelf in {folder}")
    laying = laying_of(PART_SIZE, ROWS)
    began, before = time.monotonic(), getrusage(RUSAGE_SELF)
    manifest = lay_shards(laying, current, normalized, ShardsShelf(shelf.at("shards"))).manifest
    wall, used = time.monotonic() - began, getrusage(RUSAGE_SELF)
    if not manifest.tally.adds_up:
        raise SystemExit(f"the tally does not add up: {manifest.tally}")
    return Laid(
        rows=manifest.tally.seen,
        published=manifest.tally.published,
        parts=len(manifest.parts),
        wall=wall,
        cpu=used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        peak=used.ru_maxrss / 1024,
    )


def _child(*arguments: str) -> str:
    """A process of its own: memory that one size has used must not stand for another's."""
    command = [sys.executable, "-m", "benchmarks.scale", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def measure(sizes: list[int], ids: str, *, again: bool) -> Iterator[tuple[str, Laid]]:
    """Each size; with `again` a second night too, on which everything is decided again and nothing has changed."""
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _child("--rows", str(rows), "--ids", ids, "--make", folder)
            for night in ("first night", "nothing new")[: 1 + again]:
                yield night, Laid(**json.loads(_child("--lay", folder)))


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--ids", choices=("ordered", "scattered"), default="scattered")
    parser.add_argument("--again", action="store_true", help="lay a second time, with nothing new")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--lay", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.make:
        make(chosen.make, chosen.rows[0], scattered=chosen.ids == "scattered")
        return 0
    if chosen.lay:
        sys.stdout.write(json.dumps(asdict(lay(chosen.lay))))
        return 0
    return _report(measure(sorted(chosen.rows), chosen.ids, again=chosen.again))


def _report(found: Iterator[tuple[str, Laid]]) -> int:
    _say("| night | rows | published | parts | wall s | CPU s | µs a row | x smallest | peak MB | x smallest |")
    _say("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    first: dict[str, Laid] = {}
    missed = False
    for night, one in found:
        least = first.setdefault(night, one)
        slower, larger = one.per_row / least.per_row, one.peak / least.peak
        missed |= slower > LINEAR or larger > FLAT
        _say(
            f"| {night} | {one.rows:,} | {one.published:,} | {one.parts} | {one.wall:.1f} | {one.cpu:.1f} | "
            f"{one.per_row:.1f} | {slower:.2f} | {one.peak:.0f} | {larger:.2f} |"
        )
    _say(f"\n{'missed' if missed else 'met'}: peak within {FLAT} times, time a row within {LINEAR} times the smallest")
    return int(missed)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
