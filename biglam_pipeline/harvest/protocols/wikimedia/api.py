"""Asks the programming interface of Wikimedia Commons, one request after the other, and only while it is not behind.

https://www.mediawiki.org/wiki/API:Etiquette , https://www.mediawiki.org/wiki/Manual:Maxlag_parameter ,
https://www.mediawiki.org/wiki/API:Errors_and_warnings , https://www.mediawiki.org/wiki/API:Continue
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.harvest.asking import ask, objects_of, texts_of
from biglam_pipeline.harvest.visit import Visit

HOME = "https://commons.wikimedia.org/"
_COMMON = {"action": "query", "format": "json", "formatversion": "2", "maxlag": "5"}
_BUSY = (
    "maxlag", "ratelimited", "readonly", "internal_api_error", "cirrussearch-too-busy", "cirrussearch-regex-too-busy",
    "cirrussearch-backend-error",
)  # fmt: skip
"""Errors that pass: databases that are behind, a limit, a wiki that is mended, a fault of a moment."""
_CUT = "timed out"
"""A search that took too long says so in a warning, and shows and counts what it found till then
(`cirrussearch-timed-out`: https://github.com/wikimedia/mediawiki-extensions-CirrusSearch/blob/master/i18n/en.json).
"""
_LEAST_WAIT_SECONDS = 5.0
"""As the page on maxlag recommends."""
_EMPTY_PAGES = 10
_MOST_PAGES = 10_000
"""A page has up to 500 titles."""


def address(**asked: str) -> str:
    """Where something is asked."""
    return f"{HOME}w/api.php?{urlencode(_COMMON | asked)}"


def check(said: Any, url: str) -> Mapping[str, Any]:
    """The answer, which comes with status 200 whatever it says. ObjectFailed, ServerBusy where it is an error."""
    if not isinstance(said, Mapping):
        raise ObjectFailed("damaged", f"{url}: is not the answer that its documentation has; report it")
    error, warnings = said.get("error"), said.get("warnings")
    if error is None:
        if isinstance(warnings, Mapping) and _CUT in str(warnings.get("search")):
            raise ObjectFailed(
                "truncated", f"{url}: Commons gave up before it had searched all; run again, or ask for less"
            )
        return said
    code, words = texts_of(error, "code", "info") if isinstance(error, Mapping) else ("", "")
    shown = "".join(filter(str.isprintable, words))[:300]
    if code.startswith(_BUSY):
        lag = error.get("lag") if isinstance(error, Mapping) else None
        wait = max(float(lag) if isinstance(lag, int | float) else 0.0, _LEAST_WAIT_SECONDS)
        raise ServerBusy(f'{HOME}: asks programs to wait ("{shown}"); run again later', retry_after_seconds=wait)
    remedy = (
        "set the key that `headers` names to one that holds" if code.startswith("mwoauth") else "correct the address"
    )
    raise ObjectFailed("refused", f'{url}: Commons says "{shown}" ({code}); {remedy}')


def pages(visit: Visit, where: str, **asked: str) -> Iterator[Mapping[str, Any]]:
    """The pages of a list, to its last answer, which says `batchcomplete` and not how it goes on; a page may come again
    with more of it. where: for messages.

    ObjectFailed where the list cannot be had whole.
    """
    following, met, empty = dict[str, str](), set[tuple[tuple[str, str], ...]](), 0
    for _ in range(_MOST_PAGES):
        url = address(**asked | following)
        said = check(ask(visit, url).data, url)
        found = objects_of(said, url, "query", "pages") if "query" in said else []
        yield from found
        if "continue" not in said and said.get("batchcomplete"):
            return
        more = said.get("continue")
        if not isinstance(more, Mapping) or not more:
            raise ObjectFailed("damaged", f"{url}: does not say how its list goes on; report it")
        following = {str(name): str(value) for name, value in more.items()}
        empty = 0 if found else empty + 1
        mark = tuple(sorted(following.items()))
        if mark in met or empty >= _EMPTY_PAGES:
            raise ObjectFailed("loop", f"{where}: its list leads back to itself, or has no end; run again")
        met.add(mark)
    raise ObjectFailed("too_large", f"{where}: lists more than {_MOST_PAGES:,} pages; name categories in it instead")
