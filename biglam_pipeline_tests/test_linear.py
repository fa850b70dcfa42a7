"""Expressions in linear time find what Python's own would have found."""

import re
import time
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biglam_pipeline.linear import Regex

LETTERS = [
    r"\w",
    r"\W",
    r"\d",
    r"\D",
    r"\s",
    r"\S",
    r"[\w.]",
    r"[^\w]",
    r"[\W\d]",
    r"[^\W\d_]",
    r"[^\s,]",
    r"[a-zß]",
    "[^a]",
]
LETTERS += ["i", "s", "k", "ß", "µ", "İ", "ı", "ſ", "K", "[a-z]", "[^a-z]", "[À-Þ]", "."]


@cache
def every_letter() -> str:
    return "".join(chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000)


def spans(found: re.Match[str] | None, groups: int) -> list[tuple[int, int]] | None:
    return [found.span(number) for number in range(groups + 1)] if found else None


@pytest.mark.representative(8)  # further classes
@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize("flags", ["(?i)", "", "(?a)", "(?ia)", "(?s)"])
def test_a_class_holds_the_letters_that_python_puts_in_it(letters: str, flags: str) -> None:
    """Every sign of Unicode, in one text: RE2's own classes hold ASCII only, and fold other letters."""
    text, ours = every_letter(), Regex(f"{flags}({letters})+")
    for theirs in re.finditer(f"{flags}({letters})+", text):
        run = text[max(0, theirs.start() - 1) : theirs.end() + 1]
        found = ours.search(run)
        assert found is not None
        assert found[0] == theirs[0]
    missed = re.sub(f"{flags}{letters}", "", text)
    assert Regex(f"{flags}{letters}").search(missed) is None


CHARACTERS = "aAbsSkKiI19_ -.\n\téßµμſKıİ٣\u00a0\u2028Ж"
PIECES = ["a", "é", "s", "K", "İ", r"\n", r"\w", r"\W", r"\d", r"\s", r"\S", ".", "[ab]", "[^a]", r"[\w.]", r"[^\W\d_]"]
REPEATS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?"]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    wrapped = ["({})", "(?i:{})", "(?s:{})", "(?m:^{}$)", "(?:{}|b)", "(?:1|{})"]
    return (
        st.builds(str.format, st.sampled_from(wrapped), inner)
        | st.builds("{}{}".format, inner, inner)
        | st.builds("(?:{}){}".format, inner, st.sampled_from(REPEATS))
    )


@given(
    st.sampled_from(["", "(?i)", "(?a)", "(?s)", "^"]),
    st.recursive(st.sampled_from(PIECES), grown, max_leaves=8),
    st.sampled_from(["", "$", r"\Z"]),
    st.text(st.sampled_from(CHARACTERS), max_size=10),
)
@example("", ".*", "$", "Map\n")
@example("", "(.*)", "$", "Map\n")
@example("", "(?:(a)|(b))+", "$", "ab\n")
@example("", "(?:b|a$)", r"\Z", "a\n")
@example("", "$", "^", "\n")
@example("", "a$", "(?m:^)", "a\n")
def test_an_expression_finds_what_python_finds(front: str, middle: str, back: str, text: str) -> None:
    try:
        ours = Regex(front + middle + back)
    except ValueError as refused:
        why = str(refused)  # what a linear search finds otherwise is refused, and nothing else
        assert "may be empty" in why or "behind $" in why
        return
    theirs = re.compile(front + middle + back)
    found = ours.search(text)
    assert ([found.span(number) for number in range(ours.groups + 1)] if found else None) == spans(
        theirs.search(text), theirs.groups
    )
    assert ours.groups == theirs.groups


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        (r"\bMap", r"(?:^|\W)"),
        (r"[ab]\B", r"\w"),
        ("(?=a)b", "put what is wanted in (...)"),
        ("a(?!b)", "put what is wanted in (...)"),
        ("(?<=a)b", "put what is wanted in (...)"),
        (r"(a)\1", "write what it would find once more"),
        (r"(?i)(?P<x>a)(?P=x)", "write what it would find once more"),
        ("(a)?(?(1)b|c)", "divided by |"),
        ("(?>a+)b", "(?:...)"),
        ("a++b", "leave that + out"),
        ("(a*)*", "write + for the inner *"),
        (r"a$\n", "leave it out"),
        ("a{2000}", "write it shorter"),
        (r"\p{L}", r"[^\W\d_]"),
        ("(a", "unterminated"),
        ("(" * 5000, "regular expression"),
    ],
)
def test_what_takes_longer_is_refused_with_a_way_out(pattern: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=re.escape(remedy)):
        Regex(pattern)


def test_half_a_pair_of_a_broken_name_is_a_letter_as_any_other() -> None:
    found = Regex(r"^([^.]+)\.csv$").search("M\udce4rz.csv")
    assert found is not None
    assert found[1] == "M\udce4rz"
    assert Regex("\udce4").search("M\udce4rz") is not None
    assert Regex(r"\w+").search("\udce4") is None  # as in Python
    for pattern in (
        r"[\ud000-\ue000]",
        r"[\w\udce4]",
        r"[^\ud800-\udfff]",
        r"[\U00010000-\U0010ffff]",
        r"(?i)[\udce4é]",
    ):
        for text in ("\udce4", "\ud000", "é", "\U0001f600"):
            assert bool(Regex(pattern).search(text)) is bool(re.search(pattern, text)), (pattern, text)


@pytest.mark.parametrize("pattern", ["(x+x+)+y", "(x|xx)+y", "x*x*x*x*x*y", "(?i)(.*x){3,40}y"])
def test_h46_no_text_makes_it_run_long(pattern: str) -> None:
    began = time.process_time()
    assert Regex(pattern).search("x" * 20_000) is None
    assert time.process_time() - began < 5
