"""The shelves of a source that was given up are taken away; what stands elsewhere stays, and is named."""

import re
from collections import Counter
from dataclasses import dataclass

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.publish.draft import Release, decode_release
from biglam_pipeline.settings import nearest
from biglam_pipeline.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Holding:
    """What the shelves hold of one source."""

    files: dict[str, int]
    """raw, normalized, shards, hub -> files on that shelf."""
    release: Release | None
    """What was published last."""


def look_at(shelf: Shelf, home: str, name: str) -> Holding:
    """What would go; ConfigError, with the nearest name that there is, where there is nothing of this name.

    shelf: all of them; home: where they stand, as BIGLAM_HOME says it.
    """
    files: Counter[str] = Counter()
    own = shelf.at(name)
    if re.fullmatch(r"[a-z][a-z0-9_-]*", name):  # the name of an entry, so that no path leads out of the shelves
        files.update(one.partition("/")[0] for one in own.list())
    if not files:
        there = shelf.folders()
        near = nearest(name, there)
        hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(there) or 'none'}"
        raise ConfigError(f"there are no shelves of `{name}` in {home}; {hint}")
    release = decode_release(own.read("hub/release.json")) if own.exists("hub/release.json") else None
    return Holding(dict(sorted(files.items())), release)


def remove_shelves(shelf: Shelf, name: str) -> None:
    """Takes everything of a source away; ServerBusy where a run is at work on it. Killed, it may be started again."""
    own = shelf.at(name)
    with own.lock("run", wait_seconds=2):
        own.clear()
