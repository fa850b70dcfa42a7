"""The addresses that an OAI-PMH harvest asks: built from what sources.yaml says, and from dates and tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

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
            return _build(base, own | {"verb": "ListRecords", "resumptionToken": _escaped(token)})
        dated = {"from": _escaped(self.since)} if self.since else {}
        return _build(base, own | {"verb": "ListRecords", **asked, **dated})

    def identify_url(self) -> str:
        """Where the server tells about itself."""
        base, _, own = split_address(self.address)
        return _build(base, own | {"verb": "Identify"})

    def is_first(self, url: str) -> bool:
        """Was this the address of a list's first page?"""
        return "resumptionToken" not in dict(_pairs(url))

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
    """Base URL, the list's arguments (metadataPrefix, set), and what else the server wants with every request.

    Values stay as they are written: `set=journal:ART+A` is a setSpec with a plus to OJS, which compares it as it comes
    (https://github.com/pkp/pkp-lib/issues/10006); decoded and encoded again it would ask for a blank.
    """
    parts = urlsplit(address)
    pairs = dict(_pairs(address))
    pairs.pop("verb", None)
    asked = {"metadataPrefix": pairs.pop("metadataPrefix", "") or "oai_dc"}
    if chosen := pairs.pop("set", ""):
        asked["set"] = chosen
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), asked, pairs


def check_arguments(address: str) -> None:
    """ValueError for arguments that are the pipeline's to find."""
    taken = [name for name, _ in _pairs(address) if name in _OURS]
    if taken:
        raise ValueError(f"{address}: {', '.join(taken)} is found by the pipeline itself; leave it out")


def _pairs(address: str) -> list[tuple[str, str]]:
    """The arguments of an address: names in plain text, values as they are written."""
    parts = [part.partition("=") for part in urlsplit(address).query.split("&") if part]
    return [(unquote_plus(name), quote(value, safe=_WRITTEN)) for name, _, value in parts]


_WRITTEN = "%+!$'()*,-./:;=?@_~"
"""What may stand in a query (RFC 3986, 3.4), and the percent signs of what is escaped already."""


def _escaped(value: str) -> str:
    # Tokens hold &, #, % and worse: all of it is escaped.
    return quote(value, safe="")


def _build(base: str, arguments: dict[str, str]) -> str:
    return base + "?" + "&".join(f"{_escaped(name)}={value}" for name, value in arguments.items())
