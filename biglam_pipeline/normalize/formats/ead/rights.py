"""What does a finding aid say of rights? Of access to what it describes, of its use, and of the finding aid itself.

accessrestrict (MARC 506, ISAD(G) 3.4.1) and legalstatus (the tag library names the same two: statutory status, such as
a public record) are access; userestrict (540, ISAD(G) 3.4.2) is use. What speaks of the finding aid, publicationstmt
and EAD3's rightsdeclaration, is the record's own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from biglam_pipeline.normalize.formats.ead.elements import Element
from biglam_pipeline.normalize.formats.ead.texts import lines_of, prose
from biglam_pipeline.normalize.rows.rights_of import (
    ACCESS,
    OF_OBJECT,
    OF_RECORD,
    column_of_term,
    is_statement,
    statements_in,
)
from biglam_pipeline.parsing.xml.reading import local
from biglam_pipeline.rights.access import read_access
from biglam_pipeline.rights.shut import reads_shut

Statements = dict[str, dict[str, None]]
"""Column -> what is said, each once."""
_MANY = 50
"""More lines than these are one text, which nobody understands: it closes, and rows stay rows."""

HIDDEN = "Restricted access: what is said of it in the finding aid is marked as internal"
_COLUMNS = {"accessrestrict": ACCESS, "legalstatus": ACCESS, "userestrict": OF_OBJECT, "rightsdeclaration": OF_RECORD}
_ANALOGS = (
    (re.compile(r"\s*(marc\S*\s+)?\$?506\b|.*3\.4\.1\b|isad\S*\D341\b|.*accessrights", re.IGNORECASE), ACCESS),
    (re.compile(r"\s*(marc\S*\s+)?\$?54[02]\b|.*3\.4\.2\b|isad\S*\D342\b|.*\brights\b", re.IGNORECASE), OF_OBJECT),
)
"""@encodinganalog of another element: fields of MARC 21, ISAD(G) (also as the Archives Hub writes it, isadg(2)341),
Dublin Core."""
DRAFT = "Restricted access: the description is marked as a draft"
_UNCALLED = frozenset({"relation", "list", "container", "unitid", "unittitle", "title"})
"""Whose type or label says nothing of the unit's rights: kinds of lists, of boxes, of numbers."""
_HEAD = frozenset({"head"})
_NO_WORDS = frozenset({"id", "encodinganalog", "audience", "lang", "script", "href", "linktitle"})
"""Attributes whose value is no word of the one who restricts."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def column_of(element: Element) -> str:
    """The column of what an element says of rights; empty where it says nothing of them.

    By its name, by what it is an analogue of, or by what its type or label calls it; `odd` and `note` are used for all,
    and say by their heading what they are.
    """
    name = local(element)
    if column := _COLUMNS.get(name):
        return column
    if not element.attrib and name not in ("odd", "note"):
        return ""
    if analog := element.get("encodinganalog"):
        for pattern, column in _ANALOGS:
            if pattern.match(analog):
                return column
    if name in _UNCALLED:
        return ""
    said = [element.get("type"), element.get("localtype"), element.get("label")]
    if name in ("odd", "note") and (head := next(element.iterchildren("{*}head"), None)) is not None:
        said.append(prose(head))
    return next((column for one in said if one and (column := _called(one))), "")


def is_draft(element: Element) -> bool:
    """Whether AtoM marks the description as "not visible to public users": https://www.accesstomemory.org/en/docs/"""
    return element.get("type") == "publicationStatus" and prose(element).lower() == "draft"


def _called(said: str) -> str:
    """The column of what is called so, in some words."""
    word = re.sub(r"[^a-z]", "", said.lower())
    if word.startswith(("accessrestrict", "restrict", "conditionsgoverningaccess")):
        return ACCESS
    return OF_OBJECT if word.startswith(("userestrict", "conditionsgoverninguse")) else column_of_term(word)


def statements(part: Element) -> Iterator[tuple[str, str]]:
    """Each with its column, of an element of the description and of all in it, line by line, and the addresses that it
    points to. A heading is none, unless it closes, or forbids and all else is empty; of one without words, what its
    type or label says is.
    """
    for one in part.iter(etree.Element):
        if is_draft(one):
            yield OF_RECORD, DRAFT
        column = column_of(one)
        if not column or any(column_of(up) == column for up in _between(one, part)):
            continue
        lines = lines_of(one, _HEAD, deep=True)
        found = [*lines, *(link for inner in one.iter(etree.Element) for link in _links(inner))]
        found += _closing(one) if column == ACCESS else _forbidding(one) if not found else []
        if not found and (kind := one.get("type") or one.get("localtype") or one.get("label")):
            found = [kind]
        found = [*dict.fromkeys(found)]
        yield from ((column, text) for text in (found if len(found) <= _MANY else [" ".join(found)]))


def _closing(restricted: Element) -> list[str]:
    """Headings and attributes that close by themselves, whatever the words under them say: Princeton writes
    rights-restriction="Restricted" over words on where the boxes stand, ArchivesSpace has types such as
    RestrictedFragileSpecColl.
    """
    said: list[str] = []
    for one in restricted.iter(etree.Element):
        if local(one) == "head":
            said.append(prose(one))
        elif one.attrib and column_of(one) == ACCESS:
            named = ((str(name).rpartition("}")[2].lower(), str(value)) for name, value in one.attrib.items())
            said += [_HUMP.sub(" ", value) for name, value in named if name not in _NO_WORDS]
    return [text for text in said if _closes(text)]


@lru_cache(maxsize=4096)
def _closes(text: str) -> bool:
    """ "Copyright" over conditions of access is a heading."""
    access = read_access(text)
    return access is not None and access.tier == "closed" and _called(text) != OF_OBJECT


def _forbidding(restricted: Element) -> list[str]:
    return [text for head in restricted.iterchildren("{*}head") if reads_shut(text := prose(head))]


def _between(element: Element, part: Element) -> Iterator[Element]:
    for up in element.iterancestors() if element is not part else ():
        yield up
        if up is part:
            return


def of_record(header: Element) -> Iterator[str]:
    """What the finding aid says of itself. Of prose (publicationstmt, title page) an address and what forbids are
    statements: much else stands there, a name and a year for one.
    """
    for one in header.iter(etree.Element):
        name = local(one)
        if name == "rightsdeclaration":
            yield from dict.fromkeys([*lines_of(one, _HEAD), *(t for n in one.iter(etree.Element) for t in _links(n))])
        elif name in ("p", "publisher", "date", "num", "note", "seriesstmt") and not any(
            local(up) == "rightsdeclaration" for up in one.iterancestors()
        ):
            yield from (link for inner in one.iter(etree.Element) for link in _links(inner) if is_statement(link))
            if reads_shut(text := prose(one)):
                yield text


def _links(element: Element) -> list[str]:
    """The addresses in its attributes, but for places in the finding aid itself."""
    if not element.attrib:
        return []
    bare = etree.Element("bare", {str(name): str(value) for name, value in element.attrib.items()})
    return [link for link in statements_in(bare) if link.lower().startswith(("http", "urn:", "info:"))]


def say(said: Statements, column: str, text: str) -> None:
    """Adds a statement, once."""
    said.setdefault(column, {})[text] = None
