"""Which field of a record changes by itself, visit after visit? Such a one publishes rows again that say nothing new.

Servers write into records when and by whom they were served, or how often a page was looked at. What no column reads
of a record still stands in `raw_record`, and must: a name that is removed from any field has to go. So nothing is left
out by itself; the field is named, and a person decides (`normalize: {volatile: [PATH]}`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.prefixes import PREFIXES
from biglam_pipeline.parsing.xml.reading import read_xml
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.parts import Manifest, ShardsShelf

RAW = "raw_record"
LOOKED_AT = 500
"""Changed rows that are compared field by field: enough to tell a half from a quarter."""
VISITS = 3
_PARTS = 3
"""Parts that are opened for it."""
_PREFIX = {address: prefix for prefix, address in PREFIXES.items()}

Seen = dict[str, Any]
"""Of one visit: its harvest, the rows there were, how many changed, how many were looked at, `alone` by field."""


class Watch:
    """The visits so far, and this one: what changed in the rows that were published before."""

    def __init__(self, before: Manifest | None, columns: Sequence[str], harvest: int) -> None:
        """columns: those of the source's content; harvest: the number of this visit."""
        self._before, self._columns, self._harvest = before, list(columns), harvest
        self._changed = 0
        self._chosen: list[pl.DataFrame] = []

    @property
    def _looks(self) -> bool:
        return self._before is not None and RAW in self._columns and self._harvest != self._before.harvest

    def add(self, rows: pl.DataFrame, laid: pl.DataFrame) -> None:
        """Some of the rows, each with what lay there before.

        rows: id, slice, row, row_key of what is about to be laid; laid: id, part, at, row_key of what was.
        """
        if not self._looks:
            return
        changed = laid.join(rows, on="id", how="inner", suffix="_now").filter(
            pl.col("row_key") != pl.col("row_key_now")
        )
        self._changed += changed.height
        looked_at = pl.concat([*self._chosen, changed.filter(pl.col("part") < _PARTS)]).sort("part", "at")
        self._chosen = [looked_at.group_by("part", maintain_order=True).head(LOOKED_AT)]

    def seen(self, slices: Sequence[str], shelf: NormalizedShelf, shards: ShardsShelf) -> tuple[Seen, ...]:
        """Of the last visits what they changed, this one's last."""
        before = self._before
        if before is None or not self._looks:
            return before.restless if before else ()
        looked_at, alone = 0, Counter[str]()
        for number, part in enumerate(before.parts[:_PARTS]):
            chosen = pl.concat(self._chosen).filter(pl.col("part") == number).head(LOOKED_AT - looked_at)
            there = shards.schema(part).names if chosen.height else ()  # each section has columns of its own
            columns = [name for name in self._columns if name in there]
            if RAW not in columns:
                continue
            looked_at += chosen.height
            table = pl.DataFrame(pl.from_arrow(shards.table(part, columns)))
            were = {row["id"]: row for row in table.filter(pl.col("id").is_in(chosen["id"].to_list())).to_dicts()}
            for now in _rows(chosen, columns, slices, shelf):
                field = changed_alone(were[now["id"]], now)
                alone.update([field] if field else [])
        seen: Seen = {
            "harvest": self._harvest,
            "rows": before.tally.published,
            "changed": self._changed,
            "looked_at": looked_at,
            "alone": dict(alone.most_common(5)),
        }
        return (*before.restless, seen)[-VISITS:]


def restless_fields(visits: Sequence[Seen]) -> list[str]:
    """Fields that alone changed in more than half of all records, on each of the last three visits."""
    if len(visits) < VISITS:
        return []
    return [field for field in visits[-1]["alone"] if all(_share(one, field) > 0.5 for one in visits)]


def _share(seen: Seen, field: str) -> float:
    """Of all records: of those that were looked at, and by them of all that changed."""
    if not seen["looked_at"] or not seen["rows"]:
        return 0.0
    return float(seen["alone"].get(field, 0) / seen["looked_at"] * seen["changed"] / seen["rows"])


def changed_alone(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The one field of the source's record in which two versions of a row differ; empty where more or other do."""
    if any(was[name] != now[name] for name in now if name != RAW) or not was[RAW] or not now[RAW]:
        return ""
    try:
        old, new = _fields(was[RAW]), _fields(now[RAW])
    except Unreadable:
        return ""
    different = [field for field in old.keys() | new.keys() if old.get(field) != new.get(field)]
    return different[0] if len(different) == 1 else ""


def _fields(raw: str) -> dict[str, list[str]]:
    """Path below the record -> its texts and attributes, in order: `dc:relation`, `dcterms:spatial/skos:note`."""
    found: dict[str, list[str]] = {}
    root = read_xml(raw.encode()).root
    for element in root.iter("*"):
        path = _path(element, root)
        own = "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
        found.setdefault(path or ".", []).append(repr((own, sorted(element.attrib.items()))))
    return found


def _path(element: Any, root: Any) -> str:
    names = []
    while element is not root:
        address, _, name = element.tag.rpartition("}")
        prefix = _PREFIX.get(address[1:]) or element.prefix
        names.append(f"{prefix}:{name}" if prefix else name)
        element = element.getparent()
    return "/".join(reversed(names))


def _rows(chosen: pl.DataFrame, columns: Sequence[str], slices: Sequence[str], shelf: NormalizedShelf) -> list[Any]:
    found = []
    for (number,), mine in chosen.sort("slice", "row").group_by("slice", maintain_order=True):
        opened = shelf.rows(slices[int(str(number))], list(columns))
        found += opened.take(mine["row"].to_numpy().astype(np.int64)).to_pylist()
    return found
