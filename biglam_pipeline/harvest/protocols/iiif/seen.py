"""What was seen of one collection so far: its pages must not lead back, and its total must agree."""

from dataclasses import dataclass, field

from biglam_pipeline.errors import ObjectFailed

_EMPTY_PAGES = 10
"""In a row that name nothing new: a cursor that is made up."""


@dataclass(slots=True)
class Seen:
    """What the pages of one collection had so far."""

    direct: int = 0
    distinct: set[str] = field(default_factory=set)
    _pages: set[str] = field(default_factory=set)
    _empty: int = 0

    def turn(self, url: str, *, empty: bool) -> None:
        """A page is read. ObjectFailed where too many have brought nothing new."""
        self._pages.add(url)
        self._empty = self._empty + 1 if empty else 0
        if self._empty > _EMPTY_PAGES:
            raise ObjectFailed("loop", f"{url}: {_EMPTY_PAGES} pages before it name nothing new; tell the custodian")

    def follow(self, url: str) -> None:
        """Another page comes. ObjectFailed where it was there already."""
        if url in self._pages:
            raise ObjectFailed("loop", f"{url}: the pages of this collection lead back to it; tell the custodian")

    def disagrees(self, where: str, total: int, leaves: int) -> ObjectFailed:
        """total: as the server says; leaves: manifests in it and in collections in it."""
        said = f"{where}: its total says {total}, and it names {self.direct} members and {leaves} manifests"
        reason = "truncated" if total > self.direct else "total"
        return ObjectFailed(reason, f"{said}; run again: it may have changed meanwhile. Else tell the custodian")


def bare(address: str) -> str:
    """What is the same of http:// and https://."""
    return address.partition("://")[2] or address


def is_plain(address: str) -> bool:
    """No control characters, and no way back: it is the name of an object."""
    return address.isprintable() and ".." not in address.partition("?")[0].split("/")
