"""What is a PICA+ record? Fields of a title, of the libraries that have it, and of their copies; and that in PICA-XML.

https://format.gbv.de/pica ; the three levels: https://pro4bib.github.io/pica/ (PICA-Formate); PICA-XML 1.1:
https://format.gbv.de/pica/xml
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from biglam_pipeline.parsing.tagged import Tagged
from biglam_pipeline.parsing.xml.written import escaped, quoted

NAMESPACE = "info:srw/schema/5/picaXML-v1.0"
TAG = re.compile(r"[0-2][0-9]{2}[A-Z@]")
"""The first digit is the level: title, library, copy."""
CODE = re.compile(r"[0-9A-Za-z]")


class Field(NamedTuple):
    """One field."""

    tag: str
    occurrence: str = ""
    """Two digits, or three; empty where there is none, which 00 is."""
    subfields: tuple[tuple[str, str], ...] = ()
    """Code and text of each, in their order, which matters; the same code may come again."""

    def all(self, codes: str) -> list[str]:
        """The texts of these subfields that are not blank, in their order in the field."""
        return [text for code, value in self.subfields if code in codes and (text := value.strip())]

    def first(self, codes: str) -> str:
        """The first text of the first of these codes that has one; empty where none has."""
        return next((text for code in codes for text in self.all(code)), "")


@dataclass(frozen=True)
class PicaRecord(Tagged[Field]):
    """A title, with what libraries say of their copies behind it."""

    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """Its number, the PPN or IDN (003@ $0)."""
        return next((text for field in self.of("003@") for text in field.all("0")), "")

    @property
    def status(self) -> str:
        """What it is, code by code (002@ $0): of a title form, kind and status; of an authority `T` comes first."""
        return next((text for field in self.of("002@") for text in field.all("0")), "")

    def as_xml(self) -> str:
        """The record in PICA-XML, in one form for equal records."""
        parts = [f'<record xmlns="{NAMESPACE}">']
        for tag, occurrence, subfields in self.fields:
            more = f' occurrence="{occurrence}"' if occurrence else ""
            parts.append(f'<datafield tag="{tag}"{more}>')
            parts += [f"<subfield code={quoted(code)}>{escaped(value)}</subfield>" for code, value in subfields]
            parts.append("</datafield>")
        return "".join((*parts, "</record>"))


def occurrence_of(digits: str) -> str:
    """As a record has it, whichever way it was written: `1`, `01`, or `001`, as WinIBW counts copies."""
    return digits.lstrip("0").zfill(2) if digits.strip("0") else ""
