"""What a takedown left of raw objects: the notes beside them, and the rewriting of batches, files and archives.

A takedown is the one reason to put other bytes in a shelved file's place. The digest of what came stays everywhere it
stood, so that slice keys, conditional requests and the chain stay true; the note says which other bytes are right too.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.records import TAKEN, StoredObject
from biglam_pipeline.store.reading import packed, sound
from biglam_pipeline.store.shelf import Shelf

NAME = "redacted.json"
WENT_WITH = "went_with"
"""In a note of `bundles`: the ids of the records for which a row goes that was not asked for itself."""
NOTHING = ""
"""In the place of a sha256: nothing was left."""


@dataclass(slots=True)
class Copy:
    """One object where it lies, and what may stand there instead of what came."""

    sha256: str
    """Of what came."""
    left: list[str] = field(default_factory=list)
    """sha256 of what each takedown left, the last one counts; earlier ones stand while a rewriting is under way."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """The same of an archive's members."""
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    """member, or "" for the object itself -> what the reader must know of it as it came (`Item.known`)."""
    ids: list[str] = field(default_factory=list)
    """Whose records were taken out, and are asked for again where they are restored."""
    wanted: bool = False
    """True where one of them was restored: the source is asked for the object again."""


def copy_name(held: StoredObject) -> str:
    """Names one copy of an object: the same bytes that came twice lie in two batches."""
    return held.file or f"{held.batch}#{held.key}"


class Redactions:
    """The notes of one raw shelf: `raw/redacted.json`."""

    def __init__(self, shelf: Shelf) -> None:
        """Reads the notes; there are none before the first takedown."""
        self._shelf = shelf
        self._read = shelf.read(NAME) if shelf.exists(NAME) else None
        with sound(shelf, NAME):
            raw: dict[str, Any] = json.loads(self._read) if self._read else {"copies": {}}
            self.copies = {name: Copy(**copy) for name, copy in raw["copies"].items()}
        self.bundles: dict[str, list[dict[str, Any]]] = raw.get("bundles", {})
        """Digest of a bundle as it came -> the index rows of what was taken out of it, digests in hexadecimal."""
        self.keys: dict[str, str] = raw.get("keys", {})
        """copy_key (hexadecimal) of what was taken down -> the id it was taken down for."""
        self.key_version: int = raw.get("key_version", 1)
        """Of the rule by which these were made."""
        self.slices: set[str] = set(raw.get("slices", []))
        """Slices with records that were taken down whose raw objects were dealt with."""
        self.pending: set[str] = set(raw.get("pending", []))
        """Copies that are being rewritten: a run that was killed may have left them as they were."""
        self.unsure: set[str] = set(raw.get("unsure", []))
        """Copies of which nobody knows whether a run that was killed had rewritten them: until all is searched."""
        self.again: set[str] = set(raw.get("again", []))
        """Bundles, named as in `bundles`, of which a takedown by another READ takes something: they are read again."""
        self.unchosen: set[str] = set(raw.get("unchosen", []))
        """Slices of READs with `where` that were looked through for what it leaves out, of which no slice has a row."""
        self.unreached: list[str] = raw.get("unreached", [])
        """What holds a taken-down record still, or may, in sentences: reported whenever the takedown is run again."""
        self.searched: str = raw.get("searched", "")
        """Digest of what the whole shelf, history included, was last searched for."""

    def save(self) -> None:
        """Puts the notes whole; no other run is at work on the source."""
        reported = {
            "searched": self.searched,
            "pending": sorted(self.pending),
            "slices": sorted(self.slices),
            "key_version": self.key_version,
            "keys": dict(sorted(self.keys.items())),
            "copies": {name: asdict(copy) for name, copy in sorted(self.copies.items())},
            "bundles": dict(sorted(self.bundles.items())),
            **({"unsure": sorted(self.unsure)} if self.unsure else {}),
            **({"again": sorted(self.again)} if self.again else {}),
            **({"unchosen": sorted(self.unchosen)} if self.unchosen else {}),
            **({"unreached": self.unreached} if self.unreached else {}),
        }
        new = json.dumps(reported, indent=1, ensure_ascii=False).encode()
        if new != self._read and (self.copies or self.keys or self._read):
            self._shelf.swap(NAME, self._read, new)
            self._read = new

    def of(self, held: StoredObject) -> Copy | None:
        """The note on an object where it lies, or None where nothing was taken out of it."""
        return self.copies.get(copy_name(held))

    def is_wanted(self, held: StoredObject) -> bool:
        """Whether the source shall be asked for it again."""
        copy = self.of(held)
        return copy is not None and copy.wanted

    def allows(self, held: StoredObject, member: str, sha256: str) -> bool:
        """Whether these other bytes of an object, or of a member, are what a takedown left."""
        return sha256 in self.left(held, member)

    def left(self, held: StoredObject, member: str = "") -> list[str]:
        """sha256 of all that takedowns left of it, NOTHING among them; empty where it is what it was."""
        copy = self.of(held)
        if copy is None:
            return []
        return copy.members.get(member, []) if member else copy.left

    def known(self, held: StoredObject, member: str = "") -> dict[str, Any] | None:
        """What the reader noted of it as it came; what is gone from it only where that is certain."""
        copy = self.of(held)
        known = copy.known.get(member) if copy else None
        if known and copy_name(held) in self.unsure | self.pending:
            return {name: value for name, value in known.items() if name != TAKEN} or None
        return known

    def along_with(self, ids: Iterable[str]) -> list[str]:
        """The ids of rows that went because they were made of these records."""
        asked = set(ids)
        notes = (note for noted in self.bundles.values() for note in noted)
        return sorted({note["id"] for note in notes if not asked.isdisjoint(note.get(WENT_WITH, ()))})

    def want_again(self, keeps_out: Callable[[str], bool]) -> None:
        """Where a takedown was taken back, the next visit asks for what it cost; keeps_out: of an id, today."""
        for copy in self.copies.values():
            copy.wanted = not all(map(keeps_out, copy.ids))
        self.save()

    def is_gone(self, held: StoredObject, member: str = "") -> bool:
        """Whether nothing was left of it."""
        return self.left(held, member)[-1:] == [NOTHING]

    def note(
        self,
        held: StoredObject,
        left: Mapping[str, str],
        ids: set[str],
        known: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        """Allows other bytes from now on. Noted before they are put there, so that a kill in between is no damage.

        left: member, or "" for the object itself -> sha256 of what is left, or NOTHING; ids: whose records go;
        known: what the reader must know of each as it came.
        """
        copy = self.copies.setdefault(copy_name(held), Copy(held.sha256))
        for member, sha256 in left.items():
            _last(copy.members.setdefault(member, []) if member else copy.left, sha256)
        copy.known |= known or {}
        copy.ids = sorted({*copy.ids, *ids})
        self.pending.add(copy_name(held))

    def came_again(self, held: StoredObject) -> bool:
        """Whether these bytes are known to hold something that was taken down, and lie here as they came."""
        return self.of(held) is None and any(copy.sha256 == held.sha256 for copy in self.copies.values())


def _last(left: list[str], sha256: str) -> None:
    if sha256 in left:
        left.remove(sha256)
    left.append(sha256)


def rewrite_batch(shelf: Shelf, batch: str, contents: Mapping[str, bytes | None]) -> None:
    """Puts other contents, by key, in a batch's rows, all else as it was."""
    path = shelf.local(batch)
    with sound(shelf, batch), pq.ParquetFile(path, page_checksum_verification=True) as file:
        group = max(1, file.metadata.row_group(0).num_rows)
        table = file.read()
    keys, old = table["key"].to_pylist(), table["content"]
    new = [contents[key] if key in contents else old[place].as_py() for place, key in enumerate(keys)]
    place = table.schema.get_field_index("content")
    table = table.set_column(place, table.schema.field(place), pa.array(new, pa.large_binary()))
    shelf.put(batch, packed(table, group))


def replace_file(shelf: Shelf, name: str, left: Path | None) -> None:
    """Puts what is left of a lone file in its place; an empty file stands for nothing."""
    shelf.put(name, left if left is not None else b"")
