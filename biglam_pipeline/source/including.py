"""`include: PATTERN`: a long sources file goes on in others, say one for each custodian."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from biglam_pipeline.patterns import expand
from biglam_pipeline.source.cutting import Chunk
from biglam_pipeline.source.yaml_text import parse

INCLUDE = "include"
_WRITE = "write `include: sources/*.yaml`, or a list of such"
_ENDINGS = (".yaml", ".yml")


def take_out(text: str) -> tuple[str, list[tuple[int, str]], list[tuple[int, str]]]:
    """A sources file without its `include`; its patterns, and what is wrong with it, each with its line.

    The lines of the rest keep their numbers.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    starts = [number for number, line in enumerate(lines) if re.match(rf"{INCLUDE}\s*:", line)]
    patterns: list[tuple[int, str]] = []
    faults = [(number + 1, f"`{INCLUDE}` is there once more; make one list of them") for number in starts[1:]]
    for start in starts:
        end = next((n for n in range(start + 1, len(lines)) if not _belongs(lines[n])), len(lines))
        found, wrong = _read(start, lines[start:end])
        patterns, faults = [*patterns, *found], [*faults, *wrong]
        lines[start:end] = ["\n"] * (end - start)
    return "".join(lines), patterns, faults


def has_more(rest: str) -> bool:
    """Whether anything but comments stands in the file beside its `include`."""
    return re.search(r"^[^\S\n]*[^\s#]", rest, re.MULTILINE) is not None


def _belongs(line: str) -> bool:
    """To the value of the key above: further in, an item of its list, or nothing at all."""
    return not line.strip() or line[0] in " \t#" or re.match(r"-\s", line) is not None


def _read(start: int, lines: Sequence[str]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    tree = parse(Chunk("file", start, "file:\n" + "".join(f"  {line}" for line in lines)))
    faults = [(flaw.line, flaw.what) for flaw in tree.flaws]
    value = tree.data.get(INCLUDE) if isinstance(tree.data, dict) else None
    texts = value if isinstance(value, list) else [value]
    if faults:
        return [], faults
    if not texts or not all(isinstance(one, str) for one in texts):
        return [], [(start + 1, f"`{INCLUDE}` names no file; {_WRITE}")]
    places = [tree.lines.get((INCLUDE, number), start + 1) for number in range(len(texts))]
    return list(zip(places, texts, strict=True)), []


def files_of(folder: Path, pattern: str) -> Iterator[Path]:
    """The files that a pattern names, in the order of their names; ValueError where it is none, or none is there."""
    for one in expand(pattern):
        parts = Path(one).parts
        if not parts or Path(one).is_absolute() or ".." in parts or "\\" in one:
            raise ValueError(f"`{one}` leads out of the folder of this file; {_WRITE}")
        found = sorted(path for path in folder.glob(one) if path.is_file())
        if not found:
            raise ValueError(f"there is no {one} beside this file; write such a file, or correct the pattern")
        if odd := next((path for path in found if path.suffix not in _ENDINGS), None):
            raise ValueError(f"{odd.name} is no YAML file; {_WRITE}")
        yield from found
