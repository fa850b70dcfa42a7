"""Bundles for tests: made of bytes, or of the files that real institutions published."""

import hashlib
import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.reader import LooksInside, Reader
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped

REAL = Path(os.environ.get("BIGLAM_REAL_DATA") or Path(__file__).parents[3] / "shared" / "real")
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
_READERS: TypeAdapter[Any] = TypeAdapter(AnyReader)


def reader(**settings: Any) -> Reader:
    """The reader that a `normalize` block makes."""
    made = _READERS.validate_python(settings)
    assert isinstance(made, Reader)
    return made


def item(name: str, data: bytes) -> Item:
    """A file in memory."""
    digest = hashlib.sha256(data).hexdigest()
    return Item(name, f"https://example.org/{name}", NOON, digest, len(data), 1, "", lambda: io.BytesIO(data))


def real_folder(folder: str, pattern: str = "**/*") -> dict[str, Item]:
    """The files of a folder of real data, by their path in it; skips the test where the data is absent."""
    root = REAL / folder
    if not root.is_dir():
        pytest.skip(f"no real data at {root}; set BIGLAM_REAL_DATA")
    found = sorted(path for path in root.glob(pattern) if path.is_file())
    return {str(path.relative_to(root)): item(str(path.relative_to(root)), path.read_bytes()) for path in found}


def read(made: Reader, items: Mapping[str, Item], also: Mapping[str, Value] | None = None) -> list[Read]:
    """All that the reader makes of these files."""
    found: list[Read] = []
    for name, names in laid_out(made, items).items():
        found += made.read(Bundle(name, tuple(items[one] for one in names)), also or {})
    return found


def laid_out(made: Reader, items: Mapping[str, Item]) -> dict[str, list[str]]:
    """Bundle -> its files, as a slice would have them."""
    if not isinstance(made, LooksInside):
        return made.bundles(sorted(items))
    looked = {name: made.outline(one) for name, one in items.items() if made.may_read(name)}
    outlines = {name: outline for name, outline in looked.items() if outline is not None}
    return made.gather(list(items), outlines, {name: one.url for name, one in items.items()})


def read_one(made: Reader, name: str, data: bytes) -> list[Read]:
    """All that the reader makes of one file."""
    return read(made, {name: item(name, data)})


def records(found: list[Read]) -> list[Record]:
    """The records among what was read."""
    return [one for one in found if isinstance(one, Record)]


def rejects(found: list[Read]) -> list[Reject]:
    """What was refused."""
    return [one for one in found if isinstance(one, Reject)]


def reasons(found: list[Read]) -> list[str]:
    """Why it was refused."""
    return [one.reason for one in rejects(found)]


def deleted(found: list[Read]) -> list[Deleted]:
    """What the source says is gone."""
    return [one for one in found if isinstance(one, Deleted)]


def unmapped(found: list[Read]) -> list[Unmapped]:
    """What the files held besides."""
    return [one for one in found if isinstance(one, Unmapped)]


def alto(body: str, root: str = "<alto>", more: str = "") -> bytes:
    """A page with this in its print space."""
    name = root[1:].split(" ")[0].rstrip(">")
    return f"{root}{more}<Layout><Page ID='P1'><PrintSpace>{body}</PrintSpace></Page></Layout></{name}>".encode()


def block(name: str, *lines: str, more: str = "") -> str:
    """A TextBlock of lines."""
    return f'<TextBlock ID="{name}" {more}>{"".join(f"<TextLine>{line}</TextLine>" for line in lines)}</TextBlock>'


def word(text: str, part: int = 0, whole: str = "", **more: str) -> str:
    """A String, which may be one half of a broken word."""
    halves = f' SUBS_TYPE="HypPart{part}" SUBS_CONTENT="{whole}"' if part else ""
    return f'<String CONTENT="{text}"{halves} {" ".join(f"{name}={value!r}" for name, value in more.items())}/>'
