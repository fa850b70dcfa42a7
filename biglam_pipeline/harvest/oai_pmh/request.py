"""The addresses that an OAI-PMH harvest asks: built from what sources.yaml says, and from dates and tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

_OURS = ("from", "until", "resumptionToken")


@dataclass(slots=True)
class Request:
    """One list of one server. `since` is the date it starts from, as the server wants it written; or nothing."""

    address: str
    since: str = ""
    granularity: str = "day"
    """`day` or `second`."""

    def url(self, token: str = "") -> str:
        """The first page of the list, or the one that a token stands for."""
        base, asked, own = split_address(self.address)
        if token:
            return _build(base, own | {"verb": "ListRecords", "resumptionToken": token})
        dated = {"from": self.since} if self.since else {}
        return _build(base, own | {"verb": "ListRecords", **asked, **dated})

    def identify_url(self) -> str:
        """Where the server tells about itself."""
        base, _, own = split_address(self.address)
        return _build(base, own | {"verb": "Identify"})

    def is_first(self, url: str) -> bool:
        """Was this the address of a list's first page?"""
        return "resumptionToken" not in dict(parse_qsl(urlsplit(url).query))

    def coarsen(self) -> bool:
        """Turns to whole days; False where that changes nothing."""
        if self.granularity == "day" or not self.since:
            return False
        self.granularity = "day"
        self.since = self.since[:10]
        return True

    def next_since(self, started: datetime, lag_seconds: int) -> str:
        """Where the next visit starts: a little before this one did, so that no record falls between them."""
        if self.granularity == "second":
            return (started - timedelta(seconds=lag_seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (started - timedelta(seconds=lag_seconds) - timedelta(days=1)).strftime("%Y-%m-%d")


def split_address(address: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Base URL, the list's arguments (metadataPrefix, set), and what else the server wants with every request."""
    parts = urlsplit(address)
    pairs = dict(parse_qsl(parts.query, keep_blank_values=True))
    pairs.pop("verb", None)
    asked = {"metadataPrefix": pairs.pop("metadataPrefix", "") or "oai_dc"}
    if chosen := pairs.pop("set", ""):
        asked["set"] = chosen
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), asked, pairs


def check_arguments(address: str) -> None:
    """ValueError for arguments that are the pipeline's to find."""
    taken = [name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True) if name in _OURS]
    if taken:
        raise ValueError(f"{address}: {', '.join(taken)} is found by the pipeline itself; leave it out")


def _build(base: str, arguments: dict[str, str]) -> str:
    # Tokens hold &, #, % and worse: all of it is escaped.
    return base + "?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in arguments.items())
