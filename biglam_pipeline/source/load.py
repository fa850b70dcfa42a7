"""Reads sources files: all faults at once, with line and nearest known key; a broken entry hides no other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from biglam_pipeline.collecting import held_off
from biglam_pipeline.environment import HUB_OWNER
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.secrecy import without_secrets
from biglam_pipeline.settings import meant_among
from biglam_pipeline.source.controls import controls_in, shown
from biglam_pipeline.source.cutting import Chunk, cut
from biglam_pipeline.source.disclosure import disclosed
from biglam_pipeline.source.entry import Source
from biglam_pipeline.source.faults import PRIVATE, faults_of, key_fault, known_keys, place_among, words_of_the_language
from biglam_pipeline.source.including import files_of, has_more, take_out
from biglam_pipeline.source.layers import future_days
from biglam_pipeline.source.origins import PREFIX, Waiting, as_its_origins, faults_with, named_in, why_waiting
from biglam_pipeline.source.tables import read_tables
from biglam_pipeline.source.today import latest_day
from biglam_pipeline.source.yaml_text import Tree, parse


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that the sources files say: the entries that are whole, and what is wrong with the others."""

    sources: dict[str, Source]
    bases: dict[str, Path]
    """Source -> folder of the sources file that was named, also of an entry in a file that it includes: an entry can be
    moved to another file, and its `file:` addresses, its card and its takedowns are where they were."""
    faults: dict[str, tuple[str, ...]]
    """Entry (or file) -> its faults, each `file:line: entry.key: what is wrong; what to do`."""

    def get(self, name: str) -> Source:
        """One source by name; ConfigError with its faults, or with the nearest name that there is."""
        if name in self.faults:
            raise ConfigError(*self.faults[name])
        if name not in self.sources:
            hint = meant_among(name, {*self.sources, *self.faults}, "biglam status")
            raise ConfigError(f"there is no source `{name}`; {hint}")
        return self.sources[name]

    def strict(self) -> "Catalog":
        """Itself where nothing is wrong; ConfigError with every fault otherwise."""
        if self.faults:
            raise ConfigError(*(fault for faults in self.faults.values() for fault in faults))
        return self


def load_sources(paths: Sequence[Path], *, today: date | None = None, owner: str = HUB_OWNER) -> Catalog:
    """All entries of all files. Nothing is raised for a broken entry: its faults stand beside the healthy ones.

    today: after which no day can have been that on which somebody looked; by default, that of the clock, wherever on
    earth days begin first. owner: of the repositories that no entry names.
    """
    with held_off():
        return _load(paths, today or latest_day(), owner)


def _load(paths: Sequence[Path], latest: date, owner: str) -> Catalog:
    reading = _Reading(latest)
    for path, base, chunks, of_file in _files(paths):
        if of_file:
            reading.faults.setdefault(path.name, []).extend(of_file)
        for chunk in chunks:
            reading.places.setdefault(chunk.name, []).append(f"{path.name}:{chunk.line}")
            reading.read(chunk, path, base)
    reading.read_what_waits()
    sources, bases, faults = reading.sources, reading.bases, reading.faults
    for name, what in _clashes(sources, reading.places, owner):
        faults.setdefault(name, []).append(what)
    for name, source in sources.items():  # each stands behind what it is made of
        if broken := next((one for one in source.harvest.origins if one in faults), ""):
            what = f"`{broken}`, which it is made of, has faults of its own; mend these first"
            faults.setdefault(name, []).append(f"{reading.places[name][0]}: {name}.harvest: {what}")
    for name in faults.keys() & sources.keys():
        del sources[name], bases[name]
    return Catalog(sources, bases, {name: tuple(wrong) for name, wrong in faults.items()})


@dataclass
class _Reading:
    """What was read so far, entry by entry; what is made of others is read behind them."""

    latest: date
    sources: dict[str, Source] = field(default_factory=dict)
    bases: dict[str, Path] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    _waiting: dict[str, tuple[Chunk, Path, Path, Waiting]] = field(default_factory=dict)

    def read(self, chunk: Chunk, path: Path, base: Path) -> None:
        """One entry."""
        found, wrong = _entry(chunk, path, base, self.latest, self._known(chunk))
        if isinstance(found, Waiting):
            self._waiting[chunk.name] = chunk, path, base, found
        elif found is not None:
            self.sources[chunk.name], self.bases[chunk.name] = found, base
        if wrong:
            self.faults.setdefault(chunk.name, []).extend(wrong)

    def _known(self, chunk: Chunk) -> dict[str, tuple[Source, Path]]:
        """What it may be made of; a thousand entries are made of none."""
        if PREFIX not in chunk.text:
            return {}
        return {name: (one, self.bases[name]) for name, one in self.sources.items()}

    def read_what_waits(self) -> None:
        """Those that are made of others, once these are there; what never comes is a fault."""
        while ready := [name for name, one in self._waiting.items() if self.sources.keys() >= {*one[3].names}]:
            for name in ready:
                self.read(*self._waiting.pop(name)[:3])
        left = {name: one[3] for name, one in self._waiting.items()}
        for name, (chunk, path, _, _) in self._waiting.items():
            why = why_waiting(name, left, [*self.sources, *left], list(self.faults))
            line = parse(chunk, words_of_the_language()).lines.get(("harvest",), chunk.line)
            self.faults.setdefault(name, []).append(f"{path.name}:{line}: {name}.harvest: {why}")


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path, list[Chunk], list[str]]]:
    """Each file once, and behind it those that it includes: its path, the folder that counts for its entries, what it
    holds, and what is wrong with it outside of them.
    """
    met: set[Path] = set()
    for first in paths:
        base, waiting = first.resolve().parent, [first]
        while waiting:
            path = waiting.pop(0)
            if path.resolve() in met:
                continue
            met.add(path.resolve())
            text, unreadable = _text(path)
            if unreadable:
                yield path, base, [], [unreadable]
                continue
            rest, patterns, around = take_out(text)
            included, missing = _included(path, patterns)
            chunks, wrong = cut(rest, known_keys(())) if not patterns or has_more(rest) else ([], [])
            waiting[:0] = included
            yield (
                path,
                base,
                chunks,
                [f"{path.name}:{line}: {what}" for line, what in sorted([*around, *missing, *wrong])],
            )


def _included(path: Path, patterns: Sequence[tuple[int, str]]) -> tuple[list[Path], list[tuple[int, str]]]:
    found: list[Path] = []
    faults: list[tuple[int, str]] = []
    for line, pattern in patterns:
        try:
            found += files_of(path.parent, pattern)
        except ValueError as cause:
            faults.append((line, str(cause)))
    return found, faults


def _clashes(sources: dict[str, Source], places: dict[str, list[str]], owner: str) -> Iterator[tuple[str, str]]:
    """Entries that want the same name, the same asset key or the same repository."""
    for name, where in places.items():
        if len(where) > 1:
            yield name, f"{where[0]}: {name}: {' and '.join(where[1:])} has this name too; rename all but one"
    keys: dict[str, str] = {}
    homes: dict[str, list[str]] = {}
    for name, source in sources.items():
        other = keys.setdefault(source.key, name)
        if other != name:
            what = f"`{other}` at {places[other][0]} is the same name to Dagster, which takes no hyphen; rename one"
            yield name, f"{places[name][0]}: {name}: {what}"
        # The Hub tells no two names apart by the case of their letters.
        homes.setdefault((source.publish.repository or f"{owner}/{name}").casefold(), []).append(name)
    for names in homes.values():
        if len(names) > 1:
            yield from _one_home(names, sources, places, owner)


def _one_home(
    names: list[str], sources: dict[str, Source], places: dict[str, list[str]], owner: str
) -> Iterator[tuple[str, str]]:
    """Entries that lead to one repository, by name or by default: a fault of each, since none is the right one."""
    for name in names:
        others = " and ".join(f"`{one}` at {places[one][0]}" for one in names if one != name)
        said = sources[name].publish.repository
        place = f"{name}.publish.repository" if said else name
        home = f"{said}" if said else f"{owner}/{name} by default (BIGLAM_HUB_OWNER and the entry's name)"
        what = f"it is published as {home}, and so is {others}: each would delete the other's rows"
        remedy = "write another `publish: {repository: OWNER/NAME}` for all but one"
        yield name, f"{places[name][0]}: {place}: {what}; {remedy}"


def _text(path: Path) -> tuple[str, str]:
    """The text of a file, or why there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        wide = text.count("\0") > len(text) // 3
        return (text, "") if not wide else ("", f"{path}:1: is UTF-16 or UTF-32, not UTF-8; save the file as UTF-8")
    except FileNotFoundError:
        return "", f"{path}:1: there is no such file; write it, or name another in BIGLAM_SOURCES"
    except OSError as cause:
        return "", f"{path}:1: cannot be read ({cause.strerror}); name a file in BIGLAM_SOURCES"
    except UnicodeDecodeError as cause:
        line = cause.object[: cause.start].count(b"\n") + 1
        return "", f"{path}:{line}: is not UTF-8 here ({cause.reason}); save the file as UTF-8"


def place_of(source: Source, steps: Sequence[str | int]) -> str:
    """`file:line: entry.key` of a place in an entry; of a key that is not written, the nearest above it.

    steps: the keys that lead there, with those that only the model makes.
    """
    path = Path(source.file)
    text, _ = _text(path)
    chunk = next((one for one in cut(text, known_keys(()))[0] if one.line == source.line), None)
    lines = parse(chunk).lines if chunk else {}
    place = place_among(steps, lines)
    return f"{path.name}:{lines.get(place, source.line)}: {'.'.join([source.name, *map(str, place)])}"


def _to_come(source: Source, tree: Tree, chunk: Chunk, latest: date) -> Iterator[tuple[int, str, str]]:
    """Days on which somebody is said to have looked, and which have not come yet."""
    days: list[tuple[tuple[tuple[str | int, ...], ...], date]] = [
        ((("rights", number, "checked"), ("rights", "checked"), ("rights",), ()), day)
        for number, day in future_days(source.rights, latest)
    ]
    if source.harvest.leave and source.harvest.leave.checked > latest:
        days.append(((("harvest", "robots", "checked"), ("harvest",), ()), source.harvest.leave.checked))
    for places, day in days:
        place = next(place for place in places if place in tree.lines or not place)
        line = tree.lines[place] if place else chunk.line
        what = f"{day} is to come, and is no day on which somebody looked; write the day on which the page was read"
        yield line, ".".join([chunk.name, *map(str, place)]), what


def _entry(
    chunk: Chunk, path: Path, base: Path, latest: date, known: Mapping[str, tuple[Source, Path]]
) -> tuple[Source | Waiting | None, list[str]]:
    """The entry, and its faults. known: entries that it may be made of; Waiting where others are named."""
    tree = parse(chunk, words_of_the_language())
    reported = [(flaw.line, ".".join([chunk.name, *map(str, flaw.path)]), flaw.what) for flaw in tree.flaws]
    source = None
    if isinstance(tree.data, dict):
        origins, data = named_in(tree.data), tree.data
        if not known.keys() >= {*origins}:
            return Waiting(origins), []
        if origins:
            data, mixed = as_its_origins(data, [known[one][0] for one in origins])
            reported += [(tree.lines.get(steps, chunk.line), f"{chunk.name}.{steps[0]}", what) for steps, what in mixed]
        for key in sorted(PRIVATE & tree.data.keys()):
            reported.append((tree.lines[(key,)], f"{chunk.name}.{key}", key_fault(key)))
            del data[key]
        secrets = list(disclosed(tree, chunk))
        reported += [*secrets, *controls_in(tree, chunk)]
        missing = read_tables(data, base)
        reported += [
            (tree.lines.get(at, chunk.line), ".".join([chunk.name, *map(str, at)]), why) for at, why in missing
        ]
        if missing:
            return None, [f"{path.name}:{line}: {place}: {what}" for line, place, what in sorted(reported)]
        try:
            source = Source(**data, name=chunk.name, line=chunk.line, file=str(path))
            source.knows({one: known[one] for one in origins})
            for steps, what in faults_with(source):
                place = place_among(steps, tree.lines)
                reported.append((tree.lines.get(place, chunk.line), ".".join([chunk.name, *map(str, place)]), what))
            reported += _to_come(source, tree, chunk, latest)
        except ValidationError as error:
            said = {what for _, _, what in secrets}
            reported += [fault for fault in faults_of(error, tree, chunk) if fault[2] not in said]
    wrong = [f"{path.name}:{line}: {place}: {what}" for line, place, what in sorted(dict.fromkeys(reported))]
    return (None if wrong else source), [shown(without_secrets(what)) for what in wrong]
