"""Asks the process that reads PDF, and outlives it: what crashes, hangs or fills the memory is that process alone."""

import atexit
import contextlib
import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.parsing.inflate import Unreadable

MAX_PDF_BYTES = 512 * 2**20
MAX_PAGES = 50_000
_WAIT_SECONDS = 60.0
"""A page of the densest newspaper takes a second."""
_MAX_DEATHS = 5
"""So many pages of one document may end the process, before the rest of it is not read."""
_MAX_LINE_BYTES = 64 * 2**20
_BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from biglam_pipeline.parsing.pdf import child as c; "
_BEGIN += "c.main()"


@dataclass(frozen=True, slots=True)
class PageText:
    """A page, or why it could not be read."""

    number: int
    """From 1."""
    label: str = ""
    lines: tuple[tuple[str, float | None], ...] = ()
    """Each with the height of its first letter, in points from below."""
    seen: int = 0
    hidden: int = 0
    fonts: tuple[str, ...] = ()
    covered: bool = False
    refused: str = ""
    detail: str = ""


class Ended(Exception):
    """The process ended, or was ended since nothing came from it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class _Process:
    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own words, no shell
            [sys.executable, "-P", "-c", _BEGIN, json.dumps([str(folder) for folder in sys.path])],
            stdin=subprocess.PIPE,  # ends with this process, whatever ends it: then the other ends too
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,
            bufsize=0,
        )
        self._left = b""

    def ask(self, data: bytes, ask: str, first: int = 0) -> Iterator[dict[str, Any]]:
        """What it tells, up to its end. Ended where it tells nothing more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"ask": ask, "first": first, "size": len(data)}).encode() + b"\n")
            view = memoryview(data)
            while view:
                view = view[self._process.stdin.write(view) :]
        except (BrokenPipeError, ConnectionError) as cause:
            raise self._ended() from cause
        while not (told := json.loads(self._line())).get("end"):
            yield told

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        pieces = [self._left]
        size = len(self._left)
        while b"\n" not in pieces[-1]:
            if not select.select([self._process.stdout], [], [], _WAIT_SECONDS)[0]:
                self.end()
                raise Ended("pdf_slow", f"nothing came of it for {_WAIT_SECONDS:g} s; have a person look at it")
            pieces.append(self._process.stdout.read(1 << 20))
            size += len(pieces[-1])
            if not pieces[-1] or size > _MAX_LINE_BYTES:
                raise self._ended()
        line, _, self._left = b"".join(pieces).partition(b"\n")
        return line

    def _ended(self) -> Ended:
        self.end()
        code = self._process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return Ended("pdf_crash", f"the process that read it ended ({how}); have a person look at it")

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


_idle: list[_Process] = []
"""Processes that wait for the next document: to start one costs as much as to read fifty pages."""


@atexit.register
def end_idle() -> None:
    """Ends those that wait."""
    while _idle:
        _idle.pop().end()


def _asked(data: bytes, ask: str, first: int = 0) -> Iterator[dict[str, Any]]:
    try:
        process = _idle.pop()
    except IndexError:
        process = _Process()
    is_done = False
    try:
        yield from process.ask(data, ask, first)
        is_done = True
    finally:
        if is_done:
            _idle.append(process)
        else:
            process.end()


def about(data: bytes) -> dict[str, Any]:
    """See `describing.describe`. Of what cannot be told `trouble` says why."""
    try:
        [told] = _asked(data, "about")
    except Ended as why:
        told = {"detail": why.detail}
    nothing: dict[str, Any] = {"pages": None, "info": {}, "xmp": "", "repairs": 0, "form": False}
    return told if "info" in told else {**nothing, "trouble": told.get("detail", "nothing was told")}


def pages_of(data: bytes) -> Iterator[PageText]:
    """Page after page. Unreadable where the document is not read, before the first of them."""
    first, deaths, count = 0, 0, None
    while True:
        try:
            for told in _asked(data, "pages", first):
                if "pages" in told:
                    count = _checked(told["pages"])
                elif "page" not in told:
                    raise Unreadable(told["refused"], told["detail"])
                else:
                    first = told["page"] + 1
                    yield _page(told)
            return
        except Ended as why:
            deaths += 1
            if count is None:
                raise Unreadable(why.reason, why.detail) from why
            yield PageText(first + 1, refused=why.reason, detail=why.detail)
            first += 1
            if first >= count:
                return
            if deaths >= _MAX_DEATHS:
                said = f"{deaths} pages before it ended the process that reads it; have a person look at the file"
                yield from (
                    PageText(number, refused="pdf_given_up", detail=said) for number in range(first + 1, count + 1)
                )
                return


def _checked(count: int) -> int:
    if count > MAX_PAGES:
        raise Unreadable("pdf_pages", f"it says that it has {count} pages, more than {MAX_PAGES}; split it")
    if count < 1:
        raise Unreadable("pdf_empty", "it has no page; leave it out with `files`")
    return count


def _page(told: dict[str, Any]) -> PageText:
    number = told.pop("page") + 1
    if "lines" in told:
        told["lines"] = tuple((line, height) for line, height in told["lines"])
        told["fonts"] = tuple(told["fonts"])
    return PageText(number, **told)
