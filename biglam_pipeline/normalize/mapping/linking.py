"""What does a row point to? The address that a VALUE gives becomes a link, or is refused in a few words."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from biglam_pipeline.links import Link, fault_of
from biglam_pipeline.normalize.mapping.joining import Join, PictureOf
from biglam_pipeline.normalize.mapping.paths import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = "image"
"""The name under `with` of a row's picture."""
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff", ".webp", ".jp2", ".bmp", ".svg", ".avif", ".heic")
"""How an address of a picture ends, and never that of an IIIF image service: every format of the Image API's
`{quality}.{format}` (https://iiif.io/api/image/3.0/#45-format) that is a picture, and what else browsers show."""
_INFO = "/info.json"


def link_of(name: str, address: str, *, picture: PictureOf | None = None, read: Join | None = None) -> Link | str:
    """name: under `with`; picture, read: what the entry says of it there. A text where the address cannot be asked."""
    url = _without_blanks(address.strip())
    if fault := fault_of(url):
        return fault
    if picture is None:
        return Link(name, url, json=read is not None and read.read.type == "json")
    service = _may_be_service(url, picture)
    url = url.removesuffix(_INFO).rstrip("/") if service else url
    return Link(name, url, True, service, picture.max_side or 0, picture.max_bytes)


def _without_blanks(url: str) -> str:
    """Blanks behind the host are escaped, as browsers do; https://url.spec.whatwg.org/#path-percent-encode-set . Those
    between two addresses stay, and nobody is asked.
    """
    scheme, colon, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return url if "://" in path else f"{scheme}{colon}{host}{slash}{path.replace(' ', '%20')}"


def _may_be_service(url: str, picture: PictureOf) -> bool:
    """Of an address that is not certainly a picture's: where the entry wishes for a size, or names the service."""
    if url.endswith(_INFO):
        return True
    if urlsplit(url).path.lower().endswith(_PICTURES) or picture.url is None:
        return False
    return bool(picture.max_side) or "iiif_service" in _named(picture)


def _named(picture: PictureOf) -> "Iterator[str]":
    paths = picture.url.paths() if picture.url else ()
    return (path.reference.column or path.reference.name for path in paths if isinstance(path.reference, Reference))
