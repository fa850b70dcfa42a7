"""What the shelves hold of a source, from the files alone."""

from dataclasses import asdict
from pathlib import Path

from biglam_pipeline.context import RunContext
from biglam_pipeline.dedup.config_names import DEFAULT, give_names
from biglam_pipeline.inputs import (
    describe,
)
from biglam_pipeline.normalize.mapping.join_counts import joined_tables
from biglam_pipeline.publish.drafting import content_of
from biglam_pipeline.releasing.committing import still_stands
from biglam_pipeline.releasing.remembered import last_release
from biglam_pipeline.releasing.sharing import digest_of, read_card_file
from biglam_pipeline.retiring import holds_shelves
from biglam_pipeline.source import Catalog, Source
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.problems import problems_of, sums_of

LOST = "it has shelves and no entry; put the entry back, or take the shelves away with `biglam rm`"


def state_of(run: RunContext, source: Source) -> dict[str, object]:
    """What the shelves hold of a source, from the files alone: for `biglam status`."""
    raw, manifest, release = run.raw(source), run.shards(source).current(), last_release(run, source)
    harvest = raw.latest()
    asked = max((at for at in (raw.checked_at(), harvest.closed_at if harvest else None) if at), default=None)
    still = None
    if manifest and release:
        file = digest_of(read_card_file(Path(source.file).resolve().parent, source))
        still = release.card_file == file and still_stands(
            release, content_of(manifest, describe(run, source)), run.repository(source), source
        )
    return {
        "source": source.name,
        "harvest": harvest.number if harvest else None,
        "asked": asked.isoformat(timespec="seconds") if asked else None,
        "complete": harvest.complete if harvest else None,
        "unproven": harvest.unproven if harvest else "",
        "coverage": [asdict(one) for one in harvest.coverage] if harvest else [],
        "rows": manifest.tally.published if manifest else None,
        "sections": _sections(source, manifest) if manifest else {},
        "configs": {one.name: config_of(one.name, manifest) for one in source.sections} if manifest else {},
        "left_out": _left_out(manifest) if manifest else _rejected(run, source),
        "files": _files(run, source),
        "not_read": _not_read(run, source),
        "flagged": manifest.doubles.get("flagged", 0) if manifest else None,
        "published": release.rows if release else None,
        "release": f"{release.repository} {release.tag}" if release else None,
        "up_to_date": still,
    }


def _sections(source: Source, manifest: Manifest) -> dict[str, int]:
    """Section -> its published rows, none among them; nothing of a source that has only one."""
    if len(source.sections) < 2:
        return {}
    return {one.name: manifest.rows_by_section.get(one.name, 0) for one in source.sections}


def config_of(section: str, manifest: Manifest | None) -> str:
    """What the Hub calls it: the name that `load_dataset` takes."""
    return give_names([section], manifest.configs if manifest else {})[section] if section else DEFAULT


def lost_shelves(run: RunContext, catalog: Catalog) -> list[str]:
    """Names of sources that have shelves and no entry any more, not even a broken one."""
    known = catalog.sources.keys() | catalog.faults.keys()
    return [name for name in run.shelf.folders() if name not in known and holds_shelves(run.shelf, name)]


def _left_out(manifest: Manifest) -> dict[str, int]:
    """Records that came and are not among the rows, by what became of them."""
    ways = ("repeated", "rejected", "withheld", "taken_down", "duplicate")
    found = {way: count for way in ways if (count := manifest.tally.as_dict()[way])}
    believed = sum(manifest.beliefs.values())
    return found | ({"withheld_for_a_belief_alone": believed} if believed else {})


def _rejected(run: RunContext, source: Source) -> dict[str, int]:
    """Of a source of which nothing was laid yet: what its reader refused, which may be why."""
    shelf = run.normalized(source)
    current = shelf.current()
    refused = sum(one.rejected for one in shelf.slices(current)) if current else 0
    return {"rejected": refused} if refused else {}


def _files(run: RunContext, source: Source) -> dict[str, int]:
    """Files that are not read, or are none: `unread bio`, by extension, and what else was left out, by its way."""
    current, harvest = run.normalized(source).current(), run.raw(source).latest()
    unread = {f"unread {extension}": count for extension, count in (current.unread if current else {}).items()}
    return unread | (harvest.left_out if harvest else {})


def _not_read(run: RunContext, source: Source) -> dict[str, int]:
    """Values that could not be read, or were read with a doubt, by column and reason: the largest sums."""
    shelf = run.normalized(source)
    current = shelf.current()
    found = sums_of(problems_of(shelf.slices(current))[0]) if current else {}
    for name, one in joined_tables(shelf.shelf):
        found |= {f"with {name}: rejects": one.counts["rejects"]} if one.counts["rejects"] else {}
        found |= {f"with {name}: {problem}": count for problem, count in one.problems.items()}
    return found
