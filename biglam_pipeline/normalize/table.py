"""Reads tables: CSV, TSV and JSON Lines, row by row.

CSV: https://www.rfc-editor.org/rfc/rfc4180 ; JSON Lines: https://jsonlines.org/
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.cells import Row, blank_rows, read_csv
from biglam_pipeline.normalize.joining import Album, With
from biglam_pipeline.normalize.jsonl import blank_lines, read_json_lines
from biglam_pipeline.normalize.mapping import mapped_paths
from biglam_pipeline.normalize.paths import ColumnName, PathLanguage, Scene
from biglam_pipeline.normalize.pictures import refuse_measured
from biglam_pipeline.normalize.reader import Reader, RowMaker
from biglam_pipeline.normalize.steps import as_text
from biglam_pipeline.normalize.values import Value
from biglam_pipeline.parsing.inflate import open_plain, packed_as
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Bundle, Item, Read, Record, Reject, Unmapped

_JSON = (".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv", ".tab", *_JSON)
_POINTER = b"version https://git-lfs.github.com/spec/"


class Table(Reader):
    """One row of a table is one row; a PATH is the name of a column (of a top-level key in JSON Lines)."""

    type: Literal["table"] = "table"
    """CSV, TSV and JSON Lines."""
    rows: Literal["row"] = "row"
    """What one row is."""
    header: tuple[str, ...] | None = None
    """The names of the columns, for a file that does not say them itself."""
    delimiter: str | None = None
    """What divides cells; found out by itself among comma, semicolon, tab and |."""
    encoding: str | None = None
    """The encoding of the text; by default what the file's first bytes say, then UTF-8, then a guess."""

    with_: With | None = Field(default=None, alias="with")
    """What else belongs to a row: {image: {files: PATTERN, by: {COLUMN: $name}}}, its picture."""

    extensions: ClassVar[tuple[str, ...]] = _TABLES
    version: ClassVar[int] = 1
    path_language: ClassVar[PathLanguage] = ColumnName()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "table"
    joins: ClassVar[bool] = True

    @field_validator("header")
    @classmethod
    def _different(cls, header: tuple[str, ...] | None) -> tuple[str, ...] | None:
        twice = [name for name, times in Counter(header or ()).items() if times > 1 or not name]
        if twice or header == ():
            raise ValueError(f"every column needs a name of its own, not {twice or 'an empty list'}")
        return header

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, delimiter: str | None) -> str | None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise ValueError(f"{delimiter!r} cannot divide cells; write one character, or tab")
        return delimiter

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        try:
            "".encode(encoding or "utf-8")
        except LookupError:
            raise ValueError(f"{encoding!r} is not an encoding; write one such as utf-8 or cp1252") from None
        return encoding

    @model_validator(mode="after")
    def _with_picture(self) -> "Table":
        if self.with_ is not None:
            if self.modality not in (None, "image"):
                raise ValueError(f"`with: image` gives rows of modality image, not {self.modality}")
            refuse_measured(self.map.values, "`with: image`")
        return self

    @property
    def chosen_modality(self) -> Modality:
        """Image where rows have their pictures with them."""
        return "image" if self.with_ is not None else super().chosen_modality

    @property
    def mapped_values(self) -> list[Value]:
        """What `map`, `where` and `by` read."""
        return [*super().mapped_values, *(self.with_.image.by.mine if self.with_ else ())]

    def bundles(self, names: Sequence[str]) -> dict[str, list[str]]:
        """A table, then the pictures of its rows."""
        patterns = self.with_.image.files if self.with_ else ()
        pictures = sorted({name for name in names if patterns and choose(patterns, name) is not None})
        return {name: [name, *(one for one in pictures if one != name)] for name in self._chosen(names)}

    def _read(self, bundle: Bundle, rows: RowMaker) -> Iterator[Read]:
        tables = [item for item in bundle.items if item.name == bundle.name]  # none where it was taken down
        pictures = [item for item in bundle.items if item.name != bundle.name]
        album = Album(self.with_.image, pictures) if self.with_ else None
        for item in tables:
            yield from self._read_file(item, rows, album)
        if album is not None and album.left_over:
            yield Unmapped(0, {"pictures that no row names": album.left_over})

    def _read_file(self, item: Item, rows: RowMaker, album: Album | None) -> Iterator[Read]:
        _refuse_pointer(item)
        facts = self.facts(item)
        fill: Counter[str] = Counter()
        read = {path.path for path in mapped_paths(rows.values)}
        seen: set[str] = set()
        count, before = 0, rows.left_out
        for row in self._rows(item, seen, rows):
            if isinstance(row, Reject):
                yield row
                continue
            count += 1
            fill.update(name for name, cell in row.cells.items() if name not in read and cell not in (None, ""))
            yield from self._row(item, row, facts, rows, album)
        if count and item.name.lower().endswith(_JSON):
            _refuse_missing(item, rows, seen)
        yield Unmapped(count, dict(fill), rows.left_out - before)

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """The rows' lines are empty, all other bytes are as they were; the pictures of the rows are gone."""
        left = super().redact(bundle, records)
        for item in bundle.items:
            lines = {int(record.position.split()[1]) for record, _ in records if record.item == item.name}
            plain = partial(open_plain, item)
            if lines and item.name.lower().endswith(_JSON):
                left[item.name] = packed_as(item, blank_lines(plain, lines))
            elif lines:
                left[item.name] = packed_as(item, blank_rows(item.name, plain, self.delimiter, self.encoding, lines))
        return left

    def _rows(self, item: Item, seen: set[str], rows: RowMaker) -> Iterator[Row | Reject]:
        if item.name.lower().endswith(_JSON):
            yield from read_json_lines(item, lambda: open_plain(item), seen)
            return
        for row in read_csv(item, lambda: open_plain(item), self.header, self.delimiter, self.encoding):
            if isinstance(row, Row) and not seen:
                seen.update(row.cells)
                _refuse_missing(item, rows, seen)
            yield row

    def _row(
        self, item: Item, row: Row, facts: Mapping[str, Any], rows: RowMaker, album: Album | None
    ) -> Iterator[Read]:
        scene = Scene(row.cells, facts)
        own: dict[str, Any] = (
            {"text_unit": "row", "text_origin": "born_digital"} if self.chosen_modality == "text" else {}
        )
        yield from rows.make(
            scene,
            lambda: f"{item.name}#{_digest(row.cells)}",
            item=item.name,
            position=row.position,
            problems=row.problems,
            last=partial(album.columns, scene) if album else None,
            **own,
        )


def _digest(cells: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that say what a row holds. Lengths keep `ab|c` and `a|bc` apart."""
    digest = hashlib.sha256()
    for name, cell in cells.items():
        for part in (name, as_text(cell)):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:16]


def _refuse_pointer(item: Item) -> None:
    """MoMA's Artworks.csv came as 133 bytes that only name the real file; one row of nonsense is worse than none."""
    if item.size > 1024:
        return
    stream: BinaryIO
    with item.open() as stream:
        head = stream.read(len(_POINTER))
    if head == _POINTER:
        detail = "is a Git LFS pointer, not the table; harvest the file that it points to"
        raise SourceChanged(f"{item.name} {detail}")


def _refuse_missing(item: Item, rows: RowMaker, there: Collection[str]) -> None:
    missing = sorted({name for value in rows.values for name in value.missing(there)})
    if missing:
        message = f"{item.name} has no column {', '.join(map(repr, missing))}; it has {', '.join(sorted(there))}"
        raise SourceChanged(f"{message}. Change `map`, or `files` if this is another table.")
