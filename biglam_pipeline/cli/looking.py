"""Verbs that show what came of a source: preview, status, rights."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import Name, Sources, app, environment_of_process, err, out, read_catalog
from biglam_pipeline.cli.console import hang, report_statements, report_states
from biglam_pipeline.errors import ShelfDamaged


@app.command()
def preview(
    name: Name,
    n: Annotated[int, typer.Option("-n", min=1, help="How many rows.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, whole rows.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Ask the source again, changed or not.")] = False,
    sources: Sources = None,
) -> None:
    """Shows the first rows that an entry makes of its source; asks it first where that was not done for this entry."""
    from biglam_pipeline.cli.first_rows import report_sample, report_visit
    from biglam_pipeline.context import open_context
    from biglam_pipeline.previewing import preview_source
    from biglam_pipeline.states import config_of

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    with open_context(environment) as run:
        began, raw = run.now(), run.raw(source)
        found = preview_source(run, source, catalog.bases[name], n, again=again)
        harvest = raw.latest()
        assert harvest is not None, "a preview has asked where nobody had"
        manifest = run.shards(source).current()
        asked = max(at for at in (raw.checked_at(), harvest.closed_at) if at)
    said = report_visit(source, harvest, asked, now=asked >= began)
    if as_json:
        err.print(said, markup=False)
        for row in (row for one in found.each for row in one.rows):
            print(json.dumps(row, ensure_ascii=False, default=str))  # noqa: T201  (for another program, unstyled)
        return
    out.print(said, markup=False)
    report_sample(source, found, harvest, out, {one.section: config_of(one.section, manifest) for one in found.each})


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For another program.")] = False, sources: Sources = None
) -> None:
    """What each source's shelves hold, from the files alone."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.states import lost_shelves, state_of

    catalog, environment = read_catalog(sources), environment_of_process()
    states, damaged = list[dict[str, object]](), dict[str, str]()
    with open_context(environment) as run:
        for name, source in catalog.sources.items():
            try:
                states.append(state_of(run, source))
            except ShelfDamaged as damage:  # of one source: the others are shown
                damaged[name] = str(damage)
        lost = lost_shelves(run, catalog)
    broken = {name: list(faults) for name, faults in catalog.faults.items()}
    if as_json:
        reported = {"sources": states, "faults": broken, "lost": lost, "damaged": damaged}
        print(json.dumps(reported, indent=1))  # noqa: T201  (for another program, unstyled)
    else:
        _report_status(states, str(environment.home), broken, lost, damaged)
    if damaged:
        raise typer.Exit(ShelfDamaged.exit_status)


def _report_status(
    states: list[dict[str, object]],
    home: str,
    broken: Mapping[str, object],
    lost: Iterable[str],
    damaged: Mapping[str, str],
) -> None:
    from biglam_pipeline.states import LOST

    report_states(states, home, out)
    for name in broken:
        out.print(f"[red]fault[/] {escape(name)}: see `biglam check`")
    for name in lost:
        hang("[red]no entry[/]", f"{name}: {LOST}", out)
    for damage in damaged.values():
        hang("[red]damaged[/]", damage, out)


@app.command()
def rights(
    name: Name,
    n: Annotated[int, typer.Option("-n", help="How many values.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For another program: all values.")] = False,
    sources: Sources = None,
) -> None:
    """Lists what a source's records say of rights, by count, with the lines that say how a person has read it."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.statements import list_statements

    catalog, environment = read_catalog(sources), environment_of_process()
    with open_context(environment) as run:
        found = list_statements(run, catalog.get(name))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, default=sorted, indent=1))  # noqa: T201  (unstyled)
        return
    report_statements(found, n, out)
