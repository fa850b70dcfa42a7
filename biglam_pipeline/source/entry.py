"""Source: one entry of sources.yaml, and what each of its blocks may say."""

import hashlib
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, field_validator, model_validator

from biglam_pipeline.columns import SCHEMA_VERSION, Modality, published_columns
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.shorthand import read_normalize
from biglam_pipeline.normalize.values import Value, read_value
from biglam_pipeline.rights.policy import accepted_tiers
from biglam_pipeline.rights.recognise import Statement, recognise
from biglam_pipeline.rights.tiers import worst
from biglam_pipeline.settings import Bounds, Range, Settings


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]
Covers = Literal["all", "metadata", "text", "images"]


class Rights(Settings):
    """What may be done with one layer of the source, who says so, and where that can be read."""

    license: str | None = None
    """One statement for all records: CC0-1.0, CC-BY-4.0, PDM-1.0, noc-us-1.0, or the statement's URI."""
    from_: str | None = Field(default=None, validation_alias=AliasChoices("from", "from_"), serialization_alias="from")
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
            raise ValueError(f"`{value}` is not a statement we know; write an id such as CC0-1.0, or its URI")
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
    visibility: Literal["private"] = "private"
    """Repositories are born private. Making one public is a step of its own, not built yet."""


class Expect(Settings):
    """What must hold of the harvest before it is published. Without it, the last good run is the measure."""

    rows: Range | None = None
    """How many rows are current."""
    fill: dict[str, Range] = Field(default_factory=dict)
    """Column -> share of rows in which it is not empty."""
    rejects: Range = Bounds((0.0, 0.05))
    """Share of what was read that could not be made a row."""
    withheld: Range | None = None
    """Share of current rows that rights keep back."""


_MAPPED = {"date": "date_raw"}
"""Words of `map` that feed a column of another name."""
CRONS = {"nightly": "{minute} 2 * * *", "weekly": "{minute} 3 * * 0", "monthly": "{minute} 4 1 * *"}
_CRON = re.compile(r"^(\S+\s+){4}\S+$")


class Source(Settings):
    """One collection of one library, archive or museum: how to harvest, read and publish it, and by what right."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=96)
    """The entry's key; also the asset group's leaf and the repository's name."""
    title: str = Field(min_length=1)
    """The collection's title, as people know it."""
    custodian: str = Field(min_length=1)
    """The institution that keeps the originals."""
    harvest: AnyHarvester
    """Where it is: an address, or a list of them."""
    normalize: AnyReader
    """What one row is and what stands in it: a reader's name, or a block. By default from the file's extension."""
    rights: tuple[Rights, ...] = Field(min_length=1)
    """By what right it is published: a licence id, a block, or a block a layer."""
    languages: Texts = ()
    """BCP 47 tags for rows that do not say."""
    schedule: str = "nightly"
    """nightly, weekly, monthly, never, or a cron line."""
    status: Literal["active", "candidate", "upstream-dead"] = "active"
    """Whether the source is harvested on schedule: only an active one is."""
    verified: bool = True
    """false where nobody has looked at the address and the rights yet: it can be harvested, never published."""
    owner: str = Field(default="team:biglam", pattern=r"^(team:[\w-]+|[^@\s]+@[^@\s]+)$")
    """Who looks after the entry: team:name or an e-mail address."""
    dedup: Dedup = Dedup()
    """What happens to doubles."""
    publish: Publish = Publish()
    """Where it goes."""
    expect: Expect = Expect()
    """What must hold before it goes there."""
    summary: str = ""
    """One paragraph: what a row is, of whom, from when."""
    collection_url: str = ""
    """The collection's own page."""
    known_gaps: str = ""
    """What the collection lacks, and why."""
    limitations: str = ""
    """What the data should not be used for, or with care."""
    citation: str = ""
    """How the institution wants to be cited."""
    contact: str = ""
    """Whom to write to about errors and takedowns."""
    tags: Texts = ()
    """Further tags for the card."""
    line: int = Field(default=1, exclude=True)
    file: str = Field(default="sources.yaml", exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _shorthands(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if "harvest" in data:
            data["harvest"] = read_address(data["harvest"])
            urls = data["harvest"].get("url", ())
            data["normalize"] = read_normalize(data.get("normalize"), [urls] if isinstance(urls, str) else list(urls))
        rights = data.get("rights")
        blocks = rights if isinstance(rights, list) else [rights]
        if rights is not None:
            data["rights"] = [{"license": one} if isinstance(one, str) else one for one in blocks]
        return data

    @field_validator("schedule")
    @classmethod
    def _cron(cls, value: str) -> str:
        if value not in CRONS and value != "never" and not _CRON.match(value):
            raise ValueError(f"`{value}` is not nightly, weekly, monthly, never or a cron line of five fields")
        return value

    @model_validator(mode="after")
    def _one_asker(self) -> "Source":
        if sum(layer.from_ is not None for layer in self.rights) > 1:
            raise ValueError("only one layer of `rights` may read `from:` the records")
        unknown = [name for name in self.expect.fill if _MAPPED.get(name, name) not in self.column_names]
        if unknown:
            raise ValueError(f"expect.fill names {unknown[0]}, which is no column of this source")
        return self

    # --- what follows from the entry ---

    @property
    def key(self) -> str:
        """The name where Dagster takes no hyphen."""
        return self.name.replace("-", "_")

    @property
    def modality(self) -> Modality:
        """text, image or metadata."""
        return self.normalize.chosen_modality

    @property
    def column_names(self) -> list[str]:
        """Names of the published columns, in order."""
        return [column.name for column in published_columns(self.modality, self.normalize.extras)]

    @property
    def fill(self) -> dict[str, Bounds]:
        """Column -> share of rows that must fill it."""
        return {_MAPPED.get(name, name): bounds for name, bounds in self.expect.fill.items()}

    @property
    def cron(self) -> str | None:
        """The cron line; minutes are spread over twelve slots so that not everything starts at once."""
        if self.schedule == "never" or self.status != "active":
            return None
        minute = int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 12 * 5
        return CRONS.get(self.schedule, self.schedule).format(minute=minute)

    @property
    def statement(self) -> Statement | None:
        """The one statement for all records, the strictest of the layers; None where each record says its own."""
        if any(layer.from_ for layer in self.rights):
            return None
        found = [recognise(layer.license or "") for layer in self.rights]
        strictest = worst([one.tier for one in found])
        return next(one for one in found if one.tier == strictest)

    @property
    def rights_value(self) -> Value | None:
        """Where each record says its own rights, or None where one statement holds for all."""
        paths = [layer.from_ for layer in self.rights if layer.from_]
        return read_value(paths[0]) if paths else None

    @property
    def accepted(self) -> frozenset[str]:
        """Tiers that are published."""
        tiers = [accepted_tiers(layer.accept) for layer in self.rights]
        return frozenset.intersection(*tiers)

    @property
    def attribution(self) -> str:
        """Whom to credit; by default the custodian."""
        return next((layer.attribution for layer in self.rights if layer.attribution), self.custodian)

    def digest(self, stage: Literal["raw", "normalized", "shards", "hub"]) -> str:
        """Digest of only the keys that a stage reads, so that an edit marks only what it touches as out of date."""
        parts: list[object] = [SCHEMA_VERSION]
        if stage == "raw":
            parts = [self.harvest.model_dump_json()]
        elif stage == "normalized":
            rights = [(layer.license, layer.from_, layer.attribution) for layer in self.rights]
            parts += [self.name, self.custodian, self.languages, rights]
            parts += [self.normalize.version, self.normalize.model_dump_json()]
        elif stage == "shards":
            parts += [sorted(self.accepted), self.dedup.model_dump_json()]
        else:
            parts += [self.model_dump_json(exclude={"harvest", "normalize", "schedule", "status", "owner"})]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
