"""What a maintainer wants to see of each materialization: counts, schema, real rows, reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg
import pyarrow as pa

from biglam_pipeline.columns import Section, in_view, same_in_all
from biglam_pipeline.costs import Costs, total
from biglam_pipeline.coverage import Coverage
from biglam_pipeline.dedup.laying import LaidOut
from biglam_pipeline.defs.wording import sentence, table
from biglam_pipeline.harvest.shelving import Visited
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline.publish.configs import DEFAULT
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.records import Part
from biglam_pipeline.source import Source
from biglam_pipeline.store.normalized import NormalizedShelf, Slice
from biglam_pipeline.store.parts import ShardsShelf
from biglam_pipeline.store.problems import problems_of, summed

_PREVIEW_ROWS = 5
_PREVIEW_COLUMNS = 8
_CELL = 80
_PROBLEMS = 40


def of_harvest(visited: Visited) -> dict[str, Any]:
    """What the visit brought."""
    harvest = visited.harvest
    found: dict[str, Any] = {
        "harvest": harvest.number,
        "mode": harvest.mode,
        "objects": harvest.objects,
        "new_objects": 0 if visited.unchanged else harvest.fetched,
        "bytes": harvest.size,
        "complete": harvest.complete,
        "proof": harvest.proof,
        "unchanged": visited.unchanged,
    }
    if harvest.unproven:
        found["unproven"] = harvest.unproven
    if harvest.coverage:
        found |= _coverage(harvest.coverage)
    found.update({f"files_{word}": count for word, count in harvest.left_out.items()})
    found |= _costs(visited.costs)
    if harvest.missing:
        rows = [(one["key"], one["reason"], one["detail"]) for one in harvest.missing[:20]]
        found["missing"] = dg.MetadataValue.md(table(("Object", "Reason", "What to do"), rows))
    return found


def _costs(costs: Costs) -> dict[str, Any]:
    """What the night cost the hosts that were asked, together, for a plot, and host by host."""
    if not costs:
        return {}
    every = total(costs.values())
    rows = [(host, *(f"{value:,.0f}" for value in asdict(cost).values())) for host, cost in sorted(costs.items())]
    return {
        "requests": every.requests,
        "bytes_received": every.bytes,
        "seconds_waited": round(every.seconds_waited, 1),
        "hosts": dg.MetadataValue.md(table(("Host", *(name.replace("_", " ") for name in asdict(every))), rows)),
    }


def _coverage(coverage: Sequence[Coverage]) -> dict[str, Any]:
    """How much of what servers say they have came: the sums, to be plotted, and each list."""
    offered, harvested = sum(one.offered for one in coverage), sum(one.harvested for one in coverage)
    rows = [(one.part, f"{one.offered:,}", f"{one.harvested:,}", f"{one.share:.1%}") for one in coverage]
    return {
        "offered": offered,
        "harvested": harvested,
        "coverage": dg.MetadataValue.md(table(("List", "Offered", "Harvested", "Share"), rows)),
    }


def of_rows(source: Source, shelf: NormalizedShelf, done: Normalizing) -> dict[str, Any]:
    """Rows, rejects by reason, values that could not be read, and the first rows."""
    slices = list(done.slices)
    found: dict[str, Any] = {
        "dagster/row_count": sum(one.rows for one in slices),
        **_schemas(source),
        "slices": len(slices),
        "slices_read": done.read,
        "rejects": sum(one.rejected for one in slices),
        "deleted": sum(one.deleted for one in slices),
        "left_out_by_where": sum(one.left_out for one in slices),
        "files": done.normalized.files,
        "files_not_read": sum(done.normalized.unread.values()),
        "files_not_read_by_extension": dg.MetadataValue.md(_kinds(done.normalized.unread)),
        "rejects_by_reason": dg.MetadataValue.md(_counts("Reason", slices, "rejects")),
        "rows_by_tier": dg.MetadataValue.md(_counts("Tier", slices, "tiers")),
        "values_not_read": dg.MetadataValue.md(_problems(slices)),
        "fields_not_mapped": dg.MetadataValue.md(_counts("Field", slices, "unmapped")),
    }
    firsts: dict[str, Slice] = {}
    for number, one in enumerate(slices):
        if one.rows:
            firsts.setdefault(done.normalized.section(number), one)
    heads = {section: shelf.head(one.key, _PREVIEW_ROWS) for section, one in firsts.items()}
    return found | _previews(source, heads)


def of_shards(source: Source, shelf: ShardsShelf, laid: LaidOut) -> dict[str, Any]:
    """The tally, the parts, what was withheld, and the first rows."""
    manifest = laid.manifest
    found: dict[str, Any] = {
        "dagster/row_count": manifest.tally.published,
        **_schemas(source),
        "parts": len(manifest.parts),
        "parts_written": laid.written,
        "configs": ", ".join(sorted({part.config for part in manifest.parts})),
        "bytes": sum(part.size for part in manifest.parts),
        **{name: count for name, count in manifest.tally.as_dict().items() if name != "published"},
        **{f"duplicates_{name}": count for name, count in manifest.doubles.items()},
        "duplicates_returned": laid.returned,
    }
    if manifest.withheld:
        found["withheld_by_statement"] = dg.MetadataValue.md(table(("Statement", "Rows"), _sorted(manifest.withheld)))
    firsts: dict[str, Part] = {}
    for part in manifest.parts:
        firsts.setdefault(manifest.section(part), part)
    found |= {f"rows_of_{name or DEFAULT}": count for name, count in manifest.rows_by_section.items()}
    return found | _previews(source, {section: shelf.head(part, _PREVIEW_ROWS) for section, part in firsts.items()})


def _previews(source: Source, heads: Mapping[str, pa.Table]) -> dict[str, Any]:
    """The first rows of each section, in the order of the entry."""
    reported = [
        (f"**{one.name or DEFAULT}**\n\n" if len(source.sections) > 1 else "") + preview(heads[one.name])
        for one in source.sections
        if one.name in heads
    ]
    return {"preview": dg.MetadataValue.md("\n\n".join(reported))} if reported else {}


def of_release(release: Release) -> dict[str, Any]:
    """Where it went."""
    return {
        "dagster/row_count": release.rows,
        "repository": release.repository,
        "release": release.tag,
        "commit": dg.MetadataValue.url(release.url),
        "visibility": release.visibility,
        "files_changed": release.files_sent,
        "read_back": dg.MetadataValue.md(
            "\n".join(f"- {sentence(one)}" for one in release.read_back) or "as it should be"
        ),
    }


def preview(first: pa.Table) -> str:
    """The first filled columns of some rows as a Markdown table; above it, once, what is the same in all of them."""
    filled = [name for name in first.column_names if first[name].null_count < first.num_rows]
    skipped = {
        "image",
        "source_id",
        "custodian",
        "rights_tier",
        "rights_basis",
        "row_digest",
        "harvest",
        "seq",
        "source_record_id",
    }
    names = in_view([name for name in filled if name not in skipped and not name.startswith("trace_")])
    found = first.select(names).to_pylist()
    same = same_in_all(found, names)
    shown = [name for name in names if name not in same][:_PREVIEW_COLUMNS]
    reported = "; ".join(f"{name}: {_cell(value)}" for name, value in list(same.items())[:_PREVIEW_COLUMNS])
    rows = [tuple(_cell(row[name]) for name in shown) for row in found]
    return (f"The same in all of them: {reported}\n\n" if reported else "") + table(tuple(shown), rows)


def _cell(value: object) -> str:
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _schemas(source: Source) -> dict[str, Any]:
    """The columns of the first section, where Dagster looks for them, and those of every other beside them."""
    first, *others = source.sections
    return {"dagster/column_schema": _columns(first)} | {
        f"columns_of_{one.name or DEFAULT}": dg.MetadataValue.table_schema(_columns(one)) for one in others
    }


def _columns(section: Section) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.type),
                description=column.meaning,
                constraints=dg.TableColumnConstraints(nullable=not column.required, unique=column.name == "id"),
            )
            for column in section.published
        ]
    )


def _counts(heading: str, slices: list[Slice], name: str) -> str:
    counts: dict[str, int] = {}
    for one in slices:
        for key, count in getattr(one, name).items():
            counts[key] = counts.get(key, 0) + count
    return table((heading, "Rows"), _sorted(counts)) if counts else "none"


def _kinds(unread: dict[str, int]) -> str:
    return table(("Extension", "Files"), _sorted(unread)) if unread else "none"


def _problems(slices: list[Slice]) -> str:
    """Sums first, then the commonest shapes of each, with one value as an example."""
    counts, examples = problems_of(slices)
    lines = summed(counts, examples)[:_PROBLEMS]
    rows = [(what, f"{count:,}", said) for what, count, said in lines]
    return table(("Column and reason", "Rows", "Such as"), rows) if rows else "none"


def _sorted(counts: dict[str, int], limit: int = 20) -> list[tuple[str, str]]:
    return [(key, str(count)) for key, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]]
