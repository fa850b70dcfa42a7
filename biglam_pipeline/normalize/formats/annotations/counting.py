"""How many documents or sentences does a file of tokens hold? By its borders alone: no line is divided into cells."""

import re
from collections.abc import Iterator

from biglam_pipeline.normalize.formats.annotations.dialects import Names, is_header
from biglam_pipeline.normalize.formats.annotations.sentences import DOCUMENT_KEYS, key_of
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.records import Item

_BLANKS = b" \t\r\xef\xbb\xbf"
_BORDERS = re.compile(rb"\n(?:[ \t\xef\xbb\xbf]*+\n)++")
_BLOCK = 1 << 22
_BORDER = b" \t\r\n\xef\xbb\xbf"
_MARK = b"\xef\xbb\xbf"
_ODD = re.compile(rb"(?m:^)(?:\xef\xbb\xbf)?(?:#|-DOCSTART-)|EndOfSentence")
_LABEL = re.compile(rb" (?:O|[BIESLUM]-\S*)\s*$")
_START, _END = re.compile(rb"-DOCSTART-(?=[\s(]|$)"), b"EndOfSentence"


def expected_in(item: Item, names: Names, document: str, *, sentences: bool) -> int | None:
    """Rows and rejects; one of a file without a token, which is a reject. AtLeast where `#` may be a token that makes a
    row, None where the file is not written in bytes of ASCII.

    document: the key of a comment that begins one, beside those that do everywhere.
    """
    count = _Count(names, document)
    for block in _blocks(item):
        if b"\0" in block or (_END in block and ("MISC" not in names.all or b"global.columns" in block)):
            return None  # no text in ASCII; or a word that ends sentences, in a column where it may not
        count.looks = _ODD.search(block) is not None
        for at, lines in enumerate(_BORDERS.split(block)):
            count.add(lines, new=at > 0)
    found = max(count.sentences if sentences else count.documents, 1)
    return AtLeast(found) if count.doubtful else found


def _blocks(item: Item) -> Iterator[bytes]:
    """Whole lines, between line feeds alone."""
    with open_plain(item) as stream:
        while block := stream.read(_BLOCK):
            block += stream.readline()
            yield b"\n" + block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class _Count:
    def __init__(self, names: Names, document: str) -> None:
        self.documents = self.sentences = 0
        self._names, self._document = names, document
        self._inside, self._begins, self._header = False, True, b""
        self._first = True
        self.doubtful = False
        """Whether what seems to be a comment may be a token."""
        self.looks = True
        """Whether something may stand in the block that is neither token nor border."""

    def add(self, lines: bytes, *, new: bool) -> None:
        """Lines between two borders, or beside the end of a block. new: whether a border is before them."""
        self._inside = self._inside and not new
        if self._first or (self.looks and _ODD.search(lines)) or (self._header and self._header in lines):
            for line in lines.strip(b"\n").split(b"\n"):
                self._add_line(line)
        elif lines and (lines[0] not in _BORDER or lines.strip(_BORDER)):
            self._token()
            self._inside = True

    def _token(self) -> None:
        self.sentences += not self._inside
        self.documents += self._begins
        self._begins = False

    def _add_line(self, line: bytes) -> None:
        line = line.removeprefix(_MARK)  # of files put one behind another each has its own
        if not line.strip(_BLANKS):
            self._inside = False
        elif _START.match(line):
            self._inside, self._begins = False, True
        elif line.startswith(b"#"):
            self._comment(line)
        elif not self._is_header(line):
            self._token()
            self._inside = _END not in line

    def _comment(self, line: bytes) -> None:
        """Where labels stand behind it, it may be a token: then it matters where it is the first of a sentence."""
        self.doubtful = self.doubtful or b"\t" in line or _LABEL.search(line) is not None
        found = key_of(line.decode("utf-8", "replace"))
        if found is not None and (found[0] == self._document or found[0].rpartition(":")[2] in DOCUMENT_KEYS):
            self._inside, self._begins = False, True

    def _is_header(self, line: bytes) -> bool:
        if self._first:
            self._first = False
            cells = line.decode("utf-8", "replace").strip("\ufeff \t")
            if is_header([one.strip() for one in (cells.split("\t") if "\t" in cells else cells.split())], self._names):
                self._header = line.strip(_BLANKS)
        return bool(self._header) and line.strip(_BLANKS) == self._header
