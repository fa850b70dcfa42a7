"""When a thing was made, from what cataloguers wrote: EDTF, the years it covers, and how sure they were.

Extended Date/Time Format, levels 0 and 1: https://www.loc.gov/standards/datetime/.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from biglam_pipeline.fields.date_asides import MAY_CHANGE_IT, NOT_THE_MAKING, NOTE_OF_ANOTHER_YEAR, OTHER_CALENDAR
from biglam_pipeline.fields.date_shapes import shape_of
from biglam_pipeline.fields.date_words import ABSENT, BC, LOOKS_DATED, OF, REPRINT, compiled
from biglam_pipeline.fields.lives import is_of_a_maker, read_life
from biglam_pipeline.fields.moments import Moment
from biglam_pipeline.fields.peeling import qualifier
from biglam_pipeline.fields.periods import read_period
from biglam_pipeline.fields.spans import read_span

EARLIEST_YEAR = -3000
LATEST_YEAR = 2100
"""A fixed bound, so that a record reads the same in every year; a harvest may be stricter."""

TYPES = ("copyright", "exhibited", "born", "died", "active", "established")


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date field as read; all None where it could not be, with the reason in `problem`."""

    edtf: str | None = None
    """Levels 0 and 1 only."""
    year_start: int | None = None
    """None for a start that nobody knows."""
    year_end: int | None = None
    """None for the open end of a range. Year 0 is 1 BC."""
    precision: str | None = None
    """day, month, season, year, decade, century or range."""
    qualifier: str | None = None
    """approximate, uncertain, approximate_uncertain or inferred; of a range, what is said of either end."""
    type: str | None = None
    """copyright, exhibited, born, died, active or established; None for the date itself."""
    problem: str = ""
    """Why it was not read, or what else it may mean: by shape, never with the value, so that it can be counted."""
    example: str = ""
    """The value that the problem is about, cut off after 80 characters."""
    original: str = ""
    """Of something printed again, the date of its first printing as written."""


NO_DATE = "no date"
_ABSENT = compiled(rf"(?:{ABSENT})|[-–?.\s]+|0+(?:\s*[-–/]\s*0+)*|9999")
# "1912,0403.1" is the number of an object, for its comma touches figures that are no year.
_SEVERAL = compiled(
    r"\s*[;|]\s*|\s*,(?!(?<=[0-9],)(?![1-9][0-9]{3}(?![0-9.]))[0-9])\s*|\s+&\s+|(?<=[0-9]{4})\s+(?=[0-9]{4})"
)
# In "1887-[90]" the brackets hold the end of the range, and no note.
_NOTE = compiled(r"\s*(?<![-–/](?=[\[(][0-9]))[\[(]([^\[\]()]*)[\])]?$")
_ERA = compiled(BC)
_VOLUME = compiled(
    r"(?<=[0-9])\s*,?\s+(?:v|vol|vols|bd|bde|t|tome|no|nr|n|pt|pts|č|nro|т|вып)\.?\s*[0-9ivx]{1,4}(?:\s*[-–]\s*[0-9ivx]{1,4})?$"
)
_AGAIN = (
    compiled(rf"(?P<first>.*[0-9].*?)[\s,;.]*[\[(]\s*(?:{REPRINT})(?:(?<=\.)|\b)\.?,?\s*(?:in\s+)?(?P<last>[^\[\]()]*[0-9]{{4}}[^\[\]()]*)[\])]\.?"),
    compiled(rf"(?P<first>.*[0-9].*?)[\s,;.]+(?:{REPRINT})(?<!reprinted)(?:(?<=\.)|\b)\.?,?\s*(?:in\s+)?(?P<last>.*[0-9]{{4}}.*)"),
    compiled(
        rf"(?P<last>.*[0-9].*?)[\s,;.]*[\[(]?\s*(?:{REPRINT})(?:(?<=\.)|\b)\.?\s*(?:(?:{OF})|[\[(]|,)\s*"
        r"(?:(?:the|der|orig\.|original(?:ly published)?|work|ed\.|edition|ausgabe|published|publ\.)\s*)*(?:in\s+)?"
        r"(?P<first>[^\[\]()]*[0-9]{4}[^\[\]()]*?)[\])]?\.?"
    ),
    compiled(
        r"(?P<last>.*[0-9].*?)[\s,;.]*[\[(]\s*(?:orig(?:\.|inally)?|first)\s*(?:publ(?:\.|ished)|pub\.|printed|ed\.)?,?\s*(?:in\s+)?"
        r"(?P<first>[^\[\]()]*[0-9]{4}[^\[\]()]*)[\])]\.?"
    ),
)  # fmt: skip
_ONLY_AGAIN = compiled(rf"\[?(?:{REPRINT})(?:(?<=\.)|\b)\.?,?\s*(?:in\s+)?(.*[0-9].*?)\]?")
_NO_DATE_OF_THE_THING = compiled(r"info:eu-repo/date/embargoend/.*")
_STAMP = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:T[0-9]{2}| [0-9]{2}:[0-9]{2}(?![0-9]))")
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_TWICE = compiled(r"(.{4,40}) \1")
_LONGEST = 120
# A longer text is prose, and every dash in it would be tried as a range.

_SIGNED = re.compile(r"(?:^|[/,;~ \[(])-[0-9]")
_NOT_READ_SIGN = "not read for its sign, which `>> until`, `>> bc` or `>> edtf` explains"
SEVERAL = "several dates or words in one field, the first date is taken"


def read_dates(raws: Sequence[str]) -> DateReading:
    """Of several the earliest that can be read, counted where they differ; else why the first cannot.

    A date of a maker ("born 1850", "American, 1850-1900") is not chosen while a date of the thing stands. A date
    with a time of day is a repository's stamp (made available, accessioned): it is never chosen while another
    stands. An end of an embargo is no date of anything that was made.
    """
    dated = [raw for raw in raws if not _NO_DATE_OF_THE_THING.match(raw.strip())]
    made = [raw for raw in dated if not is_stamp(raw)]
    readings = [read_date(raw) for raw in made]
    read = [reading for reading in readings if reading.edtf is not None]
    of_the_thing = [
        one for raw, one in zip(made, readings, strict=True) if one in read and not _is_of_a_maker(raw, one)
    ]
    if not read:
        stamps = [read_date(raw) for raw in dated if is_stamp(raw)]
        read = [reading for reading in stamps if reading.edtf is not None]
        readings += stamps
    if not read:
        return readings[0] if readings else DateReading(problem=NO_DATE)
    chosen = min(of_the_thing or read, key=_earliness)
    if chosen.problem:
        return chosen
    if all(_agree(chosen, one) for one in read):
        unread = next((one for one in readings if one.edtf is None and one.problem != NO_DATE), None)
        return (
            chosen
            if unread is None
            else replace(chosen, problem=f"beside another: {unread.problem}", example=unread.example)
        )
    return replace(chosen, problem="several dates that differ, the earliest is taken", example=_cut(" | ".join(raws)))


def _is_of_a_maker(raw: str, reading: DateReading) -> bool:
    return reading.type in ("born", "died", "active", "established") or is_of_a_maker(raw)


def is_stamp(raw: str) -> bool:
    """True for a date with a time of day: `2017-05-02T16:09:19Z`."""
    return len(raw) <= _LONGEST and _STAMP.search(raw) is not None


def is_only_stamps(raws: Sequence[str]) -> bool:
    """True where no other date stands beside the repository's own."""
    dated = [raw for raw in raws if read_date(raw).edtf is not None]
    return bool(dated) and all(is_stamp(raw) for raw in dated)


def _earliness(reading: DateReading) -> tuple[int, str, int]:
    years = [year for year in (reading.year_start, reading.year_end) if year is not None]
    edtf = reading.edtf or ""
    fine = reading.precision in ("day", "month")
    # 1889 and 1889-03 in one record agree: the finer one is the date.
    return (years[0] if years else LATEST_YEAR, f"{edtf}~" if fine else "~", -len(edtf))


def _agree(one: DateReading, other: DateReading) -> bool:
    first, second = ((reading.edtf or "").rstrip("?~%") for reading in (one, other))
    return first.startswith(second) or second.startswith(first)


def read_date(raw: str) -> DateReading:
    """A date field as cataloguers write it; never an exception.

    Several dates in one field: the first one, counted. What is neither a date nor a known way of having none is a
    problem, not a guess: "l845" stays unread, and so does "-1937", which is "until 1937" to a cataloguer, 1937 BC in
    a museum's integers and 1938 BC in EDTF, unless a step of the entry says which.
    """
    if len(raw) > 4 * _LONGEST:
        return DateReading(problem="not read, longer than a date", example=_cut(raw))
    return _read(raw)


@lru_cache(maxsize=65_536)
def _read(raw: str) -> DateReading:
    text = _tidy(raw)
    bare = text.strip("[]()<>., ")
    if not bare or _ABSENT.fullmatch(bare) or _ABSENT.fullmatch(text.strip("[]() ")):
        return DateReading(problem=NO_DATE)
    if len(text) > _LONGEST:
        return DateReading(problem="not read, longer than a date", example=_cut(raw))
    moment = _printed_again(text) or _noted(text) or read_period(text, _noted) or _one_of_several(text)
    if moment is None:
        why = _NOT_READ_SIGN if _SIGNED.search(text) else "not read"
        return DateReading(problem=f"{why}; shape {shape_of(text)}", example=_cut(raw))
    return _bounded(moment, raw)


def _cut(raw: str) -> str:
    text = " ".join(raw[:400].split())
    return text if len(text) <= 80 else text[:79] + "…"


def _tidy(raw: str) -> str:
    text = unicodedata.normalize("NFC", raw).replace("\n", ";")
    text = re.sub("[\u2012-\u2015]", "–", re.sub("[\u2010\u2011\u2212\ufe63\uff0d]", "-", text))
    text = " ".join(text.split()).strip(" ;,:|")
    twice = _TWICE.fullmatch(text)  # LIDO's children, joined: "2007-11 2007-11"
    return twice[1] if twice else text


def _bounded(moment: Moment, raw: str) -> DateReading:
    example = _cut(raw) if moment.doubt else ""
    years = [year for year in (moment.start, moment.end) if year is not None]
    if any(not EARLIEST_YEAR <= year <= LATEST_YEAR for year in years):
        return DateReading(problem=f"year out of bounds; shape {shape_of(_tidy(raw))}", example=_cut(raw))
    if len(years) == 2 and years[0] > years[1]:
        return DateReading(problem=f"ends before it begins; shape {shape_of(_tidy(raw))}", example=_cut(raw))
    kind = next((mark for mark in TYPES if mark in moment.marks), None)
    return DateReading(
        moment.edtf,
        moment.start,
        moment.end,
        moment.precision,
        qualifier(moment.marks),
        kind,
        moment.doubt,
        example,
        moment.original,
    )


# --- one field ------------------------------------------------------------------------------------------------


def _printed_again(text: str) -> Moment | None:
    """1850 [reprint 1999]: the words are those of the printing of 1999; the date of the first is kept beside it."""
    for pattern in _AGAIN:
        found = pattern.fullmatch(text)
        if found:
            moment, first = _noted(found["last"].strip(" ,;.")), found["first"].strip(" ,;.[]()")
            if moment is not None and read_span(first) is not None:
                return replace(moment, original=first)
    found = _ONLY_AGAIN.fullmatch(text)
    return read_span(found[1]) if found else None


def _noted(text: str) -> Moment | None:
    """One date or range, behind which a note in brackets or a volume may stand: "1844-1848 [v. 2, 1845]"."""
    moment = _plain(text)
    if moment is not None:
        return moment
    shorter = _VOLUME.sub("", text)
    if shorter != text:
        return _noted(shorter)
    note = _NOTE.search(text)
    moment = _plain(text[: note.start()]) if note else None
    if moment is None or note is None:
        return moment
    if not any(letter.isdigit() for letter in note[1]):
        return _worded(moment, text[: note.start()], note[1].strip())
    if moment.doubt:
        return moment
    other = read_span(note[1])
    named = [int(one) for one in _YEAR.findall(note[1])]
    apart = not _overlap(moment, other) if other is not None else any(not _holds(moment, year) for year in named)
    if apart:
        return replace(moment, doubt="another date in brackets behind it")
    return moment


def _worded(moment: Moment, date: str, words: str) -> Moment | None:
    """Words in brackets behind a date: 1850 (or later), 1850 (before); 1340 (AH) and 1944 (lost) are no year of it."""
    if OTHER_CALENDAR.fullmatch(words) or NOTE_OF_ANOTHER_YEAR.fullmatch(words):
        return None
    changed = _plain(f"{date} {words}") or _plain(f"{words} {date}")
    if changed is not None or _ERA.fullmatch(words):
        return changed
    if MAY_CHANGE_IT.search(words) and not moment.doubt:
        return replace(moment, doubt="words in brackets behind it that may change it")
    return moment


def _plain(text: str) -> Moment | None:
    return read_span(text) or read_life(text)


def _holds(moment: Moment, year: int) -> bool:
    return (moment.start is None or moment.start <= year) and (moment.end is None or year <= moment.end)


def _overlap(one: Moment, other: Moment) -> bool:
    begins = max(one.start if one.start is not None else EARLIEST_YEAR, other.start or EARLIEST_YEAR)
    ends = min(one.end if one.end is not None else LATEST_YEAR, other.end if other.end is not None else LATEST_YEAR)
    return begins <= ends


def _one_of_several(text: str) -> Moment | None:
    """The first of several dates in one field. What stands before it may be words, such as a place, but no date."""
    parts = [part for part in _SEVERAL.split(text) if part]
    joined = " ".join(parts)
    if joined != text and LOOKS_DATED.fullmatch(parts[0]):  # LIDO's children, joined: "circa;1812"
        moment = _noted(joined)
        if moment is not None:
            return moment
    for part in parts if len(parts) > 1 else ():
        moment = _noted(part)
        if moment is not None:
            return replace(moment, doubt=moment.doubt or SEVERAL)
        if NOT_THE_MAKING.search(part):  # "Rogers Fund, 1912"
            return None
        # "1861-72 v. 3, c1873": a date that cannot be read is not passed over for one that can.
        if any(letter.isdigit() for letter in part) or LOOKS_DATED.search(part):
            return None
    return None
