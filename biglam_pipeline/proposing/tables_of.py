"""Which of several sheets or tables is drafted? The first; the others are said."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.slicing import BundleRef
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.records import Item
from biglam_pipeline.store.raw import RawShelf


@runtime_checkable
class HoldsTables(Protocol):
    """A reader of files that may hold several tables."""

    def several_in(self, item: Item) -> Sequence[str]:
        """Those among which an entry has to choose; none where there is one only."""


def tables_of(reader: Reader, raw: RawShelf, files: Files, name: str) -> Sequence[str]:
    """The names of those that a file holds; none where there is nothing to choose."""
    if not isinstance(reader, HoldsTables):
        return ()
    number = next(number for number, one in enumerate(files) if one == name)
    for bundle in open_slice(raw, [BundleRef(name, (files.at(number),))]):
        for item in bundle.items:
            try:
                return reader.several_in(item)
            except Unreadable:  # which is said with the rows
                return ()
    return ()
