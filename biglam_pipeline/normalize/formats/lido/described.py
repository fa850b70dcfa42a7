"""What does a LIDO record say of the object? The columns that its descriptive metadata fill, in one language.

"For fully multi-lingual resources, repeat this element once for each language" (schema 1.0, descriptiveMetadata): what
stands in a second language is the same fact again. So a column is filled in the language of the first block, or in
another where that one says nothing; titles are all kept.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from biglam_pipeline.normalize.formats.lido.events import (
    creators_of,
    date_in,
    dates_of,
    events_of,
    heading_of,
    place_in,
    places_of,
    publishers_of,
)
from biglam_pipeline.normalize.formats.lido.tree import Index, Node, Tree, sort
from biglam_pipeline.normalize.formats.lido.words import (
    addresses,
    appellation,
    chosen,
    concept,
    concepts,
    each,
    every_concept,
    in_language,
    is_alternate,
    line,
    plain,
    said,
    shown_in,
)

_FORMER = re.compile(r"former|previous|past|ehemal|früher|lost|verloren|voormalig|ancien|precedent|anterior", re.I)
_PART_OF = re.compile(r"part of|is part|teil von|gehört zu|collection|samml|belongs|member of|kokoelma|partie de", re.I)
_KINDS = {"text": "Text", "image": "StillImage", "sound": "Sound", "video": "MovingImage", "3d": "PhysicalObject"}
"""europeana:type of a classification, as Athena and its followers deliver it, and the DCMI type of it."""
_THINGS = re.compile(r"(?:^|/)E(?:18|19|22|24|84)(?:_|$)|(?:man|human)-made object", re.I)
"""CIDOC CRM classes of `category` that are things one can hold: http://www.cidoc-crm.org/"""
_NO_DIGIT = re.compile(r"[\[{<(#%$]+[^0-9]*[\]}>)#%]+")
"""What a template left where a number was due: [WorkPID], {{inventory}}, #ID#."""
_WORD = re.compile(r"\w+")
_NO_GENRE = {"language", "europeana:type"}
_MAX_TEMPLATE = 80
_KIND_OF_NUMBER = re.compile(r"[a-zA-Z\u00c0-\u024f][\w .-]{2,40}")
_NO_KIND = {"local", "uri", "url", "uuid", "identifier", "workid", "objectid", "local identifier"}

Columns = dict[str, Any]


def describe(tree: Tree) -> Columns:
    """The columns, of one language each; see above."""
    columns: Columns = {**_titles(tree), **_dated(tree)}
    for name, read in _COLUMNS.items():
        for one in tree.described.values():
            if value := read(one):
                columns[name] = value
                break
    if not columns.get("languages"):
        columns["languages"] = [code for one in tree.described.values() for code in one.codes[:1]]
    columns["type"] = columns.get("type") or _category(tree)
    return {name: value for name, value in columns.items() if value}


def identifiers_of(tree: Tree) -> tuple[list[dict[str, str] | str], bool]:
    """Its identifiers, the record's own before others, and whether a template stood in the place of one."""
    found: list[dict[str, str] | str] = []
    left = False
    own = sorted(tree.root.all("lidoRecID", "objectPublishedID"), key=lambda one: (one.name, is_alternate(one)))
    for one in (*own, *tree.administered.all("recordID"), *_numbers(tree)):
        text = " ".join(one.text.split())
        one.used = True
        if len(text) <= _MAX_TEMPLATE and _NO_DIGIT.fullmatch(text):
            left = True
        elif text:
            found.append(_number(one, text) if one.name == "workID" else text)
    return list({repr(one): one for one in found}.values()), left


def _numbers(tree: Tree) -> Iterator[Node]:
    for one in tree.described.values():
        yield from (number for place in _repositories(one) for number in place.all("workID"))


def _number(node: Node, text: str) -> dict[str, str]:
    """workID is what the institution of custody calls the object, its inventory number if nobody says otherwise."""
    kind = node.attr("type")
    is_kind = _KIND_OF_NUMBER.fullmatch(kind) and kind.lower() not in _NO_KIND
    return {"scheme": kind.lower() if is_kind else "inventory number", "value": text}


def _titles(tree: Tree) -> Columns:
    """The first title in the first language, and all others in all languages."""
    titles: list[str] = []
    for found in tree.described.values():
        sets = sorted(sort(found.all("titleSet")), key=is_alternate)
        first = next((one for place in sets if (one := chosen(place.all("appellationValue"), found.lang))), None)
        others = [one for place in sets for one in place.all("appellationValue") if one is not first]
        titles += each([*([first] if first else []), *others], lambda one: line(one.text))
    titles = list(dict.fromkeys(titles))
    for found in tree.described.values():
        for place in found.all("titleSet"):
            for one in place.all("appellationValue"):
                one.used = True
    return {"title": next(iter(titles), ""), "title_alt": titles[1:]}


def _dated(tree: Tree) -> Columns:
    return next((dates for one in tree.described.values() if (dates := dates_of(one))), {})


def _category(tree: Tree) -> str:
    for one in tree.root.all("category"):
        words = [*addresses(one), *(word.text for word in one.inside())]
        if any(map(_THINGS.search, words)):
            one.spend()
            return "PhysicalObject"
    return ""


def _repositories(found: Index) -> list[Node]:
    """Where it is kept today."""
    return [one for one in sort(found.all("repositorySet")) if not _FORMER.search(one.attr("type"))]


# --- one language ---


def _classified(found: Index, kind: str) -> list[Node]:
    """The classifications of this type; of no type that says what else they are."""
    own = {"language", "europeana:type"}
    return [
        one
        for one in found.all("classification")
        if (said_ := one.attr("type").lower()) == kind or (not kind and said_ not in own)
    ]


def _genres(found: Index) -> list[str]:
    """What kind of work it is, and how it is classified."""
    places = [*sort(found.all("objectWorkType")), *sort(_classified(found, ""))]
    return list(dict.fromkeys(one.label for one in every_concept(places, found.lang) if one.label))


def _dcmi_type(found: Index) -> str:
    words = [concept(one, found.lang).label.lower() for one in _classified(found, "europeana:type")]
    return next((_KINDS[word] for word in words if word in _KINDS), "")


def _languages(found: Index) -> list[str]:
    """Of the object itself, as Finna's profile has it."""
    return [one.label for one in concepts(_classified(found, "language"), found.lang) if one.label]


def _description(found: Index) -> str:
    """What is written of it, and what is written on it."""
    notes = _notes(sort(found.all("objectDescriptionSet")), found.lang)
    for one in found.all("inscriptions"):
        words = _notes([one], found.lang, "inscriptionTranscription")
        about = _notes(one.all("inscriptionDescription"), found.lang)
        where = f" ({', '.join(about)})" if words and about else ""
        notes += [f"{text}{where}" for text in words] or about
    return "\n\n".join(dict.fromkeys(notes))


def _notes(places: Iterable[Node], lang: str, name: str = "descriptiveNoteValue") -> list[str]:
    """The texts in this language, each once; of a set that has none in it, those of its first one."""
    texts: list[str] = []
    for place in places:
        values = [one for one in place.all(name) if one.text]
        first = chosen(values, lang)
        for one in values:
            if first is not None and one.lang in (first.lang, ""):
                one.used = True
                texts.append(plain(one.text))
    return list(dict.fromkeys(filter(None, texts)))


def _extent(found: Index) -> str:
    """What it is made of, and how large it is, as it is shown; else put together of what is meant for programs."""
    made = [place for _, one in events_of(found) for place in one.all("eventMaterialsTech")]
    materials = each([*found.all("objectMaterialsTechSet"), *made], lambda one: _materials(one, found.lang))
    sizes = each(sort(found.all("objectMeasurementsSet")), lambda one: _size(one, found.lang))
    return "; ".join(dict.fromkeys([*materials, *sizes]))


def _materials(place: Node, lang: str) -> str:
    shown = shown_in(place.all("displayMaterialsTech"), lang)
    terms = [one.label for one in every_concept(place.below("materialsTech", "termMaterialsTech"), lang) if one.label]
    return shown or ", ".join(dict.fromkeys(terms))


def _size(place: Node, lang: str) -> str:
    shown = shown_in(place.all("displayObjectMeasurements"), lang, named=True)
    sizes = []
    for one in place.all("objectMeasurements"):
        found = [_measure(value, lang) for value in one.all("measurementsSet")]
        of = ", ".join(
            filter(None, (concept(part, lang).label for part in in_language(one.all("extentMeasurements"), lang)))
        )
        text = " x ".join(filter(None, found))
        sizes += [f"{text} ({of})" if of else text] if text else []
    return shown or "; ".join(sizes)


def _measure(place: Node, lang: str) -> str:
    """`height 199.4 cm`."""
    kinds, units = place.all("measurementType"), place.all("measurementUnit")
    value = said(place.all("measurementValue"), lang)
    words = [_of(kinds, lang), value, _of(units, lang)]
    return " ".join(filter(None, words)) if value else ""


def _of(places: list[Node], lang: str) -> str:
    """Each language has a measurementType of its own, or all stand in one as terms."""
    if any(one.kids for one in places):
        return next((one.label for one in concepts(places, lang) if one.label), "")
    return said(places, lang)


def _subjects(found: Index) -> list[dict[str, str]]:
    """What it is about or shows: concepts, people, times, events and things. Places have a column of their own."""
    subjects: list[dict[str, str]] = []
    for place in sort(found.all("subject")):
        said_of = every_concept(sort(place.all("subjectConcept")), found.lang)
        subjects += [{"label": one.label or one.uri, "uri": one.uri, "scheme": one.scheme} for one in said_of]
        for kid in place.kids:
            label, uri = _subject(kid, found.lang)
            subjects += [{"label": label, "uri": uri, "scheme": ""}] if label else []
    for node in found.all("subjectSet"):
        if node.all("subject"):
            _spend_shown(node)
        elif shown := said(node.all("displaySubject"), found.lang):
            subjects.append({"label": shown, "uri": "", "scheme": ""})
    filled = [{key: value for key, value in one.items() if value} for one in subjects]
    return list({repr(one): one for one in filled}.values())


def _spend_shown(subject_set: Node) -> None:
    """What is shown beside subjects mostly says the same; where it says more, as the Finnish National Board of
    Antiquities describes what is seen, that is unread.
    """
    told = {word for one in subject_set.all("subject") for inner in one.inside() for word in _words(inner.text)}
    for one in subject_set.all("displaySubject"):
        one.used = one.used or told.issuperset(_words(one.text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _subject(node: Node, lang: str) -> tuple[str, str]:
    if node.name == "subjectActor":
        shown = said(node.all("displayActor"), lang)
        names = [(heading_of(one, lang), next(iter(addresses(one)), "")) for one in node.all("actor")]
        named = next((one for one in names if one[0]), ("", ""))
        return named[0] or shown, named[1]
    if node.name == "subjectDate":
        return "; ".join(date_in(node, lang)), ""
    if node.name == "subjectEvent":
        shown = said(node.all("displayEvent"), lang)
        return shown or appellation(node.below("event", "eventName"), lang), ""
    if node.name == "subjectObject":
        return _object(node, lang), ""
    return "", ""


def _object(node: Node, lang: str) -> str:
    shown = said(node.all("displayObject"), lang)
    return (
        shown or said(node.below("object", "objectNote"), lang) or appellation(node.below("object", "objectName"), lang)
    )


def _spatial(found: Index) -> list[dict[str, str]]:
    """The places that it is about or shows."""
    places = [place_in(one, found.lang) for one in found.all("subjectPlace")]
    filled = [{"name": name, "uri": uri} if uri else {"name": name} for name, uri in places if name]
    return list(
        {repr(one): one for one in [*filled, *({"uri": uri} for name, uri in places if uri and not name)]}.values()
    )


def _collection(found: Index) -> str:
    """What it is said to be part of, else the institution that keeps it: where many deliver together, that tells their
    records apart.
    """
    for one in found.all("relatedWorkSet"):
        relation = [concept(kind, found.lang).label for kind in one.all("relatedWorkRelType")]
        if any(map(_PART_OF.search, relation)):
            whole = [_object(work, found.lang) for work in one.all("relatedWork")]
            if name := next(filter(None, whole), ""):
                return name
    for one in _repositories(found):
        if name := appellation(one.below("repositoryName", "legalBodyName"), found.lang):
            return name
    return ""


_COLUMNS: dict[str, Callable[[Index], Any]] = {
    "genres": _genres,
    "type": _dcmi_type,
    "languages": _languages,
    "description": _description,
    "extent": _extent,
    "creators": creators_of,
    "publisher": publishers_of,
    "publication_place": places_of,
    "subjects": _subjects,
    "spatial": _spatial,
    "collection": _collection,
}
"""Column -> what reads it in one language."""
