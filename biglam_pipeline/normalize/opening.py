"""Opens the bundles of a slice: bytes from the raw shelf, members from archives, each had when it is asked for."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import BinaryIO

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.normalize.slicing import LARGEST_SLICE, BundleRef, FileRef, as_they_stand
from biglam_pipeline.normalize.stretching import framed
from biglam_pipeline.parsing import archives
from biglam_pipeline.records import Bundle, Item, StoredObject
from biglam_pipeline.store.cuts import Stretch
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import copy_name
from biglam_pipeline.store.spool import Spool
from biglam_pipeline.store.surveys import note_of

OPEN_ARCHIVES = 8
"""A slice may hold a thousand small ones, which is as many files as a process may open."""
BATCH_BYTES = 16 * 2**20
"""So much of a batch is read at once."""


def open_slice(raw: RawShelf, bundle_refs: Sequence[BundleRef]) -> Iterator[Bundle]:
    """The bundles of one slice, ready to be read one after the other, for as long as the iterator lives.

    In memory is one file at a time and a spool, whatever the slice holds; files above a slice's size stream.
    """
    return open_standing(raw, as_they_stand(raw, bundle_refs))


def open_standing(raw: RawShelf, bundle_refs: Sequence[BundleRef]) -> Iterator[Bundle]:
    """The same of bundles that know how they stand: nothing else is asked of the shelf but their bytes."""
    bundle_refs = tuple(bundle_refs)
    with ExitStack() as stack:
        contents = _Contents(
            raw, [ref for bundle_ref in bundle_refs for ref in bundle_ref.refs if not ref.is_gone], stack
        )
        for bundle_ref in bundle_refs:
            there = (ref for ref in bundle_ref.refs if not ref.is_gone)
            yield Bundle(bundle_ref.name, tuple(_item(raw, ref, contents) for ref in there))


def _item(raw: RawShelf, ref: FileRef, contents: "_Contents") -> Item:
    if ref.stretch is not None:
        return item_of(ref, partial(contents.open, ref))
    stream = partial(_stream, raw, ref) if ref.size > LARGEST_SLICE else partial(contents.open, ref)
    return replace(item_of(ref, stream), scratch=contents.scratch)


def item_of(ref: FileRef, opened: Callable[[], BinaryIO]) -> Item:
    """The file as its reader sees it. opened: has its bytes."""
    held = ref.held
    return Item(
        name=ref.name,
        url=held.url,
        retrieved_at=held.retrieved_at,
        sha256=ref.sha256,
        size=ref.size,
        harvest=held.harvest,
        media_type="" if ref.member else held.media_type,
        known=ref.known,
        open=opened,
    )


def _stream(raw: RawShelf, ref: FileRef) -> BinaryIO:
    if ref.member:
        note = note_of(ref.held)
        path = raw.path(ref.held)
        return archives.open_member(path, ref.member, names=note.names, last=note.later)
    return raw.open_file(ref.held)


class _Contents:
    """The bytes of a slice's files. A ZIP is read in any order; a TAR or a batch is passed through once, at the first
    file that is asked for, and the others of the slice are put aside.
    """

    def __init__(self, raw: RawShelf, refs: Sequence[FileRef], stack: ExitStack) -> None:
        """stack: closed when the slice is read."""
        self._raw = raw
        self._left = {copy_name(ref.held): ref.left for ref in refs if not ref.member}
        self._groups: dict[str, list[FileRef]] = {}
        for ref in refs:
            if ref.size <= LARGEST_SLICE and ref.stretch is None:
                self._groups.setdefault(_home(ref.held), []).append(ref)
        self._zips: OrderedDict[str, archives.ZipMembers] = OrderedDict()
        stack.callback(self._close_zips, 0)
        self.scratch = stack.enter_context(raw.shelf.scratch())
        self._spool = stack.enter_context(Spool(self.scratch / "spool"))
        self._last: tuple[FileRef | None, bytes] = (None, b"")

    def open(self, ref: FileRef) -> BinaryIO:
        """The bytes of one file, or of a stretch of it; ShelfDamaged where they are not those that were shelved."""
        if self._last[0] != ref:  # a table is opened four times: for its encoding, its divider, its rows, their count
            self._last = (None, b"")
            self._last = (ref, self._read(ref) if ref.stretch is None else self._read_stretch(ref, ref.stretch))
        return BytesIO(self._last[1])

    def _read_stretch(self, ref: FileRef, stretch: Stretch) -> bytes:
        """Framed. ShelfDamaged where the bytes are not those that it was cut of, or that a takedown left."""
        with self._raw.open_file(ref.held) as stream:
            stream.seek(stretch.offset)
            data = stream.read(stretch.size)
        if hashlib.sha256(data).hexdigest() != stretch.stands:
            raise self._raw.shelf.spoiled(ref.held.file)
        return framed(data, ref.known)

    def _read(self, ref: FileRef) -> bytes:
        held = ref.held
        if ref.name not in self._spool:
            if held.file and not ref.member:
                return self._contents([ref]).get(held.key, b"")
            try:
                if ref.member and (found := self._zip(held)) is not None and ref.member in found:
                    return self._proved(ref, found.read(ref.member))
                self._fill(held, ref)
            except ObjectFailed as damage:  # it was surveyed whole when it came
                raise self._raw.shelf.spoiled(held.file) from damage
        return self._spool.get(ref.name)

    def _zip(self, held: StoredObject) -> archives.ZipMembers | None:
        """The archive, open; None where it cannot be read in any order."""
        home = _home(held)
        if home not in self._zips:
            path = self._raw.path(held)
            if not archives.is_zip(path):
                return None
            wanted = {ref.member for ref in self._groups[home]}
            self._close_zips(OPEN_ARCHIVES - 1)
            self._zips[home] = archives.ZipMembers(path, wanted, note_of(held).names)
        self._zips.move_to_end(home)
        return self._zips[home]

    def _close_zips(self, left: int) -> None:
        """Closes those that were asked longest ago, until so many are left."""
        while len(self._zips) > left:
            self._zips.popitem(last=False)[1].close()

    def _fill(self, held: StoredObject, asked: FileRef) -> None:
        """Puts aside what the slice wants of an archive, or of a batch what follows upon the file that is asked for."""
        group = {one.member or one.held.key: one for one in self._groups[_home(held)]}
        if asked.member:
            path, names = self._raw.path(held), note_of(held).names
            near = self._zip(held) or ()  # what a ZIP holds itself is not put aside
            wanted = [member for member, one in group.items() if one.name not in self._spool and member not in near]
            found = archives.read_members(path, wanted, names=names, good=lambda one, data: self._is(group[one], data))
            with suppress(ShelfDamaged), closing(found):  # said below, of the one that is asked for
                for member, data in found:
                    self._spool.add(group[member].name, data)
        else:
            for key, data in self._contents(self._some(list(group.values()), asked)).items():
                self._spool.add(group[key].name, data)
        if asked.name not in self._spool:
            raise self._raw.shelf.spoiled(held.file or held.batch)

    def _contents(self, refs: Iterable[FileRef]) -> dict[str, bytes]:
        """The bytes of files that are no members, by key."""
        return self._raw.contents((one.held for one in refs), lambda held: self._left[copy_name(held)])

    def _some(self, refs: Sequence[FileRef], asked: FileRef) -> Iterator[FileRef]:
        """This file and those after it, as far as they are few bytes: a batch holds several times its size in memory
        while it is read.
        """
        size = 0
        for ref in refs[refs.index(asked) :]:
            size += ref.size
            if ref == asked or (size <= BATCH_BYTES and ref.name not in self._spool):
                yield ref

    def _proved(self, ref: FileRef, data: bytes) -> bytes:
        """The bytes, where they are those that came, or those that a takedown left."""
        if not self._is(ref, data):
            raise self._raw.shelf.spoiled(ref.held.file)
        return data

    def _is(self, ref: FileRef, data: bytes) -> bool:
        sha256 = hashlib.sha256(data).hexdigest()
        return sha256 == ref.sha256 or sha256 in ref.left


def _home(held: StoredObject) -> str:
    """What is read together: a batch, or one archive, which may lie there once for two names."""
    return f"{held.file}#{held.key}" if held.file else held.batch
