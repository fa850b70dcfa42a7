"""Secrets that stand in an entry's addresses: all of them are published, on the card, in Dagster or on the shelves."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from biglam_pipeline.secrecy import secret_fault, secrets_in, store_fault
from biglam_pipeline.source.cutting import Chunk
from biglam_pipeline.source.yaml_text import Path, Tree


def disclosed(tree: Tree, chunk: Chunk) -> Iterator[tuple[int, str, str]]:
    """Line, place and what is wrong, of every address that holds a secret, wherever in the entry it stands."""
    harvest = tree.data.get("harvest")
    spared = harvest.get("public", ()) if isinstance(harvest, dict) else ()
    public = [spared] if isinstance(spared, str) else [name for name in spared if isinstance(name, str)]
    for place, text in texts(tree.data, ()):
        # An address of `harvest` is one whole, though there be a blank in it: the web's programs write %20 for it.
        if names := secrets_in(re.sub(r"\s", "%20", text) if place[:1] == ("harvest",) else text, public):
            lines = (tree.lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in tree.lines)
            asked = place[:1] == ("harvest",)
            what = (asked and store_fault(text)) or secret_fault(names, asked=asked)
            yield next(lines, chunk.line), ".".join([chunk.name, *map(str, place)]), what


def texts(data: Any, place: Path) -> Iterator[tuple[Path, str]]:
    """Every key and every value of an entry, with its place; a key at that of its block."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield place, str(key)
            yield from texts(value, (*place, key))
    elif isinstance(data, Collection):
        for number, value in enumerate(data):
            yield from texts(value, (*place, number))
