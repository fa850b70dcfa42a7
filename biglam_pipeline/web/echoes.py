"""An answer that says again the key that it was asked with: interfaces echo the request, and raw answers are kept."""

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from biglam_pipeline.secrecy import REMOVED

_LEAST = 8
"""Letters of a key that is looked for in data: fewer would be found in any text."""

_NEGOTIATES = re.compile(r"accept(-.*)?|prefer|cache-control|pragma|referer|origin", re.IGNORECASE)
"""Headers that say what is wanted, and open nothing (RFC 9110, 12.5; RFC 7240; RFC 9111, 5.2)."""
_PARAMETER = re.compile(r'=\s*"?([^\s,;="]{16,})')
"""The value of a parameter of `Authorization` (RFC 9110, 11.4) or of a cookie, where it is too long to be a word."""


def spellings(headers: Mapping[str, str]) -> tuple[bytes, ...]:
    """Every way in which the values of headers may stand in an answer: as they are, without the scheme before them
    (`Bearer`), the password of `Basic` (RFC 7617), and each as JSON, HTML, XML and addresses write it. Longest first.
    """
    keys: set[str] = set()
    for name, value in headers.items():
        if _NEGOTIATES.fullmatch(name):
            continue
        scheme, _, rest = value.rpartition(" ")
        keys |= {value, rest, *_PARAMETER.findall(value)}
        keys |= _of_basic(rest) if scheme.strip().casefold() == "basic" else set()
    written: set[str] = set()
    for key in keys:
        if len(key) >= _LEAST:
            written |= {key, json.dumps(key)[1:-1], json.dumps(key)[1:-1].replace("/", "\\/"), html.escape(key)}
            written |= {quote(key, safe=""), quote_plus(key), quote(key, safe="").lower()}
    return tuple(sorted((one.encode() for one in written), key=lambda one: (-len(one), one)))


def _of_basic(token: str) -> set[str]:
    try:
        pair = base64.b64decode(token, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return set()
    return {pair, pair.partition(":")[2]}


def without(content: bytes, keys: Iterable[bytes]) -> bytes:
    """The same bytes with `***` in the place of each key."""
    for key in keys:
        content = content.replace(key, REMOVED.encode())
    return content


def says(blocks: Iterable[bytes], keys: tuple[bytes, ...]) -> bool:
    """Does a file say one of them, also across two blocks?"""
    return any(key in window for window in _windows(blocks, max(map(len, keys), default=1) - 1) for key in keys)


def _windows(blocks: Iterable[bytes], overlap: int) -> Iterator[bytes]:
    end = b""
    for block in blocks:
        window = end + block
        yield window
        end = window[-overlap:] if overlap else b""
