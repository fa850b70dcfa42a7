"""Deciding once more, the simple way: all rows of a source in one table. What is decided by shares must equal it."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from biglam_pipeline.columns import PARTS, WHOLES
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.current import Decided, decide
from biglam_pipeline.dedup.exact import in_rank
from biglam_pipeline.dedup.permitted import Accepted, lets_rows_through, reason_of_withheld
from biglam_pipeline.store.normalized import LEFT_OUT, TAKEN_DOWN


@dataclass(frozen=True)
class Simple:
    """What became of every row."""

    decided: Decided
    withheld: Counter[str]
    taken_down: int
    kept: pl.DataFrame
    """id, first_seen, dup_cluster_id, dup_of and similarity, in the order of ids."""
    dropped: pl.DataFrame
    """id, keeper, reason, similarity and first_seen, in the order of ids."""


def settle_simply(
    index: pl.DataFrame,
    mode: str,
    known: dict[str, int],
    harvest: int,
    accepted: Accepted,
    out: set[str],
    choice: Dedup,
) -> Simple:
    """index: with `slice` and `order`; known: id -> first_seen of what was laid or dropped; out: ids taken down."""
    left, older = without_older_parts_simply(index, mode)
    decided = decide(left, mode)
    decided = replace(decided, superseded=decided.superseded + older)
    live = _with_deliveries(decided.live)
    through = lets_rows_through(live, accepted)
    closed = live.filter(~through & (live["tier"] == "closed"))["content_key"].drop_nulls().unique()
    copies = live["content_key"].is_in(closed.implode()).fill_null(value=False)
    withheld = live.with_columns(copy=through & copies).filter(~through | copies)
    allowed = live.filter(through & ~copies)
    named = pl.col("id").is_in(list(out)) | (pl.col("row") == TAKEN_DOWN)
    keys = index.filter(named)["copy_key"].drop_nulls().unique().to_list()
    gone = allowed.select(out=named | pl.col("copy_key").is_in(keys).fill_null(value=False))["out"]
    left = allowed.filter(~gone)
    came = index.filter(~pl.col("deleted") & (pl.col("row") != LEFT_OUT)).group_by("id").agg(pl.col("harvest").min())
    since = dict(came.iter_rows()) if mode == "extend" else {}
    seen = [known.get(name, since.get(name, harvest)) for name in left["id"]]
    kept, dropped = find_simply(left.with_columns(first_seen=pl.Series(seen, dtype=pl.Int32)), choice)
    reasons = Counter(withheld.select(reason_of_withheld()).to_series().to_list())
    return Simple(decided, reasons, int(gone.sum()), kept, dropped)


def without_older_parts_simply(index: pl.DataFrame, mode: str) -> tuple[pl.DataFrame, int]:
    """The rule once more, row by row: of a whole only its newest version counts, and nothing before its tombstone."""
    rows = index.to_dicts()
    wholes = {row["whole"] or row["id"] for row in rows if row["whole"] or row["row"] == LEFT_OUT}
    said: dict[str, list[dict[str, Any]]] = {name: [] for name in wholes}
    for row in rows:
        if (name := row["whole"] or row["id"]) in wholes:
            said[name].append(row)
    kept, older = [], 0
    for row in rows:
        beside = said.get(row["whole"] or row["id"], [])
        if row["row"] == LEFT_OUT:
            continue
        later = any(_at(one, mode) > _at(row, mode) for one in beside)
        gone = bool(row["whole"]) and any(
            one["deleted"]
            and one["row"] != LEFT_OUT
            and _at(one, mode) == _at(row, mode)
            and one["order"] > row["order"]
            for one in beside
        )
        older += later or gone
        kept += [] if later or gone else [row]
    return pl.DataFrame(kept, schema=index.schema), older


def _at(row: dict[str, Any], mode: str) -> tuple[int, str]:
    return 0 if mode == "replace" else row["harvest"], row["datestamp"] or ""


def find_simply(live: pl.DataFrame, choice: Dedup) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What stays, with its marks, and what is dropped, with its keeper."""
    rows = in_rank(live).to_dicts()
    keepers: dict[str, tuple[str, str]] = {}
    if choice.exact not in {"flag", "none"}:
        _note(keepers, _twice(rows), "exact_parent")
        rows = [row for row in rows if row["id"] not in keepers]
        every = choice.exact is not None
        _note(keepers, _equal(rows, "double_key", ("config",), every=every), "exact_row")
        rows = [row for row in rows if row["id"] not in keepers]
    if choice.exact == "drop":
        _note(keepers, _equal(rows, "content_key", ("config", "statement"), every=True), "exact_text")
        rows = [row for row in rows if row["id"] not in keepers]
    clusters = _clusters(rows) if choice.exact != "none" else {}
    kept = [{**row, "dup_cluster_id": clusters.get(row["id"])} for row in rows]
    for row in kept:
        repeats = row["dup_cluster_id"] not in (None, row["id"])
        row.update(dup_of=row["dup_cluster_id"] if repeats else None, similarity=1.0 if repeats else None)
    seen = dict(live.select("id", "first_seen").iter_rows())
    gone = [(name, _last(keepers, name), why, 1.0, seen[name]) for name, (_, why) in keepers.items()]
    marks = {"id": pl.String, "first_seen": pl.Int32, "dup_cluster_id": pl.String, "dup_of": pl.String}
    columns = {"id": pl.String, "keeper": pl.String, "reason": pl.String, "similarity": pl.Float32}
    return (
        pl.DataFrame(
            [{name: row[name] for name in (*marks, "similarity")} for row in kept],
            schema=marks | {"similarity": pl.Float32},
        ).sort("id"),
        pl.DataFrame(gone, schema=columns | {"first_seen": pl.Int32}, orient="row").sort("id"),
    )


def _with_deliveries(live: pl.DataFrame) -> pl.DataFrame:
    """Adds `delivery`, a word for all parts of a whole, and `part`, the place in it."""
    wholes: dict[str, list[dict[str, Any]]] = {}
    for row in live.to_dicts():
        if row["parent"] is not None:
            wholes.setdefault(row["parent"], []).append(row)
    said: dict[str, tuple[str, int]] = {}
    for rows in wholes.values():
        ordered = sorted(rows, key=lambda row: (row["parent_seq"] is None, row["parent_seq"] or 0, row["order"]))
        whole = all(row["part_key"] is not None and row["unit"] in PARTS for row in rows)
        if whole and any(row["content_key"] is not None for row in rows):
            word = repr(([row["part_key"] for row in ordered], sorted({row["config"] or "" for row in rows})))
            said.update({row["id"]: (word, at) for at, row in enumerate(ordered)})
    words = [said.get(name, (None, None)) for name in live["id"]]
    return live.with_columns(
        delivery=pl.Series([word for word, _ in words], dtype=pl.String),
        part=pl.Series([at for _, at in words], dtype=pl.Int64),
    )


def _twice(rows: list[dict[str, Any]]) -> dict[str, str]:
    wholes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["delivery"] is not None:
            wholes.setdefault((row["delivery"], row["parent"]), []).append(row)
    best: dict[str, tuple[Any, ...]] = {}
    for (word, parent), mine in wholes.items():
        seen = [row["first_seen"] for row in mine]
        rank = (max(seen), min(seen), min(row["id"] for row in mine), parent)
        best[word] = min(best.get(word, rank), rank)
    twice: dict[str, str] = {}
    for (word, parent), mine in wholes.items():
        keeper = {row["part"]: row["id"] for row in wholes[word, best[word][3]]}
        if parent != best[word][3] and all(row["part"] in keeper for row in mine):
            twice |= {row["id"]: keeper[row["part"]] for row in mine}
    return twice


def _equal(rows: list[dict[str, Any]], key: str, beside: tuple[str, ...], *, every: bool) -> dict[str, str]:
    """rows: in rank."""
    first: dict[tuple[Any, ...], str] = {}
    found = {}
    for row in rows:
        if row[key] is not None and (every or row["unit"] in WHOLES):
            keeper = first.setdefault((row[key], *(row[name] for name in beside)), row["id"])
            if keeper != row["id"]:
                found[row["id"]] = keeper
    return found


def _clusters(rows: list[dict[str, Any]]) -> dict[str, str]:
    groups: dict[bytes, list[str]] = {}
    for row in rows:
        same = row["content_key"] if row["content_key"] is not None else row["double_key"]
        if same is not None:
            groups.setdefault(same, []).append(row["id"])
    return {name: names[0] for names in groups.values() if len(names) > 1 for name in names}


def _note(keepers: dict[str, tuple[str, str]], found: dict[str, str], why: str) -> None:
    keepers.update({name: (keeper, why) for name, keeper in found.items()})


def _last(keepers: dict[str, tuple[str, str]], name: str) -> str:
    while name in keepers:
        name = keepers[name][0]
    return name
