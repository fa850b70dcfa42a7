"""Which files are seen as folders? By their first bytes, or by their name."""

import re
import tarfile
from collections.abc import Callable
from pathlib import PurePosixPath

from biglam_pipeline.parsing.archives.entries import Bytes
from biglam_pipeline.parsing.archives.squeezed import open_bzip2, open_gzip, open_xz
from biglam_pipeline.parsing.gzip import MAGIC

HEAD_BYTES = 512
"""`is_archive` needs so much of a file's beginning."""

# These are ZIP files too, but one document each: Office Open XML (ECMA-376), OpenDocument (part 2, appendix C), EPUB,
# MusicXML, KML, Java, Android, Python and NuGet packages, comics, InDesign, USD, 3MF, NumPy, Web Archive Collections.
# A web archive is packed record by record (ISO 28500, annex D), and its reader goes on behind a member that is damaged.
_DOCUMENTS = re.compile(
    r"\.(do[ct][xm]|xl[st][xm]|xlsb|pp[st][xm]|pot[xm]|vsd[xm]|od[tspgfbcim]|ot[tspgh]|epub|mxl|kmz"
    r"|jar|war|ear|apk|aab|ipa|xpi|whl|nupkg|vsix|cb[zrt7]|idml|usdz|3mf|npz|wacz|svgz|w?arc\.gz)$",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml|xl/(?:_rels/)?workbook\.xml"
    rb"|mimetypeapplication/(?:vnd\.oasis\.opendocument|epub\+zip))",
    re.DOTALL,
)
"""How such a document begins where no name says it, as of a download: a part that every package has (ECMA-376, part 2,
7.3), or its type, stored (OpenDocument, part 2, 3.3; EPUB OCF, 4.3).
"""
_ARCHIVES = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz)$", re.IGNORECASE)
_SQUEEZED = re.compile(r"\.(gz|bz2|xz)$", re.IGNORECASE)
_TARS = re.compile(r"\.t(gz|bz2?|xz)$", re.IGNORECASE)
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OPENERS: dict[bytes, Callable[..., Bytes]] = {
    MAGIC: open_gzip,
    b"BZh": open_bzip2,
    b"\xfd7zXZ\x00": open_xz,
}


def is_archive(name: str, head: bytes) -> bool:
    """Is this file seen as a folder? By its first HEAD_BYTES, or by its name (a broken ZIP is still one)."""
    if _DOCUMENTS.search(name) or (is_document(head) and not _ARCHIVES.search(name)):
        return False
    magic = head.startswith((*ZIP_MAGIC, *OPENERS)) or is_tar(head)
    return magic or bool(_ARCHIVES.search(name))


def is_document(head: bytes) -> bool:
    """Is this ZIP one document, by the first of its members?"""
    return _FIRST.match(head) is not None


def opens_inside(name: str, head: bytes) -> bool:
    """The same of a member. Its name decides, for it says what its maker meant it to be; where it has no extension,
    its bytes. `page.xml` that is gzip stays a file, which its reader unpacks.
    """
    if not PurePosixPath(name).suffix:
        return is_archive(name, head)
    return bool(_ARCHIVES.search(name)) and not _DOCUMENTS.search(name)


def is_tar(head: bytes) -> bool:
    """Does a TAR begin so?"""
    if len(head) < HEAD_BYTES or not head.strip(b"\0"):
        return False
    try:
        tarfile.TarInfo.frombuf(head[:HEAD_BYTES], "utf-8", "surrogateescape")  # proves the header's checksum
    except tarfile.HeaderError:
        return False
    return True


def plain_name(name: str) -> str:
    """What the one member of a compressed file is called: `part01.xml` of x/part01.xml.gz."""
    own = PurePosixPath(name).name
    return _TARS.sub(".tar", _SQUEEZED.sub("", own)) or own
