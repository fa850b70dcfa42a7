"""The source's rights are recognised, evidenced, and let something be published."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "normalized"


def run(view: View) -> Finding:
    """Fails without evidence, for an entry nobody has looked at, and where no row's rights are accepted."""
    source = view.source
    problems = []
    if not source.verified:
        problems.append(
            "nobody has looked at address and rights yet; look, then take `verified: false` out of the entry"
        )
    closes = bool(problems)
    for layer in source.rights:
        absent = [name for name in ("evidence", "checked") if getattr(layer, name) is None]
        if absent:
            closes = True
            problems.append(f"rights for {layer.covers} have no {' and no '.join(absent)}; add it to the entry")
    tiers: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for one in view.slices():
        tiers.update(one.tiers)
        statements.update(one.statements)
    accepted = sum(count for tier, count in tiers.items() if tier in source.accepted)
    words = ", ".join(sorted(source.accepted))
    if not accepted:
        closes = closes or tiers.total() > 0
        top = "; ".join(f"{name} ({count} rows)" for name, count in statements.most_common(3)) or "no rows at all"
        problems.append(
            f"no row may be published: {top}; accepted are {words}. Ask the custodian for another statement, "
            "or widen `accept` where the law allows it"
        )
    good = f"{accepted} of {tiers.total()} rows have rights that are accepted ({words})"
    return view.finding(
        "open_licence", STAGE, problems, good, {"accepted": accepted, "rows": tiers.total()}, closes=closes
    )
