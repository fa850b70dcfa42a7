"""Of several layers the strictest counts; a record that denies an open licence is not published by it."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.rights.access import read_access
from biglam_pipeline.rights.layers import (
    CONTRADICTED,
    SILENT,
    UNCOVERED,
    Aspect,
    Covers,
    Judgement,
    Layer,
    Said,
    judge,
    lets_through,
    refused_for_belief,
)
from biglam_pipeline.rights.policy import accepted_tiers
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.table import BY_URI, BY_WORD
from biglam_pipeline.rights.tiers import NEVER, rank
from biglam_pipeline_tests.examples import examples

CC0, BY, BY_NC, INC, PDM = "CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "InC-1.0", "PDM-1.0"
METADATA: frozenset[Aspect] = frozenset({"metadata"})
TEXT: frozenset[Aspect] = frozenset({"metadata", "text"})
PICTURE: frozenset[Aspect] = frozenset({"metadata", "images"})
OPEN = accepted_tiers("open")


def layer(license: str = "", covers: Covers = "all", **more: object) -> Layer:  # noqa: A002  (the key's own name)
    return Layer(covers, license, **{"evidenced": True, **more})  # type: ignore[arg-type]


def of(layers: list[Layer], parts: frozenset[Aspect], *of_object: str, **said: tuple[object, ...]) -> Judgement:
    return judge(layers, Said(of_object=of_object, **said), parts)  # type: ignore[arg-type]


def test_g01_the_strictest_layer_counts_whether_it_says_license_or_from() -> None:
    layers = [layer(INC, "text"), layer("", "metadata")]
    found = of(layers, TEXT, asked=((), (CC0,)))
    assert (found.statement.tier, found.tiers) == ("closed", "closed pd")
    turned = of([layer("", "text"), layer(CC0, "metadata")], TEXT, asked=(("All rights reserved",), ()))
    assert (turned.statement.tier, turned.tiers) == ("closed", "closed pd")
    both = of([layer("", "text"), layer("", "metadata")], TEXT, asked=((CC0,), (BY_NC,)))
    assert (both.statement.tier, both.tiers) == ("nc", "pd nc")


def test_a_layer_for_what_is_not_published_closes_nothing() -> None:
    layers = [layer(INC, "images"), layer(INC, "text"), layer(CC0, "metadata")]
    found = of(layers, METADATA)
    assert (found.statement.tier, found.tiers) == ("pd", f"{SILENT} {SILENT} pd")
    assert lets_through(found.tiers, [OPEN, OPEN, OPEN])


@pytest.mark.parametrize(
    ("covers", "parts"),
    [
        ("metadata", TEXT),
        ("metadata", PICTURE),
        ("text", TEXT),
        ("images", PICTURE),
        ("text", PICTURE),
        ("text", METADATA),
    ],
)
def test_g03_what_no_layer_covers_is_not_published(covers: Covers, parts: frozenset[Aspect]) -> None:
    found = of([layer(CC0, covers)], parts)
    assert found.statement.tier == "unknown"
    assert UNCOVERED in found.tiers.split()
    assert not lets_through(found.tiers, [OPEN])


@pytest.mark.parametrize(
    "denial",
    [
        "All rights reserved",
        "http://rightsstatements.org/vocab/InC/1.0/",
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "https://creativecommons.org/licenses/by-nd/4.0/",
        "http://rightsstatements.org/vocab/NoC-NC/1.0/",
        "http://rightsstatements.org/vocab/NoC-OKLR/1.0/",
        "In copyright",
        "© 2019 A Museum",
        "Embargoed until 2031",
        "Not to be published",
    ],
)
@pytest.mark.parametrize("parts", [TEXT, METADATA, PICTURE])
def test_g02_a_record_that_denies_the_licence_for_all_is_withheld(denial: str, parts: frozenset[Aspect]) -> None:
    found = of([layer(CC0)], parts, denial)
    assert (found.tiers, found.notes) == (CONTRADICTED, ("contradicted",))
    assert not lets_through(found.tiers, [accepted_tiers(["free", "nc", "nd", "review"])])
    hidden = of([layer(CC0)], parts, "Public domain", denial, "something nobody understands")
    assert hidden.tiers == CONTRADICTED, "a denial hides behind a statement that is not understood"


@pytest.mark.parametrize(
    ("licence", "said", "tiers"),
    [
        (BY, "© 2019 A Museum", "by"),  # who licenses holds the copyright
        (CC0, "Public domain", "pd"),
        (BY, "Public domain", "by"),
        (CC0, "No known copyright restrictions", "pd"),
        (CC0, "http://rightsstatements.org/vocab/CNE/1.0/", "pd"),
        (CC0, "ask the reading room", "pd"),
        (BY_NC, "CC BY-NC 4.0", "nc"),
    ],
)
def test_an_echo_and_a_belief_contradict_nothing_and_what_is_not_understood_is_advice(
    licence: str, said: str, tiers: str
) -> None:
    found = of([layer(licence)], TEXT, said)
    assert found.tiers == tiers
    assert found.statement.uri == recognise(licence).uri
    assert ("not_understood" in found.notes) == (recognise(said).tier == "unknown")


def test_a_description_stays_and_says_what_is_said_of_its_object() -> None:
    """Most of Europeana: the metadata is CC0, the object is not."""
    metadata = layer(CC0, "metadata")
    found = of([metadata], METADATA, "http://rightsstatements.org/vocab/InC/1.0/")
    assert (found.tiers, found.statement.tier) == ("pd", "pd")
    assert found.described is not None
    assert found.described.tier == "closed"
    assert of([metadata], METADATA).described is None
    for parts in (TEXT, PICTURE):
        other = layer(CC0, "text" if parts == TEXT else "images")
        withheld = of([metadata, other], parts, "All rights reserved")
        assert not lets_through(withheld.tiers, [OPEN, OPEN])
        assert withheld.described is None
    bare = of([layer(CC0, "metadata", evidenced=False)], METADATA, "All rights reserved")
    assert bare.tiers == CONTRADICTED, "nobody has read that the licence is of the metadata alone"
    beside = of([metadata, layer(BY, "all")], METADATA, "All rights reserved")
    assert beside.tiers == f"pd {CONTRADICTED}", "a layer for all speaks of the object too"


def test_what_the_format_marks_as_said_of_the_record_speaks_of_metadata() -> None:
    found = of([layer(CC0, "metadata")], METADATA, of_record=("All rights reserved",))
    assert found.tiers == CONTRADICTED
    assert (
        of([layer(CC0, "text"), layer("", "metadata")], TEXT, of_record=("CC0",), asked=((), ("CC0",))).tiers == "pd pd"
    )


def test_overrule_opens_what_a_person_has_decided_and_nothing_else() -> None:
    found = of([layer(CC0, overrules=True)], TEXT, "All rights reserved")
    assert (found.tiers, found.basis, found.notes) == ("pd", "overruled", ("overruled",))
    assert of([layer(CC0, overrules=True, evidenced=False)], TEXT, "All rights reserved").tiers == CONTRADICTED
    assert of([layer("", overrules=True)], TEXT, asked=(("All rights reserved",),)).tiers == "closed"
    assert of([layer(INC, overrules=True)], TEXT, "CC0").tiers == "closed"


def test_a_choice_among_statements_does_not_hide_the_others() -> None:
    """`from: dc:rights[1]` reads one of two; the other is heard all the same."""
    found = of([layer()], TEXT, "CC BY 4.0", "CC BY-NC 4.0", asked=(("CC BY 4.0",),))
    assert found.tiers == CONTRADICTED


@pytest.mark.parametrize(
    ("value", "tier"),
    [
        ("info:eu-repo/semantics/openAccess", None),
        ("http://purl.org/coar/access_right/c_abf2", None),
        ("Unrestricted online access", None),
        ("open access", None),
        ("Open for research.", None),
        ("info:eu-repo/semantics/closedAccess", "closed"),
        ("info:eu-repo/semantics/restrictedAccess", "closed"),
        ("info:eu-repo/semantics/embargoedAccess", "closed"),
        ("http://purl.org/coar/access_right/c_16ec", "closed"),
        ("Restricted to staff until 2031", "closed"),
        ("Closed by order of the donor", "closed"),
        ("by appointment only", "unknown"),
        ("Embargo ended in 2015", "unknown"),
    ],
)
def test_access_opens_nothing_and_closed_access_closes(value: str, tier: str | None) -> None:
    found = read_access(value)
    assert (found.tier if found else None) == tier
    judged = of([layer(CC0)], TEXT, access=(value,))
    assert (judged.tiers == CONTRADICTED) == (tier == "closed")
    assert ("not_understood" in judged.notes) == (tier == "unknown")
    assert of([layer()], TEXT, access=(value,), asked=((),)).statement.tier in NEVER


def test_a_person_has_read_it_only_where_there_is_evidence() -> None:
    lines = (("see the box", PDM), ("All rights reserved", PDM))
    found = of([layer(statements=lines)], TEXT, asked=(("See the box".replace("S", "s"),),))
    assert (found.tiers, found.notes) == ("pd", ("line: see the box",))
    assert of([layer(statements=lines, evidenced=False)], TEXT, asked=(("see the box",),)).tiers == "unknown"
    assert of([layer(statements=lines)], TEXT, asked=(("All rights reserved",),)).tiers == "closed"
    assert of([layer(statements=lines)], TEXT, asked=(("see the boxes",),)).tiers == "unknown"
    assert "not_understood" not in of([layer(CC0, statements=lines)], TEXT, "see  the\nbox").notes


def test_what_stands_beside_is_asked_for_only_where_it_can_help() -> None:
    asked: list[int] = []

    def names() -> frozenset[str]:
        asked.append(1)
        return frozenset({"Mary Ward"})

    judge([layer()], Said(asked=((CC0,),)), TEXT, names, date(2026, 1, 2))
    assert not asked
    judge([layer()], Said(asked=(("see Mary Ward",),)), TEXT, names, date(2026, 1, 2))
    assert asked


@pytest.mark.parametrize(
    ("tiers", "accepted", "belief"),
    [
        ("pd-us", [OPEN], "pd-us"),
        ("pd pd-claim", [OPEN, OPEN], "pd-claim"),
        ("- nkc", [OPEN, OPEN], "nkc"),
        ("nc nkc", [OPEN, OPEN], ""),
        ("closed", [OPEN], ""),
        ("contradicted", [OPEN], ""),
        ("pd-us", [accepted_tiers("free")], ""),
        ("pd-us", [], ""),
    ],
)
def test_j_rows_withheld_only_for_a_belief_are_told_apart(
    tiers: str, accepted: list[frozenset[str]], belief: str
) -> None:
    assert refused_for_belief(tiers, accepted) == belief


@pytest.mark.parametrize("tiers", ["", "-", "- -", "pd pd", "nonsense", "pd uncovered", "uncovered", " "])
def test_a_judgement_that_is_not_understood_refuses(tiers: str) -> None:
    assert not lets_through(tiers, [OPEN])
    assert not lets_through(tiers, [])


def test_no_acceptance_lets_a_tier_through_that_nothing_may_accept() -> None:
    everything = frozenset({"unknown", "closed", CONTRADICTED, UNCOVERED})
    assert not any(lets_through(tier, [everything]) for tier in NEVER)


VALUES = ["", CC0, BY, BY_NC, INC, "Public domain", "All rights reserved", "?", "NoC-US", "http://x.org/terms"]
KINDS: list[Covers] = ["all", "metadata", "text", "images"]


@examples(300)
@given(
    st.lists(
        st.tuples(st.sampled_from([v for v in VALUES if v not in ("?", "http://x.org/terms")]), st.sampled_from(KINDS)),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.sampled_from(VALUES[1:]), max_size=3),
    st.sampled_from([METADATA, TEXT, PICTURE, TEXT | PICTURE]),
    st.sampled_from(VALUES),
)
def test_nothing_passes_that_one_layer_closes(
    drawn: list[tuple[str, Covers]], values: list[str], parts: frozenset[Aspect], asked: str
) -> None:
    """The promise: what passes is covered in every part, and no layer that counts is closed, nor denied."""
    layers = [layer(licence, covers) for licence, covers in drawn]
    said = Said(tuple((asked,) if asked and not one.license else () for one in layers), tuple(values))
    found = judge(layers, said, parts)
    if not lets_through(found.tiers, [OPEN] * len(layers)):
        return
    counting = [one for one in layers if any(one.is_about(part) for part in parts)]
    assert all(any(one.is_about(part) for one in layers) for part in parts)
    for one in counting:
        own = recognise((one.license,) if one.license else (asked,))
        assert own.tier in OPEN
        assert rank(found.statement.tier) >= rank(own.tier)
        if one.covers != "metadata":
            denied = [recognise([one.license or asked, value]).tier for value in values]
            assert not {"nc", "nd", "review", "closed"} & set(denied)


@examples(100)
@given(st.permutations([layer(CC0, "metadata"), layer(BY, "text"), layer(BY_NC, "images")]))
def test_the_order_of_layers_says_nothing(layers: list[Layer]) -> None:
    assert of(layers, TEXT).statement.uri == recognise(BY).uri
    assert of(layers, TEXT | PICTURE).statement.uri == recognise(BY_NC).uri


def test_h_every_statement_is_known_again_by_its_name() -> None:
    for statement in {*BY_URI.values(), *BY_WORD.values()}:
        name = statement.rights_name
        assert name or statement.tier in NEVER, statement
        again = recognise(name)
        assert not name or (again.tier, again.rights_name) == (statement.tier, name), statement


def test_two_layers_for_one_part_both_count() -> None:
    for first, second in itertools.permutations([CC0, BY_NC]):
        assert of([layer(first), layer(second)], METADATA).statement.tier == "nc"
