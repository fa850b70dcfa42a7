"""Where in a document of JSON are its records? In the outermost list that is called like one, else in the longest."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from biglam_pipeline.normalize.files import Files
from biglam_pipeline.parsing.json.strict import read_strictly
from biglam_pipeline.proposing.opening import first_bytes
from biglam_pipeline.proposing.surveying import key_of
from biglam_pipeline.proposing.terms import bare
from biglam_pipeline.store.raw import RawShelf

_MOST_BYTES = 64_000_000
_DEEP = 4
_MANY = 5
"""So many objects in the outermost list are records, whatever it is called; fewer may be parts of the one record."""
_CALLED = frozenset(
    re.findall(
        r"\w+",
        """data results result items item records record docs documents objects artobjects artworks works hits rows
        features
    entries members member hydramember graph value values content contents list response collection books photos
    itemlistelement elements nodes edges images""",
    )
)
"""Lists of records: Solr, Elasticsearch, JSON:API, Hydra, JSON-LD, GeoJSON, OData, HAL, Spring, CKAN, Omeka, the Met,
Rijksmuseum, Harvard, Cooper Hewitt, SMK, DPLA, Europeana, Trove, DigitalNZ, Library of Congress, schema.org."""
_BESIDE = frozenset(re.findall(r"\w+", """facets facet aggregations filters links errors warnings suggestions
        breadcrumbs sort messages
    facetfields options fields columns contexts profiles"""))  # fmt: skip
"""Lists that stand beside them."""


def document_of(raw: RawShelf, files: Files, name: str) -> Any:
    """What a file of JSON holds; None where it cannot be read, or is too large for a first look."""
    try:
        return read_strictly(first_bytes(raw, files, name, _MOST_BYTES))
    except (ValueError, RecursionError):
        return None


def rows_of(body: Any) -> dict[str, Any]:
    """`rows`, where it has to be said: nothing for an array, or for a document that is the record."""
    if not isinstance(body, dict):
        return {}
    if found := min(_lists(body, ()), key=_unlikely, default=None):
        return {"rows": ".".join(map(key_of, found[0])) + "[]"}
    values = list(body.values())
    by_name = len(values) > 1 and all(isinstance(one, dict) for one in values) and _alike(values)
    return {"rows": "*"} if by_name else {}


def _lists(value: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Names that lead to each list of objects, and how many it has."""
    for name, one in value.items():
        if bare(name) in _BESIDE:
            continue
        if isinstance(one, list) and one and all(isinstance(member, dict) for member in one):
            if bare(name) in _CALLED or (not path and len(one) >= _MANY):
                yield (*path, name), len(one)
        elif isinstance(one, dict) and len(path) < _DEEP:
            yield from _lists(one, (*path, name))


def _unlikely(candidate: tuple[tuple[str, ...], int]) -> tuple[bool, int, int]:
    path, size = candidate
    called = bare(path[-1]) in _CALLED
    return not called, len(path) if called else 0, -size


def _alike(values: list[dict[str, Any]]) -> bool:
    """Are these records under names of their own, and not the parts of one? They have the same keys."""
    first = set(values[0])
    return bool(first) and all(len(first & set(one)) * 2 >= len(first | set(one)) for one in values[1:50])
