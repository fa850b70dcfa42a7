"""What is known beside the words of a rights statement, and when it makes left-over words harmless."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from biglam_pipeline.rights.folding import fold, fold_statement, tokens

__all__ = ["Beside", "fold_statement"]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the words of a statement. Empty fields know nothing and make nothing harmless."""

    names: frozenset[str] = frozenset()
    """The entry's custodian and the record's creators, publisher, provider and quoted title: beside a licence they
    name whom to credit."""
    hosts: frozenset[str] = frozenset()
    """The host of the entry's `evidence`: a person has read that page, its addresses are harmless."""
    retrieved: date | None = None
    """The day on which the record was fetched: a date before it is no condition. None: no date is past."""
    statements: tuple[tuple[str, str], ...] = ()
    """(whole value, id of a statement): a person has read it. Compared as `fold_statement` folds; opens what is
    `review` or `unknown`, never what reads as closed, nc or nd."""

    def spans(self, words: tuple[str, ...]) -> set[int]:
        """The indexes of the words that are part of one of the names, each name taken as a whole."""
        text = f" {' '.join(words)} "
        starts = _starts(words)
        found: set[int] = set()
        for name in self.names:
            wanted = name_words(name)
            if wanted:
                found.update(_indexes(text, wanted, starts))
        return found


EMPTY = Beside()


def name_words(name: str) -> tuple[str, ...]:
    """A name as the words of a folded value are."""
    return tuple(token.word for token in tokens(fold(name)))


def _starts(words: Iterable[str]) -> dict[int, int]:
    """Where in the joined text each word begins: {place: index}."""
    starts, place = {}, 1
    for index, word in enumerate(words):
        starts[place] = index
        place += len(word) + 1
    return starts


def _indexes(text: str, wanted: tuple[str, ...], starts: dict[int, int]) -> Iterable[int]:
    needle = f" {' '.join(wanted)} "
    place = text.find(needle)
    while place >= 0:
        index = starts[place + 1]
        yield from range(index, index + len(wanted))
        place = text.find(needle, place + 1)
