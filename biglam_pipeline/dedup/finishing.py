"""What is laid: the rows that stay with all their marks, the key of each, and where they lay before."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from biglam_pipeline.columns import DUPLICATES
from biglam_pipeline.dedup.dealing import Dealt
from biglam_pipeline.dedup.exact import Duplicates
from biglam_pipeline.dedup.ordering import NEW, ORDERED
from biglam_pipeline.dedup.restless import Watch
from biglam_pipeline.dedup.sections import Sections
from biglam_pipeline.dedup.settling import Known
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.records import Part

CONFIG = "default"
"""The config of a source that names none."""
_FINAL = ("id", "config", "first_seen", "slice", "row", "size", "row_digest")


@dataclass(slots=True)
class Final:
    """Rows as they are laid, dealt out by id, and what is counted of them on the way."""

    dealt: Dealt
    shares: range
    watch: Watch
    configs: set[str] = field(default_factory=set)
    """Values that configs get their names from."""
    returned: Counter[str] = field(default_factory=Counter)
    """Rows that were left out as duplicates at the last run, by the reason of then."""

    @property
    def rows(self) -> int:
        """How many are laid."""
        return self.dealt.rows

    def placed(self, named: Mapping[str, str], parts: Sequence[Part]) -> Iterator[pl.DataFrame]:
        """The rows with the names of their configs. One whose config is another now has no place any more.

        named: names by value; parts: those of today, none of them where everything is cut again.
        """
        configs = pl.DataFrame(
            {"part": range(len(parts)), "was": [part.config for part in parts]},
            schema={"part": pl.Int32, "was": pl.String},
        )
        config = pl.col("config").replace(dict(named)) if named else pl.col("config")
        for share in self.shares:
            rows = self.dealt.read(share).with_columns(config=config.fill_null(CONFIG))
            rows = rows.join(configs, on="part", how="left", maintain_order="left")
            stays = (pl.col("was") == pl.col("config")).fill_null(value=False)
            yield rows.with_columns(
                part=pl.when(stays).then("part").otherwise(pl.lit(NEW, pl.Int32)),
                at=pl.when(stays).then("at").otherwise(pl.lit(0, pl.Int64)),
            )


def finish(duplicates: Duplicates, known: Known, watch: Watch) -> Final:
    """Puts together what was decided of every row that is laid."""
    final = Final(duplicates.room.dealt(ORDERED), duplicates.room.shares, watch)
    for share in duplicates.room.shares:
        rows = row_key(duplicates.marked(share, _FINAL))
        final.configs |= set(rows["config"].drop_nulls().unique().to_list())
        back = known.dropped(share).join(rows.select("id"), on="id", how="semi")
        final.returned.update(back["reason"].to_list())
        laid = known.laid(share)
        final.watch.add(rows.select("id", "slice", "row", "row_key"), laid)
        final.dealt.put(rows.join(laid.drop("row_key"), on="id", how="left", maintain_order="left"), share)
    return final


def row_key(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `row_key`, the digest of all that is published of a row but its place and its first_seen."""
    keys = [
        hashlib.blake2b(digest + f"\x00{cluster}\x00{of}\x00{alike}".encode(), digest_size=16).digest()
        for digest, cluster, of, alike in rows.select("row_digest", *(column.name for column in DUPLICATES)).iter_rows()
    ]
    return rows.with_columns(row_key=pl.Series(keys, dtype=pl.Binary))


def sections_of_configs(source: str, sections: Sections, final: Final, named: Mapping[str, str]) -> dict[str, str]:
    """Name of each config -> the section of its rows; nothing where the source has one section.

    named: config names by marked value. ConfigError where rows of two sections would share a config: their columns may
    differ, and their identifiers may be the same.
    """
    found: dict[str, str] = {}
    for share in final.shares if sections.several else ():
        rows = final.dealt.read(share, ["config", "slice"]).select("config", sections.column).unique().sort(pl.all())
        for value, section in rows.iter_rows():
            config = named.get(value, value) or CONFIG
            if found.setdefault(config, section) != section:
                one, other = sorted({found[config], section})
                said = (
                    f"`{one}` and of `{other}`" if one else f"`{other}`, and of a READ that names no config or several"
                )
                raise ConfigError(
                    f"{source}: the config `{config}` would hold rows of {said}; give the rows of one of them another "
                    "value of `map: {config: ...}`"
                )
    return dict(sorted(found.items()))
