"""A desk for each test of Dagster's side, over a home that was prepared once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.defs.desk import Desk, open_desk


@pytest.fixture
def desk(bench: Bench, prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk with shelves, Hub and instance of its own."""
    home = Path(shutil.copytree(prepared, tmp_path / "dagster"))
    with open_desk(bench, home) as opened:
        yield opened
