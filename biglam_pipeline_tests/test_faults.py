"""Every code of faults.tsv is held by a test that its code finds, or open for a reason that still is one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from biglam_pipeline.language import READERS
from biglam_pipeline.normalize.ways_out import BUILT
from biglam_pipeline_tests import faults
from biglam_pipeline_tests.conftest import ROOT

BUILT_PROTOCOLS = {path.stem for path in (ROOT / "biglam_pipeline" / "harvest" / "protocols").iterdir()}
ALL = [one.code for one in faults.table()]


@pytest.fixture(scope="module")
def known() -> dict[str, faults.Fault]:
    """Code -> its row, with its tests: they are looked for once, and not where tests are only collected."""
    return {one.code: one for one in faults.faults()}


def test_the_page_is_fresh() -> None:
    assert faults.main(["--check"]) == 0, "run `python -m biglam_pipeline_tests.faults` (make docs)"


def test_a_stale_page_is_said_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(faults, "PAGE", tmp_path / "faults.md")
    assert faults.main(["--check"]) == 1
    assert capsys.readouterr().out == "faults.md is stale; run python -m biglam_pipeline_tests.faults\n"
    assert faults.main([]) == 0
    assert faults.main(["--check"]) == 0


def test_the_codes_are_all_there_in_order() -> None:
    assert [f"F{n:02}" for n in range(1, 45)] + [f"H{n:02}" for n in range(1, 56)] == ALL


@pytest.mark.parametrize("code", ALL, ids=lambda code: f"of {code}")
def test_a_code_is_held_or_open_for_a_reason_that_is_one(code: str, known: dict[str, faults.Fault]) -> None:
    """What is built is not open any more: its tests carry the code, and the row of faults.tsv loses its reason."""
    one = known[code]
    assert one.fault
    assert one.outcome
    assert bool(one.held_by) != bool(one.open), f"{one.code}: give a test its name, or say in faults.tsv why it is open"
    if match := re.fullmatch(r"not built: (reader|protocol) (\w+)", one.open):
        kind, name = match.groups()
        assert name in READERS or kind == "protocol"
        assert name not in (BUILT if kind == "reader" else BUILT_PROTOCOLS), f"{name} is built: write {one.code}'s test"
    else:
        assert not one.open, f"{one.open!r} is no reason: write `not built: reader NAME`, or protocol"


def test_a_code_is_spelled_in_one_way() -> None:
    """`test_f09_...`, small as function names are; `F09` at the beginning of parameters; and one code a test."""
    for path in sorted(faults.TESTS.rglob("test_*.py")):
        for test in faults.tests_in(path):
            where = f"{path.name}: {test.name}"
            named = re.findall(r"(?i)(?<=_)[fh]\d\d(?=_|$)", test.name)
            if named:
                assert named == [named[0].lower()], f"{where}: write one code, in small letters"
                assert test.name.startswith(f"test_{named[0]}_"), f"{where}: the code comes first"
                assert named[0].upper() in ALL, f"{where}: {named[0]} is no code of faults.tsv"
            assert not {*faults.codes_of(test)} - {*ALL}, where


def collected(known: dict[str, faults.Fault], *words: str) -> list[str]:
    """Names with parameters, as pytest collects the files that hold a code."""
    files = sorted({holder.file for one in known.values() for holder in one.held_by})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *words, *files],
        cwd=faults.TESTS,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line]


def named(names: list[str], code: str, holder: faults.Holder) -> list[str]:
    """Those of a test that its code finds."""
    mine = [name for name in names if name.partition("[")[0].rpartition("::")[2] == holder.name]
    return [name for name in mine if code.casefold() in name.casefold()]


@pytest.mark.slow
def test_each_code_finds_its_tests(known: dict[str, faults.Fault]) -> None:
    """As pytest collects them: parameters that are named in a list elsewhere would hold nothing."""
    names = collected(known)
    for one in known.values():
        for holder in one.held_by:
            assert named(names, one.code, holder), f"`pytest -k {one.code}` does not find {holder.name}"


@pytest.mark.slow
def test_each_code_is_held_by_make_test(known: dict[str, faults.Fault]) -> None:
    """Whoever makes a test slow leaves one that is not: a developer meets every fault in the loop."""
    selection = re.search(r'-m "(not slow[^"]*)"', (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert selection
    names = collected(known, "-m", selection[1])
    slow = [
        one.code for one in known.values() if one.held_by and not any(named(names, one.code, by) for by in one.held_by)
    ]
    assert slow == [], "of these all tests are slow: let one of each stay in `make test`"
