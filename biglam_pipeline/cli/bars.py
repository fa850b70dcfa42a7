"""Log lines for a person: at a terminal a bar for what takes long, elsewhere a plain line every few seconds."""

import logging
import re

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

_LETTERS = 70
"""Of what is said beside a bar, from its end: that of an address says which file it is."""


class Lines(logging.Handler):
    """Prints what is logged. At a terminal, records that carry a `progress` move a bar, and print nothing."""

    def __init__(self, console: Console) -> None:
        """console: where to, usually that of standard error."""
        super().__init__()
        self._console = console
        self._bar: Bar | None = None
        self._task: tuple[str, TaskID] | None = None
        self.setFormatter(_Plain("%(asctime)s %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """A line, or a step of the bar."""
        try:
            step = getattr(record, "progress", None)
            if step is not None and self._console.is_terminal:
                self._move(step.what, step.done, step.total)
                return
            self.end()
            self._console.print(self.format(record), markup=False, highlight=False)
        except (OSError, ValueError):  # nobody listens any more; that must not end the work
            self.handleError(record)

    def _move(self, what: str, done: int, total: int | None) -> None:
        if self._bar is None:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
            self._bar = Bar(*columns, TaskProgressColumn(), TimeElapsedColumn(), console=self._console, transient=True)
            self._bar.start()
        if self._task is None or self._task[0] != what:
            if self._task is not None:
                self._bar.remove_task(self._task[1])
            shown = what if len(what) <= _LETTERS else f"…{what[-_LETTERS:]}"
            self._task = (what, self._bar.add_task(shown.replace("[", r"\["), total=total))
        self._bar.update(self._task[1], completed=done, total=total)

    def end(self) -> None:
        """Takes the bar away: something else is about to be said."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None


class _Plain(logging.Formatter):
    """The core's own words: Dagster puts run, id and step before them, which its own page shows better."""

    def format(self, record: logging.LogRecord) -> str:
        return re.sub(r"run - [0-9a-f-]{36} - \S+ - ", "", super().format(record))
