"""When is a failed request made again, and after how long? The server's word first, then growing waits."""

import logging
import random
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.web.limits import Limits

log = logging.getLogger(__name__)

COME_BACK_SECONDS = 600.0
"""How long a server is left alone that fails without a word about when to come back."""


class Retry(Exception):
    """Something failed that may succeed next time. Never leaves this folder."""

    def __init__(
        self,
        url: str,
        cause: str,
        *,
        after_seconds: float | None = None,
        status: int = 0,
        lasting: str = "",
        at_most: int = 0,
    ) -> None:
        """status: of the answer, if any. lasting: the ObjectFailed reason in the end; empty means ServerBusy."""
        super().__init__(f"{url}: {cause}")
        self.url, self.cause = url, cause
        self.after_seconds, self.status, self.lasting, self.at_most = after_seconds, status, lasting, at_most
        self.host = ""


class Retries:
    """Counts the tries and the waiting of one `get`, and decides when it is enough."""

    def __init__(self, limits: Limits, sleep: Callable[[float], None], shown: Callable[[str], str] = str) -> None:
        """sleep: how to wait, in seconds. shown: a text as a log may hold it."""
        self._limits, self._sleep, self._shown = limits, sleep, shown
        self._tries, self._waited = 0, 0.0

    def wait(self, trouble: Retry) -> float:
        """Waits before the next try, and says how many seconds; ServerBusy or ObjectFailed where there is none."""
        self._tries += 1
        reported = trouble.after_seconds
        if reported is not None and self._waited + reported > self._limits.retry_seconds:
            said = f"{trouble}; it asks to be left alone for {reported:.0f} s: run again after that"
            busy = ServerBusy(said, retry_after_seconds=reported)
            busy.crowded = busy.asked = True
            raise busy from trouble
        most = trouble.at_most or (self._limits.tries if reported is None else self._limits.asked_tries)
        if self._tries >= most:
            raise self._end(trouble) from trouble
        seconds = self._backoff() if reported is None else max(reported, 1.0)
        self._waited += seconds if reported is not None else 0.0
        log.warning("%s; trying again in %.0f s", self._shown(str(trouble)), seconds)
        self._sleep(seconds)
        return seconds

    def _backoff(self) -> float:
        # Jitter, so that several machines that were refused together do not come back together.
        return self._limits.backoff_seconds * float(2 ** (self._tries - 1)) * random.uniform(1.0, 1.25)

    def _end(self, trouble: Retry) -> Exception:
        times = f"{self._tries} times" if self._tries > 1 else "once"
        if trouble.lasting:
            return ObjectFailed(
                trouble.lasting, f"{trouble} ({times} in a row); run again later, and ask the custodian if it stays so"
            )
        again = max(COME_BACK_SECONDS, trouble.after_seconds or 0.0)
        busy = ServerBusy(f"{trouble} (tried {times}); run again later", retry_after_seconds=again)
        busy.asked = trouble.status == 429 or trouble.after_seconds is not None
        busy.crowded = busy.asked or trouble.status == 503
        return busy


_LONGEST_SECONDS = 1e8
"""Three years. A date of the year 9999 means never; what is later cannot be told as a date."""


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds from a Retry-After header, in seconds or as a date; None where it is absent or unreadable."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_SECONDS)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=now.tzinfo)
    return min(max(0.0, (when - now).total_seconds()), _LONGEST_SECONDS)
