"""Which Strings have a blank between them, and which elements a page has."""

import pytest

from biglam_pipeline_tests.normalize.bundles import alto, block, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome

SP = "<SP/>"


def _text(body: str, **settings: object) -> str:
    return str(Outcome({"p.xml": alto(body)}, **settings).records[0].values["text"])


@pytest.mark.parametrize(
    ("strings", "text"),
    [
        ("東 京 新 聞", "東京新聞"),
        ("ア メ リ カ 。", "アメリカ。"),
        ("กรุง เทพ", "กรุงเทพ"),
        ("ພາສາ ລາວ", "ພາສາລາວ"),
        ("ភាសា ខ្មែរ", "ភាសាខ្មែរ"),
        ("한국 신문", "한국 신문"),  # Korean divides its words
        ("שלום עולם", "שלום עולם"),
        ("السلام عليكم", "السلام عليكم"),
        ("東京 Times", "東京 Times"),
        ("A B", "A B"),
    ],
)
def test_scripts_that_divide_no_words_get_no_blanks(strings: str, text: str) -> None:
    """UAX 14, classes ID, CJ and SA. In other scripts a blank stands between Strings also where ALTO has no SP."""
    words = [word(one) for one in strings.split()]
    assert _text(block("a", "".join(words))) == text
    assert _text(block("a", *words)) == text, "nor at the end of a line"
    assert _text(block("a", "".join(words)), dehyphenate="no") == text
    assert _text(block("a", SP.join(words))) == strings, "an SP is a blank"


def test_a_page_that_names_its_dtd_loses_no_letter() -> None:
    """libxml2 only warns of an entity that an external DTD may declare, and left it out: "Mller"."""
    page = b'<!DOCTYPE alto SYSTEM "alto.dtd">' + alto(block("a", word("M&uuml;ller")))
    found = Outcome({"p.xml": page}).records[0]
    assert found.values["text"] == "Müller"
    assert found.problems == ("xml: HTML entity",)


def test_a_reading_order_that_names_a_block_again_and_again_takes_no_time() -> None:
    order = '<ElementRef REF="P1"/>' * 100_000
    body = block("a", *(word(f"w{number}") for number in range(5_000)))
    page = alto(body, more=f"<ReadingOrder><OrderedGroup>{order}</OrderedGroup></ReadingOrder>")
    assert len(Outcome({"p.xml": page}).records[0].values["text"].split()) == 5_000
