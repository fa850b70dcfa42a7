"""Seals a JSON file with a digest of itself, so that one altered byte is noticed and not believed."""

import hashlib
import json
import re
from dataclasses import fields
from typing import Any

_SEAL = re.compile(rb',"sealed":"([0-9a-f]{64})"\}\s*\Z')


def seal(data: bytes) -> bytes:
    """The same JSON object with one more key, last: sha256 of the bytes without it."""
    body = data.rstrip()
    assert body.startswith(b"{")
    assert body.endswith(b"}")
    mark = hashlib.sha256(body).hexdigest().encode()
    return body[:-1] + b',"sealed":"' + mark + b'"}'


def unseal(data: bytes) -> bytes:
    """The bytes that were sealed; those of a file without a seal, of an earlier version, where they are JSON at all.

    ValueError with what is wrong.
    """
    found = _SEAL.search(data)
    if found is None:
        if not data.strip():
            raise ValueError("it is empty")
        try:
            reported = json.loads(data)
        except ValueError as cause:
            raise ValueError(f"it is no JSON: {cause}") from cause
        if not isinstance(reported, dict) or "sealed" in reported:
            raise ValueError("its seal is broken")
        return data
    body = data[: found.start()] + b"}"
    if hashlib.sha256(body).hexdigest().encode() != found[1]:
        raise ValueError("its seal is broken")
    return body


def fields_of(one: Any) -> dict[str, Any]:
    """A dataclass inside what `json.dumps(default=...)` writes; `asdict` would copy every value of it first."""
    return {field.name: getattr(one, field.name) for field in fields(one)}
