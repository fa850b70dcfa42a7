"""A person's word that a host's robots.txt, which keeps programs away, does not speak of what this source asks for.

RFC 9309 is a request to crawlers, and some hosts write it for crawlers of their pages over interfaces that are made for
programs: so GitLab's and Harvard Dataverse's. That is for a person to judge, to write down and to answer for.
"""

from datetime import date

from pydantic import Field, field_validator

from biglam_pipeline.settings import Settings, check_page


class Leave(Settings):
    """Who says so, why, and where that can be read."""

    overrule: str = Field(min_length=3)
    """Why, in a sentence: who gave leave, or what the host says of its interface."""
    evidence: str
    """The page that says so: the interface's documentation, the terms of use, an answer that was made public."""
    checked: date
    """The day on which a person last read that page, and asked the host's keeper where it says to ask."""
    by: str = Field(min_length=2)
    """Who answers for it."""

    @field_validator("evidence")
    @classmethod
    def _page(cls, value: str) -> str:
        return check_page(value)
