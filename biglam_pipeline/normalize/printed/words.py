"""The words of a page: one by one, or by columns, which cost no object for each."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import overload

import numpy as np
import numpy.typing as npt

AROUND = re.compile(r"^[\W_]+|[\W_]+$")
"""Marks around a word."""


class Forms:
    """How often a word stands in one ALTO file, whatever its case and the marks around it."""

    def __init__(self, texts: Sequence[str]) -> None:
        """texts: all words of the file, once somebody asks."""
        self._texts = texts
        self._counts: Counter[str] | None = None

    def count(self, form: str) -> int:
        """Of a whole word, as `plain` gives it."""
        if self._counts is None:
            self._counts = Counter()
            for word, times in Counter(" ".join(self._texts).split()).items():
                self._counts[plain(word)] += times
        return self._counts[form]


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word without case and without the marks around it: what is counted as the same word."""
    if word.isascii() and word.isalnum():
        return word.lower()
    return AROUND.sub("", unicodedata.normalize("NFC", word)).casefold()


class Place:
    """A line or a block, known by what it is and not by its name: names repeat from page to page."""

    __slots__ = ("forms", "language")

    def __init__(self, language: str, forms: Forms) -> None:
        """forms: the words of the file it stands in."""
        self.language = language
        self.forms = forms


@dataclass(slots=True)
class Word:
    """One String. `CONTENT` only: one real page offers 3,912 alternatives."""

    text: str
    line: Place
    block: Place
    part: int
    """1 or 2 for the halves of a word that is broken at the line end, else 0."""
    whole: str
    """SUBS_CONTENT."""
    confidence: float | None
    hyphen: str = ""
    """What the HYP after it prints."""
    spaced: bool = False
    """Whether an SP stands after it in its line."""
    language: str = ""
    """Its own, where that is said; else that of its line is."""


@dataclass(slots=True)
class WordColumns(Sequence[Word]):
    """The words of a page in document order. One is made where somebody asks for it, and stays the same."""

    texts: list[str]
    lines: npt.NDArray[np.intp]
    """Which of `languages` each stands in: they are of all lines and blocks, in document order."""
    blocks: npt.NDArray[np.intp]
    languages: list[str]
    confidences: list[float | None]
    parts: Mapping[int, int]
    """Of those words that are halves: 1 or 2."""
    wholes: Mapping[int, str]
    """SUBS_CONTENT, of those that have one."""
    hyphens: Mapping[int, str]
    """Of those that a HYP follows."""
    spaced: Callable[[], npt.NDArray[np.bool_]]
    """Whether an SP follows each in its line."""
    _places: dict[int, Place] = field(default_factory=dict)
    _made: dict[int, Word] = field(default_factory=dict)
    _spaced: npt.NDArray[np.bool_] | None = None
    _forms: Forms = field(init=False)

    def __post_init__(self) -> None:
        """Words are counted where somebody asks."""
        self._forms = Forms(self.texts)

    def __len__(self) -> int:
        """How many."""
        return len(self.texts)

    @overload
    def __getitem__(self, at: int) -> Word: ...
    @overload
    def __getitem__(self, at: slice) -> list[Word]: ...
    def __getitem__(self, at: int | slice) -> Word | list[Word]:
        """One, or several."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self.texts)))]
        if at < 0:
            at = range(len(self.texts))[at]
        if at not in self._made:
            self._made[at] = self._word(at)
        return self._made[at]

    def _word(self, at: int) -> Word:
        if self._spaced is None:
            self._spaced = self.spaced()
        line, block = self._place(self.lines.item(at)), self._place(self.blocks.item(at))
        part, whole, hyphen = self.parts.get(at, 0), self.wholes.get(at, ""), self.hyphens.get(at, "")
        return Word(self.texts[at], line, block, part, whole, self.confidences[at], hyphen, self._spaced.item(at))

    def _place(self, number: int) -> Place:
        if number not in self._places:
            self._places[number] = Place(self.languages[number], self._forms)
        return self._places[number]


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Of the words that have one, 0 to 1."""
    of_all = words.confidences if isinstance(words, WordColumns) else (word.confidence for word in words)
    known = [one for one in of_all if one is not None]
    return sum(known) / len(known) if known else None


def confidence_spread(words: Sequence[Word]) -> dict[str, float | None]:
    """How it is spread about their mean, of those that have one: standard deviation, and the share below 0.5."""
    of_all = words.confidences if isinstance(words, WordColumns) else [word.confidence for word in words]
    known = np.array([one for one in of_all if one is not None], np.float64)
    if not len(known):
        return {"ocr_confidence_sd": None, "ocr_confidence_low": None}
    return {"ocr_confidence_sd": float(known.std()), "ocr_confidence_low": float((known < 0.5).mean())}


SPREAD = ("ocr_confidence_sd", "ocr_confidence_low")
"""The columns that it fills."""


def languages_of(words: Sequence[Word]) -> list[str]:
    """As the page declares them for its blocks and lines, the most used first."""
    if isinstance(words, WordColumns):
        counts = Counter[str]()
        for language, times in zip(words.languages, np.bincount(words.lines).tolist(), strict=False):
            counts[language] += times
    else:
        counts = Counter(word.language or word.line.language for word in words)
    said = [(language, times) for language, times in counts.items() if language and times]
    return [language for language, _ in sorted(said, key=lambda one: (-one[1], one[0]))]


@lru_cache(maxsize=4096)
def confidence_of(text: str) -> float | None:
    """What a page writes of it as a number from 0 to 1 (WC in ALTO, conf in PAGE). Pages write few different ones."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
