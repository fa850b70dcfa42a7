"""The first bytes of a file that is shelved, as its reader would see them."""

from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.slicing import BundleRef
from biglam_pipeline.parsing.inflate import Unreadable, open_plain
from biglam_pipeline.store.raw import RawShelf


def first_bytes(raw: RawShelf, files: Files, name: str, size: int) -> bytes:
    """Of what it unpacks to; nothing where it cannot be opened. name: one of the files."""
    number = next(number for number, one in enumerate(files) if one == name)
    for bundle in open_slice(raw, [BundleRef(name, (files.at(number),))]):
        for item in bundle.items:
            try:
                with open_plain(item) as stream:
                    return stream.read(size)
            except Unreadable:
                return b""
    return b""
