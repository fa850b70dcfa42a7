"""Reads the words of an ALTO page by columns and without a tree; what it does not know goes the careful way.

expat says that the page is well-formed, `Tags` where its tags and their values stand: several times as fast as a tree
of lxml that is walked afterwards (`make bench-normalize`). Of CDATA, document types, processing instructions, several
prefixes, blanks around `=`, words without CONTENT, ReadingOrder, and several pages in one file it says nothing:
`read_page` reads it as a tree.
Pages that both read are equal, field by field; a test holds that on mutated pages.
"""

import re
from collections.abc import Iterator
from itertools import compress

import numpy as np

from biglam_pipeline.normalize.deliveries.alto import (
    AROUND_WORDS,
    PARTS,
    Page,
    engine_of,
    holds_words,
)
from biglam_pipeline.normalize.deliveries.outline import ALTO
from biglam_pipeline.normalize.deliveries.tags import COMMENT, Flags, Places, Tags, Unknown, meant
from biglam_pipeline.normalize.printed.words import WordColumns, confidence_of
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import MAX_TREE_BYTES, is_well_formed, read_utf8

_MAX_BYTES = MAX_TREE_BYTES // 64
"""Below it no tree is too large, and no text or value is longer than libxml2 takes (10,000,000)."""
_MAX_DEPTH = 200
"""Elements in one another: libxml2 refuses 256."""
_MAX_TAG = 50_000
"""Bytes of one tag: libxml2 refuses names of so many."""
_DECLARATION = re.compile(rb"<\?xml\s[^<>]*\?>")
_ROOT = re.compile(rb"\s*<(?:([^\s/>\"'=<:&]{1,50}):)?([^\s/>\"'=<:&]{1,50})")


def scan_page(data: bytes) -> Page | None:
    """The page in these bytes of UTF-8, equal to what `read_page` makes of their tree; None for the careful way.

    data: without a byte order mark.
    """
    if len(data) > _MAX_BYTES or not is_well_formed(data):
        return None
    if b"<!" in data[: data.find(b"Layout")]:  # `Tags` finds those of the layout without a search
        data = COMMENT.sub(b"", data)
    declaration = _DECLARATION.match(data)
    data = data[declaration.end() :] if declaration else data
    root = _ROOT.match(data)
    if root is None or root[2].lower().decode() not in ALTO:
        return None
    prefix = root[1] + b":" if root[1] else b""
    layout = re.search(rb"<%bLayout[\s>/]" % re.escape(prefix), data)
    if layout is None or b"<!" in data[: layout.start()]:
        return None
    try:
        engine = _engine(data[: layout.start()], b"</%b%b>" % (prefix, root[2]))
        return _Scanner(Tags(data[layout.start() :], prefix)).page(engine)
    except (Unknown, Unreadable):
        return None


def _engine(head: bytes, end: bytes) -> str:
    """The software, as it stands before the layout; the only part that is read as a tree."""
    root = read_utf8(head + end).root
    if holds_words(root):
        raise Unknown
    return engine_of(root)


def _is_around(name: str) -> bool:
    """Whether an element may hold words. Unknown of one that says what this pass does not read."""
    if name in ("ElementRef", "Processing", "ocrProcessingStep"):
        raise Unknown
    return name in AROUND_WORDS


class _Scanner:
    """Makes a page of its tags; iterated, it gives `Page.marks`."""

    def __init__(self, tags: Tags) -> None:
        """Unknown where something stands there that is not known."""
        if tags.depth > _MAX_DEPTH or int((tags.ends - tags.starts).max()) > _MAX_TAG:
            raise Unknown
        if np.count_nonzero(tags.named(b"Page")) > 1:
            raise Unknown
        self._tags = tags
        self._is_word, self._is_blank = tags.named(b"String"), tags.named(b"SP")
        self._is_block, self._is_hyphen = tags.named(b"TextBlock"), tags.named(b"HYP")
        is_line = tags.named(b"TextLine")
        self._is_around = is_line | self._is_block
        known = self._is_word | self._is_blank | self._is_hyphen | self._is_around | tags.is_end
        self._begun = np.flatnonzero(self._is_around)
        """With which lines and blocks begin, by the number of the tag."""
        for at in tags.of_names(~known, _is_around):
            self._is_around[at] = True
        self._filled, self._texts = self._contents()
        """The words that hold something, by the number of the tag; and what."""

    def page(self, engine: str) -> Page:
        """The page."""
        words = WordColumns(
            self._texts,
            self._line_of(self._filled),
            self._block_of(self._filled),
            self._languages(),
            self._confidences(),
            {at: part for at, said in self._of_words(b"SUBS_TYPE") if (part := PARTS.get(said, 0))},
            {at: whole for at, said in self._of_words(b"SUBS_CONTENT") if (whole := said.strip())},
            self._hyphens(),
            self._spaced,
        )
        return Page(words, self, self._blocks(), self._following(), engine=engine)

    def _contents(self) -> tuple[Places, list[str]]:
        owners, values = self._tags.attribute(b"CONTENT")
        mine = self._is_word[owners]
        owners, texts = owners[mine], [*map(str.strip, self._tags.meanings(values[mine]))]
        if not np.array_equal(owners, np.flatnonzero(self._is_word)):
            raise Unknown
        if not all(texts):
            owners, texts = owners[np.array([*map(bool, texts)])], [*filter(None, texts)]
        return owners, texts

    def _line_of(self, tags: Places) -> Places:
        """The line or block that began last before these, 0 for none."""
        return self._begun.searchsorted(tags)

    def _block_of(self, tags: Places) -> Places:
        """The block, by the same number."""
        blocks = np.flatnonzero(self._is_block)
        numbers = np.append(0, self._begun.searchsorted(blocks) + 1)
        return numbers[blocks.searchsorted(tags)]

    def _confidences(self) -> list[float | None]:
        owners, values = self._tags.attribute(b"WC")
        mine = self._is_word[owners]
        raw, which = self._tags.different(values[mine])
        known = [confidence_of(meant(one.decode())) for one in raw]
        found = [known[one] for one in which.tolist()]
        if np.array_equal(owners[mine], self._filled):
            return found
        said = dict(zip(owners[mine].tolist(), found, strict=True))
        return [said.get(one) for one in self._filled.tolist()]

    def _of_words(self, name: bytes) -> Iterator[tuple[int, str]]:
        """Which words have this attribute, and what it means."""
        said = self._tags.given(name, self._is_word)
        tags = np.fromiter(said, np.intp)
        words = self._filled.searchsorted(tags)
        mine = np.append(self._filled, -1)[words] == tags
        return compress(zip(words.tolist(), said.values(), strict=True), mine.tolist())

    def _hyphens(self) -> dict[int, str]:
        said, tags = self._tags.given(b"CONTENT", self._is_hyphen), np.flatnonzero(self._is_hyphen)
        words, tags = self._before(tags)
        return {word: said.get(at) or "-" for word, at in zip(words.tolist(), tags.tolist(), strict=True)}

    def _spaced(self) -> Flags:
        """Whether a blank stands behind each word."""
        spaced = np.zeros(len(self._filled), np.bool_)
        spaced[self._before(np.flatnonzero(self._is_blank))[0]] = True
        return spaced

    def _before(self, tags: Places) -> tuple[Places, Places]:
        """The last word before each of these tags, where it is of the same line, and the tag."""
        words = self._filled.searchsorted(tags) - 1
        tags, words = tags[words >= 0], words[words >= 0]
        mine = self._line_of(self._filled[words]) == self._line_of(tags)
        return words[mine], tags[mine]

    def _languages(self) -> list[str]:
        """Of all lines and blocks: their own, or that of what they stand in."""
        said = {at: one for name in (b"language", b"LANG") for at, one in self._given(name).items() if one}
        if not said:
            return [""] * (len(self._begun) + 1)
        tags, is_line = self._tags, self._tags.named(b"TextLine")
        starts, ends = np.flatnonzero(is_line & ~tags.is_whole), np.flatnonzero(tags.named(b"TextLine", ends=True))
        around = np.flatnonzero(self._is_around)
        if (around.searchsorted(starts) + 1 != around.searchsorted(ends)).any():  # a line that holds others
            raise Unknown
        is_line[ends] = True
        chosen = np.flatnonzero(~(is_line | (self._is_word | self._is_blank) & tags.is_whole))
        spoken, around_it = [""], ["", ""]  # the root begins before the layout
        flags = zip(chosen.tolist(), tags.is_end[chosen].tolist(), tags.is_whole[chosen].tolist(), strict=True)
        for at, is_end, is_whole in flags:
            if is_end:
                around_it.pop()
            elif not is_whole:
                around_it.append(said.get(at, around_it[-1]))
            spoken.append(around_it[-1])
        before = zip(self._begun.tolist(), chosen.searchsorted(self._begun).tolist(), strict=True)
        return ["", *(said.get(at, spoken[place]) for at, place in before)]

    def _given(self, name: bytes) -> dict[int, str]:
        return self._tags.given(name, self._is_around)

    def _blocks(self) -> list[tuple[int, int]]:
        """Where blocks begin and end among the words."""
        begin = np.flatnonzero(self._is_block & ~self._tags.is_whole)
        end = np.flatnonzero(self._tags.named(b"TextBlock", ends=True))
        if (begin[1:] < end[:-1]).any():  # one in another
            raise Unknown
        places = self._filled.searchsorted(np.stack((begin, end), axis=1)).tolist()
        return [(start, stop) for start, stop in places if stop > start]

    def _following(self) -> dict[str, str]:
        owners, _ = self._tags.attribute(b"IDNEXT")
        if not len(owners):
            return {}
        names, said = self._given(b"ID"), self._given(b"IDNEXT")
        if len(said) < len(owners) or len({*names.values()}) < len(names):
            raise Unknown
        return {names[at]: one for at, one in said.items() if one and names.get(at)}

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """See `Page.marks`."""
        tags = self._tags
        names = tags.given(b"ID", self._is_word | self._is_blank | self._is_hyphen | self._is_around)
        before = self._filled.searchsorted(np.arange(len(tags.starts) + 1)).tolist()
        opened: list[int] = []
        for at, (is_end, is_whole) in enumerate(zip(tags.is_end.tolist(), tags.is_whole.tolist(), strict=True)):
            if not is_end and not is_whole:
                opened.append(at)
                continue
            start, end = (opened.pop() if opened else at, at) if is_end else (at, at + 1)
            if name := names.get(start):
                yield name, before[start], before[end]
