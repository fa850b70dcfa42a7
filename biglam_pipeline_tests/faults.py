"""Writes docs/faults.md: each fault and hostile input, what becomes of it, and the tests that hold that.

`python -m biglam_pipeline_tests.faults` writes, `--check` fails where the page is stale; `make docs` runs it too.
A test holds a code where its name begins with it, `test_f09_...`, or where one of its sets of parameters does, `H09`:
so `pytest -k F09` runs them (pytest compares without regard to case). `faults.tsv` has the codes.
"""

import ast
import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
TABLE = TESTS / "faults.tsv"
PAGE = TESTS.parent / "docs" / "faults.md"
IN_NAME = re.compile(r"test_([fh]\d\d)_")
IN_PARAMETERS = re.compile(r"([FH]\d\d)\b")
KINDS = {
    "F": ("Faults", "of servers, of the network, of this machine, of data that changes, and of people"),
    "H": ("Hostile inputs", "and broken ones: XML, JSON, tables, archives, pictures, addresses, entries"),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """One test that holds a code."""

    file: str
    """Below the folder of the tests."""
    name: str
    parameters: bool = False
    """Whether some of its sets of parameters do, and not its name."""


@dataclass(slots=True)
class Fault:
    """One row of the table."""

    code: str
    fault: str
    outcome: str
    open: str
    """Why no test holds it; empty where one does."""
    held_by: list[Holder] = field(default_factory=list)


def table() -> list[Fault]:
    """The table alone."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return [Fault(**row) for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]


def faults() -> list[Fault]:
    """The table with its tests. KeyError where a test names a code that is not in it."""
    found = table()
    by_code = {one.code: one for one in found}
    for code, holders in held().items():
        by_code[code].held_by = holders
    return found


@cache
def tests_in(path: Path) -> tuple[ast.FunctionDef, ...]:
    """Those of a file, which is parsed once a process."""
    return tuple(tests_of(path.read_text(encoding="utf-8")))


@cache
def held() -> dict[str, list[Holder]]:
    """Code -> the tests that hold it, by file and place in it; they are read once a process."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        file = path.relative_to(TESTS).as_posix()
        for test in tests_in(path):
            if named := IN_NAME.match(test.name):
                found[named[1].upper()].append(Holder(file, test.name))
            for code in dict.fromkeys(codes_of(test)):
                found[code].append(Holder(file, test.name, parameters=True))
    return dict(found)


def tests_of(text: str) -> Iterator[ast.FunctionDef]:
    """The tests of a module, also those of classes, where pytest finds them: in no function."""
    waiting: list[ast.stmt] = ast.parse(text).body
    while waiting:
        node, *waiting = waiting
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)] + waiting


def codes_of(test: ast.FunctionDef) -> Iterator[str]:
    """Codes with which sets of parameters of this test begin, as they stand above it."""
    for decorator in test.decorator_list:
        for one in ast.walk(decorator):
            text = one.value if isinstance(one, ast.Constant) else None
            if isinstance(text, str) and (found := IN_PARAMETERS.match(text)):
                yield found[1]


_HEAD = """# Faults and hostile inputs

What goes wrong with servers, networks, machines and files, and what becomes of it here. Written by `make docs` from
`biglam_pipeline_tests/faults.tsv` and the names of the tests: `pytest -k F09` runs those of one code. Where the network
has a part in it, they ask real servers on loopback.
"""


def page() -> str:
    """The whole page."""
    found = faults()
    still = [one for one in found if one.open]
    parts = [_HEAD, f"Of {len(found)} codes {len(found) - len(still)} are held by a test, {len(still)} are open."]
    for letter, (title, more) in KINDS.items():
        parts += ["", f"## {title}", "", f"{title} {more}.", "", "| Code | What comes | What becomes of it | State |"]
        parts += ["| --- | --- | --- | --- |"]
        parts += [_row(one) for one in found if one.code.startswith(letter)]
    return "\n".join(parts) + "\n"


def _row(one: Fault) -> str:
    state = f"open: {one.open}" if one.open else "<br>".join(map(_link, one.held_by))
    return f"| {one.code} | {one.fault} | {one.outcome} | {state} |"


def _link(holder: Holder) -> str:
    some = " (some of its parameters)" if holder.parameters else ""
    return f"[`{holder.name.removeprefix('test_')}`](../{TESTS.name}/{holder.file}){some}"


def main(arguments: Sequence[str]) -> int:
    """1 where `--check` finds the page stale, else 0."""
    made = page()
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == made
    if "--check" in arguments:
        if not fresh:
            print(f"{PAGE.name} is stale; run python -m biglam_pipeline_tests.faults")
        return int(not fresh)
    if not fresh:
        PAGE.write_text(made, encoding="utf-8")
        print(f"{PAGE.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
