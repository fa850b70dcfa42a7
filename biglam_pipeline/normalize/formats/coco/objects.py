"""What is marked on one picture, as the Hub's object format has it: a list each of ids, boxes, categories, areas.

https://huggingface.co/docs/datasets/object_detection ; COCO: https://cocodataset.org/#format-data
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import pyarrow as pa

NO_BOX = "no box"
NO_AREA = "a box without area"
OUTSIDE = "a box outside the picture"
UNKNOWN = "a category that the file does not name"
ODD_MASK = "a mask that cannot be read"
SHARES = "a box in shares of a picture whose size is not known"
REPEATED = "an id that another object of the picture has"
_ROUNDED = 1.0
"""Pixels by which a box may be outside: tools differ in whether the last pixel counts."""
_LARGEST = 1e30
"""No coordinate is larger; 32 bits of a float hold the sum of two of them."""
_STRINGS, _NUMBERS = pa.list_(pa.string()), pa.list_(pa.float32())


def objects_type(*, classes: bool) -> pa.DataType:
    """The Arrow type of `objects`. classes: whether a category is the place in a list of names, not the name."""
    return pa.struct(
        [
            ("id", _STRINGS),
            ("bbox", pa.list_(_NUMBERS)),
            ("category", pa.list_(pa.int64() if classes else pa.string())),
            ("area", pa.list_(pa.float32())),
            ("iscrowd", pa.list_(pa.bool_())),
            ("segmentation", pa.list_(pa.list_(_NUMBERS))),
            ("rle", pa.list_(pa.struct([("size", pa.list_(pa.int32())), ("counts", pa.string())]))),
            ("flags", pa.list_(_STRINGS)),
        ]
    )


@dataclass(slots=True)
class Marked:
    """One object: its box is [x, y, width, height] in pixels from the upper left, or in shares of the picture."""

    id: str | None = None
    box: list[float] | None = None
    category: str | None = None
    area: float | None = None
    crowd: bool | None = None
    polygons: list[list[float]] | None = None
    """Each x, y, x, y and so on."""
    mask: dict[str, Any] | None = None
    """Run lengths, as pycocotools reads them."""
    flags: list[str] = field(default_factory=list)

    def in_pixels(self, width: int | None, height: int | None) -> None:
        """Makes pixels of shares; where the size is not known they stay, and that is said."""
        if not width or not height:
            self.flags.append(SHARES)
            return
        sides = (width, height)
        self.box = [value * sides[at % 2] for at, value in enumerate(self.box)] if self.box else None
        self.polygons = [[value * sides[at % 2] for at, value in enumerate(one)] for one in self.polygons or []]

    def judge(self, width: int | None, height: int | None) -> None:
        """Says what is wrong with the box."""
        if self.box is None:
            self.flags.append(NO_BOX)
            return
        x, y, across, down = self.box
        if across <= 0 or down <= 0:
            self.flags.append(NO_AREA)
        right, lower = max(x, x + across), max(y, y + down)
        known = width and height and SHARES not in self.flags
        limits = (width or 0, height or 0) if known else (1, 1) if SHARES in self.flags else None
        spare = _ROUNDED if SHARES not in self.flags else 0.01
        beyond = limits is not None and (right > limits[0] + spare or lower > limits[1] + spare)
        if beyond or min(x, y, x + across, y + down) < -spare:
            self.flags.append(OUTSIDE)


def column_of(marked: Sequence[Marked], places: Mapping[str, int] | None) -> dict[str, list[Any]]:
    """The value of `objects`. places: of each category's name its place, where the entry says which there are."""
    return {
        "id": [one.id for one in marked],
        "bbox": [_single(one.box) for one in marked],
        "category": [one.category if places is None else places.get(one.category or "") for one in marked],
        "area": [None if one.area is None else _single([one.area])[0] for one in marked],
        "iscrowd": [one.crowd for one in marked],
        "segmentation": [None if one.polygons is None else [_single(each) for each in one.polygons] for one in marked],
        "rle": [one.mask for one in marked],
        "flags": [one.flags for one in marked],
    }


def _single(numbers: Iterable[float] | None) -> Any:
    """As Parquet will hold them, so that a row read back has the same digest."""
    return None if numbers is None else array("f", numbers).tolist()


# --- as COCO writes it ---


def key_of(value: Any) -> str:
    """An identifier, so that 7, 7.0 (as tables are exported) and "7" are one; empty for what is none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if isfinite(value) and value == int(value) and abs(value) < 2**53 else ""


def marks_of(annotations: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[Marked]:
    """What the annotations of one picture mark, in their order. names: of the categories, by their id."""
    found, ids = list[Marked](), set[str]()
    for one in (each for annotation in annotations for each in _segments(annotation)):
        made = Marked(key_of(one.get("id")) or None, _box(one.get("bbox")), names.get(key_of(one.get("category_id"))))
        made.area, made.crowd = number_of(one.get("area")), _flag(one.get("iscrowd"))
        _put_mask(made, one.get("segmentation"))
        if made.category is None:
            made.flags.append(UNKNOWN)
        if made.id in ids:
            made.flags.append(REPEATED)
        ids.update([made.id] if made.id else [])
        found.append(made)
    return found


def _segments(annotation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The panoptic form has one annotation a picture, with all that is marked in it."""
    segments = annotation.get("segments_info")
    if isinstance(segments, list) and "bbox" not in annotation:
        yield from (one if isinstance(one, dict) else {} for one in segments)
    else:
        yield annotation


def number_of(value: Any) -> float | None:
    """A finite number that Parquet's 32 bits hold."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return None
    return float(value)


def numbers_of(values: Any) -> list[float] | None:
    """A list of such, or None for what is none."""
    if not isinstance(values, list):
        return None
    if {*map(type, values)} <= {int, float} and max(map(abs, values), default=0) < _LARGEST:
        return values
    found = [number for value in values if (number := number_of(value)) is not None]
    return found if len(found) == len(values) else None


def _box(value: Any) -> list[float] | None:
    found = numbers_of(value)
    return found if found is not None and len(found) == 4 else None


def _flag(value: Any) -> bool | None:
    return bool(value) if value in (0, 1) and not isinstance(value, str) else None


def _put_mask(made: Marked, value: Any) -> None:
    """Polygons or run lengths; `[]` and `[[]]` are how tools write that there is none."""
    if value is None or value in ([], [[]], {}):
        made.polygons = None if value is None else []
    elif isinstance(value, dict):
        made.mask = _mask(value)
    elif isinstance(value, list):
        shapes = [value] if not isinstance(value[0], list) else value  # one polygon, not in a list of its own
        polygons = [numbers_of(one) for one in shapes]
        made.polygons = [one for one in polygons if one is not None and len(one) >= 6 and len(one) % 2 == 0]
        if len(made.polygons) != len(shapes):
            made.flags.append(ODD_MASK)
        return
    if made.mask is None and made.polygons is None and value is not None:
        made.flags.append(ODD_MASK)


def _mask(value: Mapping[str, Any]) -> dict[str, Any] | None:
    size, counts = _whole(value.get("size")), value.get("counts")
    if size is None or len(size) != 2:
        return None
    if isinstance(counts, str):
        return {"size": size, "counts": counts}
    lengths = _whole(counts)
    return None if lengths is None else {"size": size, "counts": packed(lengths)}


def _whole(values: Any) -> list[int] | None:
    """Whole numbers from 0 that 32 bits hold."""
    fits = isinstance(values, list) and all(type(one) is int and 0 <= one < 1 << 31 for one in values)
    return values if fits else None


def packed(lengths: Sequence[int]) -> str:
    """Run lengths as the text that COCO's own tools write for them: each but the first three as the difference to the
    one two before, five bits a letter (`rleToString`, https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c)
    """
    letters = []
    for at, length in enumerate(lengths):
        rest = length - lengths[at - 2] if at > 2 else length
        more = True
        while more:
            bits, rest = rest & 0x1F, rest >> 5
            more = rest != (-1 if bits & 0x10 else 0)
            letters.append(chr(48 + (bits | 0x20 if more else bits)))
    return "".join(letters)
