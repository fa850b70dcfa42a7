"""What does a MODS record inside METS say? Only what an issue or an article is commonly described by.

MODS: https://www.loc.gov/standards/mods/
"""

import re
from collections.abc import Sequence

from lxml import etree

from biglam_pipeline.fields.isbd import before_next_area
from biglam_pipeline.normalize.rows.rights_of import mods_conditions
from biglam_pipeline.normalize.vocabularies.mods_dates import below, dates_of, issued_in
from biglam_pipeline.parsing.xml.reading import local, text_of, unindented

Element = etree._Element

_WORDS = ("nonSort", "title", "subTitle")
OF_THE_PRINT = frozenset({"date_raw", "year_evidence", "original_date_raw", "publisher", "publication_place"})
"""What `originInfo` says: of the print where the print is described, of the scanning firm where the scan is."""
_SCANNED = re.compile(r"digiti[sz]|digitali|^digital$|reproduc|microfilm|capture", re.IGNORECASE)
"""eventType of an origin that is not the print's: `digitization` in the DFG's profile, other spellings elsewhere."""
_ELECTRONIC_EDITION = re.compile(r"electronic|elektronisch|digital|num[ée]rique|online", re.IGNORECASE)


def read_mods(record: Element) -> dict[str, list[str]]:
    """Canonical column -> values; what a related item says is left to it."""
    columns: dict[str, list[str]] = {}
    titles = [title for one in record.iterchildren("{*}titleInfo") if (title := _title(one))]
    _put(columns, "title", titles[:1])
    _put(columns, "title_alt", titles[1:])
    origins = _origins(record)
    columns.update(dates_of(record, origins))
    _put(columns, "publisher", publishers_of(record, origins)[:1])
    _put(columns, "publication_place", [text for one in origins for text in _places(one)])
    _put(columns, "languages", _texts(record, "language", "languageTerm"))
    _put(columns, "creators", [name for one in record.iterchildren("{*}name") if (name := _name(one))])
    columns |= mods_conditions(record)
    _put(columns, "identifiers", _texts(record, "identifier"))
    return columns


def publishers_of(record: Element, origins: Sequence[Element] | None = None) -> list[str]:
    """Those of the print. origins: its `originInfo`, where that is known."""
    found = _origins(record) if origins is None else origins
    texts = (before_next_area(text) for one in found for text in _texts(one, "publisher"))
    return list(dict.fromkeys(filter(None, texts)))


def digital_signs(record: Element) -> int:
    """How many signs a MODS has that it describes the scan and not the print: only compared with another's."""
    origins = list(record.iterchildren("{*}originInfo"))
    described = next(record.iterchildren("{*}physicalDescription"), None)
    forms = _texts(described, "form") + _texts(described, "internetMediaType") if described is not None else []
    issued = any(one.find("{*}dateIssued") is not None for one in origins)
    return sum(
        [
            any(_is_scan(one) for one in origins) and not issued,
            bool(origins) and not issued and any(one.find("{*}dateCreated") is not None for one in origins),
            any(_ELECTRONIC_EDITION.search(form) or "/" in form for form in forms),
        ]
    )


def _origins(record: Element) -> list[Element]:
    """`originInfo` of the print: that of the item which is its original, else its own without those of the scan."""
    originals = [one for one in record.iterchildren("{*}relatedItem") if one.get("type") == "original"]
    theirs = [one for item in originals for one in below(item, "originInfo") if not _is_scan(one)]
    mine = [one for one in record.iterchildren("{*}originInfo") if not _is_scan(one)]
    printed = [one for one in mine if not _ELECTRONIC_EDITION.search(" ".join(_texts(one, "edition")))]
    mine = printed or mine  # an electronic edition that stands alone is all there is
    return theirs if any(issued_in([one]) or _texts(one, "publisher") for one in theirs) else mine


def _is_scan(origin: Element) -> bool:
    if _SCANNED.search(origin.get("eventType") or "") or _SCANNED.search(origin.get("displayLabel") or ""):
        return True
    made = origin.iterchildren("{*}dateCreated")  # by which the record is found, though the scan's day stands beside it
    if origin.find("{*}dateIssued") is not None or any(one.get("keyDate") == "yes" for one in made):
        return False
    edition = " ".join(_texts(origin, "edition"))
    return origin.find("{*}dateCaptured") is not None or _ELECTRONIC_EDITION.search(edition) is not None


def _put(columns: dict[str, list[str]], name: str, values: list[str]) -> None:
    if values:
        columns[name] = list(dict.fromkeys(values))


def _texts(record: Element, *names: str) -> list[str]:
    return [unindented(text) for one in below(record, *names) if (text := text_of(one))]


def _title(info: Element) -> str:
    parts = {local(child): text_of(child) for child in info.iterchildren(etree.Element)}
    words = [parts[name] for name in _WORDS if parts.get(name)]
    return " ".join(" ".join(words).split())


def _name(name: Element) -> str:
    """`Family, Given`, or the name as it stands."""
    parts = [(one.get("type") or "", text_of(one)) for one in name.iterchildren("{*}namePart")]
    typed = dict(parts)
    if typed.get("family"):
        return ", ".join(part for part in (typed["family"], typed.get("given", "")) if part)
    return " ".join(text for kind, text in parts if text and kind != "date")


def _places(origin: Element) -> list[str]:
    terms = below(origin, "place", "placeTerm")
    return [text for one in terms if one.get("type") != "code" and (text := before_next_area(text_of(one)))]
