"""Of each section something is published. Rights that close may take one away, and that is no fault: it is reported."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"
ADVICE = True
NIGHTLY = True


def run(view: View) -> Finding:
    """Compares what was read of each section with what was laid of it; nothing of a source that has only one."""
    manifest, current, read = view.manifest(), view.current(), Counter[str]()
    for number, one in enumerate(view.slices()):
        read[current.section(number)] += one.rows + one.taken_down
    sections = view.source.sections if len(view.source.sections) > 1 else ()
    laid = manifest.rows_by_section
    empty = [one.name for one in sections if read[one.name] and not laid.get(one.name)]
    ways = {way: manifest.tally.as_dict()[way] for way in ("withheld", "taken_down", "duplicate")}
    went = ", ".join(f"{count} {way.replace('_', ' ')}" for way, count in ways.items() if count) or "none"
    problems = [
        f"nothing of {f'`{name}`' if name else 'the READ that names no config'} is published: {read[name]} rows were "
        f"read (of all sections together: {went}); `biglam rights {view.source.name}` shows what they say of their "
        "rights"
        for name in empty
    ]
    good = f"{len(sections) - len(empty)} sections are published" if sections else "the source has one section"
    numbers = {f"rows_of_{one.name or 'default'}": laid.get(one.name, 0) for one in sections}
    return view.finding("sections_are_published", STAGE, problems, good, numbers, advice=True)
