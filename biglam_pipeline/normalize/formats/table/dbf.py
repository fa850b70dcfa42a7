"""How is a DBF read? Record by record, with its memos and in its code page; those marked as deleted are left out."""

import io
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.table.cells import name_columns
from biglam_pipeline.normalize.formats.table.grids import Asked, GridRow
from biglam_pipeline.parsing.dbf.codepages import DRIVERS, of_cpg
from biglam_pipeline.parsing.dbf.memos import Memos
from biglam_pipeline.parsing.dbf.records import Field, read_header, read_records, told_apart, written
from biglam_pipeline.parsing.encodings import BYTES as KEPT
from biglam_pipeline.parsing.encodings import find_encoding, mend
from biglam_pipeline.parsing.gzip import MAGIC
from biglam_pipeline.parsing.inflate import open_plain, read_whole
from biglam_pipeline.records import Item, Reject

BESIDE = (".dbt", ".fpt", ".cpg")
"""Memos and code page: files of the same name, in capitals or not."""
_SAMPLE_ROWS = 20_000
_TEXTS = "CV"
_BLOCK = 1 << 20


class DbfGrid:
    """One DBF, record by record."""

    def __init__(self, item: Item, beside: Sequence[Item], asked: Asked) -> None:
        """beside: the files that came with it. Unreadable where it is no DBF, or is cut."""
        self._item, self._read = item, asked.read
        self.name = PurePosixPath(item.name).stem
        if asked.tables and self.name not in asked.tables:
            raise SourceChanged(f"{item.name} is the table {self.name!r} alone; change `table`, or leave it out")
        mine = {PurePosixPath(one.name).suffix.casefold(): one for one in beside if is_beside(one.name, item.name)}
        with item.open() as stream:
            packed = stream.read(len(MAGIC)) == MAGIC
        with open_plain(item) as stream:
            size = _length_of(stream) if packed else item.size
        with open_plain(item) as stream:
            self._header = read_header(stream, size)
        self.noted = list(self._header.left_behind(size))
        self._encoding = asked.encoding or self._found(mine.get(".cpg"))
        memo = mine.get(".fpt") or mine.get(".dbt")
        self._memos = Memos(read_whole(memo), memo.name) if memo else None
        self._fields = [one for one in self._header.fields if one.type != "0"]  # 0: which of a row are null
        self.names = name_columns([one.name.decode(self._encoding, "replace").strip() for one in self._fields])
        self._deleted = 0

    def _found(self, page: Item | None) -> str:
        """What is neither said beside it nor in its header is found out of its first texts."""
        if page is not None and (encoding := of_cpg(read_whole(page).decode("latin-1"))):
            return encoding
        if self._header.driver in DRIVERS:
            return DRIVERS[self._header.driver]
        sample = io.BytesIO()
        for number, record, _ in self._records():
            for one in self._header.fields:
                if one.type in _TEXTS and not one.is_binary:
                    sample.write(record[one.begin : one.begin + one.length].rstrip(b" \0") + b"\n")
            if number >= _SAMPLE_ROWS:
                break
        found = find_encoding(sample.getvalue())
        self.noted += [found.problem] if found.problem else []
        return found.encoding

    def _records(self) -> Iterator[tuple[int, bytes, bool]]:
        with open_plain(self._item) as stream:
            header = read_header(stream, None)
            yield from read_records(stream, header)

    def rows(self) -> Iterator[GridRow | Reject]:
        """A record that lacks a memo which the entry reads is a Reject: it would be published without its text."""
        for number, record, deleted in self._records():
            if deleted:
                self._deleted += 1
                continue
            flags = told_apart(self._header, record)
            problems, cells, lost = list[str](), dict[str, str | None](), ""
            for name, one in zip(self.names, self._fields, strict=True):
                raw = flags.get(one.begin, record[one.begin : one.begin + one.length])
                value, problem = (None, "") if raw is None else self._cell(one, raw)
                if problem.startswith(_LOST) and name in self._read:
                    lost = lost or f"{name}: {problem}"
                problems += [f"{name}: {problem}"] if problem else []
                cells[name] = value
            if lost:
                yield Reject("memo_missing", f"{lost}; harvest it with the table", self._item.name, f"record {number}")
            else:
                yield GridRow(cells, number, 1, tuple(problems), f"record {number}")

    def _cell(self, field: Field, raw: bytes) -> tuple[str | None, str]:
        if self._header.has_memo(field):
            return self._memo(field, raw)
        if field.type in _TEXTS and not field.is_binary:
            return self._text(raw.rstrip(b" \0"))
        if field.is_binary and field.type in (*_TEXTS, "Q"):
            return None, "holds bytes and no text" if raw.strip(b" \0") else ""
        return written(field, raw, self._header)

    def _memo(self, field: Field, raw: bytes) -> tuple[str | None, str]:
        if len(raw) == 4:
            number = int.from_bytes(raw, "little")
        else:
            said = raw.strip(b" \0")
            number = int(said) if said.isdigit() else 0
            if said.strip(b"0") and not number:
                return None, f"{_LOST} has no block {said.decode('latin-1')!r}"
        if not number:
            return None, ""
        if field.type != "M" or field.is_binary:
            return None, "holds bytes and no text"
        if self._memos is None:
            return None, f"{_LOST} which holds its text is not among what was harvested"
        data = self._memos.get(number)
        return (None, f"{_LOST} does not hold block {number}") if data is None else self._text(data.rstrip(b"\x1a\0"))

    def _text(self, raw: bytes) -> tuple[str | None, str]:
        try:
            return raw.decode(self._encoding) or None, ""
        except UnicodeDecodeError as why:
            if why.end == len(raw) and why.reason.startswith(("unexpected end", "incomplete")):
                return raw[: why.start].decode(self._encoding, "replace") or None, "is cut in the middle of a character"
            said = raw.decode(self._encoding, KEPT)
            return mend(said), f"holds bytes that are not {self._encoding}, read as Windows-1252"

    def counted(self) -> dict[str, int]:
        """Those that are marked as deleted."""
        return {"(records marked as deleted)": self._deleted} if self._deleted else {}

    def expected(self) -> int | None:
        """What the header says, less the marks of deletion, which are looked for by their places alone."""
        begins, width = self._header.begins, self._header.width
        with open_plain(self._item) as stream:
            stream.read(begins)
            marks = sum(stream.read(width)[:1] == b"*" for _ in range(self._header.records))
        return self._header.records - marks


_LOST = "the file"


def _length_of(stream: BinaryIO) -> int:
    """Of what is packed, unpacked: records behind the last that is counted are seen by it alone."""
    return sum(len(block) for block in iter(lambda: stream.read(_BLOCK), b""))


def is_beside(name: str, table: str) -> bool:
    """Whether a file holds the memos of a table, or says its code page."""
    one, other = PurePosixPath(name), PurePosixPath(table)
    alike = one.stem.casefold() == other.stem.casefold() or one.stem.casefold() == other.name.casefold()
    return one.parent == other.parent and one.suffix.casefold() in BESIDE and alike
