"""Reads plain text: a file is a row, or its pages, or its chapters.

Plain text: https://www.rfc-editor.org/rfc/rfc2046#section-4.1 ; the form feed between pages: ECMA-48, 8.3.51
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, PrivateAttr, model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.linear import Regex
from biglam_pipeline.normalize.block import Encoding
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.text.boilerplate import Bare, reserved_in, without_boilerplate
from biglam_pipeline.normalize.mapping.paths import FactsOnly, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.counted import added, is_sample
from biglam_pipeline.parsing.encodings import BYTES, find_encoding, mend
from biglam_pipeline.parsing.inflate import read_whole
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Reject
from biglam_pipeline.settings import Accounts, Misplaced

_BREAK = "\f"
_LINE_ENDS = re.compile(r"\r++(\n?)")
"""What DOS, old Macs and bad conversions write for a line feed: before one they are one, alone each is a line's end."""


def _read_heading(pattern: str | None) -> str | None:
    if pattern is not None:
        try:
            Regex(pattern)
        except ValueError as error:
            raise ValueError(f"{pattern!r} {error}") from None
    return pattern


class Text(Reader):
    """One text file is one row, or each of its pages or chapters; a VALUE is a fact (`$stem`, `$heading`)."""

    type: Literal["text"] = "text"
    """Plain text, such as books and the output of OCR."""
    rows: Literal["file", "page", "chapter"] = "file"
    """What one row is: a file, a page (they are divided by form feeds), or a chapter, which begins at a line that
    `heading` fits."""
    heading: Annotated[str | None, AfterValidator(_read_heading)] = None
    """For `rows: chapter`, a regular expression for a line with which a chapter begins, such as ^CHAPTER [IVXLC]+"""
    boilerplate: Literal["cut", "keep"] = "cut"
    """Whether what Project Gutenberg and Google put around a book is cut, and counted."""
    encoding: Encoding = None
    """Of the text; by default a byte order mark, UTF-8, what the server says, then a guess, counted."""

    accounts: ClassVar[Accounts] = Accounts(
        "files, pages between form feeds, or lines that are headings",
        "files; form feeds and lines that are headings, of one file in ten; lines that Python's `re` fits (tests)",
        "a file that is no text, or has no letter, is a reject; what is cut of it is counted",
    )
    extensions: ClassVar[tuple[str, ...]] = (".txt", ".text")
    path_language: ClassVar[PathLanguage] = FactsOnly()
    default_modality: ClassVar[Modality] = "text"
    version: ClassVar[int] = 2
    record_format: ClassVar[str] = "text"
    own_facts: ClassVar[tuple[str, ...]] = ("heading", "number")
    guessed_from: ClassVar[tuple[str, ...]] = ("txt",)
    called: ClassVar[tuple[str, ...]] = ("txt", "plain", "plaintext", "plain_text", "texts", "gutenberg")
    notes: ClassVar[tuple[str, str]] = (
        (
            "A VALUE is a `$NAME` or a constant, since plain text has no fields: `map: {title: $stem}`. `$heading` is "
            "the line with which a chapter begins, `$number` the page or chapter, from 1; what stands before the first "
            "chapter is number 0."
        ),
        (
            "What Project Gutenberg and Google put around a book is cut where its borders are known, and counted; "
            "title, author and language of Gutenberg's header fill their columns. A line by which Gutenberg says that "
            "a book is in copyright is heard as the book's own statement. Google's first page asks for use that is not "
            "commercial; it is no statement of rights, and is counted so that a person can decide."
        ),
    )

    _regex: Regex | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _divided(self) -> "Text":
        if (self.rows == "chapter") != (self.heading is not None):
            raise Misplaced((("heading",), "`rows: chapter` and `heading: PATTERN` go together; write both or neither"))
        if self.heading is not None:
            self._regex = Regex(self.heading)
        return self

    def cut(self, item: Item) -> Iterator[Found]:
        """The file, its pages or its chapters."""
        whole, problem = self._text(item)
        if "\0" in whole:
            yield Reject("not_text", "it holds NUL bytes, so it is no text; leave it out with `files`", item.name, "")
            return
        bare = without_boilerplate(whole) if self.boilerplate == "cut" else Bare(whole)
        if not bare.text.strip():
            yield Reject("text_empty", "there is nothing to read in it; leave it out with `files`", item.name, "")
            return
        problems = ((problem,) if problem else ()) + tuple(bare.said)
        columns: dict[str, Any] = dict(bare.columns)
        if title := columns.pop("title", None):
            columns["title"] = title[0]
        if reserved := reserved_in(whole):
            columns[OF_OBJECT] = reserved
        if self.rows == "file":
            columns |= {"text": bare.text.replace(_BREAK, "\n"), "text_unit": "document"}
            printed = {"text": whole.replace(_BREAK, "\n")}
            yield Cut(
                None, item.name, columns, problems=problems, as_printed=lambda: printed, altered=bare.text != whole
            )
            return
        parts = [*(self._pages if self.rows == "page" else self._chapters)(bare.text)]
        if not any(number for number, *_ in parts):
            problems = (*problems, "chapters: no line fits `heading`")
        for number, heading, text in parts:
            own = {"text": text, "text_unit": self.rows, "seq": number, "parent_id": item.name}
            facts = {"heading": heading, "number": str(number)}
            name, place = f"{item.name}#{self.rows}-{number}", Place(self.rows, number + 1)
            yield Cut(None, name, {**columns, **own}, {}, place, facts=facts, problems=problems)
            problems = ()

    def expected(self, bundle: Bundle) -> int | None:
        """The files; or form feeds and headings, of one file in ten: to find what is cut of a text costs most."""
        if self.rows == "file":
            return len(bundle.items)
        return None if not is_sample(bundle.name) else added(map(self._expected_of, bundle.items))

    def _expected_of(self, item: Item) -> int:
        whole, _ = self._text(item)
        text = whole if self.boilerplate == "keep" else without_boilerplate(whole).text
        if "\0" in whole or not text.strip():
            return 1
        if self.rows == "page":
            return text.count(_BREAK) + bool(text.rpartition(_BREAK)[2].strip() or _BREAK not in text)
        assert self._regex is not None
        lines = text.replace(_BREAK, "\n").split("\n")
        fits = [at for at, line in enumerate(lines) if self._regex.search(line)]
        return len(fits) + any(map(str.strip, lines[: fits[0] if fits else None]))

    def _text(self, item: Item) -> tuple[str, str]:
        """The file's text with \\n as its line ends, and what was guessed of its encoding."""
        data = read_whole(item)
        found = find_encoding(data, declared=self.encoding, server_charset=charset_of(item.media_type))
        text = data.decode(found.encoding, BYTES)
        text = text if found.is_clean else mend(text)
        return _LINE_ENDS.sub(lambda one: "\n" if one[1] else "\n" * len(one[0]), text), found.problem

    def _pages(self, text: str) -> Iterator[tuple[int, str, str]]:
        pages = text.split(_BREAK)
        if len(pages) > 1 and not pages[-1].strip():  # a form feed ends a page too
            pages.pop()
        yield from ((number, "", page.strip("\n")) for number, page in enumerate(pages, 1))

    def _chapters(self, text: str) -> Iterator[tuple[int, str, str]]:
        assert self._regex is not None
        number, heading, lines = 0, "", list[str]()
        for line in text.replace(_BREAK, "\n").split("\n"):
            if self._regex.search(line):
                yield from _chapter(number, heading, lines)
                number, heading, lines = number + 1, line.strip(), []
            lines.append(line)
        yield from _chapter(number, heading, lines)


def _chapter(number: int, heading: str, lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """The chapter; nothing where nothing stands before the first."""
    text = "\n".join(lines).strip("\n")
    if number or text.strip():
        yield number, heading, text
