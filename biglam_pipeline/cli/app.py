"""The application `biglam`, and what its verbs share: the consoles, the environment, the catalog, the embedded Hub."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from biglam_pipeline import localhub
from biglam_pipeline.environment import Environment, read_environment
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.source import Catalog, load_sources

_ABOUT = """Brings LAM collections to machine learning.

Exit status: 0 good, 1 a source failed or a fault was found, 2 a person must mend something before it can begin,
69 a server asks to come back later, 75 another run had what was needed for too long, 130 stopped by Ctrl-C, 143 by
SIGTERM.
"""
app = typer.Typer(no_args_is_help=True, add_completion=False, help=_ABOUT)
hub_app = typer.Typer(no_args_is_help=True, help="The embedded Hub.")
app.add_typer(hub_app, name="hub")
_WIDTH = None if sys.stdout.isatty() else 140  # a log file or a pipe has no width of its own
out = Console(width=_WIDTH, emoji=False)
err = Console(stderr=True, soft_wrap=True, emoji=False)

Sources = Annotated[
    list[Path] | None, typer.Option("--sources", help="A sources file; may be given several times.", show_default=False)
]


def environment_of_process() -> Environment:
    return read_environment(os.environ)


def read_catalog(sources: list[Path] | None) -> Catalog:
    if sources:
        os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in sources)
    environment = environment_of_process()
    return load_sources(environment.sources, owner=environment.hub_owner)


def start_hub(environment: Environment, to: str) -> None:
    """The embedded Hub is there before something is published to it; it ends by itself when nobody asks it."""
    if to == "hub" and environment.hub_embedded:
        try:
            localhub.ensure_running(
                environment.state / "hub",
                environment.hub_port,
                keep_for=os.getpid(),
                waiting=lambda said: err.print(f"[yellow]waiting[/] {escape(said)}"),
            )
        except RuntimeError as taken:
            raise ConfigError(str(taken)) from taken
