"""The command `biglam`: new, check, columns, preview, run, status, rights, takedown, demo, dev, serve."""

from biglam_pipeline.cli.stopping import stoppable
from biglam_pipeline.collecting import seldom


def main() -> None:
    """The entry point. What it needs is imported under the eye of `stoppable`: that takes a second or more."""
    seldom()
    with stoppable():
        from biglam_pipeline.cli.entry import run_command

        run_command()
