"""A record of fields, each with a tag that may come again: MARC and PICA+."""

from collections.abc import Iterator
from functools import cached_property
from typing import Generic, Protocol, TypeVar


class HasTag(Protocol):
    """A field."""

    @property
    def tag(self) -> str:
        """What it is."""


F = TypeVar("F", bound=HasTag)


class Tagged(Generic[F]):
    """What a record is asked."""

    fields: tuple[F, ...]

    def of(self, *tags: str) -> Iterator[F]:
        """The fields of these tags, in their order in the record."""
        if len(tags) == 1:
            return iter(self._by_tag.get(tags[0], ()))
        return (field for field in self.fields if field.tag in tags)

    @cached_property
    def _by_tag(self) -> dict[str, list[F]]:
        found: dict[str, list[F]] = {}
        for field in self.fields:
            found.setdefault(field.tag, []).append(field)
        return found
