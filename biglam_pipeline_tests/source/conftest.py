"""Writes sources files and loads them."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.source import Catalog, Source, load_sources

ENTRY = {
    "title": "Letters",
    "custodian": "A Library",
    "harvest": "https://a.org/letters.csv",
    "rights": "CC0-1.0",
}

Load = Callable[..., Catalog]
One = Callable[..., Source]
Faults = Callable[..., list[str]]


def entry(name: str = "x", **keys: str | None) -> str:
    """An entry of four lines; a key given here takes the place of one, or follows; None takes one out."""
    lines = [f"{key}: {value}" for key, value in {**ENTRY, **keys}.items() if value is not None]
    return f"  {name}:\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads one file of this text."""

    def write(text: str | bytes, name: str = "s.yaml") -> Catalog:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_sources([path])

    return write


@pytest.fixture
def one(load: Load) -> One:
    """The source of an entry that has no fault."""

    def read(**keys: str | None) -> Source:
        return load("sources:\n" + entry(**keys)).strict().sources["x"]

    return read


@pytest.fixture
def faults(load: Load) -> Faults:
    """The faults of an entry, as `line: place: what`; the entry begins in line 2."""

    def read(**keys: str | None) -> list[str]:
        catalog = load("sources:\n" + entry(**keys))
        assert not catalog.sources
        return [fault.removeprefix("s.yaml:") for reported in catalog.faults.values() for fault in reported]

    return read
