"""Folding, dates, tables, and that a value is read in a number of steps that grows with its length alone."""

import sys
from datetime import date
from types import FrameType

import pytest

from biglam_pipeline.rights.dates import date_at, take_end_of_embargo
from biglam_pipeline.rights.folding import MOST_CHARACTERS, fold, letters, tokens
from biglam_pipeline.rights.lexicon import KINDS, LEXICON
from biglam_pipeline.rights.reading import read
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.table import BY_WORD, word_key


def test_folding() -> None:
    assert fold("CC&#x20;BY\u2011NC\u00a0\uff14.0") == "CC BY-NC 4.0"
    assert fold("B\u00adY\u200b") == "BY"
    assert letters("Nicht-kommerziell") == letters("NichtKommerziell") == "nichtkommerziell"
    links = '<a rel="license" href="https://x.example/">CC <b>BY</b></a><br><img alt="not" src=\'y\'/>'
    assert fold(links).split() == ["https://x.example/", "CC", "BY", "not", "y"]
    assert [token.first for token in tokens(fold("U.S. law. Not this; that\nall"))] == [
        True, False, False, True, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        "CC BY 4.0 <not for images>",
        "<only metadata> CC0",
        "<a not href='https://creativecommons.org/licenses/by/4.0/'>CC BY 4.0</a>",
        "<!-- formerly --> CC BY 4.0",
        "<del>CC BY 4.0</del>",
        "CC BY 4.0 <andy@example.org>",
        "1 < 2, CC BY 4.0 > 3",
        '<img alt="not" src="https://i.creativecommons.org/l/by/4.0/88x31.png"/>',
    ],
)
def test_what_stands_in_angle_brackets_is_text_unless_it_is_markup(value: str) -> None:
    assert recognise(value).tier == "unknown"


def test_markup_says_nothing() -> None:
    chooser = (
        '<a rel="license" href="http://creativecommons.org/licenses/by/4.0/"><img alt="Creative Commons License" '
        'style="border-width:0" src="https://i.creativecommons.org/l/by/4.0/88x31.png" /></a><br />This work is '
        'licensed under a <a rel="license" href="http://creativecommons.org/licenses/by/4.0/">Creative Commons '
        "Attribution 4.0 "
        "International License</a>."
    )
    assert recognise(chooser).uri == "http://creativecommons.org/licenses/by/4.0/"
    assert recognise("CC BY 4.0 <https://creativecommons.org/licenses/by/4.0/>").tier == "by"


@pytest.mark.parametrize(
    "written, day",
    [
        ("2031", date(2031, 12, 31)),
        ("2031-02", date(2031, 2, 28)),
        ("1 January 2031", date(2031, 1, 1)),
        ("1. ledna 2031", date(2031, 1, 1)),
        ("5 de junio de 2031", date(2031, 6, 5)),
        ("05.06.2031", date(2031, 6, 5)),
        ("05/06/2031", date(2031, 6, 5)),
        ("31/12/2031", date(2031, 12, 31)),
        ("31", None),
        ("2031-13", None),
        ("soon", None),
    ],
)
def test_the_last_day_that_a_date_can_mean(written: str, day: date | None) -> None:
    assert date_at(tokens(fold(written)), 0)[0] == day


def test_the_end_of_an_embargo_in_its_vocabulary() -> None:
    assert take_end_of_embargo("info:eu-repo/date/embargoEnd/2031-01-01")[0] == [date(2031, 1, 1)]
    assert take_end_of_embargo("a info:eu-repo/date/embargoEnd/2031-02 b") == ([date(2031, 2, 28)], "a   b")
    assert take_end_of_embargo("from 2031") == ([], "from 2031")
    assert recognise("2015-01-01").tier == "unknown"


def test_the_tables_say_nothing_twice() -> None:
    """No harmless word of one language is a word of condition of another: a word is read in its sentence's table."""
    kinds: dict[tuple[str, ...], set[str]] = {}
    for phrase in LEXICON.phrases:
        assert phrase.kind in KINDS
        kinds.setdefault(phrase.words, set()).add(phrase.kind)
        if phrase.kind == "statement" and phrase.statement not in (
            "closed",
            "closed access",
            "review",
            "nkc",
            "noc-us",
        ):
            assert phrase.statement == "public-domain-claimed" or word_key(phrase.statement) in BY_WORD, phrase
    for words, found in kinds.items():
        assert "condition" not in found or found <= {"condition", "term", "since", "ended"}, (words, found)


def test_no_statement_hides_behind_another() -> None:
    made: dict[tuple[str, ...], set[str]] = {}
    for phrase in LEXICON.phrases:
        if phrase.kind == "statement":
            made.setdefault(phrase.words, set()).add(phrase.statement)
    assert {words: found for words, found in made.items() if len(found) > 1} == {}


PIECES = [
    "<", "<a ", "<a b=c ", '<a href="', "(c)", "CC BY ", "creative commons ", "by-", "BY NC SA ", "\u00a9 A ", "https://",
    "http://a ",
    "public domain in the ", "embargo until 1 ", "not ", "of the ", "&amp;", "&#", "1.", "\ufdfa", "a.", "[",
    "info:eu-repo/semantics/", "has waived all copyright and related or ", "attribution ", "Aa ", "since 1 january ",
]  # fmt: skip


def _steps(value: str) -> int:
    """How many functions are called to read a value."""
    steps = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read.__wrapped__(value)
    finally:
        sys.setprofile(None)
    return steps


@pytest.mark.representative(9)  # further beginnings
@pytest.mark.parametrize("piece", PIECES)
def test_steps_grow_with_the_length(piece: str) -> None:
    """Twice the length costs twice the steps: 500 bytes never cost what 5,000,000 should."""
    short, long = (piece * (length // len(piece)) for length in (1_000, 4_000))
    assert _steps(long) <= 4.6 * _steps(short) + 1_000
    assert recognise(piece * (30_000 // len(piece))).tier in ("unknown", "closed")


def test_a_value_that_is_a_text_is_unknown_or_stricter() -> None:
    filler = "CC BY 4.0 " * (MOST_CHARACTERS // 10)
    assert recognise(filler).tier == "by"
    assert recognise(filler + "CC BY 4.0").tier == "unknown"
    assert recognise(filler + "All rights reserved").tier == "closed"
