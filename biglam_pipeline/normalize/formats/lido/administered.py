"""Whose rights does a LIDO record state, where is its page, and which of its pictures is the one to look at?

rightsWorkSet is of the object, rightsResource of a picture, recordRights and objectDescriptionRights of the record
(schema 1.1). The language of a block says nothing here: what is stated in any is heard, and the strictest counts.
"""

import re
from collections.abc import Iterator
from typing import Any

from biglam_pipeline.normalize.formats.lido.tree import Index, Node, Tree, sort
from biglam_pipeline.normalize.formats.lido.words import addresses, in_language, line
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, OF_RECORD, column_of_term, is_statement
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.shut import reads_shut

_SETS = {
    "rightsWorkSet": OF_OBJECT,
    "rightsResource": OF_OBJECT,
    "recordRights": OF_RECORD,
    "objectDescriptionRights": OF_RECORD,
}
_CREDIT = "creditLine"
_NOTES = frozenset({"descriptiveNoteValue", "resourceDescription"})
_USAGE = re.compile(r"usage|use\b|terms|condition|nutzung|käyttö|användning|utilis|gebruik|uso\b", re.IGNORECASE)
"""creditLine/@label of what is no credit: Finna's profile has instructions for use there."""
_PICTURE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|tiff?|jp2)(?:$|[?#])|image/|^(?:jpe?g|png|gif|webp|tiff?|jp2)$", re.IGNORECASE
)
_TIFF = re.compile(r"(?:^|[./])(?:tiff?|jp2|jpeg2000)(?:$|[?#])", re.IGNORECASE)
_NO_PICTURE = re.compile(
    r"zoom|html|json|xml|pdf|audio|video|mp[34]\b|manifest|presentation|3d|gltf|model|viewer|web ?page|text/",
    re.IGNORECASE,
)
_RANKS = (
    (re.compile(r"thumb|preview|lido00451|small|icon|vorschau", re.IGNORECASE), 4),
    (re.compile(r"overview|medium|screen|mini", re.IGNORECASE), 3),
    (re.compile(r"master|provided|lido00464|original|full", re.IGNORECASE), 0),
    (re.compile(r"large|high|gross|groß", re.IGNORECASE), 1),
)
"""Words of resourceRepresentation/@type, by the LIDO Terminology (provided_representation lido00464,
preview_representation lido00451; provided_image before), by Athena (image_master, image_thumb), by Finna (image_large,
image_original) and by museums (thumb, large, full resolution) -> how late they come; between them what says nothing."""
_UNRANKED = 2
_TERMINOLOGY = "lido-schema.org/resourceRepresentation_type/"
_MAX_ADDRESS = 2_000
_IMAGE_API = re.compile(r"(https?://\S+?)(?:/info\.json|/full/[^/\s]+/[0-9!.]+/(?:default|native|color|gray)\.\w+)$")
"""https://iiif.io/api/image/3.0/#2-uri-syntax"""


def rights_of(tree: Tree) -> dict[str, Any]:
    """Statements, by whose rights they speak of, and the lines that credit somebody."""
    found: dict[str, list[str]] = {OF_OBJECT: [], OF_RECORD: []}
    of_object: list[Node] = []
    for one in tree.nodes:
        if column := _SETS.get(one.name):
            found[column] += _statements(one)
            of_object += [one] if column == OF_OBJECT else []
        elif is_statement(one.text) or _is_noted(one) or (column_of_term(one.name) and not _stands_in(one, *_SETS)):
            found[OF_RECORD if _stands_in(one, "recordWrap") else OF_OBJECT] += _stray(one)
    first = [one for one in of_object if one.lang == of_object[0].lang]  # a second language says the same again
    credit = dict.fromkeys(text for one in first for text in _credits(one))
    return {**{name: list(dict.fromkeys(texts)) for name, texts in found.items()}, "attribution": "; ".join(credit)}


def _statements(place: Node) -> Iterator[str]:
    """Types of rights by address, term or code; and what any other element in it says that forbids, or that no schema
    knows. The name of who holds them is no statement.
    """
    for one in place.inside():
        if one.name == "rightsType":
            yield from _types(one)
        if not one.text or _is_type(one):
            continue
        text = line(one.text)
        if one is place or (
            not one.known
            or column_of_term(one.attr("label"))
            or _is_usage(one)
            or reads_shut(text)
            or is_statement(text)
        ):
            one.used = True
            yield text


def _types(place: Node) -> Iterator[str]:
    """A number in somebody's list says nothing beside its term; alone it is a statement that nobody understands."""
    found = [*addresses(place)]
    words = [one for one in place.inside() if one.text]
    told = [one for one in words if not one.text.isdecimal()] or ([] if found else words)
    for one in told:
        one.used = True
    yield from (*found, *(line(one.text) for one in told))


def _stray(place: Node) -> Iterator[str]:
    """What is called rights and stands outside of their sets, or is called otherwise and is a statement."""
    if place.name == "rightsType":
        yield from _types(place)
        return
    for one in [place] if place.known else place.inside():
        if one.text:
            one.used = True
            yield line(one.text)


def _is_noted(node: Node) -> bool:
    """Whether it is a note that its type or label calls rights: types are free, and often names of fields of a form."""
    if node.name not in _NOTES:
        return False
    around = [node] if node.up is None else [node, node.up]
    return any(column_of_term(one.attr(name)) for one in around for name in ("type", "label"))


def _is_type(node: Node) -> bool:
    return node.name == "rightsType" or _stands_in(node, "rightsType")


def _is_usage(node: Node) -> bool:
    return node.name == _CREDIT and _USAGE.search(f"{node.attr('label')} {node.attr('type')}") is not None


def _credits(place: Node) -> Iterator[str]:
    for one in in_language(place.all(_CREDIT), place.lang):
        if one.text and not _is_usage(one) and recognise(one.text).tier == "unknown":  # "public domain" credits nobody
            one.used = True
            yield line(one.text)


def _stands_in(node: Node, *names: str) -> bool:
    up = node.up
    while up is not None and up.name not in names:
        up = up.up
    return up is not None


def page_of(tree: Tree) -> str:
    """The page of the record: the one in HTML before others, else an address that the object is published under."""
    links = tree.administered.all("recordInfoLink")
    links.sort(key=lambda one: "html" not in one.attr("formatResource").lower())
    for one in (*links, *tree.root.all("objectPublishedID")):
        text = "".join(one.text.split())
        if text.startswith(("http://", "https://")) and not is_statement(text):
            one.used = True
            return text
    return ""


def picture_of(found: Index) -> dict[str, Any]:
    """image_url and iiif_service of the first resource that has a picture, in the best representation that a browser
    shows; and notes that it was used.
    """
    for resource in sort(found.all("resourceSet")):
        ranked = sorted(((rank, at, link) for at, (rank, link) in enumerate(_links(resource))), key=lambda one: one[:2])
        services = [service for *_, link in ranked if (service := _IMAGE_API.match(_address(link)))]
        pictures = [link for *_, link in ranked if not link.text.strip().endswith("/info.json")]
        for one in pictures[:1]:
            one.used = True
        columns = {
            "image_url": _address(pictures[0]) if pictures else "",
            "iiif_service": services[0][1] if services else "",
        }
        if any(columns.values()):
            return {name: value for name, value in columns.items() if value}
    return {}


def _address(link: Node) -> str:
    return "".join(link.text.split())


def _links(resource: Node) -> Iterator[tuple[int, Node]]:
    """The links to pictures, with how late each comes."""
    for one in resource.all("resourceRepresentation"):
        kind = one.attr("type").rpartition(_TERMINOLOGY)[2]
        for link in one.all("linkResource"):
            address, form = _address(link), link.attr("formatResource")
            if not (address.startswith(("http://", "https://")) and len(address) <= _MAX_ADDRESS):
                continue
            if address.endswith("/info.json"):
                yield _UNRANKED, link
            elif not _NO_PICTURE.search(f"{kind} {form}") and not (form and not _PICTURE.search(form)):
                rank = next((rank for words, rank in _RANKS if words.search(kind)), _UNRANKED)
                yield (5 if _TIFF.search(form) or _TIFF.search(address) else rank), link
