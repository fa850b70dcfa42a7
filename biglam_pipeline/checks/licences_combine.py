"""One repository can state a licence for all its rows: no share-alike beside another, none beside non-commercial."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.rights.policy import repository_license

STAGE = "shards"


def run(view: View) -> Finding:
    """Fails with the statements that no single repository can hold."""
    counts = view.shards.count_values(view.manifest(), "rights_uri")
    licence = repository_license(counts)
    problems = [licence.problem] if licence.problem and counts else []
    stated = licence.license if isinstance(licence.license, str) else ", ".join(licence.license)
    good = f"{licence.license_name or stated} for {len(counts)} statements"
    return view.finding("licences_combine", STAGE, problems, good, {"statements": len(counts)})
