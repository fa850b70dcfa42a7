"""Do the years say when things were made? Round years that stand in for none, and texts that print a later one. Advice.

Databases write a century's first year, or a first of January, where nobody knew: 1,446 manuscripts all of "1700". A
cataloguer's round years come with neighbours; a stamp has none. Nothing is changed: a person says what such a year is.
"""

from collections import Counter

import polars as pl

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.normalize.rows.dating import PRINTED_LATER
from biglam_pipeline.store.problems import problems_of

STAGE = "shards"
ADVICE = True
FEWEST = 20
"""Rows of one year that are worth a question."""
TIMES = 10
"""How many times the fullest year around it a round year has to hold; whoever rounds does so with neighbours."""
AROUND = 25
"""Years either side."""
ZEROS = frozenset(
    (
        *("0001-01-01", "1601-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01"),
        *("1969-12-31", "1970-01-01", "1980-01-01", "2001-01-01"),
    )
)
"""The days from which .NET, Windows, SQL Server, OLE and Excel, Excel on a Mac, Unix (or the day before, west of
Greenwich), DOS with ZIP, and Apple's Cocoa count: there a zero stood."""

_ASKED = ["date_edtf", "year_start", "year_end", "year_evidence"]


def run(view: View) -> Finding:
    """Warns of each value, with its rows and what to write; those with other evidence than the record are not asked."""
    dated, counts = _counts(view)
    stamps = suspected(counts)
    problems = [
        f"{rows} of {dated} dated rows are all of {value}, with hardly a row around it: a stamp, perhaps, for what "
        f"nobody knows; where it is, write `map: {{year_evidence: PATH >> lookup({value}=none)}}` with the PATH of "
        f"`date` and the value as it is written there, and where it is right, `lookup({value}=imprint)`"
        for value, rows in stamps.items()
    ]
    reasons, examples = problems_of(view.slices())
    later = reasons[PRINTED_LATER]
    if later:
        problems.append(
            f"{later} rows print a copyright of a later year than theirs, such as “{examples.get(PRINTED_LATER, '')}”; "
            "where the record describes an older thing than was scanned, map `date` to what is of the scanned one"
        )
    numbers = {"dated": dated, "suspected": sum(stamps.values()), "contradicted": later}
    good = f"{dated} rows are dated, and no year stands out"
    return view.finding("years_are_plausible", STAGE, problems, good, numbers, advice=True)


def suspected(counts: Counter[str]) -> dict[str, int]:
    """Of dates as EDTF, with the rows that have nothing but a record's word for them, those that look like stamps."""
    years: Counter[int] = Counter()
    for value, rows in counts.items():
        years[int(value[:4])] += rows
    found = {}
    for value, rows in sorted(counts.items()):
        year = int(value[:4])
        is_round = year % 100 == 0 and value[4:] in ("", "-01-01")
        around = max((years[one] for one in range(year - AROUND, year + AROUND + 1) if one != year), default=0)
        if rows >= FEWEST and (is_round or value in ZEROS) and rows > TIMES * around:
            found[value] = rows
    return found


def _counts(view: View) -> tuple[int, Counter[str]]:
    """Rows with a year, and by value those of one year or day that the record alone gives."""
    dated, counts = 0, Counter[str]()
    for part in view.manifest().parts:
        frame = pl.DataFrame(pl.from_arrow(view.shards.table(part, _ASKED)))
        dated += frame.filter(pl.any_horizontal(pl.col("year_start", "year_end").is_not_null())).height
        plain = pl.col("date_edtf").str.contains(r"^[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?$")
        asked = frame.filter((pl.col("year_evidence") == "record") & plain)
        counts.update({str(value): int(rows) for value, rows in asked.group_by("date_edtf").len().rows()})
    return dated, counts
