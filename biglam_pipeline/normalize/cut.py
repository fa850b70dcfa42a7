"""What does a format give? One record after another as its files have it, cut out and not yet mapped."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.records import Block, Deleted, Item, Reject, Unmapped

LEFT_OUT = "left_out"
"""`Deleted.reason` of a version of a record that `where` does not choose: only its older ones go."""
Facts = Mapping[str, str | list[str]]


class Described(NamedTuple):
    """A record of a vocabulary."""

    record: Any
    """What paths are read of, or what makes it."""
    raw: str
    """`raw_record`."""
    columns: dict[str, Any]
    unread: Collection[str]
    problems: tuple[str, ...] = ()
    deleted: bool = False
    """Whether the record says of itself that it is gone."""


@dataclass(slots=True)
class Cut:
    """One record: what the paths of the entry are read of, and what the format says of it by itself."""

    record: Any
    """Where paths begin: an element, the cells of a row; None where there is nothing to read. What makes it, where that
    is dear: it is asked only where a path is read."""
    identifier: str | Callable[[], str]
    """The format's own, or what makes it; asked where the entry maps no `id`. An empty one makes a Reject."""
    columns: dict[str, Any] = field(default_factory=dict)
    """Canonical columns that the record fills by itself; `map` goes over them."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the format that stand beneath these: what a row is, how its text was made, the record as it came."""
    place: Place = NOWHERE
    """Where in the file it stands: no two records of one file have the same."""
    datestamp: str = ""
    """When the source last changed it (ISO 8601, UTC), or empty."""
    whole: str = ""
    """What the source deletes and changes it by: the identifier of its record in OAI; empty elsewhere."""
    facts: Facts = field(default_factory=dict)
    """Facts of this record beside those of its file: `$identifier`, `$set`, the number of a line."""
    problems: tuple[str, ...] = ()
    """What was guessed or mended of it, as `field: reason`."""
    filled: Iterable[str] = ()
    """The source's own fields that are not empty; those that nothing reads are reported."""
    item: Item | None = None
    """The file that it is traced to, where that is not the one that is cut."""
    as_printed: Callable[[], Mapping[str, Any]] | None = None
    """Columns instead, where the entry's rights allow no derivatives; None where they are the same."""
    root: Callable[[], Any] | None = None
    """Of JSON, gives the document that the record was cut from."""
    made_late: Callable[[Mapping[str, Any], list[str]], dict[str, Any]] | None = None
    """Makes the source's own columns that the format fills by itself, of the canonical columns once the row's picture
    is among them, and adds to the problems of the row.
    """
    altered: bool = False
    """Whether words of the text were changed: then the record's own rights may ask for `as_printed` too."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """The source's own columns that the format fills: those that its `extras` names beside the entry's."""
    dear_facts: Callable[[], Facts] | None = None
    """Makes more facts; it is asked only where the entry names one."""


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields that records of the file have: what the entry reads beside them stops the source."""

    names: Collection[str]
    final: bool = True
    """False where more may come behind the beginning that was read: then it is only counted."""
    of_stretch: bool = False
    """Whether only a stretch of the file was read: another one may have what this one lacks."""


Found = Cut | Deleted | Reject | Fields | Unmapped | Block
"""What `Reader.cut` gives. An Unmapped says what a file held beside its records, and is counted with the rest; a Block
stands for its records where the base asks for blocks, and is handed on as it is.
"""
