"""What an entry says of rights is refused where it cannot hold, at its line, before anything is harvested."""

from datetime import date
from pathlib import Path

import pytest

from biglam_pipeline.cli.lint import advise
from biglam_pipeline.source import load_sources
from biglam_pipeline.source.layers import line_for, uncovered
from biglam_pipeline.source.rights import Rights
from biglam_pipeline.source.today import latest_day
from biglam_pipeline_tests.source.conftest import Faults, One, entry

READ = "evidence: https://a.org/r, checked: 2026-01-31"


@pytest.mark.parametrize(
    ("normalize", "covers", "bare"),
    [
        (
            "{map: {text: b, text_origin: {const: ocr}}}",
            "metadata",
            "texts would be published, and no layer covers text",
        ),
        ("mets_alto", "metadata", "texts would be published"),
        ("images", "metadata", "pictures would be published, and no layer covers images"),
        ("{with: {image: {files: '*.jpg', by: {a: $name}}}}", "metadata", "pictures would be published"),
        ("{map: {title: a}}", "text", "descriptions would be published, and no layer covers metadata"),
        ("mets_alto", "images", "descriptions and texts would be published"),
        ("{modality: image, map: {image_url: a, text: b}}", "metadata", "texts would be published"),
    ],
)
def test_g03_what_no_layer_covers_is_a_fault(faults: Faults, normalize: str, covers: str, bare: str) -> None:
    [reported] = faults(normalize=normalize, rights=f"{{license: CC0-1.0, covers: {covers}, {READ}}}")
    assert f"x.rights: {bare}" in reported


@pytest.mark.parametrize(
    ("normalize", "covers"),
    [
        ("{map: {title: a}}", "metadata"),
        ("{map: {image_url: a}}", "metadata"),  # an address of a picture is metadata
        ("oai_dc", "metadata"),
        ("mets_alto", "all"),
        ("images", "all"),
    ],
)
def test_what_is_covered_is_none(one: One, normalize: str, covers: str) -> None:
    source = one(normalize=normalize, rights=f"{{license: CC0-1.0, covers: {covers}, {READ}}}")
    assert not uncovered(source.rights, source.parts)


def test_layers_cover_together(one: One) -> None:
    layers = f"[{{license: CC0-1.0, covers: metadata, {READ}}}, {{from: $rights, covers: text, {READ}}}]"
    source = one(normalize="mets_alto", rights=layers)
    assert [sorted(tiers) for tiers in source.accepted_by_layer] == [["by", "pd", "sa"]] * 2
    assert list(source.asked) == ["rights_from_1"]


def test_several_layers_may_ask_the_records(one: One) -> None:
    asks = f"[{{from: a, covers: metadata, {READ}}}, {{from: b, covers: text, {READ}}}]"
    source = one(normalize="{map: {text: c, text_origin: {const: ocr}}}", rights=asks)
    assert list(source.asked) == ["rights_from_0", "rights_from_1"]


def test_g06_a_day_to_come_is_a_fault_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "sources:\n" + entry(rights=None) + "    rights:\n      - license: CC0-1.0\n        checked: 2026-02-01\n"
    )
    reported = load_sources([path], today=date(2026, 1, 31)).faults["x"]
    assert len(reported) == 1
    assert reported[0].startswith(
        "s.yaml:8: x.rights.0.checked: 2026-02-01 is to come, and is no day on which somebody"
    )
    assert not load_sources([path], today=date(2026, 2, 1)).faults
    assert load_sources([path], today=latest_day()).sources


def test_the_clock_is_asked_where_nobody_hands_a_day_in(faults: Faults) -> None:
    [reported] = faults(rights="{license: CC0-1.0, checked: 2999-01-01}")
    assert "2999-01-01 is to come" in reported


@pytest.mark.parametrize(
    ("rights", "what"),
    [
        (
            "{license: CC0-1.0, overrule: {because: they agreed, rows: 3}}",
            "`overrule` is a person's word; it needs evidence",
        ),
        (f"{{from: a, {READ}, overrule: {{because: they agreed, rows: 3}}}}", "it needs `license:`"),
        (f"{{license: CC0-1.0, {READ}, overrule: {{because: they agreed}}}}", "`rows` is required"),
        (f"{{license: CC0-1.0, {READ}, overrule: {{rows: 3}}}}", "`because` is required"),
        (
            "{from: a, statements: {see the box: PDM-1.0}}",
            "`statements` is a person's word; it needs evidence and checked",
        ),
        (
            f"{{from: a, {READ}, statements: {{All rights reserved: PDM-1.0}}}}",
            "reads as closed, and no line opens that",
        ),
        (f"{{from: a, {READ}, statements: {{CC BY-NC: PDM-1.0}}}}", "reads as nc, and no line opens that"),
        (f"{{from: a, {READ}, statements: {{see the box: ID}}}}", "is no id of a statement that can be published"),
        (f"{{from: a, {READ}, statements: {{see the box: InC-1.0}}}}", "is no id of a statement that can be published"),
        (f'{{from: a, {READ}, statements: {{a  b: PDM-1.0, "a b": PDM-1.0}}}}', "stands there twice"),
        (f"{{from: a, accept: free, {READ}}}", "write `custodian_url` too"),
        ("{from: a, accept: closed}", "closed is never accepted"),
    ],
)
def test_what_cannot_hold(faults: Faults, rights: str, what: str) -> None:
    reported = faults(rights=rights)
    assert any(what in one for one in reported), reported


@pytest.mark.parametrize(
    ("custodian", "evidence", "good"),
    [
        ("https://www.a.org/", "https://a.org/terms", True),
        ("https://a.org/about", "https://data.a.org/terms", True),
        ("https://a.org/", "https://example.com/terms", False),
        ("https://a.org/", "https://nota.org/terms", False),
        ("https://a.org/", "https://a.org.example.com/terms", False),
        ("https://data.a.org/", "https://a.org/terms", False),
    ],
)
def test_free_needs_the_custodians_own_page(
    one: One, faults: Faults, custodian: str, evidence: str, good: bool
) -> None:
    rights = f"{{from: a, accept: free, evidence: {evidence}, checked: 2026-01-31}}"
    if good:
        assert one(rights=rights, custodian_url=custodian).accepted == {"pd", "by", "sa", "pd-us", "nkc", "pd-claim"}
        return
    assert "needs evidence on the custodian's own page" in faults(rights=rights, custodian_url=custodian)[0]


@pytest.mark.parametrize(
    ("rights", "note"),
    [
        (f"{{license: public domain, {READ}}}", "tier pd-claim, which `accept: open` does not let through"),
        (f"{{license: public domain, {READ}}}", "write `accept: [open, pd-claim]`"),
        (f"{{license: InC-1.0, {READ}}}", "tier closed, which nothing may accept"),
        (f"{{license: CC-BY-NC-4.0, accept: [open, pd-us], {READ}}}", "write `accept: [open, pd-us, nc]`"),
        (f"[CC0-1.0, {{license: InC-1.0, covers: images, {READ}}}]", "closes nothing"),
    ],
)
def test_g08_what_will_not_be_published_is_said_by_check(one: One, rights: str, note: str) -> None:
    assert any(note in reported for reported in advise(one(rights=rights)))
    assert not any(
        "nothing will be published" in reported for reported in advise(one(rights=f"{{license: CC0-1.0, {READ}}}"))
    )


def test_j_the_line_is_for_the_layer_that_refuses() -> None:
    described = Rights(license="CC0-1.0", covers="metadata", accept=("pd", "nkc"))
    text = Rights.model_validate({"from": "$rights", "covers": "text"})
    assert line_for([described, text], "nkc") == "accept: [open, nkc]"
    assert line_for([text, described], "by") == "accept: [pd, by, nkc]"
