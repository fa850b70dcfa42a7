"""A sources file is cut into its entries before anything is parsed, so that a slip in one harms no other."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from biglam_pipeline.secrecy import with_names_only
from biglam_pipeline.settings import nearest


@dataclass(frozen=True, slots=True)
class Chunk:
    """The text of one entry."""

    name: str
    line: int
    text: str


def cut(text: str, keys: Collection[str] = ()) -> tuple[list[Chunk], list[tuple[int, str]]]:
    """The entries below `sources:`, and faults of what stands around them, as (line, what).

    keys: of an entry; a line of one that stands too far out belongs to the entry above it.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    faults: list[tuple[int, str]] = []
    start = next((n for n, line in enumerate(lines) if re.match(r"sources:\s*(#.*)?$", line)), None)
    if start is None:
        return [], [_no_start(lines)]
    for number, line in enumerate(lines[:start]):
        if line.strip() and not line.lstrip().startswith(("#", "---")):
            faults.append(
                (number + 1, f"`{with_names_only(line.strip())[:40]}` stands before `sources:`; only comments may")
            )
    filled = [(n, line) for n, line in enumerate(lines) if n > start and line.strip() and line.lstrip()[0] != "#"]
    indent = _depth(filled[0][1]) if filled else 2
    if not filled:
        faults.append((start + 1, "there is no entry below `sources:`; write one, its name indented by two blanks"))
    if filled and not indent:
        return [], [*faults, (filled[0][0] + 1, "nothing is below `sources:`; indent the entries by two blanks")]
    chunks: list[Chunk] = []
    outer = [(n, line) for n, line in filled if _depth(line) <= indent]
    borders = [n for n, line in outer if n == filled[0][0] or not _is_stray(line, indent, keys)]
    for number, end in zip(borders, [*borders, len(lines)][1:], strict=True):
        line = lines[number]
        if _depth(line) == indent:
            chunks.append(Chunk(_name(line), number + 1, "".join(lines[number:end])))
        elif not line.startswith("..."):
            faults.append((number + 1, _not_below(line, indent)))
    return chunks, faults


def _not_below(line: str, indent: int) -> str:
    """What to say of a line at the margin, which shows no value of a header: that may be a secret."""
    shown = f"`{with_names_only(line.strip())[:40]}`"
    if re.match(r"sources:\s*(#.*)?$", line) or line.startswith("---"):
        return f"{shown} is there once more, and one file has one `sources:`; take this line out"
    return f"{shown} is not below `sources:`; indent it by {indent} blanks"


def _is_stray(line: str, indent: int, keys: Collection[str]) -> bool:
    """A key of an entry that is no deeper than the entry's name, for it has a value in its line, as no name has; or a
    mark that git left.
    """
    if re.match(r"(<{7}|={7}|>{7}|\|{7})( |$)", line):
        return True
    found = re.match(r"\s*([\w-]+)\s*:\s+(\S.*)$", line)
    if found is None:
        return 0 < _depth(line) < indent
    known = found[1] in keys or (_depth(line) < indent and bool(nearest(found[1], keys, 0.8)))
    return known and not found[2].startswith("#")


def _no_start(lines: list[str]) -> tuple[int, str]:
    """Line and words where there is no `sources:`."""
    first = next((line.lstrip() for line in lines if line.strip()), "")
    if first.startswith(("{", "[")):
        return 1, (
            "this is JSON, and a sources file is YAML; write `sources:`, below it each entry's name, indented by two "
            "blanks, and below that its keys, by four"
        )
    for number, line in enumerate(lines):
        found = re.match(r"\s*[\"']?(\w+)[\"']?\s*:(.*)$", line)
        if found and nearest(found[1], ["sources"], 0.8):
            rest = found[2].strip()
            below = ", and what is behind the colon below it" if rest[:1] not in ("", "#") else ""
            said = f"`{line.strip()[:40]}` is not how the entries begin"
            return number + 1, f"{said}; write `sources:` alone, at the very start of its line{below}"
    return 1, "there is no `sources:` line; write it, and the entries below it, indented by two blanks"


def _depth(line: str) -> int:
    """How far in a line looks to be; a tab looks like eight blanks, or fewer."""
    front = line[: len(line) - len(line.lstrip())]
    return len(front.expandtabs())


def _name(line: str) -> str:
    return line.strip().partition(":")[0].strip().strip("\"'")
