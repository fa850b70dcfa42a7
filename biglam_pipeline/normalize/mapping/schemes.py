"""`identifiers: {SCHEME: VALUE}`: whose scheme only the entry knows, such as a museum's column of Q numbers."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.normalize.mapping.paths import PathLanguage, RecordContext
from biglam_pipeline.normalize.mapping.values import FromPath, Value, read_value
from biglam_pipeline.normalize.mapping.verb import Kind, Reasons, as_text
from biglam_pipeline.settings import Misplaced

_SCHEME = r"^[a-z][a-z0-9_.-]*$"
"""How a scheme is named: wikidata, ulan, viaf, gnd, isni, shelfmark."""
_TAKEN = {"all", "join", "const", "each", "field"}
"""Words that make another VALUE of a block."""


@dataclass(frozen=True, slots=True)
class Schemes(Value):
    """What each scheme's VALUE gives, one after the other, each with its scheme."""

    members: tuple[tuple[str, Value], ...]

    @property
    def kind(self) -> Kind:
        return "texts"

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        return [
            {"scheme": scheme, "value": text}
            for scheme, member in self.members
            for value in member.read(context, reasons)
            if (text := as_text(value).strip())
        ]

    def speaking(self, language: PathLanguage) -> Value:
        return Schemes(tuple((scheme, member.speaking(language)) for scheme, member in self.members))

    def paths(self) -> Iterator[FromPath]:
        for _, member in self.members:
            yield from member.paths()

    def missing(self, names: Collection[str]) -> list[str]:
        return [name for _, member in self.members for name in member.missing(names)]

    def written(self) -> Any:
        return {scheme: member.written() for scheme, member in self.members}


def is_schemes(raw: Any) -> bool:
    """Whether a block names schemes; one with a word of another VALUE is left to it."""
    return isinstance(raw, dict) and bool(raw) and not _TAKEN & raw.keys()


def read_schemes(raw: dict[str, Any]) -> Schemes:
    """The block as YAML gives it. ValueError says what is wrong with it."""
    for scheme in raw:
        if not re.match(_SCHEME, str(scheme)):
            said = f"{scheme!r} names no scheme; write one in small letters, such as wikidata"
            raise Misplaced((("identifiers", scheme), said))
    return Schemes(tuple((scheme, read_value(value)) for scheme, value in raw.items()))
