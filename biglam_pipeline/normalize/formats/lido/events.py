"""When, where and by whom was it made? What the events of a LIDO record say of the object itself.

LIDO Terminology, event types: http://terminology.lido-schema.org/eventType ; their numbers and words are delivered, or
those of the AAT, of CIDOC CRM, or words in the language of the museum.
"""

import re
from collections.abc import Iterator
from typing import Any

from biglam_pipeline.fields.dates import DateReading, read_date
from biglam_pipeline.normalize.formats.lido.tree import Index, Node, sort
from biglam_pipeline.normalize.formats.lido.words import (
    addresses,
    appellation,
    concept,
    concepts,
    in_language,
    line,
    said,
)

PRODUCTION, CREATION, PUBLICATION, DESIGN = "production", "creation", "publication", "design"
_TYPE = {PUBLICATION: "published", DESIGN: "designed"}
"""What `date_type` says of a date that is not of the making."""
_WORDS = {
    PRODUCTION: """lido00007 production 300054713 e12 e12_production manufacture manufacturing making made execution
    herstellung hergestellt produktion fertigung anfertigung ausführung ausgeführt gemalt gezeichnet gedruckt druck
    geprägt prägung geschrieben aufgenommen aufnahme fotografiert fotografische_aufnahme printing photographing
    photography vervaardiging productie fabrication fabrication_/_production réalisation produzione esecuzione
    realizzazione producción fabricación elaboración produção fabrico producció tillverkning framställning valmistus
    fremstilling produktion_af_genstand produksjon tilvirkning framleiing valmistamine wytworzenie wykonanie produkcja
    výroba zhotovenie izdelava izrada proizvodnja készítés előállítás gyártás izgatavošana pagaminimas gamyba
    παραγωγή κατασκευή производство изготовление producție üretim""",
    CREATION: """lido00012 creation expression_creation work_creation e65 e65_creation 300404387 conception schöpfung
    geistige_schöpfung entstehung erstellung geschaffen creatie ontstaan création creazione creación criação creació
    skapande skapelse luominen teoksen_luominen skabelse frembringelse skaping loomine utworzenie powstanie vytvoření
    vytvorenie vznik stvaranje nastanek létrehozás alkotás radīšana sukūrimas δημιουργία создание creare yaratım""",
    PUBLICATION: """lido00228 publication publishing 300054686 veröffentlichung veröffentlicht publikation erscheinen
    publicatie uitgave pubblicazione publicación publicação publicació publicering julkaisu julkaiseminen udgivelse
    publisering utgivelse avaldamine kirjastamine publikacja wydanie vydání vydanie objava publikálás kiadás
    publicēšana publikavimas δημοσίευση έκδοση издание публикация""",
    DESIGN: """lido00224 designing design entwurf entworfen form_entworfen ontwerp conception_graphique
    progettazione diseño desenho suunnittelu formgivning disseny projekt návrh tervezés σχεδιασμός проектирование""",
}
"""Kind -> the LIDO Terminology's numbers and words, AAT's numbers, CIDOC CRM's classes, and words as museums write
them (museum-digital and Digicult in German, Rijksmuseum, Joconde, CulturaItalia, Finna, DigitaltMuseum, MUIS, and the
languages that Athena's members deliver). What stands in no list is another event."""
_KINDS = {word: kind for kind, words in reversed(_WORDS.items()) for word in words.split()}
_OF_PLACE = re.compile(
    r"produ|creat|creac|criaç|manuf|fabri|herstell|entsteh|anfert|druck|print|publi|verlag|uitgave|vervaard|realiz|"
    r"execut|tillverk|valmist|fremstil|tilvirk|where .* made|preferred|alternat|current|display",
    re.IGNORECASE,
)
"""Of `eventPlace/@type`: that it is the place of the making. Others are of a person (born, died), or of a journey."""
_PUBLISHER = re.compile(
    r"publish|verl[ae]g|herausgeb|édit|uitgev|editor|edit[oö]r|forlag|förlag|udgiver|kustant|wydaw|nakladat|kiadó",
    re.IGNORECASE,
)
_YEAR = re.compile(r"([0-9]{4})(?:-[0-9]{2}(?:-[0-9]{2})?)?(?:T.*)?")
_ACTIVE = re.compile(r"activ|aktiv|wirk|tätig|flor|attiv|werkz|nachweis", re.IGNORECASE)
_ESTIMATED = re.compile(r"estimat|circa|ca\b|approx|geschätzt|lido00529", re.IGNORECASE)
_GROUP = re.compile(
    r"corp|körper|koerper|organi|instit|group|grup|famil|societ|firm|workshop|werkst|company", re.IGNORECASE
)


def events_of(found: Index) -> list[tuple[str, Node]]:
    """Those that the object came to be by, each with its kind: its making before all others."""
    if found.made is None:
        found.made = [(kind, one) for one in _events(found) if (kind := kind_of(one))]
        found.made.sort(key=lambda one: [*_WORDS].index(one[0]))
        for _, event in found.made:
            for place in event.all("eventType"):
                place.spend()
    return found.made


def _events(found: Index) -> list[Node]:
    """The events of the object, not those that are shown on it or that an event is part of."""
    sets = sort(found.all("eventSet"))
    inside = [event for one in sets for event in one.all("event")]
    return inside or [one for one in found.all("event") if one.up is not None and one.up.name.endswith("Wrap")]


def kind_of(event: Node) -> str:
    """What kind of event it is; empty for all others. A publication with a name is a book about the object."""
    for place in event.all("eventType"):
        words = [*addresses(place), *(one.text for one in place.inside() if one.text)]
        for word in words:
            last = re.split("[/#]", word.rstrip("/#"))[-1] if word.startswith("http") else word
            kind = _KINDS.get("_".join(last.casefold().split()), "")
            if kind == PUBLICATION and any(one.text for name in event.all("eventName") for one in name.inside()):
                return ""
            if kind:
                return kind
    return ""


# --- dates ---


def dates_of(found: Index) -> dict[str, Any]:
    """date_raw and date_type, of the first kind of event that has a date; and problems."""
    events = events_of(found)
    for kind in dict.fromkeys(kind for kind, _ in events):
        dates = [text for own, one in events if own == kind for text in _date_of(one, found.lang)]
        if dates:
            return {"date_raw": list(dict.fromkeys(dates)), "date_type": _TYPE.get(kind, "")}
    return {}


def date_in(node: Node, lang: str) -> list[str]:
    """The date that stands in a displayDate and in earliestDate and latestDate: what is shown where it can be read and
    says what it says to a program, else what is meant for programs.
    """
    shown = [one for one in node.all("displayDate") if one.text.strip(" ;,.-")]
    mine = [one for one in shown if one.lang == lang] or shown[:1]  # repeated for another language only
    texts = [line(one.text) for one in mine]
    for one in shown:
        one.used = True
    bounds = _bounds(node)
    if not bounds:
        return texts
    clean = [text for text in texts if (reading := read_date(text)).edtf is not None and not reading.problem]
    program = read_date(bounds)
    if clean and (program.edtf is None or any(_meets(read_date(text), program) for text in clean)):
        return clean
    return [bounds, *clean] if program.edtf is not None else [*texts, bounds]


def _meets(shown: DateReading, program: DateReading) -> bool:
    starts = [one.year_start if one.year_start is not None else -10_000 for one in (shown, program)]
    ends = [one.year_end if one.year_end is not None else 10_000 for one in (shown, program)]
    return max(starts) <= min(ends)


def _bounds(node: Node) -> str:
    """`earliest/latest` of a date. Beginning and end in one are one date; an end of 9999 is none."""
    for date in node.all("date"):
        ends = [_bound(next(iter(date.all(name)), None)) for name in ("earliestDate", "latestDate")]
        first, last = ends
        if any(ends):
            last = "" if last.startswith("9999") else last
            return first if first == last else f"{first}/{last}"
    return ""


def _bound(node: Node | None) -> str:
    if node is None or not node.text:
        return ""
    node.used = True
    return f"ca. {node.text}" if _ESTIMATED.search(node.attr("type")) else node.text


def _date_of(event: Node, lang: str) -> list[str]:
    dated = [text for one in event.all("eventDate") for text in date_in(one, lang)]
    if dated:
        return dated
    for period in event.all("periodName"):
        text = line(next((one.text for one in period.all("term") if one.text), ""))
        if text and read_date(text).edtf is not None:
            return [concept(period, lang).label]
    return []


# --- actors ---


def creators_of(found: Index) -> list[dict[str, str]]:
    """Who made it. Who published it is its publisher, and who wrote of it is no concern of it."""
    lang = found.lang
    made = [one for kind, one in events_of(found) if kind != PUBLICATION]
    return _each(maker for event in made for one in event.all("eventActor") for maker in _makers(one, lang))


def publishers_of(found: Index) -> str:
    """Actors of the publication whose role is none or publisher."""
    names: list[str] = []
    for kind, event in events_of(found):
        for actor in event.all("eventActor") if kind == PUBLICATION else ():
            roles = [text for one in actor.below("actorInRole", "roleActor") if (text := concept(one, "").label)]
            if not roles or any(map(_PUBLISHER.search, roles)):
                names += [one["name"] for one in _makers(actor, found.lang)]
    return "; ".join(dict.fromkeys(names))


def _each(found: Iterator[dict[str, str]]) -> list[dict[str, str]]:
    return [dict(one) for one in dict.fromkeys(tuple(one.items()) for one in found)]


def _makers(place: Node, lang: str) -> Iterator[dict[str, str]]:
    """The actors in their roles; where none is told apart, as they are shown."""
    shown = said(place.all("displayActorInRole"), lang)
    found = [one for role in place.all("actorInRole") for one in _in_role(role, lang)]
    yield from found or ([{"name": shown}] if shown else [])


def _in_role(place: Node, lang: str) -> Iterator[dict[str, str]]:
    """Each actor with each of its roles. What makes the attribution another one goes with the role: who followed a
    painter is not the painter.
    """
    roles = [one.label or one.uri for one in concepts(place.all("roleActor"), lang)]
    held = [concept(one, lang).label for one in in_language(place.all("attributionQualifierActor"), lang)]
    qualifier = ", ".join(dict.fromkeys(filter(None, held)))
    for actor in place.all("actor"):
        name = heading_of(actor, lang)
        uri = next(iter(addresses(actor)), "")
        for role in dict.fromkeys(roles) or [""] if name else ():
            whole = f"{role} ({qualifier})" if role and qualifier else role or qualifier
            yield {name_: value for name_, value in (("name", name), ("role", whole), ("uri", uri)) if value}


def heading_of(actor: Node, lang: str) -> str:
    """A heading as catalogues print it, which the reader of names takes apart: `Hayman, Francis, 1707-1776`."""
    name = appellation(actor.all("nameActorSet"), lang)
    if not name or _GROUP.search(actor.attr("type")):
        return name
    for dates in actor.all("vitalDatesActor"):
        ends = [next(iter(dates.all(one)), None) for one in ("earliestDate", "latestDate")]
        years = [_year(one) for one in ends]
        if any(years) and not re.search("[0-9]{4}", name):
            active = any(one is not None and _ACTIVE.search(one.attr("type")) for one in ends)
            return f"{name}, {'active ' if active else ''}{years[0]}-{years[1]}"
    return name


def _year(node: Node | None) -> str:
    found = _YEAR.fullmatch(node.text) if node is not None else None
    if node is None or found is None:
        return ""
    node.used = True
    return found[1]


# --- places ---


def places_of(found: Index) -> list[str]:
    """Where it was made. A place of a kind that is not known may be where its maker died."""
    made = [one for kind, one in events_of(found) if kind != DESIGN]
    places = [place for one in made for place in one.all("eventPlace")]
    mine = [one for one in places if not one.attr("type") or _OF_PLACE.search(one.attr("type"))]
    return list(dict.fromkeys(label for one in mine if (label := place_in(one, found.lang)[0])))


def place_in(node: Node, lang: str) -> tuple[str, str]:
    """Name and address of a place: as it is shown, else by its name and those of what it is part of."""
    shown = said(node.all("displayPlace"), lang).strip(" ;")
    names, uri = [], ""
    for one in (*node.all("place"), *([node] if node.all("namePlaceSet", "placeID") else [])):
        uri = uri or next(iter(addresses(one)), "")
        names += _chain(one, lang)
    return shown or ", ".join(dict.fromkeys(names)), uri


def _chain(place: Node, lang: str) -> list[str]:
    name = appellation(place.all("namePlaceSet"), lang).strip(" ;")
    return [*filter(None, [name]), *(text for one in place.all("partOfPlace") for text in _chain(one, lang))]
