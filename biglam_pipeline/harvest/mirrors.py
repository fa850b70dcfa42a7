"""Where else the same file is had, where its own server does not have it: the record keeps its own address."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from biglam_pipeline.errors import HostGone, ObjectFailed, ServerBusy
from biglam_pipeline.harvest.harvester import UNASKED, OnTheWeb, require_web_address
from biglam_pipeline.records import StoredObject
from biglam_pipeline.secrecy import secret_fault, secrets_in
from biglam_pipeline.settings import Texts
from biglam_pipeline.web import Answer

_FROM = "from "
"""How an ETag begins that a mirror gave: no server's own does (RFC 9110, 8.8.3: it is in quotes)."""
_FORM = "write {https://a.org/: https://b.org/}, how the address begins and how it begins there"


class Mirrored(OnTheWeb):
    """What protocols have in common that bring files which lie elsewhere too."""

    mirrors: Annotated[dict[str, Texts], UNASKED] = Field(default_factory=dict)
    """{PREFIX: PREFIX}, or a list of them: where else the same files are, tried in this order where one cannot be had
    at its own address (404, 5xx, a cut or damaged transfer, no such host; a refusal, 403, is none of them). A mirror is
    sent no headers; the record keeps its own address, and `final_url` says where it came from."""

    @field_validator("mirrors", mode="before")
    @classmethod
    def _by_beginning(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"it is said by how addresses begin; {_FORM}")
        return value

    @field_validator("mirrors")
    @classmethod
    def _of_the_addresses(cls, mirrors: dict[str, tuple[str, ...]], info: ValidationInfo) -> dict[str, tuple[str, ...]]:
        for old, places in mirrors.items():
            if not places:
                raise ValueError(f"{old}: names no other place; {_FORM}")
            for address in (old, *places):
                if not (address == old and old.startswith("ftp://")):  # many FTP servers are given up for https
                    require_web_address(address)
                if names := secrets_in(address):
                    raise ValueError(secret_fault(names, asked=False))
                if "#" in address or "{" in address:
                    raise ValueError(f"{address}: is only how addresses begin; leave {{…}} and #… out")
        urls = info.data.get("url", ())
        for old in mirrors:
            if urls and all("://" in one and "#" not in one and _rest(one, old) is None for one in urls):
                raise ValueError(f"{old}: no address of the entry begins so; {urls[0]} is one of them")
        return mirrors

    @property
    def beside(self) -> tuple[str, ...]:
        """See Harvester."""
        return tuple(place for places in self.mirrors.values() for place in places)

    def elsewhere(self, url: str) -> tuple[str, ...]:
        """Where else an address is tried, in order: the longest beginning that fits says it."""
        for old in sorted(self.mirrors, key=len, reverse=True):
            if (rest := _rest(url, old)) is not None:
                return tuple(place + rest for place in self.mirrors[old])
        return ()


def _rest(url: str, begin: str) -> str | None:
    """What follows the beginning, which ends where a name in the address does; None where it begins otherwise."""
    rest = url.removeprefix(begin)
    whole = url.startswith(begin) and (not rest or begin.endswith("/") or rest[0] in "/?")
    return rest if whole else None


def validators_at(before: StoredObject | None, mirror: str) -> tuple[str, str]:
    """ETag and Last-Modified that a server itself gave, and no other: their words mean nothing to each other.

    mirror: its address of the file, or nothing for the file's own.
    """
    if before is None or before.etag.startswith(_FROM) != bool(mirror):
        return "", ""
    if not mirror:
        return before.etag, before.last_modified
    given = before.etag.removeprefix(_FROM)
    return (given.partition(" ")[2], before.last_modified) if given.partition(" ")[0] == mirror else ("", "")


def from_first(
    url: str,
    mirrors: Sequence[str],
    ask: Callable[[str, str], Answer],
    shown: Callable[[str], str],
    gone: set[str],
    before: StoredObject | None = None,
) -> Answer:
    """The answer of the first of them that has the file; what the file's own server said, where none has.

    ask: an address, and that of the mirror or nothing. gone: hosts that did not answer before, which come last; those
    that do not answer now are put in. before: what the shelf has: a mirror that lags behind it undoes no correction.
    What a mirror said of the file is marked as its word.
    """
    trouble: ObjectFailed | ServerBusy | HostGone | None = None
    for place in sorted((url, *mirrors), key=lambda one: urlsplit(one).netloc in gone):
        mirror = shown(place) if place != url else ""
        try:
            answer = ask(place, mirror)
            if mirror and before is not None and _is_older(answer, before):
                raise ObjectFailed("changed", f"{mirror}: has it as of {answer.last_modified}, older than the shelf")
        except (ObjectFailed, ServerBusy, HostGone) as error:
            trouble = error if trouble is None or place == url else trouble
            if mirrors and not isinstance(error, ObjectFailed):
                gone.add(urlsplit(place).netloc)
            continue
        return replace(answer, etag=f"{_FROM}{mirror} {answer.etag}".strip()) if mirror else answer
    assert trouble is not None
    if mirrors and isinstance(trouble, ObjectFailed):
        raise ObjectFailed(trouble.reason, f"{trouble.detail} (nor had {', '.join(map(shown, mirrors))} it)")
    raise trouble


def is_of_a_mirror(answer: Answer) -> bool:
    """Did it come from elsewhere, as `from_first` marks it?"""
    return answer.etag.startswith(_FROM)


def _is_older(answer: Answer, before: StoredObject) -> bool:
    """Are these other bytes, and written before those that the shelf has? Where a date is missing, nobody knows."""
    if answer.status == 304 or answer.sha256 == before.sha256:
        return False
    try:
        return parsedate_to_datetime(answer.last_modified) < parsedate_to_datetime(before.last_modified)
    except (TypeError, ValueError):
        return False
