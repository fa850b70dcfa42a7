"""Where do the blocks and lines of a page stand? One struct of lists, an entry a block or line, in pixels if it can be.

As `objects` of `coco`, and as the Hub's object format has boxes: https://huggingface.co/docs/datasets/object_detection
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import pyarrow as pa

from biglam_pipeline.columns import LAYOUT
from biglam_pipeline.normalize.printed.boxes import box_facts

PIXEL = "pixel"
LINE = "line"
"""What a line is called among the kinds of blocks."""
_STRINGS, _NUMBERS = pa.list_(pa.string()), pa.list_(pa.float32())
LAYOUT_TYPE = pa.struct(
    [
        ("unit", pa.string()),
        ("width", pa.float32()),
        ("height", pa.float32()),
        ("id", _STRINGS),
        ("category", _STRINGS),
        ("bbox", pa.list_(_NUMBERS)),
        ("block", pa.list_(pa.int32())),
    ]
)
"""`block` is the place, in these lists, of the block that a line stands in; null for a block, and a line in none."""
NO_BOX = f"{LAYOUT}: a block or line without a box"
OTHER_SHAPE = f"{LAYOUT}: the picture has another shape than the page, so that boxes keep their unit"
_LARGEST = 1e9
"""No coordinate is larger; a float has digits enough for it."""
_ALIKE = 0.02
"""How far the two sides of a picture may differ in scale: pages are measured before and after they are trimmed."""


@dataclass(frozen=True, slots=True)
class Box:
    """One block or line."""

    name: str
    kind: str
    """`text`, `illustration`, `advertisement`, `table`, `separator` or `line`."""
    sides: tuple[float, float, float, float] | None
    """x, y, width, height in the unit of the page; None where the file does not say all of them."""
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of one page, and what they are measured in."""

    unit: str
    """As the file says it; empty where it says nothing."""
    width: float | None
    height: float | None
    boxes: Sequence[Box]

    def in_pixels(self, size: tuple[int, int] | None) -> "Layout | None":
        """The same in pixels of a picture of this size; None where it is no picture of all of the page."""
        if size is None or not self.width or not self.height:
            return None
        across, down = size[0] / self.width, size[1] / self.height
        if not across or not down or abs(across / down - 1) > _ALIKE:
            return None
        boxes = [replace(one, sides=_scaled(one.sides, across, down)) for one in self.boxes]
        return Layout(PIXEL, float(size[0]), float(size[1]), boxes)

    def column(self) -> dict[str, object]:
        """The struct of lists."""
        return {
            "unit": self.unit or None,
            "width": self.width,
            "height": self.height,
            "id": [one.name for one in self.boxes],
            "category": [one.kind for one in self.boxes],
            "bbox": [list(one.sides) if one.sides else None for one in self.boxes],
            "block": [one.block for one in self.boxes],
        }


def fitted(found: Layout, shown: tuple[int, int] | None, said: tuple[int, int] | None, problems: list[str]) -> Layout:
    """The boxes on the picture of the row where it has one; else in pixels of the scan, whose size is said elsewhere,
    where the file has another unit. problems: gets what is wrong with them.
    """
    problems.extend(NO_BOX for one in found.boxes if one.sides is None)
    if shown is not None:
        on_picture = found.in_pixels(shown)
        if on_picture is None:
            problems.append(OTHER_SHAPE)
        return on_picture or found
    return found if found.unit == PIXEL else found.in_pixels(said) or found


def facts_of(found: Layout, said: tuple[int, int] | None) -> dict[str, str]:
    """`$box` and `$box_share` of the first box: shares hold in any unit. said: as above."""
    pixels = found if found.unit == PIXEL else found.in_pixels(said)
    return _box_of(found) | {"box": _box_of(pixels)["box"] if pixels else ""}


def _box_of(found: Layout) -> dict[str, str]:
    sides = found.boxes[0].sides if found.boxes else None
    corners = (sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3]) if sides else None
    return box_facts(corners, found.width or 0, found.height or 0)


def number_of(text: str | None) -> float | None:
    """A coordinate: `6150.0` and `-3` are some; None for what is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) <= _LARGEST else None


def _scaled(
    sides: tuple[float, float, float, float] | None, across: float, down: float
) -> tuple[float, float, float, float] | None:
    if sides is None:
        return None
    x, y, width, height = sides
    return x * across, y * down, width * across, height * down
