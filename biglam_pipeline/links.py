"""What a row points to: its address, and the name by which the raw shelf has what came from there."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

SHELF = "/links/"
"""How the keys of what came from links begin. No file of a harvest is called so: theirs are relative paths."""

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
_LONGEST_ADDRESS = 8000
_LONGEST_NAME = 60

STATUS = {404: "missing", 410: "missing", 401: "restricted", 403: "restricted", 451: "restricted", 413: "too large"}
STATUS |= {503: "unavailable"}
"""What became of a link that gave nothing, by the status under which it is shelved without a byte."""
REFUSED = 400
"""The status under which one is shelved that could not be asked: an address of a private host, a request that its
server does not take."""
UNANSWERED = 503
"""The same of one for which its server had only errors, at visit after visit."""
WORDS = ("fetched", "missing", "restricted", "refused", "too large", "unavailable", "unreadable")
"""What the column `image_status` says. It is empty where a record names no picture."""
STATUS_COLUMN = "image_status"
"""The column that says what became of a picture that a row points to: only of sources whose rows do."""


def word_of(status: int) -> str:
    """What became of a link."""
    return "fetched" if status == 200 else STATUS.get(status, "refused")


@dataclass(frozen=True)
class Link:
    """One address that a row points to, and how it is asked."""

    name: str
    """Its name under `with`; of one that is nested, behind the names around it, with dots."""
    url: str
    picture: bool = False
    """Whether a picture is due; else a file that a reader reads."""
    service: bool = False
    """Whether the address may be that of an IIIF image service, of which a size is chosen."""
    max_side: int = 0
    """Pixels of the longer side that are enough; 0 for all there are."""
    max_bytes: int = 0
    json: bool = False
    """Whether JSON is due."""

    @cached_property
    def key(self) -> str:
        """By which what came is shelved, and found again: by name and address, and by the size that was wished for."""
        digest = hashlib.sha256(f"{self.url}\n{self.max_side or ''}".encode("utf-8", "surrogatepass")).hexdigest()
        return f"{folder_of(self.name)}{digest[:32]}/{_called(self.url)}"


def folder_of(name: str) -> str:
    """How the keys begin of what came under this name of `with`."""
    return f"{SHELF}{name}/"


def is_link(key: str) -> bool:
    """Is it the key of what came from a link?"""
    return key.startswith(SHELF)


def fault_of(url: str) -> str:
    """Why nobody is asked at this address, in a few words; empty where somebody may be."""
    if len(url) > _LONGEST_ADDRESS or _CONTROLS.search(url):
        return "no web address"
    try:
        parts = urlsplit(url)
        named, _ = parts.hostname, parts.port
    except ValueError:
        return "no web address"
    if parts.scheme.lower() not in ("http", "https") or not named:
        return "no web address"
    return "an address with a name or password" if "@" in parts.netloc else ""


def _called(url: str) -> str:
    """What the file is called, as far as its address says it: short, and of letters that every system has."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return _ODD.sub("_", last)[-_LONGEST_NAME:].strip("._") or "link"
