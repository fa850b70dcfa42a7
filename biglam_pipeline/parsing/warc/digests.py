"""Is a record what it was when it was archived? By the digests that it carries.

ISO 28500, 5.8 and 5.9: `algorithm:value`, the value in the alphabet of whoever wrote it. Base32 is what nearly all have
(RFC 4648, 6), hexadecimal and base64 stand in files of other tools.
"""

import base64
import hashlib
from collections.abc import Iterable
from typing import Literal

Verdict = Literal["", "same", "other", "unknown"]
_ALGORITHMS = {"sha1", "sha224", "sha256", "sha384", "sha512", "md5", "blake2b", "blake2s"}


def judge(said: str, candidates: Iterable[bytes]) -> Verdict:
    """Whether a digest is that of one of these; "" where none is said, unknown where its algorithm is none of ours."""
    algorithm, colon, value = said.partition(":")
    if not said:
        return ""
    name = algorithm.strip().casefold().replace("-", "")
    if not colon or name not in _ALGORITHMS:
        return "unknown"
    return "same" if any(value.strip().rstrip("=") in _written(name, data) for data in candidates) else "other"


def _written(name: str, data: bytes) -> set[str]:
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    ways = {base64.b32encode(digest).decode(), base64.b64encode(digest).decode()}
    ways |= {base64.urlsafe_b64encode(digest).decode(), digest.hex(), digest.hex().upper()}
    ways = {one.rstrip("=") for one in ways}
    return ways | {base64.b32encode(digest).decode().rstrip("=").lower()}
