"""What the custodian wishes about use for AI, and what somebody decided about it.

Directive (EU) 2019/790, Article 4(3): a right holder may keep works from text and data mining, in any appropriate way.
Of a work that nobody owns there is nothing to keep; the custodian's wish is heard all the same.
"""

from datetime import date
from typing import Self

from pydantic import field_validator, model_validator

from biglam_pipeline.settings import Settings, check_page
from biglam_pipeline.source.answers import is_answer


class AiUse(Settings):
    """The custodian's own words, where they are, and the decision."""

    statement: str = ""
    """What the custodian says about use for AI, in its own words."""
    evidence: str = ""
    """The page where that stands."""
    checked: date | None = None
    """The day on which somebody read it there."""
    decision: str = ""
    """What was decided, and why: also about what the host says of these data."""
    by: str = ""
    """Who decided."""

    @field_validator("evidence")
    @classmethod
    def _page(cls, value: str) -> str:
        return check_page(value) if value else ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.statement and not (self.evidence and self.checked):
            raise ValueError("a statement has the page where it stands and the day: write evidence and checked")
        if (self.evidence or self.checked) and not self.statement:
            raise ValueError("evidence and checked belong to a statement; write what the custodian says")
        if self.decision and not is_answer(self.decision, sentence=True):
            raise ValueError("decision: write what was decided, and why, as a sentence")
        if self.decision and not is_answer(self.by):
            raise ValueError("a decision has somebody who took it; write by")
        if not self.statement and not self.decision:
            raise ValueError("write what the custodian says (statement), or what was decided (decision)")
        return self
