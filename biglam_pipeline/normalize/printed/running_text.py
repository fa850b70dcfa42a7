"""How do words become running text? Lines joined by a blank, blocks by an empty line, broken words once.

A broken word is joined with its own second half only. ALTO marks the halves: `SUBS_TYPE` HypPart1 and HypPart2 with the
whole word in `SUBS_CONTENT`, and `HYP` for the hyphen (ALTO 1.0 to 4.4). The second half is the next word of the same
block, if what they make together is what one of them says the whole is, or the next that names the same whole. The
halves are taken as printed, with all that is printed around them, since SUBS_CONTENT is often wrong in real files
(`averAge`, empty, without the comma). It decides at the joint only: whether the hyphen is the word's own
(`porte-plume`, `three-fourths`), and how a word is spelled that a break changes (German "Zuk-ker", "Zucker"; Dutch
"ge-ind", "geïnd"; Swedish "till-lägg", "tillägg").

Between two words of a script that divides none (Chinese, Japanese, Thai, Lao, Khmer, Burmese) a blank stands only
where the page has an SP.

A hyphen that nothing marks may belong to the word (`to-day`): it goes only where the joined word stands unbroken in the
same file at least as often as with a hyphen, and never before a word that continues a list ("Kirchen- und
Schulsachen"). A soft hyphen (U+00AD) is a mark: it is no letter of any word.
"""

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from biglam_pipeline.normalize.printed.words import AROUND, Word, WordColumns, plain

_MARK = re.compile("(?:Â?[\u00ac\u00ad]|[-=\u2010\u2011\u2e17])$")
"""A hyphen at the end of a line (`=` and U+2E17 in Fraktur); with the letter that a not sign leaves where UTF-8 was
read as Latin-1."""
_MARKS = "\u00ac\u00ad-=\u2010\u2011\u2e17"
"""What it finds at the end of a word: a word that ends in none, is no marked half, and before no HYP stands alone."""
_SOFT = re.compile("Â?\u00ad$")
_BEFORE, _BEHIND = re.compile(r"^[\W_]+"), re.compile(r"[\W_]+$")
"""The two halves of `AROUND`."""
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
    *("või", "ega", "un", "ir", "ar", "arba", "in", "ali", "ili", "és", "vagy", "an", "agus", "nó", "ac", "neu"),
    *("și", "şi", "sau", "и", "или", "й", "та", "або", "και", "ή", "eða", "edo", "eta", "dhe", "ose"),
}
"""The same, of more languages, with those that words end in too (`doct-or`, `thous-and`, `bloei-en`): these stop what
only a printed hyphen asks for, also where the joined word stands in the file ("land- en zeemacht", "landen")."""


_UNDIVIDED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3000-\u312f\u3190-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua000-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\U00020000-\U0003ffff]"
)
"""Letters and marks of scripts that write no blanks between words: classes ID, CJ and SA of UAX 14, without Hangul."""
_FIRST_UNDIVIDED = "\u0e00"


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
            pieces.append(_gap(before, word) if same_line else "\n" if before.block is word.block else "\n\n")
        pieces.append(word.text + _printed(word))
        before = word
    return Text("".join(pieces), 0)


def running_text(words: Sequence[Word]) -> Text:
    """The text of these words, in this order, broken words whole."""
    text = _by_columns(words) if isinstance(words, WordColumns) else None
    return text or _by_words(words)


def _by_columns(words: WordColumns) -> Text | None:
    """The same, where only the words that may be broken are looked at one by one; None where others matter as well."""
    texts, lines, blocks = words.texts.copy(), words.lines, words.blocks
    together = "".join(texts)
    if not together.isascii() and _UNDIVIDED.search(together):
        return None
    ends = np.flatnonzero((lines[1:] != lines[:-1]) & (blocks[1:] == blocks[:-1])).tolist()
    marked = (place for place in ends if texts[place][-1] in _MARKS)
    halves = (place for place, part in words.parts.items() if part == 1)
    used, broken = set[int](), {*ends}
    until = blocks.copy()
    for place in sorted({*marked, *halves, *words.hyphens}):
        if place not in used:
            texts[place], last = _whole_word(words, place, used, broken)
            until[place] = blocks[last]
    is_kept = np.ones(len(texts), np.bool_)
    is_kept[[*used]] = False
    kept = np.flatnonzero(is_kept)
    texts = [texts[place] for place in kept.tolist()] if used else texts
    borders = np.flatnonzero(blocks[kept[1:]] != until[kept[:-1]]) + 1
    return Text("\n\n".join(" ".join(texts[a:b]) for a, b in pairwise((0, *borders, len(texts)))), len(used))


def _by_words(words: Sequence[Word]) -> Text:
    pieces: list[str] = []
    used: set[int] = set()
    before: Word | None = None
    for place, word in enumerate(words):
        if place in used:
            continue
        if _stands_alone(word, words[place + 1] if place + 1 < len(words) else None):
            text, last = word.text, word  # nearly every word
        else:
            text, end = _whole_word(words, place, used)
            last = words[end]
        if before is not None:
            divided = before.text[-1:] < _FIRST_UNDIVIDED
            pieces.append("\n\n" if before.block is not word.block else " " if divided else _gap(before, word))
        pieces.append(text)
        before = last
    return Text("".join(pieces), len(used))


def _stands_alone(word: Word, following: Word | None) -> bool:
    """Whether it is plain that a word has no other half, and no hyphen behind it."""
    if word.part == 1 or word.hyphen:
        return False
    return following is None or following.line is word.line or following.block is not word.block


def _whole_word(
    words: Sequence[Word], start: int, used: set[int], broken: Container[int] | None = None
) -> tuple[str, int]:
    """The word that begins here, and where the last of its parts stands.

    broken: where lines end within their blocks, if that is known: no other word that is no marked half goes on.
    """
    last, end = words[start], start
    text = last.text
    for place in range(start + 1, len(words)):
        if broken is not None and last.part != 1 and end not in broken:
            break
        if place in used or not _continues(text, last, following := words[place]):
            break
        text, last, end = _joined(text, last, following), following, place
        used.add(place)
    if last.part == 1 and text == last.text and (other := _other_half(words, end + 1, used)) is not None:
        used.add(other)
        return _joined(text, last, words[other]), end
    return text + _printed(last), end


def _continues(text: str, word: Word, following: Word) -> bool:
    """True where the next word is the rest of this one, of which `text` is what was joined so far."""
    if word.part != 1 and (following.line is word.line or following.block is not word.block):
        return False
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
    if _is_suspended(first, word, following):
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
    """Whether a list goes on after the hyphen, whatever ALTO says: "Kirchen- und Schulsachen".

    An initial has no hyphen: "H" and "und" are "Hund".
    """
    if plain(following.text) not in _NEVER_A_HALF or (
        len(first) < 3 and not word.hyphen and not _MARK.search(word.text)
    ):
        return False
    return not _stands(word, first + following.text)


def _joint(first: str, word: Word, following: Word) -> str:
    """The hyphen or dash that is the word's own: SUBS_CONTENT has it ("porte-plume", "transaction—as").

    A hyphen goes all the same where the joined word stands in the file, but not before a capital ("Marie-Anne") or
    between figures. The one page of NDNP at hand has it in "three-fourths" and "skirmish-line", and in "sub-icribers",
    which is as little a word without it.
    """
    whole, start, end = plain(word.whole), plain(first), plain(following.text)
    own = whole[len(start) : len(whole) - len(end)]
    if word.whole != following.whole or not start or not end or f"{start}{own}{end}" != whole:
        return ""
    if any(unicodedata.category(one) != "Pd" for one in own) or following.text.startswith(own or "-"):
        return ""
    figures = (first[-1:] + following.text[:1]).isdigit()
    if own == "-" and not figures and not following.text[:1].isupper() and _stands_unbroken(first, word, following):
        return ""
    return own


def _joined(text: str, word: Word, following: Word) -> str:
    """Two halves as one word, with what is printed around them; text: what is joined up to `word`."""
    first = _MARK.sub("", text)
    if word.part != 1 or not word.whole or word.whole != following.whole:
        return first + following.text
    joint = _joint(first, word, following)
    return (not joint and _respelled(first, word.whole, following.text)) or first + joint + following.text


def _respelled(first: str, whole: str, second: str) -> str:
    """The word that a break changed at the joint, as SUBS_CONTENT spells it; empty where it says another word.

    Only the letter on either side of the break may differ, and the word grows by one ("auto-tje", "autootje").
    """
    if whole == first + second:
        return ""
    ahead, behind = _BEFORE.match(first), _BEHIND.search(second)
    lead, tail = ahead[0] if ahead else "", behind[0] if behind else ""
    core = AROUND.sub("", whole)
    before, after = first[len(lead) : -1], second[1 : len(second) - len(tail)]
    midst = core[len(before) : len(core) - len(after)]
    if not before or not after or not (first[-1:] + midst + second[:1]).isalpha() or core == first + second:
        return ""
    as_said = plain(core).startswith(plain(before)) and plain(core).endswith(plain(after)) and len(midst) <= len("oot")
    changed = as_said and plain(core) != plain(first + second)
    return f"{lead}{before}{midst}{after}{tail}" if changed else ""


def _gap(before: Word, word: Word) -> str:
    """A blank, but not where the scripts on both sides need none and the page has none."""
    undivided = _UNDIVIDED.match(before.text[-1:]) and _UNDIVIDED.match(word.text[:1])
    return "" if undivided and not before.spaced else " "


def _stands_unbroken(first: str, word: Word, following: Word) -> bool:
    """Whether the file has the joined word at least as often as the one with a hyphen in it."""
    whole = _stands(word, first + following.text)
    return whole > 0 and whole >= sum(_stands(word, f"{first}{hyphen}{following.text}") for hyphen in _HYPHENS)


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
