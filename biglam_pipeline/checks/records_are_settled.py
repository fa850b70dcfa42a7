"""No single field makes most records new at every visit. Advice: such rows are published again each night, rightly."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.dedup.restless import restless_fields

STAGE = "shards"
ADVICE = True


def run(view: View) -> Finding:
    """Warns with the field, and with the key that leaves it out."""
    visits = view.manifest().restless
    problems = [
        f"`{field}` alone changed in more than half of the records at each of the last {len(visits)} visits, so they "
        f"were published again; if it says nothing of the record, write `normalize: {{volatile: [{field}]}}`"
        for field in restless_fields(visits)
    ]
    changed = sum(one["changed"] for one in visits[-1:])
    return view.finding(
        "records_are_settled", STAGE, problems, "no field changes by itself", {"changed": changed}, advice=True
    )
