"""Verbs that serve: demo, dev, hub serve."""

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
from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep
from biglam_pipeline.demo.server import Running
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
        sweep(environment.dagster_home)
        start_hub(environment, "hub")
        demo_sources = stack.enter_context(as_file(files("biglam_pipeline") / "demo" / "sources.yaml"))
        institution = stack.enter_context(Running())
        _lead_to(institution, [*(sources or environment.sources), demo_sources])
        err.print(f"Dagster: http://127.0.0.1:{port}   Hub: {environment.hub_endpoint}   shelves: {environment.home}")
        where = ["-w", "workspace.yaml"] if Path("workspace.yaml").is_file() else ["-m", "biglam_pipeline.definitions"]
        command = [sys.executable, "-m", "dagster", "dev", *where, "-h", "127.0.0.1", "-p", str(port)]
        env = {**os.environ, "DAGSTER_HOME": str(environment.dagster_home)}
        child = subprocess.Popen(command, env=env, pass_fds=[lock])  # noqa: S603  (our own words, no shell)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child too: it ends first, then we do
        signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
        raise typer.Exit(child.wait())


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
