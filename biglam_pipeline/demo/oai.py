"""The card catalogue over OAI-PMH 2.0: the six verbs, resumption tokens, tombstones and the protocol's errors.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl

from lxml import etree
from starlette.responses import Response

from .collections import ADDRESS

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMES: dict[Any, str] = {None: OAI, "xsi": _XSI}  # Any: the stubs of lxml know no default namespace
_OAI_SCHEMA = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

PAGE_SIZE = 25
EARLIEST = datetime(2025, 3, 1, 9, tzinfo=UTC)
SETS = (("catalogue", "Card catalogue"), ("catalogue:local", "Card catalogue: the town and its neighbourhood"))
_SECOND, _DAY = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"
_LIST_ARGUMENTS = frozenset({"metadataPrefix", "from", "until", "set", "resumptionToken"})
_ARGUMENTS: dict[str, frozenset[str]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset({"identifier"}),
    "ListSets": frozenset({"resumptionToken"}),
    "GetRecord": frozenset({"identifier", "metadataPrefix"}),
    "ListIdentifiers": _LIST_ARGUMENTS,
    "ListRecords": _LIST_ARGUMENTS,
}


@dataclass(frozen=True, slots=True)
class OaiRecord:
    """One record as it is offered; a tombstone has no elements."""

    identifier: str
    datestamp: datetime
    sets: tuple[str, ...]
    elements: tuple[tuple[str, str], ...]


class Repository(Protocol):
    """What the protocol asks of an institution."""

    now: datetime
    version: int

    def oai_records(self) -> list[OaiRecord]:
        """All records and tombstones, by datestamp and identifier."""


class OaiError(Exception):
    """One of the protocol's error conditions."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a list was asked for, and how far it has been given."""

    verb: str
    since: str = ""
    until: str = ""
    set: str = ""
    cursor: int = 0
    version: int = 0

    def token(self) -> str:
        return "!".join((self.verb, self.since, self.until, self.set, str(self.cursor), str(self.version)))


def _selection_of(token: str, verb: str, version: int) -> _Selection:
    parts = token.split("!")
    if len(parts) != 6 or parts[0] != verb or not (parts[4].isdecimal() and parts[5] == str(version)):
        raise OaiError("badResumptionToken", "The token is not one of ours, or the catalogue has changed since.")
    return _Selection(verb, parts[1], parts[2], parts[3], int(parts[4]), version)


def _moment(text: str, last: bool) -> datetime:
    """The first second that a datestamp of either granularity means, or the last one."""
    try:
        if len(text) == 10:
            day = datetime.strptime(text, _DAY).replace(tzinfo=UTC)
            return day + timedelta(days=1, seconds=-1) if last else day
        return datetime.strptime(text, _SECOND).replace(tzinfo=UTC)
    except ValueError:
        raise OaiError("badArgument", f"{text!r} is not a datestamp of this repository.") from None


def _selected(repository: Repository, wish: _Selection) -> list[OaiRecord]:
    since = _moment(wish.since, last=False) if wish.since else None
    until = _moment(wish.until, last=True) if wish.until else None
    if since and until and (since > until or len(wish.since) != len(wish.until)):
        raise OaiError("badArgument", "from and until must be in order, and of one granularity.")
    return [
        record
        for record in repository.oai_records()
        if (since is None or record.datestamp >= since)
        and (until is None or record.datestamp <= until)
        and (not wish.set or wish.set in record.sets)
    ]


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{OAI}}}{tag}", attributes)
    element.text = text or None
    return element


def _header(parent: etree._Element, record: OaiRecord) -> None:
    header = _add(parent, "header")
    if not record.elements:
        header.set("status", "deleted")
    _add(header, "identifier", record.identifier)
    _add(header, "datestamp", record.datestamp.strftime(_SECOND))
    for name in record.sets:
        _add(header, "setSpec", name)


def _record(parent: etree._Element, record: OaiRecord) -> None:
    element = _add(parent, "record")
    _header(element, record)
    if not record.elements:
        return
    names = {"oai_dc": OAI_DC, "dc": DC, "xsi": _XSI}
    card: etree._Element = etree.SubElement(_add(element, "metadata"), f"{{{OAI_DC}}}dc", nsmap=names)
    card.set(f"{{{_XSI}}}schemaLocation", f"{OAI_DC} {_DC_SCHEMA}")
    for name, value in record.elements:
        etree.SubElement(card, f"{{{DC}}}{name}").text = value


def _known_format(arguments: dict[str, str]) -> None:
    prefix = arguments.get("metadataPrefix")
    if prefix is None:
        raise OaiError("badArgument", "metadataPrefix is missing.")
    if prefix != "oai_dc":
        raise OaiError("cannotDisseminateFormat", f"There is no {prefix!r} here, only oai_dc.")


def _found(repository: Repository, identifier: str) -> OaiRecord:
    for record in repository.oai_records():
        if record.identifier == identifier:
            return record
    raise OaiError("idDoesNotExist", f"There is no {identifier!r} here.")


def _identify(repository: Repository, arguments: dict[str, str], body: etree._Element) -> None:
    for tag, text in (
        ("repositoryName", "Aldermere Free Library"),
        ("baseURL", f"{ADDRESS}/oai"),
        ("protocolVersion", "2.0"),
        ("adminEmail", "librarian@institution.example"),
        ("earliestDatestamp", EARLIEST.strftime(_SECOND)),
        ("deletedRecord", "persistent"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ):
        _add(body, tag, text)


def _list_formats(repository: Repository, arguments: dict[str, str], body: etree._Element) -> None:
    if "identifier" in arguments:
        _found(repository, arguments["identifier"])
    element = _add(body, "metadataFormat")
    _add(element, "metadataPrefix", "oai_dc")
    _add(element, "schema", _DC_SCHEMA)
    _add(element, "metadataNamespace", OAI_DC)


def _list_sets(repository: Repository, arguments: dict[str, str], body: etree._Element) -> None:
    if "resumptionToken" in arguments:
        raise OaiError("badResumptionToken", "The list of sets is given whole.")
    for spec, name in SETS:
        element = _add(body, "set")
        _add(element, "setSpec", spec)
        _add(element, "setName", name)


def _get_record(repository: Repository, arguments: dict[str, str], body: etree._Element) -> None:
    if "identifier" not in arguments:
        raise OaiError("badArgument", "identifier is missing.")
    _known_format(arguments)
    _record(body, _found(repository, arguments["identifier"]))


def _wish(repository: Repository, verb: str, arguments: dict[str, str]) -> _Selection:
    token = arguments.get("resumptionToken")
    if token is not None:
        if len(arguments) > 1:
            raise OaiError("badArgument", "resumptionToken stands alone.")
        return _selection_of(token, verb, repository.version)
    _known_format(arguments)
    since, until, name = (arguments.get(key, "") for key in ("from", "until", "set"))
    return _Selection(verb, since, until, name, 0, repository.version)


def _list(repository: Repository, verb: str, arguments: dict[str, str], body: etree._Element) -> None:
    wish = _wish(repository, verb, arguments)
    records = _selected(repository, wish)
    if not records:
        raise OaiError("noRecordsMatch", "Nothing of that date and set.")
    page = records[wish.cursor : wish.cursor + PAGE_SIZE]
    if not page:
        raise OaiError("badResumptionToken", "The token points past the end.")
    for record in page:
        (_record if verb == "ListRecords" else _header)(body, record)
    after = wish.cursor + len(page)
    if after < len(records) or wish.cursor:
        # the last page of a divided list carries an empty token: section 3.5
        token = replace(wish, cursor=after).token() if after < len(records) else ""
        attributes = {"completeListSize": str(len(records)), "cursor": str(wish.cursor)}
        _add(body, "resumptionToken", token, **attributes)


def _list_identifiers(repository: Repository, arguments: dict[str, str], body: etree._Element) -> None:
    _list(repository, "ListIdentifiers", arguments, body)


def _list_records(repository: Repository, arguments: dict[str, str], body: etree._Element) -> None:
    _list(repository, "ListRecords", arguments, body)


_VERBS: dict[str, Callable[[Repository, dict[str, str], etree._Element], None]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
}


def _understood(pairs: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    if not all(f"{key}{value}".isprintable() for key, value in pairs):  # an answer could not repeat it: not XML
        raise OaiError("badArgument", "There is a character in the request that no argument has.")
    verbs = [value for key, value in pairs if key == "verb"]
    if len(verbs) != 1 or verbs[0] not in _VERBS:
        raise OaiError("badVerb", "Exactly one of the six verbs is needed.")
    arguments = {key: value for key, value in pairs if key != "verb"}
    if len(arguments) != len(pairs) - 1:
        raise OaiError("badArgument", "An argument is repeated.")
    unknown = sorted(set(arguments) - _ARGUMENTS[verbs[0]])
    if unknown:
        raise OaiError("badArgument", f"{verbs[0]} takes no {unknown[0]}.")
    return verbs[0], arguments


def answer_oai(repository: Repository, query: str) -> Response:
    """The answer to a query string (or the body of a POST). An error of the protocol is a 200 like any other answer."""
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap=_NAMES)
    root.set(f"{{{_XSI}}}schemaLocation", _OAI_SCHEMA)
    _add(root, "responseDate", repository.now.strftime(_SECOND))
    request = _add(root, "request", f"{ADDRESS}/oai")
    pairs = parse_qsl(query, keep_blank_values=True)
    try:
        verb, arguments = _understood(pairs)
        body = etree.Element(f"{{{OAI}}}{verb}", nsmap=_NAMES)
        _VERBS[verb](repository, arguments, body)
        request.attrib.update(dict(pairs))
        root.append(body)
    except OaiError as error:
        if error.code not in {"badVerb", "badArgument"}:  # then the request is not repeated in attributes: section 3.2
            request.attrib.update(dict(pairs))
        _add(root, "error", str(error), code=error.code)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Response(content, media_type="text/xml; charset=utf-8")
