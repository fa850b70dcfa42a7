"""How is a CSV file read? As it is: no cell guessed, no row bent to fit, the encoding and the divider found once."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import charset_normalizer

from biglam_pipeline.parsing.xml.encoding import mend_utf8
from biglam_pipeline.records import Item, Reject

MAX_CELL_BYTES = 16 * 1024 * 1024
_SAMPLE_BYTES = 256 * 1024
_DIVIDERS = (",", ";", "\t", "|")
_END = "\x1eend of the table\x1e"
"""A row that we add ourselves. Found inside a cell, it shows that a quote was never closed."""

csv.field_size_limit(MAX_CELL_BYTES)

Open = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: column -> cell, and where it stands."""

    cells: dict[str, Any]
    position: str
    problems: tuple[str, ...] = ()


def read_csv(
    item: Item, open_item: Open, header: tuple[str, ...] | None, delimiter: str | None, encoding: str | None
) -> Iterator[Row | Reject]:
    """The rows of the file, streamed; a row of another width than the header is a Reject."""
    encoding, errors, not_utf8 = _find_encoding(open_item, encoding)
    divider = delimiter or _find_divider(open_item, encoding, errors, item.name)
    with io.TextIOWrapper(open_item(), encoding=encoding, errors=errors, newline="") as text:
        lines = _Lines(text)
        names = list(header) if header else None
        told = (f"encoding: {not_utf8} bytes are not UTF-8, read as Windows-1252",) if not_utf8 else ()
        for cells, line, nul in _split_rows(lines, divider, item.name):
            if isinstance(cells, Reject):
                yield cells
            elif names is None:
                names = _name_columns(cells)
            elif len(cells) != len(names):
                yield _wrong_width(item, (line, lines.number), len(names), len(cells))
            else:
                problems = (*told, "row: NUL removed") if nul else told
                told = ()
                yield Row(dict(zip(names, cells, strict=True)), f"line {line}", problems)


def blank_rows(
    name: str, open_item: Open, delimiter: str | None, encoding: str | None, lines: Collection[int]
) -> Iterator[bytes]:
    """The file's bytes with the lines of these rows empty; the others keep their bytes, and the number of their line.

    lines: where the rows begin, counted from 1, as `Row.position` says.
    """
    encoding, errors, _ = _find_encoding(open_item, encoding)
    divider = delimiter or _find_divider(open_item, encoding, errors, name)
    with io.TextIOWrapper(open_item(), encoding=encoding, errors=errors, newline="") as text:
        counted = _Lines(text)
        taken: set[int] = set()
        for _, line, _ in _split_rows(counted, divider, name):
            if line in lines:
                taken.update(range(line, counted.number + 1))
    whole = _byte_lines(open_item) if "\r\n".encode(encoding, "replace").endswith(b"\r\n") else None
    for number, data in enumerate(whole or _encoded_lines(open_item, encoding, errors), 1):
        yield data if number not in taken else _line_end(data, encoding)


def _byte_lines(open_item: Open) -> Iterator[bytes]:
    with open_item() as stream:
        for data in stream:
            yield from re.split(rb"(?<=\r)(?!\n)", data) if b"\r" in data[:-2] else (data,)


def _encoded_lines(open_item: Open, encoding: str, errors: str) -> Iterator[bytes]:
    """The same where a line's end is not two bytes of ASCII, as in UTF-16."""
    encoder = codecs.getincrementalencoder(encoding)("replace")
    with io.TextIOWrapper(open_item(), encoding=encoding, errors=errors, newline="") as text:
        for line in text:
            yield encoder.encode(line)


def _line_end(data: bytes, encoding: str) -> bytes:
    if "\r\n".encode(encoding, "replace").endswith(b"\r\n"):
        return data[len(data.rstrip(b"\r\n")) :]
    # Behind a mark of byte order, which both of these begin with.
    return next((end for end in (data[-4:], data[-2:]) if end.strip(b"\0") in (b"\r\0\n", b"\n")), b"")


class _Lines:
    """The lines of a file without NUL, then the row that marks the end."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.nul = 0

    def __iter__(self) -> Iterator[str]:
        line = "\n"
        for line in self._text:
            self.number += 1
            if "\0" in line:
                self.nul += 1
                line = line.replace("\0", "")
            yield line
        if not line.endswith(("\n", "\r")):
            yield "\n"
        yield _END


def _split_rows(lines: _Lines, divider: str, name: str) -> Iterator[tuple[list[str] | Reject, int, bool]]:
    """Cells, the line they begin at, and whether a NUL was among them; a Reject for each line that a quote ate."""
    rows = csv.reader(iter(lines), delimiter=divider)
    while True:
        line, nul = lines.number + 1, lines.nul
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            detail = f"a cell is larger than {MAX_CELL_BYTES} bytes ({error}); a quote is probably not closed"
            yield from _eaten(name, line, lines.number, "cell_size", detail)
            continue
        if cells and cells[-1].endswith(_END):
            if cells != [_END]:
                detail = "a quote opens here and never closes, so the rows after it cannot be told apart"
                yield from _eaten(name, line, lines.number, "quote_open", detail)
            return
        if cells:
            yield cells, line, lines.nul > nul


def _eaten(name: str, first: int, last: int, reason: str, detail: str) -> Iterator[tuple[Reject, int, bool]]:
    """One Reject a line: the share of what was lost has to show in the count."""
    for line in range(first, max(first, last) + 1):
        yield Reject(reason, f"{detail} (from line {first})", name, f"line {line}"), line, False


def _wrong_width(item: Item, lines: tuple[int, int], expected: int, found: int) -> Reject:
    first, last = lines
    where = f"line {first}" if last <= first else f"line {first} to line {last}"
    detail = f"{expected} cells are expected and {found} found, at {where}; a divider or a quote in a cell is loose"
    return Reject("row_width", detail, item.name, f"line {first}")


def _name_columns(cells: list[str]) -> list[str]:
    """The header's names; an empty one is called by its place, a second one of the same name gets a number."""
    names: list[str] = []
    times: Counter[str] = Counter()
    for place, cell in enumerate(cells, 1):
        name = cell.strip().lstrip("\ufeff") or f"column_{place}"
        times[name] += 1
        names.append(name if times[name] == 1 else f"{name}_{times[name]}")
    return names


def _find_encoding(open_item: Open, declared: str | None) -> tuple[str, str, int]:
    """Encoding, how errors are dealt with, and how many bytes are not UTF-8 in a file that otherwise is."""
    with open_item() as stream:
        sample = stream.read(_SAMPLE_BYTES)
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = next((name for mark, name in marks.items() if sample.startswith(mark)), None)
    if declared:
        utf8 = codecs.lookup(declared).name == "utf-8"
        return ("utf-8-sig" if utf8 else declared), ("windows_1252" if utf8 else "replace"), 0
    if marked == "utf-16":
        return marked, "replace", 0
    good, bad = _count_utf8(open_item)
    if marked or bad == 0 or good > bad:
        return "utf-8-sig", "windows_1252", bad
    best = charset_normalizer.from_bytes(sample).best()
    return (best.encoding if best else "cp1252"), "replace", 0


def _count_utf8(open_item: Open) -> tuple[int, int]:
    """Characters beyond ASCII that are good UTF-8, and bytes that are not; one pass over the file."""
    good = bad = 0
    rest = b""
    with open_item() as stream:
        while data := stream.read(1 << 20):
            data, rest = _whole_characters(rest + data)
            if data.isascii():
                continue
            try:
                good += sum(map((127).__lt__, map(ord, data.decode())))
            except UnicodeDecodeError:
                lost = len(data) - len(data.decode("utf-8", "ignore").encode())
                bad += lost
                good += sum(1 for letter in data.decode("utf-8", "ignore") if letter > "\x7f")
    return good, bad + len(rest)


def _whole_characters(data: bytes) -> tuple[bytes, bytes]:
    """The data up to the last character that is whole."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            width = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return (data[:-back], data[-back:]) if back < width else (data, b"")
        if byte < 0x80:
            break
    return data, b""


def _find_divider(open_item: Open, encoding: str, errors: str, name: str) -> str:
    """What divides the first rows most evenly; a comma, or a tab by the file's name, where nothing does."""
    with open_item() as stream:
        sample = stream.read(_SAMPLE_BYTES)
    if encoding == "utf-8-sig":
        text = mend_utf8(sample)
    else:
        text = sample.decode(encoding, "replace" if errors == "replace" else "ignore")
    fallback = "\t" if name.lower().endswith((".tsv", ".tab")) else ","
    best, best_score = fallback, (0.0, 0)
    for divider in (fallback, *(other for other in _DIVIDERS if other != fallback)):
        widths = [len(row) for row in _sample_rows(text, divider) if row][:200]
        if not widths:
            continue
        width = widths[0]
        score = (round(sum(other == width for other in widths) / len(widths), 1), width)
        if width > 1 and score > best_score:
            best, best_score = divider, score
    return best


def _sample_rows(text: str, divider: str) -> Iterator[list[str]]:
    lines = text.splitlines(keepends=True)
    try:
        yield from csv.reader(lines[:-1] if len(lines) > 1 else lines, delimiter=divider)
    except csv.Error:
        return
