"""What did a slice look up, and would it find the same today? Then it is not read again."""

import hashlib
import json
from collections.abc import Mapping

from biglam_pipeline.normalize.mapping.lookups import Lookups
from biglam_pipeline.store.shelf import Shelf

_NOTES = "lookups/"


def key_with_lookups(shelf: Shelf, key: str, lookups: Lookups | None) -> str:
    """The key of a slice that is joined: it stays while the look-ups that the slice made give what they gave.

    key: of the slice's own files and settings.
    """
    if lookups is None:
        return key
    for name in shelf.list(f"{_NOTES}{key}."):
        read_with, seen_with = name.split(".")[1:3]
        asked: dict[str, str] = json.loads(shelf.read(name))["asked"]
        if seen_with == lookups.digest or lookups.gives_now(asked) == asked:
            _put_note(shelf, f"{key}.{read_with}.{lookups.digest}", asked)
            return _joined_key(key, read_with)
    return _joined_key(key, lookups.digest)


def note_lookups(shelf: Shelf, key: str, lookups: Lookups, asked: Mapping[str, str]) -> None:
    """Keeps what a slice asked, once it is shelved. Killed before, the slice is read again once its tables change.

    key: as `key_with_lookups` was given it.
    """
    _put_note(shelf, f"{key}.{lookups.digest}.{lookups.digest}", asked)


def _put_note(shelf: Shelf, note: str, asked: Mapping[str, str]) -> None:
    """note: the slice's own key, the tables that it was read with, and those that gave the same last."""
    name = f"{_NOTES}{note}.json"
    if not shelf.exists(name):
        shelf.put(name, json.dumps({"asked": dict(sorted(asked.items()))}).encode())


def forget_lookups(shelf: Shelf, today: Mapping[str, str]) -> None:
    """Takes notes away that no slice needs any more. today: key, as it was given to `key_with_lookups` -> digest of the
    tables that its rows are joined with.
    """
    for name in shelf.list(_NOTES):
        key, _, seen_with = name.removeprefix(_NOTES).split(".")[:3]
        if today.get(key) != seen_with:
            shelf.delete(name)


def _joined_key(key: str, digest: str) -> str:
    return hashlib.sha256(f"{key} {digest}".encode()).hexdigest()[:32]
