"""The gate: a Finding is what a check says of stated data; a Clearance is what only good findings can grant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from biglam_pipeline.errors import RightsWithheld


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
    """True where a failure is a warning: it is told, and stops nothing."""


_GRANTED = object()


class Clearance:
    """Proof that everything required was checked, passed, and was checked on the data about to be published.

    Only `grant` makes one; `Hub.commit` takes nothing else.
    """

    __slots__ = ("digest", "findings")

    def __init__(self, key: object, digest: str, findings: tuple[Finding, ...]) -> None:
        """key: known to `grant` alone."""
        if key is not _GRANTED:
            raise RightsWithheld("a clearance is granted by Clearance.grant from findings, never made by hand")
        self.digest = digest
        self.findings = findings

    @classmethod
    def grant(cls, source: str, findings: Sequence[Finding], required: Collection[str], digest: str) -> "Clearance":
        """A clearance for the data of this digest; RightsWithheld with every reason otherwise."""
        reasons = []
        for check in sorted(required):
            found = [one for one in findings if one.check == check]
            if not found:
                reasons.append(f"{check}: there is no finding; run the check")
            reasons += [f"{check}: was made for other data; run it again" for one in found if one.digest != digest]
            reasons += [f"{check}: {one.summary}" for one in found if not one.passed and not one.advice]
        if reasons:
            lines = "\n".join(f"  - {reason}" for reason in reasons)
            raise RightsWithheld(f"{source} is not published:\n{lines}")
        return cls(_GRANTED, digest, tuple(findings))
