"""Reads Parquet: any file of columns, nested ones too, and the parts that another source of this pipeline laid.

https://parquet.apache.org/docs/file-format/ ; features: https://huggingface.co/docs/datasets/about_dataset_features
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any, BinaryIO, ClassVar, Literal

import orjson
from pydantic import Field, model_validator

from biglam_pipeline.columns import BLOCKS, CORE, DUPLICATES, FIRST_SEEN, Modality
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.normalize.cut import Cut, Fields, Found
from biglam_pipeline.normalize.equals import Times, gone_with
from biglam_pipeline.normalize.formats.parquet.windows import Row, Window, unread, windows_of
from biglam_pipeline.normalize.mapping.nested import NestedColumn
from biglam_pipeline.normalize.mapping.paths import PathLanguage
from biglam_pipeline.normalize.mapping.references import joined_references, mapped_paths
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.as_laid import as_laid
from biglam_pipeline.normalize.rows.pictures import MAX_PICTURE_BYTES, MaxBytes, picture_columns, refuse_measured
from biglam_pipeline.normalize.walking import listed
from biglam_pipeline.parsing.counted import added
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, Unreadable
from biglam_pipeline.parsing.parquet.cells import is_picture
from biglam_pipeline.parsing.parquet.opening import Opened, Paths, open_parquet
from biglam_pipeline.parsing.parquet.rewriting import without_rows
from biglam_pipeline.place import Place
from biglam_pipeline.quality.image import NoPicture
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts, Misplaced

_CANONICAL = tuple(column.name for column in (*CORE, *(one for block in BLOCKS.values() for one in block)))
_NOT_TAKEN = frozenset({FIRST_SEEN.name, *(column.name for column in DUPLICATES)})
"""What each source says of its own rows."""
_OF_SOURCE = "source:"


class Parquet(Reader):
    """One row of a file is one row; a PATH is the name of a column, and behind a dot the field in it.

    Of parts that another source laid, all common columns come over as they are.
    """

    type: Literal["parquet"] = "parquet"
    """Parquet: files of columns, as the Hub has them, and the rows of `source:NAME`."""
    rows: Literal["row"] = "row"
    """What one row is."""
    image: str | None = Field(default=None, min_length=1)
    """The column that holds each row's picture: {bytes, path} as `datasets` keeps it, or bytes."""
    max_bytes: MaxBytes = MAX_PICTURE_BYTES
    """A larger picture is rejected: whoever reads the dataset has to hold it in memory."""

    accounts: ClassVar[Accounts] = Accounts(
        "rows that became rows or rejects, one for each row that cannot be read",
        "the number of rows in the footer, and that of its row groups; checksums of pages where there are some",
        "a footer that contradicts itself, or a file that is cut, is a reject; the rows of a row group that is damaged "
        "are rejects, each",
    )
    version: ClassVar[int] = 2
    extensions: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    blanks: ClassVar[bool] = True
    path_language: ClassVar[PathLanguage] = NestedColumn()
    fills: ClassVar[bool] = False
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "parquet"
    guessed_from: ClassVar[tuple[str, ...]] = ("parquet", "pq")
    addresses: ClassVar[tuple[str, ...]] = (_OF_SOURCE,)
    called: ClassVar[tuple[str, ...]] = ("arrow", "datasets", "pq", "geoparquet")
    names_records: ClassVar[bool] = False
    hears_rights: ClassVar[bool] = False
    notes: ClassVar[tuple[str, str]] = (
        (
            "A column is asked for by its name; `metadata.title` is the field of a struct, and of a list of structs "
            "the field of each. A column whose own name has a dot goes before. Only what is asked for is read."
        ),
        (
            "A decimal, a day and a moment are texts as ISO 8601 and SQL write them, a map with texts as keys is an "
            "object, a ClassLabel its name, NaN nothing. Bytes are a text where they are UTF-8, and else no value. "
            "Of `source:NAME` nothing has to be mapped but the source's own columns, under `extra`."
        ),
    )

    @model_validator(mode="after")
    def _pictures_by_one_way(self) -> "Parquet":
        if self.image is not None:
            if self.modality not in (None, "image"):
                said = f"`image` gives rows of modality image, not {self.modality}; leave it out"
                raise Misplaced((("modality",), said))
            if self.pictures is not None:
                raise Misplaced((("with", "image"), "rows have their pictures by `image` already; leave one out"))
            refuse_measured(self.map.values, "`image`")
        return self

    @property
    def chosen_modality(self) -> Modality:
        """Image where a column holds the pictures."""
        return "image" if self.image is not None else super().chosen_modality

    @property
    def publishes_pictures(self) -> bool:
        """Also where a column holds them."""
        return self.image is not None or super().publishes_pictures

    def cut(self, item: Item) -> Iterator[Found]:
        """Row by row; what of a file cannot be read is a Reject, row by row where it is known how many there are."""
        with closing(open_parquet(partial(_seekable, item))) as opened:
            yield from self._cut(item, opened)

    def expected(self, bundle: Bundle) -> int | None:
        """The rows that the footers tell."""
        return added(map(_told, bundle.items))

    def _cut(self, item: Item, opened: Opened) -> Iterator[Found]:
        laid = item.url.startswith(_OF_SOURCE)
        self._refuse_empty_map(item, opened, laid=laid)
        wanted, asked = self._wanted(opened, laid=laid), set[str]()
        places, numbered = _Places(item), Times(_gone(item))
        yield Fields(Paths([*opened.paths, *_CANONICAL]) if laid else opened.paths)
        for window in windows_of(opened, wanted, asked):
            for at in range(window.rows):
                place = places.of(window.begins + at + 1)
                numbered.come_to(place)
                if window.broken:
                    yield Reject("parquet_damaged", f"it cannot be read: {window.broken}", item.name, f"row {place}")
                else:
                    yield from self._row(item, window, at, place, numbered, laid=laid)
        yield Unmapped(0, {} if laid else unread(opened, asked))

    def _row(
        self, item: Item, window: Window, at: int, place: int, numbered: Times, *, laid: bool
    ) -> Iterator[Cut | Reject]:
        row = Row(item.name, window, at)
        columns, fixed, problems = dict[str, Any](), dict[str, Any](), window.problems.get(at, [])
        identifier: str | Callable[[], str] = partial(_named, item, numbered, row)
        if laid:
            columns, fixed = as_laid(row, self.map.values)
            identifier = str(row.get("id") or "")
        elif self.chosen_modality == "text":
            fixed = {"text_unit": "row", "text_origin": "born_digital"}
        if self.image is not None:
            try:
                columns |= self._picture(item, row[self.image], place)
            except NoPicture as trouble:
                yield Reject(trouble.reason, f"{item.name}: {trouble.detail}", item.name, f"row {place}")
                return
            problems = [*problems, *(() if "image" in columns else ("image: its bytes are not in the file",))]
        yield Cut(row, identifier, columns, fixed, Place("row", place), problems=tuple(problems))

    def _picture(self, item: Item, cell: Any, place: int) -> dict[str, Any]:
        """The columns of a picture; none where only its path is there."""
        data, path = (cell.get("bytes"), cell.get("path")) if isinstance(cell, Mapping) else (cell, None)
        data = data.encode() if isinstance(data, str) else data  # bytes that happen to be a text
        if not isinstance(data, bytes):
            return {}
        name = str(path or f"{item.name}-{place}").rpartition("/")[2]
        digest = hashlib.sha256(data).hexdigest()
        one = Item(name, item.url, item.retrieved_at, digest, len(data), item.harvest, "", partial(io.BytesIO, data))
        return picture_columns(one, self.max_bytes)

    def _wanted(self, opened: Opened, *, laid: bool) -> list[str]:
        """The columns that are read before a row is made of them, so that a row that is lost is a reject."""
        paths = [path.path for _, value in self.places for path in value.paths() if path.reference is None]
        named = [
            *paths,
            *([self.image] if self.image else []),
            *(_CANONICAL if laid else ()),
            *(["id"] if laid else []),
        ]
        return [one for one in dict.fromkeys(opened.column_of(path) for path in named) if one]

    def _refuse_empty_map(self, item: Item, opened: Opened, *, laid: bool) -> None:
        mapped = [*self.map.values.values(), *self.map.extra.values()]
        if self.image is not None and not self._holds_pictures(opened):
            there = next((f"write {one.name}" for one in opened.file.schema_arrow if is_picture(one.type)), _NONE)
            raise ConfigError(f"{item.name}: `image: {self.image}` is no column of pictures; {there}")
        read = self._is_joined or self.pictures is not None or self.image is not None
        if not (laid or read or any(mapped_paths(mapped)) or any(joined_references(mapped))):
            raise ConfigError(
                f"{item.name}: nothing of the file is mapped, so its rows would be empty; it has the columns "
                f"{listed(opened.paths)}. Say in `map` which goes where: map: {{title: COLUMN, extra: [COLUMN]}}"
            )

    def _holds_pictures(self, opened: Opened) -> bool:
        return self.image in opened.known and is_picture(opened.file.schema_arrow.field(self.image).type)

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> Mapping[str, Iterable[bytes] | None]:
        """The file written again without these rows."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            if places := _places(item, records):
                opened, standing = open_parquet(partial(_seekable, item)), _Places(item)
                there = [number for number in range(1, opened.rows + 1) if standing.of(number) in places]
                left[item.name] = without_rows(opened, there) if len(there) < opened.rows else None
        return left

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Which rows are gone, so that the others keep their places and numbers."""
        noted: dict[str, dict[str, Any]] = {}
        for item in bundle.items:
            if places := _places(item, records):
                cuts = (one for one in self.cut(item) if isinstance(one, Cut))
                rows = ((one.place.number, _digest(one.record)) for one in cuts)
                gone = gone_with(_gone(item), rows, places)
                noted[item.name] = {"gone": {str(at): digest for at, digest in sorted(gone.items())}}
        return noted


_NONE = "none of its columns holds {bytes, path} or bytes; leave `image` out"


def _told(item: Item) -> int:
    with closing(open_parquet(partial(_seekable, item))) as opened:
        return opened.rows


def _seekable(item: Item) -> BinaryIO:
    stream = item.open()
    if stream.seekable():
        return stream
    with stream:
        data = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        detail = f"it is larger than {MAX_DOCUMENT_BYTES:,} bytes and lies in an archive; harvest the file by itself"
        raise Unreadable("too_large", detail)
    return io.BytesIO(data)


def _gone(item: Item) -> dict[int, str]:
    """Places of rows that a takedown took out -> the digest where an equal one stays behind it, or nothing."""
    return {int(at): digest for at, digest in ((item.known or {}).get("gone") or {}).items()}


class _Places:
    """Where rows stood in the file as it came: what a takedown took out goes on counting."""

    def __init__(self, item: Item) -> None:
        self._gone, self._number, self._place = _gone(item), 0, 0

    def of(self, number: int) -> int:
        """Of a row of the file as it is, from 1; asked in order."""
        while self._number < number:
            self._number += 1
            self._place += 1
            while self._place in self._gone:
                self._place += 1
        return self._place


def _places(item: Item, records: Sequence[tuple[Record, str]]) -> set[int]:
    return {record.place.number for record, _ in records if record.item == item.name}


def _named(item: Item, numbered: Times, row: Row) -> str:
    """A row without an identifier is called by its file and what it holds."""
    return f"{item.name}#{numbered.numbered(_digest(row))}"


def _digest(row: Row) -> str:
    """16 hexadecimal digits that say what a row holds, in whatever order its columns are."""
    cells = {name: value for name, value in row.whole().items() if name not in _NOT_TAKEN}
    option = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(orjson.dumps(cells, default=_of_bytes, option=option)).hexdigest()[:16]


def _of_bytes(value: Any) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else repr(value)
