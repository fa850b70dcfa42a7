"""What does a picture look like? 256 bits that stay when it is scaled, compressed again or turned by a degree.

Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), https://www.phash.org/docs/ . Bits
and their order are those of `imagehash.phash(picture, hash_size=16)`. Hashes of 64 bits meet between unrelated pages.
"""

import io
import warnings

import numpy as np
from PIL import Image

from biglam_pipeline.quality.image import UNREADABLE

MOST_PIXELS = 100_000_000
"""Of a picture that has to be decoded whole: 400 MB of memory. A larger one has no hash."""
_SIDE, _LOW = 64, 16
_SMALL = 256
"""Pixels across or down that are enough; JPEG and JPEG 2000 are decoded no larger than need be."""
_FLAT = 2.0
"""Standard deviation of grey values, of 255, below which a picture shows nothing: a blank page has no hash."""


def picture_hash(data: bytes) -> bytes | None:
    """32 bytes that say what a picture looks like; None where it shows nothing, is too large, or cannot be decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow thinks of odd metadata is no fault of the picture
            with Image.open(io.BytesIO(data)) as picture:
                small = _small(picture, data)
    except (*UNREADABLE, Image.DecompressionBombError):
        return None
    if small is None:
        return None
    from scipy.fft import dctn  # only where a picture comes: it takes a tenth of a second to import

    pixels = np.asarray(small, np.float64)
    if pixels.std() < _FLAT:
        return None
    low = dctn(pixels, type=2)[:_LOW, :_LOW]
    return np.packbits(low > np.median(low)).tobytes()


def _small(picture: Image.Image, data: bytes) -> Image.Image | None:
    """64 by 64 grey pixels."""
    picture.draft("L", (_SMALL, _SMALL))
    across, down = picture.size
    if picture.format == "JPEG2000":
        halved = min(_halvings(data), (min(across, down) // _SMALL).bit_length() - 1)
        if halved > 0:
            picture.reduce = halved  # type: ignore[assignment,method-assign]
            across, down = across >> halved, down >> halved
    if across * down > MOST_PIXELS:
        return None
    return _grey(picture).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _grey(picture: Image.Image) -> Image.Image:
    """Eight bits of grey. Pillow would clip sixteen bits to white, and draw what is transparent black on black."""
    if picture.mode.startswith("I"):
        deep = np.asarray(picture, np.float32)
        return Image.fromarray((deep / (256 if deep.max() > 255 else 1)).astype(np.uint8))
    if picture.has_transparency_data:
        clear = picture.convert("RGBA").reduce(max(1, min(picture.size) // _SMALL))
        picture = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture.convert("L")


def _halvings(data: bytes) -> int:
    """How often a JPEG 2000 can be halved: decomposition levels of its coding style, ITU-T T.800, A.6.1."""
    main = data.find(b"\xff\x4f\xff\x51")
    at = data.find(b"\xff\x52", main)
    return data[at + 9] if 0 <= main < at < len(data) - 9 else 0
