"""The lines of a table: numbered, never longer than a cap, and given again where a broken record had taken them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from biglam_pipeline.parsing.encodings import mend

MAX_CELL_BYTES = 16 * 1024 * 1024
"""The longest line, cell and record, in characters."""
_SKIPPED_AT_ONCE = 1 << 20


class Text(Protocol):
    """What lines are read from."""

    def readline(self, size: int = -1, /) -> str:
        """The next line with its end, or so many characters of it; empty at the end."""


class Broken(Exception):
    """A record that cannot be read to its end; `lines.taken` says what it had taken."""

    def __init__(self, reason: str, detail: str) -> None:
        """reason: of the Reject; detail: what is wrong, for a person."""
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(slots=True)
class LineCount:
    """Where every line of a file has gone: the sum is the number of its lines."""

    rows: int = 0
    """Lines of records that are rows."""
    rejected: int = 0
    header: int = 0
    comments: int = 0
    blank: int = 0
    skipped: int = 0
    """Before the header, as the entry says."""

    @property
    def total(self) -> int:
        return self.rows + self.rejected + self.header + self.comments + self.blank + self.skipped

    def reported(self) -> dict[str, int]:
        """What is no row and no reject, as the maintainer reads it."""
        named = {"(comment lines)": self.comments, "(blank lines)": self.blank, "(skipped lines)": self.skipped}
        return {name: lines for name, lines in named.items() if lines}


class Lines:
    """What `csv.reader` reads from. Between two records comments and blank lines are passed over, and counted."""

    def __init__(
        self,
        text: Text,
        *,
        mends: bool,
        comment: tuple[str, ...],
        escape: str,
        skip: int,
        gone: Collection[int] = (),
    ) -> None:
        """mends: whether lines may hold bytes that no character stands for; escape: one character, or nothing.

        gone: lines at which a row began that was taken down: no record goes on over one, as none did before.
        """
        self._gone = gone
        self._text, self._mends, self._comment, self._escape, self._skip = text, mends, comment, escape, skip
        self._letters = re.compile(re.escape(escape) + "(.)", re.DOTALL) if escape else None
        self._again: list[str | None] = []
        self._over = ""
        self._doomed = 0
        self._size = 0
        self.blanks = "\r\n"
        """What a blank line is made of."""
        self.number = 0
        """Of the line that was given last, from 1."""
        self.taken: list[str | None] = []
        """The lines of the record that is being read; None for one that is too long."""
        self.count = LineCount()
        self.noted: list[str] = []
        """What was mended since it was last asked."""
        self.ended = True
        """Whether the last line had an end."""

    def begin(self) -> None:
        """What comes next is a new record."""
        self.taken.clear()
        self._size = 0

    def give_back(self, closed: bool = False) -> None:
        """All lines of the record but its first come again, each as the beginning of a record.

        What opens a quote among them and does not close it in its own line would meet the same end as this record, and
        is not read so far again: else a file of loose quotes took the square of its length. closed: the end of the file
        was the end.
        """
        self._doomed = max(self._doomed, self.number + closed)
        later = self.taken[1:]
        self._again.extend(reversed(later))
        self.number -= len(later)

    @property
    def is_even(self) -> bool:
        """Whether no line and no note waits for the next record."""
        return not self._again and not self._over and not self.noted and self.number >= self._doomed

    def pass_rows(self, lines: int) -> None:
        """So many lines were taken from under it, and became rows."""
        self.number += lines
        self.count.rows += lines
        self.ended = True

    def widen(self, width: int) -> None:
        """So many columns has the table: of more than one, a line of blanks alone is a blank line."""
        if width > 1:
            self.blanks = " \r\n"

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        """The next line. Broken where it is too long, or where the record cannot end well."""
        if self.taken:
            if self.number < self._doomed:
                raise Broken("quote_open", "a quote opens here and is not closed before the end of the line")
            line = self._take()
            if self.number in self._gone:
                raise Broken("quote_open", "a quote opens here and is not closed before a record that was taken down")
        else:
            line = self._first_of_record()
        if line is None:
            raise Broken("line_size", f"the line is longer than {MAX_CELL_BYTES} characters")
        self._size += len(line)
        if self._size > MAX_CELL_BYTES and len(self.taken) > 1:
            raise Broken("cell_size", f"a record of several lines is larger than {MAX_CELL_BYTES} characters")
        return line

    def _first_of_record(self) -> str | None:
        while self.number < self._skip:
            self._take()
            self.count.skipped += 1
            self.taken.clear()
        while True:
            line = self._take()
            if line is None:
                return None
            if line[0] == "\ufeff":  # files that were joined to one, each with its mark of byte order
                line = self.taken[-1] = line.lstrip("\ufeff") or "\n"
                self.noted.append("row: a mark of byte order before it removed")
            if line[0] in self.blanks and not line.strip(self.blanks):
                self.count.blank += 1
            elif self._comment and line.startswith(self._comment):
                self.count.comments += 1
            else:
                return line
            self.taken.clear()

    def _take(self) -> str | None:
        """One line more, prepared; None for one that is too long, which is not kept. StopIteration at the end."""
        line = self._again.pop() if self._again else self._read()
        self.number += 1
        self.taken.append(line)
        return line

    def _read(self) -> str | None:
        line = self._piece(MAX_CELL_BYTES + 1)
        if not line:
            raise StopIteration
        if len(line) > MAX_CELL_BYTES and not line.endswith(("\n", "\r")):
            self._pass_over()
            return None
        self.ended = line.endswith(("\n", "\r"))
        return self._prepared(line)

    def _pass_over(self) -> None:
        """The rest of a line that is too long, a little at a time."""
        while piece := self._piece(_SKIPPED_AT_ONCE):
            if piece.endswith(("\n", "\r")):
                return

    def _piece(self, size: int) -> str:
        """A line, or so many characters of it; a carriage return is not cut from its line feed."""
        piece, self._over = self._over, ""
        if piece != "\r":
            piece += self._text.readline(size - len(piece))
        if piece.endswith("\r") and len(piece) in (1, size):
            after = self._text.readline(1)
            if after != "\n":
                self._over, after = after, ""
            piece += after
        return piece

    def _prepared(self, line: str) -> str:
        if self.number == 0:
            line = line.lstrip("\ufeff") or "\n"  # twice where a program added one to what had one
        if "\0" in line:
            line = line.replace("\0", "") or "\n"
            self.noted.append("row: NUL removed")
        if self._mends and not line.isascii():
            mended = mend(line)
            if mended != line:
                line = mended
                self.noted.append("encoding: bytes that are not in it, read as Windows-1252")
        if self._letters is not None and self._escape in line:
            line = self._letters.sub(self._keep_escape, line)
        return line

    def _keep_escape(self, found: re.Match[str]) -> str:
        """Before a letter or digit the escape stays, and counts: `\\t` and `\\N` mean what each database wants."""
        if not found[1].isalnum():
            return found[0]
        if found[1] != "N":
            self.noted.append(f"escape: {self._escape} stands before a letter, and is kept")
        return self._escape * 2 + found[1]
