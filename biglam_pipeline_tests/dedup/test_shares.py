"""What is decided share by share equals what is decided of all rows in one table, whatever the shares."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import scale
from biglam_pipeline.dedup import gathering
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.dealing import Dealt, Room, in_order
from biglam_pipeline.dedup.exact import find_duplicates
from biglam_pipeline.dedup.laying import lay_shards
from biglam_pipeline.dedup.settling import Known, indexes_of, settle
from biglam_pipeline.store.normalized import INDEX, LEFT_OUT, TAKEN_DOWN, WHOSE, Normalized, NormalizedShelf
from biglam_pipeline.store.parts import PartSize, ShardsShelf
from biglam_pipeline.takedown import Ledger
from biglam_pipeline_tests.dedup.shares import new_room, whole
from biglam_pipeline_tests.dedup.simple import settle_simply
from biglam_pipeline_tests.examples import examples

ACCEPTED = (frozenset({"pd"}),)


@dataclass(frozen=True)
class Indexes:
    """What deciding asks of the normalized shelf."""

    frames: list[pl.DataFrame]

    def index(self, key: str) -> pl.DataFrame:
        """By number."""
        return self.frames[int(key)]

    def named_rejects(self, key: str) -> pl.DataFrame:
        """None; `test_current` has those."""
        return pl.DataFrame(pl.from_arrow(WHOSE.empty_table()))


KEYS = st.none() | st.sampled_from([letter * 16 for letter in (b"x", b"y", b"z")])
VERSIONS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 14).map("s:r{}".format),
        "deleted": st.sampled_from([False] * 7 + [True]),
        "harvest": st.integers(1, 3),
        "datestamp": st.sampled_from(["", "2020", "2021"]),
        "row_digest": st.sampled_from([b"1" * 16, b"2" * 16]),
        "double_key": KEYS,
        "copy_key": KEYS,
        "content_key": KEYS,
        "part_key": KEYS,
        "tier": st.sampled_from(["pd"] * 6 + ["closed", "nc"]),
        "statement": st.sampled_from(["CC0-1.0", "PDM-1.0"]),
        "year": st.none() | st.integers(1800, 1802),
        "ocr_confidence": st.sampled_from([None, 0.5, 0.25]),
        "config": st.sampled_from([None, "=a", "=b"]),
        "row": st.sampled_from([0] * 15 + [TAKEN_DOWN, LEFT_OUT]),
        "whole": st.sampled_from([None] * 6 + ["s:r1", "s:r2", "s:w"]),
        "unit": st.sampled_from(["page", "page", "page", "document", "row", None]),
        "parent": st.sampled_from([None, "p", "q", "r"]),
        "parent_seq": st.none() | st.integers(1, 3),
    }
)


def frames_of(rows: list[dict[str, Any]], slices: int) -> list[pl.DataFrame]:
    """Index tables of slices; visits are read in their order."""
    schema = pl.DataFrame(pl.from_arrow(INDEX.empty_table())).schema
    rows = sorted(rows, key=lambda row: row["harvest"])
    made = [
        {**row, "seq": at, "tiers": row["tier"], "size": 1}
        | ({"row_digest": None, "row": -1, "whole": None} if row["deleted"] else {})
        | ({"row_digest": None, "row": LEFT_OUT, "whole": None, "deleted": True} if row["row"] == LEFT_OUT else {})
        for at, row in enumerate(rows)
    ]
    return [pl.DataFrame(made[number::slices], schema=schema) for number in range(slices)]


@examples(60)
@given(
    rows=st.lists(VERSIONS, max_size=40),
    slices=st.integers(1, 4),
    share=st.sampled_from([1, 3, 10, 1000]),
    mode=st.sampled_from(["replace", "extend"]),
    exact=st.sampled_from([None, "rows", "drop", "flag", "none"]),
    out=st.sets(st.integers(1, 14).map("s:r{}".format), max_size=2),
    seen=st.dictionaries(st.integers(1, 14).map("s:r{}".format), st.integers(1, 2), max_size=6),
)
def test_shares_decide_what_one_table_decides(
    rows: list[dict[str, Any]], slices: int, share: int, mode: str, exact: Any, out: set[str], seen: dict[str, int]
) -> None:
    """Several visits, tombstones, repeats, datestamps, rights, takedowns and copies of what was taken down, equal rows
    and texts across shares, wholes that came twice, records whose parts go with their newest version.
    """
    shelf = cast(NormalizedShelf, Indexes(frames_of(rows, slices)))
    normalized = Normalized(3, mode, True, "", "", tuple(map(str, range(slices))))
    simple = settle_simply(pl.concat(indexes_of(shelf, normalized)), mode, seen, 3, ACCEPTED, out, Dedup(exact=exact))
    with new_room(len(rows), share) as room:
        known = known_rows(room, seen)
        settled = settle(room, shelf, normalized, known, ACCEPTED, Ledger(ids=frozenset(out)))
        found = whole(find_duplicates(room, settled.live, Dedup(exact=exact)), ("id", "first_seen"))
        rejected = sorted(name for share in room.shares for name in settled.rejected.read(share)["id"])
    assert found.kept.to_dicts() == simple.kept.to_dicts()
    assert found.dropped.to_dicts() == simple.dropped.to_dicts()
    decided = simple.decided
    assert rejected == sorted(decided.rejected["id"])
    assert (settled.current, settled.superseded, settled.repeated, settled.deleted) == (
        decided.live.height,
        decided.superseded,
        decided.repeated,
        decided.deleted,
    )
    assert (settled.withheld, settled.taken_down) == (simple.withheld, simple.taken_down)


def known_rows(room: Room, seen: dict[str, int]) -> Known:
    """What lay in parts before."""
    schema = {"id": pl.String, "first_seen": pl.Int32, "part": pl.Int32, "at": pl.Int64}
    dealt: Dealt = room.dealt({**schema, "row_key": pl.Binary, "reason": pl.String})
    rows = [(name, first, 0, at, None, None) for at, (name, first) in enumerate(seen.items())]
    dealt.add(pl.DataFrame(rows, schema={**schema, "row_key": pl.Binary, "reason": pl.String}, orient="row"), by="id")
    return Known(dealt)


@examples(100)
@given(
    values=st.lists(st.tuples(st.none() | st.integers(-3, 3), st.text("ab\u00e9", max_size=3)), max_size=60),
    share=st.sampled_from([1, 7, 1000]),
    cut=st.integers(1, 9),
)
def test_rows_in_order_are_sorted_rows(values: list[tuple[int | None, str]], share: int, cut: int) -> None:
    schema = {"at": pl.Int64, "share": pl.String}
    rows = pl.DataFrame(values, schema=schema, orient="row")
    with new_room(len(values), share) as room:
        frames = (rows[start : start + cut] for start in range(0, rows.height, cut))
        found = pl.concat([rows.clear(), *in_order(room, frames, ["at", "share"], schema)])
    assert found.equals(rows.sort("at", "share", nulls_last=True))


def test_no_share_of_sorted_rows_holds_much_more_than_the_others() -> None:
    """Numbers that come in no order, as those of a share by hash do."""
    schema = {"at": pl.Int64, "id": pl.String}
    numbers = pl.DataFrame({"at": [0] * 20_000, "id": [f"{at * 7919 % 20_011:06}" for at in range(20_000)]}, schema)
    with new_room(20_000, 2_000) as room:
        frames = (numbers[start : start + 2_000] for start in range(0, 20_000, 2_000))
        sizes = [some.height for some in in_order(room, frames, ["at", "id"], schema)]
    assert len(sizes) == 10
    assert max(sizes) < 4_000


@pytest.mark.slow  # `test_shares_decide_what_one_table_decides` stays
@pytest.mark.parametrize("ids", ["scattered", "ordered"])
def test_what_is_laid_is_the_same_whatever_the_shares(
    ids: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit: the parts, what was removed and the manifest; and a second night writes nothing."""
    monkeypatch.setattr(scale, "SLICE_ROWS", 200)
    scale.make(tmp_path, 1500, scattered=ids == "scattered")
    shelf = scale.shelf_in(tmp_path)
    normalized = NormalizedShelf(shelf.at("normalized"))
    current = normalized.current()
    assert current is not None
    laid = []
    for share in (50, 400, 100_000):
        laying = scale.laying_of(PartSize(full=50_000, step=100), share)
        laid.append(lay_shards(laying, current, normalized, ShardsShelf(shelf.at(f"shards-{share}"))))
    assert len(laid[0].manifest.parts) > 5
    assert laid[0].manifest == laid[1].manifest == laid[2].manifest
    again = lay_shards(laying, current, normalized, ShardsShelf(shelf.at("shards-50")))
    assert (again.written, again.manifest.content) == (0, laid[0].manifest.content)
    shards = ShardsShelf(shelf.at("shards-50"))
    order = [name for part in laid[0].manifest.parts for name in shards.table(part, ["id"])["id"].to_pylist()]
    assert order == sorted(order)
    assert Counter(order).total() == laid[0].manifest.tally.published


@pytest.mark.representative(1)  # dealt out once, in one group, and a window of each row
@pytest.mark.parametrize(("fan", "window"), [(3, 2**16), (128, 2**16), (1, 2**14), (2, 1)])
def test_rows_of_no_order_are_the_same_however_often_they_are_dealt_out(
    fan: int, window: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """window: bytes, the last of which makes a window of each row; fan: windows that are dealt out at once."""
    monkeypatch.setattr(scale, "SLICE_ROWS", 100)
    scale.make(tmp_path, 1000, scattered=True)
    shelf = scale.shelf_in(tmp_path)
    normalized = NormalizedShelf(shelf.at("normalized"))
    current = normalized.current()
    assert current is not None
    laying = scale.laying_of(PartSize(full=50_000, step=100), 400)
    once = lay_shards(laying, current, normalized, ShardsShelf(shelf.at("once"))).manifest
    made: list[tuple[int, int]] = []

    class Watched(gathering.Scattered):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append((len(self._starts), self._together))

    monkeypatch.setattr(gathering, "Scattered", Watched)
    monkeypatch.setattr(gathering, "_WINDOW_BYTES", window)
    monkeypatch.setattr(gathering, "_FAN", fan)
    monkeypatch.setattr(gathering, "_OFTEN", 0)
    dealt = lay_shards(laying, current, normalized, ShardsShelf(shelf.at("dealt"))).manifest
    assert dealt == once
    assert made
    for windows, together in made:
        assert windows > 3
        assert (together > 1) == (fan < windows)
