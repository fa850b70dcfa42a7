"""Where does a sentence begin, where a document, and what is said of it? The lines of a file, gathered."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from biglam_pipeline.normalize.formats.annotations.dialects import Dialect
from biglam_pipeline.normalize.formats.annotations.lines import Layout, Line, Wrong, is_border
from biglam_pipeline.normalize.rows.rights_of import column_of_term
from biglam_pipeline.normalize.vocabularies.labels import TAG

Cells = list[str | None]
Said = dict[str, list[str]]
"""Comments: key -> values."""

MOST_CHARACTERS = 64 * 1024 * 1024
"""Of one row, in memory."""
DOCUMENT_KEYS = ("newdoc", "newdoc id", "begin document", "document_id", "document_path", "doc_id", "docid")
"""Comments that begin a document: CoNLL-U has `newdoc`, HIPE `document_id` behind a prefix, others write the rest."""

_DOCSTART = re.compile(r"-DOCSTART-(?=[\s(]|$)")
"""CoNLL-2003: https://aclanthology.org/W03-0419/"""
_MARK = re.compile(r"(newdoc|newpar|begin document)(?: (.*))?")
"""Comments that say something without a sign: CoNLL-U; CoNLL-2012, `#begin document (NAME); part 000`."""
_REMARK = re.compile(r"#+(\t|[ ]*[^\W\d])")
"""What begins so is a comment with tabs in it, `# id<TAB>52a9`, where its first cell has blanks or is no token, unless
a label of IOB stands at its end.
"""
_KEY = re.compile(r"[\w.\-: ]+")
_LONGEST_KEY = 80
_MOST_SAID = 1 << 20
"""Characters of comments before a token: what is more than a megabyte is no comment."""
_ID = re.compile(r"(\d+)(?:([-.])(\d+))?")
_FLAGS = re.compile(r"[|\s]+")
_GAPS = {"NoSpaceAfter": "", "SpaceAfter=No": "", "EndOfLine": "\n"}
"""What stands behind a token, by the flags of HIPE and CoNLL-U; a line's end weighs more than a blank that is not."""


@dataclass(slots=True)
class Sentence:
    """Lines between two borders."""

    line: int
    """Where its first token stands."""
    opens: bool
    """Whether it is the first of a document."""
    marked: bool
    """Whether something in the file says so."""
    said: Said
    """By the comments before it and in it."""
    header: Said
    """Of these, where it opens a document, what is said of all of that."""
    rows: list[Cells] = field(default_factory=list)
    lines: int = 0
    """Of tokens, those that are not read with them."""
    characters: int = 0
    wrong: str = ""
    """Why it is not read."""
    at: int = 0
    """The line that is to blame."""

    def add(self, number: int, cells: Cells | Wrong, characters: int) -> None:
        """A token, in a line of so many characters. Behind one that is not read, they are only counted."""
        self.lines += 1
        if isinstance(cells, Wrong):
            self._refuse(number, cells.why)
        elif not self.wrong:
            self.rows.append(cells)
            self.characters += characters
            if self.characters > MOST_CHARACTERS:
                self._refuse(number, f"it is longer than {MOST_CHARACTERS:,} characters; write rows: sentence")

    def _refuse(self, number: int, why: str) -> None:
        if not self.wrong:
            self.wrong, self.at, self.rows = why, number, []


class Gathering:
    """Goes over the lines of one file."""

    def __init__(self, layout: Layout, dialect: Dialect, document: str) -> None:
        """document: the comment that begins one, beside those that do everywhere."""
        self._layout, self._dialect, self._document = layout, dialect, document
        self.beside: Counter[str] = Counter()
        """What stands beside tokens and says nothing of a row."""
        self._said: Said = {}
        self._size = 0
        self._new, self._marked = True, False
        self.of_file: Said = {}
        """What comments say of rights before the first document is marked, or before the first token: of each row."""
        self._is_head = True

    def sentences(self, lines: Iterable[Line]) -> Iterator[Sentence]:
        """One after the other."""
        here: Sentence | None = None
        for number, line in lines:
            if is_border(line) or self._is_said(line) or _DOCSTART.match(line):
                if _DOCSTART.match(line):
                    self._new, self._marked, self._is_head = True, True, False
                if here is not None and (self._new or is_border(line)):
                    yield here
                    here = None
                continue
            cells = self._cells(line)
            if not isinstance(cells, Wrong) and self._layout.is_header(cells):
                self.beside["names of columns once more"] += 1
                continue
            here = here or Sentence(number, self._new, self._marked, {}, self._inherited())
            for key, values in self._said.items():
                here.said.setdefault(key, []).extend(values)
            self._said, self._size, self._new, self._marked, self._is_head = {}, 0, False, False, False
            here.add(number, cells, len(line))
            if not isinstance(cells, Wrong) and "EndOfSentence" in self.flags(cells):
                yield here
                here = None
        if here is not None:
            yield here

    def _cells(self, line: str) -> Cells | Wrong:
        cells = self._layout.split(line)
        numbers = self.id_place if self._is_u else None
        if numbers is not None and not isinstance(cells, Wrong) and not _ID.fullmatch(cells[numbers] or ""):
            return Wrong(f"{cells[numbers]!r} is no ID of a token")
        return cells

    @property
    def id_place(self) -> int | None:
        """Of CoNLL-U, the cell that numbers a token."""
        return self._layout.places.get("ID")

    def flags(self, cells: Cells) -> set[str]:
        """What the column MISC says."""
        at = self._layout.places.get("MISC")
        said = cells[at] if at is not None else None
        return {*_FLAGS.split(said)} if said and said != "_" else set()

    # --- comments ---

    def _is_said(self, line: str) -> bool:
        """Whether it is a comment; what it says is kept for the next token."""
        if not line.startswith("#") or not self._is_comment(line):
            return False
        found = key_of(line)
        if found is None or self._size > _MOST_SAID:
            self.beside["comments without a key" if found is None else "comments that are too long"] += 1
            return True
        key, value = found
        if self.begins_document(key):
            if key in self._said:  # what was said before speaks of that one
                self.beside["documents without a token"] += 1
                self._said = {}
            self._new, self._marked, self._is_head = True, True, False
        if self._is_head and says_rights(key):
            self.of_file.setdefault(key, []).append(value)
        self._size += len(line)
        self._said.setdefault(key, []).append(value)
        return True

    def _is_comment(self, line: str) -> bool:
        """`#` may be a token too: then labels stand behind it."""
        if self._dialect == "conll_u":
            return True
        cells = self._layout.split(line)
        if isinstance(cells, Wrong) or cells[1:] == [None] * (self._layout.width - 1):
            return True
        labels = [one for at, one in enumerate(cells) if at != self._layout.token]
        if self._layout.by_tabs and not (_REMARK.match(line) and (self._layout.token or " " in line.split("\t")[0])):
            return not any(labels)
        if {*cells} == {"#"} and len(line.split()) == self._layout.width:
            return False  # the Penn Treebank's part of speech of `#` is `#`
        return not TAG.fullmatch(labels[-1] or "")

    def begins_document(self, key: str) -> bool:
        """Whether a comment of this key stands before each document."""
        return key == self._document or key.rpartition(":")[2] in DOCUMENT_KEYS

    def _inherited(self) -> Said:
        """What is said of a whole document. In CoNLL-U `newdoc`, `global.columns` and rights; all else speaks of a
        sentence.
        """
        if not any(map(self.begins_document, self._said)):
            return {}
        return {
            key: [*values]
            for key, values in self._said.items()
            if self._dialect != "conll_u" or key.startswith(("newdoc", "global.")) or says_rights(key)
        }

    # --- text ---

    def text_of(self, sentence: Sentence) -> tuple[str, str]:
        """Its text, and what stands behind it in the text that it is of."""
        parts, gap, last = list[str](), " ", 0
        for cells in sentence.rows:
            found = _ID.fullmatch(cells[self.id_place] or "") if self.id_place is not None and self._is_u else None
            if found and (found[2] == "." or (not found[2] and int(found[1]) <= last)):
                continue  # what is not written, or is written as a part of a longer token
            last = int(found[3]) if found and found[2] == "-" else last
            flags = self.flags(cells)
            gap = max((_GAPS[one] for one in flags if one in _GAPS), default=" ")
            parts += [cells[self._layout.token] or "", gap]
        return "".join(parts[:-1]), gap

    @property
    def _is_u(self) -> bool:
        return self._dialect == "conll_u"


def says_rights(key: str) -> bool:
    """Whether a comment of this key speaks of rights, behind whatever prefix."""
    return column_of_term(key.rpartition(":")[2]) != ""


def key_of(line: str) -> tuple[str, str] | None:
    """What a comment says: `# key = value`, `# key: value`; None where it is no such thing."""
    text = line.strip(" \t").lstrip("#").strip(" \t")
    found = _MARK.fullmatch(text)
    if found and not (found[2] or "").startswith(("id =", "id=")):
        return found[1], (found[2] or "").strip(" =")
    head = text[:_LONGEST_KEY]
    ends = [at for at in (head.find("="), head.find(": "), head.find(":\t")) if at > 0]
    key = head[: min(ends)].strip(" \t") if ends else ""
    return (key, text[min(ends) + 1 :].strip(" \t")) if _KEY.fullmatch(key) else None
