"""A visit to hosts whose addresses are fixed, which are this machine; and addresses that are nearly right."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.conftest import Shelf


def says_what_to_write(kind: type[Harvester], written: str, meant: str) -> None:
    """An address is refused in words that end in the one that is meant."""
    with pytest.raises((ValueError, ValidationError)) as caught:
        kind(**read_address(written))
    said = str(caught.value)
    assert f"write {meant}\n" in f"{said}\n".replace(" [type=", "\n"), said


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
