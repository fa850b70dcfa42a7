"""How free a rights statement leaves a record: eleven tiers from public domain to closed."""

from collections.abc import Iterable

TIERS = ("pd", "by", "sa", "pd-us", "nkc", "pd-claim", "nc", "nd", "review", "unknown", "closed")
"""From free to closed."""

OPEN = ("pd", "by", "sa")
"""What `accept: open` means."""

BELIEFS = ("pd-us", "nkc", "pd-claim")
"""Free in one country, or believed to be free; `accept: free` means these beside OPEN."""

NEVER = ("unknown", "closed")
"""What no source may accept: nothing is known that would allow it, or it is known to be forbidden."""

# Three beliefs about the public domain, each weaker than a mark or a dedication, none weaker than another.
_RANK = {"pd": 0, "by": 1, "sa": 2, "pd-us": 3, "nkc": 3, "pd-claim": 3}
_RANK |= {"nc": 4, "nd": 5, "review": 6, "unknown": 7, "closed": 8}


def rank(tier: str) -> int:
    """0 for the public domain to 8 for closed. ValueError for a word that is no tier."""
    try:
        return _RANK[tier]
    except KeyError:
        raise ValueError(f"{tier!r} is not a tier; the tiers are {', '.join(TIERS)}") from None


def worst(tiers: Iterable[str]) -> str:
    """The most restrictive of several; of equals the one later in TIERS; "unknown" where there is none."""
    return max(tiers, key=lambda tier: (rank(tier), TIERS.index(tier)), default="unknown")
