"""What does a TEI header say of rights? Of the text, or of the header and its descriptions alone.

TEI Guidelines, availability and licence: https://tei-c.org/release/doc/tei-p5-doc/en/html/ref-availability.html
"""

import re
from collections.abc import Iterator

from lxml import etree

from biglam_pipeline.normalize.formats.tei.elements import Element, name_of
from biglam_pipeline.normalize.formats.tei.source import prose
from biglam_pipeline.normalize.rows.rights_of import ACCESS, OF_OBJECT, OF_RECORD, is_statement

_OF_METADATA = re.compile(
    r"meta-?(?:data|dat[eo]n|données|dat[io])|teiheader|catalogue|record|description", re.IGNORECASE
)
_METADATA = re.compile(r"\bmeta-?(?:data|daten|données|datos|dati)\b", re.IGNORECASE)
_OF_MORE = re.compile(r"\b(?:text|transcription|edition|image|facsimile|scan|digit|work|bild|texte)", re.IGNORECASE)
_RESTRICTED = "Restricted access: the header's availability says `restricted`"


def statements(header: Element) -> Iterator[tuple[str, str]]:
    """Each with its column. What marks itself as said of metadata is the record's own; all else is of the text.

    A licence of images alone stays with the text's: what is not plainly of the record closes.
    """
    for one in header.iter("{*}availability", "{*}AVAILABILITY"):
        licences = [inner for inner in one.iter(etree.Element) if name_of(inner) in ("licence", "license")]
        column = _column(one)
        said = False
        for inner in licences or [one]:
            of = column if column != OF_OBJECT or inner is one else _column(inner)
            for text in _statements(inner):
                said = True
                yield of, text
        for text in _beside(one) if licences else ():
            said = True
            yield column, text
        if (one.get("status") or "").lower() == "restricted" and not said:
            yield column, _RESTRICTED


def _column(element: Element) -> str:
    """Of a manuscript's description (adminInfo), who may see it. Else by what it is called, or where its words speak
    of metadata and of nothing else.
    """
    if any(name_of(one) == "msdesc" for one in element.iterancestors()):
        return ACCESS
    names = " ".join(str(element.get(name)) for name in element.attrib if str(name).rpartition("}")[2] in _NAMES)
    text = prose(element)
    plain = _METADATA.search(text) and not _OF_MORE.search(text)
    return OF_RECORD if _OF_METADATA.search(names) or plain else OF_OBJECT


_NAMES = ("id", "n", "type", "corresp", "ana", "subtype")


def _statements(element: Element) -> Iterator[str]:
    """The addresses that it points to, and its words."""
    for one in element.iter(etree.Element):
        for target in (one.get("target") or "").split():
            if is_statement(target) or (one is element and target.startswith("http")):
                yield target
    inside = [
        inner for inner in element.iterchildren(etree.Element) if name_of(inner) in ("p", "ab", "licence", "list")
    ]
    yield from filter(None, map(prose, inside or [element]))


def _beside(availability: Element) -> Iterator[str]:
    """Paragraphs beside licences."""
    for one in availability.iterchildren(etree.Element):
        if name_of(one) not in ("licence", "license") and (text := prose(one)):
            yield text
