"""Which publishers and places of an imprint are none, but say that nobody knows? Cataloguers supply words for it.

`[S.l.]` and `[s.n.]` by AACR2 (1.4C6, 1.4D7) and ISBD (4.1.15, 4.2.13: https://www.ifla.org/g/isbd-rg/); words in the
language of the catalogue by RDA (2.8.2.6 and 2.8.4.7, and 2.7, 2.9 and 2.10 alike for who produced, distributed or made
it): `[Verlag nicht ermittelbar]` (https://sta.dnb.de/wiki/Item:Q9916), `[editore non identificato]`, `[nakladatel není
známý]`. They differ in what is not known, and in how that is said; each language here has both, so that no list of
whole phrases must be complete.
"""

import re
from functools import lru_cache

_SHORT = (
    r"s\.\s?[ln]\.?|s\.\s?e\.|sine (?:loco|nomine)|n\.\s?p\.",  # Latin, Spanish (sin editorial), English (no place)
    r"o\.\s?[ov]\.|o\.\s?verl\.|z\.\s?pl?\.|z\.\s?n\.|b\.\s?[mw]\.|б\.\s?[ми]\.",  # German, Dutch, Polish, Russian
)
_OF = r"(?: of (?:publication|production|distribution|manufacture|printing))?"
_NORTH = r"(?:inte|ej|ikke) (?:fastställ[dt]|identifi(?:erad|eret|sert)|angi(?:ven|vet|tt)|känd|kendt|kjent)"
_SAID: tuple[tuple[str, str], ...] = (
    (
        (
            rf"(?:place|city|location){_OF}|(?:name of )?(?:publisher|printer|producer|distributor|manufacturer)"
            r"|(?:publication|production|distribution|publisher)(?: place)?"
        ),
        "not (?:identified|known|given|stated|named|ascertained|determined)|unidentified|unknown",
    ),
    (
        (
            r"(?:verlags|erscheinungs|entstehungs|herstellungs|vertriebs|druck)?ort|verlag(?:sname)?|verleger|drucker"
            r"|hersteller|vertrieb"
        ),
        "nicht (?:ermittelbar|ermittelt|bekannt|angegeben|feststellbar)|unbekannt",
    ),
    (
        (
            r"lieu(?: (?:de |d['’])(?:publication|édition|production|distribution|fabrication|impression))?"
            r"|(?:nom de l['’])?éditeur|imprimeur|producteur|distributeur|fabricant"
        ),
        "non (?:identifié|déterminé|mentionné)e?|inconnue?|indéterminée?",
    ),
    (
        (
            r"luogo(?: di (?:pubblicazione|edizione|stampa|produzione|distribuzione))?"
            r"|editore|stampatore|tipografo|produttore|distributore"
        ),
        "non (?:identificato|noto|indicato)|sconosciuto|ignoto",
    ),
    (
        (
            r"lugar(?: de (?:publicación|edición|impresión|producción|distribución|publicação))?|editor(?:ial|a)?"
            r"|impresor|productor|distribuidor|local de (?:publicação|edição)|lloc(?: de (?:publicació|edició))?"
        ),
        (
            "n(?:o|ão) (?:identificad[oa]|conocid[oa]|determinad[oa]|conhecid[oa]|identificat)|descon(?:oci|heci)d[oa]"
            "|desconegut"
        ),
    ),
    (
        "plaats(?: van (?:uitgave|publicatie))?|uitgever(?:ij)?|drukker",
        "niet (?:vastgesteld|bekend|geïdentificeerd)|onbekend",
    ),
    (
        (
            "(?:utgivnings|tryck|förlags)ort|(?:udgivelses|utgivelses|forlags|trykke?)sted|förlag|förläggare|forlag"
            "|forlægger|utgivare|udgiver|utgiver"
        ),
        rf"{_NORTH}|okän[dt]|ukendt|ukjent",
    ),
    ("kustannuspaikka|julkaisupaikka|kustantaja|julkaisija", "tuntematon|ei tiedossa"),
    (
        "místo vydání|miesto vydania|nakladatel|vydavate[lľ]|miejsce(?: wydania)?|wydawca",
        "(?:není|nie je) znám[éýye]|neznám[éýye]|nieznan[ey]|niezidentyfikowan[ey]|nieustalon[ey]",
    ),
    ("место издания|издатель(?:ство)?", "не (?:указан|установлен|определен)о?|неизвест(?:ен|но)"),
)
"""What is not known, and how that is said, language by language."""
_UNKNOWN = re.compile(
    "|".join((*_SHORT, *(f"(?:{what}) (?:{how})|(?:{how}) (?:{what})" for what, how in _SAID))), re.IGNORECASE
)
_SIGNS = "[](){}<>.:;,? "
_NEXT = re.compile(r"\s*[\])]?\s*[:;,]\s*[\[(]?\s*")


@lru_cache(maxsize=65_536)
def says_unknown(text: str) -> bool:
    """Whether the name of a publisher, or of a place, only says that nobody knows it; of both too (`[S.l. : s.n.]`)."""
    bare = " ".join(text.split()).strip(_SIGNS)
    return bool(bare) and all(map(_is_unknown, _NEXT.split(bare)))


def _is_unknown(text: str) -> bool:
    return any(_UNKNOWN.fullmatch(one) for one in (text.strip(_SIGNS), text.strip(_SIGNS) + "."))
