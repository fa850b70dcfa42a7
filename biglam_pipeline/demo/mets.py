"""One issue as it is delivered: a METS that says what belongs together, its ALTO pages, and the ZIP around them.

https://www.loc.gov/standards/mets/ and https://www.loc.gov/standards/mods/
"""

import hashlib
import io
import zipfile

from lxml import etree

from .alto import body_block, head_block, page_xml
from .newspaper import PAGES, TITLE, Article, Issue

METS = "http://www.loc.gov/METS/"
MODS = "http://www.loc.gov/mods/v3"
XLINK = "http://www.w3.org/1999/xlink"
_PREFIXES = {"mets": METS, "mods": MODS, "xlink": XLINK}
_ZIP_DATE = (2019, 3, 4, 9, 0, 0)
"""One date for every member: the bytes of a ZIP hold it, and they are to depend on the content alone."""


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    prefix, tag = name.split(":")
    element = etree.SubElement(parent, f"{{{_PREFIXES[prefix]}}}{tag}", attributes)
    element.text = text or None
    return element


def page_file(issue: Issue, page: int) -> str:
    """The page's file name, beside the METS."""
    return f"{issue.name}_{page:04d}.xml"


def _described(root: etree._Element, name: str) -> etree._Element:
    wrap = _add(_add(root, "mets:dmdSec", ID=name), "mets:mdWrap", MDTYPE="MODS")
    return _add(_add(wrap, "mets:xmlData"), "mods:mods")


def _language(mods: etree._Element) -> None:
    _add(_add(mods, "mods:language"), "mods:languageTerm", "en", type="code", authority="rfc3066")


def _describe_issue(root: etree._Element, issue: Issue) -> None:
    mods = _described(root, "MODS_ISSUE")
    _add(mods, "mods:identifier", issue.name, type="local")
    _add(_add(mods, "mods:titleInfo"), "mods:title", TITLE)
    origin = _add(mods, "mods:originInfo")
    _add(_add(origin, "mods:place"), "mods:placeTerm", "Aldermere", type="text")
    _add(origin, "mods:publisher", "J. Orchard, Printer, Mill Lane")
    _add(origin, "mods:dateIssued", issue.issued.isoformat(), encoding="w3cdtf", keyDate="yes")
    _language(mods)
    _add(_add(_add(mods, "mods:part"), "mods:detail", type="issue"), "mods:number", str(issue.number))


def _describe_article(root: etree._Element, article: Article) -> None:
    mods = _described(root, f"MODS_{article.id}")
    _add(_add(mods, "mods:titleInfo"), "mods:title", article.headline)
    _language(mods)


def _list_files(root: etree._Element, issue: Issue, pages: dict[str, bytes]) -> None:
    group = _add(_add(root, "mets:fileSec"), "mets:fileGrp", ID="ALTOGRP", USE="Text")
    for number, content in enumerate(pages.values(), 1):
        file = _add(group, "mets:file", ID=f"ALTO{number:04d}", MIMETYPE="text/xml", SEQ=str(number))
        file.set("SIZE", str(len(content)))
        file.set("CHECKSUM", hashlib.sha256(content).hexdigest())
        file.set("CHECKSUMTYPE", "SHA-256")
        location = _add(file, "mets:FLocat", LOCTYPE="URL")
        location.set(f"{{{XLINK}}}href", page_file(issue, number))


def _area(parent: etree._Element, kind: str, page: int, block: str) -> None:
    pointer = _add(_add(parent, "mets:div", TYPE=kind), "mets:fptr")
    _add(pointer, "mets:area", FILEID=f"ALTO{page:04d}", BETYPE="IDREF", BEGIN=block)


def _physical(root: etree._Element, issue: Issue) -> None:
    structure = _add(root, "mets:structMap", TYPE="PHYSICAL", LABEL="Physical Structure")
    whole = _add(structure, "mets:div", ID="phys0", TYPE="physSequence", LABEL=issue.name)
    for page in range(1, PAGES + 1):
        leaf = _add(whole, "mets:div", ID=f"phys{page}", TYPE="page", ORDER=str(page), ORDERLABEL=str(page))
        _add(leaf, "mets:fptr", FILEID=f"ALTO{page:04d}")


def _logical(root: etree._Element, issue: Issue) -> None:
    structure = _add(root, "mets:structMap", TYPE="LOGICAL", LABEL="Logical Structure")
    label = f"{TITLE} {issue.issued.isoformat()}"
    whole = _add(structure, "mets:div", ID="log1", TYPE="ISSUE", DMDID="MODS_ISSUE", LABEL=label)
    for order, article in enumerate(issue.articles, 1):
        division = _add(whole, "mets:div", ID=article.id, TYPE="ARTICLE", DMDID=f"MODS_{article.id}")
        division.set("ORDER", str(order))
        division.set("LABEL", article.headline)
        _area(division, "HEADING", article.parts[0].page, head_block(article))
        for part in article.parts:
            _area(division, "BODY", part.page, body_block(article, part.page))


def mets_xml(issue: Issue, pages: dict[str, bytes]) -> bytes:
    """The METS of an issue whose pages are these files, by name."""
    root = etree.Element(f"{{{METS}}}mets", nsmap=_PREFIXES)
    root.set("TYPE", "Newspaper")
    root.set("LABEL", f"{TITLE} {issue.issued.isoformat()}")
    root.set("OBJID", issue.name)
    agent = _add(_add(root, "mets:metsHdr", CREATEDATE="2019-03-04T09:00:00"), "mets:agent", ROLE="CREATOR")
    agent.set("TYPE", "ORGANIZATION")
    _add(agent, "mets:name", "Aldermere Free Library")
    _describe_issue(root, issue)
    for article in issue.articles:
        _describe_article(root, article)
    _list_files(root, issue, pages)
    _physical(root, issue)
    _logical(root, issue)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def issue_zip(issue: Issue) -> bytes:
    """The issue's ZIP: one folder with the METS and the pages. The same issue gives the same bytes."""
    pages = {page_file(issue, page): page_xml(issue, page) for page in range(1, PAGES + 1)}
    members = {f"{issue.name}_mets.xml": mets_xml(issue, pages), **pages}
    shelf = io.BytesIO()
    with zipfile.ZipFile(shelf, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(f"{issue.name}/{name}", _ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix everywhere: the field would otherwise name the machine that wrote it
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return shelf.getvalue()
