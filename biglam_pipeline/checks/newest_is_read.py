"""The newest version of each record is one that could be read. Advice: the one before it is published in its place."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"
ADVICE = True


def run(view: View) -> Finding:
    """Warns with the first records, and where to read why."""
    found = view.manifest().overtaken
    rows = found.get("rows", 0)
    problems = []
    if rows:
        named = ", ".join(found["first"]) + (", …" if rows > len(found["first"]) else "")
        problems.append(
            f"of {rows} record{'s' if rows > 1 else ''} a newer version came that could not be read, and the one "
            f"before it is published in its place: {named}; `biglam preview {view.source.name}` shows why. Where the "
            "institution took something back by it, remove it: `biglam takedown`"
        )
    return view.finding(
        "newest_is_read", STAGE, problems, "no newer version is left out", {"superseded_by_reject": rows}, advice=True
    )
