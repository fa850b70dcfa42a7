"""Where does a Link header lead on to?

https://www.rfc-editor.org/rfc/rfc8288#section-3
"""

import re

_PARAMETER = re.compile(r';\s*([\w!#$%&*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))')
_LINK = re.compile(rf"<([^>]*)>((?:\s*{re.sub(r'[(](?![?])', '(?:', _PARAMETER.pattern)})*)")


def next_of(header: str) -> str:
    """The address that a Link header calls `next`; nothing where it calls none so."""
    for link in _LINK.finditer(header):
        relations = [
            quoted or bare.strip("'") for name, quoted, bare in _PARAMETER.findall(link[2]) if name.casefold() == "rel"
        ]
        if any("next" in one.casefold().split() for one in relations):
            return link[1]
    return ""
