"""Verbs that take sources onward: run, compact."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import (
    Name,
    Sources,
    app,
    complete_name,
    environment_of_process,
    err,
    out,
    read_catalog,
    start_hub,
)
from biglam_pipeline.cli.stopping import arm, hush, stop_status
from biglam_pipeline.environment import Environment
from biglam_pipeline.errors import BiglamError, Exit, ShelfDamaged
from biglam_pipeline.publish.marks import count

if TYPE_CHECKING:
    from biglam_pipeline.defs.database import Instance
    from biglam_pipeline.source import Catalog

_NEVER_RUN = "(a source that was never run is run by its name, or with --all)"
_PUBLIC_HUB = "https://huggingface.co"
_Stage = Literal["raw", "normalized", "shards", "hub"]
Names = Annotated[
    list[str] | None,
    typer.Argument(help="Entries of the sources file.", show_default=False, autocompletion=complete_name),
]


@app.command()
def run(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="All active sources.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Those that failed last, or are behind.")] = False,
    to: Annotated[_Stage, typer.Option(help="How far.")] = "hub",
    sources: Sources = None,
) -> None:
    """Takes sources through Dagster, each in a run of its own; where all that failed only wait, the status says so."""
    from biglam_pipeline.cli.choosing import choose_sources, refuse_unknown
    from biglam_pipeline.defs.database import instance_at
    from biglam_pipeline.defs.instance import prepare_home

    catalog, environment = read_catalog(sources), environment_of_process()
    refuse_unknown(catalog, names or ())  # cheap and certain, so it is asked before anything is started
    prepare_home(environment.dagster_home)
    chosen = choose_sources(catalog, environment, names or (), every=every, failed=failed)
    if not chosen:
        out.print("nothing to run: no active source's last run failed, and what was laid is published", _NEVER_RUN)
        return
    if not catalog.faults.keys() >= {*chosen}:  # an entry with faults is told of whether there is a Hub or not
        start_hub(environment, to)
    missed = list[Exit]()
    with instance_at(environment.dagster_home) as instance:
        for name in chosen:
            arm()
            status = _run_one(catalog, environment, instance, name, to)
            missed += [] if status == Exit.GOOD else [status]
            if Exit.STOPPED in missed or stop_status():
                raise typer.Exit(stop_status() or Exit.STOPPED)
    if len(chosen) > 1:
        out.print(f"{len(chosen) - len(missed)} of {count(len(chosen), 'source')} came through")
    raise typer.Exit(missed[0] if len({*missed}) == 1 else Exit.FAILED if missed else Exit.GOOD)


def _run_one(catalog: "Catalog", environment: Environment, instance: "Instance", name: str, to: _Stage) -> Exit:
    from biglam_pipeline.defs.running import Outcome, run_in

    try:
        source = catalog.get(name)
    except BiglamError as error:
        err.print(f"[bold red]{escape(name)}[/]: {escape(str(error))}")
        return Exit.FAILED
    try:
        outcome = run_in(instance, source, catalog.bases[name], to=to)
    except KeyboardInterrupt:  # before its first step, or behind its last
        outcome = Outcome(False, (), status=Exit.STOPPED)
    if outcome.status == Exit.STOPPED:
        hush()  # Dagster was interrupted; a second signal of the same wish finds nothing to interrupt
    done = ", ".join(outcome.done) or "nothing"
    if outcome.success:
        reported, address = _published(environment, catalog, name) if to == "hub" else ("", "")
        out.print(f"[green]{escape(name)}[/]: {done}{reported}")
    elif outcome.status == Exit.STOPPED or stop_status():
        err.print(
            f"[yellow]{escape(name)}[/]: stopped; what came is kept; `biglam run {escape(name)}` goes on from there"
        )
    else:
        err.print(f"[bold red]{escape(name)}[/]: failed after {done}")
        for failure in outcome.failures:
            err.print(f"   {escape(failure)}")
    if "raw" in outcome.done and (asked := _asked(environment, name)):
        out.print(f"   asked {escape(asked)}")
    for advice in outcome.advice:
        out.print(f"   [yellow]note[/] {escape(advice)}")
    if outcome.success and address:
        print(address)  # noqa: T201  (to be copied: neither wrapped nor styled)
    return outcome.status


def _asked(environment: Environment, name: str) -> str:
    """What the visit cost the hosts that it asked."""
    from biglam_pipeline.costs import in_words
    from biglam_pipeline.store.opening import open_shelf
    from biglam_pipeline.store.raw import RawShelf

    return in_words(RawShelf(open_shelf(environment.home, environment.state).at(f"{name}/raw")).last_costs())


def _published(environment: Environment, catalog: "Catalog", name: str) -> tuple[str, str]:
    """What was published, and where it can be looked at and how it is loaded."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.publish.configs import DEFAULT, configs_of
    from biglam_pipeline.releasing.remembered import last_release

    with open_context(environment) as run:
        source = catalog.get(name)
        release, manifest = last_release(run, source), run.shards(source).current()
    if release is None:
        return "", ""
    configs = configs_of(manifest.parts, manifest.sections) if manifest else []
    config = f', "{configs[0].name}"' if configs and configs[0].name != DEFAULT else ""
    setting = "" if environment.hub_endpoint == _PUBLIC_HUB else f"   (with HF_ENDPOINT={environment.hub_endpoint})"
    where = f"   {environment.hub_endpoint}/datasets/{release.repository}"
    loaded = f'   load_dataset("{release.repository}"{config}, split="train"){setting}'
    return f"; {count(release.rows, 'row')} at {release.repository} {release.tag}", f"{where}\n{loaded}"


@app.command()
def compact(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Cuts a source's parts again from the start, after saying what that costs; no other command ever does."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.dedup.compaction import foresee
    from biglam_pipeline.pipeline import dedup_source

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    with open_context(environment) as run:
        manifest = run.shards(source).current()
        if manifest is None:
            raise ShelfDamaged(f"{name}: there are no shards yet; run `biglam run {name}` first")
        seen = foresee(manifest, run.part_size)
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
        laid = dedup_source(run, source, catalog.bases[name], rebuild=True)
    out.print(f"{len(laid.manifest.parts)} parts were cut; `biglam run {escape(name)}` publishes them")
