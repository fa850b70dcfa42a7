"""How do words become running text? Lines joined by a blank, blocks by an empty line, broken words once.

A broken word is joined with its own second half only. ALTO marks the halves: `SUBS_TYPE` HypPart1 and HypPart2 with the
whole word in `SUBS_CONTENT`, and `HYP` for the hyphen (ALTO 1.0 to 4.4). The second half is the next word of the same
block, if what they make together is what one of them says the whole is, or the next that names the same whole. The
halves are taken as printed, since SUBS_CONTENT is often wrong in real files (`averAge`, `sub-icribers`, empty); where
something stands between them, SUBS_CONTENT takes the place of the first and the second is left out.

A hyphen that nothing marks may belong to the word (`to-day`): it goes only where the joined word stands unbroken in the
same file at least as often as with a hyphen, and never before a word that continues a list ("Kirchen- und
Schulsachen"). A soft hyphen (U+00AD) is a mark: it is no letter of any word.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from biglam_pipeline.normalize.mets_alto.alto import Word, plain

_MARK = re.compile("(?:Â?[\u00ac\u00ad]|[-=\u2010\u2011\u2e17])$")
"""A hyphen at the end of a line (`=` and U+2E17 in Fraktur); with the letter that a not sign leaves where UTF-8 was
read as Latin-1."""
_SOFT = re.compile("Â?\u00ad$")
_HYPHENS = "-\u2010\u00ac=\u2e17"
_FARTHEST = 2_000
_NEVER_A_HALF = {
    *("und", "u", "oder", "bzw", "beziehungsweise", "sowie", "bis", "respektive"),  # German
    *("och", "eller", "og", "sekä", "taikka"),  # Swedish, Danish, Norwegian, Finnish
    *("ofwel", "alsmede"),  # Dutch
}
"""Conjunctions after which a suspended hyphen stands (Duden K 31, Svenska skrivregler, Taalunie 6.I), and which no word
ends in as it is broken: these stop also halves that ALTO marks, unless the joined word stands in the file."""
_SELDOM_A_HALF = _NEVER_A_HALF | {
    *("od", "als", "wie", "noch", "aber", "samt", "ja", "tai", "vai", "en", "of", "dan"),
    *("et", "ou", "and", "or", "nor", "to", "but", "y", "e", "o", "i", "ni", "a", "oraz", "lub", "albo", "či", "nebo"),
}
"""The same, of more languages, with those that words end in too (`doct-or`, `thous-and`, `bloei-en`): these stop what
only a printed hyphen asks for, also where the joined word stands in the file ("land- en zeemacht", "landen")."""


@dataclass(frozen=True, slots=True)
class Text:
    """Running text, and how many broken words were made whole in it."""

    text: str
    joined: int


def as_printed(words: Sequence[Word]) -> Text:
    """These words line by line, hyphens and halves as they stand."""
    pieces: list[str] = []
    before: Word | None = None
    for word in words:
        if before is not None:
            same_line = before.line is word.line
            pieces.append(" " if same_line else "\n" if before.block is word.block else "\n\n")
        pieces.append(word.text + _printed(word))
        before = word
    return Text("".join(pieces), 0)


def running_text(words: Sequence[Word]) -> Text:
    """The text of these words, in this order, broken words whole."""
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
    return Text("".join(pieces), len(used))


def _whole_word(words: Sequence[Word], place: int, used: set[int]) -> tuple[str, Word]:
    """The word that begins here, and the last of its parts."""
    text, last = words[place].text, words[place]
    while True:
        place += 1
        if place < len(words) and place not in used and _continues(text, last, words[place]):
            last = words[place]
            used.add(place)
            text = _MARK.sub("", text) + last.text
            continue
        if last.part == 1 and text == last.text:
            other = _other_half(words, place, used)
            if other is not None:
                used.add(other)
                return last.whole, last
        return text + _printed(last), last


def _continues(text: str, word: Word, following: Word) -> bool:
    """True where the next word is the rest of this one, of which `text` is what was joined so far."""
    if word.part != 1 and (following.line is word.line or following.block is not word.block):
        return False  # nearly every word
    first = _MARK.sub("", text)
    if word.part == 1:
        return _is_marked_rest(first, word, following)
    if not _are_halves(first, following.text):
        return False
    marked = bool(word.hyphen or _SOFT.search(word.text))
    if following.part == 2:
        return marked and plain(following.whole) in ("", plain(first + following.text))
    if plain(following.text) in _SELDOM_A_HALF:
        return False
    return marked or (_MARK.search(word.text) is not None and _stands_unbroken(first, word, following))


def _is_marked_rest(first: str, word: Word, following: Word) -> bool:
    """Whether the word after a HypPart1 is its own second half."""
    whole, last = plain(first + following.text), plain(following.text)
    if _is_suspended(first, word, following) or _is_compound(word, following):
        return False
    if following.part == 2 and word.whole and word.whole == following.whole:
        return True
    if following.block is not word.block:
        return False
    wholes = {name for one in (word.whole, following.whole) if (name := plain(one))}
    if following.part == 2:
        return len(wholes) < 2 or whole in wholes
    return whole in wholes or (not wholes and following.line is not word.line and last not in _SELDOM_A_HALF)


def _is_suspended(first: str, word: Word, following: Word) -> bool:
    """Whether a list goes on after the hyphen, whatever ALTO says: "Kirchen- und Schulsachen"."""
    return plain(following.text) in _NEVER_A_HALF and not _stands(word, first + following.text)


def _is_compound(word: Word, following: Word) -> bool:
    """Whether the hyphen is the word's own: SUBS_CONTENT has it, before a capital ("Marie-Anne") or between figures."""
    if word.whole != following.whole or f"-{following.text}" not in word.whole:
        return False
    return following.text[:1].isupper() or (word.text[-1:] + following.text[:1]).isdigit()


def _stands_unbroken(first: str, word: Word, following: Word) -> bool:
    """Whether the file has the joined word at least as often as the one with a hyphen in it."""
    broken = sum(_stands(word, f"{first}{hyphen}{following.text}") for hyphen in _HYPHENS)
    return _stands(word, first + following.text) >= max(broken, 1)


def _stands(word: Word, whole: str) -> int:
    """How often a word stands unbroken in the file."""
    return word.block.forms.count(plain(whole))


def _are_halves(first: str, second: str) -> bool:
    """Whether two pieces can be one word: letters meet, and no capital stands in its midst.

    "1823-" and "24" are no number 182324, "Bau-" and "Polizei" no word "BauPolizei". Letters are also what stands in
    no alphabet: MUFI's are of private use, accents may stand alone.
    """
    before, after = first[-1:] or " ", second[:1] or " "
    letters = all(unicodedata.category(one)[0] in "LM" or unicodedata.category(one) == "Co" for one in (before, after))
    return letters and not (after.isupper() and not first.isupper())


def _other_half(words: Sequence[Word], start: int, used: set[int]) -> int | None:
    """Where the second half of the word before `start` stands, if it comes later."""
    whole = words[start - 1].whole
    if not whole:
        return None
    for place in range(start, min(len(words), start + _FARTHEST)):
        word = words[place]
        if word.whole == whole and place not in used:
            first = words[start - 1]
            return place if word.part == 2 and not _is_suspended(_MARK.sub("", first.text), first, word) else None
    return None


def _printed(word: Word) -> str:
    """The hyphen that a half without the other keeps."""
    return "" if not word.hyphen or _MARK.search(word.text) else word.hyphen
