"""How far is a long work? Said in words for a log, and beside them as numbers, for whoever shows a bar."""

import logging
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a work that takes long; it stands on a log record as `progress`."""

    what: str
    done: int
    total: int | None = None
    """None where nobody has said how much there is."""


def report(
    log: logging.Logger, what: str, done: int, total: int | None = None, *, unit: str = "", more: str = ""
) -> None:
    """Logs how far it is, with the share where an end is known.

    unit: a noun in the plural, such as slices; without one, done and total are bytes. more: what else is to be said.
    """
    known = total if total and done <= total else None  # a server may send more than it announced
    said = f"{done:,} of {known:,} {unit}" if known else f"{done:,} {unit}"
    if not unit:
        said = f"{size_in_words(done)} of {size_in_words(known)}" if known else size_in_words(done)
    share = f" ({done * 100 // known} %)" if known else ""
    log.info("%s: %s%s%s", what, said, share, more and f"; {more}", extra={"progress": Progress(what, done, known)})


def size_in_words(size: int) -> str:
    """Bytes as a person reads them."""
    steps = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    return next((f"{size / step:,.1f} {unit}" for step, unit in steps if size >= step), f"{size} bytes")
