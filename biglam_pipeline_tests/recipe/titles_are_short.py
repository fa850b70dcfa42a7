"""No title is longer than a line."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"


def run(view: View) -> Finding:
    """Reads the titles of all parts."""
    titles = [one for part in view.manifest().parts for one in view.shards.table(part, ["title"])["title"].to_pylist()]
    problems = [f"{one[:20]}… is longer than a line; shorten it" for one in titles if one and len(one) > 80]
    return view.finding("titles_are_short", STAGE, problems, "every title fits", {"titles": len(titles)})
