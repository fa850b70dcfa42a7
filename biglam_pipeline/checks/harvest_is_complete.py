"""The harvest can prove that it is whole: a part of a collection is never published as the collection."""

from collections.abc import Mapping

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "raw"
NIGHTLY = True


def run(view: View) -> Finding:
    """Fails for each object that should have come and did not, with its address, cause and remedy."""
    harvest = view.harvest()
    problems = [_said(one) for one in harvest.missing]
    if not harvest.complete and not problems:
        problems = [f"harvest {harvest.number} cannot show that it is whole: {harvest.proof}; materialize raw again"]
    return view.finding(
        "harvest_is_complete",
        STAGE,
        problems,
        f"harvest {harvest.number} is whole: {harvest.proof}",
        {
            "objects": harvest.objects,
            "missing": len(harvest.missing),
            "bytes": harvest.size,
            **harvest.left_out,
        },
    )


def _said(missing: Mapping[str, str]) -> str:
    """A member of an archive is named by its own place: the archive did come."""
    if missing["detail"].startswith(f"{missing['key']} "):
        return f"{missing['detail']}, or leave it out with `harvest: {{ignore: PATTERN}}`"
    return f"{missing['url']} did not come ({missing['reason']}): {missing['detail']}"
