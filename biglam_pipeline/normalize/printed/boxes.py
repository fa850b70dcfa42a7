"""Where on its page does a row stand? A box in pixels, and in shares of the page, as IIIF writes a region.

https://iiif.io/api/image/3.0/#41-region (`x,y,w,h` and `pct:x,y,w,h`); the fragment of a canvas, `#xywh=`, is that of
https://www.w3.org/TR/media-frags/#naming-space. Shares hold for a picture of any size, pixels for the one that was
read.
"""

import math
import re
from collections.abc import Iterator

FACTS = ("box", "box_share")
"""`$box`: x,y,w,h in pixels; `$box_share`: the same in per cent, without a word before it."""

_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
_POINT = re.compile(rf"({_NUMBER})\s*,\s*({_NUMBER})")
_BBOX = re.compile(rf"\bbbox\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})")
Corners = tuple[float, float, float, float]
"""Left, upper, right, lower."""


def of_points(points: str) -> Corners | None:
    """What holds all the points of a polygon, `x,y x,y x,y`; None where there are fewer than two."""
    found = [(float(x), float(y)) for x, y in _POINT.findall(points)]
    if len(found) < 2:
        return None
    across, down = zip(*found, strict=True)
    return min(across), min(down), max(across), max(down)


def of_title(title: str) -> Corners | None:
    """`bbox x0 y0 x1 y1` of hOCR."""
    found = _BBOX.search(title)
    return (float(found[1]), float(found[2]), float(found[3]), float(found[4])) if found else None


def box_facts(corners: Corners | None, width: float = 0, height: float = 0) -> dict[str, str]:
    """`FACTS` of a box, empty where it holds nothing. width, height: of the page in pixels; 0 where nobody says.

    What leads out of the page is cut off: a server refuses a region of which nothing is left.
    """
    empty = dict.fromkeys(FACTS, "")
    if corners is None or not all(map(math.isfinite, (*corners, width, height))):
        return empty
    left, upper = max(0.0, corners[0]), max(0.0, corners[1])
    right = min(corners[2], width) if width > 0 else corners[2]
    lower = min(corners[3], height) if height > 0 else corners[3]
    if right - left < 1 or lower - upper < 1:
        return empty
    pixels = math.floor(left), math.floor(upper), math.ceil(right), math.ceil(lower)
    box = ",".join(map(str, (pixels[0], pixels[1], pixels[2] - pixels[0], pixels[3] - pixels[1])))
    if width <= 0 or height <= 0:
        return {**empty, "box": box}
    shares = left / width, upper / height, (right - left) / width, (lower - upper) / height
    return {"box": box, "box_share": ",".join(_in_per_cent(shares))}


def _in_per_cent(shares: tuple[float, ...]) -> Iterator[str]:
    return (f"{100 * one:.4f}".rstrip("0").rstrip(".") for one in shares)
