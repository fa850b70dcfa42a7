"""What is written on a canvas: transcriptions in the manifest, and the files that it names."""

from typing import Any

import pytest

from biglam_pipeline_tests.harvest.protocols.institution import manifest2, manifest3
from biglam_pipeline_tests.normalize.formats.test_iiif import HERE, first

MAPPED = {"text": "$transcription", "text_origin": {"const": "keyed"}, "extra": {"lists": "$annotation_lists >> list"}}


def said(text: str, grain: str = "", **more: Any) -> dict[str, Any]:
    body = {"type": "TextualBody", "value": text, "language": "de", **more}
    return {"motivation": "supplementing", "body": body, **({"textGranularity": grain} if grain else {})}


def third(*annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = manifest3(HERE, "A work", 1)
    made["items"][0] |= {"annotations": [{"type": "AnnotationPage", "items": list(annotations)}], **more}
    return made


@pytest.mark.parametrize(
    ("annotations", "text", "problem"),
    [
        ([said("Erste Zeile"), said("zweite.")], "Erste Zeile\nzweite.", ""),
        (
            [said("Eine Zeile", "line"), said("Eine", "word"), said("Zeile", "word"), said("noch eine", "line")],
            "Eine Zeile\nnoch eine",
            "transcription: said once more in another grain, left out",
        ),
        ([said("Eine", "word"), said("Zeile", "word")], "Eine Zeile", ""),
        ([said("Eins.", "paragraph"), said("Zwei.", "paragraph")], "Eins.\n\nZwei.", ""),
        ([said("Zeile"), said("Line", language="en")], "Zeile", "transcription: another language is left out"),
        ([said("<p>Eins <b>und</b> zwei</p>", format="text/html")], "Eins und zwei", ""),
        ([{**said("Schönes Blatt"), "motivation": "commenting"}, said("Zeile")], "Zeile", ""),
        ([{**said("Zeile"), "motivation": ["tagging", "supplementing"]}], "Zeile", ""),
        ([{"motivation": "supplementing", "body": "https://a.org/text"}], None, ""),
        ([{"motivation": 7, "body": [None]}, None, "x"], None, ""),
    ],
)
def test_a_transcription_is_read_once(annotations: list[Any], text: str | None, problem: str) -> None:
    row = first(third(*annotations), map=MAPPED)
    assert row.values.get("text") == text
    assert [one for one in row.problems if one.startswith("transcription")] == ([problem] if problem else [])
    assert row.values.get("image_url"), "the picture stays beside its text"


def test_version_2_paints_its_text_in_lists() -> None:
    made = manifest2(HERE, "A work", 1)
    line = {"@type": "cnt:ContentAsText", "chars": "Erste Zeile", "format": "text/plain"}
    resources = [{"@type": "oa:Annotation", "motivation": "sc:painting", "resource": line}]
    outside = {"@id": "https://a.org/list/1", "@type": "sc:AnnotationList"}
    made["sequences"][0]["canvases"][0]["otherContent"] = [
        {"@type": "sc:AnnotationList", "resources": resources},
        outside,
    ]
    row = first(made, map=MAPPED)
    assert (row.values["text"], row.extra["lists"]) == ("Erste Zeile", ["https://a.org/list/1"])


def test_files_with_the_text_are_known_by_profile_or_format() -> None:
    """As Wellcome, the BSB and FromThePage name them."""
    beside = [
        {"id": "https://a.org/1.xml", "profile": "http://www.loc.gov/standards/alto/v3/alto.xsd", "format": "text/xml"},
        {"id": "https://a.org/2", "format": "application/xml+alto"},
        {"id": "https://a.org/1.html", "profile": "http://kba.cloud/hocr-spec/1.2/", "format": "text/vnd.hocr+html"},
        {"id": "https://a.org/mets.xml", "format": "text/xml"},
    ]
    plain = [{"id": "https://a.org/1.txt", "format": "text/plain"}, "https://a.org/1.pdf"]
    mapped = {"extra": {name: f"${name} >> list" for name in ("alto", "hocr", "plain_text")}}
    assert first(third(seeAlso=beside, rendering=plain), map=mapped).extra == {
        "alto": ["https://a.org/1.xml", "https://a.org/2"],
        "hocr": ["https://a.org/1.html"],
        "plain_text": ["https://a.org/1.txt"],
    }
