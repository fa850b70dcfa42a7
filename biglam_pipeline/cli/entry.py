"""The entry point: the verbs are registered, and an error that a person can mend is said in its own words."""

import logging

from rich.markup import escape

from biglam_pipeline.cli import checking, looking, removing, running, serving
from biglam_pipeline.cli.app import app, err
from biglam_pipeline.cli.bars import Lines
from biglam_pipeline.errors import BiglamError

VERBS = (checking, looking, running, removing, serving)
"""Importing them registers them."""


def main() -> None:
    """The entry point: an error that a person can mend is told in its own words, without a traceback."""
    handler = Lines(err)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("biglam_pipeline").setLevel(logging.INFO)
    try:
        app()
    except BiglamError as error:
        err.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}")
        raise SystemExit(2) from None
    finally:
        handler.end()
