"""The blocks of an entry that say to where, and on what condition, it is published."""

from typing import Literal

from pydantic import Field

from biglam_pipeline.settings import Bounds, Count, Settings, Share


class Publish(Settings):
    """Where the source is published."""

    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """`owner/name` on the Hub; by default BIGLAM_HUB_OWNER and the source's name."""
    visibility: Literal["private", "public"] = "private"
    """Repositories are born private. public: once the documentation is whole and a release was read back."""
    adopt: str | None = Field(default=None, pattern=r"^[0-9a-f]{7,40}$")
    """Takes over a repository that somebody else made: the commit at which a person has looked at it. Its state stays
    as the tag `before-pipeline`, what its card says is kept.
    """


class AcceptChange(Settings):
    """One great change that a person has looked at and means."""

    from_: str = Field(alias="from", min_length=1)
    """Tag of the release that it is a change from: holds while that is the last release, and no longer."""
    because: str = Field(min_length=1)
    """Why the change is right."""


class Expect(Settings):
    """What must hold of the harvest before it is published. Without it, the last good run is the measure."""

    rows: Count | None = None
    """How many rows are published, after all that is withheld or dropped as a duplicate; what was taken down counts."""
    fill: dict[str, Share] = Field(default_factory=dict)
    """Column -> share of rows in which it is not empty."""
    rejects: Share = Bounds((0.0, 0.05))
    """Share of what was read that could not be made a row."""
    withheld: Share | None = None
    """Share of current rows that rights keep back."""
    accept_change: AcceptChange | None = None
    """Lets other identifiers, or columns that emptied, pass once: {from: TAG, because: TEXT}."""
