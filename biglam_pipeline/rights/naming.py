"""Where a name may stand beside a licence: behind ©, "by", "courtesy of"; before "believes that".

A name is guessed by its capitals, and only in such a place. A word that narrows, dates, denies or speaks of use is
none, whatever its capitals: "© Museum, Research Use Only" is no holder.
"""

import re
import unicodedata
from collections.abc import Sequence

from biglam_pipeline.rights.commons import ELEMENTS, license_at
from biglam_pipeline.rights.folding import Token, plain
from biglam_pipeline.rights.lexicon import LEXICON

_MOST_TOKENS = 16
_MOST_SHOUTED = 3
_NEVER = ("condition", "term", "element", "statement", "name", "since", "ended", "open access", "medium")
# Inside names of persons and institutions: articles, prepositions, "and", titles, forms of companies, in the languages
# of words.csv. Any other word in small letters ends a name, and is read by itself.
_PARTICLE_WORDS = """
the of and & for at in on de du des la le les l d del della dello delle degli dei dal di da do dos das y e et und von
vom zu zur der die den dem für van het ten ter t og av för och i a al el los las s st sur sous ja dr mr mrs ms sir prof
jr sr inc ltd co w we v ve z ze im nad
"""
# "Non-commercial" in one word, in languages whose word no table has: nekomerčné (Slovak), mittekommertslik (Estonian).
_UNCOMMERCIAL = re.compile(r"(?:non?|n[ei]|nie|nicht|icke|ikke|ez|mitte|не)(?:co|ko|ко)(?:mm?|мм?)(?:er|ер)|eikaupal")
_PARTICLES = frozenset(map(plain, _PARTICLE_WORDS.split()))


def name_at(words: Sequence[Token], start: int, years: bool = False) -> int:
    """The index behind the name, and the years if they are allowed, that stand here; `start` where none does."""
    end = place = start
    shouted = 0
    while place < len(words) and place < start + _MOST_TOKENS:
        token = words[place]
        if (place > start and token.first) or ("(" in token.gap and place == start):
            break
        if years and _is_year(token) and not _part_of_date(words, place):
            place += 1
            end = place
            continue
        if token.word in _PARTICLES and token.raw.islower():
            if _narrows(words, place):
                break
            place += 1
            continue
        if not _is_capital(token) or _narrows(words, place):
            break
        shouted += len(token.raw) > 1 and token.raw.isupper()
        place += 1
        end = place
    return start if shouted > _MOST_SHOUTED else end


def name_before(words: Sequence[Token], end: int) -> int:
    """The index where a name begins that ends here, within the sentence; `end` where none does."""
    start = place = end
    while place > 0 and end - place < _MOST_TOKENS and not (place < len(words) and words[place].first and place < end):
        token = words[place - 1]
        if place < len(words) and words[place].first:
            break
        if token.word in _PARTICLES and not _narrows(words, place - 1):
            place -= 1
            start = place if token.raw[0].isupper() else start
            continue
        if not _is_capital(token) or _narrows(words, place - 1):
            break
        place -= 1
        start = place
    return start


def _is_capital(token: Token) -> bool:
    if _UNCOMMERCIAL.match(token.word) or _mixes_alphabets(token.word):
        return False
    return token.raw[0].isupper() and token.raw[0].lower() != token.raw[0]


def _mixes_alphabets(word: str) -> bool:
    """Letters of two alphabets in one word: the "ο" of "Nοt" is Greek, and no table knows the word."""
    return len({unicodedata.name(sign, "").partition(" ")[0] for sign in word if sign.isalpha()}) > 1


def _is_year(token: Token) -> bool:
    return len(token.word) == 4 and token.word.isdigit() and "1400" <= token.word <= "2100"


def _part_of_date(words: Sequence[Token], place: int) -> bool:
    """Is this year the first or last part of a day ("2031-01-01")? A range of years is none."""
    following = words[place + 1].word if place + 1 < len(words) and not words[place + 1].first else ""
    return following.isdigit() and len(following) < 3


def _narrows(words: Sequence[Token], place: int) -> bool:
    phrases, _ = LEXICON.longest(words, place)
    if any(phrase.kind in _NEVER for phrase in phrases):
        return True
    return bool(ELEMENTS.longest(words, place)[0]) or license_at(words, place) is not None
