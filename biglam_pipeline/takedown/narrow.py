"""What is kept of a record that was taken down, so that it goes on counting: digests, and nothing that it holds."""

from collections.abc import Sequence
from typing import Any

from biglam_pipeline.store.redaction import WENT_WITH

_DIGESTS = ("row_digest", "double_key", "part_key", "copy_key", "content_key")
_OF_NOTES = ("line", WENT_WITH)
_NOT_KEPT = {
    "year": None,
    "ocr_confidence": None,
    "size": 0,
    "image_hash": None,
    "pixels": None,
    "unit": None,
    "parent": None,
    "parent_seq": None,
    "part_key": None,
    "whole": None,
}
"""A picture's hash shows, dimly, what it is a picture of; a parent may be called after a person."""


def without_content(index: dict[str, Any], name: str) -> dict[str, Any]:
    """Its row in the index, under this id: digests, and a statement where it is a known one."""
    statement = index["statement"] if index["statement"].startswith(("http://", "https://")) else "none"
    return {**index, **_NOT_KEPT, "id": name, "statement": statement}


def encode_note(index: dict[str, Any], line: int | None = None, went_with: Sequence[str] = ()) -> dict[str, Any]:
    """The same as the raw shelf's notes keep it: digests in hexadecimal. line: where it stood in a file that is cut;
    went_with: the ids of the records for which it goes, where it is not kept out by its own name or content.
    """
    note = {name: value.hex() if name in _DIGESTS and value else value for name, value in index.items()}
    more = ({} if line is None else {"line": line}) | ({WENT_WITH: list(went_with)} if went_with else {})
    return note | more


def decode_note(note: dict[str, Any]) -> dict[str, Any]:
    """Read back. Notes of before copies had a key of their own have what it is now as `double_key`."""
    note = {
        "copy_key": note.get("double_key"),
        **{name: value for name, value in note.items() if name not in _OF_NOTES},
    }
    return {name: bytes.fromhex(value) if name in _DIGESTS and value else value for name, value in note.items()}
