"""The contract of an access protocol: what it declares of itself, the addresses of an entry, and its visit."""

import hashlib
import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from biglam_pipeline.environment import is_loopback
from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.leave import Leave
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.archives import survey
from biglam_pipeline.patterns import Patterns, expand, is_ignored
from biglam_pipeline.records import Harvested, Survey
from biglam_pipeline.secrecy import secret_fault, secrets_in, without_secrets
from biglam_pipeline.settings import Accounts, Settings, Texts, written
from biglam_pipeline.store import disk

UNASKED = "does not change what is asked"
"""Marks a key, as in `Annotated[int, UNASKED]`: whatever it says, an address is asked for the same in the same way, so
that what came from it stays good. A key without the mark counts as one that changes it."""


class Harvester(Settings):
    """The settings of one source's first stage, and the walk that they describe."""

    accounts: ClassVar[Accounts]
    """How a visit shows that it is whole."""
    prefix: ClassVar[str] = ""
    """What the language writes before the address proper: `oai+`, `file:`. Behind one that has no colon comes the
    address of a web server."""
    addresses: ClassVar[Mapping[str, str]]
    """For the documentation: how its addresses are written -> what is harvested there."""
    notes: ClassVar[str] = ""
    """For the documentation, in Markdown: what people have to know of it beside its keys."""

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
    def secret_headers(self) -> Mapping[str, str]:
        """Headers that its hosts want, name -> environment variable that holds the value."""
        return {}

    @property
    def public_names(self) -> tuple[str, ...]:
        """Names of parameters that look like secrets and are none."""
        return ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The addresses as everybody may read them."""
        return tuple(without_secrets(address, self.public_names) for address in self.url)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Patterns of what is left out on purpose."""
        return ()

    @property
    def name_encoding(self) -> str:
        """Of names in archives that do not say theirs; empty where the entry does not either."""
        return ""

    @classmethod
    def claims(cls, address: str) -> bool:
        """Is it one of its addresses, though it begins like those of another protocol? `file:list.txt#*` is a list of
        web addresses.
        """
        return False

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """How an address begins that is harvested by it."""
        return (cls.prefix,) if ":" in cls.prefix else (f"{cls.prefix}https://", f"{cls.prefix}http://")

    @classmethod
    def meant_by(cls, address: str) -> str:
        """What to write instead of the address of a page, as a browser shows it, about something that is harvested by
        this protocol; empty where it is no such page.
        """
        return ""

    @property
    def leave(self) -> Leave | None:
        """A person's word that its hosts' robots.txt does not speak of what is asked for here."""
        return None

    def asked_format(self, address: str) -> str:
        """By which name a server is asked for the format of what it sends; empty where the protocol knows none.

        A reader says of itself which of them it reads: `Reader.metadata_prefixes`.
        """
        return ""

    def edited_at(self, base: Path) -> float:
        """Seconds since 1970 at which a list of addresses on this machine was last written; 0 where there is none."""
        return 0.0

    def offers(self, base: Path) -> "Offered | None":
        """What a visit would find, without asking anybody; None where that cannot be known.

        base: the folder of sources.yaml.
        """
        return None

    @property
    def lays_over(self) -> bool:
        """Whether a visit may bring what has changed alone, record by record, without a header that names each: then a
        record that `where` does not choose any more has to be named by its reader.
        """
        return False

    @property
    def begins_at(self) -> tuple[str, ...]:
        """The addresses on the web with which a visit begins; where the entry's own are none, as `zenodo:` is, those of
        the host behind them. Its headers go there, and nowhere else.
        """
        return self.url

    @property
    def beside(self) -> tuple[str, ...]:
        """Further addresses that a person wrote, and whose hosts are sent no headers."""
        return ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that a visit talks to, each once; none for a local folder."""
        addresses = (*self.begins_at, *self.beside)
        return tuple(dict.fromkeys(urlsplit(address).netloc for address in addresses if "://" in address))

    @property
    def feeds(self) -> frozenset[str]:
        """Repositories of the Hub, `owner/name` in small letters, that are read as they stand from night to night."""
        return frozenset()

    @property
    def origins(self) -> tuple[str, ...]:
        """Names of the entries whose rows it reads."""
        return ()

    @property
    def manner(self) -> str:
        """Digest of how any address is asked: what is written but the addresses, and the keys that are UNASKED.

        Where it is the same, validators and cursors of an address hold on, whatever other addresses come or go.
        """
        unasked = {name for name, info in type(self).model_fields.items() if UNASKED in info.metadata}
        asked = json.loads(written(self, {"url", *unasked}))
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]

    @abstractmethod
    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """Asks for everything once; what has not changed is Unchanged, what failed is Missing, the last is Evidence.

        visit: the doors that it may use, and what the shelf has already. ServerBusy and SourceChanged end the visit,
        which can be taken up again.
        """


@dataclass(frozen=True, slots=True)
class Offered:
    """What lies ready on this machine for a visit."""

    files: Mapping[str, Path] = field(default_factory=dict)
    """By key; nothing of them was read."""
    faults: Sequence[str] = ()
    """What could not be had: cause and remedy."""


_A_LIST = re.compile(r"\.(?:txt|lst|list|urls?|html?)#.", re.IGNORECASE)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, 5.6.2."""
_OURS = re.compile(
    r"host|user-agent|from|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|accept-encoding"
    r"|range|if-.*|proxy-.*",
    re.IGNORECASE,
)
"""Headers that say who asks and how: the pipeline's own."""
_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_NOT_THEIRS = re.compile(r"(BIGLAM|DAGSTER|HF|HUGGING_?FACE|AWS)_", re.IGNORECASE)
"""Variables that open the Hub, Dagster or the shelves: no source is sent them."""


class OnTheWeb(Harvester):
    """What protocols have in common that ask hosts of the web."""

    headers: dict[str, str] = Field(default_factory=dict)
    """{NAME: env:NAME}: a key or password that the source's own hosts want, as a header; the value stands in the
    environment, and nowhere else. It goes to no other host, and never over http."""
    public: Annotated[Texts, UNASKED] = ()
    """Names in addresses that look like secrets (key, token) and are none."""
    robots: Annotated[Leave | None, UNASKED] = None
    """{overrule: WHY, evidence: PAGE, checked: DATE, by: WHO}: the source's own hosts are asked though their robots.txt
    keeps programs away, which they mean for crawlers of their pages. Crawl-delay, limits, refusals and what is said of
    use for AI hold all the same; what names us by name is not overruled."""

    @field_validator("headers")
    @classmethod
    def _by_name_only(cls, headers: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for name in headers:
            if not _HEADER.fullmatch(name):
                said = re.split(r"[:=\s]", name.strip(), maxsplit=1)[0]  # the value may stand behind it
                raise ValueError(f"`{said}…` is not the name of a header; write {{X-Api-Key: env:NAME}}")
            if _OURS.fullmatch(name):
                raise ValueError(f"{name}: is the pipeline's own to say; leave it out")
        return check_secrets("headers", headers, info)

    @property
    def secret_headers(self) -> Mapping[str, str]:
        """Header -> variable."""
        return {name: value.removeprefix("env:") for name, value in self.headers.items()}

    @property
    def leave(self) -> Leave | None:
        """As the entry has it."""
        return self.robots

    @property
    def public_names(self) -> tuple[str, ...]:
        """The names."""
        return self.public

    @model_validator(mode="after")
    def _no_secret(self) -> Self:
        for address in self.url:
            if names := secrets_in(address, self.public):
                raise ValueError(secret_fault(names))
        return self


class OfFiles(Harvester):
    """What protocols have in common that bring files and archives."""

    ignore: Annotated[Patterns | None, UNASKED] = None
    """What is left out on purpose and counted: PATTERN or a list, for what could not be had else, and for noise. A
    member of an archive stands in a folder named like the archive."""
    names: Annotated[str | None, UNASKED] = None
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


def check_secrets(key: str, named: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    """What a key of the entry sends, by name; ValueError where a value is no `env:NAME`, or would go over http."""
    for name, value in named.items():
        found = _VARIABLE.fullmatch(value)
        if not found:  # whatever it is, it is not shown
            raise ValueError(f"{name}: write env:NAME, the environment variable that holds it, and never the value")
        if _NOT_THEIRS.match(found[1]):
            raise ValueError(f"{name}: {found[1]} is the pipeline's own; put the key into another variable")
    plain = [url for url in info.data.get("url", ()) if url.startswith("http://") and not is_loopback(url)]
    if named and plain:
        raise ValueError(f"{key} hold a secret, and {plain[0]} would send it for all to read; write https://")
    return named


def split_pattern(address: str) -> tuple[str, str]:
    """An address and the #PATTERN behind it, or nothing."""
    front, _, pattern = address.partition("#")
    return front, pattern


def local_path(written: str) -> str:
    """The path of a `file:` address, given without its prefix; ValueError where it names a host."""
    if not written.startswith("//"):
        return written
    host, slash, rest = written[2:].partition("/")
    if host not in ("", "localhost") or not slash:
        beside = f"{host}{slash}{rest}"
        raise ValueError(
            f"file:{written} names {host} as a host; a folder beside the sources file is file:{beside}, one of "
            f"this machine file:/{beside}; of another machine, mount it, and write file:/the/folder"
        )
    return "/" + unquote(rest)


def is_list(written: str) -> bool:
    """Does a `file:` address, without its prefix, choose among the addresses that a list names, and not in a folder?"""
    return bool(_A_LIST.search(written))


def require_web_address(address: str) -> str:
    """The address, where it is http(s) with a host; else a ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{address}: is not a web address; write https://host/path")
    return address
