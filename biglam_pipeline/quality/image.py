"""How large is a picture, and is it whole? Read from its header and the frame around its data, no pixel decoded.

JPEG: https://www.w3.org/Graphics/JPEG/itu-t81.pdf ; JPEG 2000: https://www.itu.int/rec/T-REC-T.800 ;
TIFF: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
"""

import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

Reason = Literal["not_a_picture", "image_broken", "image_too_large"]

_BEGINNINGS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "JPEG2000": "image/jp2",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
_READ_AS = {"JPEG": ("JPEG", "MPO")}
"""A camera's JPEG that holds a second picture is MPO to Pillow; its bytes are a JPEG to everybody."""

UNREADABLE = (
    *(OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError),
    *(struct.error, AssertionError, NotImplementedError, RecursionError, MemoryError),
)
"""What Pillow raises on bytes that somebody damaged."""

_NO_PICTURE = (
    "its first bytes are not those of a JPEG, PNG, TIFF, JPEG 2000, GIF or WebP file; leave it out by `files`, or ask "
    "the institution for the picture"
)
_AGAIN = "harvest it again, and if it comes the same, tell the institution"


@dataclass(frozen=True, slots=True)
class Picture:
    """What the header says: pixels across and down, and the media type by the bytes, whatever the name says."""

    width: int
    height: int
    media_type: str


class NoPicture(Exception):
    """Bytes that cannot be published as a picture."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """reason: short code; detail: what is wrong, and what to do."""
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


def measure_picture(data: bytes) -> Picture:
    """Size and media type of a picture file, which may be of any extension. NoPicture says what it is instead.

    Pillow's own bound against decompression bombs holds (twice `Image.MAX_IMAGE_PIXELS`, 179 million pixels): a row
    that no user's `datasets` can decode stops the reading of all rows after it.
    """
    kind = _kind(data)
    if not data:
        raise NoPicture("image_broken", f"it is empty; {_AGAIN}")
    if not kind:
        raise NoPicture("not_a_picture", _NO_PICTURE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow thinks of odd metadata is no fault of the picture
        try:
            with Image.open(io.BytesIO(data), formats=_READ_AS.get(kind, (kind,))) as opened:
                width, height = opened.size
                fault = "it has no pixels" if min(width, height) < 1 else _WHOLE[kind](data, opened)
        except Image.DecompressionBombError:
            limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)
            detail = f"it has more than {limit} pixels, which no library decodes unasked; harvest a smaller derivative"
            raise NoPicture("image_too_large", detail) from None
        except UNREADABLE as trouble:
            why = " ".join(str(trouble).split())[:120] or type(trouble).__name__
            why = "its header cannot be read" if "<_io.BytesIO" in why else why
            raise NoPicture("image_broken", f"{why}; {_AGAIN}") from trouble
    if fault:
        raise NoPicture("image_broken", f"{fault}; {_AGAIN}")
    return Picture(width, height, _MEDIA_TYPES[kind])


def _kind(data: bytes) -> str:
    """The format by the first bytes; empty for what is none of them."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), "")


# --- is it whole? Empty where it is, else what is missing ---


def _jpeg(data: bytes, opened: Image.Image) -> str:
    """The end marker stands behind the first scan: inside coded data FF is always followed by 00."""
    scan = 2
    while data[scan : scan + 2] != b"\xff\xda":
        if data[scan : scan + 1] != b"\xff" or scan + 4 > len(data):
            return "its segments do not follow each other"
        if data[scan + 1] in _ALONE:
            scan += 1 if data[scan + 1] == 0xFF else 2
        else:
            scan += 2 + int.from_bytes(data[scan + 2 : scan + 4])
    return "" if data.rfind(b"\xff\xd9") > scan else "it is cut short: its end marker is missing"


_ALONE = {0xFF, 0x01, *range(0xD0, 0xD8)}
"""Fill bytes, TEM and restart markers, which carry no length."""


def _png(data: bytes, opened: Image.Image) -> str:
    opened.verify()  # reads every chunk's checksum to the end, and raises
    return ""


def _tiff(data: bytes, opened: Image.Image) -> str:
    """All strips, or tiles, of the first page lie within the file."""
    tags = opened.tag_v2  # type: ignore[attr-defined]
    for starts, sizes in ((273, 279), (324, 325)):
        ends = [start + size for start, size in zip(tags.get(starts, ()), tags.get(sizes, ()), strict=False)]
        if ends and max(ends) > len(data):
            return f"it is cut short: its data should reach to byte {max(ends)} of {len(data)}"
    return ""


def _jpeg2000(data: bytes, opened: Image.Image) -> str:
    """The end marker stands behind the first tile: FFD9 cannot occur in coded data. Boxes may follow."""
    tile = data.find(b"\xff\x90")
    return "" if data.rfind(b"\xff\xd9") > tile > 0 else "it is cut short: its end marker is missing"


def _gif(data: bytes, opened: Image.Image) -> str:
    return "" if data.rstrip(b"\x00").endswith(b";") else "it is cut short: its trailer is missing"


def _webp(data: bytes, opened: Image.Image) -> str:
    due = int.from_bytes(data[4:8], "little") + 8
    return "" if due <= len(data) else f"it is cut short: {due} bytes are due, {len(data)} are there"


_WHOLE: dict[str, Callable[[bytes, Image.Image], str]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "JPEG2000": _jpeg2000,
    "GIF": _gif,
    "WEBP": _webp,
}
