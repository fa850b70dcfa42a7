"""What is a row of a table called, where its entry maps no `id`? By its file and what it holds."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.equals import Times
from biglam_pipeline.normalize.formats.table.cells import RowBlock
from biglam_pipeline.normalize.formats.table.jsonl import as_written
from biglam_pipeline.normalize.mapping.verb import as_text
from biglam_pipeline.records import Item, Record

_POINTER = b"version https://git-lfs.github.com/spec/"


def lines_of(item: Item, records: Sequence[tuple[Record, str]]) -> set[int]:
    return {record.place.number for record, _ in records if record.item == item.name}


def named(item: Item, times: Times, cells: Mapping[str, Any]) -> str:
    """A row without an identifier is called by its file and what it holds."""
    return f"{item.name}#{times.numbered(digest(cells))}"


def named_in(item: Item, times: Times, block: RowBlock, at: int) -> str:
    return named(item, times, block.row(at))


def digest(cells: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that say what a row holds. Lengths keep `ab|c` and `a|bc` apart."""
    digest = hashlib.sha256()
    for name, cell in cells.items():
        for part in (name, as_written(cell) if isinstance(cell, dict | list) else as_text(cell)):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:16]


def refuse_pointer(item: Item) -> None:
    """MoMA's Artworks.csv came as 133 bytes that only name the real file; one row of nonsense is worse than none."""
    if item.size > 1024:
        return
    stream: BinaryIO
    with item.open() as stream:
        head = stream.read(len(_POINTER))
    if head == _POINTER:
        detail = "is a Git LFS pointer, not the table; harvest the file that it points to"
        raise SourceChanged(f"{item.name} {detail}")
