"""The real command, killed where its work changes hands; `make soak` kills it sixty times at any moment."""

from pathlib import Path

import dagster as dg
import pytest

from biglam_pipeline_tests.journey.soak import Moment, open_soak

MOMENTS = (
    Moment(request=12),
    Moment(line="soaked: harvest"),
    Moment(line="in slices:"),
    Moment(line="soaked: parts:"),
    Moment(line="soaked: committed"),
)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_command_is_killed_and_started_again_as_it_is(tmp_path: Path) -> None:
    """Parts, releases and the Hub are those of an undisturbed run; a neighbour of the same host runs afterwards."""
    with open_soak(tmp_path / "soak") as soak:
        for number, moment in enumerate(MOMENTS, 1):
            assert soak.round(moment), f"{moment} never came"
            with dg.DagsterInstance.from_config(str(tmp_path / "soak" / "state" / "dagster")) as instance:
                failed = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
                assert len(failed) == number
                [said] = instance.all_logs(failed[0].run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
                assert "What came is kept; start it again" in said.message
