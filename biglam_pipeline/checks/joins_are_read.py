"""Every record of files that rows are joined with was read: of one that is broken, rows find nothing, in silence."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.normalize.mapping.join_counts import joined_tables

STAGE = "normalized"
ADVICE = True
NIGHTLY = True


def run(view: View) -> Finding:
    """By what was counted when the tables were indexed. What might close a row stops the source before."""
    view.current()
    tables = list(joined_tables(view.normalized.shelf))
    problems = [
        f"`with: {name}`: {one.counts['rejects']} of {one.counts['rejects'] + one.counts['rows']} records could not be "
        f"read, so rows find nothing in them: {'; '.join(one.examples)}; mend the file, or ask the custodian"
        for name, one in tables
        if one.counts["rejects"]
    ]
    rejects, rows = (sum(one.counts[what] for _, one in tables) for what in ("rejects", "rows"))
    good = f"{rows} records of {len(tables)} joined tables" if tables else "nothing is joined"
    numbers = {"joined_rows": rows, "joined_rejects": rejects}
    return view.finding("joins_are_read", STAGE, problems, good, numbers, advice=True)
