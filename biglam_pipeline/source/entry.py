"""Source: one entry of sources.yaml, and what follows from it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from biglam_pipeline.columns import Modality, Section
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.mapping.references import unknown_joined, unknown_references
from biglam_pipeline.normalize.mapping.values import Value, read_value
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import asked_column
from biglam_pipeline.normalize.shorthand import read_reads
from biglam_pipeline.patterns import Pattern
from biglam_pipeline.rights.labels import Label
from biglam_pipeline.rights.layers import Aspect, Layer
from biglam_pipeline.rights.policy import accepted_tiers
from biglam_pipeline.settings import Bounds, Misplaced, Texts, nearest
from biglam_pipeline.source.ai_use import AiUse
from biglam_pipeline.source.answers import unanswered
from biglam_pipeline.source.blocks import Expect, Publish
from biglam_pipeline.source.digests import Stage, digest_of_read, digest_of_stage
from biglam_pipeline.source.documentation import Documentation
from biglam_pipeline.source.layers import (
    faults_on_free,
    layer_of,
    never_published,
    parts_of,
    uncovered,
    words_for_uncovered,
)
from biglam_pipeline.source.origins import closed_with, steps_behind, wrong_rights
from biglam_pipeline.source.rights import Rights
from biglam_pipeline.source.schedule import check_schedule, cron_of
from biglam_pipeline.source.sections import faults_among, section_of, sections_of

SILENT = "follows_from_another"
"""The type of an error that only follows from one that is reported already."""
_MAPPED = {"date": "date_raw"}
"""Words of `map` that feed a column of another name."""


def _check_path(path: str, reader: Reader) -> None:
    """ValueError where `rights: {from: ..}` names what the reader cannot give."""
    value = read_value(path)
    captured = [name for text in reader.files or () for name in Pattern(text.removeprefix("!")).captures]
    unknown = list(unknown_references([value], captured))
    if unknown:
        raise ValueError(f"{unknown[0]} is no fact and no column; write $rights, or a path into the record")
    if wrong := next((fault for _, fault in unknown_joined(reader.joins, value)), ""):
        raise ValueError(wrong)
    try:
        reader.compiled(value)
    except ValueError as error:
        raise ValueError(f"{error}; write $rights, or a path of the format") from None


def _rights(value: object) -> object:
    """A licence id, a block, or a list of them, as a list of blocks."""
    layers = value if isinstance(value, list | tuple) else [value]
    return [{"license": one} if isinstance(one, str) else one for one in layers]


class Source(Documentation):
    """One collection of one library, archive or museum: how to harvest, read and publish it, and by what right."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=96)
    """The entry's key; also the asset group's leaf and the repository's name."""
    title: str = Field(min_length=1)
    """The collection's title, as people know it."""
    custodian: str = Field(min_length=1)
    """The institution that keeps the originals."""
    harvest: Annotated[AnyHarvester, BeforeValidator(read_address)]
    """Where it is: an address, or a list of them."""
    normalize: Annotated[tuple[AnyReader, ...], Field(min_length=1)] = Field(default=(), validate_default=True)
    """What one row is and what stands in it: a reader's name, a READ, or a list of READs for several kinds of rows.
    By default from the file's extension."""
    rights: Annotated[tuple[Rights, ...], BeforeValidator(_rights)] = Field(min_length=1)
    """By what right it is published: a licence id, a block, or a block a layer."""
    languages: Texts = ()
    """BCP 47 tags for rows that do not say."""
    schedule: str = "nightly"
    """nightly, weekly, monthly, never, or a cron line."""
    status: Literal["active", "candidate", "upstream-dead"] = "active"
    """Whether the source is harvested on schedule: only an active one is."""
    verified: bool = True
    """false where nobody has looked at the address and the rights yet: it can be harvested, never published."""
    ai_use: AiUse | None = None
    """What the custodian wishes about use for AI, and what somebody decided about it."""
    owner: str = Field(
        default="team:biglam", pattern=r"^(team:[\w-]+|[A-Za-z0-9_][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]+\.[A-Za-z]{2,7})$"
    )
    """Who looks after the entry: team:name or an e-mail address, as Dagster takes one."""
    dedup: Dedup = Dedup()
    """What happens to duplicates."""
    publish: Publish = Publish()
    """Where it goes."""
    expect: Expect = Expect()
    """What must hold before it goes there."""
    tags: Texts = ()
    """Further tags for the card."""
    line: int = Field(default=1, exclude=True)
    file: str = Field(default="sources.yaml", exclude=True)
    _made_of: Mapping[str, tuple["Source", Path]] = PrivateAttr(default_factory=dict)

    @field_validator("harvest")
    @classmethod
    def _answered_for(cls, value: AnyHarvester) -> AnyHarvester:
        """Who overrules what a host asks for says why, and who that is."""
        if word := value.leave:
            wrong = [(("robots", key), what) for key, what in unanswered(word.overrule, word.by)]
            if wrong:
                raise Misplaced(*wrong)
        return value

    @field_validator("normalize", mode="before")
    @classmethod
    def _readers(cls, value: object, info: ValidationInfo) -> object:
        """A reader's name stands for its block; without one, the addresses say which reader it is."""
        harvest = info.data.get("harvest")
        if value == ():
            value = {}  # nothing is written
        if harvest is None and any(isinstance(one, dict) and "type" not in one for one in _listed(value)):
            raise PydanticCustomError(SILENT, "harvest is not known")
        names = [f"{harvest.prefix}{url}" for url in harvest.url] if harvest else []
        formats = [harvest.asked_format(url) for url in harvest.url] if harvest else []
        return read_reads(value, names, formats)

    @field_validator("normalize")
    @classmethod
    def _beside_each_other(cls, value: tuple[Reader, ...]) -> tuple[Reader, ...]:
        """Several READs give rows that can be told apart, or the same columns."""
        if wrong := list(faults_among(value)):
            raise Misplaced(*wrong)
        return value

    @field_validator("rights")
    @classmethod
    def _layered(cls, value: tuple[Rights, ...], info: ValidationInfo) -> tuple[Rights, ...]:
        """Every path can be read, and every part of a row is covered, as far as the entry tells."""
        wrong = faults_on_free(value, info.data.get("custodian_url") or "")
        if (harvest := info.data.get("harvest")) and (own := [*wrong_rights(value, harvest.origins)]):
            raise Misplaced(*own)
        readers: tuple[Reader, ...] | None = info.data.get("normalize")
        if readers is not None:
            for number, layer in enumerate(value):
                for place, reader in enumerate(readers, 1):
                    try:
                        _check_path(layer.from_ or "$rights", reader)
                    except ValueError as error:
                        of = f"READ {place}: " if len(readers) > 1 else ""
                        raise Misplaced(((number, "from"), f"{of}{error}")) from None
            bare = uncovered(value, frozenset().union(*map(parts_of, readers)))
            wrong += [words_for_uncovered(bare)] if bare else []
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    @field_validator("languages")
    @classmethod
    def _tags(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = []
        for tag in value:
            known, _ = read_languages([tag])
            if known != [tag]:
                such = "en (English), nl (Dutch), la (Latin), or und where nobody knows"
                if tag.startswith("-"):
                    raise ValueError(f"`{tag}`: a blank is missing behind the dash; write - {tag[1:]}")
                meant = f"[{', '.join(known)}]" if len(known) > 1 and len(value) == 1 else ", ".join(known)
                hint = f"write {meant}" if known else f"write one such as {such}"
                wrong.append(f"`{tag}` is not a BCP 47 tag in its shortest form; {hint}")
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    @field_validator("schedule")
    @classmethod
    def _cron(cls, value: str) -> str:
        return check_schedule(value)

    @field_validator("publish")
    @classmethod
    def _no_circle(cls, value: Publish, info: ValidationInfo) -> Publish:
        """What an entry writes is not what it reads again the next night."""
        harvest: AnyHarvester | None = info.data.get("harvest")
        if harvest is not None and (value.repository or "").casefold() in harvest.feeds:
            detail = (
                f"{value.repository} is read by this entry as it stands, so that each release would come back as new "
                f"data; write under `harvest` the commit to begin from: hf:{value.repository}@COMMIT"
            )
            raise Misplaced((("repository",), detail))
        return value

    @field_validator("expect")
    @classmethod
    def _columns(cls, value: Expect, info: ValidationInfo) -> Expect:
        """`fill` names columns that the entry has."""
        readers: tuple[Reader, ...] | None = info.data.get("normalize")
        if readers is None:
            return value
        known = _names_of(sections_of(readers))
        wrong = []
        for name in value.fill:
            if _MAPPED.get(name, name) not in known:
                near = nearest(name, known)
                hint = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}"
                wrong.append((("fill", name), f"`{name}` is no column of this source; {hint}"))
        if wrong:
            raise Misplaced(*wrong)
        return value

    # --- what follows from the entry ---

    @property
    def made_of(self) -> Mapping[str, tuple["Source", Path]]:
        """The other entries whose rows it reads, by name, each with the folder of its sources file."""
        return self._made_of

    def knows(self, made_of: Mapping[str, tuple["Source", Path]]) -> None:
        """Takes note of these."""
        self._made_of = made_of

    @property
    def key(self) -> str:
        """The name where Dagster takes no hyphen."""
        return self.name.replace("-", "_")

    @property
    def sections(self) -> tuple[Section, ...]:
        """The kinds of rows that it gives, in the order of `normalize`: one, as a rule."""
        return sections_of(self.normalize)

    @property
    def section_names(self) -> list[str]:
        """What stands before the identifiers of its rows, of each READ; empty for one that names no config."""
        return list(dict.fromkeys(section_of(reader).name for reader in self.normalize))

    def section(self, name: str) -> Section:
        """The one of this name; the only one where there is one."""
        sections = self.sections
        return next((one for one in sections if one.name == name), sections[0])

    @property
    def modalities(self) -> frozenset[Modality]:
        """text, image, metadata: those that its rows have."""
        return frozenset(section.modality for section in self.sections)

    @property
    def column_names(self) -> list[str]:
        """Names of the published columns, in order, of all its sections."""
        return _names_of(self.sections)

    @property
    def fill(self) -> dict[str, Bounds]:
        """Column -> share of rows that must fill it."""
        return {_MAPPED.get(name, name): bounds for name, bounds in self.expect.fill.items()}

    @property
    def cron(self) -> str | None:
        """The cron line; minutes are spread so that not everything starts at once, hours so that origins go first."""
        return cron_of(self.schedule, self.name, steps_behind(self)) if self.status == "active" else None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of rights, as records are judged by them."""
        return tuple(layer_of(layer) for layer in self.rights)

    @property
    def parts(self) -> frozenset[Aspect]:
        """What rows publish, as far as the entry tells."""
        return frozenset().union(*map(parts_of, self.normalize))

    @property
    def counting(self) -> tuple[Rights, ...]:
        """The layers for something that is published."""
        return tuple(layer for layer in self.rights if layer.covers == "all" or layer.covers in self.parts)

    @property
    def asked(self) -> dict[str, Value]:
        """Where each record says its own rights: the column that a layer's `from` fills -> where it stands."""
        named = {asked_column(number): layer.from_ for number, layer in enumerate(self.rights)}
        return {column: read_value(path) for column, path in named.items() if path}

    @property
    def accepted_by_layer(self) -> tuple[frozenset[str], ...]:
        """The tiers that each layer lets through."""
        return tuple(accepted_tiers(layer.accept) for layer in self.rights)

    @property
    def accepted(self) -> frozenset[str]:
        """Tiers that every layer for something published lets through."""
        return frozenset.intersection(*(accepted_tiers(layer.accept) for layer in self.counting or self.rights))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Labels that the entry says stand on all of it, and that limit what may be done with a row."""
        given = self.ethics.indigenous_or_tk.labels if self.ethics else ()
        return tuple(one.known for one in given if one.known.effect == "nc")

    @property
    def to_write(self) -> list[str]:
        """The keys whose place a draft of `biglam new` only holds: TODO, and what is meant."""
        return [name for name in ("title", "custodian") if re.match(r"TODO\b", getattr(self, name))]

    @property
    def closed_because(self) -> list[str]:
        """Why nobody may see the source's rows, as far as the entry alone says so; empty where they may."""
        reasons = [] if self.verified else ["the entry says verified: false"]
        reasons += [f"`{name}` is still to be written" for name in self.to_write]
        reasons += [word for layer in self.counting if (word := never_published(layer))]
        if self.labels and "nc" not in self.accepted:
            named = ", ".join(label.title for label in self.labels)
            reasons.append(f"{named} allows non-commercial use only, and `accept` does not let nc through")
        reasons += closed_with([origin for origin, _ in self.made_of.values()])
        return reasons + (self.ethics.indigenous_or_tk.withheld_because if self.ethics else [])

    @property
    def attribution(self) -> str:
        """Whom to credit; by default the custodian."""
        return next((layer.attribution for layer in self.rights if layer.attribution), self.custodian)

    def digest(self, stage: Stage) -> str:
        """Digest of only the keys that a stage reads, so that an edit marks only what it touches as out of date.

        It is over what is written: a key that nobody wrote enters none, so that the language can grow.
        """
        return digest_of_stage(self, stage)

    def read_digest(self, number: int) -> str:
        """The same of what one READ reads of the entry: another that stands beside it changes nothing of its rows."""
        return digest_of_read(self, number)


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _names_of(sections: tuple[Section, ...]) -> list[str]:
    """The columns that are published, each once; those of a first section in their order."""
    return list(dict.fromkeys(column.name for section in sections for column in section.published))
