"""Where is the picture of a row? Among the files of its bundle, or on the shelf of what came from links."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.links import STATUS_COLUMN as STATUS
from biglam_pipeline.links import Link, word_of
from biglam_pipeline.normalize.mapping.joining import Key, PictureOf, key_of
from biglam_pipeline.normalize.mapping.linking import IMAGE, link_of
from biglam_pipeline.normalize.mapping.paths import RecordContext, facts_of
from biglam_pipeline.normalize.rows.pictures import picture_columns
from biglam_pipeline.quality.image import NoPicture
from biglam_pipeline.records import Item

_ASKED = re.compile(r"/full/(\d+),\d*/\d+/[a-z]+\.[a-z0-9]+$")
"""The width in a request to an image service: https://iiif.io/api/image/3.0/#47-canonical-uri-syntax"""
_TOLD = {"image_broken": "broken", "image_too_large": "too large", "not_a_picture": "not a picture"}


class Pictures(Protocol):
    """Where the pictures of rows are."""

    def columns(self, context: RecordContext, problems: list[str]) -> dict[str, Any]:
        """The columns of the row's picture; none, and a problem, where it has none that can be read."""

    @property
    def left_over(self) -> int:
        """Pictures that no row asked for."""


class Album:
    """The pictures of one bundle, found by what they have in common with a row; each is opened when it is asked for."""

    def __init__(self, settings: PictureOf, items: Sequence[Item]) -> None:
        """SourceChanged where two pictures have the same key."""
        self._settings = settings
        self._items: dict[Key, Item] = {}
        self._asked: set[Key] = set()
        for item in items:
            key = key_of(settings.theirs, RecordContext(None, facts_of(item, settings.files)))
            other = self._items.setdefault(key, item) if key else item
            if other is not item:
                message = f"{other.name} and {item.name} are both the picture of {' '.join(key)!r}; narrow `files`"
                raise SourceChanged(f"`with: image`: {message}, or name more in `by`")

    def columns(self, context: RecordContext, problems: list[str]) -> dict[str, Any]:
        """The columns of the row's picture; none, and a problem, where it has none that can be read."""
        key = key_of(self._settings.mine, context)
        item = self._items.get(key) if key else None
        if item is None:
            problems.append("image: not found")
            return {}
        self._asked.add(key)
        try:
            return picture_columns(item, self._settings.max_bytes)
        except NoPicture as trouble:
            problems.append(f"image: {_TOLD[trouble.reason]}")
            return {}

    @property
    def left_over(self) -> int:
        """Pictures that no row asked for."""
        return len(self._items) - len(self._asked)


class Followed(Protocol):
    """Finds what came from links."""

    def follow(self, link: Link) -> tuple[int, Item | None] | None:
        """Its status, and what came; None where nobody has asked there, or it is not known yet."""


class LinkedAlbum:
    """The pictures that rows point to: found by address alone, however many rows have the same."""

    left_over = 0

    def __init__(self, settings: PictureOf, finds: Followed) -> None:
        """finds: what came from links."""
        self._settings, self._finds = settings, finds

    def columns(self, context: RecordContext, problems: list[str]) -> dict[str, Any]:
        """With `image_status`, a column of the source's own; a row without a picture keeps the rest."""
        link = self._link(context, problems)
        if link is None:
            return {}
        if isinstance(link, str):
            problems.append(f"image: {link}")
            return {STATUS: "refused"}
        found = self._finds.follow(link)
        if found is None:
            problems.append("image: not fetched")
            return {}
        status, item = found
        if item is None:
            problems.append(f"image: {word_of(status)}")
            return {STATUS: word_of(status)}
        return self._read(item, link, problems)

    def _link(self, context: RecordContext, problems: list[str]) -> Link | str | None:
        settings = self._settings
        assert settings.url is not None
        several: list[str] = []
        address = key_of(settings.mine, context, several)
        problems.extend(f"image: {reason.replace('`by`', '`url`')}" for reason in several)
        if not address:
            problems.append("image: the record names none")
            return None
        return link_of(IMAGE, address[0], picture=settings)

    def _read(self, item: Item, link: Link, problems: list[str]) -> dict[str, Any]:
        try:
            found = picture_columns(item, self._settings.max_bytes)
        except NoPicture as trouble:
            problems.append(f"image: {_TOLD[trouble.reason]}")
            return {STATUS: "too large" if trouble.reason == "image_too_large" else "unreadable"}
        if link.max_side and max(found["width"] or 0, found["height"] or 0) > link.max_side:
            problems.append("image: larger than `max_side`, as its server gave it")
        asked = _ASKED.search(item.url)
        if asked and found["width"] and found["width"] < int(asked[1]):
            problems.append("image: smaller than was asked for")
        return {**found, STATUS: "fetched"}
