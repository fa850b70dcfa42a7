"""Deciding by shares, for tests that have all rows in one table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.dealing import Room
from biglam_pipeline.dedup.exact import DROPPED, Duplicates, find_duplicates
from biglam_pipeline.dedup.settling import LIVE

MARKED = ("id", "first_seen")


@dataclass(frozen=True)
class Found:
    """What stays, with all columns and marks, and what is dropped: both in the order of ids."""

    kept: pl.DataFrame
    dropped: pl.DataFrame


@contextmanager
def new_room(rows: int, share: int) -> Iterator[Room]:
    """Scratch that is gone afterwards."""
    with TemporaryDirectory() as folder:
        yield Room(Path(folder), rows, share)


def find(live: pl.DataFrame, choice: Dedup, share: int = 2) -> Found:
    """live: current rows; those of `allowed`, or all, may be published."""
    allowed = live if "allowed" in live.columns else live.with_columns(allowed=pl.lit(value=True))
    missing = {name: pl.lit(None, kind) for name, kind in LIVE.items() if name not in allowed.columns}
    with new_room(live.height, share) as room:
        dealt = room.dealt(LIVE)
        dealt.add(allowed.with_columns(**missing), by="id")
        return whole(find_duplicates(room, dealt, choice))


def whole(duplicates: Duplicates, columns: tuple[str, ...] = tuple(LIVE)) -> Found:
    """All shares together."""
    kept = pl.concat([duplicates.marked(share, columns) for share in duplicates.room.shares])
    dropped = pl.concat([duplicates.dropped.read(share, list(DROPPED)) for share in duplicates.room.shares])
    return Found(kept.sort("id"), dropped.sort("id"))
