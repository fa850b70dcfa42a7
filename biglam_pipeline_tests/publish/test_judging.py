"""What an error means for the next attempt, from its class, its status and its headers; from hf_xet: its text alone."""

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError

from biglam_pipeline.publish.hub.judging import Fatal, Judgement, Moved, Nobody, Refused, Retry, asked_seconds, judge

XET = "Network error: Request error: HTTP status client error ({}), domain: http://hub.example/{}"


def answered(status: int, said: str = "", **headers: str) -> HfHubHTTPError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, headers=named, request=httpx2.Request("GET", "http://hub.example/"))
    return HfHubHTTPError(said, response=response)


def wrapped(cause: Exception) -> RuntimeError:
    """As the client tells of an upload by git-lfs."""
    error = RuntimeError("Error while uploading 'a.parquet' to the Hub.")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "judged"),
    [
        (answered(409), Retry()),
        (answered(412), Retry()),
        (answered(504), Retry()),
        (answered(401), Refused(401)),
        (answered(403), Refused(403)),
        (answered(400), Fatal()),
        (answered(404), Fatal()),
        (answered(418), Fatal()),
        (answered(400, "LFS pointer of a.parquet pointed to a file that does not exist"), Retry(times=2, then=Fatal())),
        (httpx2.ConnectError("refused"), Nobody()),
        (httpx2.ReadTimeout("slow"), Retry()),
        (httpx2.RemoteProtocolError("cut"), Retry()),
        (httpx2.UnsupportedProtocol("ftp"), Fatal()),
        (Moved("main"), Retry()),
        (ConnectionError(XET.format("403 Forbidden", "cas/v1/xorbs/x")), Refused(403)),
        (ConnectionError(XET.format("401 Unauthorized", "cas/v1/xorbs/x")), Retry(times=2, then=Refused(401))),
        (ConnectionError(XET.format("401 Unauthorized", "api/datasets/a/b/xet-write-token/main")), Refused(401)),
        (ConnectionError(XET.format("503 Service Unavailable", "cas/v1/xorbs/403")), Retry()),
        (ConnectionError("Network error: part 403 of 401 was cut short"), Retry()),
        (ConnectionResetError("reset"), Retry()),
        (RuntimeError("Internal error: The shard is refused: file 403 is not whole"), Retry()),
        (RecursionError("ours"), Fatal()),
        (NotImplementedError("ours"), Fatal()),
        (KeyError("ours"), Fatal()),
        (wrapped(answered(503)), Retry()),
        (wrapped(answered(403)), Retry(times=2, then=Refused(403))),
        (wrapped(FileNotFoundError("a.parquet")), Fatal()),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, Exception) else "",
)
def test_an_error_is_judged(cause: Exception, judged: Judgement) -> None:
    assert judge(cause) == judged


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (503, {"Retry-After": " 7 "}, 7.0),
        (429, {"RateLimit": '"api";r=0;t=41', "Retry-After": "7"}, 41.0),
        (429, {"RateLimit": '"api";r=12;t=41'}, None),
        (503, {"RateLimit": '"api";r=0;t=41'}, None),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30.0),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "Date": "Wed, 21 Oct 2015 07:28:30 GMT"}, 0.0),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}, None),
        (429, {"Retry-After": "soon"}, None),
        (429, {}, None),
    ],
)
def test_how_long_the_hub_wants_us_to_stay_away(status: int, headers: dict[str, str], seconds: float | None) -> None:
    """A date counts against the server's own clock, which may be years from ours."""
    assert asked_seconds(httpx2.Headers(headers), status) == seconds
