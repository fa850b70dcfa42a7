"""The configs of a repository: what `load_dataset` can be asked for by name.

https://huggingface.co/docs/hub/datasets-manual-configuration
"""

from collections.abc import Iterable
from dataclasses import dataclass

from biglam_pipeline.records import Part

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Config:
    """A named choice of parts. Its split is always declared: a folder called `test` is no split here."""

    name: str
    pattern: str
    """Of the paths in the repository."""
    rows: int
    size: int
    """Bytes of its parts."""


def configs_of(parts: Iterable[Part]) -> list[Config]:
    """First `default`, which is always all rows; then one for each folder of `data/` that has a name of its own."""
    held: dict[str, list[Part]] = {}
    for part in parts:
        held.setdefault(part.config, []).append(part)
    everything = [part for some in held.values() for part in some]
    folder = DEFAULT if held.keys() == {DEFAULT} else "*"
    named = [_config(name, name, some) for name, some in sorted(held.items()) if name != DEFAULT]
    return [_config(DEFAULT, folder, everything), *named]


def _config(name: str, folder: str, parts: list[Part]) -> Config:
    rows, size = sum(part.rows for part in parts), sum(part.size for part in parts)
    return Config(name, f"data/{folder}/part-*.parquet", rows, size)
