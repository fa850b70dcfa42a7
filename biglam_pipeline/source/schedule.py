"""When a source is asked: nightly, weekly, monthly, never, or a cron line, refused here rather than by Dagster.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html
"""

import hashlib
import re

CRONS = {"nightly": "{minute} 2 * * *", "weekly": "{minute} 3 * * 0", "monthly": "{minute} 4 1 * *"}
"""Word -> cron line; the minute follows from the source's name, so that not everything starts at once."""

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_LENGTHS = {month: 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31 for month in range(1, 13)}
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")


def check_schedule(value: str) -> str:
    """The schedule as it was written; ValueError says which field of a cron line is wrong."""
    if value in CRONS or value == "never":
        return value
    fields = value.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"`{value}` is not a schedule; write nightly, weekly, monthly, never, or a cron line of five fields "
            "such as 30 2 * * 1-5"
        )
    for text, (name, least, most) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, least, most) for part in text.split(",")):
            raise ValueError(f"`{text}` is not a cron {name}; write numbers from {least} to {most}, *, 1-5, 1,5 or */2")
    _, _, day, month, _ = fields
    # Beside a weekday the day need not come, says cron; Dagster does not take such a line either.
    if min(_numbers(day, 1, 31)) > max(_LENGTHS[at] for at in _numbers(month, 1, 12)):
        raise ValueError(f"`{value}` never comes: no month `{month}` has a day `{day}`; write a day that there is")
    return value


def cron_of(schedule: str, name: str) -> str | None:
    """The cron line of a source, or None for `never`."""
    if schedule == "never":
        return None
    minute = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 12 * 5
    return CRONS[schedule].format(minute=minute) if schedule in CRONS else schedule


def _numbers(text: str, least: int, most: int) -> set[int]:
    """What one field of a cron line stands for; it fits already."""
    found = set[int]()
    for part in text.split(","):
        matched = _PART.fullmatch(part)
        first, last, step = matched.groups() if matched else (None, None, None)
        begin = int(first) if first else least
        end = int(last) if last else begin if first else most
        found |= set(range(begin, end + 1, int(step or 1)))
    return found


def _fits(part: str, least: int, most: int) -> bool:
    found = _PART.fullmatch(part)
    if not found:
        return False
    first, last, step = (None if text is None else int(text) for text in found.groups())
    inside = all(number is None or least <= number <= most for number in (first, last))
    ordered = first is None or last is None or first <= last
    return inside and ordered and step != 0 and not (step and last is None and first is not None)
