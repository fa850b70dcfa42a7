"""The source's rights are recognised, evidenced, cover what is published, and let something be published."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.rights.layers import lets_through
from biglam_pipeline.source.layers import (
    faults_on_free,
    future_days,
    never_published,
    uncovered,
    words_for_uncovered,
)
from biglam_pipeline.source.today import latest_day

STAGE = "normalized"


def run(view: View) -> Finding:
    """Fails without evidence, for an entry nobody has looked at, and where no row's rights are accepted.

    What reading the entry refuses is refused here too, for an entry can be made without reading a file.
    """
    source = view.source
    problems = _on_the_entry(view)
    closes = bool(problems)
    layers: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for one in view.slices():
        layers.update(one.layers)
        statements.update(one.statements)
    through = sum(count for tiers, count in layers.items() if lets_through(tiers, source.accepted_by_layer))
    words = ", ".join(sorted(source.accepted))
    if not through:
        closes = closes or layers.total() > 0
        top = "; ".join(f"{name} ({count} rows)" for name, count in statements.most_common(3)) or "no rows at all"
        problems.append(
            f"no row may be published: {top}; accepted are {words or 'no tiers'}. Ask the custodian for another "
            "statement, or widen `accept` where the law allows it"
        )
    good = f"{through} of {layers.total()} rows have rights that are accepted ({words})"
    numbers = {"accepted": through, "rows": layers.total()}
    return view.finding("open_licence", STAGE, problems, good, numbers, closes=closes)


def _on_the_entry(view: View) -> list[str]:
    source = view.source
    problems = []
    if not source.verified:
        problems.append(
            "nobody has looked at address and rights yet; look, then take `verified: false` out of the entry"
        )
    for layer in source.rights:
        absent = [name for name in ("evidence", "checked") if getattr(layer, name) is None]
        if absent:
            problems.append(f"rights for {layer.covers} have no {' and no '.join(absent)}; add it to the entry")
    problems += [
        f"rights for {source.rights[number].covers} were checked on {day}, which is to come; write the day on which "
        "somebody looked"
        for number, day in future_days(source.rights, latest_day())
    ]
    bare = uncovered(source.rights, source.parts)
    problems += [words_for_uncovered(bare)] if bare else []
    problems += faults_on_free(source.rights, source.custodian_url)
    return problems + [word for layer in source.counting if (word := never_published(layer))]
