"""What an answer of the Hub means for the next attempt: again, refused or fatal. The only place that says so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from json import JSONDecodeError

import httpx2  # what huggingface_hub 2.x talks through: its errors are raised as they are
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils._http import parse_ratelimit_headers


class Moved(Exception):
    """Somebody else changed the repository in between: the plan is to be made again."""


UNSURE = (HfHubHTTPError, httpx2.RequestError, ConnectionError, RuntimeError, JSONDecodeError, Moved)
"""What a call may raise though another attempt could do; `judge` says whether it could."""

_NO_ROOM = 507
_AGAIN = {408, 409, 412, 425, 429, 500, 502, 503, 504}
_ABSENT_BLOB = re.compile(r"LFS pointer .*pointed to a file that does not exist", re.DOTALL)
# hf_xet raises builtin errors and tells the status in its text alone.
_XET_STATUS = re.compile(r"HTTP status .*?\((\d{3})\b")
_XET_TOKEN = re.compile(r"/xet-write-token/")


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt may do."""

    after_seconds: float | None = None
    """What the server asked for; None leaves it to our own rhythm."""
    times: int = 1000
    """How often in a row this very answer is worth another attempt."""
    then: "Refused | Fatal | Full | None" = None
    """What it means after that."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The token does not do: 401 where it is not known (any more), 403 where it may not."""

    status: int


@dataclass(frozen=True, slots=True)
class Fatal:
    """No attempt can help, and no setting of ours is to blame."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nothing listens at this address."""


@dataclass(frozen=True, slots=True)
class Full:
    """The Hub has no room left (507): no attempt helps before somebody makes some."""


Judgement = Retry | Refused | Fatal | Nobody | Full


def judge(cause: BaseException) -> Judgement:
    """What to do after this error of a call to the Hub."""
    match cause:
        case HfHubHTTPError():
            return _judge_answer(cause.response, str(cause))
        case RuntimeError() if cause.__cause__ is not None:
            return _judge_store(cause.__cause__)
        case httpx2.ConnectError():
            return Nobody()
        case httpx2.UnsupportedProtocol():
            return Fatal()
        case httpx2.RequestError() | JSONDecodeError() | Moved():
            return Retry()
        case _ if type(cause) in {ConnectionError, RuntimeError}:
            return _judge_xet(str(cause))
        case ConnectionError():
            return Retry()
        case _:
            return Fatal()


def _judge_answer(response: httpx2.Response, said: str) -> Judgement:
    status = response.status_code
    if status in {401, 403}:
        return Refused(status)
    if status == 400 and _ABSENT_BLOB.search(said):
        return Retry(times=2, then=Fatal())  # an upload is not known everywhere at once
    if status == _NO_ROOM:
        return Full()
    if status in _AGAIN:
        return Retry(asked_seconds(response.headers, status))
    return Fatal()


def _judge_store(cause: BaseException) -> Judgement:
    """Of a large file's own upload: its address holds for a while only, and a new one is given for the asking."""
    found = judge(cause)
    return Retry(times=2, then=found) if isinstance(found, Refused) else found


def _judge_xet(said: str) -> Judgement:
    found = _XET_STATUS.search(said)
    status = int(found[1]) if found else 0
    if status == 401 and not _XET_TOKEN.search(said):
        return Retry(times=2, then=Refused(status))  # the store's own short-lived key; another attempt fetches one
    if status == _NO_ROOM:
        return Full()
    if status in {401, 403}:
        return Refused(status)
    # A repository that was just made is not known everywhere at once; a 404 that stays is one.
    return Retry(times=5, then=Fatal()) if 400 <= status < 500 and status not in _AGAIN else Retry()


def headers_of(error: BaseException) -> Mapping[str, str]:
    """The headers of the answer that an error is about; none without one."""
    return error.response.headers if isinstance(error, HfHubHTTPError) else {}


def status_of(error: BaseException) -> int:
    """The status of the answer that an error is about, also of one of ours that was raised from it; 0 without one."""
    cause = error if isinstance(error, HfHubHTTPError) else error.__cause__
    return int(cause.response.status_code) if isinstance(cause, HfHubHTTPError) else 0


def asked_seconds(headers: Mapping[str, str], status: int) -> float | None:
    """How long the server wants us to stay away: rate limit's reset, seconds or a date; None where it does not say."""
    limit = parse_ratelimit_headers(headers) if status == 429 else None
    if limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    asked = headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        # Against the server's own clock: ours may be wrong.
        gap = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, gap.total_seconds())
