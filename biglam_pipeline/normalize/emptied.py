"""What is left of a file of records where a takedown took some out? A header that says so, where they have one."""

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from biglam_pipeline.normalize.oai_records import child_of, mark_deleted
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces, replace_pieces
from biglam_pipeline.records import Item

Change = tuple[int, int, bytes]
"""Place, length, and what takes that place."""


def emptied(
    item: Item, names: Mapping[int, str], layout: Layout, is_due: Callable[[Piece], bool]
) -> list[Change] | None:
    """What takes the place of the records of these numbers. None where the file is the record."""
    changes, count, outside = [], 0, False
    with open_plain(item) as stream:
        due = (piece for piece in Pieces(stream, layout, item.media_type) if is_due(piece))
        for count, piece in enumerate(due, 1):
            if (name := names.get(count)) is None or piece.element is None:
                continue
            outside = outside or not piece.path
            instead = b"<!-- taken down -->"
            if child_of(piece.element, "header") is not None:
                mark_deleted(piece.element, name)
                instead = etree.tostring(piece.element, encoding="ASCII", with_tail=False)
            changes.append((piece.start, piece.size, instead))
    return None if outside and count == 1 else changes


def rewritten(item: Item, changes: list[Change]) -> Iterator[bytes]:
    """The file with these."""
    with open_plain(item) as stream:
        yield from replace_pieces(stream, changes, item.media_type)
