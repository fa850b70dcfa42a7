"""An entry as YAML that a person reads on: quoted where a text is not plain, and appended where nothing is harmed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.source.cutting import cut
from biglam_pipeline.source.including import take_out
from biglam_pipeline.store import disk

_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|y|n|~)$)[A-Za-z$/][\w$./+-]*(?::(?=[\w/])[\w$./+-]*)*", re.IGNORECASE
)
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WIDTH = 100


@dataclass(slots=True)
class Entry:
    """A name, keys in their order, and what a person must still do."""

    name: str
    keys: dict[str, Any]
    page: str = ""
    remarks: list[str] = field(default_factory=list)


def write_entry(entry: Entry, depth: int = 2) -> str:
    """Below `sources:`. depth: of the entry's name, in blanks."""
    step = " " * depth
    lines = [f"{step}# A draft. Before it can be published, a person has to:"]
    lines += [f"{step}# - {one}" for one in _to_do(entry)]
    lines.append(f"{step}{entry.name}:")
    lines += _lines(entry.keys, depth * 2, depth)
    return "\n".join(lines) + "\n"


def _to_do(entry: Entry) -> Iterator[str]:
    for key in ("title", "custodian"):
        if str(entry.keys[key]).startswith("TODO"):
            yield f"write `{key}`"
        else:
            yield f"see whether `{key}` is right"
    rights = entry.keys["rights"]
    said = rights.get("license") if isinstance(rights, Mapping) else None
    where = f", perhaps {printable(entry.page)}" if entry.page else ""
    if said == "CNE-1.0":
        yield "find out the licence: CNE-1.0 says that nobody has looked, and opens nothing"
    yield f"write under `rights` the page that says so (evidence:{where}), its words (quote:), the day (checked:)"
    yield "take out `verified: false`, and `status: candidate` once it shall be harvested on schedule"
    yield from (printable(one) for one in entry.remarks)


def _lines(keys: Mapping[str, Any], indent: int, depth: int) -> Iterator[str]:
    before = " " * indent
    for key, value in keys.items():
        name = key if _KEY.fullmatch(key) else text_of(key)
        flow = _flow(value)
        if isinstance(value, Mapping) and len(before) + len(name) + len(flow) > _WIDTH - 2:
            yield f"{before}{name}:"
            yield from _lines(value, indent + depth, depth)
        elif isinstance(value, list) and len(before) + len(name) + len(flow) > _WIDTH - 2:
            yield f"{before}{name}:"
            yield from (f"{before}{' ' * depth}- {_flow(one)}" for one in value)
        else:
            yield f"{before}{name}: {flow}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = (f"{key if _KEY.fullmatch(key) else text_of(key)}: {_flow(one)}" for key, one in value.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return text_of(str(value))


def text_of(text: str) -> str:
    """A scalar that YAML gives back as it is, but for control characters, which nobody wrote on purpose."""
    clean = printable(text)
    if clean in ("false", "true") or _PLAIN.fullmatch(clean):
        return clean
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def printable(text: str) -> str:
    """One line without controls, marks of direction, and what terminals obey."""
    kept = (" " if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") else one for one in text)
    return " ".join("".join(kept).split())


def append_entry(path: Path, entry: Entry) -> Path:
    """Writes the entry behind all others of a sources file, which is made where there is none. Returns the file.

    ConfigError where that would not leave every other entry as it is: then nothing is written.
    """
    path = path.resolve()
    if disk.look(path) is None:
        disk.put_whole(path, f"sources:\n\n{write_entry(entry)}".encode())
        return path
    data = disk.read_file(path)
    try:
        before = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name} is not UTF-8, so nothing is written; save it as UTF-8") from None
    ends = "\r\n" if "\r\n" in before else "\n"
    text = f"{'' if before.endswith(chr(10)) or not before else chr(10)}\n{write_entry(entry, _depth(before))}"
    if not re.search(r"^sources:\s*(?:#.*)?$", before, re.MULTILINE):
        if before.strip() and take_out(before)[0].strip() and not _only_comments(take_out(before)[0]):
            raise ConfigError(
                f"{path.name} has no line `sources:`, so nothing is written; write it, or name another file"
            )
        text = f"{'' if before.endswith(chr(10)) or not before else chr(10)}sources:\n{text}"
    after = before + text
    old, new = _names(before), _names(after)
    if new != [*old, entry.name]:
        raise ConfigError(f"{path.name} would not be read as before, so nothing is written; paste the draft by hand")
    disk.append_line(path, text.replace("\n", ends).encode())
    return path


def _only_comments(text: str) -> bool:
    return not re.search(r"^[^\S\n]*[^\s#]", text, re.MULTILINE)


def _names(text: str) -> list[str]:
    return [chunk.name for chunk in cut(take_out(text)[0])[0]]


def _depth(text: str) -> int:
    """How far in the entries of a file stand."""
    chunks, _ = cut(take_out(text)[0])
    first = chunks[0].text if chunks else "  "
    return max(1, len(first) - len(first.lstrip(" ")))
