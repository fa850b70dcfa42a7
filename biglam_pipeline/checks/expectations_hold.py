"""What the entry expects of the harvest holds: rows, filled columns, rejects; without it, the last release measures."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.settings import Bounds
from biglam_pipeline.store.normalized import Slice

STAGE = "normalized"
HALT_BELOW = 0.70
"""Share of the last release's rows below which nothing is published without a person's word."""


def run(view: View) -> Finding:
    """Fails with each expectation that does not hold, the figure that was found, and where to change it."""
    source, slices = view.source, view.slices()
    rows, rejected = _rows(view), sum(one.rejected for one in slices)
    read = sum(one.rows for one in slices)
    share = rejected / (read + rejected) if rejected else 0.0
    problems = []
    if share not in source.expect.rejects:
        problems.append(
            f"{rejected} of {read + rejected} could not be read, {share:.1%} where expect.rejects is "
            f"{source.expect.rejects}: {_reasons(slices)}"
        )
    if not rows:
        problems.append("there are no rows; look at the source, or at `normalize`")
    if source.expect.rows is not None and rows not in source.expect.rows:
        problems.append(f"{rows} rows; the entry expects {source.expect.rows}")
    problems += _fill(source.fill, slices, read)
    problems += _shrunk(view, rows)
    good = f"{rows} rows, {rejected} rejects"
    return view.finding("expectations_hold", STAGE, problems, good, {"rows": rows, "rejects": rejected})


def _rows(view: View) -> int:
    """Current rows, where they were decided from these slices; else all that were read."""
    manifest = view.shards.current()
    if manifest and manifest.normalized_digest == view.current().digest:
        return manifest.tally.current
    return sum(one.rows for one in view.slices())


def _fill(expected: dict[str, Bounds], slices: list[Slice], rows: int) -> list[str]:
    filled: Counter[str] = Counter()
    for one in slices:
        filled.update(one.filled)
    problems = []
    for column, bounds in expected.items():
        share = filled[column] / rows if rows else 0.0
        if share not in bounds:
            problems.append(f"{column} is filled in {share:.1%} of rows; the entry expects {bounds}")
    return problems


def _shrunk(view: View, rows: int) -> list[str]:
    released = view.released
    if view.source.expect.rows is not None or released is None or not released.rows:
        return []
    if rows >= HALT_BELOW * released.rows:
        return []
    said = f"if that is right, say so with `expect: {{rows: {rows}..}}`"
    return [f"{rows} rows, where the last release had {released.rows}; {said}"]


def _reasons(slices: list[Slice]) -> str:
    counts: Counter[str] = Counter()
    for one in slices:
        counts.update(one.rejects)
    return ", ".join(f"{reason} ({count})" for reason, count in counts.most_common(5))
