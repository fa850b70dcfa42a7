"""What varies in the writing of a statement and means nothing: entities, tags, width, accents, dashes, case.

Unicode's normalization form KC and character categories: https://www.unicode.org/reports/tr15/ and tr44.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST_CHARACTERS = 4_000
"""Beyond this many characters a value is a text about rights, which nobody has read, and not a statement."""

MOST_READ = 100_000
"""Beyond this many a value is not even searched for what closes it."""

_TAG = re.compile(r"<[^<>]*>")
# Elements that leave their content as it is read (https://html.spec.whatwg.org/multipage/indices.html), with attributes
# that have a value. Anything else in angle brackets is text: "CC BY 4.0 <not for images>". del and s strike words out.
_ELEMENTS = (
    "a abbr acronym address article b big blockquote br center cite code dd div dl dt em figcaption figure font footer"
    " h[1-6] hr i img label li link mark meta ol p pre q section small span strong sub sup table tbody td th thead"
    " tr tt u ul"
)
_MARKUP = re.compile(
    rf"</?(?:{'|'.join(_ELEMENTS.split())})"
    r"(?:\s+[\w:.-]+\s?=\s?(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))*\s*/?>",
    re.IGNORECASE,
)
# Struck out or not shown, by CSS or by a combining stroke (U+0335 to U+0338, U+20D2, U+20D3, U+20E0, U+20E5, U+20EB).
_NOT_SHOWN = re.compile(r"line-through|display\s?:\s?none|visibility\s?:\s?hidden", re.IGNORECASE)
_STROKES = "\u0335\u0336\u0337\u0338\u20d2\u20d3\u20e0\u20e5\u20eb"
_UNTICKED = re.compile(r"\[\s{0,3}\](?!\()")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]+)>", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6]|td|tr|table)\b", re.IGNORECASE)
# What a reader of the page follows or sees. RDFa's `property`, `rel`, `xmlns:dct`, `style` are for machines.
_SEEN = re.compile(
    r"(?<=[\s\"'])(href|src|alt|title)\s?=\s?(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))", re.IGNORECASE
)
# The chooser of Creative Commons marks the licensor's page and the source so (https://wiki.creativecommons.org/CC_REL).
_CREDIT_LINK = re.compile(
    r"(?:rel|property)\s?=\s?[\"'](?:cc:attributionURL|dct?:source|cc:attributionName)", re.IGNORECASE
)
# "(c)" for ©: only in round brackets, since "c" alone stands for circa.
_ROUND_C = re.compile(r"\(c\)", re.IGNORECASE)
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|[^\s\w]|_")
_SENTENCE_END = frozenset(".?")
_BREAK = frozenset(";|\u2022\u00a6\u00b7\u3002")

JOINTS = frozenset(
    ".,;:()[]{}/|\\\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a-_\u2022\u00a6\u00b7\u3001\u3002\u30fb"
)
"""Signs that join or enclose words. Any other sign says something, and what it says is not known."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign of a folded value."""

    word: str
    """Lower case and without accents, as the tables are read."""
    raw: str
    """As it was written, for names and for people."""
    gap: str
    """The signs between the token before and this one, without blanks."""
    first: bool
    """Does a sentence begin here?"""


def fold_statement(value: str) -> str:
    """The form in which the keys of `statements:` are compared: NFKC, entities and blanks folded; case is kept."""
    return " ".join(unicodedata.normalize("NFKC", _unescape(value)).split())


def _unescape(value: str) -> str:
    # Twice: "&amp;lt;a href..." is what an OAI page holds of a description that was HTML.
    return html.unescape(html.unescape(value))


def fold(value: str) -> str:
    """A value as one line of visible text: addresses of links in their place, all dashes "-", no hidden signs."""
    text = unicodedata.normalize("NFKC", _unescape(value))
    text = _TAG.sub(_visible, text)
    text = _UNTICKED.sub(" \u2610 ", text)
    text = _ROUND_C.sub(" \u00a9 ", text)
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_folded_sign, text))
    return text.strip(" ")


def _visible(tag: re.Match[str]) -> str:
    words = tag[0]
    link = _AUTOLINK.fullmatch(words)
    if link:
        return f" {link[1]} "
    if not _MARKUP.fullmatch(words) or _NOT_SHOWN.search(words):
        return words  # its brackets are signs that nothing accounts for
    seen: list[str] = ["\n"] if _BLOCK.match(words) else [" "]
    own_page = _CREDIT_LINK.search(words) is not None
    for name, double, single, bare in _SEEN.findall(words):
        value = double or single or bare
        if name.casefold() in ("href", "src"):
            seen.append("" if own_page or value.startswith("#") else f" {value} ")
        elif value:
            seen.append(f"\n{value}\n")
    return "".join(seen)


def _folded_sign(sign: str) -> str:
    if sign.isascii():
        return sign if sign >= " " or sign == "\n" else " "
    return _folded_rare(sign)


@lru_cache(maxsize=4_096)
def _folded_rare(sign: str) -> str:
    category = unicodedata.category(sign)
    # A private sign may be an icon of a condition (Font Awesome draws "non-commercial" at U+F4E8), so may a new one.
    if sign in _STROKES or category in ("Co", "Cn", "Cs"):
        return " \ufffd "  # nothing accounts for it
    if category == "Pd" or sign in "\u2212\u2043":
        return "-"
    # Soft hyphen, joiners, marks of direction; marks that NFKC could not compose with their letter.
    if category in ("Cf", "Cc", "Mn", "Mc", "Me"):
        return ""
    if category in ("Zl", "Zp"):
        return "\n"
    return " " if category == "Zs" else sign


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word in lower case without accents: "Réservés" is "reserves", "ß" is "ss"."""
    if word.isascii():
        return word.casefold()
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in apart if unicodedata.category(sign) != "Mn").casefold()


def letters(words: str) -> str:
    """Only the letters of some words, joined: "Attribution - No Derivs" is "attributionnoderivs"."""
    return "".join(sign for sign in plain(fold(words)) if sign.isalnum())


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a folded text. A joint is in the gap before the next token, not one itself."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    gap, first, before, end = "", True, "", 0
    for found in _TOKEN.finditer(text):
        raw = found[0]
        first = first or "\n" in text[end : found.start()]
        end = found.end()
        if raw in JOINTS or raw == "!":
            if raw == "!" and text[end : end + 1].isalnum():
                yield Token("!", "!", gap, first)  # "!CC0" denies
            gap += raw
            first = first or raw in _BREAK or _ends(raw, text, end, before)
            continue
        yield Token(plain(raw), raw, gap, first)
        gap, first, before = "", raw == "?", raw


def _ends(sign: str, text: str, end: int, before: str) -> bool:
    """Does this sign end a sentence? Not behind an initial ("U.S. law", "J. Smith") or a day ("1. Januar")."""
    short = (len(before) == 1 and before.isalpha()) or (len(before) < 3 and before.isdigit())
    if sign not in _SENTENCE_END or (sign == "." and short):
        return False
    return not text[end : end + 1].isalnum()
