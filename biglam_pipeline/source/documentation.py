"""What a person has to write of a source: short to start with, whole before a repository is made public."""

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from biglam_pipeline.settings import Settings, Texts, check_page

Answer = Literal["yes", "no", "unknown"]


class Curation(Settings):
    """The choices that made the collection what it is."""

    mission: str = ""
    """Why the collection exists and what it was meant to hold."""
    digitisation_selection: str = ""
    """What of it was digitised, and who chose."""
    known_gaps: str = ""
    """What it lacks, and why."""


class HarmfulLanguage(Settings):
    """Words that hurt, in the originals or in what cataloguers wrote."""

    expected: Answer = "unknown"
    """yes, no or unknown."""
    where: Texts = ()
    """items (the originals' own words), descriptions (the cataloguers')."""


class PersonalData(Settings):
    """Whether living people stand in it, as somebody judged on a day."""

    living_people_likely: Answer = "unknown"
    """yes, no or unknown."""
    special_categories: Texts = ()
    """Health, faith, politics and the like, where they occur."""
    basis: str = ""
    """Why it may be published all the same, or why nobody in it lives."""
    assessed_by: str = ""
    """Who judged."""
    assessed_on: date | None = None
    """When."""


class Label(Settings):
    """A label that a community gave."""

    scheme: str = "local-contexts"
    """Whose labels."""
    project_uri: str = Field(min_length=1)
    """The project's page, where the label stands in the community's own words."""


class Indigenous(Settings):
    """Whether Indigenous or traditional knowledge is in it, and who may decide over it."""

    present: Answer = "unknown"
    """yes, no or unknown."""
    labels: tuple[Label, ...] = ()
    """Traditional-knowledge and biocultural labels."""
    authority_decision: str = ""
    """Who of the community decided what, and when. Without it, what is present is not published."""


class ColonialContext(Settings):
    """Whether the collection was made under colonial rule."""

    applies: Answer = "unknown"
    """yes, no or unknown."""
    note: str = ""
    """Whose record-making it is, whose voices it holds and whose not."""


class Consulted(Settings):
    """One conversation about the collection."""

    who: str
    """With whom."""
    when: str
    """When."""
    outcome: str
    """What came of it."""


class Review(Settings):
    """Who looked at all of this."""

    by: str
    """The first reader."""
    on: date
    """The day."""
    second_reader: str = ""
    """A second one, where living people or sensitive matter are in it."""


class Ethics(Settings):
    """The questions of consent, power and harm, and what was answered."""

    content_advisory: Literal["none", "standard", "specific"] = "standard"
    """The note above everything else: none, the standard one, or `content_advisory_text`."""
    content_advisory_text: str = ""
    """The note's words, where it is a specific one."""
    harmful_language: HarmfulLanguage = HarmfulLanguage()
    """Whether words that hurt are to be expected."""
    personal_data: PersonalData = PersonalData()
    """Whether living people stand in it."""
    indigenous_or_tk: Indigenous = Indigenous()
    """Whether Indigenous or traditional knowledge is in it."""
    colonial_context: ColonialContext = ColonialContext()
    """Whether it was made under colonial rule."""
    consultation: tuple[Consulted, ...] = ()
    """Who was asked."""
    review: Review | None = None
    """Who looked at all of this."""


class Requests(Settings):
    """The way that a request for correction or takedown takes."""

    contact: str = ""
    """An e-mail address."""
    url: str = ""
    """A form or a page."""
    response_days: int = Field(default=3, ge=1, le=30)
    """Working days until somebody answers."""


class Documentation(Settings):
    """The keys of an entry that only a person can fill."""

    summary: str = ""
    """One paragraph: what a row is, of whom, from when."""
    custodian_url: str = ""
    """The institution's page, or its ROR, ISIL or Wikidata address."""
    collection_url: str = ""
    """The collection's own page."""
    original_format: str = ""
    """What the originals are: newspapers on paper, glass negatives, a card catalogue."""
    metadata_type: str = ""
    """What the descriptions are: MARC records, finding aids, a register."""
    scale_of_description: str = ""
    """What one description describes: a page, an item, a series."""
    producers: str = ""
    """Who made the originals."""
    curation: Curation = Curation()
    """Who gathered the collection, for what, and what is not in it."""
    ethics: Ethics | None = None
    """What was asked before the collection was made easy to copy."""
    intended_uses: str = ""
    """What the data is good for."""
    out_of_scope: str = ""
    """What it should not be used for."""
    limitations: str = ""
    """What to know before relying on it."""
    citation: str = ""
    """How the institution wants to be cited."""
    contact: str = ""
    """Who looks after the dataset: an e-mail address or a page."""
    takedown: Requests = Requests()
    """Where somebody turns who wants a record corrected or gone."""

    @field_validator("custodian_url", "collection_url")
    @classmethod
    def _page(cls, value: str) -> str:
        return check_page(value) if value else ""

    @property
    def undocumented(self) -> list[str]:
        """What must be written before the repository is made public, by the names of the keys."""
        names = [name for name in _REQUIRED if not getattr(self, name)]
        names += [f"curation.{name}" for name in Curation.model_fields if not getattr(self.curation, name)]
        if not (self.takedown.contact or self.takedown.url):
            names.append("takedown.contact")
        return [*names, *_unsettled(self.ethics)]

    @property
    def told(self) -> dict[str, str]:
        """What was written, as text by the name of its key: `curation.mission`."""
        return dict(_flat("", self.model_dump(mode="json", include=set(Documentation.model_fields))))


_REQUIRED = tuple(
    name for name in Documentation.model_fields if name not in {"curation", "ethics", "takedown", "model_config"}
)


def _unsettled(ethics: Ethics | None) -> list[str]:
    if ethics is None:
        return ["ethics"]
    answers = {
        "harmful_language.expected": ethics.harmful_language.expected,
        "personal_data.living_people_likely": ethics.personal_data.living_people_likely,
        "indigenous_or_tk.present": ethics.indigenous_or_tk.present,
        "colonial_context.applies": ethics.colonial_context.applies,
    }
    names = [f"ethics.{name} (still `unknown`)" for name, answer in answers.items() if answer == "unknown"]
    if ethics.content_advisory == "specific" and not ethics.content_advisory_text:
        names.append("ethics.content_advisory_text")
    if ethics.review is None:
        names.append("ethics.review")
    return names


def _flat(before: str, value: object) -> list[tuple[str, str]]:
    """Leaves by dotted name; lists as `; `-separated text; what is empty is left out."""
    if isinstance(value, dict):
        return [pair for name, one in value.items() for pair in _flat(f"{before}.{name}" if before else name, one)]
    if isinstance(value, list):
        some = [", ".join(text for _, text in _flat("", one)) if isinstance(one, dict) else str(one) for one in value]
        return [(before, "; ".join(some))] if some else []
    return [(before, str(value))] if value not in (None, "") else []
