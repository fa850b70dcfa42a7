"""How far is a slice that is being read? Counted where the work is done, and reported where somebody listens."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from biglam_pipeline.progress import report

TELL_EVERY_SECONDS = 5.0
_SEND_EVERY_SECONDS = 1.0
_LOOK_EVERY = 256
"""Records between two looks at the clock."""


@dataclass(slots=True)
class Pulse:
    """Counts records, and sends on what was counted about once a second, also from inside one very large file."""

    send: Callable[[int, str], None]
    """Gets how many records were counted since it was called last, and where."""
    _records: int = 0
    _looked: int = 0
    _sent_at: float = field(default_factory=time.monotonic)

    def beat(self, where: str, records: int = 1) -> None:
        """So many more records were read, in the bundle of this name."""
        self._records += records
        if self._records - self._looked >= _LOOK_EVERY:
            self._looked = self._records
            if time.monotonic() - self._sent_at > _SEND_EVERY_SECONDS:
                self.flush(where)

    def flush(self, where: str) -> None:
        """Sends what was counted."""
        counted, self._records, self._looked = self._records, 0, 0
        self._sent_at = time.monotonic()
        if counted:
            self.send(counted, where)


_PULSE: ContextVar[Pulse | None] = ContextVar("pulse", default=None)


def pulse() -> Pulse:
    """That of the work under way; one that nobody hears where none is."""
    return _PULSE.get() or Pulse(lambda records, where: None)


@contextmanager
def beating(send: Callable[[int, str], None], where: str) -> Iterator[None]:
    """What is counted meanwhile is sent here."""
    mine = Pulse(send)
    token = _PULSE.set(mine)
    try:
        yield
    finally:
        _PULSE.reset(token)
        mine.flush(where)


@dataclass(slots=True)
class Progress:
    """Says every few seconds how far the whole work is; heard from several threads."""

    log: logging.Logger
    what: str
    of: int
    """Slices in all."""
    done: int = 0
    records: int = 0
    began: float = field(default_factory=time.monotonic)
    reported: float = field(default_factory=time.monotonic)

    def hear(self, records: int, where: str) -> None:
        """So many more records were read."""
        self.records += records
        now = time.monotonic()
        if now - self.reported > TELL_EVERY_SECONDS:
            self.reported = now
            pace = self.records / (now - self.began)
            more = f"{self.records:,} records, {pace:,.0f} a second, now in {where}"
            report(self.log, self.what, self.done, self.of, unit="slices", more=more)
