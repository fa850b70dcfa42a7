"""One OAI-PMH response, read just far enough to go on harvesting: records are judged later, from the shelf."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from lxml import etree

from biglam_pipeline.errors import ObjectFailed

LONGEST_TOKEN = 65_536
_ROOT = re.compile(rb"<\?xml\b|<(?:[\w.-]+:)?OAI-PMH\b")
_END = re.compile(rb"</(?:[\w.-]+:)?OAI-PMH\s*>")


@dataclass(frozen=True, slots=True)
class Page:
    """What a response says about itself."""

    response_date: datetime | None
    """UTC; None where the server wrote none that can be read."""
    errors: tuple[tuple[str, str], ...]
    """The protocol's code and the server's words."""
    listed: bool
    """Did it list anything at all, be it nothing?"""
    records: int
    fingerprint: bytes
    """A digest of the record headers, to tell a repeated page from the next one."""
    token: str
    """Empty on the last page, where servers leave it out, or send an empty element, or blanks."""
    list_size: int | None
    """completeListSize; None where it is absent, or a word ("ssss" has been seen)."""
    junk: bool
    """True where something stood before or behind the XML, such as a PHP notice."""

    @property
    def codes(self) -> set[str]:
        """The error codes alone."""
        return {code for code, _ in self.errors}


@dataclass(frozen=True, slots=True)
class Identity:
    """What Identify tells."""

    granularity: str
    """`day` or `second`."""
    deleted_record: str
    """no, transient, persistent, or empty."""


def read_page(content: bytes, url: str) -> Page:
    """Parses strictly; ObjectFailed `xml_cut` where the response is not one whole XML document."""
    root, junk = _parse(content, url)
    errors = tuple((element.get("code", "").strip(), _text(element)) for element in _all(root, "error"))
    listing = next(_all(root, "ListRecords"), None)
    children = list(listing) if listing is not None else []
    records = [child for child in children if _name(child) == "record"]
    token = next((child for child in reversed(children) if _name(child) == "resumptionToken"), None)
    text = _text(token)
    if len(text) > LONGEST_TOKEN:
        raise ObjectFailed("refused", f"{url}: sent a resumption token of {len(text)} characters; tell the custodian")
    size = (token.get("completeListSize", "") if token is not None else "").strip()
    return Page(
        response_date=read_date(_text(next(_all(root, "responseDate"), None))),
        errors=errors,
        listed=listing is not None,
        records=len(records),
        fingerprint=_fingerprint(records),
        token=text,
        list_size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
        junk=junk,
    )


def read_identity(content: bytes, url: str) -> Identity:
    """Parses an answer to Identify; day granularity, which all servers know, where it does not say."""
    root, _ = _parse(content, url)
    granularity = _text(next(_all(root, "granularity"), None))
    deleted = _text(next(_all(root, "deletedRecord"), None)).casefold()
    return Identity("second" if "hh:mm:ss" in granularity.casefold() else "day", deleted)


def read_date(text: str) -> datetime | None:
    """A responseDate in UTC; also with an offset (+05:45 has been seen) or a day alone."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _parse(content: bytes, url: str) -> tuple[etree._Element, bool]:
    # PHP servers put notices around the document: https://github.com/findsorguk/findsorguk/issues/843
    fault = ""
    for document in (content, _within_root(content)):
        try:
            root = etree.fromstring(document, _parser())
        except etree.XMLSyntaxError as error:
            fault = fault or str(error)
            continue
        if _name(root) != "OAI-PMH":
            raise ObjectFailed("wall", f"{url}: answered with <{_name(root)}>, not with OAI-PMH; correct the address")
        return root, document is not content
    raise ObjectFailed(
        "xml_cut", f"{url}: is not one whole XML document ({fault}); if it stays so, send the custodian this address"
    )


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _within_root(content: bytes) -> bytes:
    start, ends = _ROOT.search(content), [found.end() for found in _END.finditer(content)]
    return content[start.start() : ends[-1]] if start and ends else b""


def _name(element: etree._Element) -> str:
    # By local name: responses without the namespace have been seen.
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    # Two levels are enough, and keep a <token> or <error> inside someone's metadata out of it.
    for child in root:
        if _name(child) == name:
            yield child
        elif _name(child) == "Identify":
            yield from (inner for inner in child if _name(inner) == name)


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def _fingerprint(records: list[etree._Element]) -> bytes:
    digest = sha256()
    for record in records:
        header = next((child for child in record if _name(child) == "header"), None)
        digest.update(_text(header).encode() + b"\0" if header is not None else b"\0")
    return digest.digest()[:16]
