"""Which picture does a canvas show, by which image service is it had, and does that ask for a log-in?

https://iiif.io/api/presentation/3.0/#57-content-resources , https://iiif.io/api/auth/1.0/ , https://iiif.io/api/auth/2.0/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.parsing.iiif import name_of, several, text_in, types_of

_IMAGE_API = re.compile(r"iiif\.io/api/image|library\.stanford\.edu/iiif/image-api|^(?:level[012])$")
"""Stands in profile, protocol or context of a service of any version of the Image API."""
_AUTH = "iiif.io/api/auth/"
"""Stands in profile or context of a service of the Authorization Flow API 0.9 and 1; types of 2 begin with `Auth`."""
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a canvas."""

    url: str = ""
    service: str = ""
    """Base address of its image service, without a slash at its end."""
    width: int | None = None
    height: int | None = None
    media_type: str = ""
    is_restricted: bool = False
    problems: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    """What is painted, as it stands in the manifest."""


def picture_of(canvas: Mapping[str, Any]) -> Picture:
    """The first that is painted on it; that there are more, or none, is a problem."""
    bodies = list(_bodies(canvas))
    shown = [one for one in bodies if _is_picture(one)]
    if not shown:
        other = next((one for body in bodies for one in types_of(body)), "")
        said = f"none; {other} is painted on the canvas" if other else "none is painted on the canvas"
        return Picture(problems=(f"image_url: {said}",), is_restricted=_asks_for_a_login(canvas.get("service")))
    first = shown[0]
    service = _service_of(first)
    restricted = any(_asks_for_a_login(one.get("service")) for one in (first, service, canvas))
    problems = [f"image_url: {len(shown)} pictures on the canvas, the first is taken"] if len(shown) > 1 else []
    if restricted:
        problems.append("image_url: restricted, its service asks for a log-in")
    width, height = (_size(first, name) or _size(service, name) for name in ("width", "height"))
    media_type = text_in(first, "format").replace("image/jpg", "image/jpeg")  # which many servers write
    return Picture(
        name_of(first),
        name_of(service).removesuffix("/info.json").rstrip("/"),
        width,
        height,
        media_type if media_type.startswith("image/") else "",
        restricted,
        tuple(problems),
        first,
    )


def _bodies(canvas: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What is painted on it: `images` of version 2, annotations of `items` of version 3."""
    annotations = list(several(canvas.get("images")))  # all of them paint, whatever motivation is written
    for page in several(canvas.get("items")):
        annotations += filter(_paints, several(page.get("items"))) if isinstance(page, Mapping) else []
    for one in annotations:
        if isinstance(one, Mapping):
            for body in several(one.get("body", one.get("resource"))):
                found = _chosen(body)
                if found is not None:
                    yield found


def _paints(annotation: Any) -> bool:
    said = [str(one) for one in several(annotation.get("motivation")) if one] if isinstance(annotation, Mapping) else []
    return not said or any(re.split("[:/#]", one)[-1] == "painting" for one in said)


def _chosen(body: Any, room: int = _DEEPEST) -> Mapping[str, Any] | None:
    """The content itself: of a choice the default, of a detail of something the whole."""
    if isinstance(body, str):
        return {"id": body}
    if not isinstance(body, Mapping):
        return None
    types = types_of(body)
    inside: Any = None
    if "Choice" in types:
        inside = body.get("default") or next(iter([*several(body.get("items")), *several(body.get("item"))]), None)
    elif "SpecificResource" in types:
        inside = body.get("source") or body.get("full")
    return _chosen(inside, room - 1) if inside is not None and room else body


def _is_picture(body: Mapping[str, Any]) -> bool:
    types = types_of(body)
    said = bool(types) and "Image" not in types
    return bool(name_of(body) or _service_of(body)) and not said


def _service_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its image service; empty where it has none."""
    for one in several(body.get("service")):
        if isinstance(one, Mapping) and name_of(one) and _is_image_service(one):
            return one
    return {}


def _is_image_service(service: Mapping[str, Any]) -> bool:
    said = _words(service)
    typed = any(one.startswith("ImageService") for one in types_of(service))
    return typed or any(_IMAGE_API.search(one) for one in said)


def _words(service: Mapping[str, Any]) -> list[str]:
    """What a service says of which kind it is."""
    found = (one for name in ("profile", "protocol", "@context") for one in several(service.get(name)))
    return [one for one in found if isinstance(one, str)]


def _asks_for_a_login(services: Any, room: int = _DEEPEST) -> bool:
    for one in several(services) if room else ():
        if isinstance(one, Mapping):
            typed = any(name.startswith("Auth") for name in types_of(one))
            if typed or any(_AUTH in word for word in _words(one)) or _asks_for_a_login(one.get("service"), room - 1):
                return True
    return False


def _size(resource: Mapping[str, Any], name: str) -> int | None:
    """In pixels. Some write 1000.0, some "1000"."""
    found = resource.get(name)
    try:
        number = float(found) if isinstance(found, int | float | str) and not isinstance(found, bool) else 0.0
    except (ValueError, OverflowError):
        return None
    return int(number) if number > 0 and number.is_integer() else None
