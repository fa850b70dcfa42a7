"""Broken words: joined with their own second half, or left as they are printed."""

import pytest

from biglam_pipeline_tests.normalize.bundles import alto, block, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome, div, fptr, group, mets, mods

HYP, EMPTY_HYP = '<HYP CONTENT="-"/>', '<HYP CONTENT=""/>'
KIRCHEN = word("Kirchen-")


def _text(body: str, **settings: object) -> str:
    return str(Outcome({"p.xml": alto(body)}, **settings).records[0].values["text"])


def _lines(first: str, second: str, *more: str) -> str:
    """Two lines of one block, and words that stand elsewhere in the file."""
    return block("a", first, second) + (block("z", "".join(map(word, more))) if more else "")


MARKED = [
    (
        "x01 hyp_cross: halves of two words in two blocks",
        "Fon-",
        "Fontanes",
        "Hugo",
        "Victor-Hugo",
        True,
        "Fon-\n\nHugo",
    ),
    ("halves of two words in one block", "Fon-", "Fontanes", "Hugo", "Victor-Hugo", False, "Fon- Hugo"),
    ("one says the whole", "mea", "measure", "sure", "", False, "measure"),
    ("none says the whole, in one block", "mea", "", "sure", "", False, "measure"),
    ("none says the whole, in two blocks", "mea", "", "sure", "", True, "mea-\n\nsure"),
    ("a comma was read as a full stop", "mea", "measure,", "sure.", "measure.", False, "measure."),
    ("both say the same, wrongly", "aver", "averAge", "age", "averAge", False, "average"),
    ("the hyphen was left in", "sub", "sub-icribers", "icribers", "sub-icribers", False, "sub-icribers"),
    ("porte-plume", "porte", "porte-plume", "plume,", "porte-plume", False, "porte-plume,"),
    ("NDNP", "skirmish", "skirmish-line.", "line.", "skirmish-line.", False, "skirmish-line."),
    ("a capital and a comma", "(Marie", "Marie-Anne", "Anne),", "Marie-Anne", False, "(Marie-Anne),"),
    ("Polish repeats the hyphen", "biało", "biało-czerwony", "-czerwony", "biało-czerwony", False, "biało-czerwony"),
    ("German k-k", "(Zuk", "Zucker", "ker,", "Zucker", False, "(Zucker,"),
    ("Dutch diaeresis", "ge", "geïnd", "ind", "geïnd", False, "geïnd"),
    ("Dutch diminutive", "auto", "autootje", "tje", "autootje", False, "autootje"),
    ("Swedish three consonants", "till", "tillägg", "lägg", "tillägg", False, "tillägg"),
    ("Hungarian", "asz", "asszony", "szony", "asszony", False, "asszony"),
    ("SUBS_CONTENT says another word", "mea", "treasure", "sure", "treasure", False, "measure"),
    ("a dash that SUBS_CONTENT leaves out", "sat—", "satthat", "that", "satthat", False, "sat—that"),
    ("a compound with a capital", "Marie", "Marie-Anne", "Anne", "Marie-Anne", False, "Marie-Anne"),
    ("years", "1823", "1823-24", "24", "1823-24", False, "1823-24"),
    ("a suspended hyphen that ALTO joins", "Kirchen", "Kirchenund", "und", "Kirchenund", False, "Kirchen- und"),
    ("the same over two blocks", "Kirchen", "Kirchenund", "und", "Kirchenund", True, "Kirchen-\n\nund"),
]


@pytest.mark.parametrize("row", MARKED, ids=[row[0] for row in MARKED])
def test_a_second_half_belongs_to_the_same_word_or_comes_next_in_the_block(row: tuple[str, ...]) -> None:
    _, first, whole, second, other, apart, text = row
    one, two = word(first, 1, whole) + HYP, word(second, 2, other)
    if not whole:
        one = one.replace('SUBS_CONTENT=""', "")
    assert _text(block("a", one) + block("b", two) if apart else block("a", one, two)) == text


def test_the_words_own_hyphen_goes_only_where_the_joined_word_stands_in_the_file() -> None:
    first, second = word("Birk", 1, "Birk-man,") + HYP, word("man,", 2, "Birk-man,")
    assert _text(_lines(first, second)) == "Birk-man,"
    assert _text(_lines(first, second, "Birkman")) == "Birkman,\n\nBirkman"


@pytest.mark.parametrize(
    ("first", "second", "whole", "text"),
    [("de l'avo", "cat du", "l'avocat", "de l'avocat du zzz"), ("(mea", "sure),", "measure", "(measure), zzz")],
)
def test_what_is_printed_around_two_halves_is_not_lost(first: str, second: str, whole: str, text: str) -> None:
    """Also where something stands between the halves, and SUBS_CONTENT has the bare word."""
    assert _text(block("a", word(first, 1, whole) + HYP, word("zzz") + word(second, 2, whole))) == text


@pytest.mark.parametrize("mark", ["-", "\u00ac", "\u2010", "\u2e17", "="])
def test_a_hyphen_that_nothing_marks_goes_where_the_word_stands_whole(mark: str) -> None:
    first = word(f"quin{mark}")
    assert _text(_lines(first, word("tal"))) == f"quin{mark} tal", "it may belong to the word"
    assert _text(_lines(first, word("tal"), "quintal")) == "quintal\n\nquintal"
    assert _text(_lines(first, word("tal,"), "Quintal.")) == "quintal,\n\nQuintal.", "case and marks tell nothing"
    assert _text(_lines(first, word("tal"), "quintaux")) == f"quin{mark} tal\n\nquintaux"


def test_the_joined_word_stands_at_least_as_often_as_the_hyphenated_one() -> None:
    first, second = word("to-"), word("day")
    assert _text(_lines(first, second, "today", "to-day")) == "today\n\ntoday to-day"
    assert _text(_lines(first, second, "today", "to-day", "To-day")) == "to- day\n\ntoday to-day To-day"


def test_only_the_same_file_is_evidence() -> None:
    made = mets(group(("A", "a.xml"), ("B", "b.xml")), ("PHYSICAL", div(div(fptr("A")), div(fptr("B")))))
    files = {
        "m.xml": made,
        "a.xml": alto(_lines(word("quin-"), word("tal"))),
        "b.xml": alto(block("a", word("quintal"))),
    }
    assert Outcome(files, "issue").records[0].values["text"] == "quin- tal\n\nquintal"


@pytest.mark.parametrize(
    "second",
    [
        "und",
        "oder",
        "bis",
        "bzw.",
        "u.",
        "sowie",
        "en",
        "och",
        "og",
        "ja",
        "and",
        "et",
        "või",
        "un",
        "in",
        "és",
        "an",
        "agus",
        "ac",
        "ir",
        "și",
        "и",
        "και",
    ],
)
@pytest.mark.parametrize("marked", ["", HYP])
def test_a_suspended_hyphen_is_never_joined(second: str, marked: str) -> None:
    """ "Kirchen- und Schulsachen"; also where chance has the joined word in the file ("land- en", "landen")."""
    first = word("Kirchen") + marked if marked else KIRCHEN
    joined = f"Kirchen{second}".rstrip(".")
    assert (
        _text(_lines(first, word(second) + word("Schulsachen"), joined)) == f"Kirchen- {second} Schulsachen\n\n{joined}"
    )


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("Bau", "Polizei", "Bau- Polizei"),
        ("1823", "24", "1823- 24"),
        ("mea", "&amp;", "mea- &"),
        ("MEA", "SURE", "MEASURE"),
        ("e\u0301", "te\u0301", "e\u0301te\u0301"),
        ("dn\ue5dc", "s", "dn\ue5dcs"),  # MUFI
    ],
)
def test_what_a_printed_hyphen_joins_is_letters_without_a_capital_in_the_midst(
    first: str, second: str, text: str
) -> None:
    assert _text(_lines(word(first) + HYP, word(second))) == text


def test_a_hyphen_within_a_line_or_at_the_end_of_a_block_breaks_nothing() -> None:
    assert _text(block("a", word("quin-") + word("tal"), word("quintal"))) == "quin- tal quintal"
    assert _text(block("a", word("quin-")) + block("b", word("tal"), word("quintal"))) == "quin-\n\ntal quintal"


def test_a_soft_hyphen_is_no_letter_of_any_word() -> None:
    assert _text(_lines(word("mea\u00ad"), word("sure"))) == "measure"


PAGE = block("a", word("A") + word("mea", 1, "measure") + HYP, word("sure", 2, "measure") + word("B")) + block(
    "b", word("to") + HYP, word("wn"), word("quin-"), word("tal"), word("quintal")
)


def test_dehyphenate_no_keeps_the_lines_as_printed() -> None:
    found = Outcome({"p.xml": alto(PAGE)}, dehyphenate="no").records[0].values
    assert found["text"] == "A mea-\nsure B\n\nto-\nwn\nquin-\ntal\nquintal"
    assert found["transforms"] == ["alto-text/2"]


def test_transforms_say_only_what_was_done() -> None:
    assert Outcome({"p.xml": alto(PAGE)}).records[0].values["transforms"] == ["alto-text/2", "dehyphenated/3"]
    whole = block("a", word("A") + word("B"), KIRCHEN, word("und"))
    assert Outcome({"p.xml": alto(whole)}).records[0].values["transforms"] == ["alto-text/2"]


ND = "https://creativecommons.org/licenses/by-nd/4.0/"


@pytest.mark.parametrize(
    "said", [ND, "CC BY-NC-ND 4.0", "cc by nd, see our site", "Keine Bearbeitung", "No derivatives!"]
)
@pytest.mark.parametrize("rows", ["page", "issue"])
def test_where_a_record_allows_no_derivatives_nothing_is_joined(said: str, rows: str) -> None:
    described = mods("D", f"<m:accessCondition>{said}</m:accessCondition>")
    made = mets(group(("A", "a.xml")), ("PHYSICAL", div(div(fptr("A")), DMDID="D")), described=described)
    found = Outcome({"m.xml": made, "a.xml": alto(PAGE)}, rows).records
    assert [one.values["text"].split("\n")[0] for one in found] == ["A mea-"]
    assert found[0].values["transforms"] == ["alto-text/2"]
    free = mets(
        group(("A", "a.xml")), ("PHYSICAL", div(div(fptr("A")), DMDID="D")), described=described.replace(said, "CC0")
    )
    assert Outcome({"m.xml": free, "a.xml": alto(PAGE)}, rows).records[0].values["text"].startswith("A measure B")
