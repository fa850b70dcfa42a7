"""What day can it be at the latest, anywhere on earth? After it, nobody has looked at a page."""

from datetime import UTC, date, datetime, timedelta


def latest_day() -> date:
    """By the machine's own clock: one that is handed in, as a run's is, could be set to any day.

    Where days begin first, it is tomorrow already while the clock in UTC shows today.
    """
    return datetime.now(UTC).date() + timedelta(days=1)
