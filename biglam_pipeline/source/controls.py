"""Control characters that escapes such as "\\e" bring into an entry: terminals, cards and logs would obey them."""

import re
from collections.abc import Iterator
from typing import Any

from biglam_pipeline.source.cutting import Chunk
from biglam_pipeline.source.disclosure import texts
from biglam_pipeline.source.yaml_text import Path, Tree

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def controls_in(tree: Tree, chunk: Chunk) -> Iterator[tuple[int, str, str]]:
    """Line, place and what is wrong, of every text with one. Not of `normalize`: tables are divided by some of them."""
    for place, text in texts(tree.data, ()):
        at_its_place = _at(tree.data, place) == text  # a key is refused as one that is not known
        if at_its_place and place[:1] != ("normalize",) and (found := _CONTROL.search(text)):
            lines = (tree.lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in tree.lines)
            what = f"a control character ({found[0]!r}) stands in the text; take it out"
            yield next(lines, chunk.line), ".".join([chunk.name, *map(str, place)]), what


def _at(data: Any, place: Path) -> Any:
    for step in place:
        data = data[step]
    return data


def shown(text: str) -> str:
    """A message with such characters as Python writes them."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
