"""Works slices, on every core where that is worth it: the one way in, behind which other engines can stand."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Protocol, TypeVar

from biglam_pipeline.engine.pulse import Progress, beating
from biglam_pipeline.engine.workers import Workers
from biglam_pipeline.store import disk

WORTH_BYTES = 16 * 2**20
"""Of all slices together. A process needs about a second before it begins; this much is read in some seconds."""


class Task(Protocol):
    """A slice to be worked. It pickles, and says all that the work needs."""

    @property
    def name(self) -> str:
        """What a person calls it, for errors and progress."""

    @property
    def size(self) -> int:
        """Bytes that are read for it."""


_T = TypeVar("_T", bound=Task)
_A = TypeVar("_A")


def map_slices(function: Callable[[_T], _A], tasks: Sequence[_T], processes: int, log: logging.Logger) -> Iterator[_A]:
    """What `function` answers to each task, in their order; a few are under way, in so many processes at most.

    function: of a module, pure: its answer, and what it writes where its task says, follow from the task alone. So
    the outcome is the same for any number of processes. What it raises is raised here, with the slice's name as a note.
    ProcessKilled names the slice at which a process was ended, for want of memory say. log: gets progress.
    """
    progress = Progress(log, "read", len(tasks))
    many = min(processes, len(tasks)) if sum(task.size for task in tasks) >= WORTH_BYTES else 1
    with Workers(many, named=attrgetter("name"), hear=progress.hear) as workers:
        answers = workers.map(function, tasks) if many > 1 else (_here(function, task, progress) for task in tasks)
        for task in tasks:
            with _naming(task.name):
                answer = next(answers)
            progress.done += 1
            yield answer


def _here(function: Callable[[_T], _A], task: _T, progress: Progress) -> _A:
    with beating(progress.hear, task.name):
        return function(task)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"in the slice {name}")
        raise


def cores() -> int:
    """How many cores this process may use: of a container its share, of a pinned process those it is pinned to."""
    pinned = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([pinned, *_quotas()])


def _quotas() -> Iterator[int]:
    """The limits of its control group, of version 2 (cpu.max) or 1: https://docs.kernel.org/admin-guide/cgroup-v2.html"""
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        files = [Path("/sys/fs/cgroup", name) for name in names]
        if not all(map(disk.look, files)):
            continue
        words = b" ".join(map(disk.read_file, files)).split()
        if len(words) == 2 and all(word.isdigit() for word in words):  # `max` and -1 are no limit
            yield max(1, -(-int(words[0]) // int(words[1])))
