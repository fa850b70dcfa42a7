"""Annotations that stand beside the canvases of a manifest belong to the canvas that they are on."""

import json
from typing import Any

import pytest

from biglam_pipeline_tests.harvest.protocols.institution import manifest2, manifest3
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records, unmapped
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out
from biglam_pipeline_tests.normalize.formats.test_iiif import HERE
from biglam_pipeline_tests.normalize.formats.test_iiif_written import MAPPED, said

CANVAS = f"{HERE}/canvas/2"
PAGE = {"type": "AnnotationPage"}


def texts(manifest: dict[str, Any]) -> tuple[list[str | None], dict[str, int]]:
    found = read_one(reader(type="iiif", map=MAPPED), "m.json", json.dumps(manifest).encode())
    counts = {name: count for one in unmapped(found) for name, count in one.filled.items() if "annotations" in name}
    return [one.values.get("text") for one in records(found)], counts


def third(*annotations: Any, **more: Any) -> dict[str, Any]:
    return manifest3(HERE, "A work", 2, annotations=[{**PAGE, "items": list(annotations)}], **more)


@pytest.mark.parametrize(
    "target",
    [
        CANVAS,
        f"{CANVAS}#xywh=1,2,3,4",
        {"id": CANVAS, "type": "Canvas", "partOf": [{"id": HERE, "type": "Manifest"}]},
        {
            "type": "SpecificResource",
            "source": CANVAS,
            "selector": {"type": "FragmentSelector", "value": "xywh=1,2,3,4"},
        },
        {"type": "SpecificResource", "source": {"id": f"{CANVAS}#xywh=pct:1,2,3,4", "type": "Canvas"}},
        [CANVAS, {"id": f"{HERE}/canvas/9", "type": "Canvas"}],
        {"type": "List", "items": [CANVAS]},
    ],
)
def test_what_a_manifest_says_of_a_canvas_is_of_its_row(target: Any) -> None:
    assert texts(third({**said("Zeile"), "target": target})) == ([None, "Zeile"], {})


def test_version_2_says_on() -> None:
    body = {"@type": "cnt:ContentAsText", "chars": "Zeile"}
    on = [f"{CANVAS}#xywh=1,2,3,4", {"@type": "oa:SpecificResource", "full": {"@id": CANVAS, "@type": "sc:Canvas"}}]
    for one in on:
        annotation = {"@type": "oa:Annotation", "motivation": "sc:painting", "resource": body, "on": one}
        made = manifest2(HERE, "A work", 2, otherContent=[{"@type": "sc:AnnotationList", "resources": [annotation]}])
        assert texts(made) == ([None, "Zeile"], {})


def test_an_id_with_a_fragment_is_the_canvas_before_its_region() -> None:
    made = third(
        {**said("Zeile"), "target": f"{HERE}#c2#xywh=1,2,3,4"},
    )
    made["items"][1]["id"] = f"{HERE}#c2"
    assert texts(made)[0] == [None, "Zeile"]


def test_what_is_on_no_canvas_and_what_lies_elsewhere_is_counted() -> None:
    made = third({**said("Zeile"), "target": HERE}, {**said("Zeile"), "target": None})
    made["annotations"] += [{**PAGE, "id": "https://a.org/list"}, "https://a.org/list2"]
    assert texts(made) == (
        [None, None],
        {
            "annotations of a manifest that are on none of its canvases": 2,
            "pages of annotations of a manifest that are not in it": 2,
        },
    )


def test_on_the_canvas_first_and_the_same_annotation_once() -> None:
    one = {**said("Eins"), "id": "https://a.org/1", "target": CANVAS}
    made = third(one, {**said("zwei"), "target": CANVAS})
    made["items"][1]["annotations"] = [{**PAGE, "items": [one]}]
    assert texts(made)[0] == [None, "Eins\nzwei"]


def test_a_canvas_that_is_taken_down_takes_its_text_from_beside() -> None:
    made = reader(type="iiif", map=MAPPED)
    one, other = (
        {**said(text), "target": f"{HERE}/canvas/{at}#xywh=1,2,3,4"} for at, text in ((1, "Rest"), (2, "Geheim"))
    )
    files = {"m.json": item("m.json", json.dumps(third(other, one, other)).encode())}
    left = take_out(made, files, CANVAS)
    assert b"Geheim" not in bytes_of(left["m.json"])
    assert [row.values["text"] for row in by_id(made, left).values()] == ["Rest"]


@pytest.mark.parametrize(("label", "caption"), [("-", None), ("[ ]", None), ("—", None), ("p. 1", "p. 1"), ("Ⅳ", "Ⅳ")])
def test_a_label_of_signs_is_no_caption(label: str, caption: str | None) -> None:
    made = manifest3(HERE, "A work", 1)
    made["items"][0]["label"] = {"none": [label]}
    [row] = records(read_one(reader(type="iiif"), "m.json", json.dumps(made).encode()))
    assert row.values.get("caption_raw") == caption
    why = ("caption_raw: a label without a letter or a figure is none",)
    assert [*row.problems] == ([] if caption else [*why])
