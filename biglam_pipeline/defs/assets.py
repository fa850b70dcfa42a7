"""Four assets for one source, and how the core's errors look to Dagster.

https://docs.dagster.io/guides/build/assets
"""

import re
import unicodedata
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import dagster as dg

from biglam_pipeline import pipeline
from biglam_pipeline.context import RunContext
from biglam_pipeline.defs import metadata
from biglam_pipeline.defs.opening import opened
from biglam_pipeline.defs.queueing import HOST, SOURCE, TAG
from biglam_pipeline.errors import BiglamError, ServerBusy
from biglam_pipeline.publish.marks import plain
from biglam_pipeline.source import Source

_SOON_SECONDS = 600
Stage = Literal["raw", "normalized", "shards", "hub"]
Work = Callable[[RunContext], dg.MaterializeResult[None]]
"""What a stage does, and what Dagster shows of it."""
STAGES: tuple[Stage, ...] = ("raw", "normalized", "shards", "hub")
NOTHING_IN = dg.In(dg.Nothing)
_NOTHING_OUT = dg.Out(dg.Nothing)
"""Stages meet on the shelves: Dagster knows who comes behind whom, and passes nothing."""
_KINDS: dict[Stage, set[str]] = {
    "raw": {"source"},
    "normalized": {"parquet"},
    "shards": {"parquet"},
    "hub": {"huggingface"},
}


def build_assets(source: Source, base: Path) -> list[dg.AssetsDefinition]:
    """raw -> normalized -> shards -> hub. base: folder of the sources file."""

    def raw(run: RunContext) -> dg.MaterializeResult[None]:
        visited = pipeline.harvest_source(run, source, base)
        return _result(visited.harvest.digest, metadata.of_harvest(visited))

    def normalized(run: RunContext) -> dg.MaterializeResult[None]:
        done = pipeline.normalize_source(run, source, base)
        return _result(done.normalized.digest, metadata.of_rows(source, run.normalized(source), done))

    def shards(run: RunContext) -> dg.MaterializeResult[None]:
        laid = pipeline.dedup_source(run, source, base)
        return _result(laid.manifest.content, metadata.of_shards(source, run.shards(source), laid))

    def hub(run: RunContext) -> dg.MaterializeResult[None]:
        release = pipeline.publish_source(run, source, base)
        return _result(release.content, metadata.of_release(release))

    common = _common(source)
    built, before = [], [asset_key(origin, "shards") for origin, _ in source.made_of.values()]
    for stage, work in zip(STAGES, (raw, normalized, shards, hub), strict=True):
        spec = dg.AssetSpec(asset_key(source, stage), deps=before, **common, **_own(source, stage))
        built.append(_asset(source, spec, work))
        before = [spec.key]
    return built


def _asset(source: Source, spec: dg.AssetSpec, work: Work) -> dg.AssetsDefinition:
    """What the decorator makes of a function, by the classes behind it: it looks through signatures and types, which
    for four thousand assets took longer than to make them (`make bench-startup`).
    """

    def compute(
        context: dg.AssetExecutionContext, _inputs: Mapping[str, object]
    ) -> Iterator[dg.MaterializeResult[None]]:
        with _reported(source), opened(context) as run:
            result = work(run)
        yield result

    keys = {"_".join(dep.asset_key.path): dep.asset_key for dep in spec.deps}
    op = dg.OpDefinition(
        compute_fn=compute,
        name="__".join(spec.key.path),
        ins=dict.fromkeys(keys, NOTHING_IN),
        outs={"result": _NOTHING_OUT},
    )
    return dg.AssetsDefinition(
        keys_by_input_name=keys, keys_by_output_name={"result": spec.key}, node_def=op, specs=[spec]
    )


def asset_key(source: Source, stage: Stage) -> dg.AssetKey:
    """[source, stage]."""
    return dg.AssetKey([source.key, stage])


def slug(text: str) -> str:
    """A name as Dagster's groups take it: ASCII letters, digits and underscores; accents are dropped, not letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_").lower() or f"x{zlib.crc32(text.encode()):08x}"


def _common(source: Source) -> dict[str, Any]:
    """What Dagster shows of all four."""
    return {
        "group_name": f"{slug(source.custodian)}/{source.key}",
        "owners": [source.owner],
        "tags": {**run_tags(source), "biglam/status": source.status},
        "metadata": _definition_metadata(source),
    }


def _own(source: Source, stage: Stage) -> dict[str, Any]:
    """What it shows of one of them."""
    return {
        "kinds": _KINDS[stage],
        "description": _description(source, stage),
        "code_version": source.digest(stage),
    }


def _description(source: Source, stage: Stage) -> str:
    what = {
        "raw": f"What {source.custodian} serves, verbatim, visit by visit.",
        "normalized": "One row for each record, in the common columns, with its rights recognised.",
        "shards": "The rows that may be published, without duplicates, in parts that stay where they are.",
        "hub": "The dataset on the Hub: parts, card and manifest in one commit.",
    }
    # The catalog's list shows the first line only, beside the source's name.
    return "\n\n".join(filter(None, (what[stage], f"**{plain(source.title)}**", source.summary)))


def _definition_metadata(source: Source) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", dg.BetaWarning
        )  # code references are beta in 1.13; a line to the YAML is worth it
        line = dg.LocalFileCodeReference(file_path=source.file, line_number=source.line, label="sources.yaml")
        references = dg.CodeReferencesMetadataValue(code_references=[line])
    rights = [layer.license or "each record's own" for layer in source.rights]
    found: dict[str, Any] = {
        "custodian": source.custodian,
        "harvested_from": dg.MetadataValue.md("\n".join(f"- {url}" for url in source.harvest.shown)),
        "rights": ", ".join(rights),
        "dagster/code_references": references,
    }
    if source.collection_url:
        found["collection"] = dg.MetadataValue.url(source.collection_url)
    return found


def run_tags(source: Source) -> dict[str, str]:
    """What a run of a source is found by, and queued by: one run at a time asks a host. A local folder has none."""
    hosts = source.harvest.hosts
    host = {HOST: re.sub(r"[^A-Za-z0-9_.-]", "_", hosts[0])[-TAG:].lstrip("_.-")} if hosts else {}
    return {SOURCE: source.key[:TAG]} | host


def _result(version: str, found: dict[str, Any]) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(data_version=dg.DataVersion(version[:32]), metadata=found)


@contextmanager
def _reported(source: Source) -> Iterator[None]:
    """The core's errors in Dagster's words. None is retried here: the core has done that where a short wait may help,
    and a run that sleeps holds its place. The next schedule takes over.
    """
    try:
        yield
    except BiglamError as error:
        said = str(error) + (_until(error.retry_after_seconds) if isinstance(error, ServerBusy) else "")
        found: dict[str, str | int] = {
            "source": source.name,
            "error": type(error).__name__,
            "exit_status": int(error.exit_status),
        }
        raise dg.Failure(said, metadata=found, allow_retries=False) from error


def _until(seconds: float) -> str:
    """When to come back, where that is no matter of minutes."""
    when = datetime.now(UTC) + timedelta(seconds=seconds)
    return f" (not before {when:%Y-%m-%d %H:%M} UTC)" if seconds > _SOON_SECONDS else ""
