"""What Dagster shows of how much of all that is offered a visit has."""

from datetime import UTC, datetime

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.defs.metadata import of_harvest
from biglam_pipeline.harvest.shelving import Visited
from biglam_pipeline.store.raw import Harvest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def harvest(coverage: tuple[Coverage, ...], unproven: str = "") -> Harvest:
    return Harvest(
        1, "replace", "", NOON, NOON, True, "all", {}, 2, 2, 100, unproven=unproven, coverage=coverage
    )  # fmt: skip


def test_sums_are_numbers_and_each_list_has_a_line() -> None:
    found = of_harvest(Visited(harvest((Coverage("maps", 60, 60), Coverage("letters", 40, 30)), "10 fewer"), False))
    assert (found["offered"], found["harvested"], found["unproven"]) == (100, 90, "10 fewer")
    assert "| letters | 40 | 30 | 75.0% |" in found["coverage"].md_str


def test_nothing_is_shown_where_no_server_says_how_much_there_is() -> None:
    assert not {"offered", "harvested", "coverage", "unproven"} & of_harvest(Visited(harvest(()), False)).keys()
