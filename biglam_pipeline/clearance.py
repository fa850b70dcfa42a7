"""The gate: a Finding is what a check says of stated data; a Clearance is what only good findings can grant."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from biglam_pipeline.errors import RightsWithheld

NIGHTLY = frozenset(
    {
        "harvest_is_complete",
        "chain_is_unbroken",
        "open_licence",
        "expectations_hold",
        "ledger_only_grows",
    }
)
"""What is asked on a night that sends nothing: these read numbers, not rows."""

REQUIRED = NIGHTLY | {
    "schema_matches",
    "rights_are_recognised",
    "parts_are_whole",
    "ids_are_unique",
    "no_double_is_left",
    "every_row_is_licensed",
    "licences_combine",
    "tally_adds_up",
    "clusters_are_plausible",
    "duplicates_are_few",
    "meaning_is_kept",
    "records_are_settled",
    "takedown_is_applied",
    "documentation_is_complete",
    "viewer_is_whole",
}
"""What has to pass, on the data about to be published, before anything is. Whoever asks cannot ask for less."""

REMOVAL = frozenset({"only_rows_went", "takedown_is_applied"})
"""What a removal needs: that nothing came in, and that nothing of what was taken down is left.

Nothing else is asked. What the entry expects, shares, meaning, completeness and the chain guard what is added, or lost
by accident; rights were asked when the rows were published, and fewer of them are no less lawful. Where the entry has
closed since, the repository is hidden as well.
"""

ADVISING = frozenset({"rights_are_recognised", "records_are_settled", "documentation_is_complete", "viewer_is_whole"})
"""Checks whose failure may be advice; whatever any other calls its failure, it stops publication."""


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
        _judge(source, findings, REQUIRED, digest)
        return cls(_GRANTED, digest, tuple(findings))

    @staticmethod
    def confirm(source: str, findings: Sequence[Finding], digest: str) -> Confirmation:
        """That what was published before may stay, on a night that sends nothing; RightsWithheld otherwise."""
        _judge(source, findings, NIGHTLY, digest)
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


def _judge(source: str, findings: Sequence[Finding], required: frozenset[str], digest: str) -> None:
    reasons, closes = [], []
    for check in sorted(required):
        found = [one for one in findings if one.check == check]
        if not found:
            reasons.append(f"{check}: there is no finding; run the check")
        reasons += [f"{check}: was made for other data; run it again" for one in found if one.digest != digest]
        failed = [one for one in found if not one.passed and not (one.advice and check in ADVISING)]
        reasons += [f"{check}: {one.summary}" for one in failed]
        closes += [f"{check}: {one.summary}" for one in failed if one.closes]
    if reasons:
        lines = "\n".join(f"  - {reason}" for reason in reasons)
        raise RightsWithheld(f"{source} is not published:\n{lines}", closes)
