"""Which rights statement a record's values make, and how free it leaves the record.

What is not understood closes: every word of a value must belong to a statement, or be harmless beside one. A word that
is left makes the value `unknown`, with that word as the reason, unless something stricter was found in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from biglam_pipeline.rights.beside import EMPTY, Beside, fold_statement
from biglam_pipeline.rights.reading import ACCESS, NOTICE, REVIEW, Left, Reading, read
from biglam_pipeline.rights.table import CLAIMED, Statement, nothing
from biglam_pipeline.rights.tiers import TIERS, rank

__all__ = ["Beside", "Statement", "recognise"]

_LICENSED = frozenset({"by", "sa", "nc", "nd"})
_BOUND = frozenset({"nc", "nd", "closed"})
_MOST_UNREAD = 60
"""More words than this are not repeated to people."""


def recognise(values: str | Sequence[str], beside: Beside = EMPTY) -> Statement:
    """The statement that one or more values make together; never an exception.

    Of several the most restrictive counts, and `problem` names those that disagree. What cannot be read is
    tier "unknown", also beside something that can: it may be the half that forbids. `beside` is looked at only
    where a value leaves words over, or where a person has read it.
    """
    given = (values,) if isinstance(values, str) else tuple(values)
    if beside == EMPTY or not any(map(_needs_more, given)):
        return _by_themselves(given)
    return _together([_settle(read(value), value, beside) for value in given])


def _needs_more(value: str) -> bool:
    """May what is known beside a value change its reading?"""
    alone = _alone(value)
    return alone is not None and (bool(read(value).left) or alone.tier in ("review", "unknown"))


@lru_cache(maxsize=65_536)
def _by_themselves(values: tuple[str, ...]) -> Statement:
    return _together([_alone(value) for value in values])


@lru_cache(maxsize=65_536)
def _alone(value: str) -> Statement | None:
    return _settle(read(value), value, EMPTY)


def _settle(reading: Reading, value: str, beside: Beside) -> Statement | None:
    """The statement of one value with what is known beside it; None for one that says nothing."""
    if reading.empty:
        return None
    left = _still_left(reading, beside)
    statement = _statement(reading, left)
    if statement.tier in ("review", "unknown"):
        statement = _as_a_person_read(statement, reading, value, beside)
    return replace(statement, until=reading.until) if reading.until else statement


def _still_left(reading: Reading, beside: Beside) -> list[Left]:
    left = [*reading.left, *(Left(f"{element} said in words", "condition") for element in _unsaid(reading))]
    if not left or beside == EMPTY:
        return left
    named: set[int] = set()
    if beside.names and any(one.kind in ("word", "term") for one in left):
        named = beside.spans(reading.words)
        # A name that is only a word of use ("Private", a title) says no more than the word.
        named -= {
            index for index in named if index in reading.terms and not {index - 1, index + 1} & (named - reading.terms)
        }
    return [one for one in left if not _is_harmless(one, named, beside)]


def _unsaid(reading: Reading) -> list[str]:
    """Elements that a sentence adds and no licence of the value has."""
    licences = [found for found in reading.found if found != NOTICE]
    has = {element for found in licences for element in found.family.split("-")} | {found.tier for found in licences}
    if "closed" in has:
        return []
    return sorted(reading.elements - has)


def _is_harmless(left: Left, named: set[int], beside: Beside) -> bool:
    if left.kind in ("word", "term"):
        return left.index in named
    if left.kind == "address":
        return left.host in {host.removeprefix("www.") for host in beside.hosts}
    if left.kind == "date":
        return beside.retrieved is not None and left.day is not None and left.day < beside.retrieved
    return False


def _statement(reading: Reading, left: list[Left]) -> Statement:
    found = reading.found
    together = _together(found) if found else None
    if together is not None and together.tier == "closed":
        return together
    if left:
        unread = tuple(one.words for one in left[:_MOST_UNREAD])
        said = "not understood" if found else "not recognised"
        return replace(nothing(f"{said}: {' '.join(unread)[:120]}"), unread=unread)
    if together is None:
        spoken = " ".join(reading.words)[:80]
        named = any(one.kind == "word" for one in reading.left)
        return ACCESS if reading.neutral or named else nothing(f"not recognised: {spoken}".rstrip(": "))
    if together == REVIEW:
        return nothing("an exception is made from a licence that is not named")
    return together


def _as_a_person_read(statement: Statement, reading: Reading, value: str, beside: Beside) -> Statement:
    """What `statements:` says of the whole value, unless that would be freer than a licence found in it."""
    if not beside.statements:
        return statement
    folded = fold_statement(value)
    bound = max((rank(found.tier) for found in reading.found if found.tier in _BOUND), default=0)
    for key, name in beside.statements:
        if fold_statement(key) == folded:
            read_as = _by_themselves((name,))
            if rank(read_as.tier) >= bound:
                return replace(read_as, read_by=(key,))
    return statement


def _together(values: Iterable[Statement | None]) -> Statement:
    found = [statement for statement in values if statement is not None]
    # "openAccess" in one value says nothing of the licence in another.
    speaking = [statement for statement in found if statement.problem != ACCESS.problem] or found
    if not speaking:
        return nothing("no statement")
    kept = _distinct(_without_echoes(speaking))
    worst = max(kept, key=lambda statement: (rank(statement.tier), TIERS.index(statement.tier)))
    days = [statement.until for statement in found if statement.until]
    names = "; ".join(statement.problem or statement.name for statement in kept)
    return replace(
        worst,
        problem=worst.problem if len(kept) == 1 else f"two statements disagree: {names}",
        unread=tuple(word for statement in kept for word in statement.unread),
        read_by=tuple(dict.fromkeys(key for statement in found for key in statement.read_by)),
        until=max(days, default=None),
    )


def _without_echoes(found: list[Statement]) -> list[Statement]:
    """Drops what repeats or accompanies another statement instead of contradicting it."""
    tiers = {statement.tier for statement in found}
    versioned = {statement.family for statement in found if not _is_unversioned(statement)}

    def echoes(statement: Statement) -> bool:
        if statement == NOTICE:  # who licenses holds the copyright: the Science Museum sends both
            return bool(tiers & _LICENSED)
        if statement == CLAIMED:  # "public domain" in words beside the mark, the waiver or a jurisdiction
            return bool(tiers & {"pd", "pd-us", "nkc"})
        return _is_unversioned(statement) and statement.family in versioned

    return [statement for statement in found if not echoes(statement)]


def _is_unversioned(statement: Statement) -> bool:
    return statement.license_name.endswith("-unversioned")


def _distinct(found: Iterable[Statement]) -> list[Statement]:
    """One of each; a statement with an address stands for the same one claimed in words."""
    kept: dict[tuple[str, str, tuple[str, ...]], Statement] = {}
    for statement in found:
        key = (statement.tier, statement.license_name or statement.hf_license or statement.tier, statement.unread)
        if key not in kept or (statement.uri and not kept[key].uri):
            kept[key] = statement
    return list(kept.values())
