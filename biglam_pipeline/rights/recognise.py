"""Which rights statement a record's values make, and how free it leaves the record."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from biglam_pipeline.rights.addresses import addresses, read_address
from biglam_pipeline.rights.beside import Beside, fold_statement
from biglam_pipeline.rights.prose import NOTICE, TERMS, read_prose
from biglam_pipeline.rights.table import BY_WORD, CLAIMED, Statement, nothing, word_key
from biglam_pipeline.rights.tiers import TIERS, rank

__all__ = ["Statement", "recognise"]

_NOTHING = Beside()

_TAG = re.compile(r"<[^<>]*>")
_LICENSED = frozenset({"by", "sa", "nc", "nd"})


def recognise(values: str | Sequence[str], beside: Beside = _NOTHING) -> Statement:
    """The statement that one or more values make together; never an exception.

    Of several the most restrictive counts, and `problem` names those that disagree. What cannot be read is
    tier "unknown", also beside something that can: it may be the half that forbids.
    """
    several = (values,) if isinstance(values, str) else tuple(values)
    read = {fold_statement(value): found for value, found in beside.statements}
    return _recognise_all(tuple(_as_read(value, read) for value in several))


def _as_read(value: str, read: dict[str, str]) -> str:
    """What a person read in the whole value, where the program reads nothing that closes."""
    found = read.get(fold_statement(value)) if read else None
    return found if found and recognise(value).tier in {"review", "unknown"} else value


@lru_cache(maxsize=65_536)
def _recognise_all(values: tuple[str, ...]) -> Statement:
    found = [statement for statement in map(_recognise_one, values) if statement is not None]
    return _together(found) if found else nothing("no statement")


@lru_cache(maxsize=65_536)
def _recognise_one(value: str) -> Statement | None:
    """None for an empty value."""
    text = unicodedata.normalize("NFKC", html.unescape(value)).strip()
    key = word_key(text)
    if not key:
        return None
    if key in BY_WORD:
        return BY_WORD[key]
    found_addresses, rest = addresses(text)
    found = [statement for statement in map(read_address, found_addresses) if statement is not None]
    # Europeana was sent ".../licenses/©%20DEXTRA%20Photo/3.0/": the notice is in the address.
    if not found and any("©" in unquote(address) for address in found_addresses):
        found.append(NOTICE)
    prose = " ".join(_TAG.sub(" ", rest).replace("_", " ").split())
    known = BY_WORD.get(word_key(prose))
    found += [known] if known else read_prose(prose)
    if not found:
        return nothing(f"not recognised: {key[:80]}")
    return _together(found)


def _together(found: list[Statement]) -> Statement:
    kept = _distinct(_without_echoes(found))
    worst = max(kept, key=lambda statement: (rank(statement.tier), TIERS.index(statement.tier)))
    if len(kept) == 1:
        return worst
    names = "; ".join(statement.problem or statement.name for statement in kept)
    return replace(worst, problem=f"two statements disagree: {names}")


def _without_echoes(found: list[Statement]) -> list[Statement]:
    """Drops what repeats or accompanies another statement instead of contradicting it."""
    tiers = {statement.tier for statement in found}
    versioned = {statement.family for statement in found if not _is_unversioned(statement)}

    def echoes(statement: Statement) -> bool:
        if statement == NOTICE:  # who licenses holds the copyright: the Science Museum sends both
            return bool(tiers & _LICENSED)
        if statement == TERMS:  # "for non-commercial purposes" explains CC BY-NC, and opens nothing that is closed
            return bool(tiers & {"nc", "nd", "closed"})
        if statement == CLAIMED:  # "public domain" in words beside the mark, the waiver or a jurisdiction
            return bool(tiers & {"pd", "pd-us"})
        return _is_unversioned(statement) and statement.family in versioned

    return [statement for statement in found if not echoes(statement)]


def _is_unversioned(statement: Statement) -> bool:
    return statement.license_name.endswith("-unversioned")


def _distinct(found: Iterable[Statement]) -> list[Statement]:
    """One of each; a statement with an address stands for the same one claimed in words."""
    kept: dict[tuple[str, str], Statement] = {}
    for statement in found:
        key = (statement.tier, statement.license_name or statement.hf_license or statement.tier)
        if key not in kept or (statement.uri and not kept[key].uri):
            kept[key] = statement
    return list(kept.values())
