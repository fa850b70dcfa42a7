"""YAML as sources.yaml writes it: every scalar is text until its key says what it is, and nothing is lost silently.

YAML 1.2 would make 1 of `001`, 1.1 of `1.10` and False of `no`. Here `rows: 20` is the text "20", and the model
makes a number of it. Tags, anchors, merge keys, duplicate keys and empty values are refused, with their line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LARGEST = 4 * 2**20
DEEPEST = 40
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """One parsed entry: plain dicts, lists and texts, the line of every place, and what is wrong with it."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The text of one entry, cut out by column so that a syntax error in it harms no other."""

    name: str
    line: int
    text: str


def cut(text: str) -> tuple[list[Chunk], list[tuple[int, str]]]:
    """The entries below `sources:`, and faults of what stands around them, as (line, what)."""
    lines = text.splitlines(keepends=True)
    faults: list[tuple[int, str]] = []
    start = next((n for n, line in enumerate(lines) if re.match(r"sources:\s*(#.*)?$", line)), None)
    if start is None:
        return [], [(1, "there is no `sources:` line; write it, and the entries below it, indented by two blanks")]
    for number, line in enumerate(lines[:start]):
        if line.strip() and not line.lstrip().startswith(("#", "---")):
            faults.append((number + 1, f"`{line.strip()[:40]}` stands before `sources:`; only comments may"))
    indent = next((len(s) - len(s.lstrip()) for s in lines[start + 1 :] if s.strip() and s.lstrip()[0] != "#"), 2)
    heads: list[int] = []
    for number, line in enumerate(lines[start + 1 :], start + 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth = len(line) - len(line.lstrip())
        if depth == indent:
            heads.append(number)
        elif depth < indent:
            faults.append((number + 1, f"`{line.strip()[:40]}` is not below `sources:`; indent it by {indent} blanks"))
    ends = [*heads[1:], len(lines)]
    return [_chunk(lines, head, end) for head, end in zip(heads, ends, strict=True)], faults


def _chunk(lines: list[str], head: int, end: int) -> Chunk:
    name = lines[head].strip().partition(":")[0].strip().strip("\"'")
    return Chunk(name, head + 1, "".join(lines[head:end]))


def parse(chunk: Chunk) -> Tree:
    """One entry as text, with the line of everything in it. Syntax errors become faults."""
    tree = Tree()
    if len(chunk.text) > LARGEST:
        tree.faults.append((chunk.line, f"the entry is longer than {LARGEST} characters"))
        return tree
    try:
        node = YAML().compose(chunk.text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = chunk.line + (mark.line if mark else 0)
        tree.faults.append((line, f"{error.problem or 'not YAML'}; {_QUOTE_HINT}"))
        return tree
    texts = chunk.text.splitlines()
    _Walk(tree, chunk.line, texts).entry(node)
    return tree


_QUOTE_HINT = (
    'put a value in "..." where it starts with one of * { [ @ ! > % or holds `: `, '
    "and inside braces also where it holds [ ] { } or a comma"
)


class _Walk:
    def __init__(self, tree: Tree, first: int, texts: list[str]) -> None:
        self._tree, self._first, self._texts = tree, first, texts

    def entry(self, node: Node | None) -> None:
        """The chunk is a mapping of one key, the source's name, to its block."""
        if not isinstance(node, MappingNode) or len(node.value) != 1:
            self._tree.faults.append((self._first, "an entry is `name:` and, below it, indented, its keys"))
            return
        key, value = node.value[0]
        self._text(key, ())
        if isinstance(value, ScalarNode):
            self._fault(value, "the entry has no keys; write title, custodian, harvest and rights below it")
            return
        self._tree.data = self._value(value, ())

    def _value(self, node: Node, path: Path) -> Any:
        self._tree.lines[path] = self._line(node)
        self._refuse(node)
        if len(path) > DEEPEST:
            self._fault(node, f"nested deeper than {DEEPEST}")
            return None
        if isinstance(node, MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, SequenceNode):
            return [self._value(child, (*path, n)) for n, child in enumerate(node.value)]
        return self._text(node, path)

    def _pairs(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            name = self._text(key, path)
            if name in seen:
                self._fault(key, f"`{name}` is there twice; one of the two would be lost")
            if name == "<<":
                self._fault(key, "merge keys (<<) are not part of the language; write the keys out")
            seen.add(name)
            self._tree.lines[(*path, name)] = self._line(key)
            yield name, self._value(value, (*path, name))
            self._tree.lines[(*path, name)] = self._line(key)

    def _text(self, node: Node, path: Path) -> str:
        if not isinstance(node, ScalarNode):
            self._fault(node, "a key is a plain word")
            return ""
        plain = node.style is None
        if plain and node.value == "":
            self._fault(node, "there is no value; an empty value is not part of the language, leave the key out")
        rest = self._texts[node.end_mark.line][node.end_mark.column :] if plain else ""
        if re.match(r" #", rest):
            lost = rest.strip()[:30]
            self._fault(node, f"`{lost}` would be lost as a comment; quote the value, or put two blanks before the #")
        return str(node.value)

    def _refuse(self, node: Node) -> None:
        if node.anchor:
            self._fault(node, f"anchors and aliases (&{node.anchor}) are not part of the language; write it out")
        tag = str(node.tag or "")
        if tag and not tag.startswith("tag:yaml.org,2002:"):
            self._fault(node, f"tags ({tag}) are not part of the language; put the value in quotes if it is text")

    def _line(self, node: Node) -> int:
        return self._first + int(node.start_mark.line)

    def _fault(self, node: Node, what: str) -> None:
        self._tree.faults.append((self._line(node), what))
