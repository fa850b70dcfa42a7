"""A harvested picture becomes columns: its bytes as the institution gave them, and what its header says."""

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import Field

from biglam_pipeline.quality.image import NoPicture, measure_picture
from biglam_pipeline.records import Item
from biglam_pipeline.settings import Misplaced

MAX_PICTURE_BYTES = 64 * 2**20
MEASURED = ("width", "height", "media_type")
"""Columns that a picture says itself, so that `map` has no say in them."""

MaxBytes = Annotated[int, Field(ge=1, le=8 * MAX_PICTURE_BYTES)]


def picture_columns(item: Item, max_bytes: int) -> dict[str, Any]:
    """image, width, height (pixels), media_type and image_sha256 of a file. NoPicture where it is none."""
    if item.size > max_bytes:
        detail = f"it has {item.size} bytes, more than {max_bytes}; harvest a smaller derivative, or raise `max_bytes`"
        raise NoPicture("image_too_large", detail)
    with item.open() as stream:
        data = stream.read()
    measured = measure_picture(data)
    return {
        "image": {"bytes": data, "path": item.name.rpartition("/")[2]},
        "width": measured.width,
        "height": measured.height,
        "media_type": measured.media_type,
        "image_sha256": item.sha256,
    }


def refuse_measured(names: Collection[str], where: str) -> None:
    """ValueError where `map` names what is measured of the picture."""
    said = f"{where} measures it of the picture itself; leave it out of `map`"
    wrong = [(("map", name), f"`{name}`: {said}") for name in MEASURED if name in names]
    if wrong:
        raise Misplaced(*wrong)
