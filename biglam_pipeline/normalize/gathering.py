"""Which files are read together, where only the files say so? A METS names its pages, wherever they lie.

What a file names is its outline. It is read once for each shelved batch or archive, which never changes, and kept
beside it: a night that brought nothing new opens no file for it.
"""

from collections.abc import Iterator

import numpy as np

from biglam_pipeline.normalize.bundles import Bundles, bundles_of
from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.reader import LooksInside, Reader
from biglam_pipeline.normalize.slicing import slices_of
from biglam_pipeline.store.packed import Rows
from biglam_pipeline.store.raw import RawShelf

Outlines = dict[str, tuple[str, ...]]
"""File -> the addresses that it names, for every file that is the format's by its content."""


def bundles_among(raw: RawShelf, reader: Reader, files: Files, left: Rows | None = None) -> Bundles:
    """What the reader reads of these files, bundle by bundle, in the order of the bundles' names.

    left: numbers of those that it may take, where that is not all.
    """
    if not isinstance(reader, LooksInside):
        return bundles_of(reader, files, left=left)
    numbers = np.arange(len(files)) if left is None else left
    names = files.only(numbers)
    groups = reader.gather(names, outlines_of(raw, reader, files, numbers), files.urls(numbers))
    return bundles_of(reader, files, groups)


def outlines_of(raw: RawShelf, reader: LooksInside, files: Files, numbers: Rows) -> Outlines:
    """The outlines of these files: from the shelf where they were read before, else out of the files."""
    asked = np.fromiter((reader.may_read(name) for name in files.only(numbers)), np.bool_, len(numbers))
    kept = raw.kept_outlines()
    found: Outlines = {}
    for home, inside in files.by_home(numbers[asked]):
        known = kept.read(f"{reader.type} {reader.version} {home}")
        new = [number for number, sha256 in _digests(files, inside) if sha256 not in known]
        if new:
            looked = dict.fromkeys(sha256 for _, sha256 in _digests(files, np.array(new)))
            looked |= dict(_look(raw, reader, Bundles(files, np.array(new))))
            kept.add(looked)
            known |= looked
        found |= {name: known[sha256] or () for name, sha256 in files.said(inside) if known[sha256] is not None}
    return found


def _digests(files: Files, numbers: Rows) -> Iterator[tuple[int, str]]:
    return zip(numbers.tolist(), (sha256 for _, sha256 in files.said(numbers)), strict=True)


def _look(raw: RawShelf, reader: LooksInside, bundle_refs: Bundles) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Opens each file once, a slice of them at a time: its digest -> its outline."""
    for chunk in slices_of(bundle_refs, "replace"):
        for bundle in open_slice(raw, tuple(chunk)):
            for item in bundle.items:
                yield item.sha256, reader.outline(item)
