"""What every format has in common: which files it reads, what one row is, and what stands in it."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field, ModelWrapValidatorHandler, model_validator

from biglam_pipeline.columns import BLOCKS, CORE, Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.joining import Album, With
from biglam_pipeline.normalize.mapping import Map, extra_classes, extra_types, unknown_references
from biglam_pipeline.normalize.paths import FACTS, PathLanguage, facts_of
from biglam_pipeline.normalize.pictures import refuse_measured
from biglam_pipeline.normalize.values import LANGUAGE, Value
from biglam_pipeline.normalize.walking import Walk, Wishes
from biglam_pipeline.normalize.where import Where
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.patterns import Pattern, Patterns, choose
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts, Misplaced, Settings

_CORE = {column.name for column in CORE}
_PLACES = {"id", "date", "config"}
"""Words of `map` that are no column of the row."""


class Reader(Settings):
    """One `normalize` block. A format is a subclass with `type`, `version` and `cut`."""

    type: str
    """The format."""
    files: Patterns | None = None
    """Which of the harvested files: a pattern for the end of the path, or a list; `!` leaves out."""
    modality: Modality | None = None
    """Which block of columns a row has; by default it follows from the format and from what is mapped."""
    map: Map = Map()
    """Column -> where its value stands. What is not named keeps what the format gives by itself."""
    where: Where | None = None
    """Which records become rows: {PATH: TEXT, list of texts or range}; all must hold. Of a list of such, one."""

    with_: With | None = Field(default=None, alias="with")
    """What else belongs to a row: {image: {files: PATTERN, by: {COLUMN: $name}}}, its picture."""

    accounts: ClassVar[Accounts]
    """How the format shows that every record of a file became a row, or was counted otherwise."""
    extensions: ClassVar[tuple[str, ...]] = ()
    """The ends of names that the format reads by itself; none where it goes by something else."""
    version: ClassVar[int] = 1
    """Raised when the same files would give other rows: every slice is then read again."""
    path_language: ClassVar[PathLanguage]
    default_modality: ClassVar[Modality]
    record_format: ClassVar[str]
    """What the column `record_format` says."""
    own_facts: ClassVar[tuple[str, ...]] = ()
    """Facts that only this format has, such as the number of a line."""
    blanks: ClassVar[bool] = False
    """Whether it can take one record out of a file that holds others, by `blank`. Else such a file stays as it is, and
    the takedown says so.
    """
    reads_beginnings: ClassVar[bool] = False
    """Whether a preview may hand it the beginning of a large file (an Item that is not `whole`)."""

    # --- reading the entry ------------------------------------------------------------------------------

    @model_validator(mode="wrap")
    @classmethod
    def _speak(cls, raw: Any, handler: ModelWrapValidatorHandler["Reader"]) -> "Reader":
        """Validates with the format's path language at hand, so that a bad path is told at its own line."""
        if isinstance(raw, list):
            raise ValueError("several configs from one harvest are in the language but not built yet; write one block")
        with _Setting(LANGUAGE, cls.path_language):
            reader = handler(raw)
        reader._check()
        return reader

    def _check(self) -> None:
        if self.with_ is not None:
            if self.modality not in (None, "image"):
                said = f"`with: image` gives rows of modality image, not {self.modality}; leave it out"
                raise Misplaced((("modality",), said))
            refuse_measured(self.map.values, "`with: image`")
        captured = [name for text in self.files or () for name in Pattern(text.removeprefix("!")).captures]
        captured += self.own_facts
        unknown = [
            (place, f"{name}: no fact, no column, and nothing that `files` captures; write one of {_facts(captured)}")
            for place, value in self.places
            for name in dict.fromkeys(unknown_references([value], captured))
        ]
        if unknown:
            raise Misplaced(*unknown)
        allowed = _CORE | _PLACES | {column.name for column in BLOCKS[self.chosen_modality]}
        said = f"a row of modality {self.chosen_modality} has no such column"
        foreign = [name for name in self.map.values if name not in allowed]
        if foreign:
            raise Misplaced(*((("map", name), f"`{name}`: {said}; {self._where_it_is(name)}") for name in foreign))

    @staticmethod
    def _where_it_is(name: str) -> str:
        blocks = [modality for modality, columns in BLOCKS.items() if name in {column.name for column in columns}]
        return f"leave it out, or write modality: {' or '.join(blocks)}" if blocks else "leave it out"

    @property
    def places(self) -> list[tuple[tuple[str, ...], Value]]:
        """Every VALUE of the block, and the keys that lead to it."""
        of_where = [(("where",), value) for value in (self.where.values if self.where else ())]
        own = [(("map", "extra", name), value) for name, value in self.map.extra.items()]
        mine = [(("with", "image", "by"), value) for value in (self.with_.image.by.mine if self.with_ else ())]
        return [*((("map", name), value) for name, value in self.map.values.items()), *own, *of_where, *mine]

    @property
    def mapped_values(self) -> list[Value]:
        """Everything that `map` and `where` read."""
        return [value for _, value in self.places]

    def compiled(self, value: Value) -> Value:
        """A VALUE from another block, such as `rights: {from: ..}`, in this format's paths. ValueError if it cannot."""
        return value.speaking(self.path_language)

    # --- what follows from it ---------------------------------------------------------------------------

    @property
    def chosen_modality(self) -> Modality:
        """Image where rows have their pictures with them; else as the entry says; else text where a text is mapped,
        image where the address of a picture is, else the format's own.
        """
        if self.with_ is not None:
            return "image"
        if self.modality is not None or self.default_modality == "image":
            return self.modality or "image"
        if "text" in self.map.values:
            return "text"
        if self.default_modality == "metadata" and {"image_url", "iiif_service"} & self.map.values.keys():
            return "image"
        return self.default_modality

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """The source's own columns and their types."""
        return extra_types(self.map)

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """Of those that hold one of a few names, the names; the column holds the place in this list."""
        return extra_classes(self.map)

    @property
    def dcmi_type(self) -> str:
        """What the column `type` says where the record does not."""
        return {"text": "Text", "image": "StillImage", "metadata": "Dataset"}[self.chosen_modality]

    # --- reading files ----------------------------------------------------------------------------------

    def reads(self, name: str) -> bool:
        """True for a file that this format reads when the entry does not say which: by extension."""
        return name.lower().endswith(self.extensions)

    def bundles(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The files that are read together, by the bundle's name; a function of the names alone."""
        return self.with_pictures({name: [name] for name in self._chosen(names)}, names)

    def with_pictures(self, groups: dict[str, list[str]], names: Iterable[str]) -> dict[str, list[str]]:
        """The bundles, each with all pictures that its rows may have: only the rows say which."""
        if self.with_ is None:
            return groups
        pictures = sorted({name for name in names if choose(self.with_.image.files, name) is not None})
        return {group: [*files, *(one for one in pictures if one not in files)] for group, files in groups.items()}

    def _chosen(self, names: Sequence[str]) -> list[str]:
        if self.files is None:
            return sorted({name for name in names if self.reads(name)})
        return sorted({name for name in names if choose(self.files, name) is not None})

    def read(
        self,
        bundle: Bundle,
        also: Mapping[str, Value],
        languages: Sequence[str] = (),
        *,
        as_printed: bool = False,
    ) -> Iterator[Read]:
        """What the bundle holds, record by record; a file that cannot be read is a Reject.

        also: more columns to read, such as {"rights_raw": VALUE}; languages: BCP 47, for records that name none;
        as_printed: the entry's statement allows no derivatives, so that no text may be changed.
        SourceChanged where the files are not what the entry says.
        """
        own = self._own(bundle)
        album = self._album(bundle, own)
        walk = self._walk(also, languages, album, as_printed=as_printed)
        try:
            for item, found in self.streams(own):
                yield from walk.read(item, found)
            if album is not None and album.left_over:
                yield Unmapped(0, {"pictures that no row names": album.left_over})
        except Unreadable as trouble:
            yield Reject(trouble.reason, f"{bundle.name}: {trouble.detail}", bundle.name, trouble.position)

    def _walk(
        self, also: Mapping[str, Value], languages: Sequence[str], album: Album | None, *, as_printed: bool
    ) -> Walk:
        columns = {name: self.compiled(value) for name, value in also.items()}
        wishes = Wishes(
            self.map,
            self.where,
            columns,
            (*self.mapped_values, *columns.values()),
            self.path_language,
            self.dcmi_type,
            tuple(languages),
            as_printed,
        )
        return Walk(wishes, self.facts, album)

    def _own(self, bundle: Bundle) -> Bundle:
        """The bundle as the format reads it, without the pictures that came with it."""
        pictures = self.with_.image.files if self.with_ else ()
        kept = (one for one in bundle.items if one.name == bundle.name or choose(pictures, one.name) is None)
        return replace(bundle, items=tuple(kept)) if pictures else bundle

    def _album(self, bundle: Bundle, own: Bundle) -> Album | None:
        mine = {item.name for item in own.items}
        return Album(self.with_.image, [one for one in bundle.items if one.name not in mine]) if self.with_ else None

    @abstractmethod
    def cut(self, item: Item) -> Iterator[Found]:
        """What one file holds, record by record, as the file has it: this is the format.

        The base chooses, maps, names and counts. Unreadable where nothing more of the file can be read.
        """

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """What is cut, with the file it is cut from. A format whose files must be read together overrides this."""
        for item in bundle.items:
            yield item, self.cut(item)

    # --- takedown ---------------------------------------------------------------------------------------

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """What is left of the bundle's files without these records: file name -> its bytes, or None for nothing.

        records: as `read` gave them, each with the name that may stand for it. Where the format blanks no single
        record, its file goes as a whole; whoever asks keeps a file that `shared` names, and says so.
        """
        shown = {record.values.get("image_sha256") for record, _ in records} - {None}
        left: dict[str, Iterable[bytes] | None] = {item.name: None for item in bundle.items if item.sha256 in shown}
        if self.blanks:
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


def _facts(captured: Iterable[str]) -> str:
    return ", ".join(f"${name}" for name in (*FACTS, *captured))


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


class _Setting:
    """Sets a context variable for the length of a `with` block."""

    def __init__(self, variable: ContextVar[PathLanguage | None], value: PathLanguage) -> None:
        self._variable = variable
        self._value = value
        self._token: Token[PathLanguage | None] | None = None

    def __enter__(self) -> None:
        self._token = self._variable.set(self._value)

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        self._variable.reset(self._token)
