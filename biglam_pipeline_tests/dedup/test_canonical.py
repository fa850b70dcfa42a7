"""The canonical bytes of a text: two printings give one key, two texts never do."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.quality.canonical import SHORTEST, canonical, narrow, text_key

LONG = "The canal was opened in the presence of a great company."


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        # Latin, as printers and scanners have it
        ("The Canal,  opened!", "thecanalopened"),
        ("Poſſeſſion", "possession"),
        ("eﬃcient ﬂag ﬁne eﬀort ﬅ ﬆ", "efficientflagfineeffortstst"),
        ("Straße STRAẞE", "strassestrasse"),
        ("Cæsar œuvre Œuvre ĳzer", "caesaroeuvreoeuvreijzer"),
        ("para\N{SOFT HYPHEN}graph", "paragraph"),
        ("para¬\ngraph para-\ngraph para\N{HYPHEN}\ngraph", "paragraphparagraphparagraph"),
        ("e\N{COMBINING ACUTE ACCENT}té été", "eteete"),
        ("Zażółć gęślą jaźń, đak, øre, þing", "zazołcgeslajaznđakøreþing"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ　１８５１", "fullwidth1851"),
        ("m² ½ №", "m212no"),
        ("𝔉𝔯𝔞𝔨𝔱𝔲𝔯 😀", "fraktur"),
        # the other eleven scripts
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσσισυφοσ"),
        ("Μῆνιν ἄειδε, θεά", "μηνιναειδεθεα"),
        ("Москва Ёлка", "москваелка"),
        ("Господь, єгѡ̀ и҆ ѣсть", "господьєгѡиѣсть"),
        ("שָׁלוֹם", "שלום"),
        ("السَّلام ﻻ", "السلاملا"),
        ("देवनागरी लिपि, हिन्दी १८५७", "दवनगरलपहनद१८५७"),
        ("เมืองไทย", "เมองไทย"),
        ("Հայաստան ՀԱՅԱՍՏԱՆ և", "հայաստանհայաստանեւ"),
        ("საქართველო", "საქართველო"),
        ("日本語の本、𠀀", "日本語の本𠀀"),
        ("ガラス ｶﾞﾗｽ が", "カラスカラスか"),
        ("한국어", "한국어"),
        (unicodedata.normalize("NFD", "한국어"), "한국어"),
        # nothing to read
        ("", ""),
        ("— * § 1.", "1"),
        ("a\ud800b\udc00\ud800c", "abc"),
        ("a\ud800b😀\udc00c", "abc"),
    ],
)
def test_golden(text: str, letters: str) -> None:
    """A change of these means other keys for the same texts."""
    assert canonical(text).decode() == letters


@pytest.mark.parametrize(
    ("letters", "bytes_"),
    [
        ("thecanal", 8),
        ("канал", 5),
        ("καναλι", 6),
        ("السلام", 6),
        ("日本語の本", 10),
        ("한국어", 6),
        ("𠀀", 2),
        ("канал1851日", 11),
    ],
)
def test_a_letter_is_a_byte_and_an_ideograph_two(letters: str, bytes_: int) -> None:
    """So that a window of eight bytes is as long in one alphabet as in another."""
    assert len(narrow(letters.encode())) == bytes_


@pytest.mark.parametrize(
    "alphabet", ["абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω", "אבגדהוזחטיכלמנסעפצקרשת"]
)
def test_letters_of_one_alphabet_stay_apart(alphabet: str) -> None:
    assert len(set(narrow(alphabet.encode()))) == len(alphabet)
    assert not set(narrow(alphabet.encode())) & set(b"abcdefghijklmnopqrstuvwxyz0123456789")


def test_every_character_folds_to_what_stays_as_it_is() -> None:
    for first in range(0, 0x30000, 0x1000):
        text = "".join(map(chr, range(first, first + 0x1000)))
        once = canonical(text).decode()
        assert canonical(once).decode() == once
        assert canonical(text.replace("\n", "")).decode() == once


@given(st.text(alphabet=st.sampled_from("aE1ßſœéЖλ日ガ한ᄒ\u0301 -\ud800😀𝐀ﬁ"), max_size=12))
def test_all_paths_say_what_unicode_says(text: str) -> None:
    """Whatever else stands in a text decides by which table it goes, and must not decide what comes out."""
    plain = "".join(one for one in text if not "\ud800" <= one <= "\udfff")
    each = "".join(canonical(one).decode() for one in plain)
    assert canonical(text).decode() == unicodedata.normalize("NFC", each)


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


@pytest.mark.parametrize(("letter", "least"), [("x", SHORTEST), ("ж", SHORTEST), ("日", 13), ("한", 13)])
def test_the_shortest_text_that_has_one(letter: str, least: int) -> None:
    """An ideograph and a syllable say as much as two letters."""
    assert text_key(letter * least) is not None
    assert text_key(letter * (least - 1)) is None


@given(st.text(max_size=60))
def test_any_text_folds_to_what_stays_as_it_is(text: str) -> None:
    once = canonical(text).decode()
    assert canonical(once).decode() == once
