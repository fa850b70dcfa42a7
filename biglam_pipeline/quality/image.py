"""How large is a picture, and is it whole? By its header and its frame; what these cannot tell is decoded.

Pillow: https://pillow.readthedocs.io/en/stable/handbook/image-file-formats.html ; the frames: quality/frames.py
"""

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from biglam_pipeline.quality import frames

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

MAX_DECODED_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 0)
"""In all pictures of one file; Pillow's own bound for one picture."""

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
    formats = _READ_AS.get(kind, (kind,))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow thinks of odd metadata is no fault of the picture
        try:
            with Image.open(io.BytesIO(data), formats=formats) as opened:
                width, height = opened.size
                several = opened.format == "MPO"
            fault = "it has no pixels" if min(width, height) < 1 else frames.fault(kind, data)
            if fault is None or (several and not fault):
                fault = _decoded(data, formats)
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


def _decoded(data: bytes, formats: tuple[str, ...]) -> str:
    """What is wrong with a file whose frame cannot tell: every picture in it is decoded, within bounds."""
    with Image.open(io.BytesIO(data), formats=formats) as opened:
        many = getattr(opened, "n_frames", 1)
        if opened.width * opened.height * many > MAX_DECODED_PIXELS:
            return f"its frame does not tell whether it is whole, and {many} pictures are too many to decode"
        for number in range(many):
            opened.seek(number)
            opened.load()
    return ""
