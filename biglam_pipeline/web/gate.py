"""One request at a time to a host, over all processes of this machine, and a pause after each."""

import contextlib
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from biglam_pipeline.errors import AddressBusy, HostDown, ServerBusy
from biglam_pipeline.store import disk
from biglam_pipeline.store.locks import file_lock
from biglam_pipeline.web.failing import Judge, judge_data
from biglam_pipeline.web.known_hosts import KNOWN_HOSTS, Allowance
from biglam_pipeline.web.limits import Limits

log = logging.getLogger(__name__)

_SLOWEST = 64.0
_RECOVERY = 0.9
_DAY_SECONDS = 86400.0
_LONGEST_BAN_SECONDS = 7 * _DAY_SECONDS
_MOST_FAILURES = 1000
_LONGEST_TROUBLE = 200
_MOST_ADDRESSES = 50


@dataclass(slots=True)
class _Pace:
    """What the processes of this machine know of one host; kept in a file beside its lock."""

    not_before: float = 0.0
    """Seconds since 1970: the next request may start then."""
    wait: float = _LONGEST_BAN_SECONDS
    """How long that was when it was asked for. A clock that was wrong then, or is now, makes no more of it."""
    slowness: float = 1.0
    """1, doubled by each refusal, back to 1 slowly."""
    day_began: float = 0.0
    """Seconds since 1970, of the first of these requests:"""
    asked: int = 0
    """How many there were since; of hosts that allow so many a day."""
    failures: int = 0
    """Requests for data in a row that came to nothing."""
    trouble: str = ""
    """What the last of them came to."""
    failed: tuple[str, ...] = ()
    """The addresses that failed in this row, each a digest."""
    broken: tuple[str, ...] = ()
    """Those that failed in a row that another address ended: the host was well, and they are not. What they come to
    says nothing of it until they bring something."""
    again: float = 0.0
    """Seconds since 1970: then these may be asked again. Another one is not theirs: it may be well."""
    rest: float = 0.0
    """How long that was when it was asked for."""

    def stay_away(self, now: float, seconds: float) -> None:
        """Nothing before so many seconds have passed; a longer wait that is under way stays."""
        if self.not_before - now < seconds or self.not_before - now > self.wait:
            self.not_before, self.wait = now + seconds, seconds

    def fail(self, now: float, trouble: str, limits: Limits, address: str, *, linked: bool) -> float:
        """One more failure; seconds for which what failed is left alone now, 0 where there were few in a row.

        The whole host is, too, for as long as at first, where that is news: where what had failed before fails again
        (one source is broken, and is tried before all others of its host, each night), others are asked for all that.
        linked: one dead link of many, which counts once, however often it is tried.
        """
        known = address in self.failed
        if address in self.broken and not known:
            return 0.0
        if known and linked and self.failures < limits.failures_in_a_row:
            return 0.0
        self.failures, self.trouble = min(self.failures + 1, _MOST_FAILURES), trouble[:_LONGEST_TROUBLE]
        self.failed = self.failed if known else (*self.failed, address)[-_MOST_ADDRESSES:]
        over = self.failures - limits.failures_in_a_row
        if over < 0:
            return 0.0
        self.rest = min(limits.rest_seconds * 2.0**over, limits.rest_most_seconds)
        self.again = now + self.rest
        if not (over and known):
            self.stay_away(now, limits.rest_seconds)
        return self.rest

    def do_well(self, address: str) -> None:
        """This address brought something; what failed just before is broken by itself."""
        left = (one for one in (*self.broken, *self.failed) if one != address)
        self.broken = tuple(dict.fromkeys(left))[-_MOST_ADDRESSES:]
        self.failures, self.trouble, self.failed = 0, "", ()

    def left_alone(self, now: float, address: str, limits: Limits) -> float:
        """Seconds for which one address is to be left alone, because it failed."""
        if address not in self.failed or self.failures < limits.failures_in_a_row:
            return 0.0
        return self.again - now

    def count(self, now: float) -> None:
        """One more request of this day."""
        if not 0 <= now - self.day_began < _DAY_SECONDS:
            self.day_began, self.asked = now, 0
        self.asked += 1

    def used_up(self, now: float, a_day: int) -> float:
        """Seconds until the day is over whose requests are all asked; 0 where there are some left."""
        passed = now - self.day_began
        return _DAY_SECONDS - passed if self.asked >= a_day and 0 <= passed < _DAY_SECONDS else 0.0


class Gate:
    """Shared by files: two processes, or two sources of one run, never crowd the same host."""

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        sleep: Callable[[float], None],
        clock: Callable[[], datetime],
        known: Mapping[str, Allowance] = KNOWN_HOSTS,
    ) -> None:
        """folder: where the lock files are; sleep and clock: how to wait (seconds), and what time it is (UTC).

        known: what hosts have said that they allow.
        """
        self._folder, self._limits, self._sleep, self._clock, self._known = folder, limits, sleep, clock, known
        self._crawl_delays: dict[str, float] = {}

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """The pause that a robots.txt asks for."""
        self._crawl_delays[host] = min(seconds, self._limits.pause_most_seconds)

    @contextlib.contextmanager
    def turn(
        self, host: str, *, spared: bool, judge: Judge = judge_data, address: str = "", linked: bool = False
    ) -> Iterator[float]:
        """Waits for this host's turn and holds it; yields the seconds that it waited. ServerBusy where it is to be left
        alone for longer than is waited.

        spared: no pause, only the lock (loopback). judge: what the way a turn ends says of the host: nothing, that it
        is well (""), or what is wrong with it. address: what is asked; linked: whether a server named it.
        """
        mark = disk.digest_bytes(address.encode())[:12]
        lock, came = self._folder / f"{_slug(host)}.lock", time.monotonic()
        busy = f"{host}: another run is talking to it"
        with file_lock(lock, wait_seconds=self._limits.turn_seconds, busy=busy, doing="a request"):
            waited = time.monotonic() - came
            if spared:
                yield waited
                return
            waited += self._pause(host, mark)
            began, said = time.monotonic(), judge(None)
            try:
                yield waited
            except BaseException as error:
                said = judge(error)
                raise
            finally:
                self._note(host, time.monotonic() - began, said, mark, linked=linked)

    def slow_down(self, host: str, seconds: float | None) -> None:
        """429 or 503: half the rate from now on, and nothing before `seconds` have passed."""
        pace = self._read(host)
        pace.slowness = min(pace.slowness * 2, _SLOWEST)
        if seconds:
            pace.stay_away(self._now(), min(seconds, _LONGEST_BAN_SECONDS))
        self._write(host, pace)

    def _pause(self, host: str, address: str) -> float:
        pace, now = self._read(host), self._now()
        if pace.not_before - now > pace.wait or pace.again - now > pace.rest:
            # The clock went back since: from now on, what was asked for counts.
            pace.not_before, pace.again = min(pace.not_before, now + pace.wait), min(pace.again, now + pace.rest)
            self._write(host, pace)
        wait = pace.not_before - now
        known = self._allowed(host)
        if known and known.a_day and (left := pace.used_up(now, known.a_day)):
            raise ServerBusy(
                f"{host}: allows {known.a_day:,} requests a day, and they are used up ({known.source}); run again in "
                f"{left / 3600:.1f} hours: what came is kept",
                retry_after_seconds=left,
            )
        own = pace.left_alone(now, address, self._limits)
        if max(wait, own) > self._limits.retry_seconds:
            raise self._closed(host, pace, wait, own)
        wait = max(wait, own, 0.0)
        if wait:
            self._sleep(wait)
        return wait

    def _closed(self, host: str, pace: _Pace, wait: float, own: float) -> ServerBusy:
        """wait: seconds for which the host is left alone; own: for which this address is."""
        why, down = "asked to be left alone", pace.failures >= self._limits.failures_in_a_row
        if down:
            why = f"failed {pace.failures} times in a row (last: {pace.trouble}), and is left alone"
        seconds = max(wait, own)
        said = f"{host}: {why} for another {seconds:.0f} s; run again after that (remembered in {self._file(host)})"
        of_host = wait > self._limits.retry_seconds
        kind = AddressBusy if not of_host else HostDown if down else ServerBusy
        return kind(said, retry_after_seconds=seconds)

    def _note(self, host: str, took_seconds: float, said: str | None, address: str, *, linked: bool) -> None:
        pace = self._read(host)
        limits, known, now = self._limits, self._allowed(host), self._now()
        wanted = max(self._crawl_delays.get(host, 0.0), known.pause_seconds if known else 0.0)
        seconds = max(took_seconds, limits.pause_least_seconds, wanted) * pace.slowness
        pace.stay_away(now, min(seconds, max(limits.pause_most_seconds, wanted)))
        pace.count(now)
        pace.slowness = max(1.0, pace.slowness * _RECOVERY)
        if said and (rest := pace.fail(now, said, limits, address, linked=linked)):
            log.warning(
                "%s: failed %d times in a row (last: %s); all runs of this machine leave it alone for %.0f s (what has "
                "not failed: for %.0f s at most), and then one request tries it",
                *(host, pace.failures, said, rest, limits.rest_seconds),
            )
        elif said == "":
            pace.do_well(address)
        self._write(host, pace)

    def _allowed(self, host: str) -> Allowance | None:
        """host: with its port, as `Place.name` has it."""
        return self._known.get(host.rpartition(":")[0].casefold())

    def _now(self) -> float:
        return self._clock().timestamp()

    def _file(self, host: str) -> Path:
        return self._folder / f"{_slug(host)}.pace"

    def _read(self, host: str) -> _Pace:
        try:
            noted = json.loads(disk.read_file(self._file(host)))
            slowness = min(max(float(noted["slowness"]), 1.0), _SLOWEST)
            wait = min(max(float(noted.get("wait", _LONGEST_BAN_SECONDS)), 0.0), _LONGEST_BAN_SECONDS)
            day, asked = float(noted.get("day_began", 0.0)), int(noted.get("asked", 0))
            failures, trouble = min(int(noted.get("failures", 0)), _MOST_FAILURES), str(noted.get("trouble", ""))
            failed, again = tuple(map(str, noted.get("failed", ()))), float(noted.get("again", 0.0))
            rest = min(max(float(noted.get("rest", 0.0)), 0.0), self._limits.rest_most_seconds)
            broken, before = tuple(map(str, noted.get("broken", ()))), float(noted["not_before"])
            return _Pace(before, wait, slowness, day, asked, failures, trouble, failed, broken, again, rest)
        except FileNotFoundError:
            return _Pace()
        except (ValueError, KeyError, TypeError, OverflowError):
            log.warning("%s could not be read and is written again", self._file(host))
            return _Pace()

    def _write(self, host: str, pace: _Pace) -> None:
        disk.put_whole(self._file(host), json.dumps(asdict(pace)).encode())


def _slug(host: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "_", host.casefold())
