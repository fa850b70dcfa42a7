"""The dates in a line about a person or a workshop: "American, born Germany. 1886–1969", "active c. 1780", "est. 1957".

The habits of MoMA, the National Gallery of Art, Tate, the Metropolitan Museum, the Art Institute of Chicago and the
Getty's Union List of Artist Names: nationality, then birth and death, or years of activity.
"""

import re
from dataclasses import replace

from biglam_pipeline.fields.date_asides import NOT_THE_MAKING
from biglam_pipeline.fields.date_words import ACTIVE, BORN, DIED, FOUNDED, LOOKS_DATED, compiled
from biglam_pipeline.fields.moments import Moment
from biglam_pipeline.fields.spans import edge, read_between, read_span

_IN = r"(?:\s+(?:in|en|im|em|nel|år|r\.|roku|в))?"
_END = r"(?:(?<=[.*†)])|(?!\w))"
_WHO = compiled(r"(?:he|she|him|her|they|er|sie|lui|elle|m|f)\s*:\s*")
_IN_FRONT = compiled(r"([^\d,;:()\[\]]{2,60})([,:])\s*(?=\S)")
_IN_FRONT_OF_BRACKETS = compiled(r"([^\d,;:()\[\]]{2,60})\s*\(([^()]*)\)")
# English adjectives of nationality and of historic schools (Venetian, Marchigian), and countries' short names.
_NATIONALITY = re.compile(
    r"(?=[^\W\d_a-z])(?:[^\W\d_'’.-]+[\s/-]+){0,3}?(?:[^\W\d_]*(?:an|ish|ese|ch|iss|eek|elsh|hai|zech|asque|aqi|eli|ari|ani|bi|ini|ali|ic|ine"
    r"|lander|aler|burger|ino|lovak|lovene|lemish|pole|dane|swede|turk|ot)|USA?|U[SK]|USSR|GDR|FRG|UAE|DDR|BRD)(?:\s+(?:and|or)\s+[^\W\d_]+)?"
)
_STATED = {
    # "B.C. 1850" is before Christ, and "b.c. 1850" may be "born circa".
    "born": compiled(rf"(?!b\.c)(?<!\w)(?:{BORN}){_END}{_IN}\s*:?\s*(.*)"),
    # "d. 5. maj 1850" is "the 5th of May" to Danes, Swedes and Norwegians (den), and a day of death to others.
    "died": compiled(rf"(?!d\.\s*[0-3]?[0-9](?![0-9]))(?<!\w)(?:{DIED}){_END}{_IN}\s*:?\s*(.*)"),
    "active": compiled(rf"(?:{ACTIVE}){_END}{_IN}\s*:?\s*(.*)"),
    "established": compiled(rf"(?:{FOUNDED}){_END}{_IN}\s*:?\s*(.*)"),
}
_EST = compiled(r"est\.?\s+(.*)")
_PLACE = compiled(r"(?:(?:in|en|à|a|nel|em|i)\s+)?[^\d,;:?]{2,40}?[.,]?\s+(?=\S*\d)|[^\d,;:?]{2,40}?[.,]\s*(?=.*\d)")
_UNTIL = compiled(rf"(.+?)(?:\s*[,;–-]\s*|\s+)(?:{DIED}){_END}{_IN}\s*(.+)")
_AGAIN = compiled(rf"(?<=[/–-])\s*(?:(?:{ACTIVE}|{DIED}){_END}\s*)")


def read_life(text: str) -> Moment | None:
    """The years of a person or a workshop; None where the line does not say them in one of the known ways."""
    named = _WHO.match(text)
    text = text[named.end() :] if named else text
    moment = _stated(text, known=False) or (read_span(text) if named else None)
    found = _IN_FRONT.match(text) or _IN_FRONT_OF_BRACKETS.fullmatch(text)
    if moment is not None or found is None:
        return moment
    who, rest = found[1].strip(), found[2] if found.re is _IN_FRONT_OF_BRACKETS else text[found.end() :].strip()
    moment = _stated(rest, known=True)
    if moment is not None or not _is_nationality(who) or text[found.end(1) : found.end(1) + 1] == ":":
        return moment  # a colon sets off a label: "Folder: 1850"
    return read_span(rest)


def _is_nationality(who: str) -> bool:
    return not (LOOKS_DATED.search(who) or NOT_THE_MAKING.search(who)) and _NATIONALITY.fullmatch(who) is not None


def is_of_a_maker(text: str) -> bool:
    """True for a line about a person: "American, 1850-1900"."""
    found = _IN_FRONT.match(text) or _IN_FRONT_OF_BRACKETS.fullmatch(text)
    return found is not None and _is_nationality(found[1].strip())


def _stated(text: str, *, known: bool) -> Moment | None:
    """known: a nationality or a name stands in front, so that "est." is "established" and not "estimated"."""
    for kind, pattern in _STATED.items():
        found = pattern.fullmatch(text)
        if found:
            return _KINDS[kind](found[1])
    found = _EST.fullmatch(text)
    if found and (known or _UNTIL.fullmatch(text)):
        return _established(found[1])
    return None


def _born(rest: str) -> Moment | None:
    """An open end: who was born and of whom no death is known."""
    found = _UNTIL.fullmatch(rest)
    if found:
        return read_between(_behind_place(found[1]), _behind_place(found[2]))
    moment = _dates(rest)
    if moment is None or moment.start is None:
        return None
    return moment if _is_range(rest, moment) else _open_after(moment, "born")


def _dates(rest: str) -> Moment | None:
    return read_span(rest) or read_span(_behind_place(rest)) or _stated(_behind_place(rest), known=True)


def _behind_place(rest: str) -> str:
    """The dates, behind the place of birth where one is named."""
    found = _PLACE.match(rest)
    return rest if found is None or LOOKS_DATED.search(found[0]) else rest[found.end() :].strip()


def _is_range(rest: str, moment: Moment) -> bool:
    """Birth and death, not the two years that a birth may lie in (born 1967/1968; born between .. and ..)."""
    return moment.precision == "range" and any(mark in rest for mark in "–-")


def _open_after(moment: Moment, kind: str) -> Moment:
    first = edge(moment, last=False)
    if moment.precision == "range" and first.isdigit():
        first += "?"  # 1967/1968: one of the two
    return Moment(f"{first}/..", moment.start, None, "range", moment.doubt, moment.marks | {kind})


def _died(rest: str) -> Moment | None:
    """A start that nobody knows. But "died after 1828" bounds nothing."""
    moment = read_span(rest)
    if moment is None or moment.end is None:
        return None
    last = edge(moment, last=True)
    return Moment(f"/{last}", None, moment.end, "range", moment.doubt, moment.marks | {"died"})


def _active(rest: str) -> Moment | None:
    plain = _AGAIN.sub("", rest)
    moment = read_span(plain) or read_span(_behind_place(plain))
    return None if moment is None else replace(moment, marks=moment.marks | {"active"})


def _established(rest: str) -> Moment | None:
    found = _UNTIL.fullmatch(rest)
    moment = read_between(found[1], found[2]) if found else read_span(rest)
    if moment is None or moment.start is None:
        return None
    if found or _is_range(rest, moment):
        return replace(moment, marks=moment.marks | {"established"})
    return _open_after(moment, "established")


_KINDS = {"born": _born, "died": _died, "active": _active, "established": _established}
