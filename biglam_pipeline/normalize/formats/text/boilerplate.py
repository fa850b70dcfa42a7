"""What in a book's text is not the book? The words that Project Gutenberg and Google put around it.

Both are known by their own sentences, as they stand in files of all their years; what else stands around a book (who
typed it, a library's stamp) belongs to the copy and stays. Where the sentences begin and no end of them is found,
nothing is cut, and that is said.

Gutenberg's borders: https://www.gutenberg.org/policy/license.html and the lists of several programs that take them off
(gutenberg_cleaner, texthero, textacy); Google's page in its languages: https://books.google.com/googlebooks/library/
"""

import re
from dataclasses import dataclass, field
from typing import Any

_NAME = r"(?:THE|THIS)? ?(?:COPYRIGHTED )?PROJECT GUTENBERG"
_OPENS = re.compile(
    rf"^[ \t]*\*\*\* ?START OF {_NAME}(?:[^*]{{0,500}}\*\*\*|[^\n]*)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_SMALL_PRINT = re.compile(r"^[ \t]*\*END ?\*? ?THE SMALL PRINT[^\n]*$", re.IGNORECASE | re.MULTILINE)
"""The end of a licence; until 2001 it stood before the book, then behind it."""
_STARRED_END = re.compile(rf"^[ \t]*\*\*\* ?END OF {_NAME}", re.IGNORECASE | re.MULTILINE)
_IN_WORDS = (
    r"[ \t]*(?:(?:THE )?END OF (?:THE |THIS )?PROJECT GUTENBERG|ENDE (?:DIESES|DES|VON) PROJE[KC]T GUTENBERG|"
    r"FIN D[EU] (?:CE )?PROJE[CT]+ GUTENBERG|EINDE VAN (?:DIT |HET )?PROJECT GUTENBERG)[^\n]*"
    r"(?:\n(?![ \t]*(?:\n|\Z))[^\n]*){0,3}"
)
"""What stands without stars, of a few lines at most."""
_PLAIN_END = re.compile(rf"(?:\A|\n[ \t]*\n){_IN_WORDS}(?=\n[ \t]*(?:\n|\Z)|\Z)", re.IGNORECASE)
"""A paragraph of its own: books about Gutenberg have such words inside of a sentence."""
_END_AT_STARS = re.compile(rf"^{_IN_WORDS}\s*\Z", re.IGNORECASE | re.MULTILINE)
"""What stands right above the end with stars."""
_NEAR_CHARS = 1_000
"""So close to a border what belongs to it stands."""
_HEAD_CHARS = 40_000
"""So far down a header may end: the small print of the nineties is some 15,000 characters long."""
_TAIL_CHARS = 60_000
"""So much may stand behind a book: its licence is some 19,000 characters long."""
_GUTENBERG = re.compile(r"Project Gutenberg", re.IGNORECASE)
_COPYRIGHTED = re.compile(
    r"^[^\n]*(?:this is a|start of (?:the|this)) copyrighted project gutenberg[^\n]*".replace(" ", r"\s+"),
    re.IGNORECASE | re.MULTILINE,
)
_FIELDS = {"title": "title", "author": "creators", "language": "languages"}
_ROLES = ("editor", "translator", "illustrator", "contributor", "compiler", "composer", "photographer")
"""Of people that headers name beside the author: https://www.gutenberg.org/ebooks/ has the relators of MARC."""
_FIELD = re.compile(
    rf"^({'|'.join(_FIELDS)}|{'|'.join(_ROLES)})s?:[ \t]*(\S[^\n]*(?:\n[ \t]+\S[^\n]*)*)", re.MULTILINE | re.IGNORECASE
)

_GOOGLE = re.compile(
    r"(?:This is a digital copy of a book that was preserved for generations|"
    r"Dies ist ein digitales Exemplar eines Buches, das seit Generationen|"
    r"Ceci est une copie num.rique d.un ouvrage conserv. depuis des g.n.rations|"
    r"Si tratta della copia digitale di un libro che per generazioni|"
    r"Esta es una copia digital de un libro que, durante generaciones|"
    r"Esta . uma c.pia digital de um livro que foi preservado por gera..es|"
    r"Dit is een digitale kopie van een boek dat al generaties lang|"
    r"Jest to cyfrowa wersja ksi..ki, kt.ra przez pokolenia|"
    r"(?:\u042d\u0442\u043e|\u0414\u0430\u043d\u043d\u0430\u044f) (?:\u0446\u0438\u0444\u0440\u043e\u0432\u0430\u044f "
    r"\u043a\u043e.\u0438\u044f \u043a\u043d\u0438\u0433\u0438))".replace(" ", r"\s+"),
    re.IGNORECASE,
)
"""How Google's first page begins, in its languages; OCR has read some accents otherwise."""
_GOOGLE_ENDS = re.compile(r"books\s*\.\s*google\s*\.\s*\w+[ \t]*/?[^\n\w]*", re.IGNORECASE)
_GOOGLE_CHARS = 8_000
"""So long is the page at most."""


@dataclass(slots=True)
class Bare:
    """The text without what is not the book's."""

    text: str
    said: list[str] = field(default_factory=list)
    """What was cut, or could not be, to be counted."""
    columns: dict[str, list[Any]] = field(default_factory=dict)
    """What the header says of the book."""


def without_boilerplate(text: str) -> Bare:
    """The book alone. text: with \\n as its line ends."""
    return _without_google(_without_gutenberg(Bare(text)))


def _without_gutenberg(bare: Bare) -> Bare:
    text = bare.text
    if not _GUTENBERG.search(text, 0, _HEAD_CHARS) and _first_end(text, 0) is None:
        return bare
    begin = _begin_of(text)
    end = _first_end(text, begin or 0)
    if begin is None and end is None:
        return _say(bare, "Project Gutenberg is named at its beginning, and no border of its words is known; kept")
    if end is not None and len(text) - end > _TAIL_CHARS:
        return _say(bare, "more stands behind the words of Project Gutenberg than its licence; kept")
    if end is not None and _holds_another(text, end):
        return _say(bare, "several books of Project Gutenberg in one file; kept")
    end = None if end is None else _last_end(text, end)
    for name, said in _FIELD.findall(text[: begin or 0]):
        _put(bare, name.lower(), said)
    bare.text = _cut(_cut(text, len(text) if end is None else end, len(text)), 0, begin or 0)
    for there, which in ((begin, "begin"), (end, "end")):
        if there is None:
            _say(bare, f"the words of Project Gutenberg at its {which} have no known border; kept")
    return _say(bare, "words of Project Gutenberg cut")


def _begin_of(text: str) -> int | None:
    """Where the book begins: behind the first border, for a second one is quoted in the book; and behind a licence that
    follows at once.
    """
    first = _OPENS.search(text, 0, _HEAD_CHARS)
    print_ends = [found.end() for found in _SMALL_PRINT.finditer(text, 0, _HEAD_CHARS)]
    if first is None:
        return next((at for at in print_ends if (end := _first_end(text, 0)) is None or at < end), None)
    behind = first.end()
    more = text[behind : behind + _NEAR_CHARS].lstrip().upper()
    if "THE SMALL PRINT" in more[:100]:
        return next((at for at in print_ends if at > behind), behind)
    return behind


def _first_end(text: str, begin: int) -> int | None:
    """Where the book ends, which begins here: before the first border with stars, else the first without."""
    starred = _STARRED_END.search(text, begin)
    if starred is None:
        plain = _PLAIN_END.search(text, begin)
        return plain.start() if plain else None
    return _above(text, begin, starred.start())


def _last_end(text: str, first: int) -> int:
    """Where the one book of a file ends whose first border stands here: a book may quote the one with stars."""
    starred = [found.start() for found in _STARRED_END.finditer(text, first)]
    return _above(text, starred[-2], starred[-1]) if len(starred) > 1 else first


def _above(text: str, begin: int, stars: int) -> int:
    said = _END_AT_STARS.search(text, max(begin, stars - _NEAR_CHARS), stars)
    return said.start() if said else stars


def _holds_another(text: str, end: int) -> bool:
    """Whether a book stands behind the end of the first, or its own small print alone."""
    small = _SMALL_PRINT.search(text, end)
    behind = text[small.end() :].strip() if small else ""
    again = _PLAIN_END.search(behind) or _STARRED_END.search(behind)
    return _OPENS.search(text, end) is not None or again is not None


def _put(bare: Bare, name: str, said: str) -> None:
    """What a field of the header says. People stand one on a line, as titles do not."""
    if name in _ROLES:
        bare.columns.setdefault("creators", []).extend({"name": one, "role": name} for one in _lines(said))
    elif name == "author":
        bare.columns.setdefault("creators", []).extend(_lines(said))
    else:
        bare.columns.setdefault(_FIELDS[name], [" ".join(said.split())])


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.split("\n")]


def reserved_in(text: str) -> list[str]:
    """By what words Gutenberg says that rights are reserved, whether or not its words are cut. text: as it came."""
    if not _GUTENBERG.search(text):
        return []
    said = [*_COPYRIGHTED.findall(text, 0, _HEAD_CHARS), *_COPYRIGHTED.findall(text, max(0, len(text) - _TAIL_CHARS))]
    return list(dict.fromkeys(" ".join(one.split()) for one in said))


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
