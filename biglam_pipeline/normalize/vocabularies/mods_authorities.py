"""Under which address does an authority file have a name, a subject or a place of MODS?

`valueURI`, of the element or of the one part that it has; `authority` is the file:
https://www.loc.gov/standards/mods/userguide/attributes.html#attributes_authority
"""

from collections.abc import Callable, Iterable

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element
Subject = str | dict[str, str | None]
_ADDRESS = ("http://", "https://")


def uri_of(element: Element) -> str:
    """Empty where there is none; a number alone, as some write it (`valueURI="300027894"`), is no address."""
    said = (element.get("valueURI") or "").strip()
    return said if said.startswith(_ADDRESS) else ""


def subjects_in(headings: Iterable[tuple[str, Element]]) -> list[Subject]:
    """Label, address and scheme of each heading, once; the label alone where no heading of the record has more.

    An address speaks of all of a heading, so that of a part counts only where the heading has no other part.
    """
    found: dict[str, dict[str, str | None]] = {}
    for label, element in headings:
        one = found.setdefault(label, {"label": label, "uri": None, "scheme": None})
        one["uri"] = one["uri"] or _of_whole(element, uri_of) or None
        one["scheme"] = one["scheme"] or _of_whole(element, _scheme_of) or None
    if not any(one["uri"] or one["scheme"] for one in found.values()):
        return [*found]
    return [one if one["uri"] or not label.startswith(_ADDRESS) else label for label, one in found.items()]


def places_in(named: Iterable[tuple[str, Element]]) -> list[Subject]:
    """Name and address of each place, once; the name alone where no place of the record has more."""
    found: dict[str, str] = {}
    for name, element in named:
        subject = element.getparent()
        alone = subject is not None and len(_parts(subject)) == 1
        uri = uri_of(element) or (uri_of(subject) if alone and subject is not None else "")
        found[name] = found.get(name) or uri
    if not any(found.values()):
        return [*found]
    return [{"name": name, "uri": uri or None} for name, uri in found.items()]


def _scheme_of(element: Element) -> str:
    return (element.get("authority") or "").strip()


def _of_whole(subject: Element, say: Callable[[Element], str]) -> str:
    parts = _parts(subject)
    return say(subject) or (say(parts[0]) if len(parts) == 1 else "")


def _parts(subject: Element) -> list[Element]:
    return [one for one in subject.iterchildren(etree.Element) if local(one) != "geographicCode"]
