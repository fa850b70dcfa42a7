"""Long work says how far it is: a share where an end is known, a bar at a terminal, a plain line in a log."""

import io
import logging

import pytest
from rich.console import Console

from biglam_pipeline.cli.bars import Lines
from biglam_pipeline.progress import Progress, report


@pytest.mark.parametrize(
    ("done", "total", "unit", "said"),
    [
        (812_000, 1_600_000, "", "x: 812.0 kB of 1.6 MB (50 %)"),
        (812_000, None, "", "x: 812.0 kB"),
        (2_000_000, 1_000_000, "", "x: 2.0 MB"),  # a server sends more than it announced
        (999, 1000, "", "x: 999 bytes of 1.0 kB (99 %)"),
        (3, 256, "slices", "x: 3 of 256 slices (1 %)"),
        (1200, None, "objects", "x: 1,200 objects"),
    ],
)
def test_how_far_in_words(caplog: pytest.LogCaptureFixture, done: int, total: int | None, unit: str, said: str) -> None:
    with caplog.at_level(logging.INFO):
        report(logging.getLogger("x"), "x", done, total, unit=unit)
    (record,) = caplog.records
    assert record.getMessage() == said
    known = total if total and done <= total else None
    assert record.__dict__["progress"] == Progress("x", done, known)


def _logged(*, terminal: bool) -> str:
    file = io.StringIO()
    handler = Lines(Console(file=file, force_terminal=terminal, width=100))
    log = logging.getLogger("bars under test")
    log.propagate, log.handlers = False, [handler]
    log.setLevel(logging.INFO)
    log.info("begun [with] brackets")
    for done in (1, 2, 3):
        report(log, "https://a.org/[x].csv", done * 1000, 4000)
    log.info("ended")
    handler.end()
    return file.getvalue()


def test_in_a_log_progress_is_plain_lines() -> None:
    lines = _logged(terminal=False).splitlines()
    assert [line[9:] for line in lines] == [
        "begun [with] brackets",
        "https://a.org/[x].csv: 1.0 kB of 4.0 kB (25 %)",
        "https://a.org/[x].csv: 2.0 kB of 4.0 kB (50 %)",
        "https://a.org/[x].csv: 3.0 kB of 4.0 kB (75 %)",
        "ended",
    ]


def test_at_a_terminal_progress_is_a_bar_that_goes_away() -> None:
    said = _logged(terminal=True)
    assert "25%" in said or "75%" in said
    assert "[x].csv" in said
    assert "1.0 kB of" not in said
    assert said.rstrip().endswith("ended")
