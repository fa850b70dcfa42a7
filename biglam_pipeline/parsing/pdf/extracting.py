"""The lines of a page of PDF, and whether they are seen or lie under a picture; runs in the process of its own.

ISO 32000-2:2020: https://pdfa.org/resource/iso-32000-2/ (9.3.6: text rendering mode 3 paints nothing, 7 clips; 7.6.4.2:
permissions, bit 5 is the extraction of text). PDFium 159: https://pdfium.googlesource.com/pdfium/
"""

import ctypes
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MAX_PAGE_CHARS = 2_000_000
"""A page of a newspaper has some 60,000."""
_MAX_OBJECTS = 50_000
_DEPTH = 8
_UNPAINTED = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_COVERS = 0.75
"""Of a page, at least: margins are cropped from scans."""
_EXTRACT = 1 << 4
_BROKEN = "\ufffe"
"""What PDFium puts in place of a hyphen, soft or not, and of the line end behind it."""
_LINE = re.compile(rf"([^\r\n{_BROKEN}]*)({_BROKEN}|\r?\n|\r|\Z)")


class Refused(Exception):
    """A document, or a page of it, that is not read: reason and what to do."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def open_document(data: bytes) -> Any:
    """Refused where it is no PDF, asks for a password, or forbids that its text is taken out."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            detail = "it is encrypted, and opens with a password alone; ask the custodian for a copy without one"
            raise Refused("pdf_encrypted", detail) from error
        detail = f"PDFium cannot open it ({error}); harvest it again"
        raise Refused("pdf_damaged", detail) from error
    permissions = pdfium.FPDF_GetDocPermissions(document)
    if not permissions & _EXTRACT:
        detail = "its owner's permissions forbid that text is taken out; ask the custodian for a copy that allows it"
        raise Refused("pdf_locked", detail)
    return document


def read_page(document: Any, number: int) -> dict[str, Any]:
    """Label, lines, blocks and what shows how the text was made. number: from 0."""
    try:
        page = document[number]
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise Refused("pdf_page", f"PDFium cannot open this page ({error}); harvest the file again") from error
    count = textpage.count_chars()
    if count > MAX_PAGE_CHARS:
        raise Refused("pdf_page_large", f"it has {count} characters, more than any page; have a person look at it")
    lines = [*_lines(textpage, count)] if count > 0 else []
    seen, hidden, fonts, covered = _how(page)
    label = document.get_page_label(number)
    textpage.close()
    page.close()
    return {"label": label, "lines": lines, "seen": seen, "hidden": hidden, "fonts": fonts, "covered": covered}


def _lines(textpage: Any, count: int) -> Iterator[tuple[str, float | None]]:
    """Each line with the height at which its first letter stands, in points from below."""
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    written = pdfium.FPDFText_GetText(textpage, 0, count, buffer)
    text = bytes(memoryview(buffer).cast("B")[: max(0, written - 1) * 2]).decode("utf-16-le", "replace")
    at = 0
    for line, end in _LINE.findall(text):
        yield line + ("-" if end == _BROKEN else ""), _height(textpage, at) if line.strip() else None
        at += len(line) + len(end)


def _height(textpage: Any, index: int) -> float | None:
    x, y = ctypes.c_double(), ctypes.c_double()
    found = pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
    return round(y.value, 1) if found else None


def _how(page: Any) -> tuple[int, int, list[str], bool]:
    """Pieces of text that are seen and that are not, fonts of those, and whether a picture covers the page.

    Not seen is what is painted with nothing, what has a font of no glyphs (Tesseract, and what is made of its output),
    and what a picture was painted over that covers the page (ABBYY's "text under the page image").
    """
    width, height = page.get_size()
    seen = hidden = 0
    fonts: set[str] = set()
    covered = False
    for number, one in enumerate(page.get_objects(max_depth=_DEPTH)):
        if number >= _MAX_OBJECTS:
            break
        if one.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = one.get_bounds()
            if (right - left) * (top - bottom) >= _COVERS * width * height:
                covered, hidden, seen = True, hidden + seen, 0
        elif one.type == pdfium.FPDF_PAGEOBJ_TEXT:
            name = _font(one)
            unpainted = pdfium.FPDFTextObj_GetTextRenderMode(one) in _UNPAINTED or "glyphless" in name.lower()
            hidden, seen = hidden + unpainted, seen + (not unpainted)
            fonts.update([name] if unpainted and len(fonts) < 10 else [])
    return seen, hidden, sorted(fonts), covered


def _font(one: Any) -> str:
    font = pdfium.FPDFTextObj_GetFont(one)
    buffer = ctypes.create_string_buffer(128)
    size = pdfium.FPDFFont_GetBaseFontName(font, buffer, 128) if font else 0
    return buffer.raw[: max(0, size - 1)].decode("utf-8", "replace") if 0 < size <= 128 else ""
