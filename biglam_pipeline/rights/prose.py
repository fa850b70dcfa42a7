"""Which statements a sentence makes: licences named in it, claims, notices, and what takes them back.

The real sentences behind the rules are those of the Biodiversity Heritage Library, DPLA's hubs and Europeana.
"""

import re
from dataclasses import replace

from biglam_pipeline.rights.addresses import license_for
from biglam_pipeline.rights.table import BY_WORD, CLAIMED, Statement, nothing

NOTICE = Statement(None, "closed", "Copyright notice", "")
"""Somebody holds the copyright: nothing against a licence from them, everything without one."""

TERMS = nothing("terms of use, not a licence")
"""Rules for a reader or a website, which allow no republication."""

_CLOSED = Statement(None, "closed", "In copyright", "")
_UNSURE = nothing("copyright status not determined")
_DENIED = nothing("a licence is denied or conditional")
_REVIEW = Statement(None, "review", "Several terms in one text", "", problem="different terms for different parts")
_NO_KNOWN = replace(BY_WORD["nkc 1.0"], uri=None)
_IN_THE_US = replace(BY_WORD["noc us 1.0"], uri=None)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_PUBLIC_DOMAIN = (
    r"(?:public[ -]domain|out of copyright|domaine public|gemeinfrei|dom[ií]nio p[uú]blico|pubblico dominio"
    r"|publiek(?:e)? domein)"
)
_FEW_WORDS = r"(?:(?!copyright|and\b)[\w’']+\s+){0,6}"

# What is taken back must be read before what it takes back.
_TAKEN_BACK: tuple[tuple[re.Pattern[str], Statement], ...] = (
    (
        _compile(
            rf"\b(?:not|never|neither|cannot|\w+n['’]t|nicht|kein\w*|pas|nicht mehr|no longer)\s+{_FEW_WORDS}"
            + _PUBLIC_DOMAIN
        ),
        _CLOSED,
    ),
    (
        _compile(
            rf"\b(?:may|might|could|possibly|perhaps|presumably|whether|if|unless|until|when)\s+{_FEW_WORDS}"
            rf"(?:{_PUBLIC_DOMAIN}|not in copyright)"
        ),
        _UNSURE,
    ),
    (
        _compile(
            r"\b(?:may|might|could)\s+(?:still\s+|also\s+|not\s+)?(?:be|have)\s+(?:\w+\s+){0,4}"
            r"(?:copyright\w*|rights|restrict\w+)"
        ),
        _UNSURE,
    ),
    (
        _compile(
            r"\b(?:not|never|cannot|\w+n['’]t|nicht|without|kein\w*)\s+(?:\w+\s+){0,5}?"
            r"(?:cc[ -]?by\S*|cc[ -]?0|creative commons\b[^.;]{0,60})"
        ),
        _DENIED,
    ),
)

# Longest family first: "public domain dedication and license" is PDDL before it is anything else.
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = (
    (_compile(r"\bPDDL\b|public domain dedication and licen[cs]e"), "pddl"),
    (_compile(r"public domain mark(?: 1\.0)?|\bPDM\b|free of known restrictions under copyright law"), "pdm"),
    (
        _compile(
            r"(?:\bcc[\s_-]?(?:0|zero)\b|creative commons (?:zero|0\b))"
            r"(?:[\s(:,-]*(?:1\.0|universal|public domain dedication|public domain|dedication|waiver)\b)*"
        ),
        "cc0",
    ),
    (_compile(r"\bODbL\b|open (?:data commons )?(?:open )?database licen[cs]e"), "odbl"),
    (_compile(r"\bODC[- ]BY\b|open data commons attribution"), "odc by"),
    (_compile(r"open government licen[cs]e\s*[-–—]\s*canada"), "ogl canada 2.0"),
    (_compile(r"\bdl-de[/ -]by[- /]2[-.]0|datenlizenz deutschland[^.]{0,5}namensnennung"), "dl de by 2.0"),
    (_compile(r"\bdl-de[/ -]zero[- /]2[-.]0|datenlizenz deutschland[^.]{0,5}zero"), "dl de zero 2.0"),
    (
        _compile(r"\b(?:licence ouverte|etalab)\b(?!\W+(?:v|version )?\W?1\b)(?:[ /]*(?:open licen[cs]e|2\.0))*"),
        "etalab 2.0",
    ),
    (_compile(r"\bGFDL\b|gnu free documentation licen[cs]e"), "gfdl"),
)
_SHORT = {"pdm": "public domain mark 1.0", "cc0": "cc0 1.0"}
_OPEN_GOVERNMENT = _compile(
    r"open government licen[cs]e\)?(?:\s*\(?OGL\)?)?(?:\W*(?:v|version)?\W?([123])(?:\.0)?\b)?|\bOGL\b\W?v?([123])?"
)

# Each element in the languages in which the licences' own titles are quoted most.
_WORDS = {
    "by": r"attribution|namensnennung|paternit[ée]|naamsvermelding|atribuci[óo]n|reconocimiento|attribuzione"
    r"|atribuição|uznanie autorstwa",
    "nc": r"non[- ]?commercial(?: use)?|nicht[- ]?kommerziell|keine kommerzielle nutzung"
    r"|pas d['’]utilisation commerciale|niet[- ]?commercieel|no ?comercial|non commerciale|użycie niekomercyjne",
    "nd": r"no[- ]?deriv(?:ative)?s?(?: works)?|keine bearbeitung(?:en)?|pas de modification(?:s)?"
    r"|geen ?afgeleide ?werken|sin ?(?:obra)?s? ?derivad[ao]s?|non opere derivate|sem derivações",
    "sa": r"share[- ]?alike|weitergabe unter gleichen bedingungen|partage dans les m[êe]mes conditions"
    r"|gelijk ?delen|compartir ?igual|condividi allo stesso modo|compartilha ?igual",
}
_ELEMENT = "|".join(f"(?:{words})" for words in _WORDS.values())
_LABEL = _compile(
    rf"(?P<commons>(?:creative commons|\bcc)\s*[:-]?\s*)?\b(?P<words>(?:{_ELEMENT})(?:[\s,/–—-]+(?:{_ELEMENT}))*)"
    r"(?:[\s,-]*(?:licen[cs]e|lizenz)?[\s,-]*v?(?P<version>[1-4]\.[0-9])"
    r"(?:\s+(?P<port>international\w*|unported|generic|[a-z]{2}\b|igo\b))?)?"
)
_ABBREVIATION = _compile(
    r"\b(?P<commons>cc|creative commons)(?P<gap>[\s:_-]*)(?P<unit>by(?:[\s_-]+(?:nc|nd|sa)(?![a-z]))*)(?![a-z])"
    r"(?:[\s_,-]*v?(?P<version>[1-4](?:\.[0-9])?)(?![0-9]))?"
    r"(?:(?P<join>[\s-])(?P<port>[a-z]{2}|igo|scotland)\b)?"
)
_BARE_UNIT = _compile(r"^by(?:(?:[\s_-]+(?:nc|nd|sa))+(?:[\s_-]+[1-4]\.[0-9])?|[\s_-]+[1-4]\.[0-9])$")

_CLAIMS: tuple[tuple[re.Pattern[str], Statement], ...] = (
    (
        _compile(
            r"(?:public[ -]domain|\bPD)\b[\s,(-]*(?:only )?(?:when viewed )?(?:(?:with)?in )?(?:the )?"
            r"(?:united states|usa\b|us\b|u\.s\.(?:a\.)?)|\b(?:us|u\.s\.|united states) public domain"
        ),
        _IN_THE_US,
    ),
    (
        _compile(r"\bworks? of the (?:united states|u\.?s\.?)(?: federal)? government"),
        BY_WORD["us government work"],
    ),
    (_compile(r"\bno copyright\s*[-–—]\s*united states"), _IN_THE_US),
    (_compile(r"\bno copyright\s*[-–—]\s*non-?commercial use only"), BY_WORD["noc nc 1.0"]),
    (_compile(r"\bno copyright\s*[-–—]\s*(?:contractual|other known legal) restrictions"), BY_WORD["noc cr 1.0"]),
    (
        _compile(
            r"\bno known (?:copyright|rights?\b|restrictions)(?: restrictions?)?|\bknows of no copyright"
            r"|unaware of any copyright|not aware of any copyright|free of known (?:copyright )?restrictions"
        ),
        _NO_KNOWN,
    ),
    (
        _compile(
            r"\bnot in copyright\b|\bno longer (?:under|in|protected by) copyright(?: protection)?"
            r"|\bcopyright (?:has |is )?expired"
            rf"|\bno copyright\b(?! (?:holder|information|statement|notice|status|data|evaluat))|\b{_PUBLIC_DOMAIN}"
        ),
        CLAIMED,
    ),
    (
        _compile(
            r"\bcopyright (?:status )?(?:is )?(?:unknown|undetermined|unclear|not evaluated|not determined|unevaluated)"
            r"|\bnot provided\b|\bundetermined\b|\bcontact (?:the )?(?:holding|host|owning) institution"
        ),
        _UNSURE,
    ),
    (
        _compile(
            r"\ball rights? reserved|\b(?<!some )(?<!no )rights reserved\b|\b(?:still |is |are )?in copyright\b"
            r"|\balle rechten? (?:vorbehalten|voorbehouden)|\btous droits r[ée]serv[ée]s"
            r"|\btodos los derechos reservados|\btutti i diritti riservati|\bpermission to digiti[sz]e"
            r"|\burheberrechtlich gesch[üu]tzt"
            r"|\bprot[ée]g[ée]e?s? par le droit d['’]auteur|\b(?:protected by|under|subject to) (?:\w+ )?copyright"
            r"|\bcopyrighted\b|\bpermission (?:to \w+(?: or \w+)? )?(?:is |must be )?(?:required|obtained)"
        ),
        _CLOSED,
    ),
    (
        _compile(
            r"\bnon-?commercial|\bpersonal use|\bprivate (?:study|use)|\bprivate or personal"
            r"|\bresearch,? (?:teaching|and) (?:and )?private|\beducational (?:use|purposes)"
        ),
        TERMS,
    ),
    (_compile(r"©|\(c\)\s|(?:^|[.;|:]\s*)copyright\b"), NOTICE),
)

_BEFORE = _compile(r"\b(?:before|prior to|until|up to)\b[^.;]{0,20}\b1[5-9][0-9]{2}")
_AFTER = _compile(r"\b(?:after|since|from|later than)\b[^.;]{0,20}\b(?:1[5-9]|20)[0-9]{2}")
_PARTS = _compile(
    r"\b(?:except(?:ing)?|excluding|with the exception|other than|otherwise (?:noted|stated|indicated|specified))\b"
    r"|\b(?:some|certain|most|many|not all|portions?|parts?)\s+(?:of\s+)?(?:the\s+|these\s+|this\s+|our\s+)?"
    r"(?:works?|items?|images?|photos?|photographs?|materials?|contents?|collections?|records?|pages?)\b"
)


def read_prose(text: str) -> list[Statement]:
    """Every statement a text makes, each phrase read once; empty where it makes none."""
    rest, found = text, []
    for pattern, statement in _TAKEN_BACK:
        rest, count = pattern.subn(" ; ", rest)
        found += [statement] * bool(count)
    rest, licenses = _licenses(rest)
    found += licenses
    for pattern, statement in _CLAIMS:
        rest, count = pattern.subn(" ; ", rest)
        found += [statement] * bool(count)
    opens = [statement for statement in found if statement.tier not in ("unknown", "closed")]
    if opens and (_PARTS.search(text) or (_BEFORE.search(text) and _AFTER.search(text)) or _UNSURE in found):
        return [_REVIEW]
    return found


def _licenses(text: str) -> tuple[str, list[Statement]]:
    found: list[Statement] = []
    for pattern, name in _NAMED:
        text, count = pattern.subn(" ; ", text)
        found += [BY_WORD[_SHORT.get(name, name)]] * bool(count)

    def open_government(match: re.Match[str]) -> str:
        version = match[1] or match[2]
        found.append(BY_WORD[f"ogl uk {version}.0" if version else "ogl uk unversioned"])
        return " ; "

    def creative_commons(match: re.Match[str]) -> str:
        statement = _abbreviated(match, text) if "unit" in match.re.groupindex else _labelled(match)
        if statement is None:
            return match[0]
        found.append(statement)
        return " ; "

    text = _OPEN_GOVERNMENT.sub(open_government, text)
    if _BARE_UNIT.match(text):
        text = f"CC {text}"
    text = _ABBREVIATION.sub(creative_commons, text)
    return _LABEL.sub(creative_commons, text), found


def _abbreviated(match: re.Match[str], text: str) -> Statement | None:
    """ "CC BY-SA 4.0"; but "sent cc by post" is no licence."""
    by = match["unit"][:2]
    loose = match["gap"].isspace() and by.islower() and match["unit"] == by and not match["version"]
    if loose and match[0] != text:
        return None
    version, port = match["version"], match["port"]
    if version and "." not in version:
        version += ".0"
    if port and not (port.isupper() or match["join"] == "-" or match.end() == len(text)):
        port = None
    elements = frozenset(re.split(r"[\s_-]+", match["unit"].casefold()))
    return license_for(elements, version, port and port.casefold())


def _labelled(match: re.Match[str]) -> Statement | None:
    """ "Attribution-NonCommercial 4.0 International"; but "attribution required" is no licence."""
    words = match["words"].casefold()
    elements = frozenset(name for name, pattern in _WORDS.items() if re.search(pattern, words))
    named = match["commons"] or match["version"] or ("by" in elements and len(elements) > 1)
    if not named:
        return None
    port = (match["port"] or "").casefold()
    return license_for(elements | {"by"}, match["version"], port or None)
