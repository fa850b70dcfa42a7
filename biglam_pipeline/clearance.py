"""The gate: a Finding is what a check says of stated data; a Clearance is what only good findings can grant.

What has to pass is what the checks declare of themselves. The room of checks lies above this one and is never imported
here: it hands in its closed list once, as it is imported, and from then on the list only grows.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from biglam_pipeline.errors import RightsWithheld

REMOVAL = frozenset({"only_rows_went", "takedown_is_applied"})
"""What a removal needs: that nothing came in, and that nothing of what was taken down is left.

Nothing else is asked. What the entry expects, shares, meaning, completeness and the chain guard what is added, or lost
by accident; rights were asked when the rows were published, and fewer of them are no less lawful. Where the entry has
closed since, the repository is hidden as well.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found of one stage's output, named by the digest of what it looked at."""

    check: str
    stage: str
    digest: str
    passed: bool
    summary: str
    """The sentence that a maintainer reads."""
    numbers: dict[str, int | float | str] = field(default_factory=dict)
    advice: bool = False
    """True where a failure is a warning: it is reported, and stops nothing."""
    closes: bool = False
    """True where what was published before may not be seen any longer either: its rights are gone."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """What a check says of itself, beside what it does."""

    stage: str
    advice: bool
    nightly: bool


_ROOM = "biglam_pipeline.checks."
_STAGES = ("raw", "normalized", "shards", "hub")
_DECLARED: dict[str, _Declared] = {}


def declare(*checks: ModuleType) -> dict[str, dict[str, Callable[[Any], Finding]]]:
    """The closed list of checks, by stage and name; what it holds is required from now on, and is never taken back.

    A check is a module of the room of checks with `run(view)` and

    - `STAGE`: whose output it looks at, one of raw, normalized, shards, hub. What looks at the hub looks at what is
      published already; everything else has to pass before anything is.
    - `ADVICE = True`: its failure may be advice, where its finding says so. Without it, a failure always stops.
    - `NIGHTLY = True`: it reads numbers and no rows, and is asked also on a night that sends nothing.

    ValueError for a module that is no such check, or is declared already. A module of the room cannot be imported
    but by way of the closed list, so that nobody declares one check and is let through by it alone.
    """
    found: dict[str, dict[str, Callable[[Any], Finding]]] = {stage: {} for stage in _STAGES}
    declared: dict[str, _Declared] = {}
    for check in checks:
        name, stage = check.__name__.removeprefix(_ROOM), getattr(check, "STAGE", "")
        if sys.modules.get(f"{_ROOM}{name}") is not check:
            raise ValueError(f"{check.__name__} is no file of {_ROOM.rstrip('.')}; what the gate asks stands there")
        if stage not in _STAGES:
            raise ValueError(f"{name} does not say what it looks at; write STAGE = one of {', '.join(_STAGES)}")
        if name in declared or name in _DECLARED:
            raise ValueError(f"{name} is declared already; name it once")
        says = (getattr(check, word, False) is True for word in ("ADVICE", "NIGHTLY"))
        declared[name] = _Declared(stage, *says)
        found[stage][name] = check.run
    _DECLARED.update(declared)
    return found


def required() -> frozenset[str]:
    """What has to pass, on the data about to be published, before anything is. Whoever asks cannot ask for less."""
    names = frozenset(name for name, check in _DECLARED.items() if check.stage != "hub")
    if not names:
        raise RightsWithheld("nothing is published before the checks are known; import biglam_pipeline.checks")
    return names


def nightly() -> frozenset[str]:
    """What is asked on a night that sends nothing: these read numbers, not rows."""
    return frozenset(name for name in required() if _DECLARED[name].nightly)


_GRANTED = object()


class _Proof:
    """What a class method of this module made from findings that hold; nobody makes one by hand."""

    __slots__ = ("digest", "findings")

    def __init__(self, key: object, digest: str, findings: tuple[Finding, ...]) -> None:
        """key: known to this module alone."""
        if key is not _GRANTED:
            raise RightsWithheld("a clearance is granted by Clearance.grant from findings, never made by hand")
        self.digest = digest
        self.findings = findings


class Confirmation(_Proof):
    """Proof that what is published may stay as it is. `Hub.commit` takes none."""

    __slots__ = ()


class Clearance(_Proof):
    """Proof that everything required was checked, passed, and was checked on the data about to be published.

    Only `grant` makes one; `Hub.commit` takes nothing else.
    """

    __slots__ = ()

    @classmethod
    def grant(cls, source: str, findings: Sequence[Finding], digest: str) -> "Clearance":
        """A clearance for the data of this digest; RightsWithheld with every reason otherwise."""
        _judge(source, findings, required(), digest)
        return cls(_GRANTED, digest, tuple(findings))

    @staticmethod
    def confirm(source: str, findings: Sequence[Finding], digest: str) -> Confirmation:
        """That what was published before may stay, on a night that sends nothing; RightsWithheld otherwise."""
        _judge(source, findings, nightly(), digest)
        return Confirmation(_GRANTED, digest, tuple(findings))


class Removal(_Proof):
    """Proof that a draft is what is published, minus rows. It can add nothing, and shows nothing to anybody."""

    __slots__ = ("base",)

    base: str
    """The commit that it was compared with: `Hub.commit` refuses it on top of any other."""

    @classmethod
    def grant(cls, source: str, findings: Sequence[Finding], digest: str, base: str) -> "Removal":
        """For the data of this digest, compared with the commit `base`; RightsWithheld with every reason otherwise."""
        _judge(source, findings, REMOVAL, digest)
        granted = cls(_GRANTED, digest, tuple(findings))
        granted.base = base
        return granted


def _judge(source: str, findings: Sequence[Finding], due: frozenset[str], digest: str) -> None:
    reasons, closes = [], []
    for check in sorted(due):
        found = [one for one in findings if one.check == check]
        if not found:
            reasons.append(f"{check}: there is no finding; run the check")
        reasons += [f"{check}: was made for other data; run it again" for one in found if one.digest != digest]
        failed = [one for one in found if not one.passed and not (one.advice and _may_advise(check))]
        reasons += [f"{check}: {one.summary}" for one in failed]
        closes += [f"{check}: {one.summary}" for one in failed if one.closes]
    if reasons:
        lines = "\n".join(f"  - {reason}" for reason in reasons)
        raise RightsWithheld(f"{source} is not published:\n{lines}", closes)


def _may_advise(check: str) -> bool:
    """Whatever a check that does not declare it calls its failure, it stops publication."""
    return check in _DECLARED and _DECLARED[check].advice
