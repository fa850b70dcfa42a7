"""Is a field named like one that speaks of rights? By the words that Dublin Core, EDM, MODS and museums use for it.

A field by any other name is none: an element is read as what its format says it is, a column as what the entry maps it
to.
"""

import re
import unicodedata
from functools import lru_cache

_NAMED = re.compile(r"rights|licen[cs]e|copyright|usagerestriction|termsofuse|useandreproduction|accesscondition")
_NO_STATEMENT = frozenset({"rightsholder", "datecopyrighted", "copyrightdate", "copyrightholder", "copyrightowner"})
"""Whose they are, or since when: no statement of what may be done."""
_MAY = re.compile(
    r"^(web|image|meta)?(data)?us(e|age)$|us(e|age)(policy|rights?|restrictions?|conditions?|terms)|governinguse"
    r"|restriction|restricted|publicdomain|^opendata$|embargo|permission|reproduction|^access(level|status|type)?$"
    r"|accesspolicy|openaccess|licens|lizenz|rechte|nutzung|droit|derechos|licencia|diritti|licenza|direitos|licenca"
    r"|licentie|rattighet|upphovsratt|rettighet|ophavsret|opphavsrett|lisens|tekijanoike|kayttooike|lisenssi"
    r"|prawa|licencja|^prava|licence|права|лиценз"
)
"""As tables of museums and open data portals name them (Artic `is_public_domain`, Smithsonian `metadata_usage`, Tate
`copyright`, LoC `access_restricted`), and the words for rights and licence in the languages of words.csv."""
_LABELS = re.compile(r"localcontext|(tk|bc)(labels?|notices?)$|traditionalknowledge|culturalnotice|culturalsensitiv")
"""Columns of Labels, as the Hub of Local Contexts and users of Mukurtu have them."""


@lru_cache(maxsize=4096)
def says_rights(name: str) -> bool:
    """name: of an element, a column or a key, in any case and with any joints."""
    word = re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())
    return word not in _NO_STATEMENT and bool(_NAMED.search(word))


def may_say_rights(name: str) -> bool:
    """Whether a person should look at a column of this name, in any of the languages: wider than `says_rights`."""
    word = _letters(name)
    return says_rights(name) or (word not in _NO_STATEMENT and bool(_MAY.search(word)))


def may_say_labels(name: str) -> bool:
    """Whether it is named like a column of Traditional Knowledge Labels."""
    return bool(_LABELS.search(_letters(name)))


def _letters(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in bare if letter.isalpha())
