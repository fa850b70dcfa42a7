"""What can be known of an entry without asking anybody: do its local files exist, and have they what it names?"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from biglam_pipeline.errors import BiglamError, ObjectFailed
from biglam_pipeline.harvest.folder import Folder
from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.ways_out import instead
from biglam_pipeline.normalize.reader import LooksInside, Reader
from biglam_pipeline.normalize.sampling import beginning
from biglam_pipeline.normalize.table import Table
from biglam_pipeline.normalize.unread import NO_EXTENSION, extension_of
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
_NO_HEADER = "none: it is empty, or `skip` leaves nothing of it"
_SHOWN = 20
"""Names of columns in a message."""
Fault = tuple[tuple[str | int, ...], str]
"""The keys that lead to a place of the entry, and what is wrong there."""


def foresee(source: Source, base: Path) -> list[str]:
    """Faults that a run would meet in local files, each at its line; none of a source that lies elsewhere.

    base: folder of the sources file. Reads names and the beginnings of some tables; opens no network.
    """
    if not isinstance(source.harvest, Folder):
        return []
    found = [fault for address in source.harvest.url for fault in _no_such_place(base, address)]
    if not found:
        files, missing = source.harvest.offers(base)
        found = [(("harvest",), one.detail) for one in missing]
        found += _of_files(source, files) if files else []
    return [f"{place_of(source, steps)}: {what}" for steps, what in found]


def _no_such_place(base: Path, address: str) -> Iterator[Fault]:
    """A path that leads nowhere, with the nearest that would."""
    written, _ = split_pattern(address)
    path = base / written
    if disk.is_folder(path) or disk.look(path) is not None:
        return
    parent, rest = Path(written.rstrip("/")), []
    while not disk.is_folder(base / parent) and parent != parent.parent:
        rest.append(parent.name)
        parent = parent.parent
    near = nearest(rest[-1], disk.names_in(base / parent)) if rest else ""
    meant = str(parent / near) if near and len(rest) == 1 else ""
    hint = f"did you mean file:{meant}?" if meant else _other_path(base, written)
    yield ("harvest",), f"there is no {path}; {hint}"


def _other_path(base: Path, written: str) -> str:
    """What to write instead of a path that a shell or Windows would have understood."""
    if written.startswith("~") or re.match(r"[A-Za-z]:[\\/]", written):
        return instead(written)
    if disk.look(base / written.replace("\\", "/")) or disk.is_folder(base / written.replace("\\", "/")):
        return f"write file:{written.replace(chr(92), '/')}"
    if mark := re.search(r"[*?\[]", written):
        folder, pattern = written[: written.rfind("/", 0, mark.start()) + 1].rstrip("/"), written
        return f"a pattern stands behind #: write file:{folder or '.'}#{pattern[len(folder) :].lstrip('/')}"
    return "correct the path, or mount the drive"


def _of_files(source: Source, files: dict[str, Path]) -> list[Fault]:
    """What the entry names and the files have not."""
    reader, names = source.normalize, list(files)
    found = list(_nothing_read(reader, names))
    if not found and isinstance(reader, Table):
        found = _of_tables(source, reader, files)
        found += _of_pictures(reader, names)
    # What lies in an archive is known when it is opened.
    maybe = [one for one in found if one[1].startswith(_NONE) and any(_is_archive(*pair) for pair in files.items())]
    return [one for one in found if one not in maybe]


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
    told = sorted(set(kinds), key=lambda kind: (-kinds.count(kind), kind))[:4]
    return ", ".join(f"{kinds.count(kind):,} {kind}" for kind in told)


def _of_pictures(reader: Table, names: Sequence[str]) -> list[Fault]:
    patterns = reader.with_.image.files if reader.with_ else ()
    if not patterns or any(choose(patterns, name) is not None for name in names):
        return []
    said = f"{_NONE} ends like {', '.join(patterns)} (there: {_counted(names)})"
    return [(("normalize", "with", "image", "files"), f"{said}; correct the pattern, or harvest the pictures too")]


def _of_tables(source: Source, reader: Table, files: dict[str, Path]) -> list[Fault]:
    """Columns that a table has not, each named once."""
    found: dict[tuple[str | int, ...], str] = {}
    for name in list(reader.bundles(list(files)))[:_TABLES]:
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


def _of_table(source: Source, reader: Table, item: Item) -> Iterator[Fault]:
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
            const = f"; for a text that is the same in all rows write {{const: {name}}}" if place[0] == "map" else ""
            yield (
                (("normalize", *place) if place[0] != "rights" else place),
                f"{item.name} has no column `{name}`; {hint}{const}",
            )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= 60 else f"{name[:60]}…" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN:,} more"


def _item(name: str, path: Path) -> Item:
    size = disk.size_of(path)
    return Item(name, f"file:{name}", datetime(1970, 1, 1, tzinfo=UTC), "", size, 0, "", partial(disk.open_file, path))
