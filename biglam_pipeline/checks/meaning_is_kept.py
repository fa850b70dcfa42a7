"""What is about to be published is the same collection as the last release: same identifiers, same columns filled.

A server that was moved gives new identifiers to old records, and a renamed field empties a column; the number of rows
shows neither. A person looks, and says so in the entry for the one release that it is about.
"""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.columns import DUPLICATES, FIRST_SEEN
from biglam_pipeline.publish.profile import Profile, profile_by_section, replaced

STAGE = "shards"
REPLACED_SHARE = 0.30
"""Above this share of identifiers with others in their place, nothing is published without a person's word."""
FILLED_SHARE = 0.05
"""A column is looked at where at least this share of the last release's rows had it filled."""
FALL = 0.5
"""Such a column may lose this share of what was filled."""
_OWN = frozenset(column.name for column in (FIRST_SEEN, *DUPLICATES))
"""Columns that say what became of a row here, and nothing of the source."""


def run(view: View) -> Finding:
    """Compares with what was remembered of the last release; passes where there was none."""
    manifest, released = view.manifest(), view.released
    before = view.profile
    if released is None or before is None or not before.rows:
        good = "there is no release to compare with"
        if released is not None and before is None:
            good = (
                f"not compared: nothing is remembered here of {released.tag}; look at identifiers and columns yourself"
            )
        return view.finding("meaning_is_kept", STAGE, [], good, {})
    now = profile_by_section((manifest.section(part), view.shards.groups(part)) for part in manifest.parts)
    down = max(0, manifest.tally.taken_down - (released.taken_down or 0))
    share = replaced(before, now, down)
    problems = []
    if share > REPLACED_SHARE:
        problems.append(f"{share:.0%} of the identifiers of {released.tag} are gone and others are in their place")
    fallen = _fallen(before, now, down)
    problems += [*_renamed(before, now), *fallen]
    numbers = {"replaced_share": round(share, 4), "fallen_columns": len(fallen)}
    accepted = view.source.expect.accept_change
    if problems and accepted is not None and accepted.from_ == released.tag:
        said = f"accepted since {accepted.because}: {'; '.join(problems)}"
        return view.finding("meaning_is_kept", STAGE, [], said, numbers)
    if problems:
        problems.append(
            "look at the source; if the change is right, say so for this one release with `expect: {accept_change: "
            f"{{from: {released.tag}, because: ...}}}}`"
        )
    return view.finding("meaning_is_kept", STAGE, problems, f"the same collection as {released.tag}", numbers)


def _renamed(before: Profile, now: Profile) -> list[str]:
    """A section that is gone while another is new was called otherwise, and all its identifiers with it: what links to
    them, and what was taken down under them, is of no use any more.
    """
    gone, new = before.sections.keys() - now.sections.keys(), now.sections.keys() - before.sections.keys()
    if not (gone and new) or min(len(before.sections), len(now.sections)) < 2:  # the only one has no name here
        return []
    was, called = (", ".join(f"`{one or 'default'}`" for one in sorted(names)) for names in (gone, new))
    hint = (
        "what was taken down under the old name has to be taken down again under the new one, before this is accepted"
    )
    return [f"all identifiers of {was} are gone, and those of {called} are new: was a `config` renamed? Then {hint}"]


def _fallen(before: Profile, now: Profile, taken_down: int) -> list[str]:
    """Columns that lost more than half of what was filled; not where as many rows were taken down as lost it, and not
    of a whole section, which the entry calls otherwise or names no more.
    """
    problems = []
    for section, filled in before.sections.items():
        left = now.sections.get(section, {})
        rows, rows_now = (one.get("id", of.rows) for one, of in ((filled, before), (left, now)))
        for name, count in filled.items() if left or not now.rows else ():
            share, now_share = count / rows, left.get(name, 0) / rows_now if rows_now else 0.0
            if name in _OWN or share < FILLED_SHARE or count - left.get(name, 0) <= taken_down:
                continue
            if now_share < share * (1 - FALL):
                of = f" of `{section}`" if section else ""
                problems.append(f"{name}{of} was filled in {share:.1%} of rows and is filled in {now_share:.1%}")
    return problems
