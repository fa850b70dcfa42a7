"""Characters and words are counted alike in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.quality.text import n_chars, n_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n\t ", 0),
        ("one", 1),
        ("one two\nthree", 3),
        ("l'année 1848", 3),
        ("co-operation", 2),
        ("snake_case", 2),
        ("cafe\u0301 noir", 2),
        ("हिन्दी भाषा", 2),
        ("1.000", 2),
        ("… — !", 0),
        ("\ue000 ", 0),
    ],
)
def test_words(text: str, words: int) -> None:
    assert n_words(text) == words


@given(st.text())
def test_counts_never_fail(text: str) -> None:
    assert 0 <= n_words(text) <= n_chars(text) == len(text)
