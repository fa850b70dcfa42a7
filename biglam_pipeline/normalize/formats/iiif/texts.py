"""What do the texts of a manifest say? Strings, numbers, lists and language maps alike, without their HTML.

https://iiif.io/api/presentation/3.0/#44-language-of-property-values , https://iiif.io/api/presentation/2.1/#language-of-property-values
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from biglam_pipeline.parsing.html import text_of_html
from biglam_pipeline.parsing.iiif import several
from biglam_pipeline.parsing.json.strict import cell_of

_TAG = re.compile(
    r"</?(?:a|b|br|i|img|p|small|span|sub|sup|em|strong|u|div|ul|ol|li|dl|dt|dd|h[1-6]|font|cite|q|blockquote|table"
    r"|tbody|tr|td|th)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""Those that 3.0 (4.5) allows, and those that servers write all the same. `<Anonymous>` is a name. None goes on behind
a further `<`: a text of tags that nothing closes would be read once more from each."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_LINK = re.compile(r"""<a\s[^<>]*?href\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)
_NO_LANGUAGE = ("", "none", "@none")
_DEEPEST = 8


class Said(NamedTuple):
    """One text."""

    language: str
    """As the manifest has it; empty where it says none."""
    text: str
    links: tuple[str, ...] = ()
    """Addresses that its HTML leads to."""


def texts_in(value: Any, language: str = "", room: int = _DEEPEST) -> Iterator[Said]:
    """All texts of a value, in its order; of an object that is no language map, none."""
    if isinstance(value, list):
        for one in value if room else ():
            yield from texts_in(one, language, room - 1)
    elif isinstance(value, Mapping):
        if "@value" in value:
            said = value.get("@language")
            yield from texts_in(value["@value"], said if isinstance(said, str) else language, room - 1)
        elif room and not value.keys() & {"id", "@id", "type", "@type"}:
            for name, one in value.items():
                if name in _NO_LANGUAGE or not name.startswith("@"):
                    yield from texts_in(one, "" if name in _NO_LANGUAGE else name, room - 1)
    elif value is not None and (text := plain(cell_of(value) if not isinstance(value, str) else value)):
        yield Said(language, text, tuple(_LINK.findall(value)) if isinstance(value, str) else ())


def plain(text: str) -> str:
    """What a reader sees of it."""
    if _TAG.search(text) or _ENTITY.search(text):
        return text_of_html(text) or ""
    return text.strip()


def main_of(found: list[Said]) -> list[str]:
    """The texts of one language: of those that say none, else of the one that stands first."""
    languages = [one.language for one in found]
    chosen = "" if "" in languages else next(iter(languages), "")
    return [one.text for one in found if one.language == chosen]


def line_of(value: Any) -> str:
    """The texts of one language in one; empty where there are none."""
    return "\n".join(main_of(list(texts_in(value))))


def titles_of(value: Any) -> tuple[str, list[str]]:
    """The first text of a label, and all others in whatever language."""
    found = list(texts_in(value))
    first = next(iter(main_of(found)), "")
    return first, [text for text in dict.fromkeys(one.text for one in found) if text != first]


def pairs_of(metadata: Any) -> dict[str, list[str]]:
    """What stands under each label: a label in each of its languages, with the values in the same one."""
    pairs: dict[str, list[str]] = {}
    for entry in several(metadata):
        if isinstance(entry, Mapping):
            values = list(texts_in(entry.get("value")))
            for label in texts_in(entry.get("label")):
                mine = [one.text for one in values if one.language == label.language] or main_of(values)
                under = pairs.setdefault(label.text, [])
                under.extend(one for one in mine if one not in under)
    return {label: values for label, values in pairs.items() if values}
