"""Which entries is an entry made of? Their order, what is wrong with a name, and what follows for rows and rights."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from biglam_pipeline.patterns import expand
from biglam_pipeline.settings import nearest
from biglam_pipeline.source.layers import uncovered, words_for_uncovered

if TYPE_CHECKING:
    from biglam_pipeline.source.entry import Source
    from biglam_pipeline.source.rights import Rights

PREFIX = "source:"
STATEMENTS = ("$rights_name", "$rights_uri", "$rights")
"""Where a row of another source says its own rights: as they were recognised there."""
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
Fault = tuple[tuple[str | int, ...], str]
"""The keys that lead to a place in an entry, and what is wrong there."""


class Waiting(NamedTuple):
    """Entries that an entry is made of and that were not read yet."""

    names: tuple[str, ...]


def named_in(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The entries that an entry names, as it is written; empty where it is made of none, or something is no name."""
    harvest = data.get("harvest")
    found = harvest.get("url") if isinstance(harvest, dict) else harvest
    several = found if isinstance(found, list) else [found]
    texts = [one.strip() for one in several if isinstance(one, str)]
    try:
        names = [name for one in texts if one.startswith(PREFIX) for name in expand(one.removeprefix(PREFIX))]
    except ValueError:
        return ()
    return tuple(names) if all(map(_NAME.fullmatch, names)) else ()


def as_its_origins(data: Mapping[str, Any], origins: Sequence["Source"]) -> tuple[dict[str, Any], list[Fault]]:
    """The entry with the modality of what it is made of in each READ that says none; where they differ, a fault."""
    found = sorted({modality for one in origins for modality in one.modalities})
    reads = data.get("normalize", {})
    several = reads if isinstance(reads, list) else [reads]
    blocks = [{"type": one} if isinstance(one, str) else one for one in several]
    bare = [one for one in blocks if isinstance(one, dict) and not {"modality", "image"} & one.keys()]
    if len(found) > 1 and bare:
        said = f"its sources have rows of modality {' and '.join(found)}; write which: modality: {found[0]}"
        return dict(data), [(("normalize",), said)]
    made = [{**one, "modality": found[0]} if any(one is other for other in bare) else one for one in blocks]
    return {**data, "normalize": made if isinstance(reads, list) else made[0]}, []


def closed_with(origins: Sequence["Source"]) -> list[str]:
    """Why nobody may see an entry that is made of these."""
    return [f"{one.name}, which it is made of, is closed: {why}" for one in origins for why in one.closed_because]


def wrong_rights(layers: Sequence["Rights"], origins: Sequence[str]) -> Iterator[Fault]:
    """A statement for all rows would stand over those that they bring along. origins: what it is made of, if any."""
    for number, layer in enumerate(layers if origins else ()):
        if layer.from_ not in STATEMENTS:
            said = f"rows of `{PREFIX}NAME` carry their own statement; write {{from: $rights_name, accept: [pd, by]}}"
            yield (number, "license" if layer.license else "from"), said


_COME_ALONG = {
    "id": "a row is called NAME:ID, as it is there, and by that what is taken down there is kept out here",
    "attribution": "whom to credit comes along with a row, since its licence may ask for it",
}
"""Columns that a derived entry has of the rows that it is made of, and why."""


def faults_with(source: "Source") -> Iterator[Fault]:
    """What an entry may not do with the rows of others: call them otherwise, or publish what their rights do not cover.

    A licence of descriptions opens no texts and no pictures, and that of a row does not say of what it is.
    """
    for number, reader in enumerate(source.normalize if source.made_of else ()):
        for name in sorted(_COME_ALONG.keys() & reader.map.values.keys()):
            yield ("normalize", number, "map", name), f"`{name}` cannot be mapped: {_COME_ALONG[name]}; leave it out"
    for origin in all_behind(source):
        if bare := uncovered(origin.rights, source.parts):
            yield ("rights",), f"`{origin.name}`, which it is made of: {words_for_uncovered(bare)}"


def all_behind(source: "Source") -> list["Source"]:
    """All entries whose rows it has, by others too."""
    found: dict[str, Source] = {}
    for origin, _ in source.made_of.values():
        found |= {one.name: one for one in (origin, *all_behind(origin))}
    return list(found.values())


def why_waiting(name: str, waiting: Mapping[str, Waiting], known: Sequence[str], faulty: Sequence[str]) -> str:
    """What is wrong with an entry that waits for others which never come."""
    unknown = [one for one in waiting[name].names if one not in known and one not in faulty]
    if unknown:
        near = nearest(unknown[0], [one for one in (*known, *faulty) if one != name])
        hint = f"did you mean `{PREFIX}{near}`?" if near else "write the key of another entry of this file"
        return f"there is no source `{unknown[0]}`; {hint}"
    if circle := _circle(name, waiting):
        return f"it is made of itself: {' of '.join(circle)}; take one of them out of `harvest`"
    broken = next(one for one in waiting[name].names if one in waiting or one in faulty)
    return f"`{broken}`, which it is made of, has faults of its own; mend these first"


def _circle(name: str, waiting: Mapping[str, Waiting]) -> list[str]:
    """The way from an entry back to it, each of the next; empty where there is none."""
    ways, met = [[name]], {name}
    while ways:
        way = ways.pop()
        for following in waiting[way[-1]].names:
            if following == name:
                return [*way, name]
            if following in waiting and following not in met:
                met.add(following)
                ways.append([*way, following])
    return []


def in_order(sources: Sequence["Source"]) -> list["Source"]:
    """The same, each behind those of them that it is made of, by others too; else as they were."""
    wanted, met = {one.name for one in sources}, set[str]()
    ordered: dict[str, Source] = {}

    def put(one: "Source") -> None:
        if one.name not in met:
            met.add(one.name)
            for origin, _ in one.made_of.values():
                put(origin)
            if one.name in wanted:
                ordered[one.name] = one

    for one in sources:
        put(one)
    return list(ordered.values())


def steps_behind(source: "Source") -> int:
    """How many sources stand behind each other up to it: 0 for one that is made of none."""
    return max((1 + steps_behind(origin) for origin, _ in source.made_of.values()), default=0)


def made_of_it(sources: Iterable["Source"], name: str) -> list[str]:
    """The names of those that read the rows of a source, by others too, in the order in which they run."""
    found = list[str]()
    for one in in_order([*sources]):
        if one.made_of.keys() & {name, *found}:
            found.append(one.name)
    return found
