"""A bench whose Hub does not really wait, and clients that keep nothing outside the test's folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.store.parts import PartSize
from biglam_pipeline_tests.bench import Bench


@pytest.fixture
def pauses(bench: Bench) -> list[float]:
    """The seconds that the bench's Hub would have waited."""
    waited: list[float] = []
    bench.house = replace(bench.house, hub=Hub(bench.hub.endpoint, sleep=waited.append))
    return waited


@pytest.fixture
def small(bench: Bench) -> Bench:
    """Some rows a part, so that a dataset has several."""
    bench.house = replace(bench.house, part_size=PartSize(full=5_000, step=5))
    return bench


@pytest.fixture
def client(tmp_path: Path) -> Callable[..., str]:
    """Runs Python in a process of its own, whose libraries know the endpoint from the environment."""

    def run(endpoint: str, script: str, *arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        clean |= {
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(tmp_path / "hf-home"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=clean,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
