"""What does the end of a request say of its host? That it is well, that it is not, or nothing: for the gate."""

from collections.abc import Callable

from biglam_pipeline.errors import ObjectFailed, SourceChanged
from biglam_pipeline.web.retry import Retry

Judge = Callable[[BaseException | None], str | None]
"""What a request ended with, None where it brought something -> what is wrong with its host; "" where nothing is, None
where that says nothing."""
_TOO_MANY = 429


def judge_data(error: BaseException | None) -> str | None:
    """Of a request for data. 429 is about us, and who says when to come back is waited for; a body that broke off or
    came damaged is about one file. A refusal counts: what one run was refused, the next need not ask for.
    """
    if error is None:
        return ""
    if isinstance(error, Retry):
        has_a_word = error.lasting or error.status == _TOO_MANY or error.after_seconds is not None
        return None if has_a_word else error.cause
    if isinstance(error, ObjectFailed):  # it answers: only a wall stands before everything
        return "a web page in the place of data" if error.reason == "wall" else ""
    if isinstance(error, SourceChanged) and error.status:
        return f"HTTP {error.status}"
    return None


def judge_robots(error: BaseException | None) -> str | None:
    """Of robots.txt: often another server hands it out, so that what comes says nothing of the data."""
    return judge_data(error) or None if isinstance(error, Retry) else None


def judge_nothing(_: BaseException | None) -> str | None:
    """Of what few hosts have, and some fail over."""
    return None
