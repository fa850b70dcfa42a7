"""Reads the Europeana Data Model: RDF/XML of one object, in pages of an OAI server, in lists, or one a file.

EDM: https://pro.europeana.eu/page/edm-documentation ; what providers deliver and what Europeana adds are two proxies of
the same object (EDM Definition 5.2.8, 4.3): what the provider says is read, never what was made of it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.cut import Described
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.rows.rights_of import OF_RECORD, column_of_term, statements_in
from biglam_pipeline.normalize.vocabularies.terms import COLUMN, Found, fit_terms, put_term
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.settings import Accounts

Element = etree._Element

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_CONTEXT = ("Agent", "Place", "TimeSpan", "Concept", "Organization")
_TYPES = {"TEXT": "Text", "IMAGE": "StillImage", "SOUND": "Sound", "VIDEO": "MovingImage", "3D": "PhysicalObject"}
"""edm:type, and the DCMI type that it is mapped to: EDM Mapping Guidelines 2.4, edm:type."""


_OBJECTS = ("ProvidedCHO", "SourceResource")
"""What the object itself is called; the second by DPLA's profile of EDM, https://dp.la/about/map"""
_NAMES = ("prefLabel", "altLabel", "hiddenLabel", "label", "name", "providedLabel", "title", "value")
"""What says how a person, place, time or subject is called, the best first: SKOS, RDFS, FOAF, DPLA."""

_TRANSLATED = "description: another language is left out"
_JOINTS = {"proxyFor", "proxyIn", "europeanaProxy", "aggregatedCHO", "isShownAt", "lineage"}
"""What holds the parts of a record together, or has a place of its own here."""


class Edm(Enveloped):
    """A record is a row; a PATH is XPath 1.0 from `rdf:RDF` (`ore:Aggregation/edm:dataProvider`)."""

    type: Literal["edm"] = "edm"
    """EDM in RDF/XML, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "elements counted by expat, up to the first damage; the harvester's count of the same pages",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".edm", ".rdf")
    version: ClassVar[int] = 5
    record_format: ClassVar[str] = "edm"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("edm", "oai_edm", "ese_edm")
    called: ClassVar[tuple[str, ...]] = ("europeana", "edm_xml", "rdf", "rdf_xml", "oai_edm")
    containers: ClassVar[frozenset[str]] = frozenset({"rdf"})
    notes: ClassVar[tuple[str, str]] = (
        (
            "Of descriptions in several languages (`xml:lang`) that of the object's language (`dc:language`) is read, "
            "else the first; what names no language is read too. The others stay in `raw_record`, and are counted."
        ),
        "",
    )
    foreign: ClassVar[tuple[str, str]] = ("not_edm", "EDM (rdf:RDF with an edm:ProvidedCHO); ask the server for edm")

    def is_container(self, element: Element) -> bool:
        """RDF is the shell of much else: of an object there is one in it."""
        return super().is_container(element) and any(
            local(one) in (*_OBJECTS, "Proxy") or one.find("{*}aggregatedCHO/{*}ProvidedCHO") is not None
            for one in element.iterchildren(etree.Element)
        )

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """One rdf:RDF of many objects is a dump of triples: who says what of which is not told here."""
        if (objects := len(_objects(container))) > 1:
            detail = f"one rdf:RDF holds {objects} objects, which would be one row; split it, or ask for one for each"
            raise Unreadable("several_objects", detail)
        found = super().described(container, alone, size)
        return found._replace(problems=(_TRANSLATED,)) if _translated(_described(container)) else found

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What the provider says of the object, and the rights of object, pictures and record."""
        labels, restated = dict(_labels(container)), dict(_restated(container))
        found, unread, said = Found(), set[str](), _described(container)
        again = _translated(said)
        for one in said:
            for child in one.iterchildren(etree.Element):
                if child in again:
                    continue
                name, text = local(child), _value(child, labels)
                if column := column_of_term(name):
                    found.setdefault(column, []).extend(_statements(child, labels, restated))
                elif name == "type" and str(child.tag).startswith("{http://www.europeana.eu/"):
                    found.setdefault("edm_type", []).append(text)
                elif name == "hasType" and text:
                    found.setdefault("genres", []).append(text)
                elif text and name not in _JOINTS:
                    put_term(found, unread, name, text)
                elif _resource(child) and name not in _JOINTS:  # it points to what is not there
                    unread.add(name)
        kind = _TYPES.get(next(iter(found.pop("edm_type", [])), "").upper())
        columns = fit_terms(found)
        for name, values in _around(container, labels, restated).items():
            columns[name] = (
                list(dict.fromkeys([*columns.get(name, []), *values])) if isinstance(values, list) else values
            )
        return ({**columns, "type": kind} if kind else columns), unread | _unread(container)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """The address of the object itself."""
        return next(filter(None, map(_about, _objects(container))), "")


def _all(record: Element, name: str) -> Iterator[Element]:
    return record.iterchildren(f"{{*}}{name}")


def _about(element: Element) -> str:
    """Its address; an rdf:ID is one in the file itself."""
    name = element.get(f"{_RDF}ID")
    return element.get(f"{_RDF}about") or (f"#{name}" if name else "")


def _objects(record: Element) -> list[Element]:
    """The objects that the record is about: those that an aggregation is of, else all."""
    nested = [one for place in _all(record, "Aggregation") for one in place.iterfind("{*}aggregatedCHO/*")]
    found = {_about(one) or str(id(one)): one for name in _OBJECTS for one in _all(record, name)}
    meant = {_resource(one) for place in _all(record, "Aggregation") for one in _all(place, "aggregatedCHO")}
    return nested or [found[about] for about in found if about in meant] or [*found.values()]


def _described(record: Element) -> list[Element]:
    """Where the provider describes the object: in the object itself, or in its proxies, but for Europeana's own."""
    proxies = [one for one in _all(record, "Proxy") if not _is_europeana_s(one)]
    objects = _objects(record)
    again = [one for name in _OBJECTS for one in _all(record, name) if _about(one) in {*map(_about, objects)}]
    return [*objects, *(one for one in again if one not in objects), *proxies]


def _is_europeana_s(proxy: Element) -> bool:
    return any(text_of(one).lower() in ("true", "1") for one in _all(proxy, "europeanaProxy"))


def _translated(said: list[Element]) -> set[Element]:
    """Descriptions in another language than the one that is read: that of the object where one is in it, else that of
    the first. What names no language is in no other.
    """
    found: dict[Element, str] = {}
    for one in (child for place in said for child in place.iterchildren(etree.Element)):
        if COLUMN.get(local(one)) == "description" and (spoken := read_languages([one.get(f"{_XML}lang") or ""])[0]):
            found[one] = spoken[0].partition("-")[0]
    if len({*found.values()}) < 2:
        return set()
    named = [text_of(one) for place in said for one in _all(place, "language")]
    own = [tag.partition("-")[0] for tag in read_languages(named)[0]]
    mine = next((one for one in own if one in found.values()), next(iter(found.values())))
    return {one for one, language in found.items() if language != mine}


def _labels(record: Element) -> Iterator[tuple[str, str]]:
    """Address of a person, place, time or subject in the record -> its label."""
    for kind in _CONTEXT:
        for one in _all(record, kind):
            if (label := _label(one)) and (about := _about(one)):
                yield about, label


def _label(one: Element) -> str:
    """How it is called: in English, else as the first says; a time without a name by its begin and end."""
    for name in _NAMES:
        labels = [(label.get(f"{_XML}lang") or "", text) for label in _all(one, name) if (text := text_of(label))]
        if labels:
            return min(labels, key=lambda label: not label[0].startswith("en"))[1]
    begin, end = (next(filter(None, map(text_of, _all(one, name))), "") for name in ("begin", "end"))
    return begin if begin == end else f"{begin}/{end}"


def _value(element: Element, labels: Mapping[str, str]) -> str:
    """The text, the label of what is pointed to where the record has it or what stands inside, or the address."""
    inside = next(element.iterchildren(etree.Element), None)
    if (
        inside is not None and not (element.text or "").strip()
    ):  # RDF/XML may write a thing where it is named: https://www.w3.org/TR/rdf-syntax-grammar/
        return _label(inside) or labels.get(_about(inside), _about(inside)) or text_of(element)
    address = _resource(element) if not text_of(element) else ""
    outside = "" if address.startswith("#") else address  # what stands in the record only, and is not named there
    return text_of(element) or labels.get(address, outside)


def _restated(record: Element) -> Iterator[tuple[str, str]]:
    """A cc:License of the record restates another, with a day on which it ends (EDM Definition 5.2.8): which one."""
    for one in _all(record, "License"):
        for target in filter(None, map(_resource, _all(one, "inheritFrom"))):
            yield _about(one), target


def _statements(element: Element, labels: Mapping[str, str], restated: Mapping[str, str]) -> list[str]:
    """What it says, and the label of what it points to; the address stands too, for a label may say less."""
    said = [restated.get(one, one) for one in statements_in(element)]
    return [text for one in said for text in dict.fromkeys((one, labels.get(one, ""))) if text]


def _around(record: Element, labels: Mapping[str, str], restated: Mapping[str, str]) -> dict[str, Any]:
    """What aggregation and pictures say, and Europeana of its own words."""
    columns: dict[str, Any] = {}
    for name in ("Aggregation", "WebResource", "EuropeanaAggregation"):
        for one in (child for place in record.iter(f"{{*}}{name}") for child in place.iterchildren(etree.Element)):
            if column := column_of_term(local(one)):
                column = OF_RECORD if name == "EuropeanaAggregation" else column
                columns.setdefault(column, []).extend(_statements(one, labels, restated))
    shown = (_target(one) for place in _all(record, "Aggregation") for one in _all(place, "isShownAt"))
    columns["source_url"] = next(filter(None, shown), "")
    return {name: value for name, value in columns.items() if value}


def _resource(element: Element) -> str:
    return element.get(f"{_RDF}resource") or text_of(element)


def _target(element: Element) -> str:
    """What it points to; the Rijksmuseum writes the thing itself there."""
    inside = next(element.iterchildren(etree.Element), None)
    return element.get(f"{_RDF}resource") or (_about(inside) if inside is not None else "") or text_of(element)


def _unread(record: Element) -> set[str]:
    """What else the aggregation says."""
    said = (one for place in _all(record, "Aggregation") for one in place.iterchildren(etree.Element) if _target(one))
    return {name for one in said if not column_of_term(name := local(one))} - _JOINTS
