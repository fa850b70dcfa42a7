"""Exact duplicates: rows equal in everything but identifiers, wholes that came twice, texts of equal letters."""

from collections.abc import Sequence

import polars as pl

from biglam_pipeline.columns import WHOLES
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.dealing import Dealt, Room, Schema
from biglam_pipeline.dedup.deliveries import TWICE, find_deliveries
from biglam_pipeline.dedup.sections import ONE_SECTION, SECTION, Sections

_KEEPER = (
    "first_seen",
    "year",
    -pl.col("ocr_confidence"),
    -pl.col("pixels"),
    "id",
)
RANK: Schema = {
    "id": pl.String,
    "first_seen": pl.Int32,
    "year": pl.Int16,
    "ocr_confidence": pl.Float32,
    "pixels": pl.Int64,
}
DROPPED: Schema = {
    "id": pl.String,
    "keeper": pl.String,
    "reason": pl.String,
    "similarity": pl.Float32,
    "first_seen": pl.Int32,
}
MARKS: Schema = {"id": pl.String, "dup_cluster_id": pl.String, "dup_of": pl.String, "similarity": pl.Float32}


def in_rank(rows: pl.DataFrame) -> pl.DataFrame:
    """Who stays comes first: seen first, then the earlier date, the better OCR, the larger picture, the smaller id."""
    return rows.sort(*_KEEPER, nulls_last=True)


class Duplicates:
    """Rows that may be published, share by share of their ids, without those that are dropped; and what is marked."""

    def __init__(self, room: Room, live: Dealt, sections: Sections) -> None:
        """live: current rows, dealt out by id, with LIVE columns."""
        self.room, self._live, self.sections = room, live, sections
        self.dropped = room.dealt(DROPPED)
        self.marks = room.dealt(MARKS)

    def kept(self, share: int, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of the rows that stay, in the order of their ids."""
        rows = self._live.read(share, list(dict.fromkeys(["id", "allowed", *columns]))).filter("allowed")
        if self.dropped.rows:
            rows = rows.join(self.dropped.read(share, ["id"]), on="id", how="anti", maintain_order="left")
        return rows.select(columns)

    def marked(self, share: int, columns: Sequence[str]) -> pl.DataFrame:
        """The same with dup_cluster_id, dup_of and similarity."""
        return self.kept(share, columns).join(self.marks.read(share), on="id", how="left", maintain_order="left")

    def drop(self, rows: Dealt, reason: str) -> None:
        """rows: id, keeper and first_seen of what goes, dealt out by id."""
        for share in self.room.shares if rows.rows else ():
            said = {"reason": pl.lit(reason), "similarity": pl.lit(1.0, pl.Float32)}
            self.dropped.put(rows.read(share).with_columns(**said), share)

    def drop_deliveries(self, section: str) -> int:
        """Drops wholes that came twice: pages and articles of one issue, that two READs gave, are two wholes. How many
        rows that are.
        """
        twice = find_deliveries(self.room, self._live, self.sections.only(section))
        self.drop(twice, "exact_parent")
        return twice.rows


def find_duplicates(room: Room, live: Dealt, choice: Dedup, sections: Sections = ONE_SECTION) -> Duplicates:
    """What is dropped for which keeper, and which rows that stay are marked as equal; always of one section."""
    duplicates = Duplicates(room, live, sections)
    ways = 0
    if choice.exact not in {"flag", "none"}:
        twice = sum(duplicates.drop_deliveries(name) for name in sections.names or ("",))
        whole = pl.lit(value=True) if choice.exact else pl.col("unit").is_in(list(WHOLES)).fill_null(value=False)
        # The configs of a dataset are loaded one by one: a row missing in one is missing, though another has it.
        equal = _repeats(duplicates, pl.when(whole).then("double_key"), ["config"])
        duplicates.drop(equal, "exact_row")
        ways = (twice > 0) + (equal.rows > 0)
    if choice.exact == "drop":
        # Nor is one that is published by another right: the keeper's may be the freer.
        equal = _repeats(duplicates, pl.col("content_key"), ["config", "statement"])
        duplicates.drop(equal, "exact_text")
        ways += equal.rows > 0
    for _ in range(ways - 1):
        duplicates.dropped = _settled(room, duplicates.dropped)
    if choice.exact != "none":
        _flag(duplicates)
    return duplicates


_KEYED: Schema = {**RANK, "same": pl.Binary}


def _repeats(duplicates: Duplicates, same: pl.Expr, beside: list[str]) -> Dealt:
    """Rows that repeat another which comes first by rank; a row without a key repeats none. beside: what else has to be
    equal.
    """
    room = duplicates.room
    keyed = _by_key(duplicates, same, beside)
    twice = room.dealt(TWICE)
    for share in room.shares if keyed.rows else ():
        firsts = _firsts(keyed, share, ["same", *beside])
        for rows in keyed.chunks(share):
            found = _with_keeper(rows, firsts, ["same", *beside])
            twice.add(found.filter(pl.col("keeper") != pl.col("id")), by="id")
    return twice


def _flag(duplicates: Duplicates) -> None:
    """By text or picture; by the whole row where it has neither, as a record or a table's row."""
    room = duplicates.room
    beside = [SECTION] if duplicates.sections.several else []
    keyed = _by_key(duplicates, pl.coalesce("content_key", "double_key"), beside)
    for share in room.shares if keyed.rows else ():
        firsts = _firsts(keyed, share, ["same", *beside]).filter(pl.col("rows") > 1)
        for rows in keyed.chunks(share):
            found = _with_keeper(rows, firsts, ["same", *beside])
            repeats = pl.col("keeper") != pl.col("id")
            marks = found.select(
                "id",
                dup_cluster_id="keeper",
                dup_of=pl.when(repeats).then("keeper"),
                similarity=pl.when(repeats).then(pl.lit(1.0, pl.Float32)),
            )
            duplicates.marks.add(marks, by="id")


def _by_key(duplicates: Duplicates, same: pl.Expr, beside: list[str]) -> Dealt:
    keyed = duplicates.room.dealt({**_KEYED, **dict.fromkeys(beside, pl.String)})
    columns = [*RANK, *(name for name in beside if name != SECTION), "slice", "unit", "double_key", "content_key"]
    more = [duplicates.sections.column] if SECTION in beside else []
    for share in duplicates.room.shares:
        rows = duplicates.kept(share, columns).with_columns(*more, same=same)
        keyed.add(rows.filter(pl.col("same").is_not_null()), by="same")
    return keyed


def _firsts(keyed: Dealt, share: int, keys: list[str]) -> pl.DataFrame:
    """For each key the `keeper`, its first row by rank, and how many `rows` there are: a million may be equal."""
    firsts: list[pl.DataFrame] = []
    for rows in keyed.chunks(share):
        counted = rows.select(*keys, *RANK, rows=pl.lit(1, pl.Int64))
        ranked = in_rank(pl.concat([*firsts, counted]))
        first = [pl.col(name).first() for name in RANK]
        firsts = [ranked.group_by(keys, maintain_order=True).agg(*first, pl.col("rows").sum())]
    nothing = pl.DataFrame(schema=dict.fromkeys([*keys, "keeper"], pl.String) | {"rows": pl.Int64})
    return firsts[0].rename({"id": "keeper"}) if firsts else nothing


def _with_keeper(rows: pl.DataFrame, firsts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return rows.join(firsts.select(*keys, "keeper"), on=keys, how="inner", nulls_equal=True)


def _settled(room: Room, dropped: Dealt) -> Dealt:
    """A row's keeper may itself be dropped for another: then that one is the keeper of both, and so on."""
    asked, settled = room.dealt(DROPPED), room.dealt(DROPPED)
    for share in room.shares:
        asked.add(dropped.read(share), by="keeper")
    for share in room.shares:
        last = dropped.read(share, ["id", "keeper"]).rename({"id": "keeper", "keeper": "stays"})
        rows = asked.read(share).join(last, on="keeper", how="left")
        settled.add(rows.with_columns(keeper=pl.coalesce("stays", "keeper")), by="id")
    return settled
