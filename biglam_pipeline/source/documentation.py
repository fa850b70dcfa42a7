"""What a person has to write of a source: short to start with, whole before a repository is made public."""

import json
from typing import Any

from pydantic import Field, field_validator

from biglam_pipeline.settings import Settings, check_page, written
from biglam_pipeline.source.answers import is_answer, is_contact
from biglam_pipeline.source.ethics import Ethics


class Curation(Settings):
    """The choices that made the collection what it is."""

    mission: str = ""
    """Why the collection exists and what it was meant to hold."""
    digitisation_selection: str = ""
    """What of it was digitised, and who chose."""
    known_gaps: str = ""
    """What it lacks, and why."""


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
        names = [name for name in _REQUIRED if not is_answer(getattr(self, name), sentence=name in _SENTENCES)]
        names += [
            f"curation.{name}"
            for name in Curation.model_fields
            if not is_answer(getattr(self.curation, name), sentence=True)
        ]
        if self.contact and "contact" not in names and not is_contact(self.contact):
            names.append("contact (an e-mail address or a page)")
        if not (is_contact(self.takedown.contact) or is_contact(self.takedown.url)):
            names.append("takedown.contact")
        return [*names, *(self.ethics.unsettled if self.ethics else ["ethics"])]

    @property
    def answered(self) -> dict[str, str]:
        """What was written, as text by the name of its key: `curation.mission`; labels as `ethics.labels.0.text`."""
        dumped = self.model_dump(mode="json", include=set(Documentation.model_fields))
        if self.ethics:
            del dumped["ethics"]["indigenous_or_tk"]["labels"]
        found = dict(_flat("", _without_defaults(dumped, json.loads(written(self)))))
        for place, one in enumerate(self.ethics.indigenous_or_tk.labels if self.ethics else ()):
            key = f"ethics.labels.{place}"
            found |= {f"{key}.title": one.title, f"{key}.project_uri": one.project_uri}
            found |= {f"{key}.text": one.text} if one.text else {}
        return found


_REQUIRED = tuple(
    name for name in Documentation.model_fields if name not in {"curation", "ethics", "takedown", "model_config"}
)
_SENTENCES = frozenset({"summary", "limitations", "intended_uses", "out_of_scope"})


_TOLD_ANYHOW = frozenset(
    {
        "ethics.colonial_context.applies",
        "ethics.content_advisory",
        "ethics.harmful_language.expected",
        "ethics.indigenous_or_tk.present",
        "ethics.personal_data.living_people_likely",
        "takedown.response_days",
    }
)
"""Keys whose default is an answer that cards give. They stay so: one more here, and every card comes out otherwise."""


def _without_defaults(dumped: Any, answered: Any, before: str = "") -> Any:
    """What is dumped, in its order, as far as it is `reported`: what is written of the same block."""
    if isinstance(dumped, list):
        return [_without_defaults(one, each, before) for one, each in zip(dumped, answered, strict=True)]
    if not isinstance(dumped, dict):
        return dumped
    found = {}
    for name, one in dumped.items():
        place = f"{before}.{name}" if before else name
        if name in answered or place in _TOLD_ANYHOW or isinstance(one, dict):  # which may hold such a place
            found[name] = _without_defaults(one, answered.get(name, {}), place)
    return found


def _flat(before: str, value: object) -> list[tuple[str, str]]:
    """Leaves by dotted name; lists as `; `-separated text; what is empty is left out."""
    if isinstance(value, dict):
        return [pair for name, one in value.items() for pair in _flat(f"{before}.{name}" if before else name, one)]
    if isinstance(value, list):
        some = [", ".join(text for _, text in _flat("", one)) if isinstance(one, dict) else str(one) for one in value]
        return [(before, "; ".join(some))] if some else []
    return [(before, str(value))] if value not in (None, "") else []
