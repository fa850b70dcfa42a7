"""Verbs about what people wrote on the Hub: card, undo."""

from typing import Annotated

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import Sources, app, environment_of_process, out, read_catalog, start_hub


@app.command()
def card(name: str, sources: Sources = None) -> None:
    """Prints what people wrote on a source's card, as `cards/NAME.md` has it: `biglam card NAME > cards/NAME.md`."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.releasing.remembered import last_release
    from biglam_pipeline.releasing.sharing import people_text

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    start_hub(environment, "hub")
    with open_context(environment) as run:
        print(people_text(run, source, last_release(run, source)), end="")  # noqa: T201  (to be kept as it is)


@app.command()
def undo(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Gives up edits by hand in a repository's data, after showing them; the next run then publishes over them."""
    from biglam_pipeline.context import open_context
    from biglam_pipeline.releasing.handwork import agree_to_undo, find_hand_edits
    from biglam_pipeline.releasing.remembered import last_release

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    start_hub(environment, "hub")
    with open_context(environment) as run:
        found = find_hand_edits(run, source, last_release(run, source))
        if found is None:
            out.print(f"{escape(name)}: nobody edited its data by hand; nothing was done.")
            return
        out.print(f"{escape(run.repository(source))} at {found.head[:8]}, {escape('; '.join(found.commits))}:")
        for line in found.lines:
            out.print(f"   {escape(line)}")
        if not yes and not typer.confirm("Give these edits up?"):
            raise typer.Exit(1)
        with run.alone(source):
            agree_to_undo(run, source, found)
    out.print(f"`biglam run {escape(name)}` publishes over them; they stay in that commit.")
