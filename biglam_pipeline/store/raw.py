"""The raw shelf: what a source answered, verbatim, visit by visit."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.costs import Cost, Costs, noted, read_costs
from biglam_pipeline.coverage import Coverage, read_coverage
from biglam_pipeline.records import Missing, Mode, StoredObject
from biglam_pipeline.store import disk
from biglam_pipeline.store.absent import Absent
from biglam_pipeline.store.cuts import Cuts
from biglam_pipeline.store.held_rows import BATCH, HELD, LISTED_ROWS, held_tables
from biglam_pipeline.store.outlines import Outlines
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.reading import read_json, read_table, sound, write_packed
from biglam_pipeline.store.redaction import NOTHING, Redactions
from biglam_pipeline.store.shelf import Shelf
from biglam_pipeline.store.stamps import Stamps
from biglam_pipeline.store.surveys import Surveys


@dataclass(frozen=True, slots=True)
class Harvest:
    """One closed visit: what it brought, why it is whole, and what the next visit needs."""

    number: int
    mode: Mode
    request: str
    """Digest of the harvest settings."""
    opened_at: datetime
    closed_at: datetime
    complete: bool
    proof: str
    cursor: dict[str, str]
    objects: int
    fetched: int
    size: int
    missing: tuple[dict[str, str], ...] = ()
    digest: str = ""
    """Digest of object keys and bodies: the data version of `raw`."""
    batches: tuple[str, ...] = field(default=())
    left_out: dict[str, int] = field(default_factory=dict)
    """Files and members that are not among those that can be read, by what became of them: ignored, litter, linked,
    repeated, missing; and names_guessed, of those that can."""
    index: str = ""
    """sha256 of the file beside it, which lists the objects; filled where it is closed."""
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    """What the visit cost the hosts that it asked; see `costs.noted`."""
    manner: str = ""
    """Digest of how any address was asked, such as with which headers: a visit that asks in another manner begins from
    nothing. Empty on a shelf from before it was noted."""
    unproven: str = ""
    """`Evidence.unproven`; empty on a shelf from before it was noted."""
    coverage: tuple[Coverage, ...] = ()
    """How much of what is offered came, list by list; nothing where no server said how much there is."""


class RawShelf:
    """Harvests, batches and lone files of one source."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the source's own, at `<source>/raw`."""
        self.shelf = shelf
        self.surveys = Surveys(shelf)
        self.stamps = Stamps(shelf)
        self.cuts = Cuts(shelf)
        self.absent = Absent(shelf)
        self.costs_so_far: Costs = {}
        """What earlier attempts at the open visit cost, as far as they could still say so; known once it is opened."""

    @cached_property
    def redactions(self) -> Redactions:
        """What takedowns left of objects on this shelf."""
        return Redactions(self.shelf)

    # --- closed harvests ---

    def latest(self) -> Harvest | None:
        """The last closed harvest, or None before the first."""
        closed = [int(name[9:-5]) for name in self.shelf.list("harvests/") if name.endswith(".json")]
        return self.harvest(max(closed)) if closed else None

    def harvest(self, number: int) -> Harvest:
        """One closed harvest; ShelfDamaged where it is not there."""
        data = read_json(self.shelf, _closing(number))
        with sound(self.shelf, _closing(number)):
            times = {name: datetime.fromisoformat(data[name]) for name in ("opened_at", "closed_at")}
            data |= {name: tuple(data[name]) for name in ("missing", "batches")}
            return Harvest(**{**data, **times, "coverage": read_coverage(data.get("coverage", ()))})

    def objects(self, number: int) -> Listing:
        """The objects of one closed harvest by key, in their order; its own and those kept by reference."""
        name, reported = _index(number), self.harvest(number).index
        if reported and disk.digest_file(self.shelf.local(name))[0] != reported:
            raise self.shelf.spoiled(name)
        return Listing.read(held_tables(self.shelf, name))

    def every_object(self) -> Iterator[Listing]:
        """All that is on the shelf, visit by visit, as far as it still stands: also of visits that were cut off, and
        what no harvest names any more.
        """
        for name in self.shelf.list("harvests/"):
            if name.endswith(".json") and self.shelf.exists(_index(int(name[9:-5]))):
                yield self.standing(self.objects(int(name[9:-5])), wanted=True)
        batches = self.shelf.list("batches/")
        for visit in sorted({batch[:13] for batch in batches}):
            yield self.standing(self._shelved([one for one in batches if one.startswith(visit)]), wanted=True)
        for batch in batches:  # a list that a server broke off and began again holds a page of the same name twice
            yield self.standing(self._shelved([batch]), wanted=True)

    def nameless_files(self) -> list[str]:
        """Lone files that no batch describes: nobody can read them, and nobody can tell what is in them."""
        named: set[str] = set()
        for batch in self.shelf.list("batches/"):
            named |= set(read_table(self.shelf, batch, ["file"], schema=BATCH)["file"].to_pylist())
        return [name for name in self.shelf.list("files/") if name not in named]

    def close(self, harvest: Harvest, objects: Listing) -> None:
        """Writes the index of objects, then the closing itself, last: from now on the harvest counts."""
        with self.shelf.scratch() as scratch:
            path = scratch / "index.parquet"
            write_packed(path, objects.whole_tables(LISTED_ROWS), HELD)
            closing = replace(harvest, index=disk.digest_file(path)[0])
            self.shelf.put(_index(harvest.number), path)
        self.shelf.swap(_closing(harvest.number), None, _json(asdict(closing)))
        self.shelf.delete("open.json")

    def forget_before(self, harvest: Harvest) -> None:
        """Takes away the files and batches that a closed harvest does not name: of what other sources laid, nothing of
        an earlier night is asked for again, and what they took down must not lie here.
        """
        objects = self.objects(harvest.number)
        kept = {*objects.said("file"), *objects.said("batch")}
        for name in [*self.shelf.list("batches/"), *self.shelf.list("files/")]:
            if name not in kept:
                self.shelf.delete(name)

    def checked(self, number: int, at: datetime, manner: str = "", costs: Mapping[str, Cost] | None = None) -> None:
        """Notes that the source was asked, in this manner and at this cost, and had nothing new."""
        now = self.shelf.read("checked.json") if self.shelf.exists("checked.json") else None
        note = {"harvest": number, "checked_at": at, "manner": manner, "costs": noted(costs or {})}
        self.shelf.swap("checked.json", now, _json(note))

    def manner_of(self, harvest: Harvest) -> str:
        """In which manner a harvest asked, as its closing says or, of an older one, a later visit that found the same.

        Empty where neither does.
        """
        if harvest.manner or not self.shelf.exists("checked.json"):
            return harvest.manner
        with sound(self.shelf, "checked.json"):
            note = read_json(self.shelf, "checked.json")
            return str(note.get("manner", "")) if note["harvest"] == harvest.number else ""

    def checked_at(self) -> datetime | None:
        """When the source was last found unchanged."""
        if not self.shelf.exists("checked.json"):
            return None
        with sound(self.shelf, "checked.json"):
            return datetime.fromisoformat(read_json(self.shelf, "checked.json")["checked_at"])

    def last_costs(self) -> Costs:
        """What the last visit that came to its end cost the hosts that it asked."""
        latest = self.latest()
        if latest is None:
            return {}
        if not self.shelf.exists("checked.json"):
            return read_costs(latest.costs)
        with sound(self.shelf, "checked.json"):
            note = read_json(self.shelf, "checked.json")
            return read_costs(note.get("costs") if note["harvest"] == latest.number else latest.costs)

    # --- the open harvest ---

    def broke_off(self, costs: Mapping[str, Cost]) -> None:
        """Notes in the open visit what it has cost so far, for whoever takes it up."""
        if costs and self.shelf.exists("open.json"):
            now = self.shelf.read("open.json")
            self.shelf.swap("open.json", now, _json({**json.loads(now), "costs": noted(costs)}))

    def open(self, number: int, request: str, at: datetime, asks: str = "") -> tuple[datetime, Listing]:
        """Opens a visit, or takes up the open one: when it began, and what it had shelved before it was cut off.

        asks: digest of what is asked and how; batches that answered something else are thrown away.
        """
        mine = [name for name in self.shelf.list("batches/") if name.startswith(f"batches/{number:05d}-")]
        if self.shelf.exists("open.json"):
            with sound(self.shelf, "open.json"):
                note = read_json(self.shelf, "open.json")
                since = datetime.fromisoformat(note["opened_at"])
                alike = note["request"] == request or (asks and note.get("asks") == asks)
                costs = read_costs(note.get("costs"))
            if note["harvest"] == number and alike:
                self.costs_so_far = costs
                return since, self._shelved(mine)
        for name in mine:
            self.shelf.delete(name)
        now = self.shelf.read("open.json") if self.shelf.exists("open.json") else None
        self.shelf.swap("open.json", now, _json({"harvest": number, "request": request, "opened_at": at, "asks": asks}))
        return at, Listing.of([])

    def _shelved(self, batches: Iterable[str]) -> Listing:
        return Listing.read(table for batch in batches for table in held_tables(self.shelf, batch))

    # --- bytes ---

    def content(self, held: StoredObject) -> bytes:
        """The bytes of one object, none where it was taken down; ShelfDamaged where they are not what was shelved."""
        return self.contents([held]).get(held.key, b"")

    def contents(
        self, objects: Iterable[StoredObject], left: Callable[[StoredObject], Sequence[str]] | None = None
    ) -> dict[str, bytes]:
        """The bytes of several objects by key, each batch read once; what was taken down as a whole is not there.

        left: sha256 of what takedowns left of an object, by default as this shelf's notes say.
        """
        left = left or self.redactions.left
        wanted: dict[str, list[StoredObject]] = {}
        found: dict[str, bytes] = {}
        for held in objects:
            if held.file:
                self._prove(held, held.file, self.shelf.read(held.file), left(held), found)
            else:
                wanted.setdefault(held.batch, []).append(held)
        for batch, members in wanted.items():
            read = self._from_batch(batch, members)
            for held in members:
                if held.key not in read:
                    raise self.shelf.spoiled(batch)
                self._prove(held, batch, read[held.key] or b"", left(held), found)
        return found

    def _prove(self, held: StoredObject, name: str, data: bytes, left: Sequence[str], found: dict[str, bytes]) -> None:
        """Takes the bytes where they are those that came, or those that a takedown left."""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 == held.sha256 or sha256 in left:
            found[held.key] = data
        elif data or NOTHING not in left:
            raise self.shelf.spoiled(name)

    def _from_batch(self, batch: str, members: list[StoredObject]) -> dict[str, bytes | None]:
        keys = pa.array([held.key for held in members])
        table = read_table(self.shelf, batch, ["key", "content"], pc.field("key").isin(keys), BATCH)
        return dict(zip(table["key"].to_pylist(), table["content"].to_pylist(), strict=True))

    def standing(self, objects: Listing, *, wanted: bool = False) -> Listing:
        """Those objects whose batch, or file of their own, is still on the shelf; and the survey of an archive.

        wanted: also those that a takedown was taken back for, so that the source shall be asked for them again.
        """
        lone = ~objects.where("file", {""})
        there = np.where(
            lone,
            objects.where("file", {*self.shelf.list("files/")}),
            objects.where("batch", {*self.shelf.list("batches/")}),
        )
        if not wanted:
            # What an archive without its survey holds, only the source can say again.
            there &= ~objects.numbers("archive").astype(bool) | objects.where("sha256", self.surveys.known())
            asked = [name.partition("#") for name, copy in self.redactions.copies.items() if copy.wanted]
            there &= ~(lone & objects.where("file", {file for file, _, key in asked if not key}))
            for batch, _, key in asked:
                place = objects.find(key) if key else -1
                if place >= 0 and not lone[place] and objects.at(place).batch == batch:
                    there[place] = False
        return objects if there.all() else objects.select(there)

    def path(self, held: StoredObject) -> Path:
        """A local path to a lone file: an archive, or an answer too large for a batch."""
        return self.shelf.local(held.file)

    def open_file(self, held: StoredObject) -> BinaryIO:
        """A stream over one object's bytes."""
        return disk.open_file(self.path(held)) if held.file else BytesIO(self.content(held))

    def kept_outlines(self) -> Outlines:
        """What files were found to name, for laying out what is read together."""
        return Outlines(self.shelf)


def missing_rows(missing: Iterable[Missing], limit: int = 1000) -> tuple[dict[str, str], ...]:
    """Missing objects as the harvest's closing keeps them; the first thousand tell the story."""
    return tuple(asdict(one) for one in list(missing)[:limit])


def _closing(number: int) -> str:
    return f"harvests/{number:05d}.json"


def _index(number: int) -> str:
    return f"harvests/{number:05d}.parquet"


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, default=_iso, indent=1, ensure_ascii=False).encode()


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a shelf's JSON")
