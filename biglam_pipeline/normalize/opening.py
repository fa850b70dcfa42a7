"""Opens the bundles of a slice: bytes from the raw shelf, members from archives, each had when it is asked for."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from functools import partial
from io import BytesIO
from typing import BinaryIO

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.normalize.slicing import LARGEST_SLICE, Piece, Pile, as_they_stand
from biglam_pipeline.parsing import archives
from biglam_pipeline.records import Bundle, Held, Item
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import copy_name
from biglam_pipeline.store.spool import Spool
from biglam_pipeline.store.surveys import note_of

OPEN_ARCHIVES = 8
"""A slice may hold a thousand small ones, which is as many files as a process may open."""
BATCH_BYTES = 16 * 2**20
"""So much of a batch is read at once."""


def open_slice(raw: RawShelf, piles: Sequence[Pile]) -> Iterator[Bundle]:
    """The bundles of one slice, ready to be read one after the other, for as long as the iterator lives.

    In memory is one file at a time and a spool, whatever the slice holds; files above a slice's size stream.
    """
    return open_standing(raw, as_they_stand(raw, piles))


def open_standing(raw: RawShelf, piles: Sequence[Pile]) -> Iterator[Bundle]:
    """The same of bundles that know how they stand: nothing else is asked of the shelf but their bytes."""
    with ExitStack() as stack:
        contents = _Contents(raw, [piece for pile in piles for piece in pile.pieces if not piece.is_gone], stack)
        for pile in piles:
            there = (piece for piece in pile.pieces if not piece.is_gone)
            yield Bundle(pile.name, tuple(_item(raw, piece, contents) for piece in there))


def _item(raw: RawShelf, piece: Piece, contents: "_Contents") -> Item:
    held = piece.held
    return Item(
        name=piece.name,
        url=held.url,
        retrieved_at=held.retrieved_at,
        sha256=piece.sha256,
        size=piece.size,
        harvest=held.harvest,
        media_type="" if piece.member else held.media_type,
        known=piece.known,
        open=partial(_stream, raw, piece) if piece.size > LARGEST_SLICE else partial(contents.open, piece),
    )


def _stream(raw: RawShelf, piece: Piece) -> BinaryIO:
    if piece.member:
        note = note_of(piece.held)
        path = raw.path(piece.held)
        return archives.open_member(path, piece.member, names=note.names, last=note.later)
    return raw.open_file(piece.held)


class _Contents:
    """The bytes of a slice's files. A ZIP is read in any order; a TAR or a batch is passed through once, at the first
    file that is asked for, and the others of the slice are put aside.
    """

    def __init__(self, raw: RawShelf, pieces: Sequence[Piece], stack: ExitStack) -> None:
        """stack: closed when the slice is read."""
        self._raw = raw
        self._left = {copy_name(piece.held): piece.left for piece in pieces if not piece.member}
        self._groups: dict[str, list[Piece]] = {}
        for piece in pieces:
            if piece.size <= LARGEST_SLICE:
                self._groups.setdefault(_home(piece.held), []).append(piece)
        self._zips: OrderedDict[str, archives.ZipMembers] = OrderedDict()
        stack.callback(self._close_zips, 0)
        self._spool = stack.enter_context(Spool(stack.enter_context(raw.shelf.scratch()) / "spool"))
        self._last = ("", b"")

    def open(self, piece: Piece) -> BinaryIO:
        """The bytes of one file; ShelfDamaged where they are not those that were shelved."""
        if self._last[0] != piece.name:  # a table is opened three times: for its encoding, its divider, its rows
            self._last = (piece.name, self._read(piece))
        return BytesIO(self._last[1])

    def _read(self, piece: Piece) -> bytes:
        held = piece.held
        if piece.name not in self._spool:
            if held.file and not piece.member:
                return self._contents([piece]).get(held.key, b"")
            try:
                if piece.member and (found := self._zip(held)) is not None and piece.member in found:
                    return self._proved(piece, found.read(piece.member))
                self._fill(held, piece)
            except ObjectFailed as damage:  # it was surveyed whole when it came
                raise self._raw.shelf.spoiled(held.file) from damage
        return self._spool.get(piece.name)

    def _zip(self, held: Held) -> archives.ZipMembers | None:
        """The archive, open; None where it cannot be read in any order."""
        home = _home(held)
        if home not in self._zips:
            path = self._raw.path(held)
            if not archives.is_zip(path):
                return None
            wanted = {piece.member for piece in self._groups[home]}
            self._close_zips(OPEN_ARCHIVES - 1)
            self._zips[home] = archives.ZipMembers(path, wanted, note_of(held).names)
        self._zips.move_to_end(home)
        return self._zips[home]

    def _close_zips(self, left: int) -> None:
        """Closes those that were asked longest ago, until so many are left."""
        while len(self._zips) > left:
            self._zips.popitem(last=False)[1].close()

    def _fill(self, held: Held, asked: Piece) -> None:
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

    def _contents(self, pieces: Iterable[Piece]) -> dict[str, bytes]:
        """The bytes of files that are no members, by key."""
        return self._raw.contents((one.held for one in pieces), lambda held: self._left[copy_name(held)])

    def _some(self, pieces: Sequence[Piece], asked: Piece) -> Iterator[Piece]:
        """This file and those after it, as far as they are few bytes: a batch holds several times its size in memory
        while it is read.
        """
        size = 0
        for piece in pieces[pieces.index(asked) :]:
            size += piece.size
            if piece == asked or (size <= BATCH_BYTES and piece.name not in self._spool):
                yield piece

    def _proved(self, piece: Piece, data: bytes) -> bytes:
        """The bytes, where they are those that came, or those that a takedown left."""
        if not self._is(piece, data):
            raise self._raw.shelf.spoiled(piece.held.file)
        return data

    def _is(self, piece: Piece, data: bytes) -> bool:
        sha256 = hashlib.sha256(data).hexdigest()
        return sha256 == piece.sha256 or sha256 in piece.left


def _home(held: Held) -> str:
    """What is read together: a batch, or one archive, which may lie there once for two names."""
    return f"{held.file}#{held.key}" if held.file else held.batch
