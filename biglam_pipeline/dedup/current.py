"""Which row of an identifier is current, decided from the narrow index alone."""

from dataclasses import dataclass

import polars as pl

from biglam_pipeline.store.normalized import LEFT_OUT

_VERSION = ("id", "visit", "deleted", "row_digest", "config")
"""What makes two rows one version of a record: said by the same visit, with the same content, for the same config."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome: one current row an id at most, and what became of every other."""

    live: pl.DataFrame
    """Index rows that are current, one an id, sorted by id."""
    superseded: int
    """Versions of an identifier that a later one has taken the place of."""
    repeated: int
    """Rows of the same identifier, content and visit as another, which counts for them."""
    deleted: int
    """Identifiers whose last word is a tombstone."""
    rejected: pl.DataFrame
    """Rows that claim an identifier which another row of the same visit has, with other content and no datestamp."""

    @property
    def rows(self) -> int:
        """Everything that was decided on."""
        return self.live.height + self.superseded + self.repeated + self.deleted + self.rejected.height


def decide(index: pl.DataFrame, mode: str) -> Decided:
    """The greatest (visit, datestamp, order) of each id is current; a tombstone competes like a row.

    index: the slices' indexes with a column `order`, the place among everything that was read. In a `replace`
    harvest everything was offered at once, so all of it is one visit, whichever first brought a file.

    What a visit says twice counts once. Of what it says without datestamps of one id, nothing tells which is right:
    the first stays, and what differs from it is rejected. A datestamp beats none.
    """
    visit = pl.lit(0, pl.Int32) if mode == "replace" else pl.col("harvest")
    several = pl.col("id").is_duplicated()
    alone = index.filter(~several)
    left, repeated = _versions(index.filter(several).with_columns(visit=visit, datestamp=_dated()))
    undated = (pl.col("datestamp") == "") & ~pl.col("deleted")
    later = undated & (pl.col("order") > pl.col("order").filter(undated).min().over("id", "visit"))
    rejected = left.filter(later.fill_null(value=False))
    running = left.filter(~later.fill_null(value=False)).sort("id", "visit", "datestamp", "order")
    winners = running.group_by("id", maintain_order=True).last()
    last = pl.concat([alone.with_columns(datestamp=_dated()), winners.select(index.columns)]).sort("id")
    live = last.filter(~pl.col("deleted"))
    return Decided(
        live=live,
        superseded=running.height - winners.height,
        repeated=repeated,
        deleted=last.height - live.height,
        rejected=rejected.select(index.columns),
    )


def with_older_parts_marked(index: pl.DataFrame, mode: str) -> pl.DataFrame:
    """The rows with a column `older`: of an older version of their whole, so that nothing is decided on them.

    index: as of `decide`; all rows of a whole, its tombstones and what `where` left out of it, which is gone behind it.
    A source says of a whole alone that it has changed or is gone: what its newest version holds is what there is.
    """
    visit = pl.lit(0, pl.Int32) if mode == "replace" else pl.col("harvest")
    is_part, is_mark = pl.col("whole").is_not_null(), pl.col("row") == LEFT_OUT
    rows = index.with_columns(_whole=pl.coalesce("whole", "id"), _visit=visit, _date=_dated())
    rows = rows.with_columns(
        _told=(is_part | is_mark).any().over("_whole"), _last=pl.col("_visit").max().over("_whole")
    )
    is_last = pl.col("_visit") == pl.col("_last")
    rows = rows.with_columns(_newest=pl.col("_date").filter(is_last).max().over("_whole"))
    is_newest = is_last & (pl.col("_date") == pl.col("_newest"))
    gone = pl.col("order").filter(pl.col("deleted") & ~is_mark & is_newest).max().over("_whole")
    behind = (is_part & (pl.col("order") < gone)).fill_null(value=False)
    rows = rows.with_columns(older=pl.col("_told") & (~is_newest | behind)).filter(~is_mark)
    return rows.select(*index.columns, "older")


def overtaken(live: pl.DataFrame, rejects: pl.DataFrame, mode: str) -> pl.Series:
    """Ids of current rows of which a newer version came that could not be read, sorted.

    rejects: id, harvest, datestamp and order of what could not be read.
    """
    if rejects.is_empty():
        return pl.Series("id", [], pl.String)
    visit = pl.lit(0, pl.Int32) if mode == "replace" else pl.col("harvest")
    mine = live.join(rejects, on="id", how="semi").select(rejects.columns)
    both = pl.concat(
        [mine.with_columns(unread=False), rejects.join(mine, on="id", how="semi").with_columns(unread=True)]
    )
    both = both.with_columns(visit=visit, datestamp=_dated()).sort("id", "visit", "datestamp", "order")
    return both.group_by("id", maintain_order=True).last().filter("unread")["id"]


def _versions(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """One row a version, and how many others there were: of dated ones the newest, else the one that stands first."""
    undated = (pl.col("datestamp") == "") & ~pl.col("deleted")
    place = pl.when(undated).then(-pl.col("order")).otherwise("order")
    versions = rows.sort("datestamp", place).group_by(_VERSION, maintain_order=True).last()
    return versions, rows.height - versions.height


def _dated() -> pl.Expr:
    return pl.col("datestamp").fill_null("")
