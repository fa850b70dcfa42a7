"""Processes that work for this one answer in order, fail as themselves, and never outlive who asked."""

import itertools
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest

from biglam_pipeline.engine import slices
from biglam_pipeline.engine.pulse import pulse
from biglam_pipeline.engine.slices import map_slices
from biglam_pipeline.engine.workers import Workers
from biglam_pipeline.errors import ProcessKilled, ServerBusy, ShelfDamaged

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slice:
    """A task that needs no shelf."""

    name: str
    number: int = 0
    size: int = slices.WORTH_BYTES


SLICES = [Slice(f"source: bundle {number}", number) for number in range(6)]


def doubled(number: int) -> int:
    return number * 2


def broken(number: int) -> int:
    raise ValueError(number)


def busy(number: int) -> int:
    raise ServerBusy("wait", retry_after_seconds=number)


class Odd(Exception):
    def __init__(self) -> None:
        super().__init__("no copy of me can be made")
        self.kept = lambda: None


def odd(number: int) -> int:
    raise Odd


def where(task: Slice) -> int:
    return os.getpid()


def killed(task: Slice) -> int:
    if task.number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task.number


def ended(task: Slice) -> int:
    os._exit(7)


def damaged(task: Slice) -> int:
    if task.number == 3:
        raise ShelfDamaged("a batch is gone")
    return task.number


def counting(task: Slice) -> int:
    for _ in range(1000):
        pulse().beat(task.name)
    log.warning("of %s", task.name)
    return task.number


def begun(reader: Any) -> tuple[set[str], int]:
    """What a process has imported that is about to read slices, and how many formats it then finds in the list."""
    import_module("biglam_pipeline.normalize.slices")
    formats = {name.split(".")[3] for name in sys.modules if name.startswith("biglam_pipeline.normalize.formats.")}
    dear = formats | {"polars", "dagster", "biglam_pipeline.source.entry"} & sys.modules.keys()
    return dear, len(get_args(get_args(import_module("biglam_pipeline.normalize").AnyReader)[0]))


@pytest.mark.slow  # a measurement; `test_little_is_read_...` stays
def test_a_worker_imports_the_format_of_its_task_and_nothing_that_it_does_not_need() -> None:
    kinds = get_args(get_args(import_module("biglam_pipeline.normalize").AnyReader)[0])
    table = next(kind for kind in kinds if kind.__name__ == "Table")
    with Workers(2) as workers:
        assert list(workers.map(begun, [table()])) == [({"table"}, len(kinds))]


@pytest.mark.parametrize("processes", [1, 2])
def test_answers_come_in_order_and_errors_as_themselves(processes: int) -> None:
    with Workers(processes) as workers:
        assert list(workers.map(doubled, range(40))) == [number * 2 for number in range(40)]
        with pytest.raises(ValueError, match=r"^0$"):
            list(workers.map(broken, range(4)))
        with pytest.raises(ServerBusy) as found:
            list(workers.map(busy, [5]))
        assert found.value.retry_after_seconds == 5


def test_an_error_that_cannot_be_sent_is_said_in_words() -> None:
    with Workers(2) as workers, pytest.raises(RuntimeError, match="Odd: no copy of me can be made"):
        list(workers.map(odd, [1]))


def test_few_questions_are_on_their_way() -> None:
    made = 0

    def questions() -> Iterator[int]:
        nonlocal made
        for number in range(30):
            made += 1
            yield number

    with Workers(2) as workers:
        for done, _ in enumerate(workers.map(doubled, questions(), ahead=4), 1):
            assert made - done <= 4


def test_little_is_read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source with few bytes, or one slice, pays for no process."""
    few = [Slice(str(number), size=1000) for number in range(100)]
    assert set(map_slices(where, few, 4, log)) == {os.getpid()}
    assert set(map_slices(where, SLICES[:1], 4, log)) == {os.getpid()}
    assert os.getpid() not in set(map_slices(where, SLICES, 2, log))


def test_a_killed_process_is_an_error_that_names_its_slice_and_what_to_do() -> None:
    done: list[int] = []
    with pytest.raises(ProcessKilled) as found:
        done.extend(map_slices(killed, SLICES, 2, log))
    assert done == [0, 1, 2]
    reported = str(found.value)
    assert "source: bundle 3: the process that worked at it was ended by SIGKILL" in reported
    assert "if memory ran out, set BIGLAM_PROCESSES to 1 (of 2)" in reported


def test_a_process_that_ends_by_itself_is_an_error_too() -> None:
    with pytest.raises(ProcessKilled, match="source: bundle 0: the process that worked at it ended with 7"):
        list(map_slices(ended, SLICES, 2, log))


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_names_the_slice(processes: int) -> None:
    with pytest.raises(ShelfDamaged) as found:
        list(map_slices(damaged, SLICES, processes, log))
    assert str(found.value) == "a batch is gone"
    assert found.value.__notes__ == ["in the slice source: bundle 3"]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_logged_and_counted_elsewhere_is_heard_here(
    processes: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biglam_pipeline.engine.pulse.TELL_EVERY_SECONDS", -1.0)
    with caplog.at_level(logging.INFO):
        assert list(map_slices(counting, SLICES, processes, log)) == list(range(6))
    reported = [record.getMessage() for record in caplog.records]
    assert [one for one in sorted(reported) if one.startswith("of ")] == [f"of {task.name}" for task in SLICES]
    assert any(one.startswith("read: ") and "6,000 records, " in one for one in reported)


_PARENT = """
import signal, time
from biglam_pipeline.engine.workers import Workers
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    with Workers(2) as workers:
        list(workers.map(abs, range(8)))
        print(*workers.pids, flush=True)
        print("ready", flush=True)
        list(workers.map(time.sleep, [{seconds}] * 4))
        time.sleep(60)
"""


@pytest.mark.representative(2)  # other signals
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", [0, 60])
def test_processes_end_with_their_parent(tmp_path: Path, how: signal.Signals, seconds: int) -> None:
    """Idle or at work, whatever ended it; Ctrl-C is not waited for either."""
    script = tmp_path / "parent.py"
    script.write_text(_PARENT.format(seconds=seconds))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        lines = list(itertools.takewhile(lambda line: line != b"ready\n", parent.stdout))
        pids = [int(pid) for pid in lines[-1].split()]
        parent.send_signal(how)
        assert parent.wait(30) != 0
    assert len(pids) == 2
    end = time.monotonic() + 30
    while any(_alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_nothing_of_the_working_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The console script does not look there either: a folder of data may hold a file called json.py."""
    (tmp_path / "json.py").write_text("raise SystemExit('not mine')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])
    with Workers(2) as workers:
        assert list(workers.map(abs, [-1, -2])) == [1, 2]
