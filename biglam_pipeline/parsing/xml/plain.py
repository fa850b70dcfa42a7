"""Reads an OAI-PMH answer in which nothing is to be mended as one tree: a third of the time of reading it by pieces."""

from collections.abc import Iterator
from functools import partial

from lxml import etree

from biglam_pipeline.parsing.charsets import decodes
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, find_encoding
from biglam_pipeline.parsing.xml.envelopes import is_oai_envelope
from biglam_pipeline.parsing.xml.prefixes import PREFIXES
from biglam_pipeline.parsing.xml.reading import local, parse_plain
from biglam_pipeline.parsing.xml.streaming import Piece

_MOST_BYTES = 4 * 1024 * 1024
"""Of a tree of which all records stay in memory at once; most pages have some 100 KB."""
_BLANK = " \t\r\n"
_PASSED_OVER = ("br", "b", "hr")
"""Litter between records, which the cutter counts as a repair."""
_WELL_KNOWN = frozenset({*PREFIXES.values(), "http://www.openarchives.org/OAI/2.0/"})


class PlainPieces:
    """What `Pieces` would give of the same answer, all in one tree; their places are not known."""

    repairs: tuple[str, ...] = ()
    whole = True

    def __init__(self, root: etree._Element) -> None:
        """root: as `plain_pieces` found it."""
        self._root = root
        self.envelopes: set[tuple[str, ...]] = {("OAI-PMH",)}

    def __iter__(self) -> Iterator[Piece]:
        """In their order; start and size are 0."""
        for child in self._root:
            name = local(child)
            if not is_oai_envelope(("OAI-PMH",), name, str):
                yield _piece(child, name, ("OAI-PMH",))
                continue
            path = ("OAI-PMH", name)
            self.envelopes.add(path)
            names: dict[str, str] = {}
            for one in child:
                tag = str(one.tag)
                yield _piece(one, names.get(tag) or names.setdefault(tag, local(one)), path)


def plain_pieces(content: bytes, media_type: str = "") -> PlainPieces | None:
    """None where `Pieces` has to see what is to be done: litter around the records, other bytes than UTF-8, a DTD, what
    is not well-formed, another root, unusual namespaces around the records, more than 4 MB. Unreadable: UTF-7.
    """
    if len(content) > _MOST_BYTES or b"<!DOCTYPE" in content or not decodes(content, "utf-8"):
        return None
    encoding = find_encoding(content[:HEAD_BYTES], media_type)
    if encoding.wide or encoding.repairs or encoding.declared not in ("", "utf-8"):
        return None
    root = parse_plain(content)
    if root is None or local(root) != "OAI-PMH":
        return None
    envelopes = [root, *(child for child in root if is_oai_envelope(("OAI-PMH",), local(child), str))]
    return PlainPieces(root) if all(map(_is_clean, envelopes)) else None


def _is_clean(envelope: etree._Element) -> bool:
    """Whether nothing stands in it but elements, and its namespaces are those that everybody writes."""
    texts = {envelope.text, *(child.tail for child in envelope)}
    names = {tag.rpartition("}")[2].lower() for tag in {str(child.tag) for child in envelope}}
    return (
        not any(text and text.strip(_BLANK) for text in texts)
        and names.isdisjoint(_PASSED_OVER)
        and _WELL_KNOWN.issuperset(envelope.nsmap.values())
    )


def _piece(element: etree._Element, name: str, path: tuple[str, ...]) -> Piece:
    return Piece(name, path, 0, 0, element, None, (), partial(_itself, element))


def _itself(element: etree._Element) -> etree._Element:
    return element
