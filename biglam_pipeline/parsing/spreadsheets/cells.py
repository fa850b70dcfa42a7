"""A cell of a workbook as text: days and moments by ISO 8601, numbers as the sheet shows them without its format."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

EXACT = 2**53
"""Whole numbers above are kept rounded: https://learn.microsoft.com/office/troubleshoot/excel/floating-point-arithmetic-inaccurate-result"""
_DIGITS = 15
"""So many digits of a number Excel keeps and shows; those behind are what is left of counting in base two."""
_PLAIN = 10.0**21
"""Numbers from here on are written with an exponent, as ECMAScript has it."""

Value = int | float | str | bool | time | date | datetime | timedelta


def text_of(value: Value) -> str | None:
    """What the cell says; None where it is empty."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, timedelta):
        return _hours(value)
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, time | datetime):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return value.isoformat()


def is_rounded(value: Value) -> bool:
    """Whether a number is beyond what is kept to the last digit: as an identifier it may be another one."""
    return isinstance(value, int | float) and abs(value) >= EXACT


def is_doubtful(value: Value) -> bool:
    """Whether it may be midnight, or a day that is none: 0 and less, which the library gives as midnight too."""
    return isinstance(value, time) and value == time(0)


def _number(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    if abs(value) < EXACT and value == int(value):
        return str(int(value))
    shown = format(value, f".{_DIGITS}g")
    if "e" not in shown or abs(value) >= _PLAIN or abs(value) < 1e-7:
        return shown
    return format(Decimal(shown), "f")


def _hours(value: timedelta) -> str:
    """Hours may be more than a day has: 30:05:00."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
