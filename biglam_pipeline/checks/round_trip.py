"""What was published is what lies on the shelf: listed, digested and counted again over the wire after the commit."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "hub"


def run(view: View) -> Finding:
    """Tells what reading the last release back found."""
    released = view.released
    if released is None:
        return view.finding("round_trip", STAGE, ["nothing was published yet; materialize hub"], "", {})
    problems = [f"{what}; {released.last_good}" for what in released.read_back]
    manifest = view.shards.current()
    if manifest and not problems and released.rows != manifest.tally.published:
        problems = [f"the release has {released.rows} rows, the shards {manifest.tally.published}; materialize hub"]
    good = f"{released.rows} rows at {released.tag}, {released.files_read_back} files read back"
    return view.finding("round_trip", STAGE, problems, good, {"rows": released.rows, "files": released.files_read_back})
