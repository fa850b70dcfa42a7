"""The labelled statements beside this file, and how a tier is graded against its label."""

import csv
from collections.abc import Iterator
from pathlib import Path

from biglam_pipeline.rights.tiers import rank

HERE = Path(__file__).parent
OPEN = frozenset({"pd", "by", "sa"})
BELIEFS = frozenset({"pd-us", "nkc", "pd-claim"})
WITHHELD = frozenset({"unknown", "closed"})
BETWEEN = " \u00a6 "
"""Stands between the values of one record."""


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table: statements.tsv, real_statements.tsv, probe.tsv. Quotes are letters."""
    with (HERE / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def labelled() -> list[tuple[str, frozenset[str]]]:
    """Every labelled statement of both tables with the tiers that are right for it."""
    found = [(row["string"], frozenset(row["tier"].split("|"))) for row in rows("statements.tsv")]
    return found + [(row["statement"], frozenset(row["tier"].split("|"))) for row in rows("real_statements.tsv")]


def grade(right: frozenset[str], tier: str) -> str:
    """right, unnamed (withheld for another reason), false open, false belief, too free or missed."""
    if tier in right:
        return "right"
    if tier in WITHHELD and WITHHELD & right:
        return "unnamed"
    if tier in OPEN and not OPEN & right:
        return "false open"
    if tier in BELIEFS and not (OPEN | BELIEFS) & right:
        return "false belief"
    return "too free" if all(rank(tier) < rank(one) for one in right) else "missed"
