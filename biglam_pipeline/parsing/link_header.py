"""Where does a Link header lead, and what does it call that?

https://www.rfc-editor.org/rfc/rfc8288#section-3
"""

import re
from collections.abc import Iterator

_PARAMETER = re.compile(r';\s*([\w!#$%&*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))')
_LINK = re.compile(rf"<([^>]*)>((?:\s*{re.sub(r'[(](?![?])', '(?:', _PARAMETER.pattern)})*)")


def next_of(header: str) -> str:
    """The address that a Link header calls `next`; nothing where it calls none so."""
    return next(links_of(header, "next"), "")


def links_of(header: str, relation: str) -> Iterator[str]:
    """The addresses that a Link header calls so."""
    for link in _LINK.finditer(header):
        relations = [
            quoted or bare.strip("'") for name, quoted, bare in _PARAMETER.findall(link[2]) if name.casefold() == "rel"
        ]
        if any(relation in one.casefold().split() for one in relations):
            yield link[1]
