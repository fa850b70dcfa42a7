"""A repository that somebody else made, taken over: what becomes of each file, and what the change amounts to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from biglam_pipeline.publish.draft import CARD
from biglam_pipeline.publish.marks import count, table

BEFORE = "before-pipeline"
"""Tag of the state that was taken over."""

_TABLES = (
    "csv tsv txt json jsonl ndjson parquet geoparquet gpq arrow conll conllu xml hdf5 h5 eval toml lance tsfile vortex "
    "npy npz feather pkl pickle sqlite db xlsx xls ods dta sav rds"
)
_MEDIA = (
    "jpg jpeg jpe jfif png gif bmp tif tiff webp jp2 j2k ico ppm pgm pbm pnm psd dds tga "
    "mp3 wav flac ogg oga opus m4a aac aiff aif aifc au mp4 mkv avi mov mpeg mpg webm wmv pdf nii"
)
_PACKED = "zip tar tgz gz bz2 xz lz4 zst zstd 7z rar"
_PICTURES = frozenset(f".{word}" for word in _MEDIA.split())
DATA = _PICTURES | frozenset(f".{word}" for word in f"{_TABLES} {_PACKED}".split())
"""Extensions that `datasets` takes for data beside a card, packed forms that it opens, and tables of other programs.

https://github.com/huggingface/datasets/blob/main/src/datasets/packaged_modules/__init__.py
"""
_WORDS = frozenset(
    {
        *("license", "licence", "copying", "copyright", "notice", "citation", "readme", "authors", "contributors"),
        *("contributing", "changelog", "changes", "requirements", "codemeta", "datapackage", "croissant"),
    }
)
"""What a file is called that says something of a dataset and is none, whatever its extension.

https://docs.github.com/en/communities; https://codemeta.github.io; https://specs.frictionlessdata.io
"""
_STALE = frozenset({"dataset_infos.json", "dataset_info.json", "state.json"})
"""What older versions of `datasets` wrote beside the data, and newer ones would believe."""
_PLAIN = frozenset({".gitattributes", ".gitignore", CARD})


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one file."""

    path: str
    goes: bool
    why: str


def is_bare(paths: Iterable[str]) -> bool:
    """Whether a repository holds nothing but what the Hub itself put there, leaving a card aside."""
    return not set(paths) - _PLAIN


def fates_of(paths: Iterable[str], card: str, owned: tuple[str, ...]) -> list[Fate]:
    """Of each file but the card. owned: folders in which only ours may stand."""
    return [_fate(path, card, owned) for path in sorted(set(paths) - _PLAIN)]


def _fate(path: str, card: str, owned: tuple[str, ...]) -> Fate:
    name = PurePosixPath(path)
    if path.startswith(owned):
        return Fate(path, True, "stands where the program's own files stand")
    if name.name in _STALE:
        return Fate(path, True, "says of the old data what is not true of the new")
    if name.suffix == ".py" and len(name.parts) == 1:
        return Fate(path, True, "a loading script, which `datasets` runs no more since 4.0")
    if name.suffix.lower() in _PICTURES and path in card:
        return Fate(path, False, "the card shows or names it")
    if name.suffix.lower() in DATA and name.stem.lower() not in _WORDS and not path.startswith("."):
        return Fate(path, True, "data, which a reader would take for part of the new")
    return Fate(path, False, "neither data nor a loading script")


@dataclass(slots=True)
class Old:
    """What the repository held."""

    rows: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    """Name -> type, of all its Parquet files."""
    read: int = 0
    """Parquet files of which the footer was read."""
    unread: list[str] = field(default_factory=list)
    """Data files whose rows are not counted."""
    license: str = ""


@dataclass(frozen=True, slots=True)
class New:
    """What the first release holds."""

    rows: int
    columns: Mapping[str, str]
    license: str


def license_in(fields: Mapping[str, Any]) -> str:
    """As a header has it: an id, or a name and where it stands."""
    value = fields.get("license") or "none"
    words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    more = " ".join(str(fields[key]) for key in ("license_name", "license_link") if fields.get(key))
    return f"{words} ({more})" if more else words


def compare(old: Old, new: New, fates: list[Fate]) -> str:
    """The report, in Markdown."""
    counted = f"{old.rows:,}" + (
        f", and those of {count(len(old.unread), 'file')} that are no Parquet" if old.unread else ""
    )
    head = table(
        ("", "Before", "Now"),
        [
            ("Rows", counted if old.read or old.unread else "none", f"{new.rows:,}"),
            ("Columns", str(len(old.columns)), str(len(new.columns))),
            ("Licence", old.license, new.license),
        ],
    )
    gone = [name for name in old.columns if name not in new.columns]
    fresh = [name for name in new.columns if name not in old.columns]
    typed = [
        f"`{name}` ({old.columns[name]}, now {kind})"
        for name, kind in new.columns.items()
        if old.columns.get(name, kind) != kind
    ]
    said = [
        f"{what}: {', '.join(names)}"
        for what, names in (
            ("Columns that are gone", [f"`{name}`" for name in gone]),
            ("Columns that are new", [f"`{name}`" for name in fresh]),
            ("Columns of another type", typed),
        )
        if names
    ]
    rows = [(one.path, f"leaves `main`, stays in {BEFORE}" if one.goes else "stays", one.why) for one in fates]
    files = table(("File", "What becomes of it", "Why"), rows) if rows else "There are no files beside the card."
    return "\n\n".join([head, *said, files])
