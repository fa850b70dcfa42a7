"""What is written on a canvas? Annotations in the manifest that transcribe it, and where else its text lies.

Transcriptions are `supplementing` in version 3 (https://iiif.io/api/presentation/3.0/#values-for-motivation), painted
`cnt:ContentAsText` in version 2 (https://iiif.io/api/presentation/2.1/#other-content-resources). How much of a page one
of them holds says https://iiif.io/api/extension/text-granularity/ . Files beside are named by profile or format, as
https://github.com/benwbrum/fromthepage/wiki/IIIF-Text-Image-Linking-Survey found them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.normalize.formats.iiif.described import links_of
from biglam_pipeline.normalize.formats.iiif.texts import plain
from biglam_pipeline.parsing.html import text_of_html
from biglam_pipeline.parsing.iiif import name_of, several, text_in, types_of

FACTS = ("transcription", "annotation_lists", "alto", "hocr", "plain_text")
_TRANSCRIBING = {"supplementing", "painting", "transcribing"}
"""Others, such as `commenting` and `tagging`, say something about the page."""
_TEXTS = {"textualbody", "contentastext", "text"}
_BETWEEN = {"page": "\n\n", "block": "\n\n", "paragraph": "\n\n", "line": "\n", "word": " ", "glyph": ""}
"""The grains, the coarsest first, and what stands between two of them."""
_FILES = {"alto": ("standards/alto", "alto"), "hocr": ("hocr", "hocr"), "plain_text": ("", "text/plain")}
"""Fact -> what its profile, and what its format has in it."""


@dataclass(frozen=True, slots=True)
class _Annotation:
    text: str
    language: str
    grain: str


def written_on(canvas: Mapping[str, Any]) -> tuple[dict[str, str | list[str]], tuple[str, ...]]:
    """`FACTS` of a canvas, empty where there are none, and what of its annotations was left out."""
    lists = [*several(canvas.get("annotations")), *several(canvas.get("otherContent"))]
    inside = [one for one in lists if isinstance(one, Mapping) and ("items" in one or "resources" in one)]
    found = [one for page in inside for each in _annotations(page) for one in _texts_of(each)]
    text, problems = _joined(found)
    outside = [name for one in lists if one not in inside and (name := name_of(one))]
    facts: dict[str, str | list[str]] = {"transcription": text, "annotation_lists": outside}
    return facts | {fact: _files_of(canvas, *said) for fact, said in _FILES.items()}, problems


def _annotations(page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in (*several(page.get("items")), *several(page.get("resources"))):
        said = several(one.get("motivation")) if isinstance(one, Mapping) else []
        if any(isinstance(text, str) and text.rpartition(":")[2] in _TRANSCRIBING for text in said):
            yield one


def _texts_of(annotation: Mapping[str, Any]) -> Iterator[_Annotation]:
    for body in (*several(annotation.get("body")), *several(annotation.get("resource"))):
        text = text_in(body, "value", "chars")
        if text and {one.casefold() for one in types_of(body)} & _TEXTS:
            is_html = "html" in text_in(body, "format")
            said = text_in(annotation, "textGranularity") or text_in(body, "textGranularity")
            grain = (said or text_in(annotation, "dcType")).casefold()
            read = (text_of_html(text) or "") if is_html else plain(text)
            yield _Annotation(read, text_in(body, "language"), grain if grain in _BETWEEN else "")


def _joined(found: list[_Annotation]) -> tuple[str, tuple[str, ...]]:
    """The text once: in the language and the grain in which it is said first and as a whole."""
    if not found:
        return "", ()
    mine = [one for one in found if one.language == found[0].language]
    grains = [one for one in _BETWEEN if any(each.grain == one for each in mine)]
    grain = grains[0] if grains else ""
    chosen = [one.text for one in mine if one.grain == grain and one.text]
    left = len(found) - len(mine)
    problems: tuple[str, ...] = ("transcription: another language is left out",) if left else ()
    if any(one.grain != grain for one in mine):
        problems += ("transcription: said once more in another grain, left out",)
    return _BETWEEN.get(grain, "\n").join(chosen), problems


def _files_of(canvas: Mapping[str, Any], profile: str, kind: str) -> list[str]:
    """The addresses of files with its text, of one format."""
    found = [*several(canvas.get("seeAlso")), *several(canvas.get("rendering"))]
    mine = [
        one
        for one in found
        if (profile and profile in text_in(one, "profile").casefold()) or kind in text_in(one, "format").casefold()
    ]
    return links_of({"mine": mine}, "mine")
