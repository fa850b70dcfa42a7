"""What a grouping is worth: recall by kind over isolated pairs, precision of pairs, documents that would be lost."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.ocr_corpus import KIND, VARIANTS, Corpus

SCORED = tuple(kind for kind in VARIANTS if kind != "excerpt")
"""An excerpt is neither a duplicate nor a mistake."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one grouping."""

    by_kind: dict[str, float]
    recall: float
    """Of all isolated pairs: families of an original and one variant, so that no third member helps."""
    precision: float
    """Pairs in one group that are duplicates, of all pairs in one group; with excerpts they count as neither."""
    lost: int
    """Documents that would be gone if one of each group were kept, and that repeat nothing."""


def score(corpus: Corpus, keeper: npt.NDArray[np.int64]) -> Score:
    """keeper: (documents,), equal for those of one group."""
    family, kind = corpus.family, corpus.kind
    pairs = np.flatnonzero(np.bincount(family)[family] == 2)
    pairs = pairs[kind[pairs] != KIND["base"]]
    pairs = pairs[np.isin(kind[pairs], [KIND[name] for name in SCORED])]
    found = keeper[pairs] == keeper[pairs - 1]
    by_kind = {name: float(found[kind[pairs] == KIND[name]].mean()) for name in SCORED}
    counted = kind != KIND["excerpt"]
    _, group = np.unique(keeper, return_inverse=True)
    together = _pairs(np.bincount(group[counted]))
    true = _pairs(np.unique(np.column_stack([group, family])[counted], axis=0, return_counts=True)[1])
    families = np.unique(np.column_stack([group, family]), axis=0)[:, 0]
    lost = int((np.bincount(families) - 1).sum())
    return Score(by_kind, float(found.mean()), true / max(together, 1), lost)


def _pairs(sizes: npt.NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
