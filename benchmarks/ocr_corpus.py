"""Pages as OCR gives them, with known duplicates: noise, long s, hyphens, reprints, mastheads, forms, blank pages.

Everything follows from the seed and the number of documents. The language is made up: words follow Zipf's law over a
vocabulary of 30,000, one document in five has accents. Every document, originals too, has 0.3 % of wrong letters.
"""

import argparse
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WORDS = 30_000
MEDIAN_WORDS = 300
SPREAD = 0.45
"""Sigma of the logarithm of a page's length."""
SHORTEST_WORDS, LONGEST_WORDS = 110, 1400
FAINT = 0.003
"""Wrong letters in every document."""
BLOCK = 2000
"""Documents that are made together, families whole."""
PER_MASTHEAD, PER_FORM = 200, 50
"""Documents that share one, about."""

KINDS = (
    *("unrelated", "boilerplate", "form", "short", "blank", "base"),
    *("exact", "wscase", "longs", "hyphen", "ocr1", "ocr3", "ocr5", "ocr10", "reprint", "excerpt"),
)
KIND = {name: number for number, name in enumerate(KINDS)}
VARIANTS = KINDS[6:]
"""Kinds of duplicates; an excerpt is neutral: neither a duplicate nor a mistake."""
_ALONE = {"unrelated": 0.45, "boilerplate": 0.09, "form": 0.04, "short": 0.015, "blank": 0.005}
"""Shares of all documents; the rest are families of an original and its variants."""
_PAIRS = 0.8
_LARGEST = 20
_SYLLABLES = [
    a + b + c
    for a in ("b", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "st", "t", "th", "v", "w", "")
    for b in ("a", "e", "i", "o", "u", "ea")
    for c in ("", "", "n", "r", "s", "l", "t")
]
_ACCENTS = str.maketrans("aeou", "äéöü")
_GAPS = np.array([" ", ", ", ". ", "\n"])
_GAP_SHARES = np.cumsum([0.8, 0.06, 0.05, 0.09])
_BLANKS = ("", " ", "\n\n", "- 3 -", "* * *", "....", "PLATE IV.", "\N{FORM FEED}")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents on disk and what is true of them."""

    folder: Path
    offsets: npt.NDArray[np.int64]
    """(documents + 1,): where each text begins in texts.bin, in bytes of UTF-8."""
    family: npt.NDArray[np.int32]
    """(documents,): equal for an original and its variants."""
    kind: npt.NDArray[np.uint8]
    """(documents,): place in KINDS."""

    @property
    def bytes(self) -> int:
        """Of all texts."""
        return int(self.offsets[-1])


def make(folder: Path, documents: int, seed: int) -> Corpus:
    """Writes texts.bin, offsets.bin (int64), family.npy and kind.npy; done before, it is read."""
    done = folder / "done"
    if not done.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        offsets, families, kinds, so_far = [0], [], [], 0
        with (folder / "texts.bin").open("wb") as stream:
            for number, begin in enumerate(range(0, documents, BLOCK)):
                block = _Block(seed, number, documents)
                block.fill(min(BLOCK, documents - begin))
                for text in block.texts:
                    data = text.encode()
                    stream.write(data)
                    offsets.append(offsets[-1] + len(data))
                families += [so_far + family for family in block.families]
                kinds += block.kinds
                so_far = families[-1] + 1
        np.array(offsets, np.int64).tofile(folder / "offsets.bin")
        np.save(folder / "family.npy", np.array(families, np.int32))
        np.save(folder / "kind.npy", np.array(kinds, np.uint8))
        done.touch()
    return Corpus(
        folder,
        np.fromfile(folder / "offsets.bin", np.int64),
        np.load(folder / "family.npy"),
        np.load(folder / "kind.npy"),
    )


class _Language:
    """A vocabulary and how often each word comes."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng([seed, 0])
        # Frequent words are short, as they are in any language: else windows would meet where words do.
        rank = np.arange(WORDS)
        counts = np.where(rank < 60, 1, np.where(rank < 1000, 2, np.minimum(1 + random.geometric(0.55, WORDS), 5)))
        ends = np.cumsum(counts).tolist()
        syllables = random.choice(_SYLLABLES, ends[-1]).tolist()
        words = ["".join(syllables[a:b]) or "a" for a, b in zip([0, *ends], ends, strict=False)]
        capital = random.random(WORDS) < 0.08
        self.plain = np.array([w.capitalize() if c else w for w, c in zip(words, capital, strict=True)], object)
        accented = random.random(WORDS) < 0.25
        self.accented = np.array([w.translate(_ACCENTS) if c else w for w, c in zip(self.plain, accented, strict=True)])
        weights = 1.0 / (np.arange(WORDS) + 2.7)
        self.below = np.cumsum(weights) / weights.sum()

    def words(self, random: np.random.Generator, count: int, accents: bool = False) -> list[str]:
        """So many words, each with what follows it."""
        chosen = np.searchsorted(self.below, random.random(count))
        gaps = _GAPS[np.searchsorted(_GAP_SHARES, random.random(count) * 0.999)]
        vocabulary = self.accented if accents else self.plain
        return [a + b for a, b in zip(vocabulary[chosen].tolist(), gaps.tolist(), strict=True)]


@cache
def _language(seed: int) -> _Language:
    return _Language(seed)


@cache
def _template(seed: int, sort: int, number: int) -> tuple[str, ...]:
    """Words of a masthead (sort 1) or of a form (sort 2), which documents of any block share."""
    random = np.random.default_rng([seed, sort, number])
    return tuple(_language(seed).words(random, 90 if sort == 1 else 150))


class _Block:
    """Some documents; a family never leaves its block."""

    def __init__(self, seed: int, number: int, documents: int) -> None:
        self.texts: list[str] = []
        self.families: list[int] = []
        self.kinds: list[int] = []
        self._seed = seed
        self._random = np.random.default_rng([seed, 3, number])
        self._mastheads = max(1, round(documents * _ALONE["boilerplate"] / PER_MASTHEAD))
        self._forms = max(1, round(documents * _ALONE["form"] / PER_FORM))
        self._family = 0

    def fill(self, size: int) -> None:
        """Makes so many documents."""
        for kind, share in _ALONE.items():
            for _ in range(round(size * share)):
                self._add(kind, getattr(self, f"_{kind}")())
                self._family += 1
        while len(self.texts) < size:
            self._relatives(size - len(self.texts))
            self._family += 1

    def _add(self, kind: str, text: str) -> None:
        self.texts.append(text)
        self.families.append(self._family)
        self.kinds.append(KIND[kind])

    def _relatives(self, room: int) -> None:
        """An original and its variants."""
        random = self._random
        members = 2 if random.random() < _PAIRS else min(3 + int(random.geometric(0.3)), _LARGEST)
        original = self._page()
        base = worn(original, FAINT, random)
        self._add("base", base)
        for _ in range(min(members, room) - 1):
            kind = VARIANTS[int(random.integers(len(VARIANTS)))]
            self._add(kind, self._variant(kind, original, base))

    def _variant(self, kind: str, original: str, base: str) -> str:
        random = self._random
        if kind == "exact":
            return base
        if kind.startswith("ocr"):
            return worn(original, int(kind[3:]) / 100, random)
        return worn(_CHANGES[kind](original, random, self._seed), FAINT, random)

    def _page(self, words: int = 0) -> str:
        random = self._random
        count = words or int(np.exp(random.normal(np.log(MEDIAN_WORDS), SPREAD)))
        count = words or min(max(count, SHORTEST_WORDS), LONGEST_WORDS)
        return "".join(_language(self._seed).words(random, count, random.random() < 0.2))

    def _unrelated(self) -> str:
        return worn(self._page(), FAINT, self._random)

    def _boilerplate(self) -> str:
        """15 to 40 % of the words are a masthead's."""
        masthead = _template(self._seed, 1, int(self._random.integers(self._mastheads)))
        share = self._random.uniform(0.15, 0.40)
        return worn("".join(masthead) + self._page(int(len(masthead) * (1 - share) / share)), FAINT, self._random)

    def _form(self) -> str:
        """About half the words are the form's, in runs; the other half were filled in."""
        random = self._random
        form = list(_template(self._seed, 2, int(random.integers(self._forms))))
        filled = _language(self._seed).words(random, len(form))
        at = 0
        pieces = []
        while at < len(form):
            run = int(random.integers(4, 13))
            pieces += form[at : at + run] + filled[at : at + run]
            at += run
        return worn("".join(pieces), FAINT, random)

    def _short(self) -> str:
        return worn(self._page(int(self._random.integers(3, 25))), FAINT, self._random)

    def _blank(self) -> str:
        return _BLANKS[int(self._random.integers(len(_BLANKS)))]


def worn(text: str, rate: float, random: np.random.Generator) -> str:
    """The text as OCR reads it: `rate` of its characters wrong, in bursts; 8 in 10 are taken for another letter."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    bursts = random.exponential(1.0, len(codes) // 40 + 1)
    hit = np.flatnonzero(random.random(len(codes)) < rate * np.repeat(bursts, 40)[: len(codes)])
    if not len(hit):
        return text
    codes = codes.copy()
    sort = random.random(len(hit))
    codes[hit] = random.integers(97, 123, len(hit))
    more = hit[sort > 0.9]
    codes = np.insert(codes, more, random.integers(97, 123, len(more)).astype(np.uint32))
    lost = hit[(sort > 0.8) & (sort <= 0.9)]
    codes = np.delete(codes, lost + np.searchsorted(more, lost, side="right"))
    return codes.tobytes().decode("utf-32-le")


def _wscase(text: str, random: np.random.Generator, seed: int) -> str:
    """Other lines, spaces and capitals."""
    words = text.split()
    capital, gap = random.random(len(words)) < 0.1, random.random(len(words))
    return "".join(
        (word.upper() if big else word) + ("  " if at < 0.05 else "\n" if at < 0.15 else " ")
        for word, big, at in zip(words, capital.tolist(), gap.tolist(), strict=True)
    )


def _longs(text: str, random: np.random.Generator, seed: int) -> str:
    """A long s wherever one was set before 1800: not at the end of a word."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).copy()
    inside = np.append(codes[1:], 32) >= 97
    codes[(codes == ord("s")) & inside] = ord("ſ")
    return codes.tobytes().decode("utf-32-le")


def _hyphen(text: str, random: np.random.Generator, seed: int) -> str:
    """Set in a narrower column: one word in six is broken at a line's end, by one of four hyphens."""
    words = text.replace("\n", " ").split(" ")
    broken = random.random(len(words)) < 0.17
    marks = ("-\n", "¬\n", "\N{SOFT HYPHEN}\n", "- ")
    return " ".join(
        word[: len(word) // 2] + marks[len(word) % 4] + word[len(word) // 2 :] if cut and len(word) > 4 else word
        for word, cut in zip(words, broken.tolist(), strict=True)
    )


def _reprint(text: str, random: np.random.Generator, seed: int) -> str:
    """Another head and tail: 3 to 9 % of the words at either end."""
    words = text.split(" ")
    head, tail = (int(len(words) * share) for share in random.uniform(0.03, 0.09, 2))
    own = _language(seed).words(random, head + tail)
    return "".join(own[:head]) + " ".join(words[head : len(words) - tail]) + " " + "".join(own[head:])


def _excerpt(text: str, random: np.random.Generator, seed: int) -> str:
    """30 to 60 % of the text, in one piece."""
    words = text.split(" ")
    kept = int(len(words) * random.uniform(0.3, 0.6))
    begin = int(random.integers(len(words) - kept + 1))
    return " ".join(words[begin : begin + kept])


_CHANGES: dict[str, Any] = {
    "wscase": _wscase,
    "longs": _longs,
    "hyphen": _hyphen,
    "reprint": _reprint,
    "excerpt": _excerpt,
}


def main(arguments: list[str] | None = None) -> int:
    """Writes a corpus into a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    corpus = make(chosen.folder, chosen.documents, chosen.seed)
    counts = np.bincount(corpus.kind, minlength=len(KINDS)).tolist()
    sys.stdout.write(f"{len(corpus.kind):,} documents, {corpus.bytes / 1e6:.1f} MB\n")
    sys.stdout.write("".join(f"{name}\t{count}\n" for name, count in zip(KINDS, counts, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
