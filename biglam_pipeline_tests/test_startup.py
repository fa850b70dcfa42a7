"""What does a command import before it begins? What it works with: a person waits for it, and a shell at each Tab."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("dagster", "scipy", "huggingface_hub", "httpx2", "uvicorn", "starlette")
"""Each takes a tenth of a second or more, and `check` and `status` work with none of them."""
LIBRARIES = ("polars", "pyarrow", "numpy", "lxml", "PIL", "httpx", "ruamel", "fsspec")
"""Of entries and shelves, which the command line itself knows nothing of."""
_SAY = """
import json, sys
from contextlib import suppress
sys.argv[0] = "biglam"
with suppress(SystemExit):
    from biglam_pipeline.cli import main
    main()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""
ENTRY = """
sources:
  letters:
    title: Letters
    custodian: A library
    harvest: file:letters.csv
    normalize: {type: table, map: {id: id, title: name}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
"""


def imported(folder: Path, *words: str, **environment: str) -> tuple[str, set[str]]:
    """What a command says, and the libraries that its process holds when it ends."""
    (folder / "sources.yaml").write_text(ENTRY)
    (folder / "letters.csv").write_text("id,name\n1,One\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BIGLAM_")}
    done = subprocess.run(
        [sys.executable, "-c", _SAY, *words],
        env=clean | {"BIGLAM_STATE": str(folder / ".biglam"), "BIGLAM_SOURCES": "sources.yaml"} | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout, set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.representative(2)  # help of other verbs
@pytest.mark.parametrize("words", ["--help", "--version", "run --help", "takedown --help", "hub serve --help"])
def test_help_imports_the_command_line_alone(tmp_path: Path, words: str) -> None:
    said, libraries = imported(tmp_path, *words.split())
    assert said
    assert not libraries.intersection((*HEAVY, *LIBRARIES))


def test_a_word_that_the_shell_completes_imports_the_command_line_alone(tmp_path: Path) -> None:
    said, libraries = imported(
        tmp_path, _BIGLAM_COMPLETE="complete_bash", COMP_WORDS="biglam chec", COMP_CWORD="1", _TYPER_COMPLETE_ARGS=""
    )
    assert said.split() == ["check"]
    assert not libraries.intersection((*HEAVY, *LIBRARIES))


@pytest.mark.representative(1)  # other verbs that look
@pytest.mark.parametrize("words", ["check", "status --json", "check --json", "status"])
def test_what_only_looks_imports_neither_dagster_nor_the_hub(tmp_path: Path, words: str) -> None:
    said, libraries = imported(tmp_path, *words.split())
    assert "letters" in said
    assert not libraries.intersection(HEAVY)
