"""What does a rights statement of PREMIS say, and what only how somebody came to it?

PREMIS 3.0, 4.1 rightsStatement: https://www.loc.gov/standards/premis/v3/premis-3-0-final.pdf ; Archivematica and the
preservation systems of libraries write it into METS. `copyrightStatus` has three words; `rightsBasis` names the kind of
law, whose own element says the rest; `rightsGranted` what may be done, and in `restriction` what may not.
"""

from collections.abc import Iterator

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element

_STATUS = {"copyrighted": "In copyright", "publicdomain": "Public domain", "unknown": "Copyright undetermined"}
_DETAILS = ("jurisdiction", "date", "identifiertype", "role", "citation")
"""How names of elements end that say where, since when, by which law and by whom something was found."""
_BASIS = {"copyright": "copyrightStatus", "license": "licenseTerms", "licence": "licenseTerms"}
"""Kind of law -> what says the rest of it; of a statute or a policy all that is said is heard."""
_OF_THE_KEEPER = {"delete", "migrate", "modify"}
"""Acts of whoever preserves the file: what is forbidden of these forbids nobody to read it."""


def is_detail(element: Element) -> bool:
    """Whether an element of a rights statement says nothing of the rights themselves."""
    statement = next(element.iterancestors("{*}rightsStatement"), None)
    if statement is None:
        return False
    name = local(element).lower()
    if name == "rightsbasis":
        more = _BASIS.get(text_of(element).lower(), "")
        return bool(more) and any(text_of(one) for one in statement.iter(f"{{*}}{more}"))
    return name.endswith(_DETAILS)


def said_by(element: Element, text: str) -> str:
    """The status in words that statements are written in; any other text as it is."""
    return _STATUS.get(text.lower(), text) if local(element) == "copyrightStatus" else text


def forbidden(data: Element) -> Iterator[str]:
    """What a restriction takes away from those who read, copy or pass on."""
    for granted in data.iter("{*}rightsGranted"):
        acts = [text for one in granted.iterchildren("{*}act") if (text := text_of(one))]
        barred = [one for one in granted.iterchildren("{*}restriction") if text_of(one).lower() not in ("", "allow")]
        if barred and not {act.lower() for act in acts or [""]} <= _OF_THE_KEEPER:
            yield f"Restricted access: {', '.join([*acts, *map(text_of, barred)])}"
