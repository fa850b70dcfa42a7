"""`make test` finds the same every time, on whatever machine; `make fuzz` explores; `make` finds its Python."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from biglam_pipeline_tests.conftest import ROOT

TESTS = ROOT / "biglam_pipeline_tests"
drawn: list[int] = []


def test_examples_follow_from_the_test_alone() -> None:
    """Neither from chance nor from the modules that are loaded, which differ from worker to worker."""
    profile = settings()
    assert (profile.derandomize, profile.deadline, profile.database) == (True, None, None)
    assert len(providers._get_local_constants()) == 0
    for _ in range(2):
        _draws()
    half = len(drawn) // 2
    assert drawn[:half] == drawn[half:]


@given(st.integers())
def _draws(number: int) -> None:
    drawn.append(number)


def test_the_profile_alone_decides_what_is_random() -> None:
    """A test that says so itself would not be explored, or would be, in `make test`."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {word.arg}="
        for path in TESTS.rglob("*.py")
        if path.name != "conftest.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"settings", "hypothesis.settings"}
        for word in node.keywords
        if word.arg in {"derandomize", "deadline", "database", "print_blob"}
    ]
    assert found == []


FAILS = """
from hypothesis import given, settings, strategies as st

@settings(max_examples=2000)
@given(st.integers(0, 2**30))
def test_small(number):
    assert number < 2**29
"""


REGISTERS = "from hypothesis import settings\nsettings.register_profile('explore', database=None)\n"


@pytest.mark.slow  # of `make fuzz`; what `make test` draws stays
def test_exploring_says_how_to_find_it_again(tmp_path: Path) -> None:
    """In a project of its own, with one test that fails."""
    package = tmp_path / "biglam_pipeline_tests"
    package.mkdir()
    (package / "conftest.py").write_text(REGISTERS)
    (package / "test_fails.py").write_text(FAILS)
    (package / "fuzz.py").write_text((TESTS / "fuzz.py").read_text(encoding="utf-8"))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, str(package / "fuzz.py"), "120", "-n", "0", str(package)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    seeds = set(re.findall(r"(?:seed |SEED=|-seed=)(\d+)", done.stdout))
    assert len(seeds) == 1
    assert "Keep it as an @example" in done.stdout


@pytest.mark.slow  # of `make fuzz`; what `make test` draws stays
def test_exploring_ends_when_its_time_is_over() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "biglam_pipeline_tests.fuzz", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "0 whole rounds in 1 s, and nothing was found" in done.stdout) == (0, True)


# --- make finds its Python ---


def pythons(folder: Path, *there: str, broken: tuple[str, ...] = ()) -> str:
    """A PATH with these Pythons, which write down what they are asked; a broken one lacks its venv module."""
    folder.mkdir()
    for name in (*there, *broken):
        ends = "exit 1" if name in broken else f'echo "{name} $*" >> "{folder}/asked"'
        (folder / name).write_text(f"#!/bin/sh\n{ends}\n")
        (folder / name).chmod(0o755)
    for name in ("sh", "make", "grep", "sed", "expand", "touch", "test", "mkdir", "echo"):
        found = next((Path(one) / name for one in os.defpath.split(":") if (Path(one) / name).exists()), None)
        if found:
            (folder / name).symlink_to(found)
    return str(folder)


def made(tmp_path: Path, path: str) -> "subprocess.CompletedProcess[str]":
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text(encoding="utf-8"))
    environment = {"PATH": path, "SHELL": "/bin/sh"}
    return subprocess.run(
        ["make", ".venv/bin/python"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("there", "broken", "taken"),
    [
        (("python3.11", "python3.12", "python3.14"), (), "python3.11"),
        (("python3.13", "python3.14"), (), "python3.13"),
        (("python3.12",), ("python3.11",), "python3.12"),
        (("python3.14", "python3.10", "python3"), (), "python3.14"),
    ],
)
def test_the_first_python_that_will_do_is_taken(
    tmp_path: Path, there: tuple[str, ...], broken: tuple[str, ...], taken: str
) -> None:
    done = made(tmp_path, pythons(tmp_path / "bin", *there, broken=broken))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "bin" / "asked").read_text().splitlines()[-1] == f"{taken} -m venv .venv"


def test_no_python_is_said_with_what_to_do(tmp_path: Path) -> None:
    done = made(tmp_path, pythons(tmp_path / "bin", "python3.10", "python3", broken=("python3.12",)))
    assert done.returncode != 0
    assert "no Python from 3.11 to 3.14" in done.stdout
    assert "make PYTHON=" in done.stdout
