"""When was it made, and how do we know? The columns of a row that speak of dates, from what the record says."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from biglam_pipeline.fields.dates import DateReading, is_only_stamps, read_dates
from biglam_pipeline.store.problems import with_example

EVIDENCE = ("record", "imprint", "issue", "guess", "none")
"""Where the year comes from: the catalogue's record; the printing, as its publisher or its catalogue gives it; the day
on which an issue came out; a cataloguer's guess (in brackets, about, doubtful); or only from a repository's stamp."""

PRINTED_LATER = "year_end: earlier than a copyright that the text prints"
"""What is counted of a row of 1870 whose page prints "Copyright, 1926"."""
PRINTED_SINCE = "year_end: earlier than a copyright that the text prints, perhaps of who digitised it"
_DIGITISED = 1990
"""First year in which the notice on a page may be that of whoever scanned it: "© 2010 Google"."""
_NOTICE = re.compile(
    r"(?:©|\(c\)(?=\s*[12])|\bcopyright\b)[^.;©]{0,60}?(?<![0-9])(?P<year>1[4-9][0-9]{2}|20[0-9]{2})(?![0-9])",
    re.IGNORECASE,
)
"""© with the year and the owner, in either order (Universal Copyright Convention, III 1); Copyright (United
States, from 1909 on)."""
_MARKS = ("©", "opyright", "OPYRIGHT", "(c)")
"""One of these stands in every notice; looking for them is 700 MB a second."""


def contradiction(text: str | None, last: int | None) -> str | None:
    """What is counted where a text prints a copyright of more than a year after `last`, its year_end; else None."""
    if not text or last is None or not any(mark in text for mark in _MARKS):
        return None
    later = [found for found in _NOTICE.finditer(text) if int(found["year"]) > last + 1]
    if not later:
        return None
    first = min(later, key=lambda found: int(found["year"]))
    reason = PRINTED_LATER if int(first["year"]) < _DIGITISED else PRINTED_SINCE
    return with_example(reason, f"{last}: {' '.join(first[0].split())}")


def fill_dates(row: dict[str, Any], raws: list[str], problems: list[str]) -> None:
    """Fills the date columns of a row in place. raws: the dates as the source gives them, in its order.

    `year_evidence` is what the reader, or the entry, said of the source of the date, else `record`; a date that the
    cataloguer doubts is a `guess` wherever it stands, and a repository's stamp is `none`.
    """
    row["date_raw"] = raws or None
    said = row["year_evidence"] if row.get("year_evidence") in EVIDENCE else None
    row["year_evidence"] = None
    if not raws:
        row["original_date_raw"] = row.get("original_date_raw") or None
        return
    reading = _read_dates(tuple(raws))
    if reading.problem:
        problems.append(with_example(f"date: {reading.problem}", reading.example))
    row["date_edtf"] = reading.edtf
    row["year_start"] = reading.year_start
    row["year_end"] = reading.year_end
    row["date_precision"] = reading.precision
    row["date_qualifier"] = reading.qualifier
    row["date_type"] = row["date_type"] or reading.type
    row["original_date_raw"] = _originals(row, reading, problems)
    if reading.edtf is not None:
        row["year_evidence"] = evidence_of(reading, raws, said)


@lru_cache(maxsize=16_384)
def _read_dates(raws: tuple[str, ...]) -> DateReading:
    return read_dates(raws)


def evidence_of(reading: DateReading, raws: Sequence[str], said: str | None) -> str:
    """One of `EVIDENCE`. said: by the reader, for the source of the date."""
    if said == "none" or (said is None and is_only_stamps(raws)):
        return "none"
    return "guess" if reading.qualifier else said or "record"


def _originals(row: dict[str, Any], reading: DateReading, problems: list[str]) -> list[str] | None:
    """The date of the first printing, or of the making, beside the date of the printing whose words these are."""
    given = row.get("original_date_raw")
    found = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    if reading.original:
        found.append(reading.original)
    first = read_dates(found) if found else None
    if first is not None and _is_later(first, reading):
        problems.append("original_date_raw: later than the date it should come before")
    return list(dict.fromkeys(found)) or None


def _is_later(first: DateReading, printing: DateReading) -> bool:
    return first.year_start is not None and printing.year_end is not None and first.year_start > printing.year_end
