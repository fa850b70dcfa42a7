"""How each record is kept, and how the kept records of a collection become the bytes of a file."""

import csv
import functools
import io
import json
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import collections, gallery, newspaper
from .mets import issue_zip

_CARDS_SINCE = datetime(2025, 3, 1, 9, tzinfo=UTC)
_WITHDRAWN = datetime(2025, 12, 1, 8, tzinfo=UTC)
FILES_SINCE = datetime(2025, 11, 3, 10, tzinfo=UTC)


@dataclass(slots=True)
class Item:
    """One record as the institution keeps it: what its number makes it, how often corrected, whether withdrawn."""

    id: str
    numbers: tuple[int, ...]
    """Its number; of an article, the issue's and its own."""
    datestamp: datetime
    revision: int = 0
    removed: bool = False


def card_item(number: int, now: datetime | None = None) -> Item:
    """A card, offered since `now`; without it, since the first loading of the catalogue."""
    # three cards share a datestamp, as they do where records are loaded in batches
    since = _CARDS_SINCE + timedelta(days=6 * (number // 3))
    return Item(f"oai:institution.example:c-{number:04d}", (number,), now or since)


def issue_items(number: int, datestamp: datetime) -> list[Item]:
    """The articles of an issue."""
    name = newspaper.issue_name(number)
    count = len(newspaper.first_pages(number))
    return [Item(f"{name}/art{which:04d}", (number, which), datestamp) for which in range(1, count + 1)]


def row_item(collection: str, number: int, datestamp: datetime) -> Item:
    """A row of plates, letters, gallery or closed."""
    name = {
        "plates": collections.plate_id(number),
        "letters": f"letter-{number:03d}",
        "gallery": gallery.work_id(number),
        "closed": f"r-{number:03d}",
    }[collection]
    return Item(name, (number,), datestamp)


def opening_items() -> dict[str, list[Item]]:
    """All that is held on the first day, by collection."""
    cards = [card_item(number) for number in range(1, collections.CARDS + 1)]
    withdrawn = cards[collections.TOMBSTONE - 1]
    withdrawn.removed, withdrawn.datestamp = True, _WITHDRAWN
    counts = {
        "plates": collections.PLATES,
        "letters": collections.LETTERS,
        "gallery": gallery.WORKS,
        "closed": collections.ENTRIES,
    }
    return {
        "catalogue": cards,
        "mercury": [item for number in range(1, newspaper.ISSUES + 1) for item in issue_items(number, FILES_SINCE)],
        **{
            name: [row_item(name, number, FILES_SINCE) for number in range(1, count + 1)]
            for name, count in counts.items()
        },
    }


def content(collection: str, items: list[Item]) -> bytes:
    """The bytes of a file with these items; of the newspaper, the articles of one issue."""
    if collection == "mercury":
        revisions = tuple((item.numbers[1], item.revision) for item in items)
        return _zipped(items[0].numbers[0], revisions)
    if collection == "gallery":
        return gallery.gallery_zip(tuple((item.numbers[0], item.revision) for item in items))
    if collection == "letters":
        letters = (collections.letter(item.numbers[0], item.revision) for item in items)
        return "".join(json.dumps(letter, ensure_ascii=False) + "\n" for letter in letters).encode()
    header, row = {
        "plates": (collections.PLATE_COLUMNS, collections.plate),
        "closed": (collections.REGISTER_COLUMNS, collections.register_entry),
    }[collection]
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(header)
    table.writerows(row(item.numbers[0], item.revision) for item in items)
    return text.getvalue().encode()


@functools.lru_cache(maxsize=64)
def _zipped(number: int, revisions: tuple[tuple[int, int], ...]) -> bytes:
    return issue_zip(newspaper.issue(number, revisions))


@functools.lru_cache(maxsize=64)
def photograph(number: int) -> bytes:
    """A small grey picture, dark at the foot and light above: no photograph, but a PNG of its own for every plate."""
    width, height = 96, 64

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(
        b"\0"
        + bytes(
            (230 - 2 * y + (x * number) % 17 - (60 if y > 40 - (x * (number % 7 + 1)) % 23 else 0)) % 256
            for x in range(width)
        )
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
