"""What somebody asked for, and of which source: also of one whose entry is broken or gone."""

from dataclasses import dataclass

from biglam_pipeline.house import House, Named
from biglam_pipeline.releases import last_release
from biglam_pipeline.source import Source
from biglam_pipeline.takedown import Ground


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for."""

    record: str
    """The identifier inside the source, without the source's name."""
    ground: Ground
    basis: str = ""
    note: str = ""
    requester: str = ""
    unseen: bool = False
    """The record may come later."""
    hidden: bool = False
    """The identifier itself discloses: the ledger holds its keyed digest."""
    purge: bool = False
    """The repository's history as well."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A source that has shelves or a repository, and no entry that can be read."""

    name: str
    why: str
    """What is wrong with its entry, or that there is none."""


def repository_of(house: House, source: Named) -> str:
    """Where it was published last, else where its entry says, else the owner's repository of its name."""
    released = last_release(house, source)
    if released is not None:
        return released.repository
    return house.repository(source) if isinstance(source, Source) else f"{house.owner}/{source.name}"
