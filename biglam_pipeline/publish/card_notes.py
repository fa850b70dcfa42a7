"""What somebody wrote on a card where the program writes, kept aside on the shelf and reported until it is settled."""

import hashlib
import json
from dataclasses import asdict

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.publish.blocks import Edit, key_of
from biglam_pipeline.store.shelf import Shelf

_FOLDER = "kept/"
_DIFFERENCE = "difference.json"
"""The note about a file beside the sources file; there is one at most."""


def added_lines(edit: Edit) -> list[str]:
    """What somebody wrote that was not there."""
    before = {key_of(line) for line in edit.before.split("\n")}
    return [line.strip() for line in edit.after.split("\n") if line.strip() and key_of(line) not in before]


def shown(edit: Edit) -> str:
    """The same, on one line."""
    return " / ".join(added_lines(edit))[:300]


def keep_note(shelf: Shelf, edit: Edit, reported: str) -> str:
    """Keeps an edit with what is said of it; the sentence, with the way to hear no more of it."""
    name = f"{_FOLDER}{hashlib.sha256(repr(edit).encode()).hexdigest()[:16]}.json"
    reported = f"{reported}. It is kept in {shelf.where(name)}; delete that file to hear no more of it"
    shelf.put(name, json.dumps({**asdict(edit), "told": reported}, ensure_ascii=False, indent=1).encode())
    return reported


def keep_difference(shelf: Shelf, reported: str) -> str:
    """Keeps what is said of a file that differs from the Hub, or forgets it where nothing is said."""
    name = f"{_FOLDER}{_DIFFERENCE}"
    if reported:
        shelf.put(name, json.dumps({"told": reported}, ensure_ascii=False).encode())
    else:
        shelf.delete(name)
    return reported


def kept_notes(shelf: Shelf) -> list[str]:
    """All that is still to be reported. shelf: the source's own, at `<source>/hub`. ShelfDamaged."""
    return [_read(shelf, name)["told"] for name in shelf.list(_FOLDER)]


def forget_settled(shelf: Shelf, card: str) -> None:
    """Takes away the edits that a card says by now, where the program or people write them."""
    there = {_plain(line) for line in card.split("\n")}
    for name in shelf.list(_FOLDER):
        one = _read(shelf, name)
        if "place" in one and all(_plain(line) in there for line in added_lines(_edit(one))):
            shelf.delete(name)


def _edit(one: dict[str, str]) -> Edit:
    return Edit(one["place"], one.get("before", ""), one.get("after", ""))


def _plain(line: str) -> str:
    """A line without what Markdown needs to show it."""
    return key_of(line.replace("\\", "").replace("&amp;", "&").strip("|>#- "))


def _read(shelf: Shelf, name: str) -> dict[str, str]:
    try:
        found = {str(key): str(value) for key, value in json.loads(shelf.read(name)).items()}
    except (ValueError, AttributeError) as cause:
        raise ShelfDamaged(
            f"{shelf.where(name)} is damaged; delete it: the edit is in the Hub's own history"
        ) from cause
    return {"told": f"{shelf.where(name)} says nothing; delete it", **found}
