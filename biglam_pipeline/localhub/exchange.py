"""What does one request ask, and how is it answered or refused?"""

import json
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response


class Refusal(Exception):
    """An answer other than success; `code` drives the class of error that the client raises."""

    def __init__(self, status: int, message: str, code: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.extra = status, message, code, extra

    def response(self) -> Response:
        """The refusal as JSON with the Hub's own error headers."""
        # A header carries no line breaks and only latin-1; the body carries the message as it is.
        plain = " ".join(self.message.split()).encode("ascii", "replace").decode()
        headers = {"X-Error-Message": plain}
        if self.code:
            headers["X-Error-Code"] = self.code
        headers.update(self.extra.pop("headers", {}))
        return JSONResponse({"error": self.message, **self.extra}, self.status, headers)


def no_repository(repo_id: str) -> Refusal:
    """404 that the client raises as RepositoryNotFoundError."""
    return Refusal(404, f"Repository not found: {repo_id}", "RepoNotFound")


def no_revision(revision: str) -> Refusal:
    """404 that the client raises as RevisionNotFoundError."""
    return Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def no_entry(path: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """404 that the client raises as EntryNotFoundError."""
    return Refusal(404, f"Entry not found: {path}", "EntryNotFound", headers=dict(headers or {}))


@dataclass(slots=True)
class Call:
    """One request, read to its end."""

    method: str
    path: str
    base: str  # scheme and host as the client wrote them: the links in an answer start with it
    headers: Mapping[str, str] = field(default_factory=dict)
    query_string: str = ""
    body: bytes = b""
    spooled: Path | None = None  # a body too large for memory, already on the disk
    at: dict[str, str] = field(default_factory=dict)

    @property
    def repo_id(self) -> str:
        """Namespace and name of the repository in the path; a git address ends in `.git`."""
        return f"{self.at['ns']}/{self.at['name'].removesuffix('.git')}"

    def query(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return dict(reversed(urllib.parse.parse_qsl(self.query_string))).get(name, default)

    def asks(self, name: str) -> bool:
        """Whether a query parameter says yes; httpx writes `true`, requests wrote `True`."""
        return self.query(name).lower() in ("1", "true")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        try:
            document = json.loads(self.body or b"{}")
        except ValueError as error:
            raise Refusal(400, f"The body is not JSON: {error}") from error
        if not isinstance(document, dict):
            raise Refusal(400, "The body must be a JSON object")
        return document

    def form(self) -> dict[str, list[str]]:
        """The body as an HTML form (the client's `paths-info` sends one)."""
        return urllib.parse.parse_qs(self.body.decode("utf-8", "replace"))


Answerer = Callable[[Any, Call], Response]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path shape: `{name}` is one part, a last `{*name}` is the rest."""

    method: str
    shape: str
    answer: Answerer
    writes: bool = False
    spools: bool = False

    def match(self, method: str, parts: Sequence[str]) -> dict[str, str] | None:
        """The named parts of the path, or None where it is another endpoint's."""
        if method != self.method and not (method == "HEAD" and self.method == "GET"):
            return None
        shapes = self.shape.strip("/").split("/")
        if shapes[-1].startswith("{*"):
            if len(parts) < len(shapes):
                return None
            parts = [*parts[: len(shapes) - 1], "/".join(parts[len(shapes) - 1 :])]
        if len(parts) != len(shapes):
            return None
        at: dict[str, str] = {}
        for shape, part in zip(shapes, parts, strict=True):
            if shape.startswith("{"):
                at[shape.strip("{*}")] = part
            elif shape != part.removesuffix("/"):
                return None
        return at


def split_path(raw_path: bytes) -> list[str]:
    """The decoded parts of a path. Split before decoding: a revision may hold `%2F`."""
    text = raw_path.split(b"?", 1)[0].decode("ascii", "replace").strip("/")
    return [urllib.parse.unquote(part) for part in text.split("/")]


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and exclusive end of a single `Range: bytes=`; None asks for the whole."""
    if not header or not header.startswith("bytes=") or "," in header:
        return None
    first, _, last = header.removeprefix("bytes=").partition("-")
    try:
        if first:
            start, end = int(first), int(last) + 1 if last else size
        else:
            start, end = max(0, size - int(last)), size
    except ValueError:
        return None
    if start >= size or start >= end:
        raise Refusal(416, "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return start, min(end, size)
