"""The ZIP of a workbook: its members are inflated under a cap, their checksums proved, and read as XML without a DTD.

Office Open XML: ECMA-376, part 2 ; OpenDocument: part 2 (https://docs.oasis-open.org/office/OpenDocument/v1.3/)
"""

import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from biglam_pipeline.parsing.inflate import Unreadable

MOST_BYTES = 2 * 2**30
"""All members of a workbook together, inflated: a sheet of 10^6 rows and twenty columns has about 1 GB of XML."""
FREE_BYTES, RATIO = 64 * 2**20, 200
"""Below the first nobody asks; above it, deflate packs the XML of sheets to a tenth or a fiftieth, a bomb to 1000."""
SAVE = "open it and save it as XLSX or CSV, or leave it out by `files`"
_BLOCK = 1 << 18
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises on bytes that somebody damaged; RuntimeError for a member that is encrypted."""

Start = Callable[[str, dict[str, str]], None]
Ended = Callable[[str], None]


class Package:
    """The members of one workbook."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        """stream: one that can be sought in; size: of the file. Unreadable where it is no ZIP, or a bomb."""
        try:
            self._zip = zipfile.ZipFile(stream)
            infos = self._zip.infolist()
        except _DAMAGE as why:
            raise damaged(why) from why
        self.names = {info.filename.replace("\\", "/").lstrip("/"): info for info in infos}
        if any({".", ".."} & {*name.split("/")} for name in self.names):  # a path that may be read as another
            raise damaged(ValueError("a member of it has dots for a folder"))
        if len({name.casefold() for name in self.names}) < len(infos):  # which of two is meant, each program decides
            raise damaged(ValueError("two of its members have one name"))
        whole = sum(info.file_size for info in infos)
        if whole > MOST_BYTES or whole > max(FREE_BYTES, RATIO * max(size, 1)):
            detail = f"it is {size:,} bytes and unpacks to {whole:,}; have a person look at it"
            raise Unreadable("workbook_bomb", detail)

    def prove(self) -> None:
        """Unreadable where a member is not what the directory says: what unpacks it behind us asks for nothing."""
        for name in self.names:
            if name.endswith((".xml", ".rels")):
                self._blocks(name, lambda block: None)

    def read_xml(self, name: str, start: Start, ended: Ended | None = None, text: Ended | None = None) -> None:
        """Calls these for each element and text, by local name; nothing where there is no such member.

        Unreadable for XML that is not well-formed or declares a document type, which both formats forbid.
        """
        if name not in self.names:
            return
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: object) -> None:
            raise Unreadable("workbook_damaged", f"{name} in it declares a document type; have a person look at it")

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = start
        if ended is not None:
            parser.EndElementHandler = ended
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            self._blocks(name, parser.Parse)
            parser.Parse(b"", True)
        except expat.ExpatError as why:
            detail = f"{name} in it is not well-formed ({why}); harvest it again, or save it again as XLSX"
            raise Unreadable("workbook_damaged", detail) from why

    def _blocks(self, name: str, take: Callable[[bytes], object]) -> None:
        try:
            with self._zip.open(self.names[name]) as member:
                while block := member.read(_BLOCK):
                    take(block)
        except _DAMAGE as why:
            raise damaged(why) from why


def damaged(why: BaseException) -> Unreadable:
    """A workbook that cannot be read at all."""
    if "encrypt" in str(why).lower() or "password" in str(why).lower():
        return encrypted()
    return Unreadable("workbook_damaged", f"it cannot be read ({str(why)[:200]}); harvest it again, or save it as CSV")


def encrypted() -> Unreadable:
    """One that asks for a password."""
    detail = "it is encrypted; ask the institution for it without a password, or leave it out by `files`"
    return Unreadable("workbook_encrypted", detail)


def local(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2]
