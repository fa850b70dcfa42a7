"""The README's walk of a stranger, executed as it is written, in a fresh clone that sets itself up."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline_tests.servers.ports import free_port

ROOT = Path(__file__).parents[1]


def _walk(port: int = 8766) -> str:
    """The commands of the README's own block, on a port of this test's own."""
    found = re.search(r"<!-- walk -->\n```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, "the README has no walk"
    return found[1].replace("8766", str(port))


def test_the_entry_of_the_walk_has_ten_lines() -> None:
    found = re.search(r"<<'YAML'\n(.*?)YAML", _walk(), re.DOTALL)
    assert found
    assert len(found[1].splitlines()) <= 10


@pytest.fixture
def port() -> int:
    """A port that nothing listens on."""
    return free_port()


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A fresh clone; its embedded Hub ends when its folder is gone."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout, so there is nothing to clone")
def test_a_stranger_can_walk_it_in_a_fresh_clone(clone: Path, port: int, tmp_path: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("BIGLAM_", "DAGSTER_", "HF_"))}
    clean |= {"BIGLAM_HUB_PORT": str(port), "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_TELEMETRY": "1"}
    made = subprocess.run(["make", "setup", "run"], cwd=clone, env=clean, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    words = ["bash", "-euo", "pipefail", "-c", _walk(port)]
    walked = subprocess.run(words, cwd=clone, env=clean, capture_output=True, text=True, check=False)
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "4 rows; Widow Pell 1803%" in walked.stdout, walked.stdout
