"""How is XML read? Strictly, after repairs that leave nothing to guess, each of them counted.

A recovering parser closes what was cut off and drops what it does not know, in silence; it is never used.
"""

import codecs
import html.entities
import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable

PREFIXES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "oai": "http://www.openarchives.org/OAI/2.0/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xlink": "http://www.w3.org/1999/xlink",
    "edm": "http://www.europeana.eu/schemas/edm/",
    "ore": "http://www.openarchives.org/ore/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "mets": "http://www.loc.gov/METS/",
    "mods": "http://www.loc.gov/mods/v3",
    "qdc": "http://worldcat.org/xmlschemas/qdc-1.0/",
    "oai_qdc": "http://worldcat.org/xmlschemas/qdc-1.0/",
}
"""What the field means by these prefixes: bound where a delivery was cut out of the document that declared them."""

_HTML_ENTITY = "HTML entity"
_XML_OWN = {"lt", "gt", "amp", "quot", "apos"}
_DECLARED = re.compile(rb"^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)")
_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_BARE_AMPERSAND = re.compile(rb"&(?![A-Za-z_][\w.-]*;|#[0-9]+;|#x[0-9A-Fa-f]+;)")
_ENTITY = re.compile(rb"&([A-Za-z_][\w.-]*);")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_PAIR = re.compile(rb"&#x?[0-9A-Fa-f]+;&#x?[0-9A-Fa-f]+;")
_NOTICE = re.compile(rb"[^<]*<(?:br|b|p|div|script|/?html|/?body|!--)\b", re.IGNORECASE)
_SECOND_DECLARATION = re.compile(rb"<\?xml\s[^>]*\?>")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document and what had to be repaired first."""

    root: etree._Element
    repairs: tuple[str, ...]


def local(element: etree._Element) -> str:
    """The element's name without its namespace: real files name seven different ones for the same format."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


def text_of(element: etree._Element) -> str:
    """All text below the element, without outer blanks."""
    return "".join(map(str, element.itertext())).strip()


def read_xml(data: bytes) -> Document:
    """The document in these bytes. Unreadable: not_xml, xml_cut (not well-formed), xml_refused (hostile)."""
    _refuse_others(data)
    repairs: list[str] = []
    trimmed = _from_declaration(data)
    if trimmed is not data:
        repairs.append("text before the document")
        data = trimmed
    while True:
        parser = _parser()
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            name, repaired = _repair(data, error)
            if name in repairs or repaired is None:
                raise _unreadable(error) from error
            repairs.append(name)
            data = repaired
            continue
        if _lost_entity(parser) and _HTML_ENTITY not in repairs:
            repairs.append(_HTML_ENTITY)
            data = _name_entities(data)
            continue
        if next(root.iter(etree.Entity), None) is not None or _lost_entity(parser):
            detail = "it uses an entity that its own DTD declares; entities are not resolved, so text would be lost"
            raise Unreadable("xml_refused", detail)
        return Document(root, tuple(repairs))


def _lost_entity(parser: etree.XMLParser) -> bool:
    """Whether an entity was dropped: with an external DTD, which is not read, libxml2 only warns of it and leaves it out
    of an attribute (`CONTENT="M&uuml;ller"` became "Mller").
    """
    return any(found.type == vars(etree.ErrorTypes)["WAR_UNDECLARED_ENTITY"] for found in parser.error_log)


def to_bytes(root: etree._Element) -> bytes:
    """The document as it is written again after something was taken out of it."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )


def _refuse_others(data: bytes) -> None:
    if _HTML.match(data[:2048]):
        raise Unreadable("not_xml", "it is an HTML page, not the record that was asked for; harvest it again")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]
    if not wide and b"<" not in data[:65536]:
        raise Unreadable("not_xml", "there is no XML in it; look at what the server sent")
    declared = _DECLARED.match(data[:256])
    if declared and declared[1].lower().replace(b"_", b"-") in (b"utf-7", b"utf7"):
        raise Unreadable("xml_refused", "it declares UTF-7, which hides markup; ask for UTF-8")


def _from_declaration(data: bytes) -> bytes:
    """Without what a server printed before the document: a PHP notice, an empty line."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]:
        return data
    start = data.find(b"<?xml ", 0, 65536)
    if start < 0:
        start = data.find(b"<", 0, 65536)
    before = data[:start].removeprefix(b"\xef\xbb\xbf")
    return data[start:] if before else data


def _unreadable(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    message = str(error.msg or error).split(", line ")[0]
    if any(word in message for word in ("mplification", "entity loop", "PARSE_HUGE", "Detected an entity")):
        return Unreadable("xml_refused", f"the parser refused it: {message}", f"line {line}, column {column}")
    detail = f"it is not well-formed: {message}; harvest it again or tell the institution"
    return Unreadable("xml_cut", detail, f"line {line}, column {column}")


def _repair(data: bytes, error: etree.XMLSyntaxError) -> tuple[str, bytes | None]:
    """The name of the repair that the error asks for and the repaired bytes; None where there is none."""
    code = vars(etree.ErrorTypes)
    found = getattr(error, "code", None)
    if found == code["NS_ERR_UNDEFINED_NAMESPACE"]:
        return _bind_prefix(data, str(error))
    for type_name, (name, change) in _REPAIRS.items():
        if found == code[type_name]:
            changed = change(data)
            return name, changed if changed != data else None
    return "", None


def _bind_prefix(data: bytes, message: str) -> tuple[str, bytes | None]:
    found = re.match(r"Namespace prefix (\S+)", message)
    prefix = found[1] if found else ""
    root = _ROOT.search(data)
    if prefix not in PREFIXES or root is None:
        return prefix, None
    declaration = f' xmlns:{prefix}="{PREFIXES[prefix]}"'.encode()
    return f"prefix {prefix} not declared", data[: root.end()] + declaration + data[root.end() :]


def _name_entities(data: bytes) -> bytes:
    def numbered(found: re.Match[bytes]) -> bytes:
        name = found[1].decode("ascii", "replace")
        if name in _XML_OWN or re.search(rb"<!ENTITY\s+" + re.escape(found[1]) + rb"\s", data):
            return found[0]
        letters = html.entities.html5.get(name + ";")
        return "".join(f"&#{ord(c)};" for c in letters).encode() if letters else b"&amp;" + found[1] + b";"

    return _ENTITY.sub(numbered, data)


def _allowed(code: int) -> bool:
    if code < 0x20:
        return code in (9, 10, 13)
    return not (0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF) or code > 0x10FFFF)


def _code(found: re.Match[bytes]) -> int:
    return int(found[1], 16) if found[1] else int(found[2])


def _mend_characters(data: bytes) -> bytes:
    """Control bytes go; references to no character become U+FFFD, unless two of them are one character in UTF-16."""

    def joined(found: re.Match[bytes]) -> bytes:
        high, low = (_code(part) for part in _REFERENCE.finditer(found[0]))
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
        return found[0]

    data = _PAIR.sub(joined, _CONTROL.sub(b"", data))
    return _REFERENCE.sub(lambda found: found[0] if _allowed(_code(found)) else b"&#65533;", data)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("windows_1252", _as_windows_1252)


def mend_utf8(data: bytes) -> str:
    """Text in UTF-8; bytes that are not are read as Windows-1252, which is what they nearly always are."""
    return data.decode("utf-8", "windows_1252")


def _cut_trailing(data: bytes) -> bytes:
    """Without a notice that a server printed after the document; a second document there is nothing to drop."""
    root = _ROOT.search(data)
    end = data.rfind(b"</" + root[1]) if root else -1
    close = data.find(b">", end) if end >= 0 else -1
    tail = data[close + 1 :]
    if close < 0 or (b"<" in tail and not _NOTICE.match(tail)):
        return data
    return data[: close + 1]


def _drop_declarations(data: bytes) -> bytes:
    first = _SECOND_DECLARATION.match(data)
    start = first.end() if first else 0
    return data[:start] + _SECOND_DECLARATION.sub(b"", data[start:])


_REPAIRS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "ERR_UNDECLARED_ENTITY": (_HTML_ENTITY, _name_entities),
    "WAR_UNDECLARED_ENTITY": (_HTML_ENTITY, _name_entities),
    "ERR_NAME_REQUIRED": ("bare ampersand", lambda data: _BARE_AMPERSAND.sub(b"&amp;", data)),
    "ERR_ENTITYREF_SEMICOL_MISSING": ("bare ampersand", lambda data: _BARE_AMPERSAND.sub(b"&amp;", data)),
    "ERR_INVALID_CHAR": ("character that XML forbids", _mend_characters),
    "ERR_INVALID_ENCODING": ("bytes that are not UTF-8", lambda data: mend_utf8(data).encode()),
    "ERR_RESERVED_XML_NAME": ("second XML declaration", _drop_declarations),
    "ERR_DOCUMENT_END": ("text after the document", _cut_trailing),
}
