"""Normalizes one source without what is kept out: that is found in the slices that were read, and goes from raw too."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from biglam_pipeline.along import Along, Searched
from biglam_pipeline.erasing import erase_due, foresee
from biglam_pipeline.normalize.claims import bundles_for, noted_as
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.mapping.lookups import joining, not_searched
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.reading import Layout, Normalizing, lay_out, point_to, read_missing, slice_bytes_of
from biglam_pipeline.normalize.rows.keys import COPY_VERSION
from biglam_pipeline.normalize.rows.measuring import Reading
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
    read, erased, lost, left = 0, 0, set[str](), dict[str, object]()
    while True:
        # Laid out again after each erasing: of a file that lost a record, and was cut, less may be certain now.
        with _laid_out(readings, raw, harvest, shelf, processes) as layouts:
            out.drop_stale(shelf, [key for one in layouts for key in one.slices])
            read += _read(layouts, out, processes)
            due = erase_due([_searched(one) for one in layouts], raw, out)
            erased, lost, left = erased + due.copies, lost | due.lost, left | due.left
            # What was joined with what is gone now is read again.
            joins_less = due.copies and any(one.lookups for one in layouts)
            # Grown: the duplicates of what was taken down may stand in slices that were read before.
            if not (out.grown or raw.redactions.again or joins_less):
                left |= {} if out.is_empty else dict.fromkeys(_not_searched(layouts))
                done = point_to(layouts, out.ledger.digest, read)
                return replace(done, erased=erased, lost=tuple(sorted(lost)), left=tuple(left))


def foresee_along(
    ledger: Ledger, readings: Sequence[Reading], raw: RawShelf, harvest: Harvest, shelf: NormalizedShelf
) -> Along:
    """What would go along with what this ledger names, as far as the slices of today hold it. Nothing is changed."""
    if len(readings) == 1 and not readings[0].reader.overlaps:
        return Along()
    out = Suppression.of(ledger, raw.redactions, COPY_VERSION)
    with _laid_out(readings, raw, harvest, shelf) as layouts:
        return foresee([_holding(one, out) for one in layouts], raw, out)


def _holding(layout: Layout, out: Suppression) -> Searched:
    """The slices, each with how many of its rows are kept out, as far as they were read."""
    counts = {}
    for key, bundle_refs in layout.slices.items():
        index = layout.shelf.index(key) if layout.shelf.find(key) is not None else None
        counts[key] = 0 if index is None else index.filter(out.among(index)).height, bundle_refs
    return Searched(layout.reading, counts)


@contextmanager
def _laid_out(
    readings: Sequence[Reading], raw: RawShelf, harvest: Harvest, shelf: NormalizedShelf, processes: int = 1
) -> Iterator[list[Layout]]:
    files = files_of(raw, raw.objects(harvest.number))
    size = slice_bytes_of(shelf, sum(bundles_for(one, raw, files).size for one in readings)) if readings[1:] else 0
    with ExitStack() as stack:
        joined = [stack.enter_context(joining(one, raw, files)) for one in readings]
        yield [lay_out(one, raw, harvest, shelf, files, lookups, size, processes) for one, lookups in joined]


def _not_searched(layouts: Sequence[Layout]) -> Iterator[str]:
    readers = [one.reading.reader for one in layouts]

    def make_rows_of(joined: Reader) -> bool:
        return all(any(one.takes(name) for one in readers) for name in layouts[0].files if joined.takes(name))

    for one in readers:
        yield from not_searched(one, layouts[0].reading.source, make_rows_of)


def _searched(layout: Layout) -> Searched:
    return Searched(layout.reading, {one.key: (one.taken_down, layout.slices[one.key]) for one in layout.read()})


def _read(layouts: Sequence[Layout], out: Suppression, processes: int) -> int:
    """Reads what is not there, and again what a takedown left less of, that another READ made something of; how many
    slices. Killed at any moment, what is noted stays, and they are read again by the next run.
    """
    notes = layouts[0].raw.redactions
    for one in layouts if notes.again else ():
        for key, bundle_refs in one.slices.items():
            if any(noted_as(one.reading, bundle_ref) in notes.again for bundle_ref in bundle_refs):
                one.shelf.drop(key)
    read = sum(read_missing(one, out, processes) for one in layouts)
    notes.again.clear()
    notes.save()
    return read
