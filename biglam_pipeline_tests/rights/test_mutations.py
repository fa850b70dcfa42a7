"""Open statements with a word, an element or a unit more never open; closed ones in other joints neither."""

import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.rights.statements import BELIEFS, BETWEEN, OPEN, labelled

FREE = OPEN | BELIEFS
ONE_VALUE = [statement for statement, _ in labelled() if BETWEEN not in statement]
FREE_ONES = [statement for statement in ONE_VALUE if recognise(statement).tier in FREE]
BOUND_ONES = [statement for statement in ONE_VALUE if recognise(statement).tier in ("nc", "nd")]
ENDS_IN_UNIT = [s for s in FREE_ONES if recognise(s).tier in OPEN and s[-1:].isdigit() and "//" not in s]


def _conditions() -> list[tuple[str, str]]:
    text = resources.files("biglam_pipeline.rights").joinpath("conditions.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["kind"] == "condition"]
    return [(row["language"], word) for row in rows for word in row["words"].split("|")]


CONDITIONS = _conditions()
LANGUAGES = frozenset({"en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "no", "fi", "pl", "cs", "ru"})
JOINTS = [
    "-", "/", "_", ",", ":", ";", " ", " - ", "\u2013", "\u2014", "\u2010", "\u2011", "\u2012", "\u2015", "\u2212",
    "\u00b7", "\u30fb", "\u2022", " (", " [", "|", "&#8209;", "\u00ad-", "\u200b-", "\u00a0",
]  # fmt: skip


def test_every_language_has_words_of_condition() -> None:
    assert {language for language, _ in CONDITIONS} >= LANGUAGES
    for language in LANGUAGES:
        assert sum(one == language for one, _ in CONDITIONS) >= 40, language


@pytest.mark.representative(len(CONDITIONS) // 120)  # every third of them, so of every language
@pytest.mark.parametrize("number", sorted(range(0, len(CONDITIONS), 40), key=lambda number: number // 40 % 3))
def test_a_word_of_condition_on_either_side_closes(number: int) -> None:
    """Condition, time, scope, doubt, exception and denial of every listed language, in front and behind."""
    for offset, (_, word) in enumerate(CONDITIONS[number : number + 40]):
        for statement in FREE_ONES[(number + offset) % 19 :: 19]:
            for mutation in (f"{word} {statement}", f"{statement} {word}", f"{statement} ({word.upper()})"):
                assert recognise(mutation).tier not in FREE, mutation


@pytest.mark.representative(60)  # further joints
@pytest.mark.parametrize("joint", JOINTS)
@pytest.mark.parametrize(
    "element", ["NC", "ND", "nc", "nd", "XX", "NonCommercial", "keine Bearbeitung", "no comercial"]
)
def test_an_element_behind_any_joint_closes(joint: str, element: str) -> None:
    assert len(ENDS_IN_UNIT) > 10
    for statement in ENDS_IN_UNIT:
        assert recognise(f"{statement}{joint}{element}").tier not in OPEN, (statement, joint, element)


@pytest.mark.representative(9)  # further joints
@pytest.mark.parametrize("joint", JOINTS)
def test_other_joints_open_nothing_that_is_bound(joint: str) -> None:
    assert len(BOUND_ONES) > 50
    for statement in BOUND_ONES:
        for old in ("-", " ", "\u2013"):
            assert recognise(statement.replace(old, joint)).tier not in FREE, (statement, old, joint)
        for written in (statement.upper(), statement.lower(), statement.title()):
            assert recognise(written).tier not in FREE, written


UNITS = ["by_nc", "by_nc_sa", "bync", "by.nc", "by+nc", "by%2Fnc", "byy", "b", "y", "by-nx", "by-sa-xx", "xx", "by-by"]


@pytest.mark.parametrize("unit", UNITS)
def test_an_unknown_unit_of_an_address_is_unknown(unit: str) -> None:
    """Units end at /, ?, # or the end; an unknown one is never taken for the nearest."""
    for end in ("/4.0/", "/4.0", "/4.0?ref=chooser", "/4.0/deed.de", "/4.0#x"):
        assert recognise(f"https://creativecommons.org/licenses/{unit}{end}").tier == "unknown"


@pytest.mark.parametrize(
    "address",
    [
        "https://creativecommons.org/licenses/by/9.9/",
        "https://creativecommons.org/licenses/by/4.1/",
        "https://creativecommons.org/licenses/by/4.0/zz/",
        "https://creativecommons.org/licenses/by/4.0/de/",
        "https://creativecommons.org/licenses/by/4.0/nc",
        "https://creativecommons.org/licenses/by/4.0/deed.de/nc",
        "https://creativecommons.org/publicdomain/zero/2.0/",
        "http://rightsstatements.org/vocab/NoC-US/2.0/",
        "http://rightsstatements.org/vocab/NoC-XX/1.0/",
        "http://rightsstatements.org/vocab/NKC/1.0/more",
        "https://creativecommons.org.example.net/licenses/by/4.0/",
        "https://creativecommons.org@example.net/licenses/by/4.0/",
        "https://example.net/creativecommons.org/licenses/by/4.0/",
        "https://example.net/?l=https://creativecommons.org/licenses/by/4.0/",
        "http://web.archive.org/web/2010/http://creativecommons.org/licenses/by/4.0/",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/9/",
    ],
)
def test_an_unknown_version_jurisdiction_or_host_is_unknown(address: str) -> None:
    found = recognise(address)
    assert (found.tier, found.unread) == ("unknown", (address,))


MIXED = """CC BY SA NC ND 4.0 3.0 0 Creative Commons Attribution by © Museum of Ashby 2031 until images metadata only
licensed under the public domain in https://creativecommons.org/licenses/by/4.0/ , . - ? ( ) / not no"""
WORDS = st.sampled_from(MIXED.split())


@examples(300)
@given(st.lists(WORDS, max_size=12).map(" ".join), st.sampled_from([word for _, word in CONDITIONS]))
def test_no_mixture_opens_with_a_word_of_condition(mixture: str, word: str) -> None:
    assert recognise(f"{mixture} {word}").tier not in FREE
    assert recognise(f"{word} {mixture}").tier not in FREE


@examples(300)
@given(st.sampled_from(FREE_ONES), st.sampled_from([word for _, word in CONDITIONS]), st.integers(0, 40))
def test_a_word_of_condition_closes_wherever_it_stands(statement: str, word: str, place: int) -> None:
    words = statement.split(" ")
    for inserted in (word, word.title()):
        mutation = " ".join([*words[:place], inserted, *words[place:]])
        assert recognise(mutation).tier not in FREE
