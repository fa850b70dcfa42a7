"""Which records are kept out while a source is read: those the ledger names, and exact duplicates of what it named."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store.normalized import TAKEN_DOWN, NormalizedShelf
from biglam_pipeline.store.redaction import WENT_WITH, Redactions
from biglam_pipeline.takedown.ledger import Ledger


@dataclass(slots=True)
class Suppression:
    """The ledger, and the copy keys of everything that was ever taken down: no copy is promoted in its place."""

    ledger: Ledger
    keys: dict[bytes, str] = field(default_factory=dict)
    """copy_key -> the id that it was taken down for."""
    along: set[str] = field(default_factory=set)
    """Ids, as they may be shown, of rows that are kept out because they were made of what is."""
    grown: bool = False
    """True where a key was learned that slices read before could not know."""

    @classmethod
    def of(cls, ledger: Ledger, notes: Redactions, copy_version: int) -> "Suppression":
        """With what earlier takedowns noted, as far as the ledger still keeps their records out.

        copy_version: of the rule by which rows have their copy keys today.
        ShelfDamaged where they know copies by a rule that is not known here: a copy would slip through.
        """
        if notes.keys and notes.key_version > copy_version:
            raise ShelfDamaged(
                f"raw/redacted.json knows copies of what was taken down by rule {notes.key_version}, and this version "
                f"of biglam_pipeline by rule {copy_version}; install the newer version again"
            )
        noted = {bytes.fromhex(key): name for key, name in notes.keys.items() if ledger.keeps_out(name)}
        along = {
            note["id"]
            for notes_of in notes.bundles.values()
            for note in notes_of
            if any(map(ledger.keeps_out, note.get(WENT_WITH, ())))
        }
        return cls(ledger, noted, along)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept out."""
        return self.ledger.is_empty

    @property
    def digest(self) -> str:
        """Of all that is kept out."""
        reported = "\n".join([self.ledger.digest, *sorted(key.hex() for key in self.keys)])
        return hashlib.sha256(reported.encode()).hexdigest()[:16]

    def holds(self, name: str, copy_key: bytes | None) -> bool:
        """Whether the record of this id (`<source>:<identifier>`), or with this content, is kept out."""
        if self.is_empty:
            return False
        return self.ledger.keeps_out(name) or copy_key in self.keys

    def because(self, name: str, copy_key: bytes | None) -> str:
        """The id in the ledger for which a record goes: its own, or that of the record whose duplicate it is."""
        if self.ledger.keeps_out(name) or copy_key is None:
            return self.ledger.shown(name)
        return self.keys.get(copy_key, name)

    def take_along(self, name: str, because: Sequence[str]) -> str:
        """A row goes along with these; the id under which it is kept: hidden where theirs are."""
        shown = self.ledger.hidden(name) if because and all(map(self.ledger.is_hidden, because)) else name
        self.along.add(shown)
        return shown

    def learn(self, name: str, copy_key: bytes | None) -> None:
        """Content that was taken down: rows that equal it go with it, now and when they come later."""
        if copy_key is not None and copy_key not in self.keys and self.ledger.keeps_out(name):
            self.keys[copy_key] = self.ledger.shown(name)
            self.grown = True

    def learn_from(self, index: pl.DataFrame) -> None:
        """The content of all that the ledger names in the index of a slice."""
        for name, key in index.filter(self._named(index)).select("id", "copy_key").iter_rows():
            self.learn(name, key)

    def among(self, index: pl.DataFrame) -> pl.Expr:
        """The rows of an index that are kept out."""
        return self._named(index) | pl.col("copy_key").is_in(list(self.keys)).fill_null(value=False)

    def drop_stale(self, shelf: NormalizedShelf, keys: Iterable[str]) -> None:
        """Takes slices away that hold what must go, or miss what may come in again: they are read again."""
        if not self.grown:
            return
        there = [one for key in keys if (one := shelf.find(key)) is not None and (one.taken_down or not self.is_empty)]
        indexes = {one.key: shelf.index(one.key) for one in there}
        for index in indexes.values():
            self.learn_from(index)
        self.grown = False
        for key, index in indexes.items():
            if self._misses(index):
                shelf.drop(key)

    def _misses(self, index: pl.DataFrame) -> bool:
        """Whether a slice holds a row that must go, or kept one out that may come in again."""
        out = self.among(index)
        along = pl.col("id").is_in(list(self.along))
        wrong = pl.when(pl.col("row") == TAKEN_DOWN).then(~out & ~along).otherwise(out & (pl.col("row") >= 0))
        return not index.filter(wrong).is_empty()

    def _named(self, index: pl.DataFrame) -> pl.Expr:
        names: Iterable[str] = self.ledger.ids
        if self.ledger.hmacs:
            names = self.ledger.among(index["id"].to_list())
        return pl.col("id").is_in(list(names))
