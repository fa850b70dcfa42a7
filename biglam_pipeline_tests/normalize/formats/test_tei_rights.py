"""TEI: nothing that a header says of rights is dropped, and what is said of metadata opens no text."""

import pytest

from biglam_pipeline_tests.normalize.formats.test_tei import P5, RIGHTS, columns_of, rows_of, tei

CC_BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("more", "inside", "said"),
    [
        ("", "<licence>Not sold. <p>CC BY</p> Not for AI.</licence>", ["Not sold.", "CC BY", "Not for AI."]),
        ("", "<licence><p>CC BY</p><note>Only for research.</note></licence>", ["CC BY", "Only for research."]),
        ("", f"All rights reserved.<licence target='{CC_BY}'/>", [CC_BY, "All rights reserved."]),
        ("", "<p>CC BY</p>But not yet", ["CC BY", "But not yet"]),
        ("", "<licence target='licence.txt'/>", ["licence.txt"]),
        ("", "<licence target='#cc'>CC BY</licence>", ["CC BY"]),
        ("", f"<p>See <xref url='{CC_BY}'>it</xref></p>", [CC_BY, "See it"]),
        ("type='recordings'", "<p>Closed</p>", ["Closed"]),
        ("", "<p>Metadata and data may not be copied</p>", ["Metadata and data may not be copied"]),
        ("", "<p>Text and metadata: CC0</p>", ["Text and metadata: CC0"]),
    ],
)
def test_all_words_of_an_availability_are_heard(more: str, inside: str, said: list[str]) -> None:
    assert columns_of(RIGHTS.format(more, inside)).get("rights_raw") == said


@pytest.mark.parametrize(
    "words",
    [
        "The metadata of this edition are CC0",
        "The metadata describing this text is CC0",
        "This file's metadata is CC0",
        "The text metadata is CC0",
        "Die Metadaten dieser Edition sind CC0",
    ],
)
def test_a_licence_of_the_metadata_of_a_text_is_none_of_the_text(words: str) -> None:
    found = columns_of(RIGHTS.format("", f"<licence><p>{words}</p></licence>"))
    assert (found.get("rights_raw"), found.get("record_rights_raw")) == (None, [words])


def test_a_header_inside_a_text_is_heard() -> None:
    open_, shut = (
        f"<teiHeader>{RIGHTS.format('', said)}</teiHeader>"
        for said in (f"<licence target='{CC_BY}'/>", "<p>All rights reserved</p>")
    )
    inner = f"<TEI>{shut}<text><body><p>a</p></body></text></TEI>"
    for inside in (inner, f"<text><group>{inner}</group></text>"):
        (row,) = rows_of(f"<TEI xmlns='{P5}'>{open_}{inside}</TEI>")
        assert (row.values["text"], row.values["rights_raw"]) == ("a", [CC_BY, "All rights reserved"])


def test_prose_and_foreign_metadata_of_a_header_are_heard() -> None:
    def said(header: str) -> object:
        (row,) = rows_of(tei("<p>a</p>", f"<teiHeader>{header}</teiHeader>"))
        return row.values.get("rights_raw")

    stated = "<fileDesc><publicationStmt><p>{}</p></publicationStmt></fileDesc>"
    assert said(stated.format("Oxford, 2001. All rights reserved.")) == ["Oxford, 2001. All rights reserved."]
    assert said(stated.format(f"See <ref target='{CC_BY}'>it</ref>")) == [CC_BY]
    assert said(stated.format("Unpublished")) is None
    rights = "<dc:rights xmlns:dc='http://purl.org/dc/elements/1.1/'>All rights reserved</dc:rights>"
    assert said(f"<fileDesc/><xenoData>{rights}</xenoData>") == ["All rights reserved"]


def test_a_header_speaks_for_no_text_outside_of_its_own_corpus() -> None:
    """Two envelopes of one name are two: what opens the texts of the first says nothing of those of the second."""
    header = f"<teiHeader>{RIGHTS.format('', f'<licence target={CC_BY!r}/>')}</teiHeader>"
    text = "<TEI><text><body><p>a</p></body></text></TEI>"
    found = rows_of(f"<texts><part>{header}{text}{text}</part><part>{text}</part></texts>")
    assert [row.values.get("rights_raw") for row in found] == [[CC_BY], [CC_BY], None]
