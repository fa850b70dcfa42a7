"""What a shape is made of: files in the form in which an institution hands them out."""

import json
import tarfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


class Shape(NamedTuple):
    """What an entry of sources/ is given in place of its address, and what must come of it."""

    name: str
    """Of the file, or of the folder of several."""
    content: bytes | Mapping[str, bytes]
    """Of the file, or of each by its path in the folder."""
    rows: int
    first: Mapping[str, Any]
    """What stands in the first row."""


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A ZIP."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(name: str, content: bytes, mode: Literal["w:gz", "w:"] = "w:gz") -> bytes:
    """A TAR of one member."""
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, BytesIO(content))
    return stream.getvalue()


def picture(kind: str = "JPEG") -> bytes:
    """Eight pixels by six."""
    stream = BytesIO()
    Image.new("L", (8, 6)).save(stream, kind)
    return stream.getvalue()


def parquet(**columns: list[Any]) -> bytes:
    """A file of Parquet."""
    stream = BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def as_json(value: Any) -> bytes:
    """A document."""
    return json.dumps(value).encode()
