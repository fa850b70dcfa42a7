"""The sections of a source: no row repeats one of another section, and no config holds rows of two."""

from dataclasses import dataclass

import polars as pl

SECTION = "section"
"""A column of the name of a row's section."""


@dataclass(frozen=True, slots=True)
class Sections:
    """Which section each row is of, by the slice that it lies in."""

    of_slices: tuple[str, ...] = ()
    """Of each slice, as the rows' `slice` numbers count them."""
    several: bool = False
    """Whether the entry has several, whichever of them have slices."""

    @property
    def names(self) -> tuple[str, ...]:
        """Each once, in the order of the slices."""
        return tuple(dict.fromkeys(self.of_slices))

    @property
    def column(self) -> pl.Expr:
        """The column SECTION of rows with a `slice`."""
        names = pl.col("slice").replace_strict(dict(enumerate(self.of_slices)), return_dtype=pl.String)
        return names.alias(SECTION)

    def only(self, name: str) -> pl.Expr:
        """Which rows are of one section."""
        mine = [number for number, section in enumerate(self.of_slices) if section == name]
        return pl.col("slice").is_in(mine) if self.several else pl.lit(value=True)


ONE_SECTION = Sections()
