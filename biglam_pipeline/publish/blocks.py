"""The marked blocks of a card: what is generated stands between two comments, and everything outside is people's.

An HTML comment on a line of its own is no text to Markdown (CommonMark 0.31, 4.6, kind 2), so a reader does not see it.
The first mark carries a digest of what stands between the two: an edit there is known without anything else.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

BLOCKS = (
    "opening",
    "glance",
    "use",
    "originals",
    "fields",
    "origin",
    "history",
    "left_out",
    "rights",
    "ai_use",
    "considerations",
    "requests",
)
"""Every block that a card may have. A mark of another name is somebody's text."""

_MARK = re.compile(rf"<!--[ \t]*biglam:(begin|end)[ \t]+({'|'.join(BLOCKS)})(?:[ \t]+([0-9a-f]{{12}}))?[ \t]*-->")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
"""The opening of a fenced code block: CommonMark 0.31, 4.5."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A card as the program alone would write it."""

    fields: dict[str, Any]
    """Of its YAML header."""
    blocks: dict[str, str]
    """Name -> Markdown, in their order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a card's body: a block, or people's text where `block` is empty."""

    block: str
    text: str
    edited: bool = False
    """Of a block: its text is not what its mark says was put there."""


@dataclass(frozen=True, slots=True)
class Body:
    """A card's body as it was read."""

    pieces: tuple[Piece, ...]
    damaged: tuple[str, ...] = ()
    """Marks that stand alone, in words."""
    marked: bool = True
    """False where it has no mark at all."""

    @property
    def people(self) -> tuple[str, ...]:
        """What people wrote, piece by piece, without blank lines around it."""
        return tuple(piece.text for piece in self.pieces if not piece.block and piece.text)


def write_body(pieces: Sequence[Piece]) -> str:
    """The body, with a blank line between all that it is made of."""
    return "\n\n".join(_marked(piece) if piece.block else piece.text for piece in pieces) + "\n"


def _marked(piece: Piece) -> str:
    inside = f"\n{piece.text}\n" if piece.text else ""
    begin = f"<!-- biglam:begin {piece.block}" + (f" {digest_of(piece.text)}" if piece.text else "")
    return f"{begin} -->\n{inside}\n<!-- biglam:end {piece.block} -->"


def digest_of(text: str) -> str:
    """Twelve letters of what a block says; blanks at the ends of lines and blank lines around it do not count."""
    return hashlib.sha256(_bare(text).encode()).hexdigest()[:12]


def _bare(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n")).strip("\n")


def same(one: str, other: str) -> bool:
    """Whether two texts are one but for blanks at the ends of lines, and blank lines around them."""
    return _bare(one) == _bare(other)


# --- reading ---


@dataclass(frozen=True, slots=True)
class _Mark:
    begins: bool
    name: str
    digest: str


def read_body(text: str, ours: Mapping[str, str] | None = None) -> Body:
    """text: with `\\n` alone. ours: paragraph (as `paragraphs_of` keys it) -> the block in which the program wrote it.

    A mark that lost its other half, or stands twice, marks nothing: of the text beside it, those paragraphs are left
    out that the program wrote, and everything else is people's.
    """
    tokens = list(_tokens(text))
    blocks = _whole_blocks(tokens)
    ends = dict(blocks.values())
    alone = {at for at, token in enumerate(tokens) if isinstance(token, _Mark)} - ends.keys() - set(ends.values())
    marked = any(isinstance(token, _Mark) for token in tokens)
    pieces: list[Piece] = []
    last = -1
    for at, token in enumerate(tokens):
        if at <= last or (isinstance(token, _Mark) and at not in ends):
            continue
        if isinstance(token, _Mark):
            last = ends[at]
            inner = "".join(one for one in tokens[at + 1 : last] if isinstance(one, str))
            pieces.append(Piece(token.name, _bare(inner), edited=_edited(token, inner)))
        else:
            known = ours or {}
            if marked and not {at - 1, at + 1} & alone:  # between two whole blocks, one may stand that lost both marks
                known = {key: name for key, name in known.items() if name not in blocks}
            pieces += _sifted(token, known, {*blocks, *(piece.block for piece in pieces)})
    reported = tuple(f"{'begin' if one.begins else 'end'} {one.name}" for one in _marks(tokens, alone))
    return Body(tuple(piece for piece in pieces if piece.block or piece.text.strip()), reported, marked)


def _edited(mark: _Mark, inner: str) -> bool:
    if not mark.digest:
        return bool(inner.strip())
    return digest_of(inner) != mark.digest


def _marks(tokens: Sequence[str | _Mark], places: Collection[int]) -> Iterator[_Mark]:
    for at in sorted(places):
        token = tokens[at]
        if isinstance(token, _Mark):
            yield token


def _whole_blocks(tokens: Sequence[str | _Mark]) -> dict[str, tuple[int, int]]:
    """Places of begin and end of each block; where one stands twice, that which still says what was put there."""
    found: dict[str, tuple[int, int, bool]] = {}
    for at, token in enumerate(tokens):
        if not isinstance(token, _Mark) or not token.begins:
            continue
        end = at + 2 if at + 1 < len(tokens) and isinstance(tokens[at + 1], str) else at + 1
        other = tokens[end] if end < len(tokens) else None
        if isinstance(other, _Mark) and not other.begins and other.name == token.name:
            inner = tokens[at + 1] if end == at + 2 else ""
            good = isinstance(inner, str) and not _edited(token, inner)
            if token.name not in found or (good and not found[token.name][2]):
                found[token.name] = (at, end, good)
    return {name: (begin, end) for name, (begin, end, _) in found.items()}


def _tokens(text: str) -> Iterator[str | _Mark]:
    """Marks, and the text between them. A mark that people quote, in a fence of their own or beside a backtick, is
    text; in a fence that a block opened, which may have lost its end, it is a mark.
    """
    lines = text.split("\n")
    held: list[str] = []
    inside, quoted_until = False, -1
    for at, line in enumerate(lines):
        parts = [] if at <= quoted_until or "`" in line else list(_MARK.finditer(line))
        if at > quoted_until and not inside and not parts:
            quoted_until = _fence_end(lines, at)
        rest = 0
        for found in parts:
            held.append(line[rest : found.start()])
            if "\n".join(held).strip():
                yield "\n".join(held)
            held, rest = [], found.end()
            inside = found[1] == "begin"
            yield _Mark(inside, found[2], found[3] or "")
        held.append(line[rest:])
    if "\n".join(held).strip():
        yield "\n".join(held)


def _fence_end(lines: Sequence[str], at: int) -> int:
    """The line that closes the fence which opens here; -1 where none does."""
    opened = _FENCE.fullmatch(lines[at])
    if opened is None or (opened[1][0] == "`" and "`" in opened[2]):
        return -1
    for later in range(at + 1, len(lines)):
        closed = _FENCE.fullmatch(lines[later])
        if closed and closed[1].startswith(opened[1]) and not closed[2].strip():
            return later
    return -1


# --- paragraphs ---


def paragraphs_of(text: str) -> Iterator[tuple[str, str]]:
    """Key and text of each paragraph, its blank lines after it; a fenced block is one, whatever blank lines it has."""
    lines = text.split("\n")
    held: list[str] = []
    fenced_until = -1
    for at, line in enumerate(lines):
        if at > fenced_until:
            fenced_until = _fence_end(lines, at)
        blank_before = bool(held) and not held[-1].strip() and at > 0
        if line.strip() and blank_before and not (fenced_until >= at and not _opens(lines, at)):
            yield _keyed(held)
            held = []
        held.append(line)
    if "\n".join(held).strip():
        yield _keyed(held)


def _opens(lines: Sequence[str], at: int) -> bool:
    return _fence_end(lines, at) > at


def _keyed(lines: Sequence[str]) -> tuple[str, str]:
    return key_of("\n".join(lines)), "\n".join(lines) + "\n"


def key_of(paragraph: str) -> str:
    """By which two paragraphs are the same: blanks do not count."""
    return " ".join(paragraph.split())


def homes_of(*written: Mapping[str, str]) -> dict[str, str]:
    """Paragraph -> its block, of everything that the program wrote. written: block -> its text."""
    return {key: name for blocks in written for name, text in blocks.items() for key, _ in paragraphs_of(text)}


def _sifted(text: str, ours: Mapping[str, str], taken: Collection[str]) -> Iterator[Piece]:
    """People's paragraphs, and, for each block whose paragraphs stand here, one empty piece where its first is.

    taken: blocks that stand elsewhere.
    """
    seen, held = set(taken), ""
    for key, paragraph in paragraphs_of(text):
        home = ours.get(key)
        if home is None:
            held += paragraph
            continue
        if home not in seen:
            if held.strip():
                yield Piece("", held.strip("\n"))
            held = ""
            seen.add(home)
            yield Piece(home, "")
    if held.strip():
        yield Piece("", held.strip("\n"))


# --- laying ---


def lay_pieces(generated: Mapping[str, str], there: Sequence[Piece]) -> list[Piece]:
    """There, with every block as it is generated now. A block that is new stands before the one that follows it, so
    that a text stays behind what it was written behind; one that is generated no more is gone.
    """
    names = list(generated)
    laid = [
        Piece(piece.block, generated.get(piece.block, "")) if piece.block else replace(piece, edited=False)
        for piece in there
        if not piece.block or piece.block in generated
    ]
    has = {piece.block for piece in laid if piece.block}
    if not has:
        return [*(Piece(name, text) for name, text in generated.items()), *laid]
    for place, name in enumerate(names):
        if name in has:
            continue
        after = set(names[place + 1 :])
        at = next((at for at, piece in enumerate(laid) if piece.block in after), len(laid))
        laid.insert(at, Piece(name, generated[name]))
        has.add(name)
    return laid


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wrote where the program writes: kept aside, and reported."""

    place: str
    """A block, or `header.KEY`."""
    before: str
    after: str
    """Empty where it was taken out."""
