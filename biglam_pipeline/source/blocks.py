"""The blocks of an entry that say by what right, to where, and on what condition it is published."""

import re
from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from biglam_pipeline.normalize.values import read_value
from biglam_pipeline.rights.policy import accepted_tiers
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.settings import Bounds, Range, Settings, Share, Texts, check_page

Covers = Literal["all", "metadata", "text", "images"]


class Rights(Settings):
    """What may be done with one layer of the source, who says so, and where that can be read."""

    model_config = ConfigDict(populate_by_name=False)

    license: str | None = None
    """One statement for all records: CC0-1.0, CC-BY-4.0, PDM-1.0, noc-us-1.0, or the statement's URI."""
    from_: str | None = Field(default=None, alias="from")
    """Where each record says its own rights: $rights for what the format knows, or a path."""
    accept: Texts = ("open",)
    """Which statements are published: open (pd, by and sa), or tiers. What is not accepted is withheld and counted."""
    covers: Covers = "all"
    """The layer that the statement is about."""
    evidence: str | None = None
    """Address of the page that says so."""
    checked: date | None = None
    """The day on which a person last read that page."""
    quote: str | None = None
    """The words that say so."""
    attribution: str | None = None
    """Whom to credit, in the words that the institution asks for."""

    @field_validator("evidence")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return None if value is None else check_page(value)

    @field_validator("checked", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError(f"`{value}` is not a date; write it as 2026-01-31")  # `2026` would be a second of 1970
        return value

    @field_validator("accept")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        accepted_tiers(value)
        return value

    @field_validator("from_")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            read_value(value)
        return value

    @field_validator("license")
    @classmethod
    def _recognised(cls, value: str | None) -> str | None:
        if value is not None and recognise(value).tier == "unknown" and not recognise(value).uri:
            raise ValueError(
                f"`{value}` is not a rights statement that is known; write an id such as CC0-1.0, CC-BY-4.0, PDM-1.0 "
                "or InC-1.0, or the statement's URI"
            )
        return value

    @model_validator(mode="after")
    def _one_of(self) -> "Rights":
        if (self.license is None) == (self.from_ is None):
            raise ValueError("say either `license:` (one statement for all records) or `from:` (each record's own)")
        return self


class Publish(Settings):
    """Where the source is published."""

    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """`owner/name` on the Hub; by default BIGLAM_HUB_OWNER and the source's name."""
    visibility: Literal["private", "public"] = "private"
    """Repositories are born private. public: once the documentation is whole and a release was read back."""


class AcceptChange(Settings):
    """One great change that a person has looked at and means."""

    from_: str = Field(alias="from", min_length=1)
    """Tag of the release that it is a change from: holds while that is the last release, and no longer."""
    because: str = Field(min_length=1)
    """Why the change is right."""


class Expect(Settings):
    """What must hold of the harvest before it is published. Without it, the last good run is the measure."""

    rows: Range | None = None
    """How many rows are published, after all that is withheld, taken down or dropped as a duplicate."""
    fill: dict[str, Share] = Field(default_factory=dict)
    """Column -> share of rows in which it is not empty."""
    rejects: Share = Bounds((0.0, 0.05))
    """Share of what was read that could not be made a row."""
    withheld: Share | None = None
    """Share of current rows that rights keep back."""
    accept_change: AcceptChange | None = None
    """Lets other identifiers, or columns that emptied, pass once: {from: TAG, because: TEXT}."""
