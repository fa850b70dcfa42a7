"""What a protocol is held against: a small source of it that is offered on this machine, and can be taken away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.harvest.visit import Origin


@dataclass(frozen=True)
class Offer:
    """`offer(server, folder)` of `harvest/protocols/test_TYPE.py` makes one, new each time."""

    settings: Mapping[str, Any]
    """The keys of `harvest`, without `type`."""
    objects: Mapping[str, bytes]
    """Key -> bytes, in their order, as a first visit shelves them; three at least."""
    lose: Callable[[str], None]
    """From now on the object of this key cannot be had, though the source still names it."""
    find: Callable[[str], None]
    """It can be had again."""
    rewrite: Mapping[str, str] = field(default_factory=dict)
    """Hosts of the protocol's own -> this machine."""
    origin: Callable[[str], Origin] | None = None
    """Of what reads other sources, these."""
