"""Dagster's queue, which marks every run with its source and its host, and serves one daemon at a time.

https://docs.dagster.io/deployment/execution/run-coordinators
"""

import logging
import sys
from contextlib import ExitStack
from pathlib import Path

import dagster as dg

from biglam_pipeline.errors import RunBusy
from biglam_pipeline.store.locks import file_lock

SOURCE, HOST = "biglam/source", "biglam/host"
NIGHT = "biglam/night"
"""On a run of a source that a run of `nights` takes through: the id of that one, whose process both are."""
PLACE = "biglam/place"
"""On every run that is a process: the queue lets so many go at a time (dagster.yaml)."""
TAG = 63
"""Dagster's limit for a tag's value."""
log = logging.getLogger(__name__)
_DAEMON = ExitStack()
"""Holds the daemon's lock until this process ends."""
_HELD: set[Path] = set()


def daemon_lock(home: Path) -> Path:
    """The file whose lock the daemon of this home holds."""
    return home / "daemon.lock"


class Queue(dg.QueuedRunCoordinator):
    """Runs wait here, in no process, for a place and for their host (`tag_concurrency_limits` in dagster.yaml)."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """A run that was started by hand on the page gets the tags that a schedule gives; and all that of a place."""
        run = context.dagster_run
        missing = {key: value for key, value in _tags(context).items() if key not in run.tags}
        self._instance.add_run_tags(run.run_id, {**missing, PLACE: "taken"})
        return super().submit_run(context)

    @property
    def dequeue_interval_seconds(self) -> int:
        """Asked by a daemon that begins, once, and by nobody else: so this is where a second one is refused.

        Two daemons on one home start most runs twice.
        """
        home = Path(self._instance.root_directory)
        if home not in _HELD:
            busy = f"a daemon serves {home} already, and two would start every run twice"
            try:
                _DAEMON.enter_context(file_lock(daemon_lock(home), wait_seconds=1, busy=busy, doing="the daemon"))
            except RunBusy as second:
                sys.stderr.write(f"{second}\n")
                raise SystemExit(second.exit_status) from second
            _HELD.add(home)
        return super().dequeue_interval_seconds


def _tags(context: dg.SubmitRunContext) -> dict[str, str]:
    """Source and host of a run's assets; several sources one after the other, and no host where they have several."""
    run = context.dagster_run
    keys = {*(run.asset_selection or ()), *(check.asset_key for check in run.asset_check_selection or ())}
    graph = context.workspace.asset_graph
    found = [graph.get(key).tags for key in sorted(keys, key=str) if graph.has(key)]
    sources = sorted({tags[SOURCE] for tags in found if SOURCE in tags})
    hosts = {tags[HOST] for tags in found if HOST in tags}
    tags = {SOURCE: " ".join(sources)} if sources else {}
    return tags | ({HOST: hosts.pop()} if len(hosts) == 1 else {})
