"""In which form is a file of PICA+? By what it begins with, not by its name.

https://format.gbv.de/pica/normalized , binary , plain , import , json , xml , ppxml ; the letter that WinIBW writes for
`$`: https://pro4bib.github.io/pica/ (Serialisierungen).
"""

import re
from typing import BinaryIO, Literal

from biglam_pipeline.parsing.inflate import Unreadable

Form = Literal["xml", "json", "normalized", "binary", "import", "plain"]

_HEAD = 1 << 16
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]*")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_JSON = re.compile(rb"\[|null\b")
_TAG = rb"[0-2][0-9]{2}[A-Z@](?:/[0-9]{2,3})? "
_IMPORT = re.compile(rb"(?:^|\n)\x1e" + _TAG + rb"\x1f[^\x1d\x1e\n]*(?:\n|\Z)")
_MARKS = re.compile(rb"(?:^|[\x1d\x1e\n])" + _TAG + rb"\x1f")
_PLAIN = re.compile(rb"(?:^|\n)(?:[^0-9A-Za-z] )?" + _TAG + rb"(?:\$|\xc6\x92|\x83)")
"""The letter in UTF-8, and in Windows-1252."""
_IN_LISTS = re.compile(rb"\s*\[\s*\[\s*(?:\[\s*)?\"[0-2][0-9]{2}[A-Z@]\"")
_NAMESPACES = (b"info:srw/schema/5/picaXML-v1.0", b"http://www.oclcpica.org/xmlns/ppxml-1.0")
_ENDS = re.compile(rb"\x1e\r?\n|\x1d")
_MARC = re.compile(rb"[0-9]{5}[ -~]{5}[0-9]{2}[0-9]{5}[ -~]{3}45")
_PICA3 = re.compile(rb"[0-9]{4} [^\r\n]+\r?\n[0-9]{4} ")
_LINES_OF_PICA3 = "it is Pica3, as cataloguers type it, which is not read; have it exported in PICA+, or PICA-XML"


def begins_as_pica(head: bytes) -> bool:
    """Whether so many bytes of a file show PICA+ that is neither XML nor JSON."""
    return not _MARC.match(head) and any(pattern.search(head) for pattern in (_IMPORT, _MARKS, _PLAIN))


def shows_pica(head: bytes) -> bool:
    """The same, also of XML, by its namespaces, and of JSON."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return any(one in head for one in _NAMESPACES)
    return begins_as_pica(head) or _IN_LISTS.match(head) is not None


def form_of(stream: BinaryIO) -> Form:
    """Of a file. Unreadable for what is known as something else, and for what shows no field."""
    head = stream.read(_HEAD)
    if head.startswith(_WIDE):
        return "xml"  # whose reader knows what it is written in
    begin = _BEGIN.match(head)
    bare = head[begin.end() if begin else 0 :]
    if bare.startswith(b"<"):
        return "xml"
    if _JSON.match(bare):
        return "json"
    if _IMPORT.search(bare):
        return "import"
    if _MARKS.search(bare):
        return _by_first_end(bare, stream)
    if _PLAIN.search(bare):
        return "plain"
    raise Unreadable("not_pica", _what_else(bare))


def _by_first_end(data: bytes, stream: BinaryIO) -> Form:
    """A line is a record where the first one ends with a line; binary has another mark there."""
    while (end := _ENDS.search(data)) is None:
        block = stream.read(_HEAD)
        if not block:
            return "normalized"
        data = data[-2:] + block
    return "binary" if end[0] == b"\x1d" else "normalized"


def _what_else(head: bytes) -> str:
    if not head:
        return "it is empty"
    if head.startswith(b"{"):
        return "it is JSON of objects, and PICA JSON is of lists; for other JSON write `type: json`"
    if _MARC.match(head):
        return "it is MARC in ISO 2709; write `type: marc`"
    if _PICA3.match(head):
        return _LINES_OF_PICA3
    return "no field of PICA+ stands at its beginning; look at what it is"
