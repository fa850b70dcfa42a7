"""When was it printed, says a MODS record, and when was what it prints first made?

MODS originInfo: https://www.loc.gov/standards/mods/userguide/origininfo.html
"""

import re
from collections.abc import Iterator

from lxml import etree

from biglam_pipeline.fields.dates import read_date
from biglam_pipeline.parsing.xml.reading import text_of

Element = etree._Element

_QUALIFIED = {"approximate": "ca. {}", "inferred": "[{}]", "questionable": "{}?"}
"""MODS dateType/@qualifier, as a cataloguer would write it beside the date."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}|[0-9]{8}")
_SERIAL = {"serial", "continuing", "integrating resource"}
"""Values of MODS issuance that are not monographic: the user guide named above."""
_GENRES = {"newspaper", "periodical", "journal", "issue", "newspaper issue", "periodical issue"}
"""Newspaper and periodical are of MARC's genre list (marcgt, 008/21), the others are not."""


def dates_of(record: Element, origins: list[Element]) -> dict[str, list[str]]:
    """date_raw, year_evidence and original_date_raw of a record, as far as it says them.

    The date issued is that of the printing whose words these are; a date created beside it is the original's. Where
    only the latter stands it is the date. An issue of a serial has the day it came out. origins: `originInfo` of the
    print, without those of its scan.
    """
    issued, created = _dates(origins, "dateIssued"), _dates(origins, "dateCreated")
    of_part = [text for one in below(record, "part", "date") if (text := _text(one))][:1]
    if issued:
        evidence = "issue" if _is_issue(record) else "imprint"
        return _columns(issued, evidence, created)
    if of_part:
        return _columns(of_part, "issue", created)
    if created:
        return _columns(created, "record")
    # "c1886" says in the words of a catalogue what the element's name says.
    copyrighted = [f"c{one}" if one[:1].isdigit() else one for one in _dates(origins, "copyrightDate")]
    return _columns(copyrighted, "imprint") if copyrighted else {}


def _columns(dates: list[str], evidence: str, original: list[str] | None = None) -> dict[str, list[str]]:
    """All three, also where there is no original: what lies around the record must not fill one of them."""
    return {"date_raw": dates, "year_evidence": [evidence], "original_date_raw": original or []}


def issued_in(origins: list[Element]) -> list[str]:
    """The date of the printing, where one of these says it."""
    return _dates(origins, "dateIssued")


def _is_issue(record: Element) -> bool:
    """True for an issue of a newspaper or periodical: by its issuance, its genre, or the part it is of a host."""
    said = [text_of(one).casefold() for one in below(record, "originInfo", "issuance")]
    genres = [text_of(one).casefold() for one in record.iterchildren("{*}genre")]
    parts = list(below(record, "part", "detail")) or list(below(record, "relatedItem", "part", "detail"))
    return bool(_SERIAL.intersection(said) or _GENRES.intersection(genres) or parts)


def _dates(origins: list[Element], name: str) -> list[str]:
    """The date that the record is found by, else the first; a start and an end are one range. Of what is bound together
    each part has a date of its own that it is found by.
    """
    parts = [origin for origin in origins if any(_is_key(one) for one in origin.iterchildren(f"{{*}}{name}"))]
    if len(parts) > 1:
        return list(dict.fromkeys(date for origin in parts for date in _dates([origin], name)))
    found = [one for origin in origins for one in origin.iterchildren(f"{{*}}{name}") if text_of(one)]
    key = [one for one in found if _is_key(one)] or found
    # `uuuu` in MARC's code beside "[1850]" in the catalogue's words: what can be read comes first.
    for one in [one for one in key if read_date(_text(one)).edtf is not None] or key:
        if one.get("point") in ("start", "end"):
            return _range(_of_one_range(one, found))
        return [_text(one)]
    return []


def _is_key(date: Element) -> bool:
    return date.get("keyDate") == "yes" and text_of(date) != ""


def _of_one_range(one: Element, found: list[Element]) -> list[Element]:
    """Start and end in one encoding; where the other point has none, in any."""
    same = [other for other in found if other.get("encoding") == one.get("encoding")]
    return same if {"start", "end"} <= {str(other.get("point")) for other in same} else [*same, *found]


def _range(found: list[Element]) -> list[str]:
    """1850 and 1860 are 1850/1860; an end of 9999 is what MARC writes for "still running"."""
    start = next((_text(one) for one in found if one.get("point") == "start"), "")
    end = next((_text(one) for one in found if one.get("point") == "end"), "")
    if not end and (_DAY.search(start) or read_date(start).precision == "day"):
        return [start]  # a day is not the start of anything, whatever its attribute says
    return [f"{start}/{'..' if end == '9999' else end}"]  # an end that is not said is not known


def _text(element: Element) -> str:
    text = text_of(element)
    calendar = (element.get("calendar") or "gregorian").casefold()
    if text and calendar not in ("gregorian", "julian", "proleptic gregorian"):
        text = f"{text} ({calendar} calendar)"  # MODS 3.7 @calendar: 1340 of the Hijra is no 1340
    pattern = _QUALIFIED.get(element.get("qualifier") or "")
    return pattern.format(text) if text and pattern else text


def below(element: Element, *names: str) -> Iterator[Element]:
    """The descendants by this path of local names, in any namespace."""
    yield from element.iterfind("/".join(f"{{*}}{name}" for name in names))
