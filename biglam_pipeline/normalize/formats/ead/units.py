"""The units of a finding aid in their order, the collection first: each with what it inherits from those above it.

What is said of the collection holds for its components (ISAD(G) 2.4, "non-repetition of information"), also where it
stands behind them: the finding aid is gone through twice, the first time for what stands behind components.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.formats.ead.described import SINGLE_LEVELS, columns_of, own_of, with_header
from biglam_pipeline.normalize.formats.ead.elements import (
    FOREIGN,
    FRAMES,
    HEADERS,
    KEPT_COUNT,
    KEPT_NAME,
    TAKEN,
    UNITS,
    Element,
    below,
    holds_components,
    internal_in,
    is_internal,
    is_taken,
    take_away,
)
from biglam_pipeline.normalize.formats.ead.rights import HIDDEN, Statements, column_of, of_record, say, statements
from biglam_pipeline.normalize.formats.ead.texts import prose
from biglam_pipeline.normalize.rows.rights_of import ACCESS, OF_RECORD
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.branches import Branch
from biglam_pipeline.parsing.xml.reading import local

Steps = Callable[[], Iterator[Branch]]
"""Goes through the finding aid from its beginning."""

_PASSED_DOWN = ("date_raw", "languages", "creators", "source_url")
"""Columns that a component without its own has from above."""
_INCLUDE = "{http://www.w3.org/2001/XInclude}include"


def opens(element: Element) -> bool:
    """Whether its children are gone through one by one: what holds components, whatever it is called."""
    name = local(element)
    return name in FRAMES or (name != FOREIGN and len(element) > 0 and holds_components(element))


@dataclass(slots=True)
class Unit:
    """The collection, or a component."""

    element: Element
    """Without components, and without what is internal; of the collection in `ead`, beside the header."""
    name: str
    """Of a component its key in the finding aid; empty for the collection."""
    parent: str
    """Of that above it."""
    number: int
    """Among all units, from 0 for the collection."""
    seq: int | None
    """Among those of its parent, from 1; None for the collection."""
    titles: tuple[str, ...]
    """Of the units above, the collection's first."""
    columns: dict[str, Any]
    own: dict[str, Any]
    said: Statements
    """Of rights: its own, and those of all above."""
    inherited: list[str]
    hidden: int
    """Elements that were left out of it."""
    counted: str
    """What its name is counted by; see `_key`."""


@dataclass(slots=True)
class _Above:
    """What a unit has from those above it."""

    name: str = ""
    titles: tuple[str, ...] = ()
    columns: dict[str, Any] = field(default_factory=dict)
    repository: str | None = None
    said: Statements = field(default_factory=dict)


@dataclass(slots=True)
class _Frame:
    """An element that is open."""

    number: int
    element: Element
    """What was kept of it so far."""
    above: _Above
    is_unit: bool
    hidden: int = 0
    said: Statements = field(default_factory=dict)
    below: _Above | None = None
    """What those in it have from it: known before the first of them, once all that is said of it was read."""
    children: int = 0
    """Units in it so far."""


class Units:
    """The units of one finding aid; can be walked once."""

    def __init__(self, steps: Steps, *, components: bool = True, taken: bool = False) -> None:
        """components: whether they are asked for, beside the collection; taken: and what was taken down."""
        self.internal = 0
        """Units that are for the repository alone, or stand in what is."""
        self.header: Element | None = None
        """Known with the first unit; without what is internal."""
        self.beside: Counter[str] = Counter()
        """What stands beside components, in no unit, and gives no column: `dsc/p`."""
        self._steps, self._components, self._taken = steps, components, taken
        self._late: dict[int, list[Element]] = {}
        self._frames: list[_Frame] = []
        self._names: Counter[str] = Counter()
        self._opened = self._count = self._internal_depth = 0

    def __iter__(self) -> Iterator[Unit]:
        """The collection, then its components in the order of the document. Unreadable before the first: where it is
        no description at all, or a part of it is elsewhere.
        """
        self._late = _late_parts(self._steps())
        for step, element in self._steps():
            if step == "open":
                yield from self._open(element)
            elif step == "leaf":
                self._leaf(element)
            else:
                yield from self._close()

    # --- steps ---

    def _open(self, element: Element) -> Iterator[Unit]:
        self._opened += 1
        is_unit = local(element) in UNITS
        if self._internal_depth or is_internal(element):
            self._internal_depth += 1
            self.internal += is_unit
            return
        above = _Above()
        if self._frames:
            yield from self._settle(self._frames[-1], holds=True)
            above = self._frames[-1].below or above
        copy = etree.Element(element.tag, dict(element.attrib.items()), dict(element.nsmap.items()))  # type: ignore[arg-type]
        self._frames.append(_Frame(self._opened, copy, above, is_unit))

    def _close(self) -> Iterator[Unit]:
        if self._internal_depth:
            self._internal_depth -= 1
            return
        yield from self._settle(self._frames[-1])
        self._frames.pop()

    def _leaf(self, part: Element) -> None:
        # What stands behind those in a unit was read before.
        if not self._internal_depth and self._frames[-1].below is None:
            _take(self._frames[-1], part)

    # --- a unit is known ---

    def _settle(self, frame: _Frame, *, holds: bool = False) -> Iterator[Unit]:
        """holds: whether components stand in it."""
        if frame.below is not None:
            return
        for part in self._late.pop(frame.number, ()):
            _take(frame, part)
        self.header = next((one for one in frame.element if local(one) in HEADERS), self.header)
        above = frame.above
        said = {column: dict(texts) for column, texts in above.said.items()}
        for column, texts in frame.said.items():
            for text in texts:
                say(said, column, text)
        if not frame.is_unit:
            frame.below = replace(above, said=said)
            self.beside.update(_beside(frame.element))
            return
        unit, taken = self._unit(frame, said), is_taken(frame.element)
        if holds and unit.own["level"] not in SINGLE_LEVELS:
            unit.columns["type"] = "Collection"
        title = unit.columns.get("title") or _instead_of_title(frame.element)
        passed = {name: unit.columns[name] for name in (*_PASSED_DOWN, "date_type") if name in unit.columns}
        passed["collection"] = above.columns.get("collection") or title
        titles = (*above.titles, title) if title else above.titles
        frame.below = _Above(unit.name, titles, passed, unit.own["repository"], said)
        frame.element = etree.Element("read")
        self._count += 1
        if (self._components or not unit.name) and (self._taken or not taken):
            yield unit

    def _unit(self, frame: _Frame, said: Statements) -> Unit:
        element, above = frame.element, frame.above
        columns, own, inherited = columns_of(element), own_of(element), list[str]()
        around = [one for one in self._frames if one is not frame]
        holder = next((one for one in reversed(around) if one.is_unit), frame)
        holder.children += holder is not frame
        is_top = holder is frame and not self._count
        name, count = ("", "") if is_top else self._key(element, above.name)
        if not name:
            columns = with_header(columns, self.header)
        for column in _PASSED_DOWN:
            if column not in columns and above.columns.get(column):
                columns[column] = above.columns[column]
                inherited.append(column)
        if "date_raw" in inherited and "date_type" in above.columns:
            columns["date_type"] = above.columns["date_type"]
        if own["repository"] is None and above.repository:
            own["repository"] = above.repository
            inherited.append("repository")
        if name and above.columns.get("collection"):
            columns["collection"] = above.columns["collection"]
        if not name and around:
            around[-1].element.append(element)
        hidden = frame.hidden + (0 if name else sum(one.hidden for one in around))
        return Unit(
            element,
            name,
            above.name,
            self._count,
            holder.children or None,
            above.titles,
            columns,
            own,
            said,
            inherited,
            hidden,
            count,
        )

    def _key(self, element: Element, parent: str) -> tuple[str, str]:
        """Its ID, where no other has it. Else its way: of each unit on it the ID, or the shelf mark, or a digest of its
        title and dates; of equal ones each is counted, by a digest. So neighbours that come and go, or are taken down,
        move none but their equals.
        """
        if is_taken(element):
            count = element.get(KEPT_COUNT) or ""
            self._names[count] += 1
            return element.get(KEPT_NAME) or TAKEN[1], count
        own = (element.get("id") or element.get(_XML_ID) or "").strip()
        if own and not self._names[_hashed(own)]:
            self._names[_hashed(own)] = 1
            return own, _hashed(own)
        dids = below(element, "did")
        marks = [text for did in dids for one in below(did, "unitid") if (text := prose(one))]
        step = marks[0] if marks else f"~{_hashed(_called(dids))}"
        key = f"{parent}/{step}" if parent else step
        count = _hashed(key)
        self._names[count] += 1
        return key if self._names[count] == 1 else f"{key}-{self._names[count]}", count


_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _called(dids: list[Element]) -> str:
    return "\n".join(prose(one) for did in dids for name in _NAMING for one in below(did, name)) or " ".join(
        map(prose, dids)
    )


_NAMING = ("unittitle", "unitdate", "unitdatestructured")


def _instead_of_title(element: Element) -> str:
    """What the unit is called where it has no title: its date, or its number."""
    dids = below(element, "did")
    return next(
        (text for name in (*_NAMING, "unitid") for did in dids for one in below(did, name) if (text := prose(one))), ""
    )


def _beside(frame: Element) -> set[str]:
    """Names of what is filled in a frame that is no unit; what stands in `ead` is kept with the collection."""
    within = local(frame)
    parts = frame.iterchildren(etree.Element) if within != "ead" else ()
    return {f"{within}/{local(one)}" for one in parts if not column_of(one) and prose(one)}


def _take(frame: _Frame, part: Element) -> None:
    """A part of a unit, without what is internal: of that only that it says something of rights is heard."""
    part.tail = None
    gone = [part] if is_internal(part) else internal_in(part)
    frame.hidden += len(gone)
    if any(column_of(one) for taken in gone for one in taken.iter(etree.Element)):
        say(frame.said, ACCESS, HIDDEN)
    if gone[:1] == [part]:
        return
    take_away(part, gone)
    if local(part) in HEADERS or local(part) == "frontmatter":
        for text in of_record(part):
            say(frame.said, OF_RECORD, text)
    else:
        for column, text in statements(part):
            say(frame.said, column, text)
    frame.element.append(part)


def _late_parts(steps: Iterator[Branch]) -> dict[int, list[Element]]:
    """What stands in a frame behind the first frame in it, by the number of the frame as they are opened."""
    late: dict[int, list[Element]] = {}
    opened, described, frames = 0, False, list[list[int]]()
    for step, element in steps:
        if step == "open":
            opened += 1
            described = described or local(element) in UNITS
            if frames:
                frames[-1][1] += 1
            frames.append([opened, 0])
        elif step == "close":
            frames.pop()
        else:
            if next(element.iter(_INCLUDE), None) is not None:
                raise Unreadable("xinclude", _ELSEWHERE)
            if frames[-1][1]:
                late.setdefault(frames[-1][0], []).append(element)
    if not described:
        raise Unreadable("archdesc_missing", "it has no archdesc, so it describes nothing; tell the institution")
    return late


_ELSEWHERE = (
    "a part of it is in another file, which is not followed, so it would lack; resolve XInclude before it is harvested"
)
