"""What else belongs to a row: the `with` of a reader. Today, the picture of a row of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.mapping import unknown_references
from biglam_pipeline.normalize.paths import FACTS, FactsOnly, Scene
from biglam_pipeline.normalize.pictures import MAX_PICTURE_BYTES, MaxBytes, picture_columns
from biglam_pipeline.normalize.reader import facts_of
from biglam_pipeline.normalize.values import Value, read_value
from biglam_pipeline.normalize.verb import as_text
from biglam_pipeline.patterns import Pattern, Patterns
from biglam_pipeline.quality.image import NoPicture
from biglam_pipeline.records import Item
from biglam_pipeline.settings import Misplaced, Settings

Key = tuple[str, ...]

_NOT_BUILT = ("type", "rows", "header", "with", "url", "many", "max_side", "map", "where")
_TOLD = {"image_broken": "broken", "image_too_large": "too large", "not_a_picture": "not a picture"}


@dataclass(frozen=True, slots=True)
class By:
    """What a row and a picture have in common: pairs of a value of the row and a fact of the picture."""

    mine: tuple[Value, ...]
    theirs: tuple[Value, ...]
    raw: Any

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read from a column, a list of columns, or {mine: theirs}; written back the same way."""
        written = core_schema.plain_serializer_function_ser_schema(lambda by: by.raw)
        return core_schema.no_info_plain_validator_function(_read_by, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor may suggest."""
        text: JsonSchemaValue = {"type": "string"}
        several = {"type": "array", "items": text, "minItems": 1}
        return {"anyOf": [text, several, {"type": "object", "additionalProperties": text}]}


def _read_by(raw: Any) -> By:
    if isinstance(raw, By):
        return raw
    names = raw if isinstance(raw, list | tuple) else [raw]
    pairs = raw if isinstance(raw, dict) else {name: f"${name}" for name in names if isinstance(name, str)}
    if not pairs or not all(isinstance(one, str) and one for pair in pairs.items() for one in pair):
        raise ValueError("`by` is a column, a list of columns, or {column of the row: $fact of the picture}")
    theirs = tuple(read_value(value, FactsOnly()) for value in pairs.values())
    return By(tuple(read_value(value) for value in pairs), theirs, raw)


class PictureOf(Settings):
    """The picture of a row, found among the harvested files; a row without one keeps its other columns."""

    files: Patterns
    """Which of the harvested files are the pictures: a pattern for the end of the path, or a list; `!` leaves out."""
    by: By
    """What a row and its picture have in common: {column: $name}, or a column whose name `files` captures."""
    max_bytes: MaxBytes = MAX_PICTURE_BYTES
    """A larger picture is left out of its row, and counted."""

    @model_validator(mode="before")
    @classmethod
    def _built(cls, raw: Any) -> Any:
        said = "is in the language but not built yet; leave it out: a picture has `files` and `by`"
        wrong = [((name,), f"`{name}` {said}") for name in raw if name in _NOT_BUILT] if isinstance(raw, dict) else []
        if wrong:
            raise Misplaced(*wrong)
        return raw

    @model_validator(mode="after")
    def _known(self) -> "PictureOf":
        captured = [name for text in self.files for name in Pattern(text.removeprefix("!")).captures]
        unknown = sorted({*unknown_references(self.by.theirs, captured)} | set(self._columns(captured)))
        if unknown:
            hint = "write {COLUMN: $name}, or capture it, as in files: '{column}.jpg'"
            said = f"{', '.join(unknown)}: no fact of a picture, and nothing that `files` captures; {hint}"
            raise Misplaced((("by",), said))
        return self

    def _columns(self, captured: Sequence[str]) -> list[str]:
        """Names that are columns of a row: a picture has none of them."""
        names = [path.reference.name for value in self.by.theirs for path in value.paths() if path.reference]
        return [f"${name}" for name in names if name not in {*FACTS, *captured}]


class With(Settings):
    """What else belongs to a row, by the name it gets there."""

    image: PictureOf
    """The picture of the row: its bytes, size and media type."""

    @model_validator(mode="before")
    @classmethod
    def _only_image(cls, raw: Any) -> Any:
        said = "is in the language but not built yet (only `image` is); join the tables before, and leave it out"
        wrong = [((name,), f"`{name}` {said}") for name in raw if name != "image"] if isinstance(raw, dict) else []
        if wrong:
            raise Misplaced(*wrong)
        return raw


class Album:
    """The pictures of one bundle, found by what they have in common with a row; each is opened when it is asked for."""

    def __init__(self, settings: PictureOf, items: Sequence[Item]) -> None:
        """SourceChanged where two pictures have the same key."""
        self._settings = settings
        self._items: dict[Key, Item] = {}
        self._asked: set[Key] = set()
        for item in items:
            key = _key(settings.by.theirs, Scene(None, facts_of(item, settings.files)))
            other = self._items.setdefault(key, item) if key else item
            if other is not item:
                message = f"{other.name} and {item.name} are both the picture of {' '.join(key)!r}; narrow `files`"
                raise SourceChanged(f"`with: image`: {message}, or name more in `by`")

    def columns(self, scene: Scene, problems: list[str]) -> dict[str, Any]:
        """The columns of the row's picture; none, and a problem, where it has none that can be read."""
        key = _key(self._settings.by.mine, scene)
        item = self._items.get(key) if key else None
        if item is None:
            problems.append("image: not found")
            return {}
        self._asked.add(key)
        try:
            return picture_columns(item, self._settings.max_bytes)
        except NoPicture as trouble:
            problems.append(f"image: {_TOLD[trouble.reason]}")
            return {}

    @property
    def left_over(self) -> int:
        """Pictures that no row asked for."""
        return len(self._items) - len(self._asked)


def _key(values: Sequence[Value], scene: Scene) -> Key:
    """What the values give; empty where one of them gives nothing."""
    found = [value.read(scene, []) for value in values]
    return tuple(as_text(one[0]).strip() for one in found) if all(found) else ()
