"""The command `biglam` in processes that are forked of a warm one: to start each from nothing costs seconds of imports.

A process has a folder, an environment and streams of its own, runs the entry point, and ends with its status. What is
asked of the start or the end itself (what is imported, a signal that comes early) starts a new interpreter.
"""

import atexit
import importlib
import json
import os
import pkgutil
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

LIBRARIES = (
    "dagster",
    "huggingface_hub.hf_api",
    "huggingface_hub.hf_file_system",
    "yaml",
    "scipy.sparse.csgraph",
    "rich.progress",
    "typer.rich_utils",
)
"""What the package imports only where it is used."""


class Command:
    """Runs the command, again and again, one at a time."""

    def __init__(self, warm: subprocess.Popen[str], prepared: Path) -> None:
        self._warm, self._prepared = warm, prepared

    def __call__(
        self, *words: str, folder: Path, settings: Mapping[str, str], answer: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """One process, from its start to its end.

        settings: beside this process's environment without the program's own. answer: what is typed.
        """
        self.start(*words, folder=folder, settings=settings, answer=answer)
        return self.ended()

    def start(self, *words: str, folder: Path, settings: Mapping[str, str], answer: str = "") -> int:
        """The process's number; its end must be waited for."""
        assert self._warm.stdin is not None
        state = folder / settings.get("BIGLAM_STATE", ".biglam")
        room = state if state.exists() else state.parent
        if words[0] == "run" and not (state / "dagster").exists() and room.is_dir() and os.access(room, os.W_OK):
            shutil.copytree(self._prepared, state / "dagster")  # to make its databases takes as long as a run
        environment = {**clean_environment(), **settings}
        order = {"words": words, "folder": str(folder), "environment": environment, "answer": answer}
        self._warm.stdin.write(json.dumps(order) + "\n")
        self._warm.stdin.flush()
        return int(self._heard()["pid"])

    def ended(self) -> subprocess.CompletedProcess[str]:
        """The end of the process that was started."""
        return subprocess.CompletedProcess(args=["biglam"], **self._heard())

    def _heard(self) -> dict[str, Any]:
        assert self._warm.stdout is not None
        line = self._warm.stdout.readline()
        assert line, "the warm process is gone"
        heard: dict[str, Any] = json.loads(line)
        return heard


@contextmanager
def open_command(prepared: Path) -> Iterator[Command]:
    """A warm process, which ends with the block. prepared: a home of Dagster, for whoever runs and has none."""
    with subprocess.Popen(
        [sys.executable, "-m", "biglam_pipeline_tests.command"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as warm:
        yield Command(warm, prepared)


def clean_environment() -> dict[str, str]:
    """This process's, without the program's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("BIGLAM_", "DAGSTER_HOME"))}


def _warm_up() -> None:
    """Imports everything and calls nothing, so that no thread is lost in a fork."""
    import biglam_pipeline

    for module in pkgutil.walk_packages(biglam_pipeline.__path__, "biglam_pipeline."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)


def _become(order: dict[str, Any], streams: tuple[IO[bytes], ...]) -> None:
    """Makes this process the one that was ordered."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - that of the warm one may have read ahead
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    sys.argv[:] = ["biglam", *order["words"]]


def _serve() -> bool:
    """Follows orders until there are none; True in each process that is to be the command."""
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.TemporaryFile() as typed, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as reported:
            typed.write(order["answer"].encode())
            typed.seek(0)
            pid = os.fork()
            if pid == 0:
                _become(order, (typed, said, reported))
                return True
            print(json.dumps({"pid": pid}), flush=True)
            _, status = os.waitpid(pid, 0)
            said.seek(0)
            reported.seek(0)
            ended = {"returncode": os.waitstatus_to_exitcode(status)}
            ended |= {"stdout": said.read().decode(), "stderr": reported.read().decode()}
        print(json.dumps(ended), flush=True)
    return False


def _end(code: int) -> NoReturn:
    """As Python ends, but for taking apart module by module what the warm one imported: six times the work of the start
    and of `--version` together, since every page of memory is copied for it.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # threads that are no daemons end first
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _warm_up()
    if _serve():
        from biglam_pipeline.cli import main

        try:
            main()
        except SystemExit as ended:
            if not isinstance(ended.code, int | None):
                raise
            _end(ended.code or 0)
        _end(0)
