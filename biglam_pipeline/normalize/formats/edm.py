"""Reads the Europeana Data Model: RDF/XML of one object, in pages of an OAI server, in lists, or one a file.

EDM: https://pro.europeana.eu/page/edm-documentation ; what providers deliver and what Europeana adds are two proxies of
the same object (EDM Definition 5.2.8, 4.3): what the provider says is read, never what was made of it.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, OF_RECORD, statements_in
from biglam_pipeline.normalize.vocabularies.terms import Found, fit_terms, put_term
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.settings import Accounts

Element = etree._Element

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_CONTEXT = ("Agent", "Place", "TimeSpan", "Concept", "Organization")
_TYPES = {"TEXT": "Text", "IMAGE": "StillImage", "SOUND": "Sound", "VIDEO": "MovingImage", "3D": "PhysicalObject"}
"""edm:type, and the DCMI type that it is mapped to: EDM Mapping Guidelines 2.4, edm:type."""


_JOINTS = {"proxyFor", "proxyIn", "europeanaProxy", "aggregatedCHO", "isShownAt", "rights"}
"""What holds the parts of a record together, or has a place of its own here."""


class Edm(Enveloped):
    """A record is a row; a PATH is XPath 1.0 from `rdf:RDF` (`ore:Aggregation/edm:dataProvider`)."""

    type: Literal["edm"] = "edm"
    """EDM in RDF/XML, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "elements counted by expat (tests); the harvester's count of the same pages",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".edm", ".rdf")
    record_format: ClassVar[str] = "edm"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("edm", "oai_edm", "ese_edm")
    called: ClassVar[tuple[str, ...]] = ("europeana", "edm_xml", "rdf", "rdf_xml", "oai_edm")
    containers: ClassVar[frozenset[str]] = frozenset({"rdf"})
    foreign: ClassVar[tuple[str, str]] = ("not_edm", "EDM (rdf:RDF with an edm:ProvidedCHO); ask the server for edm")

    def is_container(self, element: Element) -> bool:
        """RDF is the shell of much else: of an object there is one in it."""
        return super().is_container(element) and any(
            local(one) in ("ProvidedCHO", "Proxy") for one in element.iterchildren(etree.Element)
        )

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What the provider says of the object, and the rights of object, pictures and record."""
        labels = dict(_labels(container))
        found, unread = Found(), set[str]()
        for one in _described(container):
            for child in one.iterchildren(etree.Element):
                name, text = local(child), _value(child, labels)
                if name == "rights":
                    found.setdefault(OF_OBJECT, []).extend([text] if text else [])
                elif name == "type" and str(child.tag).startswith("{http://www.europeana.eu/"):
                    found.setdefault("edm_type", []).append(text)
                elif name == "hasType" and text:
                    found.setdefault("genres", []).append(text)
                elif text and name not in _JOINTS:
                    put_term(found, unread, name, text)
        kind = _TYPES.get(next(iter(found.pop("edm_type", [])), "").upper())
        columns = fit_terms(found)
        for name, values in _around(container).items():
            columns[name] = (
                list(dict.fromkeys([*columns.get(name, []), *values])) if isinstance(values, list) else values
            )
        return ({**columns, "type": kind} if kind else columns), unread | _unread(container)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """The address of the object itself."""
        return next((about for one in _all(container, "ProvidedCHO") if (about := one.get(f"{_RDF}about"))), "")


def _all(record: Element, name: str) -> Iterator[Element]:
    return record.iterchildren(f"{{*}}{name}")


def _described(record: Element) -> list[Element]:
    """Where the provider describes the object: in the object itself, or in its proxies, but for Europeana's own."""
    proxies = [one for one in _all(record, "Proxy") if not _is_europeana_s(one)]
    return [*_all(record, "ProvidedCHO"), *proxies]


def _is_europeana_s(proxy: Element) -> bool:
    return any(text_of(one).lower() in ("true", "1") for one in _all(proxy, "europeanaProxy"))


def _labels(record: Element) -> Iterator[tuple[str, str]]:
    """Address of a person, place, time or subject in the record -> its label: the English one, else the first."""
    for kind in _CONTEXT:
        for one in _all(record, kind):
            labels = [(label.get(f"{_XML}lang") or "", text_of(label)) for label in _all(one, "prefLabel")]
            chosen = sorted((label for label in labels if label[1]), key=lambda label: not label[0].startswith("en"))
            if chosen and (about := one.get(f"{_RDF}about")):
                yield about, chosen[0][1]


def _value(element: Element, labels: Mapping[str, str]) -> str:
    """The text, the label of what is pointed to where the record has it, or the address."""
    address = element.get(f"{_RDF}resource") or ""
    outside = "" if address.startswith("#") else address  # what stands in the record only, and is not named there
    return text_of(element) or labels.get(address, outside)


def _around(record: Element) -> dict[str, Any]:
    """What aggregation and pictures say, and Europeana of its own words."""
    of_object = [text for name in ("Aggregation", "WebResource") for one in _all(record, name) for text in _rights(one)]
    of_record = [text for one in _all(record, "EuropeanaAggregation") for text in _rights(one)]
    shown = (_resource(one) for place in _all(record, "Aggregation") for one in _all(place, "isShownAt"))
    columns: dict[str, Any] = {OF_OBJECT: of_object, OF_RECORD: of_record, "source_url": next(filter(None, shown), "")}
    return {name: value for name, value in columns.items() if value}


def _rights(place: Element) -> Iterator[str]:
    """edm:rights is an address, dc:rights a text."""
    for one in _all(place, "rights"):
        yield from statements_in(one)


def _resource(element: Element) -> str:
    return element.get(f"{_RDF}resource") or text_of(element)


def _unread(record: Element) -> set[str]:
    """What else the aggregation says."""
    said = (one for place in _all(record, "Aggregation") for one in place.iterchildren(etree.Element) if _resource(one))
    return {local(one) for one in said} - _JOINTS
