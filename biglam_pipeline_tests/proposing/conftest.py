"""The command in a folder of its own, and a server that answers as a test says."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.servers.web import ScriptedServer, scripted_server

Biglam = Callable[..., CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def biglam(tmp_path: Path, command: Command) -> Biglam:
    """Runs it; private: which hosts of this machine may be asked; rewrite: what else is asked here."""

    def run(*words: str, rewrite: Mapping[str, str] | None = None, private: str = "1") -> CompletedProcess[str]:
        led = " ".join(f"{one}={other}" for one, other in (rewrite or {}).items())
        settings = {"BIGLAM_ALLOW_PRIVATE_HOSTS": private, "BIGLAM_REWRITE": led}
        return command(*words, folder=tmp_path, settings=settings)

    return run
