"""Who may write to a source's files in object storage: one machine at a time, by an object that only conditions move.

Every writer moves `<source>/run.lease` first, so that its ETag also tells whether anything was written since a listing.
Whoever holds it puts it again every so often; one that was not, for a while, belongs to a run that is dead.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from biglam_pipeline.errors import ConfigError, RunBusy, ServerBusy
from biglam_pipeline.store.bucket import Bucket, Stored
from biglam_pipeline.store.locks import REPORT_SECONDS

log = logging.getLogger(__name__)

NAME = "run.lease"
HOLD_SECONDS = 180.0
"""A lease that was not put again for so long, by the storage's clock, is free."""
AGAIN_SECONDS = 45.0


class Lease:
    """The lease of one source, as this process holds it or does not."""

    def __init__(self, bucket: Bucket, source: str, machine: str) -> None:
        """machine: names this machine and its state folder, and no other."""
        self._bucket, self._name = bucket, f"{source}/{NAME}"
        self._machine = machine
        self.body = b""
        """As it was written last."""
        self._held: Stored | None = None
        self._put_at = 0.0
        self._lost = False
        self._stop = threading.Event()

    @property
    def is_held(self) -> bool:
        """Whether this process holds it, as far as it knows."""
        return self._held is not None

    def holder(self, reported: bytes) -> str:
        """Which other machine is at work, by a lease as it was read; empty where none is.

        A lease of this machine is that of a dead run: whoever asks holds the machine's own lock.
        """
        try:
            said = json.loads(reported)
            held, machine, by = said["held"], said["machine"], str(said["by"])
        except (ValueError, KeyError, TypeError):  # cut or foreign: what is not understood is held, until it is old
            held, machine, by = True, "", "somebody"
        if not held or machine == self._machine:
            return ""
        try:
            return by if self._bucket.age_seconds(self._name) < HOLD_SECONDS else ""
        except FileNotFoundError:
            return ""

    def busy(self, by: str) -> RunBusy:
        """The error where another machine holds it."""
        said = (
            f"{self._bucket.url}/{self._name}: {by} is at work on this source; wait until it has ended, then run again"
        )
        free = f" (a run that was killed there frees it within {HOLD_SECONDS / 60:.0f} minutes)"
        return RunBusy(said + free, retry_after_seconds=AGAIN_SECONDS)

    def take(self, expected: Stored | None) -> Stored:
        """Takes it as it was listed. ServerBusy where it was moved since: what it guards may have been, too."""
        self.body = self._written(held=True)
        held = self._bucket.move(self._name, expected, self.body)
        if held is None:
            raise RunBusy(
                f"{self._bucket.url}/{self._name}: another machine was at work on this source meanwhile; run again",
                retry_after_seconds=5,
            )
        if expected is None and self._bucket.move(self._name, None, self._written(held=True)) is not None:
            raise ConfigError(
                f"BIGLAM_HOME={self._bucket.url}: this storage does not honour conditional writes (If-None-Match), so "
                "two machines could overwrite each other's visits; use storage that does"
            )
        self._held, self._put_at, self._lost, self._stop = held, time.monotonic(), False, threading.Event()
        threading.Thread(target=self._keep, args=(self._stop,), name=self._name, daemon=True).start()
        return held

    def prove(self) -> None:
        """ServerBusy where it may have been lost: a process that was stopped for long does not go on writing."""
        if not self._lost and time.monotonic() - self._put_at > 2 * AGAIN_SECONDS:
            self._put_again()
        if self._lost:
            raise self.busy("another machine")

    def free(self) -> Stored | None:
        """Gives it back; how it then stands, or None where that is not known."""
        self._stop.set()
        held, self._held = self._held, None
        self.body = self._written(held=False)
        try:
            return self._bucket.move(self._name, held, self.body) if held and not self._lost else None
        except (ServerBusy, ConfigError) as why:  # it frees itself when it is old
            log.warning("%s was not given back: %s", self._name, why)
            return None

    def _keep(self, stop: threading.Event) -> None:
        while not stop.wait(AGAIN_SECONDS) and not self._lost:
            try:
                self._put_again()
            except (ServerBusy, ConfigError) as why:
                log.warning("%s could not be put again: %s", self._name, why)

    def _put_again(self) -> None:
        began, held = time.monotonic(), self._held
        if held is None:
            return
        if self._bucket.move(self._name, held, self.body) is None:
            self._lost = self._held is held
        else:
            self._put_at = began

    def _written(self, *, held: bool) -> bytes:
        by = f"{socket.gethostname()}, process {os.getpid()}"
        turn = os.urandom(8).hex()  # so that no two leases are the same bytes, nor have the same ETag
        return json.dumps({"held": held, "by": by, "machine": self._machine, "turn": turn}, indent=1).encode()


def wait_until(is_free: Callable[[], bool], wait_seconds: float, what: str) -> bool:
    """Looks again every second until it is free or the time is over; whether it is free. what: for who waits."""
    began, reported = time.monotonic(), False
    while not (free := is_free()) and (waited := time.monotonic() - began) < wait_seconds:
        if not reported and waited >= REPORT_SECONDS:
            reported = True
            log.warning("another machine is at work on %s; waiting, %.0f s at most", what, wait_seconds)
        time.sleep(min(1.0, wait_seconds - waited))
    return free
