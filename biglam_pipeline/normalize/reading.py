"""Lays a harvest out in slices, and has those read that are not there yet; a slice that is there is not read again."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from biglam_pipeline.columns import schema_of
from biglam_pipeline.engine.slices import map_slices
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.bundles import Chain
from biglam_pipeline.normalize.claims import bundles_for, noted_as
from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.large_files import cut_large
from biglam_pipeline.normalize.mapping.join_counts import note_joined
from biglam_pipeline.normalize.mapping.lookup_notes import forget_lookups, key_with_lookups, note_lookups
from biglam_pipeline.normalize.mapping.lookups import Lookups
from biglam_pipeline.normalize.numbering import forget_numbers, knowing_before, number_equals
from biglam_pipeline.normalize.rows.measuring import VERSION, Reading
from biglam_pipeline.normalize.slices import SliceRead, SliceTask, read_slice
from biglam_pipeline.normalize.slicing import (
    SLICE_BYTES,
    BundleRef,
    as_they_stand,
    slice_bytes_for,
    slice_key,
    slices_of,
)
from biglam_pipeline.normalize.unread import Unread, report_unread
from biglam_pipeline.settings import digest_of_all
from biglam_pipeline.store import disk
from biglam_pipeline.store.normalized import INDEX, Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.slice_files import add_to_index, read_index
from biglam_pipeline.takedown.sifting import KeptOut, Read, sift
from biglam_pipeline.takedown.suppression import Suppression

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Normalizing:
    """What came of it: the pointer's new content, how many slices had to be read, and what was erased from raw."""

    normalized: Normalized
    slices: tuple[Slice, ...]
    read: int
    erased: int = 0
    """Raw objects that a takedown took a record out of."""
    lost: tuple[str, ...] = ()
    """Files of which nothing is left: they held nothing else."""
    left: tuple[str, ...] = ()
    """Raw objects that hold a taken-down record still, or may, each with why and what to do."""
    unread: tuple[str, ...] = ()
    """The first few files that came and that the reader does not take."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The slices of one harvest."""

    reading: Reading
    raw: RawShelf
    harvest: Harvest
    shelf: NormalizedShelf
    files: Files
    bundle_refs: Chain
    slices: dict[str, Sequence[BundleRef]]
    """Key -> the bundles as they came, in order."""
    slice_bytes: int
    lookups: Lookups | None
    """What rows are joined with."""
    own: dict[str, str]
    """Key -> the key of the slice's own files and settings, without what they are joined with."""

    def read(self) -> list[Slice]:
        """The numbers of all slices, in order, once they are there."""
        return [self.shelf.numbers(key) for key in self.slices]


def lay_out(
    reading: Reading,
    raw: RawShelf,
    harvest: Harvest,
    shelf: NormalizedShelf,
    files: Files,
    lookups: Lookups | None,
    slice_bytes: int = 0,
    processes: int = 1,
) -> Layout:
    """Which slices make up a harvest, of one READ. Their size is that of the first one: it never moves by itself.

    files: all of the harvest; lookups: what rows are joined with; slice_bytes: as `slice_bytes_of` says of all
    READs of the source, 0 where this is the only one; processes: by so many at most a file that is cut is read for the
    names of its rows, where the entry maps none.
    """
    whole = bundles_for(reading, raw, files)
    size, bundle_refs = slice_bytes or slice_bytes_of(shelf, whole.size), Chain([whole])
    if harvest.mode == "replace":  # laid over each other, a row would seem to be of the visit that brought its stretch
        bundle_refs = number_equals(reading, raw, shelf, cut_large(raw, reading, whole), processes)
    cut = {_key(one, reading, raw): one for one in slices_of(bundle_refs, harvest.mode, size)}
    own = {key_with_lookups(shelf.shelf, key, lookups): key for key in cut}
    slices = {key: cut[bare] for key, bare in own.items()}
    return Layout(reading, raw, harvest, shelf, files, bundle_refs, slices, size, lookups, own)


def slice_bytes_of(shelf: NormalizedShelf, size: int) -> int:
    """About how large a slice of the source is: as at the first harvest. size: bytes of all that is read of it."""
    before = shelf.current()
    if before:
        return before.slice_bytes or SLICE_BYTES
    return slice_bytes_for(size)


def _key(bundle_refs: Sequence[BundleRef], reading: Reading, raw: RawShelf) -> str:
    """The slice's key; another one while a restored record has not come again, so that it is read when it has."""
    some = any(copy.wanted for copy in raw.redactions.copies.values())
    waits = some and any(raw.redactions.is_wanted(ref.held) for bundle_ref in bundle_refs for ref in bundle_ref.refs)
    return slice_key(bundle_refs, f"{reading.digest}-waiting" if waits else reading.digest)


def read_missing(layout: Layout, out: Suppression, processes: int) -> int:
    """Has every slice read that is not there, and shelves it without what is kept out; how many that were.

    processes: so many at most work beside each other; the outcome is the same for any number.
    """
    shelf = layout.shelf
    missing = {key: bundle_refs for key, bundle_refs in layout.slices.items() if shelf.find(key) is None}
    processes = processes if layout.raw.shelf.is_shared else 1
    with shelf.shelf.scratch() as scratch:
        tasks = [_task(layout, key, bundle_refs, scratch) for key, bundle_refs in missing.items()]
        again: list[tuple[SliceTask, KeptOut]] = []
        for task, done in zip(tasks, map_slices(read_slice, tasks, processes, log), strict=True):
            kept_out = _sifted(layout, task, done, out)
            if kept_out:
                disk.clear_folder(task.folder)
                again.append((replace(task, passed_over=frozenset(kept_out.passed_over)), kept_out))
            else:
                _shelve(layout, task, done, done.slice)
        without = [task for task, _ in again]
        for (task, kept_out), done in zip(again, map_slices(read_slice, without, processes, log), strict=True):
            _shelve(layout, task, done, add_to_index(task.folder, done.slice, kept_out.rows))
    return len(tasks)


def _shelve(layout: Layout, task: SliceTask, done: SliceRead, numbers: Slice) -> None:
    layout.shelf.shelve(task.folder, numbers)
    if layout.lookups is not None:
        note_lookups(layout.shelf.shelf, layout.own[task.key], layout.lookups, done.asked)


def _task(layout: Layout, key: str, bundle_refs: Sequence[BundleRef], scratch: Path) -> SliceTask:
    finds = layout.lookups.for_a_slice() if layout.lookups else None
    reading = replace(layout.reading, finds=finds)
    bundle_refs = as_they_stand(layout.raw, knowing_before(layout.shelf.shelf, bundle_refs))
    return SliceTask(key, reading, layout.raw.shelf, bundle_refs, scratch / key)


def _sifted(layout: Layout, task: SliceTask, done: SliceRead, out: Suppression) -> KeptOut:
    """What of a finished slice is kept out; nothing is looked at where nothing can be."""
    notes = layout.raw.redactions
    if out.is_empty and not notes.bundles:
        return KeptOut()
    bundles = [
        Read(
            noted_as(layout.reading, bundle_ref),
            bundle_ref.harvest,
            last,
            any(notes.is_wanted(ref.held) for ref in bundle_ref.refs),
            bundle_ref.stretch.lines if bundle_ref.stretch else None,
        )
        for bundle_ref, last in zip(task.bundle_refs, done.ends, strict=True)
    ]
    index = read_index(task.folder)
    if done.too_large:
        rows = [{"deleted": False, "row": -1, **one} for one in done.too_large]
        index = pl.concat([index, pl.DataFrame(pl.from_arrow(pa.Table.from_pylist(rows, INDEX)))])
    return sift(out, notes, bundles, index)


def point_to(layouts: Sequence[Layout], ledger: str, read: int) -> Normalizing:
    """Swaps the pointer, last, to the slices of the layouts, one a READ. ledger: digest of the one that they were read
    with.
    """
    layout, harvest = layouts[0], layouts[0].harvest
    for each in layouts:
        _refuse_lacking(each)
    done = [one for each in layouts for one in each.read()]
    claimed = [each.bundle_refs for each in layouts] + [each.lookups.bundle_refs for each in layouts if each.lookups]
    unread = Unread.of(layout.files, claimed)
    sections = [each.reading.section for each in layouts for _ in each.slices]
    several = len({each.reading.section for each in layouts}) > 1
    normalized = Normalized(
        harvest=harvest.number,
        mode=harvest.mode,
        complete=harvest.complete,
        settings=f"{VERSION}-{digest_of_all([each.reading.settings for each in layouts])}",
        schema=digest_of_all([_schema_digest(each.reading) for each in layouts]),
        slices=tuple(one.key for one in done),
        digest=hashlib.sha256("".join(one.digest for one in done).encode()).hexdigest(),
        ledger=ledger,
        files=len(layout.files),
        unread=unread.by_extension,
        slice_bytes=layout.slice_bytes,
        sections=tuple(sections) if several else (),
    )
    if unread.by_extension:
        readers = [each.reading.reader for each in layouts]
        log.info("%s: %s", layout.reading.source, report_unread(readers, normalized.files, normalized.unread))
    layout.shelf.point(normalized)
    asked = {key: each.lookups.digest for each in layouts if each.lookups for key in each.own.values()}
    forget_lookups(layout.shelf.shelf, asked)
    note_joined(layout.shelf.shelf, {each.lookups.digest: each.lookups.joined for each in layouts if each.lookups})
    forget_numbers(layout.shelf.shelf, layout.raw, [(each.reading, each.bundle_refs) for each in layouts])
    return Normalizing(normalized, tuple(done), read, unread=unread.first)


def _refuse_lacking(layout: Layout) -> None:
    """SourceChanged where the entry reads what no record has of a file that was cut; before a takedown one may have."""
    lacking: dict[str, set[str]] = {}
    for one, bundle_refs in zip(layout.read(), layout.slices.values(), strict=True):
        bundle_ref = bundle_refs[0]
        if bundle_ref.stretch is not None and layout.raw.redactions.of(bundle_ref.refs[0].held) is None:
            lacking[bundle_ref.name] = lacking.get(bundle_ref.name, set(one.lacking)) & set(one.lacking)
    for name, missing in lacking.items():
        if missing:
            message = f"{name} has no column {', '.join(map(repr, sorted(missing)))} in any of its records"
            raise SourceChanged(f"{message}. Change `map`, or `files` if this is another table.")


def _schema_digest(reading: Reading) -> str:
    return hashlib.sha256(schema_of(reading.columns).to_string().encode()).hexdigest()[:16]
