"""Writes what the models say of themselves: the JSON schema for editors, and the tables inside the documentation.

`python -m biglam_pipeline.cli.documentation` writes, `--check` fails where something is stale. A page of docs/ is
written by hand, but for the regions between `<!-- made by make docs: NAME -->` and `<!-- end -->`.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from biglam_pipeline.cli import coverage, declared
from biglam_pipeline.columns import BLOCKS, CORE, DUPLICATES, FIRST_SEEN, Column
from biglam_pipeline.environment import MEANINGS
from biglam_pipeline.normalize.mapping.columns import COLUMNS, WORDS
from biglam_pipeline.publish.marks import table
from biglam_pipeline.rights.table import BY_URI, BY_WORD
from biglam_pipeline.rights.tiers import NEVER, OPEN, TIERS
from biglam_pipeline.source import Source
from biglam_pipeline.source.documentation import Documentation
from biglam_pipeline.source.faults import PRIVATE
from biglam_pipeline.store import disk

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = "sources.schema.json"
PAGES = ("sources.md", "operating.md", "architecture.md", "rights.md", "completeness.md", "coverage.md")
Schema = dict[str, Any]

SCALAR = ["string", "number", "boolean"]
"""What an editor takes a plain scalar for; the loader reads every one of them as text."""


def main(arguments: Sequence[str]) -> int:
    """1 where `--check` found something stale, else 0."""
    stale = [path for path, made in contents() if disk.look(path) is None or disk.read_file(path) != made]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.name} is stale; run python -m biglam_pipeline.cli.documentation")  # noqa: T201
        return 1 if stale else 0
    for path, made in contents():
        if path in stale:
            disk.put_whole(path, made)
            print(f"{path.name} written")  # noqa: T201
    return 0


def contents() -> Iterator[tuple[Path, bytes]]:
    """Every file that is made here, wholly or in parts, with what it should hold."""
    yield DOCS / SCHEMA, (json.dumps(file_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    for name in PAGES:
        yield DOCS / name, fill(disk.read_file(DOCS / name).decode()).encode()


_REGION = re.compile(r"(<!-- made by make docs: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(page: str) -> str:
    """The page with all its regions made again; KeyError for a region that nobody makes."""
    return _REGION.sub(lambda found: f"{found[1]}\n{REGIONS[found[2]]().strip()}\n\n{found[3]}", page)


# --- the schema ---


@cache
def file_schema() -> Schema:
    """The JSON schema of a sources file: what people write, with every short form."""
    entry = Source.model_json_schema(by_alias=True)
    blocks = {name: _plain(block) for name, block in entry.pop("$defs").items()}
    for block in blocks.values():
        if "url" in block.get("properties", {}):
            block["properties"]["url"] = _one_or_many(block["properties"]["url"])
    entry = _plain(entry)
    keys = entry["properties"]
    for private in PRIVATE:
        del keys[private]
    entry["required"] = [key for key in entry["required"] if key not in PRIVATE]
    keys["harvest"] = _also(
        keys["harvest"], {"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}
    )
    keys["normalize"] = _reads(keys["normalize"], blocks)
    rights: Schema = {"anyOf": [{"type": SCALAR}, {"$ref": "#/$defs/Rights"}]}
    several = {"type": "array", "items": rights, "minItems": 1}
    keys["rights"] = {"description": keys["rights"]["description"], "anyOf": [*rights["anyOf"], several]}
    blocks["Map"]["properties"]["extra"]["anyOf"] = [
        {"type": "object", "additionalProperties": blocks["Map"]["properties"]["extra"].pop("additionalProperties")},
        {"type": "array", "items": {"type": SCALAR}, "minItems": 1},
    ]
    del blocks["Map"]["properties"]["extra"]["type"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sources of biglam_pipeline",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "include": {
                "description": "Further files with entries: `sources/*.yaml`, or a list of such, beside this one.",
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            },
            "sources": {
                "type": "object",
                "propertyNames": {"pattern": Source.model_json_schema()["properties"]["name"]["pattern"]},
                "additionalProperties": {"$ref": "#/$defs/Source"},
            },
        },
        "$defs": {**blocks, "Source": entry, "Value": VALUE},
    }


def _reads(normalize: Schema, blocks: Schema) -> Schema:
    """A READ, by the name of its reader or as a block, or a list of such."""
    refs = normalize["items"]["anyOf"]
    readers = [blocks[ref["$ref"].rpartition("/")[2]]["properties"]["type"]["const"] for ref in refs]
    one = [{"enum": readers}, *refs]
    several: Schema = {"type": "array", "items": {"anyOf": one}, "minItems": 1}
    return {"description": normalize["description"], "anyOf": [*one, several]}


VALUE: Schema = {
    "description": "PATH >> STEP >> STEP; a list: the first that is not empty; {all: [..], join: TEXT}; {const: TEXT}",
    "anyOf": [
        {"type": SCALAR},
        {"type": "array", "items": {"$ref": "#/$defs/Value"}, "minItems": 1},
        {
            "type": "object",
            "required": ["all"],
            "additionalProperties": False,
            "properties": {"all": {"type": "array", "items": {"$ref": "#/$defs/Value"}}, "join": {"type": "string"}},
        },
        {
            "type": "object",
            "required": ["const"],
            "additionalProperties": False,
            "properties": {"const": {"type": SCALAR}},
        },
    ],
}


def _plain(schema: Any) -> Any:
    """Without what only pydantic needs: null, titles, discriminators, defaults that are blocks."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if any(one.get("required") == ["const"] for one in schema.get("anyOf", ())):
        return {"$ref": "#/$defs/Value", **{key: schema[key] for key in ("description",) if key in schema}}
    found = {key: _plain(value) for key, value in schema.items() if not _pydantic(key, value)}
    if "oneOf" in found:
        found["anyOf"] = found.pop("oneOf")
    options = [one for one in found.pop("anyOf", ()) if one != {"type": "null"}]
    if len(options) == 1:
        found = {**options[0], **found}
    elif options:
        found["anyOf"] = options
    if found.get("type") == "string" and not {"const", "enum", "format"} & found.keys():
        found["type"] = SCALAR
    if found.get("type") == "array" and found.get("items") == {"type": SCALAR}:
        return _one_or_many(found)
    return found


def _pydantic(key: str, value: Any) -> bool:
    return (
        (key == "title" and isinstance(value, str))
        or key == "discriminator"
        or (key == "default" and (value is None or isinstance(value, dict) or value in ([], "")))
    )


def _one_or_many(schema: Schema) -> Schema:
    """A list of texts may be written as one text."""
    if "anyOf" in schema:
        return schema
    kept: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    several: Schema = {key: value for key, value in schema.items() if key not in kept}
    return {**kept, "anyOf": [{"type": SCALAR}, several]}


def _also(schema: Schema, *more: Schema) -> Schema:
    return {**schema, "anyOf": [*more, *schema["anyOf"]]}


# --- the tables ---


def keys_of(block: str, written: bool = False) -> str:
    """The keys of one block: type, default, meaning. block: the name of its class, its module before it or not.
    written: of an entry, those that document it, with what is in their blocks; else those that do not.
    """
    blocks = file_schema()["$defs"]
    name = block.rpartition(".")[2]
    schema = blocks[name if name in blocks else block.replace(".", "__")]  # of a protocol and a reader called alike
    required = set(schema.get("required", ()))
    rows = []
    for key, one in schema["properties"].items():
        if block == "Source" and (key in Documentation.model_fields) != written:
            continue
        rows += _keys_below(key, one) if written else [_key(key, one, key in required)]
    return table(("Key", "Type", "Default", "Meaning"), rows)


def _key(name: str, schema: Schema, required: bool = False) -> tuple[str, str, str, str]:
    return f"`{name}`", _type(schema), "**required**" if required else _default(schema), schema.get("description", "")


def _keys_below(name: str, schema: Schema) -> list[tuple[str, str, str, str]]:
    """A key and, where it is a block, the keys in it, by dotted name."""
    inner = schema.get("items", schema)
    if "$ref" not in inner:
        return [_key(name, schema)]
    block = file_schema()["$defs"][inner["$ref"].rpartition("/")[2]]
    return [row for key, one in block["properties"].items() for row in _keys_below(f"{name}.{key}", one)]


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    value = schema["default"]
    if value == [0.0, 0.05]:
        return "`..0.05`"
    if isinstance(value, list):
        return ", ".join(f"`{one}`" for one in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


_TYPES = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "block",
}


def _type(schema: Schema) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "anyOf" in schema:
        reported = " or ".join(_type(one) for one in schema["anyOf"])
        return " or ".join(dict.fromkeys(reported.split(" or ")))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "VALUE" if name == "Value" else "block"
    if schema.get("format") == "date":
        return "date"
    if "pattern" in schema and "\\.\\." in schema["pattern"]:
        return "RANGE"
    kind = schema.get("type")
    if kind == SCALAR:
        return "text"
    return "list" if kind == "array" else _TYPES.get(str(kind), str(kind))


def columns_of(columns: Sequence[Column]) -> str:
    """Columns of a published row."""
    mapped: dict[str, str] = {}
    for word, column in COLUMNS.items():
        mapped[column.name] = f"`{word}`"
    rows = []
    for column in columns:
        few = f": {', '.join(WORDS[column.name])}" if column.name in WORDS else ""
        always = "always" if column.required else ""
        meaning = (
            column.meaning
            if few and all(word in column.meaning for word in WORDS[column.name])
            else column.meaning + few
        )
        rows.append((f"`{column.name}`", f"`{column.type}`", mapped.get(column.name, ""), always, meaning))
    return table(("Column", "Arrow type", "Word of `map`", "Filled", "Meaning"), rows)


def settings() -> str:
    """The environment's settings."""
    rows = [(f"`{name}`", f"`{default}`" if default else "", meaning) for name, (default, meaning) in MEANINGS.items()]
    return table(("Setting", "Default", "Meaning"), rows)


def tiers() -> str:
    """The tiers, with how many statements of the table each has."""
    known = {id(one): one for one in (*BY_URI.values(), *BY_WORD.values())}
    counts = {tier: len({one.name for one in known.values() if one.tier == tier}) for tier in TIERS}
    rows = []
    for tier in TIERS:
        accepted = "by `accept: open`" if tier in OPEN else "never" if tier in NEVER else f"by `accept: {tier}`"
        rows.append((f"`{tier}`", accepted, str(counts[tier])))
    return table(("Tier", "Accepted", "Known statements"), rows)


REGIONS: dict[str, Callable[[], str]] = {
    "keys of an entry": lambda: keys_of("Source"),
    "keys of the documentation": lambda: keys_of("Source", written=True),
    "addresses": declared.addresses,
    "not built yet: addresses": declared.owed_addresses,
    "protocols": lambda: declared.protocols(keys_of),
    "guesses": declared.guesses,
    "formats": lambda: declared.formats(keys_of),
    "not built yet: readers": declared.owed_readers,
    "steps": declared.steps,
    "keys of with (image)": lambda: keys_of("PictureOf"),
    "keys of rights": lambda: keys_of("Rights"),
    "keys of expect": lambda: keys_of("Expect"),
    "keys of dedup": lambda: keys_of("Dedup"),
    "keys of publish": lambda: keys_of("Publish"),
    "columns of every row": lambda: columns_of((*CORE, FIRST_SEEN, *DUPLICATES)),
    "columns of text": lambda: columns_of(BLOCKS["text"]),
    "columns of image": lambda: columns_of(BLOCKS["image"]),
    "columns of metadata": lambda: columns_of(BLOCKS["metadata"]),
    "settings": settings,
    "checks": declared.checks,
    "tiers": tiers,
    "completeness": declared.accounts,
    "coverage": coverage.counts,
    "coverage of BigLAM": lambda: coverage.coverage("biglam"),
    "coverage of further collections": lambda: coverage.coverage("further"),
}
"""Name of a region -> what makes it."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
