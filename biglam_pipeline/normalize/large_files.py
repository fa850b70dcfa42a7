"""Which files are cut, and into what? One bundle a stretch; every other bundle stays what it is."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.bundles import Bundles, Chain
from biglam_pipeline.normalize.claims import is_shared, noted_as
from biglam_pipeline.normalize.opening import item_of
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import BundleRef, FileRef
from biglam_pipeline.normalize.stretching import NotCut, cut_stream, known_of, measured
from biglam_pipeline.parsing.gzip import MAGIC
from biglam_pipeline.records import Item
from biglam_pipeline.store.cuts import CutFile
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import copy_name

log = logging.getLogger(__name__)

VERSION = 1
"""Raised when files are cut otherwise: every large file is then read again."""


def cut_large(raw: RawShelf, reading: Reading, bundle_refs: Sequence[BundleRef]) -> Chain:
    """The same bundles, of a large file one for each stretch of it, in order."""
    if not isinstance(bundle_refs, Bundles):
        return Chain([(_may_be_cut(one) and _cut(raw, reading, one)) or [one] for one in bundle_refs])
    large = np.flatnonzero((bundle_refs.sizes > stretching.SIZES.above) & (bundle_refs.counts() == 1)).tolist()
    segments, begin = list[Sequence[BundleRef]](), 0
    for at in large:
        if stretches := _cut(raw, reading, bundle_refs[at]):
            segments += [bundle_refs[begin:at], stretches]
            begin = at + 1
    return Chain([*segments, bundle_refs[begin:]])


def _may_be_cut(bundle_ref: BundleRef) -> bool:
    return len(bundle_ref.refs) == 1 and bundle_ref.size > stretching.SIZES.above and bundle_ref.stretch is None


def uncut(bundle_refs: Sequence[BundleRef]) -> Sequence[BundleRef]:
    """The same bundles, of a file that was cut the whole one, once."""
    if isinstance(bundle_refs, Bundles):  # none of a stretch is among them
        return bundle_refs
    found: dict[str, BundleRef] = {}
    whole: list[BundleRef] = []
    for bundle_ref in bundle_refs:
        if bundle_ref.stretch is None:
            whole.append(bundle_ref)
        else:
            ref = bundle_ref.refs[0]
            one = replace(ref, size=ref.held.size, known=None, stretch=None, cut="")
            found[bundle_ref.name] = BundleRef(bundle_ref.name, (one,))
    return [*whole, *found.values()]


def read_together(bundle_refs: Sequence[BundleRef]) -> Iterator[tuple[BundleRef, ...]]:
    """Stretches, file by file: what is left of them is put in place at once."""
    files: dict[tuple[str, str], list[BundleRef]] = {}
    for bundle_ref in bundle_refs:
        files.setdefault((bundle_ref.name, copy_name(bundle_ref.refs[0].held)), []).append(bundle_ref)
    yield from map(tuple, files.values())


def numbers_rows(reader: Reader, known: Mapping[str, Any] | None = None) -> bool:
    """Whether equal rows are numbered through the file, since the entry maps no `id`, and the format has none.

    known: of a file that is cut, where the format has one for those records only that say it.
    """
    may_lack = not reader.names_records or bool((known or {}).get("unnamed"))
    return may_lack and "id" not in reader.map.values


def _cut(raw: RawShelf, reading: Reading, bundle_ref: BundleRef) -> list[BundleRef]:
    """The stretches of a file; none where it is read whole."""
    if bundle_ref.refs[0].is_gone:
        return []
    ref, reader = bundle_ref.refs[0], reading.reader
    item = item_of(ref, partial(raw.open_file, ref.held))
    how = reader.how_cut(item)
    why = _why_whole(raw, reading, bundle_ref) if how else ""
    if not how or why:
        if why:
            log.info("%s is read by one process: %s", bundle_ref.name, why)
        return []
    reported = f"{VERSION} {stretching.SIZES} {reader.type} {reader.version} {how} {ref.held.sha256}"
    cut = hashlib.sha256(reported.encode()).hexdigest()[:32]
    file = measured(raw, ref.held, cut)
    if file is None:
        file = _found(raw, reader, ref, cut)
    if why := _why_not_numbered(raw, reading, ref, file.head):
        log.info("%s is read by one process: %s", bundle_ref.name, why)
        return []
    return [
        BundleRef(bundle_ref.name, (replace(ref, size=one.size, known=known_of(file, at), stretch=one, cut=cut),))
        for at, one in enumerate(file.stretches)
    ]


def _found(raw: RawShelf, reader: Reader, ref: FileRef, cut: str) -> CutFile:
    """Cuts the file, which takes one pass, and keeps the outcome: also that it cannot be cut."""
    held = ref.held
    item = replace(item_of(ref, partial(raw.open_file, held)), known=raw.redactions.known(held))
    stands = ""
    try:
        with raw.open_file(held) as stream:
            file, stands = cut_stream(stream, reader.borders(item))
    except NotCut as why:
        file = CutFile(why=str(why))
        log.info("%s is read by one process: %s", ref.name, why)
    right = [held.sha256, *raw.redactions.left(held)]
    if stands and stands not in right:
        raise raw.shelf.spoiled(held.file)
    raw.cuts.keep(cut, stands or right[-1], file)
    return file


def _why_whole(raw: RawShelf, reading: Reading, bundle_ref: BundleRef) -> str:
    """Why a file is not even looked into; empty where it may be cut."""
    held, reader = bundle_ref.refs[0].held, reading.reader
    if held.archive or not held.file or _is_packed(item_of(bundle_ref.refs[0], partial(raw.open_file, held))):
        return "it is packed, and inflated from its beginning"
    if is_shared(reading, bundle_ref.refs[0].name):
        return "another READ reads it too"
    if reader.pictures is not None or reader.row_for_each:
        return "pictures or several rows belong to each of its records"
    if any("line" not in note for note in raw.redactions.bundles.get(noted_as(reading, bundle_ref), ())):
        return "a record of it was taken down when it was read whole"
    if reader.whole_behind_takedown and raw.redactions.of(held):
        return "a record of it was taken down"
    return _why_not_numbered(raw, reading, bundle_ref.refs[0])


def _why_not_numbered(raw: RawShelf, reading: Reading, ref: FileRef, known: Mapping[str, Any] | None = None) -> str:
    """Why the equal rows of its stretches cannot be numbered; empty where they need not be, or can."""
    reader = reading.reader
    if not numbers_rows(reader, known) or not (reader.joins or raw.redactions.of(ref.held)):
        return ""
    return "its rows have no `id`, and are joined, or one of them was taken down; equal ones are numbered through it"


def _is_packed(item: Item) -> bool:
    with item.open() as stream:
        return stream.read(2) == MAGIC
