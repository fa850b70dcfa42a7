"""Reads one value by itself: the statements it makes, and every word of it that nothing accounts for.

A value is folded, its addresses are taken out, and the rest is read once from left to right; at each place the longest
of a licence's name and the phrases of the tables holds. What remains is left, whatever it may mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from urllib.parse import unquote

from biglam_pipeline.rights.addresses import begins_with_address, take_out
from biglam_pipeline.rights.commons import ELEMENTS, SCOPES, license_at
from biglam_pipeline.rights.dates import date_at, take_end_of_embargo
from biglam_pipeline.rights.folding import MOST_CHARACTERS, MOST_READ, Token, fold, plain, tokens
from biglam_pipeline.rights.lexicon import LEXICON, Phrase
from biglam_pipeline.rights.naming import name_at, name_before
from biglam_pipeline.rights.parts import Parts
from biglam_pipeline.rights.reach import BARRED, EMBARGOED, OPEN_ACCESS, without
from biglam_pipeline.rights.table import BY_WORD, CLAIMED, Statement, nothing, word_key

NOTICE = Statement(None, "closed", "Copyright notice", "")
"""Somebody holds the copyright: nothing against a licence from them, everything without one."""

CLOSED = Statement(None, "closed", "In copyright", "")
CLOSED_ACCESS = Statement(None, "closed", "Closed or restricted access", "")
REVIEW = Statement(None, "review", "Several terms in one text", "", problem="different terms for different parts")
ACCESS = nothing("says how it is reached, and nothing of rights")

_DEFINED = frozenset({"closed", "unknown", "nkc"})
"""Tiers beside which the notes of RightsStatements.org are harmless, whether their address stands there or not."""

_PAPERWORK = frozenset(
    [
        "statement",
        "statements",
        "status",
        "notice",
        "notices",
        "license",
        "licence",
        "licenses",
        "licences",
        "author",
        "authors",
        "creator",
        "creators",
        "artist",
        "photographer",
        "publisher",
        "provider",
        "material",
    ]
)
"""What may be lacking: "no known copyright statement", in English, in which the beliefs that begin with "no" are.
Behind any other word the belief stands, and the word is left over."""

_CLAIMS = {
    "closed": CLOSED,
    "closed access": CLOSED_ACCESS,
    "review": REVIEW,
    "notice": NOTICE,
    "public-domain-claimed": CLAIMED,
    "nkc": replace(BY_WORD["nkc 1.0"], uri=None),
    "noc-us": replace(BY_WORD["noc us 1.0"], uri=None),
}
_BELIEFS = tuple(_CLAIMS[claim] for claim in ("public-domain-claimed", "nkc", "noc-us"))


@dataclass(frozen=True, slots=True)
class Left:
    """Something that no table accounts for, or that narrows what the rest says."""

    words: str
    """As it was written."""
    kind: str
    """"word" may be a name that is known beside the value; "address" a known page; "date" past; "condition" stays."""
    index: int = -1
    """Of the token."""
    host: str = ""
    day: date | None = None


@dataclass(slots=True)
class Reading:
    """What one value says by itself."""

    found: list[Statement] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    words: tuple[str, ...] = ()
    terms: frozenset[int] = frozenset()
    """The indexes of words of rights and use, which no name can be made of alone."""
    elements: set[str] = field(default_factory=set)
    """nc, nd, sa said in a sentence."""
    neutral: bool = False
    """Does it speak of access, or of nothing?"""
    until: date | None = None
    empty: bool = False


@lru_cache(maxsize=65_536)
def read(value: str) -> Reading:
    """What a value says. Whoever gets a reading must not change it. Linear in the length of the value."""
    text = fold(value[:MOST_READ])[:MOST_READ]
    if not text.strip():
        return Reading(empty=True)
    known = BY_WORD.get(word_key(text))
    if known is not None and not _ends_in_denial(text):
        return Reading(found=[known])
    reader = _Reader(text)
    reader.run()
    if max(len(value), len(text)) > MOST_CHARACTERS:
        reader.reading.left.append(Left(f"longer than {MOST_CHARACTERS} characters", "condition"))
    return reader.reading


def _ends_in_denial(text: str) -> bool:
    """ "CC BY 3.0 NO" may be Norway's licence or none; "CC-BY-3.0-NO" is Norway's."""
    last = text.split()[-1]
    return last != text.strip() and len(last) < 4 and plain(last) in LEXICON.denials


class _Reader:
    def __init__(self, text: str) -> None:
        self.reading = Reading()
        rest = self._addresses(self._access(text))
        self.words = tokens(rest)
        self.reading.words = tuple(token.word for token in self.words)
        self.by_address = sum(found not in (NOTICE, CLOSED_ACCESS) for found in self.reading.found)
        self.parts = Parts(self.words, led=self.by_address > 0 and begins_with_address(text))
        self.terms: list[Left] = []
        self.defined: list[Left] = []

    def _access(self, text: str) -> str:
        """Takes the words of the vocabularies of access out."""
        days, text = take_end_of_embargo(text)
        for day in days:
            self._date("embargo until", day, -1)
        for concept in (*OPEN_ACCESS, *EMBARGOED, *BARRED):
            text, times = without(text, concept)
            if times and concept in OPEN_ACCESS:
                self.reading.neutral = True
            elif times and not (days and concept in EMBARGOED):  # an embargo that has an end is that date
                self.reading.found.append(CLOSED_ACCESS)
        return text

    def _addresses(self, text: str) -> str:
        found, rest = take_out(text)
        for address in found:
            if address.statement is not None:
                self.reading.found.append(address.statement)
            elif "\u00a9" in unquote(address.written):  # Europeana was sent ".../licenses/©%20DEXTRA%20Photo/3.0/"
                self.reading.found.append(NOTICE)
            elif not address.is_front_page:
                self.reading.left.append(Left(address.written, "address", host=address.host))
        return rest

    def run(self) -> None:
        place = 0
        while place < len(self.words):
            place = self._step(place)
        self._close()

    def _step(self, place: int) -> int:
        """Reads what begins at a place; the index behind it."""
        phrases, end = LEXICON.longest(self.words, place)
        named = license_at(self.words, place)
        if named is not None and named.end >= end:
            if named.statement is None:
                self._leave(place, named.end, "condition")
            else:
                self._say(named.statement)
            return named.end
        if not phrases:
            return self._other(place)
        for phrase in phrases:
            behind = self._phrase(phrase, place, end)
            if behind is not None:
                return behind
        return self._leave(place, end)

    def _other(self, place: int) -> int:
        element, end = ELEMENTS.longest(self.words, place)
        if element:
            return self._leave(place, end, "condition")
        return self._leave(place, place + 1)

    def _phrase(self, phrase: Phrase, place: int, end: int) -> int | None:
        """The index behind a phrase and what belongs to it; None where it says nothing here."""
        if phrase.kind in ("since", "ended"):
            return self._dated(phrase, place, end)
        if phrase.kind in ("condition", "term", "scope"):
            return self._leave(place, end, "condition" if phrase.kind == "condition" else "term")
        if phrase.kind == "name":
            return self._name(phrase, end)
        if phrase.kind == "pointer":
            return self._points(place, end)
        self.parts.named(phrase, place, end)
        if phrase.kind in ("statement", "credit") and phrase.statement:
            statement = _CLAIMS.get(phrase.statement) or BY_WORD[word_key(phrase.statement)]
            if not self._is_said(statement, phrase, place, end):
                return None
            self._say(statement)
            if statement == NOTICE:
                self.parts.notice(place)
        else:
            self._note(phrase, place, end)
        return self._named(phrase, end)

    def _note(self, phrase: Phrase, place: int, end: int) -> None:
        """What a phrase says that makes no statement."""
        if phrase.kind == "element":
            self.reading.elements.add(phrase.statement)
        elif phrase.kind == "terms":
            self.terms.append(Left(self._written(place, end), "condition", place))
        elif phrase.kind == "open access":
            self.reading.neutral = True
        elif phrase.kind == "definition":
            self.defined.append(Left(self._written(place, end), "condition", place))

    def _is_said(self, statement: Statement, phrase: Phrase, place: int, end: int) -> bool:
        """ "Copyright" in the midst of a sentence is a subject, at its beginning or before a holder a notice.

        "No copyright" ends a sentence: in "no copyright © 2020 X" the no belongs to something else. In "no known
        copyright statement" it belongs to the statement, and "public domain status" is a heading.
        """
        if phrase.words == ("no", "copyright"):
            return end >= len(self.words) or self.words[end].first
        if statement in _BELIEFS and end < len(self.words) and not self.words[end].first:
            behind = self.words[end].word
            return not (behind == "status" or (phrase.words[0] == "no" and behind in _PAPERWORK))
        if statement is not NOTICE:
            return True
        sign = self.words[place].word in ("\u00a9", "\u2117")
        return sign or self.words[place].first or name_at(self.words, end, years=True) > end

    def _named(self, phrase: Phrase, end: int) -> int:
        if phrase.names in ("before", "both"):
            start = name_before(self.words, end - len(phrase.words))
            self.reading.left = [left for left in self.reading.left if left.index < start]
        return name_at(self.words, end, phrase.statement == "notice") if phrase.names in ("after", "both") else end

    def _name(self, phrase: Phrase, end: int) -> int:
        """A licence that is no Creative Commons licence, with its version."""
        version, behind = _version(self.words, end)
        family = word_key(phrase.statement)
        statement = BY_WORD.get(f"{family} {version or phrase.names}".strip())
        if statement is None:
            self._leave(end - len(phrase.words), behind, "condition")
            return behind
        self._say(statement)
        return _scope(self.words, behind, phrase.statement)

    def _dated(self, phrase: Phrase, place: int, end: int) -> int | None:
        day, behind = date_at(self.words, end)
        if day is None:
            return None
        if phrase.kind == "ended":
            self.reading.until = max(self.reading.until or day, day)
        self._date(self._written(place, behind), day, place)
        return behind

    def _date(self, written: str, day: date, place: int) -> None:
        if place < 0:
            self.reading.until = max(self.reading.until or day, day)
            self.reading.neutral = True
        self.reading.left.append(Left(written, "date", place, day=day))

    def _say(self, statement: Statement) -> None:
        self.reading.found.append(statement)
        if statement != NOTICE:
            self.parts.licensed += 1
            self.terms.clear()  # "under the terms of the": whose they are stands behind them

    def _points(self, place: int, end: int) -> int:
        """ "See" with something behind it that is no statement: "see the terms and conditions" are more terms."""
        if end >= len(self.words) or self.words[end].first or license_at(self.words, end):
            return end
        phrases, _ = LEXICON.longest(self.words, end)
        said = any(phrase.statement and phrase.kind in ("statement", "name") for phrase in phrases)
        return end if said else self._leave(place, end, "condition")

    def _leave(self, place: int, end: int, kind: str = "word") -> int:
        for index in range(place, end):
            self.reading.left.append(Left(self.words[index].raw, kind, index))
        return end

    def _written(self, place: int, end: int) -> str:
        return " ".join(token.raw for token in self.words[place:end])

    def _close(self) -> None:
        reading = self.reading
        speaking = [found for found in reading.found if found != NOTICE]
        if not any("rightsstatements.org" in found.license_link or found.tier in _DEFINED for found in speaking):
            reading.left += self.defined
        different = self.parts.differ(reading.found, NOTICE, self.by_address)
        if different:
            reading.left.append(Left("different parts: " + ", ".join(different), "condition"))
        if self.parts.held and not speaking:  # a value of its own, and the licence that stands in another is not of it
            reading.found = [CLOSED]
        if not self.by_address:
            reading.left += self.terms
        reading.terms = frozenset(left.index for left in reading.left if left.kind == "term")


def _version(words: Sequence[Token], start: int) -> tuple[str, int]:
    """ "v3", "version 2.0", "2-0" behind a licence's name; ("", start) where no number stands."""
    place = start
    while place < len(words) and place < start + 2 and words[place].word in ("v", "version", "versione", "ver"):
        place += 1
    if place >= len(words) or words[place].first or not words[place].word[0].isdigit():
        return "", start
    number = words[place].word
    following = words[place + 1] if place + 1 < len(words) else None
    if (
        following
        and following.gap in ("-", "_")
        and number.isdigit()
        and following.word.isdigit()
        and not following.first
    ):
        return f"{number}.{following.word}", place + 2
    return (number if "." in number else f"{number}.0"), place + 1


def _scope(words: Sequence[Token], start: int, family: str) -> int:
    if family in ("cc0", "public-domain-mark") and start < len(words) and not words[start].first:
        scope, end = SCOPES.longest(words, start)
        return end if scope == "universal" else start
    phrases, end = LEXICON.longest(words, start)
    return end if any(phrase.kind == "scope" and phrase.statement == family for phrase in phrases) else start
