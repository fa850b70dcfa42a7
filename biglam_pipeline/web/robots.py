"""What a host's robots.txt lets us fetch, and what it and its tdmrep.json say of AI: asked for once a host."""

import logging
import re
from collections.abc import Callable, Iterator

from protego import Protego

from biglam_pipeline.errors import ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.signals import AI_AGENTS, Reserved, Signal, in_robots, in_tdmrep, read_tdmrep
from biglam_pipeline.web.asking import ROBOTS, TDMREP

log = logging.getLogger(__name__)

AGENT = "biglam-pipeline"
_NAMES = (AGENT, "biglam")
_AGENT_LINE = re.compile(r"^[ \t]*user-?agent[ \t]*:[ \t]*([^#\r\n]+)", re.IGNORECASE | re.MULTILINE)
Fetch = Callable[[str], bytes]
"""How to get the text at an address; ObjectFailed where there is none."""
_LONGEST_BYTES = 512 * 1024


class Robots:
    """The rules of the hosts met so far."""

    def __init__(self) -> None:
        """Nobody was asked yet."""
        self._rules: dict[str, Protego] = {}
        self._said: dict[str, list[Signal]] = {}
        self._reserved: dict[str, list[Reserved]] = {}
        self._name_us: set[str] = set()

    def keeps_out(self, origin: str, url: str, fetch: Fetch) -> bool:
        """Does the host not want programs at `url`?"""
        return not self._of(origin, fetch).can_fetch(url, AGENT)

    def names_us(self, origin: str) -> bool:
        """Does a host that was asked say so to us by name, and not to everybody?"""
        return origin in self._name_us

    def crawl_delay(self, origin: str, fetch: Fetch) -> float:
        """Seconds between requests that the host asks for."""
        return float(self._of(origin, fetch).crawl_delay(AGENT) or 0.0)

    def signals(self, origin: str, url: str, fetch: Fetch) -> Iterator[Signal]:
        """What the host says of use by machines, as far as it concerns an address."""
        self._of(origin, fetch)
        if origin not in self._reserved:
            self._reserved[origin] = _ask_reserved(origin, fetch)
        yield from self._said[origin]
        yield from in_tdmrep(self._reserved[origin], origin, url)

    def _of(self, origin: str, fetch: Fetch) -> Protego:
        if origin not in self._rules:
            self._rules[origin] = self._ask(origin, fetch)
        return self._rules[origin]

    def _ask(self, origin: str, fetch: Fetch) -> Protego:
        # RFC 9309: a file that is not there forbids nothing; a server that fails (ServerBusy) forbids everything.
        try:
            body = fetch(f"{origin}{ROBOTS}")
        except (ObjectFailed, SourceChanged):
            body = b""
        text = body[:_LONGEST_BYTES].decode("utf-8", "replace")
        rules = Protego.parse(text)
        root = f"{origin}/"
        shut_out = [one for one in AI_AGENTS if not rules.can_fetch(root, one)] if rules.can_fetch(root, AGENT) else []
        self._said[origin] = list(in_robots(text, origin, shut_out))
        if any(map(_is_us, _AGENT_LINE.findall(text))):
            self._name_us.add(origin)
        return rules


def _is_us(token: str) -> bool:
    """As a product token is matched (RFC 9309, 2.2.1): whatever the case; some write a version behind it."""
    return re.split(r"[\s/*]", token.strip().casefold(), maxsplit=1)[0] in _NAMES


def _ask_reserved(origin: str, fetch: Fetch) -> list[Reserved]:
    try:
        return read_tdmrep(fetch(f"{origin}{TDMREP}"))
    except (ObjectFailed, SourceChanged):
        return []
    except ServerBusy as busy:  # what few servers have must not keep anybody from their data
        log.info("%s: whether it reserves text and data mining is not known tonight: %s", origin, busy)
        return []
