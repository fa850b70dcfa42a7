"""Fifty thousand documents through Dagster and through the search alone: the same clusters, keepers, similarities."""

from pathlib import Path

import pytest

from benchmarks import ocr_corpus
from benchmarks.dedup import journey


@pytest.mark.slow
@pytest.mark.parametrize(("documents", "processes"), [(50_000, 2)])
def test_the_pipeline_finds_what_the_search_alone_finds(tmp_path: Path, documents: int, processes: int) -> None:
    corpus = ocr_corpus.make(tmp_path / "corpus", documents, 31)
    reported = journey.compare(corpus, tmp_path / "run", processes)
    assert reported.differing == []
    assert reported.rows + reported.dropped == documents
    assert reported.marked > documents / 6
    assert reported.dropped > documents / 50
