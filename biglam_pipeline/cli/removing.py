"""Verbs that take something away: takedown, rm."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import Name, Sources, app, environment_of_process, err, out, read_catalog, start_hub
from biglam_pipeline.errors import BiglamError, ConfigError, Exit
from biglam_pipeline.publish.marks import count
from biglam_pipeline.takedown import NAME, Ground

if TYPE_CHECKING:
    from biglam_pipeline.context import Named
    from biglam_pipeline.source import Catalog


@app.command()
def takedown(
    name: Name,
    record: Annotated[str, typer.Argument(help="The identifier, as `id` or `source_record_id` has it.")],
    ground: Annotated[Ground, typer.Option(help="Why it was asked for.")],
    basis: Annotated[str, typer.Option(help="What the decision rests on.")] = "",
    note: Annotated[str, typer.Option(help="What readers are shown.")] = "",
    requester: Annotated[str, typer.Option(help="Who asked, as a kind: family, rights_holder. No name.")] = "",
    purge_history: Annotated[bool, typer.Option("--purge-history", help="From older revisions too.")] = False,
    hide_id: Annotated[bool, typer.Option("--hide-id", help="The identifier itself discloses.")] = False,
    unseen: Annotated[bool, typer.Option("--unseen", help="It may come later, or was withdrawn.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Takes a record out of everything: ledger, rows, raw bytes, repository, and its history where that is asked."""
    from biglam_pipeline.cli.retracting import report_outcome, report_plan
    from biglam_pipeline.context import open_context
    from biglam_pipeline.defs.forgetting import forget_source
    from biglam_pipeline.retraction import Request, find_record, plan_takedown, take_down
    from biglam_pipeline.source.origins import made_of_it

    catalog, environment = read_catalog(sources), environment_of_process()
    source, base = _named(catalog, name, environment_of_process().sources)
    start_hub(environment, "hub")
    with open_context(environment) as run:
        record = find_record(run, source, record)
        request = Request(record, ground, basis, note, requester, unseen=unseen, hidden=hide_id, purge=purge_history)
        plan = plan_takedown(run, source, base, request)
        report_plan(plan, request, out)
        if not yes and not typer.confirm("Take it down?"):
            raise typer.Exit(1)
        with _begun():
            outcome = take_down(run, source, base, plan, request)
    made = made_of_it(catalog.sources.values(), name)
    forgotten = [forget_source(environment.dagster_home, one) for one in (name, *made)]
    left = [sentence for one in forgotten for sentence in one.left]
    left += [f"{one} is made of {name}, and holds it until it has run: `biglam run {one}`" for one in made]
    report_outcome(name, outcome, sum(one.runs for one in forgotten), left, request, out)


@contextmanager
def _begun() -> Iterator[None]:
    """The ledger has its line by now, so what a person must mend is no "nothing was begun" (`errors.Exit`)."""
    try:
        yield
    except BiglamError as error:
        if error.exit_status is not Exit.MEND:
            raise
        err.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}")
        raise typer.Exit(Exit.FAILED) from error


def _named(catalog: "Catalog", name: str, files: Sequence[Path]) -> tuple["Named", Path]:
    """The source, and the folder of its ledger. Where its entry is broken or gone, its shelves are known by its name.

    ConfigError where nobody can tell in which of several folders its ledger lies.
    """
    from biglam_pipeline.retraction import Unlisted

    if name in catalog.sources:
        return catalog.get(name), catalog.bases[name]
    try:
        catalog.get(name)
        why = ""
    except ConfigError as fault:
        why = str(fault)
    folders = sorted({path.resolve().parent for path in files})
    if len(folders) > 1:
        raise ConfigError(
            f"{why}\nThe record can be taken out all the same: say which sources file the entry was in with `--sources "
            "FILE`, so that the decision goes into the ledger beside it"
        )
    return Unlisted(name, why), folders[0]


@app.command()
def rm(
    name: Annotated[str, typer.Argument(help="Of a source that was given up; its entry may be gone already.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Takes away the shelves of a source that was given up: what was harvested, read and laid. Its repository stays."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.retiring import look_at, remove_shelves

    environment = environment_of_process()
    try:
        catalog = read_catalog(sources)
        stands = name in {*catalog.sources, *catalog.faults}
    except ConfigError:  # the last entry went with its file
        stands = False
    with open_context(environment) as run:
        held = look_at(run.shelf, environment.home, name)
        files = ", ".join(f"{count(number, 'file')} in {shelf}" for shelf, number in held.files.items())
        out.print(f"[bold]{escape(name)}[/]: {files} would go, from {escape(environment.home)}")
        if stands:
            out.print("   [yellow]its entry still stands in the sources file[/]: the next run harvests all of it again")
        where = f"{held.release.repository} at {environment.hub_endpoint}" if held.release else ""
        stays = [f"the repository {where} (delete it in its settings on the Hub)"] if where else []
        if not where and "hub" in held.files:
            stays.append("its repository, of which hub/release.json does not say the name any more")
        stays += [f"its lines in {NAME}", "what Dagster has noted of its runs", "what it was harvested from"]
        out.print(f"   what stays: {escape('; '.join(stays))}")
        if not yes and not typer.confirm("Take them away?"):
            raise typer.Exit(1)
        remove_shelves(run.shelf, name)
    out.print(f"[green]done[/]: nothing of {escape(name)} is on the shelves any more")
