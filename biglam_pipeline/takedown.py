"""The ledger of what must not be published: takedowns.jsonl beside sources.yaml, one line a decision.

A line names `source_id`, `record_id` (the identifier inside the source), `action` and `ground`. The last line about a
record counts: `removed` and `redacted` keep it out, `restored` and `declined` let it in again.
"""

import hashlib
from dataclasses import dataclass

import orjson

from biglam_pipeline.errors import ConfigError

NAME = "takedowns.jsonl"
_OUT, _IN = {"removed", "redacted", "gated"}, {"restored", "declined"}


@dataclass(frozen=True, slots=True)
class Ledger:
    """The identifiers of one source that are kept out, and a digest that changes when they do."""

    ids: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Digest of the identifiers that are kept out."""
        return hashlib.sha256("\n".join(sorted(self.ids)).encode()).hexdigest()[:16]


def read_ledger(data: bytes, source: str) -> Ledger:
    """data: the whole file; source: whose records are wanted. ConfigError with the line of what cannot be read.

    An unreadable ledger stops everything: to publish what somebody asked us to take down would be the worse error.
    """
    out: set[str] = set()
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = orjson.loads(line)
            name, record, action = entry["source_id"], entry["record_id"], entry["action"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as cause:
            raise ConfigError(f"{NAME}:{number}: {cause}; a line needs source_id, record_id and action") from cause
        if action not in _OUT | _IN:
            raise ConfigError(f"{NAME}:{number}: action {action!r}; write one of {', '.join(sorted(_OUT | _IN))}")
        if name == source:
            (out.add if action in _OUT else out.discard)(f"{source}:{record}")
    return Ledger(frozenset(out))
