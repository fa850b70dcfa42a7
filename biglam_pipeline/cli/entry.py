"""The entry point: the verbs are registered, and an error that a person can mend is said in its own words."""

import logging
import re

from rich.markup import escape

from biglam_pipeline.cli import looking, removing, running, serving, sharing
from biglam_pipeline.cli.app import app, err
from biglam_pipeline.errors import BiglamError

VERBS = (looking, running, sharing, removing, serving)
"""In the order of `biglam --help`; importing them registers them."""


def run_command() -> None:
    """Runs the verb that was typed: an error that a person can mend is told in its own words, without a traceback.

    Exit statuses: `errors.Exit`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("biglam_pipeline").setLevel(logging.INFO)
    try:
        app()
    except BiglamError as error:
        err.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}")
        raise SystemExit(error.exit_status) from None


class _Plain(logging.Formatter):
    """The core's own words: Dagster puts run, id and step before them, which its own page shows better."""

    def format(self, record: logging.LogRecord) -> str:
        return re.sub(r"run - [0-9a-f-]{36} - \S+ - ", "", super().format(record))
