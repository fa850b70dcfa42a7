"""When is a source that is asked for its changes listed in full again? For what nobody said is gone or was changed."""

from datetime import datetime, timedelta
from typing import Literal

Relist = Literal["monthly", "weekly", "never"]

_DAYS = {"monthly": 28, "weekly": 6}
"""A little less than the word says, so that a night that is due a few hours early counts."""


def is_due(relist: Relist, listed_at: str, now: datetime, asked_at: datetime | None = None) -> bool:
    """Whether it is time for a full listing. listed_at: ISO 8601, of the last one; empty where that is not known.

    asked_at: when the source was last asked. A full listing that finds nothing new is not written down, so that where
    this is handed in, it is time once in each span and not in every night behind the first.
    """
    if relist == "never" or not listed_at:
        return False
    then, span = datetime.fromisoformat(listed_at), timedelta(days=_DAYS[relist])
    ago = now - then
    if asked_at is None or asked_at < then:
        return ago < timedelta(0) or ago >= span  # listed tomorrow: a clock was wrong
    return ago // span != (asked_at - then) // span
