"""Which tombstones of a page are a takedown's own? Those are passed over: the records are counted as taken down."""

from collections.abc import Sequence
from typing import Any

from biglam_pipeline.records import TAKEN, Bundle, Item, Record


def gone_from(item: Item) -> frozenset[int]:
    """The records that a takedown left a header of, by their numbers in the file, as it noted beside it."""
    return frozenset((item.known or {}).get(TAKEN, ()))


def note_gone(bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
    """What is noted of these: file -> JSON, with those that went before. What is no page keeps no header."""
    noted: dict[str, dict[str, Any]] = {}
    for item in bundle.items:
        numbers = {record.place.number for record, _ in records if record.item == item.name}
        if numbers:
            noted[item.name] = {TAKEN: sorted(numbers | gone_from(item))}
    return noted
