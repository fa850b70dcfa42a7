"""Sticky parts: rows never move, and a part whose rows did not change is not written again."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.columns import DUPLICATES
from biglam_pipeline.dedup.finishing import Final, row_key
from biglam_pipeline.dedup.gathering import steps_of
from biglam_pipeline.dedup.ordering import ORDERED, order_rows
from biglam_pipeline.dedup.restless import Watch
from biglam_pipeline.dedup.sticky import Laid, Layer
from biglam_pipeline.records import Part
from biglam_pipeline.store.normalized import NormalizedShelf, Slice
from biglam_pipeline.store.parts import PartSize, ShardsShelf
from biglam_pipeline.store.problems import Problems
from biglam_pipeline.store.shelf import DiskShelf
from biglam_pipeline.store.slice_writer import SliceWriter
from biglam_pipeline_tests.dedup.shares import new_room
from biglam_pipeline_tests.examples import examples

CONTENT = pa.schema([pa.field("id", pa.string(), False), pa.field("text", pa.string())])
PUBLISHED = pa.schema([*CONTENT, ("first_seen", pa.int32()), *(one.field for one in DUPLICATES)])
SMALL = PartSize(full=2_000, step=3)
"""Three rows a part, and no part that is still open: its bloom filter alone is larger."""
MIDDLE = PartSize(full=250_000, step=3)
"""Some ten rows of an open tail, some forty of a closed part."""


def words(name: str, version: int) -> str:
    """20,000 letters that compress by half."""
    return Random(f"{name} {version}").randbytes(10_000).hex()


@dataclass
class World:
    """A source of rows with versions, and the parts they lie in after each night."""

    shelf: DiskShelf
    size: PartSize
    slices: int = 1
    rows: dict[str, int] = field(default_factory=dict)
    configs: dict[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    harvest: int = 0

    def __post_init__(self) -> None:
        self.normalized = NormalizedShelf(self.shelf.at("normalized"))
        self.shards = ShardsShelf(self.shelf.at("shards"))

    def night(self) -> Laid:
        """Lays what the rows are now."""
        self.harvest += 1
        keys, index = [], []
        names = sorted(self.rows)
        for number in range(self.slices):
            mine = names[number :: self.slices]
            key = f"{self.harvest}-{number}-of-{self.slices}"
            with self.shelf.scratch() as folder, SliceWriter(folder, key, CONTENT) as writer:
                for row, name in enumerate(mine):
                    text = words(name, self.rows[name])
                    digest = hashlib.sha256(text.encode()).digest()[:16]
                    writer.add(
                        {"id": name, "text": text} | _trace(digest),
                        {"id": name, "tier": "pd", "datestamp": "", "row_digest": digest, "size": len(text)},
                    )
                    index.append({"id": name, "slice": number, "row": row, "row_digest": digest, "size": len(text)})
                self.normalized.shelve(folder, _close(writer))
            keys.append(key)
        self.parts = (laid := self._lay(keys, index)).parts
        return laid

    def _lay(self, keys: list[str], index: list[dict[str, Any]]) -> Laid:
        lies: dict[str, tuple[int, int, int]] = {}
        for number, part in enumerate(self.parts):
            for at, (name, seen) in enumerate(self.shards.places(part).select("id", "first_seen").iter_rows()):
                lies[name] = (seen, number, at)
        new = (self.harvest, None, None)
        types = {"id": pl.String, "slice": pl.Int64, "row": pl.Int64, "row_digest": pl.Binary, "size": pl.Int64}
        rows = pl.DataFrame(index, schema=types).with_columns(
            first_seen=pl.Series([lies.get(one["id"], new)[0] for one in index], dtype=pl.Int32),
            part=pl.Series([lies.get(one["id"], new)[1] for one in index], dtype=pl.Int32),
            at=pl.Series([lies.get(one["id"], new)[2] for one in index], dtype=pl.Int64),
            config=pl.Series([self.configs.get(one["id"]) for one in index], dtype=pl.String),
            dup_cluster_id=pl.lit(None, pl.String),
            dup_of=pl.lit(None, pl.String),
            similarity=pl.lit(None, pl.Float32),
        )
        with new_room(rows.height, share=7) as room:
            final = Final(room.dealt(ORDERED), room.shares, Watch(None, [], self.harvest))
            final.dealt.add(row_key(rows), by="id")
            ordered = order_rows(room, final.placed({}, self.parts), PUBLISHED)
            return Layer(self.normalized, self.shards, keys, PUBLISHED, self.size).lay(ordered, self.parts)

    def where(self) -> dict[str, str]:
        """Row -> part."""
        return {name: part.path for part in self.parts for name in self.ids(part)}

    def ids(self, part: Part) -> list[str]:
        """The rows of a part, in order."""
        return [str(name) for name in self.shards.table(part, ["id"])["id"].to_pylist()]

    def add(self, *names: str) -> None:
        """New rows, or rows that are back."""
        self.rows |= dict.fromkeys(names, 1)


def _trace(digest: bytes) -> dict[str, Any]:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return {"trace_harvest": 1, "trace_seq": 1, "trace_row_digest": digest, "trace_retrieved_at": at}


def _close(writer: SliceWriter) -> Slice:
    return writer.close(bundles=1, problems=Problems(), unmapped=Counter(), left_out=0, statements=Counter())


@contextmanager
def new_world(size: PartSize, slices: int = 1) -> Iterator[World]:
    """A world in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        yield World(DiskShelf(Path(folder) / "home", Path(folder) / "local"), size, slices)


@pytest.fixture
def world() -> Iterator[World]:
    with new_world(SMALL) as made:
        made.add(*(f"r{at:03d}" for at in range(30)))
        made.night()
        assert len(made.parts) > 3
        yield made


def files(parts: tuple[Part, ...]) -> dict[str, tuple[str, str]]:
    """Path in the repository -> file and digest."""
    return {part.path: (part.file, part.sha256) for part in parts}


def changed(before: tuple[Part, ...], after: tuple[Part, ...]) -> set[str]:
    """Paths whose file is another one, or gone."""
    was, now = files(before), files(after)
    return {path for path in was.keys() | now.keys() if was.get(path) != now.get(path)}


def test_a_night_with_nothing_new_writes_nothing(world: World) -> None:
    before = world.parts
    assert world.night() == Laid(before, 0)


def test_a_correction_touches_its_own_part_only(world: World) -> None:
    before, where = world.parts, world.where()
    world.rows["r004"] += 1
    laid = world.night()
    assert changed(before, laid.parts) == {where["r004"]}
    assert laid.written == 1
    assert world.where() == where


def test_new_rows_go_to_the_tail_in_the_order_of_their_names(world: World) -> None:
    before, where = world.parts, world.where()
    world.add("a-new", "zz-new")
    laid = world.night()
    assert changed(before, laid.parts) <= {before[-1].path} | {part.path for part in laid.parts[len(before) :]}
    assert {name: path for name, path in world.where().items() if name in where} == where
    order = [name for part in laid.parts for name in world.ids(part)]
    assert order[-2:] == ["a-new", "zz-new"]


def test_a_restored_row_comes_back_at_the_tail(world: World) -> None:
    del world.rows["r001"]
    world.night()
    world.add("r001")
    laid = world.night()
    last = world.shards.table(laid.parts[-1])
    assert last["id"].to_pylist()[-1] == "r001"
    assert last["first_seen"].to_pylist()[-1] == 3


def test_an_emptied_part_goes_and_its_number_is_not_used_again(world: World) -> None:
    second = world.parts[1]
    for name in world.ids(second):
        del world.rows[name]
    after = world.night().parts
    assert second.path not in files(after)
    world.add("new")
    later = world.night().parts
    assert second.path not in files(later)
    assert {path: files(after)[path] for path in files(after).keys() - {after[-1].path}}.items() <= files(later).items()


def test_a_part_that_grew_is_never_split(world: World) -> None:
    big = PartSize(full=1, step=3)
    first = world.ids(world.parts[0])
    world.size = big
    for name in first:
        world.rows[name] += 1
    laid = world.night()
    assert world.ids(laid.parts[0]) == first


def test_a_lost_part_is_written_again_as_it_was(world: World) -> None:
    lost = world.parts[1]
    world.shards.shelf.delete(lost.file)
    laid = world.night()
    assert laid.written == 1
    assert files(laid.parts)[lost.path] == (lost.file, lost.sha256)
    assert world.shards.digest(laid.parts[1])[0] == lost.sha256


def test_the_tail_stays_as_it_is_when_it_is_full_of_what_does_not_compress(world: World) -> None:
    """A tail below its size in bytes takes at least one step of new rows, so no night writes it for nothing."""
    world.size = PartSize(full=10**9, step=3)
    world.add("new")
    before = world.parts
    laid = world.night()
    assert len(laid.parts) == len(before)
    assert "new" in world.ids(laid.parts[-1])
    assert world.night() == Laid(laid.parts, 0)


def test_parts_are_the_same_whatever_slices_the_rows_come_from() -> None:
    made = []
    for slices in (1, 2, 5):
        with new_world(MIDDLE, slices) as one:
            one.add(*(f"r{at:03d}" for at in range(70)))
            made.append([(part.path, part.sha256) for part in one.night().parts])
    assert made[0] == made[1] == made[2]


NIGHT = st.fixed_dictionaries(
    {
        "add": st.integers(0, 7),
        "correct": st.sets(st.integers(0, 40), max_size=3),
        "remove": st.sets(st.integers(0, 40), max_size=8),
        "restore": st.booleans(),
        "idle": st.integers(0, 1),
    }
)


def befall(world: World, night: dict[str, Any], gone: list[str]) -> None:
    """What happens between two nights."""
    names = sorted(world.rows)
    for at in night["correct"]:
        if at < len(names):
            world.rows[names[at]] += 1
    for at in night["remove"]:
        if at < len(names):
            gone.append(names[at])
            del world.rows[names[at]]
    if night["restore"] and gone:
        world.add(gone.pop(0))
    start = sum(part.rows for part in world.parts) + len(gone)
    # Names come from a digest, so that new rows sort among the old.
    world.add(*(hashlib.sha256(f"{world.harvest} {start + at}".encode()).hexdigest()[:8] for at in range(night["add"])))


@examples(12)
@given(nights=st.lists(NIGHT, min_size=2, max_size=5))
def test_rows_never_move(nights: list[dict[str, Any]]) -> None:
    with new_world(MIDDLE) as world:
        world.add(*(f"r{at:03d}" for at in range(14)))
        world.night()
        gone: list[str] = []
        for night in nights:
            befall(world, night, gone)
            before, order = world.parts, {part.path: world.ids(part) for part in world.parts}
            rows = {name: world.shards.table(part).to_pylist() for part in before for name in [part.path]}
            laid = world.night()
            _holds(world, before, order, rows, laid)
            for _ in range(night["idle"]):
                assert world.night() == Laid(laid.parts, 0)


def _holds(
    world: World, before: tuple[Part, ...], order: dict[str, list[str]], rows: dict[str, Any], laid: Laid
) -> None:
    tables = {part.path: world.shards.table(part).to_pylist() for part in laid.parts}
    found = [row for part in laid.parts for row in tables[part.path]]
    assert {row["id"]: row["text"] for row in found} == {name: words(name, at) for name, at in world.rows.items()}
    assert len(found) == len(world.rows)
    assert [(row["first_seen"], row["id"]) for row in found] == sorted((row["first_seen"], row["id"]) for row in found)
    was, now = {name: path for path, names in order.items() for name in names}, world.where()
    assert all(now[name] == path for name, path in was.items() if name in now)
    for part in laid.parts:
        old = order.get(part.path, [])
        kept = [name for name in world.ids(part) if name in old]
        assert kept == [name for name in old if name in now]
    same = {path for path, old in rows.items() if tables.get(path) == old}
    assert not changed(before, laid.parts) & same
    assert laid.written == sum(files(before).get(path) != one for path, one in files(laid.parts).items())
    numbers = [part.path for part in laid.parts]
    assert numbers == sorted(set(numbers))
    last = before[-1].path if before else ""
    assert all(path in order or path > last for path in numbers)


@examples(8)
@given(nights=st.lists(NIGHT, min_size=1, max_size=3))
def test_runs_with_nothing_new_leave_no_trace(nights: list[dict[str, Any]]) -> None:
    """Two sources live through the same changes; one is laid again and again in between. first_seen apart, all is
    equal, so both count the same harvests here."""
    with new_world(MIDDLE) as calm, new_world(MIDDLE) as busy:
        for world in (calm, busy):
            world.add(*(f"r{at:03d}" for at in range(9)))
            world.night()
        gone: tuple[list[str], list[str]] = ([], [])
        for night in nights:
            for number, world in enumerate((calm, busy)):
                befall(world, night, gone[number])
                world.night()
            for _ in range(2):
                busy.night()
                busy.harvest -= 1
        assert files(calm.parts) == files(busy.parts)


# --- several configs ---


@pytest.fixture
def tongues() -> Iterator[World]:
    """Two configs, `en` and `de`, of some parts each."""
    with new_world(SMALL) as made:
        made.add(*(f"r{at:03d}" for at in range(24)))
        made.configs = {name: "de" if at % 3 else "en" for at, name in enumerate(sorted(made.rows))}
        made.night()
        assert Counter(part.config for part in made.parts) == {"de": 6, "en": 3}
        yield made


def test_each_config_has_parts_of_its_own(tongues: World) -> None:
    assert [part.path for part in tongues.parts] == [
        *(f"data/de/part-{at:05d}.parquet" for at in range(6)),
        *(f"data/en/part-{at:05d}.parquet" for at in range(3)),
    ]
    assert all(tongues.configs[name] == part.config for part in tongues.parts for name in tongues.ids(part))
    assert tongues.night() == Laid(tongues.parts, 0)


def test_a_row_whose_config_changes_joins_the_tail_of_the_other(tongues: World) -> None:
    before, where = tongues.parts, tongues.where()
    moved = tongues.ids(before[0])[1]
    tongues.configs[moved] = "en"
    laid = tongues.night()
    now = tongues.where()
    assert {name for name, path in now.items() if where[name] != path} == {moved}
    assert now[moved] == [part.path for part in laid.parts if part.config == "en"][-1]
    assert changed(before, laid.parts) == {where[moved], now[moved]}
    (first_seen,) = [
        row["first_seen"] for part in laid.parts for row in tongues.shards.table(part).to_pylist() if row["id"] == moved
    ]
    assert first_seen == 1, "it is the same row, seen long ago"


def test_a_config_that_nothing_is_in_any_more_goes(tongues: World) -> None:
    tongues.configs = dict.fromkeys(tongues.configs, "de")
    laid = tongues.night()
    assert {part.config for part in laid.parts} == {"de"}
    assert sum(part.rows for part in laid.parts) == 24


# --- steps ---


@given(
    sizes=st.lists(st.integers(0, 50), max_size=200),
    rows=st.integers(1, 20),
    most=st.integers(1, 120),
)
def test_steps_cover_all_rows_and_are_no_larger_than_they_may_be(sizes: list[int], rows: int, most: int) -> None:
    limits = PartSize(step=rows, step_bytes=most)
    steps = list(steps_of(np.array(sizes, np.int64), limits))
    assert [at for start, end in steps for at in range(start, end)] == list(range(len(sizes)))
    for start, end in steps:
        assert 1 <= end - start <= rows
        assert end - start == 1 or sum(sizes[start:end]) <= most
    for start, end in steps[:-1]:
        assert end - start == rows or sum(sizes[start : end + 1]) > most, "a step is as large as it may be"
