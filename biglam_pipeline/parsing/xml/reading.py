"""How is XML read? Strictly, and after repairs that leave nothing to guess, each of them counted."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from xml.parsers import expat

from lxml import etree

from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, Unreadable
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, find_encoding, to_utf8, wide_decoder
from biglam_pipeline.parsing.xml.repairs import NOTICE_TAGS, PAGE_TAGS, VOID_TAGS, Mender, document_start, entities_of
from biglam_pipeline.parsing.xml.tokens import NAME, Window, local_name

Element = etree._Element

MAX_TREE_BYTES = 512_000_000
"""What a tree may take in memory, as `tree_bytes` reckons it: with the document's own bytes, at most 128 MiB, and their
copies while they are mended, a process stays below 1 GB.
"""
_PER_NODE, _PER_ATTRIBUTE = 128, 240
"""Bytes. Measured with lxml 6.1.3 (libxml2 2.14.6), 500,000 of each: an element 124, a stretch of text 125 (and its
letters), an attribute 234 with its value, a namespace 87. So a tree holds at most 4,000,000 elements without any text,
1,300,000 with text and a line end, 2,100,000 attributes.
"""
_BEGUN = re.compile(rb"<(" + NAME + rb")")
_REFUSALS = ("mplification", "entity loop", "PARSE_HUGE", "Detected an entity", "huge", "too long", "too deep")
_ENTITY = re.compile(rb"&([A-Za-z_][\w.-]{0,63});")
_XML_OWN = {b"lt", b"gt", b"amp", b"quot", b"apos"}
_DTD_USED = "it uses an entity that its own DTD declares; entities are not resolved, so text would be lost"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document and what had to be repaired first."""

    root: etree._Element
    repairs: tuple[str, ...]
    """Kinds of repairs, each once."""


def local(element: etree._Element) -> str:
    """The element's name without its namespace: real files name seven different ones for the same format."""
    tag = element.tag
    return _local_of(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=8192)
def _local_of(tag: str) -> str:
    return tag[tag.rfind("}") + 1 :]


_INDENTED = re.compile(r"[ \t\r]*+\n[ \t]++(?=[^\s])")


def text_of(element: etree._Element) -> str:
    """All text below the element, without outer blanks."""
    if not len(element):
        return (element.text or "").strip()
    # A tenth of the time of joining `itertext`.
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False)).strip()


def unindented(text: str, between: str = " ") -> str:
    """Without the line ends of a file that was laid out for the eye: those behind which a line is indented.

    between: what stands for them; a line end where lines may be paragraphs. An empty line stays one. Other line ends
    are the text's own.
    """
    return _INDENTED.sub(between, text) if "\n" in text else text


def to_bytes(root: etree._Element) -> bytes:
    """The document as it is written again after something was taken out of it."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def read_xml(data: bytes, media_type: str = "") -> Document:
    """The document in these bytes; media_type: the server's Content-Type.

    Unreadable: not_xml, xml_cut (not well-formed), xml_refused (hostile), too_large (as a tree).
    """
    return read_utf8(*as_utf8(data, media_type))


def as_utf8(data: bytes, media_type: str = "") -> tuple[bytes, tuple[str, ...]]:
    """The same bytes as UTF-8 without a byte order mark, and the repairs that took. Unreadable: not_xml, too_large."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Unreadable("too_large", f"it is larger than {MAX_DOCUMENT_BYTES} bytes; split it before it is harvested")
    encoding = find_encoding(data[:HEAD_BYTES], media_type)
    if encoding.wide:
        utf8 = wide_decoder(encoding).decode(data, True).encode().removeprefix(b"\xef\xbb\xbf")
        repairs = encoding.repairs
    else:
        utf8, more = to_utf8(data, encoding)
        repairs = encoding.repairs + more
    check_is_xml(utf8[:HEAD_BYTES])
    return utf8, repairs


def read_utf8(
    data: bytes, repairs: tuple[str, ...] = (), declared: Collection[bytes] = (), *, deep: bool = False
) -> Document:
    """The document in these bytes of UTF-8. declared: entities that a DTD declares which is not among them; deep:
    whether elements may stand deeper in one another than 256.
    """
    check_size(data)
    doctype = _doctype_of(data)
    declared = frozenset(declared) | entities_of(doctype)
    if not doctype or not uses_entities(data):
        # A parser that loads no DTD drops an entity from an attribute in silence, so such a document is mended first.
        try:
            return _document(data, repairs, deep=deep)
        except etree.XMLSyntaxError as error:
            if _is_refusal(error):
                raise _unreadable(error) from error
    mender = Mender(data, declared)
    mended = mender.mended()
    if declared and any(found[1] in declared for found in _ENTITY.finditer(mended)):
        raise Unreadable("xml_refused", _DTD_USED)
    check_size(mended)
    try:
        return _document(mended, tuple(dict.fromkeys((*repairs, *mender.repairs))), deep=deep)
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from error


def parse_plain(data: bytes) -> etree._Element | None:
    """The root of a document in UTF-8 without a DTD; None where `read_utf8` would have to see what is to be done."""
    try:
        check_size(data)
        return _parse(data)
    except (etree.XMLSyntaxError, Unreadable):
        return None


def is_well_formed(data: bytes) -> bool:
    """Whether a document in UTF-8 is, also in its namespaces: by expat, at twice the speed of making a tree."""
    try:
        expat.ParserCreate("utf-8", " ").Parse(data, True)
    except expat.ExpatError:
        return False
    return True


def root_name(head: bytes, media_type: str = "") -> str:
    """The local name of the root, as the first bytes of a file show it, also where its tag is broken; or nothing.

    What a script printed before the document is passed over.
    """
    try:
        encoding = find_encoding(head, media_type)
    except Unreadable:
        return ""
    if encoding.wide:
        head = wide_decoder(encoding).decode(head).encode()
    window = Window(head)
    at = document_start(window)
    while (token := window.token(at)) is not None:
        at = token.end
        name = token.name
        if token.kind == "broken" and (found := _BEGUN.match(head, token.start)):
            name = found[1]
        if token.kind != "end" and name:
            return local_name(name)
    return ""


def tree_bytes(data: bytes) -> int:
    """What a tree of these bytes takes in memory, at most: reckoned from counts, which cost a thousandth of parsing."""
    opened, ended, adjacent = data.count(b"<"), data.count(b"</"), data.count(b"><")
    attributes = min(data.count(b"="), (data.count(b'"') + data.count(b"'")) // 2)
    given = 0
    if b"<!ATTLIST" in data:  # each element may get every attribute that the DTD gives a value to
        given = (opened - ended) * _doctype_of(data).count(b"CDATA")
    texts = max(0, opened + 1 - adjacent)
    return _PER_NODE * (opened - ended + texts) + _PER_ATTRIBUTE * (attributes + given) + len(data)


def check_size(data: bytes) -> None:
    """Unreadable `too_large` where a tree of these bytes would fill the memory."""
    if (len(data) * 64 > MAX_TREE_BYTES or b"<!ATTLIST" in data) and (size := tree_bytes(data)) > MAX_TREE_BYTES:
        detail = (
            f"as a tree its elements and attributes take about {size // 1_000_000} MB, more than the "
            f"{MAX_TREE_BYTES // 1_000_000} MB that one document may; split it into records"
        )
        raise Unreadable("too_large", detail)


def check_is_xml(head: bytes) -> None:
    """Unreadable `not_xml` for a web page and for what has no tag at all."""
    if b"<" not in head:
        raise Unreadable("not_xml", "there is no XML in it; look at what the server sent")
    window, at, depth = Window(head), 0, 0
    while (token := window.token(at)) is not None:
        at, name = token.end, local_name(token.name).lower()
        if (name in PAGE_TAGS and not depth) or head[token.start : token.start + 14].lower() == b"<!doctype html":
            raise Unreadable("not_xml", "it is an HTML page, not the record that was asked for; harvest it again")
        if token.kind == "start" and name not in NOTICE_TAGS:
            return
        if token.kind == "broken" and head.startswith(b"<!", token.start):
            return  # a comment that goes on behind the head
        if token.kind in ("start", "end") and not (token.is_empty or name in VOID_TAGS):
            depth = max(0, depth + (1 if token.kind == "start" else -1))


def _doctype_of(data: bytes) -> bytes:
    """The document type declaration before the root, or nothing."""
    if b"<!DOCTYPE" not in data:
        return b""
    window, at = Window(data), 0
    while (token := window.token(at)) is not None and token.kind not in ("start", "end"):
        if token.kind == "doctype":
            return data[token.start : token.end]
        at = token.end
    return b""


def uses_entities(data: bytes) -> bool:
    """Whether something in it looks like an entity that XML does not know by itself."""
    return any(found[1] not in _XML_OWN for found in _ENTITY.finditer(data))


def _document(data: bytes, repairs: tuple[str, ...], *, deep: bool) -> Document:
    """An xml:id that stands twice is the encoder's slip, and no reason to lose the document; it is counted.

    Without a DTD alone: libxml2 loads one where it is told not to collect identifiers.
    """
    try:
        return Document(_parse(data, deep=deep), repairs)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", 0) != etree.ErrorTypes.DTD_ID_REDEFINED or b"<!DOCTYPE" in data:
            raise
    return Document(_parse(data, deep=deep, ids=False), (*repairs, "xml:id stands twice"))


def _parse(data: bytes, *, deep: bool = False, ids: bool = True) -> etree._Element:
    """XMLSyntaxError also where a warning behind it (`xmlns="dc"` is no absolute address) hides from lxml 6.1 that the
    parser met an error, such as a prefix that nobody declared.
    """
    parser = _parser(deep, ids)
    root = etree.fromstring(data, parser)
    for error in parser.error_log.filter_from_errors():
        raise etree.XMLSyntaxError(error.message, error.type, error.line, error.column)  # type: ignore[call-arg]
    return root


@cache
def _parser(deep: bool, ids: bool) -> etree.XMLParser:
    """huge_tree=False is the cap on depth: libxml2 takes 256 elements in one another, and texts of 10 MB
    (XML_PARSE_HUGE). EAD has twelve levels of components, and no format of the field more than some tens of elements;
    but phrases of TEI may stand in one another without end. With huge_tree libxml2 takes 2,048; `check_size` and the
    size of a piece hold.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=deep,
        collect_ids=ids,
        encoding="utf-8",  # whatever the declaration says of the file that the bytes came from
    )


def _is_refusal(error: etree.XMLSyntaxError) -> bool:
    return any(word in str(error.msg or error) for word in _REFUSALS)


def _unreadable(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    message = str(error.msg or error).split(", line ")[0]
    if _is_refusal(error):
        return Unreadable("xml_refused", f"the parser refused it: {message}", f"line {line}, column {column}")
    detail = f"it is not well-formed: {message}; harvest it again or tell the institution"
    return Unreadable("xml_cut", detail, f"line {line}, column {column}")
