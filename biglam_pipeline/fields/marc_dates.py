"""When was it printed, says a MARC record? Field 008 with what 260, 264 and 534 say, for whoever reads MARC.

MARC 21 bibliographic 008/06-14: https://www.loc.gov/marc/bibliographic/bd008a.html ; 534: bd534.html there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from biglam_pipeline.fields.dates import read_date

_BLANK = re.compile(r"[\s|#]*|uuuu")


@dataclass(frozen=True, slots=True)
class MarcDates:
    """The date columns of a record; empty where it says nothing."""

    date_raw: tuple[str, ...] = ()
    original_date_raw: tuple[str, ...] = ()
    year_evidence: str = "imprint"


def read_marc_dates(fixed: str, imprint: Sequence[str] = (), original: Sequence[str] = ()) -> MarcDates:
    """The date of the printing, and of a reprint the date of the original.

    fixed: field 008, at least to position 14. imprint: 260 and 264 _1 $c. original: 534 $c. The printed date counts
    where it agrees with the coded one, for it alone says what is guessed; else the coded one does.
    """
    kind, first, second = fixed[6:7], fixed[7:11], fixed[11:15]
    coded = _coded(kind, first, second)
    printed = tuple(one for one in imprint if one.strip())
    raw = printed if printed and (not coded or _agrees(printed[0], coded)) else (coded,) if coded else printed
    given = tuple(one for one in original if one.strip())
    if not given and kind in ("r", "p") and not _BLANK.fullmatch(second):
        given = (second,)
    return MarcDates(raw, given)


def _coded(kind: str, first: str, second: str) -> str:
    """By 008/06: s single, r reprint, t and copyright, p and production, e day, q doubtful, cdu serial, ikm range."""
    if kind in set("cduikm") and _BLANK.fullmatch(first) and re.fullmatch(r"(?!9999)[0-9u]{4}", second):
        return "" if _BLANK.fullmatch(second) else f"/{second}"  # the start alone is not known
    if kind not in set("srtpeqcduikm") or _BLANK.fullmatch(first):
        return ""
    if kind == "e" and re.fullmatch(r"[0-9]{4}", second):
        return f"{first}-{second[:2]}-{second[2:]}"
    if kind == "e" and re.fullmatch(r"[0-9]{2}\s\s", second):
        return f"{first}-{second[:2]}"
    if kind in "cduikm":
        end = ".." if second == "9999" and kind != "u" else "" if _BLANK.fullmatch(second) else second
        return first if end == first else f"{first}/{end}"
    return f"{first}?/{second}?" if kind == "q" and not _BLANK.fullmatch(second) else first


def _agrees(printed: str, coded: str) -> bool:
    one, other = read_date(printed), read_date(coded)
    same = (one.year_start, one.year_end) == (other.year_start, other.year_end)
    return one.edtf is not None and (other.edtf is None or same)
