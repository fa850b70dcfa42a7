"""What of a record says nothing of it, and is left out of `raw_record` and so of the row's digest?"""

import copy
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, cast

from lxml import etree
from pydantic import AfterValidator

from biglam_pipeline.parsing.xml.prefixes import PREFIXES
from biglam_pipeline.settings import Texts

_HAS_MANY = etree.XPath("boolean(descendant-or-self::*[@*[5001]])")
"""Whether an element has more attributes than 5,000."""
_MANY_BYTES = 5_000 * len(' a=""')
"""What stands in fewer has not."""


def _check(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        _compile(path)
    return paths


VolatilePaths = Annotated[Texts, AfterValidator(_check)]
"""XPath 1.0 from the record, each of elements or attributes."""


def as_kept(record: etree._Element, volatile: Sequence[str], size: int = _MANY_BYTES) -> str:
    """What `raw_record` holds: the record without its wrapper and without these paths, in the one form that equal
    records share (exclusive C14N). size: bytes that it was read of.
    """
    record = without(record, volatile)
    # libxml2 lays attributes in order one by one: for 100,000 of one element it took a minute.
    if size >= _MANY_BYTES and _HAS_MANY(record):
        return etree.tostring(record, encoding="unicode", with_tail=False)
    try:
        return etree.tostring(record, method="c14n", exclusive=True, with_comments=False).decode()
    except etree.C14NError:  # it refuses namespaces such as `xmlns="dc"`, which a parser takes
        return etree.tostring(record, encoding="unicode", with_tail=False)


def without(record: etree._Element, paths: Sequence[str]) -> etree._Element:
    """A copy of the record without what these paths select; the record itself where there are none."""
    if not paths:
        return record
    left = copy.deepcopy(record)
    left.tail = None
    for path in paths:
        chosen = cast(
            list[Any], _compile(path)(left)
        )  # lxml: elements, or texts that know the attribute they come from
        for found in chosen:
            if isinstance(found, etree._Element):
                _take_out(found, left)
            elif getattr(found, "is_attribute", False):
                del found.getparent().attrib[found.attrname]
    return left


def take_out_all(record: etree._Element, path: str) -> int:
    """Takes the elements that this path selects out of the record itself; how many those were."""
    chosen = cast(list[etree._Element], _compile(path)(record))
    for one in chosen:
        _take_out(one, record)
    return len(chosen)


@cache
def _compile(path: str) -> etree.XPath:
    try:
        expression = etree.XPath(path, namespaces=PREFIXES, regexp=False)
        found = expression(etree.Element("probe"))
    except (etree.XPathError, ValueError) as error:
        raise ValueError(f"{path!r} is not XPath: {error}; write a path such as dc:relation") from None
    if not isinstance(found, list):
        raise ValueError(f"{path!r} selects no element and no attribute; write a path such as dc:relation")
    return expression


def _take_out(element: etree._Element, root: etree._Element) -> None:
    """Takes an element out and leaves the text behind it; the record itself is emptied."""
    parent = element.getparent()
    if element is root or parent is None:
        element.clear()
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)
