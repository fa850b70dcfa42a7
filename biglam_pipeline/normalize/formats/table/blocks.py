"""Which records of a table are read many at once? Those in whose lines nothing is odd; all others go one by one."""

import csv
from collections.abc import Sequence
from contextlib import suppress

from biglam_pipeline.normalize.formats.table.dialect import Dialect
from biglam_pipeline.normalize.formats.table.lines import MAX_CELL_BYTES, Text
from biglam_pipeline.parsing.encodings import mend

BLOCK_CHARS = 1 << 20
"""So much text is taken at once, and the rest of its last line."""


class Ahead:
    """Lines of a text that are taken many at once, and given back as far as they were not wanted."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._back: list[str] = []

    @property
    def is_even(self) -> bool:
        """Whether everything that was taken is read."""
        return not self._back

    def readline(self, size: int = -1, /) -> str:
        """As that of the text. What was given back comes first, line by line, whatever the size."""
        if self._back:
            return self._back.pop()
        return self._text.readline(size)

    def take(self) -> list[str]:
        """About a megabyte of whole lines; fewer before one without a line feed.

        A file that cannot be read to its end was found out before, when it was asked how it is written.
        """
        taken: list[str] = []
        size = 0
        while size < BLOCK_CHARS:
            line = self.readline(MAX_CELL_BYTES + 1)
            if not line.endswith("\n"):
                self._back += [line] * bool(line)
                break
            taken.append(line)
            size += len(line)
        return taken

    def give_back(self, lines: Sequence[str]) -> None:
        """They come again, before all others."""
        self._back.extend(reversed(lines))


def plain_records(taken: Sequence[str], dialect: Dialect, width: int) -> tuple[list[list[str]], list[int]]:
    """The records at the beginning of these lines, each so wide, and how many lines are read behind each.

    It ends before the first that is not: which `csv` refuses, of another width, or cut off where the lines end.
    """
    records: list[list[str]] = []
    ends: list[int] = []
    reader = dialect.records(taken)
    with suppress(csv.Error):
        for record in reader:
            if len(record) != width:
                break
            records.append(record)
            ends.append(reader.line_num)
    return records, ends


def is_plain(text: str, dialect: Dialect) -> bool:
    """Whether its lines need no preparation: nothing is removed from them, and nothing mended."""
    odd = "\0" in text or "\ufeff" in text or len(text) > MAX_CELL_BYTES // 2
    return not odd and (dialect.found.is_clean or text.isascii() or mend(text) == text)


def may_be_plain(dialect: Dialect, width: int) -> bool:
    """Whether a file may have such lines at all. Where blanks divide, or nothing does, a blank line may be a record."""
    wanted = dialect.wanted
    return width > 1 and dialect.delimiter != " " and not (wanted.comment or wanted.escape or dialect.gone)


def looks_doubtful(text: str, dialect: Dialect) -> bool:
    """Whether one of its rows may be read as it stands and be perhaps not meant so."""
    commented = dialect.delimiter == "\t" and (text.startswith("#") or "\n#" in text)
    return commented or f'{dialect.delimiter} "' in text
