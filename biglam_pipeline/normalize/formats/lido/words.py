"""In which words does LIDO say what something is called? Variants of a name, a term in several languages, an address.

"If only a few data fields are provided in more than one language, the respective text elements may be repeated
specifying the lang attribute" (schema 1.0); skos:Concept beside conceptID and term: schema 1.1.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from biglam_pipeline.normalize.formats.lido.tree import Node
from biglam_pipeline.parsing.html import has_markup, text_of_html

_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_TERMS = ("term", "skos:prefLabel", "skos:altLabel")
_MARKED = re.compile("<<([^<>]{1,20})>>|\u00ac([^\u00ac]{1,20})\u00ac|[\x88\x98]([^\x88\x89\x98\x9c]{1,20})[\x89\x9c]")
"""Words that do not sort, as libraries mark them: <<Der>>, \u00acDer\u00ac, the controls of ISO 6630 and MARC 21."""
_ALTERNATE = {"alternate", "alternative", "lido00170", "hidden", "lido00426"}
"""In the words of schema 1.0, and alternative and hidden of the LIDO Terminology."""
_AUTHORITIES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("aat", re.compile("300[0-9]{6}"), "http://vocab.getty.edu/aat/"),
    ("ulan", re.compile("500[0-9]{6}"), "http://vocab.getty.edu/ulan/"),
    ("tgn", re.compile("[1278][0-9]{6}"), "http://vocab.getty.edu/tgn/"),
    ("gnd", re.compile("[0-9]{1,10}-?[0-9X]"), "https://d-nb.info/gnd/"),
    ("viaf", re.compile("[1-9][0-9]{4,21}"), "http://viaf.org/viaf/"),
    ("wikidata", re.compile("Q[1-9][0-9]*"), "http://www.wikidata.org/entity/"),
    ("geonames", re.compile("[1-9][0-9]{4,7}"), "https://sws.geonames.org/"),
)
"""What `source` calls an authority, how its numbers look, and their address: one that looks otherwise was cut."""


class Concept(NamedTuple):
    """What something is, or what it is called."""

    label: str
    uri: str
    scheme: str


def plain(text: str) -> str:
    """A text as it is read: on one line or more, without HTML and without the marks of what does not sort."""
    if has_markup(text):
        text = text_of_html(text) or ""
    elif "\n" in text or "  " in text or "\t" in text:
        text = "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
    return _MARKED.sub(lambda found: next(filter(None, found.groups())), text)


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def is_alternate(node: Node) -> bool:
    """Whether `pref` says that another name is preferred, or that it is for a search alone."""
    return node.attr("pref").rpartition("/")[2].lower() in _ALTERNATE


def chosen(variants: Iterable[Node], lang: str) -> Node | None:
    """The one that speaks for all variants of one text: in this language, else in none, else as they stand. What is
    another text in its own language, and no alternate, stays unread.
    """
    filled = sorted(
        (one for one in variants if one.text), key=lambda one: (one.lang not in (lang, ""), is_alternate(one))
    )
    for one in filled:
        is_other = one.lang == filled[0].lang and one.text != filled[0].text and not is_alternate(one)
        one.used = one.used or not is_other
    return filled[0] if filled else None


def in_language(found: Iterable[Node], lang: str) -> list[Node]:
    """Of elements that are repeated for another language those in this one, else those in that of the first."""
    filled = [one for one in found if any(inner.text for inner in one.inside())]
    mine = [one for one in filled if one.lang in (lang, "")] or [one for one in filled if one.lang == filled[0].lang]
    for one in {*filled} - {*mine}:
        one.spend()
    return mine


def said(variants: Iterable[Node], lang: str) -> str:
    """Its text on one line, or nothing."""
    one = chosen(variants, lang)
    return line(one.text) if one else ""


def shown_in(variants: Iterable[Node], lang: str, *, named: bool = False) -> str:
    """All that is shown in one language: CIMEC repeats displayMaterialsTech for material and technique, and
    displayObjectMeasurements for each size. named: such are told apart by @label.
    """
    mine = in_language(variants, lang)
    named = named and len({one.attr("label") for one in mine}) > 1
    for one in mine:
        one.used = True
    return "; ".join(each(mine, lambda one: f"{one.attr('label') if named else ''} {line(one.text)}".strip()))


def appellation(names: Iterable[Node], lang: str) -> str:
    """The name of nameActorSet, namePlaceSet, legalBodyName: of all the preferred one. An empty one is none."""
    return said((value for one in names for value in one.all("appellationValue")), lang)


def concept(node: Node, lang: str) -> Concept:
    """What it says by terms, by SKOS, or by its own text. Terms that are added for a search alone are left."""
    terms = [one for one in node.inside() if one.name in _TERMS and one.attr("addedSearchTerm").lower() != "yes"]
    terms.sort(key=lambda one: _TERMS.index(one.name))
    label = said([one for one in terms if one.name != "skos:altLabel"] or terms, lang) or said([node], lang)
    ids = node.all("conceptID")
    uri = next(iter(addresses(node)), "")
    scheme = next((source for one in ids if one.text and (source := one.attr("source")).lower() != "local"), "")
    for one in ids:
        one.used = one.used or bool(uri) or one.text.strip("-").isdecimal()
    if label.startswith(("http://", "https://")):
        label, uri = "", uri or label
    return Concept(label, uri, scheme)


def concepts(found: Iterable[Node], lang: str) -> list[Concept]:
    """Those that say anything."""
    return [one for node in found if (one := concept(node, lang)).label or one.uri]


def every_concept(found: Iterable[Node], lang: str) -> list[Concept]:
    """The same; and of one without an address each further term in its language is another: Finna's museums list the
    words of a subject, and a class with its subclass, in one element. Where there is an address they are synonyms.
    """
    told: list[Concept] = []
    for node in found:
        one = concept(node, lang)
        told += [one] if one.label or one.uri else []
        for term in node.inside() if not one.uri else ():
            is_hidden = is_alternate(term) or term.attr("addedSearchTerm").lower() == "yes"
            if term.name == "term" and term.text and not term.used and not is_hidden:
                term.used = True
                told.append(Concept(line(term.text), "", one.scheme))
    return told


def addresses(node: Node) -> Iterator[str]:
    """The addresses of what it is: of SKOS, of identifiers that are some, of numbers in an authority that is known."""
    for one in node.inside():
        if one.name == "skos:Concept" and (about := (one.element.get(_ABOUT) or "").strip()):
            yield about
    for one in node.kids:
        if one.name in ("conceptID", "actorID", "placeID", "legalBodyID") and (uri := _address(one)):
            one.used = True
            yield uri


def _address(node: Node) -> str:
    text = "".join(node.text.split())
    if text.startswith(("http://", "https://")):
        return text
    source = node.attr("source").lower()
    for name, shape, address in _AUTHORITIES:
        if name in source and shape.fullmatch(text):
            return address + text
    return ""


def each(found: Iterable[Node], make: Callable[[Node], str]) -> list[str]:
    """What is made of each, without what is empty, and each once."""
    return list(dict.fromkeys(filter(None, map(make, found))))
