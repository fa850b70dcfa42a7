"""The card's section on rights: what is published by what right, who says so, and where it is only believed."""

from collections import Counter
from collections.abc import Callable

from biglam_pipeline.publish.marks import count, plain, table
from biglam_pipeline.publish.statistics import Statistics
from biglam_pipeline.records import Description
from biglam_pipeline.store.parts import Manifest

_BELIEVED = {
    "pd-us": "free of copyright in the United States (jurisdiction: US). Nobody has said that they are anywhere else",
    "nkc": "not known to be in copyright. {custodian} looked and knows of none; that is its belief under the law of "
    "its own country, and no determination",
    "pd-claim": "said by {custodian} to be in the public domain, without naming a mark or a country; that is its "
    "belief under the law of its own country",
}
_MOST = 12


def rights_section(description: Description, manifest: Manifest, statistics: Statistics) -> str:
    """The section, with its heading."""
    rows = [
        (tier, _shown(name) or "none", f"{number:,}") for (tier, name), number in sorted(statistics.statements.items())
    ]
    parts = ["## Rights\n\n" + table(("Tier", "Statement", "Rows"), rows)]
    parts += _beliefs(description, statistics)
    parts += [_layer(layer) for layer in description.rights]
    parts += _overruled(description, statistics)
    parts += _objects(statistics)
    parts += _labels(statistics)
    if manifest.beliefs:
        withheld = ", ".join(f"{tier} ({number:,})" for tier, number in manifest.beliefs.items())
        parts.append(f"Withheld only because they are believed to be free, which is not accepted here: {withheld}.")
    credit = next((layer["attribution"] for layer in description.rights if layer.get("attribution")), "")
    parts.append(
        f"Credit: {plain(credit or description.custodian)}. What BigLAM added (this card, identifiers, duplicate "
        "marks) is CC0 1.0."
    )
    return "\n\n".join(parts)


def _layer(layer: dict[str, str]) -> str:
    said = layer.get("license") or "each record's own statement"
    line = f"For {layer['covers']}: {plain(said)}"
    if layer.get("evidence"):
        line += f", as stated at <{layer['evidence']}>"
    if layer.get("checked"):
        line += f", checked on {layer['checked']}"
    if layer.get("quote"):
        line += f": “{plain(layer['quote'])}”"
    if layer.get("statements"):
        line += f". Read by a person: {plain(layer['statements'])}"
    return line + "."


def _beliefs(description: Description, statistics: Statistics) -> list[str]:
    """In which jurisdiction what is not simply free is free."""
    counts: Counter[str] = Counter()
    for (tier, _), number in statistics.statements.items():
        counts[tier] += number
    custodian = plain(description.custodian)
    return [
        f"{count(counts[tier], 'row')} of tier {tier}: {words.format(custodian=custodian)}."
        for tier, words in _BELIEVED.items()
        if counts[tier]
    ]


def _overruled(description: Description, statistics: Statistics) -> list[str]:
    if not statistics.overruled:
        return []
    decided = [plain(layer["overrule"]) for layer in description.rights if layer.get("overrule")]
    because = "; ".join(decided) or "so it was decided in the sources that this one is made of."
    rows = count(statistics.overruled, "row")
    said = (
        f"{rows} of a record that says something stricter of itself than the licence above (`rights_basis` is "
        f"`overruled`, `rights_raw` has its words). Published all the same: {because}"
    )
    return [said]


def _labels(statistics: Statistics) -> list[str]:
    """What communities say of rows, beside the licence."""
    if not statistics.labels:
        return []
    return [
        "Communities have put Labels (<https://localcontexts.org/labels/>) on some of these rows; they stand in "
        "`labels`, beside the licence, and ask to be heeded:\n\n" + _most_of(statistics.labels, "Label", plain)
    ]


def _objects(statistics: Statistics) -> list[str]:
    """Rows that describe something whose own rights are others."""
    if not statistics.objects:
        return []
    return [
        "These rows are descriptions. The licence is that of the description; what the record says of the object "
        "itself stands in `object_rights_raw`, and binds whoever looks for the object:\n\n"
        + _most_of(statistics.objects, "Said of the object", _shown)
    ]


def _most_of(counts: Counter[str], heading: str, shown: Callable[[str], str]) -> str:
    """The most frequent, and how many rows the others have."""
    top = counts.most_common(_MOST)
    rows = [(shown(name), f"{number:,}") for name, number in top]
    rest = counts.total() - sum(number for _, number in top)
    return table((heading, "Rows"), [*rows, ("others", f"{rest:,}")] if rest else rows)


def _shown(name: str) -> str:
    """An address of the table is a link; what a record sent is never one."""
    return f"<{name}>" if name.startswith("http") else plain(name)
