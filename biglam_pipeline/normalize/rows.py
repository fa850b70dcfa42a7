"""How does a record become a row? Every canonical column filled, normalised beside its raw partner, and checked."""

import math
import re
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson
import pyarrow as pa
import xxhash

from biglam_pipeline.columns import IMAGE_FEATURE, Column, Modality, content_columns
from biglam_pipeline.fields.identifiers import read_identifier
from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.fields.names import read_creator
from biglam_pipeline.normalize.dating import fill_dates
from biglam_pipeline.quality.text import n_chars, n_words
from biglam_pipeline.records import Record
from biglam_pipeline.rights.recognise import Statement, recognise

Problems = list[str]

_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_REMOVED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INT16 = range(-(1 << 15), 1 << 15)
_INT32 = range(-(1 << 31), 1 << 31)


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
        statement: Statement | None,
        attribution: str,
    ) -> None:
        """languages: BCP 47, for records that name none; statement: None where every record has its own."""
        self._source_id = source_id
        self._custodian = custodian
        self.languages = languages
        """BCP 47, for records that name none."""
        self._modality = modality
        self._record_format = record_format
        self._statement = statement
        self._attribution = attribution
        self._extras = tuple(extras)
        self._empty = {column.name: None for column in content_columns(modality, extras)}

    def row(self, record: Record) -> tuple[dict[str, Any], list[str]]:
        """Every column of `content_columns` by name, and what could not be read, as `column: reason`."""
        problems: Problems = []
        values = {name: _clean(value, name, problems) for name, value in record.values.items()}
        row: dict[str, Any] = dict(self._empty)
        row.update((name, value) for name, value in values.items() if name in row)
        identifier = _clean(record.source_record_id, "id", problems)
        row["id"] = f"{self._source_id}:{identifier}"
        row["source_id"] = self._source_id
        row["source_record_id"] = identifier
        row["custodian"] = self._custodian
        fill_dates(row, _texts(values.get("date_raw")), problems)
        row["year_start"], row["year_end"] = _year(row["year_start"]), _year(row["year_end"])
        self._fill_languages(row, _texts(values.get("languages")), problems)
        _fill_structs(row, values, problems)
        self._fill_rights(row, values, problems)
        self._fill_block(row, problems)
        for name in self._extras:
            row[name] = _clean(record.extra.get(name), name, problems)
        return row, problems

    def _fill_languages(self, row: dict[str, Any], raws: list[str], problems: Problems) -> None:
        tags, unread = read_languages(raws) if raws else ([], [])
        problems.extend(f"languages: {problem}" for problem in unread)
        row["languages"] = (tags or list(self.languages)) or None
        row["languages_raw"] = raws or None

    def _fill_rights(self, row: dict[str, Any], values: Mapping[str, Any], problems: Problems) -> None:
        raws = _texts(values.get("rights_raw"))
        row["rights_raw"] = raws or None
        statement = self._statement
        row["rights_basis"] = "source" if statement else "record"
        if statement is None:
            statement = recognise(raws)
            if statement.problem:
                problems.append(f"rights_raw: {statement.problem}")
        row["rights_uri"] = statement.uri
        row["rights_tier"] = statement.tier
        credit = row["attribution"] or self._attribution
        row["attribution"] = credit or (self._custodian if statement.attribution else None)

    def _fill_block(self, row: dict[str, Any], problems: Problems) -> None:
        if self._modality == "text":
            text = row["text"] or ""
            row["text"] = text
            row["n_chars"], row["n_words"] = n_chars(text), n_words(text)
            row["text_unit"] = row["text_unit"] or "document"
            row["text_origin"] = row["text_origin"] or "born_digital"
            row["transforms"] = row["transforms"] or []
            row["ocr_confidence"] = _single_precision(row["ocr_confidence"])
        elif self._modality == "metadata":
            row["record_format"] = self._record_format
        for name in ("seq", "width", "height"):
            if row.get(name) is not None and row[name] not in _INT32:
                row[name] = None
                problems.append(f"{name}: out of range")


def _year(year: int | None) -> int | None:
    return year if year is not None and year in _INT16 else None


def _fill_structs(row: dict[str, Any], values: Mapping[str, Any], problems: Problems) -> None:
    creators = [_creator(one) for one in _several(values.get("creators"))]
    row["creators"] = [one for one in creators if one] or None
    subjects = [
        {"label": None, "uri": None, "scheme": None} | one for one in _labelled(values.get("subjects"), "label")
    ]
    row["subjects"] = subjects or None
    row["spatial"] = [{"name": None, "uri": None} | one for one in _labelled(values.get("spatial"), "name")] or None
    found = [read_identifier(raw) for raw in _texts(values.get("identifiers"))]
    row["identifiers"] = [one for one in found if one] or None


def _creator(value: Any) -> dict[str, Any] | None:
    raw, role = (value.get("name"), value.get("role")) if isinstance(value, dict) else (value, None)
    return dict(_read_creator(raw, role)) if isinstance(raw, str) and raw.strip() else None


@lru_cache(maxsize=65_536)
def _read_creator(raw: str, role: str | None) -> dict[str, Any]:
    return dict(read_creator(raw, role=role))


def _labelled(values: Any, key: str) -> list[dict[str, str]]:
    """A text is a label, an address a URI; each once."""
    found = dict.fromkeys(text.strip() for text in _texts(values))
    return [{"uri" if text.startswith(("http://", "https://")) else key: text} for text in found if text]


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    return [one for one in _several(value) if isinstance(one, str) and one]


def _single_precision(value: float | None) -> float | None:
    """As Parquet will hold it, so that a row read back has the same digest."""
    if value is None or not math.isfinite(value):
        return None
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return single


def _clean(value: Any, name: str, problems: Problems) -> Any:
    """Without control characters and halves of surrogate pairs; bidi controls stay, and are told."""
    if isinstance(value, str):
        return value if _ODD.search(value) is None else _clean_text(value, name, problems)
    if isinstance(value, list):
        return [_clean(one, name, problems) for one in value]
    if isinstance(value, dict):
        return {key: _clean(one, name, problems) for key, one in value.items()}
    return value


def _clean_text(text: str, name: str, problems: Problems) -> str:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    cleaned = _REMOVED.sub("", joined)
    if cleaned != text:
        problems.append(f"{name}: control characters removed")
    if _BIDI.search(cleaned):
        problems.append(f"{name}: changes the direction of writing")
    return cleaned


# --- digests ------------------------------------------------------------------------------------------------


def row_digest(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """16 bytes that say what these columns hold; equal for a row just made and the same row read back.

    Of a picture its name and sha256 count, so that its bytes are not gone through again.
    """
    named = {column.name: row.get(column.name) for column in columns}
    picture = named.get(IMAGE_FEATURE)
    if isinstance(picture, dict):
        named[IMAGE_FEATURE] = [picture["path"], row["image_sha256"]]
    return _digest(named)


def double_key(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """The same without what only says which copy a row is, as a picture's file name does: doubles share it."""
    named = {column.name: row.get(column.name) for column in columns if not column.identity}
    if isinstance(named.get(IMAGE_FEATURE), dict):
        named[IMAGE_FEATURE] = row["image_sha256"]
    return _digest(named)


def _digest(named: Mapping[str, Any]) -> bytes:
    return xxhash.xxh3_128_digest(orjson.dumps(named, option=orjson.OPT_SORT_KEYS))
