"""The words and sentences by which statements are made, narrowed, dated and credited, in the languages that send them.

words.csv and conditions.csv are kept by hand, a row for each language and kind. Their words are those of dictionaries:
each stands in the one that hunspell has of its language, but for abbreviations, borrowed words and words of the trade
("Digitalisat", "metadados"); Finnish, Welsh, Irish, Japanese and Chinese have none there to look into. What makes a
statement is the wording of those who send it; real_statements.tsv, beside the tests, names many of them. cc_texts.csv
holds the deeds and the chooser's sentences of Creative Commons (github.com/creativecommons/cc.i18n), rs_texts.csv the
labels, definitions and notes of RightsStatements.org in their languages (github.com/rightsstatements/data-model).

A word that stands in no table is left over, and closes. So a word that lacks in words.csv withholds too much; one that
lacks in conditions.csv opens nothing either, unless it has a capital where a name may stand (naming.py).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from biglam_pipeline.rights.folding import Token, fold, tokens

FILES = ("conditions.csv", "words.csv", "rs_texts.csv", "cc_texts.csv")
"""Read in this order; what stands twice is what the first file says."""

KINDS = (
    "since",  # a date behind it must be past
    "ended",  # an embargo: a date behind it must be past
    "statement",  # makes the statement that the column `statement` names
    "name",  # a licence's name, behind which a version may stand; column `names`: the version where none stands
    "scope",  # may stand behind the version of that licence
    "element",  # nc, nd, sa in a sentence: said already by a licence with this element, else a condition of its own
    "condition",  # condition, time, scope, doubt, exception, denial: closes wherever it is left
    "open access",  # says how a thing is reached, and nothing of rights
    "credit",  # a holder stands behind it; with `notice`, a copyright notice
    "medium",  # names the item by what it is: text, image, sound, code
    "definition",  # harmless beside a statement of RightsStatements.org
    "terms",  # harmless before the statement whose terms they are, else terms of somebody else
    "pointer",  # "see": harmless before a statement or an address
    "harmless",
    "term",  # a word of rights or use: never part of a name that is guessed by its capitals
)
"""What a phrase does. Of kinds that share their words the earlier one is tried first: "since" without a date is the
condition that it is in conditions.csv."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One row of the tables, by one of its wordings."""

    kind: str
    statement: str
    names: str
    """Where a name may stand: "before", "after", "both" or ""; of a `name` the version where none stands."""
    languages: str
    words: tuple[str, ...]


class _Node:
    __slots__ = ("following", "phrases")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.phrases: tuple[Phrase, ...] = ()


class Lexicon:
    """Finds the longest phrase at a place; each look-up costs at most the words of the longest row."""

    @cached_property
    def phrases(self) -> Sequence[Phrase]:
        """All of them, read from the tables by who asks first: most commands look at licences by their ids alone."""
        return _load()

    @cached_property
    def _root(self) -> _Node:
        root = _Node()
        for phrase in self.phrases:
            node = root
            for word in phrase.words:
                node = node.following.setdefault(word, _Node())
            node.phrases += (phrase,)
        return root

    @cached_property
    def denials(self) -> frozenset[str]:
        """Words that narrow, date or deny in one of the languages."""
        return frozenset(one.words[0] for one in self.phrases if one.kind == "condition" and len(one.words) == 1)

    @cached_property
    def media(self) -> dict[tuple[str, ...], str]:
        """Wordings by which an item is named -> what they say that it is."""
        return {one.words: one.statement for one in self.phrases if one.kind == "medium"}

    def longest(self, words: Sequence[Token], start: int) -> tuple[tuple[Phrase, ...], int]:
        """The phrases of the longest wording that begins at `start`, and the index behind it; ((), start) for none.

        A wording does not run over the end of a sentence.
        """
        node: _Node | None = self._root
        found: tuple[Phrase, ...] = ()
        index = end = start
        while index < len(words) and not (index > start and words[index].first):
            node = node.following.get(words[index].word) if node else None
            if node is None:
                break
            index += 1
            if node.phrases:
                found, end = node.phrases, index
        return found, end


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table of this room."""
    text = resources.files("biglam_pipeline.rights").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(text))


def _phrases(name: str) -> Iterator[Phrase]:
    one_wording = name.endswith("_texts.csv")
    for row in read_rows(name):
        for wording in [row["words"]] if one_wording else row["words"].split("|"):
            words = tuple(token.word for token in tokens(fold(wording)))
            assert words, row
            assert row["kind"] in KINDS, row
            yield Phrase(row["kind"], row["statement"], row["names"], row["language"], words)


def _load() -> list[Phrase]:
    kept: dict[tuple[tuple[str, ...], str], Phrase] = {}
    for name in FILES:
        for phrase in _phrases(name):
            if name == "cc_texts.csv" and len(phrase.words) < 3:
                continue  # headings ("Notices", "Share"): alone they say too little to be harmless
            kept.setdefault((phrase.words, phrase.kind), phrase)
    order = {kind: rank for rank, kind in enumerate(KINDS)}
    return sorted(kept.values(), key=lambda phrase: order[phrase.kind])


LEXICON = Lexicon()
