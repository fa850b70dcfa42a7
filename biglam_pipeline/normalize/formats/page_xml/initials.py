"""Which word does a large initial begin? It is a region of its own in PAGE, though its word goes on in the next.

`drop-capital` is a type of TextRegion (PAGE 2013 to 2019, TextTypeSimpleType); SegmOnto, in which eScriptorium writes
PAGE, calls it DropCapitalZone.

PAGE: https://github.com/PRImA-Research-Lab/PAGE-XML ; SegmOnto: https://segmonto.github.io/
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from biglam_pipeline.normalize.printed.boxes import Corners
from biglam_pipeline.normalize.printed.words import Word, plain

_NAMES = {"dropcapital", "dropcapitalzone"}
_LONGEST = 2
"""Letters of an initial: "Qu" and "Th" are cut as one."""
_MAY_BE_WORDS = set("aeiouyæøœ") | set("абвжикосуяѣ") | set("ηοω")
"""Letters that are words by themselves, accents aside: in English, French, Spanish, Latin, Danish and others; in
Russian, Ukrainian, Bulgarian and Serbian; in Greek. Those of Czech and Polish (k, s, v, w, z) begin too many words of
the others."""


def is_initial(kind: str) -> bool:
    """Whether a region of this type is a large initial."""
    return re.sub(r"[^a-z]", "", kind.lower().partition(":")[0]) in _NAMES


def begin_words(regions: Sequence[tuple[bool, Corners | None, Sequence[Word]]]) -> None:
    """Puts each initial into the paragraph that follows it.

    regions: in reading order, whether it is an initial, where it stands, and its words. One that stands beside or above
    the next region, no other line of it, begins it. Its letter and the next word are one word where the page has that
    word elsewhere, or where the letter can be none by itself; a blank stays where the next word stands elsewhere.
    """
    for first, second in _pairs(regions):
        if _is_short(first.text) and second.text[:1].isalpha() and not second.part:
            first.block = second.block
            if _is_one_word(first.text, second.text, second.block.forms.count):
                first.part, second.part = 1, 2
                first.whole = second.whole = first.text + second.text


def _pairs(regions: Sequence[tuple[bool, Corners | None, Sequence[Word]]]) -> Iterator[tuple[Word, Word]]:
    for (initial, box, words), (another, place, following) in pairwise(regions):
        if initial and not another and len(words) == 1 and following and _beside(box, place):
            yield words[0], following[0]


def _beside(box: Corners | None, place: Corners | None) -> bool:
    """Whether one reaches the height of the other; where nobody says, the order alone counts."""
    return box is None or place is None or (box[1] <= place[3] and place[1] <= box[3])


def _is_short(text: str) -> bool:
    letters = [one for one in unicodedata.normalize("NFC", text) if not unicodedata.combining(one)]
    return 0 < len(letters) <= _LONGEST and all(one.isalpha() for one in letters)


def _is_one_word(first: str, second: str, count: Callable[[str], int]) -> bool:
    if count(plain(first + second)):
        return True
    if count(plain(second)) > 1:  # it is counted where it stands here, too
        return False
    return not {*unicodedata.normalize("NFD", first.lower())[:1]} & _MAY_BE_WORDS or len(first) > 1
