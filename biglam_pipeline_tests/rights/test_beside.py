"""What is known beside a value: names, hosts, the day of retrieval, and the values that a person has read."""

from datetime import date

import pytest

from biglam_pipeline.rights.beside import Beside, fold_statement
from biglam_pipeline.rights.recognise import recognise

ASHBY = Beside(names=frozenset({"Museum of Ashby", "Ágnes Müller", "On the Tides", "Private"}))
VISIT = Beside(retrieved=date(2020, 6, 1))


@pytest.mark.parametrize(
    "value, alone, beside",
    [
        ("CC BY 4.0 Museum of Ashby", "unknown", "by"),
        ("CC BY 4.0 MUSEUM OF ASHBY", "unknown", "by"),
        ("Agnes Muller, CC BY 4.0", "unknown", "by"),
        ("\u201cOn the Tides\u201d, CC BY-SA 4.0", "unknown", "sa"),
        ("CC BY 4.0 Museum of Newby", "unknown", "unknown"),  # another name
        ("CC BY 4.0 Museum of Ashby Trust", "unknown", "unknown"),  # a longer one
        ("CC BY 4.0 Museum", "unknown", "unknown"),  # a part of it
        ("CC BY 4.0 Museum of Ashby except images", "unknown", "unknown"),  # a word of condition stays one
        ("CC BY 4.0, private", "unknown", "unknown"),  # a title that is only a word of use
        ("CC BY-NC 4.0 Museum of Ashby", "unknown", "nc"),
        ("Museum of Ashby, all rights reserved", "closed", "closed"),
    ],
)
def test_a_bare_name_is_harmless_if_it_is_the_records_own(value: str, alone: str, beside: str) -> None:
    assert recognise(value).tier == alone
    assert recognise(value, ASHBY).tier == beside


def test_the_words_that_were_not_understood_are_named() -> None:
    found = recognise("CC BY 4.0, Abbildungen ausgenommen")
    assert found.tier == "unknown"
    assert "ausgenommen" in found.unread
    assert found.problem.startswith("not understood: ")


def test_only_the_host_of_the_evidence_is_harmless() -> None:
    read = Beside(hosts=frozenset({"www.ashby.example"}))
    value = "CC BY 4.0, http://ashby.example/terms"
    assert recognise(value).unread == ("http://ashby.example/terms",)
    assert recognise(value, read).tier == "by"
    assert recognise("CC BY 4.0, http://ashby.example.net/terms", read).tier == "unknown"
    assert recognise("CC BY 4.0 only, http://ashby.example/terms", read).tier == "unknown"


@pytest.mark.parametrize(
    "values, tier",
    [
        (["Public domain since 2011"], "pd-claim"),
        (["CC BY 4.0 from 2019-12-31"], "by"),
        (["CC BY 4.0 seit 1. Januar 2015"], "by"),
        (["Embargo until 2015-06-01; CC BY 4.0"], "by"),
        (["CC BY 4.0", "info:eu-repo/date/embargoEnd/2015-01-01"], "by"),
        (["info:eu-repo/semantics/embargoedAccess info:eu-repo/date/embargoEnd/2015-01-01", "CC BY 4.0"], "by"),
        (["Public domain from 2034"], "unknown"),
        (["CC BY 4.0 from 2020"], "unknown"),  # the year is not over: the last day that the words can mean counts
        (["CC BY 4.0 from 05/06/2020"], "unknown"),  # the fifth of June, or the sixth of May
        (["Embargo until 2031; CC BY 4.0"], "unknown"),
        (["CC BY 4.0", "info:eu-repo/date/embargoEnd/2031-01-01"], "unknown"),
        (["CC BY 4.0 until 2015"], "unknown"),  # what ended is no licence
        (["CC BY 4.0 by 2015"], "unknown"),
        (["info:eu-repo/semantics/restrictedAccess", "Embargo until 2015; CC BY 4.0"], "closed"),
    ],
)
def test_a_date_before_the_visit_is_no_condition(values: list[str], tier: str) -> None:
    assert recognise(values, VISIT).tier == tier
    assert recognise(values).tier in ("unknown", "closed")  # without a day of retrieval no date is past


def test_the_end_of_an_embargo_is_kept() -> None:
    assert recognise("Embargo until 2031-05; CC BY 4.0").until == date(2031, 5, 31)
    assert recognise(["CC BY 4.0", "info:eu-repo/date/embargoEnd/2015-01-01"], VISIT).until == date(2015, 1, 1)


def test_access_says_nothing_of_rights() -> None:
    """info:eu-repo and COAR: open is neutral, closed, restricted and embargoed close."""
    for word in (
        "info:eu-repo/semantics/openAccess",
        "open access",
        "http://purl.org/coar/access_right/c_abf2",
        "Accès libre",
    ):
        assert recognise(word).tier == "unknown"
        assert recognise([word, "CC BY 4.0"]).tier == "by"
        assert recognise([word, "CC BY 4.0"]).problem == ""
    for word in (
        "info:eu-repo/semantics/closedAccess",
        "info:eu-repo/semantics/embargoedAccess",
        "http://purl.org/coar/access_right/c_16ec",
        "http://purl.org/coar/access_right/c_f1cf",
        "acceso restringido",
    ):
        assert recognise([word, "CC BY 4.0"]).tier == "closed"


SENTENCE = "No known restrictions on publication & use, says the donor."
READ = Beside(
    statements=(
        (SENTENCE, "nkc-1.0"),
        ("CC BY 4.0 except logos", "cc-by-4.0"),
        ("CC BY-NC 4.0 except logos", "cc-by-4.0"),
    )
)


def test_a_person_has_read_the_whole_value() -> None:
    """NFKC, entities and blanks are folded, nothing else; the key that was used is named, an unused one is not."""
    found = recognise("No known restrictions on\npublication &amp;  use, says the donor.", READ)
    assert (found.tier, found.read_by) == ("nkc", (SENTENCE,))
    assert recognise(SENTENCE + " Not!", READ).read_by == ()
    assert recognise(SENTENCE.upper(), READ).tier == "unknown"
    assert recognise(["CC BY 4.0 except logos", "CC0"], READ).read_by == ("CC BY 4.0 except logos",)
    assert fold_statement(" a\u00a0&amp;\n b ") == "a & b"


def test_a_person_opens_nothing_that_reads_as_closed_or_bound() -> None:
    keys = ("All rights reserved", "CC BY-NC 4.0", "CC BY-ND 4.0", "CC BY-NC 4.0 except logos", "In copyright. CC0")
    beside = Beside(statements=tuple((key, "cc0-1.0") for key in keys))
    for key in keys:
        found = recognise(key, beside)
        assert found.tier in ("closed", "nc", "nd", "unknown"), key
        assert found.read_by == (), key
    assert recognise("CC BY-NC 4.0 except logos", Beside(statements=((keys[3], "cc-by-nc-4.0"),))).tier == "nc"
    assert recognise("CC BY 4.0", Beside(statements=(("CC BY 4.0", "cc0-1.0"),))).tier == "by"  # read already
    review = "CC BY 4.0 except where otherwise noted"
    assert recognise(review).tier == "review"
    assert recognise(review, Beside(statements=((review, "cc-by-4.0"),))).tier == "by"
