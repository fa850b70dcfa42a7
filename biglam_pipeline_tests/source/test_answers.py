"""What was written is an answer; what only holds its place is none."""

import pytest

from biglam_pipeline.source.answers import is_answer, is_contact, is_placeholder, same_person
from biglam_pipeline.source.documentation import Documentation
from biglam_pipeline.source.ethics import Ethics


@pytest.mark.parametrize(
    "text",
    [
        "TODO", "todo.", "To do", "T.B.D.", "tbd", "TBA", "tbc!", "fixme", "x", "XXX", "n/a", "N.A.", "NA", "-",
        "—", "...", "…", "?", "???", "none", "None.", "nil", "unknown", "Unknown", "not known",
        "Not applicable", "not available", "no information", "to be written", "To be determined", "to be added",
        "coming soon", "placeholder", "lorem ipsum dolor sit amet", "[More Information Needed]",
        "More information needed", "<fill in>", "fill this in later", "(pending)", "TODO TODO", "todo: tbd",
        "n/a; n/a", "[add description here]", "insert text here", "see above", "  ", "", "\n", "**TODO**",
        "_tbd_", "not known:", "not known: ?", "not known: tbd", "not known: x", "don't know",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_answer(text: str) -> None:
    assert not is_answer(text)
    assert not is_answer(text, sentence=True)


@pytest.mark.parametrize(
    "text",
    [
        "not known: the donor was asked in 2019 and did not say",
        "Not known : nobody kept a list.",
        "Two registers are lost.",
        "None of the war years is left.",
        "Unknown hands added notes in the margins.",
        "N/A is how the clerks marked what they had not seen.",
        "X-ray plates of the city hospital.",
        "教区の記録を保存するため。",
        "All.  Nothing was left out.",
    ],
)
def test_a_sentence_is_an_answer(text: str) -> None:
    assert is_answer(text, sentence=True)


@pytest.mark.parametrize("text", ["Registers", "registers registers", "Newspapers.", "Handwriting!"])
def test_one_word_answers_a_name_and_no_question(text: str) -> None:
    assert is_answer(text)
    assert not is_answer(text, sentence=True)
    assert not is_placeholder(text)


def test_contacts_are_addresses() -> None:
    assert is_contact("desk@ashby.example.org")
    assert is_contact("The desk, <https://ashby.example.org/people>")
    assert not is_contact("the desk")
    assert not is_contact("@ashby")
    assert "contact (an e-mail address or a page)" in Documentation(contact="the desk").undocumented


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("the registrar", "The Registrar.", True),
        ("A. Reader", "a reader", True),
        ("Dr. A. Reader", "A Reader", True),
        ("the registrar", "the archivist", False),
        ("A. Reader", "B. Reader", False),
    ],
)
def test_one_person_is_not_two(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same


def test_harmful_language_asks_for_an_advisory() -> None:
    said = Ethics.model_validate({"content_advisory": "none", "harmful_language": {"expected": "yes"}}).unsettled
    assert any("content_advisory (harmful language is expected" in name for name in said)
    said = Ethics.model_validate({"content_advisory": "specific", "content_advisory_text": "x"}).unsettled
    assert "ethics.content_advisory_text" in said


def test_labels_that_contradict_the_answer_are_reported() -> None:
    one = {"label": "tk-attribution", "project_uri": "https://example.org/p"}
    said = Ethics.model_validate({"indigenous_or_tk": {"present": "no", "labels": [one]}}).unsettled
    assert "ethics.indigenous_or_tk.present (labels say yes)" in said
    one = {"label": "Attribution Incomplete Notice", "project_uri": "https://example.org/p"}
    reported = Ethics.model_validate({"indigenous_or_tk": {"present": "no", "labels": [one]}})
    assert any("asks whose it is" in name for name in reported.unsettled)
    assert reported.indigenous_or_tk.withheld_because == []
    one = {"label": "Open to Collaborate notice", "project_uri": "https://example.org/p"}
    reported = Ethics.model_validate({"indigenous_or_tk": {"present": "no", "labels": [one]}})
    assert not any("indigenous" in name for name in reported.unsettled)


@pytest.mark.parametrize("decision", ["", "x", "todo", "yes", "Agreed."])
def test_a_decision_says_who_decided_what(decision: str) -> None:
    """CARE, authority to control: a placeholder or a single word is no decision of anybody."""
    reported = Ethics.model_validate({"indigenous_or_tk": {"present": "yes", "authority_decision": decision}})
    assert reported.indigenous_or_tk.withheld_because
