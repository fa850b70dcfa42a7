"""What every format has in common: which files it reads, what one row is, and what stands in it."""

from abc import abstractmethod
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

from biglam_pipeline.normalize.block import Block
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.mapping.albums import Album, LinkedAlbum, Pictures
from biglam_pipeline.normalize.mapping.paths import facts_of
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.stretching import Borders, NotCut
from biglam_pipeline.normalize.walking import Finds, Met, Walk, Wishes
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped


class Alone(Mapping[str, list[str]]):
    """Bundles of one file each, which has their name."""

    def __init__(self, names: Sequence[str], chosen: Sequence[int]) -> None:
        """chosen: the places among the names."""
        self._names, self.chosen = names, chosen

    def __len__(self) -> int:
        """How many."""
        return len(self.chosen)

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return (self._names[place] for place in self.chosen)

    def __getitem__(self, name: str) -> list[str]:
        """The one file."""
        if name not in self._held:
            raise KeyError(name)
        return [name]

    @cached_property
    def _held(self) -> frozenset[str]:
        """Made where one is asked for by its name; whoever walks them all needs no second list."""
        return frozenset(self)


class Counts(Protocol):
    """Counts what is cut of a bundle."""

    def of(self, found: Iterable[Found]) -> Iterator[Found]:
        """The same, counted."""

    def end(self) -> None:
        """A reject stands for what is left of the bundle."""


class Reader(Block):
    """One `normalize` block. A format is a subclass with `type`, `version` and `cut`."""

    # --- reading files ----------------------------------------------------------------------------------

    def reads(self, name: str) -> bool:
        """True for a file that this format reads when the entry does not say which: by extension."""
        return name.lower().endswith(self.extensions)

    def bundles(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        """The files that are read together, by the bundle's name; a function of the names alone, not of their order."""
        if self.pictures is not None:
            return self.with_pictures({name: [name] for name in self._chosen(names)}, names)
        if isinstance(names, list | tuple):  # the files of a harvest are in order, and too many to be a list
            names = sorted(set(names))
        return Alone(names, array("q", (number for number, name in enumerate(names) if self.takes(name))))

    def takes(self, name: str) -> bool:
        """Does the entry mean this file, or where it does not say, does the format read such files?"""
        if self.files is not None:
            return choose(self.files, name) is not None
        # What is joined is no row by itself.
        return self.reads(name) and all(
            join.is_linked or choose(join.read.files or (), name) is None for join in self.joins.values()
        )

    def with_pictures(self, groups: dict[str, list[str]], names: Iterable[str]) -> dict[str, list[str]]:
        """The bundles, each with all pictures that its rows may have: only the rows say which."""
        if self.pictures is None:
            return groups
        pictures = sorted({name for name in names if choose(self.pictures.files, name) is not None})
        return {group: [*files, *(one for one in pictures if one not in files)] for group, files in groups.items()}

    def _chosen(self, names: Sequence[str]) -> list[str]:
        return sorted({name for name in names if self.takes(name)})

    def read(
        self,
        bundle: Bundle,
        also: Mapping[str, Value],
        languages: Sequence[str] = (),
        *,
        as_printed: bool = False,
        marks: bool = False,
        finds: Finds | None = None,
        blocks: bool = False,
        account: Counts | None = None,
    ) -> Iterator[Read]:
        """What the bundle holds, record by record; a file that cannot be read is a Reject.

        also: more columns to read, such as {"rights_raw": VALUE}; languages: BCP 47, for records that name none;
        as_printed: the entry's statement allows no derivatives, so that no text may be changed; marks: whether a record
        that `where` leaves out is Deleted, as what was published of it goes; finds: what is joined;
        blocks: whether records may come as a Block, which whoever asks maps, chooses, names and counts by himself;
        account: counts what is cut.
        SourceChanged where the files are not what the entry says.
        """
        own = self._own(bundle)
        album = self._album(bundle, own, finds)
        walk = self._walk(also, languages, album, finds, as_printed=as_printed, marks=marks)
        try:
            for item, found in self.in_blocks(own) if blocks else self.streams(own):
                yield from walk.read(item, account.of(found) if account else found)
            if album is not None and album.left_over:
                yield Unmapped(0, {"pictures that no row names": album.left_over})
        except Unreadable as trouble:
            if account:
                account.end()
            yield Reject(trouble.reason, f"{bundle.name}: {trouble.detail}", bundle.name, trouble.position)

    def met(self, bundle: Bundle, values: Mapping[str, Value], finds: Finds | None) -> Iterator[Met | Read]:
        """The records of a bundle that others are joined with. values: what is read of them beside `map`."""
        walk = self._walk(values, (), None, finds, as_printed=False, kept=False)
        try:
            for item, found in self.streams(self._own(bundle)):
                yield from walk.meet(item, found)
        except Unreadable as trouble:
            yield Reject(trouble.reason, f"{bundle.name}: {trouble.detail}", bundle.name, trouble.position)

    def _walk(
        self,
        also: Mapping[str, Value],
        languages: Sequence[str],
        album: Pictures | None,
        finds: Finds | None,
        *,
        as_printed: bool,
        marks: bool = False,
        kept: bool = True,
    ) -> Walk:
        """kept: whether the further columns are filled; else it is only known that they are read."""
        columns = {name: self.compiled(value) for name, value in also.items()}
        wishes = Wishes(
            self.map,
            self.where,
            columns if kept else {},
            (*self.mapped_values, *columns.values()),
            self.path_language,
            self.dcmi_type,
            tuple(languages),
            as_printed,
            self.joins,
            self.row_for_each,
            marks,
        )
        return Walk(wishes, self.facts, album, finds)

    def _own(self, bundle: Bundle) -> Bundle:
        """The bundle as the format reads it, without the pictures that came with it."""
        pictures = self.pictures.files if self.pictures else ()
        kept = (one for one in bundle.items if one.name == bundle.name or choose(pictures, one.name) is None)
        return replace(bundle, items=tuple(kept)) if pictures else bundle

    def _album(self, bundle: Bundle, own: Bundle, finds: Finds | None) -> Pictures | None:
        if self.linked_picture:
            assert finds is not None, "whoever reads rows that point to something brings what came from there"
            return LinkedAlbum(self.linked_picture, finds)
        mine = {item.name for item in own.items}
        return Album(self.pictures, [one for one in bundle.items if one.name not in mine]) if self.pictures else None

    @abstractmethod
    def cut(self, item: Item) -> Iterator[Found]:
        """What one file holds, record by record, as the file has it: this is the format.

        The base chooses, maps, names and counts. Unreadable where nothing more of the file can be read.
        """

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """What is cut, with the file it is cut from. A format whose files must be read together overrides this."""
        for item in bundle.items:
            yield item, self.cut(item)

    def expected(self, bundle: Bundle) -> int | None:
        """How many records the bundle should give, counted by another way than `cut`: cuts, tombstones and rejects
        together, before `where`. AtLeast where that way ends at damage; None where nobody can know before it is read.

        Asked in production of every bundle: a tenth of what reading it costs, at most.
        """
        return None

    def due(self, bundle: Bundle) -> int | None:
        """The same of a bundle with the pictures that came with it."""
        return self.expected(self._own(bundle))

    def in_blocks(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """The same with a Block for many records; of a format that has some."""
        return self.streams(bundle)

    @property
    def fixed(self) -> Mapping[str, Any]:
        """`Cut.fixed` of the records of a Block."""
        return {}

    def may_begin(self, item: Item) -> bool:
        """Whether the beginning of this file can be read; asked of a format that `reads_beginnings`."""
        return True

    # --- large files ------------------------------------------------------------------------------------

    def how_cut(self, item: Item) -> str:
        """What of the entry decides where the records of a large file end; empty where its format is not cut."""
        return ""

    def borders(self, item: Item) -> Borders:
        """Where they end, of a file as it came. NotCut where that is not certain."""
        raise NotCut(f"{self.type} is not cut")

    def names_all(self, bundle: Bundle) -> bool:
        """Whether every record of a stretch certainly has a name of its own. Asked before they are read for it."""
        return False

    # --- takedown ---------------------------------------------------------------------------------------

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """What is left of the bundle's files without these records: file name -> its bytes, or None for nothing.

        records: as `read` gave them, each with the name that may stand for it. Where the format blanks no single
        record, its file goes as a whole; whoever asks keeps a file that `shared` names, and says so.
        """
        shown = {record.values.get("image_sha256") for record, _ in records} - {None}
        left: dict[str, Iterable[bytes] | None] = {item.name: None for item in bundle.items if item.sha256 in shown}
        if self.blanks and not self.row_for_each:  # else the rows beside it that were made of the same record would go
            return {**left, **self.blank(self._own(bundle), records)}
        names = {record.item for record, _ in records}
        return left | {item.name: None for item in bundle.items if item.name in names}

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> Mapping[str, Iterable[bytes] | None]:
        """The same, of a format that `blanks`: only of the files that these records stand in."""
        raise NotImplementedError(f"{self.type} says that it blanks records, and does not say how")

    def shared(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> set[str]:
        """The files that hold something beside these records, whether or not the entry makes a row of it today.

        What `where` leaves out is a record too: an edited entry would ask for it, and it must still be there.
        """
        own, held = self._own(bundle), set[str]()
        going = Counter((record.item, record.place) for record, _ in records)
        try:
            for item, found in self.streams(own):
                for one in found:
                    if isinstance(one, Cut):
                        place = ((one.item or item).name, one.place)
                        going[place] -= 1
                        held.update([place[0]] if going[place] < 0 else [])
                    elif isinstance(one, Deleted | Reject):
                        held.add(one.item)
        except Unreadable:  # what stands behind it is not known
            held.update(item.name for item in own.items)
        return held

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """What `Item.known` must say when what `redact` leaves is read: file name -> JSON.

        Of a format that finds out by the whole of a file how it is written, and would judge what is left otherwise.
        """
        return {}

    def facts(self, item: Item) -> dict[str, str | list[str]]:
        """See `facts_of`."""
        return facts_of(item, self.files)


class LooksInside(Reader):
    """A format of which only the files themselves say which are read together: `gather` lays out the bundles."""

    def may_read(self, name: str) -> bool:
        """True for a file whose outline is asked for, whatever the entry chooses."""
        return self.reads(name)

    @abstractmethod
    def outline(self, item: Item) -> tuple[str, ...] | None:
        """The addresses of other files that this one names, none or more; None for a file that is not the format's."""

    @abstractmethod
    def gather(
        self, names: Sequence[str], outlines: Mapping[str, tuple[str, ...]], urls: Mapping[str, str]
    ) -> dict[str, list[str]]:
        """The bundles, by name; a function of what is handed in.

        outlines: of each file that has one; urls: where a file was fetched from, if that is an address of its own.
        """
