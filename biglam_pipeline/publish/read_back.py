"""Reads a release back over the wire: files, sizes, digests, rows of each changed part, and the card."""

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from biglam_pipeline.publish.draft import CARD, Draft
from biglam_pipeline.store.part_writer import count_rows
from biglam_pipeline.store.parts import Manifest

if TYPE_CHECKING:
    from biglam_pipeline.publish.hub import Hub


def read_back(hub: "Hub", draft: Draft, manifest: Manifest, commit: str, changed: set[str]) -> list[str]:
    """What is wrong with the release, in sentences that begin with the file; empty where all is right.

    changed: paths that the commit sent.
    """
    there = hub.listing(draft.repository, commit)
    problems = [*_files(draft, there), *_texts(draft, there)]
    problems += [
        f"{path} should not be there" for path in there if path.startswith("data/") and path not in draft.files
    ]
    if problems:
        return problems
    for part in manifest.parts:
        if part.path in changed:
            with hub.open(draft.repository, commit, part.path) as stream:
                rows = count_rows(stream)
            if rows != part.rows:
                problems.append(f"{part.path} holds {rows} rows, not {part.rows}")
    return problems + _card(hub, draft, manifest, commit)


def _files(draft: Draft, there: dict[str, tuple[int, str]]) -> Iterable[str]:
    for path, file in draft.files.items():
        if path not in there:
            yield f"{path} is not in the repository"
        elif there[path] != (file.size, file.sha256):
            yield f"{path} has size and digest {there[path]}, not {(file.size, file.sha256)}"


def _texts(draft: Draft, there: dict[str, tuple[int, str]]) -> Iterable[str]:
    for path, data in draft.texts.items():
        if there.get(path, (-1, ""))[0] != len(data):
            yield f"{path} has {there.get(path, (0, ''))[0]} bytes, not {len(data)}"


def _card(hub: "Hub", draft: Draft, manifest: Manifest, commit: str) -> list[str]:
    """What a reader who goes by the card would not find. A draft without a card has none to be wrong."""
    if CARD not in draft.texts:
        return []
    try:
        fields = hub.card_fields(draft.repository, commit)
    except ValueError as cause:
        return [f"{CARD}: {cause}"]
    rows = {part.path: part.rows for part in manifest.parts}
    return check_card(fields, rows)


def check_card(fields: dict[str, Any], rows: dict[str, int]) -> list[str]:
    """What the card's header says otherwise than the parts are. fields: the header; rows: part -> its rows."""
    problems = [] if fields.get("license") else [f"{CARD}: there is no license field"]
    reported = {one.get("config_name", "default"): _examples(one) for one in _each(fields.get("dataset_info"))}
    read: set[str] = set()
    for config in _each(fields.get("configs")):
        name = config.get("config_name", "default")
        found: set[str] = set()
        for pattern in _patterns(config.get("data_files")):
            matched = _matching(pattern, rows)
            if not matched:
                problems.append(f"{CARD}: configs names {pattern}, which no file matches")
            found |= matched
        count = sum(rows[path] for path in found)
        if reported.get(name) is not None and reported[name] != count:
            problems.append(f"{CARD}: dataset_info says {reported[name]} rows of {name}, the parts hold {count}")
        read |= found
    problems += [f"{path} is read by no configuration of {CARD}" for path in sorted(rows.keys() - read)]
    return problems


def _each(value: Any) -> list[dict[str, Any]]:
    """A mapping or a list of mappings, as the header may have it."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _examples(info: dict[str, Any]) -> int | None:
    counts = [split.get("num_examples") for split in _each(info.get("splits"))]
    return sum(int(count) for count in counts if count is not None) if any(one is not None for one in counts) else None


def _patterns(data_files: Any) -> list[str]:
    """The paths of a configuration: a text, a list of them, or of {split, path}."""
    if isinstance(data_files, str):
        return [data_files]
    if isinstance(data_files, dict):
        return _patterns(data_files.get("path"))
    return [pattern for one in data_files or [] for pattern in _patterns(one)]


def _matching(pattern: str, paths: Collection[str]) -> set[str]:
    """As the readers understand it: `*` stays within a folder, `**` does not."""
    if "**" in pattern:
        return {path for path in paths if fnmatchcase(path, re.sub(r"\*\*/?", "*", pattern))}
    return {path for path in paths if path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)}
