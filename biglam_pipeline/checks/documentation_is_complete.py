"""What only a person can write is written, before anybody but the maintainers sees the repository.

For a private repository this is advice, but for one thing: Indigenous or traditional knowledge is published nowhere
without a decision of those it belongs to (CARE: authority to control, https://www.gida-global.org/care).
"""

import pyarrow.compute as pc

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.rights.recognise import recognise

STAGE = "shards"
LIFETIME_YEARS = 100
_WITHOUT_PEOPLE = ("open-government-licence", "nlod")
"""In the address of a licence that leaves personal data out."""


def run(view: View) -> Finding:
    """Names every key of the entry that is missing, and every question that is not settled."""
    source = view.source
    public = source.publish.visibility == "public"
    missing = source.undocumented
    problems = [f"write {', '.join(missing)} in the entry"] if missing else []
    problems += _on_people(view, _latest_year(view))
    kept = _without_authority(view)
    good = "everything that a reader has to be told is written"
    return view.finding(
        "documentation_is_complete",
        STAGE,
        kept + problems,
        good,
        {"missing": len(missing)},
        advice=not public and not kept,
    )


def _without_authority(view: View) -> list[str]:
    ethics = view.source.ethics
    if ethics is None or ethics.indigenous_or_tk.present != "yes" or ethics.indigenous_or_tk.authority_decision:
        return []
    problem = (
        "ethics.indigenous_or_tk.present is yes and nobody who may decide has: ask the community, and write what it "
        "decided into authority_decision"
    )
    return [problem]


def _on_people(view: View, latest: int | None) -> list[str]:
    """Rows of the last hundred years may be about the living: then somebody has judged, and a second person too."""
    ethics = view.source.ethics
    if ethics is None:
        return []
    data = ethics.personal_data
    problems = []
    if latest is not None and latest > view.harvest().closed_at.year - LIFETIME_YEARS:
        if not data.assessed_by or data.assessed_on is None:
            problems.append(
                f"rows reach {latest}, so people in them may live: write ethics.personal_data.assessed_by and "
                "assessed_on"
            )
        if ethics.review is None or not ethics.review.second_reader:
            problems.append(f"rows reach {latest}, so people in them may live: name an ethics.review.second_reader")
    said = " ".join(recognise(layer.license or "").uri or "" for layer in view.source.rights)
    if data.living_people_likely != "no" and any(name in said for name in _WITHOUT_PEOPLE):
        problems.append("this licence leaves personal data out: ethics.personal_data.living_people_likely must be no")
    return problems


def _latest_year(view: View) -> int | None:
    years = [pc.max(view.shards.table(part, ["year_end"])["year_end"]).as_py() for part in view.manifest().parts]
    return max((year for year in years if year is not None), default=None)
