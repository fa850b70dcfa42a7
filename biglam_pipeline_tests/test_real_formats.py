"""docs/formats.md says what the readers make of real files today, and each reader of which there are some is on it."""

import pytest

from biglam_pipeline.normalize.ways_out import BUILT
from biglam_pipeline_tests.normalize.bundles import REAL
from biglam_pipeline_tests.real_formats import CASES, Case, kept, main, page, read_case

WITHOUT = {"parquet", "pdf"}
"""Readers of which no institution's file lies there."""
FIRST = {case.type: case.name for case in reversed(CASES)}.values()
"""Of each reader this case stays in `make test`; slow are other files and other rows of it."""


def test_the_page_is_made_of_the_goldens() -> None:
    assert main(["--check"]) == 0


def test_each_reader_has_a_case_and_each_case_a_golden() -> None:
    assert {case.type for case in CASES} == BUILT.keys() - WITHOUT
    assert kept().keys() == {case.name for case in CASES}
    assert len({case.name for case in CASES}) == len(CASES)


def test_nothing_of_this_machine_stands_on_it() -> None:
    made = page(kept())
    assert str(REAL.resolve()) not in made


@pytest.mark.parametrize(
    "case", [pytest.param(one, id=one.name, marks=() if one.name in FIRST else pytest.mark.slow) for one in CASES]
)
def test_real_files_give_what_the_golden_says(case: Case) -> None:
    """Counts, reasons, unread fields, and a digest of all that the records hold."""
    if not (REAL / case.files).exists():
        pytest.skip(f"no real data at {REAL / case.files}; set BIGLAM_REAL_DATA")
    read, golden = read_case(case), kept()[case.name]
    assert read == golden, "look at what changed; then python -m biglam_pipeline_tests.real_formats --read"
