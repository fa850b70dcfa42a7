"""What every access protocol has: addresses, the hosts behind them, and a visit."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import field_validator

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives import survey
from biglam_pipeline.patterns import Patterns, expand, is_ignored
from biglam_pipeline.records import Harvested, RawObject, Survey, Visit
from biglam_pipeline.settings import Accounts, Settings
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer, Web


class Harvester(Settings):
    """The settings of one source's first stage, and the walk that they describe."""

    accounts: ClassVar[Accounts]
    """How a visit shows that it is whole."""
    prefix: ClassVar[str] = ""
    """What the language writes before the address proper: `oai+`, `file:`."""

    type: str
    """The access protocol; known by how the address begins."""
    url: tuple[str, ...]
    """One address or several; {a,b} and {01..43} make several, #PATTERN chooses among what is listed there."""

    @field_validator("url", mode="before")
    @classmethod
    def _read_url(cls, value: Any) -> Any:
        addresses = [value] if isinstance(value, str) else value
        if not isinstance(addresses, list | tuple) or not all(isinstance(address, str) for address in addresses):
            raise ValueError("an address, or a list of addresses, is due here")
        whole = [one for address in addresses for one in expand(address.strip().removeprefix(cls.prefix))]
        if not whole or not all(whole):
            raise ValueError("an address is empty; write where the source is")
        twice = {one for one in whole if whole.count(one) > 1} if len(set(whole)) < len(whole) else set()
        if twice:
            raise ValueError(f"{min(twice)} is named twice; leave one out")
        return tuple(cls.check_address(one) for one in whole)

    @classmethod
    def check_address(cls, address: str) -> str:
        """The address as the protocol wants it; ValueError where it is none of its addresses."""
        return address

    @property
    def ignored(self) -> tuple[str, ...]:
        """Patterns of what is left out on purpose."""
        return ()

    @property
    def name_encoding(self) -> str:
        """Of names in archives that do not say theirs; empty where the entry does not either."""
        return ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that a visit talks to, each once; none for a local folder."""
        return tuple(dict.fromkeys(urlsplit(address).netloc for address in self.url if "://" in address))

    @abstractmethod
    def visit(self, web: Web, visit: Visit, base: Path) -> Iterator[Harvested]:
        """Asks for everything once; what has not changed is Kept, what failed is Missing, the last is Evidence.

        base: the folder of sources.yaml. ServerBusy and SourceChanged end the visit, which can be taken up again.
        """


class OfFiles(Harvester):
    """What protocols have in common that bring files and archives."""

    ignore: Patterns | None = None
    """What is left out on purpose and counted: PATTERN or a list, for what could not be had else, and for noise. A
    member of an archive stands in a folder named like the archive."""
    names: str | None = None
    """The encoding of names in archives, such as cp932 or cp866, where the archive does not say it itself."""

    @field_validator("names")
    @classmethod
    def _known(cls, names: str | None) -> str | None:
        try:
            good = b"a/b.csv".decode(names or "utf-8") == "a/b.csv"  # of no bytes at all, Python decodes any nonsense
        except (LookupError, UnicodeError):
            good = False
        if not good:
            raise ValueError(f"{names!r} is not an encoding of names; write one such as cp932 or cp866")
        return names

    @property
    def ignored(self) -> tuple[str, ...]:
        """The patterns."""
        return self.ignore or ()

    @property
    def name_encoding(self) -> str:
        """The encoding, or nothing."""
        return self.names or ""

    def ignores(self, key: str) -> bool:
        """Is this file, or this folder that could not be opened, left out on purpose?"""
        return is_ignored(self.ignored, key)

    def survey_of(self, archive: Path, key: str) -> Survey:
        """What an archive in scratch space holds. ObjectFailed where it is not whole: then it is gone from there."""
        try:
            return survey(archive, key, self.name_encoding)
        except ObjectFailed:
            disk.remove(archive)
            raise


def object_of(key: str, answer: Answer) -> RawObject:
    """A server's answer as it goes to the shelf: one place for all protocols that ask the web."""
    return RawObject(
        key=key,
        url=answer.url,
        retrieved_at=answer.retrieved_at,
        sha256=answer.sha256,
        size=answer.size,
        content=answer.content,
        path=answer.path,
        final_url=answer.final_url,
        status=answer.status,
        media_type=answer.media_type,
        etag=answer.etag,
        last_modified=answer.last_modified,
    )


def split_pattern(address: str) -> tuple[str, str]:
    """An address and the #PATTERN behind it, or nothing."""
    front, _, pattern = address.partition("#")
    return front, pattern


def require_web_address(address: str) -> str:
    """The address, where it is http(s) with a host; else a ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{address}: is not a web address; write https://host/path")
    if parts.username or parts.password:
        raise ValueError(f"{parts.hostname}: a name or password in an address would end up in logs; leave it out")
    return address


def unique_keys(candidates: Iterable[Sequence[str]]) -> list[str]:
    """For each, the first of its names that no other has at that place; numbered where even the last is shared."""
    names = list(candidates)
    counts = [Counter(places) for places in zip(*names, strict=True)]
    used: Counter[str] = Counter()
    keys = []
    for places in names:
        key = next((name for name, count in zip(places, counts, strict=True) if count[name] == 1), places[-1])
        used[key] += 1
        keys.append(key if used[key] == 1 else f"{key}~{used[key]}")
    return keys
