"""Labels and Notices of Local Contexts are known by name, code and address, and do what they say."""

import pytest

from biglam_pipeline.rights.labels import LABELS, UNKNOWN, read_label


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("TK Seasonal", "tk-seasonal"),
        ("TK S", "tk-seasonal"),
        ("tk_seasonal", "tk-seasonal"),
        ("seasonal", "tk-seasonal"),
        ("Traditional Knowledge Seasonal Label (TK S)", "tk-seasonal"),
        ("https://localcontexts.org/label/tk-secret-sacred/", "tk-secret-sacred"),
        ("http://www.localcontexts.org/fr/label/tk-secret-sacred/?x=1", "tk-secret-sacred"),
        ("TK Secret/Sacred (TK SS)", "tk-secret-sacred"),
        ("tk-tk_multiple_community", "tk-multiple-communities"),
        ("BC Non-Commercial", "bc-non-commercial"),
        ("BC NC", "bc-non-commercial"),
        ("BC Consent Non-Verified", "bc-consent-non-verified"),
        ("https://localcontexts.org/notice/attribution-incomplete/", "notice-attribution-incomplete"),
        ("Attribution Incomplete Notice", "notice-attribution-incomplete"),
        ("TK Notice", "notice-traditional-knowledge"),
        ("Biocultural (BC) Notice", "notice-biocultural"),
        ("Open to Collaborate", "notice-open-to-collaborate"),
    ],
)
def test_a_label_is_known_however_it_is_written(text: str, name: str) -> None:
    assert read_label(text) == LABELS[name]


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("TK A", "implies"),
        ("TK Verified", "implies"),
        ("BC Provenance", "implies"),
        ("TK NC", "nc"),
        ("BC NC", "nc"),
        ("TK Men Restricted", "blocks"),
        ("TK Women General", "blocks"),
        ("TK Community Use Only", "blocks"),
        ("TK Clan", "blocks"),
        ("Attribution Incomplete", "asks"),
        ("Open to Collaborate", "none"),
    ],
)
def test_what_a_label_does(text: str, effect: str) -> None:
    assert read_label(text).effect == effect


@pytest.mark.parametrize(
    "text", ["", "TK", "TK Z", "TK Secret", "a label", "https://example.org/tk-attribution", "TK A TK SS"]
)
def test_what_is_not_known_closes(text: str) -> None:
    assert read_label(text) is UNKNOWN
    assert UNKNOWN.effect == "blocks"


def test_every_label_reads_back_from_its_title_and_its_address() -> None:
    assert len(LABELS) == 42
    for name, known in LABELS.items():
        assert read_label(known.title) is known
        kind, _, rest = name.partition("-")
        slug = f"notice/{rest}" if kind == "notice" else f"label/{name}"
        assert read_label(f"https://localcontexts.org/{slug}/") is known
