"""Punctuation of a catalogue card that belongs to no value."""

import pytest

from biglam_pipeline.fields.isbd import before_next_area


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("London :", "London"),
        ("E.J. Brill,", "E.J. Brill"),
        ("Ann Arbor, MI ; Oxford (UK) :", "Ann Arbor, MI ; Oxford (UK)"),
        ("Reading, Mass. :", "Reading, Mass."),
        ("[London]", "[London]"),
        ("Printed by S. Simmons ...,", "Printed by S. Simmons ..."),
        ("24 p. ;", "24 p."),
        ("10 v. +", "10 v."),
        ("Learning C++ /", "Learning C++"),
        ("E=", "E="),
        (": /", ""),
        ("", ""),
    ],
)
def test_what_leads_to_the_next_area_goes(text: str, value: str) -> None:
    assert before_next_area(text) == value
    assert before_next_area(value) == value
