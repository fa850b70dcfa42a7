"""How many rows say something about rights that the recogniser does not know. Advice: such rows are withheld anyway."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "normalized"


def run(view: View) -> Finding:
    """Warns with the most frequent statements that were not recognised."""
    tiers: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for one in view.slices():
        tiers.update(one.tiers)
        statements.update({name: count for name, count in one.statements.items() if not name.startswith("http")})
    unknown = tiers["unknown"]
    top = "; ".join(f"“{name}” ({count})" for name, count in statements.most_common(5))
    problems = [f"{unknown} rows have rights that are not recognised: {top}"] if unknown else []
    good = "every statement is recognised"
    return view.finding("rights_are_recognised", STAGE, problems, good, {"unrecognised": unknown}, advice=True)
