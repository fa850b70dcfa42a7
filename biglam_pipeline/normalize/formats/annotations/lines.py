"""How are the cells of a line told apart? A file's separator, its width, and where each column of the entry stands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

from biglam_pipeline.normalize.formats.annotations.dialects import Dialect, Names, is_header, is_token_name
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import Found, find_encoding, mend, open_text
from biglam_pipeline.parsing.inflate import Unreadable, open_plain
from biglam_pipeline.records import Item

_MAX_LINE = 1 << 20
_LOOKED_AT = 200
"""So many lines of tokens say which separator a file has, and how many columns."""
_MOST_AHEAD = 20_000
_BLANKS = re.compile(r"[ \t]+")
_OUTER = " \t\ufeff"
Line = tuple[int, str]
"""Its number, from 1, and what stands in it without its end."""


def lines_of(item: Item, encoding: str | None) -> tuple[Iterator[Line], Found]:
    """The lines of a text, and how it is written. Only a line feed and a carriage return end one: U+0085 and U+2028
    stand in tokens of OCR.
    """
    with open_plain(item) as stream:
        found = find_encoding(stream, declared=encoding, server_charset=charset_of(item.media_type))
    return _lines(item, found), found


def _lines(item: Item, found: Found) -> Iterator[Line]:
    number, is_first = 0, True
    with open_text(open_plain(item), found, newline="\n") as text:
        while line := text.readline(_MAX_LINE):
            if len(line) == _MAX_LINE and not line.endswith("\n"):
                raise Unreadable("line_too_long", f"line {number + 1} is longer than {_MAX_LINE:,} characters")
            if "\0" in line:
                raise Unreadable("not_text", "it holds NUL bytes, so it is no text; leave it out with `files`")
            line = line if found.is_clean else mend(line)
            for one in line.rstrip("\r\n").split("\r"):  # old Macs end lines so
                number += 1
                if is_first and one[:1] == "\ufeff" and one[1:2] not in _OUTER:
                    one = one[1:]  # of files put one behind another each has its byte order mark
                is_first = is_border(one)
                yield number, one


def is_border(line: str) -> bool:
    """Whether it parts sentences: nothing stands in it, or nothing but separators."""
    return not line.strip(_OUTER)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a line is not read."""

    why: str


@dataclass(frozen=True)
class Layout:
    """How the lines of one file are read."""

    names: Names
    header: tuple[str, ...]
    """What the file calls its columns; empty where it does not."""
    by_tabs: bool

    @cached_property
    def width(self) -> int:
        """How many cells a line has."""
        return len(self.header or self.names.all)

    @cached_property
    def token(self) -> int:
        """Which cell is the token."""
        return next((at for at, name in enumerate(self.header) if is_token_name(name)), self.names.token)

    @cached_property
    def places(self) -> dict[str, int | None]:
        """Of each label, its cell; None where the file has no such column."""
        here = {name.casefold(): at for at, name in enumerate(self.header)}
        found = {name: here.get(name.casefold()) for name in self.names.labels}
        if self.header and (any(at is not None for at in found.values()) or len(self.header) != len(self.names.all)):
            return found
        return {name: self.names.all.index(name) for name in self.names.labels}

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Columns of the file that the entry does not name."""
        read = {self.token, *self.places.values()}
        return tuple(name for at, name in enumerate(self.header) if at not in read)

    def is_header(self, cells: Sequence[str | None]) -> bool:
        """Whether the line that names columns comes again, as in files that were put one behind another."""
        return bool(self.header) and tuple(cells) == self.header

    def split(self, line: str) -> list[str | None] | Wrong:
        """The cells. What is no line of this width is Wrong, unless only the token can be what has blanks or stands
        alone: no label moves into the place of another.
        """
        cells: list[str | None] = [*_cells(line, self.by_tabs)]
        while self.by_tabs and len(cells) > self.width and not cells[-1]:
            cells.pop()
        more = len(cells) - self.width
        if more == 0:
            return cells
        if len(cells) == 1 and self.token == 0 and not (self.by_tabs and " " in line.strip()):
            return [*cells, *([None] * (self.width - 1))]
        if more > 0 and not self.by_tabs:
            at = self.token
            return [*cells[:at], " ".join(map(str, cells[at : at + more + 1])), *cells[at + more + 1 :]]
        return Wrong(f"it has {len(cells)} columns, and there are {self.width}")


def find_layout(
    lines: Iterator[Line], names: Names, dialect: Dialect, *, joined: bool
) -> tuple[Layout, Iterator[Line]]:
    """How a file is laid out, and all its lines again, those that name columns left out. Unreadable where most lines
    have other columns than the entry says. joined: whether nobody asks for the columns.
    """
    ahead = _ahead(lines)
    if dialect == "conll_u" and (plus := _named_in_comment(ahead)):
        return Layout(names, plus, True), chain(ahead, lines)
    seen = [(at, text) for at, (_, text) in enumerate(ahead) if not is_border(text) and not _is_beside(text)]
    by_tabs = dialect != "iob" or sum("\t" in text for _, text in seen) * 2 > len(seen)
    first = _cells(seen[0][1].rstrip(" \t"), by_tabs) if seen else []
    layout = Layout(names, tuple(first) if is_header(first, names) else (), by_tabs)
    if layout.header:
        del ahead[seen.pop(0)[0]]
        found = (names.written or layout.width == len(names.all)) and any(
            at is not None for at in layout.places.values()
        )
        if not (found or joined):
            raise Unreadable("columns_unnamed", f"its columns are {', '.join(first)}; write columns: [NAME, NAME]")
    _refuse_other_width(layout, [_width(text, layout) for _, text in seen])
    return layout, chain(ahead, lines)


def _ahead(lines: Iterator[Line]) -> list[Line]:
    """So many lines that enough of them have tokens."""
    ahead, tokens = list[Line](), 0
    for line in islice(lines, _MOST_AHEAD):
        ahead.append(line)
        tokens += not (is_border(line[1]) or _is_beside(line[1]))
        if tokens >= _LOOKED_AT:
            break
    return ahead


def _cells(text: str, by_tabs: bool) -> list[str]:
    if not by_tabs:
        return _BLANKS.split(text.rstrip(" \t"))
    return [cell.strip(" ") for cell in text.split("\t")] if " " in text else text.split("\t")


def _width(text: str, layout: Layout) -> int:
    """How many columns it has, empty ones at the end left aside that are too many."""
    cells = _cells(text, layout.by_tabs)
    if layout.by_tabs and len(cells) > layout.width:
        return max(len(_cells(text.rstrip("\t"), True)), layout.width)
    return len(cells)


def _is_beside(text: str) -> bool:
    """Comments, and what begins a document: they say nothing of the columns."""
    return text.startswith(("#", "-DOCSTART-"))


_COLUMNS = re.compile(r"#\s*global\.columns\s*=\s*(.+)")
"""CoNLL-U Plus: https://universaldependencies.org/ext-format.html"""


def _named_in_comment(ahead: Sequence[Line]) -> tuple[str, ...]:
    found = _COLUMNS.fullmatch(ahead[0][1].strip(_OUTER)) if ahead else None
    return tuple(found[1].split()) if found else ()


def _refuse_other_width(layout: Layout, widths: Sequence[int]) -> None:
    usual = max({*widths}, key=widths.count, default=layout.width)
    if usual != layout.width and widths.count(usual) > len(widths) / 2:
        said = f"most lines have {usual} columns, and {layout.width} are named ({', '.join(layout.names.all)})"
        raise Unreadable("row_width", f"{said}; write columns: [{', '.join(['NAME'] * usual)}], `_` for one to leave")
