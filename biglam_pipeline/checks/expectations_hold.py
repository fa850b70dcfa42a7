"""What the entry expects of the harvest holds: rows, filled columns, rejects; without it, the last release measures.

A takedown is a reason for fewer rows: everything is judged with what was taken down counted in, whatever it was.
"""

from collections import Counter
from collections.abc import Sequence
from math import ceil

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.normalize.unread import report_unread
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.records import Tally
from biglam_pipeline.settings import Bounds
from biglam_pipeline.source import Source
from biglam_pipeline.source.sections import section_of
from biglam_pipeline.store.normalized import Slice

STAGE = "normalized"
NIGHTLY = True
HALT_BELOW = 0.70
"""Share of the last release's rows below which nothing is published without a person's word."""


MOST_REFUSED = 0.5
"""Share of records from which a wider limit is no advice: most of the source would be lost by it."""


_LETTERS = 200


def run(view: View) -> Finding:
    """Fails with each expectation that does not hold, the figure that was found, and where to change it."""
    source, slices = view.source, view.slices()
    tally = _tally(view)
    read = sum(one.rows for one in slices)
    rows = tally.published if tally else read
    reasons = _reasons(view, slices, decided=tally is not None)
    rejected, seen = reasons.total(), read + sum(one.rejected + sum(one.withdrawn.values()) for one in slices)
    share, out = rejected / seen if rejected else 0.0, view.kept_out()
    problems = []
    if not source.expect.rejects.meets(share, rejected / (seen + out) if rejected else 0.0):
        why = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(5))
        problems.append(
            f"{rejected} of {seen} could not be read, {share:.1%} where expect.rejects is "
            f"{source.expect.rejects}: {why}{_example(view, slices)}; {_remedy(source, reasons, share)}"
        )
    if not (tally.current if tally else read) and not out:
        current = view.current()
        problems.append(f"there are no rows: {report_unread(source.normalize, current.files, current.unread)}")
    problems += _empty_sections(view, slices)
    problems += _count(source.expect.rows, rows, tally, out)
    problems += _fill(view, slices, out)
    problems += _kept_back(view, tally)
    problems += _shrunk(view, rows, tally)
    problems += _shrunk_sections(view, slices)
    counted = "to publish" if tally else "read"  # two lines in a plot: the first run knows only the one
    good = f"{rows} rows {counted}, {rejected} rejects"
    numbers = {f"rows_{counted.replace(' ', '_')}": rows, "rejects": rejected}
    return view.finding("expectations_hold", STAGE, problems, good, numbers)


def _empty_sections(view: View, slices: Sequence[Slice]) -> list[str]:
    """A READ among several whose files came no more, or came empty: all rows of its section would be deleted."""
    sections, current = view.source.sections, view.current()
    # One whose rows were all taken down has met them today.
    found = {current.section(number) for number, one in enumerate(slices) if one.rows or one.taken_down}
    return [
        f"there are no rows {f'of `{one.name}`' if one.name else 'of the READ that names no config'}: look at its "
        "files, or take its READ out of `normalize`"
        for one in sections
        if len(sections) > 1 and found and one.name not in found
    ]


def _example(view: View, slices: Sequence[Slice]) -> str:
    """One that was refused; nothing where only the deciding of rows refused any."""
    for one in (one for one in slices if one.rejected):
        for refused in view.normalized.rejects(one.key, 1):
            return f", such as {refused['item']} {refused['position']}: {refused['detail'][:_LETTERS]}"
    return ""


def _remedy(source: Source, reasons: Counter[str], share: float) -> str:
    """Where most rows claim an identifier that another has, it is none: a wider limit would throw them away."""
    name = source.name
    if 2 * reasons["identifier_repeated"] > reasons.total():
        shared = _shared_sections(source)
        if shared:
            return (
                f"{shared}: where their rows are not the same things, write another `map: {{config: {{const: NAME}}}}` "
                "in one of them; where rows of one READ already have the same identifier, map `id` to a value that "
                "every row has for itself"
            )
        return (
            "their identifier names several rows that differ, so it is none: map `id` to a value that every row has "
            "for itself, or to several with `{all: [..], join: -}`; a table without `id` numbers its rows"
        )
    wider = f", or widen `expect: {{rejects: ..{ceil(share * 100) / 100:g}}}`" if share < MOST_REFUSED else ""
    return f"mend what refuses them (`biglam preview {name}` shows the first){wider}"


def _shared_sections(source: Source) -> str:
    """Which READs share their identifiers, in words; empty where none do."""
    names = [section_of(reader).name for reader in source.normalize]
    of = {name: [str(number) for number, one in enumerate(names, 1) if one == name] for name in dict.fromkeys(names)}
    return " and ".join(
        f"READs {', '.join(numbers)} share the identifiers of {f'`{name}`' if name else 'rows without a config'}"
        for name, numbers in of.items()
        if len(numbers) > 1
    )


def _tally(view: View) -> Tally | None:
    """Where the rows went, where that was decided from these slices."""
    manifest = view.shards.current()
    return manifest.tally if manifest and manifest.normalized_digest == view.current().digest else None


def _count(expected: Bounds | None, rows: int, tally: Tally | None, out: int) -> list[str]:
    """Published rows against the entry; before it is decided which those are, only whether there can be enough.

    out: records that were taken down; up to so many rows more would be there.
    """
    if expected is None or expected.meets(rows, rows + out) or (tally is None and rows >= expected[0]):
        return []
    if tally is None:
        return [f"{rows} rows were read; the entry expects {expected} to be published"]
    ways = ("superseded", "repeated", "deleted", "rejected", "withheld", "taken_down", "duplicate")
    others = [f"{count} {way.replace('_', ' ')}" for way in ways if (count := tally.as_dict()[way])]
    left_out = f" ({', '.join(others)}, of {tally.seen} seen)" if others else ""
    return [f"{rows} rows to publish{left_out}; the entry expects {expected}"]


def _kept_back(view: View, tally: Tally | None) -> list[str]:
    bounds = view.source.expect.withheld
    if bounds is None or tally is None or not tally.current:
        return []
    share = tally.withheld / tally.current
    return [] if share in bounds else [f"{share:.1%} of rows are withheld for their rights; the entry expects {bounds}"]


def _fill(view: View, slices: Sequence[Slice], out: int) -> list[str]:
    """Filled columns against the entry, among the rows that have the column; whether they were filled in what was taken
    down, nobody knows any more.
    """
    filled, counted, current = Counter[str](), Counter[str](), view.current()
    for number, one in enumerate(slices):
        filled.update(one.filled)
        counted.update({column.name: one.rows for column in view.source.section(current.section(number)).content})
    problems = []
    for column, bounds in view.source.fill.items():
        rows = counted[column] or sum(one.rows for one in slices)
        share = filled[column] / rows if rows else 0.0
        least, most = filled[column] / max(rows + out, 1), (filled[column] + out) / max(rows + out, 1)
        if not bounds.meets(min(share, least), max(share, most)):
            problems.append(f"{column} is filled in {share:.1%} of rows; the entry expects {bounds}")
    return problems


def _shrunk(view: View, rows: int, tally: Tally | None) -> list[str]:
    released = view.released
    if view.source.expect.rows is not None or released is None or not released.rows:
        return []
    if rows + _taken_since(view, released) >= HALT_BELOW * released.rows:
        return []
    last = view.shards.current()
    before = last.tally if last else Tally()
    least = rows if tally else max(1, rows - before.duplicate - before.withheld)  # what may still be dropped of them
    said = f"if that is right, say so with `expect: {{rows: {least}..}}`"
    return [f"{rows} rows to publish, where the last release had {released.rows}; {said}"]


def _shrunk_sections(view: View, slices: Sequence[Slice]) -> list[str]:
    """The same of each section among several, which the rows of the others would hide.

    What was read counts, not what may be published of it: rights that close must be able to take a section away.
    """
    released, before, accepted = view.released, view.profile, view.source.expect.accept_change
    if released is None or before is None or len(before.sections) < 2:
        return []
    if accepted is not None and accepted.from_ == released.tag:
        return []
    read, current = Counter[str](), view.current()
    for number, one in enumerate(slices):
        read[current.section(number)] += one.rows
    out = view.kept_out()  # of whichever section: a takedown of one READ may take a row of another along
    said = f"if that is right, say so with `expect: {{accept_change: {{from: {released.tag}, because: ...}}}}`"
    return [
        f"{read[name]} rows were read of `{name or 'default'}`, where the last release had {was}; {said}"
        for name, filled in before.sections.items()
        if read[name] and read[name] + out < HALT_BELOW * (was := filled.get("id", 0))
    ]


def _taken_since(view: View, released: Release) -> int:
    """Records that were taken down since the last release, as far as that is known."""
    now = sum(one.taken_down for one in view.slices())
    return max(0, now - released.taken_down) if released.taken_down is not None else 0


def _reasons(view: View, slices: Sequence[Slice], *, decided: bool) -> Counter[str]:
    """Why what was rejected was; identifiers that are claimed twice are known once current rows are decided.

    What came empty is no row any more, and still counts: a server whose crosswalk breaks empties everything.
    """
    counts: Counter[str] = Counter(view.manifest().rejects) if decided else Counter()
    for one in slices:
        counts.update(one.withdrawn)
        counts.update({} if decided else one.rejects)
    return counts
