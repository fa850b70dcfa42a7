"""How long is a Hub waited for? One total for all that is asked of it, reported every few seconds, never exceeded.

The clients below retry by themselves: `http_backoff` tries five times and sleeps as long as it is told, hf_xet
five times for six minutes each, and neither says so. Each call therefore runs beside a clock that ends it.
"""

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from huggingface_hub.utils._xet import abort_xet_session

from biglam_pipeline.errors import ServerBusy

log = logging.getLogger(__name__)

T = TypeVar("T")
TOTAL_SECONDS = 900.0
"""In which a failing or silent Hub is asked again, unless BIGLAM_HUB_RETRY_MINUTES says otherwise."""
REPORT_SECONDS = 5.0
SLOWEST_BYTES_A_SECOND = 100_000
"""What is sent may take so long beside; a line that is slower than this counts as silent."""
_LONG = 24
"""After so many words they come more seldom: an upload may take hours."""
_NEXT_SECONDS = 300.0


class Retries:
    """What is left of the total: every failure and every wait takes of it."""

    def __init__(self, total_seconds: float = TOTAL_SECONDS, sleep: Callable[[float], None] | None = None) -> None:
        """sleep: by default one that reports how long it will be."""
        self.total = total_seconds
        self.spent = 0.0
        self._sleep = sleep or _sleep_aloud

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.total - self.spent)

    def shorter(self, seconds: float) -> "Retries":
        """Another one, of so many seconds at most."""
        return Retries(min(self.left, seconds), self._sleep)

    def restore(self) -> None:
        """To be called where what was to be done is done."""
        self.spent = 0.0

    def pause(self, seconds: float) -> None:
        """Waits before the next attempt."""
        self.spent += seconds
        self._sleep(seconds)

    def within(self, call: Callable[[], T], who: str, doing: str, size: int = 0) -> T:
        """One attempt at a call, which is left alone where the time is over: then ServerBusy.

        who, doing: for the words; size: bytes that it sends. A call that is left may still take effect: the next run
        looks at what is there before it does anything.
        """
        allowed = size / SLOWEST_BYTES_A_SECOND
        limit, began = self.left + allowed, time.monotonic()
        try:
            return _beside_a_clock(call, limit, f"{who} was asked to {doing}", self)
        except TimeLimit:
            raise ServerBusy(
                f"{who} did not {doing} in {_words(limit)} and says nothing; what was sent is kept there, and the next "
                "run goes on where this one stopped",
                retry_after_seconds=_NEXT_SECONDS,
            ) from None
        except Exception:
            self.spent += max(0.0, time.monotonic() - began - allowed)
            raise


class TimeLimit(Exception):
    """The clock ended a call."""


CURRENT: contextvars.ContextVar[Retries | None] = contextvars.ContextVar("retries", default=None)
"""Of the call that is under way, for the client's own hooks."""


def left_now() -> float:
    """Seconds that the call under way may still wait."""
    retries = CURRENT.get()
    return TOTAL_SECONDS if retries is None else retries.left


def _beside_a_clock(call: Callable[[], T], limit: float, said: str, retries: Retries) -> T:
    ended: Future[T] = Future()

    def work() -> None:
        CURRENT.set(retries)
        try:
            ended.set_result(call())
        except BaseException as cause:
            ended.set_exception(cause)  # raised below, in the thread that waits
            if not isinstance(cause, Exception):
                raise

    context, began = contextvars.copy_context(), time.monotonic()
    threading.Thread(target=context.run, args=(work,), name="hub-call", daemon=True).start()
    try:
        while not ended.done():
            passed = time.monotonic() - began
            if passed >= limit:
                raise TimeLimit
            if passed >= REPORT_SECONDS:
                log.info("%s %s ago; it is waited for %s", said, _words(passed), _words(limit))
            pause = REPORT_SECONDS if passed < _LONG * REPORT_SECONDS else 6 * REPORT_SECONDS
            wait([ended], timeout=min(pause, limit - passed))
    except BaseException:
        abort_xet_session()  # type: ignore[no-untyped-call]  # its threads go on otherwise, with nobody to stop them
        raise
    return ended.result()


def _sleep_aloud(seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if seconds > REPORT_SECONDS:
            log.info("the Hub is asked again in %s", _words(left))
        time.sleep(min(REPORT_SECONDS, left))


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
