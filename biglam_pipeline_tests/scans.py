"""Made-up scans of pages, and what else may become of one: other files that show the same."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw


def page(seed: int) -> Image.Image:
    """A scan: columns of text on yellow paper, a heading, a picture here and there."""
    random = np.random.default_rng(seed)
    made = Image.new("L", (700, 1000), 225)
    draw = ImageDraw.Draw(made)
    draw.rectangle((60, 50, 640, 50 + int(random.integers(30, 120))), fill=int(random.integers(40, 120)))
    for column in range(int(random.integers(1, 4))):
        for line in range(60):
            left, end = 60 + 200 * column, 60 + 200 * column + int(random.integers(60, 180))
            if random.random() < 0.8:
                draw.rectangle((left, 190 + 13 * line, end, 197 + 13 * line), fill=70)
    x, y = random.integers(60, 400), random.integers(200, 700)
    draw.ellipse((x, y, x + random.integers(80, 260), y + random.integers(80, 260)), fill=int(random.integers(30, 140)))
    return made


def saved(picture: Image.Image, **how: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, **{"format": "JPEG", "quality": 90} | how)  # type: ignore[arg-type]
    return stream.getvalue()


CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "recompressed": lambda one: saved(one, quality=40),
    "half the size": lambda one: saved(one.resize((350, 500), Image.Resampling.LANCZOS)),
    "PNG in colour": lambda one: saved(one.convert("RGB"), format="PNG"),
    "a degree turned": lambda one: saved(one.rotate(1, fillcolor=225)),
    "darker": lambda one: saved(one.point([value * 4 // 5 for value in range(256)])),
    "narrowly cropped": lambda one: saved(one.crop((7, 10, 693, 990))),
}
