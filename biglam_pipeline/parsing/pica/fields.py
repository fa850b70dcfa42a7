"""Reads the fields of one record of PICA+ that is neither XML nor JSON.

https://format.gbv.de/pica/normalized , plain (with its marks before fields, as changes and validation have them) and
import; what is no field is refused with its beginning, since a record of which a part is missing is not that record.
"""

import codecs
import re
from collections.abc import Iterable, Iterator

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.pica.forms import Form
from biglam_pipeline.parsing.pica.record import CODE, Field, PicaRecord, occurrence_of

_FIELD = re.compile(r"([0-2][0-9]{2}[A-Z@])(?:/([0-9]{2,3}))? (.*)", re.DOTALL)
_EMPTY = re.compile(r"[0-2][0-9]{2}[A-Z@](?:/[0-9]{2,3})?\s*")
_LIKE_A_TAG = re.compile(r"[0-9]{3}[^\s\w]|[0-9]{2,3}[A-Za-z@]?(?:/[0-9]{1,4})?(?![^\s$\x1f])")
_MARKED = re.compile(r"([^0-9A-Za-z]) (?=[0-2][0-9]{2}[A-Z@])")
_DOLLAR = re.compile(r"\$([^$])((?:[^$]|\$\$)*)")
_DOLLARS = re.compile(r"(?:\$[^$](?:[^$]|\$\$)*)+")
_CHANGES = frozenset("+-")
_LINE_ENDS = re.compile(r"\r?\n")
_LEADER = re.compile(r"[0-9X ]*")
"""What dumps of the GBV have before the fields of each level: the number of the record again, and of the copy."""
_PASSED = "pica: numbers stand before the first field, which repeat what is in it, and are passed over"


def read_fields(data: bytes, form: Form, encoding: str | None) -> tuple[PicaRecord, tuple[str, ...]]:
    """A record, and what was guessed or passed over of it. encoding: that the entry says; else it is UTF-8.

    Unreadable where it is none, or where its characters are not UTF-8 and nobody says what they are.
    """
    text, problems = _decoded(data, encoding), dict[str, None]()
    written = _in_lines(text, form, problems) if form in ("plain", "import") else _by_marks(text, problems)
    return made(written, problems)


def made(fields: Iterable[Field], problems: dict[str, None]) -> tuple[PicaRecord, tuple[str, ...]]:
    """The record of these fields; those without subfields are counted. Unreadable where none is left, and where it has
    two numbers (003@ is not repeatable): a mark or a blank line between records is missing, and they would be one.
    """
    kept = []
    for field in fields:
        if not field.subfields:
            problems[f"pica: {field.tag} has no subfields"] = None
        if field.subfields or field.tag == "001E":  # that it was deleted is said without a date as well
            kept.append(field)
    if not any(field.subfields for field in kept):
        raise Unreadable("pica_field", "it has no field")
    record = PicaRecord(tuple(kept))
    if len({text for field in record.of("003@") for text in field.all("0")}) > 1:
        detail = "it has two numbers (003@), as where the end between two records is missing; tell the institution"
        raise Unreadable("pica_two_numbers", detail)
    return record, tuple(problems)


def refuse_change(mark: str, problems: dict[str, None]) -> None:
    """What a mark before a field says: a change (PICA Patch) is no record, any other is passed over and counted."""
    if mark in _CHANGES:
        detail = f"it is a change, and no record: a field is marked with `{mark}` (PICA Patch); harvest the records"
        raise Unreadable("pica_patch", detail)
    if len(mark) > 1 or mark.isalnum():
        raise Unreadable("pica_field", "a field has a code without a text; tell the institution")
    if mark.strip():
        problems[f"pica: the mark `{mark}` of a field is passed over"] = None


def _decoded(data: bytes, encoding: str | None) -> str:
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode(encoding or "utf-8")
    except (UnicodeDecodeError, LookupError) as error:
        hint = "write another `encoding:`" if encoding else "write `encoding: NAME`, or have it exported in UTF-8"
        raise Unreadable(
            "pica_characters", f"its characters are not {encoding or 'UTF-8'} ({error}); {hint}"
        ) from error


def _by_marks(text: str, problems: dict[str, None]) -> Iterator[Field]:
    *pieces, _ = text.removeprefix("\x1e").split("\x1e")
    for piece in pieces:
        if "\x1f" in piece:
            tag, occurrence, rest = _taken(piece)
            yield Field(tag, occurrence, _at_marks(rest, tag))
        elif _EMPTY.fullmatch(piece):
            yield Field(piece[:4])
        elif _LEADER.fullmatch(piece):
            problems[_PASSED] = None
        else:
            raise no_field(piece)


def _in_lines(text: str, form: Form, problems: dict[str, None]) -> Iterator[Field]:
    for line in _LINE_ENDS.split(text):
        if not line.strip() or (form == "import" and line.startswith("#")):
            continue
        if form == "import":
            if not line.startswith("\x1e"):
                raise no_field(line)
            line = line[1:]
        elif marked := _MARKED.match(line):
            refuse_change(marked[1], problems)
            line = line[2:]
        if _EMPTY.fullmatch(line):
            yield Field(line[:4])
            continue
        tag, occurrence, rest = _taken(line)
        yield Field(tag, occurrence, _at_marks(rest, tag) if form == "import" else _at_dollars(rest, tag))


def _taken(piece: str) -> tuple[str, str, str]:
    found = _FIELD.fullmatch(piece)
    if found is None:
        raise no_field(piece)
    return found[1], occurrence_of(found[2] or ""), found[3]


def _at_marks(text: str, tag: str, mark: str = "\x1f") -> tuple[tuple[str, str], ...]:
    before, *parts = text.split(mark)
    if before:
        raise no_field(tag)
    return tuple((_code(part, tag), part[1:]) for part in parts)


def _at_dollars(text: str, tag: str) -> tuple[tuple[str, str], ...]:
    """`$$` is a `$` in a text. WinIBW writes another letter, and then a `$` is one."""
    if text.startswith("ƒ"):
        return _at_marks(text, tag, "ƒ")
    if "$$" not in text:
        return _at_marks(text, tag, "$")
    if not _DOLLARS.fullmatch(text):
        raise no_field(tag)
    return tuple((_code(code, tag), value.replace("$$", "$")) for code, value in _DOLLAR.findall(text))


def _code(part: str, tag: str) -> str:
    if not CODE.match(part):
        raise Unreadable("pica_field", f"a subfield of {tag} begins with {part[:1]!r}, no code; tell the institution")
    return part[0]


def no_field(text: str) -> Unreadable:
    """Nothing is quoted but what looks like a tag: the text may be of a field that is not public."""
    found = _LIKE_A_TAG.match(text)
    shown = f"what begins with {found[0]!r}" if found else "what begins with no tag"
    return Unreadable("pica_field", f"{shown} is no field of PICA+; tell the institution")
