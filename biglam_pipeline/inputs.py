"""What each stage is handed of one entry: the words of sources.yaml, turned into what a stage understands."""

import json
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from biglam_pipeline.columns import schema_of
from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.dedup.laying import Laying
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.harvest.linking import Pointing
from biglam_pipeline.links import Link
from biglam_pipeline.normalize.claims import named_by
from biglam_pipeline.normalize.pointing import links_of
from biglam_pipeline.normalize.rows.building import Rows
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.rows.rights import RowRights
from biglam_pipeline.publish.drafting import Drafting
from biglam_pipeline.publish.features import with_features
from biglam_pipeline.records import Description
from biglam_pipeline.rights.derivatives import forbids_derivatives
from biglam_pipeline.rights.policy import repository_license
from biglam_pipeline.settings import written
from biglam_pipeline.source import Source
from biglam_pipeline.source.rights import Rights
from biglam_pipeline.source.sections import section_of
from biglam_pipeline.store import disk
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.signals import last_signals
from biglam_pipeline.takedown import NAME, Ledger, read_ledger


def readings_of(source: Source) -> tuple[Reading, ...]:
    """For normalize: one for each READ."""
    return tuple(_reading(source, number) for number in range(len(source.normalize)))


def _reading(source: Source, number: int) -> Reading:
    reader = source.normalize[number]
    section = section_of(reader)
    rows = Rows(
        source_id=source.name,
        custodian=source.custodian,
        languages=source.languages,
        modality=section.modality,
        extras=dict(section.extras),
        record_format=reader.record_format,
        rights=RowRights(source.layers, source.custodian, source.attribution, section.modality, source.labels),
        section=section.name,
    )
    return Reading(
        source.name,
        reader,
        rows,
        section.content,
        source.asked,
        source.read_digest(number),
        as_printed=forbids_derivatives(layer.license for layer in source.rights if layer.license),
        section=section.name,
        marks=source.harvest.lays_over,
        beside=tuple(
            dict.fromkeys(one for other in source.normalize if other is not reader for one in named_by(other))
        ),
        at_large=tuple(other for other in source.normalize if other is not reader and other.files is None),
    )


def pointing_of(source: Source, raw: RawShelf, ledger: Ledger) -> Pointing | None:
    """For harvest: what its rows point to, by the same entry that makes rows of it; None where nothing does."""
    readings = tuple(one for one in readings_of(source) if one.reader.is_linked)
    if not readings:
        return None

    # One picture may be pointed to by rows of several READs: it is fetched once, as the most generous of them has it.
    most = max((one.reader.linked_picture.max_bytes for one in readings if one.reader.linked_picture), default=0)

    def found(objects: Listing) -> Generator[Link]:
        with closing(links_of(readings, raw, objects, ledger.keeps_out)) as links:
            yield from (replace(link, max_bytes=most) if link.picture else link for _, link in links)

    return Pointing(found, max(one.reader.waves for one in readings))


def laying_of(run: RunContext, source: Source, harvest: Harvest, ledger: Ledger) -> Laying:
    """For dedup."""
    return Laying(
        source=source.name,
        schemas=published_schemas(source),
        extras=_extras(source),
        accepted=source.accepted_by_layer,
        choice=source.dedup,
        policy_digest=source.digest("shards"),
        ledger=ledger,
        harvest_digest=harvest.digest,
        size=run.part_size,
        processes=run.processes,
    )


def drafting_of(run: RunContext, source: Source, manifest: Manifest, tag: str) -> Drafting:
    """For publish."""
    harvest = run.raw(source).harvest(manifest.harvest)
    licence = repository_license(run.shards(source).count_statements(manifest))
    stated = {"license": licence.license, "license_name": licence.license_name, "license_link": licence.license_link}
    return Drafting(
        description=describe(run, source),
        sections=source.sections,
        schemas=published_schemas(source),
        license={key: value for key, value in stated.items() if value},
        harvested_on=f"{harvest.closed_at:%Y-%m-%d}",
        proof=harvest.proof,
        coverage=harvest.coverage,
        tag=tag,
    )


def describe(run: RunContext, source: Source) -> Description:
    """The entry's own words, for the card."""
    layers = [describe_layer(layer) for layer in source.rights]
    normalized = run.normalized(source).current()
    raw = run.raw(source)
    harvest = raw.latest()
    left_out = harvest.left_out if harvest and normalized else {}
    return Description(
        name=source.name,
        title=source.title,
        custodian=source.custodian,
        repository=run.repository(source),
        languages=source.languages,
        harvest=source.harvest.shown,
        protocol=source.harvest.type,
        reader=" and ".join(dict.fromkeys(reader.type for reader in source.normalize)),
        rights=tuple(layers),
        documentation=source.answered,
        tags=source.tags,
        near=source.dedup.near,
        files_unread=normalized.unread if normalized else {},
        files_left_out={way: count for way, count in left_out.items() if way != "missing"},  # then nothing is published
        ai_use=json.loads(written(source.ai_use)) if source.ai_use else {},
        signals=tuple(last_signals(raw, harvest)),
    )


def describe_layer(layer: Rights) -> dict[str, str]:
    """A layer in the words of the entry, each as one text."""
    words = layer.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"overrule", "statements"})
    known = {*json.loads(written(layer)), "accept", "covers"}  # whose defaults are told as well
    reported = {key: str(value) for key, value in words.items() if key in known}
    if layer.overrule is not None:
        reported["overrule"] = layer.overrule.because
    if layer.statements:
        reported["statements"] = "; ".join(f"{value}: {read}" for value, read in layer.statements.items())
    return reported


def published_schemas(source: Source) -> dict[str, pa.Schema]:
    """Section -> the one schema of its parts, with what `datasets` wants in the footer."""
    return {one.name: with_features(schema_of(one.published), one.classes) for one in source.sections}


def _extras(source: Source) -> dict[str, str]:
    """The source's own columns, each behind its section, with their types."""
    return {
        f"{one.name}.{name}" if one.name else name: str(kind)
        for one in source.sections
        for name, kind in one.extras.items()
    }


def ledger_of(run: RunContext, base: Path, source: Named) -> Ledger:
    """What must not be published of the source; base: folder of the sources file."""
    path = base / NAME
    ledger = read_ledger(disk.read_file(path), source.name, run.takedown_key) if path.is_file() else Ledger()
    if isinstance(source, Source):
        for name, (origin, there) in source.made_of.items():
            ledger = ledger.inheriting(source.name, source.section_names, name, ledger_of(run, there, origin))
    return ledger


def stopped_with(source: str, origins: Sequence[str]) -> str:
    """What to do where sources that an entry is made of were taken down as a whole."""
    named = " and ".join(origins)
    return (
        f"{named}, of which {source} is made, was taken down as a whole ({NAME}): nothing of {source} is harvested, "
        f"laid or published. Take {' and '.join(f'source:{one}' for one in origins)} out of its `harvest`"
    )


def open_ledger(run: RunContext, base: Path, source: Source) -> Ledger:
    """The same, for a stage about to work; RightsWithheld where the whole source was taken down."""
    ledger = ledger_of(run, base, source)
    if stopped := [name for name, theirs in ledger.origins if theirs.stopped]:
        raise RightsWithheld(stopped_with(source.name, stopped))
    if ledger.stopped:
        raise RightsWithheld(
            f"{source.name} was taken down as a whole ({NAME}, scope {ledger.stopped}): nothing of it is harvested, "
            f"laid or published. What is there is for a person to delete: {run.hub.url(run.repository(source))} in "
            f"its settings, and the folder {source.name} of the shelves. Then take the entry out of the sources file"
        )
    return ledger
