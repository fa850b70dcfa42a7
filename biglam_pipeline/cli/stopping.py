"""Ctrl-C and SIGTERM are wishes, not faults: the work ends where it is, and says so; a second one ends at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from biglam_pipeline.errors import Exit

_ENDS = {signal.SIGINT: Exit.STOPPED, signal.SIGTERM: Exit.TERMINATED}
_wished: list[signal.Signals] = []


def stop_status() -> Exit | None:
    """The exit status of a command that was asked to stop; None where nobody asked."""
    return _ENDS[_wished[0]] if _wished else None


def arm() -> None:
    """SIGTERM raises KeyboardInterrupt as SIGINT does. Again before each run: Dagster leaves other handlers behind."""
    if (
        signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    ):  # a shell's background job is spared the terminal's Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def stoppable() -> Iterator[None]:
    """Notes which signal came, whatever handlers are set meanwhile; for the main thread of a command.

    The wakeup descriptor gets every signal's number before any Python handler runs, so a second wish is obeyed even
    while a library is busy in C. https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    threading.Thread(target=_watch, args=(reading,), name="signals", daemon=True).start()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    arm()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)


def _watch(reading: int) -> None:
    while numbers := os.read(reading, 64):
        for number in numbers:
            if number in _ENDS:
                if _wished:
                    os._exit(_ENDS[signal.Signals(number)])
                _wished.append(signal.Signals(number))
    os.close(reading)
