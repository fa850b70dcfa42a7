"""What does a MODS record inside METS say? Only what an issue or an article is commonly described by.

MODS: https://www.loc.gov/standards/mods/
"""

from collections.abc import Iterator

from lxml import etree

from biglam_pipeline.normalize.mets_alto.mods_dates import dates_of
from biglam_pipeline.parsing.wellformed import local, text_of

Element = etree._Element

_WORDS = ("nonSort", "title", "subTitle")


def read_mods(record: Element) -> dict[str, list[str]]:
    """Canonical column -> values; what a related item says is left to it."""
    columns: dict[str, list[str]] = {}
    titles = [title for one in record.iterchildren("{*}titleInfo") if (title := _title(one))]
    _put(columns, "title", titles[:1])
    _put(columns, "title_alt", titles[1:])
    columns.update(dates_of(record))
    _put(columns, "publisher", _texts(record, "originInfo", "publisher")[:1])
    _put(columns, "publication_place", _places(record))
    _put(columns, "languages", _texts(record, "language", "languageTerm"))
    _put(columns, "creators", [name for one in record.iterchildren("{*}name") if (name := _name(one))])
    _put(columns, "rights_raw", _texts(record, "accessCondition"))
    _put(columns, "identifiers", _texts(record, "identifier"))
    return columns


def _put(columns: dict[str, list[str]], name: str, values: list[str]) -> None:
    if values:
        columns[name] = list(dict.fromkeys(values))


def _below(element: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """The descendants by this path of local names."""
    for child in element.iterchildren(f"{{*}}{names[0]}"):
        if len(names) == 1:
            yield child
        else:
            yield from _below(child, names[1:])


def _texts(record: Element, *names: str) -> list[str]:
    return [text for one in _below(record, names) if (text := text_of(one))]


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


def _places(record: Element) -> list[str]:
    terms = _below(record, ("originInfo", "place", "placeTerm"))
    return [text for one in terms if one.get("type") != "code" and (text := text_of(one))]
