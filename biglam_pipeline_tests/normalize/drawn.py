"""Pictures for tests, drawn by Pillow: every format, whole, and cut or spoiled on purpose."""

import io
import random

from PIL import Image

FORMATS = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "TIFF": ("tif", "image/tiff"),
    "JPEG2000": ("jp2", "image/jp2"),
    "GIF": ("gif", "image/gif"),
    "WEBP": ("webp", "image/webp"),
}
"""Pillow's word -> extension and media type."""


def draw(kind: str = "PNG", size: tuple[int, int] = (40, 30), seed: int = 0, **options: object) -> bytes:
    """A picture of noise: the same seed gives the same bytes."""
    width, height = size
    noise = Image.frombytes("RGB", size, random.Random(seed).randbytes(3 * width * height))
    found = io.BytesIO()
    noise.save(found, kind, **options)
    return found.getvalue()
