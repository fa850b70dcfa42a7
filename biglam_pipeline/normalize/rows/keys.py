"""What is equal to what: the digests of a row by which versions, duplicates, deliveries and copies are told apart."""

import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import orjson
import xxhash

from biglam_pipeline.columns import BLOCKS, CORE, IMAGE_FEATURE, Column

COPY_VERSION = 1
"""Of the rule by which a takedown knows a copy. Notes of takedowns keep such keys for good, and what they were made of
is gone from raw: a new rule gets a new number, and keys of every older one go on being made beside it.
"""

_CORE_1 = (
    *("source_id", "custodian", "collection", "type", "title", "title_alt", "creators", "publisher"),
    *("publication_place", "spatial", "date_raw", "date_edtf", "year_start", "year_end", "date_precision"),
    *("date_qualifier", "date_type", "languages", "languages_raw", "subjects", "genres", "description", "extent"),
    *("rights_raw", "rights_uri", "rights_tier", "rights_basis", "attribution", "labels"),
)
_BLOCKS_1 = {
    "text": ("text", "text_unit", "text_origin", "ocr_engine", "ocr_confidence", "n_chars", "n_words", "transforms"),
    "image": (
        *("image", "image_url", "iiif_service", "width", "height", "media_type", "image_sha256", "caption_raw"),
        *("text", "text_origin"),
    ),
    "metadata": ("record_format", "raw_record"),
}
"""The canonical columns that version 1 looks at. They are named one by one, so that a column which is added to the
schema later changes no key. `parent_id` is not among them: the same letter in another volume is a copy of it.
"""
_AT_ONCE = 128
"""Rows: each value goes into three digests, and of so many it is still in the processor's cache the second time."""
_SORTED = orjson.OPT_SORT_KEYS
_CANONICAL = {column.name for column in (*CORE, *(column for block in BLOCKS.values() for column in block))}
_NUMBERED = re.compile(r"(.*#[0-9a-f]{16})(?:-[0-9]+)?", re.DOTALL)
"""The identifier of a row that has none of its own: its file, its content, and which of several equal ones it is."""


def row_digest(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """16 bytes that say what these columns hold; equal for a row just made and the same row read back.

    Of a picture its name and sha256 count, so that its bytes are not gone through again.
    """
    named = {column.name: row.get(column.name) for column in columns}
    picture = named.get(IMAGE_FEATURE)
    if isinstance(picture, dict):
        named[IMAGE_FEATURE] = [picture["path"], row["image_sha256"]]
    return _digest(named)


def double_key(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """The same without what only says which copy a row is, as a picture's file name does: duplicates share it.

    The parent counts: two annotators who answer alike about two items have not given one answer.
    """
    return xxhash.xxh3_128_digest(part_key(row, columns) + orjson.dumps(row.get("parent_id")))


def part_key(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """What a part of a whole holds, whichever whole it is in: a delivery that comes twice has the same, in order."""
    named = {column.name: row.get(column.name) for column in columns if not column.identity}
    named["parent_id"] = None
    if isinstance(named.get(IMAGE_FEATURE), dict):
        named[IMAGE_FEATURE] = row["image_sha256"]
    return _digest(named)


def copy_key(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """What a takedown takes for a copy of a record, by the rule of COPY_VERSION: under any identifier or parent."""
    present = {column.name for column in columns}
    block = next(names for names in _BLOCKS_1.values() if present.issuperset(names))
    own = [name for name in present if name not in _CANONICAL]
    named = {name: row.get(name) for name in (*_CORE_1, *block, *own)}
    if isinstance(named.get(IMAGE_FEATURE), dict):
        named[IMAGE_FEATURE] = row["image_sha256"]
    return _digest(named)


class Keys:
    """The same four of each row of one source, where each value is written as JSON once and not four times."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """columns: those that the rows have."""
        names = sorted(column.name for column in columns)
        block = next(names for names in _BLOCKS_1.values() if {column.name for column in columns}.issuperset(names))
        identity = {column.name for column in columns if column.identity}
        self._values = operator.itemgetter(*names)
        self._places = {name: place for place, name in enumerate(names)}
        self._all = _Layout(names, names)
        self._part = _Layout(names, [name for name in names if name not in identity or name == "parent_id"])
        self._copy = _Layout(names, sorted({*_CORE_1, *block, *(name for name in names if name not in _CANONICAL)}))

    def of(self, row: Mapping[str, Any]) -> "RowKeys":
        """All of one row."""
        dumps, given, parent = orjson.dumps, list(self._values(row)), self._places["parent_id"]
        place = self._places.get(IMAGE_FEATURE, -1)
        has_picture = place >= 0 and isinstance(row[IMAGE_FEATURE], dict)
        if has_picture:
            given[place] = [row[IMAGE_FEATURE]["path"], row["image_sha256"]]
        values = [b"null" if value is None else dumps(value, None, _SORTED) for value in given]
        row_digest = self._all.digest(values)
        if has_picture:
            values[place] = dumps(row["image_sha256"], None, _SORTED)
        copy_key, parent_id = self._copy.digest(values), values[parent]
        values[parent] = b"null"
        part_key = self._part.digest(values)
        return RowKeys(row_digest, xxhash.xxh3_128_digest(part_key + parent_id), part_key, copy_key)

    def of_many(
        self, columns: Mapping[str, Sequence[bytes]], constants: Mapping[str, bytes], rows: int
    ) -> "tuple[list[bytes], list[bytes], list[bytes], list[bytes]]":
        """Of so many rows without pictures the four of each, in the order of RowKeys.

        columns: name -> the JSON of its value in each row; constants: that of the columns that are equal in all rows.
        """
        made: tuple[list[bytes], ...] = ([], [], [], [])
        for start in range(0, rows, _AT_ONCE):
            some = {name: column[start : start + _AT_ONCE] for name, column in columns.items()}
            for whole, part in zip(made, self._of_some(some, constants, min(_AT_ONCE, rows - start)), strict=True):
                whole += part
        digests, double_keys, part_keys, copies = made
        return digests, double_keys, part_keys, copies

    def _of_some(
        self, columns: Mapping[str, Sequence[bytes]], constants: Mapping[str, bytes], rows: int
    ) -> tuple[list[bytes], ...]:
        alone = {**columns, "parent_id": [b"null"] * rows}
        part_keys = self._part.digests(alone, constants, rows)
        parents = columns.get("parent_id") or [constants["parent_id"]] * rows
        double_keys = [xxhash.xxh3_128_digest(key + parent) for key, parent in zip(part_keys, parents, strict=True)]
        digests, copies = (each.digests(columns, constants, rows) for each in (self._all, self._copy))
        return digests, double_keys, part_keys, copies


class RowKeys(NamedTuple):
    """What `Keys` gives: each as the function of its name."""

    row_digest: bytes
    double_key: bytes
    part_key: bytes
    copy_key: bytes


class _Layout:
    """How some of the columns stand in JSON, with sorted names: what is between the values, and which values."""

    def __init__(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        """names: of all values; chosen: which, sorted."""
        self._between: list[bytes] = []
        for at, name in enumerate(chosen):
            self._between += [b"%b%b:" % (b"," if at else b"{", orjson.dumps(name)), b""]
        self._between.append(b"}")
        self._names = chosen
        self._chosen = operator.itemgetter(*(names.index(name) for name in chosen))

    def digest(self, values: Sequence[bytes]) -> bytes:
        """values: JSON."""
        written = self._between.copy()
        written[1::2] = self._chosen(values)
        return xxhash.xxh3_128_digest(b"".join(written))

    def digests(self, columns: Mapping[str, Sequence[bytes]], constants: Mapping[str, bytes], rows: int) -> list[bytes]:
        """Of so many rows. columns: the JSON of each, by name; constants: that of the columns that all rows share."""
        pieces: list[bytes | Sequence[bytes]] = []
        fixed = b""
        for between, name in zip(self._between[::2], self._names, strict=False):
            fixed += between
            if name in columns:
                pieces += [fixed, columns[name]]
                fixed = b""
            else:
                fixed += constants[name]
        pieces.append(fixed + self._between[-1])
        written = zip(*(repeat(one, rows) if isinstance(one, bytes) else one for one in pieces), strict=True)
        return list(map(xxhash.xxh3_128_digest, map(b"".join, written)))


def unnamed_key(source_record_id: str) -> bytes | None:
    """The same for a row that says too little to be known by it, and has no identifier of its own: equal rows of its
    file, which differ in their number alone. None where the identifier is of another form.
    """
    found = _NUMBERED.fullmatch(source_record_id)
    return xxhash.xxh3_128_digest(found[1].encode("utf-8", "replace")) if found else None


def _digest(named: Mapping[str, Any]) -> bytes:
    return xxhash.xxh3_128_digest(orjson.dumps(named, option=orjson.OPT_SORT_KEYS))
