"""What does a condition of access say? Access is not a right to use: open access opens nothing, closed access closes.

The names are those of vocabularies: info:eu-repo/semantics (OpenAIRE,
https://guidelines.openaire.eu/en/latest/literature/), COAR Access Rights
(http://vocabularies.coar-repositories.org/access_rights/), the terms `star` of MARC 506 $f
(https://www.loc.gov/standards/sourcelist/access-restriction.html), and the EU's authority table access-right (PUBLIC,
RESTRICTED, NON_PUBLIC, SENSITIVE, CONFIDENTIAL). Sentences that nothing is restricted are those of finding aids (EAD
accessrestrict) and MARC 506 $a. What bars inside a sentence is known in English, in the languages of words.csv as far
as its rows for closed access go. Anything else is "unknown", and counted.
"""

import re
import unicodedata

from biglam_pipeline.rights.reach import BARRED, EMBARGOED, OPEN_ACCESS, name_of
from biglam_pipeline.rights.recognise import Statement, recognise

_OPEN = frozenset(
    {
        *map(name_of, OPEN_ACCESS),
        *("open access", "public", "unrestricted", "unrestricted online access"),
        *("access is unrestricted", "no restrictions", "no restrictions on access", "open for research"),
        *("open to research", "free access", "freely available", "free of charge"),
    }
)
_SHUT = frozenset(
    {
        *map(name_of, (*EMBARGOED, *BARRED)),
        *("closed access", "restricted access", "embargoed access", "metadata only access", "metadataonlyaccess"),
        *("restricted", "closed", "embargoed", "non public", "non_public", "restricted online access"),
        *("no online access", "preview only", "no access", "confidential", "sensitive"),
    }
)
_LAST = re.compile(r"^\w+:(?:\S*/)?([^/\s]+)/?$")
_BLANKS = re.compile(r"[\s\u2010-\u2015-]+")
_DENIES = re.compile(
    r"\b(restricted|closed|embargo(ed)?|confidential|prohibited|denied|not (publicly )?available"
    r"|not (to|for) be (published|copied|reproduced|released)|not for (publication|release))\b"
)
_UNDENIED = re.compile(
    r"\b(un|not |non-?|no longer |never )(restricted|closed|embargo(ed)?)\b"
    r"|\bembargo (has |was |is )?(ended|expired|lifted|over)\b|\bno embargo\b"
)


def read_access(value: str) -> Statement | None:
    """None where it says nothing of rights, "closed" where it bars, "unknown" where it is not understood."""
    text = unicodedata.normalize("NFKC", value).casefold().strip()
    word = _BLANKS.sub(" ", text).strip(" .;,:")
    last = _LAST.match(text)
    names = {word, last[1].rstrip(".") if last else word}
    if names & _OPEN:
        return None
    if names & _SHUT:
        return _closed(value)
    found = recognise(value)
    if found.tier == "closed":
        return found
    if found.tier == "unknown" and _DENIES.search(text) and not _UNDENIED.search(text):
        return _closed(value)
    return found if found.tier in ("unknown", "review") else None


def _closed(value: str) -> Statement:
    return Statement(None, "closed", "Restricted access", "", problem=f"access is barred: {value.strip()[:80]}")
