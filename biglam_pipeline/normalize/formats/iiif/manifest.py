"""One manifest on its way through the reader: which canvases it has, how each is called, and what is said of it."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.iiif.described import (
    columns_of,
    credit_links_of,
    labels_of,
    links_of,
    rights_in,
    said_of,
)
from biglam_pipeline.normalize.formats.iiif.pictures import Picture, picture_of
from biglam_pipeline.normalize.formats.iiif.sections import Sections
from biglam_pipeline.normalize.formats.iiif.targets import Beside
from biglam_pipeline.normalize.formats.iiif.texts import pairs_of, titles_of
from biglam_pipeline.normalize.formats.iiif.written import written_on
from biglam_pipeline.normalize.rows.rights_of import with_statements
from biglam_pipeline.parsing.iiif import canvas_lists, name_of, several
from biglam_pipeline.place import Place
from biglam_pipeline.records import Item, Reject

_MANIFEST = re.compile(r"(?<!/)/++(?:manifest|iiif)?(?:\.json)?/*$", re.IGNORECASE)
"""How the address of a manifest ends, behind what is its object's."""
_READ = frozenset(
    (
        *("@context", "id", "@id", "type", "@type", "label", "metadata", "items", "images", "height", "width"),
        *("rights", "license", "requiredStatement", "attribution", "sequences", "structures", "summary"),
        *("description", "navDate", "homepage", "related", "partOf", "within"),
    )
)
"""Keys that the reader reads, or that say nothing of the object."""


class Manifest:
    """One manifest on its way through the reader."""

    def __init__(self, item: Item, manifest: Mapping[str, Any], modality: Modality, leave_out: Container[str]) -> None:
        """modality: of the rows; leave_out: columns that are filled otherwise."""
        self._item, self._manifest, self._is_text = item, manifest, modality == "text"
        self.beside = {"places that hold null": 0, "canvases of a further sequence": 0}
        """What is no row of its own."""
        self._again: dict[int, str] = {}
        """Number -> id of the canvases that a further sequence shows again."""
        self._ids: set[str] = set()
        self.canvases = list(self._canvases())
        """Each with its number."""
        self.name = self._own_name()
        self._stem = _bare(_MANIFEST.sub("", self.name))
        self._by_place = self._called_by_place()
        self._leave_out = leave_out
        self._columns = self._wanted(columns_of(manifest))
        self._facts: dict[str, str | list[str]] = {
            "manifest": self.name,
            "see_also": links_of(manifest, "seeAlso"),
            "rendering": links_of(manifest, "rendering"),
            "provider": labels_of(manifest, "provider"),
            "credit_links": credit_links_of(manifest),
            "canvases": str(len(self.canvases)),
        }
        self._pairs = pairs_of(manifest.get("metadata"))
        self._sections = Sections(manifest)
        self._written = Beside.of(manifest, self._ids)
        self.beside |= self._written.counts

    def whole(self) -> Cut:
        """The manifest as a row."""
        picture = next((self._picture_of(one) for _, one in self.canvases if isinstance(one, Mapping)), Picture())
        columns = {**self._columns, "identifiers": [{"scheme": "iiif", "value": self.name}]}
        filled = [*_filled(self._manifest), *(f"pairs.{name}" for name in self._pairs)]
        facts = {**self._facts, **_facts_of(picture), "identifier": self.name}
        problems = ("id: none, called by its address",) if not name_of(self._manifest) else ()
        fixed = {"text_unit": "document"} if self._is_text else {}
        record = self._record()
        return Cut(record, self.name, columns, fixed, facts=facts, problems=problems, filled=filled, root=self._record)

    def cut(self, number: int, canvas: Any) -> Found:
        """A canvas as a row."""
        place = Place("canvas", number)
        if not isinstance(canvas, Mapping):
            detail = f"canvas {number} is {type(canvas).__name__} and no object; tell the institution"
            return Reject("no_canvas", detail, self._item.name, str(place))
        picture, pairs = self._picture_of(canvas), {**self._pairs, **pairs_of(canvas.get("metadata"))}
        columns = {**self._columns, **_of_picture(picture)}
        for said in (canvas, picture.body):
            columns = with_statements(columns, rights_in(said))
        columns |= self._wanted(said_of(canvas))
        caption, said_nothing = _caption_of(canvas)
        columns |= {"parent_id": self.name, "seq": number, "caption_raw": caption}
        name, problems = self._called(number, canvas)
        facts = {
            **self._facts,
            **_facts_of(picture),
            "identifier": name,
            "canvas": name_of(canvas),
            "section": self._sections.of(name_of(canvas)),
        }
        written, left_out = written_on(canvas, self._written.on.get(name_of(canvas), ()))
        for fact, found in written.items():
            facts[fact] = found if isinstance(found, str) else [_joined(self.name, one) for one in found]
        for fact, key in (("see_also", "seeAlso"), ("rendering", "rendering")):
            facts[fact] = links_of(canvas, key) or facts[fact]
        filled = [*_filled(canvas), *(f"pairs.{label}" for label in pairs)]
        return Cut(
            {**canvas, "pairs": pairs},
            name,
            {column: value for column, value in columns.items() if value is not None},
            {"text_unit": "page"} if self._is_text else {},
            place,
            facts=facts,
            problems=(*problems, *said_nothing, *picture.problems, *left_out),
            filled=filled,
            root=self._record,
        )

    def names_of(self, numbers: Container[int]) -> set[str]:
        """The ids of these canvases, as they are written."""
        return {name_of(canvas) for number, canvas in self.canvases if number in numbers} - {""}

    def copies_of(self, numbers: Container[int]) -> set[int]:
        """Numbers of what further sequences say of these canvases once more."""
        names = self.names_of(numbers)
        return {number for number, name in self._again.items() if name in names}

    def _wanted(self, columns: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in columns.items() if name not in self._leave_out}

    def _picture_of(self, canvas: Mapping[str, Any]) -> Picture:
        """The picture; what is only a place in the manifest is no address of one."""
        found = picture_of(canvas)
        url, service = (_joined(self.name, one) if one else "" for one in (found.url, found.service))
        return replace(found, url="" if url.partition("#")[0] == self.name else url, service=service)

    def _record(self) -> dict[str, Any]:
        return {**self._manifest, "pairs": self._pairs}

    def _canvases(self) -> Iterator[tuple[int, Any]]:
        """Each with its number over all sequences; one that an earlier sequence shows is the same in another order."""
        number = 0
        for found in canvas_lists(self._manifest):
            earlier = set(self._ids)
            for canvas in several(found):
                number += 1
                name = name_of(canvas)
                if canvas is None:
                    self.beside["places that hold null"] += 1
                elif name and name in earlier:
                    self.beside["canvases of a further sequence"] += 1
                    self._again[number] = name
                else:
                    self._ids.add(name)
                    yield number, canvas

    def _own_name(self) -> str:
        """Its id; relative to where it came from, or that, where it has none that can be one (`{{ id.url }}`)."""
        said, came = name_of(self._manifest), self._item.url if "://" in self._item.url else ""
        if _is_name(said):
            return said
        if said and came and not set(said) & set(" {}<>"):
            return _joined(came, said)
        return came or self._item.name

    def _called_by_place(self) -> set[int]:
        """Numbers of canvases that have no id, or share it; and of those whose own is what such a one is called."""
        named = {number: self._said_name(name_of(one)) for number, one in self.canvases}
        shared = Counter(named.values())
        alone = {name: number for number, name in named.items() if name and shared[name] == 1}
        waiting, found = [number for number, name in named.items() if name not in alone], set[int]()
        while waiting:
            found.add(number := waiting.pop())
            other = alone.pop(self._place_name(number), number)
            waiting += [other] if other not in found else []
        return found

    def _said_name(self, said: str) -> str:
        """By its id, unless another manifest may call its own so; empty where it has none."""
        bare = _bare(said)
        if _is_name(said) and bare.startswith(self._stem) and bare[len(self._stem) :][:1] in ("", "/", "#", "?"):
            return said
        return f"{self.name}#{said}" if said else ""

    def _place_name(self, number: int) -> str:
        return f"{self.name}#canvas-{number}"

    def _called(self, number: int, canvas: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        """By its id; by its place, where it has none, or another is called so."""
        said = name_of(canvas)
        if number in self._by_place:
            why = "id: canvases share it" if said else "id: a canvas has none"
            return self._place_name(number), (f"{why}, called by its place",)
        return self._said_name(said), ()


def _caption_of(canvas: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    """Its label. A canvas must have one (3.0, 3.1), so that programs write `-` or `[ ]` where a page has no number."""
    label = titles_of(canvas.get("label"))[0]
    if label and not any(map(str.isalnum, label)):
        return None, ("caption_raw: a label without a letter or a figure is none",)
    return label or None, ()


def _joined(base: str, address: str) -> str:
    """Where it leads from there; as it is written, where it leads nowhere (`http://[host/x`)."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _is_name(text: str) -> bool:
    """An address, or a URN: what is the same wherever it stands."""
    parts = text.partition(":")
    return not set(text) & set(" {}<>") and (parts[0].casefold() == "urn" or bool(_host_of(text)))


def _host_of(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in ("http", "https") else ""


def _bare(address: str) -> str:
    return address.partition("://")[2] or address


def _of_picture(picture: Picture) -> dict[str, Any]:
    return {
        "image_url": picture.url or None,
        "iiif_service": picture.service or None,
        "width": picture.width,
        "height": picture.height,
        "media_type": picture.media_type or None,
    }


def _facts_of(picture: Picture) -> dict[str, str | list[str]]:
    status = "restricted" if picture.is_restricted else ""
    return {"iiif_service": picture.service, "image_url": picture.url, "image_status": status}


def _filled(resource: Mapping[str, Any]) -> list[str]:
    return [name for name, value in resource.items() if name not in _READ and value not in (None, "", [], {})]
