"""What `biglam preview` shows: from which visit the rows come, the rows, and what went wrong while they were read."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from biglam_pipeline.cli.console import hang
from biglam_pipeline.columns import in_view, same_in_all
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.sampling import Sample
from biglam_pipeline.proposing.writing import printable
from biglam_pipeline.publish.marks import count, percent
from biglam_pipeline.source import Source
from biglam_pipeline.store.problems import summed
from biglam_pipeline.store.raw import Harvest

_LISTED = 20
_FIRST = 10
_CELL = 60
_SHOWN_COLUMNS = 7
_NONE: Mapping[str, str] = MappingProxyType({})
_TOLD_BY_ID = {"source_id", "source_record_id"}
"""What stands in `id` too."""


def report_visit(source: Source, harvest: Harvest, asked: datetime, *, now: bool) -> str:
    """Which visit the rows come from, and when the source was last asked.

    now: whether that was just done.
    """
    at = f"{asked:%Y-%m-%d %H:%M} UTC"
    when = f"asked just now, {at}" if now else f"last asked {at}; --again asks again"
    since = "" if f"{harvest.closed_at:%Y-%m-%d %H:%M} UTC" == at else f" of {harvest.closed_at:%Y-%m-%d %H:%M} UTC"
    return f"{source.name}: rows of visit {harvest.number}{since}, {when}"


def report_sample(
    source: Source, found: Sample, harvest: Harvest, out: Console, configs: Mapping[str, str] = _NONE
) -> None:
    """The first rows as a table, and what went wrong while they were read.

    harvest: the one they come from; one that is not whole is said to be so, whenever it was made; configs: what the Hub
    calls each section.
    """
    for reader, one in zip(source.normalize, found.each, strict=True):
        title = f"{source.name}, {configs.get(one.section, one.section)}" if one.section else source.name
        _report_read(source, reader, one, harvest, title, out)
    if not harvest.complete:
        _report_missing(harvest, out)
    if found.unread:
        out.print(f"[yellow]{escape(found.unread)}[/]")


def _report_read(source: Source, reader: Reader, found: Sample, harvest: Harvest, title: str, out: Console) -> None:
    """What one READ makes of it."""
    names = in_view([key for key in source.column_names if any(row.get(key) for row in found.rows)])
    if found.rows:
        _report_rows(title, found.rows, names, out)
    else:
        out.print(f"{escape(title)}: no rows{_why_none(reader, found, harvest)}")
    for reject in found.rejects[:_FIRST]:
        hang("[yellow]reject[/]", f"{reject.item} {reject.position}: {reject.detail}", out)
    if len(found.rejects) > _FIRST:
        out.print(f"… and {count(len(found.rejects) - _FIRST, 'more reject')}")
    for problem, times, example in summed(found.problems, found.problems.examples)[:_LISTED]:
        hang("[yellow]problem[/]", f"{problem}: {times:,}{f' ({example})' if example else ''}", out)
    if found.unmapped:
        left = ", ".join(_unread(found, name, times) for name, times in found.unmapped.most_common(_LISTED))
        out.print(f"not mapped: {escape(left)}")
    for item, size in found.shortened.items():
        out.print(f"judged by the first {size:,} bytes of {escape(item)}; what comes later was not looked at")


def _unread(found: Sample, name: str, times: int) -> str:
    """A field that nothing reads, in how many records it is filled, and with what."""
    share = percent(times, found.looked_at) if found.looked_at >= times else f"{times:,}"
    example = f", “{_cell(found.examples[name])}”" if name in found.examples else ""
    return f"{printable(name)} ({share}{example})"


def _several(rows: list[dict[str, Any]], name: str) -> str:
    """How many values the rows have in a column of lists, where that is more than one."""
    counts = [len(row[name]) if isinstance(row[name], list) else 0 for row in rows]
    return f"{name} ({min(counts)} to {max(counts)} a row)" if max(counts) > 1 else name


def _why_none(reader: Reader, found: Sample, harvest: Harvest) -> str:
    """Why there are none, where no other line says it."""
    if not harvest.objects or found.unread:
        return ""
    if reader.where:
        return "; nothing that was read fits `where`"
    return "" if found.rejects else "; what came is empty: it holds no record"


def _report_rows(title: str, rows: list[dict[str, Any]], names: list[str], out: Console) -> None:
    same = same_in_all(rows, names)
    shown = [key for key in names if key not in same and key not in _TOLD_BY_ID][:_SHOWN_COLUMNS]
    if reported := [f"{name}: {_cell(value)}" for name, value in same.items() if name not in _TOLD_BY_ID]:
        out.print(f"the same in all of these rows: {escape('; '.join(reported))}")
    table = Table(*shown, title=f"{title}: {count(len(rows), 'row')}, {len(names)} filled columns")
    for row in rows:
        table.add_row(*(escape(_cell(row[key])) for key in shown))
    out.print(table)
    out.print(f"all filled columns: {', '.join(_several(rows, name) for name in names)}")


def _report_missing(harvest: Harvest, out: Console) -> None:
    out.print(f"[yellow]harvest {harvest.number} is not whole[/], and is not published: {escape(harvest.proof)}")
    for one in harvest.missing[:_FIRST]:
        hang("[yellow]missing[/]", f"{one['detail']} ({one['reason']})", out)
    if len(harvest.missing) > _FIRST:
        out.print(f"… and {len(harvest.missing) - _FIRST:,} more missing")


def _cell(value: Any) -> str:
    """One line; a list as its values, where they are plain ones; a struct or a list of such as its first text."""
    if isinstance(value, list):
        value = "; ".join(
            str(one.get("name") or one.get("value") or one.get("label") or one) if isinstance(one, dict) else str(one)
            for one in value
        )
    text = "" if value is None else printable(str(value))
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
