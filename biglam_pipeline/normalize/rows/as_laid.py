"""Rows of another source come over as they are: what it normalised stands, and is not read a second time."""

from collections.abc import Collection, Mapping
from typing import Any

from biglam_pipeline.columns import BLOCKS, CORE

LAID = "as_laid"
"""Among the values of a Record, the columns of the row that another source laid; it is no column itself."""
_ALL = tuple(dict.fromkeys(column.name for column in (*CORE, *(one for block in BLOCKS.values() for one in block))))
_OWN = frozenset(
    {"id", "source_id", "source_record_id", "parent_id", "rights_uri", "rights_name", "rights_tier", "ocr_confidence"}
)
"""What a row says of itself here; its rights are judged once more, by the layers of the entry; a confidence is rounded
where rows are made."""
_RAW_RIGHTS = frozenset({"rights_raw", "object_rights_raw", "object_rights_uri", "rights_basis", "rights_until"})
_DATES = ("date_raw", "date_edtf", "year_start", "year_end", "date_precision", "date_qualifier", "date_type")
_WITH = {
    "date": (*_DATES, "year_evidence", "original_date_raw"),
    "languages": ("languages", "languages_raw"),
    "text": ("text", "n_chars", "n_words", "transforms"),
}
"""Word of `map` -> columns that follow from it; any other feeds the one of its name."""


def as_laid(cells: Mapping[str, Any], mapped: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a Record holds of a row that another source laid: its columns, and with LAID what of them stands as it is.

    cells: the row, by column; mapped: words of `map`, whose values go over it. Its one statement is the one that was
    recognised there; a parent is known by its source, as the row is.
    """
    row = {name: cells[name] for name in _ALL if cells.get(name) is not None}
    gone = {column for word in mapped for column in _WITH.get(word, (word,))}
    columns = {name: value for name, value in row.items() if name not in _RAW_RIGHTS and name not in gone}
    if statement := row.get("rights_uri") or row.get("rights_name"):
        columns["rights_raw"] = [statement]
    if "parent_id" in columns:
        columns["parent_id"] = f"{row.get('source_id', '')}:{columns['parent_id']}"
    standing = {name: row.get(name) for name in _ALL if name in cells and name not in _OWN and name not in gone}
    return columns, {LAID: standing}


def settle(row: dict[str, Any], laid: Mapping[str, Any]) -> None:
    """Puts what stands as it is into a row that was made of it, in place."""
    row.update((name, value) for name, value in laid.items() if name in row)
