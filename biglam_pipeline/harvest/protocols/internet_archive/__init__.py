"""The Internet Archive: the files of an item, or of every item of a collection.

https://archive.org/developers/md-read.html (metadata), https://archive.org/help/aboutsearch.htm (scraping)
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import unquote

import orjson

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.listing import FromListing, Intake, nothing
from biglam_pipeline.harvest.protocols.internet_archive.collection import Members
from biglam_pipeline.harvest.protocols.internet_archive.item import HOME, IDENTIFIER, files_of, is_collection, item_of
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Harvested, Missing
from biglam_pipeline.secrecy import without_secrets
from biglam_pipeline.settings import Accounts

_PREFIX = "ia:"
_PAGE = re.compile(
    r"https?://(?:www\.)?archive\.org/(?:(?:details|metadata|embed|stream|compress)/([^/?#]+)(?:/[^?#]*)?|download/([^/?#]+)/?)"
    r"(?:[?#].*)?"
)
"""Of an item; what stands deeper under `/download/` is one file."""
_FULL_VIEW_DAYS = 30
"""Each item of a collection is looked at again after so many days, whatever the index says: that `item_size` and
`oai_updatedate` move with every change of a file is a habit that is seen, and nowhere written."""


class InternetArchive(FromListing):
    """`ia:ITEM#PATTERN`; an item that is a collection stands for all items in it."""

    addresses: ClassVar[Mapping[str, str]] = {
        "ia:ITEM": "the files of an item of archive.org; of a collection, those of each of its items"
    }
    notes: ClassVar[str] = (
        "`ITEM` is what stands behind `/details/` in the address of its page. Keys are `ITEM/FILE`. Without `#PATTERN` "
        "everything comes that is listed, what archive.org made of the uploads too. `ITEM_files.xml`, whose own "
        "checksum cannot stand in it, comes again where another file of the item has changed. Files that are only lent "
        "(`private`) are missing, unless `ignore` or `#PATTERN` leaves them out. Of a collection, items are asked for "
        f"whose size or date in the index has changed, and each every {_FULL_VIEW_DAYS} days; its sub-collections' "
        "items count as far as archive.org files them under the collection itself."
    )
    accounts: ClassVar[Accounts] = Accounts(
        "files that came whole, are unchanged, ignored or missing; items that could not be listed",
        "`files_count` of each item, md5 and size of each file; `total` of the collection's list",
        "an item, a file or a page of the list that did not come: the harvest is not whole, and keeps what it had",
    )

    type: Literal["internet_archive"] = "internet_archive"
    """Items and collections of archive.org."""

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """As the language has it."""
        return (_PREFIX,)

    @classmethod
    def check_place(cls, place: str) -> str:
        """`ia:` and an identifier."""
        name = place.removeprefix(_PREFIX)
        if meant := cls.meant_by(name):
            raise ValueError(f"{without_secrets(place)}: is the address of a page; write {meant}")
        if name.startswith("collection:"):
            raise ValueError(f"{place}: a collection is written as any item; write {_PREFIX}{name[11:]}")
        item, slash, file = name.partition("/")
        if slash and IDENTIFIER.fullmatch(item):
            pattern = f"#{file}" if file else ""
            raise ValueError(f"{place}: files are chosen behind #; write {_PREFIX}{item}{pattern}")
        if not IDENTIFIER.fullmatch(name):
            raise ValueError(
                f"{place}: names no item; write ia:ITEM, as it stands behind /details/ in its page's address"
            )
        return f"{_PREFIX}{name}"

    @classmethod
    def meant_by(cls, address: str) -> str:
        """The item that a page in a browser shows; a file of it is one by itself."""
        found = _PAGE.fullmatch(address)
        name = unquote(found[1] or found[2]) if found else ""
        return f"{_PREFIX}{name}" if IDENTIFIER.fullmatch(name) else ""

    @property
    def begins_at(self) -> tuple[str, ...]:
        """archive.org; the files lie on other hosts, to which it redirects."""
        return (HOME,)

    def listing(self, visit: Visit, address: str) -> Iterator[ListedFile]:
        """The files of one item."""
        yield from files_of(item_of(visit, address.removeprefix(_PREFIX)), address.removeprefix(_PREFIX))

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """Item by item: what a visit that is cut off has brought by then is shelved."""
        walk = _Walk(self, visit)
        yield from walk.items()
        for name in sorted(walk.wanted):
            yield from walk.item(name)
        yield from walk.rest()
        yield walk.intake.evidence(walk.cursor)


@dataclass(slots=True)
class _Wanted:
    """An item that is asked for."""

    stamp: str = ""
    """What the index says of its state; empty where it is asked for in any case."""
    listed: Mapping[str, Any] | None = None
    """Its own words, where they came already."""
    addresses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    """One visit under way."""

    source: InternetArchive
    visit: Visit
    intake: Intake = field(init=False)
    wanted: dict[str, _Wanted] = field(default_factory=dict)
    cursor: dict[str, str] = field(default_factory=dict)
    """Item of a collection -> how many objects it had, and its state: with the same again, it is not asked for."""
    before: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Item -> keys of its objects at the last visit."""
    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Address -> a few names of files that it lists."""
    offered: Counter[str] = field(default_factory=Counter)
    """Address -> files that it lists."""
    chosen: Counter[str] = field(default_factory=Counter)
    """Address -> files of them that its pattern chooses."""
    is_short: bool = False
    """Whether a list could not be had whole, or nothing of it was chosen."""

    def __post_init__(self) -> None:
        self.intake = Intake(self.source, self.visit)
        for key in self.visit.previous:
            self.before[key.partition("/")[0]].append(key)

    def items(self) -> Iterator[Missing]:
        """Which items there are, by all addresses together: each is asked for once."""
        for address in self.source.url:
            where = split_pattern(address)[0]
            name = where.removeprefix(_PREFIX)
            try:
                said = item_of(self.visit, name)
                if not is_collection(said):
                    self._want(name, address).listed = said
                    continue
                members = Members(self.visit, name)
                for member, stamp in members.walk():
                    wanted = self._want(member, address)
                    wanted.stamp = stamp
                members.check()
            except ObjectFailed as error:
                self.is_short = True
                self.chosen[address] += 1  # what is wrong is said
                yield self.intake.lost(where, error)

    def _want(self, name: str, address: str) -> _Wanted:
        wanted = self.wanted.setdefault(name, _Wanted())
        wanted.addresses.append(address)
        return wanted

    def item(self, name: str) -> Iterator[Harvested]:
        """The files of an item, or those of before where it has not changed."""
        wanted, keys = self.wanted[name], self.before.pop(name, [])
        mark = self._mark(name, wanted)
        if mark and self.visit.cursor.get(name) == f"{len(keys)} {mark}" and not self._is_due(name):
            self.cursor[name] = self.visit.cursor[name]
            self.chosen.update(wanted.addresses)
            yield from self.intake.unchanged(keys)
            return
        try:
            files = list(files_of(wanted.listed or item_of(self.visit, name), name))
        except ObjectFailed as error:
            self.chosen.update(wanted.addresses)
            yield self.intake.lost(f"{_PREFIX}{name}", error)
            yield from self.intake.keep(keys)
            return
        wanted.listed = None
        counts, here = self.intake.counts, self.intake.counts.copy()
        yield from self._files(name, wanted, files, keys)
        brought = sum(counts[word] - here[word] for word in ("whole", "unchanged"))
        if mark and counts["missing"] == here["missing"]:
            self.cursor[name] = f"{brought} {mark}"

    def _files(self, name: str, wanted: _Wanted, files: list[ListedFile], keys: list[str]) -> Iterator[Harvested]:
        found: dict[str, ListedFile] = {}
        for number, address in enumerate(wanted.addresses):
            where, pattern = split_pattern(address)
            some = self.intake.among(where, pattern, files, self.names[address])
            self.intake.listed -= len(files) if number else 0  # counted once
            self.offered[address] += len(files)
            self.chosen[address] += len(some)
            found.update((one.path, one) for one in some)
        if not found:
            self.before[name] = keys  # gone, unless it is the choice that is wrong
        for path in sorted(found):
            yield from self.intake.bring(f"{name}/{path}", found[path])

    def rest(self) -> Iterator[Harvested]:
        """What no list named any more is gone, if they were whole; an address without a file is wrong."""
        for address in self.source.url:
            if not self.chosen[address]:
                where, pattern = split_pattern(address)
                self.is_short = True
                yield self.intake.lost(where, nothing(where, pattern, self.names[address], self.offered[address]))
        if self.is_short:
            yield from self.intake.keep(key for keys in self.before.values() for key in keys)

    def _mark(self, name: str, wanted: _Wanted) -> str:
        """Of what is asked of an item, and its state in the index; empty where that is not known."""
        if not wanted.stamp or wanted.listed is not None:
            return ""
        asked = [wanted.stamp, sorted(wanted.addresses), self.source.ignored]
        return hashlib.sha256(orjson.dumps(asked)).hexdigest()[:12]

    def _is_due(self, name: str) -> bool:
        """Whether it is this item's day to be looked at in any case."""
        day = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
        return (day + self.visit.opened_at.toordinal()) % _FULL_VIEW_DAYS == 0
