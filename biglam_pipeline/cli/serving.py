"""Verbs that serve: demo, dev, hub serve."""

import logging
import os
from contextlib import ExitStack
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from biglam_pipeline import localhub
from biglam_pipeline.cli.app import Sources, app, environment_of_process, err, hub_app, out, start_hub
from biglam_pipeline.cli.demonstration import demonstrate
from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep
from biglam_pipeline.defs.serving import listen
from biglam_pipeline.defs.serving import serve as serve_ui
from biglam_pipeline.demo.server import Running
from biglam_pipeline.localhub.door import LOOPBACK, Door
from biglam_pipeline.source import load_sources


@app.command()
def demo() -> None:
    """Takes a small made-up institution through everything, to the embedded Hub, and reads the result back."""
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)
    with as_file(files("biglam_pipeline") / "demo" / "sources.yaml") as path, Running() as institution:
        _lead_to(institution, [path])
        environment = environment_of_process()
        prepare_home(environment.dagster_home)
        start_hub(environment, "hub")
        good = demonstrate(load_sources([path]), environment, institution.log, out)
    raise typer.Exit(0 if good else 1)


@app.command()
def dev(port: Annotated[int, typer.Option(help="Of the Dagster UI.")] = 3000, sources: Sources = None) -> None:
    """Opens the Dagster UI on loopback, with the real sources and those of the made-up institution."""
    environment = environment_of_process()
    prepare_home(environment.dagster_home)
    with ExitStack() as stack:
        lock = stack.enter_context(serving_lock(environment.dagster_home))
        listening = stack.enter_context(listen(port))
        sweep(environment.dagster_home)
        start_hub(environment, "hub")
        demo_sources = stack.enter_context(as_file(files("biglam_pipeline") / "demo" / "sources.yaml"))
        institution = stack.enter_context(Running())
        _lead_to(institution, [*(sources or environment.sources), demo_sources])
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        err.print(f"Dagster: {address}   Hub: {environment.hub_endpoint}   shelves: {environment.home}")
        status = serve_ui(
            environment.dagster_home,
            listening,
            partial(Door, names={*LOOPBACK, *environment.ui_hosts}, remedy=_ANOTHER_NAME),
            workspace=_WORKSPACE if _WORKSPACE.is_file() else None,
            held=[lock],
        )
    if status:
        err.print(f"[bold red]Dagster's daemon ended by itself, with status {status}; its last words are above[/]")
    raise typer.Exit(status)


_WORKSPACE = Path("workspace.yaml")
_ANOTHER_NAME = (
    "Open it as http://127.0.0.1 or http://localhost; a name that a proxy with sign-in passes on is set by "
    "BIGLAM_UI_HOSTS (docs/operating.md)."
)


@hub_app.command()
def serve() -> None:
    """Serves the embedded Hub until it is stopped."""
    environment = environment_of_process()
    out.print(f"{environment.hub_endpoint}, from {environment.state / 'hub'}; Ctrl-C ends it")
    try:
        localhub.serve(environment.state / "hub", port=environment.hub_port, idle_minutes=None)
    except RuntimeError as busy:
        err.print(f"[bold red]{escape(str(busy))}[/]")
        raise typer.Exit(2) from None


def _lead_to(institution: Running, paths: list[Path]) -> None:
    """Sets the environment so that the demo's addresses reach the institution of this process."""
    host = institution.address.removeprefix("http://")
    rewrites = [os.environ.get("BIGLAM_REWRITE", ""), institution.rewrite]
    allowed = os.environ.get("BIGLAM_ALLOW_PRIVATE_HOSTS", "")
    os.environ["BIGLAM_REWRITE"] = " ".join(filter(None, rewrites))
    os.environ["BIGLAM_ALLOW_PRIVATE_HOSTS"] = allowed if allowed == "1" else f"{allowed} {host}".strip()
    os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in paths)
