"""How long does the server live? Until it has been idle for a while and nobody it is kept for lives."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Activity:
    """When the last request was, how many are under way, and the processes the server is kept for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._under_way = 0
        self._keepers: dict[int, str] = {}

    def begin(self) -> None:
        """A request came in."""
        with self._lock:
            self._under_way += 1

    def end(self) -> None:
        """A request was answered."""
        with self._lock:
            self._under_way -= 1
            self._last = time.monotonic()

    def keep_for(self, pid: int) -> bool:
        """Live at least as long as this process; False where there is no such process."""
        started = process_start(pid)
        if started is None:
            return False
        with self._lock:
            self._keepers[pid] = started
        return True

    def keepers(self) -> list[int]:
        """The processes that still live."""
        with self._lock:
            # The start time tells a process from a later one under the same number.
            self._keepers = {pid: began for pid, began in self._keepers.items() if process_start(pid) == began}
            return sorted(self._keepers)

    def idle_seconds(self) -> float:
        """Seconds without a request and without a process to keep for; 0 while there is either."""
        kept = self.keepers()
        with self._lock:
            now = time.monotonic()
            if kept or self._under_way:
                self._last = now
            return now - self._last


def process_start(pid: int) -> str | None:
    """Something that tells this process from every other; None where it has ended."""
    if pid <= 0:
        return None
    with suppress(OSError):
        # The name, in parentheses, may hold anything; state and start time come after it.
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "alive"


def watch(activity: Activity, idle_seconds: float, state: Path, stop: Callable[[], None]) -> threading.Thread:
    """Call `stop` once the server has been idle for that long, or its state folder is gone and it can only fail."""

    def wait() -> None:
        pause = min(1.0, idle_seconds / 4)
        while activity.idle_seconds() < idle_seconds and state.exists():
            time.sleep(pause)
        stop()

    thread = threading.Thread(target=wait, name="hub-lifetime", daemon=True)
    thread.start()
    return thread
