"""What do records hold? Every column, key or element with how many fill it and what stands there, of the first ones."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from biglam_pipeline.inputs import readings_of
from biglam_pipeline.normalize.claims import bundles_for
from biglam_pipeline.normalize.cut import Cut, Fields
from biglam_pipeline.normalize.files import Files, files_of
from biglam_pipeline.normalize.gathering import bundles_among
from biglam_pipeline.normalize.mapping.paths import ColumnName
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.sampling import beginning
from biglam_pipeline.normalize.slicing import BundleRef
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.prefixes import PREFIXES
from biglam_pipeline.parsing.xml.reading import text_of
from biglam_pipeline.records import Bundle
from biglam_pipeline.source import Source
from biglam_pipeline.store.raw import Harvest, RawShelf

MOST_RECORDS = 1000
MOST_FIELDS = 500
"""Further ones are counted and not looked at: what is no table may have a hundred thousand columns."""
_VALUES = 200
_LETTERS = 4000
_LOOKED_AT = 4 * 2**20
_DEEP = 4
_MEMBERS = 50
"""Of a list in a record."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHORT = {namespace: prefix for prefix, namespace in reversed(PREFIXES.items())}


@dataclass(slots=True)
class Seen:
    """One column, key or element."""

    path: str
    """As a PATH of the reader names it."""
    filled: int = 0
    """Records in which something stands there."""
    values: list[str] = field(default_factory=list)
    """The first few, each cut off after some thousand letters."""

    def add(self, texts: list[str]) -> None:
        """What stands there in one record."""
        self.filled += 1
        self.values += [text[:_LETTERS] for text in texts[: max(0, _VALUES - len(self.values))]]

    @property
    def examples(self) -> list[str]:
        """Three different ones."""
        return list(dict.fromkeys(self.values))[:3]


@dataclass(slots=True)
class Survey:
    """What the first records of one reader hold."""

    records: int = 0
    fields: dict[str, Seen] = field(default_factory=dict)
    by_itself: Counter[str] = field(default_factory=Counter)
    """Columns that the format fills without a `map` -> records."""
    unread: Counter[str] = field(default_factory=Counter)
    """Fields, by the name that the format has for them, that nothing reads without one."""
    further: int = 0
    """Fields that were not looked at, for there are too many."""

    def share(self, one: Seen) -> float:
        """Of the records that fill it."""
        return one.filled / self.records if self.records else 0.0


def survey_source(source: Source, number: int, raw: RawShelf, harvest: Harvest) -> Survey:
    """The same of one READ of an entry, counted from 0: of the files that it takes."""
    files, reading = files_of(raw, raw.objects(harvest.number)), readings_of(source)[number]
    return _surveyed(source.normalize[number], raw, bundles_for(reading, raw, files))


def survey_fields(reader: Reader, raw: RawShelf, files: Files) -> Survey:
    """Looks at the first records that a reader cuts from what is shelved. Nothing is mapped or chosen."""
    return _surveyed(reader, raw, bundles_among(raw, reader, files))


def _surveyed(reader: Reader, raw: RawShelf, bundle_refs: Iterable[BundleRef]) -> Survey:
    found = Survey()
    for bundle_ref in bundle_refs:
        for bundle in open_slice(raw, [bundle_ref]):
            _survey(reader, bundle, found)
            if found.records >= MOST_RECORDS:
                return found
    return found


def _survey(reader: Reader, bundle: Bundle, found: Survey) -> None:
    shown, flat = bundle, isinstance(reader.path_language, ColumnName)
    if reader.reads_beginnings:
        items = tuple(
            beginning(one, _LOOKED_AT) if one.name == bundle.name and reader.may_begin(one) else one
            for one in bundle.items
        )
        shown = replace(bundle, items=items)
    try:
        for _, cuts in reader.streams(shown):
            for one in cuts:
                if isinstance(one, Cut):
                    _take(one, found, flat=flat)
                elif isinstance(one, Fields) and len(found.fields) < MOST_FIELDS:
                    for name in list(one.names)[: MOST_FIELDS - len(found.fields)]:
                        found.fields.setdefault(str(name), Seen(str(name)))
                if found.records >= MOST_RECORDS:
                    return
    except Unreadable:  # a reject of this file, which is said with the rows
        return


def _take(cut: Cut, found: Survey, *, flat: bool) -> None:
    found.records += 1
    found.by_itself.update(name for name, value in cut.columns.items() if value not in (None, "", []))
    found.unread.update(map(str, cut.filled))
    record = cut.record() if callable(cut.record) else cut.record
    met: dict[str, list[str]] = {}
    for path, text in _fields(record, flat=flat):
        met.setdefault(path, []).append(text)
    for path, texts in met.items():
        if path not in found.fields and len(found.fields) >= MOST_FIELDS:
            found.further += 1
            continue
        found.fields.setdefault(path, Seen(path)).add(texts)


def _fields(record: Any, *, flat: bool) -> Iterator[tuple[str, str]]:
    """flat: whether a path is the name of a column, so that nothing is addressed inside of one."""
    if isinstance(record, Mapping) and flat:
        for name, one in record.items():
            texts = one if isinstance(one, list) else [one]
            yield from ((str(name), str(text)) for text in texts[:_MEMBERS] if text not in (None, "", {}))
    elif isinstance(record, Mapping):
        yield from _of_mapping(record, "", _DEEP)
    elif isinstance(record, etree._Element):
        for child in record.iterchildren(etree.Element):
            if text := text_of(child).strip():
                yield _qualified(child), text


def _qualified(element: etree._Element) -> str:
    """`dc:title`; of a namespace that has no prefix here, an XPath that finds it all the same."""
    name = etree.QName(element)
    if not name.namespace:
        return name.localname
    prefix = _SHORT.get(name.namespace)
    return f"{prefix}:{name.localname}" if prefix else f"*[local-name()='{name.localname}']"


def _of_mapping(value: Mapping[str, Any], before: str, room: int) -> Iterator[tuple[str, str]]:
    """Paths, as JMESPath, and the texts that stand there."""
    for name, one in value.items():
        path = f"{before}.{key_of(str(name))}" if before else key_of(str(name))
        if isinstance(one, Mapping):
            yield from _of_mapping(one, path, room - 1) if room else ()
        elif isinstance(one, list):
            for member in one[:_MEMBERS]:
                if isinstance(member, Mapping):
                    yield from _of_mapping(member, f"{path}[]", room - 1) if room else ()
                elif not isinstance(member, list) and member not in (None, ""):
                    yield f"{path}[]", str(member)
        elif one not in (None, ""):
            yield path, str(one)


def key_of(name: str) -> str:
    """A key as JMESPath writes it."""
    if _PLAIN.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
