"""How does a record become a row? Every canonical column filled, normalised beside its raw partner, and checked."""

import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any

import pyarrow as pa

from biglam_pipeline.columns import Modality, content_columns
from biglam_pipeline.fields.dates import EARLIEST_YEAR, LATEST_YEAR, read_date
from biglam_pipeline.fields.identifiers import Identifier, read_identifier, read_said
from biglam_pipeline.fields.imprint import says_unknown
from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.fields.names import Creator, read_creators
from biglam_pipeline.normalize.rows.as_laid import LAID, settle
from biglam_pipeline.normalize.rows.dating import contradiction, fill_dates
from biglam_pipeline.normalize.rows.keys import Keys
from biglam_pipeline.normalize.rows.rights import RowRights
from biglam_pipeline.quality.text import n_chars, n_words
from biglam_pipeline.records import Record
from biglam_pipeline.rights.layers import Judgement

Problems = list[str]

_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_REMOVED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_CONTROLS = bytes(code for code in range(128) if _ODD.match(chr(code)))
"""What of it is ASCII."""
_YEAR = re.compile("0*[1-9][0-9]{0,3}(?:[.]0+)?")
"""A year as tables have it, `79` and, of programs that make numbers of columns, `1853.0`. 0 is one of nobody, and what
a sign means is said by the entry, as for dates.
"""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Rows:
    """Makes the rows of one source."""

    def __init__(
        self,
        *,
        source_id: str,
        custodian: str,
        languages: tuple[str, ...],
        modality: Modality,
        extras: dict[str, pa.DataType],
        record_format: str,
        rights: RowRights,
        section: str = "",
    ) -> None:
        """languages: BCP 47, for records that name none; section: see `Reading`."""
        self._source_id = source_id
        self.before_id = f"{source_id}:{section}:" if section else f"{source_id}:"
        """What every `id` begins with."""
        self._custodian = custodian
        self.languages = languages
        """BCP 47, for records that name none."""
        self._modality = modality
        self._record_format = record_format
        self.rights = rights
        """What its rights allow."""
        self._extras = tuple(extras)
        self.keys = Keys(content_columns(modality, extras))
        """What makes the digests of a row."""
        self._empty = {column.name: None for column in content_columns(modality, extras)}

    def row(self, record: Record, retrieved: date | None = None) -> tuple[dict[str, Any], list[str]]:
        """Every column of `content_columns` by name, and what could not be read, as `column: reason`."""
        row, problems, _ = self.judged(record, retrieved)
        return row, problems

    def judged(self, record: Record, retrieved: date | None = None) -> tuple[dict[str, Any], list[str], Judgement]:
        """The same, and what the layers of the entry's rights make of it. retrieved: the day it was fetched."""
        problems: Problems = []
        values: dict[str, Any] = {
            name: value if type(value) is str and value.isprintable() else clean(value, name, problems)
            for name, value in record.values.items()
        }
        row: dict[str, Any] = {**self._empty, **values}
        if len(row) > len(self._empty):
            row = {name: row[name] for name in self._empty}
        row["id"] = self.id_of(record.source_record_id, problems)
        row["source_id"] = self._source_id
        row["source_record_id"] = row["id"].removeprefix(f"{self._source_id}:")
        row["custodian"] = self._custodian
        fill_dated(row, values, problems)
        self.fill_languages(row, values, problems)
        fill_structs(row, values, problems)
        self._fill_block(row, problems)
        judgement = self.rights.fill(row, values, problems, retrieved)
        for name in self._extras:
            row[name] = clean(record.extra.get(name), name, problems)
        if LAID in values:
            settle(row, values[LAID])
        if later := contradiction(row.get("text"), row["year_end"]):
            problems.append(later)
        return row, problems, judgement

    def id_of(self, source_record_id: str, problems: Problems | None = None) -> str:
        """`<source>:<identifier>` as it is published, or `<source>:<section>:<identifier>`: records and tombstones are
        compared in this form alone.
        """
        return f"{self.before_id}{clean(source_record_id, 'id', [] if problems is None else problems)}"

    def fill_languages(self, row: dict[str, Any], values: Mapping[str, Any], problems: Problems) -> None:
        """The columns of a row that speak of languages. values: the record's own, clean."""
        raws = texts_of(values.get("languages"))
        tags, unread = read_languages(raws, marc=self._record_format == "marcxml") if raws else ([], [])
        problems.extend(f"languages: {problem}" for problem in unread)
        row["languages"] = (tags or list(self.languages)) or None
        row["languages_raw"] = raws or None

    def _fill_block(self, row: dict[str, Any], problems: Problems) -> None:
        if self._modality == "text":
            text = row["text"] or ""
            row["text"] = text
            row["n_chars"], row["n_words"] = n_chars(text), n_words(text)
            row["text_unit"] = row["text_unit"] or "row"  # that it is a whole, somebody has to say
            row["text_origin"] = row["text_origin"] or "born_digital"
            row["transforms"] = row["transforms"] or []
            row["ocr_confidence"] = _single_precision(row["ocr_confidence"])
        elif self._modality == "metadata":
            row["record_format"] = self._record_format
        for name in ("seq", "width", "height"):
            if row.get(name) is not None and not _fits(row[name], 32):
                row[name] = None
                problems.append(f"{name}: out of range")


def fill_dated(row: dict[str, Any], values: Mapping[str, Any], problems: Problems) -> None:
    """The columns of a row that speak of dates. values: the record's own, clean."""
    fill_dates(row, texts_of(values.get("date_raw")), problems)
    row["year_start"], row["year_end"] = _year(row["year_start"]), _year(row["year_end"])


def _year(year: int | None) -> int | None:
    return year if _fits(year, 16) else None


def _fits(number: object, bits: int) -> bool:
    """Whether it is a whole number of so many bits. `in range()` would compare what is no int one by one."""
    return isinstance(number, int) and -(1 << bits - 1) <= number < 1 << bits - 1


def fill_structs(row: dict[str, Any], values: Mapping[str, Any], problems: Problems) -> None:
    """The columns of a row that hold more than texts. values: the record's own, clean."""
    for name, make in STRUCTS.items():
        row[name] = make(values.get(name), problems) or None


def _creators(value: Any, problems: Problems) -> list[Any]:
    return [one for raw in _several(value) for one in _creator(raw, problems)]


_NO_SUBJECT = {"label": None, "uri": None, "scheme": None}


def _subjects(value: Any, problems: Problems) -> list[Any]:
    named = [{"label": label, "uri": uri, "scheme": None} for label, uri in _labelled(value)]
    if type(value) is list and {*map(type, value)} == {str}:  # as most are
        return named
    return [{**_NO_SUBJECT, **one} for one in _several(value) if isinstance(one, dict) and one.get("label")] + named


def _spatial(value: Any, problems: Problems) -> list[Any]:
    places = (one for one in _several(value) if isinstance(one, dict))
    said = [{"name": one.get("name"), "uri": one.get("uri")} for one in places if one.get("name") or one.get("uri")]
    return said + [{"name": name, "uri": uri} for name, uri in _labelled(value)]


def _identifiers(value: Any, problems: Problems) -> list[Any]:
    return [one for raw in _several(value) if (one := _identifier(raw, problems))]


_NOT_KNOWN = "only says that it is not known"


def _publisher(value: Any, problems: Problems) -> str | None:
    """Of several, which readers join by a semicolon, those that are a name."""
    if not isinstance(value, str):
        return None
    names = value.split("; ")
    known = [one for one in names if not says_unknown(one)]
    if len(known) < len(names):
        problems.append(f"publisher: {_NOT_KNOWN}")
    return "; ".join(known)


def _places(value: Any, problems: Problems) -> list[Any]:
    names = texts_of(value)
    known = [one for one in names if not says_unknown(one)]
    problems += [f"publication_place: {_NOT_KNOWN}"] * (len(known) < len(names))
    return known


STRUCTS: dict[str, Callable[[Any, Problems], Any]] = {
    "publisher": _publisher,
    "publication_place": _places,
    "creators": _creators,
    "subjects": _subjects,
    "spatial": _spatial,
    "identifiers": _identifiers,
}
"""Column -> what makes its structs of the record's own value, or leaves of its names those that name somebody."""


def _identifier(raw: Any, problems: Problems) -> Identifier | None:
    """A text says its scheme itself, or has none; {scheme, value} was said by the entry. Nothing is lost."""
    if isinstance(raw, str):  # also lxml's, which knows the element that it comes from
        return read_identifier(raw) if raw and not raw.isspace() else None
    if not isinstance(raw, dict):
        return None
    found, known = read_said(raw["scheme"], raw["value"])
    if not known:
        problems.append(f"identifiers: not a valid {raw['scheme']}")
    return found


def _creator(value: Any, problems: Problems) -> list[dict[str, Any]]:
    """One for each role of a heading."""
    if type(value) is str:
        return [dict(one) for one in _read_creators(value, None)] if value.strip() else []
    said = value if isinstance(value, dict) else {"name": value}
    raw, role, uri = said.get("name"), said.get("role"), said.get("uri")
    if not (isinstance(raw, str) and raw.strip()):
        return []
    found = [dict(one) for one in _read_creators(raw, role)]
    for name in _LIFE & said.keys():
        year = _year_said(said[name], name, problems)
        found = [{**one, name: year or one[name]} for one in found]  # the name may have it
    return [{**one, "uri": uri} for one in found] if uri else found


_LIFE = {"birth_year", "death_year"}


def _year_said(value: str, name: str, problems: Problems) -> int | None:
    """Of a date that an entry says somebody was born or died at; None, and a problem, where it is not of one year."""
    reading = read_date(value)
    year, last = (int(float(value)),) * 2 if _YEAR.fullmatch(value) else (reading.year_start, reading.year_end)
    if year is None or year != last or not EARLIEST_YEAR <= year <= LATEST_YEAR:
        sign = reading.problem.partition(";")[0] if "sign" in reading.problem else ""
        problems.append(f"creators: {name} is {sign or 'not one year'}")
        return None
    return year


@lru_cache(maxsize=65_536)
def _read_creators(raw: str, role: str | None) -> tuple[Creator, ...]:
    return tuple(read_creators(raw, role=role))


def _labelled(values: Any) -> list[tuple[str | None, str | None]]:
    """A text is a label, an address a URI; each once."""
    found = dict.fromkeys([text.strip() for text in texts_of(values)])
    return [(None, text) if text.startswith(_ADDRESSES) else (text, None) for text in found if text]


_ADDRESSES = ("http://", "https://")


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts_of(value: Any) -> list[str]:
    """The texts in a value, none of them empty."""
    if value is None:
        return []
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one]


def _single_precision(value: float | None) -> float | None:
    """As Parquet will hold it, so that a row read back has the same digest."""
    if value is None or not math.isfinite(value):
        return None
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return single


def clean(value: Any, name: str, problems: Problems) -> Any:
    """Without control characters and halves of surrogate pairs; bidi controls stay, and are reported."""
    if isinstance(value, str):
        return value if _is_clean(value) else _clean_text(value, name, problems)
    if isinstance(value, list):
        if {*map(type, value)} == {float}:  # coordinates, of which a picture may have thousands
            return value
        if all(isinstance(one, str) for one in value) and "".join(value).isprintable():
            return value.copy()
        return [clean(one, name, problems) for one in value]
    if isinstance(value, dict):
        return {key: clean(one, name, problems) for key, one in value.items()}
    return value


def is_clean(values: Sequence[Any], *, numbers: bool = False) -> bool:
    """Whether all of these are texts, lists of texts and the like, of which `clean` would say nothing.

    numbers: whether they may be numbers as well.
    """
    kinds = {*map(type, values)}
    if kinds <= _TEXTS:
        return _is_clean("".join(filter(None, values)))
    if numbers and kinds - _TEXTS <= _NUMBERS:
        return _is_clean("".join(one for one in values if type(one) is str))
    if not kinds <= {list, type(None)}:
        return False
    inside = [*chain.from_iterable(filter(None, values))]
    if dicts := [one for one in inside if type(one) is dict] if dict in map(type, inside) else []:
        inside = [one for one in inside if type(one) is not dict]
    return (
        {*map(type, inside)} <= _TEXTS
        and all(is_clean([*one.values()]) for one in dicts)
        and _is_clean("".join(filter(None, inside)))
    )


_TEXTS, _NUMBERS = {str, type(None)}, {int, float, bool}


def _is_clean(text: str) -> bool:
    # Nearly every text is printable but for its line ends, and asking for that is faster than the pattern.
    if text.isprintable():
        return True
    if text.isascii():
        return len(text.encode().translate(None, _CONTROLS)) == len(text)
    return text.replace("\n", "").isprintable() or _ODD.search(text) is None


def _clean_text(text: str, name: str, problems: Problems) -> str:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    cleaned = _REMOVED.sub("", joined)
    if cleaned != text:
        problems.append(f"{name}: control characters removed")
    if _BIDI.search(cleaned):
        problems.append(f"{name}: changes the direction of writing")
    return cleaned
