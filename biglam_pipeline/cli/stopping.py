"""Ctrl-C and SIGTERM are wishes, not faults: the work ends where it is, and says so; a second one ends at once."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from biglam_pipeline.errors import Exit

_ENDS = {signal.SIGINT: Exit.STOPPED, signal.SIGTERM: Exit.TERMINATED}
_ECHO_SECONDS = 0.5
"""What comes so soon after a wish is the same one: `timeout` signals its child, then the group that it is in; a runner
passes on the terminal's Ctrl-C, which its child has had already.
"""
_wished: list[signal.Signals] = []
_noted = threading.Event()


def stop_status() -> Exit | None:
    """The exit status of a command that was asked to stop; None where nobody asked."""
    return _ENDS[_wished[0]] if _wished else None


def arm() -> None:
    """SIGTERM raises KeyboardInterrupt as SIGINT does. Again before each run: Dagster leaves other handlers behind."""
    _handle(_interrupt)


def hush() -> None:
    """From here on a signal interrupts nothing: the watch notes it, and ends the command at a second wish."""
    _handle(_pass_over)


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    if (
        signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    ):  # a shell's background job is spared the terminal's Ctrl-C
        signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)


def _pass_over(_number: int, _frame: FrameType | None) -> None:
    """A handler of Python's, so that the watch hears of the signal; SIG_IGN would keep it from the process."""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    hush()  # one wish interrupts once: a second signal of it must not end what says that the work was stopped
    raise KeyboardInterrupt


@contextmanager
def stoppable() -> Iterator[None]:
    """Ends the command as it was asked to, whatever handlers are set meanwhile; for the main thread.

    The wakeup descriptor gets every signal's number before any Python handler runs, so a second wish is obeyed even
    while a library is busy in C. https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    threading.Thread(target=_watch, args=(reading,), name="signals", daemon=True).start()
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    arm()
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        code = end.code if isinstance(end, SystemExit) else None
        if isinstance(end, KeyboardInterrupt) or code in _ENDS.values():
            _noted.wait(1)  # this thread may be faster than the one that reads the number
        status = stop_status()
        if status is None or code == 0:
            raise
        if code != status or _is_typers(end):  # a verb that has said it in its own words ends with it
            sys.stderr.write("stopped; what was done is kept, and the same command goes on from there\n")
        for (
            number
        ) in _ENDS:  # Python hands signals back to the system before it has ended, which would end it as killed
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(status) from None


def _is_typers(end: BaseException) -> bool:
    """Whether it is the exit that typer makes of a KeyboardInterrupt, without a word (`raise Exit(130) from e`)."""
    return end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt)


def _watch(reading: int) -> None:
    first = 0.0
    while numbers := os.read(reading, 64):
        for number in numbers:
            if number in _ENDS:
                if not _wished:
                    first = time.monotonic()
                    _wished.append(signal.Signals(number))
                elif time.monotonic() - first > _ECHO_SECONDS:
                    os._exit(_ENDS[signal.Signals(number)])
                _noted.set()
