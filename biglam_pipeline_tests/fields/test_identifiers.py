"""What a pattern takes has its scheme's mark in it and begins as it may: what does not need not be matched."""

import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, data, from_regex

from biglam_pipeline.fields.identifiers import _SCHEMES


@pytest.mark.parametrize("place", range(len(_SCHEMES)))
@given(drawn=data())
def test_what_a_pattern_takes_has_its_mark(place: int, drawn: DataObject) -> None:
    _, begins, mark, pattern, _ = _SCHEMES[place]
    text = drawn.draw(from_regex(pattern, fullmatch=True))
    assert not text.isascii() or (mark in text.lower() and text[0].lower() in begins)
