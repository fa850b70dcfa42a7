"""Which size of a picture may an IIIF image service be asked for, and by which address?

https://iiif.io/api/image/3.0/#5-image-information ; https://iiif.io/api/image/2.1/#image-information ;
https://iiif.io/api/image/1.1/#image-info-request
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from biglam_pipeline.harvest.asking import number_of

_LEVEL = re.compile(r"level\s*([0-2])\b|level([0-2])\.json", re.IGNORECASE)
_SIDE = 1_000_000


def is_service(said: Any) -> bool:
    """Is it an image information document, of whatever version?"""
    if not isinstance(said, Mapping) or not (_number(said, "width") and _number(said, "height")):
        return False
    words = " ".join(_texts([said.get(name) for name in ("@context", "protocol", "type", "profile")])).lower()
    return "iiif" in words or "image-api" in words or "imageservice" in words


def picture_at(base: str, said: Mapping[str, Any], max_side: int) -> str:
    """The address of the whole picture, as large as is wished for and as the service allows, and never larger.

    base: the service's, without a stroke at its end; said: its image information; max_side: pixels, 0 for all.
    """
    version = _version(said)
    whole = {1: "full", 2: "full", 3: "max"}[version]
    native = _number(said, "width"), _number(said, "height")
    width, height = _within(native, said, max_side)
    sized = [(one["width"], one["height"]) for one in _sizes(said)]
    if (width, height) == native:
        size = whole
    elif _level(said) == 0:
        size = _of_sizes(sized, native, max(width, height), whole, version)
    else:
        size = f"{width},{height}" if version == 3 else f"{width},"
    quality = "native" if version == 1 else "default"
    return f"{base}/full/{size}/0/{quality}.jpg"


def _of_sizes(sized: list[tuple[int, int]], native: tuple[int, int], side: int, whole: str, version: int) -> str:
    """At level 0 only what is listed is there: the largest that is not too large, else the smallest."""
    small = [one for one in sized if max(one) <= side]
    chosen = max(small, key=max) if small else min([*sized, native], key=max)
    if chosen == native:
        return whole
    return f"{chosen[0]},{chosen[1]}" if version == 3 else f"{chosen[0]},"


def _within(native: tuple[int, int], said: Mapping[str, Any], max_side: int) -> tuple[int, int]:
    """The size in its own proportions that keeps to the wish and to maxWidth, maxHeight and maxArea.

    Where maxHeight is missing, maxWidth stands for it.
    """
    limits = [said, *(one for one in _listed(said.get("profile")) if isinstance(one, Mapping))]
    most = {name: min((n for one in limits if (n := _number(one, name))), default=0) for name in _LIMITS}
    scales = [1.0]
    for side, limit in zip(native, (most["maxWidth"], most["maxHeight"] or most["maxWidth"]), strict=True):
        scales += [limit / side] if limit else []
    scales += [math.sqrt(most["maxArea"] / (native[0] * native[1]))] if most["maxArea"] else []
    scales += [max_side / max(native)] if max_side else []
    scale = min(scales)
    width, height = (max(1, math.floor(side * scale + 1e-9)) for side in native)
    return width, height


_LIMITS = ("maxWidth", "maxHeight", "maxArea")


def _version(said: Mapping[str, Any]) -> int:
    words = " ".join(_texts([said.get("@context"), said.get("type"), said.get("profile")]))
    if "/image/3" in words or "ImageService3" in words:
        return 3
    return 1 if "library.stanford.edu/iiif/image-api" in words or "/image/1" in words else 2  # 1.0 has no number there


def _level(said: Mapping[str, Any]) -> int:
    """Of compliance; 0 where it is not said, since that promises least. Extra features may say more."""
    found = [int(one[1] or one[2]) for text in _texts([said.get("profile")]) if (one := _LEVEL.search(text))]
    profiles = [one for one in _listed(said.get("profile")) if isinstance(one, Mapping)]
    features = set(_texts([said.get("extraFeatures"), *(one.get("supports") for one in profiles)]))
    return max([*found, 1 if "sizeByW" in features and _version(said) < 3 else 0], default=0)


def _sizes(said: Mapping[str, Any]) -> list[dict[str, int]]:
    found = [one for one in _listed(said.get("sizes")) if isinstance(one, Mapping)]
    sizes = [{"width": _number(one, "width"), "height": _number(one, "height")} for one in found]
    return [one for one in sizes if one["width"] and one["height"]]


def _number(said: Mapping[str, Any], name: str) -> int:
    """A whole number of pixels, or of their product; 0 where none is said. Some services say 5616.0."""
    value = said.get(name)
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    found = number_of(value) or 0
    return found if found <= (_SIDE**2 if name == "maxArea" else _SIDE) else 0


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(values: Iterable[Any]) -> list[str]:
    return [text for value in values for text in _listed(value) if isinstance(text, str)]
