"""Reads MODS: in pages of an OAI server or of SRU, in a `modsCollection`, or one record a file.

MODS: https://www.loc.gov/standards/mods/userguide/ ; its elements as Dublin Core has them:
https://www.loc.gov/standards/mods/mods-dcsimple.html
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, statements_elsewhere
from biglam_pipeline.normalize.vocabularies.mods import read_mods
from biglam_pipeline.normalize.vocabularies.mods_dates import below
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.settings import Accounts

Element = etree._Element

_TYPES = {
    "text": "Text",
    "cartographic": "StillImage",
    "notated music": "Text",
    "sound recording": "Sound",
    "sound recording-musical": "Sound",
    "sound recording-nonmusical": "Sound",
    "still image": "StillImage",
    "moving image": "MovingImage",
    "three dimensional object": "PhysicalObject",
    "software, multimedia": "Software",
    "mixed material": "Collection",
    "manuscript": "Text",
}
"""typeOfResource, and what it is in DCMI's types: the mapping to Dublin Core named above."""
_SINGLE = {"title", "publisher", "year_evidence"}
_READ = {
    *("titleInfo", "name", "originInfo", "language", "identifier", "accessCondition", "subject", "genre", "abstract"),
    "tableOfContents",
    *("typeOfResource", "physicalDescription/extent", "relatedItem", "location/url", "location/shelfLocator", "part"),
    "recordInfo/recordIdentifier",
}
"""Elements that give columns; all others that are filled are reported."""
_OF_A_NAME = ("family", "given", "termsOfAddress", "date")


class Mods(Enveloped):
    """A record is a row; a PATH is XPath 1.0 from `mods` (`mods:note[@type='venue']`)."""

    type: Literal["mods"] = "mods"
    """MODS, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "elements counted by expat (tests); the harvester's count of the same pages",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".mods",)
    record_format: ClassVar[str] = "mods"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("mods", "oai_mods", "mods3")
    called: ClassVar[tuple[str, ...]] = ("mods3", "mods_xml", "modsxml", "oai_mods")
    containers: ClassVar[frozenset[str]] = frozenset({"mods"})
    foreign: ClassVar[tuple[str, str]] = ("not_mods", "MODS; ask the server for mods")

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What its elements say; what a related item says is of another work, but for the host that it is part of."""
        columns: dict[str, Any] = {**read_mods(container), **_titles(container), **_more(container)}
        if elsewhere := [text for one in _neighbours(container) for text in statements_elsewhere(one)]:
            columns[OF_OBJECT] = list(dict.fromkeys([*columns.get(OF_OBJECT, []), *elsewhere]))
        kept = {name: value for name, value in columns.items() if value}
        found = {
            name: value[0] if name in _SINGLE and isinstance(value, list) else value for name, value in kept.items()
        }
        return found, _unread(container)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """The catalogue's own identifier, else the first of the object."""
        named = _texts(container, "recordInfo", "recordIdentifier") or _texts(container, "identifier")
        return next(iter(named), container.get("ID") or "")


def _titles(record: Element) -> dict[str, list[str]]:
    """The title, which has no type, and the others: alternative, translated, uniform, abbreviated."""
    plain: list[str] = []
    others: list[str] = []
    for one in record.iterchildren("{*}titleInfo"):
        (others if one.get("type") else plain).append(_title(one))
    titles = [title for title in (*plain, *others) if title]
    return {"title": titles[:1], "title_alt": list(dict.fromkeys(titles[1:]))}


def _title(info: Element) -> str:
    """`nonSort title: subTitle. partNumber, partName`, as catalogues print it."""
    parts = {local(one): text_of(one) for one in info.iterchildren(etree.Element)}
    title = " ".join(filter(None, (parts.get("nonSort"), parts.get("title"))))
    whole = ": ".join(filter(None, (title, parts.get("subTitle"))))
    part = ", ".join(filter(None, (parts.get("partNumber"), parts.get("partName"))))
    return " ".join(". ".join(filter(None, (whole, part))).split())


def _more(record: Element) -> dict[str, Any]:
    """What METS does not ask of a MODS record."""
    hosts = [one for one in record.iterchildren("{*}relatedItem") if one.get("type") in ("host", "series")]
    resource = [text.lower() for text in _texts(record, "typeOfResource")]
    urls = [one for one in below(record, "location", "url") if text_of(one)]
    first = [one for one in urls if (one.get("usage") or "").startswith("primary")] or urls
    shelf = [{"scheme": "shelfmark", "value": text} for text in _texts(record, "location", "shelfLocator")]
    subjects = [text for one in record.iterchildren("{*}subject") if (text := _subject(one))]
    geographic = [*_texts(record, "subject", "geographic"), *filter(None, map(_hierarchy, _hierarchies(record)))]
    return {
        "creators": [name for one in record.iterchildren("{*}name") if (name := _name(one))],
        "genres": list(dict.fromkeys([*_texts(record, "genre"), *_texts(record, "subject", "genre")])),
        "subjects": list(dict.fromkeys(subjects)),
        "spatial": list(dict.fromkeys(geographic)),
        "description": "\n\n".join([*_texts(record, "abstract"), *_texts(record, "tableOfContents")]),
        "extent": next(iter(_texts(record, "physicalDescription", "extent")), ""),
        "collection": next((title for host in hosts for one in below(host, "titleInfo") if (title := _title(one))), ""),
        "source_url": next((text_of(one) for one in first if text_of(one).startswith("http")), ""),
        "type": next((_TYPES[one] for one in resource if one in _TYPES), ""),
        "identifiers": [*(text for one in record.iterchildren("{*}identifier") if (text := _identifier(one))), *shelf],
    }


def _identifier(element: Element) -> str:
    """What is marked as invalid is the identifier of something else, or a misprint."""
    return "" if element.get("invalid") == "yes" else text_of(element)


def _name(name: Element) -> dict[str, str] | None:
    """A heading as catalogues print it, which the reader of names takes apart, and the role."""
    parts = [(one.get("type") or "", text_of(one)) for one in name.iterchildren("{*}namePart")]
    typed = {kind: text for kind, text in parts if kind in _OF_A_NAME and text}
    plain = " ".join(text for kind, text in parts if kind not in _OF_A_NAME and text)
    heading = ", ".join(filter(None, (plain, *(typed.get(kind, "") for kind in _OF_A_NAME))))
    if not heading and (display := _texts(name, "displayForm")):
        heading = display[0]
    terms = sorted(below(name, "role", "roleTerm"), key=lambda one: one.get("type") != "code")
    role = next((text for one in terms if (text := text_of(one))), "")
    return {"name": heading, **({"role": role} if role else {})} if heading else None


def _subject(subject: Element) -> str:
    """A heading with its subdivisions, as it is printed: `Maps -- Norway -- 19th century`; places and genres have
    columns of their own, where they stand alone.
    """
    if all(
        local(one) in ("geographic", "hierarchicalGeographic", "genre", "cartographics") for one in _inside(subject)
    ):
        return ""
    words = [_hierarchy(one) or _heading(one) for one in _inside(subject) if local(one) != "cartographics"]
    return " -- ".join(filter(None, words))


def _heading(element: Element) -> str:
    if local(element) == "name":
        return (_name(element) or {"name": ""})["name"]
    return _title(element) if local(element) == "titleInfo" else text_of(element)


def _hierarchies(record: Element) -> Iterator[Element]:
    yield from below(record, "subject", "hierarchicalGeographic")


def _hierarchy(place: Element) -> str:
    """`Norge -- Bergen`; nothing of any other element."""
    if local(place) != "hierarchicalGeographic":
        return ""
    return " -- ".join(text for one in _inside(place) if (text := text_of(one)))


def _inside(element: Element) -> list[Element]:
    return [*element.iterchildren(etree.Element)]


def _texts(record: Element, *names: str) -> list[str]:
    """The texts of the elements by this path, without the line ends of a file that was laid out for the eye."""
    return [" ".join(text.split()) for one in below(record, *names) if (text := text_of(one))]


def _neighbours(record: Element) -> Iterator[Element]:
    """What may hold the address of a statement though it is called otherwise: notes and locations."""
    for one in record.iterchildren("{*}note", "{*}location"):
        yield from one.iter(etree.Element)


def _unread(record: Element) -> set[str]:
    """Names of elements, two deep, that are filled and give no column."""
    found = set[str]()
    for one in _inside(record):
        name = local(one)
        for path in [f"{name}/{local(inner)}" for inner in _inside(one) if text_of(inner)] or [name]:
            if text_of(one) and not {name, path} & _READ:
                found.add(path)
    return found
