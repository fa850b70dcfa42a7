"""Reads the words of an ALTO page in one pass and without a tree; what it does not know goes the careful way.

expat says that the page is well-formed, and one expression, made of how this page writes its words, finds them: several
times as fast as a tree of lxml that is walked afterwards (`make bench-normalize`). Of CDATA, document types, processing
instructions, several prefixes, values in single quotes or with line ends, words without CONTENT, and a reading order it
says nothing: `read_page` reads such a page as a tree. Pages that both read are equal, field by field; a test holds that
on mutated pages.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import NamedTuple, TypeVar, cast

from biglam_pipeline.normalize.formats.mets_alto.alto import PARTS, Forms, Page, Place, Word, confidence_of, engine_of
from biglam_pipeline.normalize.formats.mets_alto.outline import ALTO
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import MAX_TREE_BYTES, is_well_formed, read_utf8

_MAX_BYTES = MAX_TREE_BYTES // 64
"""Below it no tree is too large, and no text or value is longer than libxml2 takes (10,000,000)."""
_MAX_DEPTH = 200
"""Elements in one another: libxml2 refuses 256."""
_MAX_NAME = 10_000
"""The same of names, which libxml2 refuses at 50,000."""
_MAX_ATTRIBUTES = 40
"""Names of attributes that words of one page have; more come from no program."""
_AROUND = frozenset(
    (
        *("Page", "PrintSpace", "TopMargin", "LeftMargin", "RightMargin", "BottomMargin", "ComposedBlock"),
        *("TextBlock", "Illustration", "GraphicalElement", "TextLine"),
    )
)
"""What holds words or stands among them; the same that `read_page` looks at."""
_READ = ("ID", "CONTENT", "WC", "SUBS_TYPE", "SUBS_CONTENT")
"""Attributes of a word that are looked at."""
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_DECLARATION = re.compile(r"<\?xml\s[^<>]*\?>")
_ROOT = re.compile(r"\s*<(?:([^\s/>\"'=<:&]{1,50}):)?([^\s/>\"'=<:&]{1,50})")
_ANY = r"(?:\"[^\"]*\"|'[^']*')"
_QUOTED = re.compile(_ANY)
_ATTRIBUTE = re.compile(rf"\s+([^\s/>\"'=<]+)=({_ANY})")
_PLAIN_ATTRIBUTES = rf"(?:\s+(?!(?:ID|IDNEXT|LANG|language)=)[^\s/>\"'=<]+={_ANY})*+"
_LINE = re.compile(rf"TextLine(?:\s+ID=({_ANY}))?{_PLAIN_ATTRIBUTES}\s*")
"""The most frequent tag of all that hold words: one that says no language of its own."""
_ID = re.compile(r"\sID(?:NEXT)?\s*=")
_ATTRIBUTES = re.compile(rf"(?:\s+[^\s/>\"'=<]+={_ANY})*+\s*/?")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


T = TypeVar("T")


class _Unknown(Exception):
    """Something that this pass does not know."""


def scan_page(data: bytes) -> Page | None:
    """The page in these bytes of UTF-8, equal to what `read_page` makes of their tree; None for the careful way.

    data: without a byte order mark.
    """
    if len(data) > _MAX_BYTES or b"<!DOCTYPE" in data or b"<![" in data or not is_well_formed(data):
        return None
    try:
        text = data.decode()
        if "<!" in text:
            text = _COMMENT.sub("", text)
        declaration = _DECLARATION.match(text)
        text = text[declaration.end() :] if declaration else text
        root = _ROOT.match(text)
        if root is None or root[2].lower() not in ALTO:
            return None
        prefix = f"{root[1]}:" if root[1] else ""
        page = Page(engine=_engine(text, prefix, f"{prefix}{root[2]}"))
        _Scanner(page, prefix).scan(text)
    except (_Unknown, Unreadable):
        return None
    return page


def _engine(text: str, prefix: str, root: str) -> str:
    """The software, as it stands before the layout; the only part that is read as a tree."""
    begin = re.search(rf"<{re.escape(prefix)}Layout[\s>/]", text)
    if begin is None:
        raise _Unknown
    if text.find(f"<{prefix}Processing", begin.start()) > 0 or text.find(f"<{prefix}ocrProc", begin.start()) > 0:
        raise _Unknown
    document = read_utf8(f"{text[: begin.start()]}</{root}>".encode())
    return engine_of(document.root)


class _Tag(NamedTuple):
    """One tag: a word with the SP behind it, or another."""

    id: str
    text: str
    confidence: float | None
    half: int
    whole: str
    empty: str
    """`/` of a word that holds nothing."""
    blank_id: str
    """Of the SP behind it."""
    blank: str
    """What else stands in it, `/` at the least; empty where there is none."""
    other: str
    """What stands in the tag if it is no word."""


class _Expression:
    """Finds the tags of pages whose words are written alike."""

    def __init__(self, prefix: str, names: tuple[str, ...]) -> None:
        """names: of the attributes of words, in their order; any of them may be missing, but CONTENT."""
        words = "".join(_attribute(name) for name in names)
        blank = rf"(?:<{prefix}SP(?:\s+ID=(\"[^\"]*\"))?((?:\s[^\"'<>]*\"[^\"]*\")*\s*/)>)?"
        other = r"((?:[^\"'<>]++|\"[^\"]*\"|'[^']*')*+)>"
        self._all = re.compile(rf"<(?:{prefix}String{words}\s*(/?)>\s*{blank}|{other})")
        self._places = {name: place for place, name in enumerate(name for name in names if name in _READ)}

    def columns(self, text: str) -> list[tuple[str, ...]]:
        """Of all tags: ID, CONTENT, WC, SUBS_TYPE, SUBS_CONTENT as they stand there in quotes, then as in `_Tag`."""
        found = self._all.findall(text)
        columns = list(zip(*found, strict=True))
        if len(found) + sum(map(bool, columns[-2])) != text.count("<") or _ID.search("".join(columns[-2])):
            raise _Unknown
        nothing = ("",) * len(found)
        return [*(columns[self._places[name]] if name in self._places else nothing for name in _READ), *columns[-4:]]


def _attribute(name: str) -> str:
    """What finds it; any but CONTENT may be missing. A text may stand in single quotes, as it may hold double ones."""
    value = _ANY if name in ("CONTENT", "SUBS_CONTENT") else r"\"[^\"]*\""
    if name not in _READ:
        return rf"(?:\s+{re.escape(name)}={value})?"
    return rf"\s+{name}=({value})" if name == "CONTENT" else rf"(?:\s+{name}=({value}))?"


@lru_cache(maxsize=64)
def _expression(prefix: str, names: tuple[str, ...]) -> _Expression:
    return _Expression(prefix, names)


_PLAIN = ("CONTENT",)
_LEARNED: dict[str, tuple[str, ...]] = {}
"""How the first word of a page is written -> the attributes of all: pages that begin alike are of the same program, and
mostly need no expression of their own. What is found does not depend on it."""
_MAX_LEARNED = 64


class _Scanner:
    """Fills a page, tag by tag."""

    def __init__(self, page: Page, prefix: str) -> None:
        self._page, self._prefix = page, prefix
        self._open: list[tuple[str, str, int, str]] = []
        """Of what is open: its ID, what follows it, the place of its first word, its language."""
        self._depth = 0
        self._language = ""
        self._forms = Forms(page.words)
        self._line = self._block = Place("", self._forms)

    def scan(self, text: str) -> None:
        """All tags of a page; they are nested well, as expat has found."""
        words, marks = self._page.words, self._page.marks
        line, block = self._line, self._block
        for name, word, confidence, half, whole, empty, blank_name, blank, other in self._tags(text):
            if other:
                self._take(other)
                line, block = self._line, self._block
                continue
            if not empty:
                self._deeper()
            if word:
                words.append(Word(word, line, block, half, whole, confidence, "", bool(blank)))
                marks.append(name)
            elif name:
                marks.append((name, len(words), len(words)))
            if blank and not word and words and words[-1].line is line:
                words[-1].spaced = True
            if blank_name:
                marks.append((blank_name, len(words), len(words)))

    def _tags(self, text: str) -> Iterator[_Tag]:
        """By the expression of the last page that begins like this one, or by one that knows this page's words too."""
        start = f"<{self._prefix}String"
        at = text.find(start)
        like = _shape(text[at : text.find(">", at)]) if at >= 0 else ""
        columns = _expression(self._prefix, _LEARNED.get(like, _PLAIN)).columns(text)
        if self._left(columns):
            shapes = self._left(_expression(self._prefix, _PLAIN).columns(text))
            if len(_LEARNED) > _MAX_LEARNED:
                _LEARNED.clear()
            _LEARNED[like] = _merged([_PLAIN, *map(_names, shapes)])
            columns = _expression(self._prefix, _LEARNED[like]).columns(text)
            if self._left(columns):
                raise _Unknown
        names, contents, confidences, halves, wholes, empty, blank_names, blanks, others = columns
        read = (
            _values(names),
            map(str.strip, _values(contents)),
            _each(confidences, lambda raw: confidence_of(_value(raw))),
            _each(halves, lambda raw: PARTS.get(_value(raw), 0)),
            _each(wholes, lambda raw: _value(raw).strip()),
        )
        return cast(Iterator[_Tag], zip(*read, empty, _values(blank_names), blanks, others, strict=True))

    def _left(self, columns: list[tuple[str, ...]]) -> set[str]:
        """How the words are written that were not found to be words."""
        start = f"{self._prefix}String"
        return {_shape(tag.removeprefix(start)) for tag in columns[-1] if tag.startswith(start)}

    def _take(self, tag: str) -> None:
        """What is no word."""
        if line := _LINE.fullmatch(tag):
            self._open.append((_value(line[1] or ""), "", len(self._page.words), self._language))
            self._line = Place(self._language, self._forms)
            self._deeper()
            return
        if tag[0] == "/":
            self._depth -= 1
            name = tag[1 + len(self._prefix) :].rstrip()
            if name in _AROUND:
                self._close(name)
            return
        name = tag.split(None, 1)[0].rstrip("/")
        if (
            not name.startswith(self._prefix)
            or ":" in name[len(self._prefix) :]
            or name[0] == "?"
            or len(tag) > _MAX_NAME
        ):
            raise _Unknown
        if tag[-1] != "/":
            self._deeper()
        name, rest = name[len(self._prefix) :], tag[len(name) :]
        if name in _AROUND:
            self._begin(name, rest)
        elif name in ("SP", "HYP"):
            self._follow(name, rest)
        elif name == "ElementRef":
            raise _Unknown

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Unknown

    def _follow(self, name: str, attributes: str) -> None:
        """SP or HYP."""
        found, words = _read_attributes(attributes), self._page.words
        if words and words[-1].line is self._line:
            if name == "SP":
                words[-1].spaced = True
            else:
                words[-1].hyphen = found.get("CONTENT") or "-"
        if "IDNEXT" in found:
            raise _Unknown
        if identifier := found.get("ID"):
            self._page.marks.append((identifier, len(words), len(words)))

    def _begin(self, name: str, attributes: str) -> None:
        found, before = _read_attributes(attributes), self._language
        self._language = found.get("LANG") or found.get("language") or before
        if name == "TextBlock":
            self._block = self._line = Place(self._language, self._forms)
        elif name == "TextLine":
            self._line = Place(self._language, self._forms)
        self._open.append((found.get("ID", ""), found.get("IDNEXT", ""), len(self._page.words), before))
        if attributes.endswith("/"):
            self._close(name)

    def _close(self, name: str) -> None:
        identifier, following, start, self._language = self._open.pop()
        self._page.close(identifier, following, start, len(self._page.words), is_block=name == "TextBlock")


def _shape(tag: str) -> str:
    """The tag without its values."""
    return _QUOTED.sub("''", tag)


def _names(attributes: str) -> tuple[str, ...]:
    """Those of a word, in their order."""
    names = tuple(name for name, _ in _ATTRIBUTE.findall(attributes))
    if not _ATTRIBUTES.fullmatch(attributes) or "CONTENT" not in names or "IDNEXT" in names:
        raise _Unknown
    return names


def _values(column: tuple[str, ...]) -> list[str]:
    """Of values that mostly differ, such as IDs."""
    together = "".join(column)
    if together.isprintable() and "&" not in together:
        return [quoted[1:-1] for quoted in column]
    return [_value(quoted) if "&" in quoted or not quoted.isprintable() else quoted[1:-1] for quoted in column]


def _each(column: tuple[str, ...], read: Callable[[str], T]) -> Iterator[T]:
    """Of values that come again and again."""
    return map({quoted: read(quoted) for quoted in set(column)}.__getitem__, column)


def _merged(shapes: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """One order of names in which each of these is found."""
    order = TopologicalSorter[str]()
    for shape in sorted(shapes):
        for before, name in pairwise(shape):
            order.add(name, before)
    try:
        merged = tuple(order.static_order()) or _PLAIN
    except CycleError:
        raise _Unknown from None
    if len(merged) > _MAX_ATTRIBUTES:
        raise _Unknown
    return merged


def _read_attributes(text: str) -> dict[str, str]:
    """Of a tag that is no word."""
    if not _ATTRIBUTES.fullmatch(text):
        raise _Unknown
    return {name: _value(value) for name, value in _ATTRIBUTE.findall(text)}


def _value(quoted: str) -> str:
    """A value in its quotes as XML means it, empty for none: https://www.w3.org/TR/xml/#AVNormalize"""
    raw = quoted[1:-1]
    if raw.isprintable() and "&" not in raw:
        return raw
    if any(blank in raw for blank in "\t\n\r") or raw.count("&") != len(_REFERENCE.findall(raw)):
        raise _Unknown
    return _REFERENCE.sub(_referred, raw)


def _referred(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    return chr(int(found[1], 16) if found[1] else int(found[2]))
