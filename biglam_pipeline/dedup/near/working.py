"""Processes that hash and verify: answers come in the order of the questions, and few are ever on their way."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeVar

from loky import ProcessPoolExecutor

_Q = TypeVar("_Q")
_A = TypeVar("_A")
_AHEAD = 3
"""Questions a process that may wait for it: enough that none idles, few enough that memory stays small."""

_LOOK_SECONDS = 2.0
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""numpy would start a thread for each core in each process, for sums of matrices that nobody asks for."""


class Workers:
    """One process, this one, or a pool of some; the outcome is the same to the last bit."""

    def __init__(self, processes: int, ready: Callable[[], None]) -> None:
        """processes: how many work at the same time; 1 works here, without a pool.

        ready: what each process does first: a function of a module, so that a fresh process can find it.
        """
        self.processes = max(1, processes)
        self._start = ready
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Processes are started at once, so that they are ready when the first question comes."""
        if self.processes == 1:
            self._start()
            return self
        # The standard library's pool would fork, and inherit the locks of polars' threads as they happen to be, or
        # spawn, and import the command and Dagster with it: two seconds for each process.
        self._pool = ProcessPoolExecutor(
            self.processes, initializer=_begin, initargs=(self._start, os.getpid()), env=_ENVIRONMENT
        )
        for _ in range(self.processes):
            self._pool.submit(os.getpid)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the processes; after an error, without waiting for what was asked."""
        if self._pool is not None:
            self._pool.shutdown(kill_workers=error is not None)
            self._pool = None

    def map(self, work: Callable[[_Q], _A], questions: Iterable[_Q], ahead: int = 0) -> Iterator[_A]:
        """Answers in order. work: a function of a module, so that a fresh process can find it.

        ahead: the most questions to be on their way: a question is made once all but those before it were answered.
        """
        if self._pool is None:
            yield from map(work, questions)
            return
        waiting: deque[Future[_A]] = deque()
        for question in questions:
            waiting.append(self._pool.submit(work, question))
            if len(waiting) >= (ahead or self.processes * _AHEAD):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin(ready: Callable[[], None], parent: int) -> None:
    """The first thing in a fresh process. A pool's processes outlive a parent that was killed, so they watch it."""
    ready()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
