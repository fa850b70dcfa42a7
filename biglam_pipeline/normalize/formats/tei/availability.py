"""What does a TEI header say of rights? Of the text, or of the header and its descriptions alone.

TEI Guidelines, availability and licence: https://tei-c.org/release/doc/tei-p5-doc/en/html/ref-availability.html
"""

import re
from collections.abc import Iterator

from lxml import etree

from biglam_pipeline.normalize.formats.tei.elements import Element, local_name, name_of
from biglam_pipeline.normalize.formats.tei.source import prose
from biglam_pipeline.normalize.rows.rights_of import (
    ACCESS,
    OF_OBJECT,
    OF_RECORD,
    column_of_term,
    is_statement,
    statements_elsewhere,
    statements_in,
)
from biglam_pipeline.rights.shut import reads_shut

_OF_METADATA = re.compile(
    r"meta-?(?:data|dat[eo]n|données|dat[io])|teiheader|catalogue|record(?!ing)|description", re.IGNORECASE
)
_WORD = r"meta-?(?:data|daten|données|datos|dati)\b"
_METADATA = re.compile(rf"\b{_WORD}", re.IGNORECASE)
_METADATA_OF = re.compile(
    rf"(?:\b(?!and\b|or\b|und\b|et\b|y\b|e\b)\w+(?:['’]s?)? )?\b{_WORD}"
    r"(?: (?:of|about|for|describing|in|on|to|from|zu[mr]?|de[rsn]?|diese[rs]|du|d[ei]l?la?|von)\b"
    r"(?: (?!and\b|und\b)\w+){1,2})?",
    re.IGNORECASE,
)
"""The metadata of something, or something's metadata: what is named there is not what the statement speaks of."""
_OF_MORE = re.compile(
    r"\b(?:text|transcription|edition|image|facsimile|scan|digit|work|bild|texte|data\b|daten\b|données|datos|dati\b"
    r"|corpus|corpora|file|document|content|resource|material|recording)",
    re.IGNORECASE,
)
_RESTRICTED = "Restricted access: the header's availability says `restricted`"


def statements(header: Element) -> Iterator[tuple[str, str]]:
    """Each with its column. What marks itself as said of metadata is the record's own; all else is of the text.

    A licence of images alone stays with the text's: what is not plainly of the record closes.
    """
    yield from _elsewhere(header)
    for one in header.iter(etree.Element):
        if name_of(one) != "availability":
            continue
        licences = [inner for inner in one.iter(etree.Element) if name_of(inner) in _LICENCES]
        column = _column(one)
        said = False
        for inner in licences or [one]:
            of = column if column != OF_OBJECT or inner is one else _column(inner)
            for text in _statements(inner):
                said = True
                yield of, text
        for text in _paragraphs(one, _LICENCES) if licences else ():
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
    plain = _METADATA.search(text) and not _OF_MORE.search(_METADATA_OF.sub("", text))
    return OF_RECORD if _OF_METADATA.search(names) or plain else OF_OBJECT


_NAMES = ("id", "n", "type", "corresp", "ana", "subtype")


def _elsewhere(header: Element) -> Iterator[tuple[str, str]]:
    """What metadata of another kind say (xenoData, Guidelines 2.5), and what prose of publicationStmt (2.2.4) forbids:
    such a paragraph holds much else, so that nothing but an address or a limit is a statement.
    """
    for one in header.iter(etree.Element):
        around = one.getparent()
        if name_of(one) == "xenodata":
            for inner in one.iterdescendants(etree.Element):
                column = column_of_term(local_name(inner))
                yield from ((column or OF_OBJECT, text) for text in (statements_in if column else _reported)(inner))
        elif name_of(one) in ("p", "ab") and around is not None and name_of(around) == "publicationstmt":
            targets = (target for inner in one.iter(etree.Element) for target in _targets(inner))
            yield from ((OF_OBJECT, target) for target in targets if is_statement(target))
            if reads_shut(text := prose(one)):
                yield OF_OBJECT, text


def _reported(element: Element) -> Iterator[str]:
    return statements_elsewhere(element) if not len(element) else iter(())


def _targets(element: Element) -> list[str]:
    """Addresses: P4 had them in `url`."""
    return f"{element.get('target') or ''} {element.get('url') or ''}".split()


def _statements(element: Element) -> Iterator[str]:
    """The addresses that it points to, and all its words: a licence is mixed content (Guidelines 2.2.4)."""
    for one in element.iter(etree.Element):
        for target in _targets(one):
            if is_statement(target) or (one is element and (target.startswith("http") or not prose(element))):
                yield target
    yield from _paragraphs(element, ())


def _paragraphs(element: Element, without: tuple[str, ...]) -> Iterator[str]:
    """Each paragraph in it, and what stands around them; without: what is read by itself."""
    loose = [element.text or ""]
    for inner in element.iterchildren():
        name = name_of(inner) if isinstance(inner.tag, str) else ""
        if name in _PARAGRAPHS or name in without:
            yield from filter(None, [" ".join("".join(loose).split())])
            loose = []
            if name not in without and (text := prose(inner)):
                yield text
        elif name:
            loose += map(str, inner.itertext(with_tail=False))
        loose.append(inner.tail or "")
    yield from filter(None, [" ".join("".join(loose).split())])


_LICENCES = ("licence", "license")
_PARAGRAPHS = ("p", "ab", *_LICENCES, "list", "note")
