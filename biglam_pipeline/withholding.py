"""Normalizes one source without what is kept out: that is found in the slices that were read, and goes from raw too."""

from dataclasses import replace

from biglam_pipeline.erasing import erase_due
from biglam_pipeline.normalize.mapping.lookups import joining, not_searched
from biglam_pipeline.normalize.reading import Layout, Normalizing, lay_out, point_to, read_missing
from biglam_pipeline.normalize.rows.keys import COPY_VERSION
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import files_of
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.takedown import Ledger
from biglam_pipeline.takedown.suppression import Suppression


def normalize_without(
    ledger: Ledger, reading: Reading, raw: RawShelf, harvest: Harvest, shelf: NormalizedShelf, processes: int = 1
) -> Normalizing:
    """Reads what is new in a harvest, slice by slice, takes what is kept out from raw too, and swaps the pointer last.

    Killed in between, the pointer names another ledger: everything is looked at again, and what is done stays done.
    """
    out, before = Suppression.of(ledger, raw.redactions, COPY_VERSION), shelf.current()
    out.grown = before is None or before.ledger != ledger.digest
    if out.grown:
        raw.redactions.want_again(ledger.keeps_out)
    # A run that was killed may have noted what it learnt, and not yet looked for it in the slices of before.
    out.grown |= not out.is_empty and raw.redactions.searched != out.digest
    refs = files_of(raw, raw.objects(harvest.number))
    with joining(reading, raw, refs) as (joined, lookups):
        return _without(out, lay_out(joined, raw, harvest, shelf, refs, lookups), processes)


def _without(out: Suppression, layout: Layout, processes: int) -> Normalizing:
    reading, raw, shelf = layout.reading, layout.raw, layout.shelf
    read, erased, lost, left = 0, 0, set[str](), dict[str, object]()
    while True:
        out.drop_stale(shelf, layout.slices)
        read += read_missing(layout, out, processes)
        due = erase_due(reading, raw, out, {one.key: (one.taken_down, layout.slices[one.key]) for one in layout.read()})
        erased, lost, left = erased + due.copies, lost | due.lost, left | due.left
        left |= {} if out.is_empty else dict.fromkeys(not_searched(reading.reader, reading.source))
        if not out.grown:  # else something was taken down whose duplicates may stand in slices read before it
            break
    done = point_to(layout, out.ledger.digest, read)
    return replace(done, erased=erased, lost=tuple(sorted(lost)), left=tuple(left))
