"""A file over HTTP as a good server gives it: validators, conditional requests, HEAD, and parts of it.

https://www.rfc-editor.org/rfc/rfc9110
"""

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a path leads to."""

    content: bytes
    media_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        """A strong validator: it follows from the bytes."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    @property
    def last_modified(self) -> str:
        """The date of the last change, in the form of HTTP."""
        return format_datetime(self.modified.astimezone(UTC), usegmt=True)


def answer_file(request: Request, file: StoredFile) -> Response:
    """The whole, a part, or the news that nothing has changed."""
    headers = {"ETag": file.etag, "Last-Modified": file.last_modified, "Accept-Ranges": "bytes"}
    if _unchanged(request, file):
        return Response(status_code=304, headers=headers)
    status, content = 200, file.content
    span = _span(request, file)
    if span is not None:
        start, stop = span
        if start >= stop:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        status, content = 206, content[start:stop]
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(content))
        content = b""
    return Response(content, status, headers, file.media_type)


def _unchanged(request: Request, file: StoredFile) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:  # where both are sent, the date does not count: RFC 9110, 13.1.3
        offered = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(offered & {file.etag, "*"})
    since = _date(request.headers.get("if-modified-since"))
    return since is not None and file.modified.replace(microsecond=0) <= since


def _date(text: str | None) -> datetime | None:
    try:
        stated = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def _span(request: Request, file: StoredFile) -> tuple[int, int] | None:
    """From where to where, or None for the whole: no range, one of another version, several, or nonsense."""
    asked = _ONE_RANGE.fullmatch(request.headers.get("range", "").strip())
    condition = request.headers.get("if-range")
    if asked is None or not any(asked.groups()) or condition not in {None, file.etag, file.last_modified}:
        return None
    length = len(file.content)
    first, last = asked.groups()
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(int(last) + 1, length) if last else length


def listing(title: str, links: list[tuple[str, str]], notes: str = "") -> HTMLResponse:
    """A plain page of links; `notes` is HTML."""
    items = "".join(f'<li><a href="{html.escape(link)}">{html.escape(label)}</a></li>\n' for link, label in links)
    return HTMLResponse(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>\n'
        f"<body><h1>{html.escape(title)}</h1>\n{notes}<ul>\n{items}</ul></body></html>\n"
    )
