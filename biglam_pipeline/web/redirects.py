"""Which address is asked: as a person or a server wrote it, and where a server sends us instead."""

import logging
from collections.abc import Callable

import httpx

from biglam_pipeline.errors import ConfigError, ObjectFailed
from biglam_pipeline.web.guard import host_of

log = logging.getLogger(__name__)

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def target_of(url: httpx.URL, response: httpx.Response, shown: Callable[[str], str]) -> httpx.URL:
    """The address that the answer names; ObjectFailed where it is none that is fetched. shown: without secrets."""
    location = response.headers.get("Location", "")
    try:
        target = url.join(location)
    except httpx.InvalidURL as error:
        raise ObjectFailed("refused", f"{url}: redirects to something that is not an address; tell them") from error
    if not location or target.scheme not in ("http", "https"):
        raise ObjectFailed(
            "refused",
            f"{url}: redirects to {f'a {target.scheme}: address' if location else 'nowhere'}, which is not fetched",
        )
    if url.scheme == "https" and target.scheme == "http":
        raise ObjectFailed("refused", f"{url}: redirects from https to http, where anyone could alter the answer")
    if target.raw_host != url.raw_host:
        if response.status_code in (301, 308):
            log.warning("%s has moved to %s; write the new address in sources.yaml", shown(str(url)), host_of(target))
        else:  # RFC 9110, 15.4.3: asked for where it was; so archive.org and figshare lead to each file
            log.debug("%s is answered by %s", shown(str(url)), host_of(target))
    return target.copy_with(username=None, password=None) if target.userinfo else target


def url_of(text: str) -> httpx.URL:
    """An address that a person wrote; ConfigError where it is none."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{text[:200]}: is not an address ({error}); correct it") from error
    if url.userinfo:
        raise ConfigError(f"{host_of(url)}: a name or password in an address would end up in logs; leave it out")
    return url


def linked_url(text: str) -> httpx.URL:
    """One that a server wrote; ObjectFailed where it is none."""
    try:
        return url_of(text)
    except ConfigError as error:
        raise ObjectFailed("refused", f"{error}; a list names it, so tell its custodian, or ignore it") from error
