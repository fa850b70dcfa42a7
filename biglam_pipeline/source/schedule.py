"""When a source is asked: nightly, weekly, monthly, never, or a cron line, refused here rather than by Dagster.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html
"""

import hashlib
import re

CRONS = {
    "nightly": ("{minute} {hour} * * *", 2),
    "weekly": ("{minute} {hour} * * 0", 3),
    "monthly": ("{minute} {hour} 1 * *", 4),
}
"""Word -> cron line and hour; the minute follows from the source's name, so that not everything starts at once."""
HOURS = 3
"""So much later what is made of other sources is asked, for each step that it stands behind them."""
SLOTS = 4
"""Minutes of the hour that sources are spread over: each is a tick, with processes of its own that load all entries."""

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
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
    _refuse_never(value, *fields[2:])
    return value


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, in a leap year."""


def _refuse_never(value: str, days: str, months: str, weekdays: str) -> None:
    """A day that no month of the line has. With a weekday beside it that one would come, and Dagster refuses it too."""
    first = min(_numbers(days, 1, 31))
    chosen = sorted(_numbers(months, 1, 12))
    if all(first > _LONGEST[month - 1] for month in chosen):
        longest = max(_LONGEST[month - 1] for month in chosen)
        day = longest if weekdays == "*" else "*"
        better = " ".join([*value.split()[:2], str(day), months, weekdays])
        raise ValueError(f'`{value}`: month {months} has no day {first}; write schedule: "{better}", or monthly')


def _numbers(text: str, least: int, most: int) -> set[int]:
    """What a field of a cron line stands for."""
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        assert match is not None, "the field was looked at before"
        first, last, step = (None if one is None else int(one) for one in match.groups())
        start = least if first is None else first
        end = most if first is None else (start if last is None else last)
        found |= set(range(start, end + 1, step or 1))
    return found


def cron_of(schedule: str, name: str, steps: int = 0) -> str | None:
    """The cron line of a source, or None for `never`. steps: how many sources stand before it that it is made of."""
    if schedule == "never":
        return None
    minute = int(hashlib.sha256(name.encode()).hexdigest(), 16) % SLOTS * (60 // SLOTS)
    if schedule not in CRONS:
        return schedule
    line, hour = CRONS[schedule]
    return line.format(minute=minute, hour=min(hour + HOURS * steps, 23))


def _fits(part: str, least: int, most: int) -> bool:
    found = _PART.fullmatch(part)
    if not found:
        return False
    first, last, step = (None if text is None else int(text) for text in found.groups())
    inside = all(number is None or least <= number <= most for number in (first, last))
    ordered = first is None or last is None or first <= last
    return inside and ordered and step != 0 and not (step and last is None and first is not None)
