"""What every run is handed: the shelves, the doors to network and Hub, a clock; opened from the environment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Protocol

from biglam_pipeline.engine.slices import cores
from biglam_pipeline.environment import Environment
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.source import Source
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.parts import PART_SIZE, PartSize, ShardsShelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.room import named
from biglam_pipeline.store.shelf import RUN, Shelf
from biglam_pipeline.store.signals import last_signals
from biglam_pipeline.web import Limits, Web

if TYPE_CHECKING:
    from biglam_pipeline.publish.hub import Hub


class Named(Protocol):
    """Whatever has a source's shelves: its entry, or the bare name of one whose entry is broken or gone."""

    @property
    def name(self) -> str:
        """The entry's key."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What every run is handed: the shelves, the doors to network and Hub, a clock. Opened once, used by all stages."""

    shelf: Shelf
    web: Web
    open_hub: Callable[[], "Hub"] = field(repr=False)
    """The same at each call. Its client is imported with the first: who looks at the shelves alone needs none."""
    now: Callable[[], datetime]
    owner: str
    part_size: PartSize = PART_SIZE
    processes: int = 1
    """That read slices and look for near-duplicates."""
    wait_seconds: float = 600.0
    """For another run of the same source."""
    takedown_key: str = field(default="", repr=False)

    @property
    def hub(self) -> "Hub":
        """The door to the Hub."""
        return self.open_hub()

    def raw(self, source: Named) -> RawShelf:
        """The source's raw shelf."""
        return RawShelf(self.shelf.at(f"{source.name}/raw"))

    def normalized(self, source: Named) -> NormalizedShelf:
        """The source's normalized shelf."""
        return NormalizedShelf(self.shelf.at(f"{source.name}/normalized"))

    def shards(self, source: Named) -> ShardsShelf:
        """The source's shards."""
        return ShardsShelf(self.shelf.at(f"{source.name}/shards"))

    def repository(self, source: Source) -> str:
        """owner/name of the source on the Hub."""
        return source.publish.repository or f"{self.owner}/{source.name}"

    def guest(self, source: Source) -> Web:
        """The network for one visit to the source: with the headers that it names, and an end.

        ConfigError where the environment lacks what a header needs.
        """
        harvest, raw = source.harvest, self.raw(source)
        before = raw.latest()
        said = last_signals(raw, before) if before and before.request == source.digest("raw") else []
        try:
            return self.web.visiting(
                harvest.begins_at,
                headers=harvest.secret_headers,
                public=harvest.public_names,
                beside=harvest.beside,
                said=said,
                overruled=harvest.leave is not None,
            )
        except ConfigError as fault:
            raise ConfigError(*(f"{source.name}: harvest.{one}" for one in fault.faults)) from None

    @contextmanager
    def alone(self, source: Named) -> Iterator[None]:
        """No two stages of one source at the same time; RunBusy where another run is at work for too long."""
        shelf = self.shelf.at(source.name)
        with shelf.lock(RUN, wait_seconds=self.wait_seconds, doing=f"a run of {source.name}"):
            shelf.tidy()
            yield


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def _open_hub(environment: Environment) -> "Hub":
    from biglam_pipeline.publish.hub import Hub

    remedy = "start it with `biglam hub serve`" if environment.hub_embedded else "check BIGLAM_HUB_ENDPOINT"
    return Hub(
        environment.hub_endpoint,
        environment.hub_token,
        publish=environment.publish,
        remedy=remedy,
        retry_seconds=environment.hub_retry_seconds,
    )


@contextmanager
def open_context(environment: Environment, now: Callable[[], datetime] = utc_now) -> Iterator[RunContext]:
    """Opens shelves and doors as the environment says; the network's connections are closed afterwards."""
    with Web(
        contact=environment.contact,
        rewrite=environment.rewrite,
        allow_private=environment.allow_private,
        locks=environment.state / "locks",
        secrets=environment.secrets,
        limits=Limits(
            turn_seconds=environment.wait_seconds,
            visit_seconds=environment.visit_hours * 3600.0,
            visit_bytes=environment.visit_gigabytes * 10**9,
            visit_answers=environment.visit_answers,
        ),
    ) as web:
        shelf, key = open_shelf(environment.home, environment.state), environment.takedown_key
        with named(*environment.folders):
            yield RunContext(
                shelf,
                web,
                cache(partial(_open_hub, environment)),
                now,
                environment.hub_owner,
                processes=environment.processes or cores(),
                wait_seconds=environment.wait_seconds,
                takedown_key=key,
            )
