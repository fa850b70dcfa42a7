"""Verbs about what people wrote on the Hub: card, undo."""

from typing import Annotated

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import Sources, app, environment_of_process, out, read_catalog, start_hub


@app.command()
def card(name: str, sources: Sources = None) -> None:
    """Prints what people wrote on a source's card, as `cards/NAME.md` has it: `biglam card NAME > cards/NAME.md`."""
    from biglam_pipeline.house import open_house
    from biglam_pipeline.releases import last_release
    from biglam_pipeline.sharing import people_text

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    start_hub(environment, "hub")
    with open_house(environment) as house:
        print(people_text(house, source, last_release(house, source)), end="")  # noqa: T201  (to be kept as it is)


@app.command()
def undo(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Gives up edits by hand in a repository's data, after showing them; the next run then publishes over them."""
    from biglam_pipeline.handwork import agree_to_undo, find_hand_edits
    from biglam_pipeline.house import open_house
    from biglam_pipeline.releases import last_release

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    start_hub(environment, "hub")
    with open_house(environment) as house:
        found = find_hand_edits(house, source, last_release(house, source))
        if found is None:
            out.print(f"{escape(name)}: nobody edited its data by hand; nothing was done.")
            return
        out.print(f"{escape(house.repository(source))} at {found.head[:8]}, {escape('; '.join(found.commits))}:")
        for line in found.lines:
            out.print(f"   {escape(line)}")
        if not yes and not typer.confirm("Give these edits up?"):
            raise typer.Exit(1)
        with house.alone(source):
            agree_to_undo(house, source, found)
    out.print(f"`biglam run {escape(name)}` publishes over them; they stay in that commit.")
