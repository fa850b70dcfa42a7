"""Reads the JSON of the VGG Image Annotator, versions 1 and 2: shapes on pictures, by the names of the files.

https://gitlab.com/vgg/via/-/blob/master/via-2.x.y/CodeDoc.md
"""

from collections.abc import Iterator, Mapping
from math import cos, hypot, sin
from typing import Any

from biglam_pipeline.normalize.formats.coco.objects import ODD_MASK, UNKNOWN, Marked, number_of, numbers_of

PROJECT = "_via_img_metadata"
_RECTANGLE = ("x", "y", "width", "height")


def pictures_of(document: Any) -> Mapping[str, Mapping[str, Any] | None]:
    """The pictures by their keys, of a project or of an export of its annotations; none where it is neither.

    What a takedown took out is None.
    """
    entries = document.get(PROJECT, document) if isinstance(document, dict) else None
    if not isinstance(entries, dict) or not all(one is None or _is_picture(one) for one in entries.values()):
        return {}
    return entries if any(entries.values()) else {}


def _is_picture(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("filename"), str) and "regions" in entry


def regions_of(picture: Mapping[str, Any]) -> list[Any]:
    """What is marked: a list, or in version 1 an object of numbers."""
    regions = picture["regions"]
    if isinstance(regions, dict):
        return [*regions.values()]
    return regions if isinstance(regions, list) else [] if regions is None else [regions]


def marked_on(picture: Mapping[str, Any]) -> Iterator[Marked]:
    """In their order. A category is what the one attribute says: of several, nobody knows which is meant."""
    for region in regions_of(picture):
        said = region if isinstance(region, dict) else {}
        shape, attributes = said.get("shape_attributes"), said.get("region_attributes")
        found = Marked(category=_category(attributes))
        _put_shape(found, shape if isinstance(shape, dict) else {})
        if found.category is None:
            found.flags.append(UNKNOWN)
        yield found


def _category(attributes: Any) -> str | None:
    said = [value for value in attributes.values() if value not in ("", {})] if isinstance(attributes, dict) else []
    if len(said) != 1:
        return None
    chosen = [name for name, is_on in said[0].items() if is_on] if isinstance(said[0], dict) else said  # a checkbox
    return chosen[0].strip() or None if len(chosen) == 1 and isinstance(chosen[0], str) else None


def _put_shape(found: Marked, shape: Mapping[str, Any]) -> None:
    kind = shape.get("name")
    if kind == "rect":
        found.box = numbers_of([shape.get(name) for name in _RECTANGLE])
    elif kind in ("polygon", "polyline"):
        across, down = numbers_of(shape.get("all_points_x")), numbers_of(shape.get("all_points_y"))
        if not across or not down or len(across) != len(down):
            found.flags.append(ODD_MASK)
            return
        found.box = [min(across), min(down), max(across) - min(across), max(down) - min(down)]
        if kind == "polygon" and len(across) > 2:
            found.polygons = [[value for point in zip(across, down, strict=True) for value in point]]
    elif kind in ("circle", "ellipse", "point"):
        _put_round(found, shape, 0 if kind == "point" else None)


def _put_round(found: Marked, shape: Mapping[str, Any], radius: float | None) -> None:
    """The box around an ellipse that is turned by `theta`, in radians, as VIA 2 draws it (`_via_draw_ellipse`,
    https://gitlab.com/vgg/via/-/blob/master/via-2.x.y/src/js/via.js); around a circle. radius: where none is said.
    """
    middle = numbers_of([shape.get("cx"), shape.get("cy")])
    radii = numbers_of([shape.get(name, shape.get("r", radius)) for name in ("rx", "ry")])
    turned = number_of(shape.get("theta", 0))
    if middle and radii and turned is not None:
        across, down = radii
        halves = (across, down)
        if turned:
            halves = (
                hypot(across * cos(turned), down * sin(turned)),
                hypot(across * sin(turned), down * cos(turned)),
            )
        found.box = [*(at - half for at, half in zip(middle, halves, strict=True)), *(2 * half for half in halves)]
