"""Manifests of IIIF: one, or all that a collection, collections in it, or a list of changes names.

https://iiif.io/api/presentation/3.0/ ; https://iiif.io/api/presentation/2.1/ ; https://iiif.io/api/discovery/1.0/
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from biglam_pipeline.harvest.harvester import UNASKED, require_web_address
from biglam_pipeline.harvest.mirrors import Mirrored
from biglam_pipeline.harvest.protocols.iiif.answers import Answers
from biglam_pipeline.harvest.protocols.iiif.walk import Walk
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.patterns import Pattern, Patterns, is_ignored
from biglam_pipeline.records import Harvested
from biglam_pipeline.settings import Accounts

_IN_VIEWERS = ("manifest", "iiif-content", "collection")
"""Parameters by which a viewer is given what it shows: `manifest` of the drag-and-drop logo, of Mirador and the
Universal Viewer; `iiif-content` of the Content State API 1.0, 3."""
_OF_A_PICTURE = re.compile(r"/info\.json$|/(?:full|square|[\d.,]+|pct:[\d.,]+)/[^/]+/!?[\d.]+/[a-z]+\.[a-z0-9]+$")
"""How addresses of the Image API end (Image API 3.0, 2)."""


class Iiif(Mirrored):
    """`iiif+https://host/collection#PATTERN`; each manifest is shelved as it came."""

    prefix: ClassVar[str] = "iiif+"
    addresses: ClassVar[Mapping[str, str]] = {
        "iiif+https://…#PATTERN": "manifests of IIIF: one, those of a collection and of all collections in it, or "
        "those of a list of changes (Change Discovery)"
    }
    accounts: ClassVar[Accounts] = Accounts(
        "manifests that came whole, are unchanged, ignored or missing; lists that could not be had",
        "every member that a collection names, and its `total`; `totalItems` of a list of changes",
        "a manifest that is named and dead, a page or a collection that did not come, another total: not whole",
    )
    notes: ClassVar[str] = (
        "Versions 2 and 3 are told apart by what comes. Keys are the addresses as a collection names them; `#PATTERN` "
        "and `ignore` are laid against these (labels are chosen by `where`), `ignore` against collections too. What a "
        "collection names on another host is asked there, without `headers`. A manifest that stands in its collection "
        "whole counts as it stands. Where version 3 is missing or invalid, version 2 is asked for. A list of changes, "
        "as the address or named by a collection as `service` or `seeAlso`, saves asking for what did not change; each "
        "manifest is asked for every 30 days all the same."
    )

    type: Literal["iiif"] = "iiif"
    """Manifests and collections of IIIF."""
    ignore: Annotated[Patterns | None, UNASKED] = None
    """Manifests and collections that are left out on purpose and counted, by their addresses: PATTERN or a list."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s), of a document and no picture."""
        front, mark, pattern = address.partition("#")
        if meant := cls.meant_by(address):
            raise ValueError(f"{front}: is the page of a viewer; write {meant}")
        if _OF_A_PICTURE.search(urlsplit(require_web_address(front)).path):
            raise ValueError(f"{front}: is one picture; write the address of the manifest that it is shown by")
        if mark:
            Pattern(pattern.removeprefix("!"))
        return address

    @classmethod
    def meant_by(cls, address: str) -> str:
        """What a viewer in a browser was given to show."""
        if not address.startswith(("https://", "http://")):
            return ""
        front, _, behind = address.partition("#")
        inside = [*parse_qsl(front.partition("?")[2]), *parse_qsl(behind.lstrip("?!/"))]
        given = (value for name, value in inside if name in _IN_VIEWERS)
        return next((f"{cls.prefix}{one}" for one in given if one.startswith(("https://", "http://"))), "")

    @property
    def ignored(self) -> tuple[str, ...]:
        """The patterns."""
        return self.ignore or ()

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """From each address on; a manifest that is named by several is asked for once."""
        walk = Walk(visit, Answers(visit, self.elsewhere), self._ignores, self._mark, len(self.url) == 1)
        for address in self.url:
            yield from walk.address(address)
        yield from walk.rest()
        yield walk.evidence()

    def _ignores(self, key: str) -> bool:
        return is_ignored(self.ignored, key)

    def _mark(self, address: str) -> str:
        return hashlib.sha256(json.dumps([address, self.ignored]).encode()).hexdigest()[:12]
