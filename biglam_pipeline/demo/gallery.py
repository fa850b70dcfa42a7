"""The print room: small landscapes that nobody drew, the list that describes them, and the ZIP they come in."""

import csv
import functools
import io
import zipfile
from random import Random

from PIL import Image, ImageDraw

from .collections import CC0, PDM, revised
from .prose import PEOPLE, fill

WORKS = 16
WORK_DOUBLES = {16: 5}
"""Works catalogued twice: the same picture under another name, equal in every column but the number and the file."""
COLUMNS = ("work", "file", "title", "made", "artist", "rights", "technique")
LIST = "works.csv"

_SIZE = (160, 120)
_TITLES = ("View of {place}", "{village} in the evening", "The flood at {village}", "{person} before {place}")
_ZIP_DATE = (2019, 3, 4, 9, 0, 0)


def work_id(number: int) -> str:
    """The number in the print room's inventory."""
    return f"g-{number:03d}"


def picture_name(number: int) -> str:
    """The file's name; every third was scanned as JPEG."""
    return f"{work_id(number)}.{'jpg' if WORK_DOUBLES.get(number, number) % 3 == 0 else 'png'}"


def work(number: int, revision: int = 0) -> list[str]:
    """One row of the list."""
    original = WORK_DOUBLES.get(number, number)
    chance = Random(f"work {original}")
    year = 1802 + original * 7 % 90
    return [
        work_id(number),
        picture_name(number),
        revised(fill(chance, chance.choice(_TITLES)), revision),
        (f"{year}", f"ca. {year}", f"[{year}?]")[original % 3],
        chance.choice(PEOPLE),
        CC0 if original % 2 else PDM,
        ("etching", "watercolour", "lithograph")[original % 3],
    ]


@functools.lru_cache(maxsize=64)
def picture(number: int) -> bytes:
    """Hills before a sky: the bytes follow from the number alone."""
    number = WORK_DOUBLES.get(number, number)
    chance = Random(f"picture {number}")
    width, height = _SIZE
    image = Image.new("RGB", _SIZE, (200 + number % 40, 205, 190 + number * 3 % 50))
    draw = ImageDraw.Draw(image)
    for hill in range(4):
        shade = 160 - 35 * hill
        ridge = [(x, height // 3 + 18 * hill + chance.randrange(-12, 12)) for x in range(0, width + 1, 16)]
        draw.polygon([(0, height), *ridge, (width, height)], fill=(shade, shade + number % 30, shade - 15))
    found = io.BytesIO()
    if picture_name(number).endswith("jpg"):
        image.save(found, "JPEG", quality=85)
    else:
        image.save(found, "PNG")
    return found.getvalue()


@functools.lru_cache(maxsize=16)
def gallery_zip(works: tuple[tuple[int, int], ...]) -> bytes:
    """The ZIP of these works, each a number and how often it was corrected; the same works give the same bytes."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(work(number, revision) for number, revision in works)
    members = {LIST: text.getvalue().encode()}
    members |= {f"pictures/{picture_name(number)}": picture(number) for number, _ in works}
    shelf = io.BytesIO()
    with zipfile.ZipFile(shelf, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(f"gallery/{name}", _ZIP_DATE)
            member.create_system = 3  # as in the newspaper's ZIP: else the field names the machine that wrote it
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return shelf.getvalue()
