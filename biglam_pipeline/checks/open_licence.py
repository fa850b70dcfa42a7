"""The source's rights are recognised, evidenced, cover what is published, and let something be published."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.publish.marks import count
from biglam_pipeline.rights.layers import lets_through
from biglam_pipeline.rights.tiers import NEVER
from biglam_pipeline.source import Source
from biglam_pipeline.source.layers import (
    faults_on_free,
    future_days,
    never_published,
    uncovered,
    words_for_uncovered,
)
from biglam_pipeline.source.origins import closed_with
from biglam_pipeline.source.today import latest_day

STAGE = "normalized"
NIGHTLY = True


def run(view: View) -> Finding:
    """Fails without evidence, for an entry nobody has looked at, and where no row's rights are accepted.

    What reading the entry refuses is refused here too, for an entry can be made without reading a file.
    """
    source = view.source
    problems = _on_the_entry(source)
    closes = bool(problems)
    layers: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for one in view.slices():
        layers.update(one.layers)
        statements.update(one.statements)
    through = sum(count for tiers, count in layers.items() if lets_through(tiers, source.accepted_by_layer))
    words = ", ".join(sorted(source.accepted))
    if not layers.total():
        problems.append("no row may be published: there is none")
    elif not through:
        closes = True
        top = "; ".join(f"{name} ({count(rows, 'row')})" for name, rows in statements.most_common(3))
        problems.append(f"no row may be published: {top}; accepted are {words or 'no tiers'}. {_remedy(view)}")
    good = f"{through} of {layers.total()} rows have rights that are accepted ({words})"
    numbers = {"accepted": through, "rows": layers.total()}
    return view.finding("open_licence", STAGE, problems, good, numbers, closes=closes)


def _remedy(view: View) -> str:
    """What can be done, in the order of what it costs: nobody can accept what is closed, or not understood."""
    tiers: Counter[str] = Counter()
    denied = 0
    for one in view.slices():
        tiers.update(one.tiers)
        denied += one.rights.get("contradicted", 0)
    ways = ["Ask the custodian for another statement"]
    if "unknown" in tiers or denied:
        ways.append(f"see what records say, and what can be answered, with `biglam rights {view.source.name}`")
    if set(tiers).difference(NEVER):
        ways.append("widen `accept` where the law allows it")
    said = f"What the entry says is denied by {count(denied, 'record')}. " if denied else ""
    return said + ", or ".join(ways)


def _on_the_entry(source: Source) -> list[str]:
    """What its own words lack, and those of the entries that it is made of."""
    problems = closed_with([origin for origin, _ in source.made_of.values()])
    problems += [
        f"{origin.name}, which it is made of: {why}"
        for origin, _ in source.made_of.values()
        for why in _on_the_entry(origin)
    ]
    if not source.verified:
        problems.append(
            "nobody has looked at address and rights yet; look, then take `verified: false` out of the entry"
        )
    problems += [f"`{name}` of the entry says TODO; write it" for name in source.to_write]
    for layer in source.rights if not source.harvest.origins else ():  # of these, the evidence is theirs
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
