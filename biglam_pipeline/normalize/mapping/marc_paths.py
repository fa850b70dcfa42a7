"""Where does a value stand in a MARC record? `245$ab`, `650`, `008/35-37`, `264[_1]$c`, `LDR/06`.

After MARCspec (https://marcspec.github.io/MARCspec/), of which it is the part that catalogues are mapped by.
"""

import re
from dataclasses import dataclass

from biglam_pipeline.normalize.mapping.paths import Getter
from biglam_pipeline.parsing.marc.record import Field, MarcRecord

_PATH = re.compile(
    r"(?P<tag>LDR|[0-9A-Za-z.]{3})(?:\[(?P<first>[^\]])(?P<second>[^\]])\])?(?:\$(?P<codes>[0-9A-Za-z]+))?"
    r"(?:/(?P<start>[0-9]{1,5})(?:-(?P<end>[0-9]{1,5}))?)?"
)
_FORMS = "write TAG, TAG$CODES, TAG[12]$CODES (_ for a blank, . for any) or TAG/FROM-TO, such as 245$ab or 008/35-37"
_CONTROL_CODES = "0123456789"
"""Subfields that say something of the field and not of the record: links, authorities, sources."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One path, taken apart."""

    tag: str
    first: str = "."
    second: str = "."
    codes: str = ""
    start: int | None = None
    end: int | None = None

    def fits(self, field: Field) -> bool:
        """Whether it means this field."""
        if len(field.tag) != len(self.tag):
            return False
        tag = all(mine in (".", theirs) for mine, theirs in zip(self.tag, field.tag, strict=True))
        return tag and self._fits_one(self.first, field.first) and self._fits_one(self.second, field.second)

    @staticmethod
    def _fits_one(mine: str, theirs: str) -> bool:
        return mine in (".", theirs) or (mine == "_" and theirs in " #")

    def texts(self, field: Field) -> list[str]:
        """What it means of a field that it fits. One code: each subfield by itself; several: those of a field together,
        in their order there; none: all but those that speak of the field.
        """
        if not field.subfields:
            return [] if self.codes else [field.text]
        if len(self.codes) == 1:
            return field.all(self.codes)
        codes = self.codes or "".join({code for code, _ in field.subfields} - set(_CONTROL_CODES))
        return [" ".join(field.all(codes))]

    def part(self, text: str) -> str:
        """The positions, from 0, to and with the last."""
        if self.start is None:
            return text.strip()
        return text[self.start : (self.start if self.end is None else self.end) + 1].strip()


def read_spec(path: str) -> Spec:
    """The path taken apart. ValueError says what is wrong with it."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"{path!r} is no path of MARC; {_FORMS}; for the first of several, {path!r} >> first")
    start, end = (int(found[name]) if found[name] else None for name in ("start", "end"))
    if start is not None and end is not None and end < start:
        raise ValueError(f"{path!r} ends before it begins; {_FORMS}")
    if found["codes"] and (found["tag"] == "LDR" or found["tag"].startswith("00")):
        raise ValueError(f"{path!r}: {found['tag']} has no subfields; write {found['tag']}/FROM-TO")
    return Spec(found["tag"], found["first"] or ".", found["second"] or ".", found["codes"] or "", start, end)


@dataclass(frozen=True)
class MarcPath:
    """The field and what of it; nothing of a record that is not public is ever found."""

    name = "MARC"

    def compile(self, path: str) -> Getter:
        """The texts, without outer blanks, in the order of the record; ValueError says what is wrong with the path."""
        spec = read_spec(path)

        def get(record: MarcRecord) -> list[str]:
            if spec.tag == "LDR":
                found = [record.leader]
            else:
                found = [text for field in record.fields if spec.fits(field) for text in spec.texts(field)]
            return [text for one in found if (text := spec.part(one))]

        return get

    def fields(self, path: str) -> list[str]:
        """The tag."""
        return [read_spec(path).tag]
