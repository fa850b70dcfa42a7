"""What hosts and answers say of themselves about use by machines, for AI and for text and data mining.

Most of it is said of a whole host, and often by the service in front of it and not by the custodian: the robots.txt
that Cloudflare manages says `ai-train=no` by default. That is worth knowing, and decides nothing. What is said of these
very data does.

- TDM Reservation Protocol: https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/
- Content-Usage (IETF AIPREF): https://datatracker.ietf.org/doc/draft-ietf-aipref-attach/
- Content-Signal: https://contentsignals.org
- License (Really Simple Licensing): https://rslstandard.org
- noai, noimageai in X-Robots-Tag, or in a page's `meta` robots: DeviantArt's words, which others took over
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson

Reach = Literal["host", "data"]
MOST_LETTERS = 300
"""Of a value: whatever a server writes there, it stands in a card."""
AI_AGENTS = (
    *("GPTBot", "CCBot", "ClaudeBot", "anthropic-ai", "Google-Extended", "Applebot-Extended", "Bytespider"),
    *("Meta-ExternalAgent", "Amazonbot", "cohere-training-data-crawler", "AI2Bot", "Diffbot"),
)
"""Programs that gather texts to train models, by the names that their makers gave them for robots.txt; the longest
list of them is https://github.com/ai-robots-txt/ai.robots.txt."""
_LINES = {"content-signal": "Content-Signal", "content-usage": "Content-Usage", "license": "RSL license"}
_NO_AI = re.compile(r"\b(noai|noimageai)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was said."""

    kind: str
    """tdm-reservation, Content-Usage, Content-Signal, RSL license, robots.txt, X-Robots-Tag, meta robots."""
    value: str
    """In its own words."""
    reach: Reach
    """host: of everything there. data: of what this source is made of."""
    where: str
    """The address at which it was read first."""

    @property
    def reserves(self) -> bool:
        """Whether it keeps these very data from text and data mining (Directive (EU) 2019/790, Article 4)."""
        return self.kind == "tdm-reservation" and self.reach == "data"


def in_headers(headers: Mapping[str, str], url: str) -> Iterator[Signal]:
    """Of one answer. headers: by name, in any case."""
    said = {name.casefold(): value for name, value in headers.items()}
    if said.get("tdm-reservation", "").strip() == "1":
        policy = f"; policy: {said['tdm-policy']}" if said.get("tdm-policy") else ""
        yield Signal("tdm-reservation", _short(f"1{policy}"), "data", url)
    if said.get("content-usage"):
        yield Signal("Content-Usage", _short(said["content-usage"]), "data", url)
    if found := _NO_AI.findall(said.get("x-robots-tag", "")):
        yield Signal("X-Robots-Tag", ", ".join(sorted({one.lower() for one in found})), "data", url)


def in_metas(metas: Iterable[tuple[str, str]], url: str) -> Iterator[Signal]:
    """Of a web page: of the data itself, or of the list that names it. metas: names in small letters, and contents.

    TDMRep's own note says that its `meta` is of the page alone, and not of what the page leads to; who writes it above
    a list of their files means these, and it is for a person to say that it is otherwise.
    """
    said: dict[str, list[str]] = {}
    for name, content in metas:
        said.setdefault(name, []).append(content)
    if "1" in said.get("tdm-reservation", ()):
        policy = f"; policy: {said['tdm-policy'][0]}" if said.get("tdm-policy", [""])[0] else ""
        yield Signal("tdm-reservation", _short(f"1 in the page{policy}"), "data", url)
    if found := _NO_AI.findall(" ".join(said.get("robots", ()))):
        yield Signal("meta robots", ", ".join(sorted({one.lower() for one in found})), "data", url)


def in_robots(text: str, origin: str, shut_out: Iterable[str]) -> Iterator[Signal]:
    """Of a robots.txt. shut_out: those of AI_AGENTS that it sends away, where it lets us in."""
    where, said = f"{origin}/robots.txt", dict[str, dict[str, None]]()
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        if colon and value.strip() and (kind := _LINES.get(name.strip().casefold())):
            said.setdefault(kind, {})[value.strip()] = None
    for kind, values in said.items():
        yield Signal(kind, _short("; ".join(values)), "host", where)
    if agents := ", ".join(shut_out):
        yield Signal("robots.txt", f"sends away {agents}", "host", where)


@dataclass(frozen=True, slots=True)
class Reserved:
    """A place of a host that its `/.well-known/tdmrep.json` reserves."""

    location: str
    policy: str

    @property
    def is_host_wide(self) -> bool:
        """Whether it is simply everything."""
        return self.location.strip("/*") == ""

    def covers(self, path: str) -> bool:
        """`*` is any text, `$` the end, as in robots.txt (RFC 9309, 2.2.3)."""
        pattern = "".join(".*" if one == "*" else re.escape(one) for one in self.location.removesuffix("$"))
        return re.match(pattern + ("$" if self.location.endswith("$") else ""), path, re.DOTALL) is not None


def read_tdmrep(content: bytes) -> list[Reserved]:
    """The places that a tdmrep.json reserves; none where it is no such file. A place that another rule sets free again
    stays reserved here: who knows better can say so in the entry.
    """
    try:
        rules: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return []
    return [
        Reserved(rule["location"], str(rule.get("tdm-policy", "")))
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and str(rule.get("tdm-reservation")) == "1" and isinstance(rule.get("location"), str)
    ]


def in_tdmrep(places: Iterable[Reserved], origin: str, url: str) -> Iterator[Signal]:
    """Of the host's reservations, those that cover an address."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    for one in places:
        if one.covers(path):
            policy = f"; policy: {one.policy}" if one.policy else ""
            reach: Reach = "host" if one.is_host_wide else "data"
            value = _short(f"1 for {one.location}{policy}")
            yield Signal("tdm-reservation", value, reach, f"{origin}/.well-known/tdmrep.json")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1]}…"
