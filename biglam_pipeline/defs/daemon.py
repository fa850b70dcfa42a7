"""Dagster's daemon as a child that never outlives the process that started it, however that one ended.

Run as `python -m biglam_pipeline.defs.daemon` with the options of `dagster-daemon run`. It ends as by Ctrl-C when its
standard input does: the other end is held by its parent alone, and the system closes it even for one that was killed.
A daemon left alone would start the schedules' runs beside those of the next one, and hold the home's lock.
"""

import os
import signal
import sys
import threading

from dagster._daemon.cli import run_command


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    run_command()
