"""What does a MODS record say as a catalogue's record? All that has a column, and what is filled and has none.

MODS: https://www.loc.gov/standards/mods/userguide/ ; its elements as Dublin Core has them:
https://www.loc.gov/standards/mods/mods-dcsimple.html
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from biglam_pipeline.fields.isbd import before_next_area
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, conditions_in, statements_elsewhere
from biglam_pipeline.normalize.vocabularies.mods import publishers_of, read_mods
from biglam_pipeline.normalize.vocabularies.mods_authorities import places_in, subjects_in, uri_of
from biglam_pipeline.normalize.vocabularies.mods_dates import below
from biglam_pipeline.parsing.xml.reading import local, text_of, unindented

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
TITLES = ("titleInfo", "titleinfo")
"""The second is what ArchivesSpace writes over OAI: backend/app/lib/oai/mappers/oai_mods.rb."""
_SINGLE = {"title", "year_evidence"}
_READ = {
    *("identifier", "accessCondition", "genre", "abstract", "tableOfContents", "physicalDescription/extent"),
    *("location/url", "location/shelfLocator", "recordInfo/recordIdentifier", "language/languageTerm", "part/date"),
    *(f"{info}/{name}" for info in TITLES for name in ("nonSort", "title", "subTitle", "partNumber", "partName")),
    *(f"name/{name}" for name in ("namePart", "role", "displayForm")),
    *(
        f"originInfo/{name}"
        for name in ("place", "publisher", "dateIssued", "dateCreated", "copyrightDate", "issuance")
    ),
    *(f"subject/{name}" for name in ("topic", "geographic", "temporal", "titleInfo", "name", "genre", "occupation")),
    *("subject/hierarchicalGeographic", "relatedItem/accessCondition"),
}
"""Elements that give columns, or are known to be of another work; all others that are filled are reported."""
_OF_RELATED = {"host": {"titleInfo"}, "series": {"titleInfo"}, "original": {"originInfo"}}
"""Type of a related item -> what is read of it."""
_NO_HEADING = {"geographicCode", "cartographics"}
"""Of a subject, what is no word of a heading: a code of MARC's list (n-us---), scale and coordinates."""
_SHARED = ("isbn", "issn", "ismn", "isrc", "sici")
"""How identifiers begin their type that several records may have: an edition's volumes, a serial's issues."""
_OF_A_NAME = ("family", "given", "termsOfAddress", "date")
_TERM = "languageTerm"
_SHELVED = ((), ("holdingSimple", "copyInformation"))
"""Where a location has its shelf mark: its own, or of each copy that it holds (MODS 3.3)."""


def card_of(record: Element) -> dict[str, Any]:
    """Column -> what its elements say; what a related item says is of another work, but for the host that it is part
    of. A statement of rights is heard wherever it stands.
    """
    columns: dict[str, Any] = {**read_mods(record), **_titles(record), **_more(record)}
    if elsewhere := [text for one in _neighbours(record) for text in statements_elsewhere(one)]:
        columns[OF_OBJECT] = list(dict.fromkeys([*columns.get(OF_OBJECT, []), *elsewhere]))
    kept = {name: value for name, value in columns.items() if value}
    return {name: value[0] if name in _SINGLE and isinstance(value, list) else value for name, value in kept.items()}


def catalogue_name(record: Element) -> str:
    """The catalogue's own identifier of the record; empty where it has none."""
    return next(iter(_texts(record, "recordInfo", "recordIdentifier")), "")


def name_of(record: Element) -> str:
    """The same, else the first identifier of the object."""
    if named := catalogue_name(record):
        return named
    valid = [one for one in record.iterchildren("{*}identifier") if _identifier(one)]
    valid.sort(key=lambda one: (one.get("type") or "").lower().startswith(_SHARED))
    return next(map(text_of, valid), record.get("ID") or "")


def _titles(record: Element) -> dict[str, list[str]]:
    """The title, which has no type, and the others: alternative, translated, uniform, abbreviated."""
    plain: list[str] = []
    others: list[str] = []
    # MODS 3.4: of several in two scripts or languages, the one that is chosen is marked.
    for one in sorted(
        record.iterchildren(*(f"{{*}}{name}" for name in TITLES)), key=lambda one: one.get("usage") != "primary"
    ):
        (others if one.get("type") or one.get("otherType") else plain).append(_title(one))
    titles = [title for title in (*plain, *others) if title]
    return {"title": titles[:1], "title_alt": list(dict.fromkeys(titles[1:]))}


def _title(info: Element) -> str:
    """`nonSort title: subTitle. partNumber, partName`, as catalogues print it."""
    first = " ".join(_texts(info, "nonSort"))
    elided = first.endswith(("'", "\u2019", "-"))  # L'art
    title = ("" if elided else " ").join(filter(None, (first, " ".join(_texts(info, "title")))))
    parts, number = [": ".join(filter(None, map(before_next_area, (title, *_texts(info, "subTitle")))))], False
    for one in info.iterchildren("{*}partNumber", "{*}partName"):
        text, named = before_next_area(text_of(one)), local(one) == "partName"
        parts[-1:] = [f"{parts[-1]}, {text}"] if number and named and text else [parts[-1], text]
        number = not named and bool(text)
    return " ".join(". ".join(filter(None, parts)).split())


def _more(record: Element) -> dict[str, Any]:
    """What METS does not ask of a MODS record."""
    hosts = [one for one in record.iterchildren("{*}relatedItem") if one.get("type") in ("host", "series")]
    resource = [text.lower() for text in _texts(record, "typeOfResource")]
    urls = [one for one in below(record, "location", "url") if text_of(one)]
    first = [one for one in urls if (one.get("usage") or "").startswith("primary")] or urls
    marks = dict.fromkeys(text for path in _SHELVED for text in _texts(record, "location", *path, "shelfLocator"))
    shelf = [{"scheme": "shelfmark", "value": text} for text in marks]
    headings = [(text, one) for one in record.iterchildren("{*}subject") if (text := _subject(one))]
    places = [(" ".join(text.split()), one) for one in below(record, "subject", "geographic") if (text := text_of(one))]
    places += [(text, one) for one in _hierarchies(record) if (text := _hierarchy(one))]
    spoken = [one for one in record.iterchildren("{*}language") if not one.get("objectPart")]  # not of its summary
    return {
        "creators": [name for one in record.iterchildren("{*}name") for name in _names(one)],
        "languages": [text for one in spoken or record.iterchildren("{*}language") for text in _texts(one, _TERM)],
        "publisher": "; ".join(publishers_of(record)),
        "genres": list(dict.fromkeys([*_texts(record, "genre"), *_texts(record, "subject", "genre")])),
        "subjects": subjects_in(headings),
        "spatial": places_in(places),
        "description": "\n\n".join([*_texts(record, "abstract"), *_texts(record, "tableOfContents")]),
        "extent": "; ".join(dict.fromkeys(_texts(record, "physicalDescription", "extent"))),
        "collection": next((title for host in hosts for one in below(host, "titleInfo") if (title := _title(one))), ""),
        "source_url": next((text_of(one) for one in first if text_of(one).startswith("http")), ""),
        "type": next((_TYPES[one] for one in resource if one in _TYPES), ""),
        "identifiers": [*(text for one in record.iterchildren("{*}identifier") if (text := _identifier(one))), *shelf],
    }


def _identifier(element: Element) -> str:
    """What is marked as invalid is the identifier of something else, or a misprint."""
    return "" if element.get("invalid") == "yes" else text_of(element)


def _names(name: Element) -> list[dict[str, str]]:
    """The name, with each of its roles; as a code where it has one."""
    if not (heading := _heading_of(name)):
        return []
    roles = [sorted(below(one, "roleTerm"), key=lambda term: term.get("type") != "code") for one in below(name, "role")]
    said = [unindented(next(filter(None, map(text_of, terms)), "")) for terms in roles]
    known = {"name": heading, **({"uri": uri} if (uri := uri_of(name)) else {})}
    return [{**known, "role": role} for role in dict.fromkeys(said) if role] or [known]


def _heading_of(name: Element) -> str:
    """A heading as catalogues print it, which the reader of names takes apart."""
    typed: dict[str, list[str]] = {}
    for one in name.iterchildren("{*}namePart"):
        kind = one.get("type") or ""
        typed.setdefault(kind if kind in _OF_A_NAME else "", []).append(text_of(one))
    whole, parts = " ".join(typed.get("", [])), [*typed.get("family", []), *typed.get("given", [])]
    if whole and all(part in whole for part in parts):  # Visual Library has `Stigel, Johann` beside its two parts
        typed = {kind: texts for kind, texts in typed.items() if kind not in ("family", "given")}
    heading = ", ".join(filter(None, (" ".join(typed.get(kind, [])).strip() for kind in ("", *_OF_A_NAME))))
    return heading or next(iter(_texts(name, "displayForm")), "")


def _subject(subject: Element) -> str:
    """A heading with its subdivisions, as it is printed: `Maps -- Norway -- 19th century`; places and genres have
    columns of their own, where they stand alone.
    """
    parts = [one for one in _inside(subject) if local(one) not in _NO_HEADING]
    if all(local(one) in ("geographic", "hierarchicalGeographic", "genre") for one in parts):
        return ""
    return " -- ".join(filter(None, (_hierarchy(one) or _heading(one) for one in parts)))


def _heading(element: Element) -> str:
    if local(element) == "name":
        return _heading_of(element)
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
    """What may hold the address of a statement though it is called otherwise: notes, locations, identifiers."""
    for one in _inside(record):
        if local(one) not in ("relatedItem", "recordInfo", "accessCondition"):
            yield from one.iter(etree.Element)


def _is_heard(name: str, element: Element) -> bool:
    """Whether it speaks of rights, as `mods_conditions` has it. name: of the element right below the record."""
    return name in ("note", "recordInfo", "extension") and any(True for _ in conditions_in(element))


def unread_of(record: Element) -> set[str]:
    """Names of elements, two deep, that are filled and give no column."""
    found = set[str]()
    for one in _inside(record):
        name = local(one)
        read = _OF_RELATED.get(one.get("type") or "", set()) if name == "relatedItem" else set()
        for inner in [inner for inner in _inside(one) if text_of(inner)] or [one]:
            path = name if inner is one else f"{name}/{local(inner)}"
            if text_of(one) and not {name, path} & _READ and local(inner) not in read and not _is_heard(name, inner):
                found.add(path)
    if any(text.lower() not in _TYPES for text in _texts(record, "typeOfResource")):
        found.add("typeOfResource")
    else:
        found.discard("typeOfResource")
    return found
