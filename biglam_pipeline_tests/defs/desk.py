"""A maintainer's desk for tests: the bench, seen and worked through Dagster, with the settings that its runs read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from biglam_pipeline.definitions import build_definitions
from biglam_pipeline.defs.instance import prepare_home
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench

ROOT = Path(__file__).parents[2]
NOTHING = {"repositories": 0, "commits": 0}


@dataclass
class Desk:
    """An instance, and the bench whose shelves and Hub the runs use."""

    bench: Bench
    instance: dg.DagsterInstance
    settings: dict[str, str]
    """What a process of its own needs in its environment to meet the same shelves."""

    @property
    def definitions(self) -> dg.Definitions:
        """Of the bench's catalog as it stands now, with schedules."""
        return build_definitions(self.bench.catalog, schedules=True)

    def run(self, selection: str | dg.AssetSelection, **more: Any) -> dg.ExecuteInProcessResult:
        """One run of these assets, with their checks unless the selection leaves them out."""
        chosen = dg.AssetSelection.from_string(selection) if isinstance(selection, str) else selection
        job = dg.define_asset_job("by_hand", chosen, executor_def=dg.in_process_executor)
        resolved = dg.Definitions.merge(self.definitions, dg.Definitions(jobs=[job])).resolve_job_def("by_hand")
        return resolved.execute_in_process(instance=self.instance, raise_on_error=False, **more)

    def published(self, name: str) -> dict[str, int]:
        """What stands on the Hub for a source: repositories, and commits as the server counted them."""
        repository = self.bench.run.repository(self.bench.source(name))
        created = self.bench.run.hub.head(repository) is not None
        return {"repositories": int(created), "commits": self.bench.commits(name)}

    def reported(self, run_id: str) -> str:
        """Everything that the failed steps of a run say, causes and all."""
        entries = self.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        return failure_text([entry.dagster_event for entry in entries if entry.dagster_event])


def failure_text(events: list[dg.DagsterEvent]) -> str:
    """Everything that the failed steps say, causes and all."""
    texts = []
    for event in events:
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None:
            texts.append(error.message)
            error = error.cause
    return "\n".join(texts)


def settings_of(bench: Bench, home: Path, sources: Path = DEMO_SOURCES) -> dict[str, str]:
    """The settings that lead a process to the shelves, the Hub and the institution of a bench."""
    return {
        "BIGLAM_SOURCES": str(sources),
        "BIGLAM_STATE": str(bench.folder / "state"),
        "BIGLAM_HUB_ENDPOINT": bench.hub.endpoint,
        "BIGLAM_HUB_OWNER": bench.run.owner,
        "BIGLAM_REWRITE": bench.institution.rewrite,
        "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
        "DAGSTER_HOME": str(home),
    }


@contextmanager
def open_desk(bench: Bench, home: Path, sources: Path = DEMO_SOURCES) -> Iterator[Desk]:
    """A desk with the instance that `biglam dev` and `biglam run` would use."""
    settings = settings_of(bench, home, sources)
    prepare_home(home)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield Desk(bench, instance, settings)
