"""Opens the shelf at an address: a folder of this machine, or object storage."""

from pathlib import Path

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store import room
from biglam_pipeline.store.objects import ObjectShelf
from biglam_pipeline.store.shelf import DiskShelf, Shelf


def open_shelf(home: str, local: Path) -> Shelf:
    """The shelf at `home`, a folder or an address like `s3://bucket/folder`; local: for locks, scratch and copies.

    ShelfDamaged where a file stands in the place of the folder: empty shelves would be a false answer.
    """
    if "://" in home:
        return ObjectShelf(home, local)
    if file := room.in_the_way(Path(home)):
        raise ShelfDamaged(
            f"{file} stands where the folder of the shelves should ({home}); move it away, then run again"
        )
    return DiskShelf(Path(home), local)
