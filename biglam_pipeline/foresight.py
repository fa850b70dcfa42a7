"""What can be known of an entry without asking anybody: do its local files exist, and have they what it names?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from biglam_pipeline.errors import BiglamError, ObjectFailed
from biglam_pipeline.normalize.claims import left_for, named_by
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.reader import LooksInside, Reader
from biglam_pipeline.normalize.sampling import beginning
from biglam_pipeline.normalize.unread import NO_EXTENSION, extension_of
from biglam_pipeline.normalize.walking import OF_RIGHTS
from biglam_pipeline.parsing.archives import HEAD_BYTES, is_archive
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Item
from biglam_pipeline.settings import nearest
from biglam_pipeline.source import Source
from biglam_pipeline.source.load import place_of
from biglam_pipeline.store import disk

_TABLES = 20
"""So many tables of a source are opened."""
_LOOKED_AT = 1 << 20
"""Bytes of each."""
_NONE = "no file of this source"
_NOTHING_LEFT = "other READs name every file of this source, and this one names none; write `files: PATTERN`"
_NO_HEADER = "none: it is empty, or `skip` leaves nothing of it"
_SHOWN = 20
"""Names of columns in a message."""
Fault = tuple[tuple[str | int, ...], str]
"""The keys that lead to a place of the entry, and what is wrong there."""


@runtime_checkable
class NamesColumns(Protocol):
    """A reader that tells the columns of a file before its rows are read."""

    @property
    def maps_something(self) -> bool:
        """Whether a row holds anything of its file."""

    @property
    def places(self) -> list[tuple[tuple[str, ...], Value]]:
        """Every VALUE, and the keys that lead to it."""

    def bundles(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The files that are read together, by name."""

    def columns_of(self, item: Item) -> list[str] | None:
        """The columns of a file of which the beginning may be all that is there; None where that does not say."""


def foresee(source: Source, base: Path) -> list[str]:
    """Faults that a run would meet in local files, each at its line; none of a source that lies elsewhere.

    base: folder of the sources file. Reads names and the beginnings of some tables; opens no network.
    """
    offered = source.harvest.offers(base)
    if offered is None:
        return []
    found: list[Fault] = [(("harvest",), what) for what in offered.faults]
    found += _of_files(source, offered.files) if offered.files else []
    return [f"{place_of(source, steps)}: {what}" for steps, what in found]


def _of_files(source: Source, files: Mapping[str, Path]) -> list[Fault]:
    """What the entry names and the files have not."""
    found = [fault for number in range(len(source.normalize)) for fault in _of_read(source, number, files)]
    # What lies in an archive is known when it is opened.
    maybe = [one for one in found if one[1].startswith(_NONE) and any(_is_archive(*pair) for pair in files.items())]
    return [one for one in found if one not in maybe]


def _of_read(source: Source, number: int, files: Mapping[str, Path]) -> Iterator[Fault]:
    """Of one READ, with its place among all of them."""
    reader, others = source.normalize[number], (*source.normalize[:number], *source.normalize[number + 1 :])
    beside = [one for other in others for one in named_by(other)]
    left = list(left_for(reader, files, beside))
    found = list(_nothing_read(reader, left)) if left else [(("normalize",), _NOTHING_LEFT)]
    if not found:
        mine = {name: files[name] for name in left}
        found = _of_tables(source, reader, mine) if isinstance(reader, NamesColumns) else []
        found += _of_joined(reader, list(files))
    for place, what in found:
        yield ((place[0], number, *place[1:]) if place[0] == "normalize" else place), what


def _is_archive(name: str, path: Path) -> bool:
    with disk.open_file(path) as stream:
        return is_archive(name, stream.read(HEAD_BYTES))


def _nothing_read(reader: Reader, names: Sequence[str]) -> Iterator[Fault]:
    if reader.files is not None:
        if not any(choose(reader.files, name) is not None for name in names):
            written = ", ".join(reader.files)
            yield (
                ("normalize", "files"),
                f"{_NONE} ends like {written} (there: {_counted(names)}); {_way(reader, names)}",
            )
        return
    may_read = reader.may_read if isinstance(reader, LooksInside) else reader.reads
    if not any(map(may_read, names)):
        kinds = ", ".join(one.removeprefix(".") for one in reader.extensions)
        said = f"{_NONE} is read by {reader.type}{f' ({kinds})' if kinds else ''} (there: {_counted(names)})"
        yield ("normalize",), f'{said}; say which are, as in files: "*.{_commonest(names)}", or take another reader'


def _way(reader: Reader, names: Sequence[str]) -> str:
    readable = [name for name in names if reader.reads(name)]
    if readable:
        return f'leave `files` out, or write files: "*.{_commonest(readable)}"'
    return f'write files: "*.{_commonest(names)}" where {reader.type} reads such files'


def _commonest(names: Sequence[str]) -> str:
    kinds = [extension_of(name) for name in names]
    return max(kinds, key=lambda kind: (kind != NO_EXTENSION, kinds.count(kind), kind))


def _counted(names: Sequence[str]) -> str:
    kinds = [extension_of(name) for name in names]
    reported = sorted(set(kinds), key=lambda kind: (-kinds.count(kind), kind))[:4]
    return ", ".join(f"{kinds.count(kind):,} {kind}" for kind in reported)


def _of_joined(reader: Reader, names: Sequence[str]) -> Iterator[Fault]:
    """Pictures and tables under `with` of which no file is there."""
    inside = {name: join.read.files or () for name, join in reader.joins.items() if not join.is_linked}
    inside |= {"image": reader.pictures.files} if reader.pictures else {}
    for name, patterns in inside.items():
        if not any(choose(patterns, one) is not None for one in names):
            said = f"{_NONE} ends like {', '.join(patterns)} (there: {_counted(names)})"
            yield ("normalize", "with", name, "files"), f"{said}; correct the pattern, or harvest these files too"


def _of_tables(source: Source, reader: NamesColumns, files: Mapping[str, Path]) -> list[Fault]:
    """Columns that a table has not, each named once."""
    found: dict[tuple[str | int, ...], str] = {}
    for name in list(reader.bundles(sorted(files)))[:_TABLES]:
        item = beginning(_item(name, files[name]), _LOOKED_AT)
        try:
            for place, what in _of_table(source, reader, item):
                found.setdefault(place, what)
        except (
            BiglamError,
            Unreadable,
            ObjectFailed,
        ):  # a reject of this file, or a halt: said with the rows, by a run
            continue
    return list(found.items())


def _of_table(source: Source, reader: NamesColumns, item: Item) -> Iterator[Fault]:
    there = reader.columns_of(item)
    if there is None:
        return
    if not reader.maps_something:
        said = f"nothing of {item.name} is mapped, so its rows would be empty; say in `map` which goes where: "
        yield ("normalize",), f"{said}map: {{title: COLUMN, extra: [COLUMN, COLUMN]}}; it has {_listed(there)}"
    asked = [(("rights", number, "from"), layer.from_) for number, layer in enumerate(source.rights) if layer.from_]
    of_rights = [(place, source.asked[column]) for (place, _), column in zip(asked, source.asked, strict=True)]
    for place, value in [*reader.places, *of_rights]:
        for name in value.missing(there):
            near = nearest(name, there)
            hint = f"did you mean `{near}`?" if near else f"it has {_listed(there) or _NO_HEADER}"
            several = f". {OF_RIGHTS}" if place[0] == "rights" and len(source.normalize) > 1 else ""
            const = f"; for a text that is the same in all rows write {{const: {name}}}" if place[0] == "map" else ""
            yield (
                (("normalize", *place) if place[0] != "rights" else place),
                f"{item.name} has no column `{name}`; {hint}{const}{several}",
            )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= 60 else f"{name[:60]}…" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN:,} more"


def _item(name: str, path: Path) -> Item:
    size = disk.size_of(path)
    return Item(name, f"file:{name}", datetime(1970, 1, 1, tzinfo=UTC), "", size, 0, "", partial(disk.open_file, path))
