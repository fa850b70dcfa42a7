"""Takes out of raw what only rows that are taken down point to: their pictures, and the records of their objects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from biglam_pipeline.links import SHELF, Link
from biglam_pipeline.normalize.mapping.lookups import Lookups
from biglam_pipeline.normalize.pointing import links_of
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import copy_name
from biglam_pipeline.takedown.replacing import Change, Erased, replace_copies


@dataclass(slots=True)
class Pointed:
    """What records that are taken down point to."""

    links: dict[str, set[str]] = field(default_factory=dict)
    """Key -> the ids in the ledger that it goes for."""
    names: set[str] = field(default_factory=set)
    """Of these records, as they are published."""

    def add(self, name: str, because: str, met: Iterable[str]) -> None:
        """name: of the record; because: the id in the ledger; met: the keys of its links."""
        self.names.add(name)
        for key in met:
            self.links.setdefault(key, set()).add(because)

    def take(self, other: "Pointed") -> None:
        """What was found elsewhere too."""
        self.names |= other.names
        for key, ids in other.links.items():
            self.links.setdefault(key, set()).update(ids)


def met_by(reading: Reading) -> dict[str, Link]:
    """Where the links of each record come in while it is read; empty where rows point to nothing."""
    finds = reading.finds
    if not isinstance(finds, Lookups) or not reading.reader.is_linked:
        return {}
    finds.met = {} if finds.met is None else finds.met
    return finds.met


def erase_pointed(readings: Sequence[Reading], raw: RawShelf, pointed: Pointed, done: Erased) -> None:
    """Before the records themselves go, which nobody could find their links by again; killed, it is done once more.

    What another row points to stays; so does a picture whose very bytes another link brought too.
    """
    latest = raw.latest()
    if not pointed.links or latest is None:
        return
    with closing(links_of(readings, raw, raw.objects(latest.number), pointed.names.__contains__)) as links:
        shared = {link.key for _, link in links if link.key in pointed.links}
    gone = {key: ids for key, ids in pointed.links.items() if key not in shared}
    with raw.shelf.scratch() as scratch:
        replace_copies(raw, _changes(raw, gone), scratch, done)


def _changes(raw: RawShelf, gone: Mapping[str, set[str]]) -> dict[str, Change]:
    """Of every visit; in the order in which they lie there."""
    held = [one for one in _linked(raw) if one.size and not raw.redactions.is_gone(one)]
    used = {one.file for one in held if one.file and one.key not in gone}
    found: dict[str, Change] = {}
    for one in held:
        if one.key in gone and one.file not in used:
            change = found.setdefault(copy_name(one), Change(one, left={"": None}))
            change.ids |= gone[one.key]
    return found


def _linked(raw: RawShelf) -> Iterator[StoredObject]:
    for objects in raw.every_object():
        yield from objects.select(objects.starting("key", SHELF)).values()
