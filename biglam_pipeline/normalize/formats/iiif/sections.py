"""In which sections of its object does a canvas stand? By the ranges of its manifest.

https://iiif.io/api/presentation/3.0/#54-range , https://iiif.io/api/presentation/2.1/#range
"""

from collections.abc import Iterator, Mapping
from typing import Any

from biglam_pipeline.normalize.formats.iiif.texts import titles_of
from biglam_pipeline.parsing.iiif import name_of, several, types_of

_DEEPEST = 40


class Sections:
    """The ranges of one manifest."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        """manifest: its `structures` are nested (version 3), or name one another (version 2)."""
        self._labels: dict[str, str] = {}
        self._within: dict[str, set[str]] = {}
        self._of_canvas: dict[str, list[str]] = {}
        for number, one in enumerate(several(manifest.get("structures"))):
            self._take(one, f"{number}", "", _DEEPEST)

    def of(self, canvas: str) -> list[str]:
        """The labels of the innermost ranges that it is in, in the order of the manifest. canvas: its id as written."""
        mine = self._of_canvas.get(canvas, [])
        outer = {one for name in mine for one in self._above(name)}
        return [label for name in mine if name not in outer and (label := self._labels.get(name, ""))]

    def _take(self, found: Any, place: str, within: str, room: int) -> None:
        if not isinstance(found, Mapping) or not room:
            return
        name = name_of(found) or place
        if "top" not in several(found.get("viewingHint")):  # it is the whole
            self._labels[name] = titles_of(found.get("label"))[0]
        self._under(name, within)
        for one in several(found.get("ranges")):
            self._under(name_of(one), name)
        for number, one in enumerate([*several(found.get("items")), *several(found.get("members"))]):
            if "Range" in types_of(one) and _is_whole(one):
                self._take(one, f"{place}.{number}", name, room - 1)
            elif "Range" in types_of(one):
                self._under(name_of(one), name)
            else:
                self._holds(name, one)
        for one in several(found.get("canvases")):
            self._holds(name, one)

    def _under(self, name: str, within: str) -> None:
        if name and within:
            self._within.setdefault(name, set()).add(within)

    def _holds(self, name: str, found: Any) -> None:
        source = found.get("source") if isinstance(found, Mapping) else None
        canvas = name_of(source if source is not None else found).partition("#")[0]
        mine = self._of_canvas.setdefault(canvas, [])
        if name not in mine:
            mine.append(name)

    def _above(self, name: str) -> Iterator[str]:
        met, waiting = {name}, [name]
        while waiting:
            for one in self._within.get(waiting.pop(), ()):
                if one not in met:
                    met.add(one)
                    waiting.append(one)
                    yield one


def _is_whole(found: Mapping[str, Any]) -> bool:
    return bool(found.keys() & {"items", "members", "canvases", "ranges", "label"})
