"""Reads sources files: all faults at once, with line and nearest known key; a broken entry hides no other."""

import difflib
import typing
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.source.entry import Source
from biglam_pipeline.source.yaml_text import Chunk, Tree, cut, parse


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that the sources files say: the entries that are whole, and what is wrong with the others."""

    sources: dict[str, Source]
    bases: dict[str, Path]
    """Source -> folder of the file that it stands in; `file:` addresses are relative to it."""
    faults: dict[str, tuple[str, ...]]
    """Entry (or file) -> its faults, each `file:line: entry.key: what is wrong; what to do`."""

    def get(self, name: str) -> Source:
        """One source by name; ConfigError with its faults, or with the nearest name that there is."""
        if name in self.faults:
            raise ConfigError(*self.faults[name])
        if name not in self.sources:
            near = difflib.get_close_matches(name, [*self.sources, *self.faults], 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(self.sources)) or 'none'}"
            raise ConfigError(f"there is no source `{name}`; {hint}")
        return self.sources[name]

    def strict(self) -> "Catalog":
        """Itself where nothing is wrong; ConfigError with every fault otherwise."""
        if self.faults:
            raise ConfigError(*(fault for faults in self.faults.values() for fault in faults))
        return self


def load_sources(paths: Sequence[Path]) -> Catalog:
    """All entries of all files. Nothing is raised for a broken entry: its faults stand beside the healthy ones."""
    sources: dict[str, Source] = {}
    bases: dict[str, Path] = {}
    faults: dict[str, list[str]] = {}
    places: dict[str, list[str]] = {}
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as cause:
            faults.setdefault(path.name, []).append(f"{path}: cannot be read: {cause}; name a UTF-8 file")
            continue
        chunks, around = cut(text)
        if around:
            faults.setdefault(path.name, []).extend(f"{path.name}:{line}: {what}" for line, what in around)
        for chunk in chunks:
            places.setdefault(chunk.name, []).append(f"{path.name}:{chunk.line}")
            source, wrong = _entry(chunk, path)
            if wrong:
                faults.setdefault(chunk.name, []).extend(wrong)
            if source is not None:
                sources[chunk.name], bases[chunk.name] = source, path.resolve().parent
    for name, count in Counter({name: len(where) for name, where in places.items()}).items():
        if count > 1:
            both = " and ".join(places[name])
            faults.setdefault(name, []).append(f"{both}: {name}: two entries have this name; rename one of them")
    for name in faults.keys() & sources.keys():
        del sources[name], bases[name]
    return Catalog(sources, bases, {name: tuple(wrong) for name, wrong in faults.items()})


def _entry(chunk: Chunk, path: Path) -> tuple[Source | None, list[str]]:
    tree = parse(chunk)
    where = f"{path.name}:{{line}}: {chunk.name}"
    wrong = [f"{where.format(line=line)}: {what}" for line, what in tree.faults]
    if not isinstance(tree.data, dict):
        return None, wrong
    for private in {"name", "line", "file"} & tree.data.keys():
        wrong.append(
            f"{where.format(line=tree.lines.get((private,), chunk.line))}.{private}: unknown key; leave it out"
        )
        del tree.data[private]
    try:
        source = Source(**tree.data, name=chunk.name, line=chunk.line, file=str(path))
    except ValidationError as error:
        wrong += [_fault(one, tree, chunk, path) for one in error.errors(include_url=False)]
        return None, wrong
    except ConfigError as error:
        return None, [*wrong, *(f"{where.format(line=chunk.line)}: {fault}" for fault in error.faults)]
    return (None if wrong else source), wrong


def _fault(error: Any, tree: Tree, chunk: Chunk, path: Path) -> str:
    place: tuple[str | int, ...] = ()
    for step in error["loc"]:
        if (*place, step) in tree.lines:
            place = (*place, step)
    line = tree.lines.get(place, chunk.line)
    names = [chunk.name, *(str(step) for step in place)]
    if error["type"] == "extra_forbidden":
        what = _unknown(error["loc"])
    elif error["type"] == "missing":
        what = f"`{error['loc'][-1]}` is required; {_MEANING.get(str(error['loc'][-1]), 'add it')}"
    else:
        what = error["msg"].removeprefix("Value error, ")
        line, names = _blamed(error, tree, line, names, chunk)
    return f"{path.name}:{line}: {'.'.join(names)}: {what}"


def _blamed(error: Any, tree: Tree, line: int, names: list[str], chunk: Chunk) -> tuple[int, list[str]]:
    """An error of the whole entry often quotes a key (`harvest`, `normalize`): then its line is the better one."""
    if len(names) == 1:
        for key in ("harvest", "normalize", "expect", "rights"):
            if key in error["msg"] and (key,) in tree.lines:
                return tree.lines[(key,)], [chunk.name, key]
    return line, names


_MEANING = {
    "title": "the collection's name, as people know it",
    "custodian": "the institution that keeps the originals",
    "harvest": "an address such as https://..., file:FOLDER or oai+https://...",
    "rights": "such as {license: CC0-1.0, evidence: https://..., checked: 2026-01-31, quote: ...}",
}


def _unknown(loc: tuple[str | int, ...]) -> str:
    """Says that a key is unknown, and which known one it resembles."""
    key = str(loc[-1])
    known = sorted(_known(Source, loc[:-1]) - {"name", "line", "file"})
    near = difflib.get_close_matches(key, known, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
    return f"`{key}` is not a key of the language; {hint}"


def _known(model: type[BaseModel], loc: tuple[str | int, ...]) -> set[str]:
    """The keys that a block knows, found by walking the models along an error's place."""
    models = [model]
    for step in loc:
        fields = [one.model_fields[step].annotation for one in models if step in one.model_fields]
        if fields:
            models = [found for annotation in fields for found in _models(annotation)]
        elif any(_tag(one) == step for one in models):
            models = [one for one in models if _tag(one) == step]
    return {info.serialization_alias or name for one in models for name, info in one.model_fields.items()}


def _tag(model: type[BaseModel]) -> str:
    kind = model.model_fields.get("type")
    return str(typing.get_args(kind.annotation)[0]) if kind and typing.get_args(kind.annotation) else ""


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _models(part)]
