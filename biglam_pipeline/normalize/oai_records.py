"""What does a record of OAI-PMH hold? Its header, and the metadata with the first element in it.

https://www.openarchives.org/OAI/openarchivesprotocol.html#Record
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element

_WRAPPERS = {"record", "metadata", "document", "doc", "item", "modscollection", "lidowrap"}
"""What exports and servers put around a record (OAI, DPLA, Omeka, MODS, LIDO); elsewhere a piece of another format."""


class Header(NamedTuple):
    """What stands around a record of OAI; empty around any other."""

    identifier: str = ""
    datestamp: str = ""
    sets: Sequence[str] = ()
    rights: Sequence[str] = ()


def read_header(header: Element) -> tuple[str, str, list[str]]:
    """Identifier, datestamp and sets; empty where it has none."""
    identifier: str | None = None
    datestamp: str | None = None
    sets: list[str] = []
    for one in header:
        name = local(one)
        if name == "setSpec":
            sets.append(text_of(one))
        elif name == "identifier" and identifier is None:
            identifier = text_of(one)
        elif name == "datestamp" and datestamp is None:
            datestamp = text_of(one)
    return identifier or "", datestamp or "", sets


def metadata_of(record: Element) -> tuple[Element | None, Element | None]:
    """What a record of OAI has as its metadata, and the first element inside."""
    metadata = child_of(record, "metadata")
    for one in () if metadata is None else metadata:
        if isinstance(one.tag, str):
            return metadata, one
    return metadata, None


def is_deleted(element: Element) -> bool:
    """Whether it has the protocol's mark of what is gone."""
    status = element.get("status")
    return status is not None and status.strip().casefold() == "deleted"


def container_in(element: Element, is_container: Callable[[Element], bool]) -> Element:
    """The record: itself, or what stands where SRU and exports of OAI have it, or a collection of one."""
    if not is_container(element) and local(element).lower() in _WRAPPERS:
        places = (one for path in ("{*}metadata/*", "{*}recordData/*", "*") for one in element.iterfind(path))
        for place in places:
            inside: list[Element] = list(place) if local(place).lower() in _WRAPPERS else []
            for one in (place, *inside):
                if is_container(one):
                    return one
    return element


def mark_deleted(record: Element, name: str) -> None:
    """As the protocol says of a record that is gone: https://www.openarchives.org/OAI/openarchivesprotocol.html#DeletedRecords"""
    for child in list(record):
        if local(child) != "header":
            record.remove(child)
    header = child_of(record, "header")
    assert header is not None
    header.set("status", "deleted")
    identifier = child_of(header, "identifier")
    assert identifier is not None  # it was read by it
    identifier.text = name


def child_of(element: Element, name: str) -> Element | None:
    """The first child of this name, in any namespace."""
    for child in element:  # it is among the first; a search by a pattern takes longer to begin
        if local(child) == name:
            return child
    return None
