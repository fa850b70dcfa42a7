"""A bench whose Hub does not really wait, and both ways in which large files travel."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.publish.draft import Draft
from biglam_pipeline.publish.hub import BATCH, Hub
from biglam_pipeline.store.parts import PartSize
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.publish.drafts import a_draft, a_name, written
from biglam_pipeline_tests.publish.publisher import open_publisher, publish
from biglam_pipeline_tests.servers.hub import HubServer


@pytest.fixture
def pauses(bench: Bench) -> list[float]:
    """The seconds that the bench's Hub would have waited."""
    waited: list[float] = []
    hub = Hub(bench.hub.endpoint, sleep=waited.append)
    bench.run = replace(bench.run, open_hub=lambda: hub)
    return waited


@pytest.fixture
def small(bench: Bench) -> Bench:
    """Some rows a part, so that a dataset has several."""
    bench.run = replace(bench.run, part_size=PartSize(full=5_000, step=5))
    return bench


class Sender:
    """Publishes drafts to one server in one of the two ways; no wait is real."""

    def __init__(self, server: HubServer, folder: Path, carry_out: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.server, self.folder = server, folder
        self._carry_out = carry_out

    def draft(self, repository: str = "", **more: Any) -> Draft:
        """A new one, of content that was never sent."""
        return a_draft(self.folder, repository or a_name(), **more)

    def publish(self, draft: Draft, *, batch: int = BATCH, token: str = "") -> dict[str, Any]:
        """What came of it: `release` or `error`, `said`, `asked`; and `pauses`."""
        order = {"endpoint": self.server.endpoint, "draft": written(draft), "batch": batch, "token": token}
        return self._carry_out(order)


@pytest.fixture(scope="session")
def lfs_publisher() -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """The client reads when it is imported whether there is Xet, so LFS has a process of its own."""
    with open_publisher(xet=False) as publisher:
        yield publisher


@pytest.fixture(params=["xet", "lfs"])
def sender(request: pytest.FixtureRequest, hub: HubServer, tmp_path: Path) -> Iterator[Sender]:
    """Both ways, one after the other. The Hub is one for all tests: no fault outlives its own."""
    yield Sender(hub, tmp_path, _way(request, request.param))
    hub.fault = None


@pytest.fixture
def xet_sender(hub: HubServer, tmp_path: Path) -> Iterator[Sender]:
    """In chunks, to the content store."""
    yield Sender(hub, tmp_path, publish)
    hub.fault = None


@pytest.fixture
def lfs_sender(request: pytest.FixtureRequest, hub: HubServer, tmp_path: Path) -> Iterator[Sender]:
    """Whole, as git-lfs does."""
    yield Sender(hub, tmp_path, _way(request, "lfs"))
    hub.fault = None


def _way(request: pytest.FixtureRequest, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if name == "xet":
        return publish
    carry_out: Callable[[dict[str, Any]], dict[str, Any]] = request.getfixturevalue("lfs_publisher")
    return carry_out
