"""What a namespace prefix means where nobody declared it: a record was cut out of the document that did."""

import re
from urllib.parse import quote

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
    "lido": "http://www.lido-schema.org",
    "mets": "http://www.loc.gov/METS/",
    "mods": "http://www.loc.gov/mods/v3",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "tei": "http://www.tei-c.org/ns/1.0",
    "qdc": "http://worldcat.org/xmlschemas/qdc-1.0/",
    "oai_qdc": "http://worldcat.org/xmlschemas/qdc-1.0/",
}
"""The field's own, as their specifications write them; the last two as CONTENTdm does. A path may use them too."""

_USED = re.compile(rb"(?<!\S)([^\s<>/=:\"'&]++):(?=[^\s=:])")
_DECLARATION = re.compile(rb"(?<!\S)xmlns:([^\s<>/=\"'&]++)\s*+=")
_NAMESPACE = re.compile(rb"((?<![^\s\"'])xmlns(?::[^\s=\"'<>/&]++)?\s*+=\s*+)(\"[^\"]*+\"|'[^']*+')")
_QUOTED = re.compile(rb"\"[^\"]*+\"|'[^']*+'")
_URI_LETTERS = "%/:?#@!$&'()*+,;=~-._"
"""What libxml2 takes in a namespace; all else makes it refuse the document."""


def namespace_of(prefix: str) -> str:
    """The namespace that an undeclared prefix is bound to: the field's own, or one that says that nobody bound it."""
    return PREFIXES.get(prefix) or f"urn:unbound:{quote(prefix, safe='-._~')}"


def declared_in(inside: bytes) -> frozenset[bytes]:
    """The prefixes that a tag's attributes declare."""
    return frozenset(found[1] for found in _DECLARATION.finditer(inside)) if b"xmlns" in inside else frozenset()


def used_in(name: bytes, inside: bytes) -> set[bytes]:
    """The prefixes of a tag and its attributes, without those that XML itself binds."""
    used = {name[: name.index(b":")]} if b":" in name[1:] else set()
    if b":" in inside:
        used.update(found[1] for found in _USED.finditer(_QUOTED.sub(b" ", inside)))
    return used - {b"xml", b"xmlns"}


def namespaces_in(inside: bytes) -> list[bytes]:
    """The declarations among a tag's attributes, as they stand, each name once."""
    found = {one[1].strip(b"= \t\r\n"): one[0] for one in reversed(list(_NAMESPACE.finditer(inside)))}
    return list(found.values())


def mend_namespaces(inside: bytes) -> tuple[bytes, list[str]]:
    """The attributes with namespaces that are URIs, and no prefix declared as nothing; and what that took."""
    repairs: list[str] = []

    def mended(found: re.Match[bytes]) -> bytes:
        value = found[2][1:-1]
        if not value.strip() and b":" in found[1]:
            repairs.append("prefix declared as nothing")
            return b""
        text = value.decode("utf-8", "replace").strip()
        uri = re.sub("%(?![0-9A-Fa-f]{2})", "%25", quote(text, safe=_URI_LETTERS)).encode()
        if uri == value:
            return found[0]
        repairs.append("namespace that is no URI")
        return found[1] + found[2][:1] + uri + found[2][:1]

    return _NAMESPACE.sub(mended, inside), repairs


_NAMED = 20


def undeclared(prefixes: set[bytes]) -> list[str]:
    """What is said of prefixes that nobody declared: each by its name, as long as they are few."""
    if len(prefixes) > _NAMED:
        return [f"more than {_NAMED} prefixes not declared"]
    return [f"prefix {prefix.decode('utf-8', 'replace')} not declared" for prefix in sorted(prefixes)]


def declarations(prefixes: set[bytes]) -> bytes:
    """What declares these prefixes, to be put into a tag."""
    parts = (
        b' xmlns:%s="%s"' % (one, namespace_of(one.decode("utf-8", "replace")).encode()) for one in sorted(prefixes)
    )
    return b"".join(parts)
