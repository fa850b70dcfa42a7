"""One date or one range, as cataloguers write it, each end with its own doubt.

Extended Date/Time Format, levels 0 and 1: https://www.loc.gov/standards/datetime/. A start that nobody knows is
`/1937`, an end still running `1937/..`, an end that nobody knows `1937/`.
"""

import re
from dataclasses import replace
from functools import lru_cache

from biglam_pipeline.fields import date_words as words
from biglam_pipeline.fields.calendars import is_same_year
from biglam_pipeline.fields.date_words import compiled
from biglam_pipeline.fields.edtf import is_ambiguous, read_edtf
from biglam_pipeline.fields.moments import Moment, written, year_of
from biglam_pipeline.fields.peeling import SUFFIX, peel_once, peeled, qualified, qualifier, simple

_PUT_RIGHT = (
    compiled(
        rf"(?:anno\s+(?:dom(?:ini|\.)\s+)?)?[0-9]{{3,4}}(?:[-–/][0-9]{{1,4}})?\s*[.,]?\s*[\[(]?\s*{words.CORRECTED}\s*,?\s*"
        r"([0-9]{4})[\])]?"
    ),
    compiled(r"(?:anno\s+)?[mdclxvi.\s]{4,}\s*[\[(=]+\s*([0-9]{4})\s*[\])]?"),
    compiled(  # DCRM(B) 4D: words of an imprint, and the year in brackets, whose last may be that of all the imprint
        r"(?:[^0-9\[\]]*\W)?(?:anno|our\s+lorde?|domini|dom\.|christi|salutis|grati[aæ]e?|millesimo)(?:\W[^0-9\[\]]*)?"
        r"\[(?:i\.\s?e\.,?\s*)?([0-9]{4})\]{1,2}\.?"
    ),
)
_OTHER_CALENDAR = compiled(r"\[?([0-9]{4})\s*\[(.+?)\]?\]")
_ABBREVIATED = compiled(r"([0-9]{4})\s*[-–/]\s*([0-9]{1,3})")
_DECADES = compiled(r"([0-9]{3})0['’]?s?\s*[-–/]\s*([0-9])0['’]?s")
_OR_SHORT = compiled(rf"([0-9]{{4}})\s*(?:{words.OR})\s*([0-9]{{1,2}})")
_TIGHT = compiled(r"([0-9]{4})/([0-9]{4})")
_PAIRS = (
    compiled(rf"(?:(?:{words.EITHER})\s+)?(.+?)\s+(?:{words.OR})\s+(.+)"),
    compiled(rf"(?:{words.BETWEEN})\s+(.+?)\s+(?:{words.AND})\s+(.+)"),
    compiled(
        r"(?:between|btw\.|inter|zwischen|zw\.|tussen|mellem|mellom|mellan|mezi|między|между)\s+(.+?)\s*[-–]\s*(.+)"
    ),
    compiled(r"vuosien\s+(.+?)\s+ja\s+(.+?)\s+välillä"),
)
_SEPARATOR = compiled(rf"\s*[/–-]\s*|\s+(?:{words.TO})\s+")
_SEPARATOR_OF_CENTURIES = compiled(rf"\s+(?:{words.AND}|{words.OR})\s+")
_ERA_BEHIND = compiled(rf"(.*[0-9])\s*[/–-]\s*([0-9]{{1,4}})\s*({words.BC}|{words.AD})")
_ERA_BEFORE = compiled(r"(.*?)(?:a\.?\s?d\.?)\s*([0-9]{1,4})\s*[/–-]\s*([0-9]{1,4})")
_BEFORE = compiled(
    # "до н.э." is before Christ, and neither "до" nor "н.э." for itself.
    rf"(?!до\s*н\.\s?э)(?:{words.OR_EARLIER}|{words.BEFORE})(?:\s+|(?<=\.))(.+)|(.+?)\s+(?:{words.OR_EARLIER})|pre-([0-9].*)"
)
_AFTER = compiled(
    rf"(?:{words.OR_LATER}|{words.AFTER})(?:\s+|(?<=\.))(.+)|(.+?)\s+(?:{words.OR_LATER}|jälkeen)|post-([0-9].*)"
)
_IN = compiled(rf"^in\s+(?={words.OR_LATER}|{words.OR_EARLIER})")
_ACTIVITY = compiled(rf"^(?:{words.ACTIVE}|{words.DIED})(?:(?<=[.†])|(?!\w))\s*")
_STILL = compiled(rf"(?:the\s+)?(?:{words.STILL})")
_NOBODY_KNOWS = compiled(rf"\[?\?+\]?|{words.ABSENT}")
_NO_MARK_OF_A_SHELF = re.compile(r"[a-zå]\.\s?[a-zåJD]\.?|[^\W\d_][^A-Z]{2,}|\W+|[uxX]{4}")
"""Ways to write "nobody knows" that can stand at a dash: "1850-n.d.", and neither "BR-1850" nor "1912-Sd"."""
_FROM = compiled(r"(?:from|von|de|del|du|da|van|fra|från|na|do)\s")
"""Before a century or a decade these are "of" and "in" as often as "since" and "until": "fra 1800-tallet" (Danish:
of the 19th century), "do século XIX", "na década de 1850" (Portuguese), "na początku XX w." (Polish)."""


UNKNOWN = Moment("", None, None, "range")
RUNNING = Moment("..", None, None, "range")


def read_between(left: str, right: str) -> Moment | None:
    """A range of which each end is written by itself."""
    return _joined(_end(left, last=False), _end(right, last=True))


@lru_cache(maxsize=16_384)
def read_span(text: str) -> Moment | None:
    """A text that is one date or one range and nothing else; None for what is not understood."""
    marks: frozenset[str] = frozenset()
    while True:
        moment = _whole(text, marks)
        if moment is not None:
            return qualified(moment, marks)
        found = peel_once(text)
        if found is None:
            return None
        text, marks = found[0], marks | found[1]


def _whole(text: str, marks: frozenset[str]) -> Moment | None:
    if not marks:
        moment = _put_right(text) or _edtf(text)
        if moment is not None:
            return moment
    return simple(text) or _unit(text) or _range(text) or _open(text)


def _edtf(text: str) -> Moment | None:
    """As written, but for what a cataloguer means otherwise: `-1937`, 0000, and 1921-23, which may be a season."""
    if is_ambiguous(text) or any(end.rstrip("?~%") == "0000" for end in text.split("/")):
        return None
    moment = read_edtf(text)
    if moment is not None and moment.precision == "month":
        return simple(text) or moment  # 1905-06 may be two years
    if moment is not None and moment.precision == "season":
        return _season(moment)
    return moment


def _season(moment: Moment) -> Moment:
    """1921-23: autumn by EDTF, three years to most catalogues; whichever it is taken for is counted."""
    years = _abbreviated(moment.edtf)
    if years is not None and years.start is not None and years.end is not None and years.end - years.start <= 10:
        return replace(years, doubt="years that follow each other, or a season; `>> edtf` says the latter")
    return replace(moment, doubt="a season, or two years" if years else "")


def _put_right(text: str) -> Moment | None:
    """The dates that a cataloguer put right, or read from Roman numerals or another calendar: the second one counts."""
    for pattern in _PUT_RIGHT:
        found = pattern.fullmatch(text)
        if found:
            return year_of(int(found[1]))
    found = _OTHER_CALENDAR.fullmatch(text)
    if found is None:
        return None
    moment = read_span(found[2])
    if moment is None or moment.start is None or moment.end is None:
        return None
    other = int(found[1])
    return moment if is_same_year(other, moment.start) or is_same_year(other, moment.end) else None


def _unit(text: str) -> Moment | None:
    """What doubts before or behind it cover as a whole: "ca. 1550–70", "c. 1755/1761", "?1784 or 5"."""
    plain, marks = peeled(text)
    era = _with_era(plain)
    if era is not None:
        return qualified(era, marks)
    if marks & {"approximate", "uncertain"} or plain[4:5] != "-":
        moment = _abbreviated(plain)
    else:
        moment = simple(plain) or _abbreviated(plain)
    if moment is None and marks & {"approximate", "uncertain"}:
        found = _TIGHT.fullmatch(plain)
        moment = _years(found[1], found[2]) if found else None
    moment = moment or simple(plain) or _either_year(plain)
    return None if moment is None else qualified(moment, marks)


def _abbreviated(text: str) -> Moment | None:
    """1844-45, 1952-4, 1999/00. But 1905-06 is June: ISO 8601 comes first. And 0 is no year."""
    found = _DECADES.fullmatch(text)
    if found:
        return _years(f"{found[1]}0", f"{found[1][:2]}{found[2]}9")
    found = _ABBREVIATED.fullmatch(text)
    if found is None or (not int(found[2]) and found[2] != "00"):
        return None
    return _completed(found[1], found[2])


def _completed(first: str, digits: str) -> Moment | None:
    start, step = int(first), 10 ** len(digits)
    end = start // step * step + int(digits)
    if end < start and digits == "00" and start % 100 >= 90:
        end += step
    return _years(first, written(end)) if end > start else None


def _either_year(text: str) -> Moment | None:
    """1767 or 8; 1728 or 32."""
    found = _OR_SHORT.fullmatch(text)
    return _completed(found[1], found[2]) if found else None


def _years(first: str, last: str) -> Moment | None:
    start, end = int(first), int(last)
    if end == start:
        return year_of(start)
    return Moment(f"{written(start)}/{written(end)}", start, end, "range") if end > start else None


def _with_era(text: str) -> Moment | None:
    """200–100 B.C., 100–200 CE, A.D. 100–200: the era holds for both."""
    found = _ERA_BEHIND.fullmatch(text)
    if found and not re.search(r"[a-z]", found[1], re.IGNORECASE):
        return _joined(simple(f"{found[1]} {found[3]}"), simple(f"{found[2]} {found[3]}"))
    found = _ERA_BEFORE.fullmatch(text)
    if found and not found[1]:
        return _joined(simple(f"A.D. {found[2]}"), simple(f"A.D. {found[3]}"))
    return None


# --- ranges ---------------------------------------------------------------------------------------------------


def _range(text: str) -> Moment | None:
    return _pair(text) or _dashed(text)


def _pair(text: str) -> Moment | None:
    for pattern in _PAIRS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        # RDA 2.8.6.6 [between 1846 and 1853?]: the doubt is about the whole, for the words hold it together.
        right = re.sub(r"\?\s*\]?$", "", found[2]) if pattern is not _PAIRS[0] else found[2]
        moment = read_between(found[1], right)
        if pattern is _PAIRS[0] and _precision(found[1]) != _precision(right):
            continue  # "20 December 1855 or 1856" is two days
        if moment is not None and moment.start is not None and moment.end is not None:
            return moment if right == found[2] else qualified(moment, frozenset({"uncertain"}))
    return None


def _precision(text: str) -> str:
    moment = _certain(text.strip("[]"))
    return moment.precision if moment is not None else ""


def _dashed(text: str) -> Moment | None:
    for pattern in (_SEPARATOR, _SEPARATOR_OF_CENTURIES):
        for found in pattern.finditer(text):
            left, right = text[: found.start()], text[found.end() :]
            moment = _divided(left, right, found[0], only_centuries=pattern is _SEPARATOR_OF_CENTURIES)
            if moment is not None:
                return moment
    return None


def _divided(left: str, right: str, mark: str, *, only_centuries: bool) -> Moment | None:
    if _is_torn(left, first=True) or _is_torn(right, first=False):
        return None
    if not left.strip("[("):
        # "-1937" may be a number; a dash that is set off, or a printer's dash, is no minus.
        begin = UNKNOWN if "–" in mark or mark != mark.rstrip() else None
    else:
        begin = _end(left, last=False)
    # EDTF: `1937/..` still runs, and the end of `1937/` is not known; a cataloguer's "1937-" still runs.
    finish = _end(right, last=True) if right.strip("])") else UNKNOWN if mark.strip() == "/" else RUNNING
    if only_centuries and (finish is None or finish.precision != "century"):
        return None
    if begin is None and finish is not None and finish.precision == "century":  # "18th-19th century"
        era = " B.C." if (finish.end or 0) < 0 else ""  # "3rd-2nd century B.C.": it holds for both
        begin = simple(f"{left} century{era}") or simple(f"{left} Jh.{era}")
    return _joined(begin, finish)


def _is_torn(text: str, *, first: bool) -> bool:
    """True where a bracket is cut in two that did not hold the whole range."""
    depth = sum(text.count(one) for one in "[(<") - sum(text.count(one) for one in "])>")
    if first:
        return depth > 1 or (depth == 1 and text[:1] not in "[(<")
    return depth < -1 or (depth == -1 and text.rstrip(".")[-1:] not in "])>")


def _joined(begin: Moment | None, finish: Moment | None) -> Moment | None:
    if begin is None or finish is None or (begin.start is None and finish.end is None):
        return None
    edtf = f"{edge(begin, last=False)}/{edge(finish, last=True)}"
    first, last = edtf.split("/")
    if first == last:
        return replace(begin, marks=begin.marks | finish.marks, doubt=begin.doubt or finish.doubt)
    marks = begin.marks | finish.marks
    if not ("copyright" in begin.marks and "copyright" in finish.marks):
        marks -= {"copyright"}  # [1999]-c2005: only the last volume names it
    return Moment(edtf, begin.start, finish.end, "range", begin.doubt or finish.doubt, marks)


def edge(moment: Moment, *, last: bool) -> str:
    """One end of an interval. Level 1 has no unspecified digits there, so a decade lends its first or last year."""
    if moment.edtf in ("", ".."):
        return moment.edtf
    edge = moment.edtf.split("/")[-1 if last else 0]
    if "X" not in edge and moment.precision not in ("decade", "century"):
        return edge
    suffix = SUFFIX.get(qualifier(moment.marks) or "", "")
    return written((moment.end if last else moment.start) or 0) + suffix


def _end(text: str, *, last: bool) -> Moment | None:
    """One end of a range: a moment with its own doubts, two that it may be, a limit, or nothing known."""
    text = _IN.sub("", text.strip())
    text = _ACTIVITY.sub("", text) if last else text  # "c. 1781 - active 1823"
    if "(" in text and ")" not in text:
        text = text.lstrip("(")
    bare = text.strip("[]() ")
    if bare == "..":
        return RUNNING
    if bare in ("0", "0000"):
        return RUNNING if last else UNKNOWN  # databases write 0 for "none"
    if (_NOBODY_KNOWS.fullmatch(bare) or _NOBODY_KNOWS.fullmatch(text)) and _NO_MARK_OF_A_SHELF.fullmatch(bare or "?"):
        return UNKNOWN
    if last and _STILL.fullmatch(bare):
        return RUNNING
    return _limit(text, last=last) or _certain(text)


@lru_cache(maxsize=16_384)
def _certain(text: str) -> Moment | None:
    plain, marks = peeled(text)
    moment = simple(plain)
    if moment is not None and moment.precision != "range":
        return qualified(moment, marks)
    moment = _unit(text)
    found = _TIGHT.fullmatch(plain)
    if moment is None and found:
        moment = _years(found[1], found[2])
    for pattern in _PAIRS[:2] if moment is None else ():
        pair = pattern.fullmatch(plain)
        one, other = (_simple_end(pair[1]), _simple_end(pair[2])) if pair else (None, None)
        if one is not None and other is not None:
            moment = _joined(one, other)
    if moment is None:
        return None
    if moment.precision == "range" and not marks and not _ABBREVIATED.fullmatch(plain):
        marks = frozenset({"uncertain"})  # of two years that it may be, neither is certain
    return qualified(moment, marks)


def _simple_end(text: str) -> Moment | None:
    plain, marks = peeled(text)
    moment = simple(plain)
    return None if moment is None else qualified(moment, marks)


def _limit(text: str, *, last: bool) -> Moment | None:
    """ "before 1730" begins nobody knows when, "after 1828" ends so; the other way round they are bounds."""
    for pattern, is_bound in ((_BEFORE, last), (_AFTER, not last)):
        found = pattern.fullmatch(text)
        moment = _certain(next(one for one in found.groups() if one)) if found else None
        if moment is not None:
            return moment if is_bound else UNKNOWN
    return None


# --- open ranges ----------------------------------------------------------------------------------------------


def _open(text: str) -> Moment | None:
    for pattern in (_BEFORE, _AFTER):
        found = pattern.fullmatch(text)
        limit = _certain(next(one for one in found.groups() if one)) if found else None
        of = _FROM.match(text)
        if (
            limit is not None
            and of
            and (limit.precision in ("century", "decade") or text.casefold().startswith("do ano"))
        ):
            return None
        if limit is not None:
            return _joined(UNKNOWN, limit) if pattern is _BEFORE else _joined(limit, RUNNING)
    return None
