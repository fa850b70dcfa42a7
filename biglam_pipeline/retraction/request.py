"""What somebody asked for, and of which source: also of one whose entry is broken or gone."""

from dataclasses import dataclass

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
