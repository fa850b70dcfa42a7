"""One repository can state a licence for all its rows: no share-alike beside another, none beside non-commercial."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.rights.policy import repository_license

STAGE = "shards"


def run(view: View) -> Finding:
    """Fails with the statements that no single repository can hold."""
    counts = view.shards.count_statements(view.manifest())
    # A layer beside a stricter one is no row's statement, and binds the repository all the same.
    of_layers = {one.license: 1 for one in view.source.counting if one.license}
    licence = repository_license({**of_layers, **counts})
    problems = [licence.problem] if licence.problem and counts else []
    stated = licence.license if isinstance(licence.license, str) else ", ".join(licence.license)
    good = f"{licence.license_name or stated} for {len(counts)} statements"
    return view.finding("licences_combine", STAGE, problems, good, {"statements": len(counts)})
