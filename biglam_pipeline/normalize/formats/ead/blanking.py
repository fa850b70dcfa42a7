"""Takes units out of a finding aid: their words go, and those below them keep what they have from them.

A component that holds others leaves its title, dates, languages, makers and conditions, since each of those below says
them in its own row; of one that holds none nothing is left but that it was there, so that no other is called otherwise.
"""

import copy
from collections.abc import Callable, Collection, Iterator

from lxml import etree

from biglam_pipeline.normalize.formats.ead.elements import (
    KEPT_COUNT,
    KEPT_NAME,
    TAKEN,
    UNITS,
    Element,
    below,
    is_internal,
    is_taken,
)
from biglam_pipeline.normalize.formats.ead.rights import column_of, is_draft, of_record
from biglam_pipeline.normalize.formats.ead.texts import prose
from biglam_pipeline.normalize.formats.ead.units import Unit, Units, opens
from biglam_pipeline.parsing.xml.branches import branches
from biglam_pipeline.parsing.xml.reading import local

Wanted = Callable[[Element], bool]

_PASSED_DOWN = frozenset({"unittitle", "unitdate", "unitdatestructured", "langmaterial", "origination", "repository"})
_CALLED = frozenset({"unittitle", "unitdate", "unitdatestructured"})
_OF_HEADER = frozenset({"eadid", "recordid", "representation"})


def take_out(aid: Element, numbers: Collection[int]) -> bool:
    """Takes the units of these numbers out of it; True where none would be left, so that it may go as a whole."""
    units = list(_units(aid))
    again = copy.deepcopy(aid)  # it is taken apart while it is gone through
    read = list(Units(lambda: branches(again, opens), taken=True))
    if not any(number not in numbers and not is_taken(units[number]) for number in range(len(read))):
        return True
    for number in reversed(range(len(read))):  # what is left of one may be wanted by none any more
        if number in numbers or is_taken(units[number]):
            _empty(units[number], read[number], aid)
    return False


def _units(aid: Element) -> Iterator[Element]:
    """Those that are not internal, in their order."""
    internal = 0
    for step, element in branches(aid, opens):
        if step == "open":
            internal += internal > 0 or is_internal(element)
            if not internal and local(element) in UNITS:
                yield element
        elif step == "close":
            internal -= internal > 0


def _empty(element: Element, unit: Unit, aid: Element) -> None:
    """unit: as it was read, without what is internal."""
    holds = any(not is_taken(one) for one in _units(element) if one is not element)
    inside = {local(one) for did in below(unit.element, "did") for one in did if prose(one)}
    names = _PASSED_DOWN if inside & _CALLED else _PASSED_DOWN | {"unitid"}
    for part in [*_parts(element)]:
        is_did = local(part) == "did"
        _keep(part, (lambda one: local(one) in names or _says(one)) if is_did else _says, holds=holds)
    if local(element) == "archdesc":
        for part in [*aid.iterchildren(etree.Element)] if aid is not element else ():
            if not opens(part):
                _keep(part, _of_finding_aid(titled="unittitle" in inside), holds=True)
    kept = {str(name): str(value) for name, value in element.attrib.items() if str(name).endswith("audience")}
    element.attrib.clear()
    named = {KEPT_NAME: unit.name} if holds and unit.name else {}
    for name, value in {**kept, TAKEN[0]: TAKEN[1], KEPT_COUNT: unit.counted, **named}.items():
        element.set(name, value)


def _parts(element: Element) -> Iterator[Element]:
    """What describes it, also beside the components in it: dsc has headings and paragraphs."""
    for part in element.iterchildren(etree.Element):
        if not opens(part):
            yield part
        elif local(part) not in UNITS:
            yield from _parts(part)


def _says(element: Element) -> bool:
    return bool(column_of(element)) or is_draft(element)


def _of_finding_aid(*, titled: bool) -> Wanted:
    """What names it, and what it says of rights."""
    names = _OF_HEADER if titled else _OF_HEADER | {"titleproper"}
    return lambda one: local(one) in names or any(True for _ in of_record(one))


def _keep(part: Element, wanted: Wanted, *, holds: bool) -> None:
    """Leaves of a part what is wanted; nothing where there is no such, or none to want it."""
    if holds and wanted(part):
        return
    if not holds or not any(wanted(one) for one in part.iterdescendants(etree.Element)):
        around = part.getparent()
        assert around is not None
        part.tail = None
        around.remove(part)
        return
    part.text = None
    for one in [*part.iterchildren(etree.Element)]:
        one.tail = None
        _keep(one, wanted, holds=True)
