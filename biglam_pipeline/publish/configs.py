"""The configs of a repository: what `load_dataset` can be asked for by name.

https://huggingface.co/docs/hub/datasets-manual-configuration
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from biglam_pipeline.records import Part

DEFAULT = "default"


_ONE_SECTION: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Config:
    """A named choice of parts. Its split is always declared: a folder called `test` is no split here."""

    name: str
    pattern: str | list[str]
    """Of the paths in the repository."""
    rows: int
    size: int
    """Bytes of its parts."""
    section: str = ""
    """That of its rows: they have its columns."""


def configs_of(parts: Iterable[Part], sections: Mapping[str, str] = _ONE_SECTION) -> list[Config]:
    """First `default`, then one for each folder of `data/` that has a name of its own.

    `default` is all rows, or, of a source of several sections, all rows of the one whose READ names no config: others
    have other columns. Where each names one there is none. sections: `Manifest.sections`.
    """
    held: dict[str, list[Part]] = {}
    for part in parts:
        held.setdefault(part.config, []).append(part)
    unnamed = {name: some for name, some in held.items() if not sections.get(name)}
    everything = [part for some in unnamed.values() for part in some]
    named = [
        _config(name, [name], some, sections.get(name, "")) for name, some in sorted(held.items()) if name != DEFAULT
    ]
    if held and not unnamed:
        return named
    folders = sorted(unnamed) if len(unnamed) < len(held) or unnamed.keys() == {DEFAULT} else ["*"]
    return [_config(DEFAULT, folders, everything), *named]


def _config(name: str, folders: list[str], parts: list[Part], section: str = "") -> Config:
    rows, size = sum(part.rows for part in parts), sum(part.size for part in parts)
    patterns = [f"data/{folder}/part-*.parquet" for folder in folders]
    return Config(name, patterns[0] if len(patterns) == 1 else patterns, rows, size, section)
