"""What does a JSON document of IIIF stand for? Its kind, its name and its members, in every version alike.

https://iiif.io/api/presentation/3.0/ ; https://iiif.io/api/presentation/2.1/ ; https://iiif.io/api/discovery/1.0/
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MANIFEST, COLLECTION, CANVAS = "Manifest", "Collection", "Canvas"
STREAM, STREAM_PAGE = "OrderedCollection", "OrderedCollectionPage"
_KINDS = {
    **{name.casefold(): name for name in (MANIFEST, COLLECTION, CANVAS, STREAM, STREAM_PAGE)},
    "collectionpage": COLLECTION,  # Presentation 4 pages its collections by these
}
LISTS = ("items", "members", "collections", "manifests")
"""Where a collection names its members: version 3; version 2.1, and 2.0, which has both kinds apart."""


def several(value: Any) -> list[Any]:
    """A value of JSON-LD, which may be one or a list of them, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_in(resource: Any, *names: str) -> str:
    """The first of these keys that holds a text; empty where none does."""
    if not isinstance(resource, Mapping):
        return ""
    return next((one.strip() for name in names if isinstance(one := resource.get(name), str) and one.strip()), "")


def name_of(resource: Any) -> str:
    """The `id` of a resource, or its `@id`, or what stands instead of it; empty where it has none."""
    return resource.strip() if isinstance(resource, str) else text_in(resource, "id", "@id")


def types_of(resource: Any) -> list[str]:
    """Its types without prefix or namespace: `sc:Manifest`, `oa:Choice`, `http://www.shared-canvas.org/ns/Manifest`."""
    if not isinstance(resource, Mapping):
        return []
    found = [*several(resource.get("type")), *several(resource.get("@type"))]
    return [re.split("[:/#]", one.strip())[-1] for one in found if isinstance(one, str)]


def kind_of(resource: Any) -> str:
    """One of the five kinds, by its type; where that says nothing, by the keys that only this kind has. Else empty."""
    if not isinstance(resource, Mapping):
        return ""
    said = types_of(resource)
    known = next((_KINDS[one.casefold()] for one in said if one.casefold() in _KINDS), "")
    if known or said:
        return known
    if "sequences" in resource:
        return MANIFEST
    if "orderedItems" in resource:
        return STREAM_PAGE
    inside = {_KINDS.get(name.casefold(), "") for one in several(resource.get("items")) for name in types_of(one)}
    if CANVAS in inside:
        return MANIFEST
    return COLLECTION if inside & {MANIFEST, COLLECTION} or any(resource.keys() & {*LISTS[1:]}) else ""


def canvas_lists(manifest: Mapping[str, Any]) -> Iterator[Any]:
    """Where the canvases of a manifest stand, as it has them: `canvases` of each of its sequences, or its `items`."""
    sequences = manifest.get("sequences")
    found = [one.get("canvases") for one in several(sequences) if isinstance(one, Mapping)]
    yield from found if isinstance(sequences, list) and any(map(several, found)) else [manifest.get("items")]


def has_canvases(manifest: Mapping[str, Any]) -> bool:
    """Whether it names at least one: one that is only referred to has none."""
    return any(isinstance(one, Mapping) for found in canvas_lists(manifest) for one in several(found))


def count_canvases(manifest: Mapping[str, Any]) -> int:
    """How many there are, those that a further sequence shows again left aside."""
    count, met = 0, set[str]()
    for found in canvas_lists(manifest):
        here = [name_of(one) for one in several(found) if one is not None]
        count += sum(not name or name not in met for name in here)
        met.update(here)
    return count
