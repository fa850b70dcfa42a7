"""When is a key of the documentation answered? Words that only hold its place are no answer."""

import re
from collections.abc import Iterator

_STAND_INS = """
    todo to-do todos fixme tbd tba tbc tbw wip pending placeholder dummy test foo bar baz asdf qwerty lorem ipsum x xx
    xxx xxxx y z n/a na nd nil null none nothing empty blank unknown unclear undefined unspecified unset default same
    idem ditto ok yes no
"""
_PLACEHOLDERS = frozenset(_STAND_INS.split())
"""Single words that stand where nothing was written, as cards on the Hub and forms of repositories have them."""
_PHRASES = re.compile(
    r"to do|to be (?:done|determined|decided|confirmed|written|added|completed|filled(?: in)?|announced|defined)"
    r"|\W*more information needed\W*|\W*needs? more information\W*|coming soon|work in progress|see above|see below"
    r"|not (?:yet )?(?:known|available|applicable|specified|provided|stated|written|documented|given|set|defined|sure)"
    r"|no (?:information|answer|data|idea|comment)(?: available| provided)?|(?:fill|write)(?: this)? in(?: later)?"
    r"|(?:add|insert|write|describe|put) \S+(?: \S+){0,4}(?: here)|lorem ipsum\b.*|don[’']?t know|do not know"
)
_NOT_KNOWN = re.compile(r"not known\s*:\s*(?P<reason>.*)", re.IGNORECASE | re.DOTALL)
_EDGES = " \t\r\n.,;:!?…[](){}<>\"'“”‘’*_-–—"


def is_placeholder(text: str) -> bool:
    """True of `TODO`, `tbd.`, `n/a`, `[More Information Needed]` and the like, also repeated, in any case."""
    folded = " ".join(text.casefold().split())
    bare = folded.strip(_EDGES)
    if not bare or not any(letter.isalnum() for letter in bare):
        return True
    words = [word.strip(_EDGES).replace(".", "") for word in re.split(r"[\s,;|]+", bare)]
    if all(word in _PLACEHOLDERS or not word for word in words):
        return True
    return bool(_PHRASES.fullmatch(bare) or _PHRASES.fullmatch(folded)) and not _NOT_KNOWN.fullmatch(folded)


def is_answer(text: str, *, sentence: bool = False) -> bool:
    """True where somebody wrote something; `not known: REASON` is an answer, too.

    sentence: one word is no answer, since nothing can be said of gaps, uses or a basis in one.
    """
    known_not = _NOT_KNOWN.fullmatch(text.strip())
    if known_not:
        return is_answer(known_not["reason"], sentence=True)
    if is_placeholder(text):
        return False
    return not sentence or len(_words(text)) > 1


def _words(text: str) -> set[str]:
    """Different words of a text: `gaps gaps gaps` is one. Scripts without blanks count by letters."""
    words = {word.strip(_EDGES) for word in text.casefold().split()} - {""}
    if len(words) == 1 and re.search(r"[぀-ヿ㐀-鿿가-힯฀-๿]", text):
        return set(text)
    return words


def same_person(one: str, other: str) -> bool:
    """True where two names, as far as their letters go, are one: "A. Reader" and "a reader"."""
    first, second = (re.sub(r"\W+", " ", name.casefold()).split() for name in (one, other))
    drop = {"the", "dr", "prof", "mr", "mrs", "ms", "mx"}
    return [word for word in first if word not in drop] == [word for word in second if word not in drop]


def unanswered(because: str, by: str) -> Iterator[tuple[str, str]]:
    """Of a decision: the keys `overrule` and `by`, where they only hold its place, and what is wrong there."""
    if not is_answer(because, sentence=True):
        yield "overrule", f"`{because}` is no reason; write in a sentence who gave leave, or what the host says"
    if not is_answer(by):
        yield "by", f"`{by}` is nobody; write who answers for it"


def is_contact(text: str) -> bool:
    """True of an e-mail address or the address of a page, also inside a few words."""
    return bool(re.search(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+|https?://[^/\s]+\.[^/\s]+", text))
