"""What holds of every protocol: all that is offered, nothing twice, nothing lost in silence, killed at any object."""

import contextlib
import importlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.harvest.shelving import Visited, shelve_visit
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Harvested, RawObject
from biglam_pipeline.settings import written
from biglam_pipeline.store import batch_writer
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.web import Web
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

BUILT: dict[str, type[Harvester]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(AnyHarvester)[0])
}
KINDS = sorted(BUILT)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Killed(BaseException):
    """Nobody catches it, as nobody catches SIGKILL."""


@dataclass
class Desk:
    """One source on a shelf of its own."""

    kind: str
    folder: Path
    server: ScriptedServer
    web: Web
    offer: Offer
    harvester: Harvester = field(init=False)
    raw: RawShelf = field(init=False)

    def __post_init__(self) -> None:
        assert len(self.offer.objects) > 2
        self.harvester = BUILT[self.kind](type=self.kind, **self.offer.settings)
        self.raw = RawShelf(open_shelf(str(self.folder / "shelf"), self.folder / "state").at("one/raw"))

    def visit(self, harvester: Any = None) -> Visited:
        made = harvester or self.harvester
        web = self.web.visiting(made.begins_at, beside=made.beside)
        origin = self.offer.origin
        return shelve_visit(made, web, self.raw, base=self.folder, request="asked", now=lambda: NOON, origin=origin)

    def visit_and_die(self, after: int) -> None:
        with pytest.raises(Killed):
            self.visit(Dying(self.harvester, after))

    @property
    def held(self) -> dict[str, bytes]:
        """What the last harvest holds."""
        latest = self.raw.latest()
        return self.raw.contents(self.raw.objects(latest.number).values()) if latest else {}


@dataclass
class Dying:
    """A protocol whose process is killed after so many objects."""

    harvester: Harvester
    after: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.harvester, name)

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        for found in self.harvester.visit(visit):
            yield found
            self.after -= isinstance(found, RawObject)
            if not self.after:
                raise Killed


MakeDesk = Callable[[str], Desk]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeDesk]:
    """Each object is a batch of its own, so that what came before a death is on the shelf."""
    monkeypatch.setattr(batch_writer, "BATCH_BYTES", 1)
    with contextlib.ExitStack() as stack:
        desks: list[Desk] = []

        def make(kind: str) -> Desk:
            server = stack.enter_context(scripted_server())
            folder, locks = tmp_path / f"{len(desks)}", tmp_path / "locks"
            folder.mkdir()
            offer = importlib.import_module(f"biglam_pipeline_tests.harvest.protocols.test_{kind}").offer(
                server, folder
            )
            web = Web(
                contact="a@example.org",
                rewrite=offer.rewrite,
                allow_private=True,
                locks=locks,
                sleep=lambda _: None,
            )
            desks.append(Desk(kind, folder, server, stack.enter_context(web), offer))
            return desks[-1]

        yield make


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_offered_comes_as_it_is_with_evidence(kind: str, desk: MakeDesk) -> None:
    one = desk(kind)
    harvest = one.visit().harvest
    assert one.held == one.offer.objects
    assert list(one.held) == list(one.offer.objects)
    assert (harvest.complete, harvest.objects) == (True, len(one.offer.objects))
    assert str(len(one.offer.objects)) in harvest.proof or "token" in harvest.proof or "total" in harvest.proof


@pytest.mark.parametrize("kind", KINDS)
def test_a_quiet_night_shelves_nothing_and_asks_no_more_than_the_first(kind: str, desk: MakeDesk) -> None:
    one = desk(kind)
    first = one.visit()
    asked, shelved = len(one.server.asked), one.raw.shelf.list("")
    again = one.visit()
    assert (again.unchanged, again.harvest.number) == (True, first.harvest.number)
    assert len(one.server.asked) <= 2 * asked
    assert {name for name in one.raw.shelf.list("") if name != "checked.json"} == set(shelved)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_away_for_a_night_is_not_shelved_again(kind: str, desk: MakeDesk) -> None:
    """Whichever it is, and however often: the shelf knows it still, and it counts only when it is there."""
    for key in desk(kind).offer.objects:
        one = desk(kind)
        first, shelved = one.visit().harvest, one.raw.shelf.list("batches/")
        one.offer.lose(key)
        for _ in range(2):
            with contextlib.suppress(ServerBusy, SourceChanged):
                away = one.visit()
                assert away.unchanged or (not away.harvest.complete and key not in one.held), key
        one.offer.find(key)
        back = one.visit().harvest
        assert (back.complete, back.digest) == (True, first.digest), key
        assert one.raw.shelf.list("batches/") == shelved, key


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_had_is_missed_and_comes_another_day(kind: str, desk: MakeDesk) -> None:
    """Whichever it is: never a harvest that says it is whole, and nothing else is lost with it for good."""
    for key in desk(kind).offer.objects:
        one = desk(kind)
        one.offer.lose(key)
        harvest = None
        with contextlib.suppress(ServerBusy, SourceChanged):
            harvest = one.visit().harvest
        if harvest:
            assert not harvest.complete, key
            assert harvest.missing, key
            assert all(miss["url"] and miss["reason"] and miss["detail"] for miss in harvest.missing)
            assert key not in one.held
        one.offer.find(key)
        assert one.visit().harvest.complete
        assert sorted(one.held.values()) == sorted(one.offer.objects.values()), key


@pytest.mark.parametrize("kind", KINDS)
def test_killed_after_any_object_it_ends_as_undisturbed_and_asks_nothing_twice(kind: str, desk: MakeDesk) -> None:
    whole = desk(kind)
    undisturbed = whole.visit().harvest
    for after in range(1, len(whole.offer.objects) + 1):
        one = desk(kind)
        one.visit_and_die(after)
        assert one.raw.latest() is None, "a harvest that was cut off does not count"
        before = len(one.server.asked)
        harvest = one.visit().harvest
        assert list(one.held.items()) == list(one.offer.objects.items())
        same = ("number", "mode", "complete", "proof", "objects", "left_out")
        assert [getattr(harvest, name) for name in same] == [getattr(undisturbed, name) for name in same]
        assert len(one.server.asked) - before <= max(len(whole.server.asked) - after, 0)


@pytest.mark.representative(len(KINDS), rest="soak")
@pytest.mark.parametrize(("times", "kind"), [(times, kind) for times in (4, 12) for kind in KINDS])
def test_a_server_that_answers_anything_is_reported_in_our_own_words(kind: str, times: int, desk: MakeDesk) -> None:
    """Cut, flipped, emptied, of another status: what was sent is shelved as it is, or the visit says what is wrong."""
    chance = random.Random(kind)
    for _ in range(times):
        one = desk(kind)
        sent: list[bytes] = []

        def spoil(reply: Reply, sent: list[bytes] = sent) -> Reply:
            body = bytearray(reply.body)
            if body and chance.random() < 0.5:
                at = chance.randrange(len(body))
                body[at : at + chance.randrange(8)] = bytes(chance.randrange(256) for _ in range(chance.randrange(8)))
                body = body[: chance.choice([len(body), at])]
            status = chance.choice([reply.status, reply.status, reply.status, 404, 500, 503])
            sent.append(bytes(body))
            return replace(reply, body=bytes(body), status=status)

        one.server.spoil = spoil
        with contextlib.suppress(ServerBusy, SourceChanged):
            harvest = one.visit().harvest
            assert harvest.complete or harvest.missing or harvest.proof
            assert not one.server.asked or set(one.held.values()) <= set(sent)


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_read_as_they_were_written(kind: str, desk: MakeDesk) -> None:
    made = desk(kind).harvester
    settings = json.loads(written(made))
    again = BUILT[kind](
        **{**settings, "url": [f"{made.prefix}{one.removeprefix(made.prefix)}" for one in settings["url"]]}
    )
    assert again == made
    assert again.manner == made.manner
