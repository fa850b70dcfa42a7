"""What a host's robots.txt lets us fetch, and what it and its tdmrep.json say of AI: asked for once a host."""

import logging
from collections.abc import Callable, Iterator

from protego import Protego

from biglam_pipeline.errors import ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.signals import AI_AGENTS, Reserved, Signal, in_robots, in_tdmrep, read_tdmrep

log = logging.getLogger(__name__)

AGENT = "biglam-pipeline"
_LONGEST_BYTES = 512 * 1024


class Robots:
    """The rules of the hosts met so far."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        """fetch: how to get the text at an address; ObjectFailed where there is none."""
        self._fetch = fetch
        self._rules: dict[str, Protego] = {}
        self._said: dict[str, list[Signal]] = {}
        self._reserved: dict[str, list[Reserved]] = {}

    def check(self, origin: str, url: str) -> float:
        """Seconds between requests that the host asks for; SourceChanged where it does not want us at `url`."""
        if origin not in self._rules:
            self._rules[origin] = self._ask(origin)
        rules = self._rules[origin]
        if not rules.can_fetch(url, AGENT):
            raise SourceChanged(
                f"{url}: {origin}/robots.txt asks programs to stay away from it; "
                "ask the custodian for leave, or for another address of the same data"
            )
        return float(rules.crawl_delay(AGENT) or 0.0)

    def signals(self, origin: str, url: str) -> Iterator[Signal]:
        """What a host that was checked says of use by machines, as far as it concerns an address."""
        if origin not in self._reserved:
            self._reserved[origin] = self._ask_reserved(origin)
        yield from self._said[origin]
        yield from in_tdmrep(self._reserved[origin], origin, url)

    def _ask_reserved(self, origin: str) -> list[Reserved]:
        try:
            return read_tdmrep(self._fetch(f"{origin}/.well-known/tdmrep.json"))
        except (ObjectFailed, SourceChanged):
            return []
        except ServerBusy as busy:  # what few servers have must not keep anybody from their data
            log.info("%s: whether it reserves text and data mining is not known tonight: %s", origin, busy)
            return []

    def _ask(self, origin: str) -> Protego:
        # RFC 9309: a file that is not there forbids nothing; a server that fails (ServerBusy) forbids everything.
        try:
            body = self._fetch(f"{origin}/robots.txt")
        except (ObjectFailed, SourceChanged):
            body = b""
        text = body[:_LONGEST_BYTES].decode("utf-8", "replace")
        rules = Protego.parse(text)
        root = f"{origin}/"
        shut_out = [one for one in AI_AGENTS if not rules.can_fetch(root, one)] if rules.can_fetch(root, AGENT) else []
        self._said[origin] = list(in_robots(text, origin, shut_out))
        return rules
