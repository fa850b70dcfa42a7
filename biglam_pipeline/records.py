"""The nouns that travel: what a stage hands to the next, and nothing that does work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.signals import Signal

Mode = Literal["replace", "extend"]
"""replace: what is no longer offered is gone. extend: laid over what earlier visits brought (OAI with `from`)."""


# --- hop 1 to 3: what a protocol brings -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawObject:
    """One answer of a server, or one file, unaltered: its bytes and where, when and how they were had."""

    key: str
    """The object's name inside the source, stable from visit to visit: a relative path, or an OAI page."""
    url: str
    """The address as the source knows it, before any rewrite or redirect."""
    retrieved_at: datetime
    sha256: str
    size: int
    content: bytes | None = None
    """The bytes, or None when `path` holds them."""
    path: Path | None = None
    """A file in scratch space that the store takes over: archives, and answers too large for a batch."""
    final_url: str = ""
    status: int = 200
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""
    archive: bool = False
    """True where `path` is a ZIP, TAR or compressed file that is seen as a folder."""
    survey: "Survey | None" = None
    """What an archive holds, where the protocol has looked already."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an archive. Its name is data, never a path on this machine."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in an archive that is data and cannot be had."""

    name: str
    reason: str
    """A short code: encrypted, unsupported, damaged, truncated, name, link, named_twice, too_deep, device."""
    detail: str


@dataclass(frozen=True, slots=True)
class Survey:
    """Where everything in an archive has gone: read, left out, or counted as no data of its own."""

    members: tuple[Member, ...]
    left_out: tuple[LeftOut, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    """litter; linked (second names); repeated (or replaced in a TAR); no members: names_guessed, archives_inside."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The object of this key is what it was at the last visit: kept by reference, nothing shelved again."""

    key: str
    etag: str = ""
    """Of a server, or of a file system: where there is one, the next visit asks by it."""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """An object that should have come and did not. One is enough to leave the harvest incomplete."""

    key: str
    url: str
    reason: str
    """A short code: not_found, wall, truncated, damaged, refused, too_large."""
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The last thing a visit yields: why it is whole, or why not."""

    mode: Mode
    complete: bool
    proof: str
    """What shows completeness, in words: `last page without token; 412 of 412 records`."""
    cursor: dict[str, str] = field(default_factory=dict)
    """What the next visit needs to know; of OAI-PMH, see `harvest.oai_pmh.listing.Listing.cursor`."""
    unchanged: bool = False
    """True where the server said that nothing changed, so that no harvest is closed."""
    outdated: frozenset[str] = frozenset()
    """For `extend`: keys of earlier objects that a whole harvest leaves behind: what was not offered again is gone."""
    left_out: dict[str, int] = field(default_factory=dict)
    """What was not asked for or is no data, by its way: ignored, litter, linked, submodules; names_guessed came."""
    unproven: str = ""
    """Why a whole harvest does not show it itself, so that `expect.rows` has to."""
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """How many objects a visit is going to ask for, said before the first where that is known."""

    objects: int


Harvested = RawObject | Unchanged | Missing | Listed | Evidence


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the shelf holds of one object: all but the bytes, and where they lie."""

    key: str
    url: str
    final_url: str
    retrieved_at: datetime
    status: int
    media_type: str
    etag: str
    last_modified: str
    sha256: str
    size: int
    harvest: int
    """The visit that brought it."""
    batch: str
    """The batch file that describes it, and holds its bytes unless `file` does."""
    file: str
    """The shelf name of the file that holds the bytes; empty where the batch does."""
    archive: bool
    survey: str = ""
    """Of an archive, how it was looked into and what of it does not count: a note of `store.surveys`; else empty."""


# --- hop 4: what a reader is given and yields --------------------------------------------------------------
TAKEN = "taken"
"""In `Item.known`: what a takedown took out of the file; only where the bytes are certainly those that were left."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file as a reader sees it; a member of an archive is a file in a folder named like the archive."""

    name: str
    url: str
    retrieved_at: datetime
    sha256: str
    size: int
    harvest: int
    media_type: str
    open: Callable[[], BinaryIO]
    whole: bool = True
    """False where `open` gives only the beginning of the file, as a preview reads it."""
    known: Mapping[str, Any] | None = None
    """What its reader noted of the file as it came, where a takedown left less of it (`Reader.remember`)."""
    scratch: Path | None = None
    """A folder on this machine for what has to be unpacked before it can be read; gone when the slice is read."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files that are read together: a METS and its ALTO pages; an OAI page; a CSV."""

    name: str
    items: tuple[Item, ...]


@dataclass(slots=True)  # not frozen: there is one of each row, and a frozen one takes three times as long to make
class Record:
    """One row in the making: canonical columns as the reader found them, before they are normalised."""

    source_record_id: str
    """The identifier inside the source, never empty."""
    values: dict[str, Any]
    """Canonical column -> str, list[str], number, or what the column's type needs; absent means unknown."""
    extra: dict[str, Any] = field(default_factory=dict)
    """The source's own columns, as `map: {extra: ...}` names them."""
    datestamp: str = ""
    """When the source last changed the record (ISO 8601, UTC), or empty."""
    item: str = ""
    """The file it was read from, for tracing."""
    place: Place = NOWHERE
    """Where in the file."""
    problems: tuple[str, ...] = ()
    """Values that could not be read, as `column: reason`; the row is kept, the reasons are counted."""
    config: str = ""
    """Which part of the dataset it goes to: a marked value; empty where the entry maps none."""
    whole: str = ""
    """The record that it is a part of, or has another name than: what takes that one away takes it too."""

    @property
    def position(self) -> str:
        """The place as it is printed: `line 12`, `record 3`, an XML ID."""
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Deleted:
    """The source says that this record is gone."""

    source_record_id: str
    datestamp: str = ""
    item: str = ""
    position: str = ""
    reason: str = ""
    """What shows it, where the protocol's words do not: metadata_missing, counted among what could not be read; or
    left_out, by `where`, so that older versions go, which is counted as no tombstone."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing that could not be read. It is counted and kept with its reason; the rest goes on."""

    reason: str
    """A short code in snake case: row_width, xml_cut, identifier_missing, identifier_repeated."""
    detail: str
    """What was wrong and what to do, for a person."""
    item: str
    position: str
    source_record_id: str = ""
    """Whose version it is, where that can be read: an older one may be published in its place, which is told."""
    datestamp: str = ""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """What a bundle held beside what was mapped: reported to the maintainer, never published."""

    rows: int
    """Rows that were looked at."""
    filled: dict[str, int]
    """The source's field -> rows in which it was not empty."""
    left_out: int = 0
    """Rows that `where` did not choose."""
    problems: tuple[str, ...] = ()
    """What was guessed or mended of a file and not of one row: counted as a record's are."""
    lacking: tuple[str, ...] = ()
    """Fields that the entry reads, and no record of this stretch of a file has: one of another may."""


@dataclass(frozen=True, slots=True)
class Block:
    """Records of a table, column by column, for who asks for blocks: not mapped, chosen or counted yet."""

    item: Item
    columns: Mapping[str, Sequence[Any]]
    """Column -> its cell in each record, None where it has none."""
    lines: Sequence[int]
    """Where each begins, from 1."""
    named: Callable[[int], str]
    """The identifier that the format gives this one of them, where the entry maps none; asked once each, in order."""
    problems: Sequence[tuple[str, ...]] = ()
    """Of each what was guessed or mended; empty where that is nothing for all of them."""
    cleaned: Callable[[Any], Any] | None = None
    """What a path reads of a cell, where that is not the cell itself."""


Read = Record | Deleted | Reject | Unmapped | Block


# --- hop 7 and 8: what is published ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Part:
    """One part of what is published: a Parquet file on the shelf and its path in the repository."""

    config: str
    path: str
    """In the repository: data/<config>/part-00000.parquet."""
    file: str
    """On the shelf: .../part-00000-<digest8>.parquet."""
    rows: int
    size: int
    sha256: str
    content: str
    """Digest of schema, writer profile and ordered rows; decides whether the part has to be written again."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Where every record that was seen has gone. Two sums hold, and a check says so."""

    seen: int = 0
    current: int = 0
    superseded: int = 0
    """Of an identifier that a later version of the same record has: another content, or another visit."""
    repeated: int = 0
    """The same identifier, content and visit once more."""
    deleted: int = 0
    rejected: int = 0
    withheld: int = 0
    taken_down: int = 0
    duplicate: int = 0
    published: int = 0

    @property
    def adds_up(self) -> bool:
        """Seen and current are each the sum of what became of them."""
        read = self.current + self.superseded + self.repeated + self.deleted + self.rejected
        laid = self.withheld + self.taken_down + self.duplicate + self.published
        return self.seen == read and self.current == laid

    def as_dict(self) -> dict[str, int]:
        """The counts by name, in the order above."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Description:
    """What the card says of a source that is not computed: handed to `publish`, which knows no Source."""

    name: str
    title: str
    custodian: str
    repository: str
    languages: tuple[str, ...] = ()
    harvest: tuple[str, ...] = ()
    """The addresses as written in sources.yaml."""
    protocol: str = ""
    reader: str = ""
    rights: tuple[dict[str, str], ...] = ()
    """One a layer: license, covers, evidence, checked, quote, attribution, accept."""
    documentation: dict[str, str] = field(default_factory=dict)
    """summary, collection_url, citation, contact and the like, as far as a person wrote them."""
    tags: tuple[str, ...] = ()
    near: str = "flag"
    files_unread: dict[str, int] = field(default_factory=dict)
    """By extension, files and members that the reader does not take. How many came in all would change every night."""
    files_left_out: dict[str, int] = field(default_factory=dict)
    """By what became of it: ignored, linked, litter, repeated, submodules, names_guessed: it is no such file."""
    ai_use: dict[str, str] = field(default_factory=dict)
    """statement, evidence, checked, decision, by: as far as they are written."""
    signals: tuple[Signal, ...] = ()
