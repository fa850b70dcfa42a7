"""No row in the parts publishes anything whose rights the entry does not accept. Tolerance: none.

Asked twice: of the parts themselves, and of the slices they were made from, whose index says what each layer of the
entry's rights makes of a row.
"""

from collections import Counter
from collections.abc import Iterator

import polars as pl
import pyarrow.compute as pc

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.columns import IMAGE_FEATURE
from biglam_pipeline.dedup.dealing import Room
from biglam_pipeline.dedup.settling import licensed_ids
from biglam_pipeline.records import Part
from biglam_pipeline.rights.layers import Aspect
from biglam_pipeline.source.layers import line_for, uncovered, words_for_uncovered
from biglam_pipeline.store.parts import Manifest

STAGE = "shards"
_COLUMNS = ["id", "rights_tier", "rights_uri", "rights_basis"]


def run(view: View) -> Finding:
    """Reads id, tier and what is published of every row that is about to be."""
    manifest, source = view.manifest(), view.source
    accepted = frozenset[str]().union(*source.accepted_by_layer)
    problems: list[str] = []
    bases: Counter[str] = Counter()
    found: set[Aspect] = set()
    for part in manifest.parts:
        found |= _published(view, part)
    for frame, let_through in _beside_their_slices(view, manifest):
        bases.update(frame["rights_basis"].to_list())
        wrong = ~pl.col("rights_tier").is_in(list(accepted)) | ~pl.col("id").is_in(let_through.implode())
        problems += [
            f"{name} has tier {tier} ({uri or 'no statement'}), which is not accepted; materialize shards again"
            for name, tier, uri in frame.filter(wrong).drop("rights_basis").iter_rows()
        ]
    bare = uncovered(source.rights, frozenset(found))
    problems += [words_for_uncovered(bare)] if bare else []
    problems += _on_overruled(view, bases["overruled"])
    closes, rows = bool(problems), bases.total()
    if not rows:
        problems.append(
            f"there is no row to publish: {manifest.tally.withheld} are withheld ({_why(manifest.withheld)})"
        )
    good = f"all {rows} rows have accepted rights{_believed(view, manifest)}"
    numbers = {"rows": rows, "withheld": manifest.tally.withheld, "overruled": bases["overruled"]}
    return view.finding("every_row_is_licensed", STAGE, problems, good, numbers, closes=closes)


def _beside_their_slices(view: View, manifest: Manifest) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """The rows of the parts, share by share, and the ids in it whose current row every layer accepts, decided again."""
    normalized, rows = view.current(), sum(part.rows for part in manifest.parts)
    with view.normalized.shelf.scratch() as scratch:
        room = Room(scratch, rows + sum(one.rows for one in view.slices()))
        published = room.dealt(dict.fromkeys(_COLUMNS, pl.String))
        for part in manifest.parts:
            for table in view.shards.some(part, _COLUMNS):
                published.add(pl.DataFrame(pl.from_arrow(table)), by="id")
        accepted = view.source.accepted_by_layer
        for share, ids in licensed_ids(room, view.normalized, normalized, accepted):
            yield published.read(share), ids


def _published(view: View, part: Part) -> set[Aspect]:
    """What the rows of a part hold, whatever the entry says they hold."""
    names = view.shards.schema(part).names
    found: set[Aspect] = {"metadata"}
    if "text" in names and pc.any(pc.not_equal(view.shards.table(part, ["text"])["text"], "")).as_py():
        found.add("text")
    if IMAGE_FEATURE in names and view.shards.holds_pictures(part):
        found.add("images")
    return found


def _on_overruled(view: View, rows: int) -> list[str]:
    """Rows that are published against their own words are as many as a person has said."""
    if view.source.harvest.origins:
        return []  # a person has said so where they were laid, and how many
    decided = [layer.overrule for layer in view.source.rights if layer.overrule is not None]
    if not decided:
        return [f"{rows} rows deny the entry's licence, and no `overrule` says why they are published"] if rows else []
    return [
        f"{rows} rows deny the entry's licence and are published all the same, and `overrule: {{rows: {one.rows}}}` "
        "expects another number; look at them with `biglam rights`, then say how many"
        for one in decided
        if rows not in one.rows
    ]


def _believed(view: View, manifest: Manifest) -> str:
    """What one line more would publish."""
    return "".join(
        f"; {rows} more are withheld only because {tier} is not accepted (`{line_for(view.source.rights, tier)}`)"
        for tier, rows in manifest.beliefs.items()
    )


def _why(withheld: dict[str, int]) -> str:
    return "; ".join(f"{reason}: {count}" for reason, count in list(withheld.items())[:3]) or "nothing was read"
