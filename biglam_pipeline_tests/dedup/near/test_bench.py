"""The generator's pages are what they are said to be, and the benchmark's goals hold on a small collection."""

from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from benchmarks import ocr_corpus
from benchmarks.dedup.__main__ import main
from benchmarks.dedup.scoring import score
from benchmarks.ocr_corpus import KIND, worn


@pytest.mark.slow  # of the generator; `make slow` measures with it
def test_a_corpus_follows_from_its_seed(tmp_path: Path) -> None:
    one, two = (ocr_corpus.make(tmp_path / name, 2500, 5) for name in ("one", "two"))
    other = ocr_corpus.make(tmp_path / "other", 2500, 6)
    files = [(corpus.folder / "texts.bin").read_bytes() for corpus in (one, two, other)]
    assert files[0] == files[1] != files[2]
    assert len(one.kind) == len(one.family) == len(one.offsets) - 1 == 2500
    assert np.bincount(one.kind, minlength=len(KIND)).min() > 5
    assert (np.diff(one.family) >= 0).all()


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.05, 0.10])
def test_so_many_letters_are_wrong(rate: float) -> None:
    text = "the canal was opened in the presence of a great company " * 400
    found = Levenshtein.normalized_distance(text, worn(text, rate, np.random.default_rng(1)))
    assert 0.85 * rate < found < 1.1 * rate


def test_what_a_grouping_is_worth(tmp_path: Path) -> None:
    corpus = ocr_corpus.make(tmp_path, 2500, 5)
    first = np.searchsorted(corpus.family, corpus.family)
    right = score(corpus, first)
    assert (right.recall, right.precision, right.lost) == (1, 1, 0)
    alone = score(corpus, np.arange(2500))
    assert (alone.recall, alone.lost) == (0, 0)
    wrong = first.copy()
    strangers = np.flatnonzero(corpus.kind == KIND["unrelated"])[:4]
    wrong[strangers] = strangers[0]
    assert score(corpus, wrong).lost == 3
    assert score(corpus, wrong).precision < 1


@pytest.mark.slow
def test_the_benchmark_in_small(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "--seed", "77"]) == 0
    assert "MISSED" not in capsys.readouterr().out
