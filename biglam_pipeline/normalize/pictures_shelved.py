"""The pictures that rows point to, as the raw shelf has them: found by the key of their link, opened one at a time."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

import orjson

from biglam_pipeline.links import folder_of
from biglam_pipeline.normalize.mapping.linking import IMAGE
from biglam_pipeline.records import Item, StoredObject
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing

_SAID = ("key", "url", "status", "media_type", "sha256", "size", "file")
"""What has to be known to open one: no visit, so that a picture that came again as it was is the same."""
_NEVER = datetime.fromtimestamp(0, UTC)


class PicturesShelved:
    """What is shelved of the pictures of a harvest, dead links among them."""

    def __init__(self, objects: Listing) -> None:
        """objects: all of the harvest."""
        self._objects = objects

    def _held(self) -> Iterator[StoredObject]:
        mine = folder_of(IMAGE)
        return (self._objects.at(place) for place, key in enumerate(self._objects) if key.startswith(mine))

    @property
    def digest(self) -> bytes:
        """Of all of them, whatever their order."""
        said = sorted(f"{held.key} {held.sha256} {held.status}" for held in self._held())
        return hashlib.sha256("\n".join(said).encode()).digest()

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Of each its key, and what has to be known to open it, as JSON: the same for the same bytes."""
        for held in self._held():
            yield held.key, orjson.dumps({"held": [{name: getattr(held, name) for name in _SAID}]})


def read_picture(raw: RawShelf, said: dict[str, Any]) -> tuple[int, Item | None] | None:
    """The status of a link and what came, by what `rows` says of it; None where a takedown left nothing of it."""
    held = StoredObject(
        **said,
        final_url=said["url"],
        retrieved_at=_NEVER,
        etag="",
        last_modified="",
        harvest=0,
        batch="",
        archive=False,
    )
    if held.status != 200:
        return held.status, None
    if raw.redactions.is_gone(held):
        return None
    return 200, Item(
        name=held.key,
        url=held.url,
        retrieved_at=held.retrieved_at,
        sha256=held.sha256,
        size=held.size,
        harvest=0,
        media_type=held.media_type,
        open=partial(_open, raw, held),
    )


def _open(raw: RawShelf, held: StoredObject) -> BinaryIO:
    return BytesIO(raw.content(held))
