"""What in a book's text is not the book? The words that Project Gutenberg and Google put around it.

Both are known by their own sentences, as they stand in files of all their years; what else stands around a book (who
typed it, a library's stamp) belongs to the copy and stays. Where the sentences begin and no end of them is found,
nothing is cut, and that is said.

Gutenberg's borders: https://www.gutenberg.org/policy/license.html and the lists of several programs that take them off
(gutenberg_cleaner, texthero, textacy); Google's page in its languages: https://books.google.com/googlebooks/library/
"""

import re
from dataclasses import dataclass, field

_NAME = r"(?:THE|THIS)? ?(?:COPYRIGHTED )?PROJECT GUTENBERG"
_OPENS = re.compile(
    rf"^[ \t]*\*\*\* ?START OF {_NAME}(?:[^*]{{0,500}}\*\*\*|[^\n]*)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_SMALL_PRINT = re.compile(r"^[ \t]*\*END ?\*? ?THE SMALL PRINT[^\n]*$", re.IGNORECASE | re.MULTILINE)
"""The end of a licence; until 2001 it stood before the book, then behind it."""
_ENDS = re.compile(
    rf"^[ \t]*(?:\*\*\* ?END OF {_NAME}|END OF (?:THE |THIS )?PROJECT GUTENBERG|"
    r"ENDE DIESES PROJE[KC]T GUTENBERG|FIN D[EU] (?:CE )?PROJET GUTENBERG)",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD_CHARS = 40_000
"""So far down a header may end: the small print of the nineties is some 15,000 characters long."""
_TAIL_CHARS = 60_000
"""So much may stand behind a book: its licence is some 19,000 characters long."""
_GUTENBERG = re.compile(r"Project Gutenberg", re.IGNORECASE)
_COPYRIGHTED = re.compile(
    r"^.*(?:this is a copyrighted project gutenberg|start of (?:the|this) copyrighted project gutenberg).*$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELDS = {"title": "title", "author": "creators", "language": "languages"}
_FIELD = re.compile(r"^(Title|Author|Language):[ \t]*(\S[^\n]*(?:\n[ \t]+\S[^\n]*)*)", re.MULTILINE)

_GOOGLE = re.compile(
    r"(?:This is a digital copy of a book that was preserved for generations|"
    r"Dies ist ein digitales Exemplar eines Buches, das seit Generationen|"
    r"Ceci est une copie num.rique d.un ouvrage conserv. depuis des g.n.rations|"
    r"Si tratta della copia digitale di un libro che per generazioni|"
    r"Esta es una copia digital de un libro que, durante generaciones|"
    r"Esta . uma c.pia digital de um livro que foi preservado por gera..es|"
    r"Dit is een digitale kopie van een boek dat al generaties lang)".replace(" ", r"\s+"),
    re.IGNORECASE,
)
"""How Google's first page begins, in its languages; OCR has read some accents otherwise."""
_GOOGLE_ENDS = re.compile(r"books\s*\.\s*google\s*\.\s*\w+\s*/?[^\n]*", re.IGNORECASE)
_GOOGLE_CHARS = 8_000
"""So long is the page at most."""


@dataclass(slots=True)
class Bare:
    """The text without what is not the book's."""

    text: str
    said: list[str] = field(default_factory=list)
    """What was cut, or could not be, to be counted."""
    columns: dict[str, list[str]] = field(default_factory=dict)
    """What the header says of the book."""
    reserved: list[str] = field(default_factory=list)
    """Lines by which somebody reserves rights in what was cut."""


def without_boilerplate(text: str) -> Bare:
    """The book alone. text: with \\n as its line ends."""
    return _without_google(_without_gutenberg(Bare(text)))


def _without_gutenberg(bare: Bare) -> Bare:
    text = bare.text
    if not _GUTENBERG.search(text, 0, _HEAD_CHARS):
        return bare
    first = _ENDS.search(text)
    before = min(first.start(), _HEAD_CHARS) if first else _HEAD_CHARS
    starts = sorted(found.end() for one in (_OPENS, _SMALL_PRINT) for found in one.finditer(text, 0, before))
    if not starts and first is None:
        return _say(bare, "Project Gutenberg is named at its beginning, and no border of its words is known; kept")
    if first and len(text) - first.end() > _TAIL_CHARS:
        return _say(bare, "more stands behind the words of Project Gutenberg than its licence; kept")
    if first and _OPENS.search(text, first.end()):
        return _say(bare, "several books of Project Gutenberg in one file; kept")
    begin, end = starts[-1] if starts else 0, first.start() if first else len(text)
    bare.reserved += [line.strip() for line in _COPYRIGHTED.findall(f"{text[:begin]}\n{text[end:]}")]
    for name, said in _FIELD.findall(text[:begin]):
        bare.columns.setdefault(_FIELDS[name.lower()], [" ".join(said.split())])
    bare.text = _cut(_cut(text, end, len(text)), 0, begin)
    for there, which in ((starts, "begin"), (first, "end")):
        if not there:
            _say(bare, f"the words of Project Gutenberg at its {which} have no known border; kept")
    return _say(bare, "words of Project Gutenberg cut")


def _without_google(bare: Bare) -> Bare:
    while found := _GOOGLE.search(bare.text, 0, _HEAD_CHARS):
        last = _GOOGLE_ENDS.search(bare.text, found.end(), found.end() + _GOOGLE_CHARS)
        if last is None:
            return _say(bare, "Google's first page has no known end; kept")
        bare.text = _cut(bare.text, found.start(), last.end())
        _say(bare, "Google's first page cut, which asks for use that is not commercial")
    return bare


def _cut(text: str, begin: int, end: int) -> str:
    """The text without these characters; pages keep their numbers, so form feeds stay."""
    before, behind = text[:begin].rstrip(" \t\n"), text[end:].lstrip(" \t\n")
    between = "\f" * text.count("\f", begin, end) or ("\n\n" if before and behind else "")
    return before + between + behind


def _say(bare: Bare, what: str) -> Bare:
    if f"text: {what}" not in bare.said:
        bare.said.append(f"text: {what}")
    return bare
