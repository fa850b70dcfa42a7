"""Data files that somebody edited on the Hub: never overwritten in silence, reported with the way to keep the edit.

The Hub's Data Studio edits cells in the browser, so a correction by hand arrives as a commit to a file of data.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import ShelfDamaged, SourceChanged
from biglam_pipeline.publish.draft import MANIFEST, Release
from biglam_pipeline.source import Source
from biglam_pipeline.store.part_edits import PartEdits, compare_parts
from biglam_pipeline.store.parts import Manifest, decode

log = logging.getLogger(__name__)

UNDO = "undo.json"
_SHOWN = 8
_DERIVED = frozenset({"first_seen", "dup_of", "dup_cluster_id", "similarity", "raw_sha256"})
"""Columns that the program alone can fill: a row typed by hand need not have them right."""


@dataclass(slots=True)
class HandEdits:
    """What is otherwise in `data/` than the manifest beside it says."""

    head: str
    commits: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    """Files."""
    removed: list[str] = field(default_factory=list)
    changed: dict[str, PartEdits | None] = field(default_factory=dict)
    """File -> what changed in it; None where the file from before cannot be had."""

    @property
    def lines(self) -> list[str]:
        """What was edited, a file or a row a line."""
        found = [f"{path} was added" for path in self.added] + [f"{path} was removed" for path in self.removed]
        for path, edits in self.changed.items():
            found.append(f"{path} was changed")
            found += [f"  {line}" for line in _lines_of(edits)] if edits else []
        return found


def find_hand_edits(run: RunContext, source: Source, released: Release | None) -> HandEdits | None:
    """What somebody edited in `data/` since the last release; None where nobody did."""
    hub, repository = run.hub, run.repository(source)
    head = hub.head(repository)
    known = released if released and released.repository == repository else None
    if head is None or (known and head in {known.commit, known.head}):
        return None
    there = hub.ids(repository, head)
    before = hub.ids(repository, known.commit) if known else {}
    expected = _expected(run, repository, head, there, source)
    if expected is None:
        expected = {path: name for path, name in before.items() if path.startswith("data/")}
        if not expected:
            return None
    data = {path: name for path, name in there.items() if path.startswith("data/")}
    if data == expected:
        return None
    found = HandEdits(head, hub.commits_since(repository, known.head if known else ""))
    found.added = sorted(data.keys() - expected.keys())
    found.removed = sorted(expected.keys() - data.keys())
    for path in sorted(data.keys() & expected.keys()):
        if data[path] != expected[path]:
            found.changed[path] = None
            if known and before.get(path) == expected[path]:
                with hub.open(repository, known.commit, path) as old, hub.open(repository, head, path) as new:
                    found.changed[path] = compare_parts(old, new)
    return found


def _expected(
    run: RunContext, repository: str, head: str, there: Mapping[str, str], source: Source
) -> dict[str, str] | None:
    """Path -> sha256, as the manifest that stands beside the data says; None where there is none that can be read."""
    if MANIFEST not in there:
        return None
    try:
        with run.hub.open(repository, head, MANIFEST) as stream:
            manifest = decode(stream.read())
    except (ValueError, KeyError, TypeError):
        return None
    return {part.path: part.sha256 for part in manifest.parts} if manifest.source == source.name else None


def stop_on_edits(run: RunContext, source: Source, released: Release | None, manifest: Manifest) -> None:
    """SourceChanged where a release would undo what somebody edited, unless the rows of today say it too, somebody has
    agreed (`biglam undo`), or a takedown is to be carried out, which nothing holds up.
    """
    found = find_hand_edits(run, source, released)
    if found is None:
        return
    reported = "\n".join(f"  {line}" for line in found.lines)
    where = f"{run.repository(source)} at {found.head[:8]}"
    if not found.added and _are_in(found, run, source, manifest):
        log.info("%s: what was edited by hand in %s is what the source says now:\n%s", source.name, where, reported)
        return
    if _agreed(run, source) == found.head:
        log.warning("%s: edits by hand in %s are undone, as agreed:\n%s", source.name, where, reported)
        return
    if released and set(manifest.takedowns) - set(released.takedowns):
        log.warning(
            "%s: edits by hand in %s are undone, since a takedown must not wait; they stay in that commit:\n%s",
            source.name,
            where,
            reported,
        )
        return
    commits = "; ".join(found.commits)
    raise SourceChanged(
        f"{where}: data was edited by hand ({commits}), and a release would undo it:\n{reported}\n"
        f"To keep a correction, have it made at {source.custodian} (or in the files that are harvested): once the rows "
        f"of a run say the same, it goes on by itself. A row that is to be gone: `biglam takedown {source.name} ID`. "
        "A file of your own: move it out of `data/` there. To give the edits up: "
        f"`biglam undo {source.name}`, then `biglam run {source.name}`"
    )


def agree_to_undo(run: RunContext, source: Source, edits: HandEdits) -> None:
    """Notes that the edits up to this commit may be undone by the next publication."""
    run.shelf.at(f"{source.name}/hub").put(UNDO, json.dumps({"commit": edits.head}).encode())


def _agreed(run: RunContext, source: Source) -> str:
    shelf = run.shelf.at(f"{source.name}/hub")
    try:
        return str(json.loads(shelf.read(UNDO)).get("commit", "")) if shelf.exists(UNDO) else ""
    except (ShelfDamaged, ValueError, AttributeError):
        return ""


# --- are the edits in the rows of today? ---


def _are_in(found: HandEdits, run: RunContext, source: Source, manifest: Manifest) -> bool:
    edits = [one for one in found.changed.values() if one is not None]
    if found.removed or len(edits) < len(found.changed) or any(one.odd or not one.whole for one in edits):
        return False
    wanted: dict[str, dict[str, Any]] = {}
    for one in edits:
        for row, column, _, after in one.cells:
            wanted.setdefault(row, {})[column] = after
        for row, values in one.added.items():
            wanted.setdefault(row, {}).update(
                {name: value for name, value in values.items() if name not in _DERIVED and value not in (None, [], "")}
            )
    gone = {name for one in edits for name in one.removed} - wanted.keys()
    return _rows_say(run, source, manifest, wanted, gone)


def _rows_say(
    run: RunContext, source: Source, manifest: Manifest, wanted: dict[str, dict[str, Any]], gone: Iterable[str]
) -> bool:
    shards, missing = run.shards(source), set(wanted)
    names = pa.array(sorted({*wanted, *gone}), pa.string())
    lost = set(gone)
    for part in manifest.parts:
        ids = shards.table(part, ["id"])["id"]
        asked = pc.is_in(ids, value_set=names)
        here = ids.filter(asked).to_pylist()
        if lost.intersection(here):
            return False
        if not here:
            continue
        columns = sorted({column for name in here for column in wanted[name]} & set(shards.schema(part).names))
        rows = shards.table(part, ["id", *[one for one in columns if one != "id"]]).filter(asked).to_pylist()
        for row in rows:
            if any(row.get(column) != value for column, value in wanted[row["id"]].items()):
                return False
            missing.discard(row["id"])
    return not missing


# --- words ---


def _lines_of(edits: PartEdits) -> list[str]:
    lines = list(edits.odd)
    lines += [f"{row}: `{column}` was {_short(a)}, is {_short(b)}" for row, column, a, b in edits.cells[:_SHOWN]]
    lines += [f"{row} is new" for row in list(edits.added)[:_SHOWN]]
    lines += [f"{row} is gone" for row in edits.removed[:_SHOWN]]
    more = sum(max(0, len(some) - _SHOWN) for some in (edits.cells, edits.added, edits.removed))
    if more or not edits.whole:
        lines.append(f"and {more:,} more" + ("" if edits.whole else " at least"))
    return lines or ["the same rows and values, written by another program"]


def _short(value: object) -> str:
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= 60 else shown[:59] + "…"
