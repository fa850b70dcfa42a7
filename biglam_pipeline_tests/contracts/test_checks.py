"""What holds of every check: it says whose it is, changes nothing, says the same again, and a test has seen it fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearance import Finding, required
from biglam_pipeline.normalize.mapping.steps import STEPS
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.checks.test_checks import NAME

TESTS = Path(__file__).parents[1]
STAGE_OF = {name: stage for stage, checks in CHECKS.items() for name in checks}
_NOT_ABOUT_ONE = {"test_house.py", "test_recipe.py", "test_docs.py"}


def shelved(bench: Bench) -> dict[str, bytes]:
    shelves = bench.folder / "state" / "shelves"
    return {str(path.relative_to(shelves)): path.read_bytes() for path in shelves.rglob("*") if path.is_file()}


def asked(bench: Bench) -> list[Finding]:
    """All of them, of a source whose four shelves are there; nothing is remembered from one time to the next."""
    source = bench.source(NAME)
    return clearing.run_checks(clearing.view_of(bench.run, source, bench.base(source), "stated"), frozenset(STAGE_OF))


def test_each_says_whose_it_is_changes_nothing_and_says_the_same_again(bench: Bench) -> None:
    bench.night(NAME)
    before = shelved(bench)
    first = asked(bench)
    assert {one.check: one.stage for one in first} == STAGE_OF
    assert required() <= {one.check for one in first}
    assert all(one.digest == "stated" and one.summary for one in first)
    assert asked(bench) == first
    assert shelved(bench) == before


def words_of(path: Path) -> Iterator[str]:
    """What stands as a text in the code of a module: not in what describes it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node.value


@pytest.fixture(scope="module")
def said() -> str:
    """All texts in tests that are about something: a file that is empty, or that only names a kind, has none."""
    paths = [path for path in TESTS.rglob("test_*.py") if path.name not in _NOT_ABOUT_ONE and path != Path(__file__)]
    return "\n".join(word for path in paths for word in words_of(path))


@pytest.mark.parametrize("name", STAGE_OF)
def test_a_test_asks_for_the_finding_of_each_by_its_name(name: str, said: str) -> None:
    assert name in said


@pytest.mark.parametrize("name", STEPS)
def test_a_test_runs_each_step(name: str, said: str) -> None:
    assert any(line.startswith(name) for line in said.splitlines())


def test_a_file_that_only_names_something_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "test_empty.py"
    path.write_text('"""Of `"shout"`."""\n\n\ndef test_nothing() -> None:\n    """titles_are_short."""\n')
    assert list(words_of(path)) == []
