"""Where does a value stand in a record? The path languages, and `$NAME` at the very start of a path."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Protocol

from lxml import etree

from biglam_pipeline.fields.dates import read_dates
from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.normalize.mapping.jmes import OfRoot, of_root
from biglam_pipeline.normalize.mapping.verb import as_text
from biglam_pipeline.normalize.rows.dating import EVIDENCE, evidence_of
from biglam_pipeline.parsing.xml.prefixes import PREFIXES
from biglam_pipeline.parsing.xml.reading import text_of
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Item

FACTS = ("path", "name", "stem", "folder", "url", "identifier", "datestamp", "set")
"""What is known of every record beside its content: `$path` and so on."""


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


JoinedRow = dict[str, list[Any]]
"""Of a joined record, the values of the columns that are asked for."""
STANDS = " stands"
"""After a column's name: what its own steps took away of it in the joined record, and a person's word may not."""


@dataclass(slots=True)
class RecordContext:
    """What a value can be read from: the record, the facts about it, and the columns that are filled already."""

    record: Any
    facts: Mapping[str, str | list[str]]
    columns: dict[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    """BCP 47 tags of a record that names none."""
    joined: dict[str, list[JoinedRow]] = field(default_factory=dict)
    """What `with` found for the record, by its name there."""
    own: dict[str, Any] = field(default_factory=dict)
    """The source's own columns, once they are filled."""
    root: Callable[[], Any] | None = None
    """Of JSON, gives the document that the record was cut from."""


Getter = Callable[[Any], list[Any]]

_NAMED = re.compile(r"\b[a-z]+:([A-Za-z]+)")
_ANY_NAMESPACE = re.compile(r"\{\*\}([^\W\d][\w.-]*)")
"""What ElementTree writes for a name in whatever namespace; XPath 1.0 itself has no short form of it."""


class PathLanguage(Protocol):
    """How a format addresses what is in a record. Two of equal settings are equal, and go to other processes."""

    @property
    def name(self) -> str:
        """What it is called."""

    def compile(self, path: str) -> Getter:
        """What finds the values of this path in a record. ValueError says what is wrong with the path."""

    def fields(self, path: str) -> list[str]:
        """The names of the source's fields that the path reads, as a format reports those that nothing reads."""


def is_field(name: str, language: PathLanguage) -> bool:
    """Whether a name alone is a path that reads the field of this name."""
    try:
        return name in language.fields(name)
    except ValueError:  # in a language of tags a word is no path
        return False


class XPath:
    """XPath 1.0, with the field's prefixes bound; `{*}name` is a name in any namespace."""

    name = "XPath"

    def __init__(self, prefixes: Mapping[str, str] | None = None) -> None:
        """prefixes: bound beside those that every format knows."""
        self._prefixes = {**PREFIXES, **(prefixes or {})}

    def __eq__(self, other: object) -> bool:
        """Where the same prefixes mean the same."""
        return isinstance(other, XPath) and self._prefixes == other._prefixes

    def __hash__(self) -> int:
        """Of the prefixes."""
        return hash(frozenset(self._prefixes.items()))

    def compile(self, path: str) -> Getter:
        """The strings that the expression selects, without outer blanks; an element gives all its text."""
        try:
            written = _ANY_NAMESPACE.sub(r"*[local-name()='\1']", path)
            expression = etree.XPath(written, namespaces=self._prefixes, smart_strings=False, regexp=False)
            expression(etree.Element("probe"))  # an unbound prefix or function is found only by running it
        except (etree.XPathError, ValueError) as error:
            raise ValueError(f"{path!r} is not XPath: {error}") from None

        def get(record: Any) -> list[Any]:
            found = expression(record)
            if not isinstance(found, list):
                return [f"{found:g}" if isinstance(found, float) else as_text(found)]
            texts = (text_of(one) if isinstance(one, etree._Element) else as_text(one).strip() for one in found)
            return [text for text in texts if text]

        return get

    def fields(self, path: str) -> list[str]:
        """Local names of the elements in it."""
        return _NAMED.findall(path)


_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|(@)?(?:[^\W\d][\w.-]*:(?!:)|\{\*\})?([^\W\d][\w.-]*)(::|\s*\()?")
"""A name in a path, what stands before it, and what makes an axis or a function of it; texts in quotes hold none."""
_SPOKEN = {"and", "or"}


class AnyXPath(XPath):
    """XPath 1.0 over elements of any vocabulary: those that it reads are known by their names without a prefix too."""

    def fields(self, path: str) -> list[str]:
        """Local names of elements, and of attributes as @name."""
        found = _WORD.findall(path)
        return [f"{at}{name}" for at, name, more in found if name and not more and name not in _SPOKEN]


@dataclass(frozen=True)
class ColumnName:
    """The name of a column or of a top-level key, as it is: no quoting rules to learn."""

    name = "column"

    def compile(self, path: str) -> Getter:
        """The cell, or every member of a list; empty cells are no values."""

        def get(record: Any) -> list[Any]:
            cell = record.get(path)
            if isinstance(cell, list):
                return [one for one in cell if one not in (None, "")]
            return [] if cell is None or cell == "" else [cell]

        return get

    def fields(self, path: str) -> list[str]:
        """The column."""
        return [path]


@dataclass(frozen=True)
class FactsOnly:
    """For what has no fields to read, such as a picture: every value is a `$NAME` or a constant."""

    name = "fact"

    def compile(self, path: str) -> Getter:
        """ValueError: there is nothing to find."""
        hint = f"write a fact ({', '.join('$' + fact for fact in FACTS[:5])}), $NAME for what `files` captures"
        raise ValueError(f"{path!r}: a picture has no fields to read; {hint}, or {{const: TEXT}}")

    def fields(self, path: str) -> list[str]:
        """None: there are none."""
        return []


_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """`$NAME`: a fact, a column that is already mapped, or what `files` captured.

    Languages and dates are as they will stand in the row: normalised, with `$languages_raw` and `$date_raw` beside.
    """

    name: str
    column: str = ""
    """Of `$NAME.COLUMN`, what is joined under this name: of each joined record this column."""

    def __call__(self, context: RecordContext) -> list[Any]:
        """What is known under this name, nothing where it is empty."""
        if self.column:
            return [value for row in context.joined.get(self.name, ()) for value in row.get(self.column, ())]
        found = context.facts.get(self.name, context.own.get(self.name))
        if found is None:
            found = _NORMALISED[self.name](context) if self.name in _NORMALISED else context.columns.get(self.name)
        values = found if isinstance(found, list) else [found]
        return [value for value in map(_plain, values) if value not in (None, "")]

    def stands(self, context: RecordContext) -> list[Any]:
        """Of what is joined, what stood there before any step."""
        rows = context.joined.get(self.name, ()) if self.column else ()
        return [value for row in rows for value in row.get(f"{self.column}{STANDS}", ())]


@dataclass(frozen=True, slots=True)
class OwnColumn(Reference):
    """A column of a joined record's own, also where it is called like a fact: `extra: {name: name}` is no file's."""

    def __call__(self, context: RecordContext) -> list[Any]:
        """Its values."""
        found = context.own.get(self.name)
        return [one for one in (found if isinstance(found, list) else [found]) if one not in (None, "")]


@dataclass(frozen=True, slots=True)
class AsGiven:
    """A canonical column of a joined record as that has it: the row that takes it keeps it raw, and makes its own."""

    name: str
    column: str = ""

    def __call__(self, context: RecordContext) -> list[Any]:
        """Its values."""
        found = context.columns.get("date_raw" if self.name == "date" else self.name)
        values = (self._text(value) for value in (found if isinstance(found, list) else [found]))
        return [value for value in values if value not in (None, "")]

    def _text(self, value: Any) -> Any:
        """Of a member of a column that holds more than texts, what it is called."""
        fields = _CALLED.get(self.name, ()) if isinstance(value, dict) else ()
        return next((value[field] for field in fields if value.get(field)), None) if fields else value

    def stands(self, context: RecordContext) -> list[Any]:
        """Nothing beside them."""
        return []


_CALLED = {
    "creators": ("name",),
    "subjects": ("label", "uri"),
    "spatial": ("name", "uri"),
    "identifiers": ("value",),
}


def _plain(value: Any) -> Any:
    """Of an identifier with its scheme, the identifier; of a subject with its list, the subject."""
    return value.get("value", value.get("label")) if isinstance(value, dict) and "scheme" in value else value


def _languages(context: RecordContext) -> list[str]:
    tags, _ = read_languages(_texts(context, "languages"))
    return tags or list(context.languages)


def _texts(context: RecordContext, column: str) -> list[str]:
    found = context.columns.get(column) or []
    return [one for one in found if isinstance(one, str) and one] if isinstance(found, list) else [str(found)]


def _of_date(part: str) -> Callable[[RecordContext], Any]:
    return lambda context: getattr(read_dates(raws), part) if (raws := _texts(context, "date_raw")) else None


def _evidence(context: RecordContext) -> str | None:
    raws, said = _texts(context, "date_raw"), context.columns.get("year_evidence")
    reading = read_dates(raws)
    return evidence_of(reading, raws, said if said in EVIDENCE else None) if reading.edtf is not None else None


_NORMALISED: dict[str, Callable[[RecordContext], Any]] = {
    "languages": _languages,
    "languages_raw": lambda context: context.columns.get("languages"),
    "date_edtf": _of_date("edtf"),
    "year_start": _of_date("year_start"),
    "year_end": _of_date("year_end"),
    "date_precision": _of_date("precision"),
    "date_qualifier": _of_date("qualifier"),
    "year_evidence": _evidence,
}
"""Columns that are made of what was mapped."""


SHORT = {"rights": "rights_raw", "record_rights": "record_rights_raw", "access": "access_raw", "date": "date_edtf"}
"""Short names of columns that one asks for: rights of the object, of the record itself, access, the date."""


def read_reference(path: str) -> Reference | OfRoot | None:
    """The reference at the start of a path, None where there is none. ValueError for what can be none."""
    if not path.startswith("$"):
        return None
    found = _REFERENCE.fullmatch(path)
    if found is None:
        raise ValueError(f"{path!r}: after $ comes a name, such as {', '.join('$' + fact for fact in FACTS)} or $line")
    name, rest = found.groups()
    if name == "root":
        return of_root(rest)
    if rest.startswith("."):
        if not rest[1:].strip():
            raise ValueError(f"{path!r}: behind the dot comes the name of a column of what is joined")
        return Reference(name, rest[1:].strip())
    if rest:
        raise ValueError(f"{path!r}: nothing can follow the name; further changes are steps, after >>")
    return Reference(SHORT.get(name, name))
