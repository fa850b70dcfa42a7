"""The application `biglam`, and what its verbs share: the consoles, the environment, the catalog, the embedded Hub.

Every word that is typed, `--help` and the shell's completion too, imports the modules of all verbs. So these import at
their top only what the command line itself is made of; a verb imports in its own body what it works with.
"""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from biglam_pipeline.environment import Environment, read_environment
from biglam_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from biglam_pipeline.source import Catalog

_WIDTH = None if sys.stdout.isatty() else 140  # a log file or a pipe has no width of its own
out = Console(width=_WIDTH, emoji=False)
err = Console(stderr=True, soft_wrap=True, emoji=False)

VERBS = (
    "new",
    "check",
    "columns",
    "preview",
    "run",
    "status",
    "rights",
    "card",
    "undo",
    "compact",
    "takedown",
    "rm",
    "demo",
    "dev",
    "serve",
    "hub",
)
"""In the order in which a source meets them, which is that of `biglam --help`."""

_BEGIN = """write a sources.yaml here, and then `biglam check`:

sources:
  my_letters:
    title: Letters to a library
    custodian: The library that keeps them
    harvest: file:letters.csv
    normalize: {type: table, map: {title: COLUMN, date: COLUMN, extra: [COLUMN]}}
    rights: {license: CC0-1.0, evidence: https://..., checked: 2026-01-31}

Or name another file with --sources; `biglam demo` takes a small made-up institution through everything."""


class _InOrder(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs, in their order and not in that of the modules they stand in."""
        return sorted(super().list_commands(ctx), key=VERBS.index)


app = typer.Typer(cls=_InOrder)
hub_app = typer.Typer(no_args_is_help=True, help="The embedded Hub.")
app.add_typer(hub_app, name="hub")


def _report_version(asked: bool) -> None:
    if asked:
        print(f"biglam {version('biglam_pipeline')}")  # noqa: T201  (for another program, unstyled)
        raise typer.Exit


@app.callback(invoke_without_command=True)
def begin(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_report_version, is_eager=True, help="Say the version, and end.")
    ] = False,
) -> None:
    """Brings the collections of libraries, archives and museums to machine learning.

    Exit status: 0 good, 1 a source failed or a fault was found, 2 a person must mend something before it can begin,
    69 a server asks to come back later, 73 a disk is full, read-only or closed to this user, 75 another run had what
    was needed for too long, 130 stopped by Ctrl-C, 143 by SIGTERM.
    """
    if context.invoked_subcommand is None:
        print(context.get_help())  # noqa: T201  (styled already)
        if not any(path.is_file() for path in environment_of_process().sources):
            out.print(f"\nThere is no sources file yet: {_BEGIN}", markup=False)


Sources = Annotated[
    list[Path] | None, typer.Option("--sources", help="A sources file; may be given several times.", show_default=False)
]


def complete_name(incomplete: str) -> list[str]:
    """Names of entries, for the shell; those with faults too."""
    from biglam_pipeline.source import load_sources

    try:
        catalog = load_sources(environment_of_process().sources)
    except ConfigError:
        return []
    return sorted(name for name in {*catalog.sources, *catalog.faults} if name.startswith(incomplete))


Name = Annotated[str, typer.Argument(help="Of an entry of the sources file.", autocompletion=complete_name)]


def environment_of_process() -> Environment:
    return read_environment(os.environ)


def read_catalog(sources: list[Path] | None) -> "Catalog":
    """Every entry of the sources files; ConfigError, with how to begin, where there is no file at all."""
    from biglam_pipeline.source import load_sources

    if sources:
        os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in sources)
    environment = environment_of_process()
    paths = environment.sources
    if not sources and not any(path.is_file() for path in paths):
        raise ConfigError(f"there is no {' and no '.join(map(str, paths))}; {_BEGIN}")
    return load_sources(paths, owner=environment.hub_owner)


def start_hub(environment: Environment, to: str) -> None:
    """The embedded Hub is there before something is published to it; it ends by itself when nobody asks it."""
    if to == "hub" and environment.hub_embedded:
        from biglam_pipeline import localhub

        try:
            localhub.ensure_running(
                environment.state / "hub",
                environment.hub_port,
                keep_for=os.getpid(),
                waiting=lambda said: err.print(f"[yellow]waiting[/] {escape(said)}"),
            )
        except RuntimeError as taken:
            raise ConfigError(str(taken)) from taken
