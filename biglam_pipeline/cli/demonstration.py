"""`biglam demo`: every source of the made-up institution through Dagster to its repository, read back and reported."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.defs.running import run_source
from biglam_pipeline.environment import Environment
from biglam_pipeline.errors import Exit
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.releasing import remembered
from biglam_pipeline.source import Catalog, Source
from biglam_pipeline.store.part_writer import count_rows

REFUSED = {"demo_closed"}
"""Sources whose publication must be refused: the demonstration fails where it is not."""


def demonstrate(catalog: Catalog, environment: Environment, asked: Sequence[object], out: Console) -> bool:
    """Runs everything, prints a table and where to look next; True where all of it came out as it should.

    asked: the institution's log of requests, which grows while sources are harvested.
    """
    began = time.monotonic()
    counts = ("objects", "records", "deleted", "rejected", "withheld", "duplicates", "published")
    table = Table("source", *counts, "repository")
    for column in table.columns[1 : 1 + len(counts)]:
        column.justify = "right"
    problems = [fault for faults in catalog.faults.values() for fault in faults]
    unchanged = True
    with open_context(environment) as run:
        for source in catalog.sources.values():
            before = remembered.last_release(run, source)
            harvest = run.raw(source).latest()
            outcome = run_source(source, catalog.bases[source.name], environment.dagster_home)
            if outcome.status == Exit.STOPPED:
                raise KeyboardInterrupt
            release = remembered.last_release(run, source)
            refused = source.name in REFUSED
            problems += [] if refused else list(outcome.failures)
            problems += _wrong(run, source, release, outcome.success, refused)
            again = harvest is not None and run.raw(source).latest() == harvest
            unchanged &= again and release == before
            out.print(f"{source.name}: {', '.join(outcome.done) or 'nothing'}")
            table.add_row(*_row(run, source, release, outcome.failures))
    out.print(table)
    seconds = time.monotonic() - began
    for problem in problems:
        out.print(f"[red]not as it should be:[/] {problem}", markup=True)
    said = "Nothing changed: nothing read again, no commit; " if unchanged else ""
    out.print(f"{said}{len(asked)} requests to the institution, {seconds:.0f} s.")
    out.print(_next(environment))
    return not problems


def _row(run: RunContext, source: Source, release: Release | None, failures: Sequence[str]) -> list[str]:
    harvest = run.raw(source).latest()
    current = run.normalized(source).current()
    slices = run.normalized(source).slices(current) if current else []
    manifest = run.shards(source).current()
    deleted, rejected = sum(one.deleted for one in slices), sum(one.rejected for one in slices)
    records = sum(one.rows for one in slices) + deleted + rejected
    row = [source.name, str(harvest.objects if harvest else 0), str(records), str(deleted)]
    if manifest is None:
        withheld = sum(count for one in slices for tier, count in one.tiers.items() if tier not in source.accepted)
        return [*row, str(rejected), str(withheld), "0", "0", "refused, as it should be" if failures else ""]
    tally = manifest.tally
    row += [str(tally.rejected), str(tally.withheld), str(tally.duplicate)]
    return [*row, str(release.rows if release else 0), f"{release.repository} {release.tag}" if release else "refused"]


def _wrong(run: RunContext, source: Source, release: Release | None, success: bool, refused: bool) -> list[str]:
    """What is not as it should be, after reading the rows back from the Hub."""
    if refused:
        return [f"{source.name} was published, though it is closed"] if success or release else []
    if not success or release is None:
        return [f"{source.name} was not published"]
    found = _count(run, source, release)
    return [] if found == release.rows else [f"{source.name}: {found} rows read back, {release.rows} published"]


def _count(run: RunContext, source: Source, release: Release) -> int:
    manifest = run.shards(source).current()
    rows = 0
    for part in manifest.parts if manifest else ():
        with run.hub.open(release.repository, release.commit, part.path) as stream:
            rows += count_rows(stream)
    return rows


def _next(environment: Environment) -> str:
    return f"""
Look at it: biglam hub serve, then {environment.hub_endpoint}/datasets/{environment.hub_owner}/demo_mercury
Open Dagster: make dev
Load it:
    HF_ENDPOINT={environment.hub_endpoint} python -c 'from datasets import load_dataset; \\
        print(load_dataset("{environment.hub_owner}/demo_mercury", split="train")[0]["text"][:300])'"""
