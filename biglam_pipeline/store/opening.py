"""Opens the shelf at an address: a folder of this machine, or object storage."""

from pathlib import Path

from biglam_pipeline.store.objects import ObjectShelf
from biglam_pipeline.store.shelf import DiskShelf, Shelf


def open_shelf(home: str, local: Path) -> Shelf:
    """The shelf at `home`, a folder or an address like `s3://bucket/folder`; local: for locks, scratch and copies."""
    return ObjectShelf(home, local) if "://" in home else DiskShelf(Path(home), local)
