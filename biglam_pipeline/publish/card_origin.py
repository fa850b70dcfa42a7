"""The card's word on where the rows come from, why the harvest counts as whole, and how much of it all it is."""

from collections.abc import Sequence

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.publish.marks import plain, table
from biglam_pipeline.records import Description

_SHOWN = 20
"""Lists that have a line of their own."""


def origin_section(description: Description, proof: str, coverage: Sequence[Coverage]) -> str:
    """Addresses, proof, and what the servers say they have, where they say so."""
    addresses = "\n".join(f"- <{address}>" for address in description.harvest)
    parts = [
        "## How it came to be",
        f"Harvested by `{description.protocol}` from",
        addresses,
        f"and read by `{description.reader}`. Why the harvest counts as whole: {plain(proof)}.",
        _coverage(coverage),
        "The file `.biglam/manifest.json` leads from each part back to the harvest, by digest.",
    ]
    return "\n\n".join(part for part in parts if part)


def _coverage(coverage: Sequence[Coverage]) -> str:
    """A line for one list, a table for several."""
    if not coverage:
        return ""
    if len(coverage) == 1:
        [one] = coverage
        return f"Of {one.offered:,} that the source lists, {one.harvested:,} were harvested ({_percent(one)})."
    rows = [(f"<{one.part}>", f"{one.offered:,}", f"{one.harvested:,}") for one in coverage[:_SHOWN]]
    rest = coverage[_SHOWN:]
    if rest:
        sums = (sum(one.offered for one in rest), sum(one.harvested for one in rest))
        rows.append((f"{len(rest)} more", f"{sums[0]:,}", f"{sums[1]:,}"))
    return table(("List", "Offered", "Harvested"), rows)


def _percent(one: Coverage) -> str:
    """Cut, not rounded: what is nearly all is not all."""
    return f"{int(one.share * 100)}%"
