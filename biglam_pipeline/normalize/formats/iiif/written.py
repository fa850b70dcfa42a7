"""What is written on a canvas? Annotations in the manifest that transcribe it, and where else its text lies.

Transcriptions are `supplementing` in version 3 (https://iiif.io/api/presentation/3.0/#values-for-motivation), painted
`cnt:ContentAsText` in version 2 (https://iiif.io/api/presentation/2.1/#other-content-resources). What version 3 paints
is laid over the picture and not read from it (https://iiif.io/api/cookbook/recipe/0561-text-on-image/). How much of a
page one of them holds says https://iiif.io/api/extension/text-granularity/ . Files beside are named by profile or
format, as https://github.com/benwbrum/fromthepage/wiki/IIIF-Text-Image-Linking-Survey found them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from biglam_pipeline.normalize.formats.iiif.described import links_of
from biglam_pipeline.normalize.formats.iiif.targets import annotations_in, is_inside
from biglam_pipeline.normalize.formats.iiif.texts import plain
from biglam_pipeline.parsing.html import text_of_html
from biglam_pipeline.parsing.iiif import name_of, several, text_in, types_of

FACTS = ("transcription", "annotation_lists", "alto", "hocr", "plain_text")
_TRANSCRIBING = {"supplementing", "painting"}
"""Others, such as `commenting` and `tagging`, say something about the page; `annotations` is unread all the same."""
_TEXTS = {"textualbody", "contentastext", "text"}
_KEYS = ("value", "chars", "cnt:chars")
_BETWEEN = {"page": "\n\n", "block": "\n\n", "paragraph": "\n\n", "line": "\n", "word": " ", "glyph": ""}
"""The grains, the coarsest first, and what stands between two of them."""
_FILES = {"alto": ("standards/alto", "alto"), "hocr": ("hocr", "hocr"), "plain_text": ("", "text/plain")}
"""Fact -> what its profile, and what its format has in it."""
_DEEPEST = 8
_NO_LANGUAGE = ("none", "@none", "und")
_TOGETHER = {"composite", "list", "independents"}
"""Bodies that are made of several, https://www.w3.org/TR/annotation-model/#sets-of-bodies-and-targets ."""


@dataclass(frozen=True, slots=True)
class _Annotation:
    text: str
    language: str
    grain: str
    is_other: bool
    """Whether a Choice offers it instead of its first."""


def written_on(
    canvas: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()
) -> tuple[dict[str, str | list[str]], tuple[str, ...]]:
    """`FACTS` of a canvas, empty where there are none, and what of its annotations was left out.

    beside: annotations of its manifest that are on it.
    """
    lists = [*several(canvas.get("annotations")), *several(canvas.get("otherContent"))]
    inside = [*filter(is_inside, lists), {"items": [*beside]}]
    text, problems = _joined([one for each in _annotations(inside) for one in _texts_of(each)])
    outside = [name for one in lists if not is_inside(one) and (name := name_of(one))]
    facts: dict[str, str | list[str]] = {"transcription": text, "annotation_lists": outside}
    return facts | {fact: _files_of(canvas, *said) for fact, said in _FILES.items()}, problems


def _annotations(pages: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Each once, also where two pages list the same one."""
    met = set[str]()
    for page in pages:
        for one in annotations_in(page):
            if not name_of(one) or repr(one) not in met:
                met.add(repr(one))
                yield one


def _texts_of(annotation: Mapping[str, Any]) -> Iterator[_Annotation]:
    why = _strings(annotation, "motivation")
    bodies = [annotation.get("body"), annotation.get("resource")]
    if isinstance(value := annotation.get("bodyValue"), str):
        bodies.append({"type": "TextualBody", "value": value})
    for body, is_other in (found for one in bodies for found in _inside(one, why, is_other=False)):
        text = text_in(body, *_KEYS)
        is_html = any("html" in one.casefold() for one in _strings(body, "format"))
        read = (text_of_html(text) or "") if is_html else plain(text)
        if read and {one.casefold() for one in types_of(body)} & _TEXTS:
            language = next(iter(_strings(body, "language")), "").casefold()
            grains = (_strings(one, "textGranularity") for one in (annotation, body))
            grain = _word(next(iter([*chain(*grains), text_in(annotation, "dcType")])))
            grain = grain if grain in _BETWEEN else ""
            yield _Annotation(read, "" if language in _NO_LANGUAGE else language, grain, is_other)


def _inside(
    body: Any, why: list[str], *, is_other: bool, room: int = _DEEPEST
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The bodies that transcribe, out of sets and choices, and whether another is chosen. why: where no body says."""
    if isinstance(body, list) and room:
        for one in body:
            yield from _inside(one, why, is_other=is_other, room=room - 1)
    if not isinstance(body, Mapping) or not room:
        return
    why, types = _strings(body, "purpose") or why, {one.casefold() for one in types_of(body)}
    parts = [*several(body.get("default")), *several(body.get("items")), *several(body.get("item"))]
    if "choice" in types:
        for one in parts:
            offered = list(_inside(one, why, is_other=is_other, room=room - 1))
            is_other = is_other or any(text_in(each, *_KEYS) for each, _ in offered)  # what is elsewhere says nothing
            yield from offered
    elif types & _TOGETHER:
        yield from _inside(parts, why, is_other=is_other, room=room - 1)
    elif "specificresource" in types:
        yield from _inside(body.get("source", body.get("full")), why, is_other=is_other, room=room - 1)
    elif {_word(one) for one in why} & _TRANSCRIBING:
        yield body, is_other


def _strings(resource: Any, *names: str) -> list[str]:
    """The texts under these keys, each of which may hold one or several."""
    found = (one for name in names for one in several(resource.get(name))) if isinstance(resource, Mapping) else ()
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def _word(term: str) -> str:
    """A term without prefix or namespace: `sc:painting`, `http://iiif.io/api/presentation/2#painting`."""
    return re.split("[:/#]", term)[-1].casefold()


def _joined(found: list[_Annotation]) -> tuple[str, tuple[str, ...]]:
    """The text once: in the language and the grain in which it is said first and as a whole. What names no language is
    in no other.
    """
    first = [one for one in found if not one.is_other]
    if not first:
        return "", ()
    mine = [one for one in first if one.language in ("", first[0].language)]
    grains = [one for one in _BETWEEN if any(each.grain == one for each in mine)]
    grain = grains[0] if grains else ""
    chosen = [one.text for one in mine if one.grain == grain]
    left = len(first) - len(mine)
    problems: tuple[str, ...] = ("transcription: another language is left out",) if left else ()
    if len(first) < len(found):
        problems += ("transcription: what else a Choice offers is left out",)
    if any(one.grain != grain for one in mine):
        problems += ("transcription: said once more in another grain, left out",)
    return _BETWEEN.get(grain, "\n").join(chosen), problems


def _files_of(canvas: Mapping[str, Any], profile: str, kind: str) -> list[str]:
    """The addresses of files with its text, of one format."""
    found = [*several(canvas.get("seeAlso")), *several(canvas.get("rendering"))]
    mine = [one for one in found if _is_said_to_be(one, profile, kind)]
    return links_of({"mine": mine}, "mine")


def _is_said_to_be(file: Any, profile: str, kind: str) -> bool:
    profiles = _strings(file, "profile", "conformsTo", "dcterms:conformsTo") if profile else []
    formats = _strings(file, "format", "dcterms:format", "dc:format")
    return any(profile in one.casefold() for one in profiles) or any(kind in one.casefold() for one in formats)
