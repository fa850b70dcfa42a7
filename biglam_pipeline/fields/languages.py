"""Which languages a record is in, from the codes and names that catalogues use.

Tags are BCP 47, https://www.rfc-editor.org/info/bcp47; MARC codes https://www.loc.gov/marc/languages/.
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial

import langcodes
from langcodes.tag_parser import LanguageTagError
from language_data import names as known_names

from biglam_pipeline.fields.language_names import ADDRESS, BESIDE, COLLECTIVE, ENDING, NAMES, SCRIPTS
from biglam_pipeline.fields.language_sentences import is_prose, said_in_words

SPECIAL = frozenset({"und", "mul", "zxx", "mis"})
"""Codes that name no one language: undetermined, several, none, without a code."""

# MARC codes that were discontinued and mean something else, or nothing, in ISO 639-3: "cam" is Khmer to an old
# catalogue and Cemuhî to a linguist. Only ever applied to MARC records.
_MARC_DISCONTINUED = {
    "cam": "km", "esk": "ypk", "esp": "eo", "eth": "gez", "far": "fo", "fri": "fy", "gae": "gd", "gag": "gl",
    "gal": "om", "gua": "gn", "int": "ia", "iri": "ga", "kus": "kos", "lan": "oc", "lap": "smi", "max": "gv",
    "mla": "mg", "sao": "sm", "scc": "sr", "scr": "hr", "sho": "sn", "snh": "si", "sso": "st", "swz": "ss",
    "tag": "tl", "taj": "tg", "tar": "tt", "tru": "chk", "tsw": "tn",
}  # fmt: skip

# CLDR calls Tagalog Filipino; a library's "tgl" is often older than the name.
_KEPT = {"tl": "tl", "tgl": "tl"}

# "engfre" is two codes; "gibberish" is three in ISO 639-3. A run is made of common ones, and of these.
_RUN_TOGETHER = frozenset(
    {
        "ang",
        "arc",
        "cop",
        "dum",
        "egy",
        "enm",
        "frm",
        "fro",
        "gmh",
        "goh",
        "grc",
        "gsw",
        "mul",
        "nds",
        "non",
        "ota",
        "syr",
    }
)

_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SEPARATORS = re.compile(r"\s*[;,|/\n\r\t]+\s*")
_MARC_RUN = re.compile(r"(?:[a-z]{3}){2,}")
_CODE_AND_NAME = re.compile(r"([A-Za-z]{2,3})\s+(.{3,})", re.DOTALL)
_NAME_AND_CODE = re.compile(r"(.{3,}?)\s*[(\[]([A-Za-z]{2,3})[)\]]", re.DOTALL)
_INVERTED = re.compile(
    r"(?P<name>[^,(]+)[,(]\s*(?P<stage>modern|ancient|ottoman|swiss"
    r"|(?:early |late )?(?:middle|old)(?: high| low)?)\b[^,]*",
    re.IGNORECASE,
)
# "10048776 Japanese" carries a vocabulary's number; "J. niemiecki" is Polish for "German language".
_PREFIX = re.compile(
    r"^(?:(?:and|und|et|&)\s+|iso[\s-]?639(?:-?[1-5])?[bt]?[\s:]+|[0-9]+\s+|j\.\s*|język\s+|jęz\.\s*|in\s+|limba\s+|language:\s*|sprache:\s*)",
    re.IGNORECASE,
)
# "English and French", "Deutsch und Latein": what stands between two names, where each is one.
_AND = re.compile(r"\s+(?:and|und|et|y|e|en|og|och|ja|i|a|и|&|\+)\s+", re.IGNORECASE)
_OTHER = re.compile(r"(.+?)\s*(?:\(other\)|\(autres\)|\(andere\)|,?\s+other)", re.IGNORECASE)
_WITH_SCRIPT = re.compile(
    r"(?P<name>[^()]+?)\s*(?:[\s(]\s*(?P<code>[A-Z][a-z]{3})|\((?P<word>[^()]+?)(?:\s+script)?)\)?"
)
_SPACED = re.compile(r"[a-z]{3}(?:[\s-][a-z]{3})+")
_EXTENDED = frozenset(["ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"])
"""The prefixes of all extended languages (RFC 5646, 2.2.2): https://www.iana.org/assignments/language-subtag-registry"""
_ABSENT = re.compile(
    r"(?:n\.?\s*/?\s*a\.?|none|nil|null|unknown|undefined|undetermined|und(?:[- ].*)?|[-?.]+)", re.IGNORECASE
)


def read_languages(raws: Sequence[str], *, marc: bool = False) -> tuple[list[str], list[str]]:
    """The tags of a record's values, shortest form, each once, in order; and what could not be read.

    "mul" stays only where no part is named; "und" and its like are a problem, not a language. `marc` says that
    the codes are MARC's, where "cam" is Khmer.
    """
    tags: list[str] = []
    problems: list[str] = []
    for raw in raws:
        found, unread = _read(raw, marc)
        tags += found
        problems += unread
    tags = list(dict.fromkeys(tags))
    if len(tags) > 1:
        tags = [tag for tag in tags if tag != "mul"]
    return tags, list(dict.fromkeys(problems))


@lru_cache(maxsize=4096)
def hub_language(tag: str) -> str | None:
    """The ISO 639 code that a dataset card takes for a tag: "sr" for "sr-Latn"; None where no one language is meant."""
    if not _CODE.fullmatch(tag):
        return None
    code = _standard(tag)
    language = _KEPT.get(code) or (code and langcodes.Language.get(code).language)
    if not language or language in SPECIAL or "qaa" <= language <= "qtz":
        return None
    return language


@lru_cache(maxsize=16_384)
def _read(raw: str, marc: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(tags, problems) of one value, which may hold several languages."""
    value = _bare(raw)
    if not value:
        return (), ()
    if _ABSENT.fullmatch(value):
        return (), (f"language not stated: {value[:40]}",)
    if "://" in value:
        return _addressed(value)
    joined = _joined(value, marc)
    if joined:
        return joined, _doubts(value, joined)
    whole = _abbreviated(raw, value) or _one(value, marc) or said_in_words(value, partial(_one, marc=False))
    if whole:
        return whole, _doubts(value, whole)
    parts = [part for part in _SEPARATORS.split(value) if part]
    if len(parts) > 1:
        return _several(value, parts, marc)
    if len(value) == 4 and value.isalpha() and langcodes.Language.make(script=value.title()).is_valid():
        return (), (f"a script, and no language: {value}",)
    value = re.sub(r"[\s-]", "", value) if _SPACED.fullmatch(value) else value
    if _MARC_RUN.fullmatch(value.lower()):
        codes = [value[at : at + 3] for at in range(0, len(value), 3)]
        tags = tuple(_code(code, marc) for code in codes if code.lower() != "und")
        if tags and all(len(tag) == 2 or tag in _RUN_TOGETHER for tag in tags):
            return tags, (f"language not stated: {value[:40]}",) if len(tags) < len(codes) else ()
    return (), (f"language not recognised: {value[:40]}",)


def _abbreviated(raw: str, value: str) -> tuple[str, ...]:
    """ "mhd." is Middle High German, and "mhd" Mbugu: of three letters, the full stop tells a word from a code."""
    known = NAMES.get(_plain(value)) if len(value) == 3 and raw.rstrip(" ;,|/").endswith(".") else None
    return (known,) if known else ()


def _bare(raw: str) -> str:
    """Without what stands around it; a line end divides."""
    value = " ".join(raw.replace("\n", ";").split()).strip(" .;,|/")
    return value[1:-1].strip(" .;,|/") if value[:1] + value[-1:] in ("[]", "()", "{}") else value


def _several(value: str, parts: Sequence[str], marc: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    tags: list[str] = []
    problems: list[str] = []
    spelled = any(len(part) > 3 for part in parts)
    for part in parts:
        found, unread = _read(part, marc)
        # "Griechisch, alt" is no Altai: beside a name, a code is a common one.
        if spelled and len(part) < 4 and any(len(tag) > 2 and tag not in _RUN_TOGETHER for tag in found):
            found, unread = (), (f"language not recognised: {part}",)
        if unread and is_prose(part):
            return (), (f"language not recognised: {value[:40]}",)
        tags += found
        problems += unread
    return tuple(tags), tuple(problems)


def _addressed(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of an address in a vocabulary of languages the code at its end."""
    tags, problems = [], []
    for one in re.split(r"[\s;,|]+", value):
        found = ADDRESS.fullmatch(one)
        tag = _code(found["code"], found["list"] == "languages") if found else ""
        if tag:
            tags.append(tag)
        elif one:
            problems.append(f"language not recognised: {one[:60]}")
    return tuple(tags), tuple(problems)


def _joined(value: str, marc: bool) -> tuple[str, ...]:
    """The languages of "Deutsch und Latein", where each word between is a name of one; else nothing."""
    parts = _AND.split(value)
    if len(parts) < 2 or any(len(part) < 4 for part in parts) or _plain(value) in NAMES:
        return ()
    found = [_one(part, marc) for part in parts]
    return tuple(tag for tags in found for tag in tags) if all(found) else ()


def _plain(value: str) -> str:
    """As `NAMES` has it."""
    return value.casefold().rstrip(". ")


def _doubts(value: str, tags: Sequence[str]) -> tuple[str, ...]:
    """Under any of its names: the value says nothing of a script."""
    is_taken_so = "sr-Latn" in tags and not re.search("lat|лат", value, re.IGNORECASE)
    return ("Serbo-Croatian is read as Serbian in Latin script",) if is_taken_so else ()


def _one(value: str, marc: bool) -> tuple[str, ...]:
    """The languages of a value without separators, or of a name that contains a comma; empty if none."""
    value = value.strip("[]() ") if value[:1] in "[(" else value
    tag = NAMES.get(_plain(value)) if len(value) > 3 or value.endswith(".") else ""
    tag = tag or _code(value, marc)
    if tag:
        return (tag,)
    other = _OTHER.fullmatch(value)
    if other:
        code = COLLECTIVE.get(other[1].casefold())
        return (code,) if code else ()
    written = _WITH_SCRIPT.fullmatch(value)
    script = (written["code"] or SCRIPTS.get((written["word"] or "").casefold(), "")) if written else ""
    if written and script and _scripted(written["name"].strip(), script, marc):
        return (_scripted(written["name"].strip(), script, marc),)
    inverted = _INVERTED.fullmatch(value)
    if inverted:
        tag = _name(f"{inverted['stage']} {inverted['name']}")
        return (tag,) if tag else ()
    if _SEPARATORS.search(value):
        return ()
    coded = _CODE_AND_NAME.fullmatch(value) or _NAME_AND_CODE.fullmatch(value)  # "eng English", "English (eng)"
    if coded and _NAME_AND_CODE.fullmatch(value):
        return (_name(coded[1]),) if _code(coded[2], marc) and _code(coded[2], marc) == _name(coded[1]) else ()
    if coded and _code(coded[1], marc) and _code(coded[1], marc) == _name(coded[2]):
        return (_name(coded[2]),)
    bare = _PREFIX.sub("", value)
    if bare != value and _code(bare, marc):
        return (_code(bare, marc),)
    return _names(bare)


def _scripted(name: str, script: str, marc: bool) -> str:
    """A language in a script, "zh Hans", "Serbian (Latin)"; "" where it is none."""
    language = _code(name, marc) or _name(name)
    return _standard(f"{language}-{script}") if language and "-" not in language else ""


def _code(value: str, marc: bool) -> str:
    """The tag of a code; "" where it is none. "en:GB" and "en_GB" are codes too."""
    code = value.replace(":", "-").replace("_", "-")
    if not _CODE.fullmatch(code):
        return ""
    if marc:
        code = _MARC_DISCONTINUED.get(code.lower(), code)
    return _standard(code)


def _standard(code: str) -> str:
    if code.lower() in _KEPT:
        return _KEPT[code.lower()]
    try:
        tag = langcodes.standardize_tag(code)
        known = langcodes.Language.get(tag)
        return tag if known.is_valid() and tag != "und" and not _is_a_pair(known) else ""
    except LanguageTagError:
        return ""


def _is_a_pair(known: langcodes.Language) -> bool:
    """ "eng-fre" is two languages: only some codes may stand behind another, and none that has two letters."""
    behind = known.extlangs or []
    return any(known.language not in _EXTENDED or len(langcodes.standardize_tag(one)) < 3 for one in behind)


def _name(value: str) -> str:
    """The tag of a language's name in any language; "" where it is none."""
    if _plain(value) in NAMES:
        return NAMES[_plain(value)]
    if len(value.strip("-_.' ")) < 3 and value.isascii():  # there are languages called "A" and "En"
        return ""
    if not value.isprintable():  # the look-up's trie fails on control characters
        return ""
    try:
        tag = str(langcodes.find(value))
    except LookupError:
        return ""
    if not _is_whole(value):
        return ""
    return _standard(tag) if tag not in SPECIAL - {"mul", "zxx"} else ""


def _is_whole(value: str) -> bool:
    """Whether all of it is the name: the look-up takes "kein Text" for Kein, which is spoken in New Guinea, and "Music"
    for Musi, by their first letters. Left over may be an ending, words such as "language", years and a country.
    """
    name = known_names.normalize_name(value)
    trie = known_names.TRIES["und/name_to_language"]
    known = max(trie.prefixes(name), key=len, default="")
    rest = name[len(known) :]
    glued, _, beside = rest.partition(" ") if not rest.startswith(" ") else ("", "", rest)
    if glued and not (ENDING.fullmatch(glued) or (known.endswith("sch") and re.fullmatch("e[nrs]?", glued))):
        return False
    rest = f" {beside}" if beside.strip() else ""
    if not rest:
        return True
    if not rest.startswith((" ", "-")) or len(known) < 4:
        return False
    left = " ".join(word for word in rest.split() if not BESIDE.fullmatch(word.strip(".:;")))
    return not left or _is_named("territory", left) or _is_named("language", left)


def _is_named(kind: str, name: str) -> bool:
    known_names.name_to_code(kind, name)
    return known_names.normalize_name(name) in known_names.TRIES[f"und/name_to_{kind}"]


def _names(value: str) -> tuple[str, ...]:
    """ "French Antiqua" is French, but "Latin French" is two languages, of which the look-up would see one."""
    tag = _name(value)
    if not tag:
        return ()
    if _is_named("language", value):
        return (tag,)  # "Ottoman Turkish" is one
    words = [_name(word) if len(word) > 3 else "" for word in re.split(r"[\s-]+", value)]
    if len(words) > 1 and all(words) and words[0] == tag:
        return tuple(words)
    return (tag,)
