"""A made-up collection in a folder of JSON Lines, and what happens to it between two harvests.

Everything follows from the seed. Lengths are log-normal (median 600 words), words follow Zipf's law over a vocabulary
of 60,000: that is how text compresses and how large rows are that makes the numbers what they are.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

FOLDER = "records"
WORDS = 60_000
MEDIAN_WORDS = 600
SPREAD = 1.0
"""Sigma of the logarithm of a text's length: the mean is then about 990 words."""
LONGEST_WORDS = 30_000
FILE_ROWS = 500
ID_STEP = 1000
"""Identifiers are a thousand apart, so that a new one finds room between any two."""

_SYLLABLES = [
    "".join(pair) for pair in np.array(np.meshgrid(list("bcdfghklmnprstvwz"), list("aeiou"))).T.reshape(-1, 2)
]
_LANGUAGES = ["en", "de", "fr", "nl", "la"]
_GENRES = ["article", "advertisement", "letter", "notice", "poem", "report"]


class Corpus:
    """The folder that is harvested. Each change is one of the ways in which a collection differs a night later."""

    def __init__(self, base: Path, rows: int, seed: int) -> None:
        """base: the folder of the sources file; nothing is written yet."""
        self.folder = base / FOLDER
        self._seed = seed
        self._changes = 0
        self._files: dict[str, int] = {}
        self._used: set[int] = set()
        self._end = 0
        self.first_rows = rows
        words = np.random.default_rng([seed, 0])
        ends = np.cumsum(words.integers(1, 5, WORDS)).tolist()
        syllables = words.choice(_SYLLABLES, ends[-1]).tolist()
        self._words = np.array(["".join(syllables[a:b]) for a, b in zip([0, *ends], ends, strict=False)])
        weights = 1.0 / np.arange(1, WORDS + 1)
        self._below = np.cumsum(weights) / weights.sum()

    @property
    def rows(self) -> int:
        """How many records there are now."""
        return sum(self._files.values())

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum((self.folder / name).stat().st_size for name in self._files)

    def create(self) -> None:
        """The collection as it is first met, file by file."""
        self.folder.mkdir(parents=True)
        while self.rows < self.first_rows:
            count = min(FILE_ROWS, self.first_rows - self.rows)
            self._write(f"first-{len(self._files):04d}.jsonl", self._at_the_end(count))

    def append(self, share: float) -> None:
        """New records whose identifiers follow all that there are, in a file of their own."""
        self._changes += 1
        self._write(f"night-{self._changes:02d}-a.jsonl", self._at_the_end(self._count(share)))

    def scatter(self, share: float) -> None:
        """New records whose identifiers fall anywhere between those that there are, in a file of their own."""
        self._changes += 1
        random = self._random()
        numbers: list[int] = []
        while len(numbers) < self._count(share):
            number = int(random.integers(0, self._end))
            if number not in self._used:
                self._used.add(number)
                numbers.append(number)
        self._write(f"night-{self._changes:02d}-s.jsonl", sorted(numbers))

    def correct(self, share: float) -> None:
        """One word in the middle of some texts becomes another."""
        self._changes += 1
        random = self._random()
        for name, chosen in self._choose(share, random):
            lines = self._lines(name)
            for at in chosen:
                record = orjson.loads(lines[at])
                words = record["text"].split(" ")
                words[len(words) // 2] = "corrected" + str(random.choice(self._words))
                lines[at] = orjson.dumps(record | {"text": " ".join(words)})
            self._keep(name, lines)

    def withdraw(self, share: float) -> None:
        """Some records are not there any more."""
        self._changes += 1
        for name, chosen in self._choose(share, self._random()):
            gone = set(chosen)
            self._keep(name, [line for at, line in enumerate(self._lines(name)) if at not in gone])

    def _random(self) -> np.random.Generator:
        return np.random.default_rng([self._seed, 1, self._changes])

    def _count(self, share: float) -> int:
        return max(1, round(self.rows * share))

    def _at_the_end(self, count: int) -> list[int]:
        numbers = list(range(self._end, self._end + count * ID_STEP, ID_STEP))
        self._used.update(numbers)
        self._end += count * ID_STEP
        return numbers

    def _choose(self, share: float, random: np.random.Generator) -> Iterator[tuple[str, list[int]]]:
        """File and lines in it, of a random share of all records."""
        chosen = np.sort(random.choice(self.rows, self._count(share), replace=False))
        start = 0
        for name, rows in list(self._files.items()):
            here = chosen[(chosen >= start) & (chosen < start + rows)] - start
            start += rows
            if len(here):
                yield name, [int(at) for at in here]

    def _lines(self, name: str) -> list[bytes]:
        return (self.folder / name).read_bytes().splitlines()

    def _keep(self, name: str, lines: list[bytes]) -> None:
        (self.folder / name).write_bytes(b"\n".join(lines) + b"\n")
        self._files[name] = len(lines)

    def _write(self, name: str, numbers: list[int]) -> None:
        random = np.random.default_rng([self._seed, 2, self._changes, len(self._files)])
        self._keep(name, [orjson.dumps(self._record(number, random)) for number in numbers])

    def _record(self, number: int, random: np.random.Generator) -> dict[str, Any]:
        length = int(np.clip(random.lognormal(np.log(MEDIAN_WORDS), SPREAD), 10, LONGEST_WORDS))
        picked = self._words[np.searchsorted(self._below, random.random(length))].tolist()
        title, writer = self._words[random.integers(0, WORDS, 5)].tolist(), self._words[random.integers(0, 2000, 2)]
        year, month, day = 1800 + int(random.integers(0, 120)), random.integers(1, 13), random.integers(1, 29)
        return {
            "id": f"{number:012d}",
            "title": " ".join(title).capitalize(),
            "date": f"{year}-{month:02d}-{day:02d}",
            "creator": " ".join(str(name).capitalize() for name in writer),
            "publisher": f"Printing House No. {int(random.integers(1, 40))}",
            "language": _LANGUAGES[min(int(random.geometric(0.6)) - 1, len(_LANGUAGES) - 1)],
            "genre": _GENRES[int(random.integers(0, len(_GENRES)))],
            "shelfmark": f"{year % 97}/{int(random.integers(1, 10**6)):06d}",
            "text": " ".join(picked),
        }
