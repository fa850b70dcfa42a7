"""Which files are read together, where only the files say so? A METS names its pages, wherever they lie.

What a file names is its outline. It is read once for each shelved batch or archive, which never changes, and kept
beside it: a night that brought nothing new opens no file for it.
"""

from collections.abc import Iterable, Iterator, Mapping

from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.reader import LooksInside, Reader
from biglam_pipeline.normalize.slicing import BundleRef, FileRef, bundles_of, slices_of
from biglam_pipeline.store.raw import RawShelf

Outlines = dict[str, tuple[str, ...]]
"""File -> the addresses that it names, for every file that is the format's by its content."""


def bundles_among(raw: RawShelf, reader: Reader, refs: dict[str, FileRef]) -> list[BundleRef]:
    """What the reader reads of these files, bundle by bundle, in the order of the bundles' names."""
    if not isinstance(reader, LooksInside):
        return bundles_of(reader, refs)
    urls = {ref.name: ref.held.url for ref in refs.values() if not ref.member}
    groups = reader.gather(sorted(refs), outlines_of(raw, reader, refs), urls)
    return bundles_of(reader, refs, groups)


def outlines_of(raw: RawShelf, reader: LooksInside, refs: Mapping[str, FileRef]) -> Outlines:
    """The outlines of these files: from the shelf where they were read before, else out of the files."""
    homes: dict[str, list[FileRef]] = {}
    for ref in refs.values():
        if reader.may_read(ref.name):
            homes.setdefault(ref.held.file or ref.held.batch, []).append(ref)
    kept = raw.kept_outlines()
    found: Outlines = {}
    for home, inside in homes.items():
        known = kept.read(f"{reader.type} {reader.version} {home}")
        new = [ref for ref in inside if ref.sha256 not in known]
        if new:
            looked = dict.fromkeys(ref.sha256 for ref in new) | dict(_look(raw, reader, new))
            kept.add(looked)
            known |= looked
        found |= {ref.name: known[ref.sha256] or () for ref in inside if known[ref.sha256] is not None}
    return found


def _look(raw: RawShelf, reader: LooksInside, refs: Iterable[FileRef]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Opens each file once, a slice of them at a time: its digest -> its outline."""
    bundle_refs = [BundleRef(ref.name, (ref,)) for ref in sorted(refs, key=lambda ref: ref.name)]
    for chunk in slices_of(bundle_refs, "replace"):
        for bundle in open_slice(raw, chunk):
            for item in bundle.items:
                yield item.sha256, reader.outline(item)
