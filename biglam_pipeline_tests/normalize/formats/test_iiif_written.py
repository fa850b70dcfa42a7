"""What is written on a canvas: transcriptions in the manifest, and the files that it names."""

import time
from typing import Any

import pytest

from biglam_pipeline.normalize.formats.iiif.written import written_on
from biglam_pipeline_tests.harvest.protocols.institution import manifest2, manifest3
from biglam_pipeline_tests.normalize.formats.test_iiif import HERE, first

MAPPED = {"text": "$transcription", "text_origin": {"const": "keyed"}, "extra": {"lists": "$annotation_lists >> list"}}

AGAIN = "transcription: said once more in another grain, left out"
OTHER = "transcription: another language is left out"


def said(text: str, grain: str | list[str] = "", **more: Any) -> dict[str, Any]:
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
            AGAIN,
        ),
        ([said("Eine", "word"), said("Zeile", "word")], "Eine Zeile", ""),
        ([said("Eins.", "paragraph"), said("Zwei.", "paragraph")], "Eins.\n\nZwei.", ""),
        ([said("Zeile"), said("Line", language="en")], "Zeile", OTHER),
        ([said("<p>Eins <b>und</b> zwei</p>", format="text/html")], "Eins und zwei", ""),
        ([{**said("Schönes Blatt"), "motivation": "commenting"}, said("Zeile")], "Zeile", ""),
        ([{**said("Zeile"), "motivation": ["tagging", "supplementing"]}], "Zeile", ""),
        ([{"motivation": "supplementing", "body": "https://a.org/text"}], None, ""),
        ([{"motivation": 7, "body": [None]}, None, "x"], None, ""),
        ([{**said("Zeile"), "motivation": "http://iiif.io/api/presentation/3#supplementing"}], "Zeile", ""),
        ([{"motivation": "supplementing", "bodyValue": "Zeile"}], "Zeile", ""),
        ([said("Eins zwei", ["line"]), said("Eins", "word")], "Eins zwei", AGAIN),
        ([said("Eins zwei", "https://example.org/granularity/line"), said("Eins", "word")], "Eins zwei", AGAIN),
        ([said("<p></p>", "block", format="text/html"), said("Zeile", "line")], "Zeile", ""),
        ([{**said("Zeile"), "id": "https://a.org/1"}, {**said("Zeile"), "id": "https://a.org/1"}], "Zeile", ""),
        ([said("Und"), said("Und")], "Und\nUnd", ""),
        ([said("Eins"), said("zwei", language=["DE", "en"]), said("drei", language="none")], "Eins\nzwei\ndrei", ""),
        ([said("Eins", language=["de"]), said("One", language=["en"])], "Eins", OTHER),
        ([said("Eins &amp; zwei\ndrei")], "Eins & zwei\ndrei", ""),
    ],
)
def test_a_transcription_is_read_once(annotations: list[Any], text: str | None, problem: str) -> None:
    row = first(third(*annotations), map=MAPPED)
    assert row.values.get("text") == text
    assert [one for one in row.problems if one.startswith("transcription")] == ([problem] if problem else [])
    assert row.values.get("image_url"), "the picture stays beside its text"


def body(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextualBody", "value": text, **more}


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ([body("Zeile"), body("Ort", purpose="tagging"), body("Schön", purpose=["commenting"])], "Zeile"),
        ({"type": "Choice", "items": [body("Zeile", language="de"), body("Line", language="en")]}, "Zeile"),
        ({"@type": "oa:Choice", "default": body("Zeile"), "item": [body("Reihe")]}, "Zeile"),
        (
            {"type": "Choice", "items": [{"id": "https://a.org/1", "type": "Text"}, body("Zeile"), body("Reihe")]},
            "Zeile",
        ),
        ({"type": "Composite", "items": [body("Eins"), body("zwei")]}, "Eins\nzwei"),
        ({"type": "SpecificResource", "source": body("Zeile")}, "Zeile"),
        ({"type": "SpecificResource", "purpose": "tagging", "source": body("Ort")}, None),
        ({"@type": ["cnt:ContentAsText", "dctypes:Text"], "cnt:chars": "Zeile"}, "Zeile"),
    ],
)
def test_bodies_are_taken_out_of_sets_and_choices(inside: Any, text: str | None) -> None:
    """https://www.w3.org/TR/annotation-model/#motivation-and-purpose : a body may stand there for another reason."""
    row = first(third({"motivation": "supplementing", "body": inside}), map=MAPPED)
    assert row.values.get("text") == text
    assert ("transcription: what else a Choice offers is left out" in row.problems) == ("Choice" in str(inside))


def test_a_purpose_counts_over_the_motivation() -> None:
    made = third({"motivation": "commenting", "body": [body("Zeile", purpose="supplementing"), body("Schön")]})
    assert first(made, map=MAPPED).values["text"] == "Zeile"


def test_what_is_painted_over_a_picture_is_not_read_from_it() -> None:
    made = third()
    made["items"][0]["items"][0]["items"].append({"motivation": "painting", "body": body("To the right a koto")})
    assert "text" not in first(made, map=MAPPED).values


@pytest.mark.slow  # a measurement of time
def test_many_pages_of_annotations_are_read_in_linear_time() -> None:
    pages = [{"type": "AnnotationPage", "items": [said(f"Zeile {number}", "line")]} for number in range(20_000)]
    began = time.process_time()
    facts, _ = written_on({"annotations": [*pages, "https://a.org/list"]})
    assert (str(facts["transcription"]).count("\n"), facts["annotation_lists"]) == (19_999, ["https://a.org/list"])
    assert time.process_time() - began < 5


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
        {"id": "/3.xml", "profile": ["http://www.loc.gov/standards/alto/", "http://a.org/other"]},
        {"@id": "https://a.org/4.xml", "dcterms:format": "application/alto+xml"},
    ]
    plain = [{"id": "https://a.org/1.txt", "format": "text/plain"}, "https://a.org/1.pdf"]
    mapped = {"extra": {name: f"${name} >> list" for name in ("alto", "hocr", "plain_text")}}
    assert first(third(seeAlso=beside, rendering=plain), map=mapped).extra == {
        "alto": ["https://a.org/1.xml", "https://a.org/2", "https://a.org/3.xml", "https://a.org/4.xml"],
        "hocr": ["https://a.org/1.html"],
        "plain_text": ["https://a.org/1.txt"],
    }
