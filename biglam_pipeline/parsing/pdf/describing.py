"""What a PDF says of itself, and how many pages it has by another library; runs in the process of its own.

pypdf is Python, and shares nothing with PDFium: what it counts is a second opinion, and it reaches the XMP packet (ISO
16684-1), for which PDFium has no door.
"""

import io
import logging
from typing import Any

import pypdf
from pypdf.constants import UserAccessPermissions
from pypdf.errors import DependencyError, PyPdfError

_MOST_FIELDS, _LONGEST = 40, 4_000
_MAX_XMP_BYTES = 4_000_000
_TROUBLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, RecursionError, AssertionError)
"""What pypdf raises beside its own: of a hostile file it says what its own code stumbled over."""


class _Warnings(logging.Handler):
    """pypdf says what it repairs in its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def describe(data: bytes) -> dict[str, Any]:
    """`pages`, `info`, `xmp`, `repairs` and `form` (XFA without pages of its own: ISO 32000-1, 12.7.8).

    `pages` is None where pypdf cannot tell, and `trouble` says why.
    """
    heard = _Warnings()
    log = logging.getLogger("pypdf")
    log.handlers, log.propagate = [heard], False
    found: dict[str, Any] = {"pages": None, "info": {}, "xmp": "", "repairs": 0, "form": False, "trouble": ""}
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            reader.decrypt("")
            if not reader.user_access_permissions or not reader.user_access_permissions & UserAccessPermissions.EXTRACT:
                raise ValueError("it is locked")
        found["pages"] = len(reader.pages)
        found["info"] = _info(reader)
        found["xmp"] = _xmp(reader)
        found["form"] = bool(reader.root_object.get("/NeedsRendering"))
    except (*_TROUBLE, PyPdfError, DependencyError) as error:
        found["trouble"] = f"{type(error).__name__}: {error}"[:200]
    found["repairs"] = heard.count
    return found


def _info(reader: pypdf.PdfReader) -> dict[str, str]:
    fields = list((reader.metadata or {}).items())[:_MOST_FIELDS]
    return {str(name).lstrip("/"): str(value)[:_LONGEST].replace("\0", "") for name, value in fields}


def _xmp(reader: pypdf.PdfReader) -> str:
    stream = reader.root_object.get("/Metadata")
    stream = stream.get_object() if stream is not None else None
    data = stream.get_data() if stream is not None and hasattr(stream, "get_data") else b""
    if len(data) > _MAX_XMP_BYTES:
        raise ValueError(f"its XMP has {len(data)} bytes")
    return data.decode("latin-1")
