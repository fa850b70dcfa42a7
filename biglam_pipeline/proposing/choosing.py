"""Of many files, which are the data? A table before a document, a document before pictures, never a read-me."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from biglam_pipeline.normalize.ways_out import OWED, way_out
from biglam_pipeline.proposing.labelled import standoff_among

_ABOUT = re.compile(
    r"(?:^|/)(?:read[-_ ]?me|licen[cs]e|copying|notice|changelog|changes|citation|contributing|authors|manifest|index"
    r"|sha\d*sums?|md5sums?|checksums?|package|datapackage|croissant|codemeta|requirements|robots|favicon|logo)"
    r"(?:[._-][^/]*)?$|(?:^|/)[._]|(?:^|/)(?:docs?|tests?|node_modules|scripts|src|\.github)/"
    r"|\.(?:md5|sha\d+|asc|sig|py|js|css|r|ipynb|sh|yml|yaml|toml|cfg|ini|lock|html?|php|aspx?|xsd|dtd|xslt?|md|rst)$",
    re.IGNORECASE,
)
"""Files that say something of the data: those that repositories of GitHub, Zenodo and Dataverse have beside it."""
_PACKED = re.compile(r"\.(?:gz|bz2|xz)$", re.IGNORECASE)
_ARCHIVES = ("zip", "tar", "tgz", "gz", "bz2", "xz")
_XML = ("xml",)
PICTURES = ("jpg", "jpeg", "png", "tif", "tiff", "jp2", "gif", "webp")
_TABLES = ("csv", "tsv", "tab", "jsonl", "ndjson")
_GRIDS = ("xlsx", "xlsm", "ods", "xls", "sqlite", "sqlite3", "dbf")
_LABELLED = ("conllu", "conllup", "conll", "iob", "iob2", "bio", "ann")
_CRAWLS, _PRINTED = ("warc",), ("pdf",)
"""What is printed is mostly made of the pictures beside it."""
_ORDER = (_TABLES, ("json", "geojson", "jsonld"), _GRIDS, _LABELLED, _ARCHIVES, _XML, _CRAWLS, PICTURES, _PRINTED)
_ALONE = frozenset((*_TABLES, *_GRIDS, "json", "geojson", "jsonld"))
"""Of these every file has columns of its own, so that one is chosen; of others all together."""
_GLOB = re.compile(r"[][*?{}!#]")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is taken."""

    names: Sequence[str] = ()
    """The first is looked at."""
    pattern: str = ""
    """What chooses them; empty where that is the only file."""
    notes: Sequence[str] = field(default_factory=list)
    """What else is there, in words."""


def extension(name: str) -> str:
    """Without its dot and packing, in small letters; of what is only packed, the packing."""
    plain = PurePosixPath(_PACKED.sub("", name)).suffix or PurePosixPath(name).suffix
    return plain.removeprefix(".").casefold()


def choose_files(names: Sequence[str], sizes: Mapping[str, int] | None = None, most: int = 0) -> Chosen:
    """sizes: in bytes, as far as they are known; most: what is larger is not looked at first."""
    data = [name for name in names if not _ABOUT.search(name)]
    groups: dict[str, list[str]] = {}
    for name in data:
        groups.setdefault(extension(name), []).append(name)
    if not standoff_among(data):  # AutoCAD, and BLAST's, among others, call theirs so too
        groups.pop("ann", None)
    known = {kind for kind in groups if kind in {*sum(_ORDER, ()), *_owed()}}
    if not known:
        return Chosen()
    kind = min(known, key=lambda one: (_rank(one), -len(groups[one]), one))
    sizes = sizes or {}
    mine = sorted(groups[kind], key=lambda name: (0 < most < sizes.get(name, 0), -sizes.get(name, 0), name))
    mine = _told_apart(mine, names, sizes)
    others = [name for one, names_of in groups.items() if one != kind for name in names_of]
    if kind == "ann":  # which are nothing without their texts
        mine = standoff_among(data)
        texts = {f"{name[:-4]}.txt" for name in mine}
        others = [name for name in others if f"{name[:-4]}.txt" not in texts]
    notes = [_beside(others)] if others else []
    if kind in _ALONE and len(mine) > 1:
        notes.insert(
            0,
            f"{len(mine)} files end in .{kind}, each with columns of its own; only {mine[0]} is taken here, so "
            f"write a READ, or an entry, for each that belongs to it: {_some(mine[1:])}",
        )
        mine = mine[:1]
    exact = mine[0] if len(mine) == 1 and not _GLOB.search(mine[0]) else ""
    if kind == "ann":
        return Chosen(mine, "*.{ann,txt}", notes)
    pattern = "" if len(names) == 1 else exact or f"*.{PurePosixPath(mine[0]).suffix.removeprefix('.')}"
    return Chosen(mine, pattern, notes)


def _told_apart(mine: list[str], names: Sequence[str], sizes: Mapping[str, int]) -> list[str]:
    """First one that a pattern can choose alone, if it is not much smaller: a pattern is for the end of a path."""
    alike = Counter(name.rpartition("/")[2] for name in names)
    least = sizes.get(mine[0], 0) / 10
    alone = (one for one in mine if alike[one.rpartition("/")[2]] == 1 and sizes.get(one, 0) >= least)
    first = next(alone, mine[0]) if "/" not in mine[0] else mine[0]
    return [first, *(one for one in mine if one != first)]


def _owed() -> set[str]:
    return {word for owed in OWED.values() for word in owed.guessed_from}


def _rank(kind: str) -> int:
    return next((rank for rank, kinds in enumerate(_ORDER) if kind in kinds), len(_ORDER))


def _beside(others: Sequence[str]) -> str:
    kinds = {extension(name) for name in others}
    ways = [f".{kind}: {way}" for kind in sorted(kinds) if (way := way_out(kind))]
    said = f"beside it lie {len(others)} other files: {_some(others)}"
    return f"{said}; {'; '.join(ways)}" if ways else said


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= 80 else f"{name[:80]}…" for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"
