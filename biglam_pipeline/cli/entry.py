"""The entry point: the verbs are registered, and an error that a person can mend is said in its own words."""

import logging
import os
from pathlib import Path

from rich.markup import escape

from biglam_pipeline.cli import checking, looking, proposing, removing, running, serving, sharing
from biglam_pipeline.cli.app import app, err
from biglam_pipeline.cli.bars import Lines
from biglam_pipeline.environment import read_environment
from biglam_pipeline.errors import BiglamError, ConfigError
from biglam_pipeline.store.room import named

VERBS = (proposing, checking, looking, running, sharing, removing, serving)
"""Importing them registers them."""


def run_command() -> None:
    """Runs the verb that was typed: an error that a person can mend is printed in its own words, without a traceback.

    Exit statuses: `errors.Exit`.
    """
    handler = Lines(err)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("biglam_pipeline").setLevel(logging.INFO)
    try:
        with named(*_folders()):
            app()
    except BiglamError as error:
        err.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}")
        raise SystemExit(error.exit_status) from None
    finally:
        handler.end()


def _folders() -> tuple[Path, ...]:
    """What this process writes to; nothing where a setting cannot be read, which the verb says."""
    try:
        return read_environment(os.environ).folders
    except ConfigError:
        return ()
