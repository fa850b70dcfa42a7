"""Verbs that take something away: takedown."""

from typing import Annotated

import typer

from biglam_pipeline.cli.app import Sources, app, environment_of_process, out, read_catalog, start_hub
from biglam_pipeline.cli.console import tell_outcome, tell_plan
from biglam_pipeline.house import open_house
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.takedown import Ground


@app.command()
def takedown(
    name: str,
    record: Annotated[str, typer.Argument(help="The identifier, as `id` or `source_record_id` has it.")],
    ground: Annotated[Ground, typer.Option(help="Why it was asked for.")],
    basis: Annotated[str, typer.Option(help="What the decision rests on.")] = "",
    note: Annotated[str, typer.Option(help="What readers are shown.")] = "",
    requester: Annotated[str, typer.Option(help="Who asked, as a kind: family, rights_holder. No name.")] = "",
    purge_history: Annotated[bool, typer.Option("--purge-history", help="From older revisions too.")] = False,
    hide_id: Annotated[bool, typer.Option("--hide-id", help="The identifier itself discloses.")] = False,
    unseen: Annotated[bool, typer.Option("--unseen", help="It may come later.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Takes a record out of everything: ledger, rows, raw bytes, repository, and its history where that is asked."""
    catalog, environment = read_catalog(sources), environment_of_process()
    source, base = catalog.get(name), catalog.bases[name]
    record = record.removeprefix(f"{name}:")
    request = Request(record, ground, basis, note, requester, unseen=unseen, hidden=hide_id, purge=purge_history)
    with open_house(environment) as house:
        plan = plan_takedown(house, source, base, request)
        tell_plan(plan, request, out)
        if not yes and not typer.confirm("Take it down?"):
            raise typer.Exit(1)
        start_hub(environment, "hub" if plan.repository else "shards")
        tell_outcome(take_down(house, source, base, plan, request), out)
