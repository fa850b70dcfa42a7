"""What is wrong with an entry, in words: every fault of the model at its line, with the nearest known key."""

import re
import typing
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from biglam_pipeline.language import KEYS, not_built
from biglam_pipeline.normalize.mapping.columns import COLUMNS
from biglam_pipeline.settings import Misplaced, meanings, nearest
from biglam_pipeline.source.cutting import Chunk
from biglam_pipeline.source.entry import SILENT, Source
from biglam_pipeline.source.yaml_text import Path, Tree

PRIVATE = {"name", "line", "file"}
"""Fields of Source that no entry may write."""

_EXAMPLES = {
    "title": "write the collection's name, as people know it",
    "custodian": "write the institution that keeps the originals",
    "harvest": "write an address such as https://..., file:FOLDER or oai+https://...",
    "rights": "write, for example, {license: CC0-1.0, evidence: https://..., checked: 2026-01-31, quote: ...}",
}
_WORDS = {
    "string_type": "a text is due here; write one value",
    "string_too_short": "it is empty; write a text, or leave the key out",
    "string_too_long": "it is too long; write at most {max_length} characters",
    "date_from_datetime_parsing": "`{input}` is not a date; write it as 2026-01-31",
    "date_parsing": "`{input}` is not a date; write it as 2026-01-31",
    "date_type": "a date is due here; write it as 2026-01-31",
    "bool_parsing": "`{input}` is neither true nor false; write one of the two",
    "bool_type": "write true or false",
    "int_parsing": "`{input}` is not a whole number; write one",
    "int_type": "a whole number is due here; write one",
    "tuple_type": "a list is due here; write [one, another]",
    "list_type": "a list is due here; write [one, another]",
    "dict_type": "a block is due here; write {{key: value}}",
    "model_type": "a block is due here; write {{key: value}}",
    "model_attributes_type": "a block is due here; write {{key: value}}",
    "greater_than_equal": "`{input}` is too small; write {ge} or more",
    "greater_than": "`{input}` is too small; write more than {gt}",
    "less_than_equal": "`{input}` is too large; write {le} or less",
    "string_unicode": "it holds half of a character; write the text itself, without \\u",
    "too_short": "it is empty; write at least one",
}
_PATTERNS = {
    "name": "is not a name; write small letters, digits, _ and -, a letter first",
    "repository": "is not a repository; write owner/name",
    "adopt": "is not a commit; write its number, 40 digits and letters, as the repository's history on the Hub has it",
    "owner": "is not an owner; write team:name or an e-mail address",
}


def faults_of(error: ValidationError, tree: Tree, chunk: Chunk) -> Iterator[tuple[int, str, str]]:
    """Line, place as `entry.key.key`, and what is wrong, of everything that the model found."""
    details = [one for one in error.errors(include_url=False) if one["type"] != SILENT]
    blocks = {one["loc"][:end] for one in details for end in range(1, len(one["loc"]))}
    meant = {found for one in details if one["type"] == "extra_forbidden" for found in [_meant(one["loc"])] if found}
    for one in details:
        if one["type"] == "too_short" and one["loc"] in blocks:
            continue  # the list is empty because each of its members was refused
        if one["type"] == "missing" and one["loc"] in meant:
            continue  # it is there, under a name or at a place that was refused
        for steps, what in _reported(one):
            place = place_among(steps, tree.lines)
            if not _spoiled(place, tree.spoiled):
                yield tree.lines[place] if place else chunk.line, _name(place, one["loc"], chunk), what


def key_fault(key: str) -> str:
    """What to say of a key that no entry may write."""
    return f"`{key}` is not a key of the language; leave it out"


def _spoiled(place: Path, spoiled: Iterable[Path]) -> bool:
    return any(place[: len(bad)] == bad or bad[: len(place)] == place for bad in spoiled)


def _reported(one: ErrorDetails) -> Iterator[tuple[Sequence[str | int], str]]:
    """Where it stands, as keys from the entry on, and the words; one error of the model may tell of several places."""
    error = one.get("ctx", {}).get("error")
    if isinstance(error, Misplaced):
        yield from (((*one["loc"], *steps), what) for steps, what in error.faults)
    else:
        yield one["loc"], _words(one)


def place_among(steps: Sequence[str | int], lines: Mapping[Path, int]) -> Path:
    """The place in the YAML: the model's steps without those that only it makes, such as the name of a kind."""
    place: Path = ()
    for step in steps:
        if (*place, step) in lines:
            place = (*place, step)
    if not place and steps[:1] == ("normalize",) and ("harvest",) in lines:
        return ("harvest",)  # no reader is named, and the address does not tell
    return place


def _name(place: Path, loc: Sequence[str | int], chunk: Chunk) -> str:
    steps: Sequence[str | int] = place
    if not place and loc and loc[0] in Source.model_fields and loc[0] not in PRIVATE and len(loc) > 1:
        steps = loc[:1]
    return ".".join([chunk.name, *(str(step) for step in steps)])


def _words(one: ErrorDetails) -> str:
    kind, key = one["type"], str(one["loc"][-1] if one["loc"] else "")
    if kind == "extra_forbidden":
        return _unknown(one["loc"])
    if kind == "missing":
        return f"`{key}` is required; {_EXAMPLES.get(key) or _example(one['loc'])}"
    if kind == "literal_error":
        return _choice(str(one["input"]), str(one["ctx"]["expected"]))
    if kind == "string_pattern_mismatch" and key == "name":
        return f"`{one['input']}` {_PATTERNS[key]}, such as {_as_name(str(one['input']))}"
    if kind == "string_pattern_mismatch":
        return f"`{one['input']}` {_PATTERNS.get(key, 'is not written as it should be')}"
    if kind in _WORDS:
        return _WORDS[kind].format(input=str(one["input"])[:60], **one.get("ctx", {}))
    return one["msg"].removeprefix("Value error, ")


def _as_name(text: str) -> str:
    """The nearest text that may be a name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-0123456789") or "my_source"


def _choice(wrong: str, expected: str) -> str:
    """A word that is none of a few."""
    choices = re.findall(r"'([^']*)'", expected)
    near = nearest(wrong, choices)
    hint = f"did you mean `{near}`?" if near else f"write one of {', '.join(choices)}"
    return f"`{wrong[:60]}` is not known here; {hint}"


def _example(loc: Sequence[str | int]) -> str:
    """What a required key of a block means, as its own docstring says."""
    found = [meanings(one).get(str(loc[-1])) for one in blocks_at(loc[:-1]) if str(loc[-1]) in one.model_fields]
    return f"write {found[0]}" if found and found[0] else "add it"


# --- which keys are known where ---


def _unknown(loc: Sequence[str | int]) -> str:
    """Says that a key is unknown, and which known one it resembles, here or in another block."""
    key, block = str(loc[-1]), _block(loc)
    if instead := KEYS.get((block, key)):
        return not_built(f"`{key}`", instead)
    if near := _near(key, loc[:-1]):
        return f"`{key}` is not a key of the language; did you mean `{near}`?"
    if (moved := _meant(loc)) is not None:
        named = "" if moved[0] == key else f"did you mean `{moved[0]}`? "
        said = f"`{moved[0]}` is a key of the entry; write it below `title`, no further in than that"
        return f"`{key}` is not a key here; {named}{said}"
    elsewhere = _elsewhere(key, block)
    said = " or ".join(f"{other}: {{{name}: ...}}" for other, name in elsewhere)
    if any(name == key for _, name in elsewhere):
        return f"`{key}` is not a key here; write {said}"
    known = sorted(known_keys(loc[:-1]))
    hint = f"did you mean `{elsewhere[0][1]}`? Write {said}" if elsewhere else f"known here: {', '.join(known)}"
    return f"`{key}` is not a key of the language; {hint}"


def _block(loc: Sequence[str | int]) -> str:
    return next((step for step in loc[:-1] if isinstance(step, str)), "")


def _near(key: str, block: Sequence[str | int]) -> str:
    """The key of this block that was meant, as far as its letters tell."""
    known = sorted(known_keys(block))
    return nearest(key, known) or next((one for one in known if len(key) > 2 and one.startswith(key)), "")


def _meant(loc: Sequence[str | int]) -> tuple[str | int, ...] | None:
    """Where the key should stand that an unknown one was meant for: in its own block, or in the entry itself."""
    key, inside = str(loc[-1]), tuple(loc[:-1])
    if near := _near(key, inside):
        return (*inside, near)
    of_entry = nearest(key, sorted(known_keys(())), 0.8) if inside else ""
    return (of_entry,) if of_entry else None


def _elsewhere(key: str, here: str) -> list[tuple[str, str]]:
    """The blocks and the keys of them that a misplaced key resembles; where one is the same word, only such."""
    found = []
    for block in ("rights", "normalize", "expect", "publish", "harvest"):
        near = nearest(key, sorted(known_keys((block,))), 0.8)
        found += [(block, near)] if near and block != here else []
    return [pair for pair in found if pair[1] == key] or found


def known_keys(loc: Sequence[str | int]) -> set[str]:
    """The keys that the block at this place of an entry knows."""
    names = {info.alias or name for model in blocks_at(loc) for name, info in model.model_fields.items()}
    return names - (PRIVATE if not loc else set())


@cache
def words_of_the_language() -> frozenset[str]:
    """Every key of every block, and the columns that `map` knows."""
    found, models = {*COLUMNS}, list[type[BaseModel]]([Source])
    for model in models:
        found |= {info.alias or name for name, info in model.model_fields.items()}
        inside = [one for info in model.model_fields.values() for one in _models(info.annotation)]
        models += [one for one in inside if one not in models]
    return frozenset(found - PRIVATE)


def blocks_at(loc: Sequence[str | int]) -> list[type[BaseModel]]:
    """The models that may stand at a place, found by walking from Source along an error's place."""
    models: list[type[BaseModel]] = [Source]
    for step in loc:
        kinds = [one for one in models if _tag(one) == step]
        fields = [one.model_fields[str(step)].annotation for one in models if str(step) in one.model_fields]
        if kinds and len(models) > 1:  # of `table`, the kind comes before the key of this name
            models = kinds
        elif fields:
            models = [found for annotation in fields for found in _models(annotation)]
    return models


def _tag(model: type[BaseModel]) -> str:
    kind = model.model_fields.get("type")
    return str(typing.get_args(kind.annotation)[0]) if kind and typing.get_args(kind.annotation) else ""


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _models(part)]
