"""What is remembered of a release so that the next can be compared with it: a sample of its ids, and what is filled.

The sample is a bottom-k sketch (Cohen and Kaplan, PODC 2007, https://doi.org/10.1145/1281100.1281133): the ids with the
smallest hashes. Two releases keep the same ids of those that they share, so the share that is gone and the share that
is new can be read from two sketches, exactly up to SKETCH ids, within about half a per cent above.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

SKETCH = 1 << 16
"""Ids that are kept: half a megabyte a source."""

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Of one release."""

    ids: Hashes
    """Hashes of its ids, ascending: all of them, or the SKETCH smallest."""
    rows: int
    filled: dict[str, int]
    """Column -> rows in which it is not empty, of the section that has no name."""
    named: dict[str, dict[str, int]] = field(default_factory=dict)
    """The same of each section that has one."""

    @property
    def sections(self) -> dict[str, dict[str, int]]:
        """Section -> column -> rows in which it is not empty."""
        return {**({"": self.filled} if self.filled else {}), **self.named}


def profile_of(tables: Iterable[pa.Table]) -> Profile:
    """tables: the row groups of all parts, without the bytes of pictures, so that no more than one is in memory."""
    return profile_by_section([("", tables)])


def profile_by_section(sections: Iterable[tuple[str, Iterable[pa.Table]]]) -> Profile:
    """The same of several sections."""
    ids = no_ids()
    filled: dict[str, Counter[str]] = {}
    rows = 0
    for section, tables in sections:
        for table in tables:
            rows += table.num_rows
            filled.setdefault(section, Counter()).update(filled_in(table))
            ids = add_ids(ids, table["id"].to_pylist())
    named = {section: dict(counts) for section, counts in filled.items() if section}
    return Profile(ids, rows, dict(filled.get("", {})), named)


def no_ids() -> Hashes:
    """The sketch of nothing."""
    return np.empty(0, np.uint64)


def add_ids(ids: Hashes, more: Sequence[str]) -> Hashes:
    """The sketch of these ids and those that it was made of before."""
    return np.unique(np.concatenate([ids, _hashes(more)]))[:SKETCH]


def _hashes(ids: Sequence[str]) -> Hashes:
    return np.fromiter((xxhash.xxh3_64_intdigest(one.encode()) for one in ids), np.uint64, len(ids))


def filled_in(table: pa.Table) -> dict[str, int]:
    """Column -> rows in which it is not null, not an empty text and not an empty list."""
    found = {}
    for name in table.column_names:
        column = table[name]
        empty = column.null_count
        if pa.types.is_list(column.type):
            empty += pc.sum(pc.equal(pc.list_value_length(column), 0)).as_py() or 0
        elif pa.types.is_string(column.type):
            empty += pc.sum(pc.equal(column, "")).as_py() or 0
        found[name] = table.num_rows - empty
    return found


def encode_profile(profile: Profile) -> bytes:
    """As it is kept beside the release: the ids as one base64 text of little-endian 64-bit numbers."""
    ids = base64.b64encode(profile.ids.astype("<u8").tobytes()).decode()
    reported = {"rows": profile.rows, "filled": profile.filled, "named": profile.named, "ids": ids}
    return orjson.dumps(reported)


def decode_profile(data: bytes) -> Profile:
    """Read back."""
    found = orjson.loads(data)
    ids = np.frombuffer(base64.b64decode(found["ids"]), "<u8")
    return Profile(ids, found["rows"], found["filled"], found.get("named", {}))


def replaced(before: Profile, now: Profile, taken_down: int = 0) -> float:
    """Share of the earlier release's ids that others took the place of: the lesser of what is gone and what is new.

    A collection that grows, or one that shrinks, replaces nothing. taken_down: rows that went since on request: a
    duplicate that was left out for one of them comes in its place, and is no other collection.
    """
    border = min(_border(before.ids), _border(now.ids))
    old, new = before.ids[before.ids <= border], now.ids[now.ids <= border]
    if not len(old):
        return 0.0
    same = len(np.intersect1d(old, new, assume_unique=True))
    gone = len(old) - same - taken_down * len(old) / max(before.rows, 1)
    return float(max(0.0, min(gone, len(new) - same)) / len(old))


def _border(ids: Hashes) -> int:
    """Up to which hash a sketch holds every id of its release."""
    return int(ids[-1]) if len(ids) >= SKETCH else (1 << 64) - 1
