"""What is a MARC record? A leader and fields, the same whichever way it was written; and that in MARCXML.

MARC 21: https://www.loc.gov/marc/bibliographic/ ; MARCXML: https://www.loc.gov/standards/marcxml/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

SLIM = "http://www.loc.gov/MARC21/slim"

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write (2.2)."""
_MARKUP = re.compile("[&<>]")


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
class MarcRecord:
    """A record as it was read."""

    leader: str
    fields: tuple[Field, ...]
    form: str = ""
    """What its envelope says of its fields, such as UNIMARC (`format` of MarcXchange, ISO 25577); mostly empty."""

    def of(self, *tags: str) -> Iterator[Field]:
        """The fields of these tags, in their order in the record."""
        if len(tags) == 1:
            return iter(self._by_tag.get(tags[0], ()))
        return (field for field in self.fields if field.tag in tags)

    @cached_property
    def _by_tag(self) -> dict[str, list[Field]]:
        found: dict[str, list[Field]] = {}
        for field in self.fields:
            found.setdefault(field.tag, []).append(field)
        return found

    def control(self, tag: str) -> str:
        """The text of the first control field of this tag."""
        return next((field.text for field in self.of(tag)), "")

    def as_xml(self) -> str:
        """The record in MARCXML, in one form for equal records."""
        parts = [f'<record xmlns="{SLIM}"><leader>{_text(self.leader)}</leader>']
        for tag, text, first, second, subfields in self.fields:
            if not subfields:
                parts.append(f"<controlfield tag={_value(tag)}>{_text(text)}</controlfield>")
                continue
            parts.append(f"<datafield tag={_value(tag)} ind1={_value(first or ' ')} ind2={_value(second or ' ')}>")
            parts += [f"<subfield code={_value(code)}>{_text(value)}</subfield>" for code, value in subfields]
            parts.append("</datafield>")
        return "".join((*parts, "</record>"))


def _text(text: str) -> str:
    plain = text if text.isprintable() else _NOT_XML.sub("", text)
    return escape(plain) if _MARKUP.search(plain) else plain


@lru_cache(maxsize=4096)
def _value(text: str) -> str:
    return quoteattr(text if text.isprintable() else _NOT_XML.sub("", text))
