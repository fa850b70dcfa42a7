"""The words of a TEI text in their order, and what stands between them.

White space is what separates words, and nothing more (TEI Guidelines, chapter "White Space"); elements say where a line
or a paragraph ends. https://tei-c.org/release/doc/tei-p5-doc/en/html/
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from lxml import etree

from biglam_pipeline.normalize.formats.tei.elements import (
    BLANK,
    BLOCK,
    BREAKS,
    CHOICES,
    DROPPED,
    FRAMES,
    IN_WORD,
    LINE,
    NONE,
    NOTES,
    PRINTED_LINE,
    Element,
    chosen_of,
    gap_of,
    local_name,
    name_of,
)

Notes = Literal["behind", "keep", "drop"]
_BLANKS = " \t\r\n"
"""White space as XML has it: a no-break space is a letter of the text."""
_WHITE, _UNEVEN = re.compile(r"[ \t\r\n]+"), re.compile(r"[\t\r\n]|  ")
_MARKED_GAP = "text: gaps in it are marked"
_NO_LETTER = "text: a glyph has no character"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of a text."""

    notes: Notes = "behind"
    edited: bool = False
    """Whether of alternatives the editor's is read."""
    by_page: bool = False
    """Whether notes stay on the page that they are anchored on."""
    glyphs: Mapping[str, str] = field(default_factory=dict)
    """What the header says that a glyph is, by its ID."""


class Stretch(NamedTuple):
    """Text without a border in it."""

    gap: int
    """What stands before it."""
    text: str
    page: int
    """How many page breaks stand before it."""


@dataclass(slots=True)
class Flow:
    """The text of some elements."""

    stretches: list[Stretch] = field(default_factory=list)
    pages: list[Element] = field(default_factory=list)
    """Its page breaks."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Elements that hold words and are not read, by name."""
    skipped: set[Element] = field(default_factory=set)
    """Those elements, with any that are empty."""
    problems: set[str] = field(default_factory=set)
    moved: bool = False
    """Whether a note stands elsewhere than its anchor."""


class _Sink:
    """Where stretches go: the text, or a note that is put behind."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.gap = NONE
        self.glued = False
        """Whether a word says that nothing stands between it and the next."""

    def put(self, text: str, page: int) -> None:
        self.stretches.append(Stretch(self.gap, text, page))
        self.gap, self.glued = NONE, False

    def widen(self, gap: int) -> None:
        if not (gap == BLANK and self.glued):
            self.gap = max(self.gap, gap)


class _Frame(NamedTuple):
    name: str
    gap: int
    chosen: list[Element] | None
    """Of alternatives."""
    is_note: bool
    spaced: bool
    """Whether its words stand apart though the file has no blank."""


_SKIPPED = _Frame("", NONE, [], is_note=False, spaced=False)
_POINT = _Frame("", NONE, None, is_note=False, spaced=False)
"""An element that is not read, and one that is a place in the text."""


def read_flow(roots: Iterable[Element], wanted: Wanted) -> Flow:
    """The text of these elements, one behind the other."""
    walk = _Walk(wanted)
    for root in roots:
        walk.go(root)
    return walk.flow


class _Walk:
    def __init__(self, wanted: Wanted) -> None:
        self.flow = Flow()
        self._wanted = wanted
        self._sinks = [_Sink()]
        self._sinks[0].stretches = self.flow.stretches
        self._behind: list[Stretch] = []
        self._frames: list[_Frame] = []
        self._deep = 0
        """How many of the open elements are no frames: notes wait until they are closed."""
        self._in_notes = 0
        self._has_words = False
        """Whether words are marked in it at all."""

    def go(self, root: Element) -> None:
        self._sinks[-1].widen(BLOCK)
        self._has_words = next(root.iter("{*}w", "{*}W"), None) is not None
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                name = name_of(element)
                if element is not root and self._is_left_out(element, name):
                    self._frames.append(_SKIPPED)
                    self._deep += 1
                    walk.skip_subtree()
                elif name in BREAKS:
                    self._frames.append(_POINT)
                    self._deep += 1
                    self._break(element, name)
                    self._say(element.text)
                else:
                    self._open(element, name, is_root=element is root)
                continue
            self._close(element)
            if element is not root:
                self._say(element.tail)
        self._flush()
        self._sinks[-1].widen(BLOCK)

    def _open(self, element: Element, name: str, *, is_root: bool) -> None:
        gap = BLOCK if is_root else gap_of(element, name)
        is_note = name in NOTES and not is_root
        if is_note and self._goes_behind(element):
            self._sinks.append(_Sink())
        elif is_note:
            gap, is_note = max(gap, BLANK), False
        chosen = chosen_of(element, edited=self._wanted.edited) if name in CHOICES else None
        self._sinks[-1].widen(gap)
        if name in ("w", "pc"):
            self._before_word(element, name)
        self._frames.append(_Frame(name, gap, chosen, is_note, self._is_spaced(element, name)))
        self._deep += name not in FRAMES
        self._in_notes += name in NOTES
        if name == "g":
            self._glyph(element)
        elif name == "space":
            self._sinks[-1].widen(BLANK)
        self._say(element.text)

    def _close(self, element: Element) -> None:
        frame = self._frames.pop()
        self._deep -= frame.name not in FRAMES
        self._in_notes -= frame.name in NOTES
        if frame.is_note:
            note = self._sinks.pop().stretches
            if note:
                self._behind += [note[0]._replace(gap=BLOCK), *note[1:]]
                self.flow.moved = True
            return
        if frame.name in ("w", "pc") and element.get("join") in ("right", "both"):
            self._sinks[-1].glued = True
        self._sinks[-1].widen(frame.gap)
        if not self._deep and frame.gap >= LINE:
            self._flush()

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if self._frames and self._frames[-1].chosen is not None:  # beside alternatives, where no text is due
            if text.strip(_BLANKS):
                self.flow.left_out[self._frames[-1].name] += 1
            return
        sink = self._sinks[-1]
        inner = text.strip(_BLANKS)
        if text[0] in _BLANKS:
            sink.widen(BLANK)
        if inner:
            sink.put(_WHITE.sub(" ", inner) if _UNEVEN.search(inner) else inner, len(self.flow.pages))
            if text[-1] in _BLANKS:
                sink.widen(BLANK)

    def _flush(self) -> None:
        """What waits is put behind what was said."""
        if self._behind and len(self._sinks) == 1:
            self.flow.stretches += self._behind
            self._behind = []
            self._sinks[-1].widen(BLOCK)

    # --- what is no text ---

    def _is_left_out(self, element: Element, name: str) -> bool:
        around = self._frames[-1] if self._frames else None
        if around is not None and around.chosen is not None:
            left = not any(element is one for one in around.chosen)
        elif name == "gap":
            return self._gap(element)
        elif name == "del" and any(one.name == "restore" for one in self._frames):
            left = False  # its writer took the deletion back (Guidelines 12.3.1.7)
        else:
            left = name in DROPPED or (name in NOTES and self._wanted.notes == "drop")
        if left:
            self.flow.skipped.add(element)
            if any(text.strip() for text in element.itertext()):
                self.flow.left_out[local_name(element)] += 1
            if not self._has_pages(around):
                self.flow.pages += element.iter("{*}pb", "{*}PB")
        return left

    def _has_pages(self, around: _Frame | None) -> bool:
        """Whether the pages of what is left out are those of another witness, or stand in what is read instead."""
        if around is None or around.chosen is None:
            return False
        read = (next(one.iter("{*}pb", "{*}PB"), None) is not None for one in around.chosen)
        return around.name in ("app", "rdggrp") or any(read)

    def _gap(self, element: Element) -> bool:
        """A mark without letters is what its encoder shows in its place, as EEBO-TCP does (`•`, `〈◊〉`)."""
        self.flow.problems.add(_MARKED_GAP)
        mark = _WHITE.sub(" ", "".join(map(str, element.itertext()))).strip()
        if mark and not any(one.isalnum() for one in mark):
            self._sinks[-1].put(mark, len(self.flow.pages))
        return True

    # --- notes, breaks, words ---

    def _goes_behind(self, note: Element) -> bool:
        """One that stands between paragraphs or in another note, or is printed in its line, stays where it is."""
        placed = note.get("place") in ("inline", "in-line") or self._in_notes
        if self._wanted.notes != "behind" or not self._deep or placed:
            return False
        return not (self._wanted.by_page and next(note.iter("{*}pb", "{*}PB"), None) is not None)

    def _break(self, element: Element, name: str) -> None:
        gap = IN_WORD if element.get("break") == "no" else PRINTED_LINE
        if name == "pb":
            if self._wanted.by_page:
                self._flush()
            self.flow.pages.append(element)
        self._sinks[-1].widen(gap)

    def _glyph(self, element: Element) -> None:
        """One without text is what the header says. TCP's EOLhyphen is a hyphen that is no letter of the word."""
        if len(element) or (element.text or "").strip():
            return
        target = (element.get("ref") or element.get("target") or "").rpartition("#")[2].rpartition(":")[2]
        if target in self._wanted.glyphs:
            self._sinks[-1].put(self._wanted.glyphs[target], len(self.flow.pages))
        elif target != "EOLhyphen":
            self.flow.problems.add(_NO_LETTER)

    def _before_word(self, element: Element, name: str) -> None:
        sink = self._sinks[-1]
        if element.get("join") in ("left", "both"):
            sink.gap = NONE if sink.gap == BLANK else sink.gap
        elif name == "w" and self._frames and self._frames[-1].spaced and element.get("part") not in ("M", "F"):
            sink.widen(BLANK)

    def _is_spaced(self, element: Element, name: str) -> bool:
        if not self._has_words or name in FRAMES:
            return False
        return (bool(self._frames) and self._frames[-1].spaced) or _lacks_blanks(element)


def _lacks_blanks(element: Element) -> bool:
    """Whether it holds words that are marked as such, at any depth, and no blank between them: then each stands apart
    (Guidelines 18.1.2). A blank inside a word or a note divides no words.
    """
    words = 0
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, one in walk:
        if event == "end":
            if one is not element and one.tail and _WHITE.search(one.tail):
                return False
        elif (name := name_of(one)) in DROPPED or (name in NOTES and one is not element):
            walk.skip_subtree()
        elif name == "w":
            words += 1
            text = "".join(map(str, one.itertext()))
            if text != text.strip(_BLANKS):
                return False
            walk.skip_subtree()
        elif one.text and _WHITE.search(one.text):
            return False
    return words > 1
