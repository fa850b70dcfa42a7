"""What does a `normalize` block say? Which files, what one row is, what stands in it and what it is joined with."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import pyarrow as pa
from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from biglam_pipeline.columns import BLOCKS, CORE, Modality
from biglam_pipeline.links import STATUS_COLUMN as STATUS
from biglam_pipeline.normalize.mapping.columns import Map, extra_classes, extra_types
from biglam_pipeline.normalize.mapping.divided import SPLIT, Divided
from biglam_pipeline.normalize.mapping.joining import Join, PictureOf, With, with_joins
from biglam_pipeline.normalize.mapping.paths import FACTS, PathLanguage
from biglam_pipeline.normalize.mapping.references import unknown_joined, unknown_references
from biglam_pipeline.normalize.mapping.tables import Lookups, own_tables
from biglam_pipeline.normalize.mapping.values import Value, speaking
from biglam_pipeline.normalize.mapping.where import Where
from biglam_pipeline.normalize.rows.pictures import refuse_measured
from biglam_pipeline.patterns import Pattern, Patterns
from biglam_pipeline.settings import Accounts, Misplaced, Settings

_FOR_EACH = r"\$[a-z][a-z0-9_]*"


def is_each(rows: str) -> bool:
    """Whether it is `$NAME`."""
    return re.fullmatch(_FOR_EACH, rows) is not None


def _known(encoding: str | None) -> str | None:
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, UnicodeError):
        raise ValueError(f"{encoding!r} is not an encoding; write one such as utf-8 or cp1252") from None
    return encoding


Encoding = Annotated[str | None, AfterValidator(_known)]
"""Of a text, by a name that Python knows; None where it is found out."""


@dataclass(frozen=True, slots=True)
class OneOrEach:
    """Of `rows`: the format's word, or `$NAME` for a row of each that `with` joins under this name."""

    word: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A text."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, rows: str) -> str:
        if rows != self.word and not is_each(rows):
            raise ValueError(f"{rows!r} is no row of this reader; write '{self.word}', or $NAME of what `with` joins")
        return rows

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor may suggest."""
        return {"anyOf": [{"const": self.word}, {"type": "string", "pattern": f"^{_FOR_EACH}$"}]}


_CORE = {column.name for column in CORE}
_PLACES = {"id", "date", "config"}
"""Words of `map` that are no column of the row."""


class Block(Settings):
    """One `normalize` block as it is written; a Reader reads by it."""

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
    """What else belongs to a row, by name: {NAME: {files: PATTERN, by: COLUMN}}, or {NAME: {url: VALUE}} where a row
    points to it; and `image`, its picture."""

    lookups: Lookups = Field(default_factory=dict)
    """Small tables for the step `lookup(NAME)`: {NAME: {key: value}}, or the name of a CSV or TSV file of two columns
    beside the sources file."""
    meanings: dict[str, str] = Field(default_factory=dict)
    """What your own columns say, {COLUMN: TEXT}: for the card and for whoever looks at the columns."""

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
    guessed_from: ClassVar[tuple[str, ...]] = ()
    """Extensions, without dot and packing, that mean this format where the entry names no reader."""
    metadata_prefixes: ClassVar[tuple[str, ...]] = ()
    """What servers call the format: OAI's metadataPrefix, or what else `Harvester.asked_format` says."""
    addresses: ClassVar[tuple[str, ...]] = ()
    """How addresses begin whose answers it reads where the entry names no reader."""
    called: ClassVar[tuple[str, ...]] = ()
    """What people call it else, in small letters with _ for -: a slip is answered with the reader's name."""
    names_records: ClassVar[bool] = True
    """Whether a record has an identifier where the entry maps none; else `biglam check` says what that costs."""
    whole_behind_takedown: ClassVar[bool] = False
    """Whether a large file is searched for what is taken down, and read from then on, as a whole."""
    tells_origin: ClassVar[bool] = False
    """Whether its files show how a text came to be (OCR, keyed): else an entry has to say it."""
    fills: ClassVar[bool] = True
    """Whether it fills columns by itself, by their names: what is joined of it is then taken by these, before paths."""
    hears_rights: ClassVar[bool] = True
    """Whether a statement is known by its element wherever it stands; else only what is mapped as rights is heard."""
    shows_pictures: ClassVar[bool] = False
    """Whether each of its rows publishes a picture."""
    notes: ClassVar[tuple[str, str]] = ("", "")
    """For the documentation, in Markdown: what stands above and below its keys."""
    blanks: ClassVar[bool] = False
    """Whether it can take one record out of a file that holds others, by `blank`. Else such a file stays as it is, and
    the takedown says so.
    """
    overlaps: ClassVar[bool] = False
    """Whether two of its own records may hold the same words, so that one that is taken down takes of the other."""
    has_blocks: ClassVar[bool] = False
    """Whether many of its records may come together, as a Block, to whoever asks."""
    reads_beginnings: ClassVar[bool] = False
    """Whether a preview may hand it the beginning of a large file (an Item that is not `whole`)."""

    _is_joined: bool = PrivateAttr(default=False)
    """Whether others take columns of its records by name: then `map` may be empty."""

    # --- reading the entry ------------------------------------------------------------------------------

    @model_validator(mode="wrap")
    @classmethod
    def _speak(cls, raw: Any, handler: ModelWrapValidatorHandler["Block"]) -> "Block":
        """Validates with the format's path language at hand, so that a bad path is reported at its own line."""
        with speaking(cls.path_language), own_tables(raw):
            reader = handler(with_joins(raw))
        reader._check()
        return reader

    def as_joined(self) -> Self:
        """The same, for others to take columns of."""
        self._is_joined = True
        return self

    @property
    def captures(self) -> list[str]:
        """The names that `files` captures."""
        return [name for text in self.files or () for name in Pattern(text.removeprefix("!")).captures]

    @property
    def joins(self) -> dict[str, Join]:
        """What else is said of a row, but its picture."""
        return self.with_.joins if self.with_ else {}

    @property
    def picture(self) -> PictureOf | None:
        """Where the picture of a row is found."""
        return self.with_.image if self.with_ else None

    @property
    def pictures(self) -> PictureOf | None:
        """The same, where that is among the harvested files."""
        return self.picture if self.picture and not self.picture.url else None

    @property
    def linked_picture(self) -> PictureOf | None:
        """The same, where rows point to it."""
        return self.picture if self.picture and self.picture.url else None

    @property
    def waves(self) -> int:
        """How many links may lead from a row to the last of them: as many as the entry names, and none twice."""
        joins = self.joins.values()
        return (self.linked_picture is not None) + sum(one.is_linked + one.read.waves for one in joins)

    @property
    def is_linked(self) -> bool:
        """Whether rows, or what is joined with them, point to something that is fetched."""
        return self.waves > 0

    def _check(self) -> None:
        if self.picture is not None:
            if STATUS in self.map.extra and self.linked_picture:
                said = f"`{STATUS}` is filled with what became of the picture; leave it out, or call it otherwise"
                raise Misplaced((("map", "extra", STATUS), said))
            if self.modality not in (None, "image"):
                said = f"`with: image` gives rows of modality image, not {self.modality}; leave it out"
                raise Misplaced((("modality",), said))
            refuse_measured(self.map.values, "`with: image`")
        if nowhere := [(("meanings", name), _no_own(name, self.extras)) for name in self.meanings.keys() - self.extras]:
            raise Misplaced(*sorted(nowhere))
        captured = [*self.captures, *self.own_facts]
        unknown = [
            (place, f"{name}: no fact, no column, and nothing that `files` captures; write one of {_facts(captured)}")
            for place, value in self.places
            for name in dict.fromkeys(unknown_references([value], [*captured, *self._known_late(place)]))
        ]
        unknown += [
            ((*place, *key), fault) for place, value in self.places for key, fault in unknown_joined(self.joins, value)
        ]
        unknown += [*self._wrong_by(), *self._wrong_rows()]
        if unknown:
            raise Misplaced(*unknown)
        allowed = _CORE | _PLACES | {column.name for column in BLOCKS[self.chosen_modality]}
        said = f"a row of modality {self.chosen_modality} has no such column"
        foreign = [name for name in self.map.values if name not in allowed]
        if foreign:
            raise Misplaced(*((("map", name), f"`{name}`: {said}; {self._where_it_is(name)}") for name in foreign))

    def _known_late(self, place: tuple[str, ...]) -> Iterable[str]:
        """What is known where rows are chosen and sent, and not before: how they are divided."""
        return {SPLIT} & self.map.extra.keys() if place in (("map", "config"), ("where",)) else ()

    def _wrong_by(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """`by` is read before the columns of `map` are there, and in the order in which `with` joins."""
        before: set[str] = set()
        for name, join in self.joins.items():
            paths = [path for value in join.by.mine for path in value.paths() if path.reference is not None]
            for path in paths:
                assert path.reference is not None
                if path.reference.column and path.reference.name not in before:
                    yield (
                        ("with", name, join.place),
                        f"`{path.path}` is joined later; put `{path.reference.name}` before it",
                    )
                elif not path.reference.column and path.path.removeprefix("$") in self.map.values:
                    yield (
                        ("with", name, join.place),
                        f"`{path.path}` is mapped after it is joined; write the path itself",
                    )
            before.add(name)

    def _wrong_rows(self) -> Iterator[tuple[tuple[str, ...], str]]:
        name = self.row_for_each
        if name and name not in self.joins:
            yield ("rows",), f"`rows: ${name}`: nothing of this name is joined; write it under `with`"
        elif name and "id" not in self.map.values:
            yield ("map",), f"`rows: ${name}` makes several rows of a record; map `id` to what tells them apart"

    @property
    def row_for_each(self) -> str:
        """The name of a join each record of which makes a row; empty where a record is one."""
        rows = str(getattr(self, "rows", ""))
        return rows.removeprefix("$") if rows.startswith("$") else ""

    @staticmethod
    def _where_it_is(name: str) -> str:
        blocks = [modality for modality, columns in BLOCKS.items() if name in {column.name for column in columns}]
        return f"leave it out, or write modality: {' or '.join(blocks)}" if blocks else "leave it out"

    @property
    def places(self) -> list[tuple[tuple[str, ...], Value]]:
        """Every VALUE of the block, and the keys that lead to it."""
        of_where = [(("where",), value) for value in (self.where.values if self.where else ())]
        own = [(_place(name, value), value) for name, value in self.map.extra.items()]
        mine = [(("with", name, one.place), value) for name, one in self.joins.items() for value in one.by.mine]
        if self.picture:
            place = ("with", "image", "url" if self.picture.url else "by")
            mine += [(place, value) for value in self.picture.mine]
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
        if self.picture is not None:
            return "image"
        if self.modality is not None or self.default_modality == "image":
            return self.modality or "image"
        if "text" in self.map.values:
            return "text"
        if self.default_modality == "metadata" and {"image_url", "iiif_service"} & self.map.values.keys():
            return "image"
        return self.default_modality

    @property
    def publishes_pictures(self) -> bool:
        """Whether its rows publish the bytes of pictures, as far as the entry tells."""
        return self.shows_pictures or self.picture is not None

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """The source's own columns and their types."""
        return extra_types(self.map) | ({STATUS: pa.string()} if self.linked_picture else {})

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """Of those that hold one of a few names, the names; the column holds the place in this list."""
        return extra_classes(self.map)

    @property
    def dcmi_type(self) -> str:
        """What the column `type` says where the record does not."""
        return {"text": "Text", "image": "StillImage", "metadata": "Dataset"}[self.chosen_modality]


def _no_own(name: str, own: Iterable[str]) -> str:
    return f"`{name}` is no column of the source's own: {', '.join(own) or 'there is none; map it under `extra`'}"


def _place(name: str, value: Value) -> tuple[str, ...]:
    """The keys that lead to one of the source's own columns."""
    return ("map", name) if isinstance(value, Divided) else ("map", "extra", name)


def _facts(captured: Iterable[str]) -> str:
    return ", ".join(f"${name}" for name in (*FACTS, *captured))
