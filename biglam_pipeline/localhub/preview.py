"""The first rows of a dataset, read from its first Parquet file, and the pictures in them and in the card."""

import io
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from starlette.responses import Response

from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal, no_entry
from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline.localhub.order import in_view
from biglam_pipeline.localhub.repositories import Entry, Repository, Tree, gone

SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_LETTERS = 20, 40, 240
MAX_PICTURE_BYTES = 32 << 20
WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\"'<>\\]{1,2000}")
PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Disposition": "inline",
    "Cache-Control": "no-cache",
}


class EntryFile(io.RawIOBase):
    """A file of a repository that can be read from anywhere in it."""

    def __init__(self, hub: Hub, entry: Entry) -> None:
        self._hub, self._entry, self._at = hub, entry, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move there."""
        self._at = offset + (0, self._at, self._entry.size)[whence]
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """That many bytes, fewer at the end."""
        end = self._entry.size if size is None or size < 0 else min(self._entry.size, self._at + size)
        content = b"".join(self._hub.read(self._entry, self._at, end)) if end > self._at else b""
        self._at += len(content)
        return content


@dataclass(frozen=True)
class Rows:
    """The first rows, column by column, without columns that are empty in them or the same in all of them.

    `total` counts all rows of the file.
    """

    names: list[str]
    kinds: list[str]
    columns: list[list[Any]]
    total: int
    left_out: int
    same: dict[str, Any]
    """Columns that hold the same in all of these rows, which are several."""


def first_parquet(repository: Repository, tree: Tree) -> str | None:
    """The path of the first Parquet file whose content is here; files in hidden folders are no data."""
    names = (path for path in sorted(tree) if path.endswith(".parquet") and not path.startswith("."))
    return next((path for path in names if not gone(repository, tree[path])), None)


def read_rows(hub: Hub, entry: Entry) -> Rows | None:
    """The first rows; None where the file cannot be read."""
    try:
        return _read(hub, entry)
    except (pa.ArrowException, OSError, ValueError, Refusal):
        return None


@lru_cache(maxsize=4)
def _read(hub: Hub, entry: Entry) -> Rows:
    # Buffered: only the pages that hold these rows are read, not whole column chunks.
    file = pq.ParquetFile(pa.PythonFile(EntryFile(hub, entry), mode="r"), buffer_size=1 << 16, pre_buffer=False)
    schema = file.schema_arrow
    names = in_view(schema.names)[:SHOWN_COLUMNS]
    batches = list(islice(file.iter_batches(SHOWN_ROWS, columns=names, use_threads=False), 1))
    table = pa.Table.from_batches(batches) if batches else schema.empty_table().select(names)
    found = [(name, str(schema.field(name).type), _values(table[name])) for name in names]
    shown = [one for one in found if any(value is not None for value in one[2])] or found
    shown.sort(key=lambda one: not any(picture_bytes(value) for value in one[2]))  # whatever their column is called
    same = {name: values[0] for name, _, values in shown if _is_same(values)}
    shown = [one for one in shown if one[0] not in same] or shown
    return Rows(
        [name for name, _, _ in shown],
        [kind for _, kind, _ in shown],
        [values for _, _, values in shown],
        file.metadata.num_rows,
        len(schema.names) - len({*same, *(name for name, _, _ in shown)}),
        same,
    )


def _is_same(values: list[Any]) -> bool:
    return len(values) > 1 and picture_bytes(values[0]) is None and all(value == values[0] for value in values[1:])


def _values(column: pa.ChunkedArray) -> list[Any]:
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError):  # years that Python's dates do not have
        return list(column.cast(pa.string()).to_pylist())


def rows_html(rows: Rows, address: str) -> str:
    """The rows as a table; `address` is where the file's pictures are served."""
    wide = ['class="number"' if _is_number(kind) else "" for kind in rows.kinds]
    heads = "".join(
        f'<th scope="col" {mark}>{escape(name)}<small>{escape(kind[:60])}</small></th>'
        for name, kind, mark in zip(rows.names, rows.kinds, wide, strict=True)
    )
    lines = []
    for number in range(len(rows.columns[0]) if rows.columns else 0):
        cells = [
            f"<td {mark}>{_cell(column[number], f'{address}?row={number}&column={at}')}</td>"
            for at, (column, mark) in enumerate(zip(rows.columns, wide, strict=True))
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    same = "; ".join(f"{escape(name)}: {_cell(value, '')}" for name, value in rows.same.items())
    above = f'<p class="soft">The same in all of these rows: {same}</p>' if same else ""
    return f"{above}<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _is_number(kind: str) -> bool:
    return kind.startswith(("int", "uint", "float", "double", "decimal", "halffloat"))


def _cell(value: Any, address: str) -> str:
    if value is None:
        return '<span class="soft">null</span>'
    if (content := picture_bytes(value)) is not None:
        if picture_type(content):
            return f'<img src="{escape(address)}" alt="picture" loading="lazy">'
        return f'<span class="soft">{len(content)} bytes</span>'
    if isinstance(value, str):
        shown = escape(_cut(value))
        linked = WEB_ADDRESS.fullmatch(value)
        return f'<a href="{escape(value)}" rel="noopener noreferrer nofollow">{shown}</a>' if linked else shown
    if isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return f"<code>{escape(_cut(text))}</code>"
    return escape(_cut(str(value)))


def _plain(value: Any) -> str:
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS].rstrip()}…"


def picture_bytes(value: Any) -> bytes | None:
    """The bytes in a cell that holds a file: plain, or a struct of bytes and path."""
    if isinstance(value, dict) and value.keys() <= {"bytes", "path"}:
        value = value.get("bytes")
    return value if isinstance(value, bytes) else None


def picture_type(content: bytes) -> str | None:
    """The media type of a picture by its first bytes, whatever its name says; SVG is a program and none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def picture(hub: Hub, call: Call) -> Response:
    """A picture of the repository: a file, or with `row` and `column` a cell of its first rows."""
    repository, _, tree = hub.revision(call)
    path = call.at["path"]
    entry = tree.get(path)
    if entry is None or gone(repository, entry):
        raise no_entry(path)
    if call.query("row"):
        content = _cell_bytes(hub, entry, call.query("row"), call.query("column"))
    elif entry.size > MAX_PICTURE_BYTES:
        raise Refusal(413, f"{path} is too large to be shown")
    else:
        content = b"".join(hub.read(entry, 0, entry.size))
    kind = picture_type(content)
    if kind is None:
        raise Refusal(415, f"{path} holds no picture there")
    return Response(content, 200, PICTURE_HEADERS, kind)


def _cell_bytes(hub: Hub, entry: Entry, row: str, column: str) -> bytes:
    rows = read_rows(hub, entry)
    try:
        value = rows.columns[_number(column)][_number(row)] if rows else None
    except (IndexError, ValueError):
        value = None
    return picture_bytes(value) or b""


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError(text)
    return int(text)


ENDPOINTS = (Endpoint("GET", "/datasets/{ns}/{name}/picture/{rev}/{*path}", picture),)
