"""What a source accepts of what is recognised, and which licence its repository may state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from biglam_pipeline.rights.hub_licenses import AMBIGUOUS, HUB_LICENSES
from biglam_pipeline.rights.recognise import Statement, recognise
from biglam_pipeline.rights.tiers import BELIEFS, NEVER, OPEN, TIERS, rank

Accept: TypeAlias = str | Sequence[str]
"""What `accept:` may say: "open", "free", a tier, or a list of those."""

RIGHTS_SECTION = "#rights"
"""The section of the card that tells what one link cannot."""


_WORDS = {"open": OPEN, "free": (*OPEN, *BELIEFS)}
"""Words of `accept:` that stand for several tiers."""


def accepted_tiers(accept: Accept) -> frozenset[str]:
    """The tiers that `accept:` lets through. ValueError, in words for whoever wrote it, for anything else."""
    words = (accept,) if isinstance(accept, str) else tuple(accept)
    allowed = ("open", "free", *(tier for tier in TIERS if tier not in NEVER))
    if not words:
        raise ValueError(f"accept is empty; allowed are {', '.join(allowed)}")
    tiers: set[str] = set()
    for word in words:
        if word in NEVER:
            raise ValueError(f"accept: {word} is never accepted; allowed are {', '.join(allowed)}")
        if word not in allowed:
            raise ValueError(f"accept: {word!r} is not known; allowed are {', '.join(allowed)}")
        tiers.update(_WORDS.get(word, (word,)))
    return frozenset(tiers)


@dataclass(frozen=True, slots=True)
class RepositoryLicense:
    """What the card's YAML says of the licence; nothing where `problem` forbids to say it."""

    license: str | list[str]
    license_name: str = ""
    license_link: str = ""
    problem: str = ""


def repository_license(counts: Mapping[str, int]) -> RepositoryLicense:
    """The licence of a repository with these statements: {canonical URI, Hub id or licence name: rows}.

    One statement is stated as it is. Several are a list where the Hub has an id for each, else "other", named
    "mixed". Share-alike beside another share-alike family or beside non-commercial is refused: no licence
    satisfies both.
    """
    statements = [recognise(name) for name, rows in sorted(counts.items()) if rows > 0]
    problem = _problem(statements)
    if problem:
        return RepositoryLicense("", problem=problem)
    statements.sort(key=lambda statement: (rank(statement.tier), _hub_id(statement), statement.license_name))
    ids = list(dict.fromkeys(_hub_id(statement) for statement in statements))
    if "other" not in ids:
        return RepositoryLicense(ids[0] if len(ids) == 1 else ids)
    names = {statement.license_name for statement in statements}
    if ids == ["other"] and len(names) == 1:
        link = next((statement.license_link for statement in statements if statement.license_link), RIGHTS_SECTION)
        return RepositoryLicense("other", names.pop(), link)
    return RepositoryLicense("other", "mixed", RIGHTS_SECTION)


def _hub_id(statement: Statement) -> str:
    return statement.hf_license if statement.hf_license in HUB_LICENSES - AMBIGUOUS else "other"


_APART = "split the source, or accept fewer tiers"


def _problem(statements: Sequence[Statement]) -> str:
    if not statements:
        return "no published row has a rights statement"
    for statement in statements:
        if not statement.hf_license or statement.tier in NEVER:
            return f"{statement.name} ({statement.tier}) allows no publication. {statement.problem}".rstrip(". ")
    families = sorted({s.family for s in statements if s.share_alike})
    if len(families) > 1:
        return f"share-alike licences of different families cannot share a repository: {', '.join(families)}; {_APART}"
    plain_nc = [s.name for s in statements if s.tier == "nc" and not s.share_alike]
    if families and plain_nc and not families[0].startswith("cc-by-nc"):
        return f"{families[0]} is share-alike and cannot share a repository with {plain_nc[0]}; {_APART}"
    return ""
