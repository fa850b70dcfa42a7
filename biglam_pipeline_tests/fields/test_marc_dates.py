"""MARC: the date of the printing whose words these are, and beside it the date of the original (008/06 r, 534)."""

import pytest

from biglam_pipeline.fields.dates import read_dates
from biglam_pipeline.fields.marc_dates import read_marc_dates


@pytest.mark.parametrize(
    ("fixed", "imprint", "original", "start", "end", "kept"),
    [
        ("850101s1873    ", ["[1873?]"], [], 1873, 1873, ()),
        ("850101r19991850", ["1999"], [], 1999, 1999, ("1850",)),
        ("850101r19991850", ["[reprint 1999]"], ["London : Rowe, 1850"], 1999, 1999, ("London : Rowe, 1850",)),
        ("850101s1999    ", ["1999"], ["1850"], 1999, 1999, ("1850",)),
        ("850101p19991850", [], [], 1999, 1999, ("1850",)),
        ("850101r1999uuuu", ["1999"], [], 1999, 1999, ()),
        ("850101c19019999", ["1901-"], [], 1901, None, ()),
        ("850101c19019999", [], [], 1901, None, ()),
        ("850101u1901uuuu", [], [], 1901, None, ()),
        ("850101d19011920", [], [], 1901, 1920, ()),
        ("850101duuuu1920", [], [], None, 1920, ()),  # the start alone is not known
        ("850101cuuuu9999", [], [], None, None, ()),
        ("850101q18501860", [], [], 1850, 1860, ()),
        ("850101e18890105", [], [], 1889, 1889, ()),
        ("850101t19991998", ["1999, c1998"], [], 1999, 1999, ()),
        ("850101m18uu1901", [], [], 1800, 1901, ()),
        ("850101s1867    ", ["1697 [i.e. 1967]"], [], 1867, 1867, ()),  # the two disagree: the coded one counts
        ("850101n        ", ["1850"], [], 1850, 1850, ()),
        ("850101|||||||||", ["1850"], [], 1850, 1850, ()),
        ("850101b        ", [], [], None, None, ()),
        ("", [], [], None, None, ()),
    ],
)
def test_the_printing_counts_and_the_original_is_kept(
    fixed: str, imprint: list[str], original: list[str], start: int | None, end: int | None, kept: tuple[str, ...]
) -> None:
    found = read_marc_dates(fixed, imprint, original)
    reading = read_dates(found.date_raw)
    assert (reading.year_start, reading.year_end, found.original_date_raw) == (start, end, kept)
    assert found.year_evidence == "imprint"
