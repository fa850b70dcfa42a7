"""SIGKILL at any request of a publication: readers find the old release or the new one, and the next run ends it."""

import itertools
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from biglam_pipeline.publish.draft import Draft
from biglam_pipeline_tests.publish.drafts import a_draft, a_name, held, wanted, written
from biglam_pipeline_tests.publish.publisher import Publisher, open_publisher
from biglam_pipeline_tests.servers.hub import HubServer

ONE_COMMIT, BATCHES = 500, 3


class Killing:
    """Publishes in children of a warm process, and kills one at a stated request."""

    def __init__(self, hub: HubServer, publisher: Publisher, folder: Path) -> None:
        self.hub, self._publisher, self.folder = hub, publisher, folder

    def publish(self, draft: Draft, batch: int, at: int | str = 0, when: str = "") -> bool:
        """Whether the process was killed. at: number of the request, from 1, or a pattern of its method and path; when:
        before or after it takes effect.
        """
        numbers, pid = itertools.count(1), 0

        def fault(request: Request, stage: str) -> Response | None:
            nonlocal pid
            if stage == "before":
                request.state.number = next(numbers)
            wanted = request.state.number if isinstance(at, int) else f"{request.method} {request.url.path}"
            if pid and stage == when and (wanted == at or (isinstance(at, str) and re.match(at, wanted))):
                os.kill(pid, signal.SIGKILL)
                pid = 0
                return Response(status_code=503)
            return None

        def begins(pids: list[int]) -> None:
            nonlocal pid
            [pid] = pids

        self.hub.fault = fault
        order = {"endpoint": self.hub.endpoint, "draft": written(draft), "batch": batch, "waits": 0.05}
        [ended] = self._publisher.fork([order], begins)
        self.hub.fault = None
        assert ended["signal"] in {0, signal.SIGKILL}, ended
        assert ended["signal"] or "release" in ended, ended
        return bool(ended["signal"])

    def everywhere(self, batch: int, when: str, parts: int) -> int:
        """At every request of a second release, one after the other; how many there were."""
        at = 0
        killed = True
        while killed:
            at += 1
            killed = self.once(batch, at, when, parts)
        return at - 1

    def once(self, batch: int, at: int | str, when: str, parts: int) -> bool:
        """The first release in peace, the second killed and run again; whether it was killed."""
        repository = a_name("kills")
        old = a_draft(self.folder, repository, "v2026.01.01", parts=parts, size=3_000)
        new = a_draft(self.folder, repository, "v2026.01.02", parts=parts - 1, size=3_000, kept=old)
        assert not self.publish(old, ONE_COMMIT)
        killed = self.publish(new, batch, at, when)
        there = held(self.hub, repository)
        assert there.files in (wanted(old), wanted(new)), f"killed {when} request {at}: a mixture is published"
        assert not self.publish(new, batch)
        after = held(self.hub, repository)
        assert after.files == wanted(new)
        assert [title.partition(" [")[0] for title in after.titles] == [old.message, new.message]
        assert after.tags.keys() == {"v2026.01.01", "v2026.01.02"}
        assert after.tags["v2026.01.02"] == after.head
        assert after.open_pulls == 0
        return killed


@pytest.fixture(scope="module", params=["xet", "lfs"])
def publisher(request: pytest.FixtureRequest) -> Iterator[Publisher]:
    """Both ways in which large files travel."""
    with open_publisher(xet=request.param == "xet") as opened:
        yield opened


@pytest.fixture
def killing(hub: HubServer, publisher: Publisher, tmp_path: Path) -> Iterator[Killing]:
    yield Killing(hub, publisher, tmp_path)
    hub.fault = None


@pytest.mark.representative(3)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", ["POST .*/commit/main", "POST .*/tag/", "POST .*/preupload/"])
def test_killed_where_readers_notice(killing: Killing, at: str, when: str) -> None:
    assert killing.once(ONE_COMMIT, at, when, 2)


@pytest.mark.representative(1)  # killed elsewhere on that way
@pytest.mark.parametrize("at", ["POST .*/discussions$", "POST .*/commit/refs", "POST .*/status", "POST .*/merge"])
def test_killed_on_the_way_through_a_pull_request(killing: Killing, at: str) -> None:
    assert killing.once(BATCHES, at, "after", 5)


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_request_of_a_commit(killing: Killing, when: str) -> None:
    assert killing.everywhere(ONE_COMMIT, when, 3) >= 9


@pytest.mark.soak
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_request_of_a_release_in_batches(killing: Killing, when: str) -> None:
    assert killing.everywhere(BATCHES, when, 5) >= 25
