"""How do words become running text? Lines joined by a blank, blocks by an empty line, broken words once.

Which form of a broken word is taken: the two halves as printed, without the hyphen, where they follow each other,
since SUBS_CONTENT is often wrong in real files (`averAge`, `sub-icribers`, empty). Where something stands between the
halves, SUBS_CONTENT takes the place of the first and the second is left out. A half without the other stays as
printed. Halves that are only marked by HYP, a soft hyphen or a not sign are joined within their block.
"""

import re
from collections.abc import Sequence

from biglam_pipeline.normalize.mets_alto.alto import Word

_MARK = re.compile("(?:Â?[\u00ac\u00ad]|[-=\u2010\u2011\u2e17])$")
"""A hyphen at the end of a line; with the letter that a not sign leaves where UTF-8 was read as Latin-1."""
_UNMISTAKABLE = re.compile("Â?[\u00ac\u00ad]$")
_FARTHEST = 2_000


def running_text(words: Sequence[Word]) -> str:
    """The text of these words, in this order."""
    pieces: list[str] = []
    used: set[int] = set()
    before: Word | None = None
    for place, word in enumerate(words):
        if place in used:
            continue
        text, last = _whole_word(words, place, used)
        if before is not None:
            pieces.append(" " if before.block is word.block else "\n\n")
        pieces.append(text)
        before = last
    return "".join(pieces)


def _whole_word(words: Sequence[Word], place: int, used: set[int]) -> tuple[str, Word]:
    """The word that begins here, and the last of its parts."""
    text, last = words[place].text, words[place]
    while True:
        place += 1
        if place < len(words) and place not in used and _continues(last, words[place]):
            last = words[place]
            used.add(place)
            text = _MARK.sub("", text) + last.text
            continue
        if last.part == 1 and last is words[place - 1] and text == last.text:
            other = _other_half(words, place, used)
            if other is not None:
                used.add(other)
                return last.whole, last
        return text + _printed(last), last


def _continues(word: Word, following: Word) -> bool:
    """True where the next word is the rest of this one."""
    if word.part == 1:
        return following.part == 2
    broken = bool(word.hyphen or _UNMISTAKABLE.search(word.text))
    return broken and following.block is word.block and following.line is not word.line


def _other_half(words: Sequence[Word], start: int, used: set[int]) -> int | None:
    """Where the second half of the word before `start` stands, if it comes later."""
    whole = words[start - 1].whole
    if not whole:
        return None
    for place in range(start, min(len(words), start + _FARTHEST)):
        word = words[place]
        if word.whole == whole and place not in used:
            return place if word.part == 2 else None
    return None


def _printed(word: Word) -> str:
    """The hyphen that a half without the other keeps."""
    return "" if not word.hyphen or _MARK.search(word.text) else word.hyphen
