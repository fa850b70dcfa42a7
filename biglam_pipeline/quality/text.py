"""How long is a text? Characters and words, for any string."""

import re
import unicodedata
from functools import cache
from itertools import chain


@cache
def _word() -> re.Pattern[str]:
    """Letters and digits, with the combining marks that follow them.

    `\\w` knows no marks, so that a word of Devanagari or of a medieval transcription would be counted in pieces.
    """
    planes = chain(range(0x300, 0x20000), range(0xE0100, 0xE01F0))  # the marks of Unicode all lie in these
    marks = "".join(chr(code) for code in planes if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"[^\W_]+(?:[{marks}]+[^\W_]*)*")


def n_chars(text: str) -> int:
    """Code points, blanks included."""
    return len(text)


def n_words(text: str) -> int:
    """Runs of letters and digits; `l'an` is two, a number is one."""
    return len(_word().findall(text))
