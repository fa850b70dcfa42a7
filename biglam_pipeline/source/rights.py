"""The block of an entry that says by what right it is published: one layer, what it covers, and who read it where."""

import re
from datetime import date

from pydantic import ConfigDict, Field, field_validator, model_validator

from biglam_pipeline.normalize.mapping.values import read_value
from biglam_pipeline.rights.beside import fold_statement
from biglam_pipeline.rights.layers import Covers
from biglam_pipeline.rights.policy import accepted_tiers
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.shut import reads_shut
from biglam_pipeline.rights.tiers import NEVER
from biglam_pipeline.settings import Count, Misplaced, Settings, Texts, check_page
from biglam_pipeline.source.answers import is_answer


class Overrule(Settings):
    """A person's word that records which say of themselves that they are closed are published all the same."""

    because: str = Field(min_length=3)
    """Why, in a sentence: it stands on the card."""
    rows: Count
    """How many rows that is, as a range: another number stops publication."""

    @field_validator("because")
    @classmethod
    def _reason(cls, value: str) -> str:
        if not is_answer(value, sentence=True):
            raise ValueError(f"`{value}` is no reason; write in a sentence who decided it, and why")
        return value


class Rights(Settings):
    """What may be done with one layer of the source, who says so, and where that can be read."""

    model_config = ConfigDict(populate_by_name=False)

    license: str | None = None
    """One statement for all records: CC0-1.0, CC-BY-4.0, PDM-1.0, noc-us-1.0, or the statement's URI."""
    from_: str | None = Field(default=None, alias="from")
    """Where each record says its own rights: $rights for what the format knows, or a path."""
    accept: Texts = ("open",)
    """Which statements are published: open (pd, by and sa), free (open, pd-us, nkc and pd-claim; it needs evidence on
    the custodian's own page), or tiers. What is not accepted is withheld and counted."""
    covers: Covers = "all"
    """The layer that the statement is about. Text and the bytes of pictures each need a layer that covers them, all
    else one for metadata."""
    evidence: str | None = None
    """Address of the page that says so."""
    checked: date | None = None
    """The day on which a person last read that page."""
    quote: str | None = None
    """The words that say so."""
    attribution: str | None = None
    """Whom to credit, in the words that the institution asks for."""
    overrule: Overrule | None = None
    """{because: TEXT, rows: RANGE}: publish records too that contradict this licence."""
    statements: dict[str, str] = Field(default_factory=dict)
    """{"WHOLE VALUE": ID}: what a person read in values that the program does not understand. It opens nothing that
    reads as closed, nc or nd."""

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

    @field_validator("statements")
    @classmethod
    def _lines(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [((line,), text) for line, found in value.items() for text in _faults_of_line(line, found)]
        folded = [fold_statement(line) for line in value]
        twice = [line for line in value if folded.count(fold_statement(line)) > 1]
        wrong += [((line,), f"`{line[:60]}` stands there twice; leave one out") for line in twice[1:]]
        if wrong:
            raise Misplaced(*wrong)
        return value

    @model_validator(mode="after")
    def _one_of(self) -> "Rights":
        if (self.license is None) == (self.from_ is None):
            raise ValueError("say either `license:` (one statement for all records) or `from:` (each record's own)")
        if self.overrule is not None and self.license is None:
            said = "`overrule` sets a licence for all records over what they say; it needs `license:`"
            raise Misplaced((("overrule",), said))
        lacks = [name for name in ("evidence", "checked") if getattr(self, name) is None]
        for name in ("overrule", "statements"):
            if getattr(self, name) and lacks:
                raise Misplaced(((name,), f"`{name}` is a person's word; it needs {' and '.join(lacks)} beside it"))
        return self

    @property
    def is_evidenced(self) -> bool:
        """Whether the page is named and the day on which a person read it."""
        return self.evidence is not None and self.checked is not None


def _faults_of_line(line: str, found: str) -> list[str]:
    """What is wrong with one line of `statements`."""
    if not line.strip():
        return ["a line of `statements` is the whole value of a record, and this one is empty"]
    faults = []
    shut, now = reads_shut(line), recognise(found)
    if shut:
        faults.append(
            f"`{line[:60]}` reads as {shut}, and no line opens that; where the custodian says otherwise, ask for "
            "another statement, or leave the records withheld"
        )
    if now.tier in NEVER or now.unread:
        faults.append(f"`{found[:60]}` is no id of a statement that can be published; write one such as PDM-1.0")
    return faults
