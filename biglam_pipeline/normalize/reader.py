"""What every format has in common: which files it reads, what one row is, and what stands in it."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar, Token
from pathlib import PurePosixPath
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import ModelWrapValidatorHandler, model_validator

from biglam_pipeline.columns import BLOCKS, CORE, Modality
from biglam_pipeline.normalize.mapping import Columns, Map, extra_classes, extra_types, unknown_references
from biglam_pipeline.normalize.paths import FACTS, PathLanguage, Scene
from biglam_pipeline.normalize.values import LANGUAGE, Value
from biglam_pipeline.normalize.where import Where
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.patterns import Pattern, Patterns, choose
from biglam_pipeline.records import Bundle, Item, Read, Record, Reject
from biglam_pipeline.settings import Accounts, Misplaced, Settings

_CORE = {column.name for column in CORE}
_PLACES = {"id", "date", "config"}
"""Words of `map` that are no column of the row."""


class Reader(Settings):
    """One `normalize` block. A format is a subclass with `type`, `version` and `_read`."""

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
    joins: ClassVar[bool] = False
    """Whether the format knows `with`."""
    own_facts: ClassVar[tuple[str, ...]] = ()
    """Facts that only this format has, such as the number of a line."""
    guessed_from: ClassVar[tuple[str, ...]] = ()
    """Extensions, without dot and packing, that mean this format where the entry names no reader."""
    metadata_prefixes: ClassVar[tuple[str, ...]] = ()
    """What servers call the format: OAI's metadataPrefix, or what else `Harvester.asked_format` says."""
    called: ClassVar[tuple[str, ...]] = ()
    """What people call it else, in small letters with _ for -: a slip is answered with the reader's name."""
    names_records: ClassVar[bool] = True
    """Whether a record has an identifier where the entry maps none; else `biglam check` says what that costs."""
    hears_rights: ClassVar[bool] = True
    """Whether a statement is known by its element wherever it stands; else only what is mapped as rights is heard."""
    shows_pictures: ClassVar[bool] = False
    """Whether each of its rows publishes a picture."""
    notes: ClassVar[tuple[str, str]] = ("", "")
    """For the documentation, in Markdown: what stands above and below its keys."""
    reads_beginnings: ClassVar[bool] = False
    """Whether a preview may hand it the beginning of a large file (an Item that is not `whole`)."""

    # --- reading the entry ------------------------------------------------------------------------------

    @model_validator(mode="wrap")
    @classmethod
    def _speak(cls, raw: Any, handler: ModelWrapValidatorHandler["Reader"]) -> "Reader":
        """Validates with the format's path language at hand, so that a bad path is told at its own line."""
        if isinstance(raw, list):
            raise ValueError("several configs from one harvest are in the language but not built yet; write one block")
        if isinstance(raw, dict) and "with" in raw and not cls.joins:
            raise Misplaced((("with",), "`with` is in the language but not built yet for this reader; leave it out"))
        with _Setting(LANGUAGE, cls.path_language):
            reader = handler(raw)
        reader._check()
        return reader

    def _check(self) -> None:
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
        return [*((("map", name), value) for name, value in self.map.values.items()), *own, *of_where]

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
        """As the entry says; else text where a text is mapped, image where a picture is, else the format's own."""
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
        return {name: [name] for name in self._chosen(names)}

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
        columns = {name: self.compiled(value) for name, value in also.items()}
        rows = RowMaker(self, columns, languages, as_printed=as_printed)
        try:
            yield from self._read(bundle, rows)
        except Unreadable as trouble:
            yield Reject(trouble.reason, f"{bundle.name}: {trouble.detail}", bundle.name, trouble.position)

    @abstractmethod
    def _read(self, bundle: Bundle, rows: "RowMaker") -> Iterator[Read]:
        """The same, by the format itself."""

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """What is left of the bundle's files without these records: file name -> its bytes, or None for nothing.

        records: as `read` gave them, each with the name that may stand for it. A format that knows how to blank one
        record among others overrides this; here a record's file goes as a whole, and its picture with it. A file that
        anything else is read from stays all the same, and the takedown says so.
        """
        names = {record.item for record, _ in records}
        shown = {record.values.get("image_sha256") for record, _ in records} - {None}
        return {item.name: None for item in bundle.items if item.name in names or item.sha256 in shown}

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


def facts_of(item: Item, files: tuple[str, ...] | None) -> dict[str, str | list[str]]:
    """What `$path`, `$name`, `$stem`, `$folder`, `$url` and the captures of `files` mean for this file."""
    path = PurePosixPath(item.name)
    captured = (choose(files, item.name) if files else None) or {}
    return {
        **captured,
        "path": item.name,
        "name": path.name,
        "stem": path.stem,
        "folder": path.parent.name,
        "url": item.url,
    }


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


class RowMaker:
    """Makes records of scenes: the format's own values, then what the entry maps over them."""

    def __init__(
        self,
        reader: Reader,
        also: Mapping[str, Value],
        languages: Sequence[str] = (),
        *,
        as_printed: bool = False,
    ) -> None:
        self._languages = tuple(languages)
        self._columns = Columns(reader.map, also)
        self._where = reader.where
        self._late = any(
            path.reference for value in (reader.where.values if reader.where else ()) for path in value.paths()
        )
        self._type = reader.dcmi_type
        self._names_unit = "text_unit" in reader.map.values
        self.values: list[Value] = [*reader.mapped_values, *also.values()]
        """Every value that is read, to tell what a file has beside."""
        self.left_out = 0
        """Records that `where` did not choose."""
        self.as_printed = as_printed
        """Whether texts must stay as they are printed."""

    def make(
        self,
        scene: Scene,
        identifier: str | Callable[[], str],
        *,
        item: str,
        position: str,
        datestamp: str = "",
        problems: tuple[str, ...] = (),
        last: Callable[[list[str]], dict[str, Any]] | None = None,
        **own: Any,
    ) -> Iterator[Record | Reject]:
        """The record, a Reject where it has no identifier, nothing where `where` leaves it out.

        identifier: the format's own, used unless the entry maps `id`; own: the format's columns that need not
        be mapped over; last: columns that are dear to have, read of a record that becomes a row, with its problems.
        """
        scene.languages = self._languages
        if not self._late and not self._chooses(scene):
            return
        found = list(problems)
        scene.columns.setdefault("type", self._type)
        self._columns.fill(scene, found)
        if self._late and not self._chooses(scene):
            return
        extra = self._columns.own(scene, found)
        name = self._name(scene, identifier)
        if not name:
            detail = "it has no identifier; map `id` to a value that every record has"
            yield Reject("identifier_missing", detail, item, position)
            return
        if self._names_unit:
            own.pop("text_unit", None)  # where the entry's own value says nothing, nobody knows what the row is
        values = {**own, **scene.columns, **(last(found) if last else {})}
        config = self._columns.config(scene)
        yield Record(name, values, extra, datestamp, item, position, tuple(found), config)

    def _name(self, scene: Scene, identifier: str | Callable[[], str]) -> str:
        if self._columns.names_identifier:
            return self._columns.identifier(scene)
        return identifier if isinstance(identifier, str) else identifier()

    def _chooses(self, scene: Scene) -> bool:
        if self._where is None or self._where.holds(scene):
            return True
        self.left_out += 1
        return False
