"""What each stage is handed of one entry: the words of sources.yaml, turned into what a stage understands."""

import json
from pathlib import Path

import pyarrow as pa

from biglam_pipeline.columns import content_columns, published_columns, schema_of
from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.dedup.laying import Laying
from biglam_pipeline.errors import RightsWithheld
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
from biglam_pipeline.store import disk
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.raw import Harvest
from biglam_pipeline.takedown import NAME, Ledger, read_ledger


def reading_of(source: Source) -> Reading:
    """For normalize."""
    rights = RowRights(source.layers, source.custodian, source.attribution, source.modality, source.labels)
    rows = Rows(
        source_id=source.name,
        custodian=source.custodian,
        languages=source.languages,
        modality=source.modality,
        extras=source.normalize.extras,
        record_format=source.normalize.record_format,
        rights=rights,
    )
    columns = content_columns(source.modality, source.normalize.extras)
    as_printed = forbids_derivatives(layer.license for layer in source.rights if layer.license)
    settings = source.digest("normalized")
    return Reading(source.name, source.normalize, rows, columns, source.asked, settings, as_printed)


def laying_of(run: RunContext, source: Source, harvest: Harvest, ledger: Ledger) -> Laying:
    """For dedup."""
    return Laying(
        source=source.name,
        schema=published_schema(source),
        extras={name: str(kind) for name, kind in source.normalize.extras.items()},
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
        columns=published_columns(source.modality, source.normalize.extras),
        schema=published_schema(source),
        license={key: value for key, value in stated.items() if value},
        harvested_on=f"{harvest.closed_at:%Y-%m-%d}",
        proof=harvest.proof,
        tag=tag,
    )


def describe(run: RunContext, source: Source) -> Description:
    """The entry's own words, for the card."""
    layers = [describe_layer(layer) for layer in source.rights]
    normalized = run.normalized(source).current()
    harvest = run.raw(source).latest() if normalized else None
    left_out = harvest.left_out if harvest else {}
    return Description(
        name=source.name,
        title=source.title,
        custodian=source.custodian,
        repository=run.repository(source),
        languages=source.languages,
        harvest=source.harvest.shown,
        protocol=source.harvest.type,
        reader=source.normalize.type,
        rights=tuple(layers),
        documentation=source.answered,
        tags=source.tags,
        near=source.dedup.near,
        files_unread=normalized.unread if normalized else {},
        files_left_out={way: count for way, count in left_out.items() if way != "missing"},  # then nothing is published
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


def published_schema(source: Source) -> pa.Schema:
    """The one schema of a source's parts, with what `datasets` wants in the footer."""
    schema = schema_of(published_columns(source.modality, source.normalize.extras))
    return with_features(schema, source.normalize.classes)


def ledger_of(run: RunContext, base: Path, source: Named) -> Ledger:
    """What must not be published of the source; base: folder of the sources file."""
    path = base / NAME
    return read_ledger(disk.read_file(path), source.name, run.takedown_key) if path.is_file() else Ledger()


def open_ledger(run: RunContext, base: Path, source: Source) -> Ledger:
    """The same, for a stage about to work; RightsWithheld where the whole source was taken down."""
    ledger = ledger_of(run, base, source)
    if ledger.stopped:
        raise RightsWithheld(
            f"{source.name} was taken down as a whole ({NAME}, scope {ledger.stopped}): nothing of it is harvested, "
            f"laid or published. What is there is for a person to delete: {run.hub.url(run.repository(source))} in "
            f"its settings, and the folder {source.name} of the shelves. Then take the entry out of the sources file"
        )
    return ledger
