"""One OAI-PMH response, read just far enough to go on harvesting: records are judged later, from the shelf.

It is read as the formats read it, record by record and with the same repairs, so that both agree on what a page holds.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple

from lxml import etree

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.envelopes import OAI, is_record_place
from biglam_pipeline.parsing.xml.plain import PlainPieces, plain_pieces
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.parsing.xml.searching import last_text
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces

LONGEST_TOKEN = 65_536
"""Characters. A token goes back in an address, and few servers take one of more than 8 KB (Apache: 8,190)."""


class Head(NamedTuple):
    """The header of a record."""

    identifier: str
    datestamp: str
    """As it is written; empty where it cannot be read."""
    deleted: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a response says about itself."""

    response_date: datetime | None
    """UTC; None where the server wrote none that can be read."""
    errors: tuple[tuple[str, str], ...]
    """The protocol's code and the server's words."""
    listed: str
    """`ListRecords` or `ListIdentifiers` where it is such a list, be it of nothing; else empty."""
    records: int
    """Entries of the list: live, deleted, and such as cannot be read."""
    broken: int
    """Those of them that cannot be read; the formats reject them."""
    heads: tuple[Head, ...]
    """Of the records, in their order, as far as they can be read."""
    fingerprint: bytes
    """A digest of the record headers, to tell a repeated page from the next one."""
    token: str
    """Empty on the last page, where servers leave it out, or send an empty element, or blanks."""
    list_size: int | None
    """completeListSize; None where it is absent, or a word ("ssss" has been seen)."""
    repairs: tuple[str, ...]
    """What had to be mended, each kind once: a notice of PHP around the XML, a control character."""
    damage: str
    """Why the page is not whole: cut in the middle, or no XML at all. Empty where it is."""

    @property
    def identifiers(self) -> list[str]:
        """Of the headers that have one."""
        return [head.identifier for head in self.heads if head.identifier]

    @property
    def marks(self) -> list[bytes]:
        """What no two pages of a list have in common."""
        return [self.token.encode() + self.fingerprint] if self.records else []

    def adds_nothing_to(self, last: bytes) -> bool:
        """Whether it has no record, or those of the page before it, whose fingerprint this is.

        New tokens that always bring the first page: https://github.com/coneda/kor/issues/55
        """
        return not self.records or self.fingerprint == last

    @property
    def codes(self) -> set[str]:
        """The error codes alone."""
        return {code for code, _ in self.errors}


_LONGEST_ADDRESS = 254
"""Of mail (RFC 5321, 4.5.3.1.3)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What Identify tells."""

    granularity: str
    """`day` or `second`."""
    deleted_record: str
    """no, transient, persistent, or empty."""
    admin: str = ""
    """The first adminEmail: who keeps the server."""


def read_page(content: bytes, url: str, media_type: str = "") -> Page:
    """Does not fail on what is cut or broken: the page says so. ObjectFailed `wall` where it is something else."""
    found = _Found()
    pieces: Pieces | PlainPieces | None = None
    damage = ""
    try:
        pieces = plain_pieces(content, media_type) or Pieces(BytesIO(content), OAI, media_type)
        for piece in pieces:
            found.take(piece, url)
    except Unreadable as trouble:
        damage = trouble.detail
    if pieces is not None and not damage and (found.beheaded or not pieces.whole):
        damage = "its beginning is missing" if found.beheaded else "it ends before its root is closed"
    token = found.token
    if token is None and (damage or found.broken):
        token = last_text(content, "resumptionToken", media_type)
    token = token or found.beside
    if len(token) > LONGEST_TOKEN:
        raise ObjectFailed("refused", f"{url}: sent a resumption token of {len(token)} characters; tell the custodian")
    around = pieces.repairs if pieces is not None else ()
    return Page(
        response_date=found.response_date,
        errors=tuple(found.errors),
        listed=next((name for name in _LISTED if pieces and pieces.envelopes & _LISTED[name]), ""),
        records=found.records,
        broken=found.broken,
        heads=tuple(found.heads),
        fingerprint=found.digest.digest()[:16] if found.records else hashlib.sha256(content).digest()[:16],
        token=token,
        list_size=found.list_size,
        repairs=tuple(dict.fromkeys((*around, *found.repairs))),
        damage=damage,
    )


_LISTED = {name: {("OAI-PMH", name), (name,)} for name in ("ListRecords", "ListIdentifiers")}
_LISTS = ("ListRecords", "ListIdentifiers", "GetRecord")


@dataclass(slots=True)
class _Found:
    """What the pieces of a page tell, piece by piece."""

    response_date: datetime | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)
    records: int = 0
    broken: int = 0
    token: str | None = None
    beside: str = ""
    """A token that stands behind the list and not in it."""
    list_size: int | None = None
    repairs: list[str] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    heads: list[Head] = field(default_factory=list)
    identify: etree._Element | None = None
    beheaded: bool = False
    """Whether something of the protocol stood outside of OAI-PMH: the beginning of the page is gone."""

    def take(self, piece: Piece, url: str) -> None:
        """One more piece. ObjectFailed `wall` where the root is not OAI-PMH."""
        if not piece.path and (is_record_place(("OAI-PMH",), piece.name) and piece.name != "record"):
            raise ObjectFailed("wall", f"{url}: answered with <{piece.name}>, not with OAI-PMH; correct the address")
        self.repairs += piece.repairs
        self.beheaded = self.beheaded or not piece.path
        inside = bool(piece.path) and piece.path[-1] in _LISTS
        if (inside and is_record_place(piece.path, piece.name)) or (not piece.path and piece.name == "record"):
            self._record(piece)
        elif inside and piece.name == "header" and piece.element is not None:
            self._head(piece.element)
        elif piece.element is None:
            self.broken += inside
        elif piece.name == "resumptionToken" and inside:
            self._token(piece.element)
        elif piece.name == "resumptionToken" and piece.path == ("OAI-PMH",):
            self.beside = text_of(piece.element)
        elif piece.name == "error":
            self.errors.append((piece.element.get("code", "").strip(), text_of(piece.element)))
        elif piece.name == "responseDate":
            self.response_date = read_date(text_of(piece.element))
        elif piece.name == "Identify":
            self.identify = piece.element

    def _record(self, piece: Piece) -> None:
        self.records += 1
        self.broken += piece.element is None
        header = _child(piece.element, "header") if piece.element is not None else None
        if header is None:
            self.digest.update(f"{piece.size} bytes".encode() + b"\0")
        else:
            self._note(header, piece.element)

    def _head(self, header: etree._Element) -> None:
        """Of ListIdentifiers."""
        self.records += 1
        self._note(header)

    def _note(self, header: etree._Element, record: etree._Element | None = None) -> None:
        self.digest.update(text_of(header).encode() + b"\0")
        # The readers look at both too: some servers write it on the record.
        deleted = _is_deleted(header) or (record is not None and _is_deleted(record))
        self.heads.append(Head(*_named(header), deleted))

    def _token(self, element: etree._Element) -> None:
        # Of two, an empty one does not end the list: a template may write one more at the end of every page.
        self.token = self.token or text_of(element)
        size = element.get("completeListSize", "").strip()
        if size.isascii() and size.isdigit() and len(size) < 16:
            self.list_size = int(size)


def read_identity(content: bytes, url: str, media_type: str = "") -> Identity:
    """Reads an answer to Identify; day granularity, which all servers know, where it does not say."""
    found = _Found()
    try:
        for piece in Pieces(BytesIO(content), OAI, media_type):
            found.take(piece, url)
    except Unreadable as trouble:
        raise ObjectFailed("xml_cut", f"{url}: {trouble.detail}") from trouble
    granularity, deleted = (_text(found.identify, name) for name in ("granularity", "deletedRecord"))
    unit = "second" if "hh:mm:ss" in granularity.casefold() else "day"
    return Identity(unit, deleted.casefold(), _text(found.identify, "adminEmail").strip()[:_LONGEST_ADDRESS])


def read_date(text: str) -> datetime | None:
    """A responseDate in UTC; also with an offset (+05:45 has been seen) or a day alone."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _is_deleted(element: etree._Element) -> bool:
    status = element.get("status")
    return status is not None and status.strip().casefold() == "deleted"


def _named(header: etree._Element) -> tuple[str, str]:
    """The first identifier and the first datestamp; empty where it has none."""
    said: dict[str, str] = {}
    for child in header:
        name = local(child)
        if name in _NAMED and name not in said:
            said[name] = text_of(child)
            if len(said) == len(_NAMED):
                break
    return said.get("identifier", ""), said.get("datestamp", "")


_NAMED = frozenset({"identifier", "datestamp"})


def _child(element: etree._Element, name: str) -> etree._Element | None:
    # By local name: responses without the namespace have been seen.
    for child in element:
        if local(child) == name:
            return child
    return None


def _text(element: etree._Element | None, name: str) -> str:
    child = _child(element, name) if element is not None else None
    return text_of(child) if child is not None else ""
