"""What a host's robots.txt lets us fetch: asked for once a host."""

from collections.abc import Callable

from protego import Protego

from biglam_pipeline.errors import ObjectFailed, SourceChanged

AGENT = "biglam-pipeline"
_LONGEST_BYTES = 512 * 1024


class Robots:
    """The rules of the hosts met so far."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        """fetch: how to get the text at an address; ObjectFailed where there is none."""
        self._fetch = fetch
        self._rules: dict[str, Protego] = {}

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

    def _ask(self, origin: str) -> Protego:
        # RFC 9309: a file that is not there forbids nothing; a server that fails (ServerBusy) forbids everything.
        try:
            body = self._fetch(f"{origin}/robots.txt")
        except (ObjectFailed, SourceChanged):
            body = b""
        return Protego.parse(body[:_LONGEST_BYTES].decode("utf-8", "replace"))
