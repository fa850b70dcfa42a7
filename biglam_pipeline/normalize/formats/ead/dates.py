"""What does a finding aid say of dates? unitdate with @normal; in EAD3 also unitdatestructured.

EAD 2002 unitdate: https://www.loc.gov/ead/tglib/elements/unitdate.html ; EAD3 unitdatestructured, dateset, daterange,
datesingle: https://www.loc.gov/ead/EAD3taglib/ . @normal is ISO 8601, of ranges with a slash.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from biglam_pipeline.fields.dates import DateReading, read_dates
from biglam_pipeline.normalize.formats.ead.elements import Element
from biglam_pipeline.normalize.formats.ead.texts import prose
from biglam_pipeline.parsing.xml.reading import local

_DOUBTS = str.maketrans("", "", "~?%")
_TAGS = ("{*}unitdate", "{*}unitdatestructured")


@lru_cache(maxsize=4096)
def _read(raw: str) -> DateReading:
    return read_dates([raw])


def dates_of(did: Element) -> dict[str, Any]:
    """Columns of the dates of a unit: those of all of it, else of its bulk. Of what they are, where that is said."""
    found = [(kind, raw, one) for one in did.iter(*_TAGS) for kind, raw in _dated(one)]
    wanted = [each for each in found if each[0] != "bulk"] or found
    raws: dict[str, str] = {}
    for _, raw, _ in wanted:
        reading = _read(raw)
        raws.setdefault((reading.edtf or raw).translate(_DOUBTS), raw)
    if not raws:
        return {}
    kinds = {(one.get("datechar") or kind).strip().lower() for kind, _, one in wanted} - {"", "inclusive", "single"}
    return {"date_raw": list(raws.values()), **({"date_type": kinds.pop()} if len(kinds) == 1 else {})}


def has_bulk(did: Element) -> bool:
    """Whether dates of the bulk stand beside those of all of it, and are not read."""
    kinds = {_kind(one) for one in did.iter(*_TAGS)}
    return "bulk" in kinds and len(kinds) > 1


def _dated(element: Element) -> Iterator[tuple[str, str]]:
    kind = _kind(element)
    if local(element) == "unitdate":
        raw = _chosen(prose(element), (element.get("normal") or "").strip(), element)
        yield from [(kind, raw)] if raw else ()
        return
    for one in element.iter("{*}datesingle", "{*}daterange"):
        if raw := _range(one) if local(one) == "daterange" else _single(one):
            yield kind, raw


def _kind(element: Element) -> str:
    return (element.get("type") or element.get("unitdatetype") or "").strip().lower()


def _single(element: Element) -> str:
    return _chosen(prose(element), _standard(element), element)


def _range(element: Element) -> str:
    """Of one end alone what follows it, or comes before it, is not said."""
    ends = [next(element.iterchildren(f"{{*}}{name}"), None) for name in ("fromdate", "todate")]
    said = ["" if one is None else _standard(one) for one in ends]
    words = ["" if one is None else prose(one) for one in ends]
    if not any(said):
        return " - ".join(filter(None, words)) if all(words) else "/".join(word or ".." for word in words if any(words))
    start, end = (first or _iso(word) or ".." for first, word in zip(said, words, strict=True))
    doubtful = any(one is not None and _is_doubtful(one) for one in (element, *ends))
    return f"{start}/{end}" if not doubtful else "/".join(f"{one}~" if one != ".." else one for one in (start, end))


def _standard(element: Element) -> str:
    """As the encoder reads it: a date, or between which two it lies."""
    if said := (element.get("standarddate") or "").strip():
        return said
    first, last = ((element.get(name) or "").strip() for name in ("notbefore", "notafter"))
    return f"{first or '..'}/{last or '..'}" if first or last else ""


def _iso(word: str) -> str:
    return _read(word).edtf or "" if word else ""


def _chosen(text: str, normal: str, element: Element) -> str:
    """What is printed, where it says the same as the encoder's reading, or more of doubt; else the reading."""
    if not normal or not text:
        return text or normal
    read, meant = _read(text), _read(normal)
    same = meant.edtf is None or _same(read, meant)
    if same and (meant.edtf is None or read.qualifier or not _is_doubtful(element)):
        return text
    doubtful = _is_doubtful(element) or read.qualifier == "approximate"
    if doubtful and not any(mark in normal for mark in "~?%"):
        return "/".join(f"{one}~" for one in normal.split("/"))
    return normal


def _same(read: DateReading, meant: DateReading) -> bool:
    return (read.edtf or "").translate(_DOUBTS) == (meant.edtf or "").translate(_DOUBTS)


def _is_doubtful(element: Element) -> bool:
    """@certainty: "the level of confidence for the information given in a date", such as approximate or circa."""
    said = (element.get("certainty") or element.get("approximate") or "").strip().lower()
    return said not in ("", "false", "certain", "exact", "0")
