"""What are the characters of a record written in? UTF-8 where all of it is; else what the record says; else MARC-8.

Leader/09: https://www.loc.gov/marc/bibliographic/bdleader.html ; in UNIMARC leader/09 says nothing, and 100 $a/26-29
does: https://www.ifla.org/g/unimarc-rg/unimarc-bibliographic-3rd-edition/
"""

from collections.abc import Sequence

from biglam_pipeline.parsing.encodings import BYTES, mend
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.marc.iso2709 import SUBFIELD, fields_in
from biglam_pipeline.parsing.marc.marc8 import read_iso5426, read_marc8
from biglam_pipeline.parsing.marc.record import Field, MarcRecord


def read_record(data: bytes, declared: str | None = None) -> tuple[MarcRecord, tuple[str, ...]]:
    """A record of ISO 2709, and what was guessed or mended of it. declared: the encoding that the entry says.

    Unreadable where its directory lies, or where its characters are in a set that is not read.
    """
    leader, raw, by_characters = fields_in(data)
    letters = _Letters(leader, raw, declared)
    if by_characters or int(leader[:5]) != len(data):
        letters.problems["iso2709: its lengths count characters, not bytes"] = None
    fields = tuple(letters.field(tag, field) for tag, field in raw)
    letters.check()
    return MarcRecord(leader.decode("latin-1"), fields), tuple(letters.problems)


_FEW, _SHARE = 3, 10
"""So many bytes, and one in so many beyond ASCII, are no slips: MARC-8 has no use for a third of them, and half of the
rest are marks, which stand over a letter."""


_ISO5426 = frozenset({"01", "03", "  ", "||"})
"""Of 100 $a/26-29: ASCII, ISO 5426, no other."""


class _Letters:
    """The characters of one record."""

    def __init__(self, leader: bytes, fields: Sequence[tuple[str, bytes]], declared: str | None) -> None:
        self.problems: dict[str, None] = {}
        self._declared = declared
        self._says_utf8 = leader[9:10] == b"a"
        self._high = self._senseless = 0
        """Of MARC-8, how many bytes beyond ASCII there are, and how many of them it has no sense for."""
        body = SUBFIELD.join(field for _, field in fields)
        if declared:
            self._how = "declared"
        elif body.isascii() and b"\x1b" not in body:
            self._how = "utf-8"
        else:
            self._how = self._found_out(body, _unimarc_set(fields))

    def _found_out(self, body: bytes, unimarc: str) -> str:
        try:
            body.decode("utf-8")
            if b"\x1b" not in body or (self._says_utf8 and not body.isascii()):
                if not (self._says_utf8 or unimarc):
                    self._note("it is UTF-8, which leader/09 does not say")
                return "utf-8"
        except UnicodeDecodeError:
            pass
        if unimarc and {unimarc[:2], unimarc[2:]} <= _ISO5426 and "03" in unimarc:
            return "iso-5426"
        if unimarc:
            said = f"100 $a/26-29 says {unimarc!r}, and it is not UTF-8"
            hint = "write `encoding: NAME`, or have it exported in UTF-8"
            raise Unreadable("marc_characters", f"its characters are in a set that is not read: {said}; {hint}")
        if self._says_utf8 and not body.decode("utf-8", "ignore").isascii():
            self._note("leader/09 says UTF-8, and some bytes are none; they are read as Windows-1252")
            return "mixed"
        if self._says_utf8:
            self._note("leader/09 says UTF-8, and it is none; it is read as MARC-8")
        return "marc-8"

    def _note(self, what: str) -> None:
        self.problems[f"encoding: {what}"] = None

    def text(self, data: bytes) -> str:
        if self._how == "utf-8":
            return data.decode()
        if self._how in ("declared", "mixed") or (data.isascii() and b"\x1b" not in data):
            encoding = self._declared or "utf-8"
            text = data.decode(encoding, BYTES)
            mended = mend(text)
            if mended != text and self._how == "declared":
                self._note(f"some bytes are not {encoding}; they are read as Windows-1252")
            return mended
        try:
            if b"\x1b" not in data:
                text = data.decode("utf-8")
                self._note("it is UTF-8 in one field, and MARC-8 in another")
                return text
        except UnicodeDecodeError:
            pass
        text, wrong, senseless = (read_marc8 if self._how == "marc-8" else read_iso5426)(data)
        for one in wrong:
            self._note(one)
        self._high += sum(one > 0x7F for one in data)
        self._senseless += senseless
        return text

    def check(self) -> None:
        """Unreadable where so much is not in MARC-8 that it is something else, such as Windows-1251."""
        if self._senseless >= _FEW and self._senseless * _SHARE >= self._high:
            name = self._how.upper().replace("ISO-", "ISO ")
            said = f"it is not UTF-8, and of {self._high} bytes beyond ASCII {self._senseless} make no sense in {name}"
            hint = "write `encoding: NAME` beside `type`, such as cp1251 or latin-1"
            raise Unreadable("marc_characters", f"{said}; {hint}")

    def field(self, tag: str, data: bytes) -> Field:
        if self._how == "utf-8" and tag.isdigit() and data[2:3] == SUBFIELD and data.isascii():
            both, *plain = data.decode().split("\x1f")
            if len(both) == 2 and all(part[:1].isalnum() for part in plain):  # as nearly every field is
                return Field(tag, "", both[0], both[1], tuple([(part[0], part[1:]) for part in plain]))
        first, *parts = data.split(SUBFIELD)
        if not parts:
            if not tag.startswith("00") and tag.isdigit():
                self.problems[f"marc: {tag} has no subfields"] = None
            return Field(tag, self.text(data))
        indicators = self.text(first)
        if len(indicators) != 2:
            self.problems["marc: a field has other than two indicators"] = None
        # What stands before the first delimiter is kept, as a subfield that has no code.
        more = (("", text),) if (text := indicators[2:]).strip() else ()
        return Field(tag, "", indicators[:1], indicators[1:2], (*more, *(self._subfield(part) for part in parts)))

    def _subfield(self, data: bytes) -> tuple[str, str]:
        code = data[:1].decode("latin-1")
        if not (code.isascii() and code.isalnum()):
            self.problems["marc: a subfield has a code other than a letter or digit"] = None
        return (code, self.text(data[1:])) if code.isascii() else ("?", self.text(data))  # the letter is of the text


def _unimarc_set(fields: Sequence[tuple[str, bytes]]) -> str:
    """What UNIMARC says of its characters; empty where this is no UNIMARC: a 100 of MARC 21 holds a name."""
    for tag, data in fields:
        if tag == "100":
            value = data.partition(SUBFIELD + b"a")[2].partition(SUBFIELD)[0]
            return value[26:30].decode("latin-1") if value[:8].isdigit() and len(value) >= 30 else ""
    return ""
