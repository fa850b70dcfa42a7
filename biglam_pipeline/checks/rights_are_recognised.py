"""What records say of rights and the program does not understand. Advice: where it decides, it withholds."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.rights.layers import refused_for_belief
from biglam_pipeline.rights.rights_words import says_rights
from biglam_pipeline.source.layers import wider

STAGE = "normalized"


def run(view: View) -> Finding:
    """Warns of statements not recognised, contradictions, lines without use, and columns that nobody reads."""
    tiers: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    layers: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for one in view.slices():
        tiers.update(one.tiers)
        statements.update({name: count for name, count in one.statements.items() if not name.startswith("http")})
        notes.update(one.rights)
        layers.update(one.layers)
        unmapped.update(one.unmapped)
    unknown = tiers["unknown"]
    top = "; ".join(f"“{name}” ({count})" for name, count in statements.most_common(5))
    look = f"`biglam rights {view.source.name}` lists them, with the lines to paste"
    problems = [f"{unknown} rows have rights that are not recognised: {top}; {look}"] if unknown else []
    if notes["not_understood"]:
        problems.append(
            f"{notes['not_understood']} records say something of rights that is not understood beside the entry's "
            f"licence; {look}"
        )
    if notes["contradicted"]:
        problems.append(f"{notes['contradicted']} records deny what the entry says and are withheld; {look}")
    problems += [*_believed(view, layers), *_unused(view, notes), *_unread(unmapped)]
    numbers = {"unrecognised": unknown, **{name: notes[name] for name in ("not_understood", "contradicted")}}
    return view.finding("rights_are_recognised", STAGE, problems, "every statement is recognised", numbers, advice=True)


def _believed(view: View, layers: Counter[str]) -> list[str]:
    counts: Counter[str] = Counter()
    for kind, rows in layers.items():
        if tier := refused_for_belief(kind, view.source.accepted_by_layer):
            counts[tier] += rows
    return [
        f"{rows} rows are withheld only because {tier} is not accepted; where the law allows it, write `accept: "
        f"{wider(view.source.rights[0].accept, tier)}`"
        for tier, rows in counts.items()
    ]


def _unused(view: View, notes: Counter[str]) -> list[str]:
    """A line for a value that no record has any more says nothing, and may hide a slip."""
    lines = [line for layer in view.source.rights for line in layer.statements]
    return [
        f"no record has the value `{line[:80]}` of `statements`; take the line out"
        for line in lines
        if not notes[f"line: {line}"]
    ]


def _unread(unmapped: Counter[str]) -> list[str]:
    """A column that is called rights and that nobody reads may forbid what the entry allows."""
    named = [f"{name} ({rows})" for name, rows in unmapped.most_common() if says_rights(name)]
    what = ", ".join(named)
    return [f"not read, and named like rights: {what}; map `rights_raw` to it, or read it by `from`"] if named else []
