"""Processes of this machine that work for this one: answers come in the order of the questions, few are on their way.

Each is a fresh interpreter. A fork would inherit the locks of polars' threads as they happen to be, and the standard
library's spawn imports the command, and Dagster with it, before it works. Each has a line of its own to this process,
so that it is known which one was killed, and at which task.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

from biglam_pipeline.errors import ProcessKilled

_Q = TypeVar("_Q")
_A = TypeVar("_A")
_AHEAD = 3
"""Questions a process that may wait for it: enough that none idles, few enough that memory stays small."""
_END_SECONDS = 10.0
_LISTEN_SECONDS = 0.5
"""How often a wait is looked up from. A signal that comes after Python last looked, and before the thread sleeps, wakes
nobody: without a limit, Ctrl-C would be heard with the next answer only."""
_BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from biglam_pipeline.engine import worker as w; "
_BEGIN += "w.main(int(sys.argv[1]))"
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""numpy would start a thread for each core in each process, for sums of matrices that nobody asks for."""


class Workers:
    """One process, this one, or some others; the outcome is the same to the last bit."""

    def __init__(
        self,
        processes: int,
        ready: Callable[[], None] | None = None,
        *,
        named: Callable[[Any], str] = lambda question: "",
        hear: Callable[[int, str], None] = lambda records, where: None,
    ) -> None:
        """processes: how many work at the same time; 1 works here. ready: what each does first.

        named: what a question is about, for errors; hear: gets the counts of `engine.pulse` that others send.
        """
        self.processes = max(1, processes)
        self._ready, self._named, self._heard = ready, named, hear
        self._lines: list[_Line] = []
        self._idle: SimpleQueue[_Line] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None
        self._hearing = Lock()

    @property
    def pids(self) -> list[int]:
        """Of the other processes."""
        return [line.process.pid for line in self._lines]

    def __enter__(self) -> Self:
        """Processes are started at once, so that they are ready when the first question comes."""
        if self.processes == 1:
            if self._ready is not None:
                self._ready()
            return self
        self._threads = ThreadPoolExecutor(self.processes)
        for _ in range(self.processes):
            line = _Line(self.processes)
            self._lines.append(line)
            self._threads.submit(self._begin, line)
        return self

    def _begin(self, line: "_Line") -> None:
        try:
            if self._ready is not None:
                line.ask(_first, "its beginning", self._ready, self._hear)
        finally:
            self._idle.put(line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the processes; after an error, without waiting for what was asked."""
        for line in self._lines if error is not None else ():
            line.process.kill()  # the thread that waits for it goes on then
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for line in self._lines:
            line.end()
        self._lines.clear()
        self._threads = None

    def map(self, work: Callable[[_Q], _A], questions: Iterable[_Q], ahead: int = 0) -> Iterator[_A]:
        """Answers in order. work: a function of a module, so that a fresh process can find it.

        ahead: the most questions to be on their way: a question is made once all but those before it were answered.
        What `work` raises is raised here. ProcessKilled where a process ended before it answered.
        """
        if self._threads is None:
            yield from map(work, questions)
            return
        waiting: deque[Future[_A]] = deque()
        for question in questions:
            waiting.append(self._threads.submit(self._ask, work, question))
            if len(waiting) >= (ahead or self.processes * _AHEAD):
                yield _answer(waiting.popleft())
        while waiting:
            yield _answer(waiting.popleft())

    def _hear(self, records: int, where: str) -> None:
        with self._hearing:
            self._heard(records, where)

    def _ask(self, work: Callable[[_Q], _A], question: _Q) -> _A:
        line = self._idle.get()
        try:
            answer: _A = line.ask(work, self._named(question), question, self._hear)
            return answer
        finally:
            self._idle.put(line)  # one that has ended says so again: nobody waits for it


def _answer(future: Future[_A]) -> _A:
    while not wait([future], _LISTEN_SECONDS).done:
        pass
    return future.result()


def _first(ready: Callable[[], None]) -> None:
    ready()


class _Line:
    """One process, and the line to it."""

    def __init__(self, processes: int) -> None:
        """Starts it. processes: how many there are, for the error of one that was killed."""
        self._processes = processes
        mine, other = socket.socketpair()
        with other:
            self.process = subprocess.Popen(  # noqa: S603  # our own words, no shell
                [
                    sys.executable,
                    "-P",
                    "-c",
                    _BEGIN,
                    str(other.fileno()),
                    json.dumps([str(folder) for folder in sys.path]),
                ],
                stdin=subprocess.PIPE,  # ends with this process, whatever ends it: then the other ends too
                stdout=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
                pass_fds=[other.fileno()],
                process_group=0,  # a terminal's Ctrl-C is for this process alone
            )
        self._connection = Connection(mine.detach())

    def ask(self, work: Callable[[Any], Any], name: str, question: Any, hear: Callable[[int, str], None]) -> Any:
        """The answer. name: what the question is about."""
        try:
            self._connection.send((logging.getLogger().getEffectiveLevel(), work, name, question))
            while True:
                kind, value = self._connection.recv()
                if kind == "answer":
                    return value
                if kind == "error":
                    raise _with_place(*value)
                if kind == "beat":
                    hear(*value)
                elif kind == "log":
                    logging.getLogger(value.name).handle(value)
        except (EOFError, ConnectionError) as cause:
            raise self._killed(name) from cause

    def _killed(self, name: str) -> ProcessKilled:
        code = self.process.wait(_END_SECONDS)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code} (what it said is above)"
        remedy = "run again: what was shelved before is kept"
        if -code == signal.SIGKILL:
            fewer = max(1, self._processes // 2)
            remedy = f"if memory ran out, set BIGLAM_PROCESSES to {fewer} (of {self._processes}) or fewer, and {remedy}"
        return ProcessKilled(f"{name or 'a task'}: the process that worked at it {how}; {remedy}")

    def end(self) -> None:
        """Ends it: it goes by itself once its lines are closed, and is killed where it does not."""
        assert self.process.stdin is not None
        self._connection.close()
        self.process.stdin.close()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _Elsewhere(Exception):
    """Where an error was raised in the other process, as its traceback says it."""


def _with_place(error: Exception, reported: str) -> Exception:
    """The error as it was raised, caused by where that was."""
    error.__cause__ = _Elsewhere(f"\n{reported}")
    return error
