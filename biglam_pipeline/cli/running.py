"""Verbs that take sources onward: run, compact."""

from typing import Annotated, Literal

import typer
from rich.markup import escape

from biglam_pipeline import pipeline, releases
from biglam_pipeline.cli.app import Sources, app, environment_of_process, err, out, read_catalog, start_hub
from biglam_pipeline.cli.stopping import arm, stop_status
from biglam_pipeline.dedup.compaction import foresee
from biglam_pipeline.defs.assets import Stage
from biglam_pipeline.defs.instance import prepare_home
from biglam_pipeline.defs.running import run_source
from biglam_pipeline.environment import Environment
from biglam_pipeline.errors import BiglamError, Exit, ShelfDamaged
from biglam_pipeline.house import open_house
from biglam_pipeline.publish.marks import count
from biglam_pipeline.source import Catalog


@app.command()
def run(
    names: list[str],
    to: Annotated[Literal["raw", "normalized", "shards", "hub"], typer.Option(help="How far.")] = "hub",
    sources: Sources = None,
) -> None:
    """Takes sources through Dagster, each in a run of its own; where all that failed only wait, the status says so."""
    catalog, environment = read_catalog(sources), environment_of_process()
    prepare_home(environment.dagster_home)
    start_hub(environment, to)
    failed = set[Exit]()
    for name in names:
        arm()
        failed |= {_run_one(catalog, environment, name, to)} - {Exit.GOOD}
        if Exit.STOPPED in failed or stop_status():
            raise typer.Exit(stop_status() or Exit.STOPPED)
    raise typer.Exit(failed.pop() if len(failed) == 1 else Exit.FAILED if failed else Exit.GOOD)


def _run_one(catalog: Catalog, environment: Environment, name: str, to: Stage) -> Exit:
    try:
        source = catalog.get(name)
    except BiglamError as error:
        err.print(f"[bold red]{escape(name)}[/]: {escape(str(error))}")
        return Exit.FAILED
    outcome = run_source(source, catalog.bases[name], environment.dagster_home, to=to)
    done = ", ".join(outcome.done) or "nothing"
    if outcome.success:
        out.print(f"[green]{escape(name)}[/]: {done}{_published(environment, catalog, name) if to == 'hub' else ''}")
    elif outcome.status == Exit.STOPPED or stop_status():
        err.print(
            f"[yellow]{escape(name)}[/]: stopped; what came is kept; `biglam run {escape(name)}` goes on from there"
        )
    else:
        err.print(f"[bold red]{escape(name)}[/]: failed after {done}")
        for failure in outcome.failures:
            err.print(f"   {escape(failure)}")
    for advice in outcome.advice:
        out.print(f"   [yellow]note[/] {escape(advice)}")
    return outcome.status


def _published(environment: Environment, catalog: Catalog, name: str) -> str:
    with open_house(environment) as house:
        release = releases.last_release(house, catalog.get(name))
    return f"; {count(release.rows, 'row')} at {release.repository} {release.tag}" if release else ""


@app.command()
def compact(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Cuts a source's parts again from the start, after saying what that costs; no other command ever does."""
    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    with open_house(environment) as house:
        manifest = house.shards(source).current()
        if manifest is None:
            raise ShelfDamaged(f"{name}: there are no shards yet; run `biglam run {name}` first")
        seen = foresee(manifest, house.part_size)
        out.print(
            f"{escape(name)}: {seen.rows:,} rows in {seen.parts_before} parts would lie in about {seen.parts_after}.\n"
            f"Up to {seen.size / 1e6:,.1f} MB have to be sent, and every reader downloads them again; pinned "
            "releases keep the old parts."
        )
        if not seen.gains:
            out.print("Nothing is gained by it; nothing was done.")
            return
        if not yes and not typer.confirm("Cut them again?"):
            raise typer.Exit(1)
        laid = pipeline.dedup_source(house, source, catalog.bases[name], afresh=True)
    out.print(f"{len(laid.manifest.parts)} parts were cut; `biglam run {escape(name)}` publishes them")
