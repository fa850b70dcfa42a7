"""Few errors, named by what has to be done about them."""

from collections.abc import Sequence
from enum import IntEnum
from functools import partial
from typing import ClassVar


class Exit(IntEnum):
    """What the command ends with, for scripts: 0 to 2 as everywhere, then sysexits.h, then 128 and the signal."""

    GOOD = 0
    FAILED = 1
    """A source failed, or something was found wrong."""
    MEND = 2
    """Nothing was begun: a person must mend the entry, the settings or what was typed."""
    UNAVAILABLE = 69
    """A server or the Hub asks to be left alone, or does not answer (EX_UNAVAILABLE)."""
    NO_ROOM = 73
    """A disk is full, read-only or closed to this user (EX_CANTCREAT)."""
    BUSY = 75
    """Another run had what was needed for longer than is waited (EX_TEMPFAIL)."""
    STOPPED = 130
    """Ctrl-C (128 and SIGINT)."""
    TERMINATED = 143
    """Asked to end, as by `kill` or a service manager (128 and SIGTERM)."""


class BiglamError(Exception):
    """The base of every error that a person is meant to read: who, what, why, and what to do."""

    exit_status: ClassVar[Exit] = Exit.MEND
    """Of a command that it ended. A run of sources ends with this only where it names a wait; see `cli/running.py`."""


class ConfigError(BiglamError):
    """Edit sources.yaml or the environment. Carries every fault at once, one line each."""

    def __init__(self, *faults: str) -> None:
        """faults: `file:line: entry.key: what is wrong; what to write instead`."""
        super().__init__("\n".join(faults))
        self.faults: Sequence[str] = faults


class ServerBusy(BiglamError):
    """Wait, then run again: a server said so, or did not answer in time."""

    exit_status = Exit.UNAVAILABLE

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        """retry_after_seconds: how long the server asks us to stay away."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.crowded = False
        """Whether it asks to be left alone, with 429, 503 or Retry-After, and so for nothing else either."""
        self.asked = False
        """Whether it said when to come back, or that it is asked too often."""

    def __reduce__(self) -> tuple[object, ...]:
        """So that it can come from another process."""
        return partial(ServerBusy, retry_after_seconds=self.retry_after_seconds), (str(self),)


class AddressBusy(ServerBusy):
    """Leave this one address alone, which failed: what else its server has may be asked for."""


class HostDown(ServerBusy):
    """Leave the host alone: request after request came to nothing, and it said nothing of when to come back."""


class RunBusy(ServerBusy):
    """Wait for another run of ours, then run again: it has what this one needs."""

    exit_status = Exit.BUSY

    def __reduce__(self) -> tuple[object, ...]:
        """So that it can come from another process."""
        return partial(RunBusy, retry_after_seconds=self.retry_after_seconds), (str(self),)


class SourceChanged(BiglamError):
    """Stop: what the source offers is not what it offered before, and a person must look."""

    status: int = 0
    """Of the answer, where a server refused: 401, 403 or 451."""


class HostGone(SourceChanged):
    """Stop: nobody answers to a host's name, or not as that host. What it has may be had elsewhere."""


class RightsWithheld(BiglamError):
    """Never publish this: the gate refused, and says which rows, which rule, and what to do."""

    def __init__(self, message: str, closes: Sequence[str] = ()) -> None:
        """closes: those of the reasons for which nobody may see what was published before either."""
        super().__init__(message)
        self.closes = tuple(closes)

    def __reduce__(self) -> tuple[object, ...]:
        """So that it can come from another process."""
        return RightsWithheld, (str(self), self.closes)


class ShelfDamaged(BiglamError):
    """Re-run the stage before: a shelved file is missing, or is not the file that was put there."""


class NoRoom(BiglamError):
    """Make room, or let this user write: a disk is full, read-only or closed. What was shelved before is kept."""

    exit_status = Exit.NO_ROOM


class ProcessKilled(BiglamError):
    """Run again, with fewer processes or more memory: the system ended a process of ours while it worked."""

    exit_status = Exit.FAILED


class ObjectFailed(BiglamError):
    """One object could not be had. The harvest goes on without it and is incomplete."""

    def __init__(self, reason: str, detail: str) -> None:
        """reason: the code of `records.Missing`; detail: cause and remedy, for a person."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[object, ...]:
        """So that it can come from another process."""
        return ObjectFailed, (self.reason, self.detail)
