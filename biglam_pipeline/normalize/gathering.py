"""Which files are read together, where only the files say so? A METS names its pages, wherever they lie.

What a file names is its outline. It is read once for each shelved batch or archive, which never changes, and kept
beside it: a night that brought nothing new opens no file for it.
"""

from collections.abc import Iterable, Iterator, Mapping

from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.reader import LooksInside, Reader
from biglam_pipeline.normalize.slicing import Piece, Pile, pieces_of, piles_of, slices_of
from biglam_pipeline.records import Held
from biglam_pipeline.store.raw import RawShelf

Outlines = dict[str, tuple[str, ...]]
"""File -> the addresses that it names, for every file that is the format's by its content."""


def piles_in(raw: RawShelf, reader: Reader, objects: dict[str, Held]) -> list[Pile]:
    """What the reader reads of these objects, bundle by bundle, in the order of the bundles' names."""
    return piles_among(raw, reader, pieces_of(raw, objects))


def piles_among(raw: RawShelf, reader: Reader, pieces: dict[str, Piece]) -> list[Pile]:
    """The same of files that were looked up already."""
    if not isinstance(reader, LooksInside):
        return piles_of(reader, pieces)
    urls = {piece.name: piece.held.url for piece in pieces.values() if not piece.member}
    groups = reader.gather(sorted(pieces), outlines_of(raw, reader, pieces), urls)
    return piles_of(reader, pieces, groups)


def outlines_of(raw: RawShelf, reader: LooksInside, pieces: Mapping[str, Piece]) -> Outlines:
    """The outlines of these files: from the shelf where they were read before, else out of the files."""
    homes: dict[str, list[Piece]] = {}
    for piece in pieces.values():
        if reader.may_read(piece.name):
            homes.setdefault(piece.held.file or piece.held.batch, []).append(piece)
    kept = raw.kept_outlines()
    found: Outlines = {}
    for home, inside in homes.items():
        known = kept.read(f"{reader.type} {reader.version} {home}")
        new = [piece for piece in inside if piece.sha256 not in known]
        if new:
            looked = dict.fromkeys(piece.sha256 for piece in new) | dict(_look(raw, reader, new))
            kept.add(looked)
            known |= looked
        found |= {piece.name: known[piece.sha256] or () for piece in inside if known[piece.sha256] is not None}
    return found


def _look(raw: RawShelf, reader: LooksInside, pieces: Iterable[Piece]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Opens each file once, a slice of them at a time: its digest -> its outline."""
    piles = [Pile(piece.name, (piece,)) for piece in sorted(pieces, key=lambda piece: piece.name)]
    for chunk in slices_of(piles, "replace"):
        for bundle in open_slice(raw, chunk):
            for item in bundle.items:
                yield item.sha256, reader.outline(item)
