"""Reads what a IIIF server answers: which kind of document it is, whom it names, and how its list goes on.

https://iiif.io/api/presentation/2.1/#collection , https://iiif.io/api/presentation/3.0/#51-collection
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import number_of
from biglam_pipeline.parsing.iiif import (
    COLLECTION,
    LISTS,
    MANIFEST,
    STREAM,
    STREAM_PAGE,
    has_canvases,
    kind_of,
    name_of,
    several,
    text_in,
    types_of,
)
from biglam_pipeline.parsing.json.records import Document, read_steps
from biglam_pipeline.parsing.json.stream import Broken, Tokens

_BOM = b"\xef\xbb\xbf"
_CHANGES = "iiif.io/api/discovery/"
"""Stands in the context and in the profile of a list of changes (Change Discovery 1.0, 3.1 and 4.1)."""


@dataclass(frozen=True, slots=True)
class Said:
    """One document of a server."""

    data: bytes
    content: Mapping[str, Any]
    kind: str
    """Manifest, Collection, OrderedCollection or OrderedCollectionPage."""

    @property
    def is_hollow(self) -> bool:
        """Whether it is a manifest of nothing: a valid one has a canvas at least (3.0, 5.2)."""
        return self.kind == MANIFEST and not has_canvases(self.content)


@dataclass(frozen=True, slots=True)
class Member:
    """What a collection names."""

    address: str
    """Of the document; empty where it has none that can be asked."""
    kind: str
    """As the collection says; empty where it does not."""
    inside: Callable[[], Said] | None = None
    """Gives it, where it stands in the collection whole."""
    called: str = ""
    """What stands there, for a message."""


def read_document(data: bytes, url: str) -> Said:
    """ObjectFailed for what is no JSON, or no manifest, collection or list of changes."""
    try:
        content = orjson.loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise ObjectFailed(
            "damaged", f"{url}: came cut, or is no JSON ({error}); run again, then tell the custodian"
        ) from error
    kind = kind_of(content)
    if kind not in (MANIFEST, COLLECTION, STREAM, STREAM_PAGE):
        raise ObjectFailed("damaged", f"{url}: is no manifest and no collection, but {_named(content)}; {_CURE}")
    return Said(data, content, kind)


_LISTED = {"collections": COLLECTION, "manifests": MANIFEST}
_CURE = "write the address that a IIIF viewer is given, or `ignore` this one"


def _named(content: Any) -> str:
    if not isinstance(content, Mapping):
        return "JSON of another kind"
    if said := types_of(content):
        return f"of type {said[0][:60]!r}"
    return "an image service" if "profile" in content or "protocol" in content else "JSON of another kind"


def members_of(said: Said, base: str) -> Iterator[Member]:
    """Whom a page of a collection names, in its order. base: what its addresses are relative to.

    A manifest or a collection that stands in it with its own members is taken as it stands (2.1 wants that of
    collections alone; servers do it with both).
    """
    for name in LISTS:
        spans = _Spans(said.data, name)
        for at, one in enumerate(several(said.content.get(name))):
            kind = kind_of(one) or _LISTED.get(name, "")
            inside = partial(spans.at, at, kind) if _stands_whole(one, kind) else None
            found = address_in(one, base)
            yield Member(found, kind, inside, name_of(one) or f"{name}[{at}]")


def address_in(resource: Any, base: str) -> str:
    """The address of a resource; empty where it has none on the web."""
    try:
        found = urljoin(base, name_of(resource)) if name_of(resource) else ""
        parts = urlsplit(found)
        return found.partition("#")[0] if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def _stands_whole(resource: Any, kind: str) -> bool:
    if not isinstance(resource, Mapping):
        return False
    if kind == MANIFEST:
        return has_canvases(resource)
    return kind == COLLECTION and any(several(resource.get(name)) for name in LISTS)


@dataclass(slots=True)
class _Spans:
    """The members of one list as they are written, cut out only where one of them is wanted."""

    data: bytes
    name: str
    found: list[bytes] | None = None

    def at(self, number: int, kind: str) -> Said:
        if self.found is None:
            tokens = Tokens(iter([self.data.removeprefix(_BOM)]), len(self.data))
            try:
                self.found = [span.data for span in Document(tokens, read_steps(f"{self.name}[]")).spans()]
            except Broken as error:
                raise ObjectFailed("damaged", f"what stands in its {self.name} cannot be cut out: {error}") from error
        data = self.found[number]
        return Said(data, orjson.loads(data), kind)


def next_of(said: Said, base: str) -> str:
    """The address of the page that follows. Empty where none does."""
    return address_in(said.content.get("next"), base)


def first_of(said: Said, base: str) -> str:
    """The address of the page with which a collection in pages begins. Some servers say it on every page, and some of
    a collection that has one page, where it is its own. Empty where none is named.
    """
    first = address_in(said.content.get("first"), base)
    return first if first != base and not said.content.get("next") else ""


def total_of(said: Said) -> int | None:
    """How many there are of all pages, as the server has it (2.1, 3.5: `total`)."""
    return number_of(said.content.get("total"))


def changes_of(said: Said, base: str) -> str:
    """The address of the list of changes that a collection names as its service or beside it; empty without one."""
    for one in chain(several(said.content.get("service")), several(said.content.get("seeAlso"))):
        words = text_in(one, "profile"), text_in(one, "@context"), text_in(one, "format")
        if kind_of(one) == STREAM or any(_CHANGES in word for word in words):
            return address_in(one, base)
    return ""
