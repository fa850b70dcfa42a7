"""Which records are gone? A takedown's own tombstones are passed over: the records are counted as taken down."""

from collections.abc import Sequence
from typing import Any

from biglam_pipeline.place import Place
from biglam_pipeline.records import TAKEN, Bundle, Deleted, Item, Record, Reject


def gone_by_itself(name: str, datestamp: str, item: str, place: Place) -> Deleted | Reject:
    """A record that says that it is gone; without a name nobody knows which it was."""
    if name:
        return Deleted(name, datestamp, item, str(place))
    detail = "it says that it is deleted, and has no identifier; tell the institution"
    return Reject("identifier_missing", detail, item, str(place))


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
