"""Opens the bundles of a slice: bytes from the raw shelf, members from archives, each archive passed through once."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import BinaryIO

from biglam_pipeline import archives
from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.normalize.slicing import LARGEST_SLICE, Piece, Pile
from biglam_pipeline.records import Bundle, Held, Item
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.shelf import spoiled


def open_slice(raw: RawShelf, piles: Sequence[Pile]) -> Iterator[Bundle]:
    """The bundles of one slice, ready to be read. Files below a slice's size are in memory, larger ones stream."""
    found = _contents(raw, [piece for pile in piles for piece in pile.pieces if piece.size <= LARGEST_SLICE])
    for pile in piles:
        yield Bundle(pile.name, tuple(_item(raw, piece, found) for piece in pile.pieces))


def _item(raw: RawShelf, piece: Piece, found: dict[str, bytes]) -> Item:
    content = found.get(piece.name)
    opener = partial(BytesIO, content) if content is not None else partial(_stream, raw, piece)
    held = piece.held
    return Item(
        name=piece.name,
        url=held.url,
        retrieved_at=held.retrieved_at,
        sha256=piece.sha256,
        size=piece.size,
        harvest=held.harvest,
        media_type="" if piece.member else held.media_type,
        open=opener,
    )


def _stream(raw: RawShelf, piece: Piece) -> BinaryIO:
    if piece.member:
        return archives.open_member(raw.path(piece.held), piece.member)
    return raw.open_file(piece.held)


def _contents(raw: RawShelf, pieces: Sequence[Piece]) -> dict[str, bytes]:
    """Bytes by the pieces' names."""
    plain = {piece.held.key: piece for piece in pieces if not piece.member}
    found = {plain[key].name: data for key, data in raw.contents(one.held for one in plain.values()).items()}
    packed: dict[str, tuple[Held, list[Piece]]] = {}
    for piece in pieces:
        if piece.member:
            packed.setdefault(piece.held.key, (piece.held, []))[1].append(piece)
    for held, members in packed.values():
        names = {piece.member: piece.name for piece in members}
        digests = {piece.member: piece.sha256 for piece in members}
        try:
            for member, data in archives.read_members(raw.path(held), names.keys()):
                if hashlib.sha256(data).hexdigest() != digests[member]:
                    raise spoiled(raw.shelf.full(held.file))
                found[names[member]] = data
        except ObjectFailed as damage:  # it was surveyed whole when it came
            raise spoiled(raw.shelf.full(held.file)) from damage
        if len(found.keys() & names.values()) < len(names):
            raise spoiled(raw.shelf.full(held.file))
    return found
