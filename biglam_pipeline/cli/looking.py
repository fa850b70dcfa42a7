"""Verbs that look and change nothing: check, preview, status, rights."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from biglam_pipeline import pipeline
from biglam_pipeline.cli.app import Sources, app, environment_of_process, out, read_catalog
from biglam_pipeline.cli.console import hang, tell_sample, tell_statements, tell_states
from biglam_pipeline.cli.lint import advise, advise_ledger
from biglam_pipeline.definitions import judge
from biglam_pipeline.house import open_house
from biglam_pipeline.statements import list_statements
from biglam_pipeline.states import LOST, lost_shelves, state_of


@app.command()
def check(sources: Sources = None) -> None:
    """Reads the sources files and reports every fault, with its line, and what an entry still lacks."""
    catalog = judge(read_catalog(sources))
    for source in catalog.sources.values():
        out.print(f"[green]ok[/] {escape(source.name)}: {escape(source.title)}")
        for note in advise(source):
            hang("   [yellow]note[/]", note, out)
    names, ledger_faults = {*catalog.sources, *catalog.faults}, list[str]()
    for base in sorted({path.resolve().parent for path in environment_of_process().sources}):
        unreadable, notes = advise_ledger(base, names)
        ledger_faults += unreadable
        for note in notes:
            hang("[yellow]note[/]", note, out)
    for faults in [*catalog.faults.values(), ledger_faults]:
        for fault in faults:
            hang("[red]fault[/]", fault, out)
    good, bad = len(catalog.sources), len(catalog.faults)
    out.print(f"{good} {'entry' if good == 1 else 'entries'} without faults, {bad} with faults")
    raise typer.Exit(1 if catalog.faults or ledger_faults else 0)


@app.command()
def preview(
    name: str,
    n: Annotated[int, typer.Option("-n", help="How many rows.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, whole rows.")] = False,
    sources: Sources = None,
) -> None:
    """Shows the first rows that an entry makes of its source; harvests it first where that was not done yet."""
    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    with open_house(environment) as house:
        found = pipeline.preview_source(house, source, catalog.bases[name], n)
        harvest = house.raw(source).latest()
    if as_json:
        for row in found.rows:
            print(json.dumps(row, ensure_ascii=False, default=str))  # noqa: T201  (for another program, unstyled)
        return
    tell_sample(source, found, harvest, out)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For another program.")] = False, sources: Sources = None
) -> None:
    """What each source's shelves hold, from the files alone."""
    catalog, environment = read_catalog(sources), environment_of_process()
    with open_house(environment) as house:
        states = [state_of(house, source) for source in catalog.sources.values()]
        lost = lost_shelves(house, catalog)
    broken = {name: list(faults) for name, faults in catalog.faults.items()}
    if as_json:
        print(json.dumps({"sources": states, "faults": broken, "lost": lost}, indent=1))  # noqa: T201  (unstyled)
        return
    tell_states(states, str(environment.home), out)
    for name in broken:
        out.print(f"[red]fault[/] {escape(name)}: see `biglam check`")
    for name in lost:
        hang("[red]no entry[/]", f"{name}: {LOST}", out)


@app.command()
def rights(
    name: str,
    n: Annotated[int, typer.Option("-n", help="How many values.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For another program: all values.")] = False,
    sources: Sources = None,
) -> None:
    """Lists what a source's records say of rights, by count, with the lines that say how a person has read it."""
    catalog, environment = read_catalog(sources), environment_of_process()
    with open_house(environment) as house:
        found = list_statements(house, catalog.get(name))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, default=sorted, indent=1))  # noqa: T201  (unstyled)
        return
    tell_statements(found, n, out)
