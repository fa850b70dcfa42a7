"""Verbs that serve: demo, dev, serve, hub serve."""

import logging
import os
from contextlib import ExitStack
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import Sources, app, environment_of_process, err, hub_app, out, start_hub
from biglam_pipeline.environment import Environment

if TYPE_CHECKING:
    from biglam_pipeline.demo.server import Running


@app.command()
def demo() -> None:
    """Takes a small made-up institution through everything, to the embedded Hub, and reads the result back."""
    from biglam_pipeline.cli.demonstration import demonstrate
    from biglam_pipeline.defs.instance import prepare_home
    from biglam_pipeline.demo.server import Running
    from biglam_pipeline.source import load_sources

    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)
    with as_file(files("biglam_pipeline") / "demo" / "sources.yaml") as path, Running() as institution:
        _lead_to(institution, [path])
        environment = environment_of_process()
        prepare_home(environment.dagster_home)
        start_hub(environment, "hub")
        good = demonstrate(load_sources([path]), environment, institution.log, out)
    raise typer.Exit(0 if good else 1)


Port = Annotated[int, typer.Option(help="Of the Dagster UI.")]


@app.command()
def dev(port: Port = 3000, sources: Sources = None) -> None:
    """Opens the Dagster UI on loopback, with the real sources and those of the made-up institution."""
    from biglam_pipeline.demo.server import Running

    environment = environment_of_process()
    with ExitStack() as stack:
        demo_sources = stack.enter_context(as_file(files("biglam_pipeline") / "demo" / "sources.yaml"))
        institution = stack.enter_context(Running())
        _lead_to(institution, [*(sources or environment.sources), demo_sources])
        raise typer.Exit(_run_dagster(environment, port))


@app.command("serve")
def serve_sources(port: Port = 3000, sources: Sources = None) -> None:
    """Serves the real sources alone, for good: the Dagster UI on loopback, its daemon, and the schedules."""
    if sources:
        os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in sources)
    os.environ.setdefault("BIGLAM_SCHEDULES", "1")
    raise typer.Exit(_run_dagster(environment_of_process(), port))


_WORKSPACE = Path("workspace.yaml")
_ANOTHER_NAME = (
    "Open it as http://127.0.0.1 or http://localhost; a name that a proxy with sign-in passes on is set by "
    "BIGLAM_UI_HOSTS (docs/operating.md)."
)


def _run_dagster(environment: Environment, port: int) -> int:
    """The UI and its daemon until they are stopped; the exit status."""
    from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep_home
    from biglam_pipeline.defs.serving import listen
    from biglam_pipeline.defs.serving import serve as serve_ui
    from biglam_pipeline.localhub.door import LOOPBACK, Door

    home = environment.dagster_home
    prepare_home(home)
    with serving_lock(home) as lock, listen(port) as listening:
        sweep_home(home)
        start_hub(environment, "hub")
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        err.print(f"Dagster: {address}   Hub: {environment.hub_endpoint}   shelves: {environment.home}")
        status = serve_ui(
            home,
            listening,
            partial(Door, names={*LOOPBACK, *environment.ui_hosts}, remedy=_ANOTHER_NAME),
            workspace=_WORKSPACE if _WORKSPACE.is_file() else None,
            held=[lock],
        )
    if status:
        err.print(f"[bold red]Dagster's daemon ended by itself, with status {status}; its last words are above[/]")
    return status


@hub_app.command()
def serve() -> None:
    """Serves the embedded Hub until it is stopped."""
    from biglam_pipeline import localhub

    environment = environment_of_process()
    out.print(f"{environment.hub_endpoint}, from {environment.state / 'hub'}; Ctrl-C ends it")
    try:
        localhub.serve(environment.state / "hub", port=environment.hub_port, idle_minutes=None)
    except RuntimeError as busy:
        err.print(f"[bold red]{escape(str(busy))}[/]")
        raise typer.Exit(2) from None


def _lead_to(institution: "Running", paths: list[Path]) -> None:
    """Sets the environment so that the demo's addresses reach the institution of this process."""
    host = institution.address.removeprefix("http://")
    rewrites = [os.environ.get("BIGLAM_REWRITE", ""), institution.rewrite]
    allowed = os.environ.get("BIGLAM_ALLOW_PRIVATE_HOSTS", "")
    os.environ["BIGLAM_REWRITE"] = " ".join(filter(None, rewrites))
    os.environ["BIGLAM_ALLOW_PRIVATE_HOSTS"] = allowed if allowed == "1" else f"{allowed} {host}".strip()
    os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in paths)
