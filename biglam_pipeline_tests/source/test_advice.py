"""What an entry without a fault still lacks, by `biglam check`."""

import pytest

from biglam_pipeline.cli.lint import advise
from biglam_pipeline_tests.source.conftest import One

ORIGIN = "no map.text_origin: rows say born_digital; write `text_origin: {const: ocr}`, or htr, keyed, corrected"


@pytest.mark.parametrize(
    ("normalize", "noted"),
    [
        ("{type: text}", True),
        ("{type: annotations}", True),
        ("{type: table, map: {text: body}}", True),
        ("{type: table, map: {title: body}}", False),
        ("{type: table, map: {text: body, text_origin: {const: ocr}}}", False),
        ("{type: mets_alto}", False),
        ("{type: tei}", False),
        ("{type: images}", False),
    ],
)
def test_text_is_born_digital_only_where_somebody_says_so(one: One, normalize: str, noted: bool) -> None:
    """Of a table or a file of words nobody can see whether it was scanned, typed or transcribed."""
    assert (ORIGIN in advise(one(normalize=normalize))) is noted


def test_of_several_readers_the_note_names_which(one: One) -> None:
    notes = advise(
        one(normalize="[{type: images, files: '*.jpg'}, {type: text, files: '*.txt', map: {config: {const: words}}}]")
    )
    assert f"READ 2: {ORIGIN}" in notes
