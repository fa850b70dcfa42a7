"""An institution on loopback that offers IIIF: collections, manifests and a list of changes, with made-up works.

Shapes: https://iiif.io/api/presentation/3.0/#51-collection , https://iiif.io/api/presentation/2.1/#collection (with the
pages of https://api.digitale-sammlungen.de), https://iiif.io/api/discovery/1.0/#3-activity-streams-details
"""

import hashlib
import json
from typing import Any

from biglam_pipeline.harvest.protocols.iiif import Iiif
from biglam_pipeline_tests.harvest.conftest import Outcome
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

V2 = "http://iiif.io/api/presentation/2/context.json"
V3 = "http://iiif.io/api/presentation/3/context.json"


class Institution:
    """Answers with ETags, and 304 where one holds."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.documents: dict[str, bytes] = {}

    def put(self, path: str, document: Any) -> str:
        """Offers a document; its address."""
        self.documents[path] = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.server.on(path, lambda asked: self._reply(asked, path))

    def _reply(self, asked: Asked, path: str) -> Reply:
        body = self.documents[path]
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if asked.headers.get("If-None-Match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        return Reply(body, headers={"Content-Type": "application/ld+json", "ETag": tag})

    def url(self, path: str) -> str:
        return self.server.url + path

    # --- version 3 ---

    def manifest3(self, path: str, label: str = "A work", pages: int = 2, **more: Any) -> str:
        return self.put(path, manifest3(self.url(path), label, pages, **more))

    def collection3(self, path: str, *members: Any, **more: Any) -> str:
        """members: paths of manifests, or whole objects."""
        items = [
            {"id": self.url(one), "type": "Manifest", "label": {"none": [one]}} if isinstance(one, str) else one
            for one in members
        ]
        head = {"@context": V3, "id": self.url(path), "type": "Collection", "label": {"en": ["Works"]}}
        return self.put(path, {**head, "items": items, **more})

    def inside3(self, path: str) -> dict[str, Any]:
        """A collection, as another names it."""
        return {"id": self.url(path), "type": "Collection", "label": {"en": ["Inside"]}}

    # --- version 2 ---

    def manifest2(self, path: str, label: str = "A work", pages: int = 2, **more: Any) -> str:
        return self.put(path, manifest2(self.url(path), label, pages, **more))

    def collection2(self, path: str, *manifests: str, **more: Any) -> str:
        named = [{"@id": self.url(one), "@type": "sc:Manifest", "label": one} for one in manifests]
        head = {"@context": V2, "@id": self.url(path), "@type": "sc:Collection", "label": "Works"}
        return self.put(path, {**head, **({"manifests": named} if named else {}), **more})

    # --- changes ---

    def changes(self, path: str, *pages: list[tuple[str, str, str]], **more: Any) -> str:
        """pages: of each its activities, (type, path, time), oldest first."""
        for number, activities in enumerate(pages):
            items = [self.activity(*one) for one in activities]
            page: dict[str, Any] = {"id": self.url(f"{path}/page-{number}"), "type": "OrderedCollectionPage"}
            if number:
                page["prev"] = {"id": self.url(f"{path}/page-{number - 1}"), "type": "OrderedCollectionPage"}
            self.put(f"{path}/page-{number}", {**page, "orderedItems": items})
        last = {"id": self.url(f"{path}/page-{len(pages) - 1}"), "type": "OrderedCollectionPage"}
        head = {"@context": "http://iiif.io/api/discovery/1/context.json", "id": self.url(path)}
        total = sum(map(len, pages))
        return self.put(path, {**head, "type": "OrderedCollection", "totalItems": total, "last": last, **more})

    def activity(self, kind: str, path: str, time: str) -> dict[str, Any]:
        made: dict[str, Any] = {"type": kind, **({"endTime": time} if time else {})}
        return made | ({"object": {"id": self.url(path), "type": "Manifest"}} if path else {})


def manifest3(url: str, label: str, pages: int, **more: Any) -> dict[str, Any]:
    """A manifest as version 3 has it."""
    canvases = [
        {
            "id": f"{url}/canvas/{number}",
            "type": "Canvas",
            "label": {"none": [f"p. {number}"]},
            "height": 1800,
            "width": 1200,
            "items": [{"id": f"{url}/page/{number}", "type": "AnnotationPage", "items": [painting(url, number)]}],
        }
        for number in range(1, pages + 1)
    ]
    return {"@context": V3, "id": url, "type": "Manifest", "label": {"en": [label]}, "items": canvases, **more}


def painting(url: str, number: int) -> dict[str, Any]:
    """An annotation that paints a picture."""
    service = {"id": f"https://images.example.org/{number}", "type": "ImageService3", "profile": "level1"}
    body = {
        "id": f"https://images.example.org/{number}/full/max/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        "height": 3600,
        "width": 2400,
        "service": [service],
    }
    return {
        "id": f"{url}/a/{number}",
        "type": "Annotation",
        "motivation": "painting",
        "body": body,
        "target": f"{url}/canvas/{number}",
    }


def manifest2(url: str, label: str, pages: int, **more: Any) -> dict[str, Any]:
    """A manifest as version 2 has it."""
    canvases = [
        {
            "@id": f"{url}/canvas/{number}",
            "@type": "sc:Canvas",
            "label": f"p. {number}",
            "height": 1800,
            "width": 1200,
            "images": [{"@type": "oa:Annotation", "motivation": "sc:painting", "resource": resource(number)}],
        }
        for number in range(1, pages + 1)
    ]
    sequences = [{"@type": "sc:Sequence", "canvases": canvases}]
    return {"@context": V2, "@id": url, "@type": "sc:Manifest", "label": label, "sequences": sequences, **more}


def resource(number: int) -> dict[str, Any]:
    """A picture as version 2 has it."""
    service = {
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": f"https://images.example.org/{number}",
        "profile": "http://iiif.io/api/image/2/level2.json",
    }
    return {
        "@id": f"https://images.example.org/{number}/full/full/0/default.jpg",
        "@type": "dctypes:Image",
        "format": "image/jpeg",
        "height": 3600,
        "width": 2400,
        "service": service,
    }


def of(*addresses: str, **settings: Any) -> Iiif:
    """An entry's `harvest`."""
    return Iiif(url=tuple(f"iiif+{one}" for one in addresses), **settings)


def paths(outcome: Outcome, house: Institution) -> list[str]:
    """What came, by its paths."""
    return [one.key.removeprefix(house.server.url) for one in outcome.objects]


def works(house: Institution, count: int) -> list[str]:
    """Manifests of version 3."""
    names = [f"/m/{number}" for number in range(1, count + 1)]
    for name in names:
        house.manifest3(name)
    return names
