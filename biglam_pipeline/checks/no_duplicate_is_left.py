"""Every row that was removed names a keeper that is published, and no duplicate that the entry drops is left."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import xxhash

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.columns import IMAGE_FEATURE, WHOLES, Section
from biglam_pipeline.quality.canonical import SHORTEST, text_key

STAGE = "shards"
_CONFIG, _RIGHT = "config of the part", "right of the row"
"""No column of a source has these names."""
_LOOKED_AT = 10_000
"""Rows that seem to be duplicates and are compared in full: where there are more, these will do to say so."""


def run(view: View) -> Finding:
    """Reads removed.parquet, and all parts, row group by row group."""
    manifest = view.manifest()
    empty = pl.DataFrame(schema={"id": pl.String, "dup_of": pl.String})
    tables = [view.shards.table(part, empty.columns) for part in manifest.parts]
    rows = pl.concat([empty, *(pl.DataFrame(pl.from_arrow(table)) for table in tables)])
    removed = view.shards.removed(manifest).filter(pl.col("reason") != "identifier_repeated")
    marked = rows.select(keeper="dup_of").drop_nulls().unique().sort("keeper")
    homeless = removed.join(rows, left_on="keeper", right_on="id", how="anti").select("id", "keeper")
    problems = [f"{name} was dropped for {keeper}, which is not published" for name, keeper in homeless.iter_rows()]
    kept = removed.join(rows, on="id", how="semi")["id"]
    problems += [f"{name} was dropped and is published all the same" for name in kept]
    unknown = marked.join(rows, left_on="keeper", right_on="id", how="anti")["keeper"]
    problems += [f"dup_of names {name}, which is not published" for name in unknown]
    problems += [
        f"{name} and {other} are equal in {what}, and the entry leaves one of them; materialize shards again"
        for name, other, what in _left(view)
    ]
    numbers = {"dropped": removed.height, "marked": marked.height}
    good = f"{removed.height} duplicates dropped, {marked.height} rows have duplicates that are marked"
    return view.finding("no_duplicate_is_left", STAGE, problems, good, numbers)


def _left(view: View) -> Iterator[tuple[str, str, str]]:
    """Pairs of published rows that are equal, and in what, as far as such are dropped: by default those of wholes."""
    choice = view.source.dedup.exact
    for section in view.source.sections:
        if choice in {"rows", "drop"} or (choice is None and section.modality == "text"):
            yield from ((*pair, "everything but identifiers") for pair in _equal_rows(view, section))
        if choice == "drop" and section.modality != "metadata":
            yield from ((*pair, section.modality) for pair in _equal_contents(view, section))


def _groups(view: View, section: Section) -> Iterator[pl.DataFrame]:
    """Row groups, each row with the config that it stands in: what two configs hold alike is no duplicate."""
    manifest = view.manifest()
    for part in (one for one in manifest.parts if manifest.section(one) == section.name):
        for group in view.shards.groups(part):
            yield pl.DataFrame(pl.from_arrow(group)).with_columns(pl.lit(part.config).alias(_CONFIG))


def _dropped_ones(view: View, section: Section) -> Iterator[pl.DataFrame]:
    """Of these, rows of what is dropped where it is equal: everything, where the entry says so, else wholes."""
    for group in _groups(view, section):
        whole = view.source.dedup.exact is not None or "text_unit" not in group.columns
        yield _long(group if whole else group.filter(pl.col("text_unit").is_in(list(WHOLES))))


def _equal_rows(view: View, section: Section) -> Iterator[tuple[str, str]]:
    """By a hash of the row; those of equal hashes are then compared in full."""
    columns = (one.name for one in section.content if not one.identity and one.name != IMAGE_FEATURE)
    same = [*columns, _CONFIG]
    keyed = [
        group.select("id", key=group.select(_there(group, same)).hash_rows()) for group in _dropped_ones(view, section)
    ]
    alike = {first for pair in _repeated(keyed) for first in pair}
    met: dict[bytes, str] = {}
    for group in _dropped_ones(view, section) if alike else ():
        for row in (
            group.filter(pl.col("id").is_in(list(alike))).select("id", *_there(group, same)).iter_rows(named=True)
        ):
            name = row.pop("id")
            other = met.setdefault(xxhash.xxh3_128_digest(repr(row).encode()), name)
            if other != name and not _says_too_little(section, row):
                yield other, name


def _there(group: pl.DataFrame, columns: list[str]) -> list[str]:
    """That a column is missing is for another check to say."""
    return [name for name in columns if name in group.columns]


def _long(group: pl.DataFrame) -> pl.DataFrame:
    """Without rows of so little text that they are no duplicates: there may be a million of them."""
    short = pl.col("text").str.len_chars() < SHORTEST // 2 if "n_chars" in group.columns else pl.lit(value=False)
    return group.filter(~short)


def _says_too_little(section: Section, row: dict[str, Any]) -> bool:
    return section.modality == "text" and text_key(row["text"]) is None


def _equal_contents(view: View, section: Section) -> Iterator[tuple[str, str]]:
    keyed = []
    for group in _groups(view, section):
        if section.modality == "text":
            keys = pl.Series("key", [text_key(text) for text in group["text"].to_list()], pl.Binary)
        else:
            keys = group["image_sha256"].alias("key")
        right = pl.coalesce("rights_uri", "rights_name", pl.lit("")).alias(_RIGHT)
        keyed.append(group.select("id", keys, _CONFIG, right).drop_nulls())
    yield from _repeated(keyed, _CONFIG, _RIGHT)


def _repeated(keyed: list[pl.DataFrame], *beside: str) -> list[tuple[str, str]]:
    """Pairs of rows of one key: the first that has it, and another. keyed: id, key, and what else has to be equal."""
    if not keyed:
        return []
    rows, by = pl.concat(keyed), ["key", *beside]
    twice = rows.filter(pl.struct(by).is_duplicated()).with_columns(first=pl.col("id").first().over(by))
    return twice.filter(pl.col("first") != pl.col("id")).select("first", "id").head(_LOOKED_AT).rows()
