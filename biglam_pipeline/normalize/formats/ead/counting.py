"""How many rows, tombstones and rejects should a file of finding aids make? Counted by expat, beside the reader."""

from collections.abc import Iterable, Mapping

from biglam_pipeline.normalize.formats.ead.elements import FOREIGN, TAKEN, UNITS
from biglam_pipeline.normalize.gone import gone_from
from biglam_pipeline.parsing.xml.tags import pass_tags
from biglam_pipeline.records import Item

_SERVERS = ("OAI-PMH", "ListRecords", "GetRecord", "searchRetrieveResponse")
_ERROR = ["OAI-PMH", "error"]
_DEEPEST = 256
"""Elements in one another that `reading` takes."""
_DESCRIBED = ("ead", "archdesc")
_LIST_WORDS = """ListRecords GetRecord records recordlist record_list list collection items results documents docs
export dump data repository root lidowrap eadgrp archdescgrp"""
_LISTS = frozenset(_LIST_WORDS.split())
_AROUND = _LISTS | {"record", "metadata", "recordData", "item", "document", "doc"}
"""What servers and exports have around a finding aid. One that stands in anything else is no record of its own: how
much the reader refuses with it, only the reader knows."""


def count_units(items: Iterable[Item], *, components: bool) -> int | None:
    """None where a file is not well-formed, since expat reads nothing that the reader mends; or is no finding aid and
    no answer of a server, but a list in which something else stands: only the reader knows what was due to be one.
    """
    total = 0
    for item in items:
        counter = _Counter(components)
        if not pass_tags(item, counter.begin, counter.end) or counter.beside:
            return None
        total += counter.total - len(gone_from(item))
    return total


class _Counter:
    """Counts elements as they begin and end."""

    def __init__(self, components: bool) -> None:
        self.total = 0
        self.beside = False
        """Whether a list holds something else."""
        self._units = UNITS if components else frozenset({"archdesc"})
        self._depth = self._passed = 0
        """How deep it is, and from which depth on nothing is counted."""
        self._record = 0
        """The depth of the record that it is in: of a server, of a list, or the root; 0 beside them."""
        self._described = self._refused = False
        """Whether an archdesc was met in it; and what makes all of it one reject."""
        self._inside = 0
        """Units in it so far."""
        self._met = self._ever = False
        """Whether a record was met in what stands right in the root, and at all."""
        self._path: list[str] = []
        """Names of what is open."""
        self._aid = 0
        """The depth of the finding aid that it is in."""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        self._path.append(name)
        served = self._path[0] in _SERVERS
        if not self._record and name in (("record",) if served else _DESCRIBED):
            self._record, self._inside, self._met, self._ever = self._depth, 0, self._depth > 2, True
            self._described = self._refused = False
        self._begin_aid(name)
        self.total += self._path == _ERROR and attributes.get("code") != "noRecordsMatch"
        self._described = self._described or name == "archdesc"
        self._refused = self._refused or self._depth > _DEEPEST or name == "include"
        if not self._passed and (name == FOREIGN or _is_hidden(attributes)):
            self._passed = self._depth
        elif not self._passed and name in self._units and attributes.get(TAKEN[0]) != TAKEN[1]:
            self._inside += 1

    def _begin_aid(self, name: str) -> None:
        if name in _DESCRIBED and not self._aid:
            self._aid = self._depth
            self.beside = self.beside or not _is_due(self._path[:-1])

    def end(self, name: str) -> None:
        """An element ends."""
        if self._depth == self._record:
            self.total += self._inside if self._described and not self._refused else 1
            self._record = 0
        elif self._depth < 3 and not self._record and self._path[0] not in _SERVERS:
            # The root, or what stands right in it: a list, or a finding aid; else it is something else.
            self.beside = self.beside or not (self._met if self._depth > 1 else self._ever)
            self._met = False
        if self._depth == self._passed:
            self._passed = 0
        if self._depth == self._aid:
            self._aid = 0
        self._path.pop()
        self._depth -= 1


def _is_due(around: list[str]) -> bool:
    """Whether what stands right in these elements is a finding aid to the reader."""
    if not around:
        return True
    root, *between = around
    known = root in _SERVERS or root in _AROUND or root.lower() in _LISTS or between[:1] in ([], ["record"])
    return known and all(name in _AROUND for name in between)


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return bool(attributes) and any(
        value.strip().lower() == "internal" and name[name.rfind(" ") + 1 :].lower() == "audience"
        for name, value in attributes.items()
    )
