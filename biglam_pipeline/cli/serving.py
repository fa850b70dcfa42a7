"""Verbs that serve: demo, dev, serve, hub serve."""

import logging
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from biglam_pipeline import localhub
from biglam_pipeline.cli.app import Sources, app, environment_of_process, err, hub_app, out, start_hub
from biglam_pipeline.cli.demonstration import demonstrate
from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep_home
from biglam_pipeline.demo.server import Running
from biglam_pipeline.environment import Environment
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


Port = Annotated[int, typer.Option(help="Of the Dagster UI.")]


@app.command()
def dev(port: Port = 3000, sources: Sources = None) -> None:
    """Opens the Dagster UI on loopback, with the real sources and those of the made-up institution."""
    environment = environment_of_process()
    with ExitStack() as stack:
        demo_sources = stack.enter_context(as_file(files("biglam_pipeline") / "demo" / "sources.yaml"))
        institution = stack.enter_context(Running())
        _lead_to(institution, [*(sources or environment.sources), demo_sources])
        raise typer.Exit(_run_dagster(stack, environment, port))


@app.command("serve")
def serve_sources(port: Port = 3000, sources: Sources = None) -> None:
    """Serves the real sources alone, for good: the Dagster UI on loopback, its daemon, and the schedules."""
    if sources:
        os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in sources)
    os.environ.setdefault("BIGLAM_SCHEDULES", "1")
    with ExitStack() as stack:
        raise typer.Exit(_run_dagster(stack, environment_of_process(), port))


def _run_dagster(stack: ExitStack, environment: Environment, port: int) -> int:
    """The UI and its daemon until they are stopped; the exit status."""
    home = environment.dagster_home
    prepare_home(home)
    lock = stack.enter_context(serving_lock(home))
    sweep_home(home)
    start_hub(environment, "hub")
    err.print(f"Dagster: http://127.0.0.1:{port}   Hub: {environment.hub_endpoint}   shelves: {environment.home}")
    # One name of the code location wherever it is started: Dagster keeps the state of a schedule under it.
    own = Path("workspace.yaml")
    workspace = own if own.is_file() else stack.enter_context(as_file(files("biglam_pipeline") / "workspace.yaml"))
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(workspace), "-h", "127.0.0.1", "-p", str(port)]
    env = {**os.environ, "DAGSTER_HOME": str(home)}
    child = subprocess.Popen(command, env=env, pass_fds=[lock])  # noqa: S603  (our own words, no shell)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child too: it ends first, then we do
    signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
    return child.wait()


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
