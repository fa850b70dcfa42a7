"""A visit to hosts whose addresses are fixed, which are this machine."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.conftest import Shelf

MakeShelf = Callable[[Mapping[str, str]], Shelf]


@pytest.fixture
def shelf_of(tmp_path: Path, slept: list[float]) -> Iterator[MakeShelf]:
    """A shelf whose network leads certain addresses elsewhere."""
    opened: list[Web] = []

    def make(rewrite: Mapping[str, str]) -> Shelf:
        locks = tmp_path / "locks"
        web = Web(contact="a@example.org", rewrite=rewrite, allow_private=True, locks=locks, sleep=slept.append)
        opened.append(web)
        return Shelf(web, tmp_path / "base", tmp_path / "scratch")

    yield make
    for web in opened:
        web.close()
