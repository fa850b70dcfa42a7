"""What a visit costs the hosts that it asks: counted where they are asked, host by host, to the last request."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(slots=True)
class Cost:
    """Of one host."""

    requests: int = 0
    """All of them: robots.txt, redirects, what was tried again, the rest of a transfer that broke off."""
    bytes: int = 0
    """Of bodies, as they came over the wire."""
    seconds_waited: float = 0.0
    """For the host's sake: its turn, the pause after each answer, what it asked for, and before another try."""
    not_modified: int = 0
    """Requests that were answered by 304 (RFC 9110, 15.4.5)."""
    failed: int = 0
    """Requests without an answer, or with one that is tried again: 429, 5xx, a transfer that broke off."""
    overruled: int = 0
    """Requests that the host's robots.txt asks programs not to make: see `harvest.robots`."""

    def add(self, other: "Cost") -> None:
        """Takes another's in."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


Costs = dict[str, Cost]
"""host, with its port where that is not the usual one -> what it cost."""


def host_named(name: str) -> str:
    """`example.org` of `example.org:443`: as people say it."""
    host, _, port = name.rpartition(":")
    return host if port in ("443", "80") else name


def merged(*several: Mapping[str, Cost]) -> Costs:
    """Several visits, or attempts at one, together."""
    found: Costs = {}
    for costs in several:
        for host, cost in costs.items():
            found.setdefault(host, Cost()).add(cost)
    return found


def total(costs: Iterable[Cost]) -> Cost:
    """Of all hosts together."""
    found = Cost()
    for cost in costs:
        found.add(cost)
    return found


def noted(costs: Mapping[str, Cost]) -> dict[str, dict[str, float]]:
    """As a note on the shelf holds them; what is nothing is left out."""
    return {
        host: {name: known for name, value in asdict(cost).items() if (known := round(value, 1))}
        for host, cost in sorted(costs.items())
    }


def read_costs(note: Any) -> Costs:
    """The same again; what an older or a newer release noted otherwise is passed over."""
    names = {one.name for one in fields(Cost)}
    return {
        str(host): Cost(**{name: value for name, value in said.items() if name in names})
        for host, said in (note.items() if isinstance(note, Mapping) else ())
        if isinstance(said, Mapping)
    }


def in_words(costs: Mapping[str, Cost]) -> str:
    """One line: `example.org: 12 requests, 3.4 MB, 40 s waited`; empty where nobody was asked."""
    return "; ".join(f"{host}: {_said(cost)}" for host, cost in sorted(costs.items()))


def _said(cost: Cost) -> str:
    words = [
        f"{cost.requests:,} request{'s' if cost.requests != 1 else ''}",
        f"{cost.bytes / 1e6:,.1f} MB" if cost.bytes >= 1e5 else f"{cost.bytes:,} bytes",
    ]
    words += [f"{cost.not_modified:,} not modified"] if cost.not_modified else []
    words += [f"{cost.failed:,} failed"] if cost.failed else []
    words += [f"{cost.overruled:,} against robots.txt"] if cost.overruled else []
    words += [f"{cost.seconds_waited:,.0f} s waited"] if cost.seconds_waited >= 0.5 else []
    return ", ".join(words)
