"""What a server answered, and whether that can be what was asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.store import disk
from biglam_pipeline.web.naming import DATA_SUFFIX, asked_for

Expect = Literal["any", "blob", "xml", "json", "text"]
"""blob: as `any`, and a pointer of Git LFS too, for who can follow it."""

POINTER = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
"""How a pointer of Git LFS begins (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md); the second of old."""
HEAD_BYTES = 2048
COUNTING = (
    "X-Total-Count", "X-WP-Total", "Omeka-S-Total-Results", "Omeka-Total-Results", "Total-Results", "X-Total-Results",
    "X-Total", "Total-Count", "X-Pagination-Total-Count", "Content-Range",
)  # fmt: skip
"""Headers in which lists say how many records they have: JSON Server and many more, WordPress, Omeka S and Classic,
Museums Victoria, GitLab, Yii, and PostgREST (`items 0-24/319`, of the shape of RFC 9110, 14.4)."""
"""So much of a body is looked at to tell what it is."""

_PREAMBLE = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)


_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whole and checked. `content` or `path` holds the body; neither does after 304."""

    url: str
    """What was asked, before any rewrite or redirect."""
    final_url: str
    """Where the answer came from."""
    status: int
    """200, 304, or a status that the caller said it can read."""
    media_type: str
    """The Content-Type header with its parameters."""
    etag: str
    last_modified: str
    retrieved_at: datetime
    """UTC."""
    sha256: str
    size: int
    content: bytes | None = None
    path: Path | None = None
    unpacked: bool = False
    """Whether it was packed for the way, or as its server keeps it (Content-Encoding), and is not any more."""
    name: str = ""
    """What the file is called, where the address's path does not say it: see `web.naming`."""
    link: str = ""
    """The Link header (RFC 8288), by which some lists name their next page; of a 304 mostly empty."""
    total: str = ""
    """What a header of COUNTING says of how many records a list has; of a 304 mostly empty."""


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer as they were received and unpacked."""

    head: bytes
    """The first HEAD_BYTES."""
    sha256: str
    size: int
    content: bytes | None
    path: Path | None


def is_page(head: bytes) -> bool:
    """Does it begin like a web page? The Content-Type says little: old OAI servers send XML as text/html."""
    bare = head.removeprefix(b"\xef\xbb\xbf")
    found = _PREAMBLE.match(bare)
    return bool(_PAGE.match(bare, found.end() if found else 0))


def looks_like_xml(head: bytes) -> bool:
    """Does it begin with a tag, and not like a web page?"""
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bare.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")) and not is_page(head)


def explains(head: bytes, expect: Expect) -> bool:
    """Does an error begin like an answer of the kind that was asked for, so that its words can be read?"""
    if expect == "json":
        return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))
    return looks_like_xml(head)


def suffix_of(url: str) -> str:
    """The extension of an address's path, lower case, with its dot; or nothing."""
    return PurePosixPath(unquote(urlsplit(url).path)).suffix.casefold()


def check_kind(url: str, body: Body, expect: Expect) -> None:
    """ObjectFailed where a wall, a pointer or an error page stands in for the data."""
    if expect != "blob" and body.head.startswith(POINTER):
        raise ObjectFailed(
            "lfs_pointer",
            f"{url}: came as a Git LFS pointer of {body.size} bytes, not as the file; "
            "write the address of the file itself (on GitHub: media.githubusercontent.com/media/...)",
        )
    suffix = PurePosixPath(asked_for(url)).suffix.casefold()
    data_was_due = expect in ("xml", "json") or (expect in ("any", "blob") and DATA_SUFFIX.fullmatch(suffix))
    if data_was_due and (is_page(body.head) or (expect == "json" and looks_like_xml(body.head))):
        raise _wall(url, body.head, f"{'data' if expect == 'any' else expect.upper()} was due")


def check_no_wall(url: str, media_type: str, body: Body, before: str) -> None:
    """The same of an address that does not say what is due there: what came before does. before: its media type."""
    was, now = (kind.partition(";")[0].strip().casefold() for kind in (before, media_type))
    if was and was not in _PAGES and now in _PAGES and is_page(body.head):
        if body.path is not None:
            disk.remove(body.path)
        raise _wall(url, body.head, f"{was} came before")


def _wall(url: str, head: bytes, due: str) -> ObjectFailed:
    return ObjectFailed(
        "wall",
        f"{url}: a web page came where {due} ({_title(head)}); open the address in a browser: a log-in, a consent "
        "page, a robot check, or the file has moved",
    )


def _title(head: bytes) -> str:
    found = re.search(rb"<title[^>]*>(.*?)<", head, re.IGNORECASE | re.DOTALL)
    words = " ".join(found[1].decode("utf-8", "replace").split()) if found else ""
    return f'its title is "{words[:80]}"' if words else "it has no title"


def header(headers: Mapping[str, str], name: str, longest: int = 1000) -> str:
    """A header's value, or nothing; what is longer than any server needs is not kept."""
    value = headers.get(name, "").strip()
    return value if len(value) <= longest else ""
