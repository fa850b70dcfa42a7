"""Which annotations stand beside the canvases of a manifest, and which canvas is each on?

A page of annotations may belong to the manifest (https://iiif.io/api/presentation/3.0/#annotations); what it is on says
`target`: an address, with or without a region, or a SpecificResource with a selector
(https://iiif.io/api/cookbook/recipe/0139-geolocate-canvas-fragment/), and `on` in version 2
(https://iiif.io/api/presentation/2.1/#segments).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.parsing.iiif import name_of, several

ELSEWHERE = "pages of annotations of a manifest that are not in it"
NOWHERE = "annotations of a manifest that are on none of its canvases"
_PAGES, _ITEMS = ("annotations", "otherContent"), ("items", "resources")
PATHS = tuple(
    f"{pages}{one}.{items}{each}" for pages in _PAGES for one in ("[]", "") for items in _ITEMS for each in ("[]", "")
)
"""Where they stand, as JMESPath."""
_DEEPEST = 8


@dataclass(slots=True)
class Beside:
    """The annotations of one manifest that stand beside its canvases."""

    on: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    """Canvas, by its id as written -> what is on it."""
    counts: dict[str, int] = field(default_factory=dict)
    """What belongs to no row."""

    @classmethod
    def of(cls, manifest: Mapping[str, Any], canvases: Collection[str]) -> "Beside":
        """canvases: their ids as written."""
        beside = cls(counts={ELSEWHERE: 0, NOWHERE: 0})
        for page in (page for name in _PAGES for page in several(manifest.get(name))):
            if not is_inside(page):
                beside.counts[ELSEWHERE] += 1
                continue
            for one in annotations_in(page):
                found = canvases_of(one, canvases)
                beside.counts[NOWHERE] += not found
                for canvas in found:
                    beside.on.setdefault(canvas, []).append(one)
        return beside


def is_inside(page: Any) -> bool:
    """Whether a page of annotations holds them, and is not only named."""
    return isinstance(page, Mapping) and any(page.get(name) is not None for name in _ITEMS)


def annotations_in(page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those of a page, in its order."""
    for name in _ITEMS:
        yield from (one for one in several(page.get(name)) if isinstance(one, Mapping))


def canvases_of(annotation: Mapping[str, Any], canvases: Collection[str]) -> list[str]:
    """Those of these canvases that it is on, whole or in part."""
    names = (name for key in ("target", "on") for name in _named(annotation.get(key), _DEEPEST))
    # An id may have a fragment of its own (`manifest#canvas-1`), and a region stands behind it.
    found = (one if one in canvases else one.rpartition("#")[0] for one in names)
    return [one for one in dict.fromkeys(found) if one in canvases]


def _named(target: Any, room: int) -> Iterator[str]:
    for one in several(target) if room else ():
        if isinstance(one, Mapping) and (source := one.get("source", one.get("full"))) is not None:
            yield from _named(source, room - 1)
        elif isinstance(one, Mapping) and "items" in one and "Canvas" not in str(one.get("type")):
            yield from _named(one["items"], room - 1)
        elif name := name_of(one):
            yield name
