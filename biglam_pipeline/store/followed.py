"""When were links followed last, and which of them fail since when? One answer does not make a link dead."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

import orjson

from biglam_pipeline.store.reading import read_json, sound
from biglam_pipeline.store.shelf import Shelf

_NAME = "links.json"


@dataclass(frozen=True, slots=True)
class Failing:
    """A link that its server says is not there, or not open to us; or that could not be asked."""

    since: str
    """ISO 8601: when it said so first."""
    checks: int
    """How many visits were told so; 0 where it could not be asked, and is asked again at the next."""

    def again(self) -> "Failing":
        """Once more."""
        return Failing(self.since, self.checks + 1)

    def days(self, now: datetime) -> float:
        """Since the first time."""
        return (now - datetime.fromisoformat(self.since)).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class Followed:
    """What is noted of the links of a source."""

    at: datetime | None = None
    """When the last visit that followed all of them set out."""
    failing: dict[str, Failing] = field(default_factory=dict)
    """By key."""


def read_followed(shelf: Shelf) -> Followed:
    """What the visit before noted."""
    if not shelf.exists(_NAME):
        return Followed()
    noted = read_json(shelf, _NAME)
    with sound(shelf, _NAME):
        failing = {key: Failing(**one) for key, one in noted["failing"].items()}
        return Followed(datetime.fromisoformat(noted["followed_at"]), failing)


def keep_followed(shelf: Shelf, at: datetime, failing: dict[str, Failing]) -> None:
    """Notes it for the next visit, once all links were followed."""
    data = {"followed_at": at.isoformat(), "failing": {key: asdict(one) for key, one in sorted(failing.items())}}
    there = shelf.read(_NAME) if shelf.exists(_NAME) else None
    shelf.swap(_NAME, there, orjson.dumps(data, option=orjson.OPT_INDENT_2))
