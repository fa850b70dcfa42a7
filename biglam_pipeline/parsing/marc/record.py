"""What is a MARC record? A leader and fields, the same whichever way it was written; and that in MARCXML.

MARC 21: https://www.loc.gov/marc/bibliographic/ ; MARCXML: https://www.loc.gov/standards/marcxml/
"""

from dataclasses import dataclass
from typing import NamedTuple

from biglam_pipeline.parsing.tagged import Tagged
from biglam_pipeline.parsing.xml.written import escaped, quoted

SLIM = "http://www.loc.gov/MARC21/slim"


class Field(NamedTuple):
    """One field. A control field has a text; a data field has two indicators and subfields."""

    tag: str
    text: str = ""
    first: str = " "
    second: str = " "
    """Indicators, empty where there is none."""
    subfields: tuple[tuple[str, str], ...] = ()
    """Code and text of each, in their order."""

    def all(self, codes: str) -> list[str]:
        """The texts of these subfields that are not blank, in their order in the field."""
        return [text for code, value in self.subfields if code and code in codes and (text := value.strip())]

    @property
    def means(self) -> str:
        """The tag of the field that this is one of: of 880, the one whose text it has in another script ($6)."""
        if self.tag != "880":
            return self.tag
        linked = next((value for code, value in self.subfields if code == "6"), "")
        return linked.strip()[:3]


@dataclass(frozen=True)
class MarcRecord(Tagged[Field]):
    """A record as it was read."""

    leader: str
    fields: tuple[Field, ...]
    form: str = ""
    """What its envelope says of its fields, such as UNIMARC (`format` of MarcXchange, ISO 25577); mostly empty."""

    def control(self, tag: str) -> str:
        """The text of the first control field of this tag."""
        return next((field.text for field in self.of(tag)), "")

    def as_xml(self) -> str:
        """The record in MARCXML, in one form for equal records."""
        parts = [f'<record xmlns="{SLIM}"><leader>{escaped(self.leader)}</leader>']
        for tag, text, first, second, subfields in self.fields:
            if not subfields:
                parts.append(f"<controlfield tag={quoted(tag)}>{escaped(text)}</controlfield>")
                continue
            parts.append(f"<datafield tag={quoted(tag)} ind1={quoted(first or ' ')} ind2={quoted(second or ' ')}>")
            parts += [f"<subfield code={quoted(code)}>{escaped(value)}</subfield>" for code, value in subfields]
            parts.append("</datafield>")
        return "".join((*parts, "</record>"))
