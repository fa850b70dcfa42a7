"""The questions of consent, power and harm that are asked before a collection is made easy to copy.

CARE (https://www.gida-global.org/care), Local Contexts (https://localcontexts.org), and the checklists of Collections
as ML Data and of Datasheets for Digital Cultural Heritage Datasets.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from biglam_pipeline.rights.labels import Label, read_label
from biglam_pipeline.settings import Settings, Texts
from biglam_pipeline.source.answers import is_answer, same_person

Answer = Literal["yes", "no", "unknown"]


class HarmfulLanguage(Settings):
    """Words that hurt, in the originals or in what cataloguers wrote."""

    expected: Answer = "unknown"
    """yes, no or unknown."""
    where: Texts = ()
    """items (the originals' own words), descriptions (the cataloguers')."""


class PersonalData(Settings):
    """Whether living people stand in it, as somebody judged on a day."""

    living_people_likely: Literal["yes", "no", "public_role", "unknown"] = "unknown"
    """yes, no, unknown, or public_role: only creators under authority control, office holders and the like."""
    special_categories: Texts = ()
    """Health, faith, politics and the like, where they occur."""
    basis: str = ""
    """Why it may be published all the same, or why nobody in it lives."""
    assessed_by: str = ""
    """Who judged."""
    assessed_on: date | None = None
    """When."""


class GivenLabel(Settings):
    """A Label that a community gave, or a Notice that the institution put up."""

    scheme: str = "local-contexts"
    """Whose labels."""
    label: str = ""
    """Which one: its name, code or address at localcontexts.org, as TK Seasonal, TK S or tk-seasonal."""
    text: str = ""
    """The community's own words on it: shown on the card as they are."""
    project_uri: str = Field(min_length=1)
    """The project's page, where the label stands in the community's own words."""

    @property
    def known(self) -> Label:
        """What it asks of whoever publishes; one that is not named, or not known here, blocks."""
        return read_label(self.label)

    @property
    def title(self) -> str:
        """For people."""
        return self.known.title if self.known.name else self.label or self.scheme


class Indigenous(Settings):
    """Whether Indigenous or traditional knowledge is in it, and who may decide over it."""

    present: Answer = "unknown"
    """yes, no or unknown."""
    labels: tuple[GivenLabel, ...] = ()
    """Traditional-knowledge and biocultural labels and notices."""
    authority_decision: str = ""
    """Who of the community decided what, and when. Without it, what is present is not published."""

    @property
    def is_present(self) -> bool:
        """True where the entry says so, or a label that stands for a community's claim."""
        return self.present == "yes" or any(one.known.effect in ("implies", "nc", "blocks") for one in self.labels)

    @property
    def non_commercial(self) -> bool:
        """True where a label closes what it stands on to commercial use."""
        return any(one.known.effect == "nc" for one in self.labels)

    @property
    def withheld_because(self) -> list[str]:
        """Why it is published nowhere, not even in private; empty where it may be."""
        reasons = []
        for one in self.labels:
            if one.known.effect == "blocks" and one.known.name:
                reasons.append(
                    f"{one.known.title} ({one.project_uri}) says that this is not for everybody; take the records that "
                    "it stands on out of the entry, or ask the community that gave it"
                )
            elif not one.known.name:
                said = f"`{one.label}` is no label that is known here" if one.label else "a label is not named"
                reasons.append(
                    f"{said}, so what it asks for is not known; write ethics.indigenous_or_tk.labels.label "
                    f"as on {one.project_uri}"
                )
        if self.is_present and not is_answer(self.authority_decision, sentence=True):
            why = "present is yes" if self.present == "yes" else "a label says that it is there"
            reasons.append(
                f"ethics.indigenous_or_tk: {why}, and nobody who may decide has: ask the community, and write who "
                "decided what, and when, into authority_decision"
            )
        return reasons


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

    @property
    def unsettled(self) -> list[str]:
        """Keys that have to be answered before the repository is made public, as far as the entry alone shows it."""
        names = [f"{name} (still `unknown`)" for name, answer in self._answers().items() if answer == "unknown"]
        if self.content_advisory == "specific" and not is_answer(self.content_advisory_text, sentence=True):
            names.append("content_advisory_text")
        if self.harmful_language.expected == "yes" and self.content_advisory == "none":
            names.append("content_advisory (harmful language is expected: standard or specific)")
        if self.indigenous_or_tk.present == "no" and self.indigenous_or_tk.is_present:
            names.append("indigenous_or_tk.present (labels say yes)")
        if self.indigenous_or_tk.present == "no" and any(
            one.known.effect == "asks" for one in self.indigenous_or_tk.labels
        ):
            names.append("indigenous_or_tk.present (an Attribution Incomplete notice asks whose it is)")
        people = self.personal_data.living_people_likely
        if people in ("yes", "public_role"):
            names += self.missing_assessment()
        if people == "yes":
            names += self.missing_second_reader()
        if self.review is None or not is_answer(self.review.by):
            names.append("review")
        return [f"ethics.{name}" for name in names]

    def missing_assessment(self) -> list[str]:
        """Keys of an assessment of the people in the data that nobody filled."""
        data = self.personal_data
        names = [] if is_answer(data.basis, sentence=True) else ["personal_data.basis"]
        names += [] if is_answer(data.assessed_by) else ["personal_data.assessed_by"]
        return names + ([] if data.assessed_on else ["personal_data.assessed_on"])

    def missing_second_reader(self) -> list[str]:
        """The key of a second reader who is somebody else than the first; empty where there is one."""
        if self.review is None or not is_answer(self.review.second_reader):
            return ["review.second_reader"]
        if same_person(self.review.second_reader, self.review.by):
            return ["review.second_reader (the first reader is no second one)"]
        return []

    def _answers(self) -> dict[str, str]:
        return {
            "harmful_language.expected": self.harmful_language.expected,
            "personal_data.living_people_likely": self.personal_data.living_people_likely,
            "indigenous_or_tk.present": self.indigenous_or_tk.present,
            "colonial_context.applies": self.colonial_context.applies,
        }
