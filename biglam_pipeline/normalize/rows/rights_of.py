"""Whose rights does a statement in a record speak of? A format says so by the column that it fills.

Every statement found in a record goes to one of three columns, and no reader drops any: `rights_raw`, rights of the
object that is described (dc:rights, dcterms:license, edm:rights, mods:accessCondition, MARC 540 and 542, EAD
userestrict, IIIF rights, LIDO rightsWorkSet and rightsResource, a museum's copyright column); `access_raw`, who may see
it (dcterms:accessRights, MODS "restriction on access", MARC 506, EAD accessrestrict); `record_rights_raw`, what the
format itself marks as said of the record (LIDO recordRights, EAD3 rightsdeclaration, Smithsonian metadata_usage). The
last two are not published as columns; they only decide.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from lxml import etree

from biglam_pipeline.normalize.rows import premis
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.rights.labels import labels_of
from biglam_pipeline.rights.layers import Said
from biglam_pipeline.rights.rights_words import says_rights
from biglam_pipeline.rights.shut import reads_shut

Element = etree._Element

OF_OBJECT, ACCESS, OF_RECORD = "rights_raw", "access_raw", "record_rights_raw"
KEPT = frozenset({OF_OBJECT, ACCESS, OF_RECORD})
"""Columns that `map` adds to and never empties: what a record says of its rights cannot be mapped away."""

_ASKED = "rights_from_"
_RESOURCES = frozenset({"resource", "href", "valueURI", "about", "rightsURI", "licenseURI", "ref"})
"""Attributes that hold a statement's address: rdf:resource (EDM), xlink:href (MODS 3.7, METS), valueURI (MODS), ref
(rightsReference of OAI)."""
_COPYRIGHT_STATUS = {
    "copyrighted": "In copyright",
    "pd": "Public domain",
    "pd_usfed": "Public domain in the United States",
    "pd_holder": "Public domain",
    "pd_expired": "Public domain",
    "unknown": "Copyright undetermined",
}
"""The closed list of copyrightMD, https://cdlib.org/groups/rights-management-group/copyrightmd/."""


def asked_column(number: int) -> str:
    """The column into which the `from:` of this layer is read."""
    return f"{_ASKED}{number}"


def said_by(values: Mapping[str, Any], layers: int) -> Said:
    """What a record says, by what it is about. layers: how many the entry has."""
    asked = tuple(_texts(values.get(asked_column(number))) for number in range(layers))
    return Said(asked, _texts(values.get(OF_OBJECT)), _texts(values.get(ACCESS)), _texts(values.get(OF_RECORD)))


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    several = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(one for one in several if isinstance(one, str) and one.strip()))


def add_statements(own: Any, mapped: Any) -> list[str] | None:
    """What the format found, and beside it what the entry maps there."""
    return list(dict.fromkeys((*_texts(own), *_texts(mapped)))) or None


def with_unsaid(found: Any, stands: Iterable[Any]) -> Any:
    """What a VALUE gives for a column of rights, and beside it what its steps and alternatives cannot take away.

    stands: what stands in the record at its paths. That is the limit of a person's word, as in `statements:`: it opens
    nothing that reads as closed, nc or nd. An object where a statement is due is one that is not understood.
    """
    kept = [text for value in stands for text in _unsaid(value)]
    return add_statements(found, kept) if kept else found


def _unsaid(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        yield _as_json(value)
        for one in value.values() if isinstance(value, dict) else value:
            yield from _unsaid(one)
    elif isinstance(value, str) and value.strip() and reads_shut(value):
        yield value


def with_labels(found: Any, stands: Iterable[Any]) -> Any:
    """Labels, and beside them those at the same paths that limit what may be done, whatever the steps made of them."""
    kept = [text for value in stands for text in _limits(value)]
    return add_statements(found, kept) if kept else found


def _limits(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        yield _as_json(value)
    elif isinstance(value, str) and any(one.name and one.effect in ("nc", "blocks") for one in labels_of([value])):
        yield value


def _as_json(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def with_statements(columns: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of which another description says more: titles may stand above one another, statements stand beside."""
    kept = {name: add_statements(columns.get(name), other.get(name)) for name in KEPT if other.get(name)}
    return {**columns, **{name: values for name, values in kept.items() if values}}


def part_embargo(dates: list[str]) -> tuple[list[str], list[str]]:
    """Dates of the object, and days on which an embargo ends, which OpenAIRE has in dc:date as well:
    https://guidelines.openaire.eu/en/latest/literature/field_embargoenddate.html
    """
    ends = [one for one in dates if one[:1] in "iI" and one.lower().startswith(_EMBARGO_END)]
    if not ends:
        return dates, []
    return [one for one in dates if one not in ends], [one[len(_EMBARGO_END) :] for one in ends]


_EMBARGO_END = "info:eu-repo/date/embargoend/"


# --- as formats write it ---


@lru_cache(maxsize=4096)
def column_of_term(name: str) -> str:
    """The column of a Dublin Core or EDM term by its local name; empty for a term that says nothing of rights."""
    if not says_rights(name):
        return ""
    return ACCESS if re.sub(r"[^a-z]", "", name.lower()).startswith("accessright") else OF_OBJECT


def statements_in(element: Element) -> Iterator[str]:
    """An element's own text, and the addresses that its attributes, or those of elements in it, point to."""
    if text := text_of(element):
        yield text
    if _is_plain(element):
        return
    for one in element.iter(etree.Element):
        yield from (value for resource in _resources(one) if (value := resource.strip()))


def statements_elsewhere(element: Element) -> Iterator[str]:
    """What an element that is named otherwise says of rights all the same.

    A whole value that is an address of a statement, as repositories have in dc:relation and dc:type; a copyrightMD
    status; and of a rights holder what forbids: a name alone says nothing.
    """
    name = local(element)
    if not column_of_term(name):
        holder = _is_holder(name)
        for text in statements_in(element):
            if is_statement(text) or (holder and reads_shut(text)):
                yield text
    if not _is_plain(element):
        yield from _statuses(element)


def statements_of(element: Element | None, name: str, text: str) -> tuple[str, Sequence[str], Sequence[str]]:
    """The column of a term, its statements, and what it says of rights though named otherwise. name, text: its own.

    element: None for a term that is known to be a text and nothing else, as nearly every one is.
    """
    column = column_of_term(name)
    if element is not None and not _is_plain(element):
        return column, [*statements_in(element)] if column else (), [*statements_elsewhere(element)]
    if column:
        return column, (text,) if text else (), ()
    reported = text and (is_statement(text) or (_is_holder(name) and reads_shut(text)))
    return column, (), (text,) if reported else ()


def is_statement(text: str) -> bool:
    """Whether a text is the address of a statement: then it is one in a term of any name."""
    return text[:1] in "hH" and _STATEMENT.match(text) is not None


def may_say_rights(name: str) -> bool:
    """Whether a plain term of this name may say something of rights, whatever its text is."""
    return bool(column_of_term(name)) or _is_holder(name)


@lru_cache(maxsize=4096)
def _is_holder(name: str) -> bool:
    return name.lower() in {"rightsholder", "copyrightholder", "copyrightowner"}


def _is_plain(element: Element) -> bool:
    """Whether it holds a text and nothing else, no attribute either."""
    return not len(element) and not element.keys()


_STATEMENT = re.compile(
    r"https?://(www\.)?(creativecommons\.org/(licenses|publicdomain)|rightsstatements\.org/(vocab|page))/\S+$", re.I
)


def oai_rights(record: Element) -> list[str]:
    """What an OAI record says of itself in `about`, and so of the metadata, not of the object:
    http://www.openarchives.org/OAI/2.0/guidelines-rights.htm
    """
    inside = [one for about in record.iterchildren("{*}about") for one in about.iterdescendants(etree.Element)]
    named = [one for one in inside if column_of_term(local(one)) and one.getparent() is not None]
    return list(dict.fromkeys(text for one in named for text in (*statements_in(one), *_statuses(one))))


def mods_conditions(record: Element) -> dict[str, list[str]]:
    """MODS accessCondition by its type: https://www.loc.gov/standards/mods/userguide/accesscondition.html

    "restriction on access" is access; "use and reproduction", any other type and none are rights of the object. A
    related item's own conditions are of another work, and those of the metadata or an abstract of the record: types
    that the German national library recommends (https://wiki.dnb.de/pages/viewpage.action?pageId=148609648), as the
    recordInfoNote of the German Digital Library. Notes of type "restriction", or named like rights, are heard too.
    """
    found: dict[str, list[str]] = {}
    for one in record.iterchildren("{*}accessCondition", "{*}note", "{*}recordInfo", "{*}extension"):
        for said in conditions_in(one):
            kind = re.sub(r"[^a-z]", "", " ".join((said.get("type") or "", local(said))).lower())
            restricts = "restrict" in kind and "use" not in kind
            column = ACCESS if restricts or column_of_term(local(said)) == ACCESS else OF_OBJECT
            if local(one) == "recordInfo" or "metadata" in kind or "abstract" in kind:
                column = OF_RECORD
            flagged = _ACCESS_FLAGS.get(text_of(said)) if local(said) == "accessFlag" else None
            column = ACCESS if flagged else column
            categories = [_CATEGORIES.get(word, word) for word in _categories(said)]
            own = [flagged] if flagged else [*statements_in(said), *_statuses(said), *categories, *_forbidden(said)]
            found.setdefault(column, []).extend(own)
    return {name: list(dict.fromkeys(values)) for name, values in found.items() if values}


def conditions_in(element: Element) -> Iterator[Element]:
    """What of an element of MODS speaks of rights: a condition does, of others what is named so."""
    if local(element) == "accessCondition":
        yield element
        return
    for one in element.iter(etree.Element):
        named = (one.get("type") or "", one.get("displayLabel") or "")
        flagged = local(one) == "accessFlag" and text_of(one) in _ACCESS_FLAGS
        if (
            flagged
            or column_of_term(local(one))
            or any(column_of_term(name) or "restrict" in name.lower() for name in named)
        ):
            yield one


def _statuses(condition: Element) -> Iterator[str]:
    """copyrightMD inside a condition says it in an attribute."""
    for one in condition.iter(etree.Element):
        if local(one) == "copyright" and (status := one.get("copyright.status")):
            yield _COPYRIGHT_STATUS.get(status, f"copyright status: {status}")


_ACCESS_FLAGS = {"R": "Restricted access", "N": "Closed access"}
"""HarvardDRS:accessFlag of Harvard's LibraryCloud, in an extension; P is public."""


def mets_rights(root: Element) -> list[str]:
    """METS rightsMD: https://www.loc.gov/standards/mets/METSOverview.v2.html#admMD

    It holds any schema: METSRights, PREMIS, Dublin Core, the DFG Viewer's dv:rights. Elements and attributes that name
    rights are statements; where none does, all of it is one.
    """
    found: list[str] = []
    for section in root.iter("{*}rightsMD", "{*}md"):
        if local(section) == "md" and "RIGHTS" not in (section.get("USE") or "").upper():
            continue  # METS 2 calls every section so
        data = next(section.iter("{*}xmlData"), None)
        if data is None:
            found += [str(value) for one in section.iter("{*}mdRef") for value in _resources(one)]
            continue
        leaves = [one for one in data.iter(etree.Element) if column_of_term(local(one)) and _is_leaf(one)]
        named = [one for one in leaves if not premis.is_detail(one)]
        statements = [premis.said_by(one, text) for one in named for text in statements_in(one)]
        categories = [_CATEGORIES.get(one, one) for one in _categories(data)]
        found += [*statements, *categories, *_statuses(data), *_forbidden(data), *premis.forbidden(data)] or [
            text for one in data.iter(etree.Element) if (text := _other(one))
        ]
    return list(dict.fromkeys(found))


_CATEGORIES = {
    "COPYRIGHTED": "In copyright",
    "LICENSED": "In copyright; licensed",
    "PUBLIC DOMAIN": "Public domain",
    "CONTRACTUAL": "In copyright; contractual restrictions",
}
"""METSRights RIGHTSCATEGORY, https://www.loc.gov/standards/rights/METSRights.xsd."""


def _categories(data: Element) -> Iterable[str]:
    return [str(one.get("RIGHTSCATEGORY")) for one in data.iter(etree.Element) if one.get("RIGHTSCATEGORY")]


def _forbidden(data: Element) -> Iterator[str]:
    """What METSRights withholds from the general public, and the DFG Viewer's word for all rights."""
    for one in data.iter(etree.Element):
        name = local(one)
        public = (one.get("CONTEXTCLASS") or "").upper() == "GENERAL PUBLIC"
        for allowed in one.iterchildren("{*}Permissions") if public else ():
            barred = [use for use in ("DISCOVER", "DISPLAY", "COPY", "DUPLICATE") if allowed.get(use) in ("false", "0")]
            if barred:
                yield f"Restricted access: the public may not {', '.join(barred).lower()}"
        if name == "license" and text_of(one).lower() == "reserved":
            yield "All rights reserved"


def _resources(element: Element) -> list[str]:
    # lxml's `items()` looks each value up by its name: the square of their number.
    names = [name for name in element.attrib if etree.QName(name).localname in _RESOURCES]
    return [str(element.get(name)) for name in names]


def _other(element: Element) -> str:
    """A leaf's words, unless they only say whose it is, as the DFG Viewer's dv:owner and dv:ownerLogo do:
    https://dfg-viewer.de/en/profile-of-the-metadata/
    """
    whose = local(element).lower().startswith(("owner", "aggregator", "sponsor"))
    return text_of(element) if _is_leaf(element) and not whose else ""


def _is_leaf(element: Element) -> bool:
    return next(element.iterchildren(etree.Element), None) is None
