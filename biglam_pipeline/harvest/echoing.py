"""Nothing is shelved that says the key which its source was asked with: it would stand there for ever."""

import hashlib
import logging
from dataclasses import replace

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.records import RawObject
from biglam_pipeline.store import disk
from biglam_pipeline.web import Web

log = logging.getLogger(__name__)

_BLOCK = 1 << 20
_MARKUP = (b"{", b"[", b"<")
"""How answers of an interface begin, in JSON and XML: what one repeats there of the request is none of its data."""
_REMEDY = (
    "ask the service to answer without it, ask another way, or write `ignore` for this one; where others may have seen "
    "such answers, have the key changed"
)


def without_keys(found: RawObject, web: Web) -> RawObject:
    """The object as it may be kept: an answer in JSON or XML without the key, and all else as it came.

    ObjectFailed where the key stands in anything else: data that was altered in silence would be worse than none. What
    is compressed is not looked into.
    """
    if found.content is None:
        if found.path is not None and not found.archive and web.keys and _says(found, web):
            raise ObjectFailed("secret", f"{found.url}: says the key again that it was asked with; {_REMEDY}")
        return found
    content = web.without_keys(found.content)
    if content == found.content:
        return found
    if not found.content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_MARKUP):
        raise ObjectFailed("secret", f"{found.url}: says the key again that it was asked with; {_REMEDY}")
    log.warning("%s: says the key again that it was asked with; *** stands in its place on the shelf", found.url)
    return replace(found, content=content, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _says(found: RawObject, web: Web) -> bool:
    assert found.path is not None
    with disk.open_file(found.path) as stream:
        return web.says_key(iter(lambda: stream.read(_BLOCK), b""))
