"""What number has a row among its equals, where its file is cut and the entry maps no `id`?

Rows without an identifier are called by what they hold, and equal ones are numbered through their file. So a stretch
must know which of its rows stand in an earlier one too, and how often. Each stretch is read once for the names of its
rows, which are kept by its key; they are compared by parts of the digest, so that memory does not grow with the file.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biglam_pipeline.engine.slices import map_slices
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.normalize.bundles import Chain
from biglam_pipeline.normalize.large_files import numbers_rows
from biglam_pipeline.normalize.opening import open_standing
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slices import SliceTask
from biglam_pipeline.normalize.slicing import BundleRef, Packaged, as_they_stand, slice_key
from biglam_pipeline.records import Record
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.reading import read_json
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)

COMPARED_AT_ONCE = 4_000_000
_NOTES = "numbers/"
_NUMBERED = re.compile(r"#([0-9a-f]{16})(?:-[0-9]+)?")
_DIGESTS, _TIMES, _SEAL = np.uint64, np.uint32, 32

Digests = npt.NDArray[np.uint64]
Before = tuple[bytes, bytes]


def number_equals(reading: Reading, raw: RawShelf, shelf: NormalizedShelf, bundle_refs: Chain, processes: int) -> Chain:
    """The same bundles, each stretch with what it must know of the rows before it."""
    return Chain(
        [
            _numbered(reading, raw, shelf, segment, processes) if _is_numbered(reading, segment) else segment
            for segment in bundle_refs.segments
        ]
    )


def _is_numbered(reading: Reading, segment: Sequence[BundleRef]) -> bool:
    """Whether these are the stretches of a file through which equal rows are numbered."""
    if isinstance(segment, Packaged) or not segment or segment[0].stretch is None:
        return False
    return numbers_rows(reading.reader, segment[0].refs[0].known)


def knowing_before(shelf: Shelf, bundle_refs: Sequence[BundleRef]) -> Sequence[BundleRef]:
    """The same bundles, a stretch with what it must know of the rows before it (`Known.before`)."""
    if isinstance(bundle_refs, Packaged):  # whole files
        return bundle_refs
    return tuple(
        _knowing(shelf, bundle_ref) if bundle_ref.stretch and bundle_ref.refs[0].before else bundle_ref
        for bundle_ref in bundle_refs
    )


def _knowing(shelf: Shelf, bundle_ref: BundleRef) -> BundleRef:
    [ref] = bundle_ref.refs
    data = _read(shelf, ref.before)
    if data is None:
        raise ShelfDamaged(f"{shelf.full(_NOTES)}{ref.before} was damaged and is gone; run again, it is made again")
    ends = len(data) * _DIGESTS().itemsize // (_DIGESTS().itemsize + _TIMES().itemsize)
    return BundleRef(
        bundle_ref.name, (replace(ref, known={**(ref.known or {}), "before": (data[:ends], data[ends:])}),)
    )


def forget_numbers(shelf: Shelf, raw: RawShelf, read: Iterable[tuple[Reading, Sequence[BundleRef]]]) -> None:
    """Takes away what no stretch of today needs; and all of a file that a takedown took rows out of.

    read: of each READ of the source its bundles.
    """
    kept = set[str]()
    for reading, bundle_refs in read:
        for group in bundle_refs.segments if isinstance(bundle_refs, Chain) else ():
            if _is_numbered(reading, group) and raw.redactions.of(group[0].refs[0].held) is None:
                keys = [_own_key(reading, bundle_ref) for bundle_ref in group]
                kept |= {*keys, f"{_together(keys)}.json", *(bundle_ref.refs[0].before for bundle_ref in group)}
    for name in shelf.list(_NOTES):
        if name.removeprefix(_NOTES) not in kept:
            shelf.delete(name)


def _numbered(
    reading: Reading, raw: RawShelf, shelf: NormalizedShelf, bundle_refs: Sequence[BundleRef], processes: int
) -> list[BundleRef]:
    """The stretches of one file."""
    keys = [_own_key(reading, bundle_ref) for bundle_ref in bundle_refs]
    note = f"{_NOTES}{_together(keys)}.json"
    digests: list[str] = read_json(shelf.shelf, note)["before"] if shelf.shelf.exists(note) else []
    if not digests or not all(shelf.shelf.exists(f"{_NOTES}{digest}") for digest in digests if digest):
        _name_rows(reading, raw, shelf.shelf, dict(zip(keys, bundle_refs, strict=True)), processes)
        digests = [_kept(shelf.shelf, one) for one in _before(shelf.shelf, keys)]
        shelf.shelf.put(note, json.dumps({"before": digests}).encode())
    return [_with(bundle_ref, digest) for bundle_ref, digest in zip(bundle_refs, digests, strict=True)]


def _own_key(reading: Reading, bundle_ref: BundleRef) -> str:
    return slice_key([_with(bundle_ref, "")], reading.digest)


def _together(keys: Sequence[str]) -> str:
    return hashlib.sha256("".join(keys).encode()).hexdigest()[:32]


def _with(bundle_ref: BundleRef, digest: str) -> BundleRef:
    return BundleRef(bundle_ref.name, (replace(bundle_ref.refs[0], before=digest),))


def _kept(shelf: Shelf, before: Before) -> str:
    """Keeps what one stretch must know of those before it; its digest, empty where there is nothing to know."""
    data = b"".join(before)
    digest = hashlib.sha256(data).hexdigest()[:32]
    if data and _read(shelf, digest) is None:
        shelf.put(f"{_NOTES}{digest}", _sealed(data))
    return digest if data else ""


def _sealed(data: bytes) -> bytes:
    return data + hashlib.sha256(data).digest()


def _read(shelf: Shelf, key: str) -> bytes | None:
    """What was kept; None where it is not there, or damaged: then it is taken away, since it can be made again."""
    name = f"{_NOTES}{key}"
    if not shelf.exists(name):
        return None
    data = shelf.read(name)
    if _sealed(data[:-_SEAL]) == data:
        return data[:-_SEAL]
    shelf.delete(name)
    return None


# --- the names of rows ------------------------------------------------------------------------------------------


def _name_rows(reading: Reading, raw: RawShelf, shelf: Shelf, stretches: dict[str, BundleRef], processes: int) -> None:
    """Keeps, for each stretch where that was not done, what its rows hold."""
    new = {key: bundle_ref for key, bundle_ref in stretches.items() if _read(shelf, key) is None}
    tasks = [
        SliceTask(key, reading, raw.shelf, as_they_stand(raw, [bundle_ref]), Path())  # nothing is written
        for key, bundle_ref in new.items()
    ]
    for task, named in zip(
        tasks, map_slices(name_rows, tasks, processes if raw.shelf.is_shared else 1, log), strict=True
    ):
        shelf.put(f"{_NOTES}{task.key}", _sealed(named))


def name_rows(task: SliceTask) -> bytes:
    """The digests of the rows of a slice that have no name of their own, sorted: as many as there are of each. A pure
    function of its task.
    """
    bundles = open_standing(RawShelf(task.shelf), task.bundle_refs)
    some = (bundle for bundle in bundles if not task.reading.reader.names_all(bundle))
    rows = (one for bundle in some for one in task.reading.read(bundle) if isinstance(one, Record))
    names = (_NUMBERED.fullmatch(one.source_record_id.removeprefix(one.item)) for one in rows)
    found = [int(name[1], 16) for name in names if name]
    return np.sort(np.array(found, _DIGESTS)).tobytes()


# --- comparing them ---------------------------------------------------------------------------------------------


def _before(shelf: Shelf, keys: Sequence[str]) -> list[Before]:
    """Of each stretch the digests that an earlier one has too, and how often those before it have them."""
    found: list[tuple[list[bytes], list[bytes]]] = [([], []) for _ in keys]
    for low, high in _shares(sum(len(_names(shelf, key)) for key in keys)):
        parts = [_between(_names(shelf, key), low, high) for key in keys]
        for stretch, digests, times in _met_before(parts):
            found[stretch][0].append(digests.astype(_DIGESTS).tobytes())
            found[stretch][1].append(times.astype(_TIMES).tobytes())
    return [(b"".join(digests), b"".join(times)) for digests, times in found]


def _names(shelf: Shelf, key: str) -> Digests:
    return np.frombuffer(_read(shelf, key) or b"", _DIGESTS)


def _shares(rows: int) -> Iterator[tuple[int, int]]:
    """Ranges of digests, first and last, so many that each has few rows."""
    shares = rows // COMPARED_AT_ONCE + 1
    for share in range(shares):
        yield 2**64 * share // shares, 2**64 * (share + 1) // shares - 1


def _between(digests: Digests, low: int, high: int) -> Digests:
    begin, end = np.searchsorted(digests, np.uint64(low), "left"), np.searchsorted(digests, np.uint64(high), "right")
    return digests[begin:end].copy()


def _met_before(parts: Sequence[Digests]) -> Iterator[tuple[int, Digests, npt.NDArray[np.int64]]]:
    """Number of a stretch, digests of it that an earlier one has, and how often."""
    digests = np.concatenate(parts)
    stretch = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.lexsort((stretch, digests))
    digests, stretch = digests[order], stretch[order]
    starts_digest = np.concatenate(([True], digests[1:] != digests[:-1])) if len(digests) else np.zeros(0, bool)
    starts = starts_digest | np.concatenate(([True], stretch[1:] != stretch[:-1])) if len(digests) else starts_digest
    first = np.flatnonzero(starts)
    """Where each digest begins in each stretch; so many rows of it stand before as lie between."""
    run = np.maximum.accumulate(np.where(starts_digest, np.arange(len(digests)), 0))[first]
    earlier = first - run
    for number in np.unique(stretch[first][earlier > 0]):
        mine = (stretch[first] == number) & (earlier > 0)
        yield int(number), digests[first][mine], earlier[mine]
