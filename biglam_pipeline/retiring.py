"""The shelves of a source that was given up are taken away; what stands elsewhere stays, and is named."""

from collections import Counter
from dataclasses import dataclass

from biglam_pipeline.errors import ConfigError, ShelfDamaged
from biglam_pipeline.publish.draft import Release, decode_release
from biglam_pipeline.settings import meant_among
from biglam_pipeline.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Holding:
    """What the shelves hold of one source."""

    files: dict[str, int]
    """raw, normalized, shards, hub -> files on that shelf."""
    release: Release | None
    """What was published last."""


def holds_shelves(shelf: Shelf, name: str) -> bool:
    """Whether a folder among the shelves is a source's, and not one that somebody laid beside them."""
    return bool({"raw", "normalized", "shards", "hub"} & {*shelf.at(name).folders()})


def look_at(shelf: Shelf, home: str, name: str) -> Holding:
    """What would go; ConfigError, with the nearest name that there is, where there is nothing of this name.

    shelf: all of them; home: where they stand, as BIGLAM_HOME says it.
    """
    files: Counter[str] = Counter()
    own, there = shelf.at(name), shelf.folders()
    if name in there and holds_shelves(shelf, name):  # `letters (1)` of a sync tool too; no path, no foreign folder
        files.update(one.partition("/")[0] for one in own.list())
    if not files:
        there = tuple(one for one in there if holds_shelves(shelf, one))
        raise ConfigError(f"there are no shelves of `{name}` in {home}; {meant_among(name, there)}")
    return Holding(dict(sorted(files.items())), _release(own))


def _release(own: Shelf) -> Release | None:
    try:
        return decode_release(own.read("hub/release.json")) if own.exists("hub/release.json") else None
    except ShelfDamaged:  # nothing has to be mended only to be taken away
        return None


def remove_shelves(shelf: Shelf, name: str) -> None:
    """Takes everything of a source away; ServerBusy where a run is at work on it. Killed, it may be started again."""
    own = shelf.at(name)
    with own.lock("run", wait_seconds=2):
        own.clear()
