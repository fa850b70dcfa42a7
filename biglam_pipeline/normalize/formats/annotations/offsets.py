"""How did a tool count the places in a text? Held against what it says stands there, and counted in characters."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from biglam_pipeline.records import Reject

_PIECE = re.compile(r"\r*\n|\r|[^\r\n]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""What no row holds: a blank stands in the place of each, so that nothing moves."""

_WAYS: Sequence[tuple[str, Callable[[str], int]]] = (
    ("characters", len),
    ("characters, with one for a line end", lambda piece: 1),
    ("UTF-16 units", lambda piece: len(piece.encode("utf-16-le", "surrogatepass")) // 2),
    ("bytes of UTF-8", lambda piece: len(piece.encode("utf-8", "surrogatepass"))),
)
"""brat counts code points of the file as it is (Python); editors normalise line ends; JavaScript and Java count UTF-16;
C counts bytes."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One span as the file has it."""

    line: int
    id: str
    label: str
    fragments: list[tuple[int, int]]
    text: str


def placed(
    raw: str, passages: Sequence[Passage], *, marked: bool
) -> tuple[str, list[dict[str, Any]] | Reject, list[str]]:
    """The text as a row has it, the spans with places in it, and what was counted otherwise or differs.

    marked: whether a byte order mark stood before it. A Reject where a span ends behind the text, or where most are
    somewhere else, however they were counted.
    """
    plain = _CONTROLS.sub(" ", re.sub(r"\r*\n|\r", "\n", raw))
    best: tuple[tuple[int, int], str, list[list[tuple[int, int]] | None]] | None = None
    for way, places in _counted(raw, marked=marked):
        found = [_through(places, one.fragments, len(plain)) for one in passages]
        pairs = [*zip(found, passages, strict=True)]
        fit = (sum(_fits(plain, *pair) for pair in pairs), sum(_equal(plain, *pair) for pair in pairs))
        if best is None or fit > best[0]:
            best = (fit, way, found)
        if fit[1] == len(passages):
            break  # a span that only begins so may end too late: behind an astral character, for one
    assert best is not None
    (fits, _), way, found = best
    if fits * 2 < len(passages):
        said = f"of {len(passages)} spans {fits} are what the text has in their places, however these are counted"
        return plain, Reject("spans_misplaced", f"{said}; this is another version of the text", "", ""), []
    spans = list[dict[str, Any]]()
    for here, one in zip(found, passages, strict=True):
        if here is None:
            said = f"{one.id} has places that are not in the text"
            return plain, Reject("span_outside", f"line {one.line}: {said}", "", f"line {one.line}"), []
        spans.append(_span(one, here))
    problems = [] if way == "characters" else [f"spans: counted in {way}"]
    if any(not _equal(plain, here, one) for here, one in zip(found, passages, strict=True) if here):
        problems.append("spans: a text that is not all that stands in its place")
    if _CONTROLS.search(raw):
        problems.append("text: blanks for control characters")
    return plain, spans, problems


def _span(one: Passage, here: list[tuple[int, int]]) -> dict[str, Any]:
    fragments = [{"start": start, "end": end} for start, end in here]
    start, end = min(here)[0], max(end for _, end in here)
    return {"id": one.id, "label": one.label, "start": start, "end": end, "text": one.text, "fragments": fragments}


def _counted(raw: str, *, marked: bool) -> Iterator[tuple[str, Sequence[int] | None]]:
    """Each way to count, and how far it has come before each character; None where that is the same."""
    if "\r" not in raw:
        yield "characters", None
    pieces = _PIECE.findall(raw)
    for way, width in _WAYS:
        for before in (0, width("\ufeff")) if marked else (0,):
            if before or "\r" in raw or way != "characters":
                yield way, [*accumulate(map(width, pieces), initial=before)]


def _through(
    places: Sequence[int] | None, fragments: Sequence[tuple[int, int]], size: int
) -> list[tuple[int, int]] | None:
    """The fragments in characters; None where one is not in the text, or begins inside of a character."""
    if places is None:
        return [*fragments] if all(start < end <= size for start, end in fragments) else None
    found = [(bisect_left(places, start), bisect_left(places, end)) for start, end in fragments]
    there = all(
        start < end <= size and places[start] == first and places[end] == last
        for (start, end), (first, last) in zip(found, fragments, strict=True)
    )
    return found if there else None


def _passage(text: str, here: Sequence[tuple[int, int]]) -> str:
    """What stands there as brat writes it: fragments and lines with a blank between them."""
    return " ".join(" ".join(text[start:end] for start, end in here).split())


def _equal(text: str, here: Sequence[tuple[int, int]] | None, one: Passage) -> bool:
    return here is not None and _passage(text, here) == " ".join(_CONTROLS.sub(" ", one.text).split())


def _fits(text: str, here: Sequence[tuple[int, int]] | None, one: Passage) -> bool:
    """Whether it is, or begins with, what the file says: some tools write the first line of a span only."""
    said = " ".join(_CONTROLS.sub(" ", one.text).split())
    return here is not None and bool(said) and _passage(text, here).startswith(said)
