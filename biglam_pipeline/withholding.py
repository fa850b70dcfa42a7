"""Normalizes one source without what is kept out: that is found in the slices that were read, and goes from raw too."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from biglam_pipeline.erasing import Searched, erase_due
from biglam_pipeline.normalize.claims import bundles_for
from biglam_pipeline.normalize.mapping.lookups import joining, not_searched
from biglam_pipeline.normalize.reading import Layout, Normalizing, lay_out, point_to, read_missing, slice_bytes_of
from biglam_pipeline.normalize.rows.keys import COPY_VERSION
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import BundleRef, FileRef, files_of
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.takedown import Ledger
from biglam_pipeline.takedown.suppression import Suppression


def normalize_without(
    ledger: Ledger,
    readings: Sequence[Reading],
    raw: RawShelf,
    harvest: Harvest,
    shelf: NormalizedShelf,
    processes: int = 1,
) -> Normalizing:
    """Reads what is new in a harvest, slice by slice, takes what is kept out from raw too, and swaps the pointer last.

    Killed in between, the pointer names another ledger: everything is looked at again, and what is done stays done.
    readings: one for each READ of the source.
    """
    out, before = Suppression.of(ledger, raw.redactions, COPY_VERSION), shelf.current()
    out.grown = before is None or before.ledger != ledger.digest
    if out.grown:
        raw.redactions.want_again(ledger.keeps_out)
    # A run that was killed may have noted what it learnt, and not yet looked for it in the slices of before.
    out.grown |= not out.is_empty and raw.redactions.searched != out.digest
    refs = files_of(raw, raw.objects(harvest.number))
    size = slice_bytes_of(shelf, _bundles(readings, raw, refs)) if len(readings) > 1 else 0
    with ExitStack() as stack:
        joined = [stack.enter_context(joining(one, raw, refs)) for one in readings]
        layouts = [lay_out(one, raw, harvest, shelf, refs, lookups, size, processes) for one, lookups in joined]
        return _without(out, layouts, processes)


def _bundles(readings: Sequence[Reading], raw: RawShelf, refs: Mapping[str, FileRef]) -> Iterator[BundleRef]:
    for one in readings:
        yield from bundles_for(one, raw, refs)


def _without(out: Suppression, layouts: Sequence[Layout], processes: int) -> Normalizing:
    raw, shelf = layouts[0].raw, layouts[0].shelf
    read, erased, lost, left = 0, 0, set[str](), dict[str, object]()
    looked, changed = False, out.grown
    while True:
        out.drop_stale(shelf, [key for one in layouts for key in one.slices])
        read += sum(read_missing(one, out, processes) for one in layouts)
        due = erase_due([_searched(one) for one in layouts], raw, out)
        erased, lost, left = erased + due.copies, lost | due.lost, left | due.left
        for one in layouts:
            left |= {} if out.is_empty else dict.fromkeys(not_searched(one.reading.reader, one.reading.source))
        changed |= due.copies > 0
        shared = [] if looked or not changed else _of_shared_files(layouts)
        looked |= changed
        for key in shared:
            shelf.drop(key)
        # Else something was taken down whose duplicates may stand in slices that were read before.
        if not out.grown and not shared:
            break
    done = point_to(layouts, out.ledger.digest, read)
    return replace(done, erased=erased, lost=tuple(sorted(lost)), left=tuple(left))


def _searched(layout: Layout) -> Searched:
    return Searched(layout.reading, {one.key: (one.taken_down, layout.slices[one.key]) for one in layout.read()})


def _of_shared_files(layouts: Sequence[Layout]) -> list[str]:
    """The slices of files that several READs read and that a takedown left less of: what another READ made of the whole
    file would still say what is gone.
    """
    readers = Counter(
        name for one in layouts for name in {ref.name for bundle_ref in one.bundle_refs for ref in bundle_ref.refs}
    )
    notes = layouts[0].raw.redactions
    return [
        key
        for one in layouts
        for key, bundle_refs in one.slices.items()
        if any(
            readers[ref.name] > 1 and notes.left(ref.held, ref.member)
            for bundle_ref in bundle_refs
            for ref in bundle_ref.refs
        )
    ]
