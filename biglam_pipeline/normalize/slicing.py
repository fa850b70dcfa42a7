"""Bundles and slices: which files are read together, and which bundles make one unit of work.

A slice ends after a bundle whose name says so (a hash against its size), so that a bundle that is added, or gone,
moves only its neighbours. The slice is what is skipped when nothing in it changed, and what a killed run resumes at.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.patterns import is_ignored
from biglam_pipeline.records import Held
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import NOTHING
from biglam_pipeline.store.surveys import note_of

SLICE_BYTES = 64 * 2**20
SMALLEST_SLICE_BYTES = 4 * 2**20
SLICES = 256
"""So many make up a source of ordinary size: one changed file in a hundred then costs about a hundredth."""
LARGEST_SLICE = 4 * SLICE_BYTES
"""A file above this is read as a stream; a slice of the ordinary size ends at no more."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file as a reader will see it: an object of the raw shelf, or a member of one that is an archive."""

    name: str
    held: Held
    member: str
    sha256: str
    size: int
    left: tuple[str, ...] = ()
    """sha256 of other bytes that are right too, those that a takedown left; NOTHING last where there are none."""
    known: Mapping[str, Any] | None = None
    """`Item.known`."""

    @property
    def is_gone(self) -> bool:
        """Whether nothing was left of it."""
        return self.left[-1:] == (NOTHING,)


@dataclass(frozen=True, slots=True)
class Pile:
    """One bundle before it is opened."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(piece.size for piece in self.pieces)

    @property
    def harvest(self) -> int:
        """The visit that last brought one of its files."""
        return max(piece.held.harvest for piece in self.pieces)


def pieces_of(raw: RawShelf, objects: dict[str, Held]) -> dict[str, Piece]:
    """Every file of a harvest by name; members of archives stand in a folder named like the archive."""
    found: dict[str, Piece] = {}
    for key, held in objects.items():
        if not held.archive:
            found[key] = Piece(key, held, "", held.sha256, held.size)
            continue
        ignore = note_of(held).ignore
        for one in raw.surveys.members(held.sha256):
            name = f"{key}/{one.name}"
            if not is_ignored(ignore, name):
                found[name] = Piece(name, held, one.name, one.sha256, one.size)
    return found


def piles_of(reader: Reader, pieces: dict[str, Piece], groups: Mapping[str, list[str]] | None = None) -> list[Pile]:
    """What the reader reads, bundle by bundle, in the order of the bundles' names.

    groups: the names of each bundle's files, where they do not follow from names alone.
    """
    if groups is None:
        groups = reader.bundles(sorted(pieces))
    return [Pile(name, tuple(pieces[one] for one in names)) for name, names in sorted(groups.items())]


def as_they_stand(raw: RawShelf, piles: Sequence[Pile]) -> tuple[Pile, ...]:
    """The same bundles, with what the raw shelf notes of their files: all that reading has to know of takedowns."""
    notes = raw.redactions
    if not notes.copies:
        return tuple(piles)

    def standing(piece: Piece) -> Piece:
        left = tuple(notes.left(piece.held, piece.member))
        return replace(piece, left=left, known=notes.known(piece.held, piece.member))

    return tuple(Pile(pile.name, tuple(map(standing, pile.pieces))) for pile in piles)


def slice_bytes_for(size: int) -> int:
    """How large the slices of a source are of which so many bytes are read: kept from then on, so that none moves."""
    return min(max(size // SLICES, SMALLEST_SLICE_BYTES), SLICE_BYTES)


def slices_of(piles: Sequence[Pile], mode: str, slice_bytes: int = SLICE_BYTES) -> Iterator[tuple[Pile, ...]]:
    """Cuts the bundles into slices of about `slice_bytes`, four times that at most and whole bundles at least.

    In `extend` mode a visit's bundles stay among themselves."""
    waiting: list[Pile] = []
    size = 0
    for pile in piles:
        if waiting and mode == "extend" and pile.harvest != waiting[-1].harvest:
            yield tuple(waiting)
            waiting, size = [], 0
        waiting.append(pile)
        size += pile.size
        share = int.from_bytes(hashlib.sha256(pile.name.encode()).digest()[:8]) / 2**64
        if share < pile.size / slice_bytes or size >= 4 * slice_bytes:
            yield tuple(waiting)
            waiting, size = [], 0
    if waiting:
        yield tuple(waiting)


def pile_digest(pile: Pile) -> str:
    """Digest of one bundle as it came: its files' names and bytes."""
    told = "\x01".join([pile.name, *(f"{piece.name}\x00{piece.sha256}" for piece in pile.pieces)])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def slice_key(piles: Sequence[Pile], settings: str) -> str:
    """Digest of the files' names and bytes and of the settings they are read with.

    A protocol that extends names its objects after the visit, so a later visit's page is another page; and the
    slices of a first, full visit stay what they are when later ones are laid over it.
    """
    digest = hashlib.sha256(settings.encode())
    for pile in piles:
        digest.update(f"\x01{pile.name}".encode())
        for piece in pile.pieces:
            digest.update(f"\x00{piece.name}\x00{piece.sha256}".encode())
    return digest.hexdigest()[:32]
